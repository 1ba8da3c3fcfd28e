//! When what is known of the customer is read, and what becomes of it.
//!
//! Invariant: it is read only while it is shown, and one read at a time.

use crate::domain::{ConversationId, Customer, StoreError};
use crate::tui::app::state::Model;
use crate::tui::effect::{Effect, Read};

/// Reads the customer that is shown, unless what is known of them is as new as their conversation.
pub(crate) fn read_missing(model: &mut Model, effects: &mut Vec<Effect>) {
    let shown = if model.areas.customer.is_empty() { None } else { model.open_id() };
    let Some(conversation) = model.customer.chosen.or(shown) else { return };
    let revision = model.conversation(conversation).map_or(0, |known| known.revision);
    let panel = &mut model.customer;
    if panel.reading || panel.read_for == Some((conversation, revision)) {
        return;
    }
    panel.reading = true;
    panel.read_for = Some((conversation, revision));
    effects.push(Effect::Read(Read::Customer { conversation }));
}

/// Shows a customer who was read; on an error what was known stays.
pub(crate) fn show(
    model: &mut Model,
    conversation: ConversationId,
    customer: Result<Option<Box<Customer>>, StoreError>,
) {
    model.customer.reading = false;
    match customer {
        Ok(customer) => {
            model.customer.conversation = Some(conversation);
            model.customer.customer = customer;
        }
        Err(error) => model.notify_not_read(&error),
    }
}
