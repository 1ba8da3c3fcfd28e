//! Who really makes a request, where a proxy stands between.
//!
//! Invariant: only a proxy that the configuration trusts is believed. What the client itself has written into the header
//! stands to the left of what trusted proxies have added, and is never reached.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};

use crate::engine::Network;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The proxies whose `X-Forwarded-For` is believed. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TrustedProxies(Arc<[Network]>);

impl TrustedProxies {
    /// The proxies with these addresses.
    pub(crate) fn new(networks: &[Network]) -> Self {
        TrustedProxies(networks.into())
    }

    /// Whether a connection from this address may carry other people's requests.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The address that makes a request: the peer, or the last one before the trusted proxies.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let values: Vec<_> = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
        for hop in values.iter().rev().flat_map(|value| value.rsplit(',')) {
            if !self.contains(client) {
                break;
            }
            // What cannot be read is no address, and who stands before it is not known.
            let Some(address) = parse(hop.trim()) else { break };
            client = address;
        }
        client
    }

    /// Whether a request names a client that is not believed.
    pub(super) fn ignores(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        headers.contains_key(FORWARDED_FOR) && !self.contains(peer)
    }
}

/// An address, with or without a port; IPv6 in brackets too.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, headers: &[&str]) -> String {
        let networks: Vec<Network> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let mut map = HeaderMap::new();
        for value in headers {
            map.append(FORWARDED_FOR, value.parse().unwrap());
        }
        TrustedProxies::new(&networks).client(peer.parse().unwrap(), &map).to_string()
    }

    #[test]
    fn the_last_address_before_the_trusted_proxies_makes_the_request() {
        let trusted = ["127.0.0.1", "10.0.0.0/8"];
        for (peer, headers, expected) in [
            ("127.0.0.1", vec!["203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", vec!["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", vec!["198.51.100.1, 203.0.113.9, 10.1.2.3"], "203.0.113.9"),
            ("127.0.0.1", vec!["198.51.100.1", "203.0.113.9", "10.1.2.3"], "203.0.113.9"),
            ("::ffff:127.0.0.1", vec!["203.0.113.9:4711"], "203.0.113.9"),
            ("127.0.0.1", vec!["[2001:db8::1]:443"], "2001:db8::1"),
            ("127.0.0.1", vec!["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
            ("127.0.0.1", vec!["203.0.113.9, unknown, 10.1.2.3"], "10.1.2.3"),
            ("127.0.0.1", vec![], "127.0.0.1"),
        ] {
            assert_eq!(client(&trusted, peer, &headers), expected, "{peer} {headers:?}");
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", &["127.0.0.1"]), "203.0.113.9");
        assert_eq!(client(&[], "127.0.0.1", &["203.0.113.9"]), "127.0.0.1");
    }
}
