//! What can lie over the panes: a closed set, kept as a stack, each in a file of its own. To add one: its file with a
//! `Popup`, and here its module, its variant and its two arms.
//!
//! Invariant: the stack alone says whether something lies over the panes, and only the foremost has keys and a cursor.

pub mod account_setup;
pub mod accounts;
pub mod address;
pub mod canned_replies;
pub mod confirm;
pub mod details;
pub mod go_to;
pub mod help;
pub mod links;
pub mod login;
pub mod message_form;
pub mod new_conversation;
pub mod palette;
pub(crate) mod popup;
pub mod search;
pub mod snooze;
pub mod templates;
pub mod welcome;

use std::any::Any;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use self::popup::{Hint, Next, Popup};
use crate::domain::Timestamp;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::effect::Effect;

macro_rules! overlays {
    ($($variant:ident($state:ty)),* $(,)?) => {
        /// Something over the panes.
        #[derive(Debug, Clone)]
        pub enum Overlay { $($variant(Box<$state>),)* }

        impl Overlay {
            fn popup(&self) -> &dyn Popup {
                match self { $(Overlay::$variant(state) => &**state,)* }
            }

            /// When it looks different although nothing happens.
            pub(crate) fn deadline(&self, model: &Model) -> Option<Timestamp> {
                self.popup().deadline(model)
            }

            fn popup_mut(&mut self) -> &mut dyn Popup {
                match self { $(Overlay::$variant(state) => &mut **state,)* }
            }
        }

        $(impl From<$state> for Overlay {
            fn from(state: $state) -> Self {
                Overlay::$variant(Box::new(state))
            }
        })*
    };
}

overlays! {
    AccountSetup(account_setup::AccountSetup),
    Accounts(accounts::Accounts),
    CannedReplies(canned_replies::CannedReplies),
    Confirm(confirm::Question),
    Details(details::Details),
    GoTo(go_to::GoTo),
    Help(help::Help),
    Links(links::Links),
    Login(login::Login),
    MessageForm(message_form::MessageForm),
    NewConversation(new_conversation::NewConversation),
    Palette(palette::Palette),
    Search(search::Search),
    Snooze(snooze::Snooze),
    Templates(templates::Templates),
    Welcome(welcome::Welcome),
}

impl Model {
    /// Puts an overlay in front. A notice gives way to its hints.
    pub(crate) fn push_overlay(&mut self, overlay: impl Into<Overlay>) {
        self.notice = None;
        self.overlays.push(overlay.into());
    }

    /// The place in the stack of the foremost overlay of a kind that `wanted` accepts.
    pub(crate) fn find_overlay<T: Popup>(&self, wanted: impl Fn(&T) -> bool) -> Option<usize> {
        let is_wanted = |overlay: &Overlay| (overlay.popup() as &dyn Any).downcast_ref().is_some_and(&wanted);
        self.overlays.iter().rposition(is_wanted)
    }

    /// The foremost overlay of a kind that `wanted` accepts.
    pub(crate) fn overlay_mut<T: Popup>(&mut self, wanted: impl Fn(&T) -> bool) -> Option<&mut T> {
        let index = self.find_overlay(wanted)?;
        (self.overlays.get_mut(index)?.popup_mut() as &mut dyn Any).downcast_mut()
    }

    /// The foremost overlay, if it is of a kind.
    pub(crate) fn front_mut<T: Popup>(&mut self) -> Option<&mut T> {
        (self.overlays.last_mut()?.popup_mut() as &mut dyn Any).downcast_mut()
    }
}

/// Opens the overlay of a command of the panes.
pub(crate) fn open(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Accounts => return accounts::open(model),
        Command::AddAccount => return account_setup::open(model),
        Command::Canned => canned_replies::open(model),
        Command::GoTo => go_to::open(model),
        Command::Help => model.push_overlay(help::Help::default()),
        Command::LogIn => return accounts::log_in(model),
        Command::NewConversation => return new_conversation::open(model),
        Command::Palette => palette::open(model),
        Command::Search => model.push_overlay(search::Search::default()),
        Command::Snooze => snooze::open(model),
        Command::Template => return templates::open(model),
        _ => message_form::open(model, command),
    }
    Vec::new()
}

/// Takes a key for the foremost overlay; the command, if any, is one of the panes that is to run now.
pub(crate) fn press(model: &mut Model, key: &KeyEvent) -> (Vec<Effect>, Option<Command>) {
    let Some(front) = model.overlays.last().map(Overlay::popup) else { return (Vec::new(), None) };
    let is_letter =
        matches!(key.code, KeyCode::Char(_)) && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    if front.takes_text() && is_letter {
        return (with_front(model, |front, model| Next::Stay(front.type_key(model, key))).0, None);
    }
    let own = model.keymap.commands(KeyContext::Overlay, key).find(|own| front.commands().contains(own));
    if let Some(own) = own {
        return with_front(model, |front, model| front.run(model, own));
    }
    let means = |context| model.keymap.command(context, key);
    if front.opened_by().is_some_and(|opener| KeyContext::ALL.into_iter().any(|at| means(at) == Some(opener))) {
        close(model);
        return (Vec::new(), None);
    }
    match means(KeyContext::Anywhere) {
        Some(command @ (Command::Quit | Command::Suspend)) => (Vec::new(), Some(command)),
        Some(command) if front.lets_run(command) => (Vec::new(), Some(command)),
        Some(Command::Back) => {
            close(model);
            (Vec::new(), None)
        }
        Some(Command::Help) => {
            let help = help::Help::of(front.commands());
            clear(model);
            model.push_overlay(help);
            (Vec::new(), None)
        }
        Some(command @ (Command::Palette | Command::GoTo | Command::Search)) => {
            clear(model);
            (Vec::new(), Some(command))
        }
        _ => (with_front(model, |front, model| Next::Stay(front.type_key(model, key))).0, None),
    }
}

/// Lets the foremost overlay act while it is off the stack, so that it can change the model.
fn with_front(
    model: &mut Model,
    act: impl FnOnce(&mut dyn Popup, &mut Model) -> Next,
) -> (Vec<Effect>, Option<Command>) {
    let Some(mut front) = model.overlays.pop() else { return (Vec::new(), None) };
    let below = model.overlays.len();
    let next = act(front.popup_mut(), model);
    if matches!(next, Next::Stay(_) | Next::RunOver(_)) {
        model.overlays.insert(below.min(model.overlays.len()), front);
    }
    match next {
        Next::Stay(effects) | Next::Close(effects) => (effects, None),
        Next::Run(command) | Next::RunOver(command) => (Vec::new(), Some(command)),
    }
}

fn close(model: &mut Model) {
    if model.overlays.last().is_some_and(|front| front.popup().can_close(model)) {
        model.overlays.pop();
    }
}

/// Takes the overlays away that something else is opened over, unless something may be typed in them.
fn clear(model: &mut Model) {
    model.overlays.retain(|overlay| overlay.popup().stays_below());
}

/// Takes pasted text for the line that is typed in the foremost overlay.
pub(crate) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    with_front(model, |front, model| Next::Stay(front.paste(model, text))).0
}

/// Takes the time: what is over closes, what has aged is read again.
pub(crate) fn pass_time(model: &mut Model) -> Option<Effect> {
    login::close_connected(model);
    accounts::read_again(model)
}

/// Measures every overlay.
pub(crate) fn layout(model: &mut Model) {
    let mut overlays = std::mem::take(&mut model.overlays);
    for overlay in &mut overlays {
        overlay.popup_mut().layout(model);
    }
    model.overlays = overlays;
}

/// The hint line of the foremost overlay.
pub(crate) fn hints(model: &Model) -> Vec<Hint> {
    model.overlays.last().map(|front| front.popup().hints(model)).unwrap_or_default()
}

/// Draws the foremost overlay over the panes; returns where its cursor is.
pub(crate) fn draw(model: &Model, buf: &mut Buffer) -> Option<Position> {
    model.overlays.last()?.popup().draw(model, buf)
}
