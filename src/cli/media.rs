//! `loket media`: the file of a message, fetched where it is not here.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::args::Media;
use super::{Context, Exit, print};
use crate::domain::media::FileType;
use crate::domain::{Message, MessageId, StoreError};
use crate::files;

/// How many times the server's time to answer is waited for: a large file takes its time.
const WAIT: u32 = 11;

pub(super) fn run(context: &Context, args: &Media) -> Result<(), Exit> {
    let client = context.client()?;
    let wait = context.settings.media.timeout.saturating_mul(WAIT).max(Duration::from_secs(10));
    let fetched = super::runtime()?.block_on(client.fetch_media(MessageId(args.message), wait));
    let message = fetched.map_err(|error| match error {
        StoreError::NotFound => Exit::wrong(format!("message {}: there is no such message", args.message)),
        error => error.into(),
    })?;
    let Some(media) = &message.media else {
        return Err(Exit::failed(format!("message {}: no file belongs to this message", args.message)));
    };
    let Some(path) = media.file.path.as_deref().filter(|path| path.is_file()) else {
        let reason = media.file.error.as_ref().map_or("it is still being fetched".to_owned(), ToString::to_string);
        return Err(Exit::failed(format!("message {}: {reason}", args.message)));
    };
    if FileType::is_program(media.mime.as_deref().unwrap_or_default()) {
        print::stderr_line("opening this file may run what its sender wrote");
    }
    match &args.output {
        None => show(context, &message, path),
        Some(output) => {
            save(path, output)?;
            show(context, &message, &std::path::absolute(output).unwrap_or_else(|_| output.clone()))
        }
    }
}

/// Copies a file for its owner only. A symbolic link is not followed, and an earlier file is replaced in one step.
fn save(from: &Path, to: &Path) -> Result<(), Exit> {
    let failed = |error: std::io::Error| Exit::failed(format!("{}: {error}", to.display()));
    let bytes = fs::read(from).map_err(failed)?;
    files::replace(to, &bytes).map_err(failed)
}

fn show(context: &Context, message: &Message, path: &Path) -> Result<(), Exit> {
    let name = path.display().to_string();
    if !context.common.json {
        return print::line(&name);
    }
    let mut value = serde_json::to_value(message).unwrap_or_default();
    if let Some(keys) = value.as_object_mut() {
        keys.insert("file".to_owned(), json!(name));
    }
    print::json(&value)
}
