//! `loket report`: how long customers wait and conversations take.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::args::Report as Arguments;
use super::{Context, Exit, print};
use crate::domain::{ReportBy, ReportRange, ReportRow, Spans};
use crate::engine::contacts::csv;
use crate::text::{self, Clean};
use crate::tui::i18n::sections::ReportStrings;
use crate::tui::i18n::{Locale, fill, time};

/// The first line of CSV.
const COLUMNS: [&str; 11] = [
    "by",
    "key",
    "conversations",
    "in",
    "out",
    "first_reply_median",
    "first_reply_p90",
    "waiting_median",
    "waiting_p90",
    "resolution_median",
    "resolution_p90",
];
/// The widest a key may be in a table, in cells.
const KEY: usize = 30;

pub(super) fn run(context: &Context, arguments: &Arguments) -> Result<(), Exit> {
    if let (Some(from), Some(to)) = (arguments.from, arguments.to)
        && from > to
    {
        let sentence = &context.locale().strings().report.reversed;
        return Err(Exit::wrong(fill(sentence, &[("from", &from.to_string()), ("to", &to.to_string())])));
    }
    let by = ReportBy::from(arguments.by);
    let (from, to) = (arguments.from, arguments.to);
    let range = ReportRange { from, to, zone: TimeZone::system(), hours: context.settings.team.hours.clone() };
    let rows = context.client()?.report(by, range)?;
    if arguments.csv {
        print_csv(by, &rows)
    } else if context.common.json {
        rows.iter().try_for_each(print::json)
    } else {
        table(context.locale(), by, (from, to), &rows).iter().try_for_each(|line| print::line(line))
    }
}

fn print_csv(by: ReportBy, rows: &[ReportRow]) -> Result<(), Exit> {
    print::drawing(&csv::record(COLUMNS.iter().map(|name| (*name).to_owned())))?;
    rows.iter().try_for_each(|row| {
        let key = row.key.as_deref().map(csv::guarded).unwrap_or_default();
        let mut cells = vec![by.as_str().to_owned(), key];
        let counts = [u64::try_from(row.conversations).unwrap_or(u64::MAX), row.incoming, row.outgoing];
        cells.extend(counts.map(|count| count.to_string()));
        let spans = [row.first_reply, row.waiting, row.resolution].map(|spans| [spans.median, spans.p90]);
        cells.extend(spans.iter().flatten().map(|span| span.map_or_else(String::new, |span| span.to_string())));
        print::line(&csv::record(cells.into_iter()))
    })
}

/// The rows as people read them, below the names of the columns.
fn table(locale: Locale, by: ReportBy, days: (Option<Date>, Option<Date>), rows: &[ReportRow]) -> Vec<String> {
    let strings = &locale.strings().report;
    if rows.is_empty() {
        return vec![strings.empty.clone()];
    }
    let mut cells = vec![vec![
        column(strings, by).to_owned(),
        strings.conversations.clone(),
        strings.incoming.clone(),
        strings.outgoing.clone(),
        strings.first_reply.clone(),
        strings.waiting.clone(),
        strings.resolution.clone(),
    ]];
    cells.extend(rows.iter().map(|row| {
        let key = row.key.as_deref().map(|key| Clean::line(key).into_string()).filter(|key| !key.is_empty());
        let key = key.unwrap_or_else(|| if row.key.is_some() { strings.phone.clone() } else { strings.nobody.clone() });
        vec![
            text::truncate(&key, KEY).into_owned(),
            row.conversations.to_string(),
            row.incoming.to_string(),
            row.outgoing.to_string(),
            spans(locale, row.first_reply),
            spans(locale, row.waiting),
            spans(locale, row.resolution),
        ]
    }));
    let width = |column: usize| {
        cells.iter().filter_map(|row| row.get(column)).map(|cell| text::cells(cell)).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..7).map(width).collect();
    let mut lines = vec![title(strings, days)];
    lines.extend(cells.iter().map(|row| {
        let padded = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            let gap = " ".repeat(width - text::cells(cell));
            if column == 0 { format!("{cell}{gap}") } else { format!("{gap}{cell}") }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }));
    lines
}

/// The days that are counted, and what stands in the columns of times.
fn title(strings: &ReportStrings, days: (Option<Date>, Option<Date>)) -> String {
    let day = |day: Date| day.to_string();
    let range = match days {
        (None, None) => strings.all.clone(),
        (Some(from), None) => fill(&strings.since, &[("from", &day(from))]),
        (None, Some(to)) => fill(&strings.until, &[("to", &day(to))]),
        (Some(from), Some(to)) => fill(&strings.range, &[("from", &day(from)), ("to", &day(to))]),
    };
    format!("{range} {}", strings.legend)
}

fn column(strings: &ReportStrings, by: ReportBy) -> &str {
    match by {
        ReportBy::Agent => &strings.agent,
        ReportBy::Account => &strings.account,
        ReportBy::Day => &strings.day,
        ReportBy::Conversation => &strings.conversation,
        ReportBy::Hour => &strings.hour,
        ReportBy::Label => &strings.label,
    }
}

fn spans(locale: Locale, spans: Spans) -> String {
    let span = |seconds: u64| time::span_rough(locale.strings(), Duration::from_secs(seconds));
    match (spans.median, spans.p90) {
        (Some(median), Some(p90)) => format!("{} / {}", span(median), span(p90)),
        _ => "-".to_owned(),
    }
}
