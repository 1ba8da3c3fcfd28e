//! Lines on standard output and standard error. A reader that closes its end early (`| head`) is no error.
//!
//! Invariant: whatever is printed here cannot steer a terminal: lines are cleaned, JSON is escaped.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::LazyLock;

use serde::Serialize;

use super::translation::translate;
use super::{Exit, help};
use crate::config::Environment;
use crate::files::write_public;
use crate::text::{Clean, escape_json, to_ascii};

/// Prints a value as a JSON line. Characters that could control a terminal or that nobody sees are escaped, so that
/// nothing is lost.
pub(super) fn json<T: Serialize>(value: &T) -> Result<(), Exit> {
    let text = serde_json::to_string(value).map_err(|e| Exit::failed(format!("cannot be written as JSON: {e}")))?;
    let text = escape_json(&text);
    drawing(&if *ASCII_ONLY { json_in_ascii(&text) } else { text })
}

/// Prints a cleaned line. Cells of a table are cleaned one by one before, for a terminal command that begins in one of
/// them would swallow the next.
pub(crate) fn line(text: &str) -> Result<(), Exit> {
    drawing(&in_charset(Clean::printed(text).as_str()))
}

/// The locale names a character set in which UTF-8 would be shown as other letters.
static ASCII_ONLY: LazyLock<bool> = LazyLock::new(|| !Environment::process().shows_unicode());

/// A line as the locale's character set shows it.
fn in_charset(text: &str) -> Cow<'_, str> {
    if *ASCII_ONLY { Cow::Owned(to_ascii(text)) } else { Cow::Borrowed(text) }
}

/// JSON in which every character beyond ASCII is escaped, which means the same.
fn json_in_ascii(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() {
            escaped.push(letter);
        } else {
            let mut units = [0; 2];
            escaped.extend(letter.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    escaped
}

/// Prints a line as it is: it holds no foreign text, or text that was escaped.
pub(super) fn drawing(text: &str) -> Result<(), Exit> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Exit::failed(format!("standard output cannot be written: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints a sentence of our own as a cleaned line, in the chosen language.
pub(super) fn sentence(text: &str) -> Result<(), Exit> {
    line(&translate(text))
}

/// Prints a cleaned line on standard error, in the chosen language.
pub(crate) fn stderr_line(text: &str) {
    // An error on standard error can be reported nowhere.
    drop(writeln!(io::stderr().lock(), "{}", in_charset(Clean::printed(&translate(text)).as_str())));
}

/// Prints the completion script of a shell.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<(), Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut help::command(), "loket", &mut script);
    line(String::from_utf8_lossy(&script).trim_end())
}

/// Prints the program's manual page, or writes the pages of all commands into a directory. They are no secret: their
/// permissions are the directory's owner's affair.
pub(super) fn manual(directory: Option<&Path>) -> Result<(), Exit> {
    let mut command = help::command().disable_help_subcommand(true);
    command.build();
    if let Some(directory) = directory {
        return pages(&command, directory).map_err(|error| Exit::failed(format!("{}: {error}", directory.display())));
    }
    let page = help::page(command).map_err(|error| Exit::failed(format!("the manual page cannot be made: {error}")))?;
    line(page.trim_end())
}

/// Writes the page of a command and of those below it.
fn pages(command: &clap::Command, directory: &Path) -> io::Result<()> {
    let shown = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    for inner in shown {
        pages(inner, directory)?;
    }
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    write_public(&directory.join(format!("{name}.1")), &help::page(command.clone())?)
}
