//! The list of all gateways. The layers above walk it and name no gateway themselves.

use super::provider::Provider;

/// Every gateway, in the order in which people are offered them.
pub static ALL: &[&dyn Provider] = &[
    &super::chatera::Chatera,
    &super::cetar::Cetar,
    &super::waviro::Waviro,
    &super::cloudchat::CloudChat,
    &super::waha::Waha,
];

/// The gateway of a `provider = "…"` setting.
pub fn find(id: &str) -> Option<&'static dyn Provider> {
    ALL.iter().copied().find(|provider| provider.manifest().id == id)
}
