//! Draws what lies over the panes.
//!
//! Invariant: only the foremost thing is drawn with a cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::state::{Form, FormKind, Overlay, Question, Target};
use super::{account_setup, accounts, details, help, login, new_conversation, welcome};
use crate::text;
use crate::tui::app::state::Model;
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row, skip};
use crate::tui::widgets::{panel, picker_draw};

/// Draws the foremost thing over the panes; returns where its cursor stands.
pub(crate) fn draw(model: &Model, buf: &mut Buffer) -> Option<Position> {
    let words = &model.strings().overlay;
    let screen = model.areas.screen;
    let most = screen.height.saturating_sub(4);
    let tall = most.min(18);
    match model.overlays.last()? {
        Overlay::Help { scroll } => help::draw(model, buf, *scroll),
        Overlay::Palette(picker) => {
            let area = panel::open(model, buf, &words.palette, 76, tall);
            return Some(picker_draw::picker(model, buf, area, picker, &words.palette_hint, &words.nothing_found));
        }
        Overlay::GoTo { picker, .. } => {
            let area = panel::open(model, buf, &words.goto, 64, tall);
            return Some(picker_draw::picker(model, buf, area, picker, &words.goto_hint, &words.nothing_found));
        }
        Overlay::Search(finder) => {
            let area = panel::open(model, buf, &words.search, 90, tall);
            return Some(picker_draw::finder(model, buf, area, finder));
        }
        Overlay::Canned(picker) => {
            let area = panel::open(model, buf, &words.canned, 76, tall.min(12));
            return Some(picker_draw::picker(model, buf, area, picker, "", &words.canned_none));
        }
        Overlay::Templates { picker: Some(picker), .. } => {
            let area = panel::open(model, buf, &words.templates, 76, tall);
            return Some(picker_draw::picker(model, buf, area, picker, "", &words.templates_none));
        }
        Overlay::Templates { picker: None, .. } => {
            let area = panel::open(model, buf, &words.templates, 50, 1);
            put(buf, row(area, 0), &words.templates_loading, model.theme.style(Meaning::Dim));
        }
        Overlay::Form(form) => return Some(draw_form(model, buf, form)),
        Overlay::Links { urls, chosen } => {
            let rows = u16::try_from(urls.len()).unwrap_or(u16::MAX).min(most);
            let area = panel::open(model, buf, &words.links, 72, rows);
            choices(model, buf, area, urls.iter().map(text::Clean::as_str), *chosen);
        }
        Overlay::Snooze { chosen, .. } => {
            let spans = [&words.snooze_hour, &words.snooze_tomorrow, &words.snooze_week, &words.snooze_reply];
            let area = panel::open(model, buf, &words.snooze, 40, 4);
            choices(model, buf, area, spans.into_iter().map(String::as_str), *chosen);
        }
        Overlay::Confirm(question) => confirm(model, buf, question),
        Overlay::Welcome { chosen } => welcome::draw(model, buf, *chosen),
        Overlay::Account(sheet) => return account_setup::draw::draw(model, buf, sheet),
        Overlay::Accounts { chosen } => accounts::draw(model, buf, *chosen),
        Overlay::Addressing(choice) => return Some(new_conversation::draw::draw(model, buf, choice)),
        Overlay::Details { message, scroll } => details::draw(model, buf, *message, *scroll),
        Overlay::Login(sheet) => login::draw::draw(model, buf, sheet),
    }
    None
}

/// The keys of the foremost thing, for the hint line.
pub(crate) fn keys(model: &Model) -> Vec<(String, &'static str)> {
    let words = &model.strings().overlay;
    let (enter, esc) = (words.accept.clone(), words.leave.clone());
    match model.overlays.last() {
        Some(Overlay::Confirm(_)) => vec![(enter, &words.yes), (esc, &words.no)],
        Some(Overlay::Form(form)) => {
            let mut keys = vec![(enter, words.send.as_str())];
            if form.fields.len() > 1 {
                keys.push(("Tab".to_owned(), &words.next_field));
            }
            keys.push((esc, &words.close));
            keys
        }
        Some(Overlay::Addressing(_)) => {
            let other = model.strings().forms.other_account.as_str();
            vec![(enter, &words.choose), ("Tab".to_owned(), other), (esc, &words.close)]
        }
        Some(Overlay::Help { .. } | Overlay::Details { .. }) => {
            vec![("↑↓".to_owned(), &words.scroll), (esc, &words.close)]
        }
        Some(Overlay::Welcome { .. }) => welcome::keys(model),
        Some(Overlay::Account(sheet)) => account_setup::draw::keys(model, sheet),
        Some(Overlay::Accounts { .. }) => accounts::keys(model),
        Some(Overlay::Login(sheet)) => login::draw::keys(model, sheet),
        Some(_) => vec![(enter, &words.choose), ("↑↓".to_owned(), &words.r#move), (esc, &words.close)],
        None => Vec::new(),
    }
}

fn choices<'a>(model: &Model, buf: &mut Buffer, area: Rect, texts: impl Iterator<Item = &'a str>, chosen: usize) {
    let first = (chosen + 1).saturating_sub(usize::from(area.height).max(1));
    for (n, text) in texts.enumerate().skip(first).take(usize::from(area.height)) {
        let at = row(area, u16::try_from(n - first).unwrap_or(u16::MAX));
        let meaning = if n == chosen { Meaning::Selected } else { Meaning::Text };
        if n == chosen {
            put(buf, at, model.theme.glyphs.bar_chosen, model.theme.style(meaning));
        }
        put(buf, skip(at, 2), text, model.theme.style(meaning));
    }
}

/// Draws wrapped paragraphs; returns how many rows they took.
fn paragraphs(buf: &mut Buffer, area: Rect, texts: &[(&str, Style)]) -> u16 {
    let mut y = 0;
    for (text, style) in texts {
        for line in text::wrap(text, area.width.max(1)) {
            put(buf, row(area, y), line.text(text).trim_end(), *style);
            y += 1;
        }
    }
    y
}

fn rows_of(texts: &[(&str, Style)], width: u16) -> u16 {
    let rows: usize = texts.iter().map(|(text, _)| text::wrap(text, width.max(1)).len()).sum();
    u16::try_from(rows).unwrap_or(u16::MAX)
}

fn confirm(model: &Model, buf: &mut Buffer, question: &Question) {
    let words = &model.strings().overlay;
    let look = |meaning| model.theme.style(meaning);
    let (title, texts) = match question {
        Question::SendAgain { unsure, .. } => {
            let (text, meaning) = if *unsure {
                (words.confirm_again_unsure.clone(), Meaning::MessageUnsure)
            } else {
                (words.confirm_again_failed.clone(), Meaning::Text)
            };
            (words.confirm_again.clone(), vec![(text, meaning)])
        }
        Question::Paste { lines, .. } => (
            fill(&words.confirm_paste, &[("n", &lines.to_string())]),
            vec![(words.confirm_paste_more.clone(), Meaning::Text)],
        ),
        Question::OpenLink { url, host, disguised } => {
            let mut texts = vec![(fill(&words.confirm_open_host, &[("host", host.as_str())]), Meaning::Strong)];
            if *disguised {
                texts.push((words.confirm_open_puny.clone(), Meaning::NoticeBad));
            }
            texts.push((url.as_str().to_owned(), Meaning::Dim));
            (words.confirm_open.clone(), texts)
        }
    };
    let texts: Vec<(&str, Style)> = texts.iter().map(|(text, meaning)| (text.as_str(), look(*meaning))).collect();
    let width = 56.min(model.areas.screen.width.saturating_sub(6));
    let area = panel::open(model, buf, &title, width, rows_of(&texts, width) + 2);
    let used = paragraphs(buf, area, &texts);
    let answers = row(area, (used + 1).min(area.height.saturating_sub(1)));
    let mut x = put(buf, answers, &words.accept, look(Meaning::Key));
    x += 1 + put(buf, skip(answers, x + 1), &words.yes, look(Meaning::Text));
    let x = x + 3 + put(buf, skip(answers, x + 3), &words.leave, look(Meaning::Key));
    put(buf, skip(answers, x + 1), &words.no, look(Meaning::Text));
}

fn draw_form(model: &Model, buf: &mut Buffer, form: &Form) -> Position {
    let words = &model.strings().overlay;
    let forms = &model.strings().forms;
    let look = |meaning| model.theme.style(meaning);
    let first = match &form.to {
        Target::New(to) => new_conversation::draw::title(model, to),
        Target::Conversation(_) => String::new(),
    };
    let (title, body) = match &form.kind {
        FormKind::Attach => (words.attach.as_str(), None),
        FormKind::Location => (forms.location.as_str(), None),
        FormKind::Card => (forms.card.as_str(), None),
        FormKind::Buttons { .. } => (forms.buttons.as_str(), None),
        FormKind::List { .. } => (forms.list.as_str(), None),
        FormKind::First => (first.as_str(), None),
        FormKind::FreeTemplate => (words.templates.as_str(), None),
        FormKind::Template { id, body, .. } => (id.as_str(), Some(body.as_str())),
    };
    let title = text::Clean::line(title);
    let width = 60.min(model.areas.screen.width.saturating_sub(6));
    let mut notes: Vec<(&str, Style)> = body.map(|b| (b, look(Meaning::Dim))).into_iter().collect();
    let objection = form.objection.as_deref().map(|o| (o, look(Meaning::ComposerObjection)));
    let note = match &form.to {
        Target::New(to) => new_conversation::draw::number_note(model, to),
        Target::Conversation(_) => None,
    };
    let note = note.as_ref().map(|(note, meaning)| (note.as_str(), look(*meaning)));
    let sending = form.sending.then_some((model.strings().composer.sending.as_str(), look(Meaning::Accent)));
    let fields = u16::try_from(form.fields.len() * 2).unwrap_or(u16::MAX);
    let tail: Vec<(&str, Style)> = note.into_iter().chain(objection).chain(sending).collect();
    let area =
        panel::open(model, buf, title.as_str(), width, rows_of(&notes, width) + fields + rows_of(&tail, width).max(1));
    // The fields come first when there is not room for everything.
    if rows_of(&notes, area.width) + fields > area.height {
        notes.clear();
    }
    let mut y = paragraphs(buf, area, &notes);
    let mut cursor = area.as_position();
    // What is objected stays visible when fields have to give way.
    let below = rows_of(&tail, area.width);
    let room = usize::from(area.height.saturating_sub(y + below).max(2) / 2);
    let first = (form.focus + 1).saturating_sub(room);
    for (n, field) in form.fields.iter().enumerate().skip(first).take(room) {
        let focus = n == form.focus;
        put(buf, row(area, y), &field.label, look(if focus { Meaning::Strong } else { Meaning::Dim }));
        let at = picker_draw::input(model, buf, row(area, y + 1), &field.input, "");
        if focus {
            cursor = at;
        }
        y += 2;
    }
    let rest = Rect { y: area.y + y.min(area.height), height: area.height.saturating_sub(y), ..area };
    paragraphs(buf, rest, &tail);
    cursor
}
