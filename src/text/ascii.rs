//! Text for a terminal that shows ASCII only.

use super::width::graphemes;

/// The text with every letter that is not ASCII replaced: by what it resembles, else by a question mark.
pub(crate) fn to_ascii(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for (_, grapheme) in graphemes(text) {
        match grapheme {
            "…" => shown.push_str("..."),
            _ if grapheme.is_ascii() => shown.push_str(grapheme),
            _ => shown.push(resembling(grapheme)),
        }
    }
    shown
}

/// One letter of a screen as one character of ASCII; of a wide one the other cell stays empty.
pub(crate) fn to_ascii_cell(letter: &str) -> char {
    if letter == "…" { '~' } else { resembling(letter) }
}

/// The ASCII character that a letter resembles, with its accents left out.
fn resembling(grapheme: &str) -> char {
    let Some(letter) = grapheme.chars().next() else { return '?' };
    match letter {
        _ if letter.is_ascii() => letter,
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => 'A',
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'Ç' | 'Ć' | 'Č' => 'C',
        'ç' | 'ć' | 'č' => 'c',
        'È'..='Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => 'E',
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'Ì'..='Ï' | 'Ī' => 'I',
        'ì'..='ï' | 'ī' => 'i',
        'Ñ' | 'Ń' => 'N',
        'ñ' | 'ń' => 'n',
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ő' => 'O',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' | '○' | '◯' => 'o',
        'Ù'..='Ü' | 'Ū' | 'Ů' | 'Ű' => 'U',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => 'u',
        'Ý' => 'Y',
        'ý' | 'ÿ' => 'y',
        'Š' | 'Ś' => 'S',
        'š' | 'ś' => 's',
        'Ž' | 'Ź' | 'Ż' => 'Z',
        'ž' | 'ź' | 'ż' => 'z',
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '─' | '━' | '═' | '┄' | '┈' | '·' => '-',
        '‘' | '’' | '‚' | '´' | 'ʼ' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        '│' | '┃' | '║' | '┆' | '┊' | '▎' | '▐' | '▌' => '|',
        '┌'..='╋' | '╔'..='╬' | '╭'..='╰' => '+',
        '█' | '▓' | '▒' | '░' => '#',
        '•' | '●' | '★' => '*',
        '→' | '›' | '▸' | '▶' | '↗' => '>',
        '←' | '‹' | '◂' | '◀' => '<',
        '↑' => '^',
        '↓' | '✓' | '✔' => 'v',
        '×' | '✗' | '✘' => 'x',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_becomes_ascii_and_an_emoji_one_question_mark() {
        for (text, ascii) in [
            ("Halo Kak", "Halo Kak"),
            ("Ini fotonya… “bagus” – 2×", "Ini fotonya... \"bagus\" - 2x"),
            ("café Müller", "cafe Muller"),
            ("rusak 😢 👨‍👩‍👧!", "rusak ? ?!"),
            ("─│┌┘●✓", "-|++*v"),
            ("e\u{301}", "e"),
        ] {
            assert_eq!(to_ascii(text), ascii);
        }
    }

    #[test]
    fn a_letter_of_the_screen_is_one_character() {
        assert_eq!(to_ascii_cell("…"), '~');
        assert_eq!(to_ascii_cell("😢"), '?');
        assert_eq!(to_ascii_cell("字"), '?');
        assert_eq!(to_ascii_cell("é"), 'e');
    }
}
