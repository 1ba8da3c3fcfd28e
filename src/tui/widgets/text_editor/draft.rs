//! The text of a draft with its cursor and its history: the editing model, entered by whole graphemes only.
//!
//! The model itself edits code points, one undo step each; this layer replaces ranges and groups the steps by
//! word. Invariant: the cursor never stands inside a grapheme, and `text` never differs from the model's lines.

use std::ops::Range;
use tui_textarea::{CursorMove, TextArea};

use super::boundary;

/// The most characters that a draft holds.
pub(crate) const MOST_CHARS: usize = 65_536;
/// The most steps that the history holds; older ones are forgotten.
const MOST_STEPS: usize = 20_000;

/// How an edit joins the undo group before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    /// A group of its own.
    Alone,
    Typing,
    /// Erasing to the left: words join.
    ErasingBack,
    /// Erasing to the right: words join.
    ErasingForward,
}

/// A group that may still grow.
#[derive(Debug, Clone, Copy)]
struct OpenGroup {
    run: Run,
    ended_blank: bool,
}

/// A text with its cursor and its undo history.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    area: TextArea<'static>,
    /// The model's lines, joined.
    text: String,
    chars: usize,
    /// In bytes of `text`.
    cursor: usize,
    revision: u64,
    /// Steps of each group that can be undone, and redone.
    undone_by: Vec<usize>,
    redone_by: Vec<usize>,
    open: Option<OpenGroup>,
}

impl Draft {
    /// An empty draft with an empty history.
    pub(crate) fn new() -> Self {
        let mut area = TextArea::default();
        area.set_max_histories(MOST_STEPS);
        Draft {
            area,
            text: String::new(),
            chars: 0,
            cursor: 0,
            revision: 0,
            undone_by: Vec::new(),
            redone_by: Vec::new(),
            open: None,
        }
    }

    /// The whole text, its lines joined by line feeds.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Where the cursor stands, in bytes of the text; never inside a grapheme.
    pub(crate) fn cursor(&self) -> usize {
        self.cursor
    }

    /// The length of the text in code points.
    pub(crate) fn chars(&self) -> usize {
        self.chars
    }

    /// A number that grows with every change of the text, so that what was made from it is known to be old.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Ends the group of typing that is under way.
    pub(crate) fn end_run(&mut self) {
        self.open = None;
    }

    /// Puts the cursor at a stop; whether it moved.
    pub(crate) fn move_to(&mut self, at: usize) -> bool {
        let at = boundary::stop_from(&self.text, at);
        let moved = at != self.cursor;
        self.cursor = at;
        self.open = None;
        moved
    }

    /// Replaces a range by a text, cut where the draft would become too long; whether anything changed. The
    /// cursor stands behind the new text.
    pub(crate) fn replace(&mut self, range: Range<usize>, new: &str, run: Run) -> bool {
        let Some(old) = self.text.get(range.clone()).map(str::to_owned) else { return false };
        let kept = self.chars - old.chars().count();
        let new = first_chars(new, MOST_CHARS - kept);
        if old == new {
            return self.move_to(range.end);
        }
        self.place_model_cursor(range.start);
        let mut steps = 0;
        if !old.is_empty() {
            steps += usize::from(self.area.delete_str(old.chars().count()));
        }
        if !new.is_empty() {
            steps += usize::from(self.area.insert_str(new));
        }
        self.remember(steps, run, if new.is_empty() { &old } else { new });
        self.text.replace_range(range.clone(), new);
        self.chars = kept + new.chars().count();
        self.revision += 1;
        self.cursor = boundary::stop_from(&self.text, range.start + new.len());
        true
    }

    /// Takes the last group of edits back; whether anything changed.
    pub(crate) fn undo(&mut self) -> bool {
        let Some(steps) = self.undone_by.pop() else { return false };
        let done = (0..steps).take_while(|_| self.area.undo()).count();
        if done > 0 {
            self.redone_by.push(done);
        }
        self.reread();
        done > 0
    }

    /// Does the last undone group of edits again; whether anything changed.
    pub(crate) fn redo(&mut self) -> bool {
        let Some(steps) = self.redone_by.pop() else { return false };
        let done = (0..steps).take_while(|_| self.area.redo()).count();
        if done > 0 {
            self.undone_by.push(done);
        }
        self.reread();
        done > 0
    }

    /// Makes the present text the beginning of the history.
    pub(crate) fn forget_history(&mut self) {
        self.undone_by.clear();
        self.redone_by.clear();
        self.open = None;
    }

    /// Adds the model's steps to the history, in the open group where the run goes on.
    fn remember(&mut self, steps: usize, run: Run, touched: &str) {
        let blank = boundary::is_blank(touched);
        let goes_on =
            run != Run::Alone && self.open.is_some_and(|open| open.run == run && (blank || !open.ended_blank));
        self.redone_by.clear();
        match self.undone_by.last_mut() {
            Some(last) if goes_on => *last += steps,
            _ => self.undone_by.push(steps),
        }
        self.open = (run != Run::Alone).then_some(OpenGroup { run, ended_blank: blank });
    }

    /// Takes text and cursor from the model, after it changed by itself.
    fn reread(&mut self) {
        self.text = self.area.lines().join("\n");
        self.chars = self.text.chars().count();
        self.revision += 1;
        self.open = None;
        let at = self.area.cursor();
        let line: usize = self.area.lines().iter().take(at.0).map(|line| line.len() + 1).sum();
        let column: usize =
            self.area.lines().get(at.0).map_or(0, |line| line.chars().take(at.1).map(char::len_utf8).sum());
        self.cursor = boundary::stop_from(&self.text, line + column);
    }

    fn place_model_cursor(&mut self, at: usize) {
        let before = self.text.get(..at).unwrap_or_default();
        let row = before.bytes().filter(|b| *b == b'\n').count();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let (row, column) = (u16::try_from(row), u16::try_from(line.chars().count()));
        self.area.move_cursor(CursorMove::Jump(row.unwrap_or(u16::MAX), column.unwrap_or(u16::MAX)));
        if row.is_err() || column.is_err() {
            // Only the very end of a draft of full length lies beyond what a jump can name.
            self.area.move_cursor(CursorMove::Bottom);
            self.area.move_cursor(CursorMove::End);
        }
    }
}

/// The beginning of a text in at most this many characters, cut between graphemes.
fn first_chars(text: &str, most: usize) -> &str {
    let Some((cut, _)) = text.char_indices().nth(most) else { return text };
    let cut = if boundary::is_stop(text, cut) { cut } else { boundary::previous(text, cut).unwrap_or(0) };
    text.get(..cut).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Draft {
        let mut draft = Draft::new();
        for c in text.chars() {
            let at = draft.cursor();
            draft.replace(at..at, c.encode_utf8(&mut [0; 4]), Run::Typing);
        }
        draft
    }

    #[test]
    fn typing_is_undone_by_word() {
        let mut draft = typed("halo dunia indah");
        let mut seen = Vec::new();
        while draft.undo() {
            seen.push(draft.text().to_owned());
        }
        assert_eq!(seen, ["halo dunia ", "halo ", ""]);
        while draft.redo() {}
        assert_eq!(draft.text(), "halo dunia indah");
        assert_eq!(draft.cursor(), draft.text().len());
    }

    #[test]
    fn a_moved_cursor_begins_a_new_group() {
        let mut draft = typed("ab");
        draft.move_to(0);
        draft.replace(0..0, "c", Run::Typing);
        draft.undo();
        assert_eq!(draft.text(), "ab");
    }

    #[test]
    fn a_replaced_range_is_one_step() {
        let mut draft = typed("satu");
        draft.replace(0..4, "dua\ntiga", Run::Alone);
        assert_eq!(draft.text(), "dua\ntiga");
        draft.undo();
        assert_eq!((draft.text(), draft.cursor()), ("satu", 4));
    }

    #[test]
    fn a_draft_never_grows_beyond_its_cap() {
        let mut draft = Draft::new();
        let long = "é".repeat(MOST_CHARS + 10);
        assert!(draft.replace(0..0, &long, Run::Alone));
        assert_eq!(draft.chars(), MOST_CHARS);
        let end = draft.cursor();
        assert!(!draft.replace(end..end, "x", Run::Typing));
        assert!(draft.replace(end - 2..end, "x", Run::Typing));
        assert!(draft.text().ends_with("éx"));
        draft.undo();
        draft.undo();
        assert_eq!(draft.text(), "");
        assert_eq!(first_chars("a👩‍👩‍👧", 3), "a");
        let breaks = "\n".repeat(MOST_CHARS + 1);
        assert!(draft.replace(0..0, &breaks, Run::Alone));
        let end = draft.text().len();
        assert!(draft.replace(end - 1..end, "x", Run::Alone));
        assert!(draft.text().ends_with("\nx"));
    }
}
