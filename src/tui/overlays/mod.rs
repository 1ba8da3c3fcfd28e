//! What can be shown over the panes, one module each.

pub mod account_setup;
pub(crate) mod accounts;
pub(crate) mod details;
pub(crate) mod draw;
pub(crate) mod go_to;
pub(crate) mod help;
pub mod login;
pub mod message_form;
pub mod new_conversation;
pub mod state;
pub(crate) mod update;
pub(crate) mod welcome;
