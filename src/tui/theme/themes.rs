//! The themes: those that come with the program, and what `theme.toml` adds to them and changes.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::entries::Entries;
use super::styles::{Meaning, Styles};
use crate::tui::user_settings::toml_error;

/// The built-in themes; each changes the first one.
const BUILT_IN: [(&str, &str); 3] = [
    ("default", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/themes/default.toml"))),
    ("light", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/themes/light.toml"))),
    ("high-contrast", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/themes/high-contrast.toml"))),
];

/// How many themes may build on one another.
const MOST_BASES: usize = 8;

/// A `theme.toml`: changes of whichever theme is in force, and themes of one's own.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Themes {
    changes: Entries,
    own: BTreeMap<String, OwnTheme>,
}

/// A theme of `theme.toml`: another theme with changes.
#[derive(Debug, Clone, PartialEq, Default)]
struct OwnTheme {
    base: Option<String>,
    changes: Entries,
}

impl Themes {
    /// Reads a theme file. An error says what is wrong and where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let known: Vec<&str> = Meaning::ALL.iter().map(|meaning| meaning.name()).collect();
        let file: Table = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
        let mut themes = Themes::default();
        for (key, value) in file {
            match (key.as_str(), value) {
                ("styles", Value::Table(table)) => {
                    themes.changes = Entries::parse(&table, &known).map_err(|error| format!("[styles]: {error}"))?;
                }
                ("theme", Value::Table(table)) => {
                    for (name, value) in table {
                        let own = OwnTheme::parse(value, &known).map_err(|error| format!("[theme.{name}]: {error}"))?;
                        themes.own.insert(name, own);
                    }
                }
                _ => return Err(format!("unknown key {key:?}; there are [styles] and [theme.NAME]")),
            }
        }
        // A theme that builds on nothing is an error of the file, whether it is in force or not.
        for name in themes.own.keys() {
            themes.styles(name)?;
        }
        Ok(themes)
    }

    /// The names of all themes, the built-in ones first.
    pub(crate) fn names(&self) -> Vec<&str> {
        let own = self.own.keys().map(String::as_str);
        BUILT_IN.iter().map(|(name, _)| *name).chain(own.filter(|name| built_in(name).is_none())).collect()
    }

    /// The styles of a theme. An error names the themes that there are.
    pub(crate) fn styles(&self, name: &str) -> Result<Styles, String> {
        let mut entries = self.entries(name, MOST_BASES)?;
        entries.extend(&self.changes);
        Ok(Styles::of(&entries))
    }

    fn entries(&self, name: &str, bases: usize) -> Result<Entries, String> {
        let own = self.own.get(name);
        let base = own.and_then(|own| own.base.as_deref());
        let mut entries = match (base, built_in(name)) {
            (Some(_), _) if bases == 0 => return Err(format!("the theme {name:?} builds on itself")),
            (Some(base), _) => self.entries(base, bases - 1)?,
            (None, Some(entries)) => entries,
            (None, None) if own.is_some() => built_in("default").unwrap_or_default(),
            (None, None) => {
                return Err(format!("there is no theme {name:?}; there are {}", self.names().join(", ")));
            }
        };
        if let Some(own) = own {
            entries.extend(&own.changes);
        }
        Ok(entries)
    }
}

impl OwnTheme {
    fn parse(value: Value, known: &[&str]) -> Result<Self, String> {
        let Value::Table(mut table) = value else { return Err("must be a table of styles".to_owned()) };
        let base = match table.remove("base") {
            None => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => return Err("base must be the name of a theme".to_owned()),
        };
        Ok(OwnTheme { base, changes: Entries::parse(&table, known)? })
    }
}

/// The entries of a built-in theme.
fn built_in(name: &str) -> Option<Entries> {
    let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    // A theme that cannot be read would show plain text; a test reads all.
    let mut entries = if name == "default" { Entries::default() } else { built_in("default")? };
    entries.extend(&Themes::parse(text).unwrap_or_default().changes);
    Some(entries)
}

#[cfg(test)]
#[path = "contrast_tests.rs"]
mod contrast_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::{Color, Style};

    #[test]
    fn the_default_theme_names_every_meaning_and_no_built_in_one_sets_a_background() {
        let default = Themes::parse(BUILT_IN[0].1).unwrap().changes;
        for meaning in Meaning::ALL {
            assert!(default.names(meaning.name()), "{}", meaning.name());
        }
        for (name, text) in BUILT_IN {
            Themes::parse(text).unwrap();
            let styles = Themes::default().styles(name).unwrap();
            assert!(Meaning::ALL.iter().all(|meaning| styles.style(*meaning).bg.is_none()));
            let plain = styles.without_colours();
            assert!(Meaning::ALL.iter().all(|meaning| plain.style(*meaning).fg.is_none()));
        }
    }

    #[test]
    fn a_file_changes_the_theme_in_force_and_adds_themes() {
        let text = "[styles]\naccent = { fg = \"#ff8800\" }\n[theme.malam]\nbase = \"light\"\ntext.dim = false\n\
                    \"message.failed\" = { fg = 208, underline = true }\n";
        let themes = Themes::parse(text).unwrap();
        assert_eq!(themes.names(), ["default", "light", "high-contrast", "malam"]);
        for name in themes.names() {
            assert_eq!(themes.styles(name).unwrap().style(Meaning::Accent).fg, Some(Color::Rgb(255, 136, 0)));
        }
        let night = themes.styles("malam").unwrap();
        assert_eq!(night.style(Meaning::MessageFailed), Style::default().fg(Color::Indexed(208)).underlined());
        assert_eq!(night.style(Meaning::Key), themes.styles("light").unwrap().style(Meaning::Key));
    }

    #[test]
    fn a_built_in_theme_can_be_changed_and_an_entry_removed() {
        let text = "[theme.default]\nmessage = { fg = \"red\" }\n\"message.failed\" = false\n";
        let styles = Themes::parse(text).unwrap().styles("default").unwrap();
        assert_eq!(styles.style(Meaning::MessageFailed), Style::default().fg(Color::Red));
    }

    #[test]
    fn an_error_names_what_is_wrong_and_where() {
        for (text, error) in [
            (
                "[styles]\n\"message.failde\" = {}",
                "[styles]: there is no \"message.failde\" to be styled; did you mean \"message.failed\"?",
            ),
            ("[styles]\nkey = { fg = \"oranye\" }", "[styles]: \"key\": fg must be a colour: red, green,"),
            ("[styles]\nkey = { color = 1 }", "[styles]: \"key\": unknown key \"color\"; there are fg, bold,"),
            ("[styles]\nkey = 5", "[styles]: \"key\" must be written { fg = "),
            ("[theme.a]\nbase = \"b\"", "there is no theme \"b\"; there are default, light, high-contrast, a"),
            ("[theme.a]\nbase = \"a\"", "the theme \"a\" builds on itself"),
            ("[colors]", "unknown key \"colors\"; there are [styles] and [theme.NAME]"),
            ("[styles\n", "line 1, column 8: "),
        ] {
            let found = Themes::parse(text).unwrap_err();
            assert!(found.starts_with(error), "{found}");
        }
    }
}
