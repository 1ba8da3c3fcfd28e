//! All commands, found by a few letters of their names.

use super::popup::{self, Hint, Next, Popup};
use crate::tui::app::state::Model;
use crate::tui::commands::availability;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::effect::Effect;
use crate::tui::widgets::picker::{Item, Picker};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// The list of commands that can be run from here, found by typing.
#[derive(Debug, Clone)]
pub struct Palette(Picker<Command>);

/// Opens it with every command: `front`, which are those of the overlay that is in front, those of the pane that has the keys, of every context,
/// and of the other panes. Moving and quitting come last: they are not looked for here, and must not be what Enter does
/// at once.
pub(crate) fn open(model: &mut Model, front: &[Command]) {
    let strings = model.strings();
    let pane = model.focus.place();
    let mut items = Vec::new();
    for command in Command::ALL.iter().filter(|command| **command != Command::Palette) {
        let in_front = front.contains(command);
        let contexts = [pane, KeyContext::Anywhere, KeyContext::List, KeyContext::Thread, KeyContext::Composer];
        let place = contexts.into_iter().position(|context| command.contexts().contains(&context));
        let (rank, context) = match place {
            _ if in_front => (0, KeyContext::Overlay),
            Some(place) => (place + 1, contexts.get(place).copied().unwrap_or(pane)),
            None => continue,
        };
        let moves = is_navigation(*command);
        if moves && rank > 2 {
            continue;
        }
        let keys: Vec<String> = model.keymap.keys(context, *command).iter().take(2).map(ToString::to_string).collect();
        let item = Item {
            label: strings.command_label(command.id()).to_owned(),
            detail: strings.command_sentence(command.id()).to_owned(),
            also: command.id().replace('_', " "),
            side: keys.join(" "),
            why_not: if in_front { None } else { availability::why_not(model, *command) },
        };
        items.push(((moves, rank), (item, *command)));
    }
    items.sort_by_key(|(order, _)| *order);
    model.push_overlay(Palette(Picker::new(items.into_iter().map(|(_, item)| item).collect())));
}

fn is_navigation(command: Command) -> bool {
    use Command::{Back, Bottom, Down, NextPane, PageDown, PageUp, PreviousPane, Quit, Suspend, Top, Up};
    matches!(command, Back | Bottom | Down | NextPane | PageDown | PageUp | PreviousPane | Quit | Suspend | Top | Up)
}

impl Popup for Palette {
    fn commands(&self) -> &'static [Command] {
        &[Command::Accept, Command::Down, Command::Up, Command::PageDown, Command::PageUp]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Palette)
    }

    fn run(&mut self, _model: &mut Model, command: Command) -> Next {
        match popup::picked(&mut self.0, command) {
            Some(picked) => Next::Run(picked),
            None => Next::stay(),
        }
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        self.0.type_key(key);
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        self.0.paste(text);
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().overlay;
        let area = popup::open_panel(model, buf, &strings.palette, 76, popup::tall(model));
        Some(self.0.draw(&model.theme, buf, area, &strings.palette_hint, &strings.nothing_found))
    }
}
