//! The screen on its stage: keys as text in, the screen as text out.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use futures_util::FutureExt;
use jiff::tz::TimeZone;
use loket::config::Locale;
use loket::text;
use loket::tui::commands::keymap::Keymap;
use loket::tui::effect::Effect;
use loket::tui::effect::{GatewayCall, TerminalAction};
use loket::tui::runtime::{Backend, reads, writes};
use loket::tui::theme::Theme;
use loket::tui::{Model, Msg, Setup, draw, layout, update};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::world::Fake;

/// The screen on its stage.
pub struct Stage {
    pub fake: Fake,
    pub model: Model,
    /// Everything that was asked, in order.
    pub asked: Vec<Effect>,
    /// Deeds wait until they are let through.
    pub slow_writes: bool,
    waiting: Vec<Effect>,
}

impl Stage {
    pub fn new(fake: Fake, locale: Locale, size: (u16, u16)) -> Self {
        let seq = fake.last_seq().unwrap();
        let setup = Setup {
            locale,
            theme: Theme::default(),
            zone: TimeZone::get("Asia/Jakarta").unwrap(),
            keymap: Keymap::built_in().clone(),
            agent: "Sari".to_owned(),
            replies: Vec::new(),
            config_path: "/home/sari/.config/loket/config.toml".to_owned(),
            size,
            now: fake.now(),
            seq,
        };
        let (model, first) = Model::new(setup);
        let mut stage = Stage { fake, model, asked: Vec::new(), slow_writes: false, waiting: Vec::new() };
        stage.perform(first.into_iter().map(Effect::Read).collect());
        stage
    }

    /// Hears one thing, does what it asks, and measures, until nothing is left to do.
    pub fn hear(&mut self, msg: Msg) {
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
            self.asked.push(effect.clone());
            let deed = matches!(effect, Effect::Write(_));
            if self.slow_writes && deed {
                self.waiting.push(effect);
                continue;
            }
            if let Some(msg) = self.answer(effect) {
                queue.extend(update(&mut self.model, msg));
            }
            if deed {
                queue.extend(update(&mut self.model, Msg::StoreChanged));
            }
        }
    }

    /// Performs a read; other effects are dropped.
    pub fn read(&self, effect: Effect) -> Option<Msg> {
        match effect {
            Effect::Read(_) => self.answer(effect),
            Effect::Write(_) | Effect::Gateway(_) | Effect::Terminal(_) => None,
        }
    }

    fn answer(&self, effect: Effect) -> Option<Msg> {
        match effect {
            Effect::Read(read) => Some(reads::perform(&self.fake, read)),
            Effect::Write(write) => writes::perform(&self.fake, write).now_or_never(),
            Effect::Gateway(GatewayCall::Templates { account }) => {
                let templates = self.fake.templates(&account).now_or_never().unwrap();
                Some(Msg::TemplatesRead { account, templates })
            }
            Effect::Gateway(GatewayCall::Groups { account }) => {
                let groups = self.fake.groups(&account).now_or_never().unwrap();
                Some(Msg::GroupsRead { account, groups })
            }
            Effect::Gateway(GatewayCall::CheckNumber { account, phone }) => {
                let result = self.fake.check_number(&account, &phone).now_or_never().unwrap();
                Some(Msg::NumberChecked { account, phone, result })
            }
            Effect::Gateway(_) | Effect::Terminal(_) => None,
        }
    }

    /// Lets the deeds that waited happen.
    pub fn finish_writes(&mut self) {
        self.slow_writes = false;
        for effect in std::mem::take(&mut self.waiting) {
            if let Some(msg) = self.answer(effect) {
                self.hear(msg);
            }
        }
    }

    /// The store has committed something.
    pub fn wake(&mut self) {
        self.hear(Msg::StoreChanged);
    }

    pub fn pass(&mut self, seconds: u64) {
        let now = self.fake.now().plus(std::time::Duration::from_secs(seconds));
        self.fake.world().now = now;
        self.hear(Msg::Now(now));
    }

    /// Presses keys: names separated by spaces; text in quotes is typed.
    pub fn keys(&mut self, keys: &str) {
        for (n, part) in keys.split('\'').enumerate() {
            if n % 2 == 1 {
                for c in part.chars() {
                    self.hear(Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
                }
            } else {
                for name in part.split_whitespace() {
                    self.hear(Msg::Key(key(name)));
                }
            }
        }
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.hear(Msg::Resized(width, height));
    }

    /// What was asked since the last call, without reads.
    pub fn deeds(&mut self) -> Vec<Effect> {
        let all = std::mem::take(&mut self.asked);
        all.into_iter()
            .filter(|e| {
                matches!(e, Effect::Write(_))
                    || matches!(
                        e,
                        Effect::Terminal(TerminalAction::Quit)
                            | Effect::Terminal(TerminalAction::Suspend)
                            | Effect::Terminal(TerminalAction::Copy { .. })
                            | Effect::Terminal(TerminalAction::OpenLink { .. })
                            | Effect::Terminal(TerminalAction::Edit { .. })
                    )
            })
            .collect()
    }

    /// The screen as text, with the cursor's place below.
    pub fn screen(&self) -> String {
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
        "down" => KeyCode::Down,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "backspace" => KeyCode::Backspace,
        "f1" => KeyCode::F(1),
        "f5" => KeyCode::F(5),
        one if one.chars().count() == 1 => KeyCode::Char(one.chars().next().unwrap()),
        other => panic!("no key {other}"),
    };
    KeyEvent::new(code, modifiers)
}
