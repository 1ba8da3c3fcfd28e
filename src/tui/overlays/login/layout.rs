//! Lays a login code out: beside its text, above it, or alone, whichever shows it best.
//!
//! Invariant: the code has the largest form that fits whole; the text gives way to it.

use ratatui::layout::Rect;

use crate::domain::Secret;
use crate::tui::widgets::qr;
use crate::tui::widgets::qr::{QrForm, QrOptions, QrPlan};

/// Columns for the text beside the code, and rows for the text under it.
const BESIDE: u16 = 30;
const BELOW: u16 = 4;

/// A code as it fits, with what was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLayout {
    measured: (Rect, Secret, QrOptions),
    pub plan: QrPlan,
    pub code: Rect,
    /// Where the text is; of no size when there is no room for it.
    pub text: Rect,
}

impl CodeLayout {
    /// Lays a code out in an area, unless `former` is of the same.
    pub(crate) fn of(former: Option<Self>, room: Rect, code: &Secret, options: QrOptions) -> Self {
        match former {
            Some(former) if former.measured == (room, code.clone(), options) => former,
            _ => lay_out(room, code, options),
        }
    }
}

fn lay_out(room: Rect, code: &Secret, options: QrOptions) -> CodeLayout {
    let measured = (room, code.clone(), options);
    let parts = [beside(room), below(room), (room, Rect::default())];
    let plans = parts.map(|(area, text)| (qr::plan(code.expose(), area.width, area.height, options), area, text));
    // Half blocks are in every font, so a place for them wins over text beside a smaller form.
    let is_usual = |plan: &QrPlan| matches!(plan, QrPlan::Drawn(drawing) if drawing.form != QrForm::Sextant);
    let best = plans.iter().find(|(plan, ..)| is_usual(plan));
    let best = best.or_else(|| plans.iter().find(|(plan, ..)| matches!(plan, QrPlan::Drawn(_))));
    match best.or(plans.last()).cloned() {
        Some((plan, area, text)) => {
            let text = if let QrPlan::Drawn(drawing) = &plan { closer(drawing.size(), area, text) } else { text };
            CodeLayout { measured, plan, code: area, text }
        }
        None => CodeLayout { measured, plan: QrPlan::Unencodable, code: Rect::default(), text: Rect::default() },
    }
}

/// The code at the left, the text at the right.
fn beside(room: Rect) -> (Rect, Rect) {
    let text = BESIDE.min(room.width);
    let code = Rect { width: room.width - text, ..room };
    (
        code,
        Rect {
            x: room.x + code.width,
            y: room.y + 1.min(room.height),
            width: text,
            height: room.height.saturating_sub(1),
        },
    )
}

/// The code above, the text below.
fn below(room: Rect) -> (Rect, Rect) {
    let rows = BELOW.min(room.height);
    let code = Rect { height: room.height - rows, ..room };
    (code, Rect { y: room.y + code.height, height: rows, ..room })
}

/// Text under a code begins where it ends.
fn closer(size: (u16, u16), area: Rect, text: Rect) -> Rect {
    if text.is_empty() || text.y <= area.y + 1 {
        return text;
    }
    let y = area.y + size.1;
    Rect { x: text.x + 1.min(text.width), y, width: text.width.saturating_sub(1), height: text.y + text.height - y }
}
