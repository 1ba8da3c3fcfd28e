//! `loket contacts …`: the gateway's address book, a CRM's, and the local copy.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::args::ContactsCommand;
use super::gateway::Line;
use super::progress::Progress;
use super::{Context, Exit, print, read};
use crate::domain::{Capabilities, Contact, phone};
use crate::engine::contacts::csv;
use crate::engine::contacts::csv::CsvWriter;
use crate::engine::contacts::import::{Import, Stopped, Tally};
use crate::engine::contacts::sync;
use crate::engine::contacts::sync::{Book, BookError};
use crate::engine::outbound::query::QueryError;
use crate::providers::{Query, QueryResponse};
use crate::store::contact_key;
use crate::text::Clean;

/// Contacts read from the store at a time.
const PAGE: usize = 500;
/// A larger file is no contact list.
const FILE_MAX: u64 = 64 << 20;
/// Failed rows that are named on standard error; the object on standard output has all.
const NAMED: usize = 10;

const AGAIN: &str = "run the same command again to go on where it stopped";

/// `loket contacts …`.
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

/// A line to a gateway that has an address book.
fn line<'a>(context: &'a Context, account: &str) -> Result<Line<'a>, Exit> {
    let line = Line::to(context, account)?;
    let capabilities = &line.member.capabilities;
    if capabilities.contacts {
        return Ok(line);
    }
    let (name, can) = (line.member.manifest().name, questions(capabilities));
    Err(Exit::wrong(format!("account \"{account}\": {name} has no address book over its API; {can}")))
}

/// What an account's gateway can be asked.
fn questions(capabilities: &Capabilities) -> String {
    let can: Vec<_> = [
        (capabilities.list_groups, "list groups (loket groups)"),
        (capabilities.list_templates, "list templates (loket templates)"),
        (capabilities.check_number, "check numbers (loket check-number)"),
        (capabilities.login, "log in by QR code (loket login)"),
    ]
    .into_iter()
    .filter_map(|(can, words)| can.then_some(words))
    .collect();
    if can.is_empty() { "it can only send".to_owned() } else { format!("it can send, {}", can.join(", ")) }
}

fn list(context: &Context, account: &str, search: Option<String>) -> Result<(), Exit> {
    let line = line(context, account)?;
    let mut book = Book::open(&line.http, &line.member, search);
    while let Some(contacts) = line.runtime.block_on(book.next()).map_err(|error| unanswered(&line, error))? {
        contacts.iter().try_for_each(|contact| show(context, contact))?;
    }
    Ok(())
}

fn unanswered(line: &Line<'_>, error: QueryError) -> Exit {
    match error {
        QueryError::Failed(failure) => line.failed(&failure),
        QueryError::Unsupported => line.nonsense(),
    }
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
    let line = line(context, account)?;
    let mut progress = Progress::new();
    let told = |synced: u64, total: Option<u64>| {
        let of = total.map_or_else(String::new, |total| format!(" of {total}"));
        progress.tell(&format!("{account}: {synced}{of} contacts"));
    };
    let synced = line.runtime.block_on(sync::sync(&line.http, &line.member, &line.store, told));
    progress.end();
    let synced = synced.map_err(|error| match error {
        BookError::Ask(error) => unanswered(&line, error),
        BookError::Store(error) => error.into(),
    })?;
    if context.common.json {
        print::json(&json!({"synced": synced}))
    } else {
        print::line(&format!("{synced} contacts are in the local address book"))
    }
}

/// A contact as its flags say.
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
    let line = line(context, account)?;
    let number = contact.phone.clone().unwrap_or_default();
    match line.ask(&Query::CreateContact(Box::new(contact)))?.answer {
        QueryResponse::Created(kept) => {
            let kept = Contact { account: Some(line.member.name().clone()), ..*kept };
            line.store.upsert_contacts(line.member.name(), vec![kept.clone()]).wait()?;
            show(context, &kept)
        }
        QueryResponse::Exists => {
            let name = line.member.manifest().name;
            Err(Exit::failed(format!(
                "account \"{account}\": {name} has a contact with the number {number} already; change it in its dashboard"
            )))
        }
        _ => Err(line.nonsense()),
    }
}

fn import(context: &Context, file: &Path, account: &str) -> Result<(), Exit> {
    let wrong = |words: String| Exit::wrong(format!("{}: {words}", file.display()));
    let bytes = contents(file).map_err(wrong)?;
    let rows = csv::read(&bytes, context.settings.country).map_err(|error| wrong(error.to_string()))?;
    let line = line(context, account)?;
    let mut import = Import::of(&line.http, &line.member, &line.store, &bytes, &rows)?;
    if import.done_before() > 0 {
        print::complain(&format!("going on where an earlier run stopped: {} rows are done", import.done_before()));
    }
    let total = rows.len();
    let mut progress = Progress::new();
    let told = |tally: &Tally| progress.tell_rarely(&so_far(tally, total));
    let ended = line.runtime.block_on(async {
        tokio::select! {
            ended = import.run(told) => Some(ended),
            _ = tokio::signal::ctrl_c() => None,
        }
    });
    progress.end();
    let tally = import.tally();
    print::json(&tally)?;
    match ended {
        None => Err(Exit::failed(format!("interrupted with {} rows left; {AGAIN}", tally.remaining))),
        Some(Err(stopped)) => {
            let exit = stop(&line, stopped);
            Err(Exit { message: format!("{}; {} rows are left: {AGAIN}", exit.message, tally.remaining), ..exit })
        }
        Some(Ok(())) => verdict(&tally, total),
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

fn so_far(tally: &Tally, total: usize) -> String {
    let done = (total as u64).saturating_sub(tally.remaining);
    format!(
        "{done} of {total} rows: {} created, {} skipped, {} failed",
        tally.created,
        tally.skipped,
        tally.failed.len()
    )
}

fn stop(line: &Line<'_>, stopped: Stopped) -> Exit {
    match stopped {
        Stopped::Gateway(failure) => line.failed(&failure),
        Stopped::Unsupported => line.nonsense(),
        Stopped::Store(error) => error.into(),
    }
}

fn verdict(tally: &Tally, total: usize) -> Result<(), Exit> {
    if tally.failed.is_empty() {
        print::complain(&so_far(tally, total));
        return Ok(());
    }
    let mut words = format!("{} of {total} rows failed; correct them and import again", tally.failed.len());
    for row in tally.failed.iter().take(NAMED) {
        let (code, message) = (Clean::line(&row.code), Clean::line(&row.message));
        // Writing to a String cannot fail.
        let _ = write!(words, "\n  row {}: {}: {}", row.row, code.as_str(), message.as_str());
    }
    if tally.failed.len() > NAMED {
        words += "\n  …";
    }
    Err(Exit::failed(words))
}

fn export(context: &Context, account: &str) -> Result<(), Exit> {
    let store = context.store()?;
    let account = read::known_account(context, &store, account)?;
    let mut contacts: Vec<Contact> = Vec::new();
    loop {
        let page = store.contacts(&account, None, PAGE, contacts.last().map(contact_key))?;
        let last = page.len() < PAGE;
        contacts.extend(page);
        if last {
            break;
        }
    }
    if contacts.is_empty() {
        print::complain(&format!(
            "the local address book is empty; fill it with: loket contacts sync --account {account}"
        ));
    }
    if context.common.json {
        return contacts.iter().try_for_each(print::json);
    }
    // Cell by cell: a terminal command in one cell must not swallow the next.
    let contacts: Vec<Contact> = contacts.into_iter().map(cleaned).collect();
    let sheet = CsvWriter::of(&contacts);
    print::line(&sheet.header())?;
    contacts.iter().try_for_each(|contact| print::line(&sheet.line(contact)))
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
