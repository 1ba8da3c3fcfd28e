//! Tells typing from commands where letters are commands: letters that follow one another quickly are meant for the
//! composer.
//!
//! Invariant: a letter whose command changes something waits until no other letter can follow it quickly; moving is
//! done at once, because it harms nothing.

use super::registry::Command;
use crate::domain::{ConversationId, Timestamp};
use crossterm::event::{KeyCode, KeyEvent};
use std::time::Duration;

/// Letters pressed within this time of one another are typing.
const QUICK: Duration = Duration::from_millis(150);

/// What is to be done with a letter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// Its command runs now.
    Act,
    /// Its command waits until it is clear that no typing follows.
    Hold,
    /// These keys are text.
    Text(Vec<KeyEvent>),
    /// It is part of text that has nowhere to go.
    Drop,
}

/// The letters pressed lately in the list or the thread.
#[derive(Debug, Default)]
pub(crate) struct TypingGuard {
    /// Letters that followed one another quickly, oldest first.
    run: Vec<KeyEvent>,
    /// When the newest of them was pressed.
    last: Option<Timestamp>,
    /// All of them move.
    only_moves: bool,
    held: Option<Command>,
    /// They are text that has nowhere to go.
    homeless: bool,
    /// The conversation that was selected before the first of them.
    pub(crate) selected_before: Option<ConversationId>,
    /// Text came into the composer from elsewhere, and nothing was done there since that shows that the person saw it.
    pub(crate) redirected: bool,
}

impl TypingGuard {
    /// Judges a character whose command, if it has one, is given.
    pub(crate) fn judge(&mut self, now: Timestamp, key: &KeyEvent, command: Option<Command>) -> Judgement {
        let quick = self.is_quick(now);
        if !quick {
            self.clear();
        }
        self.last = Some(now);
        if quick && self.homeless {
            return Judgement::Drop;
        }
        let letter = matches!(key.code, KeyCode::Char(c) if c.is_alphabetic());
        if !letter && (self.run.is_empty() || command.is_some()) {
            self.clear();
            return Judgement::Act;
        }
        let repeated = matches!(self.run.as_slice(), [.., before, last] if before == last) && self.only_moves;
        let first = self.run.is_empty();
        let moves = command.is_some_and(Command::is_movement);
        self.run.push(*key);
        self.only_moves = moves && (first || self.only_moves);
        match command {
            _ if self.only_moves => Judgement::Act,
            // It leaves for the composer, where the letters after it are typed.
            Some(Command::Write) if first => {
                self.clear();
                Judgement::Act
            }
            None if first => Judgement::Drop,
            Some(command) if first || (repeated && self.held.is_none()) => {
                self.held = Some(command);
                Judgement::Hold
            }
            _ => {
                let run = std::mem::take(&mut self.run);
                self.clear();
                Judgement::Text(run)
            }
        }
    }

    /// Takes the key that opens a popup of further keys into the run; as moving, it harms nothing.
    pub(crate) fn begin_sequence(&mut self, now: Timestamp, key: &KeyEvent) {
        self.clear();
        self.run.push(*key);
        self.last = Some(now);
    }

    /// The keys of the run with another one that followed quickly but completes no sequence: they are text.
    pub(crate) fn unfinished(&mut self, now: Timestamp, key: &KeyEvent) -> Option<Vec<KeyEvent>> {
        let text = self.is_quick(now) && !self.run.is_empty() && matches!(key.code, KeyCode::Char(_));
        let mut run = std::mem::take(&mut self.run);
        self.clear();
        run.push(*key);
        text.then_some(run)
    }

    /// The letters that follow quickly are dropped: there is no composer for them.
    pub(crate) fn drop_what_follows(&mut self, now: Timestamp) {
        self.clear();
        self.homeless = true;
        self.last = Some(now);
    }

    /// When the command that waits is to run.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.held?;
        Some(self.last?.plus(QUICK))
    }

    /// Takes the command that waited long enough.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Command> {
        self.due().filter(|due| *due <= now)?;
        self.take_held()
    }

    /// Takes the command that waits: another key has come after which no typing can follow.
    pub(crate) fn take_held(&mut self) -> Option<Command> {
        let held = self.held.take();
        self.clear();
        held
    }

    /// Whether a key pressed now follows the newest letter quickly.
    pub(crate) fn is_quick(&self, now: Timestamp) -> bool {
        self.last.is_some_and(|last| now.since(last) < QUICK)
    }

    fn clear(&mut self) {
        self.run.clear();
        self.last = None;
        self.only_moves = false;
        self.held = None;
        self.homeless = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyModifiers;

    fn press(guard: &mut TypingGuard, at: i64, c: char, command: Option<Command>) -> Judgement {
        guard.judge(Timestamp(at), &KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE), command)
    }

    fn text(judgement: &Judgement) -> Option<String> {
        let char_of = |key: &KeyEvent| key.code.as_char();
        match judgement {
            Judgement::Text(keys) => keys.iter().map(char_of).collect(),
            _ => None,
        }
    }

    #[test]
    fn a_letter_alone_is_a_command_once_nothing_followed() {
        let mut guard = TypingGuard::default();
        assert_eq!(press(&mut guard, 0, 'e', Some(Command::Resolve)), Judgement::Hold);
        assert_eq!(guard.due(), Some(Timestamp(150)));
        assert_eq!(guard.take_due(Timestamp(149)), None);
        assert_eq!(guard.take_due(Timestamp(150)), Some(Command::Resolve));
        assert_eq!(guard.due(), None);
    }

    #[test]
    fn letters_in_quick_succession_are_text_with_the_first_one() {
        for (first, command) in [('o', Some(Command::OpenLink)), ('q', Some(Command::Quit)), ('b', None)] {
            let mut guard = TypingGuard::default();
            press(&mut guard, 0, first, command);
            let second = press(&mut guard, 149, 'e', Some(Command::Resolve));
            assert_eq!(text(&second), Some(format!("{first}e")));
            assert_eq!(guard.due(), None, "the first letter's command must not run");
        }
        let mut guard = TypingGuard::default();
        press(&mut guard, 0, 'e', Some(Command::Resolve));
        guard.take_due(Timestamp(150));
        assert_eq!(press(&mut guard, 150, 'z', Some(Command::Snooze)), Judgement::Hold, "slow letters are commands");
    }

    #[test]
    fn moving_is_done_at_once_however_often_and_a_letter_after_it_is_still_judged() {
        let mut guard = TypingGuard::default();
        for at in 0..20 {
            assert_eq!(press(&mut guard, at * 30, 'j', Some(Command::Down)), Judgement::Act);
        }
        assert_eq!(press(&mut guard, 600, 'e', Some(Command::Resolve)), Judgement::Hold);
        assert_eq!(guard.take_due(Timestamp(750)), Some(Command::Resolve));
        let mut guard = TypingGuard::default();
        press(&mut guard, 0, 'k', Some(Command::Up));
        assert_eq!(text(&press(&mut guard, 90, 'e', Some(Command::Resolve))), Some("ke".into()));
        let mut guard = TypingGuard::default();
        for (at, c, command) in [(0, 'k', Command::Up), (90, 'k', Command::Up), (180, 'm', Command::MarkUnread)] {
            press(&mut guard, at, c, Some(command));
        }
        assert_eq!(text(&press(&mut guard, 270, 'a', None)), Some("kkma".into()));
    }

    #[test]
    fn a_sign_that_is_a_command_is_no_typing_and_others_are_within_a_word() {
        let mut guard = TypingGuard::default();
        assert_eq!(press(&mut guard, 0, '/', Some(Command::Filter)), Judgement::Act);
        assert_eq!(press(&mut guard, 10, 'e', Some(Command::Resolve)), Judgement::Hold);
        assert_eq!(text(&press(&mut guard, 20, ',', None)), Some("e,".into()));
    }

    #[test]
    fn text_without_a_composer_is_dropped_until_a_pause() {
        let mut guard = TypingGuard::default();
        press(&mut guard, 0, 'm', Some(Command::MarkUnread));
        press(&mut guard, 100, 'a', None);
        guard.drop_what_follows(Timestamp(100));
        assert_eq!(press(&mut guard, 200, 'e', Some(Command::Resolve)), Judgement::Drop);
        assert_eq!(press(&mut guard, 300, ' ', None), Judgement::Drop);
        assert_eq!(press(&mut guard, 500, 'e', Some(Command::Resolve)), Judgement::Hold);
    }
}
