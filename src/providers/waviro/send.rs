//! Sends to WAVIRO: eight endpoints, JSON bodies in the field order of the vendor's samples.
//!
//! Source: seed 003, providers.md 4.2. Numbers and coordinates are never rewritten: they are sent digit for digit.
use crate::domain::outgoing::{MediaKind, MediaLink};
use crate::domain::{Content, Outgoing, Recipient};
use crate::providers::common::json::first_text_at;
use crate::providers::common::response::send_outcome;
use crate::providers::common::url::api_endpoint;
use crate::providers::types::{Outcome, Profile, Request, Response, Unsupported};
use serde_json::{Map, Value, json};

/// The path to which the vendor's samples send a contact card, to a person and to a group.
const SEND_CONTACT: &str = "sendcontact";

/// The request that sends `outgoing`.
pub(super) fn request(profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
    let path = path(&outgoing.content, outgoing.to.group).ok_or(Unsupported)?;
    post(profile, path, outgoing)
}

/// Reads the response to a send.
pub(super) fn read_response(profile: &Profile, outgoing: &Outgoing, response: &Response) -> Outcome {
    // The samples post a group's contact card to the path for persons; the documented path may not exist
    // (providers.md 4.2). A 404 proves that nothing was processed.
    if response.status == 404
        && outgoing.to.group
        && matches!(outgoing.content, Content::Card { .. })
        && let Ok(request) = post(profile, SEND_CONTACT, outgoing)
    {
        return Outcome::Fallback(Box::new(request));
    }
    send_outcome(response, |body| first_text_at(body, &["/message/id"]))
}

fn post(profile: &Profile, path: &str, outgoing: &Outgoing) -> Result<Request, Unsupported> {
    let body = body(profile, &outgoing.to, &outgoing.content).ok_or(Unsupported)?;
    Ok(Request::post_json(api_endpoint(profile, path), &body).secret_header("secretkey", &profile.api_key))
}

fn path(content: &Content, group: bool) -> Option<&'static str> {
    Some(match (content, group) {
        (Content::Text { .. }, false) => "sendwa",
        (Content::Text { .. }, true) => "sendwatogroup",
        (Content::Media { link: MediaLink { kind: MediaKind::Video, .. }, .. }, _) => return None,
        (Content::Media { .. }, false) => "sendmedia",
        (Content::Media { .. }, true) => "sendmediatogroup",
        (Content::Location { .. }, false) => "sendlocation",
        (Content::Location { .. }, true) => "sendlocationtogroup",
        (Content::Card { .. }, false) => SEND_CONTACT,
        (Content::Card { .. }, true) => "sendcontacttogroup",
        _ => return None,
    })
}

fn body(profile: &Profile, to: &Recipient, content: &Content) -> Option<Value> {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
    if to.group {
        put("groupid", json!(to.peer.strip_suffix("@g.us").unwrap_or(&to.peer)));
    } else {
        put("nohp", json!(to.peer));
    }
    let notify_url = profile.notify_url.as_deref();
    // `notifyurl` is optional; without a public address it is left out rather than sent empty (seed 003).
    match content {
        Content::Text { body: text } => {
            put("pesan", json!(text));
            notify_url.map(|url| put("notifyurl", json!(url)));
        }
        Content::Media { link, caption } => {
            put("pesan", json!(caption.as_deref().unwrap_or_default()));
            notify_url.map(|url| put("notifyurl", json!(url)));
            put("mediaurl", json!(link.url));
        }
        Content::Location { latitude, longitude, caption } => {
            put("latitude", json!(latitude));
            put("longitude", json!(longitude));
            put("pesan", json!(caption.as_deref().unwrap_or_default()));
            notify_url.map(|url| put("notifyurl", json!(url)));
        }
        Content::Card { name, numbers } => {
            notify_url.map(|url| put("notifyurl", json!(url)));
            put("contact", json!({"name": name, "numbers": numbers}));
        }
        Content::Template(_) | Content::Buttons { .. } | Content::List { .. } | Content::Reaction { .. } => {
            return None;
        }
    }
    Some(Value::Object(body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::sample::outgoing;
    use crate::providers::waviro::tests::profile;

    fn url_and_body(content: Content, group: bool) -> (String, String) {
        let request = request(&profile(), &outgoing(content, group)).unwrap();
        assert_eq!(request.header("SecretKey"), Some("kunci-rahasia"));
        assert_eq!(request.header("Content-Type"), Some("application/json"));
        (request.url.clone(), String::from_utf8(request.body.unwrap()).unwrap())
    }

    fn card() -> Content {
        Content::Card { name: "Test".into(), numbers: vec!["628124000000".into(), "628125000000".into()] }
    }

    #[test]
    fn bodies_have_the_field_order_of_the_samples() {
        let notify = "https://inbox.example.com/webhooks/toko/t0k3n/ack";
        let text = Content::Text { body: "Test kirim text".into() };
        assert_eq!(
            url_and_body(text, false),
            (
                "https://apitoko.waviro.com/api/sendwa".to_owned(),
                format!(r#"{{"nohp":"628123000000","pesan":"Test kirim text","notifyurl":"{notify}"}}"#)
            )
        );
        let link = MediaLink::new(MediaKind::Document, "https://yourdomain/yourmedia.pdf");
        assert_eq!(
            url_and_body(Content::Media { link, caption: None }, false).1,
            format!(
                r#"{{"nohp":"628123000000","pesan":"","notifyurl":"{notify}","mediaurl":"https://yourdomain/yourmedia.pdf"}}"#
            )
        );
        let location = Content::Location {
            latitude: "0.525960".into(),
            longitude: "101.426866".into(),
            caption: Some("Kantor Pusat".into()),
        };
        assert_eq!(
            url_and_body(location, true).1,
            format!(
                r#"{{"groupid":"120363000000000001","latitude":"0.525960","longitude":"101.426866","pesan":"Kantor Pusat","notifyurl":"{notify}"}}"#
            )
        );
        assert_eq!(
            url_and_body(card(), false).1,
            format!(
                r#"{{"nohp":"628123000000","notifyurl":"{notify}","contact":{{"name":"Test","numbers":["628124000000","628125000000"]}}}}"#
            )
        );
    }

    #[test]
    fn without_a_public_address_no_notifyurl_is_sent() {
        let mut profile = profile();
        profile.notify_url = None;
        let request = request(&profile, &outgoing(Content::Text { body: "Halo".into() }, false)).unwrap();
        assert_eq!(request.body.unwrap(), br#"{"nohp":"628123000000","pesan":"Halo"}"#);
    }

    #[test]
    fn every_form_of_the_base_url_gives_the_same_endpoint() {
        for url in
            ["https://a.waviro.com", "https://a.waviro.com/", "https://a.waviro.com/api", "https://a.waviro.com/api/"]
        {
            let mut profile = profile();
            profile.base_url = url.into();
            assert_eq!(api_endpoint(&profile, "getqr/"), "https://a.waviro.com/api/getqr/");
        }
    }

    #[test]
    fn a_contact_card_to_a_group_falls_back_to_the_path_of_the_samples() {
        let missing = Response::json(404, &json!({"success": false, "errorMessage": "Not Found"}));
        let to_group = outgoing(card(), true);
        let first = request(&profile(), &to_group).unwrap();
        assert_eq!(first.path(), "/api/sendcontacttogroup");
        let Outcome::Fallback(second) = read_response(&profile(), &to_group, &missing) else { panic!("no fallback") };
        assert_eq!(second.path(), "/api/sendcontact");
        assert_eq!(second.body, first.body);
        assert!(matches!(read_response(&profile(), &outgoing(card(), false), &missing), Outcome::Refused { .. }));
    }

    #[test]
    fn responses_give_the_id_of_the_receipts_or_the_vendors_message() {
        let text = outgoing(Content::Text { body: "Halo".into() }, false);
        let read = |status, body: &Value| read_response(&profile(), &text, &Response::json(status, body));
        assert_eq!(
            read(200, &json!({"success": true, "message": {"id": "3EB02B7BEAD27AFA278E", "status": 0}})),
            Outcome::Accepted { remote_id: Some("3EB02B7BEAD27AFA278E".into()) }
        );
        assert_eq!(read(200, &json!({"success": true, "message": true})), Outcome::Accepted { remote_id: None });
        let Outcome::Refused { failure } = read(400, &json!({"success": false, "errorMessage": "nohp salah"})) else {
            panic!("a refusal was not seen")
        };
        assert_eq!((failure.code.as_str(), failure.message.as_str()), ("http_400", "nohp salah"));
        assert!(matches!(read(500, &json!({})), Outcome::Unsure { .. }));
    }
}
