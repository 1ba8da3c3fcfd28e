//! `loket account add` and `remove`: the configuration file edited for people, comments kept.
//!
//! Invariant: no secret is taken from the command line's arguments, and a key that is refused leaves nothing behind.

use std::io::{self, BufRead as _, IsTerminal as _};

use serde_json::{Value, json};

use super::account::{details, hint_unreachable};
use super::args::AccountAdd;
use super::{Context, Exit, print, wording};
use crate::config::{AccountSettings, SecretSource, SecretStorage};
use crate::domain::{AccountName, AccountSetupError, Secret, Status};
use crate::engine::Client;

const SOURCES: &str = "env:NAME, file:PATH, keyring:NAME, command:PROGRAM ARG…, or - to read it from standard input";

/// `loket account add`.
pub(super) fn add(context: &Context, args: &AccountAdd) -> Result<(), Exit> {
    let settings = settings(context, args)?;
    let client = context.client()?;
    let file = client.config_file();
    let adding = client.add_account(settings.clone(), storages(&args.store), !args.no_check);
    let gateway = client.gateway(&settings.provider);
    let name = gateway.map_or("", |gateway| gateway.name);
    let added = super::runtime()?.block_on(adding).map_err(|error| refusal(context, name, error))?;
    let account = details(&client, &settings)?.account;
    hint_unreachable(added.reachable);
    if context.common.json {
        let mut line = serde_json::to_value(&account).unwrap_or_default();
        if let Value::Object(fields) = &mut line {
            fields.insert("webhook_url".to_owned(), json!(added.webhook_url));
            fields.insert("key_accepted".to_owned(), json!(added.key_accepted.then_some(true)));
        }
        print::json(&line)?;
    } else {
        print::line(&format!("account \"{}\" is in {}", account.name, file.display()))?;
        print::line(&format!("webhook URL: {}", added.webhook_url))?;
        print::line(&format!("Paste it in {name}'s dashboard, where it asks for a webhook or callback URL."))?;
    }
    if added.key_accepted {
        print::complain(&format!("{name} accepts the key"));
    } else if !args.no_check {
        print::complain(&format!("{name} has no harmless request to try the key with; the first message will tell"));
    }
    if settings.webhook_secret.is_none() && gateway.is_some_and(|gateway| gateway.signs) {
        print::complain(&format!(
            "without --webhook-secret nobody can tell whether an event is really {name}'s; copy the secret from \
             {name}'s dashboard when you paste the webhook URL there"
        ));
    }
    hint_restart(&client);
    Ok(())
}

/// Why an account was not added.
fn refusal(context: &Context, gateway: &str, error: AccountSetupError) -> Exit {
    let text = |failure| wording::failure(context.locale(), Some(failure), Status::Failed);
    match error {
        AccountSetupError::KeyRefused(failure) => {
            Exit::failed(format!("{gateway} refuses the key: {}; nothing was saved", text(&failure)))
        }
        AccountSetupError::KeyUnchecked(failure) => Exit::failed(format!(
            "{gateway} did not say whether it accepts the key: {}; nothing was saved (--no-check saves without asking)",
            text(&failure)
        )),
        error => error.into(),
    }
}

/// `loket account remove`.
pub(super) fn remove(context: &Context, name: &str) -> Result<(), Exit> {
    let client = context.client()?;
    let file = client.config_file();
    let removed = client.remove_account(name)?;
    for field in removed.deleted {
        print::complain(&format!("its {} that Loket kept is deleted", field.as_str()));
    }
    for error in removed.errors {
        print::complain(&error.to_string());
    }
    if context.common.json {
        print::json(&json!({"removed": name}))?;
    } else {
        print::line(&format!("account \"{name}\" is no longer in {}; its conversations stay", file.display()))?;
    }
    hint_restart(&client);
    Ok(())
}

/// The settings that the flags give; secrets from standard input stand in them in clear, until they are stored.
fn settings(context: &Context, args: &AccountAdd) -> Result<AccountSettings, Exit> {
    let name = AccountName::new(&args.name).ok_or_else(|| {
        Exit::wrong(format!("name {:?}: must be 1 to 32 of the characters a-z, 0-9 and -", args.name))
    })?;
    let taken = context.settings.accounts.iter().any(|a| a.name == name)
        || context.settings.broken.iter().any(|b| b.name == args.name);
    if taken {
        return Err(Exit::wrong(format!("there is an account \"{name}\" already; choose another name")));
    }
    let api_key = read_source(context, "--api-key", &args.api_key)?;
    let mut settings = AccountSettings::new(name, &args.provider, api_key);
    let webhook_secret = args.webhook_secret.as_deref();
    settings.webhook_secret = webhook_secret.map(|text| read_source(context, "--webhook-secret", text)).transpose()?;
    settings.base_url = args.base_url.as_deref().map(|url| url.trim().trim_end_matches('/').to_owned());
    settings.mode.clone_from(&args.mode);
    settings.session.clone_from(&args.session);
    settings.channel = args.channel;
    Ok(settings)
}

/// Where a flag says that a secret is. `-`: the next line of standard input.
fn read_source(context: &Context, flag: &str, text: &str) -> Result<SecretSource, Exit> {
    // What is given is not repeated in any error: people put the key itself there.
    let wrong = |reason: &str| Exit::wrong(format!("{flag}: {reason}"));
    if text == "-" {
        let line = if io::stdin().is_terminal() { super::hidden::ask(flag)? } else { next_line(flag)? };
        let secret = Secret::new(&line);
        if secret.is_empty() {
            return Err(wrong("nothing was given on standard input"));
        }
        return Ok(SecretSource::Plain(secret));
    }
    let outside = || wrong(&format!("a secret among the arguments is seen by others; give {SOURCES}"));
    let (kind, rest) = text.split_once(':').filter(|(_, rest)| !rest.trim().is_empty()).ok_or_else(outside)?;
    match kind {
        "env" => Ok(SecretSource::Env(rest.to_owned())),
        "keyring" => Ok(SecretSource::Keyring(rest.to_owned())),
        "command" => Ok(SecretSource::Command(rest.split_whitespace().map(str::to_owned).collect())),
        "file" => {
            let directory = std::env::current_dir().map_err(|error| wrong(&error.to_string()))?;
            Ok(SecretSource::File(context.environment.expand(rest, &directory)))
        }
        _ => Err(outside()),
    }
}

fn next_line(flag: &str) -> Result<String, Exit> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Exit::wrong(format!("{flag}: standard input cannot be read: {error}")))?;
    Ok(line)
}

/// Where `--store` says that typed secrets are stored; none: in the configuration, in clear.
fn storages(word: &str) -> &'static [SecretStorage] {
    match word {
        "config" => &[],
        "keyring" => &[SecretStorage::Keyring],
        "file" => &[SecretStorage::File],
        _ => &[SecretStorage::Keyring, SecretStorage::File],
    }
}

/// A running engine reads its configuration only once.
fn hint_restart(client: &Client) {
    if let Some(pid) = client.engine_pid() {
        print::complain(&format!("restart the running engine (pid {pid}), which has read the configuration already"));
    }
}
