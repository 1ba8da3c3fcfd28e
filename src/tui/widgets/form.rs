//! A form: fields that are filled in one after the other, from a table of what each asks for.
//!
//! Invariant: a secret is drawn as dots and never printed, also not by `Debug`.

use std::fmt;

use super::line_input::LineInput;
use crate::domain::AccountName;
use crate::text::link;
use crossterm::event::KeyEvent;

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
    /// It stands in one row with the field before it.
    pub(crate) beside: bool,
    /// What stands in its line while that is empty.
    pub(crate) hint: String,
    /// What was understood of its text, at the right end of its line.
    pub(crate) aside: String,
}

impl<K> Field<K> {
    /// A field that may hold anything, or nothing.
    pub fn new(id: K, label: &str, kind: FieldKind) -> Self {
        let (hint, aside) = (String::new(), String::new());
        Field {
            id,
            label: label.to_owned(),
            kind,
            required: false,
            rule: Rule::Any,
            hidden: false,
            beside: false,
            hint,
            aside,
        }
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

    /// The same field, but it must be filled in.
    #[must_use]
    pub(crate) fn required_text(self) -> Self {
        self.required(Rule::Any)
    }

    /// The same field with a hint in its empty line.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: &str) -> Self {
        hint.clone_into(&mut self.hint);
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
    /// The field that could not be used, and why.
    refused: Option<(usize, String)>,
}

impl<K: Copy + PartialEq> Form<K> {
    /// A form with the focus on its first field.
    pub fn new(fields: Vec<Field<K>>) -> Self {
        Form { fields, focus: 0, strict: false, refused: None }
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
        let changed = line.and_then(|line| line.key(key)) == Some(true);
        if changed {
            self.refused = None;
        }
        changed
    }

    /// Inserts text into the focused field; `false` where none is typed.
    pub fn insert(&mut self, text: &str) -> bool {
        let line = self.fields.get_mut(self.focus).and_then(Field::line_mut);
        let inserted = line.map(|line| line.insert(text)).is_some();
        if inserted {
            self.refused = None;
        }
        inserted
    }

    /// Chooses another option of the focused field, around the ends; `false` where there is nothing to choose.
    pub fn choose(&mut self, by: isize) -> bool {
        let Some(FieldKind::Choice { options, chosen }) = self.fields.get_mut(self.focus).map(|field| &mut field.kind)
        else {
            return false;
        };
        *chosen = (*chosen + options.len()).saturating_add_signed(by) % options.len().max(1);
        self.refused = None;
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

    /// Says what is wrong with a field, which gets the focus, until it is changed.
    pub(crate) fn refuse(&mut self, id: K, why: &str) {
        if let Some(index) = self.fields.iter().position(|field| field.id == id) {
            self.focus = index;
            self.refused = Some((index, why.to_owned()));
        }
    }

    /// The field that could not be used, and why.
    pub(super) fn refused(&self) -> Option<(usize, &str)> {
        self.refused.as_ref().map(|(index, why)| (*index, why.as_str()))
    }

    /// Gives the focus to the field with this id, if the form has it.
    pub(crate) fn focus_on(&mut self, id: K) {
        if let Some(index) = self.fields.iter().position(|field| field.id == id) {
            self.focus = index;
        }
    }
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
