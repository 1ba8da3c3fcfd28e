//! Arbitrary JSON for property tests. Nothing here is meant to be well formed for anybody.

use proptest::prelude::*;
use serde_json::{Map, Value};

/// Any JSON, a few levels deep, with keys and words that readers look for.
pub(in crate::providers) fn json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
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
        words.prop_map(Value::from),
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
