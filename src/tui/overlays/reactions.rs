//! The reactions to a message, of which one is sent.

use super::popup::{self, Hint, Next, Popup};
use crate::domain::{Content, ConversationId, MessageId, SendOptions};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Origin, Write};
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row, skip};
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// What is offered; the last one takes a reaction back.
const EMOJI: [&str; 9] = ["👍", "❤️", "😂", "😮", "😢", "🙏", "🎉", "✅", ""];

/// The choice of a reaction to a message.
#[derive(Debug, Clone)]
pub struct Reactions {
    pub(crate) conversation: ConversationId,
    pub(crate) message: MessageId,
    pub(crate) chosen: usize,
}

/// Opens the reactions to the selected message.
pub(crate) fn open(model: &mut Model) {
    let Some(thread) = &model.thread else { return };
    let (conversation, selected) = (thread.id(), thread.selected_message().map(|message| message.id));
    if let Some(message) = selected {
        model.push_overlay(Reactions { conversation, message, chosen: 0 });
    }
}

impl Popup for Reactions {
    fn commands(&self) -> &'static [Command] {
        use Command::{Accept, NextChoice, NextField, PreviousChoice, PreviousField};
        &[Accept, NextChoice, PreviousChoice, NextField, PreviousField]
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::React)
    }

    fn run(&mut self, _model: &mut Model, command: Command) -> Next {
        let count = EMOJI.len();
        match command {
            Command::NextChoice | Command::NextField => self.chosen = (self.chosen + 1) % count,
            Command::PreviousChoice | Command::PreviousField => self.chosen = (self.chosen + count - 1) % count,
            _ => {
                let emoji = EMOJI.get(self.chosen).copied().unwrap_or_default().to_owned();
                let options = SendOptions { quote: Some(self.message), ..SendOptions::default() };
                let content = Content::Reaction { emoji };
                let send = Write::Send { conversation: self.conversation, content, origin: Origin::Form, options };
                return Next::Close(vec![Effect::Write(send)]);
            }
        }
        Next::stay()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let send = popup::named_hint(model, Command::Accept, &model.strings().overlay.send);
        vec![send, popup::change_hint(model), popup::close_hint(model)]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().overlay;
        let area = popup::open_panel(model, buf, &strings.react, 50, 1);
        let mut rest = row(area, 0);
        let mut cursor = None;
        for (n, emoji) in EMOJI.into_iter().enumerate() {
            let label = if emoji.is_empty() { strings.react_none.as_str() } else { emoji };
            let (shown, style) = if n == self.chosen {
                cursor = Some(rest.as_position());
                (format!("[{label}]"), Meaning::Selected)
            } else {
                (format!(" {label} "), Meaning::Text)
            };
            let used = put(buf, rest, &shown, model.theme.style(style));
            rest = skip(rest, used);
        }
        cursor
    }
}
