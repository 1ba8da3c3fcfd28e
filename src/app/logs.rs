//! The log: on standard error without a screen, in a file beside the store with one. Never on standard output.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::cli::args::LogFormat;
use crate::files::{self, Access};
use crate::text::{Clean, escape_json};

/// A log of more bytes is renamed when a screen or an engine starts.
const LOG_MAX: u64 = 4 * 1024 * 1024;

/// The engine's log on standard error.
pub(super) fn to_stderr(format: LogFormat) {
    let registry = tracing_subscriber::registry().with(LevelFilter::INFO);
    let layer = fmt::layer().with_ansi(false);
    // Fails only when another part of this process logs already, which is as good.
    drop(match format {
        LogFormat::Text => registry.with(layer.with_writer(|| Lines(io::stderr()))).try_init(),
        LogFormat::Json => registry.with(layer.json().with_writer(|| JsonLines(io::stderr()))).try_init(),
    });
}

/// Only errors on standard error, for commands, which print their own failures.
pub(super) fn errors_only() {
    let writer = || Lines(io::stderr());
    let layer = fmt::layer().without_time().with_target(false).with_ansi(false).with_writer(writer);
    drop(tracing_subscriber::registry().with(LevelFilter::ERROR).with(layer).try_init());
}

/// The log file beside the store, for a process with a screen. Without it Loket works all the same.
pub(super) fn to_file(data_dir: &Path) {
    let Ok(file) = file(data_dir) else { return };
    let layer = fmt::layer().with_writer(Mutex::new(Lines(file))).with_ansi(false);
    drop(tracing_subscriber::registry().with(LevelFilter::INFO).with(layer).try_init());
}

/// The log file, opened to add to it. One that has grown too long is renamed first.
pub(super) fn file(data_dir: &Path) -> io::Result<std::fs::File> {
    let path = data_dir.join("loket.log");
    if path.metadata().is_ok_and(|m| m.len() > LOG_MAX) {
        drop(std::fs::rename(&path, data_dir.join("loket.log.1")));
    }
    files::open(&path, Access::Append)
}

/// Cleans log lines, which may quote a gateway or a program. A log event is one call.
struct Lines<W>(W);

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(Clean::printed(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Escapes in log lines of JSON what could steer a terminal.
struct JsonLines<W>(W);

impl<W: Write> Write for JsonLines<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(escape_json(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
