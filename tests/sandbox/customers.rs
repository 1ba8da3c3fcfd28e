//! Customers write on their own and answer the replies.

use std::collections::BTreeSet;

use crate::kit::{Account, Receiver, bearer, now, sandbox};
use loket::domain::{Direction, Inbound, Kind};
use loket::providers::Verdict;
use loket::sandbox::demo_accounts;
use serde_json::json;

#[tokio::test]
async fn customers_of_all_gateways_write_and_every_event_is_genuine() {
    let mut receiver = Receiver::start().await;
    let sandbox = sandbox(&receiver, true).await;
    let accounts: Vec<_> = demo_accounts().iter().map(|s| Account::of(&sandbox, s.name)).collect();
    let (mut accounts_seen, mut channels, mut kinds) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    // Until there was everything: all accounts, all channels, a picture, a location, a file and a choice.
    for _ in 0..1000 {
        let got = receiver.next().await;
        let account = accounts.iter().find(|a| got.path == a.definition.webhook_path()).unwrap();
        assert!(matches!(account.verify(&got.webhook), Verdict::Genuine { .. }), "{got:?}");
        for inbound in account.provider.interpret(&account.profile, &got.webhook, now()) {
            let Inbound::Message(message) = inbound else { continue };
            accounts_seen.insert(account.definition.name);
            channels.insert(message.channel.unwrap_or(account.profile.channel));
            kinds.insert(message.kind);
        }
        let wanted = [Kind::Text, Kind::Image, Kind::Location, Kind::Choice, Kind::Document];
        if accounts_seen.len() == accounts.len() && channels.len() == 4 && wanted.iter().all(|k| kinds.contains(k)) {
            return;
        }
    }
    panic!("after a thousand events: {accounts_seen:?} {channels:?} {kinds:?}");
}

#[tokio::test]
async fn a_customer_answers_the_question_of_a_free_text() {
    let mut receiver = Receiver::start().await;
    let sandbox = sandbox(&receiver, true).await;
    let account = Account::of(&sandbox, "chatera");
    let budi = |inbound: &Inbound| matches!(inbound, Inbound::Message(m) if m.peer.id == "628123400012");
    let asks = |inbound: &Inbound| matches!(inbound, Inbound::Message(m) if m.text.contains("hitam") || m.text.contains("item"));
    receiver.inbound(&account, |c| budi(c) && asks(c)).await;
    let body = json!({"to": "628123400012", "type": "text", "text": {"body": "Ready kak, satunya 65rb"}});
    let (status, _) = account.post("/whatsapp/messages", ("Authorization", &bearer(&account.definition)), &body).await;
    assert_eq!(status, 200);
    let point =
        |c: &Inbound| matches!(c, Inbound::Message(m) if m.text.contains("harganya") || m.text.contains("Berapaan"));
    let answer = receiver.inbound(&account, |c| budi(c) && point(c)).await;
    assert!(matches!(answer, Inbound::Message(m) if m.direction == Direction::In));
}
