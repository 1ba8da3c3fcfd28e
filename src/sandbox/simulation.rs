//! All simulated accounts together, and the one place where messages pass between accounts and customers.
//! Nothing here waits, except [`run_scenario`].

use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

use super::clock::Clock;
use super::customers::dialogue::CustomerMessage;
use super::customers::scenario::{ReceivedMessage, Scenario, ScenarioEvent};
use super::faults::FaultPlan;
use super::fetch::FetchedFile;
use super::inbound;
use super::options::Pace;
use super::sent_log::SentMessage;
use super::simulated_account::{GatewayEvent, SimulatedAccount};
use crate::domain::{Channel, Content, Failure, Inbound};

/// All simulated accounts, with the clock, pace and faults that they share.
pub(crate) struct Simulation {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Clock,
    pub(crate) pace: Pace,
    pub(crate) faults: FaultPlan,
    pub(crate) accounts: Vec<Arc<SimulatedAccount>>,
    /// Messages that customers are to read.
    pub(crate) to_customers: mpsc::Sender<ReceivedMessage>,
    /// Fetches the files that messages link to.
    pub(crate) client: reqwest::Client,
    /// Becomes true when the sandbox stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// A message to a customer that a gateway has accepted.
#[derive(Debug, Clone)]
pub(crate) struct OutgoingMessage {
    pub(crate) channel: Channel,
    pub(crate) to: String,
    pub(crate) group: bool,
    pub(crate) content: Content,
    pub(crate) notify_url: Option<String>,
    /// What came of fetching the file that it links to.
    pub(crate) file: Option<Result<FetchedFile, Failure>>,
    /// It is the response to a webhook; no receipts follow.
    pub(crate) in_webhook: bool,
}

impl Simulation {
    /// The simulated account with this name, if there is one.
    pub(crate) fn account(&self, name: &str) -> Option<&Arc<SimulatedAccount>> {
        self.accounts.iter().find(|account| account.definition.name == name)
    }

    /// Queues the event by which a customer's gateway reports a message.
    pub(crate) fn write_to_account(&self, message: &CustomerMessage) {
        let Some(account) = self.account(&message.account) else { return };
        let now = self.clock.now();
        let keywords = account.provider.manifest().replies_in_webhook;
        let id = account.new_message_id(message.channel);
        let inbound = inbound::from_customer(message, id, now, keywords, self.address);
        if let (Inbound::Message(inbound), false) = (&inbound, message.echo) {
            account.record_customer_message(&message.id, inbound.at.unwrap_or(now));
        }
        account.queue_event(GatewayEvent {
            inbound,
            notify_url: None,
            from: Some((message.channel, message.id.clone())),
        });
    }

    /// Logs a message and passes it to its customer; returns its id on the channel.
    pub(crate) fn send_to_customer(&self, account: &SimulatedAccount, message: OutgoingMessage) -> String {
        let now = self.clock.now();
        let id = account.new_message_id(message.channel);
        let failure = account.delivery_failure(&message.to, message.group, &message.content, now);
        let (file, not_fetched) = match message.file {
            Some(Ok(file)) => (Some(file), None),
            Some(Err(failure)) => (None, Some(failure)),
            None => (None, None),
        };
        account.sent_log().record(SentMessage {
            id: id.clone(),
            channel: message.channel,
            to: &message.to,
            group: message.group,
            content: &message.content,
            file,
            in_webhook: message.in_webhook,
            at: now,
        });
        let received = ReceivedMessage {
            account: account.definition.name.to_owned(),
            channel: message.channel,
            to: message.to,
            group: message.group,
            content: message.content,
            id: id.clone(),
            notify_url: message.notify_url,
            failure: failure.or(not_fetched),
            receipts: !message.in_webhook,
        };
        if self.to_customers.try_send(received).is_err() {
            tracing::debug!(account = account.definition.name, "sandbox: a customer misses a message, too many wait");
        }
        id
    }

    fn perform(&self, event: ScenarioEvent) {
        match event {
            ScenarioEvent::Message(message) => self.write_to_account(&message),
            ScenarioEvent::Receipt { account, mut receipt, notify_url } => {
                let Some(account) = self.account(&account) else { return };
                receipt.at = Some(self.clock.now());
                account.queue_event(GatewayEvent { inbound: Inbound::Receipt(receipt), notify_url, from: None });
            }
        }
    }
}

/// Performs the customers' scenario until the sandbox is dropped.
pub(crate) async fn run_scenario(
    simulation: Arc<Simulation>,
    mut scenario: Scenario,
    mut received: mpsc::Receiver<ReceivedMessage>,
) {
    loop {
        for event in scenario.advance(simulation.clock.elapsed()) {
            simulation.perform(event);
        }
        let next = scenario.next().map(|at| tokio::time::Instant::from_std(simulation.clock.instant(at)));
        let due = async {
            match next {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = received.recv() => match message {
                Some(message) => scenario.receive(simulation.clock.elapsed(), message),
                None => return,
            },
            () = due => {}
        }
    }
}
