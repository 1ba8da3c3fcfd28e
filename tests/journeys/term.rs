//! A terminal with the program in it: keys go in, a screen comes out.
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The longest that anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A person's pause between Esc and the next key, shorter than terminals wait for the rest of a sequence.
pub(crate) const PAUSE: Duration = Duration::from_millis(300);

/// Says why a journey is not made on this machine.
pub(crate) fn skip(reason: &str) {
    std::io::stderr().write_all(format!("skipped: {}\n", reason.trim()).as_bytes()).unwrap();
}

/// The design size.
pub(crate) const USUAL: (u16, u16) = (80, 24);

/// A terminal in which a program runs; it is killed when this is dropped.
pub(crate) struct Term {
    over: bool,
    input: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    raw: Vec<u8>,
    seen: vt100::Parser,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
}

impl Term {
    /// Starts a command in a new terminal of so many columns and rows.
    pub(crate) fn open(command: CommandBuilder, (columns, rows): (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(pty_size(columns, rows)).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let input = pair.master.take_writer().unwrap();
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut some = vec![0_u8; 65_536];
            while let Ok(length) = reader.read(&mut some) {
                if length == 0 || send.send(some[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        let seen = vt100::Parser::new(size(rows), size(columns), 0);
        Term { over: false, input, output, raw: Vec::new(), seen, child, master: pair.master }
    }

    /// Presses keys: text as it is, control keys as their bytes.
    pub(crate) fn press(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    /// Opens Budi's conversation, leaves its composer by Esc, resolves it by a letter, and undoes that by the letter that the
    /// notice names.
    #[track_caller]
    pub(crate) fn resolves_and_undoes_by_letters(&mut self) {
        self.press("\r");
        self.shows("Write a message");
        self.press("\x1b");
        std::thread::sleep(PAUSE);
        self.press("e");
        self.shows("Budi: Resolved.");
        self.press("u");
        self.shows("Budi: undone.");
    }

    /// Pastes a text as terminals do that were asked to mark pastes.
    pub(crate) fn paste(&mut self, text: &str) {
        self.press(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Waits until the screen fits, and gives it back.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        let limit = Instant::now() + LIMIT;
        loop {
            let shown = self.screen();
            if fits(&shown) {
                return shown;
            }
            let left = limit.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!("waited in vain ({error}) for: {what}\n{shown}"),
            }
        }
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    /// Waits until the screen shows a text no more.
    #[track_caller]
    pub(crate) fn hides(&mut self, text: &str) -> String {
        self.until(&format!("no {text}"), |screen| !screen.contains(text))
    }

    /// How many bytes are written within a span.
    pub(crate) fn written_within(&mut self, span: Duration) -> usize {
        let limit = Instant::now() + span;
        let mut count = 0;
        loop {
            match self.output.recv_timeout(limit.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    count += bytes.len();
                    self.take(&bytes);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return count,
            }
        }
    }

    /// Makes the window larger or smaller.
    pub(crate) fn resize(&mut self, (columns, rows): (u16, u16)) {
        self.seen.set_size(size(rows), size(columns));
        self.master.resize(pty_size(columns, rows)).unwrap();
    }

    /// Waits until the program has ended, reads what it still wrote, and gives back its exit status.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> u32 {
        let limit = Instant::now() + LIMIT;
        loop {
            match self.output.recv_timeout(limit.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end:\n{}", self.screen()),
            }
        }
        let status = self.child.wait().unwrap();
        self.over = true;
        status.exit_code()
    }

    /// What the screen shows now.
    pub(crate) fn screen(&self) -> String {
        self.seen.screen().contents()
    }

    /// The terminal's state.
    pub(crate) fn state(&self) -> &vt100::Screen {
        self.seen.screen()
    }

    /// Everything that was written so far.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The process in the terminal.
    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        signal(self.pid(), "KILL");
        self.child.wait().unwrap();
    }

    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.seen.process(bytes);
    }
}

impl Drop for Term {
    fn drop(&mut self) {
        // Once waited for, its number may be another process's.
        if !self.over {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// Sends a signal by name.
pub(crate) fn signal(pid: u32, name: &str) {
    let done = std::process::Command::new("/bin/sh").args(["-c", &format!("kill -{name} {pid}")]).status().unwrap();
    assert!(done.success());
}

fn pty_size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn size(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}
