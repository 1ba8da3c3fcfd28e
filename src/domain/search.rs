//! What a person types to find conversations and messages, and what is found.

use super::Message;
use super::phone::{Country, NumberPattern};

/// A text that a person types to find somebody or something; where it can be a phone number, also as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText {
    text: String,
    lower: String,
    number: Option<NumberPattern>,
}

impl SearchText {
    /// Takes the text as it was typed; `home` is the country in which local numbers are read.
    pub fn new(text: &str, home: Country) -> Self {
        let number = NumberPattern::parse(text, home);
        SearchText { text: text.to_owned(), lower: text.trim().to_lowercase(), number }
    }

    /// The text as it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text as a phone number or a part of one, if it can be that.
    pub(crate) fn number(&self) -> Option<&NumberPattern> {
        self.number.as_ref()
    }

    /// Whether a name or an id contains the text, in upper or lower case, or has a number that fits.
    pub fn matches(&self, name_or_id: &str) -> bool {
        self.is_in(name_or_id) || self.number.as_ref().is_some_and(|number| number.matches(name_or_id))
    }

    /// Whether a text contains this one, in upper or lower case.
    pub fn is_in(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.lower)
    }
}

/// The messages that a search found, and whether it could look at all.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResults {
    /// The newest message comes first.
    pub messages: Vec<Message>,
    /// Messages whose texts are not indexed yet: there may be more to find among them.
    pub unindexed: usize,
    /// There are older messages that were not looked at, because too many had to be.
    pub cut: bool,
}
