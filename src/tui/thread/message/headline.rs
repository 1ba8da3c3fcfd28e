//! The row that says what a message is when it is no text.

use super::context::Context;
use super::row::ContentRow;
use crate::domain::Kind;
use crate::text;
use crate::tui::theme::glyphs::Glyphs;
use crate::tui::theme::styles::Meaning;

/// A sign, a label and details on one row; what does not fit is cut.
pub(super) fn headline(
    cx: &Context<'_>,
    width: u16,
    sign: &str,
    label: &str,
    details: &[String],
    out: &mut Vec<ContentRow>,
) {
    let mut line = if sign.is_empty() { label.to_owned() } else { format!("{sign} {label}") };
    for detail in details.iter().filter(|d| !d.trim().is_empty()) {
        line.push_str(&[" ", cx.theme.glyphs.dot, " ", detail].concat());
    }
    out.push(ContentRow::of(&text::truncate(&line, usize::from(width)), cx.theme.style(Meaning::MessageMedia)));
}

/// The sign before a message of this kind; empty for kinds that are shown as text.
pub(crate) fn sign(glyphs: &Glyphs, kind: Kind) -> &'static str {
    match kind {
        Kind::Image => glyphs.image,
        Kind::Video => glyphs.video,
        Kind::Audio => glyphs.audio,
        Kind::Document => glyphs.document,
        Kind::Sticker => glyphs.sticker,
        Kind::Location => glyphs.location,
        Kind::Contacts => glyphs.contacts,
        Kind::Choice => glyphs.choice,
        Kind::Buttons | Kind::List | Kind::Template | Kind::Order | Kind::Form => glyphs.menu,
        Kind::Text | Kind::Note | Kind::Reaction | Kind::Call | Kind::System | Kind::Unsupported => "",
    }
}
