//! A form: fields that are filled in one after the other, from a table of what each asks for.
//!
//! Invariant: a secret is drawn as dots and never printed, also not by `Debug`.

use std::fmt;

use super::draw_text::{put, row, skip};
use super::line_input::LineInput;
use crate::domain::AccountName;
use crate::text::{self, link};
use crate::tui::theme::Theme;
use crate::tui::theme::styles::Meaning;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// What a field holds.
#[derive(Clone, PartialEq, Eq)]
pub enum FieldKind {
    Text(LineInput),
    Secret(LineInput),
    /// One of several options; `chosen` is an index of `options`.
    Choice {
        options: Vec<String>,
        chosen: usize,
    },
    /// Nothing: its label is a button.
    Button,
}

impl fmt::Debug for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldKind::Text(line) => f.debug_tuple("Text").field(line).finish(),
            FieldKind::Secret(_) => f.write_str("Secret(***)"),
            FieldKind::Choice { options, chosen } => f.debug_tuple("Choice").field(&options.get(*chosen)).finish(),
            FieldKind::Button => f.write_str("Button"),
        }
    }
}

/// What a field's text has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    Any,
    /// The name of an account, none of those that are taken.
    AccountName {
        taken: Vec<String>,
    },
    WebUrl,
}

/// What is wrong with a field's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldError {
    Missing,
    InvalidName,
    NameTaken,
    InvalidUrl,
}

/// A field; `K` is what its form knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<K> {
    pub id: K,
    pub label: String,
    pub kind: FieldKind,
    pub(crate) required: bool,
    pub rule: Rule,
    /// Neither drawn nor judged; what it holds is kept.
    pub hidden: bool,
}

impl<K> Field<K> {
    /// A field that may hold anything, or nothing.
    pub fn new(id: K, label: &str, kind: FieldKind) -> Self {
        Field { id, label: label.to_owned(), kind, required: false, rule: Rule::Any, hidden: false }
    }

    /// A field for one line of text, filled with `text`, that may be left empty.
    pub fn text(id: K, label: &str, text: &str) -> Self {
        Field::new(id, label, FieldKind::Text(LineInput::with(text)))
    }

    /// The same field, but it must be filled in and follow the rule.
    #[must_use]
    pub(crate) fn required(mut self, rule: Rule) -> Self {
        self.required = true;
        self.rule = rule;
        self
    }

    /// The line that is typed in; `None` for choices and buttons.
    pub fn line(&self) -> Option<&LineInput> {
        match &self.kind {
            FieldKind::Text(line) | FieldKind::Secret(line) => Some(line),
            FieldKind::Choice { .. } | FieldKind::Button => None,
        }
    }

    fn line_mut(&mut self) -> Option<&mut LineInput> {
        match &mut self.kind {
            FieldKind::Text(line) | FieldKind::Secret(line) => Some(line),
            FieldKind::Choice { .. } | FieldKind::Button => None,
        }
    }

    /// The typed text without space around it.
    pub fn value(&self) -> &str {
        self.line().map_or("", |line| line.text().trim())
    }

    /// What is wrong with the text as it is.
    pub fn error(&self) -> Option<FieldError> {
        let text = self.value();
        if text.is_empty() {
            return self.required.then_some(FieldError::Missing);
        }
        match &self.rule {
            Rule::AccountName { .. } if AccountName::new(text).is_none() => Some(FieldError::InvalidName),
            Rule::AccountName { taken } if taken.iter().any(|name| name == text) => Some(FieldError::NameTaken),
            Rule::WebUrl if !link::is_safe(text) => Some(FieldError::InvalidUrl),
            _ => None,
        }
    }
}

/// Fields, one of which has the focus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form<K> {
    pub fields: Vec<Field<K>>,
    focus: usize,
    /// Missing texts are errors too: somebody tried to finish.
    strict: bool,
}

impl<K: Copy + PartialEq> Form<K> {
    /// A form with the focus on its first field.
    pub fn new(fields: Vec<Field<K>>) -> Self {
        Form { fields, focus: 0, strict: false }
    }

    /// The index of the field that has the focus.
    pub fn focus(&self) -> usize {
        self.focus
    }

    /// The field that has the focus; `None` in a form without fields.
    pub(crate) fn focused(&self) -> Option<&Field<K>> {
        self.fields.get(self.focus)
    }

    /// The field with this id, if the form has it.
    pub fn field(&self, id: K) -> Option<&Field<K>> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The field with this id, to be changed.
    pub fn field_mut(&mut self, id: K) -> Option<&mut Field<K>> {
        self.fields.iter_mut().find(|field| field.id == id)
    }

    /// The typed text of a field without space around it.
    pub fn value(&self, id: K) -> &str {
        self.field(id).map_or("", Field::value)
    }

    /// The index of a field's chosen option.
    pub fn chosen(&self, id: K) -> usize {
        match self.field(id).map(|field| &field.kind) {
            Some(FieldKind::Choice { chosen, .. }) => *chosen,
            _ => 0,
        }
    }

    /// Whether letters are typed into the focused field.
    pub(crate) fn takes_text(&self) -> bool {
        self.focused().is_some_and(|field| field.line().is_some())
    }

    /// Moves the focus over visible fields, stopping at the ends.
    pub fn step(&mut self, by: isize) {
        let (visible, at) = self.visible();
        let to = at.saturating_add_signed(by).min(visible.len().saturating_sub(1));
        self.focus = visible.get(to).copied().unwrap_or_default();
    }

    /// Moves the focus over visible fields, around the ends.
    pub(crate) fn step_around(&mut self, by: isize) {
        let (visible, at) = self.visible();
        let to = (at + visible.len()).saturating_add_signed(by) % visible.len().max(1);
        self.focus = visible.get(to).copied().unwrap_or_default();
    }

    /// The indices of visible fields, and the place of the focus among them.
    fn visible(&self) -> (Vec<usize>, usize) {
        let visible: Vec<usize> =
            (0..self.fields.len()).filter(|n| self.fields.get(*n).is_some_and(|f| !f.hidden)).collect();
        let at = visible.iter().position(|n| *n == self.focus).unwrap_or(0);
        (visible, at)
    }

    /// Types a key into the focused field; whether its text changed.
    pub(crate) fn type_key(&mut self, key: &KeyEvent) -> bool {
        let line = self.fields.get_mut(self.focus).and_then(Field::line_mut);
        line.and_then(|line| line.key(key)) == Some(true)
    }

    /// Inserts text into the focused field; `false` where none is typed.
    pub fn insert(&mut self, text: &str) -> bool {
        let line = self.fields.get_mut(self.focus).and_then(Field::line_mut);
        line.map(|line| line.insert(text)).is_some()
    }

    /// Chooses another option of the focused field, around the ends; `false` where there is nothing to choose.
    pub fn choose(&mut self, by: isize) -> bool {
        let Some(FieldKind::Choice { options, chosen }) = self.fields.get_mut(self.focus).map(|field| &mut field.kind)
        else {
            return false;
        };
        *chosen = (*chosen + options.len()).saturating_add_signed(by) % options.len().max(1);
        true
    }

    /// Whether every visible field is right; else the first wrong one gets the focus, and from now on missing texts
    /// are shown as errors.
    pub fn check(&mut self) -> bool {
        self.strict = true;
        let wrong = self.fields.iter().position(|field| !field.hidden && field.error().is_some());
        if let Some(wrong) = wrong {
            self.focus = wrong;
        }
        wrong.is_none()
    }

    /// The error of a field that is worth showing now: an empty field is no error before somebody tried to finish.
    pub(crate) fn shown_error(&self, field: &Field<K>) -> Option<FieldError> {
        field.error().filter(|error| self.strict || *error != FieldError::Missing)
    }

    /// The visible fields that `room` rows of a list can show, the focused one among them.
    fn window(&self, room: usize) -> impl Iterator<Item = (&Field<K>, bool)> {
        let (visible, at) = self.visible();
        let first = (at + 1).saturating_sub(room);
        let shown = visible.into_iter().skip(first).take(room);
        shown.filter_map(|n| Some((self.fields.get(n)?, n == self.focus)))
    }

    /// Draws each field in one row, labels in a column; returns where the cursor is.
    pub(crate) fn draw_rows(&self, theme: &Theme, buf: &mut Buffer, area: Rect) -> Option<Position> {
        let labelled = self.fields.iter().filter(|field| !field.hidden && field.kind != FieldKind::Button);
        let widest = labelled.map(|field| text::cells(&field.label)).max().unwrap_or(0);
        let column = u16::try_from(widest + 2).unwrap_or(u16::MAX).min(area.width * 2 / 5);
        let mut cursor = None;
        for (y, (field, focus)) in (0_u16..).zip(self.window(usize::from(area.height).max(1))) {
            let at = self.draw_row(theme, buf, row(area, y), field, focus, column);
            if focus {
                cursor = Some(at);
            }
        }
        cursor
    }

    fn draw_row(
        &self,
        theme: &Theme,
        buf: &mut Buffer,
        area: Rect,
        field: &Field<K>,
        focus: bool,
        column: u16,
    ) -> Position {
        let style = |focused, other| theme.style(if focus { focused } else { other });
        let beside = skip(area, column);
        let label = match self.shown_error(field) {
            Some(_) => theme.style(Meaning::ComposerObjection),
            None => style(Meaning::Strong, Meaning::Dim),
        };
        if field.kind != FieldKind::Button {
            put(buf, Rect { width: column.saturating_sub(1), ..area }, &field.label, label);
        }
        match &field.kind {
            FieldKind::Button => {
                put(buf, area, &format!("[ {} ]", field.label), style(Meaning::Selected, Meaning::Strong));
                skip(area, 2).as_position()
            }
            FieldKind::Choice { options, chosen } => {
                let value = options.get(*chosen).map_or("", String::as_str);
                let shown = if focus { format!("< {value} >") } else { value.to_owned() };
                put(buf, beside, &shown, style(Meaning::Selected, Meaning::Text));
                beside.as_position()
            }
            FieldKind::Text(line) => {
                let (shown, cursor) = line.window(usize::from(beside.width));
                buf.set_stringn(
                    beside.x,
                    beside.y,
                    shown,
                    usize::from(beside.width),
                    style(Meaning::Strong, Meaning::Text),
                );
                cell(beside, cursor)
            }
            FieldKind::Secret(line) => {
                let width = usize::from(beside.width);
                let (_, cursor) = line.window(usize::MAX);
                let first = (cursor + 1).saturating_sub(width.max(1));
                let dots = text::cells(line.text()).saturating_sub(first).min(width);
                put(buf, beside, &theme.glyphs.hidden.repeat(dots), style(Meaning::Strong, Meaning::Text));
                cell(beside, cursor - first)
            }
        }
    }

    /// Draws each field in two rows, its label over its line, and leaves `below` rows free; returns where the cursor
    /// is, and how many rows are used.
    pub(crate) fn draw_stacked(&self, theme: &Theme, buf: &mut Buffer, area: Rect, below: u16) -> (Position, u16) {
        let (mut cursor, mut y) = (area.as_position(), 0);
        for (field, focus) in self.window(usize::from(area.height.saturating_sub(below).max(2) / 2)) {
            let style = theme.style(if focus { Meaning::Strong } else { Meaning::Dim });
            put(buf, row(area, y), &field.label, style);
            if let Some(line) = field.line() {
                let at = line.draw(theme, buf, row(area, y + 1), "");
                if focus {
                    cursor = at;
                }
            }
            y += 2;
        }
        (cursor, y)
    }
}

/// A cell of an area's first row, at most its last.
fn cell(area: Rect, at: usize) -> Position {
    Position::new(area.x + u16::try_from(at).unwrap_or(0).min(area.width.saturating_sub(1)), area.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form<u8> {
        let taken = vec!["toko".to_owned()];
        let options = vec!["a".to_owned(), "b".to_owned()];
        Form::new(vec![
            Field::text(0, "Name", "").required(Rule::AccountName { taken }),
            Field::new(1, "Way", FieldKind::Choice { options, chosen: 0 }),
            Field::text(2, "URL", "").required(Rule::WebUrl),
            Field::new(3, "Key", FieldKind::Secret(LineInput::with("kunci"))),
        ])
    }

    #[test]
    fn a_field_says_what_is_wrong_with_it() {
        let mut form = form();
        for (text, error) in [("Toko Saya", FieldError::InvalidName), ("toko", FieldError::NameTaken)] {
            form.fields[0].kind = FieldKind::Text(LineInput::with(text));
            assert_eq!(form.fields[0].error(), Some(error));
        }
        form.fields[2].kind = FieldKind::Text(LineInput::with("ftp://x"));
        assert_eq!(form.fields[2].error(), Some(FieldError::InvalidUrl));
    }

    #[test]
    fn a_missing_text_is_shown_only_after_an_attempt_to_finish() {
        let mut form = form();
        assert_eq!(form.shown_error(&form.fields[0]), None);
        form.step(2);
        assert!(!form.check());
        assert_eq!((form.focus(), form.shown_error(&form.fields[0])), (0, Some(FieldError::Missing)));
    }

    #[test]
    fn hidden_fields_are_passed_over_and_not_judged() {
        let mut form = form();
        form.fields[0].hidden = true;
        form.fields[1].hidden = true;
        form.step_around(1);
        assert_eq!(form.focus(), 3);
        form.step_around(1);
        assert_eq!(form.focus(), 2);
        form.insert("https://x.example");
        assert!(form.check());
    }

    #[test]
    fn a_choice_goes_around() {
        let mut form = form();
        assert!(!form.choose(1));
        form.step(1);
        assert!(form.choose(-1) && form.chosen(1) == 1 && form.choose(1) && form.chosen(1) == 0);
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert!(!format!("{:?}", form()).contains("kunci"));
    }
}
