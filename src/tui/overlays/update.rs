//! What keys and answers do in what lies over the panes: palette, finders, links, questions.
//!
//! Invariant: what is hard to undo happens only after a yes.

use crate::tui::effect::{Read, TerminalAction, Write};
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::state::{Finder, Found, Overlay, Question};
use super::{account_setup, go_to, login, message_form, new_conversation};
use crate::domain::{Conversation, ConversationId, ConversationState, Message, StoreError, Timestamp};
use crate::text::{Clean, link};
use crate::tui::app::account_health;
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::dispatch;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::effect::Effect;
use crate::tui::i18n;
use crate::tui::thread::message;
use crate::tui::widgets::picker::{Item, Picker};
use crate::tui::{composer, conversations, thread};

/// The fewest letters that are searched for.
const SEARCH_LEAST: usize = 3;

/// At most so many loaded conversations are offered before the store is asked.
const GOTO_LOADED: usize = 2000;

/// Opens the palette, the finder, the help or the search.
pub(crate) fn open(model: &mut Model, command: Command) -> Vec<Effect> {
    let overlay = match command {
        Command::Palette => Overlay::Palette(palette(model)),
        Command::GoTo => {
            let items = model.conversations.rows().take(GOTO_LOADED).map(conversation_item).collect();
            Overlay::GoTo { picker: Picker::new(items), question: None, ahead: None }
        }
        Command::Search => Overlay::Search(Finder::default()),
        _ => Overlay::Help { scroll: 0 },
    };
    model.open_overlay(overlay);
    Vec::new()
}

/// The commands of the place that has the keys, then those that work everywhere. Moving and quitting come last: they
/// are not looked for here, and must not be what Enter does at once.
fn palette(model: &Model) -> Picker<Command> {
    let words = model.strings();
    let here = model.focus.place();
    let mut items = Vec::new();
    for command in Command::ALL.iter().filter(|c| **c != Command::Palette) {
        let own = command.places().contains(&here);
        let place = if own { here } else { KeyContext::Anywhere };
        if !command.places().contains(&place) {
            continue;
        }
        let keys: Vec<String> = model.keymap.keys(place, *command).iter().take(2).map(ToString::to_string).collect();
        let item = Item {
            label: words.command_label(command.id()).to_owned(),
            detail: words.command_sentence(command.id()).to_owned(),
            also: command.id().replace('_', " "),
            side: keys.join(" "),
            why_not: crate::tui::commands::availability::why_not(model, *command),
        };
        items.push(((is_travel(*command), !own), (item, *command)));
    }
    items.sort_by_key(|(order, _)| *order);
    Picker::new(items.into_iter().map(|(_, item)| item).collect())
}

fn is_travel(command: Command) -> bool {
    use Command::{Back, Bottom, Down, NextPane, PageDown, PageUp, PreviousPane, Quit, Suspend, Top, Up};
    matches!(command, Back | Bottom | Down | NextPane | PageDown | PageUp | PreviousPane | Quit | Suspend | Top | Up)
}

pub(crate) fn conversation_item(conversation: &Conversation) -> (Item, ConversationId) {
    let item = Item {
        label: Model::title(conversation).into_string(),
        detail: format!(
            "{} {} {}",
            i18n::channel(conversation.channel),
            conversation.account,
            Clean::line(&conversation.peer).as_str()
        ),
        side: if conversation.unread > 0 { conversation.unread.to_string() } else { String::new() },
        ..Item::default()
    };
    (item, conversation.id)
}

/// A key for the foremost thing.
pub(crate) fn key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    let Some(mut front) = model.overlays.pop() else { return Vec::new() };
    let enter = key.code == KeyCode::Enter && key.modifiers.is_empty();
    let (stays, effects) = match &mut front {
        Overlay::Help { scroll } => {
            let step = step_of(key, 8).unwrap_or(0);
            *scroll = scroll.saturating_add_signed(step);
            (!matches!(key.code, KeyCode::Char('q' | '?')), Vec::new())
        }
        Overlay::Welcome { chosen } => account_setup::update::welcome_key(model, chosen, key, enter),
        Overlay::Account(sheet) => account_setup::update::key(model, sheet, key, enter),
        Overlay::Accounts { chosen } => account_health::key(model, chosen, key, enter),
        Overlay::Login(sheet) => login::update::key(sheet, key, enter),
        Overlay::Palette(picker) => match pick(picker, key, enter) {
            Picked::This(command) => (false, dispatch::run(model, command)),
            _ => (true, Vec::new()),
        },
        Overlay::GoTo { picker, question, ahead } => go_to::key(model, (picker, question, ahead), key, enter),
        Overlay::Search(finder) => search_key(model, finder, key, enter),
        Overlay::Canned(picker) => match pick(picker, key, enter) {
            Picked::This(index) => (false, message_form::update::insert_reply(model, index)),
            _ => (true, Vec::new()),
        },
        Overlay::Templates { picker, to, .. } => message_form::update::templates_key(model, picker, to, key, enter),
        Overlay::Form(form) => message_form::update::form_key(model, form, key, enter),
        Overlay::Addressing(choice) => new_conversation::update::key(model, choice, key, enter),
        Overlay::Details { scroll, .. } => {
            *scroll = scroll.saturating_add_signed(step_of(key, 8).unwrap_or(0));
            (!enter && !matches!(key.code, KeyCode::Char('q' | 'd')), Vec::new())
        }
        Overlay::Links { urls, chosen } => {
            *chosen = chosen.saturating_add_signed(step_of(key, 5).unwrap_or(0)).min(urls.len().saturating_sub(1));
            if enter && let Some(url) = urls.get(*chosen) {
                ask_to_open(model, url.clone());
            }
            (!enter, Vec::new())
        }
        Overlay::Confirm(question) => answer(model, question, key, enter),
        Overlay::Snooze { conversation, chosen } => {
            *chosen = chosen.saturating_add_signed(step_of(key, 4).unwrap_or(0)).min(SNOOZES.len() - 1);
            if enter {
                let until = snooze_until(model, *chosen);
                (false, conversations::update::set_state(model, *conversation, ConversationState::Snoozed, until))
            } else {
                (true, Vec::new())
            }
        }
    };
    if stays {
        model.overlays.push(front);
    }
    effects
}

/// Text was pasted over the panes: it goes into the line that is typed there.
pub(crate) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(mut front) = model.overlays.pop() else { return Vec::new() };
    let effects = match &mut front {
        Overlay::Palette(p) => typed(&mut p.input, text).then(|| p.typed()).map(|()| Vec::new()),
        Overlay::Canned(p) => typed(&mut p.input, text).then(|| p.typed()).map(|()| Vec::new()),
        Overlay::Templates { picker: Some(p), .. } => typed(&mut p.input, text).then(|| p.typed()).map(|()| Vec::new()),
        Overlay::GoTo { picker, question, .. } => {
            typed(&mut picker.input, text).then(|| go_to::ask(model, picker, question))
        }
        Overlay::Search(finder) => typed(&mut finder.input, text).then(|| search(model, finder)),
        Overlay::Addressing(choice) => Some(new_conversation::update::paste(model, choice, text)),
        Overlay::Form(form) => {
            if let Some(field) = form.fields.get_mut(form.focus) {
                field.input.insert(text);
                form.objection = None;
            }
            super::message_form::fields::grow(model, form);
            None
        }
        Overlay::Account(sheet) => {
            account_setup::update::paste(sheet, text);
            None
        }
        _ => None,
    };
    model.overlays.push(front);
    effects.unwrap_or_default()
}

fn typed(input: &mut crate::tui::widgets::line_input::Input, text: &str) -> bool {
    input.insert(text);
    true
}

/// How far a key moves in a list.
pub(crate) fn step_of(key: &KeyEvent, page: isize) -> Option<isize> {
    match key.code {
        KeyCode::Down => Some(1),
        KeyCode::Up => Some(-1),
        KeyCode::Char('j') if key.modifiers.is_empty() => Some(1),
        KeyCode::Char('k') if key.modifiers.is_empty() => Some(-1),
        KeyCode::PageDown => Some(page),
        KeyCode::PageUp => Some(-page),
        _ => None,
    }
}

/// As [`step_of`] where letters are typed.
pub(crate) fn typed_step_of(key: &KeyEvent) -> Option<isize> {
    match key.code {
        KeyCode::Char('j' | 'k') => None,
        _ => step_of(key, 8),
    }
}

/// What a key did in a picker.
pub(crate) enum Picked<T> {
    /// Nothing but a move.
    Nothing,
    /// The typed text changed.
    Typed,
    /// This was picked.
    This(T),
}

/// A key in a picker.
pub(crate) fn pick<T: Clone>(picker: &mut Picker<T>, key: &KeyEvent, enter: bool) -> Picked<T> {
    if enter {
        return picker.choice().map_or(Picked::Nothing, |(_, thing)| Picked::This(thing.clone()));
    }
    if let Some(step) = typed_step_of(key) {
        picker.step(step);
    } else if picker.input.key(key) == Some(true) {
        picker.typed();
        return Picked::Typed;
    }
    Picked::Nothing
}

fn search_key(model: &mut Model, finder: &mut Finder, key: &KeyEvent, enter: bool) -> (bool, Vec<Effect>) {
    let found = finder.found.as_deref().unwrap_or_default();
    if enter {
        return match found.get(finder.chosen) {
            Some(hit) => (false, thread::open::open(model, hit.conversation, Some(hit.message))),
            None => (true, Vec::new()),
        };
    }
    if let Some(step) = typed_step_of(key) {
        finder.chosen = finder.chosen.saturating_add_signed(step).min(found.len().saturating_sub(1));
        return (true, Vec::new());
    }
    if finder.input.key(key) == Some(true) {
        return (true, search(model, finder));
    }
    (true, Vec::new())
}

fn search(model: &mut Model, finder: &mut Finder) -> Vec<Effect> {
    let query = finder.input.text().trim().to_owned();
    finder.chosen = 0;
    model.questions += 1;
    finder.question = model.questions;
    if query.chars().count() < SEARCH_LEAST {
        finder.found = None;
        return Vec::new();
    }
    vec![Effect::Read(Read::SearchMessages { question: finder.question, query })]
}

/// Takes messages that the store found.
pub(crate) fn take_messages(
    model: &mut Model,
    answered: u64,
    found: Result<Vec<(Message, Option<Conversation>)>, StoreError>,
) {
    let (words, now, zone) = (model.strings(), model.now, model.zone.clone());
    let Some(Overlay::Search(finder)) = model.overlays.last_mut() else { return };
    if finder.question != answered {
        return;
    }
    match found {
        Ok(found) => {
            let hits = found.into_iter().map(|(message, conversation)| Found {
                conversation: message.conversation,
                message: message.id,
                title: conversation.as_ref().map_or_else(|| Clean::line(&message.peer), Model::title),
                line: Clean::line(&message::preview(words, message.kind, &message.text)),
                when: i18n::stamp(words, message.at, now, &zone),
            });
            finder.found = Some(hits.collect());
        }
        Err(error) => {
            finder.found = Some(Vec::new());
            model.notify_not_read(&error);
        }
    }
}

/// Shows where a link leads before it is opened.
pub(crate) fn ask_to_open(model: &mut Model, url: Clean) {
    let host = link::host(url.as_str()).unwrap_or_default();
    let disguised = !host.is_ascii() || host.to_ascii_lowercase().split('.').any(|part| part.starts_with("xn--"));
    let host = Clean::line(host);
    model.open_overlay(Overlay::Confirm(Question::OpenLink { url, host, disguised }));
}

fn answer(model: &mut Model, question: &Question, key: &KeyEvent, enter: bool) -> (bool, Vec<Effect>) {
    let plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
    let yes = enter || plain && matches!(key.code, KeyCode::Char('y' | 'Y')) || plain && own_yes(model, key);
    if yes {
        return (false, agree(model, question));
    }
    let no = plain && (matches!(key.code, KeyCode::Char('n' | 'N' | 'q')) || own_no(model, key));
    (!no, Vec::new())
}

fn initial(word: &str, key: &KeyEvent) -> bool {
    let first = word.chars().next();
    matches!(key.code, KeyCode::Char(c) if Some(c) == first)
}

fn own_yes(model: &Model, key: &KeyEvent) -> bool {
    initial(&model.strings().overlay.yes, key)
}

fn own_no(model: &Model, key: &KeyEvent) -> bool {
    initial(&model.strings().overlay.no, key)
}

fn agree(model: &mut Model, question: &Question) -> Vec<Effect> {
    match question {
        Question::SendAgain { message, .. } => vec![Effect::Write(Write::SendAgain { message: *message })],
        Question::Paste { text, .. } => {
            model.focus = Pane::Composer;
            composer::update::paste(model, text)
        }
        Question::OpenLink { url, .. } => vec![Effect::Terminal(TerminalAction::OpenLink { url: url.clone() })],
    }
}

/// The spans for which a conversation can be put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Snooze {
    Hour,
    Tomorrow,
    Week,
    Reply,
}

const SNOOZES: [Snooze; 4] = [Snooze::Hour, Snooze::Tomorrow, Snooze::Week, Snooze::Reply];

fn snooze_until(model: &Model, chosen: usize) -> Option<Timestamp> {
    let days = match SNOOZES.get(chosen)? {
        Snooze::Hour => return Some(model.now.plus(Duration::from_secs(3600))),
        Snooze::Reply => return None,
        Snooze::Tomorrow => 1,
        Snooze::Week => 7,
    };
    let today = i18n::day_of(model.now, &model.zone);
    let day = today.checked_add(jiff::Span::new().days(days)).ok()?;
    let at = day.at(8, 0, 0, 0).to_zoned(model.zone.clone()).ok()?;
    Some(Timestamp(at.timestamp().as_millisecond()))
}
