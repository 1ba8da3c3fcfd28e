//! `conversations`, `messages`, `search`: the store for scripts and people.
use super::args::{Conversations, Messages, Search};
use super::{Context, Exit, print};
use crate::domain::conversation::{ConversationFilter, ConversationOrder, ConversationRange};
use crate::domain::message::MessageRange;
use crate::domain::query;
use crate::domain::{AccountName, Conversation, ConversationId, ConversationState, Direction, Message, MessageId};
use crate::engine::Client;
use crate::text::Clean;
use jiff::tz::TimeZone;

/// Rows read from the store at a time.
const PAGE: usize = 200;
pub(super) fn conversations(context: &Context, list: &Conversations) -> Result<(), Exit> {
    let client = context.client()?;
    let filter = ConversationFilter {
        account: list.account.as_deref().map(|name| known_account(context, &client, name)).transpose()?,
        unread: list.unread,
        state: list.state,
        order: ConversationOrder::Activity,
        ..ConversationFilter::default()
    };
    let mut range = ConversationRange::Top;
    loop {
        let page = client.conversations(&filter, range, PAGE)?;
        for conversation in &page {
            if context.common.json {
                print::json(conversation)?;
            } else {
                print::line(&conversation_line(conversation))?;
            }
        }
        match page.last() {
            Some(lowest) if page.len() == PAGE => range = ConversationRange::After(lowest.key(filter.order)),
            _ => return Ok(()),
        }
    }
}
pub(super) fn messages(context: &Context, list: &Messages) -> Result<(), Exit> {
    let client = context.client()?;
    let before = match list.before {
        None => None,
        Some(id) => match client.message(MessageId(id))? {
            Some(message) => Some(message.order),
            None => return Err(Exit::wrong(format!("--before {id}: there is no such message"))),
        },
    };
    let conversation = match (&list.account, list.conversation) {
        (_, Some(id)) => Some(by_id(&client, id)?),
        (Some(name), None) => {
            let account = known_account(context, &client, name)?;
            match &list.peer {
                None => return show(context, &client.account_messages(&account, before, list.limit)?),
                Some(peer) => match with_peer(&client, &account, peer)? {
                    Some(id) => Some(id),
                    None => return Ok(()),
                },
            }
        }
        (None, None) => None,
    };
    let Some(id) = conversation else { return Err(Exit::wrong("say whose: --account NAME or --conversation ID")) };
    let window = before.map_or(MessageRange::Newest, MessageRange::Before);
    show(context, &client.messages(id, window, list.limit)?)
}
pub(super) fn search(context: &Context, search: &Search) -> Result<(), Exit> {
    let client = context.client()?;
    let mut filter = query::parse(&search.query, context.settings.country, &TimeZone::system())
        .map_err(|error| Exit::wrong(context.locale().strings().word_error(&error)))?;
    let account = filter.account.take().map(|name| known_account(context, &client, name.as_str())).transpose()?;
    filter.account = account;
    if let Some(name) = &search.account {
        let named = known_account(context, &client, name)?;
        if filter.account.replace(named.clone()).is_some_and(|before| before != named) {
            return Ok(());
        }
    }
    if filter == ConversationFilter::default() {
        return Ok(());
    }
    let results = client.search(&filter, search.limit, usize::MAX)?;
    show(context, &results.messages)?;
    if results.unindexed > 0 {
        print::stderr_line(&format!(
            "still indexing, {} messages left: there may be more to find; search again later",
            results.unindexed
        ));
    }
    Ok(())
}

fn show(context: &Context, messages: &[Message]) -> Result<(), Exit> {
    messages.iter().try_for_each(|message| {
        if context.common.json { print::json(message) } else { print::line(&message_line(message)) }
    })
}

/// The conversation with a peer: a number in any usual form, an id, or a part of a number that only one has.
fn with_peer(client: &Client, account: &AccountName, peer: &str) -> Result<Option<ConversationId>, Exit> {
    if let Some(id) = client.conversation_with(account, peer)? {
        return Ok(Some(id));
    }
    match client.conversations_of_number(account, peer, 5)?.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only.id)),
        several => {
            let peers: Vec<_> = several.iter().map(|c| Clean::line(&c.peer).into_string()).collect();
            Err(Exit::wrong(format!("--peer {peer}: several have such a number, say which: {}", peers.join(", "))))
        }
    }
}

fn by_id(client: &Client, id: i64) -> Result<ConversationId, Exit> {
    match client.conversation(ConversationId(id))? {
        Some(conversation) => Ok(conversation.id),
        None => Err(Exit::wrong(format!("--conversation {id}: there is no such conversation"))),
    }
}

/// An account of the configuration, or one that has left it but has conversations.
pub(super) fn known_account(context: &Context, client: &Client, name: &str) -> Result<AccountName, Exit> {
    let unknown = || match context.settings.account(name) {
        Ok(_) => Exit::wrong(format!("there is no account \"{name}\"")),
        Err(error) => Exit::from(error),
    };
    let account = AccountName::new(name).ok_or_else(unknown)?;
    let configured = context.settings.accounts.iter().any(|a| a.name == account)
        || context.settings.invalid_accounts.iter().any(|b| b.name == name);
    if configured || client.stored_account(&account)?.is_some() { Ok(account) } else { Err(unknown()) }
}

/// A conversation as a line for people.
pub(super) fn conversation_line(c: &Conversation) -> String {
    let name = Clean::name(&c.name).unwrap_or_else(|| Clean::line(&c.peer));
    let unread = if c.unread > 0 { format!(" ({})", c.unread) } else { String::new() };
    let mut facts = Vec::new();
    if c.state != ConversationState::Open {
        facts.push(match c.snoozed_until {
            Some(until) => format!("{} {until}", c.state.as_str()),
            None => c.state.as_str().to_owned(),
        });
    }
    facts.extend(c.assignee.as_ref().map(|agent| format!("@{}", Clean::line(agent).as_str())));
    facts.extend(c.labels.iter().map(|label| format!("+{}", Clean::line(label).as_str())));
    let facts = if facts.is_empty() { String::new() } else { format!(" [{}]", facts.join(" ")) };
    format!(
        "{id}\t{at}\t{account}/{channel}\t{name}{unread}{facts}\t{text}",
        id = c.id,
        at = c.last_at,
        account = c.account,
        channel = c.channel,
        name = name.as_str(),
        text = Clean::line(&c.last_text).as_str(),
    )
}

/// A message as a line for people.
pub(super) fn message_line(m: &Message) -> String {
    let who = match m.direction {
        Direction::In => "<",
        Direction::Out => ">",
        Direction::Internal => "=",
    };
    let text = if m.words().is_empty() { format!("[{}]", m.kind) } else { m.words().to_owned() };
    let error = m.error.as_ref().map_or(String::new(), |e| format!("\t{}: {}", e.code, e.message));
    format!(
        "{id}\t{at}\t{account}/{peer}\t{who}\t{status}\t{text}{error}",
        id = m.id,
        at = m.at,
        account = m.account,
        peer = Clean::line(&m.peer).as_str(),
        status = m.status,
        text = Clean::line(&text).as_str(),
        error = Clean::line(&error).as_str(),
    )
}
