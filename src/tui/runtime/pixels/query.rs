//! Asks a terminal once whether it has sixels, with a time limit.
//!
//! Invariant: only a question is asked whose late answer the reader of keys knows and drops.

/// Whether the terminal says that it has sixels. Keys must not be read meanwhile; what is typed in this moment is lost.
#[cfg(unix)]
pub(in crate::tui::runtime) fn has_sixel() -> bool {
    use std::fs::File;
    use std::io::{Read as _, Write as _};
    use std::time::Instant;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let Ok(mut terminal) = File::open("/dev/tty") else { return false };
    let mut out = std::io::stdout();
    if out.write_all(b"\x1b[c").and_then(|()| out.flush()).is_err() {
        return false;
    }
    let start = Instant::now();
    let mut answer = Vec::new();
    while let Some(left) = LONGEST.checked_sub(start.elapsed()) {
        let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
        let mut fds = [PollFd::new(&terminal, PollFlags::IN)];
        match poll(&mut fds, Some(&timeout)) {
            Ok(1..) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Ok(_) | Err(_) => return false,
        }
        let mut some = [0; 256];
        match terminal.read(&mut some) {
            Ok(length @ 1..) => answer.extend(some.iter().take(length)),
            _ => return false,
        }
        if let Some(has) = sixel_in(&answer) {
            return has;
        }
    }
    false
}

#[cfg(not(unix))]
pub(in crate::tui::runtime) fn has_sixel() -> bool {
    false
}

/// How long the answer is waited for.
#[cfg(unix)]
const LONGEST: std::time::Duration = std::time::Duration::from_millis(300);

/// What the answer to "primary device attributes" says: `ESC [ ? 62 ; 4 ; 22 c`, where 4 is sixel. `None` until it is
/// there whole.
#[cfg(unix)]
fn sixel_in(answer: &[u8]) -> Option<bool> {
    let start = answer.windows(3).position(|window| window == b"\x1b[?")?;
    let rest = answer.get(start + 3..)?;
    let end = rest.iter().position(|byte| *byte == b'c')?;
    let attributes = std::str::from_utf8(rest.get(..end)?).unwrap_or_default();
    Some(attributes.split(';').skip(1).any(|attribute| attribute == "4"))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::sixel_in;

    #[test]
    fn the_answer_is_read_when_it_is_whole() {
        for (answer, expected) in [
            (&b"\x1b[?62;4;22c"[..], Some(true)),
            (b"q\x1b[?64;1;2;4c", Some(true)),
            (b"\x1b[?1;2c", Some(false)),
            (b"\x1b[?4c", Some(false)),
            (b"\x1b[?62;4", None),
            (b"", None),
        ] {
            assert_eq!(sixel_in(answer), expected, "{:?}", String::from_utf8_lossy(answer));
        }
    }
}
