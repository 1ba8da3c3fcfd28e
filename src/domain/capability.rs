//! What an account can carry, as data, and what is objected to a message before anything is sent.
//!
//! Invariant: nothing here names a gateway; a provider fills [`Capabilities`] and everybody above asks `allows`.

use super::outgoing::{Button, MediaKind, extension};
use super::window::WindowRule;
use super::{Channel, Content, Kind, Outgoing, Timestamp, phone};
use crate::text::link::is_web_url;

/// What an account's gateway can carry.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "a table of independent yes-or-no facts, one row a gateway")]
pub struct Capabilities {
    /// Channels it can send on.
    pub channels: &'static [Channel],
    /// Longest text, in characters.
    pub text_max: usize,
    /// Longest caption, in characters.
    pub caption_max: usize,
    /// Media kinds, each with the file endings it takes (empty = any).
    pub media: &'static [(MediaKind, &'static [&'static str])],
    /// Sends to groups.
    pub groups: bool,
    /// Sends locations.
    pub location: bool,
    /// Sends contact cards.
    pub card: bool,
    /// Sends templates.
    pub template: Option<TemplateRules>,
    /// Sends buttons.
    pub buttons: Option<ButtonRules>,
    /// Sends list menus, at most so many rows.
    pub list_rows: Option<usize>,
    /// The 24-hour window.
    pub window: WindowRule,
    /// Can say whether a number is on WhatsApp.
    pub check_number: bool,
    /// Can list the phone's groups.
    pub list_groups: bool,
    /// Can list templates.
    pub list_templates: bool,
    /// Has an address book that can be listed and added to.
    pub contacts: bool,
    /// WhatsApp login by a QR code over the API.
    pub login: bool,
    /// Tells whether messages were delivered and read.
    pub receipts: bool,
}

/// What templates of an account look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateRules {
    /// The id must be a number copied from the dashboard.
    pub numeric_id: bool,
    /// Header media that it takes.
    pub headers: &'static [MediaKind],
    /// Takes quick-reply payloads.
    pub payloads: bool,
}

/// What buttons of an account look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ButtonRules {
    /// At most so many.
    pub max: usize,
    /// `reply`, `url`, `copy`: which it has.
    pub words: &'static [&'static str],
    /// Buttons of different kinds may stand under one message.
    pub mixed: bool,
    /// At most so many `url` or `copy` buttons.
    pub max_links: usize,
    /// Media kinds that may stand above the text.
    pub media: &'static [MediaKind],
}

/// Why a message is not sent. Its words are made where people read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// The gateway cannot carry this kind.
    Kind {
        /// The kind.
        kind: Kind,
    },
    /// The gateway does not reach this channel.
    Channel {
        /// The channel.
        channel: Channel,
    },
    /// The gateway cannot send to groups.
    Groups,
    /// There is nothing in it.
    Empty,
    /// Too long.
    TooLong {
        /// Characters allowed.
        max: usize,
        /// Characters there.
        actual: usize,
    },
    /// Too many buttons.
    TooManyButtons {
        /// Allowed.
        max: usize,
        /// There.
        actual: usize,
    },
    /// No such kind of button here.
    ButtonKind {
        /// `reply`, `url` or `copy`.
        word: &'static str,
    },
    /// Buttons of different kinds cannot stand together here.
    ButtonsMixed,
    /// Too many rows in a list.
    TooManyRows {
        /// Allowed.
        max: usize,
        /// There.
        actual: usize,
    },
    /// The file's type is not taken.
    MediaType {
        /// What kind of media.
        kind: MediaKind,
        /// The ending found.
        extension: String,
        /// The endings taken.
        carried: &'static [&'static str],
    },
    /// Media must be an http or https URL.
    MediaUrl,
    /// The 24-hour window is closed: only a template may be sent.
    WindowClosed {
        /// When it closed; `None` = it never opened.
        since: Option<Timestamp>,
    },
    /// Not a phone number or id of a form that this channel takes.
    Recipient {
        /// What was given.
        given: String,
    },
    /// The template id must be a number.
    TemplateId,
    /// The template cannot have such a header.
    TemplateHeader {
        /// The header's kind.
        kind: MediaKind,
    },
    /// The template cannot have payloads.
    TemplatePayloads,
    /// Coordinates are no numbers, or out of range.
    Coordinates,
    /// A contact card needs a name and at least one number.
    Card,
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
        kinds.extend(further.into_iter().filter(|(carried, _)| *carried).map(|(_, kind)| kind));
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
        self.allows_content(&outgoing.content)?;
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
        let clean = !peer.is_empty() && !peer.chars().any(|c| c.is_control() || c.is_whitespace());
        if !clean {
            return Err(Objection::Recipient { given: peer.to_owned() });
        }
        Ok(())
    }

    fn allows_content(&self, content: &Content) -> Result<(), Objection> {
        let unable = || Objection::Kind { kind: content.kind() };
        match content {
            Content::Text { body } => text_within(body, self.text_max),
            Content::Media { link, caption } => {
                let (_, carried) = self.media.iter().find(|(kind, _)| *kind == link.kind).ok_or_else(unable)?;
                require_web_url(&link.url)?;
                media_type(link.kind, &link.url, carried)?;
                optional_text_within(caption.as_deref(), self.caption_max)
            }
            Content::Location { latitude, longitude, caption } => {
                if !self.location {
                    return Err(unable());
                }
                coordinate(latitude, 90.0)?;
                coordinate(longitude, 180.0)?;
                optional_text_within(caption.as_deref(), self.caption_max)
            }
            Content::Card { name, numbers } => {
                if !self.card {
                    return Err(unable());
                }
                let whole = !name.trim().is_empty()
                    && !numbers.is_empty()
                    && numbers.iter().all(|n| phone::normalise(n, phone::INDONESIA).is_some());
                if whole { Ok(()) } else { Err(Objection::Card) }
            }
            Content::Template(template) => {
                let rules = self.template.ok_or_else(unable)?;
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
                    require_web_url(&header.url)?;
                }
                if !template.payloads.is_empty() && !rules.payloads {
                    return Err(Objection::TemplatePayloads);
                }
                Ok(())
            }
            Content::Buttons { text, media, buttons, .. } => {
                let rules = self.buttons.ok_or_else(unable)?;
                text_within(text, self.caption_max)?;
                if let Some(link) = media {
                    if !rules.media.contains(&link.kind) {
                        return Err(Objection::Kind { kind: link.kind.kind() });
                    }
                    require_web_url(&link.url)?;
                }
                rules.allows(buttons)
            }
            Content::List { text, label, rows, .. } => {
                let max = self.list_rows.ok_or_else(unable)?;
                text_within(text, self.caption_max)?;
                text_within(label, self.caption_max)?;
                if rows.is_empty() {
                    return Err(Objection::Empty);
                }
                if rows.len() > max {
                    return Err(Objection::TooManyRows { max, actual: rows.len() });
                }
                Ok(())
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
            if !self.words.contains(&button.word()) {
                return Err(Objection::ButtonKind { word: button.word() });
            }
        }
        let first = buttons.first().map(Button::word);
        if !self.mixed && buttons.iter().any(|b| Some(b.word()) != first) {
            return Err(Objection::ButtonsMixed);
        }
        let links = buttons.iter().filter(|b| b.word() != "reply").count();
        if links > self.max_links {
            return Err(Objection::TooManyButtons { max: self.max_links, actual: links });
        }
        Ok(())
    }
}

fn text_within(text: &str, max: usize) -> Result<(), Objection> {
    if text.trim().is_empty() {
        return Err(Objection::Empty);
    }
    let actual = text.chars().count();
    if actual > max { Err(Objection::TooLong { max, actual }) } else { Ok(()) }
}

fn optional_text_within(text: Option<&str>, max: usize) -> Result<(), Objection> {
    text.filter(|t| !t.trim().is_empty()).map_or(Ok(()), |t| text_within(t, max))
}

fn require_web_url(url: &str) -> Result<(), Objection> {
    if is_web_url(url) { Ok(()) } else { Err(Objection::MediaUrl) }
}

fn media_type(kind: MediaKind, url: &str, carried: &'static [&'static str]) -> Result<(), Objection> {
    // A URL without an ending says nothing about its type; the gateway will judge it.
    match extension(url) {
        Some(extension) if !carried.is_empty() && !carried.contains(&extension.as_str()) => {
            Err(Objection::MediaType { kind, extension, carried })
        }
        _ => Ok(()),
    }
}

fn coordinate(text: &str, limit: f64) -> Result<(), Objection> {
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
    use crate::domain::outgoing::MediaLink;

    const EVERYTHING: Capabilities = Capabilities {
        channels: &[Channel::WhatsApp],
        text_max: 10,
        caption_max: 10,
        media: &[(MediaKind::Document, &["pdf"])],
        groups: false,
        location: true,
        card: true,
        template: Some(TemplateRules { numeric_id: true, headers: &[MediaKind::Image], payloads: false }),
        buttons: Some(ButtonRules { max: 2, words: &["reply", "url"], mixed: false, max_links: 1, media: &[] }),
        list_rows: Some(1),
        window: WindowRule::Day,
        check_number: false,
        list_groups: false,
        list_templates: false,
        contacts: false,
        login: false,
        receipts: false,
    };

    fn objection(content: Content) -> Option<Objection> {
        let now = Timestamp::from_seconds(1_700_000_000);
        let outgoing = Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: "628123456789".into(), group: false },
            content,
        };
        EVERYTHING.allows(&outgoing, EVERYTHING.window.until(Some(now)), now).err()
    }

    fn media(url: &str) -> Content {
        Content::Media { link: MediaLink { kind: MediaKind::Document, url: url.into() }, caption: None }
    }

    #[test]
    fn what_is_not_carried_is_objected_to_before_sending() {
        let text = |t: &str| Content::Text { body: t.into() };
        assert_eq!(objection(text("Halo")), None);
        assert_eq!(objection(text("  ")), Some(Objection::Empty));
        assert_eq!(objection(text("sebelas hrf")), Some(Objection::TooLong { max: 10, actual: 11 }));
        assert_eq!(objection(media("https://a.id/x.PDF?y=1")), None);
        assert_eq!(objection(media("https://a.id/x")), None);
        assert_eq!(objection(media("ftp://a.id/x.pdf")), Some(Objection::MediaUrl));
        assert!(matches!(objection(media("https://a.id/x.doc")), Some(Objection::MediaType { .. })));
        let place = |lat: &str| Content::Location { latitude: lat.into(), longitude: "106.80".into(), caption: None };
        assert_eq!(objection(place("-6.200")), None);
        assert_eq!(objection(place("-96.2")), Some(Objection::Coordinates));
        assert_eq!(objection(place("inf")), Some(Objection::Coordinates));
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
    fn a_closed_window_lets_only_templates_through() {
        let now = Timestamp::from_seconds(1_700_000_000);
        let outgoing = |content| Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: "628123456789".into(), group: false },
            content,
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
        }));
        assert_eq!(EVERYTHING.allows(&template, None, now), Ok(()));
    }
}
