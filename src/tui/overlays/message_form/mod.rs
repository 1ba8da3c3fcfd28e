//! The forms that make a message which is more than text: media, location, contact card, buttons, list, template.

pub(crate) mod fields;
pub(crate) mod update;
