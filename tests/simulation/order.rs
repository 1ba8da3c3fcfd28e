//! The final state depends on the set of events only: delivered in order, or shuffled, doubled, abandoned and with
//! crashes between, the same messages with the same contents and states are there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::BoxFuture;
use loket::domain::{
    Direction, Failure, Inbound, InboundMessage, Kind, Message, Peer, Receipt, Status, Timestamp, Writer,
};
use loket::engine::ConfiguredAccount;
use loket::engine::simulation::{HttpError, Network, SimulatedEngine, set_clock};
use loket::providers::{Request, Response, Webhook};

use serde_json::Value;

use crate::history::History;
use crate::run::{Setup, TOKEN, all_messages, setup};

/// When the engine receives: 2026-06-01T00:10:00Z.
const NOW: Timestamp = Timestamp::from_seconds(1_780_272_600);

/// The text of an edit by somebody who did not write the message.
const FORGED: &str = "palsu";

/// A network on which no gateway is there.
#[derive(Debug)]
struct Nobody;

impl Network for Nobody {
    fn exchange(&self, _: Request) -> BoxFuture<'static, Result<Response, HttpError>> {
        Box::pin(async { Err(HttpError::NotSent("connection refused".to_owned())) })
    }
}

/// Compares two orders of delivery of the events of a seed; returns the difference.
pub(crate) fn run(seed: u64) -> Vec<String> {
    let mut history = History::new(seed);
    history.accounts.truncate(1);
    // Waha has the most kinds of events.
    if seed.is_multiple_of(3) {
        (history.accounts[0].name, history.accounts[0].provider, history.accounts[0].mode) = ("waha", "waha", None);
    }
    (history.steps, history.request_faults, history.delivery_faults) = (Vec::new(), 0, 0);
    history.accounts[0].outages.clear();
    let in_order: Vec<_> = webhooks(&history, &mut Rng::with_seed(seed));
    let mut rng = Rng::with_seed(seed ^ 0xf00d);
    let mut shuffled = in_order.clone();
    // Waviro's keywords have no id, so that a second delivery within seconds only is one.
    if history.accounts[0].provider != "waviro" {
        for _ in 0..rng.usize(0..=in_order.len()) {
            shuffled.extend(rng.choice(&in_order).cloned());
        }
    }
    rng.shuffle(&mut shuffled);
    let first = state_after(&history, &in_order, None);
    let second = state_after(&history, &shuffled, Some(&mut rng));
    let missing = first.difference(&second).map(|row| format!("only in order: {row}"));
    let added = second.difference(&first).map(|row| format!("only shuffled: {row}"));
    let forged = second.iter().filter(|row| row.contains(FORGED)).map(|row| format!("forged: {row}"));
    missing.chain(added).chain(forged).collect()
}

/// The webhooks of a conversation with two customers, in the order in which things happened.
fn webhooks(history: &History, rng: &mut Rng) -> Vec<Webhook> {
    let directory = tempfile::tempdir().unwrap();
    let setup = setup(history, directory.path());
    let account = ConfiguredAccount::candidate(&setup.settings.accounts[0], &setup.environment).unwrap();
    let mut webhooks = Vec::new();
    let mut serial = 0;
    for (number, inbound) in (0_i64..).zip(events(rng)) {
        serial += 1;
        let at = Timestamp(NOW.0 - 60_000 + number * 1000);
        webhooks.extend(account.provider.simulator().webhook(&account.profile, &inbound, at, serial));
    }
    webhooks
}

fn events(rng: &mut Rng) -> Vec<Inbound> {
    let mut events = Vec::new();
    for number in 0..rng.usize(2..12) {
        let peer = Peer::person(format!("62812000000{}1", rng.u8(0..2)));
        let id = format!("3EB0{number:018}");
        let mut message = InboundMessage::text(peer.clone(), format!("pesan {number}"));
        message.remote_id = Some(id.clone());
        message.unique = true;
        message.at = Some(Timestamp(NOW.0 - 60_000 + i64::try_from(number).unwrap() * 3000));
        let mut by = Writer { channel: None, peer: peer.clone(), direction: Some(Direction::In), member: None };
        if rng.bool() {
            message.name = Some("Rina".to_owned());
            events.push(Inbound::Message(Box::new(message)));
            if rng.bool() {
                events.push(Inbound::Edited { remote_id: id.clone(), text: format!("ralat {number}"), by: by.clone() });
            }
            if rng.u8(0..4) == 0 {
                events.push(Inbound::Revoked { remote_id: id.clone(), by: by.clone() });
            }
            // Somebody else must not.
            by.peer = Peer::person("628999");
            events.push(Inbound::Edited { remote_id: id, text: FORGED.to_owned(), by });
            continue;
        }
        // A message of our side that was sent on the phone, and its receipts.
        message.direction = Direction::Out;
        message.kind = Kind::Text;
        events.push(Inbound::Message(Box::new(message)));
        for status in [Status::Sent, Status::Delivered, Status::Read, Status::Failed] {
            if rng.bool() {
                events.push(Inbound::Receipt(Receipt {
                    remote_id: id.clone(),
                    status,
                    failure: (status == Status::Failed).then(|| Failure::new("131026", "Message undeliverable")),
                    recipient: Some(peer.id.clone()),
                    may_infer: false,
                    at: Some(NOW),
                }));
            }
        }
    }
    events
}

/// Delivers webhooks one after the other, with crashes if there is a source of randomness, and returns what is there.
fn state_after(history: &History, webhooks: &[Webhook], mut rng: Option<&mut Rng>) -> BTreeSet<String> {
    let directory = tempfile::tempdir().unwrap();
    let setup = setup(history, directory.path());
    let mut left = webhooks;
    loop {
        let lives = rng.as_mut().map_or(left.len(), |rng| rng.usize(0..=left.len()));
        let (now, later) = left.split_at(lives);
        left = later;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let turns = rng.as_mut().map(|rng| rng.usize(0..6));
        let ends = later.is_empty();
        let messages = runtime.block_on(life(history, &setup, now, turns.filter(|_| !ends)));
        if ends {
            return messages.iter().map(describe).collect();
        }
    }
}

/// One life of the process; it is killed after so many turns of its tasks, or when everything is done.
async fn life(history: &History, setup: &Setup, webhooks: &[Webhook], turns: Option<usize>) -> Vec<Message> {
    set_clock(NOW);
    let network = Arc::new(Nobody);
    let (settings, paths, environment) = (Arc::clone(&setup.settings), setup.paths.clone(), setup.environment.clone());
    let engine = SimulatedEngine::start(settings, paths, environment, network).await.unwrap();
    for webhook in webhooks {
        let status = engine.receive(history.accounts[0].name, TOKEN, webhook.clone()).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&webhook.body));
    }
    if let Some(turns) = turns {
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        return Vec::new();
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    all_messages(&engine)
}

fn describe(message: &Message) -> String {
    // The order of keys says in which order things became known.
    let keys = |payload: &Value| payload.as_object().cloned().map(|map| map.into_iter().collect::<BTreeMap<_, _>>());
    let Message { peer, direction, text, status, kind, payload, error, .. } = message;
    format!(
        "{peer} {direction:?} {} {text:?} {} {:?} {error:?}",
        kind.as_str(),
        status.as_str(),
        payload.as_ref().map(keys)
    )
}
