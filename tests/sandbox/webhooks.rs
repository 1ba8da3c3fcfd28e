//! Delivery of webhooks: signatures, repeated deliveries, absent receivers, and replies in responses.

use crate::kit::{Account, Receiver, bearer, json_body, now, options, sandbox, say, sent};
use loket::domain::{Inbound, Status};
use loket::providers::Verdict;
use loket::sandbox::{Sandbox, SandboxOptions, demo_accounts};
use serde_json::json;
use tokio::net::TcpListener;

#[tokio::test]
async fn every_gateways_events_are_genuine_and_a_changed_byte_is_not() {
    let mut receiver = Receiver::start().await;
    let sandbox = sandbox(&receiver, false).await;
    for definition in demo_accounts() {
        let account = Account::of(&sandbox, definition.name);
        say(&sandbox, definition.name, "628123400088", "Kak, masih ada?").await;
        let got = receiver.next().await;
        assert_eq!(got.path, definition.webhook_path());
        assert!(matches!(account.verify(&got.webhook), Verdict::Genuine { .. }), "{got:?}");
        let events = account.provider.interpret(&account.profile, &got.webhook, now());
        let [Inbound::Message(message)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((message.peer.id.as_str(), message.text.as_str()), ("628123400088", "Kak, masih ada?"));

        let mut stranger = Account::of(&sandbox, definition.name);
        stranger.profile.webhook_secrets = vec![loket::domain::Secret::new("something else")];
        assert_eq!(stranger.verify(&got.webhook), Verdict::Unauthorised, "{}", definition.name);
    }
}

#[tokio::test]
async fn a_refused_event_is_delivered_again_with_the_same_bytes() {
    let mut receiver = Receiver::start().await;
    let sandbox = sandbox(&receiver, false).await;
    // Seed 004: three more tries after 2, 4 and 8 seconds.
    receiver.refuse(3);
    say(&sandbox, "cloudchat", "628123400088", "Halo").await;
    let first = receiver.next().await;
    for _ in 0..3 {
        let again = receiver.next().await;
        assert_eq!(again.webhook.body, first.webhook.body);
        assert_eq!(again.webhook.header("x-cloudchat-signature"), first.webhook.header("x-cloudchat-signature"));
    }
    say(&sandbox, "cloudchat", "628123400088", "Halo lagi").await;
    assert_ne!(receiver.next().await.webhook.body, first.webhook.body);
}

#[tokio::test]
async fn events_wait_for_an_absent_receiver() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let receiver = Some(format!("http://{address}/"));
    let sandbox = Sandbox::start(SandboxOptions { receiver, ..options() }).await.unwrap();
    for text in ["satu", "dua", "tiga"] {
        say(&sandbox, "chatera", "628123400088", text).await;
    }
    let mut receiver = Receiver::on(TcpListener::bind(address).await.unwrap(), "{}");
    for text in ["satu", "dua", "tiga"] {
        let body = String::from_utf8(receiver.next().await.webhook.body).unwrap();
        assert!(body.contains(text), "{text} is not in {body}");
    }
}

#[tokio::test]
async fn events_are_posted_to_the_connected_url() {
    let mut receiver = Receiver::start().await;
    let sandbox = Sandbox::start(options()).await.unwrap();
    assert!(sandbox.connect("waviro", format!("{}/elsewhere", receiver.url())));
    assert!(!sandbox.connect("nobody", String::new()));
    say(&sandbox, "waviro", "628123400088", "halo").await;
    assert_eq!(receiver.next().await.path, "/elsewhere");
}

#[tokio::test]
async fn a_message_is_reported_delivered_and_read() {
    let mut receiver = Receiver::start().await;
    let sandbox = sandbox(&receiver, false).await;
    let account = Account::of(&sandbox, "chatera");
    say(&sandbox, "chatera", "628123400088", "Halo").await;
    receiver.inbound(&account, |c| matches!(c, Inbound::Message(_))).await;
    let body = json!({"to": "628123400088", "type": "text", "text": {"body": "Siap kak"}});
    let (_, answer) = account.post("/whatsapp/messages", ("Authorization", &bearer(&account.definition)), &body).await;
    let id = answer["data"]["messageId"].as_str().unwrap().to_owned();
    for wanted in [Status::Delivered, Status::Read] {
        let inbound = receiver.inbound(&account, |c| matches!(c, Inbound::Receipt(r) if r.status == wanted)).await;
        assert!(matches!(&inbound, Inbound::Receipt(r) if r.remote_id == id), "{inbound:?}");
    }
}

#[tokio::test]
async fn a_closed_window_and_an_unreachable_number_are_reported_as_failures() {
    let mut receiver = Receiver::start().await;
    let sandbox = sandbox(&receiver, false).await;
    let account = Account::of(&sandbox, "chatera");
    let key = bearer(&account.definition);
    for (to, code) in [("628123400077", "131047"), ("628123400000", "131026")] {
        let body = json!({"to": to, "type": "text", "text": {"body": "Promo!"}});
        assert_eq!(account.post("/whatsapp/messages", ("Authorization", &key), &body).await.0, 200);
        let inbound =
            receiver.inbound(&account, |c| matches!(c, Inbound::Receipt(r) if r.status == Status::Failed)).await;
        let Inbound::Receipt(receipt) = inbound else { panic!("{inbound:?}") };
        assert_eq!(receipt.failure.map(|f| f.code).as_deref(), Some(code));
    }
}

#[tokio::test]
async fn acknowledgements_are_posted_to_the_url_of_the_request() {
    let mut receiver = Receiver::start().await;
    let sandbox = sandbox(&receiver, false).await;
    let account = Account::of(&sandbox, "waviro");
    let notify = format!("{}{}/ack", receiver.url(), account.definition.webhook_path());
    let body = json!({"nohp": "628123400088", "pesan": "Halo", "notifyurl": notify});
    let (_, answer) = account.post("/api/sendwa", ("secretkey", account.definition.api_key), &body).await;
    let mut acks = Vec::new();
    while acks.last() != Some(&3) {
        let got = receiver.next().await;
        assert!(got.webhook.ack, "{got:?}");
        let ack = json_body(&got.webhook);
        assert_eq!(ack["msgid"], answer["message"]["id"]);
        acks.push(ack["ack"].as_i64().unwrap());
    }
    assert_eq!(acks, [1, 2, 3]);
}

#[tokio::test]
async fn replies_in_a_webhooks_response_reach_the_customer() {
    let answer = r#"{"success":true,"message":{"reply":[{"type":"message","content":"Harga 50rb ya kak"}]}}"#;
    let mut receiver = Receiver::responding(answer).await;
    let sandbox = sandbox(&receiver, false).await;
    say(&sandbox, "waviro", "628123400088", "harga").await;
    receiver.next().await;
    let reached = tokio::time::timeout(crate::kit::LIMIT, async {
        loop {
            let reached = sent(&sandbox, "waviro").await;
            if !reached.is_empty() {
                return reached;
            }
        }
    });
    let reached = reached.await.unwrap();
    assert_eq!((&reached[0]["text"], &reached[0]["via"]), (&json!("Harga 50rb ya kak"), &json!("webhook")));
}
