//! Where a secret comes from, and how it is read. No error and no `Debug` output holds a secret.

use super::{command, keyring};
use crate::config::environment::Environment;
use crate::domain::Secret;
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// In bytes. No key is longer; more is not read, so that a wrong path cannot fill the memory.
const MAX_BYTES: u64 = 64 * 1024;

/// Where a secret comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable, by its name.
    Env(String),
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a program prints; program and arguments, run without a shell.
    Command(Vec<String>),
    /// An entry of the system's keyring, service `loket`.
    Keyring(String),
    /// The secret itself, in clear text.
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

/// The secrets of an account, read from their sources.
#[derive(Debug, Clone)]
pub struct AccountSecrets {
    /// Authenticates requests to the gateway.
    pub api_key: Secret,
    /// Verify webhooks: the current one, then the previous one while it is being replaced. May be empty.
    pub webhook_secrets: Vec<Secret>,
}

impl SecretSource {
    /// Reads the secret, or says what to do. Blocks on files, programs and the keyring.
    pub(in crate::config) fn read(&self, environment: &Environment) -> Result<Secret, String> {
        match self {
            SecretSource::Env(name) => read_variable(name, environment),
            SecretSource::File(path) => read_file(path),
            SecretSource::Command(argv) => environment.secret(&format!("command {argv:?}"), || {
                let line = command::first_line(argv, command::LIMIT)?;
                require_one_line(&line, "the first line that the program printed")
            }),
            SecretSource::Keyring(name) => environment.secret(&format!("keyring {name:?}"), || {
                require_one_line(&keyring::read(name)?, &format!("the keyring's entry {name:?}"))
            }),
            SecretSource::Plain(secret) => Ok(secret.clone()),
        }
    }
}

/// The trimmed text as a secret; an error that names its `origin` if it is empty or holds a control character.
pub(in crate::config) fn require_one_line(text: &str, origin: &str) -> Result<Secret, String> {
    let line = text.trim();
    if line.is_empty() {
        return Err(format!("{origin} is empty"));
    }
    if line.chars().any(char::is_control) {
        return Err(format!("{origin} holds a control character, which no key has"));
    }
    Ok(Secret::new(line))
}

fn read_variable(name: &str, environment: &Environment) -> Result<Secret, String> {
    let Some(value) = environment.raw(name) else {
        return Err(format!("environment variable {name} is not set; set it, or choose another source"));
    };
    let text = value.into_string().map_err(|_| format!("environment variable {name} is not Unicode text"))?;
    require_one_line(&text, &format!("environment variable {name}"))
}

fn read_file(path: &Path) -> Result<Secret, String> {
    let shown = path.display();
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes));
    read.map_err(|error| format!("cannot read {shown}: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{shown} is not UTF-8 text"))?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    require_one_line(text.lines().next().unwrap_or_default(), &shown.to_string())
}
