//! What happens in a history: people's acts and faults, with their times, decided by a seed.

use std::time::Duration;

use fastrand::Rng;

/// Everything that a seed decides before the history runs.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) seed: u64,
    pub(crate) accounts: Vec<AccountPlan>,
    /// In the order of time.
    pub(crate) steps: Vec<(Duration, Step)>,
    /// The probability of a fault of a request, in percent.
    pub(crate) request_faults: u8,
    /// The probability of a fault of a webhook's delivery, in percent.
    pub(crate) delivery_faults: u8,
}

#[derive(Debug, Clone)]
pub(crate) struct AccountPlan {
    pub(crate) name: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) mode: Option<&'static str>,
    /// Spans in which requests find nobody or are refused.
    pub(crate) outages: Vec<Outage>,
}

#[derive(Debug, Clone)]
pub(crate) struct Outage {
    pub(crate) from: Duration,
    pub(crate) to: Duration,
    pub(crate) kind: OutageKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutageKind {
    /// Connections are refused.
    Down,
    /// 401.
    KeyRefused,
    /// No response within any client's time; nothing is processed.
    Hanging,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// A customer writes; `number` tells the messages apart.
    CustomerWrites { account: usize, customer: u8, number: usize },
    /// An agent answers.
    AgentWrites { account: usize, customer: u8, number: usize },
    /// The process is killed; it starts again after the span.
    Crash { pause: Duration },
    /// The process is asked to end; it starts again after the span.
    Restart { pause: Duration },
    /// The wall clock is set wrong by this many milliseconds; 0 sets it right.
    SetClock { off_by_ms: i64 },
}

/// Every account that a history may have.
const ACCOUNTS: [(&str, &str, Option<&str>); 5] = [
    ("chatera", "chatera", None),
    ("cetar", "cetar", Some("unofficial")),
    ("meta", "cetar", Some("meta")),
    ("waviro", "waviro", None),
    ("cloudchat", "cloudchat", None),
];
/// How long people write, in milliseconds.
const WRITING_MS: u64 = 900_000;

impl History {
    /// The history of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut names = ACCOUNTS.to_vec();
        rng.shuffle(&mut names);
        names.truncate(rng.usize(1..=2));
        let accounts: Vec<_> = names
            .into_iter()
            .map(|(name, provider, mode)| AccountPlan { name, provider, mode, outages: outages(&mut rng) })
            .collect();
        let mut steps = Vec::new();
        for number in 0..rng.usize(4..24) {
            let (account, customer) = (rng.usize(0..accounts.len()), rng.u8(0..3));
            // Bursts, and pauses of minutes.
            let at = if rng.bool() { rng.u64(0..WRITING_MS) } else { rng.u64(0..5_000) };
            let step = if rng.u8(0..100) < 55 {
                Step::CustomerWrites { account, customer, number }
            } else {
                Step::AgentWrites { account, customer, number }
            };
            steps.push((Duration::from_millis(at), step));
        }
        for _ in 0..rng.usize(0..4) {
            let (at, pause) =
                (Duration::from_millis(rng.u64(0..WRITING_MS)), Duration::from_millis(rng.u64(0..90_000)));
            let step = if rng.bool() { Step::Crash { pause } } else { Step::Restart { pause } };
            steps.push((at, step));
        }
        // Crashes in the middle of a burst find more.
        for _ in 0..rng.usize(0..3) {
            let at = Duration::from_millis(rng.u64(0..6_000));
            steps.push((at, Step::Crash { pause: Duration::from_millis(rng.u64(0..2_000)) }));
        }
        if rng.u8(0..100) < 30 {
            let hours = rng.i64(-9..=9);
            let at = rng.u64(0..WRITING_MS / 2);
            steps.push((Duration::from_millis(at), Step::SetClock { off_by_ms: hours * 3_600_000 + 17 }));
            let until = at + rng.u64(1_000..WRITING_MS / 2);
            steps.push((Duration::from_millis(until), Step::SetClock { off_by_ms: 0 }));
        }
        steps.sort_by_key(|(at, _)| *at);
        let request_faults = *rng.choice(&[0, 5, 25]).unwrap();
        let delivery_faults = *rng.choice(&[0, 10, 50]).unwrap();
        History { seed, accounts, steps, request_faults, delivery_faults }
    }
}

fn outages(rng: &mut Rng) -> Vec<Outage> {
    let count = if rng.u8(0..100) < 40 { rng.usize(1..=2) } else { 0 };
    (0..count)
        .map(|_| {
            let from = Duration::from_millis(rng.u64(0..WRITING_MS));
            let to = from + Duration::from_millis(rng.u64(500..300_000));
            let kind = *rng.choice(&[OutageKind::Down, OutageKind::KeyRefused, OutageKind::Hanging]).unwrap();
            Outage { from, to, kind }
        })
        .collect()
}
