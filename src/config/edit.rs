//! Adds accounts to `config.toml` and removes them. Comments, order and line ends elsewhere in the file stay, and
//! nothing is written that could not be loaded or that would change another setting.

use super::environment::Environment;
use super::error::{ConfigError, nearest};
use super::parse::{Source, read_text};
use super::secrets::SecretSource;
use super::settings::{AccountSettings, Origin, Overrides, Settings};
use crate::domain::window::WindowRule;
use crate::files;
use std::path::Path;
use toml_edit::{Array, ArrayOfTables, Decor, DocumentMut, InlineTable, Item, Table, Value};

/// Adds an account at the end of the file, which is created if it does not exist. The account must have no rules:
/// those are written by hand. Fails if the name is taken or if the account could not be loaded again.
pub fn add_account(config_file: &Path, account: &AccountSettings) -> Result<(), ConfigError> {
    let name = account.name.as_str();
    if !account.rules.is_empty() {
        return Err(account.error("rule", "is written by hand, under the account"));
    }
    edit(config_file, name, |settings, document| {
        if settings.accounts.iter().any(|other| other.name == account.name)
            || settings.invalid_accounts.iter().any(|other| other.name == name)
        {
            return Err(format!("there is an account {name:?} already; choose another name or remove that one first"));
        }
        let mut table: Table = keys(account, config_file)?.into_iter().collect();
        // Comments at the end of the file stay above the new account, after an empty line.
        let last_line_is_blank = document.to_string().lines().next_back().is_none_or(|line| line.trim().is_empty());
        let above = document.trailing().as_str().unwrap_or_default();
        let line_end = if above.is_empty() || above.ends_with('\n') { "" } else { "\n" };
        let blank_line = if last_line_is_blank { "" } else { "\n" };
        table.decor_mut().set_prefix(format!("{above}{line_end}{blank_line}"));
        table.set_position(Some(isize::MAX));
        document.set_trailing("");
        let accounts = document.entry("account").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        accounts.as_array_of_tables_mut().ok_or(INLINE_LIST)?.push(table);
        Ok(())
    })
}

/// Removes an account together with the comment directly above it. Its secrets stay stored.
pub fn remove_account(config_file: &Path, name: &str) -> Result<(), ConfigError> {
    edit(config_file, name, |_, document| {
        let accounts = document.get_mut("account").ok_or_else(|| format!("there is no account {name:?}"))?;
        let accounts = accounts.as_array_of_tables_mut().ok_or(INLINE_LIST)?;
        let mut account = accounts.remove(index_of(accounts, name)?);
        let mut own: Vec<isize> = account.position().into_iter().collect();
        own.extend(positions(&mut account));
        let (first, last) = (own.iter().copied().min().unwrap_or_default(), own.into_iter().max().unwrap_or_default());
        let others = positions(document.as_table_mut());
        if others.iter().any(|position| (first..last).contains(position)) {
            return Err("is written in several places of the file; remove it by hand".to_owned());
        }
        let is_first = document.as_table().get_values().is_empty() && others.iter().all(|position| *position > first);
        let above = without_last_comment(prefix(account.decor()), is_first);
        let Some(next) = others.into_iter().filter(|position| *position > last).min() else {
            let below = without_first_comment(document.trailing().as_str().unwrap_or_default(), true);
            let is_end = below.trim().is_empty();
            let trailing = if is_end { without_last_blank_lines(above).to_owned() } else { format!("{above}{below}") };
            document.set_trailing(trailing);
            return Ok(());
        };
        for_each_table(document.as_table_mut(), &mut |table| {
            if table.position() == Some(next) {
                let prefix = format!("{above}{}", without_first_comment(prefix(table.decor()), false));
                table.decor_mut().set_prefix(prefix);
            }
        });
        Ok(())
    })
}

const INLINE_LIST: &str = "accounts are written as one list; edit it by hand";

/// Reads the file, applies the change, checks that it concerns this account only, and writes the file.
fn edit(
    file: &Path,
    account: &str,
    change: impl FnOnce(&Settings, &mut DocumentMut) -> Result<(), String>,
) -> Result<(), ConfigError> {
    edit_file(file, change, |before, after| {
        let is_account = |name: &str| name == account;
        let was_invalid = before.invalid_accounts.iter().any(|invalid| is_account(&invalid.name));
        let invalid = after.invalid_accounts.iter().find(|invalid| is_account(&invalid.name) && !was_invalid);
        match invalid {
            Some(invalid) => Err(Some(invalid.error.clone().at(None))),
            None if is_same_but_for(account, before, after) => Ok(()),
            None => Err(None),
        }
    })
}

/// Reads the file, applies the change and writes the file. `check` compares the settings before and after; its error
/// is returned, or that something else would change too.
pub(super) fn edit_file(
    file: &Path,
    change: impl FnOnce(&Settings, &mut DocumentMut) -> Result<(), String>,
    check: impl FnOnce(&Settings, &Settings) -> Result<(), Option<ConfigError>>,
) -> Result<(), ConfigError> {
    let failed = |message: String| ConfigError::new("", message).in_file(file);
    let original = read_text(file)?.unwrap_or_default();
    let load = |text: &str| Settings::from_text(text, file, &Overrides::default(), &Environment::of([]));
    let before = load(&original)?;
    let (byte_order_mark, text) = original.split_at(if original.starts_with('\u{feff}') { 3 } else { 0 });
    let mut document = Source { file, text }.parse()?.into_mut();
    change(&before, &mut document).map_err(failed)?;
    let edited = format!("{byte_order_mark}{}", with_line_ends_of(text, &document.to_string()));
    let after = load(&edited)?;
    let elsewhere = || failed("cannot be edited without changing another setting; edit it by hand".to_owned());
    check(&before, &after).map_err(|error| error.unwrap_or_else(elsewhere))?;
    if edited == original {
        return Ok(());
    }
    if read_text(file)?.unwrap_or_default() != original {
        return Err(failed("was changed by another program meanwhile; try again".to_owned()));
    }
    let unwritable = |error: std::io::Error| failed(format!("cannot be written: {error}"));
    if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        files::create_directory(directory).map_err(unwritable)?;
    }
    files::replace_edited(file, &edited).map_err(unwritable)
}

/// Whether two versions of the settings differ in the given account only.
fn is_same_but_for(account: &str, before: &Settings, after: &Settings) -> bool {
    let others = |settings: &Settings| {
        let valid: Vec<AccountSettings> = settings
            .accounts
            .iter()
            .filter(|other| other.name.as_str() != account)
            .map(|other| AccountSettings { origin: Origin::default(), ..other.clone() })
            .collect();
        let invalid = settings.invalid_accounts.iter().filter(|other| other.name != account).count();
        (valid, invalid)
    };
    others(before) == others(after)
        && before.locale == after.locale
        && before.country == after.country
        && before.agent == after.agent
        && before.agent_prefix == after.agent_prefix
        && before.screen == after.screen
        && before.listener == after.listener
        && before.engine == after.engine
}

/// The edited text with the unchanged lines at its beginning and end taken from the original, because the TOML
/// document writes every line end as `\n`. New lines end as the original's do.
fn with_line_ends_of(original: &str, edited: &str) -> String {
    let newline = if original.contains("\r\n") { "\r\n" } else { "\n" };
    let (old, new): (Vec<&str>, Vec<&str>) = (original.split_inclusive('\n').collect(), edited.lines().collect());
    let same = |(old, new): &(&&str, &&str)| old.trim_end_matches(['\r', '\n']) == **new;
    // A last line without a line end is never part of the beginning, since something may follow it.
    let complete = old.iter().take_while(|line| line.ends_with('\n'));
    let head = complete.zip(&new).take_while(same).count();
    let tail = old.iter().skip(head).rev().zip(new.iter().skip(head).rev()).take_while(same).count();
    let changed = new.iter().take(new.len() - tail).skip(head).flat_map(|line| [*line, newline]);
    let tail = old.iter().skip(old.len() - tail);
    old.iter().take(head).copied().chain(changed).chain(tail.copied()).collect()
}

/// The place in the list of the only account with a name.
fn index_of(accounts: &ArrayOfTables, name: &str) -> Result<usize, String> {
    let names = || accounts.iter().map(|table| table.get("name").and_then(Item::as_str));
    let mut found = names().enumerate().filter(|(_, other)| *other == Some(name));
    match (found.next(), found.next()) {
        (Some((index, _)), None) => Ok(index),
        (Some(_), Some(_)) => Err(format!("several accounts have the name {name:?}; edit them by hand")),
        (None, _) => {
            let known: Vec<&str> = names().flatten().collect();
            let hint = nearest(name, &known).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
            Err(format!("there is no account {name:?}{hint}"))
        }
    }
}

/// Calls a function for every table under a table, at any depth.
fn for_each_table(table: &mut Table, call: &mut dyn FnMut(&mut Table)) {
    for (_, item) in table.iter_mut() {
        let below: Vec<&mut Table> = match item {
            Item::Table(table) => vec![table],
            Item::ArrayOfTables(list) => list.iter_mut().collect(),
            Item::Value(_) | Item::None => Vec::new(),
        };
        for table in below {
            call(table);
            for_each_table(table, call);
        }
    }
}

/// The positions in the file of the headers under a table.
fn positions(table: &mut Table) -> Vec<isize> {
    let mut found = Vec::new();
    for_each_table(table, &mut |table| {
        if !table.is_dotted() && !table.is_implicit() {
            found.extend(table.position());
        }
    });
    found
}

/// The empty lines and comments above a table's header.
fn prefix(decor: &Decor) -> &str {
    decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default()
}

/// The lines above a header without the comment that directly precedes it. A comment that heads the file stays.
fn without_last_comment(above: &str, heads_file: bool) -> &str {
    let mut end = 0;
    let mut blank_end = 0;
    for line in above.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
        end += line.len();
        if line.trim().is_empty() {
            blank_end = end;
        }
    }
    let kept = if heads_file && blank_end == 0 { end } else { blank_end };
    above.get(..kept).unwrap_or_default()
}

/// The lines below a table without the comment that directly follows it and one empty line. A comment without an
/// empty line below it belongs to what follows.
fn without_first_comment(below: &str, ends_file: bool) -> &str {
    let comment = below.split_inclusive('\n').take_while(|line| line.trim_start().starts_with('#'));
    let rest = below.get(comment.map(str::len).sum()..).unwrap_or_default();
    match rest.split_once('\n') {
        Some((line, rest)) if line.trim().is_empty() => rest,
        None if ends_file && rest.trim().is_empty() => "",
        _ => below,
    }
}

/// The text up to the end of its last line that is not blank.
fn without_last_blank_lines(text: &str) -> &str {
    let mut end = 0;
    let mut kept = 0;
    for line in text.split_inclusive('\n') {
        end += line.len();
        if !line.trim().is_empty() {
            kept = end;
        }
    }
    text.get(..kept).unwrap_or_default()
}

/// The keys of an account that are set, in the order in which people write them.
fn keys(account: &AccountSettings, file: &Path) -> Result<Vec<(&'static str, Value)>, String> {
    let text = |text: &str| Some(Value::from(text));
    let secret = |source: Option<&SecretSource>| source.map(|source| secret_value(source, file)).transpose();
    let window = |rule: WindowRule| Value::from(if rule == WindowRule::Day { "24h" } else { "none" });
    let all = [
        ("name", text(account.name.as_str())),
        ("provider", text(&account.provider)),
        ("base_url", account.base_url.as_deref().and_then(text)),
        ("mode", account.mode.as_deref().and_then(text)),
        ("api_key", secret(Some(&account.api_key))?),
        ("webhook_secret", secret(account.webhook_secret.as_ref())?),
        ("previous_webhook_secret", secret(account.previous_webhook_secret.as_ref())?),
        ("webhook_token", account.webhook_token.as_ref().and_then(|token| text(token.expose()))),
        ("session", account.session.as_deref().and_then(text)),
        ("channel", account.channel.and_then(|channel| text(channel.as_str()))),
        ("requests_per_minute", account.requests_per_minute.map(|number| Value::from(i64::from(number)))),
        ("window", account.window.map(window)),
        ("allow_unsigned", account.allow_unsigned.then(|| Value::from(true))),
    ];
    Ok(all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
}

fn secret_value(source: &SecretSource, file: &Path) -> Result<Value, String> {
    let (key, value) = match source {
        SecretSource::Plain(secret) => return Ok(Value::from(secret.expose())),
        SecretSource::Env(name) => ("env", Value::from(name.as_str())),
        SecretSource::Keyring(name) => ("keyring", Value::from(name.as_str())),
        SecretSource::Command(argv) => ("command", Value::from(argv.iter().collect::<Array>())),
        SecretSource::File(path) => ("file", Value::from(portable_path(path, file)?)),
    };
    Ok(Value::from(InlineTable::from_iter([(key, value)])))
}

/// A path as it is written: relative to the configuration file where it lies below it, so that both can be moved.
fn portable_path(path: &Path, file: &Path) -> Result<String, String> {
    let relative = file.parent().and_then(|directory| path.strip_prefix(directory).ok());
    let parts = match relative {
        Some(relative) => relative.components().map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>(),
        None => path.to_str().map(|path| vec![path]),
    };
    parts.map(|parts| parts.join("/")).ok_or_else(|| "the secret's file name is not Unicode text".to_owned())
}
