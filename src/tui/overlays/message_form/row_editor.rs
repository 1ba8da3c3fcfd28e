//! The rows of a form: the buttons of a text, the rows of a list. They are added, removed and moved.
//!
//! Invariant: rows are numbered from 0 without gaps, and stand before the buttons that add and send.

use super::kinds::{Cell, FormKind, Part};
use crate::domain::content_parts::{Button, ListRow, choice_id};
use crate::text::link::is_web_url;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::i18n::fill;
use crate::tui::widgets::form::{Field, FieldKind, Form};

/// The most rows of a form.
fn max(kind: &FormKind) -> usize {
    match kind {
        FormKind::Buttons { max, .. } | FormKind::List { max } => *max,
        _ => 0,
    }
}

/// How many rows there are.
pub(super) fn count(form: &Form<Part>) -> u8 {
    let rows = form.fields.iter().filter_map(|field| match field.id {
        Part::Row(n, _) => Some(n + 1),
        _ => None,
    });
    rows.max().unwrap_or(0)
}

/// The row that has the focus.
fn focused(form: &Form<Part>) -> Option<u8> {
    match form.focused().map(|field| field.id) {
        Some(Part::Row(n, _)) => Some(n),
        _ => None,
    }
}

/// The typed text of a cell.
fn value(form: &Form<Part>, n: u8, cell: Cell) -> &str {
    form.value(Part::Row(n, cell))
}

fn is_empty(form: &Form<Part>, n: u8) -> bool {
    [Cell::Title, Cell::Value, Cell::Description].into_iter().all(|cell| value(form, n, cell).is_empty())
}

/// Adds a row at the end and goes to its title; `false` where there may be no more.
pub(super) fn add(model: &Model, kind: &FormKind, form: &mut Form<Part>) -> bool {
    let n = count(form);
    if usize::from(n) >= max(kind) {
        return false;
    }
    // Rows of one section stand together, so the next one is likely of the same.
    let section = n.checked_sub(1).map(|before| value(form, before, Cell::Section).to_owned()).unwrap_or_default();
    let at = form.fields.iter().position(|field| field.id == Part::Add).unwrap_or(form.fields.len());
    form.fields.splice(at..at, cells(model, kind, n, &section));
    renumber(model, kind, form);
    form.focus_on(Part::Row(
        n,
        if n == 0 && matches!(kind, FormKind::List { .. }) { Cell::Section } else { Cell::Title },
    ));
    true
}

fn cells(model: &Model, kind: &FormKind, n: u8, section: &str) -> Vec<Field<Part>> {
    let strings = &model.strings().forms;
    let text = |cell, hint: &str, text: &str| Field::text(Part::Row(n, cell), "", text).with_hint(hint);
    let mut cells = match kind {
        FormKind::Buttons { kinds, .. } => {
            let options = kinds.iter().map(|kind| button_kind(model, kind).to_owned()).collect();
            let mut choice = Field::new(Part::Row(n, Cell::Kind), "", FieldKind::Choice { options, chosen: 0 });
            choice.hidden = kinds.len() < 2;
            vec![text(Cell::Title, &strings.cell_title, ""), choice, text(Cell::Value, "", "")]
        }
        _ => vec![
            text(Cell::Section, &strings.cell_section, section),
            text(Cell::Title, &strings.cell_title, ""),
            text(Cell::Description, &strings.cell_description, ""),
        ],
    };
    for cell in cells.iter_mut().skip(1) {
        cell.beside = true;
    }
    cells
}

/// A kind of button as people call it.
fn button_kind(model: &Model, kind: &str) -> &'static str {
    let strings = &model.strings().forms;
    match kind {
        "url" => &strings.kind_url,
        "copy" => &strings.kind_copy,
        _ => &strings.kind_reply,
    }
}

/// Removes the focused row, moves it up or down, or does nothing for any other command.
pub(super) fn run(model: &Model, kind: &FormKind, form: &mut Form<Part>, command: Command) {
    let Some(n) = focused(form) else { return };
    let by: i8 = match command {
        Command::RemoveRow => return remove(model, kind, form, n),
        Command::RowUp => -1,
        Command::RowDown => 1,
        _ => return,
    };
    let Some(other) = n.checked_add_signed(by).filter(|other| *other < count(form)) else { return };
    let cell = form.focused().map(|field| field.id);
    for field in &mut form.fields {
        field.id = match field.id {
            Part::Row(row, cell) if row == n => Part::Row(other, cell),
            Part::Row(row, cell) if row == other => Part::Row(n, cell),
            id => id,
        };
    }
    form.fields.sort_by_key(|field| place(field.id));
    renumber(model, kind, form);
    if let Some(Part::Row(_, cell)) = cell {
        form.focus_on(Part::Row(other, cell));
    }
}

fn remove(model: &Model, kind: &FormKind, form: &mut Form<Part>, n: u8) {
    form.fields.retain(|field| !matches!(field.id, Part::Row(row, _) if row == n));
    for field in &mut form.fields {
        if let Part::Row(row, cell) = field.id
            && row > n
        {
            field.id = Part::Row(row - 1, cell);
        }
    }
    renumber(model, kind, form);
    let left = count(form);
    form.focus_on(if left == 0 { Part::Add } else { Part::Row(n.min(left - 1), Cell::Title) });
}

/// Where a field stands: what comes before the rows, the rows, what comes after them.
fn place(part: Part) -> (u8, u8) {
    match part {
        Part::Row(n, _) => (1, n),
        Part::Add => (2, 0),
        Part::Send => (2, 1),
        _ => (0, 0),
    }
}

/// Labels each row by its number, shows the value of a button that has one, and hides what adds rows at the most.
pub(super) fn renumber(model: &Model, kind: &FormKind, form: &mut Form<Part>) {
    let strings = &model.strings().forms;
    let rows = count(form);
    let label = if matches!(kind, FormKind::Buttons { .. }) { &strings.button } else { &strings.row };
    for n in 0..rows {
        let own = button_type(kind, form, n);
        for field in form.fields.iter_mut().filter(|field| matches!(field.id, Part::Row(row, _) if row == n)) {
            if !field.beside {
                field.label = fill(label, &[("n", &(n + 1).to_string())]);
            }
            if field.id == Part::Row(n, Cell::Value) {
                field.hidden = !matches!(own, Some("url" | "copy"));
                field.hint = if own == Some("url") { "https://…".to_owned() } else { strings.cell_code.clone() };
            }
        }
    }
    if let Some(add) = form.field_mut(Part::Add) {
        add.hidden = usize::from(rows) >= max(kind);
    }
}

/// The chosen type of a button.
fn button_type(kind: &FormKind, form: &Form<Part>, n: u8) -> Option<&'static str> {
    let FormKind::Buttons { kinds, .. } = kind else { return None };
    kinds.get(form.chosen(Part::Row(n, Cell::Kind))).copied()
}

/// Goes on from a cell by Enter: to the next cell, from the last one of a filled row to a new row, from an empty row to
/// what sends.
pub(super) fn go_on(model: &Model, kind: &FormKind, form: &mut Form<Part>) {
    let Some(n) = focused(form) else { return form.step(1) };
    let last = n + 1 >= count(form);
    if last && is_empty(form, n) && n > 0 {
        remove(model, kind, form, n);
        return form.focus_on(Part::Send);
    }
    let is_text = |field: &Field<Part>| !field.hidden && field.line().is_some();
    let next = form.fields.iter().skip(form.focus() + 1).find(|field| is_text(field)).map(|field| field.id);
    match next {
        Some(next) => form.focus_on(next),
        None if !value(form, n, Cell::Title).is_empty() && add(model, kind, form) => {}
        None => form.focus_on(Part::Send),
    }
}

/// The buttons of the form; the error is the cell that is wrong and why.
pub(super) fn buttons(model: &Model, kind: &FormKind, form: &Form<Part>) -> Result<Vec<Button>, (Part, String)> {
    let strings = &model.strings().account_form;
    let mut ids = Vec::new();
    let filled = filled(form, &model.strings().forms.no_button)?;
    filled
        .into_iter()
        .map(|n| {
            let title = required(model, form, n, Cell::Title)?;
            Ok(match button_type(kind, form, n) {
                Some("url") => {
                    let url = required(model, form, n, Cell::Value)?;
                    if !is_web_url(&url) {
                        return Err((Part::Row(n, Cell::Value), strings.error_url.clone()));
                    }
                    Button::Url { url, title }
                }
                Some("copy") => Button::Copy { code: required(model, form, n, Cell::Value)?, title },
                _ => Button::Reply { id: choice_id(&title, &mut ids), title },
            })
        })
        .collect()
}

/// The rows of the list; the error is the cell that is wrong and why.
pub(super) fn list_rows(model: &Model, form: &Form<Part>) -> Result<Vec<ListRow>, (Part, String)> {
    let mut ids = Vec::new();
    let filled = filled(form, &model.strings().forms.no_row)?;
    filled
        .into_iter()
        .map(|n| {
            let title = required(model, form, n, Cell::Title)?;
            let section = value(form, n, Cell::Section).to_owned();
            let description = value(form, n, Cell::Description).to_owned();
            Ok(ListRow { section, id: choice_id(&title, &mut ids), title, description })
        })
        .collect()
}

/// The rows in which something is typed; the error is the first title, or what adds a row, where there are none.
fn filled(form: &Form<Part>, none: &str) -> Result<Vec<u8>, (Part, String)> {
    let filled: Vec<u8> = (0..count(form)).filter(|n| !is_empty(form, *n)).collect();
    let at = if count(form) > 0 { Part::Row(0, Cell::Title) } else { Part::Add };
    if filled.is_empty() { Err((at, none.to_owned())) } else { Ok(filled) }
}

fn required(model: &Model, form: &Form<Part>, n: u8, cell: Cell) -> Result<String, (Part, String)> {
    let text = value(form, n, cell);
    let missing = || (Part::Row(n, cell), model.strings().account_form.error_missing.clone());
    if text.is_empty() { Err(missing()) } else { Ok(text.to_owned()) }
}
