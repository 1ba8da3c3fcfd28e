//! How many connections may be open, in all and from one address.
//!
//! Invariant: when there are too many, the one that has waited for a request for the longest is closed, never one whose
//! request is being worked on.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::client_address::TrustedProxies;

/// The part of all connections that one address may have; this machine, on which a proxy or a tunnel may stand, may have
/// all.
const ADDRESS_SHARE: usize = 4;
/// Connections that were closed or refused are logged at most this often.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// Counts the open connections.
pub(super) struct ConnectionLimit {
    max: usize,
    /// Proxies that may have all, for each of their requests counts as its client's.
    proxies: TrustedProxies,
    state: Mutex<State>,
    /// Notified when a connection has ended.
    ended: Notify,
}

#[derive(Default)]
struct State {
    /// Those that need not close.
    open: HashMap<u64, Open>,
    /// Those whose sockets are open, also if they must close.
    sockets: usize,
    /// Numbers connections, and orders the times since which they wait.
    last: u64,
    logged_at: Option<Instant>,
    /// How many were closed or refused since that line of the log.
    closed: u64,
    /// It was logged that a header of a proxy is not believed.
    ignored_logged: bool,
}

struct Open {
    /// The peer's, or that of the client whose request a trusted proxy passes on.
    address: IpAddr,
    /// Since when it waits for a request; `None` while one is worked on.
    waits_since: Option<u64>,
    close: Arc<Notify>,
}

/// A connection's place among those that may be open, free again when it is dropped.
pub(super) struct Place {
    limit: Arc<ConnectionLimit>,
    id: u64,
    peer: IpAddr,
    close: Arc<Notify>,
}

/// A request that is being worked on.
pub(super) struct Request {
    place: Arc<Place>,
}

impl ConnectionLimit {
    /// A limit of `max` connections.
    pub(super) fn new(max: usize, proxies: TrustedProxies) -> Arc<Self> {
        Arc::new(ConnectionLimit { max: max.max(1), proxies, state: Mutex::default(), ended: Notify::new() })
    }

    /// The connections that one address may have.
    fn address_max(&self) -> usize {
        (self.max / ADDRESS_SHARE).max(1)
    }

    /// Whether an address may have all connections.
    fn is_unlimited(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.proxies.contains(address)
    }

    /// A place for a new connection; `None` where it must be closed, for all others are busy.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let address = peer.to_canonical();
        let mut state = self.state();
        let of_address = state.open.values().filter(|open| open.address == address).count();
        let has_room = if !self.is_unlimited(address) && of_address >= self.address_max() {
            state.close_oldest(|open| open.address == address)
        } else {
            state.open.len() < self.max || state.close_oldest(|_| true)
        };
        if !has_room {
            state.note();
            return None;
        }
        state.last += 1;
        state.sockets += 1;
        let (id, close) = (state.last, Arc::new(Notify::new()));
        state.open.insert(id, Open { address, waits_since: Some(id), close: close.clone() });
        Some(Place { limit: self.clone(), id, peer: address, close })
    }

    /// Waits until those that must close have done so: before the next is accepted, their files are free.
    pub(super) async fn settled(&self) {
        while self.state().sockets > self.max {
            self.ended.notified().await;
        }
    }

    /// Closes the connection that has waited for the longest.
    pub(super) fn make_room(&self) {
        self.state().close_oldest(|_| true);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Closes the one that has waited for the longest of those that `may` be closed; `false` if there is none.
    fn close_oldest(&mut self, may: impl Fn(&Open) -> bool) -> bool {
        let waiting = self.open.iter().filter(|(_, open)| may(open));
        let oldest = waiting.filter_map(|(id, open)| Some((open.waits_since?, *id))).min();
        let Some(open) = oldest.and_then(|(_, id)| self.open.remove(&id)) else { return false };
        open.close.notify_one();
        self.note();
        true
    }

    /// Counts a connection that was closed or refused, and logs from time to time.
    fn note(&mut self) {
        self.closed += 1;
        if self.logged_at.is_none_or(|at| at.elapsed() >= LOG_INTERVAL) {
            let (closed, open) = (self.closed, self.open.len());
            tracing::warn!(closed, open, "too many connections: those that wait for the longest are closed");
            (self.logged_at, self.closed) = (Some(Instant::now()), 0);
        }
    }
}

impl State {
    /// Logs once that an address names clients and is not trusted.
    fn note_ignored(&mut self) {
        if !std::mem::replace(&mut self.ignored_logged, true) {
            tracing::info!(
                "X-Forwarded-For is not believed from this address; where it is your proxy, name it in [listener] trusted_proxies"
            );
        }
    }
}

impl Place {
    /// The connection is not closed for others until what is returned is dropped. `None` where a proxy passes on too
    /// many requests of the same client at once.
    pub(super) fn begin_request(self: &Arc<Self>, headers: &HeaderMap) -> Option<Request> {
        let client = self.limit.proxies.client(self.peer, headers);
        let mut state = self.limit.state();
        if self.limit.proxies.ignores(self.peer, headers) {
            state.note_ignored();
        }
        if client != self.peer {
            let of_client = state.open.values().filter(|open| open.address == client).count();
            if of_client >= self.limit.address_max() {
                state.note();
                return None;
            }
        }
        if let Some(open) = state.open.get_mut(&self.id) {
            open.waits_since = None;
            open.address = client;
        }
        drop(state);
        Some(Request { place: self.clone() })
    }

    /// Waits until the connection must be closed for another one.
    pub(super) async fn must_close(&self) {
        self.close.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        {
            let mut state = self.limit.state();
            state.open.remove(&self.id);
            state.sockets -= 1;
        }
        self.limit.ended.notify_one();
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        let mut state = self.place.limit.state();
        state.last += 1;
        let now = state.last;
        if let Some(open) = state.open.get_mut(&self.place.id) {
            open.waits_since = Some(now);
            open.address = self.place.peer;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn begin(place: &Arc<Place>) -> Request {
        place.begin_request(&HeaderMap::new()).unwrap()
    }

    /// The connections that must be closed, by their index.
    fn closed(limit: &ConnectionLimit, places: &[Arc<Place>]) -> Vec<usize> {
        let state = limit.state();
        (0..places.len()).filter(|index| !state.open.contains_key(&places[*index].id)).collect()
    }

    #[test]
    fn the_connection_that_waits_for_the_longest_makes_room() {
        let limit = ConnectionLimit::new(4, TrustedProxies::default());
        let mut places: Vec<_> = (0..4).map(|n| Arc::new(limit.admit(address(n)).unwrap())).collect();
        let busy = begin(&places[0]);
        drop(begin(&places[1]));
        places.push(Arc::new(limit.admit(address(9)).unwrap()));
        assert_eq!(closed(&limit, &places), [2], "neither the busy one nor the one that was answered just now");
        drop(busy);
        places.push(Arc::new(limit.admit(address(10)).unwrap()));
        assert_eq!(closed(&limit, &places), [2, 3]);
        let _busy: Vec<_> = places.iter().map(begin).collect();
        assert!(limit.admit(address(11)).is_none(), "all are busy");
        drop(places.pop());
    }

    #[test]
    fn an_address_has_its_share_and_this_machine_all() {
        let limit = ConnectionLimit::new(8, TrustedProxies::default());
        let mut places: Vec<_> = (0..3).map(|_| Arc::new(limit.admit(address(1)).unwrap())).collect();
        assert_eq!(closed(&limit, &places), [0], "an address closes its own");
        places.push(Arc::new(limit.admit(address(2)).unwrap()));
        assert_eq!(closed(&limit, &places), [0]);
        let loopback: Vec<_> = (0..5).map(|_| Arc::new(limit.admit(IpAddr::from([127, 0, 0, 1])).unwrap())).collect();
        assert_eq!((closed(&limit, &places), closed(&limit, &loopback)), (vec![0], vec![]));
    }

    #[tokio::test]
    async fn a_connection_learns_that_it_must_close() {
        let limit = ConnectionLimit::new(1, TrustedProxies::default());
        let first = limit.admit(address(1)).unwrap();
        let _second = limit.admit(address(1)).unwrap();
        first.must_close().await;
        let waiting = tokio::time::timeout(Duration::from_millis(1), limit.settled()).await;
        assert!(waiting.is_err(), "its socket is open still");
        drop(first);
        limit.settled().await;
        assert_eq!(limit.state().open.len(), 1);
    }

    #[test]
    fn a_client_behind_a_trusted_proxy_has_its_share_of_requests() {
        let limit = ConnectionLimit::new(8, TrustedProxies::new(&["192.0.2.1".parse().unwrap()]));
        let mut places: Vec<_> = (0..6).map(|_| Arc::new(limit.admit(address(1)).unwrap())).collect();
        assert_eq!(closed(&limit, &places), [0; 0], "the proxy may have all");
        let from = |client: &str| HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), client.parse().unwrap())]);
        let first = places[0].begin_request(&from("203.0.113.9")).unwrap();
        let _second = places[1].begin_request(&from("203.0.113.9")).unwrap();
        assert!(places[2].begin_request(&from("203.0.113.9")).is_none());
        assert!(places[2].begin_request(&from("203.0.113.8")).is_some());
        drop(first);
        assert!(places[3].begin_request(&from("203.0.113.9")).is_some(), "an ended request counts no more");
        places.clear();
    }
}
