//! Points in time and spans as people read them: clock times, days, waiting times.
//!
//! Invariant: nothing here reads the clock or the time zone; both come as arguments.

use std::time::Duration;

use super::{Strings, fill};
use crate::domain::Timestamp;
use crate::text::Ago;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A calendar day where the reader is.
pub(crate) type Day = Date;

fn zoned(at: Timestamp, zone: &TimeZone) -> jiff::Zoned {
    jiff::Timestamp::from_millisecond(at.millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(zone.clone())
}

/// The day on which a point in time falls.
pub(crate) fn day_of(at: Timestamp, zone: &TimeZone) -> Day {
    zoned(at, zone).date()
}

/// A clock time, `09:41`.
pub(crate) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    let time = zoned(at, zone).time();
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// A clock time to the second, `09:41:07`.
pub(crate) fn clock_seconds(at: Timestamp, zone: &TimeZone) -> String {
    let time = zoned(at, zone);
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// A day as a separator shows it: today, yesterday, tomorrow, a weekday with date, the year when it is another one.
pub(crate) fn day_words(strings: &Strings, day: Day, today: Day) -> String {
    if day == today {
        return strings.thread.today.clone();
    }
    if day.tomorrow().is_ok_and(|next| next == today) {
        return strings.thread.yesterday.clone();
    }
    if today.tomorrow().is_ok_and(|next| next == day) {
        return strings.thread.tomorrow.clone();
    }
    let weekday = name(&strings.time.weekdays, i32::from(day.weekday().to_monday_zero_offset()));
    let date = date_words(strings, day, today);
    format!("{weekday}, {date}")
}

/// A day, with the year when it is another one.
pub(crate) fn date_words(strings: &Strings, day: Day, today: Day) -> String {
    let month = name(&strings.time.months, i32::from(day.month()) - 1);
    if day.year() == today.year() {
        format!("{} {month}", day.day())
    } else {
        format!("{} {month} {}", day.day(), day.year())
    }
}

fn name(names: &[String], index: i32) -> &str {
    usize::try_from(index).ok().and_then(|i| names.get(i)).map_or("", String::as_str)
}

/// A list row's time: the clock today, yesterday by its word, else the date; never longer than ten cells or so.
pub(crate) fn stamp(strings: &Strings, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (day, today) = (day_of(at, zone), day_of(now, zone));
    if day == today {
        clock(at, zone)
    } else if day.tomorrow().is_ok_and(|next| next == today) {
        strings.thread.yesterday.clone()
    } else if day.year() == today.year() {
        date_words(strings, day, today)
    } else {
        format!("{:02}/{:02}/{:02}", day.day(), day.month(), day.year().rem_euclid(100))
    }
}

/// A point in time with its day, for sentences.
pub(crate) fn moment(strings: &Strings, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (day, today) = (day_of(at, zone), day_of(now, zone));
    if day == today { clock(at, zone) } else { format!("{} {}", date_words(strings, day, today), clock(at, zone)) }
}

/// When something will be, as short as it can be understood: the clock today, tomorrow by its word, else the date.
pub(crate) fn upcoming(strings: &Strings, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    upcoming_on(strings, at, day_of(now, zone), zone)
}

/// When something will be, as [`upcoming`] says it on a day.
pub(crate) fn upcoming_on(strings: &Strings, at: Timestamp, today: Day, zone: &TimeZone) -> String {
    let day = day_of(at, zone);
    if day == today {
        clock(at, zone)
    } else if today.tomorrow().is_ok_and(|next| next == day) {
        format!("{} {}", strings.thread.tomorrow.to_lowercase(), clock(at, zone))
    } else {
        format!("{} {}", date_words(strings, day, today), clock(at, zone))
    }
}

/// When something will be, with its day also where that is today.
pub(crate) fn upcoming_day(strings: &Strings, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (day, today) = (day_of(at, zone), day_of(now, zone));
    format!("{} {} {}", day_words(strings, day, today), strings.time.at, clock(at, zone))
}

/// How long something has lasted, in one unit: `3m`, `2h`, `5d`.
pub(crate) fn compact_span(strings: &Strings, span: Duration) -> String {
    let (form, n) = match Ago::of(span) {
        Ago::Now => return strings.time.now.clone(),
        Ago::Minutes(n) => (&strings.time.minutes, n),
        Ago::Hours(n) => (&strings.time.hours, n),
        Ago::Days(n) => (&strings.time.days, n),
    };
    fill(form, &[("n", &n.to_string())])
}

/// How long something took: seconds below two minutes, hours and minutes below two days, then days.
pub(crate) fn span_rough(strings: &Strings, span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..120 => format!("{seconds}s"),
        120..172_800 => span_until(strings, span),
        _ => fill(&strings.time.days, &[("n", &(seconds / 86_400).to_string())]),
    }
}

/// How long something still lasts, in hours and minutes: `3h 12m`.
pub(crate) fn span_until(strings: &Strings, span: Duration) -> String {
    let minutes = span.as_secs().div_ceil(60);
    if minutes < 60 {
        fill(&strings.time.minutes, &[("n", &minutes.to_string())])
    } else {
        let (h, m) = ((minutes / 60).to_string(), (minutes % 60).to_string());
        fill(&strings.time.hours_minutes, &[("h", &h), ("m", &m)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Locale;

    #[test]
    fn days_and_spans_read_well_in_both_languages() {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        let now = Timestamp::parse_rfc3339("2026-08-22T03:00:00Z").unwrap();
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        let id = Locale::Id.strings();
        assert_eq!(clock(now, &zone), "10:00");
        let label = |t: &str| day_words(id, day_of(at(t), &zone), day_of(now, &zone));
        assert_eq!(label("2026-08-21T18:00:00Z"), "Hari ini");
        assert_eq!(label("2026-08-21T16:00:00Z"), "Kemarin");
        assert_eq!(label("2026-08-19T10:00:00Z"), "Rab, 19 Agu");
        assert_eq!(label("2025-12-31T10:00:00Z"), "Rab, 31 Des 2025");
        assert_eq!(stamp(id, at("2026-08-19T10:00:00Z"), now, &zone), "19 Agu");
        assert_eq!(label("2026-08-23T01:00:00Z"), "Besok");
        let soon = |t: &str| [upcoming, upcoming_day].map(|words| words(id, at(t), now, &zone));
        assert_eq!(soon("2026-08-22T04:30:00Z"), ["11:30", "Hari ini pukul 11:30"]);
        assert_eq!(soon("2026-08-23T01:00:00Z"), ["besok 08:00", "Besok pukul 08:00"]);
        assert_eq!(soon("2026-08-24T01:00:00Z"), ["24 Agu 08:00", "Sen, 24 Agu pukul 08:00"]);
        assert_eq!(stamp(id, at("2025-08-19T10:00:00Z"), now, &zone), "19/08/25");
        let span = |s| compact_span(id, Duration::from_secs(s));
        assert_eq!([span(59), span(60), span(7_200), span(200_000)], ["<1m", "1m", "2j", "2hr"]);
        assert_eq!(span_until(Locale::En.strings(), Duration::from_secs(3 * 3600 + 61)), "3h 2m");
        assert_eq!(span_until(Locale::En.strings(), Duration::from_secs(1)), "1m");
    }
}
