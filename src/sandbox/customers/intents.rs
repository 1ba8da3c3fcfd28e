//! Intents of an agent's messages, recognised by keyword lists that all personas share.

use std::collections::BTreeMap;

use crate::sandbox::error::SandboxError;

/// Keyword lists by intent (`price`, `shipping`, …).
#[derive(Debug)]
pub(crate) struct Intents(BTreeMap<String, Vec<String>>);

/// A text split into words without case and diacritics, to be searched many times.
#[derive(Debug)]
pub(crate) struct FoldedText {
    words: Vec<String>,
    has_question_mark: bool,
}

impl Intents {
    /// The keyword lists that come with the program; fails when their file does not parse.
    pub(crate) fn built_in() -> Result<Self, SandboxError> {
        Self::parse(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/personas/intents.toml")))
    }

    fn parse(text: &str) -> Result<Self, SandboxError> {
        let error = |reason: String| SandboxError::Persona { file: "intents.toml", reason };
        let table: BTreeMap<String, Vec<String>> = toml::from_str(text).map_err(|e| error(e.to_string()))?;
        Ok(Intents(table))
    }

    /// The keywords of an intent; `None` when there is no such intent.
    pub(crate) fn keywords(&self, intent: &str) -> Option<&[String]> {
        self.0.get(intent).map(Vec::as_slice)
    }

    /// Whether the text contains one of the intent's keywords.
    pub(crate) fn matches(&self, intent: &str, text: &FoldedText) -> bool {
        self.keywords(intent).is_some_and(|words| words.iter().any(|w| text.contains(w)))
    }
}

impl FoldedText {
    /// Removes case and diacritics and splits at everything that is neither letter nor digit.
    pub(crate) fn new(text: &str) -> Self {
        let folded: String = text.chars().filter_map(fold_letter).flat_map(char::to_lowercase).collect();
        let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect();
        FoldedText { words, has_question_mark: text.contains(['?', '？']) }
    }

    /// Whether it contains a keyword: a word or several consecutive words; `kirim*` is a prefix, `*rb` a suffix, `#`
    /// any digit, `?` a question mark.
    pub(crate) fn contains(&self, keyword: &str) -> bool {
        match keyword {
            "?" => return self.has_question_mark,
            "#" => return self.words.iter().any(|w| w.bytes().any(|b| b.is_ascii_digit())),
            _ => {}
        }
        let parts: Vec<&str> = keyword.split_whitespace().collect();
        !parts.is_empty()
            && self
                .words
                .windows(parts.len())
                .any(|run| run.iter().zip(&parts).all(|(word, part)| word_matches(word, part)))
    }
}

fn word_matches(word: &str, part: &str) -> bool {
    if let Some(prefix) = part.strip_suffix('*') {
        return word.starts_with(prefix);
    }
    if let Some(suffix) = part.strip_prefix('*') {
        return word.len() > suffix.len() && word.ends_with(suffix);
    }
    word == part
}

/// The letter without its diacritic; `None` for a combining diacritic.
fn fold_letter(letter: char) -> Option<char> {
    Some(match letter {
        '\u{300}'..='\u{36f}' => return None,
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' => 'a',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'È' | 'É' | 'Ê' | 'Ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'Ì' | 'Í' | 'Î' | 'Ï' => 'i',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ō' | 'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'Ù' | 'Ú' | 'Û' | 'Ü' => 'u',
        'ç' | 'Ç' => 'c',
        'ñ' | 'Ñ' => 'n',
        'ý' | 'ÿ' => 'y',
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_found_regardless_of_case_and_diacritics() {
        let text = FoldedText::new("Háló Kak, ongkirnya 25rb ya. Mau DIKIRIM ke mana?");
        for present in ["halo", "ongkir*", "*rb", "#", "?", "ke mana", "mau dikirim", "ya"] {
            assert!(text.contains(present), "{present}");
        }
        for absent in ["al", "kirim*", "*rbx", "mana ke", "", "rb"] {
            assert!(!text.contains(absent), "{absent}");
        }
        assert!(!FoldedText::new("😀 👩‍👩‍👧").contains("#"));
    }

    #[test]
    fn every_built_in_keyword_can_be_found() {
        let intents = Intents::built_in().unwrap();
        for (intent, words) in &intents.0 {
            assert!(!words.is_empty(), "{intent}");
            for word in words {
                let sample = word.replace('*', "x");
                let sample = if sample == "#" { "7" } else { &sample };
                assert!(FoldedText::new(sample).contains(word), "{intent}: {word} does not match itself");
                assert!(intents.matches(intent, &FoldedText::new(sample)));
            }
        }
        assert!(!intents.matches("no-such-intent", &FoldedText::new("halo")));
    }
}
