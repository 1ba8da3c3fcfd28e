//! The views of the conversation list, of which one is chosen: those that are built in, one for each account, and those
//! of `views.toml`.

use super::popup::{self, Hint, Next, Popup};
use crate::domain::ConversationState;
use crate::domain::conversation::{ConversationFilter, ConversationOrder, ViewCount};
use crate::text::Clean;
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::registry::Command;
use crate::tui::conversations::filter::ListView;
use crate::tui::conversations::update::reload;
use crate::tui::effect::{Effect, Read};
use crate::tui::widgets::picker::{Item, Picker};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// The most labels that are listed.
const LABELS: usize = 50;

/// A picker over views.
#[derive(Debug, Clone)]
pub struct Views {
    picker: Picker<Choice>,
    /// Every label that a conversation has, each a view of its own.
    labels: Vec<String>,
    /// The views whose counts were asked for last.
    asked: Vec<Choice>,
    /// Answers to older questions are dropped.
    question: u64,
    /// The answer has not come.
    waiting: bool,
    /// Something has changed since the question.
    stale: bool,
}

/// What is shown when a view is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Choice {
    /// Conversations in a state, or in all; unread ones only, or all.
    Plain {
        state: Option<ConversationState>,
        unread: bool,
    },
    Named(Box<ListView>),
}

/// Opens the list of views, with the one that is shown now chosen.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    let items = items(model, &[]);
    let filter = &model.conversations.filter;
    let now = match &filter.view {
        Some(view) => Choice::Named(view.clone()),
        None => Choice::Plain { state: filter.state, unread: filter.unread },
    };
    let at = items.iter().position(|(_, choice)| *choice == now);
    let mut picker = Picker::new(items);
    picker.step(at.and_then(|at| isize::try_from(at).ok()).unwrap_or(0));
    let (labels, asked) = (Vec::new(), Vec::new());
    model.push_overlay(Views { picker, labels, asked, question: 0, waiting: false, stale: false });
    let mut effects = count_again(model);
    effects.push(Effect::Read(Read::Labels));
    effects
}

/// Lists a view for each label.
pub(crate) fn add_labels(model: &mut Model, labels: &[String]) -> Vec<Effect> {
    let items = items(model, labels);
    let Some(views) = model.overlay_mut(|_: &Views| true) else { return Vec::new() };
    if labels == views.labels {
        return Vec::new();
    }
    views.labels = labels.to_vec();
    views.picker.replace(items);
    count_again(model)
}

/// Asks how many conversations the listed views have; one question at a time.
pub(crate) fn count_again(model: &mut Model) -> Vec<Effect> {
    let Some(views) = model.overlay_mut(|_: &Views| true) else { return Vec::new() };
    if views.waiting {
        views.stale = true;
        return Vec::new();
    }
    let labels = views.labels.clone();
    let unknown = items(model, &labels).into_iter().filter(|(item, _)| item.side.is_empty());
    let asked: Vec<Choice> = unknown.map(|(_, choice)| choice).collect();
    let filters = asked.iter().map(Choice::filter).collect();
    model.questions += 1;
    let question = model.questions;
    if let Some(views) = model.overlay_mut(|_: &Views| true) {
        (views.asked, views.question, views.waiting, views.stale) = (asked, question, true, false);
    }
    vec![Effect::Read(Read::CountViews { question, filters })]
}

/// Shows how many conversations the views have.
pub(crate) fn show_counts(model: &mut Model, question: u64, counts: &[ViewCount]) -> Vec<Effect> {
    let is_asked = |views: &Views| views.question == question;
    let Some(labels) = model.overlay_mut(is_asked).map(|views| views.labels.clone()) else { return Vec::new() };
    let mut items = items(model, &labels);
    let Some(views) = model.overlay_mut(is_asked) else { return Vec::new() };
    for (choice, count) in views.asked.iter().zip(counts) {
        if let Some((item, _)) = items.iter_mut().find(|(_, other)| other == choice) {
            item.side = format!("{}{}", count.count, if count.more { "+" } else { "" });
        }
    }
    views.picker.replace(items);
    views.waiting = false;
    if views.stale { count_again(model) } else { Vec::new() }
}

impl Choice {
    /// What the view shows, in no certain order.
    fn filter(&self) -> ConversationFilter {
        match self {
            Choice::Plain { state, unread } => {
                ConversationFilter { state: *state, unread: *unread, ..ConversationFilter::default() }
            }
            Choice::Named(view) => view.filter.clone(),
        }
    }
}

/// Every view: the built-in ones that `views.toml` neither replaces nor takes away, each account, each label, and one's
/// own.
fn items(model: &Model, labels: &[String]) -> Vec<(Item, Choice)> {
    let strings = &model.strings().views;
    let mut items = plain(model);
    let open = || ConversationFilter { state: Some(ConversationState::Open), ..ConversationFilter::default() };
    let named = |name: &str, detail: &str, filter: ConversationFilter| {
        let name = Clean::line(name).into_string();
        let item = Item { label: name.clone(), detail: Clean::line(detail).into_string(), ..Item::default() };
        (item, Choice::Named(Box::new(ListView { name, filter })))
    };
    if !model.agent.is_empty() {
        items.push(named(&strings.mine, "", ConversationFilter { assignee: Some(model.agent.clone()), ..open() }));
    }
    items.push(named(&strings.unassigned, "", ConversationFilter { unassigned: true, ..open() }));
    for view in &model.accounts {
        let name = &view.account.name;
        items.push(named(
            name.as_str(),
            &strings.account,
            ConversationFilter { account: Some(name.clone()), ..open() },
        ));
    }
    for label in labels.iter().take(LABELS) {
        let filter = ConversationFilter { labels: vec![label.clone()], ..open() };
        items.push(named(&format!("#{label}"), &strings.label, filter));
    }
    items.retain(|(item, _)| !model.views.iter().any(|own| own.name.eq_ignore_ascii_case(&item.label)));
    for own in &model.views {
        if let Some(filter) = &own.filter {
            items.push(named(&own.name, &own.query, filter.clone()));
        }
    }
    items
}

/// The views of a state, with counts where they are known.
fn plain(model: &Model) -> Vec<(Item, Choice)> {
    let (list, strings) = (&model.strings().list, &model.strings().views);
    let queue = model.conversations.filter.order == ConversationOrder::Queue;
    let counts = model.counts;
    let open = if queue { (&list.title_waiting, Some(counts.waiting)) } else { (&list.title_open, None) };
    let state = |state| Choice::Plain { state, unread: false };
    let all = [
        (open.0, open.1, state(Some(ConversationState::Open))),
        (&list.title_all, Some(counts.total), state(None)),
        (&strings.unread, Some(counts.unread_conversations), Choice::Plain { state: None, unread: true }),
        (&list.title_snoozed, None, state(Some(ConversationState::Snoozed))),
        (&list.title_resolved, None, state(Some(ConversationState::Resolved))),
    ];
    let item = |name: &String, count: Option<u64>| Item {
        label: name.clone(),
        side: count.map(|count| count.to_string()).unwrap_or_default(),
        ..Item::default()
    };
    all.into_iter().map(|(name, count, choice)| (item(name, count), choice)).collect()
}

/// Shows a view in the list.
fn choose(model: &mut Model, choice: Choice) -> Vec<Effect> {
    let filter = &mut model.conversations.filter;
    filter.typing = false;
    filter.text.clear();
    (filter.state, filter.unread, filter.view) = match choice {
        Choice::Plain { state, unread } => (state, unread, None),
        Choice::Named(view) => (view.filter.state, false, Some(view)),
    };
    model.focus = Pane::List;
    reload(model)
}

impl Popup for Views {
    fn commands(&self) -> &'static [Command] {
        popup::PICKER_COMMANDS
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Views)
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        match popup::picked(&mut self.picker, command) {
            Some(choice) => Next::Close(choose(model, choice)),
            None => Next::stay(),
        }
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        self.picker.type_key(key);
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        self.picker.paste(text);
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().views;
        let area = popup::open_panel(model, buf, &strings.title, 60, popup::tall(model).min(16));
        Some(self.picker.draw(&model.theme, buf, area, &strings.hint, &model.strings().overlay.nothing_found))
    }
}
