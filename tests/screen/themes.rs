//! Golden screens of the three built-in themes: what stands where, and in which style.
use loket::config::{Locale, ScreenSettings, Settings};
use loket::tui::{Msg, UserFiles, UserSettings};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Style;
use std::fmt::Write as _;

use crate::kit::{TestScreen, carries_everything};
use crate::screens::morning;

/// A theme on its own: everything else as it is by default.
fn with_theme(theme: &str, size: (u16, u16)) -> TestScreen {
    let store = morning();
    carries_everything(&store);
    let mut screen = TestScreen::new(store, Locale::En, size);
    let settings = UserSettings {
        locale: Locale::En,
        country: loket::domain::phone::INDONESIA,
        agent_prefix: false,
        screen: ScreenSettings { theme: theme.to_owned(), ..ScreenSettings::default() },
        listed: Settings::default().listed(),
        files: UserFiles { keymap: Ok(None), theme: Ok(None), replies: Ok(None), views: Ok(None) },
    };
    screen.update(Msg::SettingsRead(Box::new(settings)));
    screen.model.notice = None;
    screen
}

/// The text of the screen, each row followed by what is styled in it: the first cell, the text, the style.
fn styled(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let row: Vec<&Cell> = (0..buffer.area.width).map(|x| &buffer[(x, y)]).collect();
        let text: String = row.iter().map(|cell| cell.symbol()).collect();
        out.push_str(text.trim_end());
        out.push('\n');
        let mut at = 0;
        while at < row.len() {
            let style = row[at].style();
            let same = row[at..].iter().take_while(|cell| cell.style() == style).count();
            let text: String = row[at..at + same].iter().map(|cell| cell.symbol()).collect();
            if style != Cell::default().style() && !text.trim().is_empty() {
                let _ = writeln!(out, "    {at} {:?}: {}", text.trim(), in_words(style));
            }
            at += same;
        }
    }
    out
}

fn in_words(style: Style) -> String {
    let colour = |name: &str, colour: Option<ratatui::style::Color>| match colour {
        Some(colour) if colour != ratatui::style::Color::Reset => Some(format!("{name} {colour}")),
        _ => None,
    };
    let modifiers = Some(format!("{:?}", style.add_modifier)).filter(|_| !style.add_modifier.is_empty());
    [colour("fg", style.fg), colour("bg", style.bg), modifiers].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[test]
fn each_theme_draws_the_inbox_the_actions_and_the_settings_in_its_styles() {
    for theme in ["default", "light", "high-contrast"] {
        for (name, script) in [("inbox", "/ 'budi' enter"), ("actions", "/ 'budi' enter ctrl-x"), ("settings", ",")] {
            let mut screen = with_theme(theme, (80, 24));
            screen.keys(script);
            insta::assert_snapshot!(format!("theme_{theme}_{name}_80x24"), styled(&screen.buffer()));
        }
    }
}

#[test]
fn settings_are_the_same_text_in_both_languages_at_the_design_size_and_on_a_wide_screen() {
    for locale in Locale::ALL {
        for size in [(80, 24), (200, 60)] {
            let mut screen = TestScreen::new(morning(), locale, size);
            screen.keys(",");
            let name = format!("settings_{}_{}x{}", locale.as_str(), size.0, size.1);
            insta::assert_snapshot!(name, screen.drawn());
        }
    }
}
