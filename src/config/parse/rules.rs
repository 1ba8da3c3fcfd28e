//! Parses `[[account.rule]]`.
use jiff::civil::Weekday;

use super::section::Section;
use crate::config::error::{ConfigError, listed};
use crate::config::rules::{Answer, Repeat, RuleSettings, Trigger};
use crate::domain::is_web_url;
use crate::domain::outgoing::{MediaKind, MediaLink};

const KEYS: [&str; 6] = ["keyword", "match", "reply", "hours", "days", "once_per_customer"];
const ANSWER_KEYS: [&str; 6] = ["text", "image", "video", "audio", "document", "location"];
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// Parses one `[[account.rule]]` table; fails on an unknown key.
pub(super) fn parse(section: &Section<'_>) -> Result<RuleSettings, ConfigError> {
    section.allow(&KEYS, &[(&ANSWER_KEYS, "in reply = [ { … } ]")])?;
    let trigger = parse_trigger(section)?;
    let default = if trigger == Trigger::Any { Repeat::Day } else { Repeat::Always };
    let repeats = [("always", Repeat::Always), ("24h", Repeat::Day), ("once", Repeat::Once)];
    Ok(RuleSettings {
        reply: parse_reply(section)?,
        hours: section.hours("hours")?,
        days: parse_days(section)?,
        repeat: section.word("once_per_customer", &repeats)?.unwrap_or(default),
        trigger,
    })
}

fn parse_trigger(section: &Section<'_>) -> Result<Trigger, ConfigError> {
    #[derive(Clone, Copy, PartialEq)]
    enum Match {
        Exact,
        Prefix,
        Fields,
        Any,
    }
    let words = [("exact", Match::Exact), ("prefix", Match::Prefix), ("fields", Match::Fields), ("any", Match::Any)];
    let matching = section.word("match", &words)?;
    let Some(keyword) = section.text("keyword")?.map(str::trim) else {
        return match matching {
            Some(Match::Any) => Ok(Trigger::Any),
            _ => Err(section.error("", "needs a keyword (or match = \"any\" to answer every message)")),
        };
    };
    let (stem, has_fields) = match keyword.strip_suffix('#') {
        Some(stem) => (stem.trim(), true),
        None => (keyword, false),
    };
    if stem.is_empty() || stem.contains('#') {
        return Err(section.error("keyword", "must be a word, with at most one # at its end"));
    }
    match matching {
        Some(Match::Any) => Err(section.error("keyword", "cannot stand beside match = \"any\"; leave one of them out")),
        Some(Match::Exact | Match::Prefix) if has_fields => {
            Err(section.error("match", "must be \"fields\" (or left out) for a keyword that ends in #"))
        }
        None if has_fields => Ok(Trigger::Fields(stem.to_owned())),
        Some(Match::Fields) => Ok(Trigger::Fields(stem.to_owned())),
        Some(Match::Prefix) => Ok(Trigger::Prefix(stem.to_owned())),
        Some(Match::Exact) | None => Ok(Trigger::Exact(stem.to_owned())),
    }
}

fn parse_reply(section: &Section<'_>) -> Result<Vec<Answer>, ConfigError> {
    let parts = section.sections("reply", "a list of answers, such as [ { text = \"…\" } ]")?;
    if parts.is_empty() {
        return Err(section.error("reply", "needs at least one answer, such as [ { text = \"…\" } ]"));
    }
    parts.iter().map(parse_answer).collect()
}

fn parse_answer(part: &Section<'_>) -> Result<Answer, ConfigError> {
    part.allow(&["text", "image", "video", "audio", "document", "location", "caption"], &[])?;
    let mut kinds = ANSWER_KEYS.into_iter().filter(|kind| part.item(kind).is_some());
    let (Some(kind), None) = (kinds.next(), kinds.next()) else {
        return Err(part.error("", format!("needs exactly one of {}", listed(ANSWER_KEYS.into_iter()))));
    };
    let caption = part.lines("caption")?.map(str::to_owned);
    let text = part.lines(kind)?.unwrap_or_default();
    match kind {
        "text" if caption.is_some() => Err(part.error("caption", "cannot stand beside text; put it into the text")),
        "text" => Ok(Answer::Text(text.to_owned())),
        "location" => parse_location(part, text, caption),
        _ => {
            let url = part.text(kind)?.unwrap_or_default().trim();
            if !is_web_url(url) {
                return Err(part.error(kind, "must be an http:// or https:// URL that the gateway can reach"));
            }
            let kind = MediaKind::ALL.into_iter().find(|media| media.as_str() == kind).unwrap_or(MediaKind::Document);
            Ok(Answer::Media { link: MediaLink::new(kind, url), caption })
        }
    }
}

fn parse_location(part: &Section<'_>, text: &str, caption: Option<String>) -> Result<Answer, ConfigError> {
    let wrong = || part.error("location", "must be \"LATITUDE,LONGITUDE\" in degrees, such as \"-6.2,106.8\"");
    let (latitude, longitude) = text.split_once(',').ok_or_else(wrong)?;
    let within = |text: &str, limit: f64| {
        text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-')
            && text.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= limit)
    };
    let (latitude, longitude) = (latitude.trim().to_owned(), longitude.trim().to_owned());
    if within(&latitude, 90.0) && within(&longitude, 180.0) {
        Ok(Answer::Location { latitude, longitude, caption })
    } else {
        Err(wrong())
    }
}

fn parse_days(section: &Section<'_>) -> Result<Vec<Weekday>, ConfigError> {
    let Some(words) = section.texts("days")? else { return Ok(Vec::new()) };
    let day = |word: &String| DAYS.iter().find(|(known, _)| known == word).map(|(_, day)| *day);
    words.iter().map(day).collect::<Option<Vec<_>>>().ok_or_else(|| {
        section.error("days", format!("must be a list of {}", listed(DAYS.iter().map(|(word, _)| *word))))
    })
}
