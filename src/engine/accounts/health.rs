//! What is observed of accounts' connections. An observation is written only when it says something new.

use crate::domain::{AccountName, SessionState};
use crate::engine::clock;
use crate::store::Store;

/// Observes a state. `Unknown` means "a request was accepted": it lifts what was held against the account by
/// requests (key refused, rate-limited, unreachable), but not what the gateway itself said of its session.
pub async fn observe(store: &Store, name: &AccountName, state: SessionState, detail: &str) {
    let known = {
        let (store, name) = (store.clone(), name.clone());
        tokio::task::spawn_blocking(move || store.account(&name)).await
    };
    let Ok(Ok(Some(row))) = known else { return };
    let held_by_requests =
        matches!(row.health.state, SessionState::KeyRefused | SessionState::RateLimited | SessionState::Unreachable);
    let news = match state {
        SessionState::Unknown => held_by_requests,
        // The gateway's own word on its session says more than a failed request.
        SessionState::RateLimited | SessionState::Unreachable => {
            row.health.state != state && !matches!(row.health.state, SessionState::LoggedOut | SessionState::Banned)
        }
        _ => row.health.state != state || row.health.detail != detail,
    };
    if news && let Err(error) = store.record_account_state(name, state, detail, clock::now()).await {
        tracing::warn!(account = %name, %error, "an account's state cannot be written");
    }
}
