//! How a copied text reaches the clipboard of the machine at which the person sits, and what can be known of that.
//!
//! Invariant: nothing is said to be copied that nobody confirmed.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::tui::message::Clipboard;

/// How long tmux may take to answer.
const TMUX_TIMEOUT: Duration = Duration::from_secs(2);

/// Whether this process runs inside tmux.
pub(super) fn in_tmux() -> bool {
    std::env::var_os("TMUX").is_some_and(|value| !value.is_empty())
}

/// Gives a text to tmux, which passes it on as its option `set-clipboard` says. Its program inherits no `hidden`
/// variables.
pub(super) async fn copy_to_tmux(text: &str, hidden: &[OsString]) -> Clipboard {
    let copied = tokio::time::timeout(TMUX_TIMEOUT, copy(text, hidden)).await;
    copied.ok().flatten().unwrap_or(Clipboard::Refused)
}

async fn copy(text: &str, hidden: &[OsString]) -> Option<Clipboard> {
    let shown = tmux(&["show-options", "-sv", "set-clipboard"], hidden).stdin(Stdio::null()).output().await.ok()?;
    let passes_on = String::from_utf8_lossy(&shown.stdout).trim() == "on";
    // Since tmux 3.2 "-w" also sends the text to the terminal; an older one still keeps it.
    let with_terminal: &[&str] = &["load-buffer", "-w", "-"];
    for arguments in [with_terminal, &["load-buffer", "-"]] {
        if load(arguments, text, hidden).await.unwrap_or(false) {
            return Some(if passes_on { Clipboard::Tmux } else { Clipboard::TmuxAlone });
        }
    }
    None
}

async fn load(arguments: &[&str], text: &str, hidden: &[OsString]) -> Option<bool> {
    let mut child = tmux(arguments, hidden).stdin(Stdio::piped()).spawn().ok()?;
    let mut input = child.stdin.take()?;
    let written = input.write_all(text.as_bytes()).await;
    drop(input);
    let status = child.wait().await.ok()?;
    Some(written.is_ok() && status.success())
}

fn tmux(arguments: &[&str], hidden: &[OsString]) -> Command {
    let mut command = Command::new("tmux");
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    for name in hidden {
        command.env_remove(name);
    }
    command
}
