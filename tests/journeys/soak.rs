//! The engine on a bad day, for as long as is asked: `LOKET_SOAK=10m cargo test --test journeys soak`, a few seconds in
//! the gate. Gateways answer 429, 500 or not at all, webhooks come twice, late and out of order, and the engine is killed
//! in the middle. At the end both sides have counted the same, and its memory has not grown.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::installation::{Installation, Serve};
use crate::simulators::Simulators;

const ACCOUNTS: [&str; 4] = ["chatera", "cetar-meta", "cloudchat", "waviro"];
/// Without `LOKET_SOAK`.
const SHORT: Duration = Duration::from_secs(4);
/// From here on memory is looked at.
const LONG: Duration = Duration::from_secs(30);
/// The longest that the sides may take to agree in the end.
const SETTLING: Duration = Duration::from_secs(180);
/// The growth of the resident memory that is none, in KiB: a few arenas of the allocator.
const GROWTH_MAX: u64 = 24 * 1024;

/// The asked duration: `90s`, `10m`, `2h`, or a number of seconds.
fn duration() -> Duration {
    let Ok(asked) = std::env::var("LOKET_SOAK") else { return SHORT };
    let (number, unit) = match asked.trim().split_at(asked.trim().len() - 1) {
        (number, "s") => (number, 1),
        (number, "m") => (number, 60),
        (number, "h") => (number, 3600),
        _ => (asked.trim(), 1),
    };
    Duration::from_secs(number.parse::<u64>().expect("LOKET_SOAK is a duration such as 60s, 10m or 2h") * unit)
}

/// What was written so far, by account.
#[derive(Default)]
struct Written {
    by_customers: HashMap<&'static str, Vec<String>>,
    by_us: HashMap<&'static str, Vec<String>>,
}

impl Written {
    /// In every account a customer writes and is answered.
    fn round(&mut self, n: usize, simulators: &Simulators, installation: &Installation) {
        for account in ACCOUNTS {
            let (customer, question) = (format!("6281100{:03}2", n % 50), format!("tanya {account} {n}"));
            simulators.customer_writes(account, &customer, "Budi", &question);
            self.by_customers.entry(account).or_default().push(question);
            let answer = format!("jawab {account} {n}");
            let send = ["send", "--account", account, "--to", &customer, "--text", &answer, "--wait", "0"];
            // Refused where the customer's message has not come yet, so that no window is known to be open.
            if installation.run(&send).status.code() != Some(2) {
                self.by_us.entry(account).or_default().push(answer);
            }
        }
    }
}

/// The messages of an account in the store.
fn messages(installation: &Installation, account: &str) -> Vec<Value> {
    let args = ["messages", "--account", account, "--limit", "10000000", "--json"];
    let output = installation.run(&args);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn count_by_text<'a>(texts: impl Iterator<Item = &'a str>) -> HashMap<&'a str, usize> {
    texts.fold(HashMap::new(), |mut counts, text| {
        *counts.entry(text).or_default() += 1;
        counts
    })
}

/// Waits until every text that a customer wrote is stored, and fails when one is there twice.
fn every_question_is_stored_once(installation: &Installation, account: &str, written: &[String]) {
    let limit = Instant::now() + SETTLING;
    loop {
        let stored = messages(installation, account);
        let counts = count_by_text(stored.iter().filter(|m| m["direction"] == "in").filter_map(|m| m["text"].as_str()));
        if let Some((text, count)) = counts.iter().find(|(_, count)| **count > 1) {
            panic!("{account}: {text:?} is stored {count} times");
        }
        let missing = written.iter().filter(|text| !counts.contains_key(text.as_str())).count();
        if missing == 0 {
            return;
        }
        assert!(Instant::now() < limit, "{account}: {missing} of {} webhooks are not stored", written.len());
    }
}

/// What the store says of a sent message is what its gateway did.
fn every_answer_is_where_its_status_says(
    installation: &Installation,
    simulators: &Simulators,
    account: &str,
    written: &[String],
) {
    // The store first: what reaches customers afterwards only adds to the other side.
    let stored = messages(installation, account);
    let sent = simulators.sent(account);
    let delivered = count_by_text(sent.iter().map(String::as_str));
    let statuses: HashMap<&str, &str> = stored
        .iter()
        .filter(|m| m["direction"] == "out")
        .filter_map(|m| Some((m["text"].as_str()?, m["status"].as_str()?)))
        .collect();
    for text in written {
        let count = delivered.get(text.as_str()).copied().unwrap_or_default();
        match statuses.get(text.as_str()).copied() {
            Some("sent" | "delivered" | "read") => assert_eq!(count, 1, "{account}: {text} is sent by the store"),
            Some("queued" | "sending" | "unsure" | "failed") => assert!(count <= 1, "{account}: {text} {count} times"),
            status => panic!("{account}: {text} was accepted by `loket send` and is {status:?}"),
        }
    }
}

/// The resident memory of a process, in KiB.
fn resident(serve: &Serve) -> u64 {
    let output = std::process::Command::new("ps").args(["-o", "rss=", "-p", &serve.pid().to_string()]).output();
    String::from_utf8(output.unwrap().stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn both_sides_count_the_same_after_a_bad_day() {
    let duration = duration();
    let simulators = Simulators::open_with_faults(duration.as_secs());
    let installation = simulators.installation();
    let mut serve = installation.serve();
    simulators.connect(&serve);
    let (mut written, start) = (Written::default(), Instant::now());
    let (mut rounds, mut warm, mut killed) = (0, None, false);
    while start.elapsed() < duration || rounds < 3 {
        written.round(rounds, &simulators, &installation);
        rounds += 1;
        if !killed && start.elapsed() > duration / 4 {
            // The handle kills it.
            drop(serve);
            serve = installation.serve();
            simulators.connect(&serve);
            killed = true;
        }
        if warm.is_none() && start.elapsed() > duration / 2 {
            warm = Some(resident(&serve));
        }
    }
    let warm = warm.unwrap_or_else(|| resident(&serve));
    for account in ACCOUNTS {
        every_question_is_stored_once(&installation, account, &written.by_customers[account]);
        let answers = written.by_us.get(account).map(Vec::as_slice).unwrap_or_default();
        every_answer_is_where_its_status_says(&installation, &simulators, account, answers);
    }
    assert!(written.by_us.values().map(Vec::len).sum::<usize>() > 0, "nothing was sent");
    let now = resident(&serve);
    println!("{rounds} rounds in {duration:?}; resident {warm} KiB after the warm-up, {now} KiB at the end");
    if duration >= LONG {
        assert!(now < warm + GROWTH_MAX, "resident memory grew from {warm} to {now} KiB in {duration:?}");
    }
}
