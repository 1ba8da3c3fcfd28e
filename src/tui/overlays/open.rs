//! Opens the overlay that belongs to a command.

use super::{
    account_setup, accounts, actions, assign, canned_replies, customer, file_picker, go_to, help, known, labels,
    message_form, new_conversation, note, palette, reactions, search, send_later, settings, snooze, templates, views,
};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::Effect;

/// Opens the overlay that a command of the panes is for.
pub(crate) fn open(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Accounts => return accounts::open(model),
        Command::Actions => actions::open(model),
        Command::AddAccount => return account_setup::open(model),
        Command::Assign => return assign::open(model),
        Command::Customer => customer::open(model),
        Command::Label => return labels::open(model),
        Command::Note => note::open(model),
        Command::Take => return assign::take(model),
        Command::Attach => return file_picker::open(model),
        Command::Canned => return canned_replies::open(model),
        Command::GoTo => go_to::open(model),
        Command::Help => model.push_overlay(help::Help::default()),
        Command::LogIn => return accounts::log_in(model),
        Command::NewConversation => return new_conversation::open(model),
        Command::Palette => {
            let front = model.overlays.last().map_or(&[][..], |front| front.commands());
            palette::open(model, front);
        }
        Command::React => reactions::open(model),
        Command::SendLater => return send_later::open(model),
        Command::Search => model.push_overlay(search::Search::default()),
        Command::Settings => model.push_overlay(settings::Settings::default()),
        Command::Snooze => snooze::open(model),
        Command::Views => return views::open(model),
        Command::Template => return templates::open(model),
        Command::SendCard | Command::SendLocation => return open_known(model, command),
        // Forms; and commands that only overlays have, which open nothing.
        _ => message_form::open(model, command),
    }
    Vec::new()
}

/// Opens what is known before the form of a place or a contact card.
fn open_known(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(conversation) = model.open_id() else { return Vec::new() };
    if command == Command::SendCard {
        return known::open_people(model, conversation);
    }
    known::open_places(model, conversation);
    Vec::new()
}
