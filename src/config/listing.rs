//! The settings that a person reads and changes on the screen.

use std::collections::BTreeSet;
use std::time::Duration;

use toml_edit::TableLike;

use super::rules::Hours;
use super::settings::Settings;

/// A setting as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its key in the file, with its table: `notify.how`.
    pub key: &'static str,
    pub kind: SettingKind,
    /// As it would be written in the file, without quotes; empty for none.
    pub value: String,
    /// It stands in the file; otherwise the value is the default.
    pub written: bool,
    /// A change takes effect when the program is started again.
    pub at_next_start: bool,
}

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// Either `true` or `false`, without quotes.
    Switch,
    Choice(&'static [&'static str]),
    /// The name of a theme, of which only the screen knows all.
    Theme,
    Text,
    Number,
}

const LOCALES: &[&str] = &["en", "id"];
const KEY_SETS: &[&str] = &["default", "vim", "emacs"];
const MAPS: &[&str] = &["openstreetmap", "google"];
const PIXELS: &[&str] = &["auto", "off", "kitty", "iterm2", "sixel"];
const WAYS: &[&str] = &["auto", "bell", "osc9", "osc777", "off"];

impl Settings {
    /// Every setting that is changed on the screen, in the order in which they are shown.
    pub fn listed(&self) -> Vec<Setting> {
        let screen = &self.screen;
        let (url, quiet) = (self.listener.public_url.clone(), screen.notify.quiet.map(hours_text));
        let all = [
            ("locale", SettingKind::Choice(LOCALES), self.locale.as_str().to_owned()),
            ("country", SettingKind::Text, self.country.code.to_owned()),
            ("agent", SettingKind::Text, self.agent.clone()),
            ("agent_prefix", SettingKind::Switch, self.agent_prefix.to_string()),
            ("keys", SettingKind::Choice(KEY_SETS), screen.keys.as_str().to_owned()),
            ("theme", SettingKind::Theme, screen.theme.clone()),
            ("mouse", SettingKind::Switch, screen.mouse.to_string()),
            ("map", SettingKind::Choice(MAPS), screen.map.as_str().to_owned()),
            ("notify.how", SettingKind::Choice(WAYS), screen.notify.how.as_str().to_owned()),
            ("notify.text", SettingKind::Switch, screen.notify.text.to_string()),
            ("notify.quiet", SettingKind::Text, quiet.unwrap_or_default()),
            ("engine.stay", SettingKind::Switch, self.engine.stay.to_string()),
            ("media.fetch", SettingKind::Switch, self.media.fetch.to_string()),
            ("media.max_mb", SettingKind::Number, self.media.max_mb.to_string()),
            ("media.timeout", SettingKind::Text, seconds_text(self.media.timeout)),
            ("media.pixels", SettingKind::Choice(PIXELS), screen.pixels.as_str().to_owned()),
            ("privacy.keep_days", SettingKind::Number, self.privacy.keep_days.unwrap_or(0).to_string()),
            ("listener.bind", SettingKind::Text, self.listener.bind.to_string()),
            ("listener.public_url", SettingKind::Text, url.unwrap_or_default()),
        ];
        let listed = |(key, kind, value): (&'static str, SettingKind, String)| Setting {
            key,
            kind,
            value,
            written: self.written.contains(key),
            at_next_start: key == "listener.bind",
        };
        all.into_iter().map(listed).collect()
    }
}

/// The keys that stand in a file, those of tables with the table's name.
pub(super) fn written_keys(table: &dyn TableLike) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for (key, item) in table.iter() {
        match item.as_table_like() {
            Some(inner) => keys.extend(inner.iter().map(|(inner, _)| format!("{key}.{inner}"))),
            None => drop(keys.insert(key.to_owned())),
        }
    }
    keys
}

/// A span in whole minutes where it is one, else in seconds.
fn seconds_text(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds > 0 && seconds.is_multiple_of(60) { format!("{}m", seconds / 60) } else { format!("{seconds}s") }
}

fn hours_text(hours: Hours) -> String {
    format!("{}-{}", hours.from.strftime("%H:%M"), hours.to.strftime("%H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{KeySet, Locale, MapService, NotifyHow, PixelSetting};

    #[test]
    fn the_choices_are_those_that_the_file_takes() {
        assert_eq!(LOCALES, Locale::ALL.map(Locale::as_str));
        assert_eq!(KEY_SETS, KeySet::ALL.map(KeySet::as_str));
        assert_eq!(MAPS, MapService::ALL.map(MapService::as_str));
        assert_eq!(PIXELS, PixelSetting::ALL.map(PixelSetting::as_str));
        assert_eq!(WAYS, NotifyHow::ALL.map(NotifyHow::as_str));
    }
}
