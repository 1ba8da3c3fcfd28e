//! Sections that are checked and not in force: a configuration that is shared with another version can be loaded.

use super::TOP_KEYS;
use super::section::Section;
use crate::config::error::{ConfigError, Warning};

pub(super) const STORE_KEYS: [&str; 2] = ["url", "schema"];
pub(super) const MEDIA_KEYS: [&str; 5] = ["fetch", "max_mb", "timeout", "allow_private", "audio_player"];

/// Checks `[store]` and `[media]`; warns of each that is there.
pub(super) fn check(root: &Section<'_>) -> Result<Vec<Warning>, ConfigError> {
    let mut warnings = Vec::new();
    if let Some(section) = root.section("store", "written [store], with its settings under it")? {
        section.allow(&STORE_KEYS, &[(&TOP_KEYS, "above [store], at the top of the file")])?;
        section.text("schema")?;
        warnings.push(Warning::NotInForce { section: "store" });
    }
    if let Some(section) = root.section("media", "written [media], with its settings under it")? {
        section.allow(&MEDIA_KEYS, &[(&TOP_KEYS, "above [media], at the top of the file")])?;
        section.switch("fetch")?;
        section.number("max_mb", 1..=1024)?;
        section.text("timeout")?;
        section.texts("audio_player")?;
        warnings.push(Warning::NotInForce { section: "media" });
    }
    Ok(warnings)
}
