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
use super::model::{Areas, Model};

/// Measures, and asks for what is missing.
pub fn settle(model: &mut Model) -> Vec<Effect> {
    compose::settle(model);
    let areas = Areas::of(model);
    model.areas = areas;
    let mut effects = Vec::new();
    login::settle(model);
    list::settle(model, &mut effects);
    thread::settle(model, &mut effects);
    effects
}
