//! The terminal: its modes, its frames and its events. It is always left as it was found.
//!
//! Invariant: no way out of the program, panic included, leaves a mode switched on.
use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange, Event, EventStream,
    KeyEventKind, KeyboardEnhancementFlags, MouseButton, MouseEvent, MouseEventKind, PopKeyboardEnhancementFlags,
    PushKeyboardEnhancementFlags,
};
use crossterm::style::Print;
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use futures_util::StreamExt;
use ratatui::Terminal;
use ratatui::layout::{Position, Rect};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::notify::Caller;
use super::paint::WidthSafeBackend;
use crate::config::{Environment, NotifyHow};
use crate::engine::Client;
use crate::text::Clean;
use crate::tui::app::draw::draw;
use crate::tui::app::state::Model;
use crate::tui::message::Msg;
use crate::tui::overlays::viewer;
use crate::tui::overlays::viewer::request::PixelImage;

/// How much text is put on the clipboard at most: terminals refuse longer sequences.
const CLIPBOARD_BYTES: usize = 74_000;

/// Presses and the wheel, no motion; positions in the form that has no limit.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";
/// Keeps the window's title, and gives it back. A terminal that cannot ignores both.
const KEEP_TITLE: &str = "\x1b[22;2t";
const TITLE_AS_KEPT: &str = "\x1b[23;2t";

static ACTIVE: AtomicBool = AtomicBool::new(false);
static PANIC_HOOK: Once = Once::new();

/// Standard output while the terminal is ours; afterwards it discards everything. Without it, a frame that a panic cut
/// off would be written when its buffer is dropped, into a terminal that was given back.
struct GuardedStdout(Stdout);

impl Write for GuardedStdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if ACTIVE.load(Ordering::SeqCst) { self.0.write(bytes) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The terminal while the screen is shown.
pub(super) struct Screen {
    terminal: Terminal<WidthSafeBackend<BufWriter<GuardedStdout>>>,
    /// The terminal reports the mouse.
    mouse: bool,
    caller: Caller,
    /// The title that the window has.
    title: Option<String>,
    /// The picture in real pixels that is on the terminal, and over which cells.
    pixels: Option<(PixelImage, Rect)>,
}

impl Screen {
    /// Takes the terminal over: alternate screen, raw keys, bracketed paste, focus reports.
    pub(super) fn enter() -> io::Result<Self> {
        PANIC_HOOK.call_once(|| {
            let before = std::panic::take_hook();
            let screen = std::thread::current().id();
            std::panic::set_hook(Box::new(move |info| {
                if std::thread::current().id() == screen {
                    restore();
                    before(info);
                } else {
                    // The screen goes on; whoever awaits the task gets its end as an error.
                    let location = info.location().map(ToString::to_string).unwrap_or_default();
                    tracing::error!(location, "a defect stopped a piece of work in the background");
                }
            }));
        });
        switch_on().inspect_err(|_| restore())?;
        let environment = Environment::process();
        let out = BufWriter::with_capacity(1 << 16, GuardedStdout(io::stdout()));
        let terminal = Terminal::new(WidthSafeBackend::new(out)).inspect_err(|_| restore())?;
        Ok(Screen {
            terminal,
            mouse: false,
            caller: Caller::of(|name| environment.text(name)),
            title: None,
            pixels: None,
        })
    }

    /// The size in columns and rows.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    /// Draws a frame that appears at once.
    pub(super) fn draw(&mut self, model: &Model) -> io::Result<()> {
        if self.mouse != model.settings.mouse {
            self.mouse = model.settings.mouse;
            write!(self.terminal.backend_mut().out(), "{}", if self.mouse { MOUSE_ON } else { MOUSE_OFF })?;
        }
        let wanted = viewer::pixels(model);
        let is_there = self.pixels.as_ref().map(|(image, area)| (image, *area)) == wanted;
        if !is_there {
            self.erase_pixels()?;
        }
        let drawn = self.terminal.draw(|frame| draw(model, frame)).map(|_| ());
        if let Some((image, area)) = wanted.filter(|_| !is_there) {
            let out = self.terminal.backend_mut().out();
            write!(out, "\x1b[{};{}H{}", area.y + 1, area.x + 1, image.bytes)?;
            Write::flush(out)?;
            self.pixels = Some((image.clone(), area));
        }
        self.terminal.backend_mut().end_update()?;
        drawn
    }

    /// Takes the picture in real pixels off the terminal, if there is one.
    pub(super) fn erase_pixels(&mut self) -> io::Result<()> {
        match self.pixels.take() {
            Some((PixelImage { erase: Some(erase), .. }, _)) => write!(self.terminal.backend_mut().out(), "{erase}"),
            Some(_) => {
                let size = self.terminal.size()?;
                self.terminal.resize(Rect::from((Position::ORIGIN, size)))
            }
            None => Ok(()),
        }
    }

    /// Width and height of a cell in pixels, where the terminal says them.
    pub(super) fn cell_size() -> Option<(u16, u16)> {
        let size = crossterm::terminal::window_size().ok()?;
        let cell = (size.width.checked_div(size.columns)?, size.height.checked_div(size.rows)?);
        Some(cell).filter(|(width, height)| *width > 0 && *height > 0)
    }

    /// Takes the terminal over again; whatever another program drew meanwhile is wiped.
    pub(super) fn reenter(&mut self) -> io::Result<()> {
        self.mouse = false;
        self.pixels = None;
        switch_on()?;
        self.title = None;
        // `Terminal::clear` would ask the terminal where its cursor is, and wait for an answer among the keys.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Calls the person in the way that is set.
    pub(super) fn call(&mut self, how: NotifyHow, text: &Clean) -> io::Result<()> {
        self.write(&self.caller.call(how, text))
    }

    /// Gives the window a title, unless it has that one; `None` leaves it as it is.
    pub(super) fn set_title(&mut self, title: Option<String>) -> io::Result<()> {
        let Some(title) = title.filter(|title| self.title.as_ref() != Some(title)) else { return Ok(()) };
        self.write(&self.caller.title(&Clean::line(&title)))?;
        self.title = Some(title);
        Ok(())
    }

    fn write(&mut self, sequence: &str) -> io::Result<()> {
        let out = self.terminal.backend_mut().out();
        write!(out, "{sequence}")?;
        Write::flush(out)
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
        // What fails here fails because the terminal is gone.
        let _ = self.erase_pixels();
        let _ = Write::flush(self.terminal.backend_mut().out());
        restore();
    }
}

fn switch_on() -> io::Result<()> {
    ACTIVE.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(io::stdout(), Print(KEEP_TITLE), EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)?;
    if tells_keys_apart() {
        execute!(io::stdout(), PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES))?;
    }
    Ok(())
}

/// Whether the terminal is known to have Kitty's keyboard protocol, with which Esc and a letter is not Alt and the
/// letter. It is not asked: the answer would have to be waited for among the keys, before the first frame.
fn tells_keys_apart() -> bool {
    let text = |name| std::env::var(name).unwrap_or_default();
    let (term, program) = (text("TERM"), text("TERM_PROGRAM"));
    let known = ["xterm-kitty", "xterm-ghostty", "foot", "alacritty", "rio", "contour"];
    let by_term = known.iter().any(|name| term == *name || term.strip_prefix(name).is_some_and(|s| s.starts_with('-')));
    by_term || ["ghostty", "WezTerm", "iTerm.app", "rio"].contains(&program.as_str())
}

/// Gives the terminal back as it was found; for a while, or at the end. What fails here fails because the terminal is gone.
pub(super) fn restore() {
    if ACTIVE.swap(false, Ordering::SeqCst) {
        if tells_keys_apart() {
            let _ = execute!(io::stdout(), PopKeyboardEnhancementFlags);
        }
        // Off whether or not it was on.
        let _ = write!(io::stdout(), "{MOUSE_OFF}");
        let _ = execute!(
            io::stdout(),
            EndSynchronizedUpdate,
            DisableFocusChange,
            DisableBracketedPaste,
            cursor::SetCursorStyle::DefaultUserShape,
            cursor::Show,
            Print(TITLE_AS_KEPT),
            LeaveAlternateScreen
        );
        let _ = disable_raw_mode();
    }
}

/// A press of the left button or a turn of the wheel; everything else of a mouse means nothing here.
fn mouse_message(mouse: MouseEvent) -> Option<Msg> {
    let at = Position { x: mouse.column, y: mouse.row };
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Msg::Click(at)),
        MouseEventKind::ScrollUp => Some(Msg::Wheel { at, up: true }),
        MouseEventKind::ScrollDown => Some(Msg::Wheel { at, up: false }),
        _ => None,
    }
}

/// Reads the terminal's events in a task of its own, keys with the time at which they came. The end of the terminal is
/// the end of the program.
pub(super) fn listen(messages: mpsc::UnboundedSender<Msg>, client: Client) -> JoinHandle<()> {
    // Made here rather than in the task, so that no change of the window's size is missed.
    let mut events = EventStream::new();
    tokio::spawn(async move {
        loop {
            let msg = match events.next().await {
                Some(Ok(Event::Key(key))) if key.kind == KeyEventKind::Release => continue,
                Some(Ok(Event::Key(key))) => Msg::Key(key),
                Some(Ok(Event::Paste(text))) => Msg::Paste(text),
                Some(Ok(Event::Resize(width, height))) => Msg::Resized(width, height),
                Some(Ok(Event::FocusGained)) => Msg::Focused(true),
                Some(Ok(Event::FocusLost)) => Msg::Focused(false),
                Some(Ok(Event::Mouse(mouse))) => match mouse_message(mouse) {
                    Some(msg) => msg,
                    None => continue,
                },
                Some(Err(_)) | None => Msg::Stop,
            };
            let last = msg == Msg::Stop;
            if matches!(msg, Msg::Key(_)) && messages.send(Msg::Now(client.now())).is_err() {
                return;
            }
            if messages.send(msg).is_err() || last {
                return;
            }
        }
    })
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::queue;
    use crossterm::terminal::BeginSynchronizedUpdate;
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use std::io::Read as _;

    /// Set for the process that is to panic in the middle of a frame.
    const PANICS: &str = "LOKET_TEST_PANICS";
    const NAME: &str = "tui::runtime::terminal::tests::a_panic_in_a_frame_gives_the_terminal_back";

    fn panics_in_a_frame() {
        let mut screen = Screen::enter().unwrap();
        let drawn = screen.terminal.draw(|frame| {
            frame.buffer_mut().set_string(0, 0, "half-a-frame", ratatui::style::Style::default());
        });
        drawn.unwrap();
        queue!(screen.terminal.backend_mut().out(), BeginSynchronizedUpdate, cursor::Hide).unwrap();
        panic!("a defect");
    }

    #[test]
    fn a_panic_in_a_frame_gives_the_terminal_back() {
        if std::env::var_os(PANICS).is_some() {
            return panics_in_a_frame();
        }
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let own = std::env::current_exe().unwrap();
        let script = "stty -a; echo BEFORE; \"$0\" --exact --nocapture \"$1\"; echo \"STATUS $?\"; stty -a; echo AFTER";
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", script, own.to_str().unwrap(), NAME]);
        command.env(PANICS, "1");
        command.env("RUST_BACKTRACE", "0");
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut written = Vec::new();
        // On Linux the end of the other side is an error, not an end.
        let mut reader = pair.master.try_clone_reader().unwrap();
        let mut some = [0_u8; 4096];
        while let Ok(length) = reader.read(&mut some) {
            if length == 0 {
                break;
            }
            written.extend_from_slice(&some[..length]);
        }
        child.wait().unwrap();
        let text = String::from_utf8_lossy(&written).into_owned();
        let (before, rest) = text.split_once("BEFORE").unwrap();
        assert!(rest.contains("half-a-frame") && rest.contains("a defect") && rest.contains("STATUS 101"), "{rest:?}");
        for mode in ["?1049", "?2004", "?1004", "?2026"] {
            let last =
                |to: char| rest.rfind(&format!("\x1b[{mode}{to}")).unwrap_or_else(|| panic!("{mode}{to}: {rest:?}"));
            assert!(last('l') > last('h'), "{mode} stays on: {rest:?}");
        }
        // The message stands on the screen that the person sees, and no piece of a frame comes after it.
        let (_, seen) = rest.rsplit_once("\x1b[?1049l").unwrap();
        assert!(seen.contains("a defect") && !seen.contains('\x1b'), "{seen:?}");
        let (_, after) = rest.split_once("STATUS 101\r\n").unwrap();
        assert_eq!(before.trim(), after.split_once("AFTER").unwrap().0.trim());
    }
}
