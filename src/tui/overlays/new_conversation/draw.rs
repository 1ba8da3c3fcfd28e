//! Draws the choice of somebody for a new conversation.
//!
//! Invariant: what Enter does is told in words.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::state::{Addressing, NumberState};
use crate::text;
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::i18n::{channel, fill};
use crate::tui::overlays::state::Address;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row, skip};
use crate::tui::widgets::{panel, picker_draw};

/// Draws account, line, list and what Enter does; returns where the cursor stands.
pub(crate) fn draw(model: &Model, buf: &mut Buffer, choice: &Addressing) -> Position {
    let words = &model.strings().forms;
    let look = |meaning| model.theme.style(meaning);
    let tall = model.areas.screen.height.saturating_sub(4).min(16);
    let area = panel::open(model, buf, &words.new_conversation, 64, tall);
    let view = model.account(&choice.account);
    let gateway =
        view.map_or(String::new(), |view| format!(" · {} · {}", view.provider_name, channel(view.account.channel)));
    let used = put(buf, row(area, 0), &words.account, look(Meaning::Dim));
    put(buf, skip(row(area, 0), used + 1), &format!("{}{gateway}", choice.account), look(Meaning::Strong));
    let (told, meaning) = match (&choice.objection, choice.party()) {
        (Some(objection), _) => (objection.clone(), Meaning::ComposerObjection),
        (None, Some(party)) => {
            let to = choice.name().map_or_else(|| Clean::line(&party.to).into_string(), str::to_owned);
            (fill(&words.enter_writes, &[("to", &to)]), Meaning::Dim)
        }
        (None, None) => (words.who_hint.clone(), Meaning::Dim),
    };
    let lines = text::wrap(&told, area.width.max(1));
    let below = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height / 2);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1 + below), ..area };
    let cursor = picker_draw::picker(model, buf, list, &choice.picker, &words.who, "");
    for (y, line) in (area.height.saturating_sub(below)..area.height).zip(&lines) {
        put(buf, row(area, y), line.text(&told).trim_end(), look(meaning));
    }
    cursor
}

/// To whom a first message goes, through which account.
pub(crate) fn title(model: &Model, to: &Address) -> String {
    let who = if to.name.is_empty() { &to.peer } else { &to.name };
    fill(&model.strings().forms.first, &[("to", Clean::line(who).as_str()), ("account", to.account.as_str())])
}

/// What the gateway said about somebody's number, for the form in which a first message is written.
pub(crate) fn number_note(model: &Model, to: &Address) -> Option<(String, Meaning)> {
    let words = &model.strings().forms;
    let asked = model.number.as_ref().filter(|n| n.account == to.account && n.phone == to.peer)?;
    let say = |sentence: &str| fill(sentence, &[("number", &asked.phone)]);
    Some(match &asked.state {
        NumberState::Asking => (say(&words.number_asking), Meaning::Dim),
        NumberState::Registered => (say(&words.number_there), Meaning::Accent),
        NumberState::Missing => (say(&words.number_missing), Meaning::ComposerObjection),
        NumberState::Untold(reason) => (fill(&words.number_untold, &[("reason", reason)]), Meaning::Dim),
    })
}
