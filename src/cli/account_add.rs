//! `loket account add` and `remove`: edit the configuration file and keep its comments.
//!
//! Invariant: no secret is taken from the command line's arguments, and a key that is refused leaves nothing behind.
use super::account_details::{details, hint_unreachable};
use super::args::AccountAdd;
use super::{Context, Exit, print, wording};
use crate::config::{AccountSettings, SecretSource, SecretStorage};
use crate::domain::{AccountName, AccountSetupError, Secret, Status};
use crate::engine::Http;
use crate::engine::client::{check_new_account, engine_pid, remove_account, validate_account};
use serde_json::{Value, json};
use std::io::{self, BufRead as _, IsTerminal as _};

const SOURCES: &str = "env:NAME, file:PATH, keyring:NAME, command:PROGRAM ARG…, or - to read it from standard input";
pub(super) fn add(context: &Context, args: &AccountAdd) -> Result<(), Exit> {
    let settings = settings(context, args)?;
    let gateway = validate_account(&settings)?;
    let (name, runtime) = (gateway.name, super::runtime()?);
    let http = Http::default();
    // Before the store is opened: a refused key leaves no data directory behind.
    let check = check_new_account(&http, settings.clone(), context.environment.clone());
    let key_accepted = !args.no_check && runtime.block_on(check).map_err(|error| refusal(context, name, error))?;
    let client = context.client()?;
    let added = runtime.block_on(client.add_account(settings.clone(), storages(&args.store), false))?;
    let account = details(&client, &settings)?.account;
    hint_unreachable(added.reachable);
    if context.common.json {
        let mut line = serde_json::to_value(&account).unwrap_or_default();
        if let Value::Object(fields) = &mut line {
            fields.insert("webhook_url".to_owned(), json!(added.webhook_url));
            fields.insert("key_accepted".to_owned(), json!(key_accepted.then_some(true)));
        }
        print::json(&line)?;
    } else {
        print::sentence(&format!("account \"{}\" is in {}", account.name, context.paths.config_file.display()))?;
        print::sentence(&format!("webhook URL: {}", added.webhook_url))?;
        print::sentence(&format!("Paste it in {name}'s dashboard, where it asks for a webhook or callback URL."))?;
    }
    if key_accepted {
        print::stderr_line(&format!("{name} accepts the key"));
    } else if !args.no_check {
        print::stderr_line(&format!("{name} has no harmless request to try the key with; the first message will tell"));
    }
    if settings.webhook_secret.is_none() && gateway.signs_webhooks {
        print::stderr_line(&format!(
            "without --webhook-secret nobody can tell whether an event is really {name}'s; copy the secret from \
             {name}'s dashboard when you paste the webhook URL there"
        ));
    }
    hint_running(context);
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
pub(super) fn remove(context: &Context, name: &str) -> Result<(), Exit> {
    let removed = remove_account(&context.paths.config_file, &context.settings, name)?;
    for field in removed.deleted {
        print::stderr_line(&format!("its {} that Loket kept is deleted", field.as_str()));
    }
    for error in removed.errors {
        print::stderr_line(&error.to_string());
    }
    if context.common.json {
        print::json(&json!({"removed": name}))?;
    } else {
        print::sentence(&format!(
            "account \"{name}\" is no longer in {}; its conversations stay",
            context.paths.config_file.display()
        ))?;
    }
    hint_running(context);
    Ok(())
}

/// The settings that the flags give; secrets from standard input stand in them in clear, until they are stored.
fn settings(context: &Context, args: &AccountAdd) -> Result<AccountSettings, Exit> {
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
    // The argument is not repeated in any error: people put the key itself there.
    let wrong = |reason: &str| Exit::wrong(format!("{flag}: {reason}"));
    if text == "-" {
        let line = if io::stdin().is_terminal() { super::hidden::read_secret(flag)? } else { next_line(flag)? };
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
fn storages(option: &str) -> &'static [SecretStorage] {
    match option {
        "config" => &[],
        "keyring" => &[SecretStorage::Keyring],
        "file" => &[SecretStorage::File],
        _ => &[SecretStorage::Keyring, SecretStorage::File],
    }
}

/// A running engine takes a changed configuration over.
fn hint_running(context: &Context) {
    if let Some(pid) = engine_pid(&context.paths.data_dir) {
        print::stderr_line(&format!("the running engine (pid {pid}) takes this over within seconds"));
    }
}
