//! The outside world: gateways that read requests and write webhooks as their documents say, a wall clock, and the
//! record of what really happened. It outlives the engine's crashes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::BoxFuture;
use loket::domain::{Channel, Content, Direction, Failure, Inbound, InboundMessage, Peer, Receipt, Status, Timestamp};
use loket::engine::simulation::{HttpError, Network};
use loket::providers::{GatewayRequest, Profile, Provider, RateLimit, Request, Response, Webhook};
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::history::{AccountPlan, History, OutageKind, Step};

/// What the wall clock shows when a history begins: 2026-06-01T00:00:00Z.
const START: Timestamp = Timestamp::from_seconds(1_780_272_000);

#[derive(Debug, Clone)]
pub(crate) enum Action {
    Step(Step),
    /// An event is to be delivered.
    Deliver(usize),
}

/// An account at its gateway.
pub(crate) struct Account {
    pub(crate) plan: AccountPlan,
    pub(crate) provider: &'static dyn Provider,
    pub(crate) profile: Profile,
    /// The times at which requests left that count for the rate limit.
    pub(crate) requests: Vec<Duration>,
}

/// A message that a gateway took from us.
#[derive(Debug, Clone)]
pub(crate) struct Processed {
    pub(crate) account: usize,
    pub(crate) to: String,
    pub(crate) text: String,
}

/// Something that a gateway reports to us until it is taken.
pub(crate) struct Event {
    pub(crate) account: usize,
    pub(crate) inbound: Inbound,
    pub(crate) happened: Duration,
    serial: u64,
    pub(crate) in_flight: bool,
    /// When it was delivered first.
    pub(crate) delivered: Option<Duration>,
    /// When we answered 200 first.
    pub(crate) acknowledged: Option<Duration>,
    /// A sender hung up at least once: it may have been stored before it was acknowledged.
    pub(crate) hung_up: bool,
    /// The sender hung up and does not come again.
    pub(crate) abandoned: bool,
}

pub(crate) struct State {
    rng: Rng,
    pub(crate) accounts: Vec<Account>,
    pub(crate) events: Vec<Event>,
    pub(crate) processed: Vec<Processed>,
    /// Texts of messages of which the engine cannot know whether they were processed.
    pub(crate) ambiguous: HashSet<String>,
    /// Texts whose last response said that they were accepted.
    pub(crate) accepted: HashSet<String>,
    /// Receipts that gateways made, by text.
    pub(crate) receipts: HashMap<String, Vec<Status>>,
    schedule: BTreeMap<(Duration, u64), Action>,
    scheduled: Arc<Notify>,
    serial: u64,
    request_faults: u8,
    pub(crate) delivery_faults: u8,
    /// The history's time when the present runtime began.
    base: Duration,
    since: Option<Instant>,
    off_by_ms: i64,
    clock_was_set: bool,
    pub(crate) log: Vec<String>,
}

/// Shared by the driver and the engine's requests.
#[derive(Clone)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    /// Something earlier was scheduled.
    pub(crate) scheduled: Arc<Notify>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

enum RequestFault {
    None,
    TooMany(String),
    Error { processed: bool },
    Timeout { processed: bool },
    Interrupted { processed: bool },
    NotSent,
    KeyRefused,
}

impl World {
    pub(crate) fn new(history: &History, accounts: Vec<Account>) -> Self {
        let scheduled: Arc<Notify> = Arc::default();
        let mut state = State {
            scheduled: Arc::clone(&scheduled),
            rng: Rng::with_seed(history.seed ^ 0x5eed),
            accounts,
            events: Vec::new(),
            processed: Vec::new(),
            ambiguous: HashSet::new(),
            accepted: HashSet::new(),
            receipts: HashMap::new(),
            schedule: BTreeMap::new(),
            serial: 0,
            request_faults: history.request_faults,
            delivery_faults: history.delivery_faults,
            base: Duration::ZERO,
            since: None,
            off_by_ms: 0,
            clock_was_set: false,
            log: Vec::new(),
        };
        for (at, step) in &history.steps {
            state.schedule(*at, Action::Step(step.clone()));
        }
        World { state: Arc::new(Mutex::new(state)), scheduled }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl State {
    /// A runtime begins: its clock counts on from here. Returns what the wall clock shows.
    pub(crate) fn begin_runtime(&mut self) -> Timestamp {
        self.since = Some(Instant::now());
        self.wall()
    }

    /// The runtime ended; what was in flight is delivered again after `pause`, when the next one begins.
    pub(crate) fn end_runtime(&mut self, pause: Duration) {
        self.base = self.elapsed() + pause;
        self.since = None;
        for index in 0..self.events.len() {
            if std::mem::take(&mut self.events[index].in_flight) {
                self.events[index].hung_up = true;
                let after = Duration::from_millis(self.rng.u64(0..5_000));
                self.schedule(self.base + after, Action::Deliver(index));
            }
        }
    }

    /// The history's time.
    pub(crate) fn elapsed(&self) -> Duration {
        self.base + self.since.map_or(Duration::ZERO, |since| Instant::now().duration_since(since))
    }

    /// Sets the wall clock wrong; returns what it shows.
    pub(crate) fn set_clock(&mut self, off_by_ms: i64) -> Timestamp {
        self.off_by_ms = off_by_ms;
        self.clock_was_set = true;
        self.wall()
    }

    fn wall(&self) -> Timestamp {
        Timestamp(START.plus(self.elapsed()).0 + self.off_by_ms)
    }

    pub(crate) fn schedule(&mut self, at: Duration, action: Action) {
        self.serial += 1;
        self.schedule.insert((at, self.serial), action);
        self.scheduled.notify_one();
    }

    /// When the next action is due, if there is one.
    pub(crate) fn next_at(&self) -> Option<Duration> {
        self.schedule.keys().next().map(|(at, _)| *at)
    }

    /// Takes the next action if it is due.
    pub(crate) fn take_due(&mut self) -> Option<Action> {
        let (key, _) = self.schedule.first_key_value()?;
        if key.0 > self.elapsed() {
            return None;
        }
        self.schedule.pop_first().map(|(_, action)| action)
    }

    pub(crate) fn log(&mut self, line: impl FnOnce() -> String) {
        let line = format!("{:>9.3} {}", self.elapsed().as_secs_f64(), line());
        self.log.push(line);
    }

    /// Decides with a probability in percent.
    pub(crate) fn chance(&mut self, percent: u8) -> bool {
        self.rng.u8(0..100) < percent
    }

    /// A span in milliseconds.
    pub(crate) fn span(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.rng.u64(range))
    }

    /// A customer writes to an account.
    pub(crate) fn customer_writes(&mut self, account: usize, peer: &str, text: &str) {
        self.serial += 1;
        let id = message_id(&self.accounts[account].profile, self.serial);
        let mut message = InboundMessage::text(Peer::person(peer), text);
        message.direction = Direction::In;
        message.remote_id = Some(id);
        message.unique = true;
        message.name = Some(format!("Customer {peer}"));
        message.at = Some(START.plus(self.elapsed()));
        let after = self.span(5..400);
        self.report(account, Inbound::Message(Box::new(message)), after);
    }

    /// A gateway reports something, with the faults of deliveries.
    fn report(&mut self, account: usize, inbound: Inbound, mut after: Duration) {
        let (now, percent) = (self.elapsed(), self.delivery_faults);
        self.serial += 1;
        let index = self.events.len();
        let event = Event {
            account,
            inbound,
            happened: now,
            serial: self.serial,
            in_flight: false,
            delivered: None,
            acknowledged: None,
            hung_up: false,
            abandoned: false,
        };
        self.events.push(event);
        if self.chance(percent) {
            // Late, possibly after what happened later.
            after += self.span(0..60_000);
        }
        self.schedule(now + after, Action::Deliver(index));
        if self.chance(percent) {
            let again = self.span(0..90_000);
            self.schedule(now + after + again, Action::Deliver(index));
        }
    }

    /// Whether the gateway delivers an event again. Waviro's keywords have no id: it delivers once, twice within
    /// seconds at most (providers.md 4.3).
    pub(crate) fn comes_again(&self, index: usize) -> bool {
        let event = &self.events[index];
        let again = Duration::from_secs(2);
        self.accounts[event.account].plan.provider != "waviro"
            || event.delivered.is_none_or(|first| self.elapsed() < first + again && !self.clock_was_set)
    }

    /// The webhook of an event, signed now. `None` when the gateway has no such event.
    pub(crate) fn webhook(&self, index: usize) -> Option<Webhook> {
        let event = &self.events[index];
        let account = &self.accounts[event.account];
        // The gateway's clock is right. Only a gateway that signs the time makes the webhook anew for each delivery.
        let at = if account.plan.provider == "chatera" { self.elapsed() } else { event.happened };
        account.provider.simulator().webhook(&account.profile, &event.inbound, START.plus(at), event.serial)
    }

    fn request_fault(&mut self, account: usize) -> RequestFault {
        let now = self.elapsed();
        let outage = self.accounts[account].plan.outages.iter().find(|o| (o.from..o.to).contains(&now));
        match outage.map(|outage| outage.kind) {
            Some(OutageKind::Down) => return RequestFault::NotSent,
            Some(OutageKind::KeyRefused) => return RequestFault::KeyRefused,
            Some(OutageKind::Hanging) => return RequestFault::Timeout { processed: false },
            None => {}
        }
        let percent = self.request_faults;
        if !self.chance(percent) {
            return RequestFault::None;
        }
        let processed = self.rng.bool();
        match self.rng.u8(0..5) {
            0 => {
                let epoch = (self.wall().seconds() + 5).to_string();
                let waits = ["1", "7", "30", "18446744073709551615", "-5", "soon", "", epoch.as_str()];
                RequestFault::TooMany((*self.rng.choice(&waits).unwrap()).to_owned())
            }
            1 => RequestFault::Error { processed },
            2 => RequestFault::Timeout { processed },
            3 => RequestFault::Interrupted { processed },
            _ => RequestFault::NotSent,
        }
    }

    /// The gateway processes a message: it is on its way to the customer, and receipts will follow.
    fn process(&mut self, account: usize, request: &GatewayRequest) -> Response {
        let now = START.plus(self.elapsed());
        self.serial += 1;
        let (provider, profile) = (self.accounts[account].provider, self.accounts[account].profile.clone());
        let id = message_id(&profile, self.serial);
        if let GatewayRequest::Send { to, content: Content::Text { body }, .. } = request {
            self.log(|| format!("{} processes {body:?}", profile.account));
            self.processed.push(Processed { account, to: to.clone(), text: body.clone() });
            self.deliver_to_customer(account, to, body, &id);
        }
        provider.simulator().send_response(&profile, request, &id, now)
    }

    fn deliver_to_customer(&mut self, account: usize, to: &str, text: &str, id: &str) {
        let mut after = Duration::ZERO;
        let stages = match self.rng.u8(0..10) {
            0 => vec![Status::Sent],
            1 => vec![Status::Sent, Status::Failed],
            2..5 => vec![Status::Sent, Status::Delivered],
            _ => vec![Status::Sent, Status::Delivered, Status::Read],
        };
        self.receipts.entry(text.to_owned()).or_default().extend(&stages);
        for status in stages {
            let receipt = Receipt {
                remote_id: id.to_owned(),
                status,
                failure: (status == Status::Failed).then(|| Failure::new("131026", "Message undeliverable")),
                recipient: Some(to.to_owned()),
                may_infer: true,
                at: Some(START.plus(self.elapsed())),
            };
            after += self.span(1..20_000);
            self.report(account, Inbound::Receipt(receipt), after);
        }
    }

    fn account_of(&self, request: &Request) -> usize {
        let position = |account: &Account| request.url.starts_with(&account.profile.base_url);
        self.accounts.iter().position(position).unwrap_or_else(|| panic!("a request to nobody: {}", request.url))
    }
}

/// An id as the channel would give it.
fn message_id(profile: &Profile, serial: u64) -> String {
    match profile.channel {
        Channel::WhatsApp if profile.mode == Some("meta") => format!("wamid.HBgM{serial:024}"),
        _ => format!("3EB0{serial:018}"),
    }
}

/// Marks a message as ambiguous when the request ends without a response.
struct Attempt {
    world: World,
    text: Option<String>,
    /// A response was returned that says whether the message was processed.
    answered: bool,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let (Some(text), false) = (self.text.take(), self.answered) {
            self.world.lock().ambiguous.insert(text);
        }
    }
}

impl Network for World {
    fn exchange(&self, request: Request) -> BoxFuture<'static, Result<Response, HttpError>> {
        let world = self.clone();
        Box::pin(async move { exchange(world, &request).await })
    }
}

async fn exchange(world: World, request: &Request) -> Result<Response, HttpError> {
    let (account, fault, way, back, read, simulator) = {
        let mut state = world.lock();
        let account = state.account_of(request);
        let fault = state.request_fault(account);
        let (way, back) = (state.span(1..300), state.span(1..700));
        let simulator = state.accounts[account].provider.simulator();
        let read = simulator.read_request(&state.accounts[account].profile, request);
        (account, fault, way, back, read, simulator)
    };
    let text = match &read {
        Ok(GatewayRequest::Send { content: Content::Text { body }, .. }) => Some(body.clone()),
        _ => None,
    };
    if matches!(fault, RequestFault::NotSent) {
        return Err(HttpError::NotSent("connection refused".to_owned()));
    }
    let mut attempt = Attempt { world: world.clone(), text: text.clone(), answered: false };
    {
        let mut state = world.lock();
        let now = state.elapsed();
        let counts = match state.accounts[account].provider.manifest().rate_limit {
            RateLimit::Requests(_) => true,
            RateLimit::Sends(_) => matches!(&read, Ok(GatewayRequest::Send { .. })),
        };
        if counts {
            state.accounts[account].requests.push(now);
        }
    }
    tokio::time::sleep(way).await;
    let process = |processed: bool| match (&read, processed) {
        (Ok(request @ GatewayRequest::Send { .. }), true) => Some(world.lock().process(account, request)),
        _ => None,
    };
    let result = match fault {
        RequestFault::NotSent => unreachable!("it has not left"),
        RequestFault::KeyRefused => Ok(simulator.error_response(401, &Failure::new("UNAUTHORIZED", "Invalid key"))),
        RequestFault::TooMany(wait) => {
            let mut response = simulator.error_response(429, &Failure::new("RATE_LIMIT_EXCEEDED", "Too Many Requests"));
            response.headers.push(("Retry-After".to_owned(), wait));
            Ok(response)
        }
        RequestFault::Error { processed } => {
            process(processed);
            tokio::time::sleep(back).await;
            return Ok(simulator.error_response(500, &Failure::new("INTERNAL", "Internal Server Error")));
        }
        RequestFault::Timeout { processed } => {
            process(processed);
            tokio::time::sleep(Duration::from_secs(30)).await;
            return Err(HttpError::Timeout);
        }
        RequestFault::Interrupted { processed } => {
            process(processed);
            tokio::time::sleep(back).await;
            return Err(HttpError::Interrupted("connection reset".to_owned()));
        }
        RequestFault::None => match &read {
            Err(refusal) => Ok(refusal.clone()),
            Ok(request @ GatewayRequest::Send { .. }) => Ok(world.lock().process(account, request)),
            Ok(GatewayRequest::Query(_)) => Ok(Response::json(404, &json!({"success": false}))),
        },
    };
    tokio::time::sleep(back).await;
    attempt.answered = true;
    if let (RequestFault::None, Some(text)) = (&RequestFault::None, text)
        && result.as_ref().is_ok_and(|response| response.status < 300)
    {
        world.lock().accepted.insert(text);
    }
    result
}
