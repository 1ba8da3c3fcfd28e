//! The terminal: entered once, always left as it was found.
//!
//! Invariant: no way out of the program, panic included, leaves a mode switched on.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::layout::{Position, Rect};

use super::paint::Paint;
use crate::text::Clean;
use crate::tui::model::Model;
use crate::tui::view;

/// Terminals refuse longer clipboard sequences; this much text is certain to pass.
const CLIPBOARD_BYTES: usize = 74_000;

static ENTERED: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// Standard output while the terminal is ours. A frame that a panic cut off would else be written when its buffer is
/// dropped, into a terminal that was given back.
struct Out(Stdout);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if ENTERED.load(Ordering::SeqCst) { self.0.write(bytes) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The terminal while the screen is shown.
pub(super) struct Screen {
    terminal: Terminal<Paint<BufWriter<Out>>>,
}

impl Screen {
    /// Takes the terminal over: alternate screen, raw keys, bracketed paste, focus reports.
    pub(super) fn enter() -> io::Result<Self> {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            let screen = std::thread::current().id();
            std::panic::set_hook(Box::new(move |info| {
                if std::thread::current().id() == screen {
                    restore();
                    before(info);
                } else {
                    // The screen goes on; whoever started the work that failed hears of its end.
                    let place = info.location().map(ToString::to_string).unwrap_or_default();
                    tracing::error!(place, "a defect stopped a piece of work in the background");
                }
            }));
        });
        switch_on().inspect_err(|_| restore())?;
        let out = BufWriter::with_capacity(1 << 16, Out(io::stdout()));
        let terminal = Terminal::new(Paint::new(out)).inspect_err(|_| restore())?;
        Ok(Screen { terminal })
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    /// Draws a frame that appears at once.
    pub(super) fn draw(&mut self, model: &Model) -> io::Result<()> {
        queue!(self.terminal.backend_mut().out(), BeginSynchronizedUpdate)?;
        let drawn = self.terminal.draw(|frame| view(model, frame)).map(|_| ());
        execute!(self.terminal.backend_mut().out(), EndSynchronizedUpdate)?;
        drawn
    }

    /// Takes the terminal again; whatever was drawn meanwhile is wiped.
    pub(super) fn return_to(&mut self) -> io::Result<()> {
        switch_on()?;
        // `Terminal::clear` would ask the terminal where its cursor is, and wait for an answer among the keys.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Puts text on the clipboard of the machine at which the person sits (OSC 52). `true` when it had to be cut.
    pub(super) fn copy(&mut self, text: &Clean) -> io::Result<bool> {
        let whole = text.as_str();
        let mut end = whole.len().min(CLIPBOARD_BYTES);
        while !whole.is_char_boundary(end) {
            end -= 1;
        }
        let kept = whole.get(..end).unwrap_or_default();
        let coded = base64::engine::general_purpose::STANDARD.encode(kept);
        let out = self.terminal.backend_mut().out();
        write!(out, "\x1b]52;c;{coded}\x07")?;
        Write::flush(out)?;
        Ok(end < whole.len())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn switch_on() -> io::Result<()> {
    ENTERED.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)
}

/// Gives the terminal back as it was found; for a while, or at the end. What fails here fails because the terminal is gone.
pub(super) fn restore() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        let _ = execute!(
            io::stdout(),
            EndSynchronizedUpdate,
            DisableFocusChange,
            DisableBracketedPaste,
            cursor::SetCursorStyle::DefaultUserShape,
            cursor::Show,
            LeaveAlternateScreen
        );
        let _ = disable_raw_mode();
    }
}
