//! Measures the conversation list: which rows are visible, and whether a further page is needed.
//!
//! Invariant: the selected row is visible, and a list that was scrolled stays where it is.

use super::update::read_next_page;
use crate::tui::app::state::Model;
use crate::tui::effect::Effect;

/// How many rows below the visible ones are kept loaded.
const AHEAD: usize = 30;

/// Measures which rows are visible, keeps the selection among them, and reads the next page before it is needed.
pub(crate) fn layout(model: &mut Model, effects: &mut Vec<Effect>) {
    let height = usize::from(model.areas.list.height);
    let row_height: u16 = if model.areas.tall_rows { 2 } else { 1 };
    let list = &mut model.conversations;
    list.row_height = row_height;
    // The list may be hidden behind the conversation: what was measured before stays.
    if height > 0 {
        let rows = (height / usize::from(row_height)).max(1);
        let mut first = list.top.map_or(0, |key| list.position(key));
        if let Some(selected) = list.selected_index() {
            first = first.clamp((selected + 1).saturating_sub(rows), selected);
        }
        first = first.min(list.len().saturating_sub(rows));
        list.top = if first == 0 { None } else { list.key_at(first) };
        list.visible = (first, rows);
    }
    let (first, rows) = list.visible;
    if list.ready && first + rows + AHEAD > list.len() {
        effects.extend(read_next_page(model));
    }
}
