//! The real engine and the real store on virtual time, against gateways and customers that a seed decides: webhooks
//! doubled, late, shuffled and abandoned, requests refused, unanswered and broken off, keys that expire, clocks set
//! wrong, and crashes after any step. After each history the faults end, and what must then be true is checked.
//!
//! `LOKET_SIMULATION=20000` runs more histories, `LOKET_SIMULATION_SEED=7` runs one and prints what happened.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

mod check;
mod history;
mod order;
mod run;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use history::History;

/// Histories in the gate.
const HISTORIES: u64 = 2000;
/// Every seed that ever failed.
const FAILED_BEFORE: &[u64] = &[];

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Runs one seed; returns what was not as it must be, a panic included.
fn run_seed(run: fn(u64) -> Vec<String>, seed: u64) -> Result<(), String> {
    let result = catch_unwind(AssertUnwindSafe(|| run(seed)));
    let failed = match result {
        Ok(failed) => failed,
        Err(panic) => vec![format!("panic: {}", panic.downcast_ref::<String>().map_or("?", String::as_str))],
    };
    if failed.is_empty() { Ok(()) } else { Err(format!("seed {seed}:\n  {}", failed.join("\n  "))) }
}

/// Runs seeds on all processors; returns what failed.
fn run_seeds(run: fn(u64) -> Vec<String>, seeds: &[u64]) -> Vec<String> {
    let next = AtomicU64::new(0);
    let work = || {
        let mut failed = Vec::new();
        while let Some(seed) = seeds.get(usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap()) {
            failed.extend(run_seed(run, *seed).err());
        }
        failed
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap()).collect()
    })
}

fn assert_all(run: fn(u64) -> Vec<String>, seeds: &[u64]) {
    let failed = run_seeds(run, seeds);
    // The whole log is for one history.
    let lines = if seeds.len() == 1 { usize::MAX } else { 6 };
    let shown = failed.iter().take(10).flat_map(|text| text.lines().take(lines)).collect::<Vec<_>>();
    assert!(failed.is_empty(), "{} of {} histories failed:\n{}", failed.len(), seeds.len(), shown.join("\n"));
}

fn run_history(seed: u64) -> Vec<String> {
    run::run(&History::new(seed))
}

fn seeds() -> Vec<u64> {
    match number("LOKET_SIMULATION_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("LOKET_SIMULATION").unwrap_or(HISTORIES)).collect(),
    }
}

#[test]
fn histories_end_as_they_must() {
    if let [seed] = seeds()[..] {
        println!("{:#?}", History::new(seed));
    }
    assert_all(run_history, &seeds());
}

#[test]
fn the_final_state_depends_on_the_set_of_events_only() {
    assert_all(order::run, &seeds());
}

#[test]
fn seeds_that_failed_before_pass() {
    assert_all(run_history, FAILED_BEFORE);
    assert_all(order::run, FAILED_BEFORE);
}
