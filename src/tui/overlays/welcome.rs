//! The first screen while there is no account: what Loket is, and the two ways on.
//!
//! Invariant: both ways are on the screen, however small it is.

use super::popup::{self, Hint, Next, Popup};
use crate::text::Clean;
use crate::tui::app::quit::save_and_quit;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, TerminalAction};
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, put_right, row, skip, wrapped};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget};

/// The screen that is shown while no account is set up.
#[derive(Debug, Clone, Default)]
pub struct Welcome {
    /// An index of [`WAYS`].
    chosen: usize,
}

/// The ways on, from top to bottom.
const WAYS: [Command; 2] = [Command::Demo, Command::AddAccount];

/// Ends this screen for the demo's.
fn open_demo(model: &mut Model) -> Vec<Effect> {
    let mut effects = save_and_quit(model);
    effects.retain(|effect| *effect != Effect::Terminal(TerminalAction::Quit));
    effects.push(Effect::Terminal(TerminalAction::Demo));
    effects
}

struct Line {
    text: String,
    style: Style,
    /// The key of the way that begins here, and whether it is chosen.
    way: Option<(String, bool)>,
    indent: u16,
    /// Lines of less weight are left out first when there is no room.
    weight: u8,
}

impl Welcome {
    fn lines(&self, model: &Model, width: u16) -> Vec<Line> {
        let strings = &model.strings().welcome;
        let style = |meaning| model.theme.style(meaning);
        let plain =
            |text: String, meaning, indent, weight| Line { text, style: style(meaning), way: None, indent, weight };
        let folded = |text: &str, meaning, indent: u16, weight| {
            wrapped(text, width.saturating_sub(indent))
                .into_iter()
                .map(move |text| plain(text, meaning, indent, weight))
        };
        let mut lines: Vec<Line> = folded(&strings.title, Meaning::AccentStrong, 0, 4).collect();
        lines.extend(folded(&strings.first, Meaning::Text, 0, 3));
        let texts = [(&strings.demo, &strings.demo_more), (&strings.account, &strings.account_more)];
        for (index, (command, (name, more))) in WAYS.into_iter().zip(texts).enumerate() {
            let chosen = self.chosen == index;
            let meaning = if chosen { Meaning::Selected } else { Meaning::Strong };
            lines.push(plain(String::new(), meaning, 0, 0));
            let way = Some((popup::key_name(model, command), chosen));
            lines.push(Line { way, ..plain(name.clone(), meaning, 2, 4) });
            lines.extend(folded(more, Meaning::Dim, 2, 2));
        }
        lines.push(plain(String::new(), Meaning::Dim, 0, 0));
        let config = fill(&strings.config, &[("path", Clean::line(&model.config_path).as_str())]);
        lines.push(plain(config, Meaning::Dim, 0, 1));
        lines
    }
}

impl Popup for Welcome {
    fn commands(&self) -> &'static [Command] {
        use Command::{Accept, AddAccount, Close, Demo, Down, NextField, PreviousField, Up};
        &[Accept, Down, Up, NextField, PreviousField, Demo, AddAccount, Close]
    }

    fn lets_run(&self, command: Command) -> bool {
        matches!(command, Command::AddAccount | Command::LogIn)
    }

    fn stays_below(&self) -> bool {
        true
    }

    /// Without an account there is nothing under it.
    fn can_close(&self, model: &Model) -> bool {
        !model.accounts.is_empty()
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        let chosen = WAYS.get(self.chosen).copied().unwrap_or(Command::Demo);
        match if command == Command::Accept { chosen } else { command } {
            // There is nothing under it.
            Command::Close => Next::Stay(save_and_quit(model)),
            Command::Demo => Next::Stay(open_demo(model)),
            Command::AddAccount => Next::RunOver(Command::AddAccount),
            _ => {
                self.chosen = (self.chosen + 1) % WAYS.len();
                Next::stay()
            }
        }
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let strings = model.strings();
        let demo = popup::named_hint(model, Command::Demo, &strings.welcome.demo);
        let account = popup::named_hint(model, Command::AddAccount, &strings.welcome.account);
        vec![demo, account, popup::anywhere_hint(model, Command::Quit)]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let screen = model.areas.screen;
        let body = Rect { y: screen.y + 1, height: screen.height.saturating_sub(2), ..screen };
        Clear.render(body, buf);
        let width = 66.min(body.width.saturating_sub(4));
        let mut lines = self.lines(model, width);
        for weight in 0..4 {
            if lines.len() > usize::from(body.height) {
                lines.retain(|line| line.weight != weight);
            }
        }
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(body.height);
        let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 3, width, height };
        for (y, line) in (0_u16..).zip(&lines) {
            let mut at = skip(row(area, y), line.indent);
            if let Some((key, chosen)) = &line.way {
                if *chosen {
                    put(buf, row(area, y), model.theme.glyphs.bar_chosen, line.style);
                }
                at = put_right(buf, at, key, model.theme.style(Meaning::Key));
            }
            put(buf, at, &line.text, line.style);
        }
        None
    }
}
