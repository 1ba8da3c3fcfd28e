//! What a key or a paste means where it comes.
//!
//! Invariant: a key goes to the foremost thing only.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{account, addressing, allowed, compose, forms, health, inbox, lay, login, overlay, quit, thread};
use crate::tui::commands::{Command, Place};
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay, Pane, Question};
use crate::tui::words::fill;

/// A paste of more lines asks first.
const PASTE_ASKS_ABOVE: usize = 10;

/// A key was pressed.
pub(super) fn press(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if is_interrupt(key) && model.keymap.command(model.focus.place(), key).is_none() {
        return tell_how_to_quit(model);
    }
    if !model.overlays.is_empty() {
        return over(model, key);
    }
    if model.focus == Pane::List && model.inbox.filter.typing {
        return inbox::filter_key(model, key);
    }
    match model.focus {
        Pane::Composer => compose::key(model, key),
        pane => match model.keymap.command(pane.place(), key) {
            Some(command) => run(model, command),
            None => Vec::new(),
        },
    }
}

fn is_interrupt(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers == KeyModifiers::CONTROL
}

/// Ctrl+C copies elsewhere and ends programs elsewhere: here it only says what ends this one.
fn tell_how_to_quit(model: &mut Model) -> Vec<Effect> {
    if let Some(chord) = model.keymap.first_key(Place::Anywhere, Command::Quit) {
        model.notify(&fill(&model.words().notices.to_quit, &[("key", &chord.to_string())]), false);
    }
    Vec::new()
}

/// A key for what lies over the panes. Quitting, sleeping and going on to the next conversation work there too.
fn over(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    match model.keymap.command(Place::Anywhere, key) {
        Some(command @ (Command::Quit | Command::Suspend)) => run(model, command),
        Some(command @ (Command::AddAccount | Command::LogIn)) if stands_alone(model) => run(model, command),
        Some(Command::Back) => {
            close(model);
            Vec::new()
        }
        Some(command @ (Command::Palette | Command::GoTo | Command::Search | Command::Help)) => {
            let same = matches!(
                (model.overlays.last(), command),
                (Some(Overlay::Palette(_)), Command::Palette)
                    | (Some(Overlay::GoTo { .. }), Command::GoTo)
                    | (Some(Overlay::Search(_)), Command::Search)
                    | (Some(Overlay::Help { .. }), Command::Help)
            );
            let is_step = matches!(key.code, KeyCode::Char('p')) && !same;
            if same {
                close(model);
                return Vec::new();
            }
            // In a list under a finder Ctrl+P means "up", as in a shell; elsewhere it opens the palette.
            if is_step && picks(model) {
                return overlay::key(model, &KeyEvent::new(KeyCode::Up, KeyModifiers::NONE));
            }
            // What was typed into the account form is not lost by looking something up.
            model.overlays.retain(|o| matches!(o, Overlay::Welcome { .. } | Overlay::Account(_)));
            run(model, command)
        }
        Some(Command::NextUnread) if picks(model) => {
            overlay::key(model, &KeyEvent::new(KeyCode::Down, KeyModifiers::NONE))
        }
        _ => overlay::key(model, key),
    }
}

/// Whether what is in front leads to the account form and the login by their own keys too.
fn stands_alone(model: &Model) -> bool {
    matches!(model.overlays.last(), Some(Overlay::Welcome { .. } | Overlay::Accounts { .. }))
}

fn picks(model: &Model) -> bool {
    matches!(
        model.overlays.last(),
        Some(
            Overlay::GoTo { .. }
                | Overlay::Canned(_)
                | Overlay::Templates { .. }
                | Overlay::Search(_)
                | Overlay::Addressing(_)
        )
    )
}

fn close(model: &mut Model) {
    let inert = matches!(model.overlays.last(), Some(Overlay::Welcome { .. }));
    if !inert || !model.accounts.is_empty() {
        model.overlays.pop();
    }
}

/// Text was pasted.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        return overlay::paste(model, text);
    }
    match model.focus {
        Pane::List if model.inbox.filter.typing => {
            model.inbox.filter.text.insert(text);
            inbox::refilter(model)
        }
        Pane::List => Vec::new(),
        Pane::Thread | Pane::Composer => {
            if model.compose.conversation.is_none() {
                return Vec::new();
            }
            model.focus = Pane::Composer;
            let lines = text.trim_end().split(['\n', '\r']).filter(|l| !l.is_empty()).count();
            if lines > PASTE_ASKS_ABOVE {
                lay(model, Overlay::Confirm(Question::Paste { text: text.to_owned(), lines }));
                Vec::new()
            } else {
                compose::paste(model, text)
            }
        }
    }
}

/// Does a command of the pane with the keys, or says why not.
pub(super) fn run(model: &mut Model, command: Command) -> Vec<Effect> {
    if let Some(reason) = allowed::why_not(model, command) {
        model.notify(&reason, true);
        return Vec::new();
    }
    match command {
        Command::Quit => quit(model),
        Command::Suspend => {
            let mut effects = compose::flush(model);
            effects.push(Effect::Suspend);
            effects
        }
        Command::Palette | Command::GoTo | Command::Help | Command::Search => overlay::open(model, command),
        Command::NextUnread => vec![Effect::ReadNextUnread { not: model.open_id() }],
        Command::Accounts => health::open(model),
        Command::AddAccount => account::open(model),
        Command::LogIn => login::open(model),
        Command::NewConversation => addressing::open(model),
        Command::NextPane => go(model, 1),
        Command::PreviousPane => go(model, -1),
        Command::Back => back(model),
        Command::Down | Command::Up | Command::PageDown | Command::PageUp | Command::Top | Command::Bottom => {
            match model.focus {
                Pane::List => {
                    inbox::travel(model, command);
                    Vec::new()
                }
                Pane::Thread | Pane::Composer => thread::travel(model, command),
            }
        }
        Command::Open => match model.inbox.selected {
            Some(id) => thread::open(model, id, None),
            None => Vec::new(),
        },
        Command::Filter | Command::UnreadOnly | Command::CycleState => inbox::set_filter(model, command),
        Command::Resolve => inbox::resolve(model),
        Command::Snooze => {
            if let Some(conversation) = model.subject().map(|c| c.id) {
                lay(model, Overlay::Snooze { conversation, chosen: 0 });
            }
            Vec::new()
        }
        Command::MarkUnread => inbox::mark_unread(model),
        Command::Copy | Command::OpenLink | Command::SendAgain | Command::Cancel | Command::Details => {
            thread::act(model, command)
        }
        Command::Write => {
            model.focus = Pane::Composer;
            Vec::new()
        }
        Command::Send | Command::NewLine | Command::Editor => compose::act(model, command),
        Command::Template
        | Command::Attach
        | Command::Canned
        | Command::SendLocation
        | Command::SendCard
        | Command::SendButtons
        | Command::SendList => forms::open(model, command),
    }
}

fn go(model: &mut Model, by: isize) -> Vec<Effect> {
    let order: &[Pane] = match (&model.thread, model.compose.conversation) {
        (None, None) => &[Pane::List],
        (Some(_), Some(_)) => &[Pane::List, Pane::Thread, Pane::Composer],
        (Some(_), None) => &[Pane::List, Pane::Thread],
        (None, Some(_)) => &[Pane::List, Pane::Composer],
    };
    let here = order.iter().position(|p| *p == model.focus).unwrap_or(0);
    let count = order.len();
    let there = (here + count).saturating_add_signed(by) % count;
    model.focus = order.get(there).copied().unwrap_or_default();
    Vec::new()
}

fn back(model: &mut Model) -> Vec<Effect> {
    if model.notice.take().is_some_and(|n| n.bad) {
        return Vec::new();
    }
    match model.focus {
        Pane::Composer | Pane::Thread => {
            model.focus = Pane::List;
            compose::flush(model)
        }
        Pane::List => inbox::clear_filter(model),
    }
}
