//! Measures the screen once per batch: where the panes are, what of them is visible, what has to be read, and what
//! has now been seen.
//!
//! Invariant: nothing is drawn here, and drawing measures nothing.

use crate::tui::composer;
use crate::tui::conversations;
use crate::tui::overlays;
use crate::tui::thread;

use super::areas::Areas;
use super::state::Model;
use crate::tui::effect::Effect;

/// Measures, and asks for what is missing.
pub fn layout(model: &mut Model) -> Vec<Effect> {
    composer::layout::layout(model);
    let areas = Areas::of(model);
    model.areas = areas;
    let mut effects = Vec::new();
    overlays::layout(model);
    conversations::layout::layout(model, &mut effects);
    thread::layout::layout(model, &mut effects);
    effects
}
