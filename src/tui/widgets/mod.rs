//! Parts that several features of the screen share.

pub(crate) mod draw_text;
pub(crate) mod form;
pub(crate) mod form_table;
pub(crate) mod fuzzy;
pub(crate) mod half_blocks;
pub(crate) mod line_input;
pub(crate) mod panel;
pub(crate) mod picker;
pub(crate) mod qr;
pub(crate) mod text_editor;
