//! Measures the conversation list: which rows are visible, and whether a further page is needed.
//!
//! Invariant: the chosen row is visible, and a list that was scrolled stays where it is.

use crate::tui::app::refresh::next_page;
use crate::tui::app::state::Model;
use crate::tui::effect::Effect;

/// So many rows below the visible ones are kept loaded.
const AHEAD: usize = 30;

pub(crate) fn layout(model: &mut Model, effects: &mut Vec<Effect>) {
    let height = usize::from(model.areas.list.height);
    let row_height: u16 = if model.areas.tall_rows { 2 } else { 1 };
    let inbox = &mut model.inbox;
    inbox.row_height = row_height;
    // The list may be hidden behind the conversation: what was measured before stays.
    if height > 0 {
        let rows = (height / usize::from(row_height)).max(1);
        let mut first = inbox.top.map_or(0, |key| inbox.position(key));
        if let Some(selected) = inbox.selected_index() {
            first = first.clamp((selected + 1).saturating_sub(rows), selected);
        }
        first = first.min(inbox.len().saturating_sub(rows));
        inbox.top = if first == 0 { None } else { inbox.key_at(first) };
        inbox.visible = (first, rows);
    }
    let (first, rows) = inbox.visible;
    if inbox.ready && first + rows + AHEAD > inbox.len() {
        effects.extend(next_page(model));
    }
}
