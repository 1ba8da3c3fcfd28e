//! The words by which conversations are found: `label:komplain is:waiting budi`.
//!
//! Invariant: the time zone is an argument, and a word that means nothing is an error that names it.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::conversation::{ConversationFilter, ConversationState};
use super::phone::Country;
use super::{AccountName, Channel, SearchText, Timestamp};

/// Why a word of a query cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordProblem {
    /// There is no such word before the colon, but one like it.
    UnknownKey,
    /// Nothing stands behind the colon.
    NoValue,
    /// What stands behind the colon is none of the values that there are.
    UnknownValue,
    /// It is not a day such as `2026-11-30`.
    NotADay,
    /// Another word has said something else of the same.
    Contradicts,
    /// A quotation mark is not closed.
    OpenQuote,
}

/// A word of a query that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word}: {}", .problem.sentence())]
pub(crate) struct WordError {
    /// The word as it was typed.
    pub(crate) word: String,
    pub(crate) problem: WordProblem,
}

impl WordProblem {
    fn sentence(self) -> &'static str {
        match self {
            WordProblem::UnknownKey => {
                "no such word (from: account: channel: label: assignee: is: before: after:); in quotes it is text"
            }
            WordProblem::NoValue => "nothing stands behind the colon",
            WordProblem::UnknownValue => {
                "unknown (is: waiting, unread, snoozed, resolved, unassigned; channel: whatsapp, telegram, instagram, \
                 messenger)"
            }
            WordProblem::NotADay => "not a day such as 2026-11-30",
            WordProblem::Contradicts => "contradicts a word before it",
            WordProblem::OpenQuote => "the quotation mark is not closed",
        }
    }
}

/// Reads a query. Words without a key are one text, in their order; days begin at midnight in `zone`; local phone numbers
/// are read as in `country`.
pub(crate) fn parse(text: &str, country: Country, zone: &TimeZone) -> Result<ConversationFilter, WordError> {
    let (filter, error) = parse_typed(text, country, zone);
    error.map_or(Ok(filter), Err)
}

/// Reads a query that may still be typed: what its other words say, and the first word that cannot be used.
pub(crate) fn parse_typed(text: &str, country: Country, zone: &TimeZone) -> (ConversationFilter, Option<WordError>) {
    let mut filter = ConversationFilter::default();
    let mut free: Vec<String> = Vec::new();
    let mut first_error = None;
    for word in words(text) {
        let result = match &word.key {
            _ if word.typed.matches('"').count() % 2 == 1 => Err(WordProblem::OpenQuote),
            None => {
                free.push(word.value);
                Ok(())
            }
            Some(_) if word.value.is_empty() => Err(WordProblem::NoValue),
            Some(key) => add(&mut filter, key, &word.value, country, zone),
        };
        if let Err(problem) = result {
            first_error.get_or_insert(WordError { word: word.typed, problem });
        }
    }
    if !free.is_empty() {
        // White space at the end says that the last word is whole.
        let end = if text.ends_with(char::is_whitespace) { " " } else { "" };
        filter.text = Some(SearchText::new(&format!("{}{end}", free.join(" ")), country));
    }
    (filter, first_error)
}

/// Takes over what one word says.
fn add(
    filter: &mut ConversationFilter,
    key: &str,
    value: &str,
    country: Country,
    zone: &TimeZone,
) -> Result<(), WordProblem> {
    match key {
        "from" => set(&mut filter.from, SearchText::new(value, country)),
        "account" => set(&mut filter.account, AccountName::new(value).ok_or(WordProblem::UnknownValue)?),
        "channel" => {
            let channel = Channel::ALL.into_iter().find(|channel| channel.as_str() == value.to_lowercase());
            set(&mut filter.channel, channel.ok_or(WordProblem::UnknownValue)?)
        }
        "label" => {
            filter.labels.push(value.to_owned());
            Ok(())
        }
        "assignee" if filter.unassigned => Err(WordProblem::Contradicts),
        "assignee" => set(&mut filter.assignee, value.to_owned()),
        "before" => set(&mut filter.before, day(value, zone)?),
        "after" => set(&mut filter.after, day(value, zone)?),
        "is" => add_fact(filter, &value.to_lowercase()),
        _ => Err(WordProblem::UnknownKey),
    }
}

fn add_fact(filter: &mut ConversationFilter, fact: &str) -> Result<(), WordProblem> {
    match fact {
        "unread" => filter.unread = true,
        "unassigned" if filter.assignee.is_some() => return Err(WordProblem::Contradicts),
        "unassigned" => filter.unassigned = true,
        // Who waits for an answer is open.
        "waiting" => {
            set(&mut filter.state, ConversationState::Open)?;
            filter.waiting = true;
        }
        "snoozed" => set(&mut filter.state, ConversationState::Snoozed)?,
        "resolved" => set(&mut filter.state, ConversationState::Resolved)?,
        _ => return Err(WordProblem::UnknownValue),
    }
    Ok(())
}

/// Sets what can be said once; to say the same again changes nothing.
fn set<T: PartialEq>(place: &mut Option<T>, value: T) -> Result<(), WordProblem> {
    if place.as_ref().is_some_and(|before| *before != value) {
        return Err(WordProblem::Contradicts);
    }
    *place = Some(value);
    Ok(())
}

/// The beginning of a day where the reader is.
fn day(value: &str, zone: &TimeZone) -> Result<Timestamp, WordProblem> {
    let date: Date = value.parse().map_err(|_| WordProblem::NotADay)?;
    let start = date.to_datetime(Time::midnight()).to_zoned(zone.clone()).map_err(|_| WordProblem::NotADay)?;
    Ok(Timestamp(start.timestamp().as_millisecond()))
}

/// One word of a query.
struct Word {
    /// As it was typed.
    typed: String,
    /// What stands before the colon, in lower case; `None` for a part of the text.
    key: Option<String>,
    /// Without its key and quotation marks.
    value: String,
}

/// Splits a query at spaces that are not in quotation marks.
fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let mut quoted = false;
        let end = rest.find(|c: char| {
            quoted ^= c == '"';
            c.is_whitespace() && !quoted
        });
        let (typed, after) = rest.split_at(end.unwrap_or(rest.len()));
        found.push(word(typed));
        rest = after.trim_start();
    }
    found.retain(|word| word.key.is_some() || !word.value.is_empty());
    found
}

const KEYS: [&str; 8] = ["from", "account", "channel", "label", "assignee", "is", "before", "after"];

/// Whether somebody meant a key and missed a letter. Any other word before a colon is text: `size:L`, `jam:10`.
fn is_mistyped(word: &str) -> bool {
    word.len() > 2 && KEYS.iter().any(|key| strsim::damerau_levenshtein(word, key) == 1)
}

/// Tells a key from text that happens to have a colon: `12:30`, `https://…`, `Re:`.
fn word(typed: &str) -> Word {
    let bare = |text: &str| text.replace('"', "").trim().to_owned();
    if let Some((key, value)) = typed.split_once(':') {
        let key = key.to_lowercase();
        let is_name = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase());
        let is_text = value.is_empty() || value.starts_with("//");
        if is_name && (KEYS.contains(&key.as_str()) || !is_text && is_mistyped(&key)) {
            return Word { typed: typed.to_owned(), key: Some(key), value: bare(value) };
        }
    }
    Word { typed: typed.to_owned(), key: None, value: bare(typed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phone;

    fn read(text: &str) -> Result<ConversationFilter, String> {
        parse(text, phone::INDONESIA, &TimeZone::fixed(jiff::tz::offset(7))).map_err(|error| error.to_string())
    }

    #[test]
    fn every_word_of_a_query_is_read() {
        let text = "Label:komplain label:\"sangat penting\" is:waiting is:unread from:budi account:toko \
                    channel:Telegram assignee:\"Sari Dewi\" after:2026-11-01 before:2026-11-30 barang  rusak";
        let expected = ConversationFilter {
            account: AccountName::new("toko"),
            unread: true,
            state: Some(ConversationState::Open),
            text: Some(SearchText::new("barang rusak", phone::INDONESIA)),
            from: Some(SearchText::new("budi", phone::INDONESIA)),
            channel: Some(Channel::Telegram),
            labels: vec!["komplain".into(), "sangat penting".into()],
            assignee: Some("Sari Dewi".into()),
            waiting: true,
            after: Timestamp::parse_rfc3339("2026-11-01T00:00:00+07:00"),
            before: Timestamp::parse_rfc3339("2026-11-30T00:00:00+07:00"),
            ..ConversationFilter::default()
        };
        assert_eq!(read(text), Ok(expected));
        assert_eq!(read("  "), Ok(ConversationFilter::default()));
    }

    #[test]
    fn text_may_have_colons_and_quotes() {
        for (typed, text) in [
            ("12:30", "12:30"),
            ("https://toko.id", "https://toko.id"),
            ("Re: harga", "Re: harga"),
            ("text:sepatu", "text:sepatu"),
            ("jam:10", "jam:10"),
            ("\"is:waiting\"", "is:waiting"),
            ("\"dua  kata\"", "dua  kata"),
            ("0812 3456", "0812 3456"),
        ] {
            let text = Some(SearchText::new(text, phone::INDONESIA));
            assert_eq!(read(typed), Ok(ConversationFilter { text, ..ConversationFilter::default() }), "{typed}");
        }
    }

    #[test]
    fn an_error_names_the_word() {
        for (typed, beginning) in [
            ("budi lable:vip", "lable:vip: no such word"),
            ("is:", "is:: nothing stands"),
            ("is:sleeping", "is:sleeping: unknown"),
            ("channel:sms", "channel:sms: unknown"),
            ("after:besok", "after:besok: not a day"),
            ("is:snoozed is:resolved", "is:resolved: contradicts"),
            ("is:unassigned assignee:Sari", "assignee:Sari: contradicts"),
            ("label:\"sangat penting", "label:\"sangat penting: the quotation mark"),
        ] {
            let error = read(typed).expect_err(typed);
            assert!(error.starts_with(beginning), "{error}");
        }
    }
}
