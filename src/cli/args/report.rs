//! The arguments of `loket report`.

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use crate::domain::ReportBy;

/// The arguments of `loket report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The first day that counts, as in 2026-11-01 (default: the day of the first message).
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub from: Option<Date>,
    /// The last day that counts (default: today).
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub to: Option<Date>,
    /// What has a row of its own.
    #[arg(long, value_name = "WHAT", value_enum, default_value = "agent")]
    pub by: By,
    /// Print CSV, for a spreadsheet.
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

/// What has a row of its own in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    Agent,
    Account,
    Day,
    Conversation,
    Hour,
    Label,
}

impl From<By> for ReportBy {
    fn from(by: By) -> Self {
        match by {
            By::Agent => ReportBy::Agent,
            By::Account => ReportBy::Account,
            By::Day => ReportBy::Day,
            By::Conversation => ReportBy::Conversation,
            By::Hour => ReportBy::Hour,
            By::Label => ReportBy::Label,
        }
    }
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "write a day as in 2026-11-30".to_owned())
}
