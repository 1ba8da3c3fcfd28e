//! Choosing to whom a new conversation goes, and what a gateway said about a number.
//!
//! Invariant: what Enter does is what is told under the list.

use crate::domain::AccountName;
use crate::tui::widgets::picker::{Item, Picker};

/// Somebody who can be written to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Party {
    /// A phone number, or the gateway's own id.
    pub to: String,
    /// `to` is a group's id.
    pub group: bool,
}

/// Choosing to whom a new conversation goes.
#[derive(Debug, Clone)]
pub struct Addressing {
    /// Through which account.
    pub account: AccountName,
    /// Who is known; the typed text may be a number or id of somebody else.
    pub picker: Picker<Party>,
    /// Somebody of the list was chosen by arrows.
    pub moved: bool,
    /// The newest question; answers to older ones are dropped.
    pub question: u64,
    /// It is being looked up whether there is a conversation already.
    pub looking: Option<Party>,
    /// Why nobody could be written to, or nobody could be listed.
    pub objection: Option<String>,
}

impl Addressing {
    /// Nobody is known yet.
    pub fn new(account: AccountName) -> Self {
        Addressing {
            account,
            picker: Picker::new(Vec::new()),
            moved: false,
            question: 0,
            looking: None,
            objection: None,
        }
    }

    /// To whom Enter goes: what was chosen by arrows, else a whole number that is typed, else the best of the list,
    /// else what is typed.
    pub fn party(&self) -> Option<Party> {
        let typed = self.picker.input.text().trim();
        let chosen = self.picker.choice().map(|(_, party)| party.clone());
        let digits = typed.chars().filter(char::is_ascii_digit).count();
        let number = digits >= 8 && !typed.chars().any(char::is_alphabetic);
        if chosen.is_some() && (self.moved || !number) {
            return chosen;
        }
        (!typed.is_empty()).then(|| Party { to: typed.to_owned(), group: false })
    }

    /// The name of whom Enter goes to, when they are of the list.
    pub fn name(&self) -> Option<&str> {
        let (item, party) = self.picker.choice()?;
        (self.party().as_ref() == Some(party)).then_some(item.label.as_str())
    }

    /// Adds people and groups that are not listed yet.
    pub fn add(&mut self, items: impl IntoIterator<Item = (Item, Party)>) {
        let known: std::collections::HashSet<Party> = self.picker.all().cloned().collect();
        self.picker.add(items.into_iter().filter(|(_, party)| !known.contains(party)));
    }
}

/// What a gateway said about a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberState {
    /// It is being asked.
    Asking,
    /// The number is on WhatsApp.
    Registered,
    /// The number is not on WhatsApp.
    Missing,
    /// It did not say; the reason in words.
    Untold(String),
}

/// The newest question about a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberAsked {
    /// Whose gateway is asked.
    pub account: AccountName,
    /// Digits with country code.
    pub phone: String,
    /// What it said.
    pub state: NumberState,
}
