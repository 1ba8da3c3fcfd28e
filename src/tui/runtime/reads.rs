//! Answers what the screen asks of the store.
//!
//! Invariant: nothing here writes to the store, and nothing here waits for a network.

use crate::tui::effect::{Read, TerminalAction};
use std::collections::BTreeSet;

use super::backend::Backend;
use super::login;
use crate::domain::conversation::ConversationFilter;
use crate::domain::message::MessageKey;
use crate::domain::{ChangeKind, ConversationId, Message, MessageId, Seq};
use crate::tui::effect::{Effect, Window};
use crate::tui::message::{Changed, FactsRead, Msg, Opening};
use crate::tui::overlays::address::Party;
use crate::tui::thread::state::PAGE;

/// Changes are read in steps of this size.
const CHANGES: usize = 500;

/// When more conversations changed than this, the list is read again instead.
const ROWS: usize = 200;

/// A conversation with more unread messages than this opens at the first of them, without the newest.
const UNREAD_MOST: usize = 300;

/// At most so many messages are found by a search, and conversations by a name.
const FOUND: usize = 100;

/// The answer to a question for the store; `None` when the effect is no such question.
pub fn answer<B: Backend>(backend: &B, effect: &Effect) -> Option<Msg> {
    Some(match effect {
        Effect::Read(Read::Facts) => Msg::FactsRead(Box::new(facts(backend))),
        Effect::Read(Read::List { generation, filter, after, limit }) => Msg::ListRead {
            generation: *generation,
            first: after.is_none(),
            limit: *limit,
            rows: backend.conversations(filter, *after, *limit),
        },
        Effect::Read(Read::Changes { after, open }) => Msg::Changed(changes(backend, *after, *open).map(Box::new)),
        Effect::Read(Read::Conversation { conversation, at }) => Msg::Opened {
            conversation: *conversation,
            opening: opening(backend, *conversation, *at).map(|o| o.map(Box::new)),
        },
        Effect::Read(Read::Messages { conversation, window, limit }) => Msg::MessagesRead {
            conversation: *conversation,
            window: *window,
            limit: *limit,
            messages: backend.messages(*conversation, *window, *limit),
        },
        Effect::Read(Read::NextUnread { not }) => Msg::NextUnread(backend.next_unread(*not)),
        Effect::Read(Read::FindConversations { question, text }) => {
            let filter = ConversationFilter { text: Some(text.clone()), ..ConversationFilter::default() };
            // A finder that cannot read shows what is loaded; the list tells about the store's trouble.
            let found = backend.conversations(&filter, None, FOUND).unwrap_or_default();
            Msg::ConversationsFound { question: *question, found: found.into_iter().map(|(_, c)| c).collect() }
        }
        Effect::Read(Read::SearchMessages { question, query }) => {
            Msg::MessagesFound { question: *question, found: search(backend, query) }
        }
        Effect::Read(Read::FindContacts { question, account, text }) => {
            Msg::ContactsFound { question: *question, found: backend.contacts(account, text, FOUND) }
        }
        Effect::Read(Read::FindAddress { account, to, group }) => Msg::AddressFound {
            account: account.clone(),
            party: Party { to: to.clone(), group: *group },
            found: backend.address(account, to, *group),
        },
        Effect::Read(Read::SetupOptions) => Msg::ChoicesRead(backend.choices().map(Box::new)),
        Effect::Terminal(TerminalAction::SavePicture { account, code }) => {
            Msg::PictureSaved(login::save_picture(backend.pictures(), account, code))
        }
        _ => return None,
    })
}

fn facts<B: Backend>(backend: &B) -> FactsRead {
    FactsRead {
        accounts: backend.accounts(),
        broken: backend.broken(),
        counts: backend.counts().ok(),
        facts: backend.status(),
    }
}

fn changes<B: Backend>(backend: &B, after: Seq, open: Option<ConversationId>) -> Result<Changed, String> {
    let changes = backend.changes_since(after, CHANGES)?;
    // Forgotten changes leave a gap: whatever they were, the list is read again.
    let gap = changes.first().is_some_and(|c| c.seq.0 > after.0.saturating_add(1));
    let mut rows: Vec<ConversationId> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut ids: BTreeSet<MessageId> = BTreeSet::new();
    for change in &changes {
        let conversation = match &change.kind {
            ChangeKind::MessageAdded { conversation, message }
            | ChangeKind::MessageChanged { conversation, message } => {
                if Some(*conversation) == open {
                    ids.insert(*message);
                }
                *conversation
            }
            ChangeKind::ConversationChanged { conversation } => *conversation,
            ChangeKind::AccountChanged { .. } => continue,
        };
        if seen.insert(conversation) {
            rows.push(conversation);
        }
    }
    let everything = gap || rows.len() > ROWS;
    let mut conversations = Vec::new();
    for id in rows.into_iter().filter(|id| !everything || Some(*id) == open) {
        conversations.extend(backend.conversation(id)?);
    }
    let mut messages = Vec::new();
    for id in ids {
        messages.extend(backend.message(id)?);
    }
    Ok(Changed {
        upto: changes.last().map_or(after, |c| c.seq),
        more: changes.len() >= CHANGES,
        everything,
        conversations,
        messages,
        facts: facts(backend),
    })
}

fn opening<B: Backend>(backend: &B, id: ConversationId, at: Option<MessageId>) -> Result<Option<Opening>, String> {
    let Some((key, conversation)) = backend.conversation(id)? else { return Ok(None) };
    let first_unread = backend.first_unread(id)?;
    let draft = backend.draft(id)?;
    let unread = usize::try_from(conversation.unread).unwrap_or(usize::MAX);
    let target = match at {
        Some(at) => backend.message(at)?.filter(|m| m.conversation == id).map(|m| m.order),
        None if unread > UNREAD_MOST => first_unread,
        None => None,
    };
    let (messages, older, newer) = if let Some(place) = target {
        around(backend, id, place)?
    } else {
        let limit = PAGE.max(unread + PAGE / 3);
        let messages = backend.messages(id, Window::Newest, limit)?;
        let older = messages.len() >= limit;
        (messages, older, false)
    };
    Ok(Some(Opening { key, conversation, first_unread, messages, older, newer, draft, at }))
}

/// The messages around a place, and whether there are earlier and later ones.
fn around<B: Backend>(
    backend: &B,
    id: ConversationId,
    place: MessageKey,
) -> Result<(Vec<Message>, bool, bool), String> {
    let mut messages = backend.messages(id, Window::Before(place), PAGE / 2)?;
    let older = messages.len() >= PAGE / 2;
    messages.extend(backend.message(place.id)?);
    let after = backend.messages(id, Window::After(place), PAGE)?;
    let newer = after.len() >= PAGE;
    messages.extend(after);
    Ok((messages, older, newer))
}

type Hit = (Message, Option<crate::domain::Conversation>);

fn search<B: Backend>(backend: &B, query: &str) -> Result<Vec<Hit>, String> {
    let found = backend.search(query, FOUND)?;
    let mut hits = Vec::with_capacity(found.len());
    for message in found {
        let conversation = backend.conversation(message.conversation)?.map(|(_, c)| c);
        hits.push((message, conversation));
    }
    Ok(hits)
}
