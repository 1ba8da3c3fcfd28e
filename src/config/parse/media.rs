//! `[media]`: how customers' files are fetched.

use std::time::Duration;

use super::TOP_KEYS;
use super::section::Section;
use crate::config::error::ConfigError;
use crate::config::media::{HostPort, InvalidHostPort, MediaSettings};

pub(super) const MEDIA_KEYS: [&str; 6] = ["fetch", "max_mb", "timeout", "allow_private", "audio_player", "pixels"];
/// The largest file that may be permitted, in megabytes.
const MAX_MB: u32 = 1024;

pub(super) fn parse(root: &Section<'_>) -> Result<MediaSettings, ConfigError> {
    let default = MediaSettings::default();
    let Some(section) = root.section("media", "written [media], with its settings under it")? else {
        return Ok(default);
    };
    section.allow(&MEDIA_KEYS, &[(&TOP_KEYS, "above [media], at the top of the file")])?;
    let allowed: Result<Vec<HostPort>, InvalidHostPort> = match section.item("allow_private") {
        // An empty list is what is in force without it.
        Some(item) if item.as_array().is_none_or(|list| !list.is_empty()) => {
            section.texts("allow_private")?.iter().flatten().map(|text| text.parse()).collect()
        }
        _ => Ok(Vec::new()),
    };
    Ok(MediaSettings {
        fetch: section.item("fetch").is_none() || section.switch("fetch")?,
        max_mb: section.number("max_mb", 1..=MAX_MB)?.unwrap_or(default.max_mb),
        timeout: timeout(&section)?.unwrap_or(default.timeout),
        allow_private: allowed.map_err(|error| section.error("allow_private", error.to_string()))?,
        audio_player: section.texts("audio_player")?,
    })
}

/// A span from a second to an hour, such as `30s` or `2m`.
fn timeout(section: &Section<'_>) -> Result<Option<Duration>, ConfigError> {
    let Some(text) = section.text("timeout")? else { return Ok(None) };
    let seconds = |number: &str, unit: u64| number.trim().parse::<u64>().ok().and_then(|n| n.checked_mul(unit));
    let span = match text.trim().split_at_checked(text.trim().len().saturating_sub(1)) {
        Some((number, "s")) => seconds(number, 1),
        Some((number, "m")) => seconds(number, 60),
        _ => None,
    };
    match span {
        Some(span @ 1..=3600) => Ok(Some(Duration::from_secs(span))),
        _ => Err(section.error("timeout", format!("must be a time such as \"30s\" or \"2m\", not {text:?}"))),
    }
}
