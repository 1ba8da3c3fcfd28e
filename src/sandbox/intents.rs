//! What an agent's free words are about, by keyword lists that all personas share. No guess beyond the lists.

use std::collections::BTreeMap;

use super::SandboxError;

/// Keyword lists by intent (`price`, `shipping`, …).
#[derive(Debug)]
pub(super) struct Intents(BTreeMap<String, Vec<String>>);

/// A text, folded and cut into words once, to be asked many times.
#[derive(Debug)]
pub(super) struct Utterance {
    words: Vec<String>,
    asks: bool,
}

impl Intents {
    /// The lists that come with the program.
    pub(super) fn built_in() -> Result<Self, SandboxError> {
        Self::parse(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/personas/intents.toml")))
    }

    fn parse(text: &str) -> Result<Self, SandboxError> {
        let broken = |why: String| SandboxError::Persona { file: "intents.toml", why };
        let table: BTreeMap<String, Vec<String>> = toml::from_str(text).map_err(|e| broken(e.to_string()))?;
        Ok(Intents(table))
    }

    /// The keywords of an intent; `None` when there is no such intent.
    pub(super) fn keywords(&self, intent: &str) -> Option<&[String]> {
        self.0.get(intent).map(Vec::as_slice)
    }

    /// Whether the utterance has one of the intent's keywords.
    pub(super) fn means(&self, intent: &str, utterance: &Utterance) -> bool {
        self.keywords(intent).is_some_and(|words| words.iter().any(|w| utterance.has(w)))
    }
}

impl Utterance {
    /// Folds case and diacritics away and cuts at everything that is neither letter nor digit.
    pub(super) fn new(text: &str) -> Self {
        let folded: String = text.chars().filter_map(fold).flat_map(char::to_lowercase).collect();
        let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect();
        Utterance { words, asks: text.contains(['?', '？']) }
    }

    /// Whether a keyword stands in it: a word or several in a row; `kirim*` by its beginning, `*rb` by its
    /// end, `#` for any digits, `?` for a question mark.
    pub(super) fn has(&self, keyword: &str) -> bool {
        match keyword {
            "?" => return self.asks,
            "#" => return self.words.iter().any(|w| w.bytes().any(|b| b.is_ascii_digit())),
            _ => {}
        }
        let parts: Vec<&str> = keyword.split_whitespace().collect();
        !parts.is_empty()
            && self.words.windows(parts.len()).any(|run| run.iter().zip(&parts).all(|(word, part)| is_word(word, part)))
    }
}

fn is_word(word: &str, part: &str) -> bool {
    if let Some(beginning) = part.strip_suffix('*') {
        return word.starts_with(beginning);
    }
    if let Some(end) = part.strip_prefix('*') {
        return word.len() > end.len() && word.ends_with(end);
    }
    word == part
}

/// The letter without its mark; `None` for a mark that stands alone.
fn fold(letter: char) -> Option<char> {
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
    fn keywords_are_found_as_words_whatever_their_case_and_marks() {
        let said = Utterance::new("Háló Kak, ongkirnya 25rb ya. Mau DIKIRIM ke mana?");
        for there in ["halo", "ongkir*", "*rb", "#", "?", "ke mana", "mau dikirim", "ya"] {
            assert!(said.has(there), "{there}");
        }
        for absent in ["al", "kirim*", "*rbx", "mana ke", "", "rb"] {
            assert!(!said.has(absent), "{absent}");
        }
        assert!(!Utterance::new("😀 👩‍👩‍👧").has("#"));
    }

    #[test]
    fn the_built_in_lists_are_folded_words_that_can_be_found() {
        let intents = Intents::built_in().unwrap();
        for (intent, words) in &intents.0 {
            assert!(!words.is_empty(), "{intent}");
            for word in words {
                let sample = word.replace('*', "x");
                let sample = if sample == "#" { "7" } else { &sample };
                assert!(Utterance::new(sample).has(word), "{intent}: {word} finds itself");
                assert!(intents.means(intent, &Utterance::new(sample)));
            }
        }
        assert!(!intents.means("no-such-intent", &Utterance::new("halo")));
    }
}
