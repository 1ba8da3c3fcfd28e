//! What WAVIRO is sent: eight endpoints, JSON bodies in the field order of the vendor's samples.
//!
//! Source: seed 003, providers.md 4.2. Nothing here re-writes a number or a coordinate: they go digit for digit.

use serde_json::{Map, Value, json};

use crate::domain::outgoing::{MediaKind, MediaLink};
use crate::domain::{Content, Outgoing, Recipient};
use crate::providers::common::json::scalar;
use crate::providers::common::response::send_outcome;
use crate::providers::types::Profile;
use crate::providers::types::{Outcome, Unsupported};
use crate::providers::types::{Request, Response};

/// The path by which the vendor's samples send a contact card to a group.
const CARD_OF_THE_SAMPLES: &str = "sendcontact";

/// The address of an endpoint. A configured URL may end in `/` or `/api`: people copy it in every form.
pub(super) fn endpoint(profile: &Profile, path: &str) -> String {
    let root = profile.base_url.trim_end_matches('/');
    let root = root.strip_suffix("/api").unwrap_or(root).trim_end_matches('/');
    format!("{root}/api/{path}")
}

/// The request that sends `outgoing`.
pub(super) fn request(profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
    let path = path(&outgoing.content, outgoing.to.group).ok_or(Unsupported)?;
    posted(profile, path, outgoing)
}

/// What the answer to a send means.
pub(super) fn outcome(profile: &Profile, outgoing: &Outgoing, response: &Response) -> Outcome {
    // The samples post a group's contact card to the person's path; the documented path may not exist
    // (providers.md 4.2). A 404 proves that nothing was processed.
    if response.status == 404
        && outgoing.to.group
        && matches!(outgoing.content, Content::Card { .. })
        && let Ok(request) = posted(profile, CARD_OF_THE_SAMPLES, outgoing)
    {
        return Outcome::Fallback(Box::new(request));
    }
    send_outcome(response, |body| body.pointer("/message/id").and_then(scalar))
}

fn posted(profile: &Profile, path: &str, outgoing: &Outgoing) -> Result<Request, Unsupported> {
    let body = body(profile, &outgoing.to, &outgoing.content).ok_or(Unsupported)?;
    Ok(Request::post_json(endpoint(profile, path), &body).secret_header("secretkey", &profile.api_key))
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
        (Content::Card { .. }, false) => "sendcontact",
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
    let notify = profile.notify_url.as_deref();
    // `notifyurl` is optional; without a public address it is left out rather than sent empty (seed 003).
    match content {
        Content::Text { body: text } => {
            put("pesan", json!(text));
            notify.map(|url| put("notifyurl", json!(url)));
        }
        Content::Media { link, caption } => {
            put("pesan", json!(caption.as_deref().unwrap_or_default()));
            notify.map(|url| put("notifyurl", json!(url)));
            put("mediaurl", json!(link.url));
        }
        Content::Location { latitude, longitude, caption } => {
            put("latitude", json!(latitude));
            put("longitude", json!(longitude));
            put("pesan", json!(caption.as_deref().unwrap_or_default()));
            notify.map(|url| put("notifyurl", json!(url)));
        }
        Content::Card { name, numbers } => {
            notify.map(|url| put("notifyurl", json!(url)));
            put("contact", json!({"name": name, "numbers": numbers}));
        }
        Content::Template(_) | Content::Buttons { .. } | Content::List { .. } => return None,
    }
    Some(Value::Object(body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::waviro::tests::{outgoing, profile};

    fn sent(content: Content, group: bool) -> (String, String) {
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
            sent(text, false),
            (
                "https://apitoko.waviro.com/api/sendwa".to_owned(),
                format!(r#"{{"nohp":"628123000000","pesan":"Test kirim text","notifyurl":"{notify}"}}"#)
            )
        );
        let link = MediaLink { kind: MediaKind::Document, url: "https://yourdomain/yourmedia.pdf".into() };
        assert_eq!(
            sent(Content::Media { link, caption: None }, false).1,
            format!(
                r#"{{"nohp":"628123000000","pesan":"","notifyurl":"{notify}","mediaurl":"https://yourdomain/yourmedia.pdf"}}"#
            )
        );
        let place = Content::Location {
            latitude: "0.525960".into(),
            longitude: "101.426866".into(),
            caption: Some("Kantor Pusat".into()),
        };
        assert_eq!(
            sent(place, true).1,
            format!(
                r#"{{"groupid":"120363000000000001","latitude":"0.525960","longitude":"101.426866","pesan":"Kantor Pusat","notifyurl":"{notify}"}}"#
            )
        );
        assert_eq!(
            sent(card(), false).1,
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
    fn a_base_url_is_taken_in_every_form_in_which_people_copy_it() {
        for url in
            ["https://a.waviro.com", "https://a.waviro.com/", "https://a.waviro.com/api", "https://a.waviro.com/api/"]
        {
            let mut profile = profile();
            profile.base_url = url.into();
            assert_eq!(endpoint(&profile, "getqr/"), "https://a.waviro.com/api/getqr/");
        }
    }

    #[test]
    fn a_groups_card_falls_back_to_the_path_of_the_samples() {
        let missing = Response::json(404, &json!({"success": false, "errorMessage": "Not Found"}));
        let to_group = outgoing(card(), true);
        let first = request(&profile(), &to_group).unwrap();
        assert_eq!(first.path(), "/api/sendcontacttogroup");
        let Outcome::Fallback(second) = outcome(&profile(), &to_group, &missing) else { panic!("no other way tried") };
        assert_eq!(second.path(), "/api/sendcontact");
        assert_eq!(second.body, first.body);
        assert!(matches!(outcome(&profile(), &outgoing(card(), false), &missing), Outcome::Refused { .. }));
    }

    #[test]
    fn answers_give_the_id_of_the_receipts_or_the_vendors_words() {
        let text = outgoing(Content::Text { body: "Halo".into() }, false);
        let judge = |status, body: &Value| outcome(&profile(), &text, &Response::json(status, body));
        assert_eq!(
            judge(200, &json!({"success": true, "message": {"id": "3EB02B7BEAD27AFA278E", "status": 0}})),
            Outcome::Accepted { remote_id: Some("3EB02B7BEAD27AFA278E".into()) }
        );
        assert_eq!(judge(200, &json!({"success": true, "message": true})), Outcome::Accepted { remote_id: None });
        let Outcome::Refused { failure } = judge(400, &json!({"success": false, "errorMessage": "nohp salah"})) else {
            panic!("a refusal was not seen")
        };
        assert_eq!((failure.code.as_str(), failure.message.as_str()), ("http_400", "nohp salah"));
        assert!(matches!(judge(500, &json!({})), Outcome::Unsure { .. }));
    }
}
