//! Applying what a gateway claims.
use super::db::Store;
use super::events::Applied;
use super::writer::Pending;
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Channel, EventId, Inbound, Timestamp};

impl Store {
    /// Applies an event's claims and marks it interpreted, in one transaction; a second call for the same event
    /// does nothing. `channel`: the account's, for claims that name none. `window`: the account's rule.
    pub fn apply(
        &self,
        _event: EventId,
        _account: &AccountName,
        _channel: Channel,
        _window: WindowRule,
        _claims: Vec<Inbound>,
        _now: Timestamp,
    ) -> Pending<Applied> {
        self.write(|_| Err(super::error::Fault::Other("not built yet".into())))
    }
}
