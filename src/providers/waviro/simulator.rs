//! WAVIRO's simulator: reads our requests, writes its responses and webhooks.
//!
//! Source: seed 003, providers.md section 4. Where the page is silent (a wrong key) it responds as usual in HTTP.
//! Nothing here is used with the real gateway.

use serde_json::{Value, json};
use std::time::Duration;

use super::replies;
use crate::domain::inbound::{InboundMessage, Receipt};
use crate::domain::outgoing::{MediaKind, MediaLink};
use crate::domain::{Channel, Content, Direction, Failure, Inbound, Kind, Timestamp};
use crate::providers::common::ack;
use crate::providers::common::json::{first_text, scalar};
use crate::providers::common::url::{api_endpoint, path_below};
use crate::providers::simulator::{GatewayRequest, RetryPolicy, Simulator};
use crate::providers::types::{LoginState, Method, Profile, Query, QueryResponse, Request, Response, Webhook};

/// The simulator of WAVIRO's bots.
pub(super) struct WaviroSimulator;

/// The simulated phone's own number.
const OWN_NUMBER: &str = "6283100000000";

impl Simulator for WaviroSimulator {
    fn read_request(&self, profile: &Profile, request: &Request) -> Result<GatewayRequest, Response> {
        let path = path_below(&api_endpoint(profile, ""), request).map(|path| path.trim_matches('/'));
        let (Some(path), Method::Post) = (path, request.method) else { return Err(refused(404, "Not Found")) };
        if !request.header("secretkey").is_some_and(|key| profile.api_key.matches(key)) {
            return Err(refused(401, "Unauthorized"));
        }
        match path {
            "groups" => return Ok(GatewayRequest::Query(Query::Groups)),
            "getqr" => return Ok(GatewayRequest::Query(Query::Login)),
            _ => {}
        }
        let body: Option<Value> = request.body.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok());
        let body = body.filter(Value::is_object).ok_or_else(|| refused(400, "body bukan JSON"))?;
        if path == "checknumber" {
            return Ok(GatewayRequest::Query(Query::CheckNumber(number(&body)?)));
        }
        let (to, group) = recipient(path, &body)?;
        Ok(GatewayRequest::Send {
            channel: Channel::WhatsApp,
            to,
            group,
            content: read_content(path, &body)?,
            notify_url: first_text(&body, &["notifyurl"]),
        })
    }

    fn send_response(&self, _profile: &Profile, request: &GatewayRequest, id: &str, now: Timestamp) -> Response {
        let GatewayRequest::Send { to, group, content, .. } = request else { return refused(400, "bukan pesan") };
        // The types of the samples, which are unreliable: a PDF is an `image`, a location is a `chat`.
        let kind = match (content, group) {
            (Content::Text { .. }, false) => "text",
            (Content::Media { .. }, _) => "image",
            (Content::Card { .. }, _) => "vcard",
            _ => "chat",
        };
        let server = if *group { "g.us" } else { "c.us" };
        let message = json!({
            "id": id, "status": 0, "type": kind, "timestamp": now.seconds(),
            "from": format!("{OWN_NUMBER}@c.us"), "to": format!("{to}@{server}"),
        });
        Response::json(200, &json!({"success": true, "message": message}))
    }

    fn query_response(&self, _profile: &Profile, _query: &Query, answer: &QueryResponse, _now: Timestamp) -> Response {
        let message = match answer {
            QueryResponse::Groups(groups) => groups
                .iter()
                .map(|group| {
                    let last_at = group.last_at.map(Timestamp::seconds);
                    json!({"groupid": group.id, "groupname": group.name, "grouplastchat": last_at})
                })
                .collect(),
            QueryResponse::Registered(registered) => json!(registered),
            QueryResponse::Login(LoginState::Connected { number, name }) => {
                connected(number.as_deref(), name.as_deref())
            }
            // A probe asks for the QR, too.
            QueryResponse::Alive => connected(None, None),
            QueryResponse::Login(LoginState::Code(code)) => json!({"isAuthenticated": false, "qrcode": code}),
            QueryResponse::Login(LoginState::NotReady) => json!({"isAuthenticated": false, "qrcode": ""}),
            QueryResponse::Contacts(_)
            | QueryResponse::Created(_)
            | QueryResponse::Exists
            | QueryResponse::Templates(..) => {
                return refused(404, "Not Found");
            }
        };
        Response::json(200, &json!({"success": true, "message": message}))
    }

    fn error_response(&self, status: u16, failure: &Failure) -> Response {
        refused(status, &failure.message)
    }

    fn webhook(&self, profile: &Profile, inbound: &Inbound, _now: Timestamp, _serial: u64) -> Option<Webhook> {
        match inbound {
            Inbound::Message(message) => keyword_event(profile, message),
            Inbound::Receipt(receipt) => acknowledgement(receipt),
            _ => None,
        }
    }

    fn retry_policy(&self) -> RetryPolicy {
        // No rule is documented (providers.md 4.3): one delivery, with a long timeout.
        RetryPolicy { timeout: Duration::from_secs(10), delays: &[], retry_refused: false }
    }

    fn read_replies(&self, response: &Response) -> Vec<Content> {
        replies::read_replies(response)
    }
}

fn refused(status: u16, message: &str) -> Response {
    Response::json(status, &json!({"success": false, "errorMessage": message}))
}

fn connected(number: Option<&str>, name: Option<&str>) -> Value {
    let number = number.unwrap_or(OWN_NUMBER);
    json!({"isAuthenticated": true, "number": number, "name": name.unwrap_or(number), "qrcode": ""})
}

fn required_text(body: &Value, key: &str) -> Result<String, Response> {
    let text = body.get(key).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| refused(400, &format!("{key} wajib diisi")))
}

/// `6282386…` is right, `082386…` and `+6282386…` are wrong (providers.md 4.1).
fn number(body: &Value) -> Result<String, Response> {
    let number = required_text(body, "nohp")?;
    let valid = number.starts_with(|c: char| c.is_ascii_digit() && c != '0');
    if valid { Ok(number) } else { Err(refused(400, "nohp harus diawali kode negara tanpa tanda +")) }
}

fn recipient(path: &str, body: &Value) -> Result<(String, bool), Response> {
    // The samples send a group's card to `sendcontact` with a `groupid` (providers.md 4.2).
    if path.ends_with("togroup") || (path == "sendcontact" && body.get("groupid").is_some()) {
        return Ok((required_text(body, "groupid")?, true));
    }
    Ok((number(body)?, false))
}

fn read_content(path: &str, body: &Value) -> Result<Content, Response> {
    let caption = || required_text(body, "pesan").map(|text| Some(text).filter(|t| !t.is_empty()));
    match path.strip_suffix("togroup").unwrap_or(path) {
        "sendwa" => Ok(Content::Text { body: required_text(body, "pesan")? }),
        "sendmedia" => {
            let url = required_text(body, "mediaurl")?;
            // The request does not say what it is; the gateway looks at the file, and knows no videos.
            let kind = match MediaKind::guess(&url) {
                MediaKind::Video => MediaKind::Document,
                kind => kind,
            };
            Ok(Content::Media { link: MediaLink::new(kind, url), caption: caption()? })
        }
        "sendlocation" => Ok(Content::Location {
            latitude: required_text(body, "latitude")?,
            longitude: required_text(body, "longitude")?,
            caption: caption()?,
        }),
        "sendcontact" => {
            let contact = body.get("contact").unwrap_or(&Value::Null);
            let numbers: Vec<String> =
                contact.get("numbers").and_then(Value::as_array).into_iter().flatten().filter_map(scalar).collect();
            if numbers.is_empty() {
                return Err(refused(400, "contact.numbers wajib diisi"));
            }
            Ok(Content::Card { name: required_text(contact, "name")?, numbers })
        }
        _ => Err(refused(404, "Not Found")),
    }
}

/// Only texts of customers are forwarded, no groups and no media (providers.md 4.4).
fn keyword_event(profile: &Profile, message: &InboundMessage) -> Option<Webhook> {
    if message.direction != Direction::In || message.kind != Kind::Text || message.peer.group {
        return None;
    }
    let plain = || {
        let name = message.name.as_deref().unwrap_or_default();
        (message.text.clone(), json!({"nama": name, "nohp": message.peer.id}))
    };
    let (keyword, data) = match &message.keyword {
        Some(keyword) if !keyword.fields.is_empty() => (keyword.word.clone(), json!(keyword.fields)),
        _ => plain(),
    };
    let key = profile.webhook_secrets.first().map_or("", |secret| secret.expose());
    let body = json!({"keyword": keyword, "data": data, "webhookkey": key, "from": message.peer.id});
    Some(Webhook::json(false, &body))
}

fn acknowledgement(receipt: &Receipt) -> Option<Webhook> {
    let (ack, _) = ack::for_status(receipt.status)?;
    Some(Webhook::json(true, &json!({"msgid": receipt.remote_id, "ack": ack})))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inbound::{Keyword, Peer};
    use crate::providers::provider::Provider;
    use crate::providers::sample::outgoing;
    use crate::providers::types::{Outcome, Verdict};
    use crate::providers::waviro::Waviro;
    use crate::providers::waviro::tests::profile;

    #[test]
    fn every_send_is_read_back() {
        let link = |kind, url: &str| MediaLink::new(kind, url);
        let contents = [
            Content::Text { body: "Halo kak 🙏".into() },
            Content::Media { link: link(MediaKind::Image, "https://a.id/x.png"), caption: Some("Foto".into()) },
            Content::Media { link: link(MediaKind::Audio, "https://a.id/x.mp3"), caption: None },
            Content::Media { link: link(MediaKind::Document, "https://a.id/x.pdf"), caption: None },
            Content::Location { latitude: "-6.200000".into(), longitude: "106.816666".into(), caption: None },
            Content::Card { name: "Budi".into(), numbers: vec!["628124000000".into()] },
        ];
        for content in contents {
            for group in [false, true] {
                let outgoing = outgoing(content.clone(), group);
                let request = Waviro.send_request(&profile(), &outgoing).unwrap();
                let read = WaviroSimulator.read_request(&profile(), &request).unwrap();
                let expected = GatewayRequest::Send {
                    channel: Channel::WhatsApp,
                    to: outgoing.to.peer.clone(),
                    group,
                    content: content.clone(),
                    notify_url: profile().notify_url,
                };
                assert_eq!(read, expected);
                let response =
                    WaviroSimulator.send_response(&profile(), &read, "3EB0AA", Timestamp::from_seconds(1_700_000_000));
                let accepted = Outcome::Accepted { remote_id: Some("3EB0AA".into()) };
                assert_eq!(Waviro.read_send_response(&profile(), &outgoing, &response), accepted);
            }
        }
    }

    #[test]
    fn wrong_keys_and_wrong_numbers_are_refused() {
        let mut stranger = profile();
        stranger.api_key = crate::domain::Secret::new("salah");
        let halo = outgoing(Content::Text { body: "Halo".into() }, false);
        let request = Waviro.send_request(&stranger, &halo).unwrap();
        assert_eq!(WaviroSimulator.read_request(&profile(), &request).unwrap_err().status, 401);
        for wrong in ["0812300000", "+628123000000", ""] {
            let mut outgoing = halo.clone();
            outgoing.to.peer = wrong.into();
            let request = Waviro.send_request(&profile(), &outgoing).unwrap();
            assert_eq!(WaviroSimulator.read_request(&profile(), &request).unwrap_err().status, 400, "{wrong}");
        }
    }

    #[test]
    fn queries_and_their_responses_are_read_back() {
        let profile = profile();
        let answers = [
            (Query::CheckNumber("628123000000".into()), QueryResponse::Registered(true)),
            (Query::Login, QueryResponse::Login(LoginState::Code("2@abc".into()))),
            (Query::Login, QueryResponse::Login(LoginState::NotReady)),
            (Query::Probe, QueryResponse::Alive),
            (Query::Groups, QueryResponse::Groups(Vec::new())),
        ];
        for (query, answer) in answers {
            assert!(WaviroSimulator.read_request(&profile, &Waviro.query_request(&profile, &query).unwrap()).is_ok());
            let response = WaviroSimulator.query_response(&profile, &query, &answer, Timestamp::default());
            assert_eq!(Waviro.read_query_response(&profile, &query, &response), Ok(answer));
        }
    }

    #[test]
    fn events_are_interpreted_as_they_were_written() {
        let profile = profile();
        let mut message = InboundMessage::text(Peer::person("628123000000"), "Kak, masih ada #promo?");
        message.name = Some("Siti".into());
        let webhook = |message: &InboundMessage| {
            let inbound = Inbound::Message(Box::new(message.clone()));
            WaviroSimulator.webhook(&profile, &inbound, Timestamp::default(), 1)
        };
        let interpret = |message: &InboundMessage| {
            let webhook = webhook(message).unwrap();
            let verdict = Waviro.verify(&profile, &webhook, Timestamp::default());
            assert!(matches!(verdict, Verdict::Genuine { .. }));
            match Waviro.interpret(&profile, &webhook, Timestamp::default()).pop() {
                Some(Inbound::Message(message)) => *message,
                other => panic!("no message: {other:?}"),
            }
        };
        let plain = interpret(&message);
        assert_eq!(
            (plain.text, plain.name, plain.peer),
            (message.text.clone(), message.name.clone(), message.peer.clone())
        );
        message.keyword = Some(Keyword { word: "order#".into(), fields: vec!["Gamis".into(), "XL".into()] });
        let keyword = interpret(&message);
        assert_eq!((keyword.text.as_str(), &keyword.keyword), ("order#Gamis#XL", &message.keyword));
        message.kind = Kind::Image;
        assert_eq!(webhook(&message), None);
    }
}
