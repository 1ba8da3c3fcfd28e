//! The capabilities of an account as data, and the checks of a message against them before anything is sent.
//!
//! Invariant: nothing here names a gateway. A provider fills in [`Capabilities`]; all layers above call `allows`.
use super::content_parts::Button;
use super::file_rules::{FileRefusal, FileRules};
use super::outgoing::{MediaKind, MediaLink, OutgoingFile, extension};
use super::window::WindowRule;
use super::{Channel, Content, Kind, Outgoing, Timestamp, phone};
use crate::text::link::is_web_url;

/// What the gateway of an account supports.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "a table of independent yes-or-no facts, one row per gateway")]
pub struct Capabilities {
    /// The channels on which messages can be sent.
    pub channels: &'static [Channel],
    /// The maximum length of a text, in characters.
    pub text_max: usize,
    /// The maximum length of a caption, in characters.
    pub caption_max: usize,
    /// The media kinds, each with the accepted file extensions (empty = any).
    pub media: &'static [(MediaKind, &'static [&'static str])],
    /// Messages can be sent to groups.
    pub groups: bool,
    /// Which files of ours can be sent.
    pub files: FileRules,
    pub location: bool,
    pub card: bool,
    pub template: Option<TemplateRules>,
    pub buttons: Option<ButtonRules>,
    /// The maximum number of rows of a list menu; `None` if it has no list menus.
    pub list_rows: Option<usize>,
    pub window: WindowRule,
    /// Can check whether a number is on WhatsApp.
    pub check_number: bool,
    /// Can list the groups of the phone.
    pub list_groups: bool,
    pub list_templates: bool,
    /// Has an address book that can be listed and extended.
    pub contacts: bool,
    /// WhatsApp can be linked by a QR code from the API.
    pub login: bool,
    /// Reports delivery and reading of messages.
    pub receipts: bool,
    /// A message can answer a single earlier one, which the customer sees above it.
    pub quotes: bool,
    /// Can react to a message with an emoji.
    pub reactions: bool,
    /// A phone is linked that has the WhatsApp chats too, so that a person can look there.
    pub phone: bool,
}

/// What templates may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateRules {
    /// The id must be a number, as the dashboard shows it.
    pub numeric_id: bool,
    /// The media kinds of the header.
    pub headers: &'static [MediaKind],
    /// Quick-reply buttons may have payloads.
    pub payloads: bool,
}

/// What buttons of a message are supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ButtonRules {
    /// The maximum number of buttons.
    pub max: usize,
    /// The supported types, out of `reply`, `url` and `copy`.
    pub types: &'static [&'static str],
    /// One message may have buttons of different types.
    pub mixed: bool,
    /// The maximum number of `url` and `copy` buttons together.
    pub max_links: usize,
    /// The media kinds that may precede the text.
    pub media: &'static [MediaKind],
}

/// Why a message may not be sent. It is worded where people read it, in their language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// The gateway does not support this kind of message.
    Kind {
        kind: Kind,
    },
    /// The gateway does not support this channel.
    Channel {
        channel: Channel,
    },
    /// The gateway does not support groups.
    Groups,
    /// The message, or a required part of it, is empty.
    Empty,
    /// A text or caption is too long; both numbers are characters.
    TooLong {
        max: usize,
        actual: usize,
    },
    TooManyButtons {
        max: usize,
        actual: usize,
    },
    /// The gateway does not support this type of button.
    ButtonType {
        /// `reply`, `url` or `copy`.
        name: &'static str,
    },
    /// The gateway does not support buttons of different types in one message.
    ButtonsMixed,
    TooManyRows {
        max: usize,
        actual: usize,
    },
    /// The gateway does not accept files of this type.
    MediaType {
        kind: MediaKind,
        extension: String,
        accepted: &'static [&'static str],
    },
    /// The file is too large for the channel; both numbers are bytes.
    FileTooBig {
        kind: MediaKind,
        max: u64,
        actual: u64,
    },
    /// Pictures of this format are shown by few phones, and may tell where they were taken.
    FileFormat {
        extension: &'static str,
    },
    /// The file cannot be read.
    FileUnreadable {
        /// In the system's words.
        detail: String,
    },
    /// The file has no content.
    FileEmpty,
    /// The picture cannot be read to its end, so that it cannot be freed of its position.
    FileDamaged,
    /// The media is not given by an http or https URL.
    MediaUrl,
    /// The 24-hour window is closed: only a template may be sent.
    WindowClosed {
        /// When it closed; `None` if nothing is known of a message of this customer.
        since: Option<Timestamp>,
    },
    /// The 24-hour window will be closed when the message is to be sent.
    WindowClosesBefore {
        /// When the window closes before that.
        until: Timestamp,
    },
    /// The time at which the message is to be sent has passed.
    TimePassed,
    /// Another agent has answered in this conversation a moment ago.
    JustAnswered {
        /// Empty when it was not done here: on the phone, or in the gateway's dashboard.
        by: String,
        at: Timestamp,
    },
    /// The recipient is empty or holds white space or control characters.
    Recipient {
        given: String,
    },
    /// The template id is not a number.
    TemplateId,
    /// The gateway does not support this media kind in a header.
    TemplateHeader {
        kind: MediaKind,
    },
    /// The gateway does not support payloads of quick-reply buttons.
    TemplatePayloads,
    /// The coordinates are not numbers or out of range.
    Coordinates,
    /// The contact card lacks a name or a valid number.
    Card,
    /// The gateway does not support answers to single messages.
    Quotes,
}

impl Capabilities {
    /// The kinds of messages that can be sent.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds = vec![Kind::Text];
        kinds.extend(self.media.iter().map(|(kind, _)| kind.kind()));
        let further = [
            (self.location, Kind::Location),
            (self.card, Kind::Contacts),
            (self.buttons.is_some(), Kind::Buttons),
            (self.list_rows.is_some(), Kind::List),
            (self.template.is_some(), Kind::Template),
        ];
        kinds.extend(further.into_iter().filter(|(supported, _)| *supported).map(|(_, kind)| kind));
        kinds
    }

    /// Whether `outgoing` may be sent at `now`. `window_until` is when the customer-service window closes, as
    /// [`WindowRule::until`] computes it; `None` if nothing is known of a message of this customer.
    pub fn allows(
        &self,
        outgoing: &Outgoing,
        window_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Objection> {
        self.allows_recipient(outgoing)?;
        if outgoing.quote.is_some() && !self.quotes && outgoing.content.kind() != Kind::Reaction {
            return Err(Objection::Quotes);
        }
        self.allows_content(outgoing.channel, &outgoing.content)?;
        let is_template = matches!(outgoing.content, Content::Template(_));
        if !is_template && !self.window.is_open(window_until, now) {
            return Err(Objection::WindowClosed { since: window_until });
        }
        Ok(())
    }

    fn allows_recipient(&self, outgoing: &Outgoing) -> Result<(), Objection> {
        if !self.channels.contains(&outgoing.channel) {
            return Err(Objection::Channel { channel: outgoing.channel });
        }
        if outgoing.to.group && !self.groups {
            return Err(Objection::Groups);
        }
        let peer = outgoing.to.peer.as_str();
        let is_id = !peer.is_empty() && !peer.chars().any(|c| c.is_control() || c.is_whitespace());
        if !is_id {
            return Err(Objection::Recipient { given: peer.to_owned() });
        }
        Ok(())
    }

    fn allows_file(
        &self,
        channel: Channel,
        kind: MediaKind,
        file: &OutgoingFile,
        accepted: &'static [&'static str],
    ) -> Result<(), Objection> {
        self.files.allow(channel, kind, file, accepted).map_err(|refusal| match refusal {
            FileRefusal::Type(accepted) => Objection::MediaType { kind, extension: file.extension(), accepted },
            FileRefusal::TooBig(max) => Objection::FileTooBig { kind, max, actual: file.size },
        })
    }

    /// What a file is sent as where nobody says: as what it is, or as a document where only that takes its type.
    pub(crate) fn file_kind(&self, channel: Channel, file: &OutgoingFile) -> MediaKind {
        let own = MediaKind::of_mime(&file.mime);
        let takes = |kind| {
            let accepted = self.media.iter().find(|(media, _)| *media == kind).map(|(_, accepted)| *accepted);
            accepted.is_some_and(|accepted| {
                !matches!(self.files.allow(channel, kind, file, accepted), Err(FileRefusal::Type(_)))
            })
        };
        if !takes(own) && takes(MediaKind::Document) { MediaKind::Document } else { own }
    }

    /// Whether what stands above a text, or in a template's header, may be sent.
    fn require_link(&self, channel: Channel, link: &MediaLink) -> Result<(), Objection> {
        match &link.file {
            Some(file) => self.allows_file(channel, link.kind, file, &[]),
            None => require_web_url(&link.url),
        }
    }

    fn allows_content(&self, channel: Channel, content: &Content) -> Result<(), Objection> {
        let unsupported = || Objection::Kind { kind: content.kind() };
        match content {
            Content::Text { body } => require_text(body, self.text_max),
            Content::Media { link, caption } => {
                let (_, extensions) = self.media.iter().find(|(kind, _)| *kind == link.kind).ok_or_else(unsupported)?;
                if let Some(file) = &link.file {
                    self.allows_file(channel, link.kind, file, extensions)?;
                } else {
                    require_web_url(&link.url)?;
                    require_media_type(link.kind, &link.url, extensions)?;
                }
                require_optional_text(caption.as_deref(), self.caption_max)
            }
            Content::Location { latitude, longitude, caption } => {
                if !self.location {
                    return Err(unsupported());
                }
                require_coordinate(latitude, 90.0)?;
                require_coordinate(longitude, 180.0)?;
                require_optional_text(caption.as_deref(), self.caption_max)
            }
            Content::Card { name, numbers } => {
                if !self.card {
                    return Err(unsupported());
                }
                let is_complete = !name.trim().is_empty()
                    && !numbers.is_empty()
                    && numbers.iter().all(|n| phone::normalise(n, phone::INDONESIA).is_some());
                if is_complete { Ok(()) } else { Err(Objection::Card) }
            }
            Content::Template(template) => {
                let rules = self.template.ok_or_else(unsupported)?;
                if template.id.trim().is_empty() {
                    return Err(Objection::Empty);
                }
                if rules.numeric_id && template.id.parse::<u64>().is_err() {
                    return Err(Objection::TemplateId);
                }
                if let Some(header) = &template.header {
                    if !rules.headers.contains(&header.kind) {
                        return Err(Objection::TemplateHeader { kind: header.kind });
                    }
                    self.require_link(channel, header)?;
                }
                if !template.payloads.is_empty() && !rules.payloads {
                    return Err(Objection::TemplatePayloads);
                }
                Ok(())
            }
            Content::Buttons { text, media, buttons, .. } => {
                let rules = self.buttons.ok_or_else(unsupported)?;
                require_text(text, self.caption_max)?;
                if let Some(link) = media {
                    if !rules.media.contains(&link.kind) {
                        return Err(Objection::Kind { kind: link.kind.kind() });
                    }
                    self.require_link(channel, link)?;
                }
                rules.allows(buttons)
            }
            Content::List { text, label, rows, .. } => {
                let max = self.list_rows.ok_or_else(unsupported)?;
                require_text(text, self.caption_max)?;
                require_text(label, self.caption_max)?;
                if rows.is_empty() {
                    return Err(Objection::Empty);
                }
                if rows.len() > max {
                    return Err(Objection::TooManyRows { max, actual: rows.len() });
                }
                Ok(())
            }
            Content::Reaction { .. } => {
                if self.reactions {
                    Ok(())
                } else {
                    Err(unsupported())
                }
            }
        }
    }
}

impl ButtonRules {
    fn allows(&self, buttons: &[Button]) -> Result<(), Objection> {
        if buttons.is_empty() || buttons.iter().any(|b| b.title().trim().is_empty()) {
            return Err(Objection::Empty);
        }
        if buttons.len() > self.max {
            return Err(Objection::TooManyButtons { max: self.max, actual: buttons.len() });
        }
        for button in buttons {
            if !self.types.contains(&button.type_name()) {
                return Err(Objection::ButtonType { name: button.type_name() });
            }
        }
        let first = buttons.first().map(Button::type_name);
        if !self.mixed && buttons.iter().any(|b| Some(b.type_name()) != first) {
            return Err(Objection::ButtonsMixed);
        }
        let links = buttons.iter().filter(|b| b.type_name() != "reply").count();
        if links > self.max_links {
            return Err(Objection::TooManyButtons { max: self.max_links, actual: links });
        }
        Ok(())
    }
}

fn require_text(text: &str, max: usize) -> Result<(), Objection> {
    if text.trim().is_empty() {
        return Err(Objection::Empty);
    }
    let actual = text.chars().count();
    if actual > max { Err(Objection::TooLong { max, actual }) } else { Ok(()) }
}

fn require_optional_text(text: Option<&str>, max: usize) -> Result<(), Objection> {
    text.filter(|t| !t.trim().is_empty()).map_or(Ok(()), |t| require_text(t, max))
}

fn require_web_url(url: &str) -> Result<(), Objection> {
    if is_web_url(url) { Ok(()) } else { Err(Objection::MediaUrl) }
}

fn require_media_type(kind: MediaKind, url: &str, accepted: &'static [&'static str]) -> Result<(), Objection> {
    // A URL without an extension may be of any type; the gateway will decide.
    match extension(url) {
        Some(extension) if !accepted.is_empty() && !accepted.contains(&extension.as_str()) => {
            Err(Objection::MediaType { kind, extension, accepted })
        }
        _ => Ok(()),
    }
}

fn require_coordinate(text: &str, limit: f64) -> Result<(), Objection> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.'));
    match text.parse::<f64>() {
        Ok(degrees) if plain && degrees.abs() <= limit => Ok(()),
        _ => Err(Objection::Coordinates),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Recipient;

    const EVERYTHING: Capabilities = Capabilities {
        channels: &[Channel::WhatsApp],
        text_max: 10,
        caption_max: 10,
        media: &[(MediaKind::Document, &["pdf"])],
        groups: false,
        files: FileRules::LINK,
        location: true,
        card: true,
        template: Some(TemplateRules { numeric_id: true, headers: &[MediaKind::Image], payloads: false }),
        buttons: Some(ButtonRules { max: 2, types: &["reply", "url"], mixed: false, max_links: 1, media: &[] }),
        list_rows: Some(1),
        window: WindowRule::Day,
        check_number: false,
        list_groups: false,
        list_templates: false,
        contacts: false,
        login: false,
        receipts: false,
        quotes: false,
        reactions: false,
        phone: false,
    };

    fn objection(content: Content) -> Option<Objection> {
        let now = Timestamp::from_seconds(1_700_000_000);
        let outgoing = Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: "628123456789".into(), group: false },
            content,
            quote: None,
        };
        EVERYTHING.allows(&outgoing, EVERYTHING.window.until(Some(now)), now).err()
    }

    fn media(url: &str) -> Content {
        Content::Media { link: MediaLink::new(MediaKind::Document, url), caption: None }
    }

    #[test]
    fn unsupported_content_is_refused() {
        let text = |t: &str| Content::Text { body: t.into() };
        assert_eq!(objection(text("Halo")), None);
        assert_eq!(objection(text("  ")), Some(Objection::Empty));
        assert_eq!(objection(text("sebelas hrf")), Some(Objection::TooLong { max: 10, actual: 11 }));
        assert_eq!(objection(media("https://a.id/x.PDF?y=1")), None);
        assert_eq!(objection(media("https://a.id/x")), None);
        assert_eq!(objection(media("ftp://a.id/x.pdf")), Some(Objection::MediaUrl));
        assert!(matches!(objection(media("https://a.id/x.doc")), Some(Objection::MediaType { .. })));
        let location =
            |lat: &str| Content::Location { latitude: lat.into(), longitude: "106.80".into(), caption: None };
        assert_eq!(objection(location("-6.200")), None);
        assert_eq!(objection(location("-96.2")), Some(Objection::Coordinates));
        assert_eq!(objection(location("inf")), Some(Objection::Coordinates));
        let reply = |id: &str| Button::Reply { id: id.into(), title: id.into() };
        let buttons = |buttons: Vec<Button>| Content::Buttons {
            text: "Pilih".into(),
            title: None,
            footer: None,
            media: None,
            buttons,
        };
        assert_eq!(objection(buttons(vec![reply("a"), reply("b")])), None);
        assert!(matches!(
            objection(buttons(vec![reply("a"), reply("b"), reply("c")])),
            Some(Objection::TooManyButtons { max: 2, actual: 3 })
        ));
        let url = Button::Url { url: "https://a.id".into(), title: "Buka".into() };
        assert_eq!(objection(buttons(vec![reply("a"), url])), Some(Objection::ButtonsMixed));
    }

    #[test]
    fn a_closed_window_allows_only_templates() {
        let now = Timestamp::from_seconds(1_700_000_000);
        let outgoing = |content| Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: "628123456789".into(), group: false },
            content,
            quote: None,
        };
        let text = outgoing(Content::Text { body: "Halo".into() });
        assert_eq!(EVERYTHING.allows(&text, None, now), Err(Objection::WindowClosed { since: None }));
        assert_eq!(EVERYTHING.allows(&text, Some(now), now), Err(Objection::WindowClosed { since: Some(now) }));
        assert_eq!(EVERYTHING.allows(&text, Some(Timestamp(now.millis() + 1)), now), Ok(()));
        let template = outgoing(Content::Template(crate::domain::outgoing::TemplateUse {
            id: "12".into(),
            language: None,
            variables: vec![],
            header: None,
            payloads: vec![],
            text: None,
        }));
        assert_eq!(EVERYTHING.allows(&template, None, now), Ok(()));
    }
}
