//! Does what the screen asks the engine to do, one deed after the other, so that a later draft never loses against an
//! earlier one.
//!
//! Invariant: every deed is answered.

use super::backend::Backend;
use crate::tui::effect::Effect;
use crate::tui::msg::{Deed, Msg};

/// Does a deed and gives its answer; `None` when the effect is no deed of the engine.
pub async fn perform<B: Backend>(backend: &B, effect: Effect) -> Option<Msg> {
    let (deed, result) = match effect {
        Effect::Say { conversation, content, origin } => {
            let result = backend.say(conversation, content).await.map(Box::new);
            return Some(Msg::Said { conversation, origin, result });
        }
        Effect::WriteTo { to, content } => {
            let result = backend.write_to(&to, content).await.map(Box::new);
            return Some(Msg::Written { to, result });
        }
        Effect::SendAgain { message } => (Deed::SendAgain, backend.send_again(message).await),
        Effect::Cancel { message } => (Deed::Cancel, backend.cancel(message).await),
        Effect::SaveDraft { conversation, text } => (Deed::SaveDraft, backend.save_draft(conversation, text).await),
        Effect::MarkSeen { conversation, message } => (Deed::MarkSeen, backend.mark_seen(conversation, message).await),
        Effect::MarkUnread { conversation } => (Deed::MarkUnread, backend.mark_unread(conversation).await),
        Effect::SetState { conversation, state, until } => {
            (Deed::SetState(state), backend.set_state(conversation, state, until).await)
        }
        _ => return None,
    };
    Some(Msg::Done { deed, result })
}

/// Whether the effect is a deed of the engine.
pub fn is_deed(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Say { .. }
            | Effect::WriteTo { .. }
            | Effect::SendAgain { .. }
            | Effect::Cancel { .. }
            | Effect::SaveDraft { .. }
            | Effect::MarkSeen { .. }
            | Effect::MarkUnread { .. }
            | Effect::SetState { .. }
    )
}
