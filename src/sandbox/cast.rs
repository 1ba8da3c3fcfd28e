//! All customers together: who writes when, who reads and answers, and how far our messages come.
//!
//! Invariant: a plain value driven by spans since the start. Nothing here sleeps, sends or reads a clock, so the
//! same seed and the same answers play the same evening.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::actor::{Actor, Said};
use super::agenda::Agenda;
use super::dice::Dice;
use super::intents::Intents;
use super::persona::Persona;
use super::{Pace, SandboxError, persona};
use crate::domain::inbound::Receipt;
use crate::domain::{Channel, Content, Failure, Status};

/// A message of ours, as it reached a customer.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    /// The simulated account that carried it.
    pub(super) stage: String,
    pub(super) channel: Channel,
    /// The recipient as the request names him.
    pub(super) to: String,
    pub(super) group: bool,
    pub(super) content: Content,
    /// The message's id on the channel.
    pub(super) id: String,
    pub(super) notify_url: Option<String>,
    /// Why it does not arrive.
    pub(super) failure: Option<Failure>,
    /// The gateway tells how far it came.
    pub(super) receipts: bool,
}

/// What happens now.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    /// A customer writes.
    Says(Box<Said>),
    /// A message of ours came further.
    Receipt { stage: String, receipt: Receipt, notify_url: Option<String> },
}

#[derive(Debug)]
enum Cue {
    Open(usize),
    Say(usize, Box<Said>),
    Listen(usize),
    Nudge { actor: usize, generation: u64 },
    Beat,
    Receipt { stage: String, receipt: Receipt, notify_url: Option<String> },
}

/// All customers.
#[derive(Debug)]
pub(super) struct Cast {
    actors: Vec<Actor>,
    known: HashMap<(String, String), usize>,
    stranger: Option<Arc<Persona>>,
    intents: Intents,
    agenda: Agenda<Cue>,
    pace: Pace,
    seed: u64,
    dice: Dice,
}

/// Strangers beyond this many are silent, so that a mass mailing does not fill the memory.
const ACTORS_MAX: usize = 400;
/// How often a silent agent is reminded by one customer who loses patience.
const NUDGES_MAX: usize = 2;
/// After so many reminders, those of the beat included, he gives up; later he comes back with something else.
const GIVES_UP_AFTER: usize = 5;

impl Cast {
    /// The customers that come with the program, or nobody.
    pub(super) fn new(seed: u64, pace: Pace, customers: bool) -> Result<Self, SandboxError> {
        let intents = Intents::built_in()?;
        let mut cast = Cast {
            actors: Vec::new(),
            known: HashMap::new(),
            stranger: None,
            intents,
            agenda: Agenda::new(),
            pace,
            seed,
            dice: Dice::new(seed, "cast"),
        };
        if customers {
            for persona in persona::built_in(&cast.intents)? {
                cast.admit(persona);
            }
            cast.plan_beat(Duration::from_secs(2));
        }
        Ok(cast)
    }

    /// When something happens next.
    pub(super) fn next(&self) -> Option<Duration> {
        self.agenda.next()
    }

    /// Everything that happens until `now`.
    pub(super) fn advance(&mut self, now: Duration) -> Vec<Act> {
        let mut acts = Vec::new();
        // What is due brings about what is due later; the bound only guards against a persona without pauses.
        for _ in 0..10_000 {
            let Some((at, cue)) = self.agenda.take_due(now) else { break };
            acts.extend(self.perform(at, cue));
        }
        acts
    }

    /// A message of ours reached somebody.
    pub(super) fn hear(&mut self, now: Duration, heard: Heard) {
        let read_at = now + self.receipts(now, &heard);
        if heard.group || heard.failure.is_some() {
            return;
        }
        let Some(who) = self.find(&heard) else { return };
        let Some(actor) = self.actors.get_mut(who) else { return };
        actor.hear(heard.content, heard.id);
        if !actor.listening {
            actor.listening = true;
            self.agenda.enter(read_at, Cue::Listen(who));
        }
    }

    fn admit(&mut self, persona: Persona) {
        let persona = Arc::new(persona);
        if persona.stranger {
            self.stranger = Some(persona);
            return;
        }
        let who = self.actors.len();
        self.known.insert((persona.stage.clone(), persona.id.clone()), who);
        if let Some(arrives) = persona.arrives.and_then(|s| Duration::try_from_secs_f64(s).ok()) {
            self.agenda.enter(self.pace.scale(arrives), Cue::Open(who));
        }
        self.actors.push(Actor::of(persona, self.seed));
    }

    fn perform(&mut self, at: Duration, cue: Cue) -> Option<Act> {
        match cue {
            Cue::Say(who, said) => {
                self.wait_for_agent(at, who);
                return Some(Act::Says(said));
            }
            Cue::Receipt { stage, receipt, notify_url } => return Some(Act::Receipt { stage, receipt, notify_url }),
            Cue::Open(who) => {
                let lines = self.actors.get_mut(who).filter(|a| !a.opened).map(Actor::open).unwrap_or_default();
                self.say(at, who, lines);
            }
            Cue::Listen(who) => self.listen(at, who),
            Cue::Nudge { actor: who, generation } => {
                let due = |a: &&mut Actor| a.generation == generation && !a.is_done() && a.nudged < NUDGES_MAX;
                let lines = self.actors.get_mut(who).filter(due).map(Actor::nudge).unwrap_or_default();
                self.say(at, who, lines);
            }
            Cue::Beat => self.beat(at),
        }
        None
    }

    fn listen(&mut self, at: Duration, who: usize) {
        let Some(actor) = self.actors.get_mut(who) else { return };
        if actor.busy_until > at {
            // He finishes what he is saying first.
            self.agenda.enter(actor.busy_until + self.pace.scale(Duration::from_secs(1)), Cue::Listen(who));
            return;
        }
        actor.listening = false;
        let lines = actor.answer(&self.intents);
        self.say(at, who, lines);
    }

    /// Enters lines one after the other, each typed as long as it takes.
    fn say(&mut self, now: Duration, who: usize, lines: Vec<Said>) {
        let Some(actor) = self.actors.get_mut(who) else { return };
        let opening = actor.busy_until == Duration::ZERO;
        let mut at = actor.busy_until.max(now);
        for (place, said) in lines.into_iter().enumerate() {
            // The first word of all is there already, and so is what was said long ago.
            let typed = if opening && (place == 0 || !said.ago.is_zero()) {
                Duration::from_millis(80) * u32::try_from(place).unwrap_or(0)
            } else {
                typing(&said.text)
            };
            at += self.pace.scale(typed);
            actor.busy_until = at;
            self.agenda.enter(at, Cue::Say(who, Box::new(said)));
        }
    }

    fn wait_for_agent(&mut self, at: Duration, who: usize) {
        let Some(actor) = self.actors.get_mut(who) else { return };
        // Only after his last line does he begin to wait.
        if at < actor.busy_until || actor.is_done() {
            return;
        }
        let patience = Duration::try_from_secs_f64(actor.persona.patience).unwrap_or(Duration::from_secs(60));
        let patience = actor.dice().between(patience, patience + patience / 2);
        let cue = Cue::Nudge { actor: who, generation: actor.generation };
        self.agenda.enter(at + self.pace.scale(patience), cue);
    }

    /// Every now and then somebody new writes, or somebody comes back, or somebody grows impatient.
    fn beat(&mut self, at: Duration) {
        let next = self.dice.between(Duration::from_secs(8), Duration::from_secs(25));
        self.plan_beat_at(at, next);
        let quiet = at.saturating_sub(self.pace.scale(Duration::from_secs(45)));
        let new = self.pick(|a| !a.opened);
        let back = |cast: &mut Self| cast.pick(|a| is_over(a) && !a.listening && a.busy_until < quiet);
        let waiting = |cast: &mut Self| cast.pick(|a| !is_over(a) && !a.listening && a.busy_until < quiet);
        if let Some(who) = new {
            self.agenda.enter(at, Cue::Open(who));
        } else if let Some(who) = back(self) {
            let lines = self.actors.get_mut(who).map(Actor::come_back).unwrap_or_default();
            self.say(at, who, lines);
        } else if let Some(who) = waiting(self) {
            let lines = self.actors.get_mut(who).map(Actor::nudge).unwrap_or_default();
            self.say(at, who, lines);
        }
    }

    fn pick(&mut self, fits: impl Fn(&Actor) -> bool) -> Option<usize> {
        let fitting: Vec<usize> = self
            .actors
            .iter()
            .enumerate()
            .filter(|(_, a)| !a.persona.stranger && fits(a))
            .map(|(who, _)| who)
            .collect();
        self.dice.pick(&fitting).copied()
    }

    fn plan_beat(&mut self, first: Duration) {
        self.plan_beat_at(Duration::ZERO, first + Duration::from_secs(6));
    }

    fn plan_beat_at(&mut self, now: Duration, span: Duration) {
        self.agenda.enter(now + self.pace.scale(span), Cue::Beat);
    }

    /// The customer who is written to; somebody unknown becomes a stranger.
    fn find(&mut self, heard: &Heard) -> Option<usize> {
        let id = plain_id(&heard.to);
        let key = (heard.stage.clone(), id.clone());
        if let Some(who) = self.known.get(&key) {
            return Some(*who);
        }
        let persona = Arc::clone(self.stranger.as_ref()?);
        if self.actors.len() >= ACTORS_MAX {
            return None;
        }
        let who = self.actors.len();
        self.actors.push(Actor::standing_in(persona, heard.stage.clone(), heard.channel, id, self.seed));
        self.known.insert(key, who);
        Some(who)
    }

    /// Plans how far a message comes; the answer is when it is read.
    fn receipts(&mut self, now: Duration, heard: &Heard) -> Duration {
        let millis = Duration::from_millis;
        let sent = self.dice.between(millis(100), millis(350));
        let delivered = self.dice.between(millis(500), millis(1500));
        let read = self.dice.between(millis(1500), millis(4000)).max(delivered + millis(200));
        let mut plan = vec![(sent, Status::Sent)];
        match (&heard.failure, heard.group) {
            (Some(_), _) => plan.push((delivered, Status::Failed)),
            (None, true) => plan.push((delivered, Status::Delivered)),
            (None, false) => plan.extend([(delivered, Status::Delivered), (read, Status::Read)]),
        }
        let plan = plan.into_iter().filter(|_| heard.receipts);
        for (after, status) in plan {
            let receipt = Receipt {
                remote_id: heard.id.clone(),
                status,
                failure: heard.failure.clone().filter(|_| status == Status::Failed),
                recipient: Some(heard.to.clone()),
                may_infer: false,
                at: None,
            };
            let cue = Cue::Receipt { stage: heard.stage.clone(), receipt, notify_url: heard.notify_url.clone() };
            self.agenda.enter(now + self.pace.scale(after), cue);
        }
        self.pace.scale(read)
    }
}

/// Whether a customer expects nothing more.
fn is_over(actor: &Actor) -> bool {
    actor.is_done() || actor.nudged >= GIVES_UP_AFTER
}

/// How long a text takes to type.
fn typing(text: &str) -> Duration {
    let letters = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    Duration::from_millis(letters.saturating_mul(45).saturating_add(1600))
        .clamp(Duration::from_secs(2), Duration::from_secs(8))
}

/// An id without a WhatsApp server's name or a plus sign.
pub(super) fn plain_id(to: &str) -> String {
    let id = to.split('@').next().unwrap_or(to);
    id.strip_prefix('+').unwrap_or(id).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn cast(seed: u64) -> Cast {
        Cast::new(seed, Pace::Human, true).unwrap()
    }

    fn says(acts: &[Act]) -> Vec<&Said> {
        acts.iter().filter_map(|a| if let Act::Says(said) = a { Some(&**said) } else { None }).collect()
    }

    fn text_to(to: &str, body: &str) -> Heard {
        Heard {
            stage: "chatera".into(),
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
    fn within_two_seconds_every_gateway_has_heard_from_somebody() {
        let acts = cast(1).advance(seconds(2));
        let said = says(&acts);
        for stage in ["chatera", "cetar", "cetar-meta", "waviro", "cloudchat"] {
            assert!(said.iter().any(|s| s.stage == stage), "{stage}");
        }
        let mut people: Vec<_> = said.iter().map(|s| &s.id).collect();
        people.sort();
        people.dedup();
        assert!(people.len() >= 10);
        assert!(said.iter().any(|s| s.ago > seconds(3600)));
    }

    #[test]
    fn an_evening_is_repeatable_and_never_falls_silent() {
        let evening = |seed| {
            let mut cast = cast(seed);
            let acts: Vec<Act> = (0..1200).flat_map(|second| cast.advance(seconds(second))).collect();
            acts
        };
        assert_eq!(evening(3), evening(3));
        assert_ne!(evening(3), evening(4));
        let mut cast = cast(5);
        cast.advance(seconds(2));
        let quarters: Vec<usize> = (1..=20).map(|q| says(&cast.advance(seconds(q * 60))).len()).collect();
        assert!(quarters.iter().all(|n| (1..=60).contains(n)), "{quarters:?}");
    }

    #[test]
    fn a_message_is_delivered_then_read_then_answered() {
        let mut cast = cast(1);
        cast.advance(seconds(20));
        cast.hear(seconds(20), text_to("628123400012", "Ready kak, mau berapa?"));
        let acts = cast.advance(seconds(36));
        let place = |wanted: Status| {
            acts.iter().position(|a| matches!(a, Act::Receipt { receipt, .. } if receipt.status == wanted)).unwrap()
        };
        let answer = acts.iter().position(|a| matches!(a, Act::Says(s) if s.id == "628123400012")).unwrap();
        assert!(place(Status::Sent) < place(Status::Delivered));
        assert!(place(Status::Delivered) < place(Status::Read));
        assert!(place(Status::Read) < answer);
    }

    #[test]
    fn several_messages_at_once_get_one_answer() {
        let mut cast = cast(1);
        cast.advance(seconds(20));
        for body in ["Halo kak", "Yang hitam L masih ready", "Mau berapa kak?"] {
            cast.hear(seconds(20), text_to("628123400012", body));
        }
        let acts = cast.advance(seconds(36));
        let said: Vec<_> = says(&acts).into_iter().filter(|s| s.id == "628123400012").collect();
        assert!((1..=2).contains(&said.len()), "{said:?}");
    }

    #[test]
    fn a_silent_agent_is_nudged_a_few_times_and_an_answering_one_is_not() {
        let mut cast = cast(1);
        cast.advance(seconds(10));
        let nudges = says(&cast.advance(seconds(110))).iter().filter(|s| s.id == "628123400012").count();
        assert!((1..=3).contains(&nudges), "{nudges}");
    }

    #[test]
    fn a_stranger_answers_and_a_failed_message_or_group_does_not() {
        let mut cast = cast(1);
        cast.hear(seconds(1), text_to("+628999000111@c.us", "Halo kak"));
        let failed = Heard { failure: Some(Failure::new("131026", "")), ..text_to("628999000222", "Halo") };
        cast.hear(seconds(1), failed);
        cast.hear(seconds(1), Heard { group: true, ..text_to("120363000000000001", "Halo") });
        let acts = cast.advance(seconds(30));
        let said = says(&acts);
        assert!(said.iter().any(|s| s.id == "628999000111"));
        assert!(!said.iter().any(|s| s.id == "628999000222" || s.id.starts_with("120363")));
        let failures = acts.iter().filter(|a| matches!(a, Act::Receipt { receipt, .. } if receipt.failure.is_some()));
        assert_eq!(failures.count(), 1);
    }

    #[test]
    fn without_customers_nobody_writes_but_receipts_come() {
        let mut cast = Cast::new(1, Pace::Fast, false).unwrap();
        assert_eq!(cast.next(), None);
        cast.hear(Duration::ZERO, text_to("628123400012", "Halo"));
        assert_eq!(cast.advance(seconds(1)).len(), 3);
        assert_eq!(cast.next(), None);
    }
}
