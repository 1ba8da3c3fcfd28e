//! The automatic replies of an account, as configured. The engine decides when one is sent.
use jiff::civil::{DateTime, Time, Weekday};

use crate::domain::outgoing::MediaLink;

/// An automatic reply: one `[[account.rule]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSettings {
    /// Which messages it replies to.
    pub trigger: Trigger,
    /// The messages of the reply, in order; never empty.
    pub reply: Vec<Answer>,
    /// The hours of the day in which the rule applies; `None` = always.
    pub hours: Option<Hours>,
    /// The days on which the rule applies; empty = every day.
    pub(crate) days: Vec<Weekday>,
    /// How often the same customer gets the reply.
    pub repeat: Repeat,
}

/// Which messages a rule replies to. Keywords are compared without regard to case and surrounding white space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// The whole text is the keyword.
    Exact(String),
    /// The text begins with the keyword.
    Prefix(String),
    /// The text is the keyword, `#`, and fields separated by `#`; stored without the `#`.
    /// Source: WAVIRO's keyword webhook (providers.md 4.4).
    Fields(String),
    /// Every message (`match = "any"`, without a keyword).
    Any,
}

/// One message of an automatic reply. Texts may hold `{name}`, `{1}`, `{2}`: the customer's name and the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Text(String),
    Media {
        link: MediaLink,
        caption: Option<String>,
    },
    /// Coordinates stay text, digit for digit.
    Location {
        /// Degrees north, -90 to 90.
        latitude: String,
        /// Degrees east, -180 to 180.
        longitude: String,
        caption: Option<String>,
    },
}

/// A span of the day in local time. It crosses midnight when it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// The first moment within the span.
    pub from: Time,
    /// The first moment after the span.
    pub to: Time,
}

impl Hours {
    /// Whether a time of the day is within the span.
    pub(crate) fn contains(self, time: Time) -> bool {
        if self.from < self.to { self.from <= time && time < self.to } else { self.from <= time || time < self.to }
    }
}

/// How often the same customer gets a rule's reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Every time; the default of rules with a keyword.
    Always,
    /// Once in 24 hours; the default of `match = "any"`, so that two machines do not reply to each other for ever.
    Day,
    /// Once for all time.
    Once,
}

impl RuleSettings {
    /// Whether the rule applies at a local time. Hours that cross midnight belong to the day on which they begin.
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
