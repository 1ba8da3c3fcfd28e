//! The settings of `config.toml`, each with its value, to be changed here.
//!
//! Invariant: what is shown is in force; a change is shown when it has been read back from the file.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::popup::{self, Hint, Next, Popup};
use super::setting_input::{SettingInput, label, save};
use crate::config::{Setting, SettingKind};
use crate::text::Clean;
use crate::tui::app::account_health::config_sentence;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::i18n::fill;
use crate::tui::i18n::sentences::sentences_in;
use crate::tui::theme::styles::Meaning;
use crate::tui::theme::themes::Themes;
use crate::tui::user_settings::FileError;
use crate::tui::widgets::draw_text::{paragraph_rows, paragraphs, put, put_right, row, skip};

/// The widest that the list becomes.
const WIDTH: u16 = 74;
/// Where the values begin, where there is room.
const VALUES: u16 = 34;
/// Below this width a row shows the setting's name and value alone.
const NARROW: u16 = 56;

/// The list of settings; the row after the last one opens the accounts.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub chosen: usize,
}

impl Settings {
    fn change(&self, model: &mut Model, by: isize) -> Next {
        let Some(setting) = model.listed_settings.get(self.chosen).cloned() else {
            return if by > 0 { Next::RunOver(Command::Accounts) } else { Next::stay() };
        };
        if refuse_in_demo(model) {
            return Next::stay();
        }
        let choices: Vec<String> = match setting.kind {
            SettingKind::Switch => vec!["false".to_owned(), "true".to_owned()],
            SettingKind::Choice(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            SettingKind::Theme => themes(model),
            SettingKind::Text | SettingKind::Number => {
                if by > 0 {
                    model.push_overlay(SettingInput::new(&setting));
                }
                return Next::stay();
            }
        };
        let at = choices.iter().position(|choice| *choice == setting.value).unwrap_or(0);
        let next = (at + choices.len()).saturating_add_signed(by) % choices.len().max(1);
        Next::Stay(vec![save(setting.key, choices.get(next).cloned())])
    }
}

/// Says that the demo has no configuration of its own; `true` where it is one.
fn refuse_in_demo(model: &mut Model) -> bool {
    if model.process.sandbox {
        model.notify(&model.strings().settings.demo, true);
    }
    model.process.sandbox
}

/// The names of all themes.
fn themes(model: &Model) -> Vec<String> {
    let text = model.user_files.as_ref().and_then(|files| files.theme.as_ref().ok()?.as_deref());
    let themes = Themes::parse(text.unwrap_or_default()).unwrap_or_default();
    themes.names().into_iter().map(str::to_owned).collect()
}

impl Popup for Settings {
    fn commands(&self) -> &'static [Command] {
        use Command::{Accept, Close, Down, NextChoice, PageDown, PageUp, PreviousChoice, ResetSetting, Up};
        &[Accept, Close, Down, Up, PageDown, PageUp, NextChoice, PreviousChoice, ResetSetting]
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Settings)
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        popup::move_choice(&mut self.chosen, command, 8, model.listed_settings.len() + 1);
        match command {
            Command::Close => Next::close(),
            Command::Accept | Command::NextChoice => self.change(model, 1),
            Command::PreviousChoice => self.change(model, -1),
            Command::ResetSetting => match model.listed_settings.get(self.chosen).map(|setting| setting.key) {
                Some(key) if !refuse_in_demo(model) => Next::Stay(vec![save(key, None)]),
                _ => Next::stay(),
            },
            _ => Next::stay(),
        }
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let change = popup::named_hint(model, Command::Accept, &model.strings().settings.change);
        vec![change, popup::hint(model, Command::ResetSetting), popup::close_hint(model)]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().settings;
        let troubles = troubles(model);
        let troubles: Vec<(&str, Style)> =
            troubles.iter().map(|text| (text.as_str(), model.theme.style(Meaning::NoticeBad))).collect();
        let rows = u16::try_from(model.listed_settings.len() + 3).unwrap_or(u16::MAX);
        let above = if troubles.is_empty() { 0 } else { paragraph_rows(&troubles, WIDTH).min(5) + 1 };
        let area = popup::open_panel(model, buf, &strings.title, WIDTH, rows.saturating_add(above));
        paragraphs(buf, Rect { height: above.saturating_sub(1).min(area.height), ..area }, &troubles);
        let list = Rect {
            y: area.y + above.min(area.height),
            height: area.height.saturating_sub(above).saturating_sub(2),
            ..area
        };
        let first = (self.chosen + 1).saturating_sub(usize::from(list.height).max(1));
        for n in first..=model.listed_settings.len() {
            let at = row(list, u16::try_from(n - first).unwrap_or(u16::MAX));
            if at.height == 0 {
                break;
            }
            draw_row(model, buf, at, model.listed_settings.get(n), n == self.chosen);
        }
        let bottom = row(area, area.height.saturating_sub(1));
        let key = model.listed_settings.get(self.chosen).map_or("[[account]]", |setting| setting.key);
        let place = format!("{key} {} {}", model.theme.glyphs.dot, Clean::line(&model.config_path));
        put(buf, bottom, &place, model.theme.style(Meaning::Dim));
        None
    }
}

/// What cannot be used of the configuration and the files beside it.
fn troubles(model: &Model) -> Vec<String> {
    let strings = &model.strings().notices;
    let config = model.process.config.iter().map(|notice| config_sentence(model, notice).0);
    let files = model.file_errors.iter();
    let reason = |error: &FileError| sentences_in(model.locale, &error.reason);
    let files = files.map(|error| fill(&strings.file_not_used, &[("file", error.file), ("reason", &reason(error))]));
    config.chain(files).map(|text| Clean::line(&text).into_string()).collect()
}

fn draw_row(model: &Model, buf: &mut Buffer, area: Rect, setting: Option<&Setting>, chosen: bool) {
    let strings = &model.strings().settings;
    let style = model.theme.style(if chosen { Meaning::Selected } else { Meaning::Text });
    if chosen {
        put(buf, area, model.theme.glyphs.bar_chosen, style);
    }
    let mut area = skip(area, 2);
    let Some(setting) = setting else {
        put(buf, area, &strings.accounts, style);
        return;
    };
    let marker = match setting {
        Setting { at_next_start: true, .. } => &strings.next_start,
        Setting { written: false, .. } => &strings.default,
        Setting { .. } => "",
    };
    let value = match setting.value.as_str() {
        "true" => strings.on.as_str(),
        "false" => &strings.off,
        "" => &strings.none,
        other => other,
    };
    let value = Clean::line(value);
    let value_style = model.theme.style(if setting.written { Meaning::Strong } else { Meaning::Text });
    let name = label(model, setting.key);
    if area.width < NARROW {
        // Name and value whole matter more than where the value comes from.
        area = put_right(buf, area, value.as_str(), value_style);
        put(buf, Rect { width: area.width.saturating_sub(1), ..area }, name, style);
        return;
    }
    area = put_right(buf, area, marker, model.theme.style(Meaning::Dim));
    put(buf, Rect { width: (VALUES - 1).min(area.width), ..area }, name, style);
    let mut field = skip(area, VALUES);
    field.width = field.width.saturating_sub(1);
    put(buf, field, value.as_str(), value_style);
}
