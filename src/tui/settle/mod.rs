//! Measures the screen once per batch: where the panes are, what of them is visible, what has to be read, and what
//! has now been seen.
//!
//! Invariant: nothing is drawn here, and drawing measures nothing.

mod compose;
mod list;
mod login;
mod thread;

pub use thread::hold;

use super::effect::Effect;
use super::model::{Areas, Model, Overlay};
use super::view::{details, help};

/// Measures, and asks for what is missing.
pub fn settle(model: &mut Model) -> Vec<Effect> {
    compose::settle(model);
    let areas = Areas::of(model);
    model.areas = areas;
    let mut effects = Vec::new();
    login::settle(model);
    list::settle(model, &mut effects);
    thread::settle(model, &mut effects);
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
