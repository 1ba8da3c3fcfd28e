//! `loket conversation`: what the screen does to a conversation, for scripts.

use jiff::tz::TimeZone;

use super::args::{Conversation as Arguments, ConversationAction as Action};
use super::{Context, Exit, print, read, runtime};
use crate::domain::until::{Until, UntilError};
use crate::domain::{
    AuditEntry, Conversation, ConversationId, ConversationState, MessageId, Note, StoreError, TakeResult, Timestamp,
};
use crate::engine::Client;
use crate::text::Clean;
use crate::tui::i18n::audit::action_words;
use crate::tui::i18n::fill;

/// Does what is asked for, then prints the conversation as it is; a note prints its message.
pub(super) fn run(context: &Context, arguments: Arguments) -> Result<(), Exit> {
    let client = context.client()?;
    let id = find(context, &client, arguments.id)?.id;
    let mut json = context.common.json;
    let shows_audit = matches!(arguments.action, Action::Show);
    match arguments.action {
        Action::Show => {}
        Action::Label { mut labels, help: _ } => {
            // An option behind labels is taken for one of them.
            json |= labels.iter().any(|label| label == "--json");
            labels.retain(|label| label != "--json");
            label(context, &client, id, &labels)?;
        }
        Action::Note { text } => return note(context, &client, id, &text),
        action => runtime()?.block_on(act(context, &client, id, action))?,
    }
    let conversation = find(context, &client, id.0)?;
    if shows_audit { show_with_audit(context, &client, &conversation, json) } else { show(&conversation, json) }
}

/// The conversation, and what agents did to it, the oldest first.
fn show_with_audit(context: &Context, client: &Client, conversation: &Conversation, json: bool) -> Result<(), Exit> {
    let mut acts = client.audit(conversation.id)?;
    acts.reverse();
    if json {
        return print::json(&WithAudit { conversation, audit: &acts });
    }
    show(conversation, false)?;
    let (strings, zone) = (context.locale().strings(), TimeZone::system());
    acts.iter().try_for_each(|entry| {
        let what = action_words(strings, entry, client.now(), &zone);
        let from = entry.address.as_deref().map(|address| format!(" ({})", Clean::line(address).as_str()));
        let agent = Clean::line(&entry.agent);
        print::line(&format!("  {}\t{}\t{what}{}", entry.at, agent.as_str(), from.unwrap_or_default()))
    })
}

/// A conversation with what agents did to it.
#[derive(serde::Serialize)]
struct WithAudit<'a> {
    #[serde(flatten)]
    conversation: &'a Conversation,
    /// From the oldest act to the newest.
    audit: &'a [AuditEntry],
}

async fn act(context: &Context, client: &Client, id: ConversationId, action: Action) -> Result<(), Exit> {
    let done = match action {
        Action::Take { name } => return take(context, client, id, name).await,
        Action::Assign { name } => {
            let name = name.unwrap_or_else(|| client.agent());
            client.assign(id, Some(agent(context, &name)?)).await
        }
        Action::Unassign => client.assign(id, None).await,
        Action::Resolve => client.set_state(id, ConversationState::Resolved, None).await,
        Action::Reopen => client.set_state(id, ConversationState::Open, None).await,
        Action::Snooze { until } => {
            let until = until_of(context, client, &until.join(" "))?;
            client.set_state(id, ConversationState::Snoozed, until).await
        }
        Action::Read => client.mark_read(id, MessageId(i64::MAX)).await,
        Action::Unread => client.mark_unread(id).await,
        Action::Show | Action::Label { .. } | Action::Note { .. } => Ok(()),
    };
    Ok(done?)
}

async fn take(context: &Context, client: &Client, id: ConversationId, name: Option<String>) -> Result<(), Exit> {
    let name = name.unwrap_or_else(|| client.agent());
    match client.take_for(id, agent(context, &name)?).await? {
        TakeResult::Taken => Ok(()),
        TakeResult::HeldBy(holder) => {
            let sentence = &context.locale().strings().cli.held_by;
            Err(Exit::failed(fill(sentence, &[("name", Clean::line(&holder).as_str())])))
        }
    }
}

/// The name of an agent, which must not be empty.
fn agent<'a>(context: &Context, name: &'a str) -> Result<&'a str, Exit> {
    let name = name.trim();
    if name.is_empty() { Err(Exit::wrong(context.locale().strings().cli.no_agent.clone())) } else { Ok(name) }
}

fn label(context: &Context, client: &Client, id: ConversationId, labels: &[String]) -> Result<(), Exit> {
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    for label in labels {
        let parts = [('+', &mut add), ('-', &mut remove)];
        let found = parts.into_iter().find_map(|(sign, list)| {
            let name = label.strip_prefix(sign)?.trim();
            (!name.is_empty() && !name.starts_with('-')).then(|| list.push(name.to_owned()))
        });
        if found.is_none() {
            let sentence = &context.locale().strings().cli.label_misspelt;
            return Err(Exit::wrong(fill(sentence, &[("label", Clean::line(label).as_str())])));
        }
    }
    Ok(runtime()?.block_on(client.edit_labels(id, add, remove))?)
}

fn note(context: &Context, client: &Client, id: ConversationId, text: &str) -> Result<(), Exit> {
    let note = Note::new(text).ok_or_else(|| Exit::wrong(context.locale().strings().cli.note_empty.clone()))?;
    let message = runtime()?.block_on(client.add_note(id, note))?;
    if context.common.json { print::json(&message) } else { print::line(&read::message_line(&message)) }
}

/// When a conversation opens by itself; `None`: when the customer writes.
fn until_of(context: &Context, client: &Client, text: &str) -> Result<Option<Timestamp>, Exit> {
    match parse_until(context, client, text)? {
        Until::At(at) => Ok(Some(at)),
        Until::Reply => Ok(None),
    }
}

/// A time as people write it; an error says how.
pub(super) fn parse_until(context: &Context, client: &Client, text: &str) -> Result<Until, Exit> {
    Until::parse(text, client.now(), &TimeZone::system()).map_err(|error| {
        let strings = &context.locale().strings().cli;
        let sentence = match error {
            UntilError::Misspelt => &strings.until_misspelt,
            UntilError::Passed => &strings.until_passed,
        };
        Exit::wrong(fill(sentence, &[("text", Clean::line(text).as_str())]))
    })
}

/// The conversation with an id, or the one that it was merged into.
fn find(context: &Context, client: &Client, id: i64) -> Result<Conversation, Exit> {
    let unknown = || {
        let sentence = &context.locale().strings().cli.no_conversation;
        Exit::wrong(fill(sentence, &[("id", &id.to_string())]))
    };
    let found = match client.current_conversation(ConversationId(id)) {
        Ok(id) => client.conversation(id)?,
        Err(StoreError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    found.ok_or_else(unknown)
}

fn show(conversation: &Conversation, json: bool) -> Result<(), Exit> {
    if json { print::json(conversation) } else { print::line(&read::conversation_line(conversation)) }
}
