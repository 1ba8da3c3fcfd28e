//! What the conversation list shows, and in which order.

use crate::domain::conversation::{ConversationFilter, ConversationOrder};
use crate::domain::phone::{self, Country};
use crate::domain::query::{self, WordError};
use crate::domain::{Conversation, ConversationState};
use crate::tui::widgets::line_input::LineInput;
use jiff::tz::TimeZone;

/// A view of the list that has a name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListView {
    /// As it is shown, cleaned of control characters.
    pub(crate) name: String,
    /// What it shows, apart from the order.
    pub(crate) filter: ConversationFilter,
}

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFilter {
    pub unread: bool,
    /// `None` shows conversations in every state.
    pub state: Option<ConversationState>,
    /// What else is asked for, and the list's name then.
    pub(crate) view: Option<Box<ListView>>,
    /// Shows only conversations that this query finds.
    pub text: LineInput,
    /// The text is being typed.
    pub(crate) typing: bool,
    pub order: ConversationOrder,
    /// The country in which local phone numbers are read.
    pub country: Country,
    /// The zone in which days are read.
    pub(crate) zone: TimeZone,
}

impl Default for ListFilter {
    fn default() -> Self {
        ListFilter {
            unread: false,
            state: Some(ConversationState::Open),
            view: None,
            text: LineInput::default(),
            typing: false,
            order: ConversationOrder::Queue,
            country: phone::INDONESIA,
            zone: TimeZone::UTC,
        }
    }
}

impl ListFilter {
    /// The filter as a query for the store. What is typed is asked for besides the view.
    pub fn query(&self) -> ConversationFilter {
        let view = self.view.as_ref().map(|view| view.filter.clone()).unwrap_or_default();
        let (typed, _) = query::parse_typed(self.text.text(), self.country, &self.zone);
        let base =
            ConversationFilter { unread: self.unread || view.unread, state: self.state, order: self.order, ..view };
        base.with(typed)
    }

    /// The first word of what is typed that cannot be used.
    pub(crate) fn error(&self) -> Option<WordError> {
        query::parse_typed(self.text.text(), self.country, &self.zone).1
    }

    /// Whether the filter shows a conversation.
    pub fn shows(&self, conversation: &Conversation) -> bool {
        self.query().shows(conversation)
    }
}
