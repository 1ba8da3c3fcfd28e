//! How a terminal is asked to call its person, and the title of its window.
//!
//! Invariant: nothing that is written here moves the cursor or ends early: the text is clean, and no sequence ends in a
//! bell that would ring.

use crate::config::NotifyHow;
use crate::text::Clean;

/// The terminal, as far as its environment tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caller {
    /// What `auto` means here.
    auto: NotifyHow,
    /// A program between us and the terminal, which hands sequences on only in an envelope.
    between: Option<Multiplexer>,
    /// It takes a title without showing it among the text.
    titles: bool,
}

/// A program that shows terminals within a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Multiplexer {
    Tmux,
    Screen,
}

impl Caller {
    /// What the variables of the environment tell; `get` gives a variable that is set and not empty.
    pub(super) fn of(get: impl Fn(&str) -> Option<String>) -> Self {
        let between = match () {
            () if get("TMUX").is_some() => Some(Multiplexer::Tmux),
            () if get("STY").is_some() => Some(Multiplexer::Screen),
            () => None,
        };
        let term = get("TERM").unwrap_or_default();
        let program = get("TERM_PROGRAM").unwrap_or_default();
        let kitty = term.contains("kitty") || get("KITTY_WINDOW_ID").is_some();
        let auto = match program.as_str() {
            // A multiplexer hands its terminal nothing but the bell unless it is set to.
            _ if between.is_some() => NotifyHow::Bell,
            _ if term.starts_with("foot") => NotifyHow::Osc777,
            "iTerm.app" | "WezTerm" | "ghostty" => NotifyHow::Osc9,
            _ if kitty || term.contains("ghostty") || term.contains("wezterm") => NotifyHow::Osc9,
            _ => NotifyHow::Bell,
        };
        Caller { auto, between, titles: !matches!(term.as_str(), "linux" | "dumb" | "") }
    }

    /// What to write to call; empty where nothing is to call.
    pub(super) fn call(self, how: NotifyHow, text: &Clean) -> String {
        // A semicolon would begin another part of the sequence.
        let text = text.as_str().replace(';', ",");
        match if how == NotifyHow::Auto { self.auto } else { how } {
            NotifyHow::Bell | NotifyHow::Auto => "\x07".to_owned(),
            // A text that begins with a digit would be another request in some terminals.
            NotifyHow::Osc9 => self.wrapped(&format!("\x1b]9;Loket: {text}\x1b\\")),
            NotifyHow::Osc777 => self.wrapped(&format!("\x1b]777;notify;Loket;{text}\x1b\\")),
            NotifyHow::Off => String::new(),
        }
    }

    /// What to write for a title; empty where the terminal takes none.
    pub(super) fn title(self, title: &Clean) -> String {
        if self.titles { format!("\x1b]2;{title}\x1b\\") } else { String::new() }
    }

    fn wrapped(self, sequence: &str) -> String {
        match self.between {
            None => sequence.to_owned(),
            Some(Multiplexer::Tmux) => format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")),
            // Its envelope ends with the first ST, so the sequence within ends in a bell.
            Some(Multiplexer::Screen) => {
                format!("\x1bP{}\x07\x1b\\", sequence.strip_suffix("\x1b\\").unwrap_or(sequence))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(variables: &[(&str, &str)]) -> Caller {
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Caller::of(find)
    }

    #[test]
    fn each_terminal_is_called_by_what_it_understands() {
        use NotifyHow::{Bell, Osc9, Osc777};
        for (variables, auto) in [
            (&[("TERM", "xterm-256color")][..], Bell),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")], Osc9),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")], Osc9),
            (&[("TERM", "xterm-ghostty")], Osc9),
            (&[("TERM", "xterm-kitty")], Osc9),
            (&[("TERM", "foot-extra")], Osc777),
            (&[("TERM", "tmux-256color"), ("TMUX", "/tmp/tmux,1,0"), ("TERM_PROGRAM", "WezTerm")], Bell),
            (&[("TERM", "screen"), ("STY", "1.pts")], Bell),
            (&[], Bell),
        ] {
            assert_eq!(caller(variables).auto, auto, "{variables:?}");
        }
    }

    #[test]
    fn what_is_written_is_exactly_one_sequence() {
        let plain = caller(&[("TERM", "xterm")]);
        let text = Clean::line("Ayu;9;4\u{1b}]0;x\u{7}");
        assert_eq!(plain.call(NotifyHow::Auto, &text), "\x07");
        let written = plain.call(NotifyHow::Osc9, &text);
        assert!(written.starts_with("\x1b]9;Loket: Ayu,9,4") && written.ends_with("\x1b\\"), "{written:?}");
        assert_eq!((written.matches('\x1b').count(), written.matches('\x07').count()), (2, 0));
        let written = plain.call(NotifyHow::Osc777, &Clean::line("Ayu; Budi"));
        assert_eq!(written, "\x1b]777;notify;Loket;Ayu, Budi\x1b\\");
        assert_eq!(plain.call(NotifyHow::Off, &text), "");
    }

    #[test]
    fn a_multiplexer_gets_an_envelope_and_a_console_no_title() {
        let tmux = caller(&[("TERM", "tmux-256color"), ("TMUX", "x")]);
        let written = tmux.call(NotifyHow::Osc9, &Clean::line("Ayu"));
        assert_eq!(written, "\x1bPtmux;\x1b\x1b]9;Loket: Ayu\x1b\x1b\\\x1b\\");
        assert_eq!(tmux.title(&Clean::line("(2) Loket")), "\x1b]2;(2) Loket\x1b\\");
        assert_eq!(caller(&[("TERM", "linux")]).title(&Clean::line("Loket")), "");
    }
}
