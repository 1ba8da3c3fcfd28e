//! The overlay that logs a WhatsApp session in by a QR code.

pub(crate) mod draw;
pub(crate) mod layout;
pub mod state;
pub(crate) mod update;
