//! Reads a secret from the terminal without showing what is typed.

use std::io::{self, Write as _};

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal;

use super::Exit;

/// Prompts for the secret of a flag and reads it.
pub(super) fn read_secret(flag: &str) -> Result<String, Exit> {
    let failed = |error: io::Error| Exit::failed(format!("{flag}: the terminal cannot be used: {error}"));
    let mut err = io::stderr().lock();
    write!(err, "{flag} (not shown): ").and_then(|()| err.flush()).map_err(failed)?;
    terminal::enable_raw_mode().map_err(failed)?;
    let typed = read_line();
    terminal::disable_raw_mode().map_err(failed)?;
    writeln!(err).map_err(failed)?;
    typed.map_err(failed)?.ok_or_else(|| Exit::failed("interrupted; nothing was saved"))
}

/// Reads up to Enter; `None` for Ctrl+C, Ctrl+D and Esc.
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
