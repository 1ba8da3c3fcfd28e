//! `[assist]`: programs of a person's own.

use super::TOP_KEYS;
use super::section::Section;
use crate::config::assist::AssistSettings;
use crate::config::error::ConfigError;

pub(super) const ASSIST_KEYS: [&str; 1] = ["transcribe"];

pub(super) fn parse(root: &Section<'_>) -> Result<AssistSettings, ConfigError> {
    let Some(section) = root.section("assist", "written [assist], with its settings under it")? else {
        return Ok(AssistSettings::default());
    };
    section.allow(&ASSIST_KEYS, &[(&TOP_KEYS, "above [assist], at the top of the file")])?;
    Ok(AssistSettings { transcribe: section.texts("transcribe")? })
}
