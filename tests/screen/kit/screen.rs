//! The screen without a terminal: keys as text in, cells as text out.
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use loket::config::Locale;
use loket::domain::Seq;
use loket::text;
use loket::tui::{Effect, Keymap, Model, Msg, Setup, TerminalAction, Theme, draw, layout, update};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::answers::answer;
use super::media::previews_made;
use super::store::FakeStore;

pub struct TestScreen {
    pub store: FakeStore,
    pub model: Model,
    /// All effects in order.
    pub effects: Vec<Effect>,
    /// Writes wait until `finish_writes`.
    pub slow_writes: bool,
    waiting_writes: Vec<Effect>,
}

impl TestScreen {
    pub fn new(store: FakeStore, locale: Locale, size: (u16, u16)) -> Self {
        let contents = store.contents();
        let setup = Setup {
            locale,
            theme: Theme::default(),
            zone: TimeZone::get("Asia/Jakarta").unwrap(),
            keymap: Keymap::built_in().clone(),
            agent: "Sari".to_owned(),
            replies: loket::config::RepliesFile::default(),
            country: loket::domain::phone::INDONESIA,
            config_path: "/home/sari/.config/loket/config.toml".to_owned(),
            size,
            now: contents.now,
            seq: contents.changes.last().map_or(Seq(0), |c| c.seq),
        };
        drop(contents);
        let (model, first) = Model::new(setup);
        let mut screen =
            TestScreen { store, model, effects: Vec::new(), slow_writes: false, waiting_writes: Vec::new() };
        screen.perform(first.into_iter().map(Effect::Read).collect());
        screen
    }

    /// Updates the model, performs the effects and measures, until nothing is left to do.
    pub fn update(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        let mut queue: std::collections::VecDeque<Effect> = effects.into();
        loop {
            if queue.is_empty() {
                queue.extend(layout(&mut self.model));
            }
            let Some(effect) = queue.pop_front() else { return };
            self.effects.push(effect.clone());
            let write = matches!(effect, Effect::Write(_));
            if self.slow_writes && write {
                self.waiting_writes.push(effect);
                continue;
            }
            if let Effect::Media(call) = &effect {
                for msg in previews_made(&self.store, call) {
                    queue.extend(update(&mut self.model, msg));
                }
            }
            if let Some(msg) = answer(&self.store, effect) {
                queue.extend(update(&mut self.model, msg));
            }
            if write {
                queue.extend(update(&mut self.model, Msg::StoreChanged));
            }
        }
    }

    /// Performs the writes that waited.
    pub fn finish_writes(&mut self) {
        self.slow_writes = false;
        for effect in std::mem::take(&mut self.waiting_writes) {
            if let Some(msg) = answer(&self.store, effect) {
                self.update(msg);
            }
        }
    }

    /// The store has committed something.
    pub fn store_changed(&mut self) {
        self.update(Msg::StoreChanged);
    }

    pub fn advance(&mut self, seconds: u64) {
        let now = self.store.contents().now.plus(std::time::Duration::from_secs(seconds));
        self.store.contents().now = now;
        self.update(Msg::Now(now));
    }

    /// A moment in which nothing is pressed, long enough that what was is no typing.
    pub fn pause(&mut self) {
        if self.model.waits_for_letters() {
            let now = self.store.contents().now.plus(std::time::Duration::from_millis(200));
            self.store.contents().now = now;
            self.update(Msg::Now(now));
        }
    }

    /// Presses keys: names separated by spaces; text in quotes is typed.
    pub fn keys(&mut self, keys: &str) {
        for (n, part) in keys.split('\'').enumerate() {
            if n % 2 == 1 {
                for c in part.chars() {
                    self.update(Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
                }
            } else {
                for name in part.split_whitespace() {
                    let key = key(name);
                    self.update(Msg::Key(key));
                    // Keys by name are pressed one by one; a letter among them is a command where letters are commands.
                    if key.modifiers.is_empty() || key.modifiers == KeyModifiers::ALT {
                        self.pause();
                    }
                }
            }
        }
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.update(Msg::Resized(width, height));
    }

    /// The effects since the last call that change something.
    pub fn actions(&mut self) -> Vec<Effect> {
        let all = std::mem::take(&mut self.effects);
        all.into_iter()
            .filter(|e| {
                matches!(e, Effect::Write(_))
                    || matches!(
                        e,
                        Effect::Terminal(
                            TerminalAction::Quit
                                | TerminalAction::Suspend
                                | TerminalAction::Copy { .. }
                                | TerminalAction::OpenLink { .. }
                                | TerminalAction::Edit { .. }
                        )
                    )
            })
            .collect()
    }

    /// The screen as text, with the cursor's position below.
    pub fn drawn(&self) -> String {
        let (text, cursor) = self.draw();
        match cursor {
            Some((x, y)) => format!("{text}\ncursor {x},{y}"),
            None => format!("{text}\nno cursor"),
        }
    }

    pub fn text(&self) -> String {
        self.draw().0
    }

    pub fn cursor(&self) -> Option<(u16, u16)> {
        self.draw().1
    }

    /// The cells of the screen with their colours.
    pub fn buffer(&self) -> Buffer {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(&self.model, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    fn draw(&self) -> (String, Option<(u16, u16)>) {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut cursor = None;
        terminal
            .draw(|frame| {
                draw(&self.model, frame);
            })
            .unwrap();
        if terminal.backend().cursor_visible() {
            let position = terminal.backend().cursor_position();
            cursor = Some((position.x, position.y));
        }
        let buffer = terminal.backend().buffer();
        let mut out = String::new();
        for y in 0..height {
            let mut x = 0;
            let mut line = String::new();
            while x < width {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                x += u16::try_from(text::cells(symbol).max(1)).unwrap();
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out.pop();
        (out, cursor)
    }
}

pub fn key(name: &str) -> KeyEvent {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = name;
    while let Some((word, tail)) = rest.split_once('-').filter(|(w, t)| !w.is_empty() && !t.is_empty()) {
        modifiers |= match word {
            "ctrl" => KeyModifiers::CONTROL,
            "alt" => KeyModifiers::ALT,
            "shift" => KeyModifiers::SHIFT,
            other => panic!("no modifier {other}"),
        };
        rest = tail;
    }
    let code = match rest {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "up" => KeyCode::Up,
        "right" => KeyCode::Right,
        "left" => KeyCode::Left,
        "down" => KeyCode::Down,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "backspace" => KeyCode::Backspace,
        one if one.chars().count() == 1 => KeyCode::Char(one.chars().next().unwrap()),
        other => match other.strip_prefix('f').map(str::parse) {
            Some(Ok(number)) => KeyCode::F(number),
            _ => panic!("no key {other}"),
        },
    };
    KeyEvent::new(code, modifiers)
}
