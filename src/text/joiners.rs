//! Decides which invisible characters a text needs: joiners in emoji and in joining scripts, variation selectors, flag
//! tags, and how many combining marks one letter may have.
//!
//! Invariant: the decision depends only on the kept characters before and on the text directly after, so that cleaning
//! the kept text again keeps all of it.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// Marks per base character. Genuine text has fewer, "zalgo" text has more.
const MAX_MARKS: u8 = 8;
/// Joins in one emoji; the longest in use has three.
const MAX_JOINS: u8 = 6;
/// Tags in a flag; those in use have five.
const MAX_TAGS: usize = 8;

/// The state of the text kept so far, as far as the next decision needs it.
#[derive(Debug, Default)]
pub(super) struct Joining {
    /// The latest kept character.
    last: Option<char>,
    /// The current cluster is an emoji that may join with a following one.
    emoji: bool,
    marks: u8,
    joins: u8,
    /// The number of tags that remain of a complete flag.
    tags: usize,
}

impl Joining {
    /// Whether to keep `c`, which `rest` follows. Updates the state if so.
    pub(super) fn accept(&mut self, c: char, rest: &str) -> bool {
        if c.is_ascii() {
            self.start(c, false);
            return true;
        }
        let accepted = match c {
            '\u{200d}' => self.accept_emoji_join(rest) || self.is_after_joining_script(),
            '\u{200c}' => self.is_after_joining_script(),
            '\u{fe0e}' | '\u{fe0f}' => self.last.is_some_and(|last| has_emoji_form(last, rest)),
            '\u{e0100}'..='\u{e01ef}' => self.last.is_some_and(is_ideograph),
            '\u{e0020}'..='\u{e007f}' => self.accept_tag(c, rest),
            '\u{e0000}'..='\u{e0fff}' => false,
            // A mark with nothing before it would be drawn onto whatever stands left of the text.
            c if is_mark(c) => {
                let has_base = is_skin_tone(c) || self.last.is_some_and(|last| !last.is_whitespace());
                let room = has_base && self.marks < MAX_MARKS;
                self.marks += u8::from(room);
                self.emoji &= is_skin_tone(c);
                room
            }
            c => {
                let joined = self.last == Some('\u{200d}');
                let joins = if joined { self.joins } else { 0 };
                self.start(c, true);
                self.joins = joins;
                true
            }
        };
        if accepted {
            self.last = Some(c);
        }
        accepted
    }

    fn start(&mut self, c: char, maybe_emoji: bool) {
        *self = Joining { last: Some(c), emoji: maybe_emoji && is_pictograph(c), ..Joining::default() };
    }

    fn accept_emoji_join(&mut self, rest: &str) -> bool {
        let joins = self.emoji
            && self.last != Some('\u{200d}')
            && self.joins < MAX_JOINS
            && rest.chars().next().is_some_and(is_pictograph);
        self.joins += u8::from(joins);
        joins
    }

    fn is_after_joining_script(&self) -> bool {
        self.last.is_some_and(is_joining_script)
    }

    /// Tags are kept only in a complete flag: black flag, tags, end tag.
    fn accept_tag(&mut self, c: char, rest: &str) -> bool {
        if self.tags > 0 {
            self.tags -= 1;
            return true;
        }
        if self.last != Some('\u{1f3f4}') || c == '\u{e007f}' {
            return false;
        }
        let more = rest.chars().take(MAX_TAGS).take_while(|t| matches!(t, '\u{e0020}'..='\u{e007e}')).count();
        let complete = rest.chars().nth(more) == Some('\u{e007f}');
        self.tags = if complete { more + 1 } else { 0 };
        self.emoji &= !complete;
        complete
    }
}

/// Has no cell of its own, or modifies the preceding emoji.
fn is_mark(c: char) -> bool {
    is_skin_tone(c) || c.width() == Some(0)
}

fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Extended pictographic: the only characters that a joiner joins with their own kind without a linking mark (UAX 29,
/// GB11). Derived from the segmentation tables, so that no second table can disagree.
fn is_pictograph(c: char) -> bool {
    if c.is_alphanumeric() || is_mark(c) {
        return false;
    }
    let joined: String = [c, '\u{200d}', c].iter().collect();
    let alone: String = ['a', c].iter().collect();
    joined.graphemes(true).count() == 1 && alone.graphemes(true).count() == 2
}

/// Has an emoji form and a text form, between which a variation selector chooses.
fn has_emoji_form(c: char, rest: &str) -> bool {
    if matches!(c, '0'..='9' | '#' | '*') {
        return rest.starts_with('\u{20e3}');
    }
    is_pictograph(c)
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Letters and marks of scripts that use ZWJ and ZWNJ for their shaping: Arabic, Syriac, Mongolian and the
/// Brahmic family (Devanagari to Javanese and Balinese).
fn is_joining_script(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1700}'..='\u{18af}'
        | '\u{1a00}'..='\u{1bff}' | '\u{a800}'..='\u{a82f}' | '\u{a840}'..='\u{a8ff}' | '\u{a980}'..='\u{aaff}'
        | '\u{abc0}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{11000}'..='\u{11fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictographs_are_distinguished_from_all_other_characters() {
        for c in ['👩', '❤', '⚕', '🌈', '🏴', '©', '☺', '🫠'] {
            assert!(is_pictograph(c), "{c}");
        }
        for c in ['a', '1', '#', '葛', 'क', '\u{301}', '\u{93e}', '\u{1f3fb}', '\u{1f1ee}', '\u{600}', 'ᄀ', '가', '─']
        {
            assert!(!is_pictograph(c), "{c:?}");
        }
    }
}
