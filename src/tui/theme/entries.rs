//! The entries of a theme file: names of meanings with colours and attributes.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use toml::{Table, Value};

/// Names with their styles; `None` for one that looks like the name above it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Entries(BTreeMap<String, Option<Style>>);

const ATTRIBUTES: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

const COLOURS: [(&str, Color); 17] = [
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::White),
    ("black", Color::Black),
    ("gray", Color::Gray),
    ("dark_gray", Color::DarkGray),
    ("light_red", Color::LightRed),
    ("light_green", Color::LightGreen),
    ("light_yellow", Color::LightYellow),
    ("light_blue", Color::LightBlue),
    ("light_magenta", Color::LightMagenta),
    ("light_cyan", Color::LightCyan),
    ("reset", Color::Reset),
];

impl Entries {
    /// Reads the entries of a table. `known` says which names there are; an error names the entry that is wrong.
    pub(crate) fn parse(table: &Table, known: &[&str]) -> Result<Self, String> {
        let mut entries = Entries::default();
        entries.collect("", table)?;
        match entries.0.keys().find(|name| !is_known(name, known)) {
            None => Ok(entries),
            Some(name) => {
                let near = known.iter().copied().max_by(|a, b| {
                    let similarity = |known: &str| strsim::normalized_damerau_levenshtein(name, known);
                    similarity(a).total_cmp(&similarity(b))
                });
                let hint = near.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
                Err(format!("there is no {name:?} to be styled{hint}"))
            }
        }
    }

    /// A dotted name that is not quoted makes tables in tables, which is meant the same.
    fn collect(&mut self, above: &str, table: &Table) -> Result<(), String> {
        for (key, value) in table {
            let name = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
            match value {
                Value::Boolean(false) => drop(self.0.insert(name, None)),
                Value::Table(table) => {
                    let (below, own): (Table, Table) =
                        table.clone().into_iter().partition(|(_, value)| value.is_table());
                    if !own.is_empty() || below.is_empty() {
                        self.0.insert(name.clone(), Some(style(&name, &own)?));
                    }
                    self.collect(&name, &below)?;
                }
                _ => return Err(format!("{name:?} must be written {{ fg = \"green\", bold = true }}, or false")),
            }
        }
        Ok(())
    }

    /// Lays other entries over these.
    pub(crate) fn extend(&mut self, over: &Entries) {
        self.0.extend(over.0.iter().map(|(name, style)| (name.clone(), *style)));
    }

    /// The style of a name: its own, else that of the name above it.
    pub(crate) fn style(&self, name: &str) -> Style {
        let above = std::iter::successors(Some(name), |name| name.rsplit_once('.').map(|(above, _)| above));
        above.into_iter().find_map(|name| self.0.get(name).copied().flatten()).unwrap_or_default()
    }

    /// Whether a name has a style of its own.
    #[cfg(test)]
    pub(super) fn names(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Some(_)))
    }
}

/// Whether a name is that of a meaning, or stands above one.
fn is_known(name: &str, known: &[&str]) -> bool {
    known.iter().any(|known| known.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

fn style(name: &str, table: &Table) -> Result<Style, String> {
    let mut style = Style::default();
    for (key, value) in table {
        let attribute = ATTRIBUTES.iter().find(|(attribute, _)| attribute == key);
        style = match (attribute, value) {
            (Some((_, modifier)), Value::Boolean(true)) => style.add_modifier(*modifier),
            (Some(_), Value::Boolean(false)) => style,
            (Some(_), _) => return Err(format!("{name:?}: {key} must be true or false")),
            (None, value) if key == "fg" => style.fg(colour(value).ok_or_else(|| {
                let words: Vec<&str> = COLOURS.iter().map(|(word, _)| *word).collect();
                format!("{name:?}: fg must be a colour: {}, a number up to 255, or \"#rrggbb\"", words.join(", "))
            })?),
            (None, _) => {
                return Err(format!(
                    "{name:?}: unknown key {key:?}; there are fg, bold, dim, italic, underline, reversed"
                ));
            }
        };
    }
    Ok(style)
}

fn colour(value: &Value) -> Option<Color> {
    let word = match value {
        Value::Integer(number) => return u8::try_from(*number).ok().map(Color::Indexed),
        value => value.as_str()?,
    };
    if let Some(hex) = word.strip_prefix('#').filter(|hex| hex.len() == 6) {
        let rgb = u32::from_str_radix(hex, 16).ok()?;
        return Some(Color::from_u32(rgb));
    }
    COLOURS.iter().find(|(known, _)| *known == word).map(|(_, colour)| *colour)
}
