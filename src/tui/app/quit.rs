//! Ends the program.

use super::state::Model;
use crate::tui::composer;
use crate::tui::effect::{Effect, TerminalAction};

/// Saves the draft and what else was begun, then ends the program.
pub(crate) fn save_and_quit(model: &mut Model) -> Vec<Effect> {
    let mut effects = composer::draft::save_now(model);
    effects.extend(composer::keep_begun::save_notes(model));
    effects.push(Effect::Terminal(TerminalAction::Quit));
    effects
}
