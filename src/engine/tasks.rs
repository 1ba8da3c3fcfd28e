//! Long-running tasks, and what became of them: one that panics starts again, and is counted.
//!
//! Invariant: a panic in one task stops no other one.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::time::Instant;

/// The pauses before a task that panicked starts again.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// A task that has run for so long has recovered.
const RECOVERED: Duration = Duration::from_secs(60);
/// Panics in a row after which a task counts as dead.
const DEAD_AFTER: u32 = 3;

/// The tasks of this process. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub(crate) struct TaskHealth {
    tasks: Arc<Mutex<BTreeMap<String, Task>>>,
    changed: Arc<watch::Sender<u64>>,
}

#[derive(Debug, Clone, Copy)]
struct Task {
    panics: u64,
    /// Panics since it last ran for a while.
    in_a_row: u32,
    /// When it panicked last.
    at: Instant,
}

impl Default for TaskHealth {
    fn default() -> Self {
        TaskHealth { tasks: Arc::default(), changed: Arc::new(watch::Sender::new(0)) }
    }
}

impl TaskHealth {
    /// Counts and logs a panic of a task that starts again, or of a part of one that goes on.
    pub(crate) fn panicked(&self, name: &str, panic: &(dyn Any + Send)) {
        let reason = panic_message(panic);
        tracing::error!(task = name, reason, "a defect stopped a task; it starts again");
        let now = Instant::now();
        let mut tasks = self.lock();
        let task = tasks.entry(name.to_owned()).or_insert(Task { panics: 0, in_a_row: 0, at: now });
        task.in_a_row = if now.duration_since(task.at) >= RECOVERED { 1 } else { task.in_a_row + 1 };
        task.panics += 1;
        task.at = now;
        drop(tasks);
        self.changed.send_modify(|n| *n += 1);
    }

    /// Whether a task panics again and again, so that its work is not done.
    pub(crate) fn any_dead(&self) -> bool {
        let now = Instant::now();
        self.lock().values().any(|task| task.in_a_row >= DEAD_AFTER && now.duration_since(task.at) < RECOVERED)
    }

    /// The tasks that have panicked since the start, with how often.
    pub(crate) fn failed(&self) -> Vec<(String, u64)> {
        self.lock().iter().map(|(name, task)| (name.clone(), task.panics)).collect()
    }

    /// Becomes changed with every panic.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The counts in the text format of Prometheus.
    pub(crate) fn to_prometheus(&self) -> String {
        let name = "loket_task_panics_total";
        let mut text = format!("# HELP {name} Panics by task.\n# TYPE {name} counter\n");
        for (task, panics) in self.failed() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name}{{task=\"{task}\"}} {panics}");
        }
        text
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a task until it ends by itself or `stop` becomes true while it is not running. When it panics, `make` makes it
/// again after a pause, which grows while it keeps panicking.
pub(crate) async fn supervise<F: Future<Output = ()>>(
    health: TaskHealth,
    name: String,
    mut stop: watch::Receiver<bool>,
    make: impl Fn() -> F,
) {
    let mut pause = PAUSE;
    loop {
        let began = Instant::now();
        let run = async {
            inject_fault(&name);
            make().await;
        };
        let Err(panic) = AssertUnwindSafe(run).catch_unwind().await else { return };
        health.panicked(&name, panic.as_ref());
        if began.elapsed() >= RECOVERED {
            pause = PAUSE;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let message = panic.downcast_ref::<&str>().map(|message| (*message).to_owned());
    message.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// Panics in the task that the environment names with the number of its panics (`LOKET_FAULT="maintenance=2"`), to test
/// what happens then. Not in a release.
#[cfg(debug_assertions)]
pub(crate) fn inject_fault(name: &str) {
    static LEFT: std::sync::OnceLock<Mutex<u32>> = std::sync::OnceLock::new();
    let fault = std::env::var("LOKET_FAULT").unwrap_or_default();
    let Some((_, count)) = fault.split_once('=').filter(|(task, _)| *task == name) else { return };
    let left = LEFT.get_or_init(|| Mutex::new(count.parse().unwrap_or(1)));
    let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
    if *left > 0 {
        *left -= 1;
        drop(left);
        std::panic::resume_unwind(Box::new("a fault for a test".to_owned()));
    }
}

/// Does nothing: faults are for tests.
#[cfg(not(debug_assertions))]
pub(crate) fn inject_fault(_name: &str) {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_starts_again_and_is_dead_while_it_keeps_panicking() {
        let health = TaskHealth::default();
        let (stop, stopped) = watch::channel(false);
        let runs = Arc::new(AtomicU32::new(0));
        let make = {
            let (runs, stopped) = (runs.clone(), stopped.clone());
            move || {
                let (run, mut stopped) = (runs.fetch_add(1, Ordering::SeqCst), stopped.clone());
                async move {
                    assert!(run >= 4, "a defect");
                    drop(stopped.wait_for(|stop| *stop).await);
                }
            }
        };
        let running = tokio::spawn(supervise(health.clone(), "sync".to_owned(), stopped, make));
        let mut changes = health.watch();
        changes.changed().await.unwrap();
        assert!(!health.any_dead());
        while runs.load(Ordering::SeqCst) < 5 {
            tokio::time::sleep(PAUSE).await;
        }
        assert!(health.any_dead());
        tokio::time::sleep(RECOVERED).await;
        assert!(!health.any_dead());
        assert_eq!(health.failed(), [("sync".to_owned(), 4)]);
        assert!(health.to_prometheus().contains("loket_task_panics_total{task=\"sync\"} 4\n"));
        stop.send_replace(true);
        running.await.unwrap();
    }
}
