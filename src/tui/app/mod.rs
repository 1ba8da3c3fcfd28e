//! The screen as a whole: its state, and how it is updated, measured and drawn.

pub(crate) mod account_health;
pub mod areas;
pub(crate) mod bars;
pub mod draw;
pub mod facts;
pub mod layout;
pub(crate) mod refresh;
pub mod state;
pub mod update;
