//! Ends the program.

use super::state::Model;
use crate::tui::composer;
use crate::tui::effect::{Effect, TerminalAction};

/// Saves the draft, then ends the program.
pub(crate) fn save_and_quit(model: &mut Model) -> Vec<Effect> {
    let mut effects = composer::draft::save_now(model);
    effects.push(Effect::Terminal(TerminalAction::Quit));
    effects
}
