//! `loket backup`: a copy of the whole store. `loket export` and `loket import`: every message as JSON Lines, and back.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde_json::json;

use super::progress::Progress;
use super::{Context, Exit, print};
use crate::domain::StoreError;
use crate::engine::backup::{Line, LineCounts};
use crate::text::Clean;

/// `loket backup`. Nothing is asked of a running engine: it goes on beside the copy.
pub(super) fn backup(context: &Context, file: &Path) -> Result<(), Exit> {
    if file.symlink_metadata().is_ok() {
        return Err(Exit::wrong(format!("{}: it exists already; name a file that does not", file.display())));
    }
    let summary = context.client()?.backup(file)?;
    let name = std::path::absolute(file).unwrap_or_else(|_| file.to_owned()).display().to_string();
    if context.common.json {
        return print::json(&json!({
            "file": name,
            "messages": summary.messages,
            "conversations": summary.conversations,
            "files": summary.files,
            "bytes": summary.bytes,
        }));
    }
    let megabytes = summary.bytes.div_ceil(1_000_000);
    print::sentence(&format!(
        "{}: {} messages of {} conversations, {megabytes} MB, checked",
        Clean::line(&name).as_str(),
        summary.messages,
        summary.conversations
    ))
}

/// `loket export`. The file is printed page by page.
pub(super) fn export(context: &Context, with_media: bool) -> Result<(), Exit> {
    let client = context.client()?;
    let mut export = client.export();
    loop {
        let page = export.page()?;
        if page.is_empty() {
            return Ok(());
        }
        for mut line in page {
            if with_media {
                export.add_file(&mut line);
            }
            print::json(&line.to_json())?;
        }
    }
}

/// `loket import`. The whole file is read before anything is written, so that a bad line leaves nothing half done.
pub(super) fn import(context: &Context, file: &Path) -> Result<(), Exit> {
    let mut counts = LineCounts::default();
    let mut total = 0_usize;
    each_line(file, |line| {
        counts.count(&line);
        total += 1;
        Ok(())
    })?;
    let client = context.client()?;
    let mut import = client.import(counts);
    let mut progress = Progress::new();
    let mut shown = 0;
    each_line(file, |line| {
        import.add(line)?;
        let done = import.done().added + import.done().known;
        if done > shown {
            shown = done;
            progress.update_rarely(&format!("{done} of {total} messages"));
        }
        Ok(())
    })?;
    let restored = import.finish()?;
    client.store_window_rules()?;
    progress.end();
    if context.common.json {
        return print::json(&json!({"added": restored.added, "known": restored.known}));
    }
    print::sentence(&format!("{} messages were added, {} were there already", restored.added, restored.known))
}

fn each_line(file: &Path, mut handle: impl FnMut(Line) -> Result<(), StoreError>) -> Result<(), Exit> {
    let wrong = |reason: String| Exit::wrong(format!("{}: {reason}", file.display()));
    let opened = File::open(file).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    for (number, text) in (1_u64..).zip(BufReader::new(opened).lines()) {
        let text = text.map_err(|error| wrong(format!("line {number} cannot be read: {error}")))?;
        if text.trim().is_empty() {
            continue;
        }
        let line = Line::parse(text.trim_start_matches('\u{feff}'))
            .map_err(|error| wrong(format!("line {number}: {error}; it must be a line of `loket export`")))?;
        handle(line)?;
    }
    Ok(())
}
