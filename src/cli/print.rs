//! Lines on standard output and standard error. A reader that closes its end early (`| head`) is no error.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use serde::Serialize;

use super::Exit;

/// Prints a value as a JSON line. Characters that could control a terminal are escaped, so that nothing is
/// lost.
pub(super) fn json<T: Serialize>(value: &T) -> Result<(), Exit> {
    let text = serde_json::to_string(value).map_err(|e| Exit::failed(format!("cannot be written as JSON: {e}")))?;
    line(&escape(&text))
}

/// Prints a line as it is; the caller has cleaned foreign text in it.
pub(crate) fn line(text: &str) -> Result<(), Exit> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Exit::failed(format!("standard output cannot be written: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints a line on standard error.
pub(crate) fn stderr_line(text: &str) {
    // An error on standard error can be reported nowhere.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Prints the completion script of a shell.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<(), Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut <super::Cli as clap::CommandFactory>::command(), "loket", &mut script);
    line(String::from_utf8_lossy(&script).trim_end())
}

/// Escapes in JSON text what JSON itself lets through: DEL, C1, bidi controls, line separators.
fn escape(text: &str) -> String {
    let controls = |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(controls) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len() + 16), |mut out, c| {
        if controls(c) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_read_back() {
        let hostile = "a\u{9b}31m\u{202e}b\u{7f}\u{1b}c 👩\u{200d}👧";
        let text = escape(&serde_json::to_string(hostile).unwrap());
        assert!(!text.contains(['\u{9b}', '\u{202e}', '\u{7f}', '\u{1b}']), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }
}
