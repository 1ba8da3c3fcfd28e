//! Measures the objection to the draft, which is shown before Enter is pressed.
//!
//! Invariant: the line above the composer says what Enter would be answered.

use crate::text;
use crate::tui::app::areas::Areas;
use crate::tui::app::state::Model;
use crate::tui::commands::availability;

/// The most rows of an objection.
const ROWS: usize = 3;

/// Wraps the reason why the draft could not be sent, if there is one, into rows for the composer.
pub(crate) fn layout(model: &mut Model) {
    model.composer.objection.clear();
    let open = model.open_id().is_some() && model.open_id() == model.composer.conversation;
    if !open || model.composer.is_sending() {
        return;
    }
    if let Some(objection) = availability::draft_objection(model) {
        let width = Areas::right_width(model.size.0).saturating_sub(2).max(1);
        let rows = text::wrap(&objection, width);
        model.composer.objection =
            rows.iter().take(ROWS).map(|row| row.text(&objection).trim_end().to_owned()).collect();
    }
}
