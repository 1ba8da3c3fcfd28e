//! Finds out what is objected to the draft, before Enter is pressed.
//!
//! Invariant: what the line above the composer says is what Enter would be answered.

use crate::text;
use crate::tui::app::areas::Areas;
use crate::tui::app::state::Model;
use crate::tui::commands::availability;

/// At most so many rows tell about an objection.
const ROWS: usize = 3;

pub(crate) fn layout(model: &mut Model) {
    model.compose.objection.clear();
    let opened = model.open_id().is_some() && model.open_id() == model.compose.conversation;
    if !opened || model.compose.is_sending() {
        return;
    }
    if let Some(objection) = availability::draft_objection(model) {
        let width = Areas::right_width(model).saturating_sub(2).max(1);
        let rows = text::wrap(&objection, width);
        model.compose.objection =
            rows.iter().take(ROWS).map(|row| row.text(&objection).trim_end().to_owned()).collect();
    }
}
