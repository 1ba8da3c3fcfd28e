//! The lines that `loket doctor` prints.

use crate::cli::translation::translate;
use crate::cli::{Exit, print};
use crate::text::Clean;
use serde::Serialize;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warn,
    Fail,
}

#[derive(Serialize)]
struct Line<'a> {
    check: &'a str,
    status: Status,
    detail: &'a str,
    /// What to do; empty when there is nothing to do.
    r#do: &'a str,
}

/// Prints a line for each check, and counts failures.
pub(super) struct Report {
    json: bool,
    failed: usize,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        Report { json, failed: 0 }
    }

    /// Whether the lines are JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    pub(super) fn ok(&mut self, check: &str, detail: &str) -> Result<(), Exit> {
        self.line(Status::Ok, check, detail, "")
    }

    /// It works, but may not for long, or not as intended.
    pub(super) fn warn(&mut self, check: &str, detail: &str, remedy: &str) -> Result<(), Exit> {
        self.line(Status::Warn, check, detail, remedy)
    }

    pub(super) fn fail(&mut self, check: &str, detail: &str, remedy: &str) -> Result<(), Exit> {
        self.failed += 1;
        self.line(Status::Fail, check, detail, remedy)
    }

    fn line(&self, status: Status, check: &str, detail: &str, remedy: &str) -> Result<(), Exit> {
        if self.json {
            return print::json(&Line { check, status, detail, r#do: remedy });
        }
        let word = match status {
            Status::Ok => "ok  ",
            Status::Warn => "warn",
            Status::Fail => "FAIL",
        };
        let (check, detail) = (translate(check), translate(detail));
        print::line(&format!("{word}  {}: {}", Clean::line(&check).as_str(), Clean::line(&detail).as_str()))?;
        if remedy.is_empty() { Ok(()) } else { print::line(&format!("      -> {}", translate(remedy))) }
    }

    /// Exit status 1 when a check failed.
    pub(super) fn end(self) -> Result<(), Exit> {
        match self.failed {
            0 => Ok(()),
            1 => Err(Exit::failed("one check failed")),
            n => Err(Exit::failed(format!("{n} checks failed"))),
        }
    }
}
