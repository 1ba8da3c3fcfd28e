//! Messages to be sent, independent of any gateway's format.

use super::agent_line::agent_line;
use super::content_parts::{Button, ListRow};
use super::{AccountName, Channel, Kind, Media, MessageId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

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

    /// What files of a type are sent as.
    pub(crate) fn of_mime(mime: &str) -> MediaKind {
        match mime {
            "image/jpeg" | "image/png" | "image/webp" => MediaKind::Image,
            "video/mp4" | "video/3gpp" | "video/webm" | "video/quicktime" => MediaKind::Video,
            _ if mime.starts_with("audio/") => MediaKind::Audio,
            _ => MediaKind::Document,
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

/// A media file with its kind: by its URL, or one of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaLink {
    pub kind: MediaKind,
    /// An http or https URL that the gateway can reach; empty for a file of ours.
    pub url: String,
    /// The file that is sent, where it is one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Box<OutgoingFile>>,
}

impl MediaLink {
    /// What lies at a URL.
    pub fn new(kind: MediaKind, url: impl Into<String>) -> Self {
        MediaLink { kind, url: url.into(), file: None }
    }

    /// A file of ours.
    pub(crate) fn of_file(kind: MediaKind, file: OutgoingFile) -> Self {
        MediaLink { kind, url: String::new(), file: Some(Box::new(file)) }
    }
}

/// A file of ours that is sent: a reference to the store of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingFile {
    /// The hash of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// The name under which the customer gets it.
    pub name: String,
    /// What its bytes say it is.
    pub mime: String,
    /// Its length in bytes.
    pub size: u64,
    /// What it holds; only while a request is made of it.
    #[serde(skip)]
    pub bytes: Option<FileBytes>,
    /// Where it lies on this machine; only until it is read and stored.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

impl OutgoingFile {
    /// The ending of its name in lower case, without the dot; may be empty.
    pub fn extension(&self) -> String {
        self.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
    }
}

/// The bytes of a file. Cheap to clone, and not written into logs.
#[derive(Clone, PartialEq, Eq)]
pub struct FileBytes(pub Arc<Vec<u8>>);

impl fmt::Debug for FileBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
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
    /// How the customer reads it: the body with its places filled. `None` where the gateway has not given the body. No
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
        Some(match &link.file {
            Some(file) => Media {
                mime: Some(file.mime.clone()),
                name: Some(file.name.clone()),
                size: Some(file.size),
                ..Media::default()
            },
            None => Media { url: Some(link.url.clone()), ..Media::default() },
        })
    }

    /// The media that it carries, if it does.
    pub(crate) fn link_mut(&mut self) -> Option<&mut MediaLink> {
        match self {
            Content::Media { link, .. } => Some(link),
            Content::Buttons { media, .. } => media.as_mut(),
            Content::Template(template) => template.header.as_mut(),
            _ => None,
        }
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
    fn an_agents_name_stands_on_top_of_texts_and_captions() {
        let text = |body: &str| Content::Text { body: body.to_owned() };
        assert_eq!(text("Halo").with_agent("Sari", Channel::WhatsApp), text("*Sari*\nHalo"));
        assert_eq!(text("Halo").with_agent(" Sa*ri\n", Channel::Telegram), text("Sari\nHalo"));
        assert_eq!(text("Halo").with_agent("", Channel::WhatsApp), text("Halo"));
        assert_eq!(text(" ").with_agent("Sari", Channel::WhatsApp), text(" "));
        let media = |caption: Option<&str>| Content::Media {
            link: MediaLink::new(MediaKind::Image, "https://a.example/b.jpg"),
            caption: caption.map(str::to_owned),
        };
        assert_eq!(media(Some("Ini kak")).with_agent("Sari", Channel::WhatsApp), media(Some("*Sari*\nIni kak")));
        assert_eq!(media(None).with_agent("Sari", Channel::WhatsApp), media(None));
    }
}
