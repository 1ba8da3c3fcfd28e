//! Changes one setting of `config.toml`. Comments, order and line ends of the file stay.

use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, Value};

use super::edit::edit_file;
use super::error::ConfigError;
use super::listing::{Setting, SettingKind};
use super::settings::{AccountSettings, Settings};

/// Writes a setting, or takes it out of the file so that the default is in force. Fails where the value could not be
/// loaded again, with what is wrong with it.
pub fn set_setting(file: &Path, key: &str, value: Option<&str>) -> Result<(), ConfigError> {
    let known = Settings::default().listed();
    let setting = known
        .iter()
        .find(|setting| setting.key == key)
        .ok_or_else(|| ConfigError::new("", format!("{key:?} is not changed here; edit the file")).in_file(file))?;
    let change = |_: &Settings, document: &mut DocumentMut| change(document, setting, value);
    edit_file(file, change, |before, after| if is_same_but_for(key, before, after) { Ok(()) } else { Err(None) })
}

fn change(document: &mut DocumentMut, setting: &Setting, value: Option<&str>) -> Result<(), String> {
    let value = value.map(|value| typed(setting.kind, value)).transpose()?;
    let (table, key) = match setting.key.split_once('.') {
        None => (document.as_table_mut() as &mut dyn toml_edit::TableLike, setting.key),
        Some((name, key)) => {
            if value.is_none() && document.get(name).is_none() {
                return Ok(());
            }
            if document.get(name).is_none() {
                insert_table(document, name);
            }
            let table = document.get_mut(name).and_then(Item::as_table_like_mut);
            (table.ok_or_else(|| format!("[{name}] is no table; edit it by hand"))?, key)
        }
    };
    match (value, table.get_mut(key).and_then(Item::as_value_mut)) {
        (None, _) => drop(table.remove(key)),
        (Some(new), Some(old)) => {
            // Space and comment around the value stay.
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        (Some(new), None) => drop(table.insert(key, Item::Value(new))),
    }
    Ok(())
}

/// Adds a table at the end of the file, after an empty line.
fn insert_table(document: &mut DocumentMut, name: &str) {
    let mut table = Table::new();
    let is_first = document.as_table().is_empty();
    table.decor_mut().set_prefix(if is_first { "" } else { "\n" });
    table.set_position(Some(isize::MAX));
    document.insert(name, Item::Table(table));
}

/// The value as TOML.
fn typed(kind: SettingKind, value: &str) -> Result<Value, String> {
    Ok(match kind {
        SettingKind::Switch => Value::from(value.parse::<bool>().map_err(|_| "must be true or false".to_owned())?),
        SettingKind::Number => {
            Value::from(value.trim().parse::<i64>().map_err(|_| "must be a whole number".to_owned())?)
        }
        SettingKind::Choice(_) | SettingKind::Theme | SettingKind::Text => Value::from(value.trim()),
    })
}

/// Whether two versions of the settings differ in the given one only.
fn is_same_but_for(key: &str, before: &Settings, after: &Settings) -> bool {
    let others = |settings: &Settings| {
        let listed = settings.listed().into_iter().filter(|setting| setting.key != key);
        listed.map(|setting| (setting.key, setting.value, setting.written)).collect::<Vec<_>>()
    };
    let accounts = |settings: &Settings| {
        let valid = settings.accounts.iter().map(AccountSettings::without_origin).collect::<Vec<_>>();
        let invalid = settings.invalid_accounts.iter().map(|account| account.name.clone()).collect::<Vec<_>>();
        (valid, invalid)
    };
    others(before) == others(after)
        && accounts(before) == accounts(after)
        && before.listener.tunnel == after.listener.tunnel
        && before.listener.metrics_public == after.listener.metrics_public
}
