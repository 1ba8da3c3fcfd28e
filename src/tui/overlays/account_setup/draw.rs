//! Draws the form for a new account, and what follows when it is kept.
//!
//! Invariant: a secret is drawn as dots, and the webhook URL is drawn whole.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::state::{AccountForm, AccountRow, AccountSheet, Flaw, KeptAccount};
use crate::config::SecretStorage;
use crate::domain::Role;
use crate::text;
use crate::tui::app::state::Model;
use crate::tui::i18n::sections::AccountFormWords;
use crate::tui::i18n::spans::clock_seconds;
use crate::tui::i18n::{channel, fill};
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row, skip};
use crate::tui::widgets::line_input::Input;
use crate::tui::widgets::panel;

/// How wide the form would like to be.
const WIDTH: u16 = 66;
/// Rows for the help under the fields.
const HELP: u16 = 2;

/// Draws the form or what follows it; returns where the cursor stands.
pub(crate) fn draw(model: &Model, buf: &mut Buffer, sheet: &AccountSheet) -> Option<Position> {
    let words = &model.strings().account_form;
    match sheet {
        AccountSheet::Asking => {
            let area = panel::open(model, buf, &words.title, WIDTH, 1);
            put(buf, row(area, 0), &words.asking, model.theme.style(Meaning::Dim));
            None
        }
        AccountSheet::Filling(form) => fields(model, buf, form),
        AccountSheet::Kept(kept) => {
            after(model, buf, kept);
            None
        }
    }
}

fn fields(model: &Model, buf: &mut Buffer, form: &AccountForm) -> Option<Position> {
    let words = &model.strings().account_form;
    let rows = form.rows();
    let wanted = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(HELP + 1);
    let area = panel::open(model, buf, &words.title, WIDTH, wanted);
    let labels = rows.iter().map(|row| text::cells(label(words, *row))).max().unwrap_or(0);
    let column = u16::try_from(labels + 2).unwrap_or(u16::MAX).min(area.width * 2 / 5);
    let (told, meaning) = told(model, form);
    let lines = text::wrap(&told, area.width.max(1));
    // What went wrong may need more room than the help; the fields give way.
    let below = u16::try_from(lines.len()).unwrap_or(u16::MAX).max(HELP).min(area.height.saturating_sub(1) / 2 + 1);
    let room = usize::from(area.height.saturating_sub(below)).max(1);
    let here = rows.iter().position(|row| *row == form.focus).unwrap_or(0);
    let first = (here + 1).saturating_sub(room);
    let mut cursor = None;
    for (y, entry) in (0_u16..).zip(rows.iter().skip(first).take(room)) {
        let at = draw_row(model, buf, row(area, y), form, *entry, column);
        if *entry == form.focus {
            cursor = at;
        }
    }
    let top = area.height.saturating_sub(below);
    for (y, line) in (top..area.height).zip(&lines) {
        put(buf, row(area, y), line.text(&told).trim_end(), model.theme.style(meaning));
    }
    cursor
}

fn draw_row(
    model: &Model,
    buf: &mut Buffer,
    area: Rect,
    form: &AccountForm,
    entry: AccountRow,
    column: u16,
) -> Option<Position> {
    let words = &model.strings().account_form;
    let focus = entry == form.focus;
    let look = |meaning| model.theme.style(meaning);
    if entry == AccountRow::Save {
        let style = look(if focus { Meaning::Selected } else { Meaning::Strong });
        put(buf, area, &format!("[ {} ]", words.save), style);
        return focus.then(|| skip(area, 2).as_position());
    }
    let flawed = form.told_flaw(entry).is_some();
    let name = match (flawed, focus) {
        (true, _) => Meaning::ComposerObjection,
        (false, true) => Meaning::Strong,
        (false, false) => Meaning::Dim,
    };
    put(buf, Rect { width: column.saturating_sub(1), ..area }, label(words, entry), look(name));
    let field = skip(area, column);
    if let Some(line) = form.line(entry) {
        let at = typed(model, buf, field, line, AccountForm::is_hidden(entry), focus);
        return focus.then_some(at);
    }
    let value = choice(words, form, entry);
    let shown = if focus { format!("< {value} >") } else { value.to_owned() };
    put(buf, field, &shown, look(if focus { Meaning::Selected } else { Meaning::Text }));
    focus.then(|| field.as_position())
}

/// A typed line; a secret as dots. Returns where its cursor stands.
fn typed(model: &Model, buf: &mut Buffer, area: Rect, line: &Input, hidden: bool, focus: bool) -> Position {
    let width = usize::from(area.width);
    let style = model.theme.style(if focus { Meaning::Strong } else { Meaning::Text });
    let at = if hidden {
        let (_, cursor) = line.window(usize::MAX);
        let dots = text::cells(line.text());
        let first = (cursor + 1).saturating_sub(width.max(1));
        let shown = model.theme.glyphs.hidden.repeat(dots.saturating_sub(first).min(width));
        put(buf, area, &shown, style);
        cursor - first
    } else {
        let (shown, cursor) = line.window(width);
        buf.set_stringn(area.x, area.y, shown, width, style);
        cursor
    };
    Position::new(area.x + u16::try_from(at).unwrap_or(0).min(area.width.saturating_sub(1)), area.y)
}

fn label(words: &AccountFormWords, row: AccountRow) -> &str {
    match row {
        AccountRow::Gateway => &words.gateway,
        AccountRow::Name => &words.name,
        AccountRow::BaseUrl => &words.base_url,
        AccountRow::Mode => &words.mode,
        AccountRow::ApiKey => &words.api_key,
        AccountRow::WebhookSecret => &words.webhook_secret,
        AccountRow::Session => &words.session,
        AccountRow::Channel => &words.channel,
        AccountRow::KeyContext => &words.place,
        AccountRow::Save => "",
    }
}

fn choice<'w>(words: &'w AccountFormWords, form: &AccountForm, row: AccountRow) -> &'w str {
    match row {
        AccountRow::Gateway => form.gateway().map_or("", |gateway| gateway.name),
        AccountRow::Mode => form.mode().unwrap_or_default(),
        AccountRow::Channel => form.channel().map_or("", channel),
        AccountRow::KeyContext => match form.place() {
            Some(SecretStorage::Keyring) => &words.place_keyring,
            Some(SecretStorage::File) => &words.place_file,
            None => &words.place_config,
        },
        _ => "",
    }
}

/// What stands under the fields: what is being done, what went wrong, what is wrong with the row, else its help.
fn told(model: &Model, form: &AccountForm) -> (String, Meaning) {
    let words = &model.strings().account_form;
    if form.trying.is_some() {
        return (words.trying.clone(), Meaning::Accent);
    }
    if let Some(objection) = &form.objection {
        let mut text = text::Clean::line(objection).into_string();
        if form.untried {
            text = format!("{text} {}", help(words, form, AccountRow::Save));
        }
        return (text, Meaning::ComposerObjection);
    }
    if let Some(flaw) = form.told_flaw(form.focus) {
        let text = match flaw {
            Flaw::NameForm => &words.flaw_name,
            Flaw::NameTaken => &words.flaw_taken,
            Flaw::Url => &words.flaw_url,
            Flaw::Missing => &words.flaw_missing,
        };
        return (text.clone(), Meaning::ComposerObjection);
    }
    (help(words, form, form.focus), Meaning::Dim)
}

fn help(words: &AccountFormWords, form: &AccountForm, row: AccountRow) -> String {
    let Some(gateway) = form.gateway() else { return String::new() };
    let sentence = match row {
        AccountRow::Gateway => &words.help_gateway,
        AccountRow::Name => &words.help_name,
        AccountRow::BaseUrl if gateway.base_url.is_some() => &words.help_base_url_fixed,
        AccountRow::BaseUrl => &words.help_base_url,
        AccountRow::Mode => &words.help_mode,
        AccountRow::ApiKey => &words.help_api_key,
        AccountRow::WebhookSecret if gateway.signs => &words.help_webhook_secret,
        AccountRow::WebhookSecret => &words.help_webhook_secret_optional,
        AccountRow::Session => &words.help_session,
        AccountRow::Channel => &words.help_channel,
        AccountRow::KeyContext => match form.place() {
            Some(SecretStorage::Keyring) => &words.help_place_keyring,
            Some(SecretStorage::File) => &words.help_place_file,
            None => &words.help_place_config,
        },
        AccountRow::Save if form.untried => &words.help_save_untried,
        AccountRow::Save => &words.help_save,
    };
    fill(sentence, &[("gateway", gateway.name)])
}

/// What is shown once the account is kept. The URL and what it waits for are the last to give way.
fn after(model: &Model, buf: &mut Buffer, kept: &KeptAccount) {
    let words = &model.strings().account_form;
    let look = |meaning| model.theme.style(meaning);
    let known = if kept.kept.key_accepted { &words.key_accepted } else { &words.key_untold };
    let mut texts: Vec<(String, Style, u8)> = vec![
        (fill(&words.kept, &[("account", kept.name.as_str())]), look(Meaning::Strong), 3),
        (fill(known, &[("gateway", kept.gateway)]), look(Meaning::Text), 1),
        (String::new(), Style::new(), 0),
        (fill(&words.paste, &[("gateway", kept.gateway)]), look(Meaning::Text), 4),
        (kept.url.as_str().to_owned(), look(Meaning::AccentStrong), 6),
    ];
    if let Role::Viewer { pid } = model.process.role {
        let text = fill(&words.restart, &[("pid", &pid.to_string())]);
        texts.push((text, look(Meaning::NoticeBad), 5));
    }
    if !kept.kept.reachable {
        texts.push((words.unreachable.clone(), look(Meaning::ComposerNear), 2));
    }
    texts.push((String::new(), Style::new(), 0));
    texts.push(match kept.first_event {
        Some(at) => {
            let time = clock_seconds(at, &model.zone);
            (fill(&words.first_event, &[("time", &time)]), look(Meaning::HealthGood), 6)
        }
        None => (words.waiting.clone(), look(Meaning::Dim), 6),
    });
    let rows = |texts: &[(String, Style, u8)], width: u16| -> usize {
        texts.iter().map(|(text, _, _)| text::wrap(text, width.max(1)).len()).sum()
    };
    let width = WIDTH.min(model.areas.screen.width.saturating_sub(6));
    let wanted = u16::try_from(rows(&texts, width)).unwrap_or(u16::MAX);
    let area = panel::open(model, buf, &words.title, width, wanted);
    for weight in 0..6 {
        if rows(&texts, area.width) > usize::from(area.height) {
            texts.retain(|(_, _, own)| *own != weight);
        }
    }
    let mut y = 0;
    for (text, style, _) in &texts {
        for line in text::wrap(text, area.width.max(1)) {
            put(buf, row(area, y), line.text(text).trim_end(), *style);
            y += 1;
        }
    }
}

/// The keys of the form, for the hint line.
pub(crate) fn keys(model: &Model, sheet: &AccountSheet) -> Vec<(String, &'static str)> {
    let (words, overlay) = (&model.strings().account_form, &model.strings().overlay);
    let close = (overlay.leave.clone(), overlay.close.as_str());
    match sheet {
        AccountSheet::Asking => vec![close],
        AccountSheet::Filling(form) => {
            let mut keys = Vec::new();
            if form.focus == AccountRow::Save {
                keys.push((overlay.accept.clone(), words.save.as_str()));
            } else if form.line(form.focus).is_none() {
                keys.push(("← →".to_owned(), words.change.as_str()));
            }
            keys.extend([("Tab".to_owned(), overlay.next_field.as_str()), close]);
            keys
        }
        AccountSheet::Kept(kept) => {
            let mut keys = vec![("y".to_owned(), words.copy.as_str())];
            if kept.login {
                keys.push(("l".to_owned(), &words.log_in));
            }
            keys.push((overlay.accept.clone(), &words.done));
            keys
        }
    }
}
