//! Checks now and then whether WhatsApp sessions are still logged in, where the gateway has a request for it.
//!
//! Source: providers.md section 9, A19 (poll slowly; elsewhere infer, never claim "connected").

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::account::ConfiguredAccount;
use super::health;
use crate::domain::{QueryError, SessionState};
use crate::engine::outbound::http::Http;
use crate::engine::outbound::query::query;
use crate::providers::{LoginMethod, LoginState, Query, QueryResponse};
use crate::store::Store;

/// Until the first check, so that nothing waits for it at the start.
const FIRST_CHECK: Duration = Duration::from_secs(20);
const INTERVAL: Duration = Duration::from_secs(300);

/// Watches one account's session until `stop` becomes true; returns at once where the gateway has no request for it.
pub(crate) async fn watch(account: Arc<ConfiguredAccount>, store: Store, http: Http, mut stop: watch::Receiver<bool>) {
    if account.manifest().login != LoginMethod::Qr {
        return;
    }
    let mut pause = FIRST_CHECK;
    while !*stop.borrow() {
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = INTERVAL;
        tokio::select! {
            _ = stop.changed() => return,
            () = check(&account, &store, &http) => {}
        }
    }
}

async fn check(account: &ConfiguredAccount, store: &Store, http: &Http) {
    let (state, detail) = match query(http, Some(store), account, &Query::Login).await {
        Ok(reply) => match reply.response {
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
    health::observe(store, account.name(), state, &detail).await;
}
