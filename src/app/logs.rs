//! The log: on standard error without a screen, in a file beside the store with one. Never on standard output.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::cli::args::LogFormat;
use crate::files::{self, Access};
use crate::text::{Clean, escape_json};

/// A log of more bytes is renamed to `loket.log.1`, and that to `loket.log.2`.
const LOG_MAX: u64 = 4 * 1024 * 1024;
/// How many bytes are written before the file's size is looked at again: other processes write into it too.
const CHECK_EVERY: u64 = 64 * 1024;

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
    let Ok(file) = RotatedFile::open(data_dir.join("loket.log"), LOG_MAX) else { return };
    let layer = fmt::layer().with_writer(Mutex::new(Lines(file))).with_ansi(false);
    drop(tracing_subscriber::registry().with(LevelFilter::INFO).with(layer).try_init());
}

/// The log file as the standard error of a process of its own. One that has grown too long is renamed first.
pub(super) fn file(data_dir: &Path) -> io::Result<File> {
    RotatedFile::open(data_dir.join("loket.log"), LOG_MAX).map(|log| log.file)
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

/// A log file that begins anew when it is too long; the two before it are kept.
struct RotatedFile {
    path: PathBuf,
    max: u64,
    file: File,
    /// Bytes since its size was looked at.
    written: u64,
}

impl RotatedFile {
    fn open(path: PathBuf, max: u64) -> io::Result<Self> {
        let file = files::open(&path, Access::Append)?;
        let mut log = RotatedFile { path, max, file, written: 0 };
        log.rotate()?;
        Ok(log)
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.written = 0;
        if self.file.metadata()?.len() <= self.max {
            return Ok(());
        }
        // Another process may have renamed the file already, and goes on in a new one.
        if self.path.metadata().is_ok_and(|found| found.len() > self.max) {
            let old = |n: u8| self.path.with_extension(format!("log.{n}"));
            // There may be none yet.
            drop(std::fs::rename(old(1), old(2)));
            std::fs::rename(&self.path, old(1))?;
        }
        self.file = files::open(&self.path, Access::Append)?;
        Ok(())
    }
}

impl Write for RotatedFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.file.write_all(line)?;
        self.written += line.len() as u64;
        if self.written >= CHECK_EVERY.min(self.max) {
            self.rotate()?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_begins_anew_and_two_old_ones_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("loket.log");
        let (mut log, mut other) =
            (RotatedFile::open(path.clone(), 100).unwrap(), RotatedFile::open(path, 100).unwrap());
        for n in 0..200 {
            writeln!(log, "baris {n}").unwrap();
            writeln!(other, "lain {n}").unwrap();
        }
        let size = |name: &str| std::fs::metadata(dir.path().join(name)).unwrap().len();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3);
        for name in ["loket.log", "loket.log.1", "loket.log.2"] {
            assert!(size(name) < 400, "{name} has {} bytes", size(name));
        }
        let newest = ["loket.log.2", "loket.log.1", "loket.log"]
            .map(|name| std::fs::read_to_string(dir.path().join(name)).unwrap());
        assert!(newest.concat().contains("baris 199\n") && newest.concat().contains("lain 199\n"), "{newest:?}");
    }
}
