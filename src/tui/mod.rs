//! The screen: what people see, and what their keys do.
//!
//! It is a value. [`update`] changes the model by a message and returns effects, [`layout`] measures it once per batch,
//! [`draw`] draws it, and [`runtime`] alone touches the terminal, the clock and the engine.
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
