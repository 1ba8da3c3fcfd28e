//! Reads one table of a TOML document: typed values, each error with its place. No value of the file is repeated in
//! an error unless the caller knows that it is no secret.

use std::ops::RangeInclusive;
use std::path::Path;

use toml_edit::{Document, Item, TableLike, Value};

use super::{ConfigError, Location};

/// A configuration file's text and name.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// Its name in errors.
    pub(super) file: &'a Path,
    /// Its whole text.
    pub(super) text: &'a str,
}

impl<'a> Source<'a> {
    /// Reads the TOML itself. The parser's own words are kept, its quotation of the source line is not: a key may
    /// stand in it.
    pub(super) fn parse(self) -> Result<Document<&'a str>, ConfigError> {
        Document::parse(self.text).map_err(|error| {
            let place = error.span().map(|span| Location::of(self.text, span.start));
            ConfigError::new("", format!("not valid TOML: {}", error.message().replace('\n', "; ")))
                .in_file(self.file)
                .at(place)
        })
    }

    fn place(self, span: Option<std::ops::Range<usize>>) -> Option<Location> {
        span.map(|span| Location::of(self.text, span.start))
    }
}

/// One table, and how errors name it.
#[derive(Clone)]
pub(super) struct Section<'a> {
    source: Source<'a>,
    table: &'a dyn TableLike,
    /// `account "toko"`, `listener`; empty for the whole file.
    subject: String,
    /// Where it begins.
    pub(super) start: Option<Location>,
}

impl<'a> Section<'a> {
    /// The whole document.
    pub(super) fn root(source: Source<'a>, document: &'a Document<&'a str>) -> Self {
        Section { source, table: document.as_table(), subject: String::new(), start: None }
    }

    /// The same table under the name that errors should use.
    pub(super) fn named(mut self, subject: String) -> Self {
        self.subject = subject;
        self
    }

    /// An error about the value of `key`, or about the whole table when it has no such key.
    pub(super) fn error(&self, key: &str, message: impl Into<String>) -> ConfigError {
        let place = self.place_of(key).or(self.start);
        ConfigError::new(&self.name_of(key), message).in_file(self.source.file).at(place)
    }

    /// How errors name a key of this table.
    pub(super) fn name_of(&self, key: &str) -> String {
        match (self.subject.as_str(), key) {
            ("", key) => key.to_owned(),
            (subject, "") => subject.to_owned(),
            (subject, key) => format!("{subject}: {key}"),
        }
    }

    /// Where the value of `key` stands.
    pub(super) fn place_of(&self, key: &str) -> Option<Location> {
        let (key, item) = self.table.get_key_value(key)?;
        self.source.place(item.span().or_else(|| key.span()))
    }

    /// The keys that are there.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.table.iter().map(|(key, _)| key)
    }

    /// Refuses a key that is not known, naming the nearest one. `elsewhere` names keys of other tables, each with
    /// where it belongs.
    pub(super) fn allow(&self, known: &[&str], elsewhere: &[(&[&str], &str)]) -> Result<(), ConfigError> {
        let Some(unknown) = self.keys().find(|key| !known.contains(key)) else {
            return Ok(());
        };
        let place = self.table.key(unknown).and_then(|key| self.source.place(key.span())).or(self.start);
        let hint = elsewhere
            .iter()
            .find(|(keys, _)| keys.contains(&unknown))
            .map(|(_, home)| format!("; it belongs {home}"))
            .or_else(|| nearest(unknown, known).map(|near| format!("; did you mean {near:?}?")))
            .unwrap_or_default();
        let message = format!("unknown key {}{hint}", shown(unknown));
        Err(ConfigError::new(&self.subject, message).in_file(self.source.file).at(place))
    }

    /// The value of a key, whatever it is.
    pub(super) fn item(&self, key: &str) -> Option<&'a Item> {
        self.table.get(key)
    }

    /// A text of one line that is not empty.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, ConfigError> {
        let text = self.lines(key)?;
        match text {
            Some(text) if text.chars().any(char::is_control) => {
                Err(self.error(key, "must be one line without control characters"))
            }
            text => Ok(text),
        }
    }

    /// A text that is not empty.
    pub(super) fn lines(&self, key: &str) -> Result<Option<&'a str>, ConfigError> {
        let Some(item) = self.item(key) else { return Ok(None) };
        let text = item.as_str().ok_or_else(|| self.wrong_type(key, "a text in quotes", item))?;
        if text.trim().is_empty() {
            return Err(self.error(key, "must not be empty; leave it out instead"));
        }
        Ok(Some(text))
    }

    /// `true` or `false`; `false` when it is not there.
    pub(super) fn switch(&self, key: &str) -> Result<bool, ConfigError> {
        let Some(item) = self.item(key) else { return Ok(false) };
        item.as_bool().ok_or_else(|| self.wrong_type(key, "true or false", item))
    }

    /// A whole number within a range.
    pub(super) fn number(&self, key: &str, range: RangeInclusive<u32>) -> Result<Option<u32>, ConfigError> {
        let Some(item) = self.item(key) else { return Ok(None) };
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        let number = item.as_integer().ok_or_else(|| self.wrong_type(key, &wanted, item))?;
        match u32::try_from(number) {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(self.error(key, format!("must be {wanted}, not {number}"))),
        }
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Result<Option<T>, ConfigError> {
        let Some(item) = self.item(key) else { return Ok(None) };
        let wanted = listed(words.iter().map(|(word, _)| *word));
        let text = item.as_str().ok_or_else(|| self.wrong_type(key, &wanted, item))?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.map(Some).ok_or_else(|| self.error(key, format!("must be {wanted}, not {}", shown(text))))
    }

    /// A list of texts of one line, none of them empty.
    pub(super) fn texts(&self, key: &str) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(item) = self.item(key) else { return Ok(None) };
        let wanted = "a list of texts in quotes, such as [\"a\", \"b\"]";
        let list = item.as_array().ok_or_else(|| self.wrong_type(key, wanted, item))?;
        let texts: Option<Vec<String>> = list.iter().map(|value| value.as_str().map(str::to_owned)).collect();
        let texts = texts.ok_or_else(|| self.error(key, format!("must be {wanted}")))?;
        if texts.is_empty() || texts.iter().any(String::is_empty) {
            return Err(self.error(key, "must hold at least one text, and no empty one"));
        }
        Ok(Some(texts))
    }

    /// A table under this one.
    pub(super) fn section(&self, key: &str, wanted: &str) -> Result<Option<Section<'a>>, ConfigError> {
        let Some(item) = self.item(key) else { return Ok(None) };
        let table = item.as_table_like().ok_or_else(|| self.wrong_type(key, wanted, item))?;
        Ok(Some(self.below(key, table, self.place_of(key))))
    }

    /// The tables of a list of tables, in either way of writing.
    pub(super) fn sections(&self, key: &str, wanted: &str) -> Result<Vec<Section<'a>>, ConfigError> {
        let Some(item) = self.item(key) else { return Ok(Vec::new()) };
        if let Some(tables) = item.as_array_of_tables() {
            return Ok(tables.iter().map(|table| self.below(key, table, self.source.place(table.span()))).collect());
        }
        let list = item.as_array().ok_or_else(|| self.wrong_type(key, wanted, item))?;
        list.iter()
            .map(|value| {
                let table = value
                    .as_inline_table()
                    .ok_or_else(|| self.error(key, format!("must be {wanted}")).at(self.source.place(value.span())))?;
                Ok(self.below(key, table, self.source.place(value.span())))
            })
            .collect()
    }

    fn below(&self, key: &str, table: &'a dyn TableLike, start: Option<Location>) -> Section<'a> {
        Section { source: self.source, table, subject: self.name_of(key), start }
    }

    /// The error for a value of another type than wanted.
    pub(super) fn wrong_type(&self, key: &str, wanted: &str, item: &Item) -> ConfigError {
        self.error(key, format!("must be {wanted}, not {}", type_name(item)))
    }
}

fn type_name(item: &Item) -> &'static str {
    match item {
        Item::None => "nothing",
        Item::Table(_) | Item::Value(Value::InlineTable(_)) => "a table",
        Item::ArrayOfTables(_) => "a list of tables",
        Item::Value(Value::String(_)) => "a text",
        Item::Value(Value::Integer(_)) => "a whole number",
        Item::Value(Value::Float(_)) => "a number with a fraction",
        Item::Value(Value::Boolean(_)) => "true or false",
        Item::Value(Value::Datetime(_)) => "a date or time",
        Item::Value(Value::Array(_)) => "a list",
    }
}

/// `"a", "b" or "c"`.
pub(super) fn listed<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.map(|word| format!("{word:?}")).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// A wrong value as errors repeat it: quoted, escaped, and only when it is short. For values that are no secrets.
pub(super) fn shown(text: &str) -> String {
    if text.chars().count() <= 40 { format!("{text:?}") } else { "so long a text".to_owned() }
}

/// The known word that is most like another: one that contains it or is contained, else by edit distance.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain = word.to_lowercase().replace('-', "_");
    let likeness = |candidate: &str| {
        let candidate = candidate.replace('-', "_");
        let part = plain.len() >= 3 && (candidate.contains(&plain) || plain.contains(&candidate));
        strsim::normalized_damerau_levenshtein(&plain, &candidate) + if part { 0.5 } else { 0.0 }
    };
    known.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)).then(b.cmp(a)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_the_one_a_person_meant() {
        let known = ["name", "provider", "base_url", "api_key", "webhook_secret", "webhook_token", "session"];
        for (word, meant) in [
            ("apikey", "api_key"),
            ("api-key", "api_key"),
            ("API_KEY", "api_key"),
            ("token", "webhook_token"),
            ("baseurl", "base_url"),
            ("session_id", "session"),
            ("nmae", "name"),
        ] {
            assert_eq!(nearest(word, &known), Some(meant), "{word}");
        }
        assert_eq!(nearest("x", &[]), None);
    }

    #[test]
    fn a_place_counts_characters_and_never_splits_one() {
        let text = "a = \"é\"\nü = 1\n";
        assert_eq!(Location::of(text, 0), Location { line: 1, column: 1 });
        assert_eq!(Location::of(text, 6), Location { line: 1, column: 6 });
        assert_eq!(Location::of(text, 9), Location { line: 2, column: 1 });
        assert_eq!(Location::of(text, 11), Location { line: 2, column: 2 });
        assert_eq!(Location::of(text, 999), Location { line: 3, column: 1 });
    }
}
