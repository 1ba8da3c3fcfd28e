//! Edits `config.toml` for people: only the bytes of the setting that changes are touched, so comments, order and
//! line ends elsewhere stay. Nothing is written that could not be loaded, or that changes another setting.

use std::path::Path;

use toml_edit::{Array, Document, InlineTable, Item, Table, Value};

use super::load::read_text;
use super::read::{Source, nearest};
use super::replace::{self, Mode};
use super::splice::{Text, leaves_end, range_of_table};
use super::{AccountSettings, ConfigError, Environment, Origin, Overrides, SecretSource, Settings};
use crate::domain::AccountName;
use crate::domain::window::WindowRule;

/// What a setting is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// A text.
    Text(String),
    /// A whole number.
    Number(u32),
    /// `true` or `false`.
    Switch(bool),
    /// Where a secret comes from.
    Secret(SecretSource),
    /// Takes the setting out of the file, with the comment on its line.
    Unset,
}

/// Adds an account at the end of the file; makes the file when there is none. Its rules must be empty: people write
/// those. An error when the name is taken or the account could not be loaded again.
pub fn add_account(config_file: &Path, account: &AccountSettings) -> Result<(), ConfigError> {
    let name = account.name.as_str();
    if !account.rules.is_empty() {
        return Err(account.error("rule", "is written by hand, under the account"));
    }
    edit(config_file, Some(name), |before, _, text| {
        if before.accounts.iter().any(|other| other.name == account.name)
            || before.broken.iter().any(|b| b.name == name)
        {
            return Err(format!("there is an account {name:?} already; choose another name or remove that one first"));
        }
        let line = |(key, value): (&str, FieldValue)| {
            Ok(format!("{key} = {}", written(&value, config_file)?.unwrap_or_default()))
        };
        let lines: Vec<String> = fields(account).into_iter().map(line).collect::<Result<_, String>>()?;
        text.append_block(&format!("[[account]]\n{}", lines.join("\n")));
        Ok(())
    })
}

/// Removes an account with the comment directly above it. Its secrets stay where they are.
pub fn remove_account(config_file: &Path, name: &str) -> Result<(), ConfigError> {
    edit(config_file, Some(name), |_, document, text| {
        let table = account_table(document, name)?;
        let others: Vec<&Table> = other_tables(document, table);
        let range = range_of_table(table).ok_or("cannot be found in the file; remove it by hand")?;
        let apart = "is written in several places of the file; remove it by hand";
        if others.iter().filter_map(|other| other.span()).any(|span| range.contains(&span.start)) {
            return Err(apart.to_owned());
        }
        text.remove_block(range);
        Ok(())
    })
}

/// Sets or unsets one setting of an account, such as `mode`.
pub fn set_account_field(
    config_file: &Path,
    name: &AccountName,
    field: &str,
    value: &FieldValue,
) -> Result<(), ConfigError> {
    edit(config_file, Some(name.as_str()), |_, document, text| {
        set(account_table(document, name.as_str())?, field, value, config_file, text)
    })
}

/// Sets or unsets a setting at the top of the file: `locale`, `country` or `agent`.
pub fn set_top_level(config_file: &Path, key: &str, value: &FieldValue) -> Result<(), ConfigError> {
    edit(config_file, None, |_, document, text| set(document.as_table(), key, value, config_file, text))
}

/// Sets or unsets a setting of `[listener]`, which is made when it is not there.
pub fn set_listener_field(config_file: &Path, key: &str, value: &FieldValue) -> Result<(), ConfigError> {
    edit(config_file, None, |_, document, text| match document.as_table().get("listener") {
        None => {
            if let Some(value) = written(value, config_file)? {
                text.append_block(&format!("[listener]\n{key} = {value}"));
            }
            Ok(())
        }
        Some(Item::Table(table)) if !table.is_dotted() && !table.is_implicit() => {
            set(table, key, value, config_file, text)
        }
        Some(_) => Err("[listener] is not written as a table of its own; edit it by hand".to_owned()),
    })
}

/// Reads, changes, checks and writes. `target` is the account that may change; without one, no account may.
fn edit(
    file: &Path,
    target: Option<&str>,
    change: impl FnOnce(&Settings, &Document<&str>, &mut Text) -> Result<(), String>,
) -> Result<(), ConfigError> {
    let failed = |message: String| ConfigError::new("", message).in_file(file);
    let original = read_text(file)?.unwrap_or_default();
    let load = |text: &str| Settings::from_text(text, file, &Overrides::default(), &Environment::of([]));
    let before = load(&original)?;
    let mut text = Text::new(&original);
    {
        let source = text.toml().to_owned();
        let document = Source { file, text: &source }.parse()?;
        change(&before, &document, &mut text).map_err(failed)?;
    }
    let edited = text.finish();
    let after = load(&edited)?;
    check(&before, &after, target).map_err(|error| match error {
        Refusal::Broken(error) => error.at(None),
        Refusal::Others => failed("cannot be edited without changing another setting; edit it by hand".to_owned()),
    })?;
    if edited == original {
        return Ok(());
    }
    if read_text(file)?.unwrap_or_default() != original {
        return Err(failed("was changed by another program meanwhile; try again".to_owned()));
    }
    let unwritable = |error: std::io::Error| failed(format!("cannot be written: {error}"));
    if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        replace::create_private_directory(directory).map_err(unwritable)?;
    }
    replace::replace(file, &edited, Mode::Keep).map_err(unwritable)
}

enum Refusal {
    Broken(ConfigError),
    Others,
}

/// That the target is not broken by the change, and every other account is what it was.
fn check(before: &Settings, after: &Settings, target: Option<&str>) -> Result<(), Refusal> {
    let is_target = |name: &str| target == Some(name);
    let was_broken = before.broken.iter().any(|account| is_target(&account.name));
    let broken = after.broken.iter().find(|account| is_target(&account.name));
    if let (Some(account), false) = (broken, was_broken) {
        return Err(Refusal::Broken(account.error.clone()));
    }
    let others = |settings: &Settings| {
        let whole: Vec<AccountSettings> = settings
            .accounts
            .iter()
            .filter(|account| !is_target(account.name.as_str()))
            .map(|account| AccountSettings { origin: Origin::default(), ..account.clone() })
            .collect();
        let broken = settings.broken.iter().filter(|account| !is_target(&account.name)).count();
        (whole, broken)
    };
    let same_rest = target.is_none()
        || (before.locale == after.locale
            && before.country == after.country
            && before.agent == after.agent
            && before.listener == after.listener);
    if others(before) == others(after) && same_rest { Ok(()) } else { Err(Refusal::Others) }
}

fn account_table<'d>(document: &'d Document<&str>, name: &str) -> Result<&'d Table, String> {
    let Some(item) = document.as_table().get("account") else {
        return Err(format!("there is no account {name:?}"));
    };
    let tables = item.as_array_of_tables().ok_or("accounts are written as one list; edit it by hand")?;
    let called = |table: &&Table| table.get("name").and_then(Item::as_str) == Some(name);
    let mut found = tables.iter().filter(called);
    match (found.next(), found.next()) {
        (Some(table), None) => Ok(table),
        (Some(_), Some(_)) => Err(format!("several accounts have the name {name:?}; edit them by hand")),
        (None, _) => {
            let names: Vec<&str> = tables.iter().filter_map(|table| table.get("name")?.as_str()).collect();
            let hint = nearest(name, &names).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
            Err(format!("there is no account {name:?}{hint}"))
        }
    }
}

/// The tables of the first level that are not this one.
fn other_tables<'d>(document: &'d Document<&str>, this: &Table) -> Vec<&'d Table> {
    let mut tables = Vec::new();
    for (_, item) in document.as_table() {
        match item {
            Item::Table(table) => tables.push(table),
            Item::ArrayOfTables(list) => tables.extend(list.iter()),
            _ => {}
        }
    }
    tables.retain(|table| table.span() != this.span());
    tables
}

/// Sets one key of a table.
fn set(table: &Table, key: &str, value: &FieldValue, file: &Path, text: &mut Text) -> Result<(), String> {
    let value = written(value, file)?;
    let Some((at, item)) = table.get_key_value(key) else {
        if let Some(value) = value {
            let line = format!("{key} = {value}");
            match leaves_end(table).or_else(|| table.span().filter(|span| span.end > 0).map(|span| span.end)) {
                Some(end) => text.insert_line_after(end, &line),
                None => text.insert_line_at_top(&line),
            }
        }
        return Ok(());
    };
    let by_hand = || format!("{key} is written as a table of its own; edit it by hand");
    let start = at.span().ok_or_else(by_hand)?.start;
    let (from, end) = match item {
        Item::Value(old) => {
            let span = old.span().ok_or_else(by_hand)?;
            (span.start, span.end)
        }
        // `api_key.env = "…"`: the whole of it becomes `api_key = …`.
        Item::Table(dotted) if dotted.is_dotted() && dotted.len() == 1 => {
            (start, leaves_end(dotted).ok_or_else(by_hand)?)
        }
        _ => return Err(by_hand()),
    };
    match value {
        Some(value) if from == start => text.replace(start..end, &format!("{key} = {value}")),
        Some(value) => text.replace(from..end, &value),
        None => text.remove_lines(start..end),
    }
    Ok(())
}

/// The settings of an account that are set, in the order in which people write them.
fn fields(account: &AccountSettings) -> Vec<(&'static str, FieldValue)> {
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let secret = |source: &SecretSource| FieldValue::Secret(source.clone());
    let window = |rule: WindowRule| text(if rule == WindowRule::Day { "24h" } else { "none" });
    let all = [
        ("name", Some(text(account.name.as_str()))),
        ("provider", Some(text(&account.provider))),
        ("base_url", account.base_url.as_deref().map(text)),
        ("mode", account.mode.as_deref().map(text)),
        ("api_key", Some(secret(&account.api_key))),
        ("webhook_secret", account.webhook_secret.as_ref().map(secret)),
        ("previous_webhook_secret", account.previous_webhook_secret.as_ref().map(secret)),
        ("webhook_token", account.webhook_token.as_ref().map(|token| secret(&SecretSource::Plain(token.clone())))),
        ("session", account.session.as_deref().map(text)),
        ("channel", account.channel.map(|channel| text(channel.as_str()))),
        ("requests_per_minute", account.requests_per_minute.map(FieldValue::Number)),
        ("window", account.window.map(window)),
        ("allow_unsigned", account.allow_unsigned.then_some(FieldValue::Switch(true))),
    ];
    all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// A value in TOML; `None` for [`FieldValue::Unset`].
fn written(value: &FieldValue, file: &Path) -> Result<Option<String>, String> {
    let value = match value {
        FieldValue::Unset => return Ok(None),
        FieldValue::Text(text) => Value::from(text.as_str()),
        FieldValue::Number(number) => Value::from(i64::from(*number)),
        FieldValue::Switch(on) => Value::from(*on),
        FieldValue::Secret(SecretSource::Plain(secret)) => Value::from(secret.expose()),
        FieldValue::Secret(SecretSource::Env(name)) => table("env", name.as_str()),
        FieldValue::Secret(SecretSource::Keyring(name)) => table("keyring", name.as_str()),
        FieldValue::Secret(SecretSource::Command(argv)) => table("command", argv.iter().collect::<Array>()),
        FieldValue::Secret(SecretSource::File(path)) => table("file", portable(path, file)?),
    };
    Ok(Some(value.to_string().trim().to_owned()))
}

fn table(key: &str, value: impl Into<Value>) -> Value {
    let mut table = InlineTable::new();
    table.insert(key, value.into());
    Value::InlineTable(table)
}

/// A path as it is written: relative where it lies beside the configuration, so that both can move together.
fn portable(path: &Path, file: &Path) -> Result<String, String> {
    let beside = file.parent().and_then(|directory| path.strip_prefix(directory).ok());
    let parts = match beside {
        Some(beside) => beside.components().map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>(),
        None => path.to_str().map(|whole| vec![whole]),
    };
    parts.map(|parts| parts.join("/")).ok_or_else(|| "the secret's file name is not Unicode text".to_owned())
}
