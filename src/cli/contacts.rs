//! `loket contacts …`: the gateway's address book, a CRM's, and the local copy.

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

use super::account_client::AccountClient;
use super::args::ContactsCommand;
use super::progress::Progress;
use super::{Context, Exit, print, read};
use crate::domain::{Capabilities, Contact, phone};
use crate::engine::contacts::csv::{self, CsvWriter};
use crate::engine::contacts::import::ImportSummary;
use crate::text::Clean;

/// A larger file is no contact list.
const FILE_MAX: u64 = 64 << 20;
/// Failed rows that are named on standard error; the object on standard output has all.
const NAMED: usize = 10;

const AGAIN: &str = "run the same command again to go on where it stopped";
pub(super) fn run(context: &Context, command: &ContactsCommand) -> Result<(), Exit> {
    match command {
        ContactsCommand::List { account, search } => list(context, account, search.clone()),
        ContactsCommand::Sync { account } => sync(context, account),
        ContactsCommand::Create { account, phone, name, email, tags, fields } => {
            let contact = typed_contact(context, phone, name.as_ref(), email.as_ref(), tags, fields)?;
            create(context, account, contact)
        }
        ContactsCommand::Import { file, account } => import(context, file, account),
        ContactsCommand::Export { account } => export(context, account),
    }
}

/// An account whose gateway has an address book.
fn open<'a>(context: &'a Context, account: &str) -> Result<AccountClient<'a>, Exit> {
    let session = AccountClient::open(context, account)?;
    if session.status.capabilities.contacts {
        return Ok(session);
    }
    let (gateway, can) = (session.gateway(), queries(&session.status.capabilities));
    Err(Exit::wrong(format!("account \"{account}\": {gateway} has no address book over its API; {can}")))
}

/// What an account's gateway can do instead.
fn queries(capabilities: &Capabilities) -> String {
    let can: Vec<_> = [
        (capabilities.list_groups, "list groups (loket groups)"),
        (capabilities.list_templates, "list templates (loket templates)"),
        (capabilities.check_number, "check numbers (loket check-number)"),
        (capabilities.login, "log in by QR code (loket login)"),
    ]
    .into_iter()
    .filter_map(|(can, text)| can.then_some(text))
    .collect();
    if can.is_empty() { "it can only send".to_owned() } else { format!("it can send, {}", can.join(", ")) }
}

fn list(context: &Context, account: &str, search: Option<String>) -> Result<(), Exit> {
    let session = open(context, account)?;
    let mut pages = session.client.contact_pages(session.name(), search).map_err(|e| session.exit(e.into()))?;
    while let Some(contacts) = session.query(pages.next())? {
        contacts.iter().try_for_each(|contact| show(context, contact))?;
    }
    Ok(())
}

fn show(context: &Context, contact: &Contact) -> Result<(), Exit> {
    if context.common.json {
        return print::json(contact);
    }
    let text = |value: &Option<String>| Clean::line(value.as_deref().unwrap_or("-")).into_string();
    let tags = Clean::line(&contact.tags.join(", ")).into_string();
    print::line(&format!("{}\t{}\t{}\t{tags}", text(&contact.phone), text(&contact.name), text(&contact.email)))
}

fn sync(context: &Context, account: &str) -> Result<(), Exit> {
    let session = open(context, account)?;
    let mut progress = Progress::new();
    let show = |synced: u64, total: Option<u64>| {
        let of = total.map_or_else(String::new, |total| format!(" of {total}"));
        progress.update(&format!("{account}: {synced}{of} contacts"));
    };
    let synced = session.query(session.client.sync_contacts(session.name(), show));
    progress.end();
    let synced = synced?;
    if context.common.json {
        print::json(&json!({"synced": synced}))
    } else {
        print::sentence(&format!("{synced} contacts are in the local address book"))
    }
}

/// The contact that the flags give.
fn typed_contact(
    context: &Context,
    number: &str,
    name: Option<&String>,
    email: Option<&String>,
    tags: &[String],
    fields: &[String],
) -> Result<Contact, Exit> {
    let phone = phone::normalise(number, context.settings.country).ok_or_else(|| {
        Exit::wrong(format!("--phone {number}: no phone number; write it like 0812-3456-7890 or +62 812…"))
    })?;
    let mut custom_fields = serde_json::Map::new();
    for field in fields {
        let (name, value) = field
            .split_once('=')
            .filter(|(name, _)| !name.trim().is_empty())
            .ok_or_else(|| Exit::wrong(format!("--field {field}: write NAME=VALUE")))?;
        custom_fields.insert(name.trim().to_owned(), csv::typed(value));
    }
    let filled = |text: Option<&String>| text.filter(|text| !text.trim().is_empty()).cloned();
    Ok(Contact {
        account: None,
        remote_id: None,
        phone: Some(phone),
        name: filled(name),
        email: filled(email),
        tags: tags.to_vec(),
        custom_fields,
    })
}

fn create(context: &Context, account: &str, contact: Contact) -> Result<(), Exit> {
    let session = open(context, account)?;
    let number = contact.phone.clone().unwrap_or_default();
    match session.query(session.client.create_contact(session.name(), contact))? {
        Some(created) => show(context, &created),
        None => Err(Exit::failed(format!(
            "account \"{account}\": {} has a contact with the number {number} already; change it in its dashboard",
            session.gateway()
        ))),
    }
}

fn import(context: &Context, file: &Path, account: &str) -> Result<(), Exit> {
    let wrong = |reason: String| Exit::wrong(format!("{}: {reason}", file.display()));
    let bytes = contents(file).map_err(wrong)?;
    let rows = csv::read(&bytes, context.settings.country).map_err(|error| wrong(error.to_string()))?;
    let total = rows.len();
    let session = open(context, account)?;
    let mut import =
        session.client.import_contacts(session.name(), &bytes, rows).map_err(|error| session.exit(error))?;
    if import.done_before() > 0 {
        print::stderr_line(&format!("going on where an earlier run stopped: {} rows are done", import.done_before()));
    }
    let mut progress = Progress::new();
    let show = |summary: &ImportSummary| progress.update_rarely(&so_far(summary, total));
    let ended = session.block_on(async {
        tokio::select! {
            ended = import.run(show) => Some(ended),
            _ = tokio::signal::ctrl_c() => None,
        }
    });
    progress.end();
    let summary = import.summary();
    print::json(&summary)?;
    match ended {
        None => Err(Exit::failed(format!("interrupted with {} rows left; {AGAIN}", summary.remaining))),
        Some(Err(error)) => {
            let exit = session.exit(error);
            Err(Exit { message: format!("{}; {} rows are left: {AGAIN}", exit.message, summary.remaining), ..exit })
        }
        Some(Ok(())) => result(&summary, total),
    }
}

fn contents(file: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let metadata = std::fs::metadata(file).map_err(unreadable)?;
    if metadata.len() > FILE_MAX {
        return Err(format!("is larger than {} MiB; import it in parts", FILE_MAX >> 20));
    }
    std::fs::read(file).map_err(unreadable)
}

fn so_far(summary: &ImportSummary, total: usize) -> String {
    let done = (total as u64).saturating_sub(summary.remaining);
    format!(
        "{done} of {total} rows: {} created, {} skipped, {} failed",
        summary.created,
        summary.skipped,
        summary.failed.len()
    )
}

fn result(summary: &ImportSummary, total: usize) -> Result<(), Exit> {
    if summary.failed.is_empty() {
        print::stderr_line(&so_far(summary, total));
        return Ok(());
    }
    let mut message = format!("{} of {total} rows failed; correct them and import again", summary.failed.len());
    for row in summary.failed.iter().take(NAMED) {
        let (code, reason) = (Clean::line(&row.code), Clean::line(&row.message));
        // Writing to a String cannot fail.
        let _ = write!(message, "\n  row {}: {}: {}", row.row, code.as_str(), reason.as_str());
    }
    if summary.failed.len() > NAMED {
        message += "\n  …";
    }
    Err(Exit::failed(message))
}

fn export(context: &Context, account: &str) -> Result<(), Exit> {
    let client = context.client()?;
    let account = read::known_account(context, &client, account)?;
    let contacts = client.local_contacts(&account)?;
    if contacts.is_empty() {
        print::stderr_line(&format!(
            "the local address book is empty; fill it with: loket contacts sync --account {account}"
        ));
    }
    if context.common.json {
        return contacts.iter().try_for_each(print::json);
    }
    // Cell by cell: a terminal command in one cell must not swallow the next.
    let contacts: Vec<Contact> = contacts.into_iter().map(cleaned).collect();
    let writer = CsvWriter::new(&contacts);
    print::line(&writer.header())?;
    contacts.iter().try_for_each(|contact| print::line(&writer.line(contact)))
}

fn cleaned(contact: Contact) -> Contact {
    let text = |text: String| Clean::block(&text).into_string();
    let value = |value: Value| match value {
        Value::String(value) => Value::String(text(value)),
        Value::Array(_) | Value::Object(_) => Value::String(text(value.to_string())),
        plain => plain,
    };
    Contact {
        phone: contact.phone.map(text),
        name: contact.name.map(text),
        email: contact.email.map(text),
        tags: contact.tags.into_iter().map(text).collect(),
        custom_fields: contact.custom_fields.into_iter().map(|(name, field)| (text(name), value(field))).collect(),
        ..contact
    }
}
