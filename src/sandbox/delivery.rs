//! Webhooks on their way: signed, posted, and posted again by the gateway's own rules.
//!
//! Invariant: one account's events leave in the order in which they happened, unless chaos wills otherwise or one
//! is being delivered again. Before a receiver is there for the first time, everything waits for it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Url};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::chaos::DeliveryFault;
use super::desk::{Counts, Parcel, SimulatedAccount};
use super::world::{Sending, World};
use crate::domain::Channel;
use crate::providers::{Response, Webhook};

/// The part of an answer that is read.
const ANSWER_MAX: usize = 1 << 20;
/// Deliveries that are being repeated at once; more wait for one of them.
const REPEATED_MAX: usize = 256;
/// How often a receiver that was never there is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How long a webhook waits to be overtaken.
const OVERTAKEN_WITHIN: Duration = Duration::from_secs(3);

/// Carries one account's webhooks.
struct WebhookSender {
    road: Road,
    repeated: JoinSet<()>,
    /// The webhook that waits to be overtaken.
    behind: Option<Letter>,
    /// Webhooks so far; what chaos does to one depends on its number.
    told: u64,
    /// The URL at which somebody was found.
    met: Option<String>,
}

/// The way from an account to its receiver.
#[derive(Clone)]
struct Road {
    world: Arc<World>,
    desk: Arc<SimulatedAccount>,
    client: Client,
}

/// A webhook with its address.
#[derive(Clone)]
struct Letter {
    webhook: Webhook,
    /// Where acknowledgements go; everything else goes to the account's URL.
    notify_url: Option<String>,
    from: Option<(Channel, String)>,
}

/// What became of a post.
enum Posted {
    Taken(Response),
    /// Refused with a 4xx.
    Refused(String),
    /// 5xx, too slow, or nobody there.
    Failed(String),
}

/// Delivers an account's events until the sandbox stops.
pub(super) async fn deliver(
    world: Arc<World>,
    desk: Arc<SimulatedAccount>,
    client: Client,
    mut parcels: mpsc::Receiver<Parcel>,
) {
    let overtaken_within = world.pace.scale(OVERTAKEN_WITHIN);
    let mut courier = WebhookSender {
        road: Road { world, desk, client },
        repeated: JoinSet::new(),
        behind: None,
        told: 0,
        met: None,
    };
    loop {
        let parcel = match courier.behind {
            Some(_) => tokio::time::timeout(overtaken_within, parcels.recv()).await.ok(),
            None => Some(parcels.recv().await),
        };
        let behind = courier.behind.take();
        match parcel {
            Some(Some(parcel)) => courier.take(parcel).await,
            Some(None) => return,
            None => {}
        }
        if let Some(letter) = behind {
            courier.send(letter).await;
        }
    }
}

impl WebhookSender {
    async fn take(&mut self, parcel: Parcel) {
        // Signed only now: a signature that waited for its receiver would be too old.
        self.find_receiver().await;
        let Road { world, desk, .. } = &self.road;
        let serial = desk.serial();
        let Some(webhook) = desk.simulator().webhook(&desk.profile, &parcel.claim, world.clock.now(), serial) else {
            tracing::debug!(stage = desk.stage.name, "sandbox: this gateway tells no such event");
            return;
        };
        if webhook.ack && parcel.notify_url.is_none() {
            return;
        }
        let letter = Letter { webhook, notify_url: parcel.notify_url, from: parcel.from };
        self.told += 1;
        match world.chaos.delivery(desk.stage.name, self.told) {
            DeliveryFault::None => self.send(letter).await,
            DeliveryFault::Twice { after } => {
                self.send(letter.clone()).await;
                self.send_later(letter, after).await;
            }
            DeliveryFault::Late { by } => self.send_later(letter, by).await,
            DeliveryFault::Overtaken => self.behind = Some(letter),
        }
    }

    /// Waits until there is a URL and somebody listens there, once for each URL.
    async fn find_receiver(&mut self) {
        let mut webhook = self.road.desk.webhook.subscribe();
        loop {
            // The sender lives as long as the account does.
            let Ok(url) = webhook.wait_for(Option::is_some).await.map(|url| url.clone()) else { return };
            if self.met == url || is_there(url.as_deref()).await {
                self.met = url;
                return;
            }
            tokio::time::sleep(self.road.world.pace.scale(LOOK_AGAIN).max(Duration::from_millis(20))).await;
        }
    }

    async fn send(&mut self, letter: Letter) {
        if !self.road.deliver(&letter).await {
            let gaps = self.road.desk.simulator().retry_policy().delays;
            self.repeat(letter, gaps.to_vec()).await;
        }
    }

    async fn send_later(&mut self, letter: Letter, after: Duration) {
        let mut gaps = vec![after];
        gaps.extend(self.road.desk.simulator().retry_policy().delays);
        self.repeat(letter, gaps).await;
    }

    /// Delivers after each gap until it is taken.
    async fn repeat(&mut self, letter: Letter, gaps: Vec<Duration>) {
        while self.repeated.try_join_next().is_some() {}
        if self.repeated.len() >= REPEATED_MAX {
            self.repeated.join_next().await;
        }
        let road = self.road.clone();
        self.repeated.spawn(async move {
            for gap in gaps {
                tokio::time::sleep(road.world.pace.scale(gap)).await;
                if road.deliver(&letter).await {
                    return;
                }
            }
            Counts::add(&road.desk.counts.undelivered);
        });
    }
}

impl Road {
    /// Posts once; `false` when the gateway's rules want it posted again.
    async fn deliver(&self, letter: &Letter) -> bool {
        let stage = self.desk.stage.name;
        match self.post(letter).await {
            Posted::Taken(answer) => {
                Counts::add(&self.desk.counts.delivered);
                self.hear_replies(letter, &answer);
                true
            }
            Posted::Refused(words) => {
                tracing::debug!(stage, words, "sandbox: a webhook was refused");
                let again = self.desk.simulator().retry_policy().retry_refused;
                if !again {
                    Counts::add(&self.desk.counts.undelivered);
                }
                !again
            }
            Posted::Failed(words) => {
                tracing::debug!(stage, words, "sandbox: a webhook was not delivered");
                false
            }
        }
    }

    async fn post(&self, letter: &Letter) -> Posted {
        let url = if letter.webhook.ack { letter.notify_url.clone() } else { self.desk.webhook.borrow().clone() };
        let Some(url) = url else { return Posted::Failed("no URL".to_owned()) };
        let mut request = self.client.post(url).timeout(self.desk.simulator().retry_policy().timeout);
        for (name, value) in &letter.webhook.headers {
            request = request.header(name, value);
        }
        let answer = match request.body(letter.webhook.body.clone()).send().await {
            Ok(answer) => answer,
            Err(error) => return Posted::Failed(error.without_url().to_string()),
        };
        let status = answer.status();
        match read(answer).await {
            Ok(body) if status.is_success() => {
                Posted::Taken(Response { status: status.as_u16(), headers: Vec::new(), body })
            }
            Ok(_) if status.is_client_error() => Posted::Refused(status.to_string()),
            Ok(_) => Posted::Failed(status.to_string()),
            Err(error) => Posted::Failed(error.without_url().to_string()),
        }
    }

    /// What the receiver answered is sent to the customer, where the gateway does so.
    fn hear_replies(&self, letter: &Letter, answer: &Response) {
        let Some((channel, to)) = &letter.from else { return };
        for content in self.desk.simulator().read_replies(answer) {
            let sending = Sending {
                channel: *channel,
                to: to.clone(),
                group: false,
                content,
                notify_url: None,
                in_webhook: true,
            };
            self.world.carry(&self.desk, sending);
        }
    }
}

/// Whether somebody listens where the URL points.
async fn is_there(url: Option<&str>) -> bool {
    let Some(url) = url.and_then(|url| Url::parse(url).ok()) else { return false };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let connect = TcpStream::connect((host, port));
    matches!(tokio::time::timeout(Duration::from_secs(5), connect).await, Ok(Ok(_)))
}

async fn read(mut answer: reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_MAX {
            body.truncate(ANSWER_MAX);
            break;
        }
    }
    Ok(body)
}
