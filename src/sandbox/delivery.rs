//! Delivers webhooks: signs them, posts them, and repeats them by the gateway's own rules.
//!
//! Invariant: one account's events leave in the order in which they happened, except those that a fault reorders and
//! those that are delivered again. Until a receiver is there for the first time, all events wait for it.

use reqwest::{Client, Url};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::faults::DeliveryFault;
use super::simulated_account::{Counts, GatewayEvent, SimulatedAccount};
use super::simulation::{OutgoingMessage, Simulation};
use crate::domain::Channel;
use crate::providers::{Response, Webhook};

/// The most bytes of a response that are read.
const RESPONSE_MAX: usize = 1 << 20;
/// The most deliveries that are being repeated at the same time; more wait for one of them.
const REPEATED_MAX: usize = 256;
/// The pause between two attempts to find a receiver that was never there.
const FIND_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// How long a reordered webhook waits for the next one.
const REORDER_WITHIN: Duration = Duration::from_secs(3);

/// Delivers one account's webhooks.
struct WebhookSender {
    poster: Poster,
    repeated: JoinSet<()>,
    /// The webhook that is to be delivered after the next one.
    reordered: Option<Delivery>,
    /// The number of webhooks so far, on which faults depend.
    count: u64,
    /// The URL at which a receiver was found.
    found_at: Option<String>,
}

/// Posts an account's webhooks to its receiver.
#[derive(Clone)]
struct Poster {
    simulation: Arc<Simulation>,
    account: Arc<SimulatedAccount>,
    client: Client,
}

/// A webhook with its destination.
#[derive(Clone)]
struct Delivery {
    webhook: Webhook,
    /// The URL for acknowledgements; everything else is posted to the account's URL.
    notify_url: Option<String>,
    from: Option<(Channel, String)>,
}

enum PostResult {
    Accepted(Response),
    /// Refused with a 4xx.
    Refused(String),
    /// 5xx, timeout or no connection.
    Failed(String),
}

/// Delivers an account's events until the sandbox stops.
pub(crate) async fn deliver(
    simulation: Arc<Simulation>,
    account: Arc<SimulatedAccount>,
    client: Client,
    mut events: mpsc::Receiver<GatewayEvent>,
) {
    let reorder_within = simulation.pace.scale(REORDER_WITHIN);
    let mut sender = WebhookSender {
        poster: Poster { simulation, account, client },
        repeated: JoinSet::new(),
        reordered: None,
        count: 0,
        found_at: None,
    };
    loop {
        let event = match sender.reordered {
            Some(_) => tokio::time::timeout(reorder_within, events.recv()).await.ok(),
            None => Some(events.recv().await),
        };
        let reordered = sender.reordered.take();
        match event {
            Some(Some(event)) => sender.send_event(event).await,
            Some(None) => return,
            None => {}
        }
        if let Some(delivery) = reordered {
            sender.send(delivery).await;
        }
    }
}

impl WebhookSender {
    async fn send_event(&mut self, event: GatewayEvent) {
        // Signed only now: a signature made while waiting for the receiver would be too old.
        self.find_receiver().await;
        let Poster { simulation, account, .. } = &self.poster;
        let (profile, now) = (&account.profile, simulation.clock.now());
        let Some(webhook) = account.simulator().webhook(profile, &event.inbound, now, account.serial()) else {
            tracing::debug!(account = account.definition.name, "sandbox: this gateway has no such event");
            return;
        };
        if webhook.ack && event.notify_url.is_none() {
            return;
        }
        let delivery = Delivery { webhook, notify_url: event.notify_url, from: event.from };
        self.count += 1;
        match simulation.faults.for_delivery(account.definition.name, self.count) {
            DeliveryFault::None => self.send(delivery).await,
            DeliveryFault::Duplicate { after } => {
                self.send(delivery.clone()).await;
                self.send_later(delivery, after).await;
            }
            DeliveryFault::Delayed { by } => self.send_later(delivery, by).await,
            DeliveryFault::Reordered => self.reordered = Some(delivery),
        }
    }

    /// Waits until there is a URL and something listens there, once for each URL.
    async fn find_receiver(&mut self) {
        let mut webhook_url = self.poster.account.webhook_url.subscribe();
        loop {
            // Fails only when the account is gone.
            let Ok(url) = webhook_url.wait_for(Option::is_some).await.map(|url| url.clone()) else { return };
            if self.found_at == url || is_listening(url.as_deref()).await {
                self.found_at = url;
                return;
            }
            let pause = self.poster.simulation.pace.scale(FIND_AGAIN_AFTER);
            tokio::time::sleep(pause.max(Duration::from_millis(20))).await;
        }
    }

    async fn send(&mut self, delivery: Delivery) {
        if !self.poster.deliver(&delivery).await {
            let delays = self.poster.account.simulator().retry_policy().delays;
            self.repeat(delivery, delays.to_vec()).await;
        }
    }

    async fn send_later(&mut self, delivery: Delivery, after: Duration) {
        let mut delays = vec![after];
        delays.extend(self.poster.account.simulator().retry_policy().delays);
        self.repeat(delivery, delays).await;
    }

    /// Delivers after each delay until the webhook is accepted.
    async fn repeat(&mut self, delivery: Delivery, delays: Vec<Duration>) {
        while self.repeated.try_join_next().is_some() {}
        if self.repeated.len() >= REPEATED_MAX {
            self.repeated.join_next().await;
        }
        let poster = self.poster.clone();
        self.repeated.spawn(async move {
            for delay in delays {
                tokio::time::sleep(poster.simulation.pace.scale(delay)).await;
                if poster.deliver(&delivery).await {
                    return;
                }
            }
            Counts::add(&poster.account.counts.undelivered);
        });
    }
}

impl Poster {
    /// Posts once; `false` when the gateway's rules require another delivery.
    async fn deliver(&self, delivery: &Delivery) -> bool {
        let account = self.account.definition.name;
        match self.post(delivery).await {
            PostResult::Accepted(response) => {
                Counts::add(&self.account.counts.delivered);
                self.send_replies(delivery, &response);
                true
            }
            PostResult::Refused(reason) => {
                tracing::debug!(account, reason, "sandbox: a webhook was refused");
                let again = self.account.simulator().retry_policy().retry_refused;
                if !again {
                    Counts::add(&self.account.counts.undelivered);
                }
                !again
            }
            PostResult::Failed(reason) => {
                tracing::debug!(account, reason, "sandbox: a webhook was not delivered");
                false
            }
        }
    }

    async fn post(&self, delivery: &Delivery) -> PostResult {
        let account_url = || self.account.webhook_url.borrow().clone();
        let url = if delivery.webhook.ack { delivery.notify_url.clone() } else { account_url() };
        let Some(url) = url else { return PostResult::Failed("no URL".to_owned()) };
        let mut request = self.client.post(url).timeout(self.account.simulator().retry_policy().timeout);
        for (name, value) in &delivery.webhook.headers {
            request = request.header(name, value);
        }
        let response = match request.body(delivery.webhook.body.clone()).send().await {
            Ok(response) => response,
            Err(error) => return PostResult::Failed(error.without_url().to_string()),
        };
        let status = response.status();
        match read_body(response).await {
            Ok(body) if status.is_success() => {
                PostResult::Accepted(Response { status: status.as_u16(), headers: Vec::new(), body })
            }
            Ok(_) if status.is_client_error() => PostResult::Refused(status.to_string()),
            Ok(_) => PostResult::Failed(status.to_string()),
            Err(error) => PostResult::Failed(error.without_url().to_string()),
        }
    }

    /// Sends the replies in the receiver's response to the customer, where the gateway does so.
    fn send_replies(&self, delivery: &Delivery, response: &Response) {
        let Some((channel, to)) = &delivery.from else { return };
        for content in self.account.simulator().read_replies(response) {
            let message = OutgoingMessage {
                channel: *channel,
                to: to.clone(),
                group: false,
                content,
                notify_url: None,
                file: None,
                in_webhook: true,
            };
            self.simulation.send_to_customer(&self.account, message);
        }
    }
}

/// Whether something listens at the URL's host and port.
async fn is_listening(url: Option<&str>) -> bool {
    let Some(url) = url.and_then(|url| Url::parse(url).ok()) else { return false };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let connect = TcpStream::connect((host, port));
    matches!(tokio::time::timeout(Duration::from_secs(5), connect).await, Ok(Ok(_)))
}

async fn read_body(mut response: reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > RESPONSE_MAX {
            body.truncate(RESPONSE_MAX);
            break;
        }
    }
    Ok(body)
}
