//! Searches all messages, in the store's order.

use super::popup::{self, Hint, Next, Popup};
use crate::domain::phone::{Country, NumberPattern};
use crate::domain::{ConversationId, MessageId, SearchText, StoreError};
use crate::text::Clean;
use crate::text::excerpt::{Match, SearchedWords};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Read};
use crate::tui::i18n::{self};
use crate::tui::message::FoundMessages;
use crate::tui::theme::styles::Meaning;
use crate::tui::thread::hits::SearchHits;
use crate::tui::thread::{self, message};
use crate::tui::widgets::draw_text::{put, put_excerpt, put_right, row, skip};
use crate::tui::widgets::line_input::LineInput;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// The fewest letters that are searched for.
const MIN_LETTERS: usize = 3;

/// The search in all messages: the typed text and the messages found.
#[derive(Debug, Clone, Default)]
pub struct Search {
    input: LineInput,
    /// Answers to older questions are dropped.
    question: u64,
    /// The newest first; `None` before the first answer.
    found: Option<Vec<Found>>,
    /// Messages whose texts the answer could not take into account yet.
    unindexed: usize,
    chosen: usize,
}

#[derive(Debug, Clone)]
struct Found {
    conversation: ConversationId,
    message: MessageId,
    title: Clean,
    /// The message in one line.
    line: Clean,
    /// Where the searched words stand in the line.
    matches: Vec<Match>,
    when: String,
}

impl Search {
    fn ask(&mut self, model: &mut Model) -> Vec<Effect> {
        let query = self.input.text().trim().to_owned();
        self.chosen = 0;
        model.questions += 1;
        self.question = model.questions;
        if query.chars().count() < MIN_LETTERS {
            self.found = None;
            return Vec::new();
        }
        vec![Effect::Read(Read::SearchMessages { question: self.question, query })]
    }
}

/// Shows the messages that the store found.
pub(crate) fn show_found(model: &mut Model, question: u64, found: Result<FoundMessages, StoreError>) {
    let (strings, now, zone, country) = (model.strings(), model.now, model.zone.clone(), model.country());
    let Some(search) = model.front_mut::<Search>().filter(|search| search.question == question) else { return };
    match found {
        Ok(found) => {
            search.unindexed = found.unindexed;
            let words = searched_words(search.input.text(), country);
            let found = found.messages.into_iter().map(|(message, conversation)| {
                let line = Clean::line(&message::preview(strings, message.kind, &message.text));
                let title = conversation.as_ref().map(|found| Model::title(found, country));
                Found {
                    conversation: message.conversation,
                    message: message.id,
                    title: title.unwrap_or_else(|| Clean::line(&message.peer)),
                    matches: words.find(&line),
                    line,
                    when: i18n::stamp(strings, message.at, now, &zone),
                }
            });
            search.found = Some(found.collect());
        }
        Err(error) => {
            search.found = Some(Vec::new());
            model.notify_not_read(&error);
        }
    }
}

/// The words of a query, and the other spellings of it if it can be a phone number.
fn searched_words(query: &str, country: Country) -> SearchedWords {
    let text = SearchText::new(query, country);
    SearchedWords::new(text.text(), &text.number().map(NumberPattern::spellings).unwrap_or_default())
}

impl Popup for Search {
    fn commands(&self) -> &'static [Command] {
        popup::PICKER_COMMANDS
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Search)
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        let found = self.found.as_deref().unwrap_or_default();
        popup::move_choice(&mut self.chosen, command, 8, found.len());
        match found.get(self.chosen).filter(|_| command == Command::Accept) {
            Some(found) => {
                let all = self.found.iter().flatten().map(|hit| (hit.conversation, hit.message)).collect();
                model.hits = Some(SearchHits::new(all, self.chosen));
                Next::Close(thread::open::open(model, found.conversation, Some(found.message)))
            }
            None => Next::stay(),
        }
    }

    fn type_key(&mut self, model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if self.input.key(key) == Some(true) { self.ask(model) } else { Vec::new() }
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Vec<Effect> {
        self.input.insert(text);
        self.ask(model)
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let (strings, theme) = (&model.strings().overlay, &model.theme);
        let area = popup::open_panel(model, buf, &strings.search, 90, popup::tall(model));
        let cursor = self.input.draw(theme, buf, row(area, 0), &strings.search_hint);
        let mut list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        if self.found.is_some() && self.unindexed > 0 {
            let left = i18n::fill(&strings.search_unindexed, &[("count", &self.unindexed.to_string())]);
            put(buf, row(list, 0), &left, theme.style(Meaning::Notice));
            list = Rect { y: list.y + 1, height: list.height.saturating_sub(1), ..list };
        }
        let Some(found) = &self.found else { return Some(cursor) };
        if found.is_empty() {
            put(buf, row(list, 0), &strings.nothing_found, theme.style(Meaning::Dim));
        }
        let rows = usize::from(list.height).max(1);
        let first = (self.chosen + 1).saturating_sub(rows);
        let column = (list.width / 3).min(20);
        for (n, found) in found.iter().enumerate().skip(first).take(rows) {
            let chosen = n == self.chosen;
            let at = row(list, u16::try_from(n - first).unwrap_or(u16::MAX));
            if chosen {
                put(buf, at, theme.glyphs.bar_chosen, theme.style(Meaning::Selected));
            }
            let mut at = put_right(buf, skip(at, 2), &found.when, theme.style(Meaning::Dim));
            at.width = at.width.saturating_sub(1);
            let meaning = if chosen { Meaning::Selected } else { Meaning::Strong };
            put(buf, Rect { width: column.min(at.width), ..at }, found.title.as_str(), theme.style(meaning));
            put_excerpt(buf, skip(at, column + 1), found.line.as_str(), &found.matches, theme);
        }
        Some(cursor)
    }
}
