//! Resolving names to addresses that may be connected to.
//!
//! The HTTP client asks here when it connects, and connects to nothing else: between the check and the connection a
//! name cannot come to mean another address.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;

/// How names become addresses.
pub(crate) trait Lookup: Send + Sync {
    /// Every address of a host.
    fn lookup(&self, host: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>>;
}

/// As the operating system resolves names.
#[derive(Debug)]
pub(super) struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A host has private addresses only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the host has private addresses only")]
pub(super) struct PrivateHost;

/// Resolves names to public addresses only.
pub(super) struct PublicResolver(pub(super) Arc<dyn Lookup>);

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.lookup(name.as_str().to_owned());
        Box::pin(async move {
            let found = found.await?;
            let is_known = !found.is_empty();
            let public: Vec<SocketAddr> =
                found.into_iter().filter(|ip| is_public(*ip)).map(|ip| SocketAddr::new(ip, 0)).collect();
            if public.is_empty() && is_known {
                return Err(PrivateHost.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}
