//! Measures the screen once per batch: where the panes are, what of them is visible, what has to be read, and what
//! has now been seen.
//!
//! Invariant: nothing is drawn here, and drawing measures nothing.

use crate::tui::composer;
use crate::tui::conversations;
use crate::tui::overlays::login;
use crate::tui::thread;

use super::areas::Areas;
use super::state::Model;
use crate::tui::effect::Effect;
use crate::tui::overlays::state::Overlay;
use crate::tui::overlays::{details, help};

/// Measures, and asks for what is missing.
pub fn layout(model: &mut Model) -> Vec<Effect> {
    composer::layout::layout(model);
    let areas = Areas::of(model);
    model.areas = areas;
    let mut effects = Vec::new();
    login::layout::layout(model);
    conversations::layout::layout(model, &mut effects);
    thread::layout::layout(model, &mut effects);
    // Scrolling on at the end must not have to be scrolled back.
    if let Some(Overlay::Help { .. }) = model.overlays.last() {
        let most = help::most_scroll(model);
        if let Some(Overlay::Help { scroll }) = model.overlays.last_mut() {
            *scroll = (*scroll).min(most);
        }
    }
    if let Some(Overlay::Details { message, .. }) = model.overlays.last() {
        let most = details::most_scroll(model, *message);
        if let Some(Overlay::Details { scroll, .. }) = model.overlays.last_mut() {
            *scroll = (*scroll).min(most);
        }
    }
    effects
}
