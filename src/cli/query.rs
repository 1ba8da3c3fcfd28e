//! `groups`, `templates`, `check-number`, `account check`: queries that the gateway answers.

use serde_json::json;

use super::account_client::AccountClient;
use super::args::CheckNumber;
use super::translation::translate;
use super::{Context, Exit, print};
use crate::domain::{NumberCheck, phone};
use crate::engine::client::KeyCheck;
use crate::text::Clean;
pub(super) fn groups(context: &Context, account: &str) -> Result<(), Exit> {
    let session = AccountClient::open(context, account)?;
    let groups = session.query(session.client.groups(session.name()))?;
    groups.iter().try_for_each(|group| {
        if context.common.json {
            print::json(group)
        } else {
            print::line(&format!("{}\t{}", Clean::line(&group.id).as_str(), Clean::line(&group.name).as_str()))
        }
    })
}
pub(super) fn templates(context: &Context, account: &str) -> Result<(), Exit> {
    let session = AccountClient::open(context, account)?;
    let templates = session.query(session.client.templates(session.name()))?;
    templates.iter().try_for_each(|template| {
        if context.common.json {
            print::json(template)
        } else {
            let fields = [&template.name, &template.language, &template.status, &template.body];
            print::line(&fields.map(|f| Clean::line(f).into_string()).join("\t"))
        }
    })
}
pub(super) fn check_number(context: &Context, args: &CheckNumber) -> Result<(), Exit> {
    let number = phone::normalise(&args.phone, context.settings.country).ok_or_else(|| {
        Exit::wrong(format!("{} is no phone number; write it like 0812-3456-7890 or +62 812…", args.phone))
    })?;
    let session = AccountClient::open(context, &args.account)?;
    let registered = session.query(session.client.check_number(session.name(), &number))?;
    let result = NumberCheck { account: session.name().clone(), phone: number, registered };
    if context.common.json {
        return print::json(&result);
    }
    let word = translate(if registered { "registered" } else { "not registered" });
    print::line(&format!("{}\t{word}", result.phone))
}
pub(super) fn check_account(context: &Context, account: &str) -> Result<(), Exit> {
    let session = AccountClient::open(context, account)?;
    let gateway = session.gateway();
    let check = session.query(async { Ok(session.client.check_account(session.name()).await?) })?;
    let (accepted, text) = match check {
        KeyCheck::Accepted { .. } => (Some(true), format!("{account}: {gateway} accepts the key")),
        KeyCheck::Unsupported => {
            let text = "has no harmless request to try the key with; the first message will tell";
            (None, format!("{account}: {gateway} {text}"))
        }
        KeyCheck::Refused(failure) | KeyCheck::Failed(failure) => return Err(session.failed(&failure)),
    };
    if context.common.json {
        return print::json(&json!({"account": account, "key_accepted": accepted}));
    }
    print::sentence(&text)
}
