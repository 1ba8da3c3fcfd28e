//! What each command does.
//!
//! Invariant: a command that cannot be used changes nothing but the notice, which says why.
use super::registry::{Command, KeyContext};
use super::{availability, quit, undo};
use crate::tui::app::notifications;
use crate::tui::app::state::{Model, Pane};
use crate::tui::effect::{Effect, Read, TerminalAction};
use crate::tui::i18n::fill;
use crate::tui::{composer, conversations, overlays, thread};

/// Runs a command for the pane that has the focus, or says why it cannot be used.
pub(crate) fn run(model: &mut Model, command: Command) -> Vec<Effect> {
    if let Some(reason) = availability::why_not(model, command) {
        model.notify(&reason, true);
        return Vec::new();
    }
    if model.focus == Pane::List && command.needs_open_conversation() {
        return open_for(model, command);
    }
    focus_pane_of(model, command);
    match command {
        Command::Quit => quit::ask_what_waits(model),
        Command::Suspend => {
            let mut effects = composer::draft::save_now(model);
            effects.push(Effect::Terminal(TerminalAction::Suspend));
            effects
        }
        Command::NextUnread => vec![Effect::Read(Read::NextWaiting { open: model.open_id() })],
        Command::NextPane => move_focus(model, 1),
        Command::PreviousPane => move_focus(model, -1),
        Command::Back => go_back(model),
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
        Command::Filter | Command::UnreadOnly | Command::ListOrder => conversations::update::set_filter(model, command),
        Command::Resolve => conversations::update::resolve(model),
        Command::MarkUnread => conversations::update::mark_unread(model),
        Command::OpenMedia if !thread::media::has_file(model) => run(model, thread::media::without_file(model)),
        Command::Copy
        | Command::OpenLink
        | Command::OpenMedia
        | Command::SaveMedia
        | Command::Play
        | Command::WriteToContact
        | Command::SaveContact
        | Command::SendAgain
        | Command::Cancel
        | Command::Details
        | Command::Quote => thread::update::run_command(model, command),
        Command::Speed => thread::playback::change_speed(model),
        Command::NextHit | Command::PreviousHit => thread::open::open_hit(model, command == Command::NextHit),
        Command::Write => {
            model.focus = Pane::Composer;
            Vec::new()
        }
        Command::Undo => undo::undo(model),
        Command::Send if std::mem::take(&mut model.typing.redirected) => {
            let name = model.subject().map(|subject| Model::title(subject, model.country())).unwrap_or_default();
            model.notify(&fill(&model.strings().notices.enter_sends, &[("name", name.as_str())]), true);
            Vec::new()
        }
        Command::Send | Command::NewLine | Command::Redo | Command::Editor => {
            composer::update::run_command(model, command)
        }
        Command::NotifyTest => notifications::call_for_test(model),
        // Every other command opens an overlay.
        _ => overlays::open::open(model, command),
    }
}

/// Gives the keys to the pane for which a command is made, where it means nothing in the one that has them.
fn focus_pane_of(model: &mut Model, command: Command) {
    let contexts = command.contexts();
    let here = [model.focus.place(), KeyContext::Anywhere].iter().any(|context| contexts.contains(context));
    if here || command.is_movement() || command.is_of_overlay() {
        return;
    }
    let there = [Pane::List, Pane::Thread, Pane::Composer].into_iter().find(|pane| contexts.contains(&pane.place()));
    model.focus = match there {
        Some(Pane::Thread) if model.thread.is_none() => model.focus,
        Some(Pane::Composer) if model.composer.conversation.is_none() => model.focus,
        Some(pane) => pane,
        None => model.focus,
    };
}

/// Runs a command on the conversation that is chosen in the list, which is opened first.
fn open_for(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(id) = model.subject().map(|subject| subject.id) else { return Vec::new() };
    let effects = thread::open::open(model, id, None);
    if model.composer.pending.is_some() {
        model.after_open = Some((id, command));
        return effects;
    }
    effects.into_iter().chain(run(model, command)).collect()
}

fn move_focus(model: &mut Model, by: isize) -> Vec<Effect> {
    let order: &[Pane] = match (&model.thread, model.composer.conversation) {
        (None, None) => &[Pane::List],
        // Also while its messages are still being read: over a slow line Enter and the next key come together.
        (_, Some(_)) => &[Pane::List, Pane::Thread, Pane::Composer],
        (Some(_), None) => &[Pane::List, Pane::Thread],
    };
    let at = order.iter().position(|pane| *pane == model.focus).unwrap_or(0);
    let next = (at + order.len()).saturating_add_signed(by) % order.len();
    model.focus = order.get(next).copied().unwrap_or_default();
    Vec::new()
}

fn go_back(model: &mut Model) -> Vec<Effect> {
    if model.notice.take().is_some_and(|n| n.bad) {
        return Vec::new();
    }
    if model.focus == Pane::Composer && model.composer.quote.is_some() {
        return composer::keep_begun::set_quote(model, None);
    }
    match model.focus {
        Pane::Composer | Pane::Thread => {
            model.focus = Pane::List;
            composer::draft::save_now(model)
        }
        Pane::List => conversations::update::clear_filter(model),
    }
}
