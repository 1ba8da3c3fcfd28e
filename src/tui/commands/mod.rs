//! Commands: what there is, which key means it, whether it is available, and what it does.

pub mod availability;
pub(crate) mod dispatch;
pub mod keymap;
pub mod registry;
