//! What a person means to send, before any gateway's dialect.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{AccountName, Channel, Kind, Media};

/// Who is to receive a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recipient {
    /// A phone number (digits with country code), or the gateway's own id of a person or group.
    pub peer: String,
    /// `peer` is a group's id.
    pub group: bool,
}

/// Somebody who can be written to: through which account, on which channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    pub account: AccountName,
    pub channel: Channel,
    pub to: Recipient,
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    /// The channel it goes out on.
    pub channel: Channel,
    /// Who is to receive it.
    pub to: Recipient,
    /// What is sent.
    pub content: Content,
}

/// Kinds of media that can be sent by URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A video.
    Video,
    /// A sound.
    Audio,
    /// A file.
    Document,
}

impl MediaKind {
    /// Every kind.
    pub const ALL: [MediaKind; 4] = [Self::Image, Self::Video, Self::Audio, Self::Document];

    /// The word used in requests and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            MediaKind::Image => "image",
            MediaKind::Video => "video",
            MediaKind::Audio => "audio",
            MediaKind::Document => "document",
        }
    }

    /// The message kind it makes.
    pub fn kind(self) -> Kind {
        match self {
            MediaKind::Image => Kind::Image,
            MediaKind::Video => Kind::Video,
            MediaKind::Audio => Kind::Audio,
            MediaKind::Document => Kind::Document,
        }
    }

    /// The kind that a file name's or URL's ending suggests; a document when it says nothing.
    pub fn guess(url: &str) -> MediaKind {
        match extension(url).as_deref() {
            Some("jpg" | "jpeg" | "png" | "webp" | "gif" | "heic") => MediaKind::Image,
            Some("mp4" | "3gp" | "mov" | "mkv" | "webm" | "avi") => MediaKind::Video,
            Some("mp3" | "ogg" | "oga" | "opus" | "m4a" | "aac" | "amr" | "wav") => MediaKind::Audio,
            _ => MediaKind::Document,
        }
    }
}

/// The lower-case ending of a URL's path, without the dot; query and fragment are no part of it.
pub fn extension(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let after_scheme = path.split_once("://").map_or(path, |(_, rest)| rest);
    let (_, file) = after_scheme.rsplit_once('/')?;
    let (stem, ending) = file.rsplit_once('.')?;
    let plausible =
        !stem.is_empty() && (1..=5).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    plausible.then(|| ending.to_ascii_lowercase())
}

/// Media by URL with its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaLink {
    /// What it is.
    pub kind: MediaKind,
    /// Publicly reachable http or https URL.
    pub url: String,
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Button {
    /// Answers with its id.
    Reply {
        /// Comes back when pressed.
        id: String,
        /// What stands on it.
        title: String,
    },
    /// Opens a page.
    Url {
        /// The page.
        url: String,
        /// What stands on it.
        title: String,
    },
    /// Copies a code.
    Copy {
        /// The code.
        code: String,
        /// What stands on it.
        title: String,
    },
}

impl Button {
    /// What stands on it.
    pub fn title(&self) -> &str {
        match self {
            Button::Reply { title, .. } | Button::Url { title, .. } | Button::Copy { title, .. } => title,
        }
    }

    /// `reply`, `url` or `copy`.
    pub fn word(&self) -> &'static str {
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
    /// Heading of the section it stands in; rows of one section stand together.
    pub section: String,
    /// Comes back when chosen.
    pub id: String,
    /// What stands there.
    pub title: String,
    /// Smaller text under it; may be empty.
    pub description: String,
}

/// A text that does not spell what it should. Its words are made where people read them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misspelt {
    /// No `reply|ID|TITLE`, `url|URL|TITLE` or `copy|CODE|TITLE`.
    #[error("no button: {0}")]
    Button(String),
    /// No `SECTION|ID|TITLE|DESCRIPTION`.
    #[error("no row of a list: {0}")]
    Row(String),
    /// No `LAT,LON`.
    #[error("no place: {0}")]
    Location(String),
}

impl FromStr for Button {
    type Err = Misspelt;

    /// Reads `reply|ID|TITLE`, `url|URL|TITLE` or `copy|CODE|TITLE`; a title may hold further bars.
    fn from_str(text: &str) -> Result<Self, Misspelt> {
        let parts: Vec<&str> = text.splitn(3, '|').collect();
        match parts[..] {
            ["reply", id, title] => Ok(Button::Reply { id: id.to_owned(), title: title.to_owned() }),
            ["url", url, title] => Ok(Button::Url { url: url.to_owned(), title: title.to_owned() }),
            ["copy", code, title] => Ok(Button::Copy { code: code.to_owned(), title: title.to_owned() }),
            _ => Err(Misspelt::Button(text.to_owned())),
        }
    }
}

impl FromStr for ListRow {
    type Err = Misspelt;

    /// Reads `SECTION|ID|TITLE|DESCRIPTION`; the description and its bar may be missing.
    fn from_str(text: &str) -> Result<Self, Misspelt> {
        let parts: Vec<&str> = text.splitn(4, '|').collect();
        match parts[..] {
            [section, id, title, ref rest @ ..] if rest.len() <= 1 => Ok(ListRow {
                section: section.to_owned(),
                id: id.to_owned(),
                title: title.to_owned(),
                description: rest.first().map(|d| (*d).to_owned()).unwrap_or_default(),
            }),
            _ => Err(Misspelt::Row(text.to_owned())),
        }
    }
}

/// Reads `LAT,LON` into latitude and longitude, digit for digit; whether they are degrees is the account's to say.
pub fn split_location(text: &str) -> Result<(String, String), Misspelt> {
    let (latitude, longitude) = text.split_once(',').ok_or_else(|| Misspelt::Location(text.to_owned()))?;
    Ok((latitude.trim().to_owned(), longitude.trim().to_owned()))
}

/// A template with what fills it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUse {
    /// Name, or the dashboard's numeric id.
    pub id: String,
    /// Language code; `None` = the account's locale.
    pub language: Option<String>,
    /// Fill `{{1}}`, `{{2}}`, … of the body in order.
    pub variables: Vec<String>,
    /// Media in the header.
    pub header: Option<MediaLink>,
    /// Payloads of the quick-reply buttons, in order.
    pub payloads: Vec<String>,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Content {
    /// Plain text.
    Text {
        /// The text.
        body: String,
    },
    /// Media by URL.
    Media {
        /// What and where.
        link: MediaLink,
        /// Text under it.
        caption: Option<String>,
    },
    /// A place. Coordinates stay text, digit for digit.
    Location {
        /// Degrees north.
        latitude: String,
        /// Degrees east.
        longitude: String,
        /// Text under it.
        caption: Option<String>,
    },
    /// A contact card.
    Card {
        /// The person's name.
        name: String,
        /// Phone numbers, digits with country code.
        numbers: Vec<String>,
    },
    /// A template.
    Template(TemplateUse),
    /// Text with buttons.
    Buttons {
        /// Main text.
        text: String,
        /// Bold heading.
        title: Option<String>,
        /// Small text below.
        footer: Option<String>,
        /// Media above.
        media: Option<MediaLink>,
        /// The buttons.
        buttons: Vec<Button>,
    },
    /// Text with a list menu.
    List {
        /// Main text.
        text: String,
        /// Bold heading.
        title: Option<String>,
        /// Small text below.
        footer: Option<String>,
        /// What stands on the button that opens the list.
        label: String,
        /// The rows.
        rows: Vec<ListRow>,
    },
}

impl Content {
    /// The message kind it makes.
    pub fn kind(&self) -> Kind {
        match self {
            Content::Text { .. } => Kind::Text,
            Content::Media { link, .. } => link.kind.kind(),
            Content::Location { .. } => Kind::Location,
            Content::Card { .. } => Kind::Contacts,
            Content::Template(_) => Kind::Template,
            Content::Buttons { .. } => Kind::Buttons,
            Content::List { .. } => Kind::List,
        }
    }

    /// The text or caption; empty when there is none.
    pub fn text(&self) -> &str {
        match self {
            Content::Text { body } => body,
            Content::Media { caption, .. } | Content::Location { caption, .. } => {
                caption.as_deref().unwrap_or_default()
            }
            Content::Card { .. } | Content::Template(_) => "",
            Content::Buttons { text, .. } | Content::List { text, .. } => text,
        }
    }

    /// The media of the message, when it has one.
    pub fn media(&self) -> Option<Media> {
        let link = match self {
            Content::Media { link, .. } => link,
            Content::Buttons { media, .. } => media.as_ref()?,
            Content::Template(template) => template.header.as_ref()?,
            _ => return None,
        };
        Some(Media { url: Some(link.url.clone()), ..Media::default() })
    }

    /// The `payload` of the message, as [`Kind`] documents it.
    pub fn payload(&self) -> Option<Value> {
        match self {
            Content::Text { .. } | Content::Media { .. } => None,
            Content::Location { latitude, longitude, .. } => {
                Some(json!({"latitude": latitude, "longitude": longitude}))
            }
            Content::Card { name, numbers } => Some(json!({"contacts": [{"name": name, "numbers": numbers}]})),
            Content::Template(t) => Some(json!({
                "template": t.id, "language": t.language, "variables": t.variables,
                "header": t.header, "payloads": t.payloads,
            })),
            Content::Buttons { title, footer, buttons, .. } => {
                Some(json!({"title": title, "footer": footer, "buttons": buttons}))
            }
            Content::List { title, footer, label, rows, .. } => {
                Some(json!({"title": title, "footer": footer, "label": label, "rows": rows}))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_are_read_by_their_first_word() {
        assert_eq!(
            "url|https://a.example|Buka|toko".parse::<Button>().map(|b| b.title().to_owned()),
            Ok("Buka|toko".into())
        );
        assert_eq!("copy|K1|Salin".parse::<Button>().map(|b| b.word()), Ok("copy"));
        for wrong in ["", "reply", "reply|1", "call|1|Telepon"] {
            assert_eq!(wrong.parse::<Button>(), Err(Misspelt::Button(wrong.into())));
        }
    }

    #[test]
    fn a_row_may_lack_its_description_and_nothing_else() {
        let row = "Kaos|k1|Polos".parse::<ListRow>().unwrap();
        assert_eq!(
            (row.section.as_str(), row.id.as_str(), row.title.as_str(), row.description.as_str()),
            ("Kaos", "k1", "Polos", "")
        );
        assert_eq!("a|b|c|d|e".parse::<ListRow>().unwrap().description, "d|e");
        assert_eq!("Kaos|k1".parse::<ListRow>(), Err(Misspelt::Row("Kaos|k1".into())));
    }

    #[test]
    fn coordinates_stay_as_they_are_written() {
        assert_eq!(split_location("-6.200000, 106.816666"), Ok(("-6.200000".into(), "106.816666".into())));
        assert_eq!(split_location("Jakarta"), Err(Misspelt::Location("Jakarta".into())));
    }
}
