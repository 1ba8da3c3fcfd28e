//! Accounts, messages and arbitrary JSON for the gateways' unit tests.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::registry;
use super::types::Profile;
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Channel, Content, Outgoing, Recipient, Secret};

/// An account with the key `kunci-rahasia` and one webhook secret.
pub(crate) fn profile(base_url: &str, webhook_secret: &str) -> Profile {
    Profile {
        account: AccountName::new("toko").unwrap(),
        base_url: base_url.to_owned(),
        mode: None,
        session: None,
        channel: Channel::WhatsApp,
        api_key: Secret::new("kunci-rahasia"),
        webhook_secrets: vec![Secret::new(webhook_secret)],
        allow_unsigned: false,
        window: WindowRule::None,
        notify_url: None,
    }
}

/// A WhatsApp message to a person or a group.
pub(crate) fn outgoing(content: Content, group: bool) -> Outgoing {
    let peer = if group { "120363000000000001" } else { "628123000000" };
    Outgoing { channel: Channel::WhatsApp, to: Recipient { peer: peer.into(), group }, content, quote: None }
}

/// An account of a gateway in one of its modes (`""` = it has none), everything else at its default.
pub(crate) fn default_profile(id: &str, mode: &str) -> Profile {
    let provider = registry::find(id).expect("a registered gateway");
    let manifest = provider.manifest();
    let mode = manifest.modes.iter().copied().find(|m| *m == mode);
    Profile {
        account: AccountName::new("toko").unwrap(),
        base_url: manifest.base_url.unwrap_or("https://gateway.test").to_owned(),
        mode,
        session: None,
        channel: manifest.channels[0],
        api_key: Secret::new("kunci-contoh"),
        webhook_secrets: Vec::new(),
        allow_unsigned: false,
        window: provider.default_window(mode),
        notify_url: None,
    }
}

/// Any JSON, a few levels deep, with keys and values that the interpreters look for.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let values = prop::sample::select(vec![
        "",
        "text",
        "image",
        "system",
        "interactive",
        "order",
        "edit",
        "628123",
        "ID.1",
        "messages",
        "failed",
        "\u{202e}",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        values.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let keys = prop::sample::select(vec![
        "entry",
        "changes",
        "value",
        "field",
        "messages",
        "statuses",
        "contacts",
        "errors",
        "from",
        "id",
        "type",
        "text",
        "body",
        "image",
        "interactive",
        "order",
        "product_items",
        "system",
        "edit",
        "revoke",
        "reaction",
        "location",
        "context",
        "profile",
        "name",
        "phones",
        "wa_id",
        "user_id",
        "data",
        "media_url",
        "message_id",
        "group_id",
        "timestamp",
        "status",
        "button_id",
        "event",
        "channel",
    ]);
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..6).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>())
            }),
        ]
    })
}
