//! Measures the conversation list: which rows are visible, and whether a further page is needed.
//!
//! Invariant: the selected row stays on its line of the screen until a person moves or the pane's size changes.

use super::state::{ConversationList, End};
use super::update::read_part;
use crate::tui::app::state::Model;
use crate::tui::effect::Effect;

/// How many rows above and below the visible ones are kept loaded.
const AHEAD: usize = 30;

/// Measures which rows are visible, keeps the selection among them, and reads the next page before it is needed.
pub(crate) fn layout(model: &mut Model, effects: &mut Vec<Effect>) {
    let height = usize::from(model.areas.list.height);
    let list = &mut model.conversations;
    list.row_height = if model.areas.tall_rows { 2 } else { 1 };
    // The list may be hidden behind the conversation: what was measured before stays.
    if height > 0 {
        measure(list, height);
    }
    let (first, rows) = list.visible;
    if !list.ready {
        return;
    }
    if first + rows + AHEAD > list.len() {
        effects.extend(read_part(model, End::Bottom));
    }
    if first < AHEAD {
        effects.extend(read_part(model, End::Top));
    }
}

/// Measures the list in a pane of so many lines.
fn measure(list: &mut ConversationList, height: usize) {
    let row_height = usize::from(list.row_height);
    let most = list.lines().saturating_sub(height);
    let fill = std::mem::take(&mut list.fill_pane) || list.pane_height != height;
    list.pane_height = height;
    if let Some(selected) = list.selected_index() {
        let at = list.line_of(selected);
        let last_line = height.saturating_sub(row_height);
        list.top_line = match usize::try_from(list.selected_line) {
            Ok(line) if line <= last_line => signed(at) - signed(line),
            // Scrolled down, with a whole row at the top.
            Ok(_) => signed(first_line_from(list, at - last_line.min(at)).min(at)),
            // Scrolled up, with the rule where the row is the first one under it.
            Err(_) if selected == list.above_rule() => signed(at) - 1,
            Err(_) => signed(at),
        };
        if fill {
            list.top_line = list.top_line.clamp(0, signed(most));
        }
        list.selected_line = signed(at) - list.top_line;
    } else {
        list.top_line = list.top_line.clamp(0, signed(most));
    }
    let first = row_at(list, usize::try_from(list.top_line).unwrap_or(0));
    let end = usize::try_from(list.top_line + signed(height) - 1).map_or(0, |line| row_at(list, line) + 1);
    list.visible = (first, end.min(list.len()).saturating_sub(first));
}

fn signed(line: usize) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}

/// The index of the row that takes a line of the whole list; for the rule's line, the row above it.
fn row_at(list: &ConversationList, line: usize) -> usize {
    let row_height = usize::from(list.row_height.max(1));
    let rule = list.above_rule();
    if rule > 0 && line >= rule * row_height { (line - 1) / row_height } else { line / row_height }
}

/// The index of the row that is drawn on a line of the pane; `None` for the rule and what is below the last row.
pub(crate) fn row_on(list: &ConversationList, y: u16) -> Option<usize> {
    let line = usize::try_from(list.top_line + i64::from(y)).ok()?;
    let index = row_at(list, line);
    let lines = list.line_of(index)..list.line_of(index) + usize::from(list.row_height.max(1));
    (index < list.len() && lines.contains(&line)).then_some(index)
}

/// The first line from this one on with which a row or the rule begins.
fn first_line_from(list: &ConversationList, line: usize) -> usize {
    let row = row_at(list, line);
    let rule = list.above_rule();
    let rule_line = rule * usize::from(list.row_height.max(1));
    if list.line_of(row) >= line || (rule > 0 && line == rule_line) {
        line
    } else if rule > 0 && row + 1 == rule {
        rule_line
    } else {
        list.line_of(row + 1)
    }
}
