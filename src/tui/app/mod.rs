//! The screen as a whole: its state, and how it is updated, measured and drawn.

pub(crate) mod account_health;
pub(crate) mod account_marks;
pub(crate) mod areas;
pub(crate) mod draw;
pub(crate) mod hint_line;
pub(crate) mod layout;
pub(crate) mod notifications;
pub(crate) mod pending_calls;
pub(crate) mod quit;
pub(crate) mod refresh;
pub(crate) mod settings;
pub(crate) mod state;
pub(crate) mod status_bar;
pub(crate) mod update;
