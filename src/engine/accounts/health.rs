//! The observed state of accounts' connections. An observation is written only when it changes the state.
use crate::domain::{AccountName, SessionState, SignOfLife};
use crate::engine::{blocking, clock};
use crate::store::Store;

/// Records an observed state. `Unknown` means "a message was accepted": it clears the states that this disproves.
pub(crate) async fn observe(store: &Store, name: &AccountName, state: SessionState, detail: &str) {
    let row = {
        let (store, name) = (store.clone(), name.clone());
        blocking::read(move || store.account(&name)).await
    };
    let Ok(Some(row)) = row else { return };
    let changed = match state {
        SessionState::Unknown => row.health.state.is_disproved_by(SignOfLife::Accepted),
        // What the gateway itself reported of its session is better evidence than a failed request.
        SessionState::RateLimited | SessionState::Unreachable => {
            row.health.state != state && !matches!(row.health.state, SessionState::LoggedOut | SessionState::Banned)
        }
        _ => row.health.state != state || row.health.detail != detail,
    };
    if changed && let Err(error) = store.record_account_state(name, state, detail, clock::now()).await {
        tracing::warn!(account = %name, %error, "an account's state cannot be written");
    }
}

/// Records that the gateway answered a query with this key.
pub(crate) async fn observe_answer(store: &Store, name: &AccountName) {
    if let Err(error) = store.record_sign_of_life(name, SignOfLife::Answered, clock::now()).await {
        tracing::warn!(account = %name, %error, "an account's state cannot be written");
    }
}
