//! A setting that is typed.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::popup::{self, Hint, Next, Popup};
use crate::config::Setting;
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, TerminalAction};
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{paragraphs, row};
use crate::tui::widgets::line_input::LineInput;
use ratatui::layout::Rect;

/// A setting whose value is being typed.
#[derive(Debug, Clone)]
pub struct SettingInput {
    key: &'static str,
    input: LineInput,
    /// Why the value cannot be used.
    error: Option<String>,
}

impl SettingInput {
    /// The line with the setting's value in it.
    pub(crate) fn new(setting: &Setting) -> Self {
        SettingInput { key: setting.key, input: LineInput::with(&setting.value), error: None }
    }
}

/// Takes the end of a change: the line closes, or says what is wrong.
pub(crate) fn finish(model: &mut Model, key: &str, result: Result<(), String>) {
    match (result, model.front_mut::<SettingInput>().filter(|front| front.key == key)) {
        (Ok(()), Some(_)) => drop(model.overlays.pop()),
        (Ok(()), None) => {}
        (Err(reason), Some(front)) => front.error = Some(reason),
        (Err(reason), None) => model.notify(&reason, true),
    }
}

/// Writes a setting, or takes it out of the file.
pub(crate) fn save(key: &'static str, value: Option<String>) -> Effect {
    Effect::Terminal(TerminalAction::SaveSetting { key, value })
}

/// What a setting is called.
pub(crate) fn label<'m>(model: &'m Model, key: &'m str) -> &'m str {
    model.strings().setting_labels.get(&key.replace('.', "_")).map_or(key, String::as_str)
}

impl Popup for SettingInput {
    fn commands(&self) -> &'static [Command] {
        &[Command::Accept]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn run(&mut self, _model: &mut Model, _command: Command) -> Next {
        let typed = self.input.text().trim();
        // Nothing is no value: the default is in force then.
        Next::Stay(vec![save(self.key, (!typed.is_empty()).then(|| typed.to_owned()))])
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if self.input.key(key) == Some(true) {
            self.error = None;
        }
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        self.input.insert(text);
        self.error = None;
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        vec![popup::named_hint(model, Command::Accept, &model.strings().settings.save), popup::close_hint(model)]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let area = popup::open_panel(model, buf, label(model, self.key), 60, 4);
        let cursor = self.input.draw(&model.theme, buf, row(area, 0), &model.strings().settings.none);
        let reason = self.error.as_deref().map(Clean::line);
        if let Some(reason) = &reason {
            let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
            paragraphs(buf, below, &[(reason.as_str(), model.theme.style(Meaning::ComposerObjection))]);
        }
        Some(cursor)
    }
}
