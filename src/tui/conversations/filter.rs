//! What the conversation list shows, and in which order.

use crate::domain::conversation::{ConversationFilter, ConversationOrder};
use crate::domain::phone::{self, Country};
use crate::domain::{Conversation, ConversationState, SearchText};
use crate::tui::widgets::line_input::LineInput;

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFilter {
    pub unread: bool,
    /// `None` shows conversations in every state.
    pub state: Option<ConversationState>,
    /// Shows only conversations that contain this text.
    pub text: LineInput,
    /// The text is being typed.
    pub(crate) typing: bool,
    pub order: ConversationOrder,
    /// The country in which local phone numbers are read.
    pub country: Country,
}

impl Default for ListFilter {
    fn default() -> Self {
        ListFilter {
            unread: false,
            state: Some(ConversationState::Open),
            text: LineInput::default(),
            typing: false,
            order: ConversationOrder::Queue,
            country: phone::INDONESIA,
        }
    }
}

impl ListFilter {
    /// The filter as a query for the store.
    pub fn query(&self) -> ConversationFilter {
        ConversationFilter {
            account: None,
            unread: self.unread,
            state: self.state,
            text: self.search_text(),
            order: self.order,
        }
    }

    fn search_text(&self) -> Option<SearchText> {
        let text = self.text.text().trim();
        (!text.is_empty()).then(|| SearchText::new(text, self.country))
    }

    /// Whether the filter shows a conversation.
    pub fn shows(&self, conversation: &Conversation) -> bool {
        (!self.unread || conversation.unread > 0)
            && self.state.is_none_or(|s| s == conversation.state)
            && self.search_text().is_none_or(|text| conversation.matches(&text))
    }
}
