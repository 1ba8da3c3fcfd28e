//! `loket account list`, `show`, `url` and `rotate-token`.

use super::account_details::{details, hint_unreachable};
use super::translation::translate;
use super::{Context, Exit, print};
use crate::domain::{Account, AccountName, AccountNotice, SessionState};
use crate::engine::Client;
use crate::engine::client::AccountDetails;
use crate::text::Clean;
use serde_json::json;

pub(super) fn list(context: &Context) -> Result<(), Exit> {
    let client = context.client()?;
    for settings in &context.settings.accounts {
        let account = details(&client, settings)?.account;
        if context.common.json { print::json(&account)? } else { print::line(&account_line(&account))? }
    }
    for invalid in &context.settings.invalid_accounts {
        let reason = invalid.error.to_string();
        print::stderr_line(&reason);
        let known = AccountName::new(&invalid.name).map(|name| client.stored_account(&name)).transpose()?.flatten();
        if context.common.json {
            print::json(&json!({
                "name": invalid.name,
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
            let line = format!("{}\t{provider}\t-\t{}\t-", invalid.name, translate(SessionState::Broken.as_str()));
            print::line(&line)?;
        }
    }
    Ok(())
}

fn account_line(a: &Account) -> String {
    let mode = a.mode.as_deref().map_or(String::new(), |mode| format!(" {mode}"));
    let last_event = a.last_event_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
    let notice = a.notice.as_ref().map_or_else(String::new, |n| format!("\t{}", Clean::line(&notice_line(n)).as_str()));
    format!("{}\t{}{mode}\t{}\t{}\t{last_event}{notice}", a.name, a.provider, a.channel, translate(a.state.as_str()))
}

pub(super) fn url(context: &Context, name: &str, only_path: bool) -> Result<(), Exit> {
    let client = context.client()?;
    print_url(context, &client, &client.webhook_path(name)?, only_path)
}

fn print_url(context: &Context, client: &Client, path: &str, only_path: bool) -> Result<(), Exit> {
    if only_path {
        return if context.common.json { print::json(&json!({"path": path})) } else { print::line(path) };
    }
    let (url, reachable) = client.webhook_url(path);
    hint_unreachable(reachable);
    if context.common.json { print::json(&json!({"url": url})) } else { print::line(&url) }
}

pub(super) fn show(context: &Context, name: &str) -> Result<(), Exit> {
    let settings = context.settings.account(name)?;
    let AccountDetails { account, gateway, error } = details(&context.client()?, settings)?;
    if context.common.json {
        return print::json(&account);
    }
    let Some((gateway, base_url)) = gateway else {
        return Err(Exit::wrong(error.map_or_else(String::new, |error| error.to_string())));
    };
    let lines = [
        ("name", account.name.to_string()),
        ("gateway", gateway.name.to_owned()),
        ("base_url", base_url),
        ("mode", account.mode.unwrap_or_else(|| "-".to_owned())),
        ("channel", account.channel.to_string()),
        ("session", settings.session.clone().unwrap_or_else(|| "-".to_owned())),
        ("api_key", "***".to_owned()),
        ("webhook_secret", if settings.webhook_secret.is_some() { "***" } else { "-" }.to_owned()),
        ("state", translate(account.state.as_str())),
        ("notice", account.notice.as_ref().map_or_else(|| "-".to_owned(), notice_line)),
        ("last event", account.last_event_at.map_or_else(|| "-".to_owned(), |at| at.to_string())),
        ("webhook path", account.webhook_path),
    ];
    lines.iter().try_for_each(|(key, value)| {
        let key = translate(key);
        print::line(&format!("{key:<15} {}", Clean::line(value).as_str()))
    })
}

fn notice_line(notice: &AccountNotice) -> String {
    format!("{} {}", notice.code.as_str(), notice.detail).trim_end().to_owned()
}

pub(super) fn rotate_token(context: &Context, name: &str) -> Result<(), Exit> {
    let client = context.client()?;
    let path = client.rotate_token(name)?;
    print::stderr_line("the old URL is refused from now on; paste the new one in the gateway's dashboard");
    print_url(context, &client, &path, false)
}
