//! The picture on the clipboard of this machine, by the program that the desktop has for it.
//!
//! Own calls rather than a crate (`arboard`): those link system libraries of every desktop.

use std::ffi::OsString;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How long a program may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Between two looks at whether it has ended.
const POLL: Duration = Duration::from_millis(10);
/// The largest picture, in bytes.
const MAX: u64 = 64 * 1024 * 1024;

/// Programs that write the picture of the clipboard to their standard output. All run where they can; the others fail.
const PROGRAMS: &[&[&str]] = &[
    &["wl-paste", "--no-newline", "--type", "image/png"],
    &["xclip", "-selection", "clipboard", "-target", "image/png", "-out"],
    &["pngpaste", "-"],
    &["powershell.exe", "-NoProfile", "-NonInteractive", "-Sta", "-Command", POWERSHELL],
];

/// Writes the picture as base64, for standard output there is text.
const POWERSHELL: &str = "Add-Type -AssemblyName System.Windows.Forms,System.Drawing; \
    $i=[Windows.Forms.Clipboard]::GetImage(); if($i){$m=New-Object IO.MemoryStream; \
    $i.Save($m,[Drawing.Imaging.ImageFormat]::Png); [Convert]::ToBase64String($m.ToArray())}";

/// The picture on the clipboard as PNG; `None` where there is none, or no program that could tell. The programs inherit no
/// `hidden` variables. Blocks.
pub(super) fn read(hidden: &[OsString]) -> Option<Vec<u8>> {
    read_by(PROGRAMS, hidden)
}

fn read_by(programs: &[&[&str]], hidden: &[OsString]) -> Option<Vec<u8>> {
    programs.iter().find_map(|program| {
        let output = run(program, hidden)?;
        let decoded = STANDARD.decode(output.trim_ascii()).ok();
        [Some(output), decoded].into_iter().flatten().find(|bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n"))
    })
}

/// What a program writes, if it ends well and in time.
fn run(program: &[&str], hidden: &[OsString]) -> Option<Vec<u8>> {
    let (name, arguments) = program.split_first()?;
    let mut command = Command::new(name);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    for variable in hidden {
        command.env_remove(variable);
    }
    let mut child = command.spawn().ok()?;
    let output = child.stdout.take()?;
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        output.take(MAX).read_to_end(&mut bytes).is_ok().then_some(bytes)
    });
    let ended_well = wait(&mut child);
    // It ends when the program has.
    let bytes = reader.join().ok().flatten();
    bytes.filter(|_| ended_well)
}

/// Waits for a program's end, and ends it when that takes too long.
fn wait(child: &mut Child) -> bool {
    let until = Instant::now() + TIMEOUT;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < until => std::thread::sleep(POLL),
            Ok(None) | Err(_) => {
                drop(child.kill());
                drop(child.wait());
                return false;
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_first_program_that_has_a_picture_gives_it() {
        let picture = b"\x89PNG\r\n\x1a\nisi";
        let base64 = STANDARD.encode(picture);
        let print = format!("printf '%s' '{base64}'");
        for (programs, expected) in [
            (&[&["/no/such/program"][..], &["sh", "-c", r"printf '\211PNG\r\n\032\nisi'"]][..], Some(&picture[..])),
            (&[&["sh", "-c", &print]], Some(&picture[..])),
            (&[&["sh", "-c", r"printf '\211PNG\r\n\032\nisi'; exit 1"]], None),
            (&[&["sh", "-c", "echo no picture"]], None),
            (&[], None),
        ] {
            assert_eq!(read_by(programs, &[]).as_deref(), expected);
        }
    }
}
