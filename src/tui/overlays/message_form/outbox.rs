//! Handing the messages of a form over.

use super::super::address::Target;
use crate::domain::{Content, SendOptions};
use crate::tui::effect::{Effect, Origin, Write};

/// Puts messages into the outbox, in their order.
pub(in crate::tui::overlays) fn send(to: &Target, contents: Vec<Content>, options: SendOptions) -> Vec<Effect> {
    let write = |content| match to {
        Target::Conversation(id) => Write::Send { conversation: *id, content, origin: Origin::Form, options },
        Target::New(to) => Write::SendTo { to: to.clone(), content, options },
    };
    contents.into_iter().map(|content| Effect::Write(write(content))).collect()
}
