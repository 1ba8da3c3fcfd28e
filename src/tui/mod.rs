//! The screen: what people see, and what their keys do.
//!
//! It is a value. [`mod@update`] changes it by what was heard, [`mod@settle`] measures it once per batch, [`mod@view`] draws it,
//! and [`runtime`] alone touches the terminal, the clock and the store.
//! Invariant: outside `runtime` nothing here does IO or waits.

pub mod app;
pub mod commands;
pub mod composer;
pub mod conversations;
pub mod effect;
pub mod i18n;
pub mod message;
pub mod overlays;
pub mod runtime;
pub mod theme;
pub mod thread;
pub mod widgets;

pub use app::draw::draw;
pub use app::layout::layout;
pub use app::state::{Model, Setup};
pub use app::update::update;
pub use effect::Effect;
pub use message::Msg;
