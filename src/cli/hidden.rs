//! Asks a person at a terminal for a secret without showing what is typed.
//!
//! Own code instead of `rpassword`: that only turns the echo off, so Ctrl+C kills the process before the echo is turned
//! on again, and the shell afterwards shows nothing that is typed. In raw mode Ctrl+C is a key like any other.
use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal;
use std::io::{self, Write as _};

use super::Exit;

/// Prompts for the secret that `what` names. Fails if the person interrupts.
pub(super) fn read_secret(what: &str) -> Result<String, Exit> {
    let failed = |error: io::Error| Exit::failed(format!("{what}: the terminal cannot be used: {error}"));
    let mut err = io::stderr().lock();
    // Before the prompt, so that nothing typed in answer to it is shown.
    terminal::enable_raw_mode().map_err(failed)?;
    let typed = write!(err, "{what} (not shown): ").and_then(|()| err.flush()).and_then(|()| read_line());
    terminal::disable_raw_mode().map_err(failed)?;
    writeln!(err).map_err(failed)?;
    typed.map_err(failed)?.ok_or_else(|| Exit::failed("interrupted; nothing was saved"))
}

/// Reads the typed text up to Enter; `None` after Ctrl+C, Ctrl+D or Esc.
fn read_line() -> io::Result<Option<String>> {
    let mut text = String::new();
    loop {
        let Event::Key(key) = event::read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match key.code {
            KeyCode::Enter => return Ok(Some(text)),
            KeyCode::Esc => return Ok(None),
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => return Ok(None),
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => text.clear(),
            KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => text.push(c),
            KeyCode::Backspace => drop(text.pop()),
            _ => {}
        }
    }
}
