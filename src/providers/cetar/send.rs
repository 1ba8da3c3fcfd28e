//! Sends as requests, field for field as the vendor's samples.
//!
//! Invariant: an optional field that is not set is absent, never null or empty.
//!
//! Source: seeds/002; each function names its section.

use serde_json::{Map, Value, json};

use super::Mode;
use crate::domain::outgoing::{Button, MediaKind, MediaLink, TemplateUse};
use crate::domain::{Channel, Content, Outgoing};
use crate::providers::meta::interactive;
use crate::providers::types::{Profile, Request, Unsupported};

/// Language of a template when nobody named one; the field is mandatory, and the page's own sample says `id`.
const LANGUAGE: &str = "id";

/// The request that sends `outgoing`.
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
    let (word, link, content) = match &outgoing.content {
        Content::Text { body } => ("text", None, json!({"text": body})),
        Content::Media { link, caption } => {
            let mut content = Map::new();
            insert_text(&mut content, "caption", caption.as_deref());
            (carried(link)?, Some(link), Value::Object(content))
        }
        Content::Buttons { text, title, footer, media, buttons } => {
            on_whatsapp(outgoing)?;
            let mut content = Map::new();
            insert_text(&mut content, "title", title.as_deref());
            content.insert("text".to_owned(), json!(text));
            insert_text(&mut content, "footer", footer.as_deref());
            content.insert("buttons".to_owned(), buttons.iter().map(button).collect());
            ("button", media.as_ref(), Value::Object(content))
        }
        Content::Template(template) => {
            on_whatsapp(outgoing)?;
            return Ok(("/send-template", dashboard_template(outgoing, template)?));
        }
        Content::Location { .. } | Content::Card { .. } | Content::List { .. } => return Err(Unsupported),
    };
    if !matches!(outgoing.channel, Channel::WhatsApp | Channel::Telegram) {
        return Err(Unsupported);
    }
    let mut body = Map::new();
    body.insert("channel".to_owned(), json!(outgoing.channel.as_str()));
    body.insert("type".to_owned(), json!(word));
    body.insert("to".to_owned(), json!(outgoing.to.peer));
    if let Some(link) = link {
        body.insert("media_url".to_owned(), json!(link.url));
    }
    body.insert("content".to_owned(), content);
    Ok(("/messages", body))
}

/// "khusus WhatsApp Unofficial": the page offers buttons and templates for WhatsApp only.
fn on_whatsapp(outgoing: &Outgoing) -> Result<(), Unsupported> {
    if outgoing.channel == Channel::WhatsApp { Ok(()) } else { Err(Unsupported) }
}

/// "Kirim Media (Unofficial)": pictures, videos and documents; sound is not among them.
fn carried(link: &MediaLink) -> Result<&'static str, Unsupported> {
    match link.kind {
        MediaKind::Image | MediaKind::Video | MediaKind::Document => Ok(link.kind.as_str()),
        MediaKind::Audio => Err(Unsupported),
    }
}

/// "Parameter Objek content": a reply is the default and has no `type`.
fn button(button: &Button) -> Value {
    match button {
        Button::Reply { id, title } => json!({"id": id, "text": title}),
        Button::Url { url, title } => json!({"type": "cta_url", "text": title, "url": url}),
        Button::Copy { code, title } => json!({"type": "cta_copy", "text": title, "copy_code": code}),
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
    on_whatsapp(outgoing)?;
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
            body.insert("language".to_owned(), json!(template.language.as_deref().unwrap_or(LANGUAGE)));
            let components = components(template)?;
            if !components.is_empty() {
                body.insert("components".to_owned(), Value::Object(components));
            }
        }
        Content::Buttons { .. } | Content::List { .. } => {
            body.insert("type".to_owned(), json!("interactive"));
            body.insert("content".to_owned(), interactive::object(&outgoing.content).ok_or(Unsupported)?);
        }
        Content::Location { .. } | Content::Card { .. } => return Err(Unsupported),
    }
    Ok(body)
}

/// "Penjelasan Payload Template".
fn components(template: &TemplateUse) -> Result<Map<String, Value>, Unsupported> {
    if !template.payloads.is_empty() {
        return Err(Unsupported);
    }
    let mut components = Map::new();
    if let Some(header) = &template.header {
        let word = carried(header)?;
        components.insert(format!("header_{word}"), json!(header.url));
    }
    if !template.variables.is_empty() {
        components.insert("body_variables".to_owned(), json!(template.variables));
    }
    Ok(components)
}

fn insert_text(map: &mut Map<String, Value>, key: &str, text: Option<&str>) {
    if let Some(text) = text.filter(|t| !t.trim().is_empty()) {
        map.insert(key.to_owned(), json!(text));
    }
}

#[cfg(test)]
mod tests {
    use super::super::account;
    use super::*;
    use crate::domain::Recipient;
    use crate::providers::types::Method;

    fn to(channel: Channel, content: Content) -> Outgoing {
        Outgoing { channel, to: Recipient { peer: "6281234567890".into(), group: false }, content }
    }

    fn built(profile: &Profile, content: Content) -> (String, String) {
        let request = request(profile, &to(Channel::WhatsApp, content)).unwrap();
        assert_eq!(request.method, Method::Post);
        assert_eq!(request.header("authorization"), Some("Bearer sk_live_contoh"));
        (request.url.clone(), String::from_utf8(request.body.unwrap()).unwrap())
    }

    fn media(kind: MediaKind) -> MediaLink {
        MediaLink { kind, url: "https://contoh.com/x".into() }
    }

    #[test]
    fn a_session_stands_at_the_root_only_when_set() {
        let mut profile = account::of("unofficial");
        let text = || Content::Text { body: "Halo".into() };
        let (url, body) = built(&profile, text());
        assert_eq!(url, "https://api.cetar.ai/v1/messages");
        assert_eq!(body, r#"{"channel":"whatsapp","type":"text","to":"6281234567890","content":{"text":"Halo"}}"#);
        profile.session = Some("SESSION_12345".into());
        assert!(built(&profile, text()).1.ends_with(r#","session_id":"SESSION_12345"}"#));
        profile.session = Some(String::new());
        assert!(!built(&profile, text()).1.contains("session_id"));
    }

    #[test]
    fn what_is_not_set_is_absent() {
        let meta_account = account::of("meta");
        let template =
            TemplateUse { id: "hello_world".into(), language: None, variables: vec![], header: None, payloads: vec![] };
        assert_eq!(
            built(&meta_account, Content::Template(template.clone())).1,
            r#"{"to":"6281234567890","type":"template","template_name":"hello_world","language":"id"}"#
        );
        let audio = Content::Media { link: media(MediaKind::Audio), caption: None };
        assert_eq!(
            built(&meta_account, audio).1,
            r#"{"to":"6281234567890","type":"audio","media_url":"https://contoh.com/x"}"#
        );
        let plain = Content::Template(TemplateUse { id: "123".into(), ..template });
        let (url, body) = built(&account::of("unofficial"), plain);
        assert_eq!(url, "https://api.cetar.ai/v1/send-template");
        assert_eq!(body, r#"{"to":"6281234567890","template_id":123}"#);
    }

    #[test]
    fn what_the_page_does_not_offer_is_not_carried() {
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
            assert_eq!(request(&account::of(mode), &to(channel, content)), Err(Unsupported), "{mode} {channel}");
        }
        let mut group = to(Channel::WhatsApp, buttons);
        group.to.group = true;
        assert_eq!(request(&account::of("unofficial"), &group), Err(Unsupported));
    }
}
