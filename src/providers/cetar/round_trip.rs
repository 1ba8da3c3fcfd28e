//! Tests that hold Cetar's provider and its simulator against each other.

use serde_json::json;

use super::Cetar;
use super::simulator::CetarSimulator;
use crate::domain::content_parts::{Button, ListRow};
use crate::domain::inbound::{InboundMessage, Peer, Receipt};
use crate::domain::outgoing::{MediaKind, MediaLink, TemplateUse};
use crate::domain::{Channel, Content, Inbound, Kind, Media, Outgoing, Recipient, Secret, Status, Timestamp};
use crate::providers::common::simulation::send_to_person;
use crate::providers::provider::Provider;
use crate::providers::sample;
use crate::providers::simulator::{GatewayRequest, Simulator};
use crate::providers::types::{Outcome, Profile, Query, QueryResponse, Request, Verdict};

const NOW: Timestamp = Timestamp::from_seconds(1_709_650_000);

fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        channel: Channel::WhatsApp,
        to: Recipient { peer: "6281234567890".into(), group: false },
        content,
        quote: None,
    }
}

fn media(kind: MediaKind, name: &str) -> Content {
    let link = MediaLink::new(kind, format!("https://contoh.com/{name}"));
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
        text: None,
    })
}

fn assert_read_back(mode: &'static str, contents: Vec<Content>) {
    let profile = sample::default_profile("cetar", mode);
    for content in contents {
        let outgoing = outgoing(content.clone());
        Cetar.capabilities(&profile).allows(&outgoing, profile.window.until(Some(NOW)), NOW).unwrap();
        let read = CetarSimulator.read_request(&profile, &Cetar.send_request(&profile, &outgoing).unwrap()).unwrap();
        assert_eq!(read, send_to_person(Channel::WhatsApp, "6281234567890".into(), content));
        let response = CetarSimulator.send_response(&profile, &read, "wamid.x", NOW);
        assert!(matches!(Cetar.read_send_response(&profile, &outgoing, &response), Outcome::Accepted { .. }));
    }
}

#[test]
fn every_message_of_a_linked_phone_is_read_back() {
    let picture = MediaLink::new(MediaKind::Image, "https://contoh.com/promo.jpg");
    let copy = Button::Copy { code: "PROMO50".into(), title: "Salin".into() };
    assert_read_back(
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
fn every_message_of_metas_api_is_read_back() {
    let video = MediaLink::new(MediaKind::Video, "https://contoh.com/promo.mp4");
    let row = ListRow { section: "Produk".into(), id: "M".into(), title: "Daftar".into(), description: "x".into() };
    assert_read_back(
        "meta",
        vec![
            Content::Text { body: "Halo".into() },
            media(MediaKind::Audio, "a.ogg"),
            media(MediaKind::Document, "a.xlsx"),
            template("hello_world", Some("en_US"), Some(video.clone())),
            buttons(vec![reply(), reply()], Some(video)),
            buttons(vec![url()], None),
            Content::List { text: "Pilih".into(), title: None, footer: None, label: "Menu".into(), rows: vec![row] },
        ],
    );
}

#[test]
fn a_wrong_key_path_or_body_is_refused_as_documented() {
    let profile = sample::default_profile("cetar", "unofficial");
    let good = Cetar.send_request(&profile, &outgoing(Content::Text { body: "Halo".into() })).unwrap();
    let other = Profile { api_key: Secret::new("sk_live_other"), ..profile.clone() };
    let status =
        |profile: &Profile, request: &Request| CetarSimulator.read_request(profile, request).unwrap_err().status;
    assert_eq!(status(&other, &good), 401);
    let elsewhere = Request { url: "https://api.cetar.ai/v1/nothing".into(), ..good.clone() };
    assert_eq!(status(&profile, &elsewhere), 404);
    for body in ["", "[]", "{}", r#"{"channel":"whatsapp","type":"text","to":"0812345678","content":{"text":"x"}}"#] {
        let broken = Request { body: Some(body.as_bytes().to_vec()), ..good.clone() };
        assert_eq!(status(&profile, &broken), 422, "{body}");
    }
}

#[test]
fn a_number_check_is_answered_as_documented() {
    let profile = sample::default_profile("cetar", "unofficial");
    let query = Query::CheckNumber("6281234567890".into());
    let read = CetarSimulator.read_request(&profile, &Cetar.query_request(&profile, &query).unwrap());
    assert_eq!(read, Ok(GatewayRequest::Query(query.clone())));
    for registered in [true, false] {
        let answer = QueryResponse::Registered(registered);
        let response = CetarSimulator.query_response(&profile, &query, &answer, NOW);
        assert_eq!(Cetar.read_query_response(&profile, &query, &response), Ok(answer));
    }
}

#[test]
fn events_are_signed_and_interpreted_as_they_were_written() {
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
        let profile =
            Profile { webhook_secrets: vec![Secret::new("rahasia")], ..sample::default_profile("cetar", mode) };
        for message in [message(Kind::Text), picture.clone(), choice.clone()] {
            let inbound = Inbound::Message(Box::new(message));
            let webhook = CetarSimulator.webhook(&profile, &inbound, NOW, 1).unwrap();
            assert!(matches!(Cetar.verify(&profile, &webhook, NOW), Verdict::Genuine { .. }));
            let mut interpreted = Cetar.interpret(&profile, &webhook, NOW);
            // Meta's media always have an id, which a linked phone's do not.
            if let [Inbound::Message(m)] = interpreted.as_mut_slice() {
                m.media.iter_mut().for_each(|media| media.remote_id = None);
            }
            assert_eq!(interpreted, [inbound], "{mode}");
        }
    }
}

#[test]
fn only_metas_api_has_receipts() {
    let receipt = Inbound::Receipt(Receipt {
        remote_id: "wamid.a".into(),
        status: Status::Read,
        failure: None,
        recipient: Some("6281234567890".into()),
        may_infer: true,
        at: Some(NOW),
    });
    assert_eq!(CetarSimulator.webhook(&sample::default_profile("cetar", "unofficial"), &receipt, NOW, 1), None);
    let profile = sample::default_profile("cetar", "meta");
    let webhook = CetarSimulator.webhook(&profile, &receipt, NOW, 1).unwrap();
    assert_eq!(Cetar.interpret(&profile, &webhook, NOW), [receipt]);
}
