//! `loket export` and `loket import`: every message as JSON Lines, and back.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde_json::json;

use super::progress::Progress;
use super::{Context, Exit, print};
use crate::engine::transfer::{Census, Export, Intake, Line};
use crate::store::StoreError;

/// `loket export`.
pub(super) fn export(context: &Context) -> Result<(), Exit> {
    let store = context.store()?;
    let mut export = Export::of(&store);
    loop {
        let page = export.page()?;
        if page.is_empty() {
            return Ok(());
        }
        page.iter().try_for_each(|line| print::json(&line.to_json()))?;
    }
}

/// `loket import`. The whole file is read before anything is written, so that a bad line leaves nothing half done.
pub(super) fn import(context: &Context, file: &Path) -> Result<(), Exit> {
    let mut census = Census::default();
    let mut total = 0_usize;
    each_line(file, |line| {
        census.count(&line);
        total += 1;
        Ok(())
    })?;
    let store = context.store()?;
    let mut intake = Intake::into(&store, census);
    let mut progress = Progress::new();
    let mut told = 0;
    each_line(file, |line| {
        intake.take(line)?;
        let done = intake.done().added + intake.done().known;
        if done > told {
            told = done;
            progress.tell_rarely(&format!("{done} of {total} messages"));
        }
        Ok(())
    })?;
    let restored = intake.end()?;
    progress.end();
    if context.common.json {
        return print::json(&json!({"added": restored.added, "known": restored.known}));
    }
    print::line(&format!("{} messages were added, {} were there already", restored.added, restored.known))
}

fn each_line(file: &Path, mut take: impl FnMut(Line) -> Result<(), StoreError>) -> Result<(), Exit> {
    let wrong = |words: String| Exit::wrong(format!("{}: {words}", file.display()));
    let opened = File::open(file).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    for (number, text) in (1_u64..).zip(BufReader::new(opened).lines()) {
        let text = text.map_err(|error| wrong(format!("line {number} cannot be read: {error}")))?;
        if text.trim().is_empty() {
            continue;
        }
        let line = Line::parse(text.trim_start_matches('\u{feff}'))
            .map_err(|error| wrong(format!("line {number}: {error}; it must be a line of `loket export`")))?;
        take(line)?;
    }
    Ok(())
}
