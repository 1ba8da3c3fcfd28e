//! Does what the screen asks the engine to do, one deed after the other, so that a later draft never loses against an
//! earlier one.
//!
//! Invariant: every deed is answered.

use super::backend::Backend;
use crate::tui::effect::Effect;
use crate::tui::effect::Write;
use crate::tui::message::{Deed, Msg};

/// Does a deed and gives its answer; `None` when the effect is no deed of the engine.
pub async fn perform<B: Backend>(backend: &B, effect: Effect) -> Option<Msg> {
    let (deed, result) = match effect {
        Effect::Write(Write::Send { conversation, content, origin }) => {
            let result = backend.say(conversation, content).await.map(Box::new);
            return Some(Msg::Said { conversation, origin, result });
        }
        Effect::Write(Write::SendTo { to, content }) => {
            let result = backend.write_to(&to, content).await.map(Box::new);
            return Some(Msg::Written { to, result });
        }
        Effect::Write(Write::SendAgain { message }) => (Deed::SendAgain, backend.send_again(message).await),
        Effect::Write(Write::Cancel { message }) => (Deed::Cancel, backend.cancel(message).await),
        Effect::Write(Write::SaveDraft { conversation, text }) => {
            (Deed::SaveDraft, backend.save_draft(conversation, text).await)
        }
        Effect::Write(Write::MarkSeen { conversation, message }) => {
            (Deed::MarkSeen, backend.mark_seen(conversation, message).await)
        }
        Effect::Write(Write::MarkUnread { conversation }) => {
            (Deed::MarkUnread, backend.mark_unread(conversation).await)
        }
        Effect::Write(Write::SetState { conversation, state, until }) => {
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
        Effect::Write(Write::Send { .. })
            | Effect::Write(Write::SendTo { .. })
            | Effect::Write(Write::SendAgain { .. })
            | Effect::Write(Write::Cancel { .. })
            | Effect::Write(Write::SaveDraft { .. })
            | Effect::Write(Write::MarkSeen { .. })
            | Effect::Write(Write::MarkUnread { .. })
            | Effect::Write(Write::SetState { .. })
    )
}
