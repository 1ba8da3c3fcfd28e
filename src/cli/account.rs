//! `loket account …`: what is configured, where its webhooks go, whether its key is accepted.

use serde_json::json;

use super::args::AccountCommand;
use super::{Context, Exit, account_add, gateway, print};
use crate::config::AccountSettings;
use crate::domain::{Account, AccountName, Channel, Secret, SessionState};
use crate::engine::accounts::registry;
use crate::store::Store;
use crate::text::Clean;

/// `loket account …`.
pub(super) fn run(context: &Context, command: AccountCommand) -> Result<(), Exit> {
    match command {
        AccountCommand::List => list(context),
        AccountCommand::Url { name, path } => url(context, &name, path),
        AccountCommand::Show { name } => show(context, &name),
        AccountCommand::Check { name } => gateway::check(context, &name),
        AccountCommand::RotateToken { name } => rotate(context, &name),
        AccountCommand::Add(args) => account_add::add(context, &args),
        AccountCommand::Remove { name } => account_add::remove(context, &name),
    }
}

fn list(context: &Context) -> Result<(), Exit> {
    let store = context.store()?;
    for settings in &context.settings.accounts {
        let account = described(context, &store, settings)?;
        if context.common.json { print::json(&account)? } else { print::line(&account_line(&account))? }
    }
    for broken in &context.settings.invalid_accounts {
        let reason = broken.error.to_string();
        print::complain(&reason);
        let known = AccountName::new(&broken.name).map(|name| store.account(&name)).transpose()?.flatten();
        if context.common.json {
            print::json(&json!({
                "name": broken.name,
                "provider": known.as_ref().map(|row| row.provider.as_str()),
                "mode": null,
                "channel": null,
                "state": SessionState::Broken,
                "since": null,
                "last_event_at": known.as_ref().and_then(|row| row.health.last_event_at),
                "webhook_path": known.as_ref().map(|row| format!("/webhooks/{}/{}", row.name, row.token)),
                "reason": reason,
            }))?;
        } else {
            let provider = known.map_or_else(|| "-".to_owned(), |row| row.provider);
            let line = format!("{}\t{provider}\t-\t{}\t-", broken.name, SessionState::Broken.as_str());
            print::line(&line)?;
        }
    }
    Ok(())
}

fn account_line(a: &Account) -> String {
    let mode = a.mode.as_deref().map_or(String::new(), |mode| format!(" {mode}"));
    let heard = a.last_event_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
    format!("{}\t{}{mode}\t{}\t{}\t{heard}", a.name, a.provider, a.channel, a.state.as_str())
}

/// The account object without resolving its secrets, so that a missing key does not hide it.
pub(super) fn described(context: &Context, store: &Store, settings: &AccountSettings) -> Result<Account, Exit> {
    let token = token(settings, store)?;
    let health = store.account(&settings.name)?.map(|row| row.health).unwrap_or_default();
    let checked = registry::check(settings).and_then(|c| settings.secrets(&context.environment).map(|_| c));
    if let Err(error) = &checked {
        print::complain(&error.to_string());
    }
    let state = if checked.is_ok() { health.state } else { SessionState::Broken };
    Ok(Account {
        name: settings.name.clone(),
        provider: settings.provider.clone(),
        mode: checked.as_ref().ok().and_then(|c| c.mode).map(str::to_owned).or_else(|| settings.mode.clone()),
        channel: checked.as_ref().ok().map(|c| c.channel).or(settings.channel).unwrap_or(Channel::WhatsApp),
        state,
        since: health.since,
        last_event_at: health.last_event_at,
        webhook_path: registry::webhook_path(&settings.name, &token),
    })
}

fn token(settings: &AccountSettings, store: &Store) -> Result<Secret, Exit> {
    Ok(registry::token(settings, store)??)
}

fn url(context: &Context, name: &str, only_path: bool) -> Result<(), Exit> {
    let settings = context.settings.account(name)?;
    let path = registry::webhook_path(&settings.name, &token(settings, &context.store()?)?);
    if only_path {
        return if context.common.json { print::json(&json!({"path": path})) } else { print::line(&path) };
    }
    let url = webhook_url(context, &path);
    if context.common.json { print::json(&json!({"url": url})) } else { print::line(&url) }
}

/// The URL by which a gateway reaches a webhook path, with a hint when it is one of this machine only.
pub(super) fn webhook_url(context: &Context, path: &str) -> String {
    let listener = &context.settings.listener;
    // A tunnel's URL is known when it has been up once; a running engine writes it down.
    let tunnel = listener.tunnel.as_ref().and_then(|_| crate::engine::tunnel::remembered(&context.paths.data_dir));
    let base = if let Some(public) = tunnel.as_ref().or(listener.public_url.as_ref()) {
        public.trim_end_matches('/').to_owned()
    } else {
        print::complain(
            "public_url is not set under [listener]: gateways reach this address only on this machine; \
             the README tells how a gateway reaches a laptop",
        );
        format!("http://{}", listener.bind)
    };
    format!("{base}{path}")
}

fn show(context: &Context, name: &str) -> Result<(), Exit> {
    let settings = context.settings.account(name)?;
    let account = described(context, &context.store()?, settings)?;
    if context.common.json {
        return print::json(&account);
    }
    let checked = registry::check(settings)?;
    let lines = [
        ("name", account.name.to_string()),
        ("gateway", checked.provider.manifest().name.to_owned()),
        ("base_url", checked.base_url),
        ("mode", account.mode.unwrap_or_else(|| "-".to_owned())),
        ("channel", account.channel.to_string()),
        ("session", settings.session.clone().unwrap_or_else(|| "-".to_owned())),
        ("api_key", "***".to_owned()),
        ("webhook_secret", if settings.webhook_secret.is_some() { "***" } else { "-" }.to_owned()),
        ("state", account.state.as_str().to_owned()),
        ("last event", account.last_event_at.map_or_else(|| "-".to_owned(), |at| at.to_string())),
        ("webhook path", account.webhook_path),
    ];
    lines.iter().try_for_each(|(key, value)| print::line(&format!("{key:<15} {}", Clean::line(value).as_str())))
}

fn rotate(context: &Context, name: &str) -> Result<(), Exit> {
    let settings = context.settings.account(name)?;
    if settings.webhook_token.is_some() {
        return Err(settings
            .error("webhook_token", "the configuration fixes this account's token; change or remove it there")
            .into());
    }
    let store = context.store()?;
    drop(token(settings, &store)?);
    let fresh = registry::new_token().map_err(Exit::failed)?;
    store.set_token(&settings.name, &fresh).wait()?;
    print::complain("the old URL is refused from now on; paste the new one in the gateway's dashboard");
    url(context, name, false)
}
