//! Draws a form as a table: labels in a column, one row for a field and those beside it, what is wrong with a field
//! under it.
//!
//! Invariant: what is wrong with a field never hides another field, and the focused field is always visible.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::draw_text::{paragraphs, put, put_right, row, skip, wrapped};
use super::form::{Field, FieldKind, Form};
use crate::text;
use crate::tui::theme::Theme;
use crate::tui::theme::styles::Meaning;

/// The cells between two fields of one row.
const GAP: u16 = 2;

/// The fields of one row, by their indices, and what is wrong with one of them in lines.
struct Row {
    fields: Vec<usize>,
    error: Vec<String>,
}

impl Row {
    fn height(&self) -> u16 {
        u16::try_from(self.error.len() + 1).unwrap_or(u16::MAX)
    }
}

impl<K: Copy + PartialEq> Form<K> {
    /// How many rows the table needs at a width.
    pub(crate) fn table_rows(&self, width: u16) -> u16 {
        self.rows(width).iter().map(Row::height).sum()
    }

    /// Draws the table; where there is not room for all of it, the part around the focus. Returns where the cursor is.
    pub(crate) fn draw_rows(&self, theme: &Theme, buf: &mut Buffer, area: Rect) -> Option<Position> {
        let rows = self.rows(area.width);
        let focused = rows.iter().position(|row| row.fields.contains(&self.focus())).unwrap_or(0);
        let column = self.label_column(area.width);
        let mut first = 0;
        while first < focused && heights(&rows, first, focused) > area.height {
            first += 1;
        }
        let (mut y, mut cursor) = (0, None);
        for entry in rows.iter().skip(first) {
            if y >= area.height {
                break;
            }
            let line = row(area, y);
            cursor = self.draw_fields(theme, buf, line, &entry.fields, column).or(cursor);
            let below = Rect { y: area.y + y + 1, height: (area.height - y - 1).min(entry.height() - 1), ..area };
            let style = theme.style(Meaning::ComposerObjection);
            let lines: Vec<_> = entry.error.iter().map(|line| (line.as_str(), style)).collect();
            paragraphs(buf, skip(below, column.min(2)), &lines);
            y += entry.height();
        }
        cursor
    }

    fn rows(&self, width: u16) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for (index, field) in self.fields.iter().enumerate().filter(|(_, field)| !field.hidden) {
            match rows.last_mut().filter(|_| field.beside) {
                Some(row) => row.fields.push(index),
                None => rows.push(Row { fields: vec![index], error: Vec::new() }),
            }
        }
        if let Some((wrong, why)) = self.refused()
            && let Some(row) = rows.iter_mut().find(|row| row.fields.contains(&wrong))
        {
            row.error = wrapped(why, width.saturating_sub(2));
        }
        rows
    }

    /// The cells that the labels take, with the space after them.
    fn label_column(&self, width: u16) -> u16 {
        let labelled = self.fields.iter().filter(|field| !field.hidden && !matches!(field.kind, FieldKind::Button));
        let widest = labelled.map(|field| text::cells(&field.label)).max().unwrap_or(0);
        u16::try_from(widest + 2).unwrap_or(u16::MAX).min(width * 2 / 5)
    }

    fn draw_fields(
        &self,
        theme: &Theme,
        buf: &mut Buffer,
        area: Rect,
        fields: &[usize],
        column: u16,
    ) -> Option<Position> {
        let first = self.fields.get(*fields.first()?)?;
        let is_focused = |index: &usize| *index == self.focus();
        if let FieldKind::Button = first.kind {
            let style = if fields.iter().any(is_focused) { Meaning::Selected } else { Meaning::Strong };
            put(buf, area, &format!("[ {} ]", first.label), theme.style(style));
            return fields.iter().any(is_focused).then(|| skip(area, 2).as_position());
        }
        let is_wrong = |index: &usize| {
            let refused = self.refused().is_some_and(|(refused, _)| refused == *index);
            refused || self.fields.get(*index).is_some_and(|field| self.shown_error(field).is_some())
        };
        let wrong = fields.iter().any(is_wrong);
        let label = match (wrong, fields.iter().any(is_focused)) {
            (true, _) => Meaning::ComposerObjection,
            (false, true) => Meaning::Strong,
            (false, false) => Meaning::Dim,
        };
        put(buf, Rect { width: column.saturating_sub(1), ..area }, &first.label, theme.style(label));
        let mut rest = skip(area, column);
        let mut cursor = None;
        let choices: u16 = fields.iter().filter_map(|index| self.fields.get(*index)).map(choice_cells).sum();
        let texts =
            fields.iter().filter_map(|index| self.fields.get(*index)).filter(|field| field.line().is_some()).count();
        let gaps = GAP * u16::try_from(fields.len().saturating_sub(1)).unwrap_or(0);
        let each = rest.width.saturating_sub(choices + gaps) / u16::try_from(texts.max(1)).unwrap_or(1);
        for index in fields {
            let Some(field) = self.fields.get(*index) else { continue };
            let wanted = if field.line().is_some() { each } else { choice_cells(field) };
            let cell = Rect { width: wanted.min(rest.width), ..rest };
            let at = draw_value(theme, buf, cell, field, is_focused(index));
            cursor = is_focused(index).then_some(at).or(cursor);
            rest = skip(rest, cell.width + GAP);
        }
        cursor
    }
}

/// The height of some rows, both ends included.
fn heights(rows: &[Row], first: usize, last: usize) -> u16 {
    rows.get(first..=last).unwrap_or_default().iter().map(Row::height).sum()
}

/// The cells of a choice, its longest option with the arrows beside it.
fn choice_cells<K>(field: &Field<K>) -> u16 {
    match &field.kind {
        FieldKind::Choice { options, .. } => {
            let widest = options.iter().map(|option| text::cells(option)).max().unwrap_or(0);
            u16::try_from(widest + 4).unwrap_or(u16::MAX)
        }
        FieldKind::Text(_) | FieldKind::Secret(_) | FieldKind::Button => 0,
    }
}

fn draw_value<K>(theme: &Theme, buf: &mut Buffer, area: Rect, field: &Field<K>, focus: bool) -> Position {
    let style = |focused, other| theme.style(if focus { focused } else { other });
    match &field.kind {
        FieldKind::Button => area.as_position(),
        FieldKind::Choice { options, chosen } => {
            let value = options.get(*chosen).map_or("", String::as_str);
            let shown = if focus { format!("< {value} >") } else { value.to_owned() };
            put(buf, area, &shown, style(Meaning::Selected, Meaning::Text));
            area.as_position()
        }
        FieldKind::Text(line) => {
            let aside = u16::try_from(text::cells(&field.aside)).unwrap_or(u16::MAX).saturating_add(GAP);
            // What was understood stays visible; the text moves under its end.
            let has_aside = !field.aside.is_empty() && aside.saturating_mul(2) <= area.width;
            if has_aside {
                put_right(buf, area, &field.aside, theme.style(Meaning::Dim));
            }
            let area = Rect { width: area.width - if has_aside { aside } else { 0 }, ..area };
            let (shown, at) = line.window(usize::from(area.width));
            if line.is_empty() {
                put(buf, area, &field.hint, theme.style(Meaning::Dim));
            } else {
                let cells = usize::from(area.width);
                buf.set_stringn(area.x, area.y, shown, cells, style(Meaning::Strong, Meaning::Text));
            }
            cell(area, at)
        }
        FieldKind::Secret(line) => {
            let width = usize::from(area.width);
            let (_, cursor) = line.window(usize::MAX);
            let first = (cursor + 1).saturating_sub(width.max(1));
            let dots = text::cells(line.text()).saturating_sub(first).min(width);
            put(buf, area, &theme.glyphs.hidden.repeat(dots), style(Meaning::Strong, Meaning::Text));
            cell(area, cursor - first)
        }
    }
}

/// A cell of an area's first row, at most its last.
fn cell(area: Rect, at: usize) -> Position {
    Position::new(area.x + u16::try_from(at).unwrap_or(0).min(area.width.saturating_sub(1)), area.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(count: u8) -> Form<u8> {
        Form::new((0..count).map(|n| Field::text(n, &format!("Field {n}"), "x")).collect())
    }

    fn drawn(form: &Form<u8>, size: (u16, u16)) -> (Vec<String>, Option<Position>) {
        let area = Rect::new(0, 0, size.0, size.1);
        let mut buf = Buffer::empty(area);
        let cursor = form.draw_rows(&Theme::default(), &mut buf, area);
        let line = |y| (0..size.0).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        ((0..size.1).map(line).collect(), cursor)
    }

    #[test]
    fn what_is_wrong_stands_under_its_field_and_pushes_the_next_one_down() {
        let mut form = form(3);
        form.refuse(1, "not a number");
        let (lines, cursor) = drawn(&form, (40, 6));
        assert_eq!(lines[1..4], ["Field 1  x", "  not a number", "Field 2  x"]);
        assert_eq!((form.table_rows(40), cursor.map(|at| at.y)), (4, Some(1)));
        form.insert("y");
        assert_eq!(form.table_rows(40), 3);
    }

    #[test]
    fn where_room_is_short_the_focused_field_and_its_error_are_visible() {
        let mut form = form(9);
        form.refuse(8, "not a number");
        let (lines, cursor) = drawn(&form, (40, 3));
        assert_eq!(lines[1..], ["Field 8  x", "  not a number"]);
        assert_eq!(cursor.map(|at| at.y), Some(1));
    }

    #[test]
    fn fields_beside_each_other_share_a_row() {
        let mut form = form(3);
        form.fields[1].beside = true;
        let (lines, _) = drawn(&form, (40, 3));
        assert!(lines[0].matches('x').count() == 2 && lines[1].starts_with("Field 2"), "{lines:?}");
    }
}
