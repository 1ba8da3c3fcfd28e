//! What a key or a paste means where it comes.
//!
//! Invariant: a key goes to the foremost thing only.

use crate::tui::effect::{Read, TerminalAction};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::availability;
use super::registry::{Command, KeyContext};
use crate::tui::app::account_health;
use crate::tui::app::quit::save_and_quit;
use crate::tui::app::state::{Model, Pane};
use crate::tui::composer::state::HeldInput;
use crate::tui::effect::Effect;
use crate::tui::i18n::fill;
use crate::tui::overlays::state::{Overlay, Question};
use crate::tui::overlays::{account_setup, login, message_form, new_conversation};
use crate::tui::{composer, conversations, overlays, thread};

/// A paste of more lines asks first.
const PASTE_ASKS_ABOVE: usize = 10;

/// A key was pressed.
pub(crate) fn press(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if is_interrupt(key) && model.keymap.command(model.focus.place(), key).is_none() {
        return tell_how_to_quit(model);
    }
    if !model.overlays.is_empty() {
        return over(model, key);
    }
    if model.focus == Pane::List && model.conversations.filter.typing {
        return filter_key(model, key);
    }
    match model.focus {
        Pane::Composer => composer_key(model, key),
        pane => match model.keymap.command(pane.place(), key) {
            Some(command) => run(model, command),
            None => Vec::new(),
        },
    }
}

fn filter_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    match conversations::update::filter_key(model, key) {
        Some(effects) => effects,
        None => match model.keymap.command(KeyContext::Anywhere, key) {
            Some(command) => run(model, command),
            None => Vec::new(),
        },
    }
}

/// Handles a key for the composer: holds it while an answer is pending, else runs its command or types it.
pub(crate) fn composer_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    let command = model.keymap.command(KeyContext::Composer, key);
    let anywhere = command.is_some_and(|c| c.places().contains(&KeyContext::Anywhere));
    if model.composer.pending.is_some() && !anywhere {
        model.composer.held_input.push_back(HeldInput::Key(*key));
        return Vec::new();
    }
    match command {
        // The slash is an ordinary letter except at the start of an empty draft.
        Some(command)
            if command != Command::Canned || key.code != KeyCode::Char('/') || model.composer.editor.is_empty() =>
        {
            run(model, command)
        }
        _ => {
            composer::update::type_key(model, key);
            Vec::new()
        }
    }
}

fn is_interrupt(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers == KeyModifiers::CONTROL
}

/// Ctrl+C copies elsewhere and ends programs elsewhere: here it only says what ends this one.
fn tell_how_to_quit(model: &mut Model) -> Vec<Effect> {
    if let Some(chord) = model.keymap.first_key(KeyContext::Anywhere, Command::Quit) {
        model.notify(&fill(&model.strings().notices.to_quit, &[("key", &chord.to_string())]), false);
    }
    Vec::new()
}

/// A key for what lies over the panes. Quitting, sleeping and going on to the next conversation work there too.
fn over(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    match model.keymap.command(KeyContext::Anywhere, key) {
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
                return overlays::update::key(model, &KeyEvent::new(KeyCode::Up, KeyModifiers::NONE));
            }
            // What was typed into the account form is not lost by looking something up.
            model.overlays.retain(|o| matches!(o, Overlay::Welcome { .. } | Overlay::Account(_)));
            run(model, command)
        }
        Some(Command::NextUnread) if picks(model) => {
            overlays::update::key(model, &KeyEvent::new(KeyCode::Down, KeyModifiers::NONE))
        }
        _ => overlays::update::key(model, key),
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
pub(crate) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        return overlays::update::paste(model, text);
    }
    match model.focus {
        Pane::List if model.conversations.filter.typing => {
            model.conversations.filter.text.insert(text);
            conversations::update::reload(model)
        }
        Pane::List => Vec::new(),
        Pane::Thread | Pane::Composer => {
            if model.composer.conversation.is_none() {
                return Vec::new();
            }
            model.focus = Pane::Composer;
            let lines = text.trim_end().split(['\n', '\r']).filter(|l| !l.is_empty()).count();
            if lines > PASTE_ASKS_ABOVE {
                model.open_overlay(Overlay::Confirm(Question::Paste { text: text.to_owned(), lines }));
                Vec::new()
            } else {
                composer::update::paste(model, text)
            }
        }
    }
}

/// Does a command of the pane with the keys, or says why not.
pub(crate) fn run(model: &mut Model, command: Command) -> Vec<Effect> {
    if let Some(reason) = availability::why_not(model, command) {
        model.notify(&reason, true);
        return Vec::new();
    }
    match command {
        Command::Quit => save_and_quit(model),
        Command::Suspend => {
            let mut effects = composer::draft::save_now(model);
            effects.push(Effect::Terminal(TerminalAction::Suspend));
            effects
        }
        Command::Palette | Command::GoTo | Command::Help | Command::Search => overlays::update::open(model, command),
        Command::NextUnread => vec![Effect::Read(Read::NextUnread { not: model.open_id() })],
        Command::Accounts => account_health::open(model),
        Command::AddAccount => account_setup::update::open(model),
        Command::LogIn => login::update::open(model),
        Command::NewConversation => new_conversation::update::open(model),
        Command::NextPane => go(model, 1),
        Command::PreviousPane => go(model, -1),
        Command::Back => back(model),
        Command::Down | Command::Up | Command::PageDown | Command::PageUp | Command::Top | Command::Bottom => {
            match model.focus {
                Pane::List => conversations::update::move_selection(model, command),
                Pane::Thread | Pane::Composer => thread::update::move_selection(model, command),
            }
        }
        Command::Open => match model.conversations.selected {
            Some(id) => thread::open::open(model, id, None),
            None => Vec::new(),
        },
        Command::Filter | Command::UnreadOnly | Command::CycleState => {
            conversations::update::set_filter(model, command)
        }
        Command::Resolve => conversations::update::resolve(model),
        Command::Snooze => {
            if let Some(conversation) = model.subject().map(|c| c.id) {
                model.open_overlay(Overlay::Snooze { conversation, chosen: 0 });
            }
            Vec::new()
        }
        Command::MarkUnread => conversations::update::mark_unread(model),
        Command::Copy | Command::OpenLink | Command::SendAgain | Command::Cancel | Command::Details => {
            thread::update::run_command(model, command)
        }
        Command::Write => {
            model.focus = Pane::Composer;
            Vec::new()
        }
        Command::Send | Command::NewLine | Command::Editor => composer::update::run_command(model, command),
        Command::Template
        | Command::Attach
        | Command::Canned
        | Command::SendLocation
        | Command::SendCard
        | Command::SendButtons
        | Command::SendList => message_form::update::open(model, command),
    }
}

fn go(model: &mut Model, by: isize) -> Vec<Effect> {
    let order: &[Pane] = match (&model.thread, model.composer.conversation) {
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
            composer::draft::save_now(model)
        }
        Pane::List => conversations::update::clear_filter(model),
    }
}
