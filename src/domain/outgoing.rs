//! Messages to be sent, independent of any gateway's format.

use super::agent_line::agent_line;
use super::{AccountName, Channel, Kind, Media, MessageId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::str::FromStr;

/// The person or group that receives a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recipient {
    /// A phone number (digits with the country code), or the gateway's id of a person or group.
    pub peer: String,
    pub group: bool,
}

/// Somebody who can be written to: through which account, on which channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    pub account: AccountName,
    pub channel: Channel,
    pub to: Recipient,
}

/// A message with its recipient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    pub channel: Channel,
    pub to: Recipient,
    /// The content of an outgoing message.
    pub content: Content,
    /// The message that it answers, or reacts to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
}

/// A message of the same conversation that another one answers or reacts to, as its gateway knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The gateway's id of the message.
    pub remote_id: String,
    /// Our side sent it.
    pub own: bool,
    /// The member of a group who wrote it, by the gateway's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// Its text, for who reads the answer when the message itself is not at hand.
    #[serde(default)]
    pub text: String,
}

impl Outgoing {
    /// The `payload` of the message, with the message that it answers.
    pub fn payload(&self) -> Option<Value> {
        let payload = self.content.payload();
        let Some(quote) = &self.quote else { return payload };
        let mut fields = match payload {
            Some(Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        if self.content.kind() == Kind::Reaction {
            fields.insert("message".to_owned(), json!(quote.remote_id));
        } else {
            fields.insert("reply_to".to_owned(), json!(quote.remote_id));
        }
        fields.insert("quoted".to_owned(), json!(quote));
        Some(Value::Object(fields))
    }
}

/// How a person wants a message to be sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SendOptions {
    /// Not before this time; `None`: now.
    pub at: Option<Timestamp>,
    /// Whatever the 24-hour window, also where nothing is known of the customer.
    pub ignore_window: bool,
    /// Although another agent has answered a moment ago.
    pub ignore_answer: bool,
    /// The message of the same conversation that this one answers, or reacts to.
    pub quote: Option<MessageId>,
}

/// Kinds of media that can be sent by URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    Image,
    Video,
    Audio,
    Document,
}

impl MediaKind {
    pub const ALL: [MediaKind; 4] = [Self::Image, Self::Video, Self::Audio, Self::Document];

    /// As written in requests and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            MediaKind::Image => "image",
            MediaKind::Video => "video",
            MediaKind::Audio => "audio",
            MediaKind::Document => "document",
        }
    }

    /// The kind of the resulting message.
    pub fn kind(self) -> Kind {
        match self {
            MediaKind::Image => Kind::Image,
            MediaKind::Video => Kind::Video,
            MediaKind::Audio => Kind::Audio,
            MediaKind::Document => Kind::Document,
        }
    }

    /// Guesses the kind by the extension of a file name or URL; a document if the extension is missing or unknown.
    pub(crate) fn guess(url: &str) -> MediaKind {
        match extension(url).as_deref() {
            Some("jpg" | "jpeg" | "png" | "webp" | "gif" | "heic") => MediaKind::Image,
            Some("mp4" | "3gp" | "mov" | "mkv" | "webm" | "avi") => MediaKind::Video,
            Some("mp3" | "ogg" | "oga" | "opus" | "m4a" | "aac" | "amr" | "wav") => MediaKind::Audio,
            _ => MediaKind::Document,
        }
    }
}

/// The extension of a URL's path in lower case, without the dot; query and fragment do not count.
pub(crate) fn extension(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let after_scheme = path.split_once("://").map_or(path, |(_, rest)| rest);
    let (_, file) = after_scheme.rsplit_once('/')?;
    let (stem, extension) = file.rsplit_once('.')?;
    let plausible =
        !stem.is_empty() && (1..=5).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    plausible.then(|| extension.to_ascii_lowercase())
}

/// The longest id that is made of a title, in characters.
const CHOICE_ID_MAX: usize = 60;

/// The URL of a media file and its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaLink {
    pub kind: MediaKind,
    /// An http or https URL that the gateway can reach.
    pub url: String,
}

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

/// A template with its parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUse {
    /// The name, or the numeric id of the dashboard.
    pub id: String,
    /// The language code; `None` = the account's locale.
    pub language: Option<String>,
    /// The values of `{{1}}`, `{{2}}`, … of the body, in order.
    pub variables: Vec<String>,
    pub header: Option<MediaLink>,
    /// The payloads of the quick-reply buttons, in order.
    pub payloads: Vec<String>,
    /// How the customer reads it: the body with its places filled. `None` where the gateway has not told the body. No
    /// gateway is sent this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// The content of an outgoing message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Content {
    Text {
        body: String,
    },
    Media {
        link: MediaLink,
        caption: Option<String>,
    },
    /// Coordinates stay text, digit for digit.
    Location {
        latitude: String,
        longitude: String,
        caption: Option<String>,
    },
    Card {
        name: String,
        /// Phone numbers: digits with the country code.
        numbers: Vec<String>,
    },
    Template(TemplateUse),
    Buttons {
        text: String,
        /// The heading, in bold.
        title: Option<String>,
        /// Small text below the message.
        footer: Option<String>,
        /// The media above the text.
        media: Option<MediaLink>,
        buttons: Vec<Button>,
    },
    /// Text with a list menu.
    List {
        text: String,
        /// The heading, in bold.
        title: Option<String>,
        /// Small text below the message.
        footer: Option<String>,
        /// The label of the button that opens the list.
        label: String,
        rows: Vec<ListRow>,
    },
    /// A reaction to the message that is quoted.
    Reaction {
        /// Empty: takes the reaction back.
        emoji: String,
    },
}

impl Content {
    /// The kind of the resulting message.
    pub fn kind(&self) -> Kind {
        match self {
            Content::Text { .. } => Kind::Text,
            Content::Media { link, .. } => link.kind.kind(),
            Content::Location { .. } => Kind::Location,
            Content::Card { .. } => Kind::Contacts,
            Content::Template(_) => Kind::Template,
            Content::Buttons { .. } => Kind::Buttons,
            Content::List { .. } => Kind::List,
            Content::Reaction { .. } => Kind::Reaction,
        }
    }

    /// The content with an agent's name as the first line of its text or caption: bold on WhatsApp, whose customers see
    /// `*name*` so. A template stays as it was approved, and what has no text stays without one.
    pub(crate) fn with_agent(mut self, agent: &str, channel: Channel) -> Self {
        let line = agent_line(agent, channel);
        let text = match &mut self {
            Content::Text { body: text } | Content::Buttons { text, .. } | Content::List { text, .. } => Some(text),
            Content::Media { caption, .. } | Content::Location { caption, .. } => caption.as_mut(),
            Content::Card { .. } | Content::Reaction { .. } | Content::Template(_) => None,
        };
        if let Some((text, line)) = text.filter(|text| !text.trim().is_empty()).zip(line) {
            *text = format!("{line}\n{text}");
        }
        self
    }

    /// The text or caption; may be empty.
    pub fn text(&self) -> &str {
        match self {
            Content::Text { body } => body,
            Content::Media { caption, .. } | Content::Location { caption, .. } => {
                caption.as_deref().unwrap_or_default()
            }
            Content::Card { .. } => "",
            Content::Template(template) => template.text.as_deref().unwrap_or_default(),
            Content::Buttons { text, .. } | Content::List { text, .. } => text,
            Content::Reaction { emoji } => emoji,
        }
    }

    /// The media of the message, if it has one.
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
            Content::Reaction { emoji } => Some(json!({"emoji": emoji})),
        }
    }
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
    fn an_agents_name_stands_on_top_of_texts_and_captions() {
        let text = |body: &str| Content::Text { body: body.to_owned() };
        assert_eq!(text("Halo").with_agent("Sari", Channel::WhatsApp), text("*Sari*\nHalo"));
        assert_eq!(text("Halo").with_agent(" Sa*ri\n", Channel::Telegram), text("Sari\nHalo"));
        assert_eq!(text("Halo").with_agent("", Channel::WhatsApp), text("Halo"));
        assert_eq!(text(" ").with_agent("Sari", Channel::WhatsApp), text(" "));
        let media = |caption: Option<&str>| Content::Media {
            link: MediaLink { kind: MediaKind::Image, url: "https://a.example/b.jpg".to_owned() },
            caption: caption.map(str::to_owned),
        };
        assert_eq!(media(Some("Ini kak")).with_agent("Sari", Channel::WhatsApp), media(Some("*Sari*\nIni kak")));
        assert_eq!(media(None).with_agent("Sari", Channel::WhatsApp), media(None));
    }

    #[test]
    fn coordinates_keep_their_digits() {
        assert_eq!(split_location("-6.200000, 106.816666"), Ok(("-6.200000".into(), "106.816666".into())));
        assert_eq!(split_location("Jakarta"), Err(ParseContentError::Location("Jakarta".into())));
    }
}
