//! Sentences that stand in the code in English, of commands and of files that cannot be used, in another language, as in
//! gettext; their Indonesian stands in `assets/locales/sentences.id.toml`.
//!
//! Invariant: what is not known stays as it is.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::config::Locale;

/// The sentences of the file, those with the most letters of their own first.
static SENTENCES: LazyLock<Vec<Sentence>> = LazyLock::new(|| {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/locales/sentences.id.toml"));
    // A file that cannot be read would leave everything English; a test reads it.
    let pairs: BTreeMap<String, String> = toml::from_str(text).unwrap_or_default();
    let mut sentences: Vec<_> = pairs.iter().map(|(english, other)| Sentence::new(english, other)).collect();
    sentences.sort_by_key(|sentence| std::cmp::Reverse(sentence.pieces.iter().map(String::len).sum::<usize>()));
    sentences
});

/// A text of our own in a language, line by line.
pub(crate) fn sentences_in(locale: Locale, text: &str) -> String {
    if locale == Locale::En { text.to_owned() } else { indonesian(text) }
}

fn indonesian(text: &str) -> String {
    let line = |line: &str| {
        let (space, words) = line.split_at(line.len() - line.trim_start().len());
        phrase(words).map_or_else(|| line.to_owned(), |found| format!("{space}{found}"))
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// A sentence with places, and its translation.
struct Sentence {
    /// What stands between the places, from the beginning to the end.
    pieces: Vec<String>,
    places: Vec<String>,
    translated: String,
}

impl Sentence {
    fn new(english: &str, translated: &str) -> Self {
        let (mut pieces, mut places) = (vec![String::new()], Vec::new());
        let mut rest = english;
        while let Some((before, after)) = rest.split_once('{') {
            // A brace that is none of a place is text, as in `{ env = … }`.
            let name = after.split_once('}').filter(|(name, _)| is_place(name));
            if let Some(last) = pieces.last_mut() {
                last.push_str(before);
                if name.is_none() {
                    last.push('{');
                }
            }
            rest = after;
            if let Some((name, after)) = name {
                places.push(name.to_owned());
                pieces.push(String::new());
                rest = after;
            }
        }
        if let Some(last) = pieces.last_mut() {
            last.push_str(rest);
        }
        Sentence { pieces, places, translated: translated.to_owned() }
    }

    /// What stands in the places of a text; `None` unless all of it is this sentence.
    fn read<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (first, others) = self.pieces.split_first()?;
        let mut rest = text.strip_prefix(first.as_str())?;
        let Some((end, inner)) = others.split_last() else { return rest.is_empty().then(Vec::new) };
        let mut found = Vec::with_capacity(others.len());
        for piece in inner {
            let (value, after) = rest.split_once(piece.as_str())?;
            found.push(value);
            rest = after;
        }
        found.push(rest.strip_suffix(end.as_str())?);
        // A name is a name: it holds no sentence before or after this one.
        let is_split = |place: Option<&String>, value: Option<&&str>| {
            place.is_some_and(|place| !place.starts_with('*')) && value.is_some_and(|value| value.contains(": "))
        };
        let names_only = !self.pieces.iter().any(|piece| piece.contains(": "));
        if (first.is_empty() && is_split(self.places.first(), found.first()))
            || (names_only && end.is_empty() && is_split(self.places.last(), found.last()))
        {
            return None;
        }
        found.iter().all(|value| !value.is_empty()).then_some(found)
    }

    fn translate(&self, text: &str) -> Option<String> {
        let values = self.read(text)?;
        let mut out = self.translated.clone();
        for (place, value) in self.places.iter().zip(values) {
            // Braces of a value must not be read as places.
            let value = if place.starts_with('*') {
                phrase(value).unwrap_or_else(|| value.to_owned())
            } else {
                value.to_owned()
            };
            out = out.replace(&format!("{{{place}}}"), &value);
        }
        Some(out)
    }
}

fn is_place(name: &str) -> bool {
    let name = name.strip_prefix('*').unwrap_or(name);
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn sentence(text: &str) -> Option<String> {
    SENTENCES.iter().find_map(|sentence| sentence.translate(text))
}

/// A whole line: a sentence, or a name before one, or two with a semicolon between.
fn phrase(line: &str) -> Option<String> {
    if let Some(found) = sentence(line) {
        return Some(found);
    }
    let ends = || line.match_indices(": ").map(|(at, _)| at);
    let parts = |at: usize, width: usize| Some((line.get(..at)?, line.get(at + width..)?));
    for (head, tail) in ends().filter_map(|at| parts(at, 2)) {
        if let Some(tail) = phrase(tail) {
            return Some(format!("{}: {tail}", sentence(head).unwrap_or_else(|| head.to_owned())));
        }
    }
    for (head, tail) in line.match_indices("; ").filter_map(|(at, _)| parts(at, 2)) {
        if let (Some(head), Some(tail)) = (phrase(head), phrase(tail)) {
            return Some(format!("{head}; {tail}"));
        }
    }
    let named = ends().filter_map(|at| parts(at, 2)).find_map(|(head, tail)| Some((sentence(head)?, tail)));
    named.map(|(head, tail)| format!("{head}: {tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn sentences_are_found_whole_behind_names_and_inside_others() {
        for (english, expected) in [
            ("the disk is full", "disk penuh"),
            (
                "/a b/config.toml:3:1: account \"toko\": mode: must be \"unofficial\" or \"meta\", not \"x\"",
                "/a b/config.toml:3:1: akun \"toko\": mode: harus \"unofficial\" atau \"meta\", bukan \"x\"",
            ),
            (
                "loket: config.toml: cannot be read: Permission denied (os error 13)",
                "loket: config.toml: tidak bisa dibaca: izin ditolak (os error 13)",
            ),
            (
                "3 of 9 rows failed; correct them and import again\n  row 4: X: 12: no phone number; write it like 0812-3456-7890 or +62 812…",
                "3 dari 9 baris gagal; perbaiki lalu impor lagi\n  baris 4: X: 12: bukan nomor telepon; tulis seperti 0812-3456-7890 atau +62 812…",
            ),
            (
                "line 3, column 9: view: query: is:waitin: unknown (is: waiting, unread, snoozed, resolved, unassigned; \
                 channel: whatsapp, telegram, instagram, messenger)",
                "baris 3, kolom 9: view: query: is:waitin: tidak dikenal (is: waiting, unread, snoozed, resolved, \
                 unassigned; channel: whatsapp, telegram, instagram, messenger)",
            ),
            (
                "[list] resolv is no command; did you mean \"resolve\"?",
                "[list] resolv bukan perintah; maksudnya \"resolve\"?",
            ),
            (
                "[list] f12 cannot be told apart: it is a key of resolve and of snooze; change one of them",
                "[list] f12 tidak bisa dibedakan: dipakai resolve dan snooze; ganti salah satunya",
            ),
            (
                "[styles]: there is no \"key.failde\" to be styled; did you mean \"key\"?",
                "[styles]: tidak ada gaya \"key.failde\"; maksudnya \"key\"?",
            ),
            ("nobody knows this sentence", "nobody knows this sentence"),
        ] {
            assert_eq!(indonesian(english), expected);
        }
    }

    /// The sources as the compiler reads their texts, in one string.
    fn sources(directory: &Path, out: &mut String) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, out);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let mut joined = text.split("\\\n");
                out.push_str(joined.next().unwrap_or_default());
                joined.for_each(|line| out.push_str(line.trim_start()));
            }
        }
    }

    #[test]
    fn every_sentence_is_still_said_somewhere() {
        let mut all = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        let all = all.replace("\\\"", "\"");
        let of_libraries = ["(os error", "at line", "valid UTF-8"];
        let is_gone = |sentence: &&Sentence| {
            let longest = sentence.pieces.iter().max_by_key(|piece| piece.len()).map_or("", |piece| piece.trim());
            let is_foreign = of_libraries.iter().any(|foreign| sentence.pieces.iter().any(|p| p.contains(foreign)));
            !is_foreign && !all.contains(longest)
        };
        let gone: Vec<_> = SENTENCES.iter().filter(is_gone).map(|sentence| sentence.pieces.join("{}")).collect();
        assert_eq!(gone, Vec::<String>::new(), "nothing says these any more");
        assert!(SENTENCES.len() > 200, "the file could not be read");
    }
}
