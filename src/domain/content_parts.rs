//! Parts of a message that are written as text: buttons, rows of a list menu, coordinates.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The longest id that is made of a title, in characters.
const CHOICE_ID_MAX: usize = 60;

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Button {
    /// Sends its id back.
    Reply {
        /// Sent back when the button is pressed.
        id: String,
        title: String,
    },
    /// Opens a page in the browser.
    Url { url: String, title: String },
    /// Copies a code to the clipboard.
    Copy { code: String, title: String },
}

impl Button {
    /// The text that the customer sees on the button.
    pub fn title(&self) -> &str {
        match self {
            Button::Reply { title, .. } | Button::Url { title, .. } | Button::Copy { title, .. } => title,
        }
    }

    /// The type: `reply`, `url` or `copy`.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Button::Reply { .. } => "reply",
            Button::Url { .. } => "url",
            Button::Copy { .. } => "copy",
        }
    }
}

/// A row of a list menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    /// The heading of its section; rows of one section are adjacent.
    pub section: String,
    /// Sent back when the row is chosen.
    pub id: String,
    pub title: String,
    /// Smaller text below the title; may be empty.
    pub description: String,
}

/// A text that could not be parsed into a part of a message. The error is worded where people read it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseContentError {
    /// The text is not `reply|ID|TITLE`, `url|URL|TITLE` or `copy|CODE|TITLE`.
    #[error("no button: {0}")]
    Button(String),
    /// The text is not `SECTION|ID|TITLE|DESCRIPTION`.
    #[error("no row of a list: {0}")]
    Row(String),
    /// The text is not `LAT,LON`.
    #[error("no place: {0}")]
    Location(String),
}

impl FromStr for Button {
    type Err = ParseContentError;

    /// Parses `reply|ID|TITLE`, `url|URL|TITLE` or `copy|CODE|TITLE`; a title may contain further bars.
    fn from_str(text: &str) -> Result<Self, ParseContentError> {
        let parts: Vec<&str> = text.splitn(3, '|').collect();
        match parts[..] {
            ["reply", id, title] => Ok(Button::Reply { id: id.to_owned(), title: title.to_owned() }),
            ["url", url, title] => Ok(Button::Url { url: url.to_owned(), title: title.to_owned() }),
            ["copy", code, title] => Ok(Button::Copy { code: code.to_owned(), title: title.to_owned() }),
            _ => Err(ParseContentError::Button(text.to_owned())),
        }
    }
}

impl FromStr for ListRow {
    type Err = ParseContentError;

    /// Parses `SECTION|ID|TITLE|DESCRIPTION`; the description and its bar may be missing.
    fn from_str(text: &str) -> Result<Self, ParseContentError> {
        let parts: Vec<&str> = text.splitn(4, '|').collect();
        match parts[..] {
            [section, id, title, ref rest @ ..] if rest.len() <= 1 => Ok(ListRow {
                section: section.to_owned(),
                id: id.to_owned(),
                title: title.to_owned(),
                description: rest.first().map(|d| (*d).to_owned()).unwrap_or_default(),
            }),
            _ => Err(ParseContentError::Row(text.to_owned())),
        }
    }
}

/// The id of a button or a list's row that has none but a title: the title in plain letters, and unlike those that are
/// taken, to which it is added.
pub(crate) fn choice_id(title: &str, taken: &mut Vec<String>) -> String {
    let lower = title.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut plain = words.collect::<Vec<_>>().join("-");
    plain.truncate(CHOICE_ID_MAX);
    let stem = if plain.is_empty() { "pilihan".to_owned() } else { plain };
    let mut id = stem.clone();
    let mut n = 2;
    while taken.contains(&id) {
        id = format!("{stem}-{n}");
        n += 1;
    }
    taken.push(id.clone());
    id
}

/// Splits `LAT,LON` into latitude and longitude, digit for digit. Their range is checked by the account's capabilities.
pub(crate) fn split_location(text: &str) -> Result<(String, String), ParseContentError> {
    let (latitude, longitude) = text.split_once(',').ok_or_else(|| ParseContentError::Location(text.to_owned()))?;
    Ok((latitude.trim().to_owned(), longitude.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_is_parsed_by_its_type() {
        assert_eq!(
            "url|https://a.example|Buka|toko".parse::<Button>().map(|b| b.title().to_owned()),
            Ok("Buka|toko".into())
        );
        assert_eq!("copy|K1|Salin".parse::<Button>().map(|b| b.type_name()), Ok("copy"));
        for wrong in ["", "reply", "reply|1", "call|1|Telepon"] {
            assert_eq!(wrong.parse::<Button>(), Err(ParseContentError::Button(wrong.into())));
        }
    }

    #[test]
    fn only_the_description_of_a_row_may_be_missing() {
        let row = "Kaos|k1|Polos".parse::<ListRow>().unwrap();
        assert_eq!(
            (row.section.as_str(), row.id.as_str(), row.title.as_str(), row.description.as_str()),
            ("Kaos", "k1", "Polos", "")
        );
        assert_eq!("a|b|c|d|e".parse::<ListRow>().unwrap().description, "d|e");
        assert_eq!("Kaos|k1".parse::<ListRow>(), Err(ParseContentError::Row("Kaos|k1".into())));
    }

    #[test]
    fn every_title_gets_an_id_of_its_own() {
        let mut taken = Vec::new();
        let ids: Vec<String> =
            ["Ya", "Tidak, jadi!", "ya", "好的", "👍"].into_iter().map(|title| choice_id(title, &mut taken)).collect();
        assert_eq!(ids, ["ya", "tidak-jadi", "ya-2", "pilihan", "pilihan-2"]);
    }

    #[test]
    fn coordinates_keep_their_digits() {
        assert_eq!(split_location("-6.200000, 106.816666"), Ok(("-6.200000".into(), "106.816666".into())));
        assert_eq!(split_location("Jakarta"), Err(ParseContentError::Location("Jakarta".into())));
    }
}
