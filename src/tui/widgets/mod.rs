//! Parts that several features of the screen share.

pub(crate) mod draw_text;
pub mod form;
pub mod fuzzy;
pub mod line_input;
pub(crate) mod panel;
pub mod picker;
pub mod qr;
pub mod text_editor;
