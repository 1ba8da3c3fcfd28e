//! The real binary in a pseudo-terminal: typed into, read as a terminal shows it.
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use base64::Engine as _;
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use crate::LIMIT;
use crate::installation::Installation;

const SIZE: (u16, u16) = (80, 24);

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

/// The program in a terminal.
pub(crate) struct Term {
    /// None once it was waited for: its number may be another process's by then, which must not be killed.
    child: Option<Box<dyn Child + Send + Sync>>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    /// Every byte that it wrote.
    pub(crate) raw: Vec<u8>,
}

impl Term {
    /// Opens the inbox of an installation.
    pub(crate) fn open(installation: &Installation, args: &[&str]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_loket"));
        command.args(args);
        Self::spawn(installation, command)
    }

    /// Runs a shell script in which `$0` is the program.
    pub(crate) fn open_shell(installation: &Installation, script: &str) -> Self {
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_loket")]);
        Self::spawn(installation, command)
    }

    fn spawn(installation: &Installation, mut command: CommandBuilder) -> Self {
        let size = PtySize { rows: SIZE.1, cols: SIZE.0, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        command.env_clear();
        for (name, value) in installation.environment() {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            // The terminal lives as long as somebody reads it.
            let _master = pair.master;
            let mut buffer = [0; 4096];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let parser = vt100::Parser::new(cells(SIZE.1), cells(SIZE.0), 0);
        Term { child: Some(child), keys, output, parser, raw: Vec::new() }
    }

    /// What the terminal shows.
    pub(crate) fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    /// Waits until the terminal is as it should be.
    #[track_caller]
    pub(crate) fn until<T>(&mut self, what: &str, condition: impl Fn(&Term) -> Option<T>) -> T {
        let end = Instant::now() + LIMIT;
        loop {
            if let Some(seen) = condition(self) {
                return seen;
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => {
                    self.parser.process(&bytes);
                    self.raw.extend(bytes);
                }
                Err(error) => panic!("no {what} ({error}) in\n{}", self.screen()),
            }
        }
    }

    /// Waits for a text.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        self.until(text, |term| term.screen().contains(text).then_some(()));
    }

    /// Types.
    pub(crate) fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Goes to the next field and types into it.
    pub(crate) fn next(&mut self, text: &str) {
        self.types("\t");
        self.types(text);
    }

    /// What was put on the clipboard last (OSC 52).
    #[track_caller]
    pub(crate) fn clipboard(&mut self) -> String {
        self.until("the clipboard", |term| {
            let raw = String::from_utf8_lossy(&term.raw).into_owned();
            let coded = raw.rsplit_once("\u{1b}]52;c;")?.1.split_once('\u{7}')?.0.to_owned();
            String::from_utf8(base64::engine::general_purpose::STANDARD.decode(coded).ok()?).ok()
        })
    }

    /// Reads a QR code off the terminal.
    pub(crate) fn scan(&self) -> Option<String> {
        const CELL: (usize, usize) = (6, 12);
        let screen = self.parser.screen();
        let shade = |x: usize, y: usize| {
            let cell = screen.cell(u16::try_from(y / CELL.1).ok()?, u16::try_from(x / CELL.0).ok()?)?;
            let (in_x, in_y) = (x % CELL.0, y % CELL.1);
            let ink = is_inked(cell.contents(), in_x * 2 / CELL.0, in_y * 3 / CELL.1, in_y * 2 / CELL.1);
            match if ink { cell.fgcolor() } else { cell.bgcolor() } {
                vt100::Color::Idx(231) => Some(255),
                // A dark terminal.
                _ => Some(0),
            }
        };
        let (width, height) = (usize::from(SIZE.0) * CELL.0, usize::from(SIZE.1) * CELL.1);
        let grey = |x, y| shade(x, y).unwrap_or_default();
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
        image.detect_grids().first()?.decode().ok().map(|(_, text)| text)
    }

    /// Quits and waits for the end; gives everything that was written.
    #[track_caller]
    pub(crate) fn quits(mut self) -> Vec<u8> {
        self.types("\u{11}");
        self.ends()
    }

    /// Waits for the end of a program that ends by itself; gives everything that was written.
    #[track_caller]
    pub(crate) fn ends(mut self) -> Vec<u8> {
        let mut child = self.child.take().unwrap();
        let end = Instant::now() + LIMIT;
        let status = loop {
            // Output that nobody reads would keep the program from ending.
            while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.raw.extend(bytes);
            }
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                child.kill().unwrap();
                panic!("it did not end: {}", String::from_utf8_lossy(&self.raw));
            }
        };
        while let Ok(bytes) = self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.raw.extend(bytes);
        }
        assert!(status.success(), "{}", String::from_utf8_lossy(&self.raw));
        std::mem::take(&mut self.raw)
    }
}

impl Drop for Term {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Whether a glyph inks a part of its cell, read from the Unicode charts.
fn is_inked(glyph: &str, column: usize, third: usize, half: usize) -> bool {
    match glyph {
        "▀" => half == 0,
        "▌" => column == 0,
        "▐" => column == 1,
        glyph => match glyph.chars().next().and_then(|c| u32::from(c).checked_sub(0x1_fb00)) {
            Some(name @ 0..=59) => {
                let mut patterns = (1..63_u32).filter(|pattern| ![21, 42].contains(pattern));
                patterns.nth(name as usize).unwrap() >> (third * 2 + column) & 1 == 1
            }
            _ => false,
        },
    }
}
