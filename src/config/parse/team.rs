//! Parses `[team]`: when work is done.

use super::TOP_KEYS;
use super::section::Section;
use crate::config::error::ConfigError;
use crate::config::settings::TeamSettings;
use crate::domain::WorkingHours;

pub(super) const TEAM_KEYS: [&str; 1] = ["hours"];

pub(super) fn parse(root: &Section<'_>) -> Result<TeamSettings, ConfigError> {
    let Some(section) = root.section("team", "written [team], with its settings under it")? else {
        return Ok(TeamSettings::default());
    };
    section.allow(&TEAM_KEYS, &[(&TOP_KEYS, "above [team], at the top of the file")])?;
    // One line may stand without brackets.
    let lines = match section.item("hours").and_then(|item| item.as_str()) {
        Some(line) => Some(vec![line.to_owned()]),
        None => section.texts("hours")?,
    };
    let Some(lines) = lines else { return Ok(TeamSettings::default()) };
    let hours = WorkingHours::parse(lines.iter().map(String::as_str)).map_err(|line| {
        section.error("hours", format!("must hold lines such as \"mon-fri 08:00-17:00\", not {line:?}"))
    })?;
    Ok(TeamSettings { hours: Some(hours) })
}
