//! What a click and the wheel mean, where the mouse is switched on.
//!
//! Invariant: nothing can be done with the mouse alone, and the wheel changes nothing but what is seen.

use super::registry::Command;
use super::run::run;
use crate::tui::app::state::{Model, Pane};
use crate::tui::conversations::layout::row_on;
use crate::tui::effect::Effect;
use crate::tui::{overlays, thread};
use ratatui::layout::{Position, Rect};

/// How many rows of the thread, or entries of a list, a step of the wheel goes.
const STEP: usize = 3;

/// Gives the keys to the pane under the pointer; in the list the row is selected, and opened where it was already.
pub(crate) fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        return Vec::new();
    }
    let areas = &model.areas;
    if areas.list.contains(at) {
        return click_list(model, at);
    }
    let composer = Rect { x: areas.prompt.x, width: areas.prompt.width + areas.composer.width + 1, ..areas.composer };
    if composer.contains(at) && model.composer.conversation.is_some() {
        model.focus = Pane::Composer;
    } else if areas.thread.contains(at) && model.thread.is_some() {
        model.focus = Pane::Thread;
    }
    Vec::new()
}

fn click_list(model: &mut Model, at: Position) -> Vec<Effect> {
    let list = &mut model.conversations;
    model.focus = Pane::List;
    let Some(index) = row_on(list, at.y - model.areas.list.y) else { return Vec::new() };
    let before = list.selected;
    list.select_index(index);
    if before == list.selected { run(model, Command::Open) } else { Vec::new() }
}

/// Scrolls what is under the pointer: the overlay in front, the list, or the thread.
pub(crate) fn turn_wheel(model: &mut Model, at: Position, up: bool) -> Vec<Effect> {
    let command = if up { Command::Up } else { Command::Down };
    if !model.overlays.is_empty() {
        return overlays::run_in_front(model, command);
    }
    if model.areas.list.contains(at) {
        return (0..STEP).flat_map(|_| crate::tui::conversations::update::move_selection(model, command)).collect();
    }
    if model.areas.thread.contains(at) {
        let rows = i32::try_from(STEP).unwrap_or(1);
        thread::update::scroll(model, if up { -rows } else { rows });
    }
    Vec::new()
}
