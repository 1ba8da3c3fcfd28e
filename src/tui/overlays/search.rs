//! Searches all messages, in the store's order: words of the message, and words with a colon as in the list's filter.
//!
//! Invariant: what is written meanwhile is found too, and the chosen hit stays on its line.

use super::popup::{self, Hint, Next, Popup};
use crate::domain::phone::NumberPattern;
use crate::domain::query::{self, WordError, WordProblem};
use crate::domain::{ConversationFilter, ConversationId, MessageId, SearchText, StoreError};
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
use crate::tui::widgets::draw_text::{paragraphs, put, put_excerpt, put_right, row, skip};
use crate::tui::widgets::line_input::LineInput;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// The fewest letters that are searched for.
const MIN_LETTERS: usize = 3;

/// The search in all messages: the typed text and the messages found.
#[expect(clippy::struct_excessive_bools, reason = "what is asked, what has come and what is to follow are independent")]
#[derive(Debug, Clone, Default)]
pub struct Search {
    input: LineInput,
    /// What is typed, as it is understood.
    filter: ConversationFilter,
    /// The first word that cannot be used.
    error: Option<WordError>,
    /// Answers to older questions are dropped.
    question: u64,
    /// The answer to the newest question has not come.
    waiting: bool,
    /// Something has changed since the newest question.
    stale: bool,
    /// What is shown answers an older text than the one that is typed.
    retyped: bool,
    /// Enter was pressed before the answer came.
    open_first: bool,
    /// The newest first; `None` before the first answer.
    found: Option<Vec<Found>>,
    /// Messages whose texts the answer could not take into account yet.
    unindexed: usize,
    /// The answer does not take the oldest messages into account.
    cut: bool,
    chosen: usize,
    /// On which line of the list the chosen hit stands.
    line: usize,
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
    /// The typed text has changed.
    fn retyped(&mut self, model: &mut Model) -> Vec<Effect> {
        (self.filter, self.error) = query::parse_typed(self.input.text().trim(), model.country(), &model.zone);
        (self.chosen, self.line, self.retyped, self.open_first) = (0, 0, true, false);
        let letters = self.filter.text.as_ref().map_or(0, |text| text.text().chars().count());
        let words = ConversationFilter { text: None, ..self.filter.clone() };
        if letters < MIN_LETTERS && (letters > 0 || words == ConversationFilter::default()) {
            model.questions += 1;
            (self.question, self.found, self.waiting, self.cut) = (model.questions, None, false, false);
            return Vec::new();
        }
        self.ask(model)
    }

    fn ask(&mut self, model: &mut Model) -> Vec<Effect> {
        model.questions += 1;
        (self.question, self.waiting, self.stale) = (model.questions, true, false);
        vec![Effect::Read(Read::SearchMessages { question: self.question, filter: Box::new(self.filter.clone()) })]
    }

    /// The word that is still being typed may become one that can be used.
    fn is_typing(&self, error: &WordError) -> bool {
        let unfinished = matches!(error.problem, WordProblem::NoValue | WordProblem::NotADay | WordProblem::OpenQuote);
        let unfinished = unfinished || error.problem == WordProblem::UnknownValue;
        unfinished && self.input.text().ends_with(&error.word)
    }

    /// Lines under the input before the hits, with their styles.
    fn remarks(&self, model: &Model) -> Vec<(String, Meaning)> {
        let strings = model.strings();
        let mut remarks = Vec::new();
        if let Some(error) = &self.error {
            let meaning = if self.is_typing(error) { Meaning::Dim } else { Meaning::Notice };
            remarks.push((strings.word_error(error), meaning));
        }
        if self.found.as_ref().is_some_and(Vec::is_empty)
            && let Some(name) = self.filter.account.as_ref().filter(|name| !model.has_account(name))
        {
            let meaning = if self.input.text().ends_with(name.as_str()) { Meaning::Dim } else { Meaning::Notice };
            remarks.push((i18n::fill(&strings.overlay.search_no_account, &[("name", name.as_str())]), meaning));
        }
        if self.found.is_some() && self.unindexed > 0 {
            let count = self.unindexed.to_string();
            remarks.push((i18n::fill(&strings.overlay.search_unindexed, &[("count", &count)]), Meaning::Notice));
        }
        if self.found.is_some() && self.cut {
            remarks.push((strings.overlay.search_cut.clone(), Meaning::Notice));
        }
        remarks
    }

    /// How many hits are visible.
    fn rows(&self, model: &Model) -> usize {
        let used = 1 + self.remarks(model).len();
        usize::from(popup::tall(model)).saturating_sub(used).max(1)
    }

    /// Shows what the store found; where it was asked again, the chosen hit stays where it is.
    fn show(&mut self, found: Vec<Found>) {
        let before = self.found.as_ref().and_then(|found| found.get(self.chosen)).map(|hit| hit.message);
        let again = found.iter().position(|hit| Some(hit.message) == before);
        if let Some(again) = again {
            self.line = self.line.min(again);
            self.chosen = again;
        } else {
            self.chosen = self.chosen.min(found.len().saturating_sub(1));
            self.line = self.line.min(self.chosen);
        }
        self.retyped = false;
        self.found = Some(found);
    }

    /// Opens the chosen hit, if there is one.
    fn open(&mut self, model: &mut Model) -> Option<Vec<Effect>> {
        let found = self.found.as_deref().unwrap_or_default();
        let hit = found.get(self.chosen)?;
        let all = found.iter().map(|hit| (hit.conversation, hit.message)).collect();
        model.hits = Some(SearchHits::new(all, self.chosen));
        Some(thread::open::open(model, hit.conversation, Some(hit.message)))
    }
}

/// Shows the messages that the store found, and asks again if something has changed meanwhile.
pub(crate) fn show_found(model: &mut Model, question: u64, found: Result<FoundMessages, StoreError>) -> Vec<Effect> {
    let (strings, now, zone, country) = (model.strings(), model.now, model.zone.clone(), model.country());
    let Some(search) = model.overlay_mut(|search: &Search| search.question == question) else { return Vec::new() };
    search.waiting = false;
    let stale = search.stale;
    match found {
        Ok(found) => {
            (search.unindexed, search.cut) = (found.unindexed, found.cut);
            let words = searched_words(search.filter.text.as_ref());
            let found = found.messages.into_iter().map(|(message, conversation)| {
                let line = Clean::line(&message::preview(strings, message.kind, message.words()));
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
            search.show(found.collect());
            if std::mem::take(&mut search.open_first)
                && let Some(mut search) = model.take_front::<Search>()
            {
                return search.open(model).unwrap_or_default();
            }
        }
        Err(error) => {
            search.show(Vec::new());
            model.notify_not_read(&error);
            return Vec::new();
        }
    }
    if stale { search_again(model) } else { Vec::new() }
}

/// Asks again after something has changed that may be found, or no longer; one question at a time.
pub(crate) fn search_again(model: &mut Model) -> Vec<Effect> {
    let Some(search) = model.overlay_mut(|search: &Search| search.waiting || search.found.is_some()) else {
        return Vec::new();
    };
    if search.waiting {
        search.stale = true;
        return Vec::new();
    }
    let filter = Box::new(search.filter.clone());
    model.questions += 1;
    let question = model.questions;
    if let Some(search) = model.overlay_mut(|search: &Search| search.found.is_some()) {
        (search.question, search.waiting, search.stale) = (question, true, false);
    }
    vec![Effect::Read(Read::SearchMessages { question, filter })]
}

/// The words of a query, and the other spellings of it if it can be a phone number.
fn searched_words(text: Option<&SearchText>) -> SearchedWords {
    let Some(text) = text else { return SearchedWords::default() };
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
        let before = self.chosen;
        popup::move_choice(&mut self.chosen, command, 8, found.len());
        let moved = self.line.saturating_add_signed(self.chosen.cast_signed().saturating_sub_unsigned(before));
        self.line = moved.min(self.rows(model) - 1).min(self.chosen);
        if command != Command::Accept {
            return Next::stay();
        }
        if self.retyped && self.waiting {
            self.open_first = true;
            return Next::stay();
        }
        if let Some(effects) = self.open(model) {
            return Next::Close(effects);
        }
        if let Some(error) = &self.error {
            let text = model.strings().word_error(error);
            model.notify(&text, true);
        }
        Next::stay()
    }

    fn type_key(&mut self, model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if self.input.key(key) == Some(true) { self.retyped(model) } else { Vec::new() }
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Vec<Effect> {
        self.input.insert(text);
        self.retyped(model)
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let (strings, theme) = (&model.strings().overlay, &model.theme);
        let area = popup::open_panel(model, buf, &strings.search, 90, popup::tall(model));
        let cursor = self.input.draw(theme, buf, row(area, 0), &strings.search_hint);
        let mut list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        for (text, meaning) in self.remarks(model) {
            put(buf, row(list, 0), &text, theme.style(meaning));
            list = Rect { y: list.y + 1, height: list.height.saturating_sub(1), ..list };
        }
        let Some(found) = &self.found else {
            if self.error.is_none() {
                let list = Rect { y: list.y + 1, height: list.height.saturating_sub(1), ..list };
                paragraphs(buf, list, &[(&strings.search_words, theme.style(Meaning::Dim))]);
            }
            return Some(cursor);
        };
        if found.is_empty() && !self.waiting {
            put(buf, row(list, 0), &strings.nothing_found, theme.style(Meaning::Dim));
        }
        let rows = usize::from(list.height).max(1);
        let first = self.chosen - self.line.min(rows - 1).min(self.chosen);
        for (n, hit) in found.iter().enumerate().skip(first).take(rows) {
            let at = row(list, u16::try_from(n - first).unwrap_or(u16::MAX));
            draw_hit(model, buf, at, hit, n == self.chosen);
        }
        Some(cursor)
    }
}

fn draw_hit(model: &Model, buf: &mut Buffer, area: Rect, hit: &Found, chosen: bool) {
    let theme = &model.theme;
    let column = (area.width / 3).min(20);
    if chosen {
        put(buf, area, theme.glyphs.bar_chosen, theme.style(Meaning::Selected));
    }
    let mut area = put_right(buf, skip(area, 2), &hit.when, theme.style(Meaning::Dim));
    area.width = area.width.saturating_sub(1);
    let meaning = if chosen { Meaning::Selected } else { Meaning::Strong };
    put(buf, Rect { width: column.min(area.width), ..area }, hit.title.as_str(), theme.style(meaning));
    put_excerpt(buf, skip(area, column + 1), hit.line.as_str(), &hit.matches, theme);
}
