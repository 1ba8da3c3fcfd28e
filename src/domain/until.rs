//! Times as people write them: `2h`, `besok 08:00`, `2026-11-30 08:00`.
//!
//! Invariant: the clock and the time zone are arguments, and a time that is understood lies ahead.

use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};

use super::Timestamp;

/// When a day is meant without an hour.
const MORNING: Time = Time::constant(8, 0, 0, 0);

/// Until when something is put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    At(Timestamp),
    /// Until the customer writes.
    Reply,
}

/// Why a text names no time that lies ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UntilError {
    #[error("not a time")]
    Misspelt,
    #[error("a time that has passed")]
    Passed,
}

impl Until {
    /// Reads a span (`30m`, `2h`, `2 jam`, `3d`, `1 minggu`), an hour of the day (`17:30`: today, else tomorrow), a day
    /// (`besok`, `lusa`, `friday`, `senin`, `2026-11-30`), at 8 o'clock or at an hour that follows, or `reply`
    /// (`balasan`); in English and Indonesian.
    pub(crate) fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Self, UntilError> {
        let text = text.trim().to_lowercase();
        if matches!(text.as_str(), "reply" | "balasan" | "dibalas") {
            return Ok(Until::Reply);
        }
        if let Some(span) = span(&text) {
            return Ok(Until::At(now.plus(span)));
        }
        let at = civil(&text, now, zone).ok_or(UntilError::Misspelt)?;
        if at > now { Ok(Until::At(at)) } else { Err(UntilError::Passed) }
    }
}

/// A number with a unit.
fn span(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let seconds = match unit.trim() {
        "m" | "min" | "mnt" | "menit" | "minute" | "minutes" => 60,
        "h" | "j" | "jam" | "hour" | "hours" => 3600,
        "d" | "hr" | "hari" | "day" | "days" => 86_400,
        "w" | "minggu" | "week" | "weeks" => 7 * 86_400,
        _ => return None,
    };
    let number: u64 = number.parse().ok().filter(|number| (1..=10_000).contains(number))?;
    Some(Duration::from_secs(number * seconds))
}

/// A day, an hour or both, where the reader is.
fn civil(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let here = jiff::Timestamp::from_millisecond(now.millis()).ok()?.to_zoned(zone.clone());
    let instant = |date: Date, time: Time| -> Option<Timestamp> {
        let zoned = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_millisecond()))
    };
    if let Some(time) = hour(text) {
        let today = instant(here.date(), time)?;
        return if today > now { Some(today) } else { instant(here.date().tomorrow().ok()?, time) };
    }
    if let Some(date) = day(text, here.date()) {
        return instant(date, MORNING);
    }
    let (date, time) = text.rsplit_once([' ', 't'])?;
    let date = date.trim().trim_end_matches(" jam").trim_end_matches(" pukul").trim_end_matches(" at");
    instant(day(date.trim(), here.date())?, hour(time)?)
}

/// An hour of the day, such as `8:00` or `08.00`.
fn hour(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once([':', '.'])?;
    let is_number = |part: &str, long: bool| part.bytes().all(|b| b.is_ascii_digit()) && (part.len() == 2 || !long);
    if hour.is_empty() || !is_number(hour, false) || !is_number(minute, true) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

fn day(text: &str, today: Date) -> Option<Date> {
    let days = |days: Span| today.checked_add(days).ok();
    match text {
        "today" | "hari ini" => Some(today),
        "tomorrow" | "besok" => days(1.days()),
        "lusa" | "day after tomorrow" => days(2.days()),
        _ => weekday(text).map_or_else(|| text.parse().ok(), |weekday| today.nth_weekday(1, weekday).ok()),
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "monday" | "mon" | "senin" => Weekday::Monday,
        "tuesday" | "tue" | "selasa" => Weekday::Tuesday,
        "wednesday" | "wed" | "rabu" => Weekday::Wednesday,
        "thursday" | "thu" | "kamis" => Weekday::Thursday,
        "friday" | "fri" | "jumat" | "jum'at" => Weekday::Friday,
        "saturday" | "sat" | "sabtu" => Weekday::Saturday,
        "sunday" | "sun" | "minggu" | "ahad" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them_in_both_languages() {
        let zone = TimeZone::fixed(jiff::tz::offset(7));
        // A Sunday, half past nine in Jakarta.
        let now = Timestamp::parse_rfc3339("2026-11-22T09:30:00+07:00").unwrap();
        let read = |text: &str| match Until::parse(text, now, &zone) {
            Ok(Until::At(at)) => at.rfc3339(),
            Ok(Until::Reply) => "reply".to_owned(),
            Err(error) => error.to_string(),
        };
        for (text, expected) in [
            ("2h", "2026-11-22T04:30:00Z"),
            ("2 jam", "2026-11-22T04:30:00Z"),
            (" 30m ", "2026-11-22T03:00:00Z"),
            ("3hr", "2026-11-25T02:30:00Z"),
            ("tomorrow", "2026-11-23T01:00:00Z"),
            ("besok 08:00", "2026-11-23T01:00:00Z"),
            ("Besok jam 13.15", "2026-11-23T06:15:00Z"),
            ("lusa", "2026-11-24T01:00:00Z"),
            ("17:00", "2026-11-22T10:00:00Z"),
            ("8:00", "2026-11-23T01:00:00Z"),
            ("senin", "2026-11-23T01:00:00Z"),
            ("minggu", "2026-11-29T01:00:00Z"),
            ("friday 16:00", "2026-11-27T09:00:00Z"),
            ("2026-11-30 08:00", "2026-11-30T01:00:00Z"),
            ("2026-11-30", "2026-11-30T01:00:00Z"),
            ("hari ini 10:00", "2026-11-22T03:00:00Z"),
            ("reply", "reply"),
            ("balasan", "reply"),
            ("today", "a time that has passed"),
            ("2020-01-01 08:00", "a time that has passed"),
            ("", "not a time"),
            ("nanti", "not a time"),
            ("0h", "not a time"),
            ("99999999999d", "not a time"),
            ("besok 25:00", "not a time"),
            ("2026-13-01", "not a time"),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }
}
