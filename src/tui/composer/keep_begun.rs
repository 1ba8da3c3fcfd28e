//! Lets the store have what was begun, and takes from it what was begun before.

use super::state::QuotedMessage;
use crate::domain::{ConversationId, Message};
use crate::tui::app::state::Model;
use crate::tui::effect::{Effect, Write};
use crate::tui::thread::message::preview;

/// Takes what the store has.
pub(crate) fn read(model: &mut Model, notes: Vec<(ConversationId, String)>, quotes: Vec<(ConversationId, Message)>) {
    let strings = model.strings();
    let quotes = quotes.into_iter().map(|(conversation, message)| {
        let line = preview(strings, message.kind, &message.text);
        (conversation, QuotedMessage { message: message.id, line })
    });
    model.begun.add_stored(notes, quotes);
}

/// Lets the draft answer a message, or none.
pub(crate) fn set_quote(model: &mut Model, quote: Option<QuotedMessage>) -> Vec<Effect> {
    let Some(conversation) = model.composer.conversation else { return Vec::new() };
    let message = quote.as_ref().map(|quote| quote.message);
    model.begun.set_quote(conversation, quote.clone());
    model.composer.quote = quote;
    vec![Effect::Write(Write::SaveQuote { conversation, message })]
}

/// Saves the notes that have changed since they were saved.
pub(crate) fn save_notes(model: &mut Model) -> Vec<Effect> {
    let save = |(conversation, text)| Effect::Write(Write::SaveBegunNote { conversation, text });
    model.begun.take_unsaved().into_iter().map(save).collect()
}
