//! Checks the terminal: its size, colours, keyboard and character widths.
use crossterm::{cursor, terminal};
use std::io::{self, IsTerminal as _, Write as _};

use super::report::Report;
use crate::cli::Exit;
use crate::config::Environment;

/// The smallest screen that the inbox works on.
const SMALLEST: (u16, u16) = (40, 12);
/// An emoji of three joined by ZWJ: two cells wide where the terminal supports joining.
const FAMILY: &str = "👩\u{200d}👩\u{200d}👧";

/// Checks the terminal and what the environment says of it.
pub(super) fn check(report: &mut Report, environment: &Environment) -> Result<(), Exit> {
    language(report, environment)?;
    colours(report, environment)?;
    if !io::stdout().is_terminal() {
        return report.ok("terminal", "standard output is none; the inbox needs one, every other command does not");
    }
    if let Ok((width, height)) = terminal::size() {
        let detail = format!("{width}x{height}");
        if width < SMALLEST.0 || height < SMALLEST.1 {
            report.warn("terminal", &detail, "enlarge it to 40x12 or more")?;
        } else {
            report.ok("terminal", &detail)?;
        }
    }
    if report.is_json() || !io::stdin().is_terminal() {
        return Ok(());
    }
    keyboard(report)?;
    width(report)
}

fn language(report: &mut Report, environment: &Environment) -> Result<(), Exit> {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| environment.text(name));
    let set = set.unwrap_or_else(|| "none".to_owned());
    let folded = set.to_ascii_lowercase();
    if folded.contains("utf-8") || folded.contains("utf8") || cfg!(any(windows, target_os = "macos")) {
        report.ok("characters", &format!("locale {set}"))
    } else {
        let remedy = "export LANG=C.UTF-8, else names and emoji may be garbled";
        report.warn("characters", &format!("locale {set} is not UTF-8"), remedy)
    }
}

fn colours(report: &mut Report, environment: &Environment) -> Result<(), Exit> {
    let term = environment.text("TERM").unwrap_or_default();
    let depth = match environment.text("COLORTERM").as_deref() {
        Some("truecolor" | "24bit") => "16 million",
        _ if term.contains("256") => "256",
        _ => "16",
    };
    let inside = match () {
        () if environment.text("TMUX").is_some() => ", in tmux",
        () if term.starts_with("screen") => ", in screen",
        () if environment.text("SSH_TTY").is_some() => ", over SSH",
        () => "",
    };
    if environment.text("NO_COLOR").is_some() {
        return report.ok("colours", &format!("off, as NO_COLOR asks{inside}"));
    }
    match term.as_str() {
        "" => report.warn("colours", "TERM is not set", "export TERM=xterm-256color"),
        "dumb" => report.warn("colours", "TERM=dumb cannot show the inbox", "use another terminal"),
        _ => report.ok("colours", &format!("{depth} (TERM={term}{inside}); the inbox needs 16")),
    }
}

fn keyboard(report: &mut Report) -> Result<(), Exit> {
    if terminal::supports_keyboard_enhancement().unwrap_or(false) {
        report.ok("keyboard", "Shift+Enter is told apart from Enter")
    } else {
        report.ok("keyboard", "Shift+Enter is not told apart; Alt+Enter and Ctrl+J make a new line")
    }
}

/// Draws joined emoji, and asks the terminal how far the cursor went.
fn width(report: &mut Report) -> Result<(), Exit> {
    match measured() {
        Ok(2) => report.ok("emoji", "joined emoji are two cells wide"),
        Ok(cells) => {
            let remedy = "rows with such emoji may be shifted; a newer terminal (or tmux 3.6) joins them";
            report.warn("emoji", &format!("joined emoji are {cells} cells wide here"), remedy)
        }
        // A terminal that does not answer is asked nothing more.
        Err(_) => Ok(()),
    }
}

fn measured() -> io::Result<u16> {
    terminal::enable_raw_mode()?;
    let mut out = io::stdout().lock();
    let column = write!(out, "\r{FAMILY}").and_then(|()| out.flush()).and_then(|()| cursor::position());
    let cleared = write!(out, "\r\u{1b}[K").and_then(|()| out.flush());
    terminal::disable_raw_mode()?;
    cleared?;
    column.map(|(column, _)| column)
}
