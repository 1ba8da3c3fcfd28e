//! Typed access to one table of a TOML document, with the location in every error. No value of the file is repeated
//! in an error unless the caller knows that it is no secret.

use crate::config::error::{ConfigError, Location, listed, nearest, quoted};
use crate::config::rules::Hours;
use jiff::civil::Time;
use std::ops::RangeInclusive;
use std::path::Path;
use toml_edit::{Document, Item, TableLike, Value};

/// The text of a configuration file and the path that errors name.
#[derive(Clone, Copy)]
pub(in crate::config) struct Source<'a> {
    pub(in crate::config) file: &'a Path,
    pub(in crate::config) text: &'a str,
}

impl<'a> Source<'a> {
    /// Parses the TOML. The parser's message is kept, its excerpt of the source line is not: that may hold a key.
    pub(in crate::config) fn parse(self) -> Result<Document<&'a str>, ConfigError> {
        Document::parse(self.text).map_err(|error| {
            let location = error.span().map(|span| Location::of(self.text, span.start));
            ConfigError::new("", format!("not valid TOML: {}", error.message().replace('\n', "; ")))
                .in_file(self.file)
                .at(location)
        })
    }

    fn location(self, span: Option<std::ops::Range<usize>>) -> Option<Location> {
        span.map(|span| Location::of(self.text, span.start))
    }
}

/// One table, with the name by which errors refer to it.
#[derive(Clone)]
pub(super) struct Section<'a> {
    source: Source<'a>,
    table: &'a dyn TableLike,
    /// `account "toko"`, `listener`; empty for the whole file.
    subject: String,
    /// The location of its header.
    pub(super) start: Option<Location>,
}

impl<'a> Section<'a> {
    /// The top-level table of a document.
    pub(super) fn root(source: Source<'a>, document: &'a Document<&'a str>) -> Self {
        Section { source, table: document.as_table(), subject: String::new(), start: None }
    }

    /// The same table under another name in errors.
    pub(super) fn named(mut self, subject: String) -> Self {
        self.subject = subject;
        self
    }

    /// The file that it stands in.
    pub(super) fn file(&self) -> &'a Path {
        self.source.file
    }

    /// An error about the value of `key`, or about the whole table if it has no such key.
    pub(super) fn error(&self, key: &str, message: impl Into<String>) -> ConfigError {
        let location = self.location_of(key).or(self.start);
        ConfigError::new(&self.name_of(key), message).in_file(self.source.file).at(location)
    }

    /// How errors name a key of this table.
    pub(super) fn name_of(&self, key: &str) -> String {
        match (self.subject.as_str(), key) {
            ("", key) => key.to_owned(),
            (subject, "") => subject.to_owned(),
            (subject, key) => format!("{subject}: {key}"),
        }
    }

    /// The location of the value of `key`.
    pub(super) fn location_of(&self, key: &str) -> Option<Location> {
        let (key, item) = self.table.get_key_value(key)?;
        self.source.location(item.span().or_else(|| key.span()))
    }

    /// The keys of the table, in the order of the file.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.table.iter().map(|(key, _)| key)
    }

    /// Fails on the first unknown key and suggests the nearest known one. `elsewhere` lists keys of other tables and
    /// where those belong.
    pub(super) fn allow(&self, known: &[&str], elsewhere: &[(&[&str], &str)]) -> Result<(), ConfigError> {
        let Some(unknown) = self.keys().find(|key| !known.contains(key)) else {
            return Ok(());
        };
        let location = self.table.key(unknown).and_then(|key| self.source.location(key.span())).or(self.start);
        let hint = elsewhere
            .iter()
            .find(|(keys, _)| keys.contains(&unknown))
            .map(|(_, table)| format!("; it belongs {table}"))
            .or_else(|| nearest(unknown, known).map(|near| format!("; did you mean {near:?}?")))
            .unwrap_or_default();
        let message = format!("unknown key {}{hint}", quoted(unknown));
        Err(ConfigError::new(&self.subject, message).in_file(self.source.file).at(location))
    }

    /// The value of a key, of any type.
    pub(super) fn item(&self, key: &str) -> Option<&'a Item> {
        self.table.get(key)
    }

    /// A text of one line, not empty.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, ConfigError> {
        match self.lines(key)? {
            Some(text) if text.chars().any(char::is_control) => {
                Err(self.error(key, "must be one line without control characters"))
            }
            text => Ok(text),
        }
    }

    /// A text, not empty, that may have several lines.
    pub(super) fn lines(&self, key: &str) -> Result<Option<&'a str>, ConfigError> {
        let Some(item) = self.item(key) else { return Ok(None) };
        let text = item.as_str().ok_or_else(|| self.wrong_type(key, "a text in quotes", item))?;
        if text.trim().is_empty() {
            return Err(self.error(key, "must not be empty; leave it out instead"));
        }
        Ok(Some(text))
    }

    /// `true` or `false`; `false` if the key is missing.
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

    /// One of the listed words, as the value beside it.
    pub(super) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Result<Option<T>, ConfigError> {
        let Some(item) = self.item(key) else { return Ok(None) };
        let wanted = listed(words.iter().map(|(word, _)| *word));
        let text = item.as_str().ok_or_else(|| self.wrong_type(key, &wanted, item))?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.map(Some).ok_or_else(|| self.error(key, format!("must be {wanted}, not {}", quoted(text))))
    }

    /// A span of the day, such as `08:00-17:00`; it may cross midnight.
    pub(super) fn hours(&self, key: &str) -> Result<Option<Hours>, ConfigError> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let span = text.split_once('-').and_then(|(from, to)| Some(Hours { from: time(from)?, to: time(to)? }));
        match span {
            Some(span) if span.from != span.to => Ok(Some(span)),
            _ => Err(self.error(key, format!("must be two times, such as \"08:00-17:00\", not {}", quoted(text)))),
        }
    }

    /// A list of texts; at least one, none of them empty.
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

    /// The table under `key`; `wanted` describes it in the error.
    pub(super) fn section(&self, key: &str, wanted: &str) -> Result<Option<Section<'a>>, ConfigError> {
        let Some(item) = self.item(key) else { return Ok(None) };
        let table = item.as_table_like().ok_or_else(|| self.wrong_type(key, wanted, item))?;
        Ok(Some(self.child(key, table, self.location_of(key))))
    }

    /// The tables of a list, written as `[[key]]` or inline.
    pub(super) fn sections(&self, key: &str, wanted: &str) -> Result<Vec<Section<'a>>, ConfigError> {
        let Some(item) = self.item(key) else { return Ok(Vec::new()) };
        if let Some(tables) = item.as_array_of_tables() {
            return Ok(tables.iter().map(|table| self.child(key, table, self.source.location(table.span()))).collect());
        }
        let list = item.as_array().ok_or_else(|| self.wrong_type(key, wanted, item))?;
        list.iter()
            .map(|value| {
                let table = value.as_inline_table().ok_or_else(|| {
                    self.error(key, format!("must be {wanted}")).at(self.source.location(value.span()))
                })?;
                Ok(self.child(key, table, self.source.location(value.span())))
            })
            .collect()
    }

    fn child(&self, key: &str, table: &'a dyn TableLike, start: Option<Location>) -> Section<'a> {
        Section { source: self.source, table, subject: self.name_of(key), start }
    }

    /// The error about a value of another type than `wanted` says.
    fn wrong_type(&self, key: &str, wanted: &str, item: &Item) -> ConfigError {
        self.error(key, format!("must be {wanted}, not {}", type_name(item)))
    }
}

/// A time of the day as `8:00` or `08:00`; `24:00` is midnight.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let is_number = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !is_number(hour) || minute.len() != 2 || !is_number(minute) {
        return None;
    }
    match (hour.parse::<i8>().ok()?, minute.parse::<i8>().ok()?) {
        (24, 0) => Some(Time::midnight()),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
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
