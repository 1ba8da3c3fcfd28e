//! Which invisible characters a piece of writing needs: joiners in emoji and in scripts that join, variation
//! selectors, flag tags, and how many marks one letter may carry.
//!
//! Invariant: whether a character stays depends only on what was kept before it and what follows at once, so
//! that judging kept text again keeps all of it.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// The most marks one base carries; real writing stays below, "zalgo" does not.
const MOST_MARKS: u8 = 8;
/// The most joins in one emoji; the longest in use has three.
const MOST_JOINS: u8 = 6;
/// The most tags in a flag; the ones in use have five.
const MOST_TAGS: usize = 8;

/// What was kept so far, as far as the next decision needs it.
#[derive(Debug, Default)]
pub(super) struct Joining {
    /// The last kept character.
    last: Option<char>,
    /// The current cluster is an emoji that could join with a following one.
    emoji: bool,
    marks: u8,
    joins: u8,
    /// Tags of a complete flag that are still to come.
    tags: usize,
}

impl Joining {
    /// Whether `c` stays, with `rest` following it. Remembers what it kept.
    pub(super) fn keeps(&mut self, c: char, rest: &str) -> bool {
        if c.is_ascii() {
            self.start(c, false);
            return true;
        }
        let keeps = match c {
            '\u{200d}' => self.joins_emoji(rest) || self.is_after_joining_script(),
            '\u{200c}' => self.is_after_joining_script(),
            '\u{fe0e}' | '\u{fe0f}' => self.last.is_some_and(|last| has_emoji_form(last, rest)),
            '\u{e0100}'..='\u{e01ef}' => self.last.is_some_and(is_ideograph),
            '\u{e0020}'..='\u{e007f}' => self.takes_tag(c, rest),
            '\u{e0000}'..='\u{e0fff}' => false,
            c if is_mark(c) => {
                let room = self.marks < MOST_MARKS;
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
        if keeps {
            self.last = Some(c);
        }
        keeps
    }

    fn start(&mut self, c: char, maybe_emoji: bool) {
        *self = Joining { last: Some(c), emoji: maybe_emoji && is_pictograph(c), ..Joining::default() };
    }

    fn joins_emoji(&mut self, rest: &str) -> bool {
        let joins = self.emoji
            && self.last != Some('\u{200d}')
            && self.joins < MOST_JOINS
            && rest.chars().next().is_some_and(is_pictograph);
        self.joins += u8::from(joins);
        joins
    }

    fn is_after_joining_script(&self) -> bool {
        self.last.is_some_and(is_joining_script)
    }

    /// Tags stay only as a complete flag: black flag, tags, end tag.
    fn takes_tag(&mut self, c: char, rest: &str) -> bool {
        if self.tags > 0 {
            self.tags -= 1;
            return true;
        }
        if self.last != Some('\u{1f3f4}') || c == '\u{e007f}' {
            return false;
        }
        let more = rest.chars().take(MOST_TAGS).take_while(|t| matches!(t, '\u{e0020}'..='\u{e007e}')).count();
        let complete = rest.chars().nth(more) == Some('\u{e007f}');
        self.tags = if complete { more + 1 } else { 0 };
        self.emoji &= !complete;
        complete
    }
}

/// Takes no cell of its own, or changes the emoji before it.
fn is_mark(c: char) -> bool {
    is_skin_tone(c) || c.width() == Some(0)
}

fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Extended pictographic: the only characters that a joiner glues to their own kind without a linking mark
/// (UAX 29, GB11). GatewayRequest of the segmentation tables, so that no second table can disagree.
fn is_pictograph(c: char) -> bool {
    if c.is_alphanumeric() || is_mark(c) {
        return false;
    }
    let glued: String = [c, '\u{200d}', c].iter().collect();
    let alone: String = ['a', c].iter().collect();
    glued.graphemes(true).count() == 1 && alone.graphemes(true).count() == 2
}

/// Has an emoji and a text form that a variation selector chooses between.
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
    fn pictographs_are_told_from_everything_else() {
        for c in ['👩', '❤', '⚕', '🌈', '🏴', '©', '☺', '🫠'] {
            assert!(is_pictograph(c), "{c}");
        }
        for c in ['a', '1', '#', '葛', 'क', '\u{301}', '\u{93e}', '\u{1f3fb}', '\u{1f1ee}', '\u{600}', 'ᄀ', '가', '─']
        {
            assert!(!is_pictograph(c), "{c:?}");
        }
    }
}
