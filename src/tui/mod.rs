//! The screen: what people see, and what their keys do.
//!
//! It is a value. [`mod@update`] changes it by what was heard, [`mod@settle`] measures it once per batch, [`mod@view`] draws it,
//! and [`runtime`] alone touches the terminal, the clock and the store.
//! Invariant: outside `runtime` nothing here does IO or waits.

pub mod commands;
pub mod composer;
pub mod effect;
pub mod keymap;
pub mod look;
pub mod model;
pub mod msg;
pub mod qr;
pub mod rows;
pub mod runtime;
pub mod settle;
pub mod update;
pub mod view;
pub mod words;

pub use effect::Effect;
pub use model::{Model, Setup};
pub use msg::Msg;
pub use settle::settle;
pub use update::update;
pub use view::view;
