//! Sends one message to its end for a command: by the engine that runs beside it, or by itself when none does.
use crate::domain::{AccountName, Failure, Message, MessageId, SessionState, Status, StoreError};
use crate::engine::client::Client;
use crate::engine::lock::{EngineLock, LockError};
use crate::engine::supervisor::Engine;
use std::time::{Duration, Instant};

/// How long an attempt that has begun may take after the waiting has ended.
const STOP_TIMEOUT: Duration = Duration::from_secs(35);
/// Between two attempts to take the lock while another command is sending.
const LOCK_POLL: Duration = Duration::from_millis(20);

/// Why it is not known what became of a message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeliverError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Client {
    /// Waits until a message of the outbox is accepted, failed or unsure, for at most `wait`, and returns it as it is
    /// then. When no engine runs on the data directory, this process sends it.
    pub(crate) async fn deliver(&self, message: Message, wait: Duration) -> Result<Message, DeliverError> {
        let deadline = Instant::now() + wait;
        // Held until the message is sent, so that no engine starts meanwhile.
        let lock = self.lock_for_sending(deadline).await?;
        let engine = match &lock {
            Some(_) => Some(Engine::start_for(self, message.conversation).await?),
            None => None,
        };
        let sent = self.wait_until_sent(message.id, deadline.saturating_duration_since(Instant::now())).await;
        if let Some(engine) = engine {
            engine.stop(STOP_TIMEOUT).await;
        }
        sent?;
        let mut message = self.message(message.id)?.ok_or(StoreError::NotFound)?;
        if message.status == Status::Queued && message.error.is_none() {
            message.error = self.waits_for(&message.account)?;
        }
        Ok(message)
    }

    /// What the messages of an account wait for that have not been tried themselves, as far as is known.
    fn waits_for(&self, account: &AccountName) -> Result<Option<Failure>, StoreError> {
        let Ok(account) = self.registry().get(account) else { return Ok(None) };
        let now = self.now();
        let health = self.store().account(account.name())?.map(|row| row.health).unwrap_or_default();
        let code = match health.state {
            SessionState::KeyRefused => "http_401",
            SessionState::Unreachable => "unreachable",
            _ if self.store().requests_paused_until(account.name(), now)?.is_some() => "http_429",
            _ if self.store().requests_used(account.name(), now)? >= account.limit.per_minute => {
                return Ok(Some(Failure::new("budget", "")));
            }
            _ => return Ok(None),
        };
        Ok(Some(Failure::new(code, health.detail)))
    }

    /// The engine's lock, when no engine runs. Another command that is sending is waited for.
    async fn lock_for_sending(&self, deadline: Instant) -> Result<Option<EngineLock>, LockError> {
        loop {
            match EngineLock::acquire_for_command(self.data_dir()) {
                Ok(None) if Instant::now() < deadline => tokio::time::sleep(LOCK_POLL).await,
                Ok(lock) => return Ok(lock),
                Err(LockError::Held { .. }) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    async fn wait_until_sent(&self, id: MessageId, wait: Duration) -> Result<(), StoreError> {
        let mut changes = self.watch();
        let sent = async {
            loop {
                changes.borrow_and_update();
                let message = self.message(id)?;
                if message.is_none_or(|m| !matches!(m.status, Status::Queued | Status::Sending)) {
                    return Ok(());
                }
                if changes.changed().await.is_err() {
                    return Ok(());
                }
            }
        };
        tokio::time::timeout(wait, sent).await.unwrap_or(Ok(()))
    }
}
