//! Parses the settings of the screen: `keys`, `theme`, `mouse`, `map` and `[notify]`.

use super::TOP_KEYS;
use super::section::Section;
use crate::config::error::ConfigError;
use crate::config::screen::{KeySet, MapService, NotifyHow, NotifySettings, PixelSetting, ScreenSettings};

pub(super) const NOTIFY_KEYS: [&str; 3] = ["how", "text", "quiet"];

/// Parses the keys of the screen; whether a theme of that name exists is not known here.
pub(super) fn parse(root: &Section<'_>) -> Result<ScreenSettings, ConfigError> {
    let default = ScreenSettings::default();
    Ok(ScreenSettings {
        keys: root.word("keys", &KeySet::ALL.map(|set| (set.as_str(), set)))?.unwrap_or_default(),
        theme: root.text("theme")?.map_or(default.theme, |name| name.trim().to_owned()),
        mouse: root.switch("mouse")?,
        map: root.word("map", &MapService::ALL.map(|map| (map.as_str(), map)))?.unwrap_or_default(),
        pixels: parse_pixels(root)?,
        notify: parse_notify(root)?,
    })
}

/// The one setting of `[media]` that is the screen's.
fn parse_pixels(root: &Section<'_>) -> Result<PixelSetting, ConfigError> {
    let Some(section) = root.section("media", "written [media], with its settings under it")? else {
        return Ok(PixelSetting::default());
    };
    Ok(section.word("pixels", &PixelSetting::ALL.map(|way| (way.as_str(), way)))?.unwrap_or_default())
}

fn parse_notify(root: &Section<'_>) -> Result<NotifySettings, ConfigError> {
    let Some(section) = root.section("notify", "written [notify], with its settings under it")? else {
        return Ok(NotifySettings::default());
    };
    section.allow(&NOTIFY_KEYS, &[(&TOP_KEYS, "above [notify], at the top of the file")])?;
    Ok(NotifySettings {
        how: section.word("how", &NotifyHow::ALL.map(|how| (how.as_str(), how)))?.unwrap_or_default(),
        text: section.switch("text")?,
        quiet: section.hours("quiet")?,
    })
}
