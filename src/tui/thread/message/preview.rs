//! A message in one line, for the list, quotes and finders.
//!
//! Invariant: a kind is named by its word, never by its code.

use crate::domain::Kind;
use crate::text::Clean;
use crate::tui::i18n::Strings;

/// A message in one line: its text, with the kind's word where the text does not say enough.
pub fn preview(words: &Strings, kind: Kind, text: &str) -> String {
    let line = Clean::line(text);
    let said = line.as_str().trim();
    match kind {
        Kind::Text | Kind::Choice | Kind::Buttons | Kind::List | Kind::Reaction | Kind::System if !said.is_empty() => {
            said.to_owned()
        }
        _ if said.is_empty() => words.kind(kind).to_owned(),
        _ => format!("{}: {said}", words.kind(kind)),
    }
}

/// Two letters that stand for an account where there is no room for its name.
pub fn sender_initial(name: &str) -> String {
    let mut parts = name.split('-').filter(|p| !p.is_empty());
    match (parts.next(), parts.next()) {
        (Some(first), Some(second)) => first.chars().take(1).chain(second.chars().take(1)).collect(),
        (Some(only), None) => only.chars().take(2).collect(),
        _ => String::new(),
    }
}
