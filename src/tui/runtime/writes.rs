//! Performs writes to the store.
//!
//! Invariant: every write is answered, and writes are performed one after the other by their caller, so that a later
//! draft never loses against an earlier one.

use super::backend::Backend;
use crate::tui::effect::Write;
use crate::tui::message::{Msg, WriteKind};

/// Performs a write and returns its answer once it is durable.
pub async fn perform<B: Backend>(backend: &B, write: Write) -> Msg {
    let (write, result) = match write {
        Write::Send { conversation, content, origin } => {
            let result = backend.say(conversation, content).await.map(Box::new);
            return Msg::SendDone { conversation, origin, result };
        }
        Write::SendTo { to, content } => {
            let result = backend.write_to(&to, content).await.map(Box::new);
            return Msg::SendToDone { to, result };
        }
        Write::SendAgain { message } => (WriteKind::SendAgain, backend.send_again(message).await),
        Write::Cancel { message } => (WriteKind::Cancel, backend.cancel(message).await),
        Write::SaveDraft { conversation, text } => (WriteKind::SaveDraft, backend.save_draft(conversation, text).await),
        Write::MarkSeen { conversation, message } => {
            (WriteKind::MarkSeen, backend.mark_seen(conversation, message).await)
        }
        Write::MarkUnread { conversation } => (WriteKind::MarkUnread, backend.mark_unread(conversation).await),
        Write::SetState { conversation, state, until } => {
            (WriteKind::SetState(state), backend.set_state(conversation, state, until).await)
        }
    };
    Msg::WriteDone { write, result }
}
