//! The name of what the list shows, and how many conversations that are.
//!
//! Invariant: nothing is read for it; where the loaded rows do not tell, it is said that there are more.

use crate::domain::ConversationState;
use crate::domain::conversation::ConversationOrder;
use crate::tui::app::state::Model;

/// The most rows that are counted.
const MOST: usize = 99;

/// The name of what the list shows.
pub(crate) fn view_name(model: &Model) -> &str {
    let strings = &model.strings().list;
    let filter = &model.conversations.filter;
    if let Some(view) = &filter.view {
        return &view.name;
    }
    match (filter.state, filter.order) {
        (Some(ConversationState::Open), ConversationOrder::Queue) => &strings.title_waiting,
        (Some(ConversationState::Open), ConversationOrder::Activity) => &strings.title_open,
        (None, _) => &strings.title_all,
        (Some(ConversationState::Snoozed), _) => &strings.title_snoozed,
        (Some(ConversationState::Resolved), _) => &strings.title_resolved,
    }
}

/// How many conversations there are of what the list's name says; `None` before the list has been read.
pub(crate) fn view_count(model: &Model) -> Option<String> {
    let list = &model.conversations;
    match (list.filter.state, list.filter.order) {
        (Some(ConversationState::Open), ConversationOrder::Queue) if list.filter.view.is_none() => {
            Some(model.counts.waiting.to_string())
        }
        (None, _) if list.filter.view.is_none() => Some(model.counts.total.to_string()),
        _ if !list.ready => None,
        _ if list.more_above || list.more_below || list.len() > MOST => Some(format!("{MOST}+")),
        _ => {
            // The selected row stays although it is no longer of the view.
            let query = list.filter.query();
            Some(list.rows().filter(|row| query.shows(row)).count().to_string())
        }
    }
}
