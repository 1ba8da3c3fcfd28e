//! What this process is among those that share a data directory: the engine, or a screen beside it.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::{Client, engine_pid};
use crate::domain::{ConfigNotice, EngineState, ProcessStatus, QuitStatus, Role};
use crate::engine::engine_status::{self, EngineStatus};
use crate::engine::screens::OpenScreen;
use crate::store::StoreError;

/// How long a message that is just being sent may take before it counts as waiting.
const FIRST_ATTEMPT: Duration = Duration::from_secs(1);
/// Between two looks at the outbox meanwhile.
const POLL: Duration = Duration::from_millis(20);

/// What this process does beside being a client.
#[derive(Debug, Clone, Default)]
pub(crate) struct Process {
    /// The engine of another process, when this one is a screen beside it.
    pub(crate) beside: Option<EngineBeside>,
    /// All gateways are simulated. No account can be added, for the configuration is not the person's own.
    pub(crate) sandbox: bool,
    /// Where this process takes webhooks.
    pub(crate) listener: Option<SocketAddr>,
    /// This process's screen, of which engines know.
    pub(crate) screen: Option<Arc<OpenScreen>>,
}

/// The engine beside a screen.
#[derive(Debug, Clone, Default)]
pub(crate) struct EngineBeside {
    /// Its process, once it is known.
    pub(crate) pid: Option<u32>,
    pub(crate) state: EngineState,
}

impl Client {
    /// Sets what this process does, at its start.
    pub(crate) fn set_process(&self, process: Process) {
        *self.shared.process.write().unwrap_or_else(PoisonError::into_inner) = process;
        self.shared.notifier.notify();
    }

    /// Sets what a screen knows of the engine beside it.
    pub(crate) fn set_engine_beside(&self, engine: EngineBeside) {
        self.shared.process.write().unwrap_or_else(PoisonError::into_inner).beside = Some(engine);
        self.shared.notifier.notify();
    }

    /// What this process does.
    pub(super) fn process(&self) -> Process {
        self.shared.process.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What people are shown about this process and its engine.
    pub fn status(&self) -> ProcessStatus {
        let process = self.process();
        let beside = process.beside.clone().unwrap_or_default();
        let reported = self.engine_beside(&process);
        let role = match (beside.pid, &reported) {
            (Some(pid), None) => Role::Viewer { pid },
            (Some(pid), Some(engine)) if !engine.for_screens => Role::Viewer { pid },
            _ => Role::Engine,
        };
        let tunnel = self.registry().tunnel_url().or_else(|| reported.as_ref()?.tunnel_url.clone());
        let moved = reported.as_ref().filter(|engine| engine.moved).and_then(|engine| engine.tunnel_url.clone());
        ProcessStatus {
            role,
            engine: beside.state,
            config: self
                .config_notice()
                .or_else(|| reported.as_ref()?.config_error.clone().map(ConfigNotice::NotInForce)),
            failed_tasks: match &reported {
                Some(engine) => engine.failed_tasks.clone(),
                None => self.tasks().failed(),
            },
            agent: Some(self.settings().agent.clone()),
            sandbox: process.sandbox,
            listener: tunnel.or_else(|| self.listener(&process).map(|address| address.to_string())),
            moved_to: self.registry().moved_to().or(moved),
        }
    }

    /// What a person who quits should know first. Waits a moment for messages that are just being sent.
    pub fn quit_status(&self) -> Result<QuitStatus, StoreError> {
        let process = self.process();
        if process.sandbox {
            return Ok(QuitStatus { queued: 0, engine_ends: true });
        }
        let last = process.screen.as_ref().is_none_or(|screen| screen.others() == 0);
        // An engine that has just been started may not have been heard of yet.
        let started = || engine_pid(self.data_dir())?.parse().ok();
        let pid = process.beside.as_ref().and_then(|engine| engine.pid.or_else(started));
        let status = |pid| engine_status::read(self.data_dir(), pid);
        let stays = pid.is_some_and(|pid| status(pid).is_none_or(|engine| engine.stays || !engine.for_screens));
        Ok(QuitStatus { queued: self.waiting_messages()?, engine_ends: last && !stays })
    }

    /// How many messages wait to be sent, once those whose first request is on its way have had a moment to arrive.
    fn waiting_messages(&self) -> Result<u64, StoreError> {
        let until = Instant::now() + FIRST_ATTEMPT;
        loop {
            let counts = self.store().outbox_counts()?;
            if counts.first_attempts == 0 || Instant::now() > until {
                return Ok(counts.waiting);
            }
            std::thread::sleep(POLL);
        }
    }

    /// Where webhooks are taken, by this process or by the engine beside it.
    pub(super) fn listener(&self, process: &Process) -> Option<SocketAddr> {
        process.listener.or_else(|| self.engine_beside(process)?.listener)
    }

    /// What the engine beside this process says of itself; `None` for an older version's.
    fn engine_beside(&self, process: &Process) -> Option<EngineStatus> {
        engine_status::read(self.data_dir(), process.beside.as_ref()?.pid?)
    }

    /// Tells screens of this process's engine, and of every change of it. Blocks.
    pub(crate) fn change_engine_status(&self, change: impl FnOnce(&mut EngineStatus)) {
        let mut status = self.shared.engine_status.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut status);
        if let Err(error) = engine_status::write(self.data_dir(), &status) {
            tracing::warn!(%error, "screens cannot learn of a change of the engine");
        }
    }
}
