//! Performs reads from the store, each on a thread that may block.
//!
//! Invariant: nothing here waits for a network, and nothing is written but to whom a draft of an older version belongs.

use std::collections::BTreeSet;

use super::{clipboard_picture, files};
use crate::domain::conversation::{ConversationFilter, ConversationRange};
use crate::domain::message::{MessageKey, MessageRange};
use crate::domain::{AccountName, Change, ChangeKind, ConversationId, Message, MessageId, SendError, Seq, StoreError};
use crate::engine::Client;
use crate::engine::client::LoginMethod;
use crate::tui::effect::Read;
use crate::tui::message::{Accounts, Changes, FoundMessages, Msg, Overview, Snapshot};
use crate::tui::overlays::account_setup::{Gateway, SetupOptions};
use crate::tui::overlays::address::{Address, Party};
use crate::tui::thread::state::PAGE;

/// How many changes are read at once.
const CHANGES: usize = 500;

/// When more conversations changed than this, the list is read again instead.
const CHANGED_CONVERSATIONS: usize = 200;

/// A conversation with more unread messages than this opens at the first of them, without the newest.
const MOST_UNREAD: usize = 300;

/// The most results of a search.
const FOUND: usize = 100;

/// How many messages a search looks at, where words of a query pick some out: what a person waits for after each key.
const LOOKED_AT: usize = 100_000;

/// Performs a read and returns its answer.
pub(crate) fn perform(client: &Client, read: Read) -> Msg {
    match read {
        Read::Overview => Msg::OverviewRead(Box::new(overview(client, Concerns::ALL))),
        Read::Conversations { generation, filter, range, limit } => {
            let rows = client.conversations(&filter, range, limit);
            Msg::ConversationsRead { generation, range, limit, rows }
        }
        Read::Changes { after, open } => Msg::ChangesRead(changes(client, after, open).map(Box::new)),
        Read::Conversation { conversation, at } => {
            let snapshot = snapshot(client, conversation, at).map(|found| found.map(Box::new));
            Msg::ConversationRead { conversation, snapshot }
        }
        Read::Messages { conversation, window, limit } => {
            let messages = client.messages(conversation, window, limit);
            Msg::MessagesRead { conversation, window, limit, messages }
        }
        Read::NextWaiting { open } => Msg::NextWaitingFound(client.next_waiting(open)),
        Read::FindConversations { question, text } => {
            let filter = ConversationFilter { text: Some(client.search_text(&text)), ..ConversationFilter::default() };
            // On an error the finder goes on with the loaded conversations; the list reports the store's trouble.
            let found = client.conversations(&filter, ConversationRange::Top, FOUND).unwrap_or_default();
            let contacts = client.find_people(&text, FOUND).unwrap_or_default();
            Msg::ConversationsFound { question, found, contacts }
        }
        Read::SearchMessages { question, filter } => Msg::MessagesFound { question, found: search(client, &filter) },
        Read::FindContacts { question, account, text } => {
            Msg::ContactsFound { question, found: client.find_contacts(&account, &text, FOUND) }
        }
        Read::FindAddress { account, to, group } => {
            let found = address(client, &account, &to, group);
            Msg::AddressFound { account, party: Party { to, group }, found }
        }
        Read::CountViews { question, filters } => {
            // Views are chosen without their counts too.
            Msg::ViewsCounted { question, counts: client.count_conversations(&filters).unwrap_or_default() }
        }
        // Without them a new one can still be typed; the list reports the store's trouble.
        Read::Labels => Msg::LabelsRead(client.labels().unwrap_or_default()),
        Read::Agents => Msg::AgentsRead(client.agents().unwrap_or_default()),
        Read::Customer { conversation } => {
            Msg::CustomerRead { conversation, customer: client.customer(conversation).map(|found| found.map(Box::new)) }
        }
        Read::ReplyFields { conversation } => {
            Msg::ReplyFieldsRead { conversation, fields: reply_fields(client, conversation) }
        }
        Read::Unmatched { message } => Msg::UnmatchedRead { message, reports: client.unmatched_reports(message) },
        // The list reports the store's trouble.
        Read::Begun => Msg::BegunRead {
            notes: client.begun_notes().unwrap_or_default(),
            quotes: client.draft_quotes().unwrap_or_default(),
        },
        Read::Folder { path } => Msg::FolderRead { folder: files::folder(path.as_deref()), path },
        Read::Files { text } => Msg::FilesFound { files: files::named(&text), text },
        Read::ClipboardPicture => {
            let picture = clipboard_picture::read(&client.hidden_variables());
            // One that cannot be written is told as none: the store reports its own trouble.
            Msg::ClipboardPictureRead(picture.and_then(|bytes| client.keep_picture(&bytes).ok()))
        }
        Read::QuitStatus => Msg::QuitStatusRead(client.quit_status()),
        Read::SetupOptions => Msg::SetupOptionsRead(setup_options(client).map(Box::new)),
    }
}

/// Which parts of the overview a set of changes concerns.
#[derive(Debug, Clone, Copy)]
struct Concerns {
    accounts: bool,
    conversations: bool,
}

impl Concerns {
    const ALL: Concerns = Concerns { accounts: true, conversations: true };

    /// A changed configuration concerns the accounts, whatever was committed meanwhile.
    fn with(self, client: &Client) -> Self {
        Concerns { accounts: client.take_accounts_changed() || self.accounts, ..self }
    }

    fn of(changes: &[Change]) -> Self {
        // A commit without a change is about what is not in the sequence: the configuration, the listener, the tunnel.
        let mut concerns = Concerns { accounts: changes.is_empty(), conversations: false };
        for change in changes {
            match change.kind {
                ChangeKind::AccountChanged { .. } => concerns.accounts = true,
                // A message that was sent uses its account's budget and waits for the gateway's receipt.
                ChangeKind::MessageChanged { .. } => concerns = Concerns::ALL,
                ChangeKind::MessageAdded { .. } | ChangeKind::ConversationChanged { .. } => {
                    concerns.conversations = true;
                }
            }
        }
        concerns
    }
}

fn overview(client: &Client, concerns: Concerns) -> Overview {
    // The part that cannot be read stays as it was; the list reports the store's trouble.
    let accounts = || Some(Accounts { usable: client.accounts().ok()?, invalid: client.invalid_accounts() });
    Overview {
        accounts: concerns.accounts.then(accounts).flatten(),
        counts: concerns.conversations.then(|| client.counts().ok()).flatten(),
        process: client.status(),
    }
}

fn changes(client: &Client, after: Seq, open: Option<ConversationId>) -> Result<Changes, StoreError> {
    let changes = client.changes_since(after, CHANGES)?;
    // Old changes are deleted, which leaves a gap: whatever they were, everything is read again.
    let gap = changes.first().is_some_and(|c| c.seq.0 > after.0.saturating_add(1));
    let mut ids: Vec<ConversationId> = Vec::new();
    let mut known = BTreeSet::new();
    let mut open_messages: BTreeSet<MessageId> = BTreeSet::new();
    for change in &changes {
        let conversation = match &change.kind {
            ChangeKind::MessageAdded { conversation, message }
            | ChangeKind::MessageChanged { conversation, message } => {
                if Some(*conversation) == open {
                    open_messages.insert(*message);
                }
                *conversation
            }
            ChangeKind::ConversationChanged { conversation } => *conversation,
            ChangeKind::AccountChanged { .. } => continue,
        };
        if known.insert(conversation) {
            ids.push(conversation);
        }
    }
    let everything = gap || ids.len() > CHANGED_CONVERSATIONS;
    let (mut conversations, mut gone) = (Vec::new(), Vec::new());
    for id in ids.into_iter().filter(|id| !everything || Some(*id) == open) {
        match client.conversation(id)? {
            Some(conversation) => conversations.push(conversation),
            // One that was merged lives on in another.
            None if matches!(client.current_conversation(id), Err(StoreError::NotFound)) => gone.push(id),
            None => {}
        }
    }
    let (mut messages, mut gone_messages) = (Vec::new(), Vec::new());
    for id in open_messages {
        match client.message(id)? {
            Some(message) => messages.push(message),
            None => gone_messages.push(id),
        }
    }
    Ok(Changes {
        upto: changes.last().map_or(after, |c| c.seq),
        more: changes.len() >= CHANGES,
        everything,
        conversations,
        gone,
        messages,
        gone_messages,
        overview: overview(client, if gap { Concerns::ALL } else { Concerns::of(&changes) }.with(client)),
    })
}

fn snapshot(client: &Client, id: ConversationId, at: Option<MessageId>) -> Result<Option<Snapshot>, StoreError> {
    let Some(conversation) = client.conversation(id)? else { return Ok(None) };
    let first_unread = client.first_unread(id)?;
    let draft = client.open_draft(id)?;
    let unread = usize::try_from(conversation.unread).unwrap_or(usize::MAX);
    let target = match at {
        Some(at) => client.message(at)?.filter(|m| m.conversation == id).map(|m| m.order),
        None if unread > MOST_UNREAD => first_unread,
        None => None,
    };
    let (messages, older, newer) = if let Some(key) = target {
        around(client, id, key)?
    } else {
        let limit = PAGE.max(unread + PAGE / 3);
        let messages = client.messages(id, MessageRange::Newest, limit)?;
        let older = messages.len() >= limit;
        (messages, older, false)
    };
    Ok(Some(Snapshot { conversation, first_unread, messages, older, newer, draft, at }))
}

/// The messages around a key, and whether there are earlier and later ones.
fn around(client: &Client, id: ConversationId, key: MessageKey) -> Result<(Vec<Message>, bool, bool), StoreError> {
    let mut messages = client.messages(id, MessageRange::Before(key), PAGE / 2)?;
    let older = messages.len() >= PAGE / 2;
    messages.extend(client.message(key.id)?);
    let after = client.messages(id, MessageRange::After(key), PAGE)?;
    let newer = after.len() >= PAGE;
    messages.extend(after);
    Ok((messages, older, newer))
}

fn search(client: &Client, filter: &ConversationFilter) -> Result<FoundMessages, StoreError> {
    let with_conversation = |message: Message| {
        let conversation = client.conversation(message.conversation)?;
        Ok::<_, StoreError>((message, conversation))
    };
    let results = client.search(filter, FOUND, LOOKED_AT)?;
    let messages = results.messages.into_iter().map(with_conversation).collect::<Result<_, _>>()?;
    Ok(FoundMessages { messages, unindexed: results.unindexed, cut: results.cut })
}

/// The address of a recipient whose name is not known, and the conversation with it if there is one.
fn address(
    client: &Client,
    account: &AccountName,
    to: &str,
    group: bool,
) -> Result<(Address, Option<ConversationId>), SendError> {
    let (found, conversation) = client.address(account, None, to, group)?;
    let (peer, group) = (found.to.peer, found.to.group);
    let address = Address { account: found.account, channel: found.channel, peer, group, name: String::new() };
    Ok((address, conversation))
}

/// The custom fields and the e-mail address of a conversation's customer, as the address book has them.
fn reply_fields(client: &Client, conversation: ConversationId) -> Result<Vec<(String, String)>, StoreError> {
    let Some(contact) = client.contact_of(conversation)? else { return Ok(Vec::new()) };
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    let mut fields: Vec<_> = contact.custom_fields.into_iter().map(|(name, value)| (name, text(value))).collect();
    fields.extend(contact.email.map(|email| ("email".to_owned(), email)));
    Ok(fields)
}

fn setup_options(client: &Client) -> Option<SetupOptions> {
    let options = client.setup_options()?;
    let gateways = options.gateways.into_iter().map(|manifest| Gateway {
        id: manifest.id,
        name: manifest.name,
        base_url: manifest.base_url,
        modes: manifest.modes,
        channels: manifest.channels,
        fields: manifest.fields,
        signs: manifest.signs_webhooks,
        login: manifest.login == LoginMethod::Qr,
    });
    Some(SetupOptions { gateways: gateways.collect(), taken: options.taken, storages: options.storages })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concerns(kinds: Vec<ChangeKind>) -> (bool, bool) {
        let changes: Vec<_> = (1..).zip(kinds).map(|(seq, kind)| Change { seq: Seq(seq), kind }).collect();
        let concerns = Concerns::of(&changes);
        (concerns.accounts, concerns.conversations)
    }

    #[test]
    fn a_commit_lets_only_what_it_concerns_be_read_again() {
        let (conversation, message) = (ConversationId(1), MessageId(1));
        let account = AccountName::new("toko").unwrap();
        // The listener has moved, or an account was added to the configuration.
        assert_eq!(concerns(Vec::new()), (true, false));
        assert_eq!(concerns(vec![ChangeKind::AccountChanged { account: account.clone() }]), (true, false));
        assert_eq!(concerns(vec![ChangeKind::MessageAdded { conversation, message }]), (false, true));
        assert_eq!(concerns(vec![ChangeKind::ConversationChanged { conversation }]), (false, true));
        assert_eq!(concerns(vec![ChangeKind::MessageChanged { conversation, message }]), (true, true));
        let both = vec![ChangeKind::ConversationChanged { conversation }, ChangeKind::AccountChanged { account }];
        assert_eq!(concerns(both), (true, true));
    }
}
