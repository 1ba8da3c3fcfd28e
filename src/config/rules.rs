//! Automatic answers of an account as they are written. Nothing here decides whether one is sent now: the engine does.

use jiff::civil::{DateTime, Time, Weekday};

use super::ConfigError;
use super::read::{Section, listed, shown};
use crate::domain::outgoing::{MediaKind, MediaLink};

const KEYS: [&str; 6] = ["keyword", "match", "reply", "hours", "days", "once_per_customer"];
const ANSWERS: [&str; 6] = ["text", "image", "video", "audio", "document", "location"];
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// An automatic answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSettings {
    /// Which messages it answers.
    pub trigger: Trigger,
    /// What it answers, in order; never empty.
    pub reply: Vec<Answer>,
    /// The hours of the day in which it answers; `None` = always.
    pub hours: Option<Hours>,
    /// The days on which it answers; empty = every day.
    pub days: Vec<Weekday>,
    /// How often it answers the same customer.
    pub repeat: Repeat,
}

/// Which messages a rule answers. Keywords are compared without regard to case and surrounding white space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// The whole text is the keyword.
    Exact(String),
    /// The text begins with the keyword.
    Prefix(String),
    /// The text is the keyword, `#`, and fields with `#` between; the keyword is kept without the `#`.
    /// Source: WAVIRO's keyword webhook (providers.md 4.4).
    Fields(String),
    /// Every message (`match = "any"`, without keyword).
    Any,
}

/// A part of an automatic answer. Texts may hold `{name}`, `{1}`, `{2}`: the customer's name and the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A text.
    Text(String),
    /// Media by URL.
    Media {
        /// What and where.
        link: MediaLink,
        /// Text under it.
        caption: Option<String>,
    },
    /// A place. Coordinates stay text, digit for digit.
    Location {
        /// Degrees north, -90 to 90.
        latitude: String,
        /// Degrees east, -180 to 180.
        longitude: String,
        /// Text under it.
        caption: Option<String>,
    },
}

/// A span of local time of the day. It crosses midnight when it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// From this time, included.
    pub from: Time,
    /// To this time, not included.
    pub to: Time,
}

/// How often a rule answers the same customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Every time; the default of rules with a keyword.
    Always,
    /// Once in 24 hours; the default of `match = "any"`, so that two machines do not answer each other for ever.
    Day,
    /// Once.
    Once,
}

impl RuleSettings {
    /// Whether the rule answers at a local time. Hours that cross midnight belong to the day on which they begin.
    pub fn is_open_at(&self, local: DateTime) -> bool {
        let on = |day: Weekday| self.days.is_empty() || self.days.contains(&day);
        let today = local.date().weekday();
        let Some(Hours { from, to }) = self.hours else { return on(today) };
        let time = local.time();
        if from < to {
            return on(today) && from <= time && time < to;
        }
        (on(today) && from <= time) || (on(today.previous()) && time < to)
    }
}

/// Reads `[[account.rule]]`; `section` is one of them.
pub(super) fn parse(section: &Section<'_>) -> Result<RuleSettings, ConfigError> {
    section.allow(&KEYS, &[(&ANSWERS, "in reply = [ { … } ]")])?;
    let trigger = trigger(section)?;
    let default = if trigger == Trigger::Any { Repeat::Day } else { Repeat::Always };
    let repeats = [("always", Repeat::Always), ("24h", Repeat::Day), ("once", Repeat::Once)];
    Ok(RuleSettings {
        reply: reply(section)?,
        hours: hours(section)?,
        days: days(section)?,
        repeat: section.word("once_per_customer", &repeats)?.unwrap_or(default),
        trigger,
    })
}

fn trigger(section: &Section<'_>) -> Result<Trigger, ConfigError> {
    #[derive(Clone, Copy, PartialEq)]
    enum Match {
        Exact,
        Prefix,
        Fields,
        Any,
    }
    let words = [("exact", Match::Exact), ("prefix", Match::Prefix), ("fields", Match::Fields), ("any", Match::Any)];
    let how = section.word("match", &words)?;
    let Some(keyword) = section.text("keyword")?.map(str::trim) else {
        return match how {
            Some(Match::Any) => Ok(Trigger::Any),
            _ => Err(section.error("", "needs a keyword (or match = \"any\" to answer every message)")),
        };
    };
    let (stem, marked) = match keyword.strip_suffix('#') {
        Some(stem) => (stem.trim(), true),
        None => (keyword, false),
    };
    if stem.is_empty() || stem.contains('#') {
        return Err(section.error("keyword", "must be a word, with at most one # at its end"));
    }
    match how {
        Some(Match::Any) => Err(section.error("keyword", "cannot stand beside match = \"any\"; leave one of them out")),
        Some(Match::Exact | Match::Prefix) if marked => {
            Err(section.error("match", "must be \"fields\" (or left out) for a keyword that ends in #"))
        }
        None if marked => Ok(Trigger::Fields(stem.to_owned())),
        Some(Match::Fields) => Ok(Trigger::Fields(stem.to_owned())),
        Some(Match::Prefix) => Ok(Trigger::Prefix(stem.to_owned())),
        Some(Match::Exact) | None => Ok(Trigger::Exact(stem.to_owned())),
    }
}

fn reply(section: &Section<'_>) -> Result<Vec<Answer>, ConfigError> {
    let parts = section.sections("reply", "a list of answers, such as [ { text = \"…\" } ]")?;
    if parts.is_empty() {
        return Err(section.error("reply", "needs at least one answer, such as [ { text = \"…\" } ]"));
    }
    parts.iter().map(answer).collect()
}

fn answer(part: &Section<'_>) -> Result<Answer, ConfigError> {
    part.allow(&["text", "image", "video", "audio", "document", "location", "caption"], &[])?;
    let mut kinds = ANSWERS.into_iter().filter(|kind| part.item(kind).is_some());
    let (Some(kind), None) = (kinds.next(), kinds.next()) else {
        return Err(part.error("", format!("needs exactly one of {}", listed(ANSWERS.into_iter()))));
    };
    let caption = part.lines("caption")?.map(str::to_owned);
    let text = part.lines(kind)?.unwrap_or_default();
    match kind {
        "text" if caption.is_some() => Err(part.error("caption", "cannot stand beside text; put it into the text")),
        "text" => Ok(Answer::Text(text.to_owned())),
        "location" => location(part, text, caption),
        _ => {
            let url = part.text(kind)?.unwrap_or_default().trim();
            if !is_web_url(url) {
                return Err(part.error(kind, "must be an http:// or https:// URL that the gateway can reach"));
            }
            let kind = MediaKind::ALL.into_iter().find(|media| media.as_str() == kind).unwrap_or(MediaKind::Document);
            Ok(Answer::Media { link: MediaLink { kind, url: url.to_owned() }, caption })
        }
    }
}

fn location(part: &Section<'_>, text: &str, caption: Option<String>) -> Result<Answer, ConfigError> {
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

fn hours(section: &Section<'_>) -> Result<Option<Hours>, ConfigError> {
    let Some(text) = section.text("hours")? else { return Ok(None) };
    let time = |text: &str| {
        let (hour, minute) = text.trim().split_once(':')?;
        let two_digits = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if !two_digits(hour) || minute.len() != 2 || !two_digits(minute) {
            return None;
        }
        match (hour.parse::<i8>().ok()?, minute.parse::<i8>().ok()?) {
            (24, 0) => Some(Time::midnight()),
            (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
        }
    };
    let span = text.split_once('-').and_then(|(from, to)| Some(Hours { from: time(from)?, to: time(to)? }));
    match span {
        Some(span) if span.from != span.to => Ok(Some(span)),
        _ => Err(section.error("hours", format!("must be two times, such as \"08:00-17:00\", not {}", shown(text)))),
    }
}

fn days(section: &Section<'_>) -> Result<Vec<Weekday>, ConfigError> {
    let Some(words) = section.texts("days")? else { return Ok(Vec::new()) };
    let day = |word: &String| DAYS.iter().find(|(known, _)| known == word).map(|(_, day)| *day);
    words.iter().map(day).collect::<Option<Vec<_>>>().ok_or_else(|| {
        section.error("days", format!("must be a list of {}", listed(DAYS.iter().map(|(word, _)| *word))))
    })
}

/// An http or https URL with a host and without white space.
pub(super) fn is_web_url(text: &str) -> bool {
    let rest = ["http://", "https://"].iter().find_map(|scheme| {
        text.get(..scheme.len())
            .filter(|start| start.eq_ignore_ascii_case(scheme))
            .and_then(|_| text.get(scheme.len()..))
    });
    let no_space = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    no_space && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':', '@']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn rule(hours: Option<(i8, i8)>, days: &[Weekday]) -> RuleSettings {
        RuleSettings {
            trigger: Trigger::Any,
            reply: vec![Answer::Text("tutup".into())],
            hours: hours
                .map(|(from, to)| Hours { from: Time::constant(from, 0, 0, 0), to: Time::constant(to, 0, 0, 0) }),
            days: days.to_vec(),
            repeat: Repeat::Day,
        }
    }

    #[test]
    fn hours_that_cross_midnight_belong_to_the_day_on_which_they_begin() {
        // 2026-01-02 is a Friday.
        let night = rule(Some((22, 6)), &[Weekday::Friday]);
        for (day, hour, open) in
            [(2, 21, false), (2, 22, true), (3, 5, true), (3, 6, false), (3, 22, false), (2, 5, false)]
        {
            assert_eq!(night.is_open_at(date(2026, 1, day).at(hour, 0, 0, 0)), open, "{day} {hour}");
        }
    }

    #[test]
    fn office_hours_begin_included_and_end_excluded() {
        let office = rule(Some((8, 17)), &[]);
        for (hour, open) in [(7, false), (8, true), (16, true), (17, false)] {
            assert_eq!(office.is_open_at(date(2026, 1, 2).at(hour, 0, 0, 0)), open, "{hour}");
        }
        assert!(rule(None, &[]).is_open_at(date(2026, 1, 2).at(3, 0, 0, 0)));
        assert!(!rule(None, &[Weekday::Monday]).is_open_at(date(2026, 1, 2).at(3, 0, 0, 0)));
    }
}
