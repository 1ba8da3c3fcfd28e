//! What people see: the composer's editing and the drawing of login codes.

pub mod composer;
pub mod qr;
