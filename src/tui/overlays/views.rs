//! The views of the conversation list, of which one is chosen: those that are built in, one for each account, and those
//! of `views.toml`.

use super::popup::{self, Hint, Next, Popup};
use crate::domain::ConversationState;
use crate::domain::conversation::{ConversationFilter, ConversationOrder};
use crate::text::Clean;
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::registry::Command;
use crate::tui::conversations::filter::ListView;
use crate::tui::conversations::update::reload;
use crate::tui::effect::Effect;
use crate::tui::widgets::picker::{Item, Picker};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// A picker over views.
#[derive(Debug, Clone)]
pub struct Views {
    picker: Picker<Choice>,
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
pub(crate) fn open(model: &mut Model) {
    let items = items(model);
    let filter = &model.conversations.filter;
    let now = match &filter.view {
        Some(view) => Choice::Named(view.clone()),
        None => Choice::Plain { state: filter.state, unread: filter.unread },
    };
    let at = items.iter().position(|(_, choice)| *choice == now);
    let mut picker = Picker::new(items);
    picker.step(at.and_then(|at| isize::try_from(at).ok()).unwrap_or(0));
    model.push_overlay(Views { picker });
}

/// Every view: the built-in ones that `views.toml` neither replaces nor takes away, each account, and one's own.
fn items(model: &Model) -> Vec<(Item, Choice)> {
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
