//! Performs writes to the store.
//!
//! Invariant: every write is answered, and writes are performed one after the other by their caller, so that a later
//! draft never loses against an earlier one.
use crate::domain::{Address, Recipient};
use crate::engine::Client;
use crate::tui::effect::Write;
use crate::tui::message::{Msg, WriteKind};

/// Performs a write and returns its answer once it is durable.
pub(crate) async fn perform(client: &Client, write: Write) -> Msg {
    let (write, result) = match write {
        Write::Send { conversation, content, origin, options } => {
            let result = client.send(conversation, content, options).await.map(Box::new);
            return Msg::SendDone { conversation, origin, result };
        }
        Write::SendTo { to, content, options } => {
            let recipient = Recipient { peer: to.peer.clone(), group: to.group };
            let address = Address { account: to.account.clone(), channel: to.channel, to: recipient };
            let result = client.send_to(&address, content, options).await.map(Box::new);
            return Msg::SendToDone { to, result };
        }
        Write::SendAgain { message } => (WriteKind::SendAgain, client.send_again(message).await.map(drop)),
        Write::SendNow { message } => (WriteKind::SendNow, client.send_again(message).await.map(drop)),
        Write::Cancel { message, scheduled } => {
            return Msg::CancelDone { scheduled, result: client.cancel(message).await.map(Box::new) };
        }
        Write::SaveDraft { conversation, text } => (WriteKind::SaveDraft, client.save_draft(conversation, &text).await),
        Write::SaveBegunNote { conversation, text } => {
            (WriteKind::SaveBegunNote, client.save_begun_note(conversation, &text).await)
        }
        Write::SaveQuote { conversation, message } => {
            (WriteKind::SaveQuote, client.save_draft_quote(conversation, message).await)
        }
        Write::MarkSeen { conversation, message } => {
            (WriteKind::MarkSeen, client.mark_read(conversation, message).await)
        }
        Write::MarkUnread { conversation } => (WriteKind::MarkUnread, client.mark_unread(conversation).await),
        Write::SetState { conversation, state, until } => {
            (WriteKind::SetState(state), client.set_state(conversation, state, until).await)
        }
        Write::EditCustomer { conversation, field, value, .. } => {
            (WriteKind::EditCustomer, client.edit_customer(conversation, field, &value).await)
        }
        Write::SaveContact { contact } => {
            let result = client.save_contact((*contact).clone()).await;
            return Msg::ContactSaved { contact, result };
        }
        Write::AskForMedia { message } => return Msg::MediaAsked(client.ask_for_media(message).await),
        Write::Take { conversation } => {
            return Msg::TakeDone { conversation, result: client.take(conversation).await };
        }
        Write::Assign { conversation, to, from: _ } => {
            let kind = if to.is_some() { WriteKind::Assign } else { WriteKind::Unassign };
            (kind, client.assign(conversation, to.as_deref()).await)
        }
        Write::EditLabels { conversation, add, remove } => {
            (WriteKind::EditLabels, client.edit_labels(conversation, add, remove).await)
        }
        Write::SetPresence { open } => (WriteKind::SetPresence, client.set_presence(open).await),
        Write::AddNote { conversation, note } => {
            let result = client.add_note(conversation, note).await.map(Box::new);
            return Msg::NoteDone { conversation, result };
        }
    };
    Msg::WriteDone { write, result }
}
