//! The one list of gateways. Everybody above walks it; nobody above names a gateway.

use super::Provider;

/// Every gateway, in the order in which people are offered them.
pub static ALL: &[&dyn Provider] = &[
    &super::chatera::Chatera,
    &super::cetar::Cetar,
    &super::waviro::Waviro,
    &super::cloudchat::CloudChat,
    &super::waha::Waha,
];

/// The gateway of a `provider = "…"` word.
pub fn find(id: &str) -> Option<&'static dyn Provider> {
    ALL.iter().copied().find(|p| p.manifest().id == id)
}
