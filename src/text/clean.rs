//! The only way for foreign text to the screen, a title, the clipboard or standard output.
//!
//! Foreign text can contain terminal commands, controls that reverse the reading direction, and invisible characters.
//! Invariant: no [`Clean`] contains a C0 or C1 control (except `\n` in a block, and tabs in what is printed), DEL, a
//! direction control, or an invisible character outside the sequences that need one.

use std::fmt;
use std::ops::Deref;

use super::invisible::{is_blank, is_never_shown};
use super::joiners::Joining;

/// How far the end of a terminal string command (OSC, DCS, …) is searched for, in characters.
const MAX_STRING_COMMAND: usize = 4096;
/// How far the end of a control sequence (CSI) is searched for, in characters.
const MAX_CONTROL_SEQUENCE: usize = 64;
/// Replaces a tab in a block.
const TAB: &str = "    ";

/// Text that is safe to show, copy or print.
///
/// Cleaning is idempotent, and printable ASCII is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Clean(String);

impl Clean {
    /// Cleans text for one line: line breaks and tabs become one space each.
    pub fn line(text: &str) -> Self {
        if text.bytes().all(|b| matches!(b, 0x20..=0x7e)) {
            return Clean(text.to_owned());
        }
        Clean(drop_invisible(&drop_commands(text, " ", " ")))
    }

    /// Cleans text that may have several lines: all line breaks (`\r\n`, `\r`, `U+2028`, …) become `\n`, a tab
    /// becomes four spaces.
    pub(crate) fn block(text: &str) -> Self {
        if text.bytes().all(|b| matches!(b, 0x20..=0x7e | b'\n')) {
            return Clean(text.to_owned());
        }
        Clean(drop_invisible(&drop_commands(text, "\n", TAB)))
    }

    /// Cleans lines for standard output or standard error: as a block, but tabs, which stand between columns, stay.
    /// What was cleaned before is unchanged.
    pub(crate) fn printed(text: &str) -> Self {
        if text.bytes().all(|b| matches!(b, 0x20..=0x7e | b'\n' | b'\t')) {
            return Clean(text.to_owned());
        }
        Clean(drop_invisible(&drop_commands(text, "\n", "\t")))
    }

    /// A trimmed name on one line, or `None` if nothing can be seen of it.
    pub(crate) fn name(text: &str) -> Option<Self> {
        let name = Clean::line(text);
        let trimmed = name.trim();
        if trimmed.len() == name.len() && !trimmed.is_empty() {
            return Some(name);
        }
        (!trimmed.is_empty()).then(|| Clean(trimmed.to_owned()))
    }

    /// A trimmed URL, or `None` if it may not be shown as a link and opened; see [`super::link::is_safe`].
    pub fn url(text: &str) -> Option<Self> {
        let text = text.trim();
        (super::link::is_safe(text) && Clean::line(text).0 == text).then(|| Clean(text.to_owned()))
    }

    /// The cleaned text, safe to write to a terminal.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The cleaned text as an owned string, without a copy.
    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl Deref for Clean {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Clean {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Ignores the width of the format, which counts characters, not cells; use `text::pad`.
        f.write_str(&self.0)
    }
}

impl From<Clean> for String {
    fn from(clean: Clean) -> String {
        clean.0
    }
}

/// Whether a typed character may be inserted into a text: not a control, a direction control or an invisible character.
/// Joiners and selectors may, because some keyboards type an emoji in pieces.
pub(crate) fn is_typed(c: char) -> bool {
    !c.is_control() && !is_never_shown(c) && !matches!(c, '\u{2028}' | '\u{2029}')
}

/// First pass: drops terminal commands, controls and characters that are never shown; replaces line breaks and tabs.
fn drop_commands(text: &str, line_break: &str, tab: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\r' => {
                if rest.as_str().starts_with('\n') {
                    rest.next();
                }
                out.push_str(line_break);
            }
            '\n' | '\u{0b}' | '\u{0c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push_str(line_break),
            '\t' => out.push_str(tab),
            '\u{1b}' => skip(&mut rest, escape_length),
            '\u{9b}' => skip(&mut rest, control_sequence_length),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip(&mut rest, string_command_length),
            c if c.is_control() || is_never_shown(c) => {}
            c if is_blank(c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Skips the characters of a recognised command, and none if it is not recognised.
fn skip(rest: &mut std::str::Chars<'_>, length: fn(std::str::Chars<'_>) -> Option<usize>) {
    if let Some(count @ 1..) = length(rest.clone()) {
        rest.nth(count - 1);
    }
}

/// The number of characters after ESC that belong to its command.
fn escape_length(mut rest: std::str::Chars<'_>) -> Option<usize> {
    match rest.next()? {
        '[' => control_sequence_length(rest).map(|n| n + 1),
        ']' | 'P' | 'X' | '^' | '_' => string_command_length(rest).map(|n| n + 1),
        ' '..='/' => {
            let more = rest.clone().take_while(|c| matches!(c, ' '..='/')).count();
            matches!(rest.nth(more)?, '0'..='~').then_some(more + 2)
        }
        '0'..='~' => Some(1),
        _ => None,
    }
}

/// The number of characters after a CSI introducer: parameters, intermediates, one final.
fn control_sequence_length(mut rest: std::str::Chars<'_>) -> Option<usize> {
    let body = rest.clone().take(MAX_CONTROL_SEQUENCE).take_while(|c| matches!(c, ' '..='?')).count();
    matches!(rest.nth(body)?, '@'..='~').then_some(body + 1)
}

/// The number of characters after a string introducer, including its end (BEL, ST, or ESC `\`).
fn string_command_length(mut rest: std::str::Chars<'_>) -> Option<usize> {
    let body = rest.clone().take(MAX_STRING_COMMAND).take_while(|c| !c.is_control()).count();
    match rest.nth(body)? {
        '\u{07}' | '\u{9c}' => Some(body + 1),
        '\u{1b}' if rest.next() == Some('\\') => Some(body + 2),
        _ => None,
    }
}

/// Second pass: keeps joiners, variation selectors, tags and marks only where a script or emoji needs them.
fn drop_invisible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut joining = Joining::default();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if joining.accept(c, rest.as_str()) {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn terminal_commands_are_dropped_entirely() {
        for (dirty, clean) in [
            ("a\u{1b}[31mb", "ab"),
            ("a\u{9b}2Jb", "ab"),
            ("\u{1b}]0;title\u{07}x", "x"),
            ("\u{1b}]8;;http://evil\u{1b}\\x", "x"),
            ("\u{90}q#0\u{9c}x", "x"),
            ("\u{1b}(Bx", "x"),
            ("\u{1b}cx", "x"),
            ("\u{1b}]0;never ended", "]0;never ended"),
            ("\u{1b}[\u{1b}[31m1mx", "[1mx"),
            ("\u{1b}", ""),
            ("a\u{7f}\u{00}\u{08}b", "ab"),
            ("\u{1b}[é", "[é"),
        ] {
            assert_eq!(Clean::line(dirty).as_str(), clean, "{dirty:?}");
        }
    }

    #[test]
    fn lines_and_blocks_differ_in_line_breaks() {
        let text = "a\r\nb\rc\nd\u{2028}e\tf";
        assert_eq!(Clean::line(text).as_str(), "a b c d e f");
        assert_eq!(Clean::block(text).as_str(), "a\nb\nc\nd\ne    f");
    }

    #[test]
    fn direction_controls_and_invisible_characters_are_dropped() {
        assert_eq!(Clean::line("inv\u{202e}txt.exe\u{2066}\u{200f}\u{200b}\u{feff}").as_str(), "invtxt.exe");
        assert_eq!(Clean::line("a\u{e0041}\u{e0042}b\u{fe0f}\u{200d}c").as_str(), "abc");
    }

    #[test]
    fn no_name_is_blank() {
        let fillers =
            ["\u{3164}", "\u{115f}", "\u{1160}", "\u{ffa0}", "\u{2800}", "\u{17b4}", "\u{1d159}", "\u{13441}"];
        let invisible =
            ["\u{200b}", "\u{200d}", "\u{e0041}", "\u{fe0f}", "\u{180b}", "\u{301}", "\u{a0}", "\u{3000}", "\u{2060}"];
        for blank in fillers.into_iter().chain(invisible) {
            for name in [blank.to_owned(), blank.repeat(3), format!(" {blank}\n{blank} ")] {
                assert_eq!(Clean::name(&name), None, "{name:?}");
            }
            let seen = format!("{blank}Budi{blank}");
            assert!(Clean::name(&seen).unwrap().starts_with("Budi"), "{seen:?}");
        }
        assert_eq!(Clean::name(" Budi\tS ").unwrap().as_str(), "Budi S");
    }

    #[test]
    fn printed_lines_keep_tabs_and_nothing_else() {
        assert_eq!(Clean::printed("a\tb\r\n\u{1b}]52;c;eA==\u{7}c\u{202e}\u{9b}2J").as_str(), "a\tb\nc");
        assert_eq!(Clean::printed("1\tBudi").as_str(), "1\tBudi");
    }

    #[test]
    fn genuine_text_is_unchanged() {
        for text in [
            "👩‍👩‍👧 नमस्ते ไทย é",
            "❤️ ❤️‍🔥 🧑🏽‍⚕️ 🏳️‍🌈 1️⃣ #️⃣ 🇮🇩",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "می‌خواهم",
            "क्‍ष श्री",
            "ꦲꦏ꧀ꦱꦫꦗꦮ",
            "葛\u{e0100}城",
            "e\u{301}\u{323}",
            "한국어 각",
        ] {
            assert_eq!(Clean::line(text).as_str(), text);
        }
    }

    #[test]
    fn urls_are_trimmed_and_hold_nothing_invisible() {
        assert_eq!(Clean::url("https://a/\u{202e}x"), None);
        assert_eq!(Clean::url(" https://a/x ").map(Clean::into_string), Some("https://a/x".to_owned()));
    }

    #[test]
    fn stacked_marks_are_limited() {
        let pile = format!("Z{}a", "\u{301}".repeat(200));
        assert!(Clean::line(&pile).chars().count() <= 10);
        let chain = "👩\u{200d}".repeat(100);
        let joins = Clean::line(&chain).as_str().split(|c| c != '\u{200d}').map(str::len).max();
        assert!(joins.is_some_and(|n| n <= 3));
    }

    fn is_unwanted(c: char) -> bool {
        matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{3164}' | '\u{115f}'
            | '\u{2800}')
    }

    /// Text with many of the characters that cleaning treats specially.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(vec![
                "\u{1b}",
                "[",
                "]",
                "\u{9b}",
                "\u{9d}",
                "\u{07}",
                "\\",
                "\u{9c}",
                "31m",
                "\n",
                "\r",
                "\t",
                "\u{202e}",
                "\u{200d}",
                "\u{200c}",
                "\u{fe0f}",
                "\u{e0067}",
                "\u{e007f}",
                "🏴",
                "👩",
                "🏽",
                "❤",
                "1",
                "\u{20e3}",
                "क",
                "\u{94d}",
                "ष",
                "ه",
                "\u{301}",
                "葛",
                "\u{e0100}",
                "e",
                " ",
                "\u{2066}",
                "\u{85}",
                "\u{3164}",
                "\u{2800}",
                "\u{115f}",
            ])
            .prop_map(String::from),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_unwanted_character_is_left(text in hostile()) {
            prop_assert!(!Clean::line(&text).chars().any(is_unwanted));
            prop_assert!(!Clean::block(&text).chars().any(|c| c != '\n' && is_unwanted(c)));
            prop_assert!(!Clean::printed(&text).chars().any(|c| c != '\n' && c != '\t' && is_unwanted(c)));
        }

        #[test]
        fn cleaning_is_idempotent(text in hostile()) {
            let (line, block, printed) = (Clean::line(&text), Clean::block(&text), Clean::printed(&text));
            prop_assert_eq!(&Clean::line(&line), &line);
            prop_assert_eq!(&Clean::block(&block), &block);
            prop_assert_eq!(&Clean::printed(&printed), &printed);
            prop_assert_eq!(&Clean::printed(&block), &block);
        }

        #[test]
        fn printable_ascii_is_unchanged(text in "[ -~]{0,80}") {
            prop_assert_eq!(Clean::line(&text).into_string(), text);
        }
    }
}
