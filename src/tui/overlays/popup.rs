//! What every overlay does: its commands, its keys, its hints, its drawing.
//!
//! Invariant: an overlay never looks at a key that is not typed text; keys reach it as commands of the registry.

use std::any::Any;

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::Timestamp;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::effect::Effect;
use crate::tui::widgets::panel;
use crate::tui::widgets::picker::Picker;

/// What follows after a command of an overlay.
pub(crate) enum Next {
    Stay(Vec<Effect>),
    Close(Vec<Effect>),
    /// The overlay closes and a command of the panes runs.
    Run(Command),
    /// A command of the panes runs, and what it opens lies over the overlay.
    RunOver(Command),
}

impl Next {
    /// The overlay stays open, and nothing further is done.
    pub(crate) fn stay() -> Self {
        Next::Stay(Vec::new())
    }

    /// The overlay closes, and nothing further is done.
    pub(crate) fn close() -> Self {
        Next::Close(Vec::new())
    }
}

/// Keys and what they do, for the hint line.
pub(crate) type Hint = (String, &'static str);

/// The behaviour of an overlay.
pub(crate) trait Popup: Any {
    /// The commands whose keys it takes, beside those that work in every context.
    fn commands(&self) -> &'static [Command];

    /// Letters are typed here, so a plain letter is never a command.
    fn takes_text(&self) -> bool {
        false
    }

    /// The command that opens it: its key closes it again.
    fn opened_by(&self) -> Option<Command> {
        None
    }

    /// Whether a command of the panes may run over it by its own key.
    fn lets_run(&self, _command: Command) -> bool {
        false
    }

    /// Whether it stays under a palette or finder that is opened over it, because something may be typed in it.
    fn stays_below(&self) -> bool {
        false
    }

    /// Whether Esc closes it.
    fn can_close(&self, _model: &Model) -> bool {
        true
    }

    /// Runs one of its commands. The overlay is off the stack meanwhile and goes back to where it was.
    fn run(&mut self, model: &mut Model, command: Command) -> Next;

    /// Takes a key that is no command of it.
    fn type_key(&mut self, _model: &mut Model, _key: &KeyEvent) -> Vec<Effect> {
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, _text: &str) -> Vec<Effect> {
        Vec::new()
    }

    /// Measures it, before it is drawn.
    fn layout(&mut self, _model: &Model) {}

    /// When it looks different although nothing happens.
    fn deadline(&self, _model: &Model) -> Option<Timestamp> {
        None
    }

    /// Its most useful keys; the last one is the way out.
    fn hints(&self, model: &Model) -> Vec<Hint>;

    /// Draws it over the panes; returns where its cursor is.
    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position>;
}

/// The first key of a command in overlays, as people read it.
pub(crate) fn key_name(model: &Model, command: Command) -> String {
    model.keymap.first_key(KeyContext::Overlay, command).map(|key| key.to_string()).unwrap_or_default()
}

/// The hint of a command by its own label.
pub(crate) fn hint(model: &Model, command: Command) -> Hint {
    (key_name(model, command), model.strings().command_label(command.id()))
}

/// The hint of a command that has a better name here.
pub(crate) fn named_hint(model: &Model, command: Command, label: &'static str) -> Hint {
    (key_name(model, command), label)
}

/// The hint of a command by the key that it has in every context.
pub(crate) fn anywhere_hint(model: &Model, command: Command) -> Hint {
    let key = model.keymap.first_key(KeyContext::Anywhere, command);
    (key.map(|key| key.to_string()).unwrap_or_default(), model.strings().command_label(command.id()))
}

/// The hint of the way out: the key that closes every overlay.
pub(crate) fn close_hint(model: &Model) -> Hint {
    named_hint(model, Command::Back, model.strings().command_label(Command::Close.id()))
}

/// The hint of two commands that go up and down.
pub(crate) fn move_hint(model: &Model, label: &'static str) -> Hint {
    (key_name(model, Command::Up) + &key_name(model, Command::Down), label)
}

/// The hints of a list of which one is chosen.
pub(crate) fn list_hints(model: &Model) -> Vec<Hint> {
    list_hints_to(model, model.strings().command_label(Command::Accept.id()))
}

/// The hints of a list of which one is chosen, with what choosing does in other words.
pub(crate) fn list_hints_to(model: &Model, label: &'static str) -> Vec<Hint> {
    let accept = named_hint(model, Command::Accept, label);
    vec![accept, move_hint(model, &model.strings().overlay.r#move), close_hint(model)]
}

/// How far a command moves in a list; `page` is how far a page goes.
pub(crate) fn step_of(command: Command, page: isize) -> Option<isize> {
    match command {
        Command::Down | Command::NextMatch => Some(1),
        Command::Up | Command::PreviousMatch => Some(-1),
        Command::PageDown => Some(page),
        Command::PageUp => Some(-page),
        _ => None,
    }
}

/// Moves a choice among `count` things by a command.
pub(crate) fn move_choice(chosen: &mut usize, command: Command, page: isize, count: usize) {
    let by = step_of(command, page).unwrap_or(0);
    *chosen = chosen.saturating_add_signed(by).min(count.saturating_sub(1));
}

/// Draws an overlay's box; returns its inside.
pub(crate) fn open_panel(model: &Model, buf: &mut Buffer, title: &str, width: u16, rows: u16) -> Rect {
    panel::open(&model.theme, buf, model.areas.screen, title, (width, rows))
}

/// The most rows that an overlay with a long list asks for.
pub(crate) fn tall(model: &Model) -> u16 {
    model.areas.screen.height.saturating_sub(4).min(18)
}

/// The commands of a list that is searched by typing, where Ctrl+N and Ctrl+P move as in a shell.
pub(crate) const PICKER_COMMANDS: &[Command] =
    &[Command::Accept, Command::NextMatch, Command::PreviousMatch, Command::PageDown, Command::PageUp];

/// Runs a command of a picker; what was picked, if anything.
pub(crate) fn picked<T: Clone>(picker: &mut Picker<T>, command: Command) -> Option<T> {
    if let Some(by) = step_of(command, 8) {
        picker.step(by);
    }
    picker.choice().filter(|_| command == Command::Accept).map(|(_, thing)| thing.clone())
}

/// The hint of the keys that choose another value of a field.
pub(crate) fn change_hint(model: &Model) -> Hint {
    let keys = [Command::PreviousChoice, Command::NextChoice].map(|command| key_name(model, command));
    (keys.join(" "), model.strings().command_label(Command::NextChoice.id()))
}
