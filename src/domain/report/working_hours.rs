//! When a shop is open, as the configuration has it: `mon-fri 08:00-17:00`.

use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use crate::domain::Timestamp;

/// Longer spans are not counted in working hours, which takes a step a day.
const MOST_DAYS: usize = 5 * 366;

/// The hours in which work is done, by weekday. At least one span, none of them empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkingHours(Vec<(Vec<Weekday>, Time, Option<Time>)>);

impl WorkingHours {
    /// Parses lines such as `mon-fri 08:00-17:00`, `sabtu 09:00-13:00`, `08:00-17:00`; `24:00` is the end of a day.
    /// The error is the line that is not one.
    pub(crate) fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        let spans = lines.into_iter().map(|line| span(line).ok_or(line)).collect::<Result<Vec<_>, _>>()?;
        if spans.is_empty() { Err("") } else { Ok(WorkingHours(spans)) }
    }

    /// How much of a span lies within the hours, where they are those of a time zone.
    pub(crate) fn between(&self, from: Timestamp, to: Timestamp, zone: &TimeZone) -> Duration {
        let instant = |at: Timestamp| jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let (first, last) = (zone.to_datetime(instant(from)).date(), zone.to_datetime(instant(to)).date());
        let days = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last).take(MOST_DAYS);
        let open = days.flat_map(|day| self.on(day, zone));
        open.map(|(begin, end)| end.min(to).since(begin.max(from))).sum()
    }

    /// The spans of a day. They may overlap only if the lines did.
    fn on(&self, day: Date, zone: &TimeZone) -> Vec<(Timestamp, Timestamp)> {
        let at = |day: Date, time: Time| {
            let zoned = day.to_datetime(time).to_zoned(zone.clone()).ok()?;
            Some(Timestamp(zoned.timestamp().as_millisecond()))
        };
        let mut spans: Vec<(Timestamp, Timestamp)> = self
            .0
            .iter()
            .filter(|(weekdays, ..)| weekdays.contains(&day.weekday()))
            .filter_map(|(_, begin, end)| {
                let end = end.map_or_else(|| at(day.tomorrow().ok()?, Time::midnight()), |end| at(day, end))?;
                Some((at(day, *begin)?, end))
            })
            .collect();
        spans.sort_unstable();
        // Hours that two lines name count once.
        let mut until = Timestamp(i64::MIN);
        for span in &mut spans {
            span.0 = span.0.max(until).min(span.1);
            until = until.max(span.1);
        }
        spans
    }
}

fn span(line: &str) -> Option<(Vec<Weekday>, Time, Option<Time>)> {
    // Without days: on every one.
    let (days, hours) = line.trim().rsplit_once(char::is_whitespace).unwrap_or(("mon-sun", line.trim()));
    let (first, last) = days.trim().split_once('-').unwrap_or((days, days));
    let (first, last) = (weekday(first)?, weekday(last)?);
    let (begin, end) = hours.split_once('-')?;
    let begin = clock(begin)?;
    let end = if end.trim() == "24:00" { None } else { Some(clock(end)?) };
    let count = usize::try_from(last.since(first)).ok()? + 1;
    let weekdays = first.cycle_forward().take(count).collect();
    end.is_none_or(|end| begin < end).then_some((weekdays, begin, end))
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once([':', '.'])?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// A weekday by the beginning of its English or Indonesian name, at least three letters.
fn weekday(text: &str) -> Option<Weekday> {
    const NAMES: &[(Weekday, &[&str])] = &[
        (Weekday::Monday, &["monday", "senin"]),
        (Weekday::Tuesday, &["tuesday", "selasa"]),
        (Weekday::Wednesday, &["wednesday", "rabu"]),
        (Weekday::Thursday, &["thursday", "kamis"]),
        (Weekday::Friday, &["friday", "jumat"]),
        (Weekday::Saturday, &["saturday", "sabtu"]),
        (Weekday::Sunday, &["sunday", "minggu", "ahad"]),
    ];
    let text = text.trim().to_lowercase();
    let is_named = |names: &&[&str]| text.len() >= 3 && names.iter().any(|name| name.starts_with(&text));
    NAMES.iter().find(|(_, names)| is_named(names)).map(|(weekday, _)| *weekday)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(lines: &[&str]) -> WorkingHours {
        WorkingHours::parse(lines.iter().copied()).unwrap()
    }

    fn minutes(hours: &WorkingHours, from: &str, to: &str) -> u64 {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        let at = |text: &str| Timestamp::parse_rfc3339(&format!("2026-11-{text}:00+07:00")).unwrap();
        hours.between(at(from), at(to), &zone).as_secs() / 60
    }

    #[test]
    fn only_the_hours_of_work_count() {
        let week = hours(&["mon-fri 08:00-17:00", "sab 09.00-12.00"]);
        // 2026-11-20 is a Friday.
        assert_eq!(minutes(&week, "20T10:00", "20T10:30"), 30);
        assert_eq!(minutes(&week, "20T16:30", "20T23:00"), 30);
        assert_eq!(minutes(&week, "20T16:30", "23T08:15"), 30 + 180 + 15);
        assert_eq!(minutes(&week, "22T01:00", "22T23:00"), 0);
        assert_eq!(minutes(&hours(&["sun-mon 00:00-24:00"]), "22T01:00", "24T09:00"), 47 * 60);
        assert_eq!(minutes(&hours(&["08:00-17:00"]), "22T01:00", "23T09:00"), 10 * 60);
        assert_eq!(minutes(&hours(&["fri 08:00-12:00", "fri 10:00-13:00"]), "20T00:00", "20T23:00"), 300);
    }

    #[test]
    fn what_is_no_line_of_hours_is_named() {
        for wrong in ["", "mon", "mo 08:00-17:00", "mon 17:00-08:00", "mon 8-17", "mon 08:00-25:00", "xyz 08:00-17:00"]
        {
            assert_eq!(WorkingHours::parse([wrong]), Err(wrong), "{wrong}");
        }
        assert_eq!(WorkingHours::parse([]), Err(""));
    }
}
