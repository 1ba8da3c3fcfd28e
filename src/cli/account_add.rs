//! `loket account add` and `remove`: the configuration file edited for people, comments kept.
//!
//! Invariant: no secret is taken from the command line's arguments, and a key that is refused leaves nothing behind.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::account::{self, described};
use super::args::AccountAdd;
use super::{Context, Exit, print};
use crate::config::{self, AccountSettings, SecretField, SecretSource, SecretStorage};
use crate::domain::{AccountName, Secret};
use crate::engine::accounts::probe::{Probed, probe};
use crate::engine::accounts::{registry, setup};
use crate::engine::{Http, lock};

const SOURCES: &str = "env:NAME, file:PATH, keyring:NAME, command:PROGRAM ARG…, or - to read it from standard input";

/// `loket account add`.
pub(super) fn add(context: &Context, args: &AccountAdd) -> Result<(), Exit> {
    let file = config_file(context)?;
    let settings = meant(context, args)?;
    let checked = registry::check(&settings)?;
    let gateway = checked.provider.manifest();
    let accepted = if args.no_check { None } else { Some(try_key(context, &settings)?) };
    let settings = setup::keep(&file, settings, places(&args.store))?;
    let store = context.store()?;
    drop(registry::token(&settings, &store)??);
    let account = described(context, &store, &settings)?;
    let url = account::webhook_url(context, &account.webhook_path);
    if context.common.json {
        let mut line = serde_json::to_value(&account).unwrap_or_default();
        if let Value::Object(fields) = &mut line {
            fields.insert("webhook_url".to_owned(), json!(url));
            fields.insert("key_accepted".to_owned(), json!(accepted.flatten()));
        }
        print::json(&line)?;
    } else {
        print::line(&format!("account \"{}\" is in {}", account.name, file.display()))?;
        print::line(&format!("webhook URL: {url}"))?;
        print::line(&format!(
            "Paste it in {}'s dashboard, where it asks for a webhook or callback URL.",
            gateway.name
        ))?;
    }
    match accepted {
        Some(Some(_)) => print::complain(&format!("{} accepts the key", gateway.name)),
        Some(None) => print::complain(&format!(
            "{} has no harmless request to try the key with; the first message will tell",
            gateway.name
        )),
        None => {}
    }
    if settings.webhook_secret.is_none() && gateway.signs_webhooks {
        print::complain(&format!(
            "without --webhook-secret nobody can tell whether an event is really {name}'s; copy the secret from \
             {name}'s dashboard when you paste the webhook URL there",
            name = gateway.name
        ));
    }
    restart_hint(context);
    Ok(())
}

/// `loket account remove`.
pub(super) fn remove(context: &Context, name: &str) -> Result<(), Exit> {
    let file = config_file(context)?;
    let settings = context.settings.accounts.iter().find(|account| account.name.as_str() == name).cloned();
    if !context.settings.invalid_accounts.iter().any(|broken| broken.name == name) {
        context.settings.account(name)?;
    }
    config::remove_account(&file, name)?;
    if let Some(settings) = settings {
        let sources = SecretField::ALL.map(|field| (field, setup::source(&settings, field).cloned()));
        for (field, source) in sources {
            let Some(source) = source else { continue };
            match config::discard_secret(&source, &file, &settings.name, field) {
                Ok(true) => print::complain(&format!("its {} that Loket kept is deleted", field.as_str())),
                Ok(false) => {}
                Err(error) => print::complain(&error.to_string()),
            }
        }
    }
    if context.common.json {
        print::json(&json!({"removed": name}))?;
    } else {
        print::line(&format!("account \"{name}\" is no longer in {}; its conversations stay", file.display()))?;
    }
    restart_hint(context);
    Ok(())
}

fn config_file(context: &Context) -> Result<PathBuf, Exit> {
    let file = &context.paths.config_file;
    std::path::absolute(file).map_err(|error| Exit::wrong(format!("{}: {error}", file.display())))
}

/// The account that the flags mean; secrets from standard input stand in it in clear, until they are kept.
fn meant(context: &Context, args: &AccountAdd) -> Result<AccountSettings, Exit> {
    let name = AccountName::new(&args.name).ok_or_else(|| {
        Exit::wrong(format!("name {:?}: must be 1 to 32 of the characters a-z, 0-9 and -", args.name))
    })?;
    let taken = context.settings.accounts.iter().any(|a| a.name == name)
        || context.settings.invalid_accounts.iter().any(|b| b.name == args.name);
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
    let wrong = |words: &str| Exit::wrong(format!("{flag}: {words}"));
    if text == "-" {
        let line = if io::stdin().is_terminal() { super::hidden::prompt(flag)? } else { next_line(flag)? };
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
            let here = std::env::current_dir().map_err(|error| wrong(&error.to_string()))?;
            Ok(SecretSource::File(context.environment.expand(rest, &here)))
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

/// Asks the gateway whether it takes the key; `None` when it has no harmless request.
fn try_key(context: &Context, settings: &AccountSettings) -> Result<Option<bool>, Exit> {
    let member = registry::candidate(settings, &context.environment)?;
    let http = Http::new().map_err(Exit::failed)?;
    let gateway = member.manifest().name;
    let said = |failure| super::words::failure(context.locale(), Some(failure), crate::domain::Status::Failed);
    match crate::cli::runtime()?.block_on(probe(&http, &member)) {
        Probed::Accepted { .. } => Ok(Some(true)),
        Probed::Untold => Ok(None),
        Probed::Refused(failure) => {
            Err(Exit::failed(format!("{gateway} refuses the key: {}; nothing was saved", said(&failure))))
        }
        Probed::Failed(failure) => Err(Exit::failed(format!(
            "{gateway} did not say whether it accepts the key: {}; nothing was saved (--no-check saves without asking)",
            said(&failure)
        ))),
    }
}

/// Where `--store` says that typed secrets are kept; none: in the configuration, in clear.
fn places(word: &str) -> &'static [SecretStorage] {
    match word {
        "config" => &[],
        "keyring" => &[SecretStorage::Keyring],
        "file" => &[SecretStorage::File],
        _ => &[SecretStorage::Keyring, SecretStorage::File],
    }
}

/// A running engine has read its configuration once.
fn restart_hint(context: &Context) {
    if let Some(pid) = lock::running(&context.paths.data_dir) {
        print::complain(&format!("restart the running engine (pid {pid}), which has read the configuration already"));
    }
}
