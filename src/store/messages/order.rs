//! The place of a message in its conversation.
//!
//! Invariant: arrival decides. What our side wrote here, and what was here before a burst of messages began, stays
//! before what comes; the gateway's clock orders only the messages of one burst, so that a clock that is set wrong
//! never puts an answer above its question.

use std::time::Duration;

use crate::domain::{ConversationId, Timestamp};
use crate::store::database::{DbResult, RunSql, Tx};
use rusqlite::params;

/// A message that comes this long after the last one begins a new burst.
const BURST: Duration = Duration::from_secs(10);

/// The place of the newest message of the conversation `?1`, and the place before which none is put now.
pub(crate) const PLACES: &str = "SELECT last_order, floor FROM conversations WHERE id = ?1 AND last_message <> 0";

/// The place of a message that came at `arrival` and has the gateway's time `at`.
pub(crate) fn of_arrival(
    tx: &Tx<'_>,
    conversation: ConversationId,
    at: Option<Timestamp>,
    arrival: Timestamp,
) -> DbResult<Timestamp> {
    let order = of_history(at, arrival);
    let places = tx.first(PLACES, [conversation.0], |row| Ok((Timestamp(row.get(0)?), Timestamp(row.get(1)?))))?;
    let Some((newest, floor)) = places else {
        return Ok(order);
    };
    if arrival.since(newest) <= BURST {
        return Ok(order.max(floor));
    }
    // A note is not the newest message, but stays before what comes too.
    let newest = newest.max(floor);
    tx.run("UPDATE conversations SET floor = ?2 WHERE id = ?1", params![conversation.0, newest.0])?;
    Ok(order.max(newest))
}

/// The place of a message that our side writes here at `now`: after all that is there, also when the clock was set back.
pub(crate) fn of_own(tx: &Tx<'_>, conversation: ConversationId, now: Timestamp) -> DbResult<Timestamp> {
    let places = tx.first(PLACES, [conversation.0], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let order =
        places.map_or(now, |(newest, floor)| now.max(Timestamp(newest.saturating_add(1))).max(Timestamp(floor)));
    tx.run("UPDATE conversations SET floor = ?2 WHERE id = ?1", params![conversation.0, order.0])?;
    Ok(order)
}

/// The place of a message from before the account was connected: the gateway's time, but not after its arrival. A time
/// in whole seconds may be up to 999 ms early; within that second the order of arrival decides.
pub(crate) fn of_history(at: Option<Timestamp>, arrival: Timestamp) -> Timestamp {
    let Some(at) = at else { return arrival };
    let latest = if at.0 % 1000 == 0 { at.0.saturating_add(999) } else { at.0 };
    Timestamp(latest.min(arrival.0))
}
