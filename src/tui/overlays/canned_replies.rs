//! Canned replies, of which one is inserted in the composer.

use super::popup::{self, Hint, Next, Popup};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::composer;
use crate::tui::effect::Effect;
use crate::tui::i18n::fill;
use crate::tui::widgets::picker::{Item, Picker};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// A picker over indices of the model's replies.
#[derive(Debug, Clone)]
pub struct CannedReplies(Picker<usize>);

/// Opens the list of canned replies, found by name or text.
pub(crate) fn open(model: &mut Model) {
    let items = model.replies.iter().enumerate().map(|(index, reply)| {
        let item = Item {
            label: Clean::line(&reply.name).into_string(),
            detail: Clean::line(&reply.text).into_string(),
            ..Item::default()
        };
        (item, index)
    });
    let picker = Picker::new(items.collect());
    model.push_overlay(CannedReplies(picker));
}

/// Inserts a reply at the composer's cursor, its places filled.
fn insert(model: &mut Model, index: usize) -> Vec<Effect> {
    let Some(reply) = model.replies.get(index) else { return Vec::new() };
    let name = model.thread.as_ref().map(|thread| Clean::line(thread.conversation.name.trim()).into_string());
    let text = fill(&reply.text, &[("name", name.as_deref().unwrap_or_default()), ("agent", &model.agent)]);
    // Without a name the gap before the comma would show.
    composer::update::paste(model, &text.replace(" ,", ","))
}

impl Popup for CannedReplies {
    fn commands(&self) -> &'static [Command] {
        popup::PICKER_COMMANDS
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        match popup::picked(&mut self.0, command) {
            Some(index) => Next::Close(insert(model, index)),
            None => Next::stay(),
        }
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        self.0.type_key(key);
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        self.0.paste(text);
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().overlay;
        let area = popup::open_panel(model, buf, &strings.canned, 76, popup::tall(model).min(12));
        Some(self.0.draw(&model.theme, buf, area, "", &strings.canned_none))
    }
}
