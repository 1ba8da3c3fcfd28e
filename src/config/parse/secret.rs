//! Parses `api_key = …` and the other settings that name a secret. No part of the value is repeated in an error.

use std::path::Path;

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
