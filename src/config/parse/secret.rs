//! Parses `api_key = …` and the other settings that name a secret. No part of the value is repeated in an error.

use std::collections::BTreeSet;
use std::path::Path;

use toml_edit::TableLike;

use super::section::Section;
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::secrets::{SecretSource, require_one_line};

const WANTED: &str = "{ env = \"NAME\" }, { file = \"PATH\" }, { command = [\"PROGRAM\", …] }, { keyring = \"NAME\" } or \
                      a text in quotes";

/// The source that `key` names; `None` if the key is missing. Relative paths start at `base`.
pub(super) fn parse(
    section: &Section<'_>,
    key: &str,
    base: &Path,
    environment: &Environment,
) -> Result<Option<SecretSource>, ConfigError> {
    let Some(item) = section.item(key) else { return Ok(None) };
    if let Some(text) = item.as_str() {
        let secret = require_one_line(text, "the text there").map_err(|message| section.error(key, message))?;
        return Ok(Some(SecretSource::Plain(secret)));
    }
    let Some(table) = section.section(key, WANTED)? else { return Ok(None) };
    let mut keys = table.keys();
    let (Some(source), None) = (keys.next(), keys.next()) else {
        return Err(section.error(key, format!("must be one of {WANTED}")));
    };
    let text = || table.text(source).map(|text| text.unwrap_or_default().to_owned());
    Ok(Some(match source {
        "env" => {
            let name = text()?;
            if name.contains('=') {
                return Err(table.error("env", "must be the name of a variable, without ="));
            }
            SecretSource::Env(name)
        }
        "file" => SecretSource::File(environment.expand(&text()?, base)),
        "command" => SecretSource::Command(table.texts("command")?.unwrap_or_default()),
        "keyring" => SecretSource::Keyring(text()?),
        // An unknown key may be a secret in the wrong place, so it is not repeated.
        _ => return Err(section.error(key, format!("must be one of {WANTED}"))),
    }))
}

/// The variables that `{ env = "NAME" }` names anywhere in a document, also where an account cannot be parsed.
pub(super) fn variables(table: &dyn TableLike) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (key, item) in table.iter() {
        found.extend(item.as_str().filter(|_| key == "env").map(str::to_owned));
        if let Some(inner) = item.as_table_like() {
            found.extend(variables(inner));
        }
        for inner in item.as_array_of_tables().into_iter().flatten() {
            found.extend(variables(inner));
        }
        for inner in item.as_array().into_iter().flatten().filter_map(toml_edit::Value::as_inline_table) {
            found.extend(variables(inner));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_wherever_they_are_named() {
        let text = "store = { url = { env = \"A\" } }\n[[account]]\napi_key = { env = \"B\" }\nname = 1\n\
                    [[account]]\nwebhook_secret.env = \"C\"\nenv = \"D\"\nlist = [{ env = \"E\" }, 1]\n";
        let document: toml_edit::DocumentMut = text.parse().unwrap();
        assert_eq!(variables(document.as_table()).into_iter().collect::<String>(), "ABCDE");
    }
}
