//! The scenario of all customers: who writes when, who reads and answers, and which receipts messages get.
//!
//! Invariant: a plain value driven by durations since the start. Nothing here sleeps, sends or reads a clock, so that
//! equal seeds and equal answers give equal conversations.

use super::dialogue::{Customer, CustomerMessage};
use super::intents::Intents;
use super::persona::{self, Persona};
use crate::domain::inbound::Receipt;
use crate::domain::{Channel, Content, Failure, Status};
use crate::sandbox::address_book::bare_id;
use crate::sandbox::error::SandboxError;
use crate::sandbox::options::Pace;
use crate::sandbox::rng::Rng;
use crate::sandbox::schedule::Schedule;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A message that a gateway has accepted for a customer.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedMessage {
    /// The simulated account that sent it.
    pub(crate) account: String,
    pub(crate) channel: Channel,
    /// The recipient as the request names them.
    pub(crate) to: String,
    pub(crate) group: bool,
    pub(crate) content: Content,
    /// The message's id on the channel.
    pub(crate) id: String,
    pub(crate) notify_url: Option<String>,
    /// Why it is not delivered.
    pub(crate) failure: Option<Failure>,
    /// The gateway reports its receipts.
    pub(crate) receipts: bool,
}

/// Something that happens now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ScenarioEvent {
    /// A customer writes to an account.
    Message(Box<CustomerMessage>),
    /// The status of a message changed.
    Receipt { account: String, receipt: Receipt, notify_url: Option<String> },
}

#[derive(Debug)]
enum Step {
    Open(usize),
    Write(usize, Box<CustomerMessage>),
    Read(usize),
    Nudge { customer: usize, generation: u64 },
    Beat,
    Receipt { account: String, receipt: Receipt, notify_url: Option<String> },
}

/// The scenario of all customers.
#[derive(Debug)]
pub(crate) struct Scenario {
    customers: Vec<Customer>,
    known: HashMap<(String, String), usize>,
    stranger: Option<Arc<Persona>>,
    intents: Intents,
    schedule: Schedule<Step>,
    pace: Pace,
    seed: u64,
    rng: Rng,
}

/// The most customers; strangers beyond do not answer, so that a mass mailing does not fill the memory.
const CUSTOMERS_MAX: usize = 400;
/// How often one customer reminds an agent who does not answer.
const NUDGES_MAX: usize = 2;
/// A customer gives up after this many reminders, and returns later with another conversation.
const GIVES_UP_AFTER: usize = 5;

impl Scenario {
    /// The scenario with the built-in personas, or without customers.
    pub(crate) fn new(seed: u64, pace: Pace, customers: bool) -> Result<Self, SandboxError> {
        let intents = Intents::built_in()?;
        let mut scenario = Scenario {
            customers: Vec::new(),
            known: HashMap::new(),
            stranger: None,
            intents,
            schedule: Schedule::new(),
            pace,
            seed,
            rng: Rng::new(seed, "cast"),
        };
        if customers {
            for persona in persona::built_in(&scenario.intents)? {
                scenario.add_persona(persona);
            }
            scenario.schedule_first_beat(Duration::from_secs(2));
        }
        Ok(scenario)
    }

    /// The time of the next step.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.schedule.next()
    }

    /// Performs the steps that are due until `now`.
    pub(crate) fn advance(&mut self, now: Duration) -> Vec<ScenarioEvent> {
        let mut events = Vec::new();
        // Steps schedule further steps; the bound only guards against a persona without pauses.
        for _ in 0..10_000 {
            let Some((at, step)) = self.schedule.take_due(now) else { break };
            events.extend(self.perform(at, step));
        }
        events
    }

    /// Receives a message for a customer.
    pub(crate) fn receive(&mut self, now: Duration, message: ReceivedMessage) {
        let read_at = now + self.schedule_receipts(now, &message);
        if message.group || message.failure.is_some() {
            return;
        }
        let Some(who) = self.find_customer(&message) else { return };
        let Some(customer) = self.customers.get_mut(who) else { return };
        customer.receive(message.content, message.id);
        if !customer.will_read {
            customer.will_read = true;
            self.schedule.add(read_at, Step::Read(who));
        }
    }

    fn add_persona(&mut self, persona: Persona) {
        let persona = Arc::new(persona);
        if persona.stranger {
            self.stranger = Some(persona);
            return;
        }
        let who = self.customers.len();
        self.known.insert((persona.account.clone(), persona.id.clone()), who);
        if let Some(arrives) = persona.arrives.and_then(|s| Duration::try_from_secs_f64(s).ok()) {
            self.schedule.add(self.pace.scale(arrives), Step::Open(who));
        }
        self.customers.push(Customer::new(persona, self.seed));
    }

    fn perform(&mut self, at: Duration, step: Step) -> Option<ScenarioEvent> {
        match step {
            Step::Write(who, message) => {
                self.schedule_nudge(at, who);
                return Some(ScenarioEvent::Message(message));
            }
            Step::Receipt { account, receipt, notify_url } => {
                return Some(ScenarioEvent::Receipt { account, receipt, notify_url });
            }
            Step::Open(who) => {
                let lines = self.customers.get_mut(who).filter(|a| !a.opened).map(Customer::open).unwrap_or_default();
                self.schedule_messages(at, who, lines);
            }
            Step::Read(who) => self.read_and_answer(at, who),
            Step::Nudge { customer: who, generation } => {
                let due = |a: &&mut Customer| a.generation == generation && !a.is_done() && a.nudged < NUDGES_MAX;
                let lines = self.customers.get_mut(who).filter(due).map(Customer::nudge).unwrap_or_default();
                self.schedule_messages(at, who, lines);
            }
            Step::Beat => self.beat(at),
        }
        None
    }

    fn read_and_answer(&mut self, at: Duration, who: usize) {
        let Some(customer) = self.customers.get_mut(who) else { return };
        if customer.busy_until > at {
            // Messages that are being written are finished first.
            self.schedule.add(customer.busy_until + self.pace.scale(Duration::from_secs(1)), Step::Read(who));
            return;
        }
        customer.will_read = false;
        let lines = customer.reply(&self.intents);
        self.schedule_messages(at, who, lines);
    }

    /// Schedules messages one after the other, each after the time that it takes to type.
    fn schedule_messages(&mut self, now: Duration, who: usize, messages: Vec<CustomerMessage>) {
        let Some(customer) = self.customers.get_mut(who) else { return };
        let opening = customer.busy_until == Duration::ZERO;
        let mut at = customer.busy_until.max(now);
        for (position, message) in messages.into_iter().enumerate() {
            // The very first message is typed already, and so are messages of long ago.
            let typed = if opening && (position == 0 || !message.ago.is_zero()) {
                Duration::from_millis(80) * u32::try_from(position).unwrap_or(0)
            } else {
                typing_time(&message.text)
            };
            at += self.pace.scale(typed);
            customer.busy_until = at;
            self.schedule.add(at, Step::Write(who, Box::new(message)));
        }
    }

    fn schedule_nudge(&mut self, at: Duration, who: usize) {
        let Some(customer) = self.customers.get_mut(who) else { return };
        // A customer waits only after the last message.
        if at < customer.busy_until || customer.is_done() {
            return;
        }
        let patience = Duration::try_from_secs_f64(customer.persona.patience).unwrap_or(Duration::from_secs(60));
        let patience = customer.rng().between(patience, patience + patience / 2);
        let step = Step::Nudge { customer: who, generation: customer.generation };
        self.schedule.add(at + self.pace.scale(patience), step);
    }

    /// From time to time somebody new writes, or somebody returns, or somebody sends a reminder.
    fn beat(&mut self, at: Duration) {
        let next = self.rng.between(Duration::from_secs(8), Duration::from_secs(25));
        self.schedule_beat(at, next);
        let quiet_since = at.saturating_sub(self.pace.scale(Duration::from_secs(45)));
        let new = self.pick(|a| !a.opened);
        let back = |scenario: &mut Self| scenario.pick(|a| is_over(a) && !a.will_read && a.busy_until < quiet_since);
        let waiting =
            |scenario: &mut Self| scenario.pick(|a| !is_over(a) && !a.will_read && a.busy_until < quiet_since);
        if let Some(who) = new {
            self.schedule.add(at, Step::Open(who));
        } else if let Some(who) = back(self) {
            let lines = self.customers.get_mut(who).map(Customer::return_again).unwrap_or_default();
            self.schedule_messages(at, who, lines);
        } else if let Some(who) = waiting(self) {
            let lines = self.customers.get_mut(who).map(Customer::nudge).unwrap_or_default();
            self.schedule_messages(at, who, lines);
        }
    }

    fn pick(&mut self, fits: impl Fn(&Customer) -> bool) -> Option<usize> {
        let fitting: Vec<usize> = self
            .customers
            .iter()
            .enumerate()
            .filter(|(_, a)| !a.persona.stranger && fits(a))
            .map(|(who, _)| who)
            .collect();
        self.rng.pick(&fitting).copied()
    }

    fn schedule_first_beat(&mut self, first: Duration) {
        self.schedule_beat(Duration::ZERO, first + Duration::from_secs(6));
    }

    fn schedule_beat(&mut self, now: Duration, span: Duration) {
        self.schedule.add(now + self.pace.scale(span), Step::Beat);
    }

    /// The customer to whom a message is sent; an unknown recipient becomes a stranger.
    fn find_customer(&mut self, message: &ReceivedMessage) -> Option<usize> {
        let id = bare_id(&message.to);
        let key = (message.account.clone(), id.clone());
        if let Some(who) = self.known.get(&key) {
            return Some(*who);
        }
        let persona = Arc::clone(self.stranger.as_ref()?);
        if self.customers.len() >= CUSTOMERS_MAX {
            return None;
        }
        let who = self.customers.len();
        self.customers.push(Customer::with_id(persona, message.account.clone(), message.channel, id, self.seed));
        self.known.insert(key, who);
        Some(who)
    }

    /// Schedules the receipts of a message; returns how long after `now` it is read.
    fn schedule_receipts(&mut self, now: Duration, message: &ReceivedMessage) -> Duration {
        let millis = Duration::from_millis;
        let sent = self.rng.between(millis(100), millis(350));
        let delivered = self.rng.between(millis(500), millis(1500));
        let read = self.rng.between(millis(1500), millis(4000)).max(delivered + millis(200));
        let mut plan = vec![(sent, Status::Sent)];
        match (&message.failure, message.group) {
            (Some(_), _) => plan.push((delivered, Status::Failed)),
            (None, true) => plan.push((delivered, Status::Delivered)),
            (None, false) => plan.extend([(delivered, Status::Delivered), (read, Status::Read)]),
        }
        let plan = plan.into_iter().filter(|_| message.receipts);
        for (after, status) in plan {
            let receipt = Receipt {
                remote_id: message.id.clone(),
                status,
                failure: message.failure.clone().filter(|_| status == Status::Failed),
                recipient: Some(message.to.clone()),
                may_infer: false,
                at: None,
            };
            let step =
                Step::Receipt { account: message.account.clone(), receipt, notify_url: message.notify_url.clone() };
            self.schedule.add(now + self.pace.scale(after), step);
        }
        self.pace.scale(read)
    }
}

/// Whether a customer expects no further answer.
fn is_over(customer: &Customer) -> bool {
    customer.is_done() || customer.nudged >= GIVES_UP_AFTER
}

/// The time that it takes to type a text.
fn typing_time(text: &str) -> Duration {
    let characters = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    Duration::from_millis(characters.saturating_mul(45).saturating_add(1600))
        .clamp(Duration::from_secs(2), Duration::from_secs(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn scenario(seed: u64) -> Scenario {
        Scenario::new(seed, Pace::Human, true).unwrap()
    }

    fn messages(events: &[ScenarioEvent]) -> Vec<&CustomerMessage> {
        events
            .iter()
            .filter_map(|a| if let ScenarioEvent::Message(written) = a { Some(&**written) } else { None })
            .collect()
    }

    fn text_to(to: &str, body: &str) -> ReceivedMessage {
        ReceivedMessage {
            account: "chatera".into(),
            channel: Channel::WhatsApp,
            to: to.into(),
            group: false,
            content: Content::Text { body: body.into() },
            id: "wamid.1".into(),
            notify_url: None,
            failure: None,
            receipts: true,
        }
    }

    #[test]
    fn within_two_seconds_customers_write_to_every_gateway() {
        let events = scenario(1).advance(seconds(2));
        let written = messages(&events);
        for account in ["chatera", "cetar", "cetar-meta", "waviro", "cloudchat"] {
            assert!(written.iter().any(|s| s.account == account), "{account}");
        }
        let mut people: Vec<_> = written.iter().map(|s| &s.id).collect();
        people.sort();
        people.dedup();
        assert!(people.len() >= 10);
        assert!(written.iter().any(|s| s.ago > seconds(3600)));
    }

    #[test]
    fn a_run_is_repeatable_and_customers_keep_writing() {
        let run = |seed| {
            let mut scenario = self::scenario(seed);
            let events: Vec<ScenarioEvent> = (0..1200).flat_map(|second| scenario.advance(seconds(second))).collect();
            events
        };
        assert_eq!(run(3), run(3));
        assert_ne!(run(3), run(4));
        let mut scenario = self::scenario(5);
        scenario.advance(seconds(2));
        let quarters: Vec<usize> = (1..=20).map(|q| messages(&scenario.advance(seconds(q * 60))).len()).collect();
        assert!(quarters.iter().all(|n| (1..=60).contains(n)), "{quarters:?}");
    }

    #[test]
    fn a_message_is_delivered_then_read_then_answered() {
        let mut scenario = self::scenario(1);
        scenario.advance(seconds(20));
        scenario.receive(seconds(20), text_to("628123400012", "Ready kak, mau berapa?"));
        let events = scenario.advance(seconds(36));
        let position = |wanted: Status| {
            events
                .iter()
                .position(|a| matches!(a, ScenarioEvent::Receipt { receipt, .. } if receipt.status == wanted))
                .unwrap()
        };
        let answer =
            events.iter().position(|a| matches!(a, ScenarioEvent::Message(s) if s.id == "628123400012")).unwrap();
        assert!(position(Status::Sent) < position(Status::Delivered));
        assert!(position(Status::Delivered) < position(Status::Read));
        assert!(position(Status::Read) < answer);
    }

    #[test]
    fn several_messages_at_once_get_one_answer() {
        let mut scenario = self::scenario(1);
        scenario.advance(seconds(20));
        for body in ["Halo kak", "Yang hitam L masih ready", "Mau berapa kak?"] {
            scenario.receive(seconds(20), text_to("628123400012", body));
        }
        let events = scenario.advance(seconds(36));
        let written: Vec<_> = messages(&events).into_iter().filter(|s| s.id == "628123400012").collect();
        assert!((1..=2).contains(&written.len()), "{written:?}");
    }

    #[test]
    fn an_agent_who_does_not_answer_is_nudged_a_few_times() {
        let mut scenario = self::scenario(1);
        scenario.advance(seconds(10));
        let nudges = messages(&scenario.advance(seconds(110))).iter().filter(|s| s.id == "628123400012").count();
        assert!((1..=3).contains(&nudges), "{nudges}");
    }

    #[test]
    fn a_stranger_answers_and_a_failed_message_or_group_does_not() {
        let mut scenario = self::scenario(1);
        scenario.receive(seconds(1), text_to("+628999000111@c.us", "Halo kak"));
        let failed = ReceivedMessage { failure: Some(Failure::new("131026", "")), ..text_to("628999000222", "Halo") };
        scenario.receive(seconds(1), failed);
        scenario.receive(seconds(1), ReceivedMessage { group: true, ..text_to("120363000000000001", "Halo") });
        let events = scenario.advance(seconds(30));
        let written = messages(&events);
        assert!(written.iter().any(|s| s.id == "628999000111"));
        assert!(!written.iter().any(|s| s.id == "628999000222" || s.id.starts_with("120363")));
        let failures =
            events.iter().filter(|a| matches!(a, ScenarioEvent::Receipt { receipt, .. } if receipt.failure.is_some()));
        assert_eq!(failures.count(), 1);
    }

    #[test]
    fn without_customers_nobody_writes_but_receipts_come() {
        let mut scenario = Scenario::new(1, Pace::Fast, false).unwrap();
        assert_eq!(scenario.next(), None);
        scenario.receive(Duration::ZERO, text_to("628123400012", "Halo"));
        assert_eq!(scenario.advance(seconds(1)).len(), 3);
        assert_eq!(scenario.next(), None);
    }
}
