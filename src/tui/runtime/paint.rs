//! A ratatui backend that leaves nothing behind where terminals disagree how wide a letter is.
//!
//! A skin tone, a flag or a joined family takes two cells in one terminal and four in another. What a terminal draws
//! beyond the cells that we count would stay on the screen for ever, because nobody knows that it is there. So a row
//! that holds or held such a letter is drawn whole, and the cursor is placed anew after each of them.
//! Invariant: the terminal is never asked a question; an answer could come late, or never. A frame in which nothing has
//! changed writes nothing.

use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{execute, queue};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::text;

/// The first emoji. How wide terminals draw these depends on the Unicode version that they know.
const FIRST_EMOJI: char = '\u{1F000}';

/// A ratatui backend that remembers which cells are on the terminal, and the cursor.
pub(super) struct WidthSafeBackend<W: Write> {
    inner: CrosstermBackend<W>,
    rows: Vec<Vec<Cell>>,
    cursor: Cursor,
    /// Something of the current frame was written.
    in_update: bool,
}

/// What the terminal's cursor is known to be. Whatever is drawn moves it.
#[derive(Debug, Default)]
struct Cursor {
    visible: Option<bool>,
    position: Option<Position>,
}

impl<W: Write> WidthSafeBackend<W> {
    /// A terminal on which nothing is drawn yet.
    pub(super) fn new(out: W) -> Self {
        WidthSafeBackend {
            inner: CrosstermBackend::new(out),
            rows: Vec::new(),
            cursor: Cursor::default(),
            in_update: false,
        }
    }

    /// Begins a synchronised update with the first thing that a frame writes.
    fn begin_update(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.in_update, true) {
            queue!(self.inner, BeginSynchronizedUpdate)?;
        }
        Ok(())
    }

    /// Ends a frame, which appears at once.
    pub(super) fn end_update(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.in_update) {
            execute!(self.inner, EndSynchronizedUpdate)?;
        }
        Ok(())
    }

    /// The inner backend, for sequences that draw nothing.
    pub(super) fn out(&mut self) -> &mut CrosstermBackend<W> {
        &mut self.inner
    }

    fn is_unsteady(&self, y: u16) -> bool {
        self.rows.get(usize::from(y)).is_some_and(|row| row.iter().any(|cell| unsteady(cell.symbol())))
    }

    fn remember(&mut self, x: u16, y: u16, cell: &Cell) {
        let (x, y) = (usize::from(x), usize::from(y));
        if self.rows.len() <= y {
            self.rows.resize_with(y + 1, Vec::new);
        }
        let Some(row) = self.rows.get_mut(y) else { return };
        let wide = text::cells(cell.symbol()).max(1);
        if row.len() < x + wide {
            row.resize_with(x + wide, Cell::default);
        }
        for (n, slot) in row.iter_mut().skip(x).take(wide).enumerate() {
            if n == 0 {
                slot.clone_from(cell);
            } else {
                // What was under the other half of a wide letter is gone, and ratatui does not report it again.
                *slot = Cell::default();
            }
        }
    }

    /// Draws the changed cells, except in rows that must be drawn whole. Returns those rows.
    fn draw_steady<'a>(&mut self, content: impl Iterator<Item = (u16, u16, &'a Cell)>) -> io::Result<Vec<u16>> {
        let content: Vec<_> = content.collect();
        let touched: BTreeSet<u16> = content.iter().map(|(_, y, _)| *y).collect();
        let before: BTreeSet<u16> = touched.iter().copied().filter(|y| self.is_unsteady(*y)).collect();
        for (x, y, cell) in &content {
            self.remember(*x, *y, cell);
        }
        let whole: Vec<u16> = touched.into_iter().filter(|y| before.contains(y) || self.is_unsteady(*y)).collect();
        self.inner.draw(content.into_iter().filter(|(_, y, _)| whole.binary_search(y).is_err()))?;
        Ok(whole)
    }

    /// Draws a whole row. Every call of the inner terminal begins by placing the cursor.
    fn repaint(&mut self, y: u16, width: u16) -> io::Result<()> {
        let Some(row) = self.rows.get_mut(usize::from(y)) else { return Ok(()) };
        row.resize_with(usize::from(width), Cell::default);
        let mut piece: Vec<(u16, u16, &Cell)> = Vec::new();
        let mut x = 0;
        while let Some(cell) = row.get(usize::from(x)) {
            piece.push((x, y, cell));
            if unsteady(cell.symbol()) {
                self.inner.draw(piece.drain(..))?;
            }
            x = x.saturating_add(u16::try_from(text::cells(cell.symbol())).unwrap_or(1).max(1));
        }
        self.inner.draw(piece.into_iter())
    }
}

/// Whether terminals may disagree on the width of this letter.
fn unsteady(symbol: &str) -> bool {
    let mut letters = symbol.chars();
    letters.next().is_some_and(|first| first >= FIRST_EMOJI) || letters.next().is_some()
}

impl<W: Write> Backend for WidthSafeBackend<W> {
    type Error = io::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> io::Result<()> {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.begin_update()?;
        self.cursor.position = None;
        let whole = self.draw_steady(content)?;
        if !whole.is_empty() {
            let width = self.inner.size()?.width;
            for y in whole {
                self.repaint(y, width)?;
            }
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor.visible.replace(false) == Some(false) {
            return Ok(());
        }
        self.begin_update()?;
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.cursor.visible.replace(true) == Some(true) {
            return Ok(());
        }
        self.begin_update()?;
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // Ratatui asks before a clear, only to put the cursor back; the next frame places it.
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor.position.replace(position) == Some(position) {
            return Ok(());
        }
        self.begin_update()?;
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        // A part is never cleared: the screen is ours whole.
        self.rows.clear();
        // Another program may have had the terminal.
        self.cursor = Cursor::default();
        self.begin_update()?;
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::{Terminal, TerminalOptions, Viewport};
    use std::cell::RefCell;
    use std::rc::Rc;

    /// A terminal that gives every emoji letter two cells, as older ones do: no flags, no tones, no families.
    struct Old {
        cells: Vec<String>,
        at: usize,
    }

    impl Old {
        fn shows(bytes: &[u8], width: usize) -> String {
            let mut old = Old { cells: vec![" ".to_owned(); width + 8], at: 0 };
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let mut rest = text.as_str();
            while let Some(letter) = rest.chars().next() {
                if let Some(sequence) = rest.strip_prefix("\x1b[") {
                    let (parameters, after) = sequence.split_once(|c: char| c.is_ascii_alphabetic()).unwrap();
                    if sequence.strip_prefix(parameters).is_some_and(|s| s.starts_with('H')) {
                        let column = parameters.split(';').nth(1).unwrap();
                        old.at = column.parse::<usize>().unwrap() - 1;
                    }
                    rest = after;
                    continue;
                }
                rest = rest.strip_prefix(letter).unwrap();
                old.put(letter);
            }
            old.cells.truncate(width);
            old.cells.concat().trim_end().to_owned()
        }

        fn put(&mut self, letter: char) {
            let wide = letter >= FIRST_EMOJI;
            if letter == '\u{200d}' || letter == '\u{fe0f}' {
                return;
            }
            if self.cells[self.at].is_empty() {
                self.cells[self.at - 1] = " ".to_owned();
            }
            self.cells[self.at] = letter.to_string();
            if wide {
                self.cells[self.at + 1] = String::new();
            } else if self.cells[self.at + 1].is_empty() {
                self.cells[self.at + 1] = " ".to_owned();
            }
            self.at += 1 + usize::from(wide);
        }
    }

    /// Keeps the bytes that were written, as a terminal would get them.
    #[derive(Clone, Default)]
    struct Wire(Rc<RefCell<Vec<u8>>>);

    impl Write for Wire {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const WIDTH: usize = 40;

    /// Draws texts one after the other over row 0, each as the change from the one before.
    fn painted(texts: &[&str]) -> Vec<u8> {
        let wire = Wire::default();
        let mut backend = WidthSafeBackend::new(wire.clone());
        let area = Rect::new(0, 0, 40, 1);
        let mut before = Buffer::empty(area);
        for text in texts {
            let mut now = Buffer::empty(area);
            now.set_string(0, 0, text, ratatui::style::Style::default());
            let touched = before.diff(&now);
            for y in backend.draw_steady(touched.into_iter()).unwrap() {
                backend.repaint(y, area.width).unwrap();
            }
            before = now;
        }
        wire.0.take()
    }

    #[test]
    fn letters_of_which_terminals_disagree_leave_nothing_behind() {
        for family in ["🙏🏽", "🇮🇩", "👨\u{200d}👩\u{200d}👧", "🫱🏽\u{200d}🫲🏾"] {
            let before = format!("ab {family} tail │");
            let shown = Old::shows(&painted(&["yang baru dua 2 │ lalu tekan", &before, "x"]), WIDTH);
            assert_eq!(shown, "x", "{family}");
            let shown = Old::shows(&painted(&[&before]), WIDTH);
            assert!(shown.ends_with(" tail │"), "{family}: {shown:?}");
        }
    }

    /// What a frame with this text and this cursor writes.
    fn frame(terminal: &mut Terminal<WidthSafeBackend<Wire>>, wire: &Wire, text: &str, cursor: Option<u16>) -> String {
        let drawn = terminal.draw(|frame| {
            frame.buffer_mut().set_string(0, 0, text, ratatui::style::Style::default());
            if let Some(x) = cursor {
                frame.set_cursor_position((x, 0));
            }
        });
        drawn.unwrap();
        terminal.backend_mut().end_update().unwrap();
        String::from_utf8(wire.0.take()).unwrap()
    }

    #[test]
    fn a_frame_in_which_nothing_has_changed_writes_nothing() {
        let wire = Wire::default();
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, 40, 1)) };
        let mut terminal = Terminal::with_options(WidthSafeBackend::new(wire.clone()), options).unwrap();
        let mut frame = |text, cursor| frame(&mut terminal, &wire, text, cursor);
        let first = frame("halo", Some(4));
        assert!(first.starts_with("\x1b[?2026h") && first.ends_with("\x1b[?2026l"), "{first:?}");
        assert_eq!(frame("halo", Some(4)), "");
        // The cursor alone moves, is hidden, and is where it was after something was drawn elsewhere.
        assert_eq!(frame("halo", Some(2)), "\x1b[?2026h\x1b[1;3H\x1b[?2026l");
        assert_eq!(frame("halo", None), "\x1b[?2026h\x1b[?25l\x1b[?2026l");
        assert_eq!(frame("halo", None), "");
        assert!(frame("halo kak", Some(2)).contains("\x1b[1;3H"));
        assert!(frame("halo kek", Some(2)).ends_with("\x1b[1;3H\x1b[?2026l"));
        assert_eq!(frame("halo kek", Some(2)), "");
    }

    #[test]
    fn plain_letters_are_drawn_as_they_change_and_no_more() {
        let whole = painted(&["halo kak", "halo kak!"]).len();
        assert!(whole < painted(&["halo 🙏🏽 kak", "halo 🙏🏽 kak!"]).len());
        assert_eq!(Old::shows(&painted(&["halo kak", "halo kak!"]), WIDTH), "halo kak!");
    }
}
