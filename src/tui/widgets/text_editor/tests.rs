//! The editor against the samples that break terminal inputs, and against a simple reference.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use super::*;

const SAMPLE: &str = "👩‍👩‍👧 नमस्ते ไทย e\u{301}";

fn typed(text: &str) -> TextEditor {
    let mut editor = TextEditor::new();
    for c in text.chars() {
        assert!(editor.apply(Edit::InsertChar(c)));
    }
    editor
}

/// What the rows of a drawn editor say.
fn drawn(editor: &TextEditor, area: Rect) -> Vec<String> {
    let mut buffer = Buffer::empty(area);
    editor.draw(area, &mut buffer, "", Style::default());
    let mut rows = Vec::new();
    for y in area.top()..area.bottom() {
        let (mut row, mut x) = (String::new(), area.left());
        while x < area.right() {
            let symbol = buffer[(x, y)].symbol();
            row.push_str(symbol);
            x += u16::try_from(crate::text::cells(symbol).max(1)).unwrap();
        }
        rows.push(row.trim_end().to_owned());
    }
    rows
}

#[test]
fn left_stops_once_per_grapheme_and_draws_the_text_whole() {
    let mut editor = typed(SAMPLE);
    let area = Rect::new(0, 0, 40, 1);
    let graphemes: Vec<&str> = SAMPLE.graphemes(true).collect();
    let mut expected = crate::text::cells(SAMPLE);
    for grapheme in graphemes.iter().rev() {
        assert_eq!(usize::from(editor.cursor(area).x), expected);
        assert_eq!(drawn(&editor, area), [SAMPLE]);
        assert!(editor.apply(Edit::Left));
        expected -= crate::text::cells(grapheme);
    }
    assert_eq!(editor.cursor(area), Position::new(0, 0));
    assert!(!editor.apply(Edit::Left));
    for _ in &graphemes {
        assert!(editor.apply(Edit::Right));
    }
    assert!(!editor.apply(Edit::Right));
    assert_eq!(editor.text(), SAMPLE);
}

#[test]
fn backspace_erases_graphemes_and_undo_brings_them_back() {
    let mut editor = TextEditor::open(SAMPLE);
    let graphemes: Vec<&str> = SAMPLE.graphemes(true).collect();
    for left in (0..graphemes.len()).rev() {
        assert!(editor.apply(Edit::Backspace));
        assert_eq!(editor.text(), graphemes[..left].concat());
    }
    assert!(!editor.apply(Edit::Backspace));
    let mut steps = 0;
    while editor.apply(Edit::Undo) {
        steps += 1;
    }
    assert_eq!(editor.text(), SAMPLE);
    assert_eq!(editor.cursor_offset(), SAMPLE.len());
    assert_eq!(steps, SAMPLE.split(' ').count(), "a step per word");
    while editor.apply(Edit::Redo) {}
    assert!(editor.is_empty());
}

#[test]
fn delete_erases_forward_by_grapheme() {
    let mut editor = TextEditor::open(SAMPLE);
    editor.apply(Edit::BufferStart);
    let graphemes: Vec<&str> = SAMPLE.graphemes(true).collect();
    for gone in 1..=graphemes.len() {
        assert!(editor.apply(Edit::Delete));
        assert_eq!(editor.text(), graphemes[gone..].concat());
    }
    assert!(!editor.apply(Edit::Delete));
}

#[test]
fn a_full_row_shows_its_cursor_below() {
    let mut editor = typed("abcdefghij");
    assert_eq!(editor.rows(10), 2);
    assert_eq!(editor.fit(10, 5), 2);
    assert_eq!(editor.cursor(Rect::new(3, 4, 10, 2)), Position::new(3, 5));
    assert!(editor.apply(Edit::Up));
    assert_eq!(editor.cursor_offset(), 0);
}

#[test]
fn up_and_down_follow_the_wrap_and_keep_their_column() {
    let mut editor = TextEditor::open("satu dua tiga\nempat\n日本語日本語");
    editor.fit(9, 10);
    assert_eq!(editor.layout(9, 10).total_rows, 5);
    editor.apply(Edit::BufferStart);
    for _ in 0..7 {
        editor.apply(Edit::Right);
    }
    let mut seen = vec![editor.layout(9, 10).cursor];
    while editor.apply(Edit::Down) {
        seen.push(editor.layout(9, 10).cursor);
    }
    assert_eq!(seen, [(7, 0), (4, 1), (5, 2), (6, 3), (4, 4)]);
    while editor.apply(Edit::Up) {}
    assert_eq!(editor.layout(9, 10).cursor, (7, 0));
    assert!(!editor.apply(Edit::Up), "the first row has none above");
}

#[test]
fn it_scrolls_no_further_than_the_cursor_demands() {
    let mut editor = TextEditor::open("1\n2\n3\n4\n5\n6");
    assert_eq!(editor.fit(10, 3), 3);
    assert_eq!(drawn(&editor, Rect::new(0, 0, 10, 3)), ["4", "5", "6"]);
    editor.apply(Edit::Up);
    editor.fit(10, 3);
    assert_eq!(editor.layout(10, 3).cursor, (1, 1), "the view stays, the cursor moves");
    editor.apply(Edit::BufferStart);
    editor.fit(10, 3);
    assert_eq!(drawn(&editor, Rect::new(0, 0, 10, 3)), ["1", "2", "3"]);
}

#[test]
fn kills_in_a_row_come_back_as_one() {
    let mut editor = typed("halo kak dunia");
    editor.apply(Edit::KillWordBack);
    editor.apply(Edit::KillWordBack);
    assert_eq!(editor.text(), "halo ");
    editor.apply(Edit::Yank);
    assert_eq!(editor.text(), "halo kak dunia");
    editor.apply(Edit::KillToStart);
    assert!(editor.is_empty());
    editor.apply(Edit::Yank);
    editor.apply(Edit::Yank);
    assert_eq!(editor.text(), "halo kak duniahalo kak dunia");
    editor.apply(Edit::Undo);
    assert_eq!(editor.text(), "halo kak dunia");
    editor.apply(Edit::BufferStart);
    editor.apply(Edit::KillWordForward);
    editor.apply(Edit::KillToEnd);
    assert!(editor.is_empty() && !editor.apply(Edit::KillToEnd));
    editor.apply(Edit::Yank);
    assert_eq!(editor.text(), "halo kak dunia");
}

#[test]
fn pasted_text_is_cleaned_and_is_one_step() {
    let mut editor = typed("a ");
    editor.apply(Edit::Paste("satu\r\ndua\rtiga\u{1b}[31m\u{202e}\t👩‍👩‍👧❤️".to_owned()));
    assert_eq!(editor.text(), "a satu\ndua\ntiga    👩‍👩‍👧❤️");
    editor.apply(Edit::Undo);
    assert_eq!(editor.text(), "a ");
    assert!(!editor.apply(Edit::InsertChar('\u{202e}')) && !editor.apply(Edit::InsertChar('\u{7}')));
}

#[test]
fn a_set_text_can_be_taken_back() {
    let mut editor = typed("draft");
    editor.set_text("canned reply");
    assert_eq!(editor.cursor_offset(), 12);
    editor.apply(Edit::Undo);
    assert_eq!(editor.text(), "draft");
}

#[test]
fn moving_keeps_the_revision_and_typing_changes_it() {
    let mut editor = typed("ab");
    let before = editor.revision();
    editor.apply(Edit::Left);
    assert_eq!(editor.revision(), before);
    editor.apply(Edit::InsertChar('c'));
    assert_ne!(editor.revision(), before);
}

#[test]
fn an_empty_editor_draws_its_placeholder_in_whole_graphemes() {
    let area = Rect::new(0, 0, 6, 2);
    let mut buffer = Buffer::empty(area);
    TextEditor::new().draw(area, &mut buffer, "Tulis 👩‍👩‍👧 jawaban", Style::default());
    let first: String = (0..6).map(|x| buffer[(x, 0)].symbol()).collect();
    assert_eq!(first, "Tulis…");
    assert_eq!(TextEditor::new().cursor(area), Position::new(0, 0));
    TextEditor::new().draw(Rect::ZERO, &mut buffer, "x", Style::default());
}

/// Graphemes before and after the cursor: what an editor is.
#[derive(Debug, Default, Clone)]
struct Reference {
    before: String,
    after: String,
}

impl Reference {
    fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::InsertChar(c) => self.before.push(*c),
            Edit::Newline => self.before.push('\n'),
            Edit::Paste(text) => self.before.push_str(text),
            Edit::Left => self.carry_left(),
            Edit::Right => self.carry_right(),
            Edit::Backspace => {
                let text = self.before.clone();
                self.before = text.graphemes(true).rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect();
            }
            Edit::Delete => self.after = self.after.graphemes(true).skip(1).collect(),
            Edit::BufferStart => (self.before, self.after) = (String::new(), self.text()),
            Edit::BufferEnd => (self.before, self.after) = (self.text(), String::new()),
            _ => unreachable!("not in the reference"),
        }
        self.snap();
    }

    fn carry_left(&mut self) {
        if let Some(last) = self.before.clone().graphemes(true).next_back() {
            self.before.truncate(self.before.len() - last.len());
            self.after.insert_str(0, last);
        }
    }

    fn carry_right(&mut self) {
        if let Some(first) = self.after.clone().graphemes(true).next() {
            self.after.drain(..first.len());
            self.before.push_str(first);
        }
    }

    /// A cluster that came together around the cursor belongs before it.
    fn snap(&mut self) {
        let text = self.text();
        let at = self.before.len();
        let stop = text.grapheme_indices(true).map(|(i, _)| i).chain([text.len()]).find(|i| *i >= at).unwrap();
        let (before, after) = text.split_at(stop);
        (self.before, self.after) = (before.to_owned(), after.to_owned());
    }

    fn text(&self) -> String {
        format!("{}{}", self.before, self.after)
    }
}

fn simple_edit() -> impl Strategy<Value = Edit> {
    let samples = ["👩‍👩‍👧", "é", "नमस्ते", "a b", "x\ny", "🇮🇩", "日本"];
    prop_oneof![
        6 => prop::sample::select("ab e\u{301}\u{200d}👩🇮🇩क्ष日".chars().collect::<Vec<_>>()).prop_map(Edit::InsertChar),
        1 => Just(Edit::Newline),
        1 => prop::sample::select(samples.to_vec()).prop_map(|s| Edit::Paste(s.to_owned())),
        3 => Just(Edit::Left),
        2 => Just(Edit::Right),
        3 => Just(Edit::Backspace),
        2 => Just(Edit::Delete),
        1 => Just(Edit::BufferStart),
        1 => Just(Edit::BufferEnd),
    ]
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let others = vec![
        Edit::Up,
        Edit::Down,
        Edit::WordLeft,
        Edit::WordRight,
        Edit::LineStart,
        Edit::LineEnd,
        Edit::KillToEnd,
        Edit::KillToStart,
        Edit::KillWordBack,
        Edit::KillWordForward,
        Edit::Yank,
        Edit::Undo,
        Edit::Redo,
    ];
    prop_oneof![2 => simple_edit(), 1 => prop::sample::select(others)]
}

proptest! {
    #[test]
    fn random_edits_agree_with_the_reference(edits in prop::collection::vec(simple_edit(), 0..60)) {
        let (mut editor, mut reference) = (TextEditor::new(), Reference::default());
        for edit in edits {
            reference.apply(&edit);
            editor.apply(edit);
            prop_assert_eq!(editor.text(), reference.text());
            prop_assert_eq!(editor.cursor_offset(), reference.before.len());
        }
    }

    #[test]
    fn undoing_everything_leads_back_and_redoing_forth(edits in prop::collection::vec(any_edit(), 0..60), width in 1_u16..30) {
        let mut editor = TextEditor::new();
        editor.fit(width, 4);
        for edit in edits {
            editor.apply(edit);
            prop_assert!(boundary::is_stop(editor.as_str(), editor.cursor_offset()));
            prop_assert_eq!(editor.chars(), editor.text().chars().count());
        }
        while editor.apply(Edit::Redo) {}
        let last = editor.text();
        while editor.apply(Edit::Undo) {}
        prop_assert!(editor.is_empty());
        while editor.apply(Edit::Redo) {}
        prop_assert_eq!(editor.text(), last);
    }

    #[test]
    fn the_cursor_is_always_inside_and_on_its_row(edits in prop::collection::vec(any_edit(), 0..60), width in 1_u16..30, height in 1_u16..6) {
        let mut editor = TextEditor::new();
        for edit in edits {
            editor.apply(edit);
            editor.fit(width, height);
            let layout = editor.layout(width, height);
            prop_assert!(layout.cursor.0 < width && layout.cursor.1 < height);
            prop_assert!(layout.rows.len() <= usize::from(height));
            let row = layout.rows[usize::from(layout.cursor.1)];
            prop_assert!(row.start <= editor.cursor_offset() && editor.cursor_offset() <= row.end);
        }
    }
}
