//! Where a secret comes from, and how it is read. A secret read here is in no error and no `Debug`.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::read::Section;
use super::settings::subject;
use super::{AccountSettings, ConfigError, Environment, command, keyring};
use crate::domain::{AccountName, Secret};

/// Where a secret comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a program prints; program and arguments, run without a shell.
    Command(Vec<String>),
    /// An entry of the system's keyring, service `loket`.
    Keyring(String),
    /// The secret itself.
    Plain(Secret),
}

// Arguments of a command may hold a password; only its program is shown.
impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretSource::Env(name) => f.debug_tuple("Env").field(name).finish(),
            SecretSource::File(path) => f.debug_tuple("File").field(path).finish(),
            SecretSource::Command(argv) => f.debug_tuple("Command").field(&argv.first()).finish(),
            SecretSource::Keyring(name) => f.debug_tuple("Keyring").field(name).finish(),
            SecretSource::Plain(secret) => f.debug_tuple("Plain").field(secret).finish(),
        }
    }
}

/// An account's secrets, read.
#[derive(Debug, Clone)]
pub struct AccountSecrets {
    /// Authenticates requests.
    pub api_key: Secret,
    /// Verify webhooks: the current one, then the previous one while it is being changed. May be empty.
    pub webhook_secrets: Vec<Secret>,
}

impl AccountSettings {
    /// Reads the account's secrets. Blocks (files, programs, keyring): call it where blocking is allowed.
    pub fn secrets(&self, environment: &Environment) -> Result<AccountSecrets, ConfigError> {
        let read =
            |source: &SecretSource, field: &str| source.read(environment).map_err(|message| self.error(field, message));
        let mut webhook_secrets = Vec::new();
        for (source, field) in
            [(&self.webhook_secret, "webhook_secret"), (&self.previous_webhook_secret, "previous_webhook_secret")]
        {
            if let Some(source) = source {
                webhook_secrets.push(read(source, field)?);
            }
        }
        Ok(AccountSecrets { api_key: read(&self.api_key, "api_key")?, webhook_secrets })
    }
}

impl SecretSource {
    /// Reads the secret. Blocks (files, programs, keyring): call it where blocking is allowed. `field` is the key of
    /// the file, for the error, which says what to do.
    pub fn resolve(
        &self,
        account: &AccountName,
        field: &str,
        environment: &Environment,
    ) -> Result<Secret, ConfigError> {
        self.read(environment).map_err(|message| ConfigError::new(&subject(account.as_str(), field), message))
    }

    fn read(&self, environment: &Environment) -> Result<Secret, String> {
        match self {
            SecretSource::Env(name) => from_environment(name, environment),
            SecretSource::File(path) => from_file(path),
            SecretSource::Command(argv) => {
                let line = command::first_line(argv, command::LIMIT)?;
                checked(&line, "the first line that the program printed")
            }
            SecretSource::Keyring(name) => checked(&keyring::read(name)?, &format!("the keyring's entry {name:?}")),
            SecretSource::Plain(secret) => Ok(secret.clone()),
        }
    }
}

/// A secret of one line, or what is wrong with it.
fn checked(line: &str, place: &str) -> Result<Secret, String> {
    let line = line.trim();
    if line.is_empty() {
        return Err(format!("{place} is empty"));
    }
    if line.chars().any(char::is_control) {
        return Err(format!("{place} holds a control character, which no key has"));
    }
    Ok(Secret::new(line))
}

fn from_environment(name: &str, environment: &Environment) -> Result<Secret, String> {
    let Some(value) = environment.raw(name) else {
        return Err(format!("environment variable {name} is not set; set it, or choose another source"));
    };
    let text = value.into_string().map_err(|_| format!("environment variable {name} is not Unicode text"))?;
    checked(&text, &format!("environment variable {name}"))
}

fn from_file(path: &Path) -> Result<Secret, String> {
    let shown = path.display();
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes));
    read.map_err(|error| format!("cannot read {shown}: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{shown} is not UTF-8 text"))?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    checked(text.lines().next().unwrap_or_default(), &shown.to_string())
}

/// No key is longer; more is not read, so that a wrong path cannot fill the memory.
const MAX_BYTES: u64 = 64 * 1024;
const WANTED: &str = "{ env = \"NAME\" }, { file = \"PATH\" }, { command = [\"PROGRAM\", …] }, { keyring = \"NAME\" } or \
                      a text in quotes";

/// Reads `api_key = …` and its like. Nothing of the value is repeated in an error.
pub(super) fn parse(
    section: &Section<'_>,
    key: &str,
    base: &Path,
    environment: &Environment,
) -> Result<Option<SecretSource>, ConfigError> {
    let Some(item) = section.item(key) else { return Ok(None) };
    if let Some(text) = item.as_str() {
        let secret = checked(text, "the text there").map_err(|message| section.error(key, message))?;
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
