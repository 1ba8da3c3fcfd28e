//! The screen as a whole: its state, and how it is updated, measured and drawn.

pub(crate) mod account_health;
pub mod areas;
pub mod draw;
pub(crate) mod hint_line;
pub mod layout;
pub(crate) mod quit;
pub(crate) mod refresh;
pub mod state;
pub(crate) mod status_bar;
pub mod update;
