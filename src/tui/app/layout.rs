//! Measures the screen once per batch: where the panes are, what of them is visible, what has to be read, and what
//! has been seen.
//!
//! Invariant: nothing is drawn here, and drawing measures nothing.
use super::areas::{Areas, ComposerSize};
use super::state::{Model, Pane};
use crate::tui::effect::Effect;
use crate::tui::{composer, conversations, customer, overlays, thread};

/// Measures the screen and returns the reads and writes that follow from what is visible.
pub fn layout(model: &mut Model) -> Vec<Effect> {
    composer::layout::layout(model);
    model.areas = areas(model);
    let mut effects = Vec::new();
    model.customer.chosen = overlays::customer::shown(model);
    customer::update::read_missing(model, &mut effects);
    overlays::layout(model);
    conversations::layout::layout(model, &mut effects);
    thread::layout::layout(model, &mut effects);
    overlays::viewer::ask(model, &mut effects);
    effects
}

fn areas(model: &mut Model) -> Areas {
    let (size, list_focused) = (model.size, model.focus == Pane::List);
    let facts = model.thread.as_ref().is_some_and(|thread| !thread.conversation.labels.is_empty());
    if let Some(note) = overlays::note::editor_in_composer(model) {
        let mut text = |width, most| note.fit(width, most);
        return Areas::divide(size, list_focused, Some(ComposerSize { facts, objection: 0, text: &mut text }));
    }
    let composer = &mut model.composer;
    let objection = composer.objection.len() + usize::from(composer.quote.is_some());
    let mut text = |width, most| composer.editor.fit(width, most);
    let composer = composer.conversation.is_some().then_some(ComposerSize { facts, objection, text: &mut text });
    Areas::divide(size, list_focused, composer)
}
