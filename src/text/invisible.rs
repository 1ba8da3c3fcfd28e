//! Characters that nobody sees: they hide text, make a name blank or reverse the reading direction.

use std::fmt::Write as _;

/// Direction controls, and invisible characters that no script needs: default ignorable characters of Unicode but for
/// those of which [`super::joiners`] decides.
pub(super) fn is_never_shown(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}')
}

/// Takes a cell and leaves it empty, without being white space for Unicode: an empty Braille pattern, a musical null
/// note head, blank hieroglyphs.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, '\u{2800}' | '\u{1d159}' | '\u{13441}' | '\u{13442}')
}

/// Whether JSON for people's terminals escapes a character: it could control a terminal, reverse the reading
/// direction or hide text, tags and variation selectors included.
fn is_escaped(c: char) -> bool {
    is_never_shown(c)
        || matches!(c,
            '\u{7f}'..='\u{9f}' | '\u{180b}'..='\u{180f}' | '\u{200c}' | '\u{200d}' | '\u{2028}' | '\u{2029}'
            | '\u{2800}' | '\u{fe0e}' | '\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

/// Escapes in JSON text what JSON itself lets through although a terminal must not get it or a person does not see
/// it. What is read back is the same.
pub(crate) fn escape_json(text: &str) -> String {
    if !text.contains(is_escaped) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len() + 16), |mut out, c| {
        if is_escaped(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_escaped_in_json_and_reads_back_the_same() {
        let hostile =
            "a\u{9b}31m\u{202e}b\u{7f}\u{1b}c 👩\u{200d}👧 \u{e0041}\u{e0100}\u{200b}\u{3164}\u{2800}\u{feff}❤\u{fe0f}";
        let text = escape_json(&serde_json::to_string(hostile).unwrap());
        assert!(!text.chars().any(|c| c.is_control() || is_escaped(c)), "{text}");
        assert!(text.contains("\\udb40\\udc41") && text.contains('👩'), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
        assert_eq!(escape_json("\"Budi 👩 é\""), "\"Budi 👩 é\"");
    }
}
