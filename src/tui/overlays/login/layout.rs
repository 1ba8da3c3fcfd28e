//! Lays a login code out: beside its words, above them, or alone, whichever shows it best.
//!
//! Invariant: the code has the largest form that fits whole; words give way to it.

use ratatui::layout::Rect;

use super::state::Laid;
use crate::domain::Secret;
use crate::tui::app::state::Model;
use crate::tui::overlays::state::Overlay;
use crate::tui::widgets::qr;
use crate::tui::widgets::qr::{QrForm, QrOptions, QrPlan};

/// Columns for words beside the code, and rows for words under it.
const BESIDE: u16 = 30;
const BELOW: u16 = 4;

pub(crate) fn layout(model: &mut Model) {
    let screen = model.areas.screen;
    let room = Rect { height: screen.height.saturating_sub(1), ..screen };
    for over in &mut model.overlays {
        let Overlay::Login(sheet) = over else { continue };
        let Some(code) = sheet.code().cloned() else {
            sheet.laid = None;
            continue;
        };
        let of = (room, code, sheet.options);
        if sheet.laid.as_ref().is_none_or(|laid| laid.of != of) {
            sheet.laid = Some(lay(of));
        }
    }
}

fn lay(of: (Rect, Secret, QrOptions)) -> Laid {
    let (room, code, options) = &of;
    let parts = [beside(*room), below(*room), (*room, Rect::default())];
    let plans = parts.map(|(area, words)| (qr::plan(code.expose(), area.width, area.height, *options), area, words));
    // Half blocks are in every font, so a place for them wins over words beside a smaller form.
    let usual = |plan: &QrPlan| matches!(plan, QrPlan::Drawn(drawing) if drawing.form != QrForm::Sextant);
    let best = plans.iter().find(|(plan, ..)| usual(plan));
    let best = best.or_else(|| plans.iter().find(|(plan, ..)| matches!(plan, QrPlan::Drawn(_))));
    match best.or(plans.last()).cloned() {
        Some((plan, area, words)) => {
            let words = if let QrPlan::Drawn(drawing) = &plan { closer(drawing.size(), area, words) } else { words };
            Laid { of, plan, code: area, words }
        }
        None => Laid { of, plan: QrPlan::Unencodable, code: Rect::default(), words: Rect::default() },
    }
}

/// The code at the left, words at the right.
fn beside(room: Rect) -> (Rect, Rect) {
    let words = BESIDE.min(room.width);
    let code = Rect { width: room.width - words, ..room };
    (
        code,
        Rect {
            x: room.x + code.width,
            y: room.y + 1.min(room.height),
            width: words,
            height: room.height.saturating_sub(1),
        },
    )
}

/// The code above, words below.
fn below(room: Rect) -> (Rect, Rect) {
    let rows = BELOW.min(room.height);
    let code = Rect { height: room.height - rows, ..room };
    (code, Rect { y: room.y + code.height, height: rows, ..room })
}

/// Strings under a code begin where it ends.
fn closer(size: (u16, u16), area: Rect, words: Rect) -> Rect {
    if words.is_empty() || words.y <= area.y + 1 {
        return words;
    }
    let y = area.y + size.1;
    Rect {
        x: words.x + 1.min(words.width),
        y,
        width: words.width.saturating_sub(1),
        height: words.y + words.height - y,
    }
}
