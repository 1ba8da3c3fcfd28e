//! Customers who write by themselves and answer to the point.

use std::collections::BTreeSet;

use serde_json::json;

use crate::kit::{Account, Receiver, bearer, now, sandbox};
use loket::domain::{Direction, Inbound, Kind};
use loket::providers::Verdict;
use loket::sandbox::stages;

#[tokio::test]
async fn customers_of_all_gateways_write_by_themselves_and_every_event_is_genuine() {
    let mut receiver = Receiver::start().await;
    let sandbox = sandbox(&receiver, true).await;
    let accounts: Vec<_> = stages().iter().map(|s| Account::of(&sandbox, s.name)).collect();
    let (mut heard, mut channels, mut kinds) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    // Until everybody has come: all accounts, all channels, a picture, a place, a file and a pressed button.
    for _ in 0..1000 {
        let got = receiver.next().await;
        let account = accounts.iter().find(|a| got.path == a.stage.webhook_path()).unwrap();
        assert!(matches!(account.verify(&got.webhook), Verdict::Genuine { .. }), "{got:?}");
        for claim in account.provider.interpret(&account.profile, &got.webhook, now()) {
            let Inbound::Message(message) = claim else { continue };
            heard.insert(account.stage.name);
            channels.insert(message.channel.unwrap_or(account.profile.channel));
            kinds.insert(message.kind);
        }
        let wanted = [Kind::Text, Kind::Image, Kind::Location, Kind::Choice, Kind::Document];
        if heard.len() == accounts.len() && channels.len() == 4 && wanted.iter().all(|k| kinds.contains(k)) {
            return;
        }
    }
    panic!("after a thousand events: {heard:?} {channels:?} {kinds:?}");
}

#[tokio::test]
async fn a_customer_answers_a_free_text_to_the_point() {
    let mut receiver = Receiver::start().await;
    let sandbox = sandbox(&receiver, true).await;
    let account = Account::of(&sandbox, "chatera");
    let budi = |claim: &Inbound| matches!(claim, Inbound::Message(m) if m.peer.id == "628123400012");
    let asks =
        |claim: &Inbound| matches!(claim, Inbound::Message(m) if m.text.contains("hitam") || m.text.contains("item"));
    receiver.claim(&account, |c| budi(c) && asks(c)).await;
    let body = json!({"to": "628123400012", "type": "text", "text": {"body": "Ready kak, satunya 65rb"}});
    let (status, _) = account.post("/whatsapp/messages", ("Authorization", &bearer(&account.stage)), &body).await;
    assert_eq!(status, 200);
    let point =
        |c: &Inbound| matches!(c, Inbound::Message(m) if m.text.contains("harganya") || m.text.contains("Berapaan"));
    let answer = receiver.claim(&account, |c| budi(c) && point(c)).await;
    assert!(matches!(answer, Inbound::Message(m) if m.direction == Direction::In));
}
