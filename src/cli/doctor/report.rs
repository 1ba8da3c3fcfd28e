//! The lines of a check-up.

use serde::Serialize;

use crate::cli::{Exit, print};
use crate::text::Clean;

/// How a check came out.
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

/// A check-up under way; each line is printed as it comes.
pub(super) struct Report {
    json: bool,
    failed: usize,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        Report { json, failed: 0 }
    }

    /// Whether the lines are for programs.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// All is well.
    pub(super) fn ok(&mut self, check: &str, detail: &str) -> Result<(), Exit> {
        self.line(Status::Ok, check, detail, "")
    }

    /// It works, but somebody should know.
    pub(super) fn warn(&mut self, check: &str, detail: &str, remedy: &str) -> Result<(), Exit> {
        self.line(Status::Warn, check, detail, remedy)
    }

    /// It does not work.
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
        print::line(&format!("{word}  {}: {}", Clean::line(check).as_str(), Clean::line(detail).as_str()))?;
        if remedy.is_empty() { Ok(()) } else { print::line(&format!("      -> {remedy}")) }
    }

    /// 1 when something failed.
    pub(super) fn end(self) -> Result<(), Exit> {
        match self.failed {
            0 => Ok(()),
            1 => Err(Exit::failed("one check failed")),
            n => Err(Exit::failed(format!("{n} checks failed"))),
        }
    }
}
