//! A message in one line, for the list, quotes and finders.
//!
//! Invariant: a kind is shown by its label, never by its code.

use crate::domain::Kind;
use crate::text::Clean;
use crate::tui::i18n::Strings;

/// The line for a message: its text, with the kind's label where the text does not say enough.
pub(crate) fn preview(strings: &Strings, kind: Kind, text: &str) -> String {
    let line = Clean::line(text);
    let text = line.as_str().trim();
    match kind {
        Kind::Text | Kind::Choice | Kind::Buttons | Kind::List | Kind::Reaction | Kind::System if !text.is_empty() => {
            text.to_owned()
        }
        _ if text.is_empty() => strings.kind(kind).to_owned(),
        _ => format!("{}: {text}", strings.kind(kind)),
    }
}
