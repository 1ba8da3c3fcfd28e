//! Commands: what there is, which key means it, whether it is available, and what it does.

pub(crate) mod availability;
pub(crate) mod dispatch;
pub(crate) mod key;
pub(crate) mod keymap;
pub(crate) mod keymap_file;
pub(crate) mod mouse;
pub(crate) mod quit;
pub(crate) mod registry;
pub(crate) mod run;
pub(crate) mod typing;
pub(crate) mod undo;
pub(crate) mod undo_stack;
