//! Cetar's other side: reads the requests of both products, answers as the page shows, writes their events.
//!
//! Invariant: an event that the page does not describe is never written; receipts of linked phones are such.
//!
//! Sources: seeds/002; providers.md section 3.

use std::time::Duration;

use serde_json::{Value, json};

use super::Mode;
use crate::domain::inbound::InboundMessage;
use crate::domain::outgoing::{Button, MediaKind, MediaLink, TemplateUse};
use crate::domain::{Channel, Content, Direction, Failure, Inbound, Kind, Timestamp};
use crate::providers::meta::{event, interactive};
use crate::providers::{
    GatewayRequest, Method, Profile, Query, QueryResponse, Request, Response, Retries, Simulator, Webhook, signature,
    url,
};

/// The gateway's other side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Other;

impl Simulator for Other {
    fn read(&self, profile: &Profile, request: &Request) -> Result<GatewayRequest, Response> {
        if request.header("authorization") != Some(&format!("Bearer {}", profile.api_key.expose())) {
            return Err(refusal(401, "API Key tidak valid."));
        }
        let path = url::path_below(&profile.base_url, request).filter(|_| request.method == Method::Post);
        let Some(path) = path else { return Err(refusal(404, "Not Found")) };
        let body: Option<Value> = request.body.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok());
        let Some(body) = body.filter(Value::is_object) else { return Err(refusal(422, "Payload JSON tidak valid.")) };
        let asked = match path {
            "/messages" => unofficial(&body),
            "/send-template" => dashboard_template(&body),
            "/meta/messages" => meta(&body),
            "/check-number" => number(&body, "phone").map(|phone| GatewayRequest::Query(Query::CheckNumber(phone))),
            _ => return Err(refusal(404, "Not Found")),
        };
        asked.map_err(|field| refusal(422, &format!("{field} wajib diisi atau salah format.")))
    }

    fn sent(&self, profile: &Profile, _asked: &GatewayRequest, id: &str, now: Timestamp) -> Response {
        let data = match Mode::of(profile) {
            // Another id than the channel's, as the public source of a kindred gateway gives it (providers.md 3.2).
            Mode::Unofficial => json!({"status": "queued", "id": now.millis()}),
            Mode::Meta => {
                json!({"status": "queued", "job_id": format!("job_{}", signature::fingerprint(id.as_bytes()))})
            }
        };
        Response::json(200, &json!({"success": true, "data": data}))
    }

    fn answered(&self, _profile: &Profile, query: &Query, answer: &QueryResponse, _now: Timestamp) -> Response {
        let (Query::CheckNumber(phone), QueryResponse::Registered(registered)) = (query, answer) else {
            return Response::json(200, &json!({"success": true}));
        };
        let words = if *registered { "Nomor terdaftar di WhatsApp." } else { "Nomor tidak terdaftar di WhatsApp." };
        let jid = registered.then(|| format!("{phone}@s.whatsapp.net"));
        let data = json!({"phone": phone, "jid": jid, "is_registered": registered});
        Response::json(200, &json!({"success": true, "message": words, "data": data}))
    }

    fn error(&self, status: u16, failure: &Failure) -> Response {
        let error = json!({"code": failure.code, "message": failure.message});
        Response::json(status, &json!({"success": false, "error": error}))
    }

    fn event(&self, profile: &Profile, claim: &Inbound, now: Timestamp, serial: u64) -> Option<Webhook> {
        let (header, prefix, body) = match Mode::of(profile) {
            Mode::Unofficial => ("x-cetar-signature", "", received(profile, claim, now, serial)?),
            Mode::Meta => {
                let number_id = profile.session.as_deref().unwrap_or("987654321");
                ("x-hub-signature-256", "sha256=", event::body(claim, number_id, now, serial)?)
            }
        };
        let body = body.to_string().into_bytes();
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        if let Some(secret) = profile.webhook_secrets.iter().find(|s| !s.is_empty()) {
            headers.push((header.to_owned(), format!("{prefix}{}", signature::hex_signature(secret, &[&body]))));
        }
        Some(Webhook { ack: false, headers, body })
    }

    /// The page promises no second delivery (providers.md A6: retry rules unknown).
    fn retries(&self) -> Retries {
        Retries { timeout: Duration::from_secs(5), gaps: &[], after_refusal: false }
    }
}

fn refusal(status: u16, words: &str) -> Response {
    Response::json(status, &json!({"success": false, "message": words}))
}

type Read<T> = Result<T, &'static str>;

fn text(body: &Value, field: &'static str) -> Read<String> {
    optional(body, field).ok_or(field)
}

fn optional(body: &Value, field: &str) -> Option<String> {
    body.get(field)?.as_str().filter(|t| !t.trim().is_empty()).map(str::to_owned)
}

/// "Nomor tujuan pakai kode negara tanpa '+' atau '0'."
fn number(body: &Value, field: &'static str) -> Read<String> {
    let plain =
        |n: &String| (8..=15).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()) && !n.starts_with('0');
    text(body, field).ok().filter(plain).ok_or(field)
}

fn link(body: &Value, kind: MediaKind) -> Read<MediaLink> {
    let url = text(body, "media_url")?;
    if url.starts_with("https://") || url.starts_with("http://") {
        Ok(MediaLink { kind, url })
    } else {
        Err("media_url")
    }
}

fn media_kind(word: &str) -> Option<MediaKind> {
    MediaKind::ALL.into_iter().find(|kind| kind.as_str() == word)
}

fn send(channel: Channel, to: String, content: Content) -> GatewayRequest {
    GatewayRequest::Send { channel, to, group: false, content, notify_url: None }
}

fn unofficial(body: &Value) -> Read<GatewayRequest> {
    let channel = match optional(body, "channel").as_deref() {
        Some("whatsapp") => Channel::WhatsApp,
        Some("telegram") => Channel::Telegram,
        _ => return Err("channel"),
    };
    let to = if channel == Channel::WhatsApp { number(body, "to")? } else { text(body, "to")? };
    let content = body.get("content").filter(|c| c.is_object()).ok_or("content")?;
    let content = match text(body, "type")?.as_str() {
        "text" => Content::Text { body: text(content, "text")? },
        "button" if channel == Channel::WhatsApp => {
            // The request does not say what the media is.
            let kind = MediaKind::guess(body.get("media_url").and_then(Value::as_str).unwrap_or_default());
            let buttons = content.get("buttons").and_then(Value::as_array).ok_or("buttons")?;
            let buttons: Option<Vec<Button>> = buttons.iter().map(button).collect();
            Content::Buttons {
                text: text(content, "text")?,
                title: optional(content, "title"),
                footer: optional(content, "footer"),
                media: body.get("media_url").is_some().then(|| link(body, kind)).transpose()?,
                buttons: buttons.filter(|b| (1..=3).contains(&b.len())).ok_or("buttons")?,
            }
        }
        word => {
            let kind = media_kind(word).filter(|kind| *kind != MediaKind::Audio).ok_or("type")?;
            Content::Media { link: link(body, kind)?, caption: optional(content, "caption") }
        }
    };
    Ok(send(channel, to, content))
}

fn button(button: &Value) -> Option<Button> {
    let title = optional(button, "text")?;
    match button.get("type").and_then(Value::as_str) {
        None => Some(Button::Reply { id: optional(button, "id")?, title }),
        Some("cta_url") => Some(Button::Url { url: optional(button, "url")?, title }),
        Some("cta_copy") => Some(Button::Copy { code: optional(button, "copy_code")?, title }),
        Some(_) => None,
    }
}

fn dashboard_template(body: &Value) -> Read<GatewayRequest> {
    let to = number(body, "to")?;
    let id = body.get("template_id").and_then(Value::as_u64).ok_or("template_id")?;
    let template = TemplateUse {
        id: id.to_string(),
        language: None,
        variables: texts(body.get("variables")).ok_or("variables")?,
        header: None,
        payloads: Vec::new(),
    };
    Ok(send(Channel::WhatsApp, to, Content::Template(template)))
}

fn texts(list: Option<&Value>) -> Option<Vec<String>> {
    let Some(list) = list else { return Some(Vec::new()) };
    list.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn meta(body: &Value) -> Read<GatewayRequest> {
    let to = number(body, "to")?;
    let content = match text(body, "type")?.as_str() {
        "text" => Content::Text { body: text(body, "text")? },
        "template" => Content::Template(approved_template(body)?),
        "interactive" => interactive::content(body.get("content").ok_or("content")?)?,
        word => {
            let kind = media_kind(word).ok_or("type")?;
            Content::Media { link: link(body, kind)?, caption: optional(body, "text") }
        }
    };
    Ok(send(Channel::WhatsApp, to, content))
}

fn approved_template(body: &Value) -> Read<TemplateUse> {
    let components = body.get("components").unwrap_or(&Value::Null);
    let header = [MediaKind::Image, MediaKind::Video, MediaKind::Document].into_iter().find_map(|kind| {
        let url = optional(components, &format!("header_{}", kind.as_str()))?;
        Some(MediaLink { kind, url })
    });
    Ok(TemplateUse {
        id: text(body, "template_name")?,
        language: Some(text(body, "language")?),
        variables: texts(components.get("body_variables")).ok_or("body_variables")?,
        header,
        payloads: Vec::new(),
    })
}

/// "Format Webhook WA Unofficial": messages of persons; the page knows no other event.
fn received(profile: &Profile, claim: &Inbound, now: Timestamp, serial: u64) -> Option<Value> {
    let Inbound::Message(message) = claim else { return None };
    if message.direction == Direction::Out || message.peer.group {
        return None;
    }
    let word = match message.kind {
        Kind::Text => "text",
        Kind::Image => "image",
        Kind::Video => "video",
        Kind::Audio => "audio",
        Kind::Document => "document",
        Kind::Choice => "button",
        _ => return None,
    };
    let id = message.remote_id.clone().unwrap_or_else(|| format!("msg_{serial}"));
    Some(json!({
        "event": "message.received",
        "channel": message.channel.unwrap_or(profile.channel).as_str(),
        "session_id": profile.session.as_deref().unwrap_or("SESSION_12345"),
        "data": {
            "message_id": id,
            "from": message.peer.id,
            "sender_name": message.name,
            "type": word,
            "text": message.text,
            "media_url": message.media.as_ref().and_then(|m| m.url.clone()),
            "button_id": pressed(message),
            "timestamp": message.at.unwrap_or(now).seconds(),
        }
    }))
}

fn pressed(message: &InboundMessage) -> Option<Value> {
    if message.kind == Kind::Choice { message.payload.as_ref()?.get("id").cloned() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inbound::{Peer, Receipt};
    use crate::domain::outgoing::ListRow;
    use crate::domain::{Media, Outgoing, Recipient, Secret, Status};
    use crate::providers::cetar::{Cetar, account};
    use crate::providers::{Outcome, Provider, Verdict};

    const NOW: Timestamp = Timestamp::from_seconds(1_709_650_000);

    fn outgoing(content: Content) -> Outgoing {
        Outgoing { channel: Channel::WhatsApp, to: Recipient { peer: "6281234567890".into(), group: false }, content }
    }

    fn media(kind: MediaKind, name: &str) -> Content {
        let link = MediaLink { kind, url: format!("https://contoh.com/{name}") };
        Content::Media { link, caption: Some("Promo".into()) }
    }

    fn buttons(buttons: Vec<Button>, media: Option<MediaLink>) -> Content {
        let title = media.is_none().then(|| "PROMO".to_owned());
        Content::Buttons { text: "Ambil?".into(), title, footer: Some("Besok".into()), media, buttons }
    }

    fn reply() -> Button {
        Button::Reply { id: "AMBIL".into(), title: "Ya".into() }
    }

    fn url() -> Button {
        Button::Url { url: "https://www.cetar.ai".into(), title: "Web".into() }
    }

    fn template(id: &str, language: Option<&str>, header: Option<MediaLink>) -> Content {
        Content::Template(TemplateUse {
            id: id.into(),
            language: language.map(str::to_owned),
            variables: vec!["Budi Santoso".into(), "Rp 500.000".into()],
            header,
            payloads: vec![],
        })
    }

    fn reads_back(mode: &'static str, contents: Vec<Content>) {
        let profile = account::of(mode);
        for content in contents {
            let outgoing = outgoing(content.clone());
            Cetar.capabilities(&profile).allows(&outgoing, profile.window.until(Some(NOW)), NOW).unwrap();
            let asked = Other.read(&profile, &Cetar.send(&profile, &outgoing).unwrap()).unwrap();
            assert_eq!(asked, send(Channel::WhatsApp, "6281234567890".into(), content));
            let answer = Other.sent(&profile, &asked, "wamid.x", NOW);
            assert!(matches!(Cetar.outcome(&profile, &outgoing, &answer), Outcome::Accepted { .. }));
        }
    }

    #[test]
    fn every_send_of_a_linked_phone_is_understood() {
        let picture = MediaLink { kind: MediaKind::Image, url: "https://contoh.com/promo.jpg".into() };
        let copy = Button::Copy { code: "PROMO50".into(), title: "Salin".into() };
        reads_back(
            "unofficial",
            vec![
                Content::Text { body: "Halo".into() },
                media(MediaKind::Image, "a.jpg"),
                media(MediaKind::Video, "a.mp4"),
                media(MediaKind::Document, "a.pdf"),
                buttons(vec![reply(), url(), copy], Some(picture)),
                template("123", None, None),
            ],
        );
    }

    #[test]
    fn every_send_of_metas_api_is_understood() {
        let film = MediaLink { kind: MediaKind::Video, url: "https://contoh.com/promo.mp4".into() };
        let row = ListRow { section: "Produk".into(), id: "M".into(), title: "Daftar".into(), description: "x".into() };
        reads_back(
            "meta",
            vec![
                Content::Text { body: "Halo".into() },
                media(MediaKind::Audio, "a.ogg"),
                media(MediaKind::Document, "a.xlsx"),
                template("hello_world", Some("en_US"), Some(film.clone())),
                buttons(vec![reply(), reply()], Some(film)),
                buttons(vec![url()], None),
                Content::List {
                    text: "Pilih".into(),
                    title: None,
                    footer: None,
                    label: "Menu".into(),
                    rows: vec![row],
                },
            ],
        );
    }

    #[test]
    fn a_wrong_key_path_or_body_is_refused_as_documented() {
        let profile = account::of("unofficial");
        let good = Cetar.send(&profile, &outgoing(Content::Text { body: "Halo".into() })).unwrap();
        let other = Profile { api_key: Secret::new("sk_live_other"), ..profile.clone() };
        let status = |profile: &Profile, request: &Request| Other.read(profile, request).unwrap_err().status;
        assert_eq!(status(&other, &good), 401);
        let elsewhere = Request { url: "https://api.cetar.ai/v1/nothing".into(), ..good.clone() };
        assert_eq!(status(&profile, &elsewhere), 404);
        for body in ["", "[]", "{}", r#"{"channel":"whatsapp","type":"text","to":"0812345678","content":{"text":"x"}}"#]
        {
            let broken = Request { body: Some(body.as_bytes().to_vec()), ..good.clone() };
            assert_eq!(status(&profile, &broken), 422, "{body}");
        }
    }

    #[test]
    fn a_number_check_is_answered_as_documented() {
        let profile = account::of("unofficial");
        let query = Query::CheckNumber("6281234567890".into());
        let asked = Other.read(&profile, &Cetar.query(&profile, &query).unwrap());
        assert_eq!(asked, Ok(GatewayRequest::Query(query.clone())));
        for registered in [true, false] {
            let answer = QueryResponse::Registered(registered);
            let response = Other.answered(&profile, &query, &answer, NOW);
            assert_eq!(Cetar.answer(&profile, &query, &response), Ok(answer));
        }
    }

    #[test]
    fn events_are_signed_and_read_back() {
        let message = |kind| InboundMessage {
            channel: Some(Channel::WhatsApp),
            name: Some("Budi".into()),
            remote_id: Some("wamid.a".into()),
            unique: true,
            kind,
            at: Some(NOW),
            ..InboundMessage::text(Peer::person("6281234567890"), "Halo")
        };
        let file = Media { url: Some("https://contoh.com/a.jpg".into()), ..Media::default() };
        let picture = InboundMessage { media: Some(file), ..message(Kind::Image) };
        let choice = InboundMessage { payload: Some(json!({"id": "YA", "title": "Halo"})), ..message(Kind::Choice) };
        for mode in ["unofficial", "meta"] {
            let profile = Profile { webhook_secrets: vec![Secret::new("rahasia")], ..account::of(mode) };
            for told in [message(Kind::Text), picture.clone(), choice.clone()] {
                let claim = Inbound::Message(Box::new(told));
                let webhook = Other.event(&profile, &claim, NOW, 1).unwrap();
                assert!(matches!(Cetar.verify(&profile, &webhook, NOW), Verdict::Genuine { .. }));
                let mut heard = Cetar.interpret(&profile, &webhook, NOW);
                // Meta's media always have an id, which a linked phone's do not.
                if let [Inbound::Message(m)] = heard.as_mut_slice() {
                    m.media.iter_mut().for_each(|media| media.remote_id = None);
                }
                assert_eq!(heard, [claim], "{mode}");
            }
        }
    }

    #[test]
    fn only_metas_api_tells_receipts() {
        let receipt = Inbound::Receipt(Receipt {
            remote_id: "wamid.a".into(),
            status: Status::Read,
            failure: None,
            recipient: Some("6281234567890".into()),
            may_infer: true,
            at: Some(NOW),
        });
        assert_eq!(Other.event(&account::of("unofficial"), &receipt, NOW, 1), None);
        let profile = account::of("meta");
        let webhook = Other.event(&profile, &receipt, NOW, 1).unwrap();
        assert_eq!(Cetar.interpret(&profile, &webhook, NOW), [receipt]);
    }
}
