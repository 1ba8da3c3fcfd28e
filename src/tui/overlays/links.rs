//! The links of a message, of which one is opened after a question.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::confirm::Question;
use super::popup::{self, Hint, Next, Popup};
use crate::text::{Clean, link};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::widgets::draw_text::choices;

/// The links of one message, to open one of them.
#[derive(Debug, Clone)]
pub struct Links {
    pub(crate) urls: Vec<Clean>,
    pub chosen: usize,
}

impl Popup for Links {
    fn commands(&self) -> &'static [Command] {
        &[Command::Accept, Command::Down, Command::Up, Command::PageDown, Command::PageUp]
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        popup::move_choice(&mut self.chosen, command, 5, self.urls.len());
        if command != Command::Accept {
            return Next::stay();
        }
        if let Some(url) = self.urls.get(self.chosen) {
            model.push_overlay(Question::open_link(url.clone()));
        }
        Next::close()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let most = model.areas.screen.height.saturating_sub(4);
        let rows = u16::try_from(self.urls.len()).unwrap_or(u16::MAX).min(most);
        let area = popup::open_panel(model, buf, &model.strings().overlay.links, 72, rows);
        let rows: Vec<_> = self.urls.iter().map(shown).collect();
        choices(&model.theme, buf, area, rows.iter().map(String::as_str), self.chosen);
        None
    }
}

/// A URL as it is written, after the host that it leads to where that is not what it seems.
fn shown(url: &Clean) -> String {
    let disguised = link::disguised_host(url.as_str());
    disguised.map_or_else(|| url.as_str().to_owned(), |host| format!("{host} ← {}", url.as_str()))
}
