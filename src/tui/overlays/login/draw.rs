//! Draws a login by QR code over the whole screen.
//!
//! Invariant: the code is drawn whole, as it was laid out, or not at all.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget};

use super::state::{Laid, LoginSheet, LoginStage};
use super::update::connected;
use crate::domain::Timestamp;
use crate::text;
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row, skip};
use crate::tui::widgets::qr;
use crate::tui::widgets::qr::QrPlan;

/// Draws the login.
pub(crate) fn draw(model: &Model, buf: &mut Buffer, sheet: &LoginSheet) {
    let screen = model.areas.screen;
    let room = Rect { height: screen.height.saturating_sub(1), ..screen };
    Clear.render(room, buf);
    let (area, fits) = match &sheet.laid {
        Some(Laid { plan: QrPlan::Drawn(drawing), code, words, .. }) => {
            let drawn = qr::render(drawing, *code, buf);
            (*words, drawn)
        }
        _ => (skip(room, 2), false),
    };
    let mut y = 0;
    for (text, style) in told(model, sheet, fits) {
        for line in text::wrap(&text, area.width.saturating_sub(1).max(1)) {
            put(buf, row(area, y), line.text(&text).trim_end(), style);
            y += 1;
        }
    }
}

/// What is said beside the code, the most important first.
fn told(model: &Model, sheet: &LoginSheet, drawn: bool) -> Vec<(String, Style)> {
    let words = &model.strings().login;
    let look = |meaning| model.theme.style(meaning);
    let gateway = [("gateway", sheet.gateway.as_str())];
    let mut lines = vec![(fill(&words.title, &[("account", sheet.account.as_str())]), look(Meaning::AccentStrong))];
    match &sheet.stage {
        LoginStage::Asking => lines.push((fill(&words.asking, &gateway), look(Meaning::Dim))),
        LoginStage::Waiting => lines.push((fill(&words.waiting, &gateway), look(Meaning::Dim))),
        LoginStage::Connected { who, .. } => lines.push((connected(model, who), look(Meaning::HealthGood))),
        LoginStage::Ended(reason) => lines.push((Clean::line(reason).into_string(), look(Meaning::NoticeBad))),
        LoginStage::Code { good_until, .. } => {
            if drawn {
                lines.push((words.scan.clone(), look(Meaning::Text)));
            } else if let Some(text) = too_small(model, sheet) {
                lines.push((text, look(Meaning::NoticeBad)));
            }
            if !sheet.paused {
                lines.push((renewal(model, *good_until), look(Meaning::Dim)));
            }
        }
    }
    if sheet.paused {
        lines.push((words.paused.clone(), look(Meaning::ComposerNear)));
    }
    if let Some(trouble) = &sheet.trouble {
        lines.push((trouble.clone(), look(Meaning::NoticeBad)));
    }
    if let Some(saved) = &sheet.saved {
        lines.push((saved.clone(), look(Meaning::Text)));
    }
    lines
}

fn too_small(model: &Model, sheet: &LoginSheet) -> Option<String> {
    let words = &model.strings().login;
    match sheet.laid.as_ref()?.plan {
        QrPlan::TooSmall { needs_w, needs_h } => {
            // The bottom line with the keys stays.
            let (w, h) = (needs_w.to_string(), needs_h.saturating_add(1).to_string());
            Some(fill(&words.enlarge, &[("w", &w), ("h", &h)]))
        }
        QrPlan::Unencodable => Some(words.unencodable.clone()),
        QrPlan::Drawn(_) => None,
    }
}

fn renewal(model: &Model, good_until: Timestamp) -> String {
    let words = &model.strings().login;
    let left = good_until.since(model.now).as_millis().div_ceil(1000);
    if left == 0 { words.old.clone() } else { fill(&words.renews, &[("n", &left.to_string())]) }
}

/// The keys of the login, for the hint line.
pub(crate) fn keys(model: &Model, sheet: &LoginSheet) -> Vec<(String, &'static str)> {
    let (words, overlay) = (&model.strings().login, &model.strings().overlay);
    let mut keys = Vec::new();
    if sheet.paused {
        keys.push((overlay.accept.clone(), words.go_on.as_str()));
    }
    if sheet.code().is_some() {
        keys.extend([("s".to_owned(), words.picture.as_str()), ("i".to_owned(), &words.invert)]);
        keys.push(("+".to_owned(), &words.size));
    }
    keys.push((overlay.leave.clone(), &overlay.close));
    keys
}
