//! A text editor of several lines: undo, cuts, the keys of readline.
//!
//! A draft (`draft`) is edited by whole graphemes ([`edit`], `boundary`) and drawn by the same wrap that
//! measures it ([`draw`]). Invariant: no text in an editor holds a control character or a direction control, and
//! nothing here sends, stores or reads a clock.

pub(crate) mod boundary;
pub(crate) mod draft;
pub(crate) mod draw;
pub(crate) mod edit;
#[cfg(test)]
pub(crate) mod tests;

use self::draft::{Draft, Run};
use crate::text::{Clean, Row, clean};
pub(crate) use edit::Edit;
use std::cell::RefCell;

/// The rows of a text at a width, with what they were made from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memo {
    pub(crate) revision: u64,
    pub(crate) width: u16,
    pub(crate) rows: Vec<Row>,
}

/// A text under way, its cursor, its history, and what was cut from it last.
#[derive(Debug, Clone)]
pub struct TextEditor {
    draft: Draft,
    /// What was cut last; cuts in a row grow it.
    cut: String,
    cut_goes_on: bool,
    /// The column that moves up and down aim at, in cells.
    aim: Option<usize>,
    /// The width and the first visible row of the last measurement.
    width: u16,
    first_row: usize,
    /// The rows of the last wrap; a pure function of text and width, kept so that a key wraps once.
    memo: RefCell<Memo>,
}

impl Default for TextEditor {
    fn default() -> Self {
        TextEditor::new()
    }
}

impl TextEditor {
    /// An empty editor, 80 cells wide until it is first measured.
    pub fn new() -> Self {
        TextEditor {
            draft: Draft::new(),
            cut: String::new(),
            cut_goes_on: false,
            aim: None,
            width: 80,
            first_row: 0,
            memo: RefCell::default(),
        }
    }

    /// The text as it would be sent.
    pub fn text(&self) -> String {
        self.draft.text().to_owned()
    }

    /// The text as it would be sent, without a copy.
    pub fn as_str(&self) -> &str {
        self.draft.text()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.draft.text().is_empty()
    }

    /// How many characters the text has, as gateways count them.
    pub fn chars(&self) -> usize {
        self.draft.chars()
    }

    /// Changes whenever the text may have changed, and never when only the cursor moved.
    pub fn revision(&self) -> u64 {
        self.draft.revision()
    }

    /// The cursor's place in the text, in bytes; always between graphemes.
    pub(crate) fn cursor_offset(&self) -> usize {
        self.draft.cursor()
    }

    /// Replaces the whole text, cleaned, with the cursor at its end. One step that can be undone.
    pub(crate) fn set_text(&mut self, text: &str) {
        let text = Clean::block(text);
        self.forget_aim_and_cuts();
        self.draft.replace(0..self.draft.text().len(), &text, Run::Alone);
        let end = self.draft.text().len();
        self.draft.move_to(end);
    }

    /// Begins anew with a text that was kept before: nothing of what was here can be undone into it.
    pub fn open(text: &str) -> Self {
        let mut editor = TextEditor::new();
        editor.set_text(text);
        editor.draft.forget_history();
        editor
    }

    /// Inserts text at the cursor, cleaned. Whether anything was inserted.
    pub fn insert(&mut self, text: &str) -> bool {
        self.forget_aim_and_cuts();
        self.put(&Clean::block(text), Run::Alone)
    }

    /// Does one edit. `false` when nothing changed, neither text nor cursor: Up on the first row, for one.
    pub fn apply(&mut self, edit: Edit) -> bool {
        match edit {
            Edit::Up => self.move_rows(-1),
            Edit::Down => self.move_rows(1),
            Edit::KillToEnd | Edit::KillToStart | Edit::KillWordBack | Edit::KillWordForward => self.kill(&edit),
            edit => {
                self.forget_aim_and_cuts();
                self.change(edit)
            }
        }
    }

    /// Forgets the column aimed at and the row of cuts: another kind of edit has come.
    fn forget_aim_and_cuts(&mut self) {
        self.aim = None;
        self.cut_goes_on = false;
    }

    fn change(&mut self, edit: Edit) -> bool {
        let (text, at) = (self.draft.text(), self.draft.cursor());
        match edit {
            Edit::InsertChar('\n' | '\r') | Edit::Newline => self.put("\n", Run::Alone),
            Edit::InsertChar('\t') => self.put(" ", Run::Typing),
            Edit::InsertChar(c) if clean::is_typed(c) => self.put(c.encode_utf8(&mut [0; 4]), Run::Typing),
            Edit::Paste(pasted) => self.put(&Clean::block(&pasted), Run::Alone),
            Edit::Yank => {
                let cut = self.cut.clone();
                self.put(&cut, Run::Alone)
            }
            Edit::Backspace => {
                let start = boundary::previous(text, at).unwrap_or(at);
                self.draft.replace(start..at, "", Run::ErasingBack)
            }
            Edit::Delete => {
                let end = boundary::next(text, at).unwrap_or(at);
                self.draft.replace(at..end, "", Run::ErasingForward)
            }
            Edit::Undo => self.draft.undo(),
            Edit::Redo => self.draft.redo(),
            motion => {
                let target = target(&motion, text, at);
                self.draft.move_to(target)
            }
        }
    }

    fn put(&mut self, text: &str, run: Run) -> bool {
        let at = self.draft.cursor();
        self.draft.replace(at..at, text, run)
    }

    /// Cuts a range beside the cursor; cuts in a row make one text for [`Edit::Yank`].
    fn kill(&mut self, edit: &Edit) -> bool {
        let (text, at) = (self.draft.text(), self.draft.cursor());
        let other = match edit {
            Edit::KillToEnd => match boundary::line_end(text, at) {
                end if end == at => boundary::next(text, at).unwrap_or(at),
                end => end,
            },
            Edit::KillToStart => match boundary::line_start(text, at) {
                start if start == at => boundary::previous(text, at).unwrap_or(at),
                start => start,
            },
            Edit::KillWordBack => boundary::blank_word_back(text, at),
            _ => boundary::word_forward(text, at),
        };
        let range = at.min(other)..at.max(other);
        let removed = text.get(range.clone()).unwrap_or_default().to_owned();
        if removed.is_empty() {
            return false;
        }
        self.cut = match (self.cut_goes_on, other < at) {
            (true, true) => removed + &self.cut,
            (true, false) => std::mem::take(&mut self.cut) + &removed,
            (false, _) => removed,
        };
        self.aim = None;
        self.cut_goes_on = true;
        self.draft.replace(range, "", Run::Alone)
    }

    fn move_rows(&mut self, by: isize) -> bool {
        self.cut_goes_on = false;
        let (column, row) = self.cursor_cell();
        let aim = self.aim.unwrap_or(column);
        let target = row.checked_add_signed(by).and_then(|row| self.offset_at(row, aim));
        let moved = target.is_some_and(|target| self.draft.move_to(target));
        self.draft.end_run();
        self.aim = Some(aim);
        moved
    }
}

/// Where a motion leads that needs no wrap.
fn target(motion: &Edit, text: &str, at: usize) -> usize {
    match motion {
        Edit::Left => boundary::previous(text, at).unwrap_or(0),
        Edit::Right => boundary::next(text, at).unwrap_or(text.len()),
        Edit::WordLeft => boundary::word_back(text, at),
        Edit::WordRight => boundary::word_forward(text, at),
        Edit::LineStart => boundary::line_start(text, at),
        Edit::LineEnd => boundary::line_end(text, at),
        Edit::BufferStart => 0,
        Edit::BufferEnd => text.len(),
        _ => at,
    }
}
