//! Outgoing messages as requests, field for field as in the vendor's samples.
//!
//! Invariant: an optional field that is not set is absent, never null or empty.
//!
//! Source: seeds/002; each function names its section.
use serde_json::{Map, Value, json};

use super::mode::Mode;
use crate::domain::outgoing::{MediaKind, MediaLink, TemplateUse};
use crate::domain::{Channel, Content, Outgoing};
use crate::providers::common::buttons;
use crate::providers::common::json::scalar;
use crate::providers::meta::interactive;
use crate::providers::types::{Profile, Request, Unsupported};

/// The language of a template for which none is set: the field is mandatory, and the page's own sample has `id`.
const DEFAULT_LANGUAGE: &str = "id";

pub(super) fn request(profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
    if outgoing.to.group {
        return Err(Unsupported);
    }
    let (path, mut body) = match Mode::of(profile) {
        Mode::Unofficial => unofficial(outgoing)?,
        Mode::Meta => ("/meta/messages", meta(outgoing)?),
    };
    if let Some(session) = profile.session.as_deref().filter(|s| !s.is_empty()) {
        body.insert("session_id".to_owned(), json!(session));
    }
    let url = format!("{}{path}", profile.base_url);
    Ok(Request::post_json(url, &Value::Object(body)).bearer(&profile.api_key))
}

/// "Kirim Teks", "Kirim Tombol", "Kirim Template" and "Kirim Media" (Unofficial).
fn unofficial(outgoing: &Outgoing) -> Result<(&'static str, Map<String, Value>), Unsupported> {
    let (kind, link, content) = match &outgoing.content {
        Content::Text { body } => ("text", None, json!({"text": body})),
        Content::Media { link, caption } => {
            let mut content = Map::new();
            insert_text(&mut content, "caption", caption.as_deref());
            (media_type(link)?, Some(link), Value::Object(content))
        }
        Content::Buttons { text, title, footer, media, buttons } => {
            require_whatsapp(outgoing)?;
            let content = buttons::content(text, non_blank(title.as_deref()), non_blank(footer.as_deref()), buttons);
            ("button", media.as_ref(), content)
        }
        Content::Template(template) => {
            require_whatsapp(outgoing)?;
            return Ok(("/send-template", dashboard_template(outgoing, template)?));
        }
        Content::Location { .. } | Content::Card { .. } | Content::List { .. } | Content::Reaction { .. } => {
            return Err(Unsupported);
        }
    };
    if !matches!(outgoing.channel, Channel::WhatsApp | Channel::Telegram) {
        return Err(Unsupported);
    }
    let mut body = Map::new();
    body.insert("channel".to_owned(), json!(outgoing.channel.as_str()));
    body.insert("type".to_owned(), json!(kind));
    body.insert("to".to_owned(), json!(outgoing.to.peer));
    if let Some(link) = link {
        body.insert("media_url".to_owned(), json!(link.url));
    }
    body.insert("content".to_owned(), content);
    Ok(("/messages", body))
}

/// "khusus WhatsApp Unofficial": the page offers buttons and templates for WhatsApp only.
fn require_whatsapp(outgoing: &Outgoing) -> Result<(), Unsupported> {
    if outgoing.channel == Channel::WhatsApp { Ok(()) } else { Err(Unsupported) }
}

/// "Kirim Media (Unofficial)": images, videos and documents; audio is not among them.
fn media_type(link: &MediaLink) -> Result<&'static str, Unsupported> {
    match link.kind {
        MediaKind::Image | MediaKind::Video | MediaKind::Document => Ok(link.kind.as_str()),
        MediaKind::Audio => Err(Unsupported),
    }
}

/// "Kirim Template (Unofficial)": `template_id` is a number from the dashboard.
fn dashboard_template(outgoing: &Outgoing, template: &TemplateUse) -> Result<Map<String, Value>, Unsupported> {
    if template.header.is_some() || !template.payloads.is_empty() {
        return Err(Unsupported);
    }
    let id: u64 = template.id.trim().parse().map_err(|_| Unsupported)?;
    let mut body = Map::new();
    body.insert("to".to_owned(), json!(outgoing.to.peer));
    body.insert("template_id".to_owned(), json!(id));
    if !template.variables.is_empty() {
        body.insert("variables".to_owned(), json!(template.variables));
    }
    Ok(body)
}

/// "Kirim Teks", "Kirim Media", "Kirim Template" and "Kirim Interaktif" (Meta Official).
fn meta(outgoing: &Outgoing) -> Result<Map<String, Value>, Unsupported> {
    require_whatsapp(outgoing)?;
    let mut body = Map::new();
    body.insert("to".to_owned(), json!(outgoing.to.peer));
    match &outgoing.content {
        Content::Text { body: text } => {
            body.insert("type".to_owned(), json!("text"));
            body.insert("text".to_owned(), json!(text));
        }
        Content::Media { link, caption } => {
            body.insert("type".to_owned(), json!(link.kind.as_str()));
            body.insert("media_url".to_owned(), json!(link.url));
            insert_text(&mut body, "text", caption.as_deref());
        }
        Content::Template(template) => {
            body.insert("type".to_owned(), json!("template"));
            body.insert("template_name".to_owned(), json!(template.id));
            body.insert("language".to_owned(), json!(template.language.as_deref().unwrap_or(DEFAULT_LANGUAGE)));
            let components = components(template)?;
            if !components.is_empty() {
                body.insert("components".to_owned(), Value::Object(components));
            }
        }
        Content::Buttons { .. } | Content::List { .. } => {
            body.insert("type".to_owned(), json!("interactive"));
            body.insert("content".to_owned(), interactive::object(&outgoing.content).ok_or(Unsupported)?);
        }
        Content::Location { .. } | Content::Card { .. } | Content::Reaction { .. } => return Err(Unsupported),
    }
    Ok(body)
}

/// The template's parameters, as the gateway's manual has them under "Penjelasan Payload Template".
fn components(template: &TemplateUse) -> Result<Map<String, Value>, Unsupported> {
    if !template.payloads.is_empty() {
        return Err(Unsupported);
    }
    let mut components = Map::new();
    if let Some(header) = &template.header {
        let kind = media_type(header)?;
        components.insert(format!("header_{kind}"), json!(header.url));
    }
    if !template.variables.is_empty() {
        components.insert("body_variables".to_owned(), json!(template.variables));
    }
    Ok(components)
}

fn non_blank(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

fn insert_text(map: &mut Map<String, Value>, key: &str, text: Option<&str>) {
    if let Some(text) = non_blank(text) {
        map.insert(key.to_owned(), json!(text));
    }
}

/// The id in an accepted response, by which receipts name the message.
///
/// The page does not document the response to an unofficial send, so the id may be in any of the places seen, as
/// text or as a number. A send by Meta's API has none: `data.job_id` never comes back in an event, while
/// statuses carry the wamid (providers.md 3.3, A7).
pub(super) fn remote_id(profile: &Profile, body: &Value) -> Option<String> {
    match Mode::of(profile) {
        Mode::Unofficial => ["/data/message_id", "/data/messageId", "/data/id", "/message_id", "/messageId", "/id"]
            .into_iter()
            .find_map(|pointer| scalar(body.pointer(pointer)?)),
        Mode::Meta => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Recipient;
    use crate::domain::content_parts::Button;
    use crate::providers::sample;
    use crate::providers::types::Method;

    fn to(channel: Channel, content: Content) -> Outgoing {
        Outgoing { channel, to: Recipient { peer: "6281234567890".into(), group: false }, content, quote: None }
    }

    fn url_and_body(profile: &Profile, content: Content) -> (String, String) {
        let request = request(profile, &to(Channel::WhatsApp, content)).unwrap();
        assert_eq!(request.method, Method::Post);
        assert_eq!(request.header("authorization"), Some("Bearer kunci-contoh"));
        (request.url.clone(), String::from_utf8(request.body.unwrap()).unwrap())
    }

    fn media(kind: MediaKind) -> MediaLink {
        MediaLink::new(kind, "https://contoh.com/x")
    }

    #[test]
    fn a_session_id_is_sent_only_when_one_is_set() {
        let mut profile = sample::default_profile("cetar", "unofficial");
        let text = || Content::Text { body: "Halo".into() };
        let (url, body) = url_and_body(&profile, text());
        assert_eq!(url, "https://api.cetar.ai/v1/messages");
        assert_eq!(body, r#"{"channel":"whatsapp","type":"text","to":"6281234567890","content":{"text":"Halo"}}"#);
        profile.session = Some("SESSION_12345".into());
        assert!(url_and_body(&profile, text()).1.ends_with(r#","session_id":"SESSION_12345"}"#));
        profile.session = Some(String::new());
        assert!(!url_and_body(&profile, text()).1.contains("session_id"));
    }

    #[test]
    fn optional_fields_that_are_not_set_are_absent() {
        let meta_account = sample::default_profile("cetar", "meta");
        let template = TemplateUse {
            id: "hello_world".into(),
            language: None,
            variables: vec![],
            header: None,
            payloads: vec![],
            text: None,
        };
        assert_eq!(
            url_and_body(&meta_account, Content::Template(template.clone())).1,
            r#"{"to":"6281234567890","type":"template","template_name":"hello_world","language":"id"}"#
        );
        let audio = Content::Media { link: media(MediaKind::Audio), caption: None };
        assert_eq!(
            url_and_body(&meta_account, audio).1,
            r#"{"to":"6281234567890","type":"audio","media_url":"https://contoh.com/x"}"#
        );
        let plain = Content::Template(TemplateUse { id: "123".into(), ..template });
        let (url, body) = url_and_body(&sample::default_profile("cetar", "unofficial"), plain);
        assert_eq!(url, "https://api.cetar.ai/v1/send-template");
        assert_eq!(body, r#"{"to":"6281234567890","template_id":123}"#);
    }

    #[test]
    fn what_the_page_does_not_offer_is_not_media_type() {
        let reply = vec![Button::Reply { id: "a".into(), title: "Ya".into() }];
        let buttons = Content::Buttons { text: "?".into(), title: None, footer: None, media: None, buttons: reply };
        let card = Content::Card { name: "Ani".into(), numbers: vec!["628".into()] };
        let audio = Content::Media { link: media(MediaKind::Audio), caption: None };
        for (mode, channel, content) in [
            ("unofficial", Channel::Telegram, buttons.clone()),
            ("unofficial", Channel::WhatsApp, audio),
            ("unofficial", Channel::WhatsApp, card.clone()),
            ("unofficial", Channel::Instagram, Content::Text { body: "x".into() }),
            ("meta", Channel::Telegram, Content::Text { body: "x".into() }),
            ("meta", Channel::WhatsApp, card),
        ] {
            assert_eq!(
                request(&sample::default_profile("cetar", mode), &to(channel, content)),
                Err(Unsupported),
                "{mode} {channel}"
            );
        }
        let mut group = to(Channel::WhatsApp, buttons);
        group.to.group = true;
        assert_eq!(request(&sample::default_profile("cetar", "unofficial"), &group), Err(Unsupported));
    }
}
