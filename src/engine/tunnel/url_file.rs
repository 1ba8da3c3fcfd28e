//! The newest URL of a data directory's tunnel, for other processes and for the next start.
use crate::files;
use std::path::{Path, PathBuf};

/// The newest URL of the tunnel of a data directory's engine.
pub(crate) fn last_url(data_dir: &Path) -> Option<String> {
    let url = std::fs::read_to_string(url_file(data_dir)).ok()?;
    (!url.trim().is_empty()).then(|| url.trim().to_owned())
}

/// Stores the newest URL, so that a change over a restart is noticed too.
pub(crate) fn store_url(data_dir: &Path, url: &str) -> std::io::Result<()> {
    files::replace(&url_file(data_dir), url.as_bytes())
}

fn url_file(data_dir: &Path) -> PathBuf {
    data_dir.join("tunnel.url")
}
