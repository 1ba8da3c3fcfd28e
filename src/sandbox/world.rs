//! All simulated accounts together, and the one place where a message of ours reaches a customer.
//! Nothing here waits.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::Pace;
use super::actor::Said;
use super::cast::{Act, Cast, Heard};
use super::chaos::Chaos;
use super::claims;
use super::clock::Clock;
use super::desk::{Parcel, SimulatedAccount};
use super::ledger::Carried;
use crate::domain::{Channel, Content, Inbound};

/// All simulated accounts.
pub(super) struct World {
    pub(super) address: SocketAddr,
    pub(super) clock: Clock,
    pub(super) pace: Pace,
    pub(super) chaos: Chaos,
    pub(super) desks: Vec<Arc<SimulatedAccount>>,
    pub(super) ears: mpsc::Sender<Heard>,
    /// Turns true when the sandbox stops.
    pub(super) stopping: watch::Receiver<bool>,
}

/// A message of ours on its way to a customer.
#[derive(Debug, Clone)]
pub(super) struct Sending {
    pub(super) channel: Channel,
    pub(super) to: String,
    pub(super) group: bool,
    pub(super) content: Content,
    pub(super) notify_url: Option<String>,
    /// It is the answer to a webhook; no receipts follow.
    pub(super) in_webhook: bool,
}

impl World {
    /// The account of a name.
    pub(super) fn desk(&self, name: &str) -> Option<&Arc<SimulatedAccount>> {
        self.desks.iter().find(|d| d.stage.name == name)
    }

    /// A customer writes: his gateway will tell it.
    pub(super) fn speak(&self, said: &Said) {
        let Some(desk) = self.desk(&said.stage) else { return };
        let now = self.clock.now();
        let keywords = desk.provider.manifest().replies_in_webhook;
        let claim = claims::of_said(said, desk.mint(said.channel), now, keywords, self.address);
        if let (Inbound::Message(message), false) = (&claim, said.echo) {
            desk.note_writing(&said.id, message.at.unwrap_or(now));
        }
        desk.tell(Parcel { claim, notify_url: None, from: Some((said.channel, said.id.clone())) });
    }

    /// A message of ours reaches its customer; the answer is its id on the channel.
    pub(super) fn carry(&self, desk: &SimulatedAccount, sending: Sending) -> String {
        let now = self.clock.now();
        let id = desk.mint(sending.channel);
        let failure = desk.failure(&sending.to, sending.group, &sending.content, now);
        desk.ledger().enter(Carried {
            id: id.clone(),
            channel: sending.channel,
            to: &sending.to,
            group: sending.group,
            content: &sending.content,
            in_webhook: sending.in_webhook,
            at: now,
        });
        let heard = Heard {
            stage: desk.stage.name.to_owned(),
            channel: sending.channel,
            to: sending.to,
            group: sending.group,
            content: sending.content,
            id: id.clone(),
            notify_url: sending.notify_url,
            failure,
            receipts: !sending.in_webhook,
        };
        if self.ears.try_send(heard).is_err() {
            tracing::debug!(stage = desk.stage.name, "sandbox: a customer hears nothing, too much is being said");
        }
        id
    }

    fn perform(&self, act: Act) {
        match act {
            Act::Says(said) => self.speak(&said),
            Act::Receipt { stage, mut receipt, notify_url } => {
                let Some(desk) = self.desk(&stage) else { return };
                receipt.at = Some(self.clock.now());
                desk.tell(Parcel { claim: Inbound::Receipt(receipt), notify_url, from: None });
            }
        }
    }
}

/// Lets the customers live until nobody speaks to them any more.
pub(super) async fn conduct(world: Arc<World>, mut cast: Cast, mut heard: mpsc::Receiver<Heard>) {
    loop {
        for act in cast.advance(world.clock.elapsed()) {
            world.perform(act);
        }
        let next = cast.next().map(|at| tokio::time::Instant::from_std(world.clock.instant(at)));
        let due = async {
            match next {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = heard.recv() => match message {
                Some(message) => cast.hear(world.clock.elapsed(), message),
                None => return,
            },
            () = due => {}
        }
    }
}
