//! Looks now and then whether WhatsApp sessions are still logged in, where the gateway can be asked.
//!
//! Source: providers.md section 9, A19 (poll slowly; elsewhere infer, never claim "connected").

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::health;
use super::registry::ConfiguredAccount;
use crate::domain::SessionState;
use crate::engine::outbound::http::Http;
use crate::engine::outbound::query::{QueryError, ask};
use crate::providers::{LoginMethod, LoginState, Query, QueryResponse};
use crate::store::Store;

/// After the start, so that nothing waits for it.
const FIRST: Duration = Duration::from_secs(20);
/// Between two looks.
const GAP: Duration = Duration::from_secs(300);

/// Watches one account's session until `stop` becomes true; returns at once where the gateway cannot be asked.
pub(crate) async fn watch_over(
    member: Arc<ConfiguredAccount>,
    store: Store,
    http: Http,
    mut stop: watch::Receiver<bool>,
) {
    if member.manifest().login != LoginMethod::Qr {
        return;
    }
    let mut pause = FIRST;
    while !*stop.borrow() {
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = GAP;
        tokio::select! {
            _ = stop.changed() => return,
            () = look(&member, &store, &http) => {}
        }
    }
}

async fn look(member: &ConfiguredAccount, store: &Store, http: &Http) {
    let (state, detail) = match ask(http, member, &Query::Login).await {
        Ok(told) => match told.answer {
            QueryResponse::Login(LoginState::Connected { number, .. }) => {
                (SessionState::Connected, number.unwrap_or_default())
            }
            QueryResponse::Login(LoginState::Code(_)) => (SessionState::LoggedOut, String::new()),
            _ => return,
        },
        Err(QueryError::Failed(failure)) if matches!(failure.code.as_str(), "http_401" | "http_403") => {
            (SessionState::KeyRefused, failure.message)
        }
        Err(QueryError::Failed(failure)) if failure.code == "unreachable" => {
            (SessionState::Unreachable, failure.message)
        }
        Err(_) => return,
    };
    health::observe(store, member.name(), state, &detail).await;
}
