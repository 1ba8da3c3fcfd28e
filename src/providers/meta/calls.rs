//! The field `calls`: calls of customers, and ours to them, as rows of the conversation.
//!
//! Source: developers.facebook.com/documentation/business-messaging/whatsapp/calling/webhooks-reference (`connect`,
//! `terminate`; a call's statuses are of no consequence here).

use serde_json::{Value, json};

use super::identity::{self, RECIPIENT, SENDER};
use crate::domain::inbound::InboundMessage;
use crate::domain::{Channel, Direction, Inbound, Kind, Timestamp};
use crate::providers::common::json::{first_text, scalar};
use crate::providers::common::message::{nothing, unknown};

/// What one item of `calls[]` reports.
pub(super) fn interpret(call: &Value, contacts: &[Value], arrival: Timestamp) -> Inbound {
    let direction = match call.get("direction").and_then(Value::as_str) {
        Some("BUSINESS_INITIATED") => Direction::Out,
        _ => Direction::In,
    };
    let event = call.get("event").and_then(Value::as_str).unwrap_or_default();
    let state = match event {
        "connect" if direction == Direction::Out => return nothing("call of our own"),
        "connect" => "ringing",
        "terminate" if was_taken(call) => "ended",
        "terminate" => "missed",
        other => return unknown(&format!("call {other}")),
    };
    let fields = if direction == Direction::In { SENDER } else { RECIPIENT };
    let Some(identity) = identity::of_message(call, contacts, fields) else {
        return unknown("call without caller");
    };
    let mut payload = json!({"state": state});
    if let (Some(duration), "ended") = (duration(call), state) {
        payload["duration"] = json!(duration);
    }
    let remote_id = call.get("id").and_then(scalar);
    Inbound::Message(Box::new(InboundMessage {
        channel: Some(Channel::WhatsApp),
        direction,
        name: identity.name,
        unique: remote_id.is_some(),
        remote_id,
        kind: Kind::Call,
        payload: Some(payload),
        at: call.get("timestamp").and_then(|t| Timestamp::from_gateway(t, arrival)),
        ..InboundMessage::text(identity.peer, "")
    }))
}

/// Seconds, as a number or as text.
fn duration(call: &Value) -> Option<u64> {
    first_text(call, &["duration"])?.parse().ok()
}

/// Whether somebody took the call. The status was seen as a word and as a list of one.
fn was_taken(call: &Value) -> bool {
    let status = call.get("status").map(|status| status.get(0).unwrap_or(status)).and_then(Value::as_str);
    match status {
        Some(status) => status.eq_ignore_ascii_case("completed"),
        None => duration(call).is_some_and(|seconds| seconds > 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARRIVAL: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn call(further: Value) -> Value {
        let mut call = json!({"id": "wacid.AA", "from": "6281234567890", "to": "628999", "timestamp": "1709650000",
            "event": "terminate", "direction": "USER_INITIATED"});
        if let (Some(call), Value::Object(further)) = (call.as_object_mut(), further) {
            call.extend(further);
        }
        call
    }

    fn row(further: Value) -> (Direction, String, Value) {
        match interpret(&call(further), &[], ARRIVAL) {
            Inbound::Message(message) => (message.direction, message.peer.id, message.payload.unwrap()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn calls_are_rows_of_their_customer() {
        for (further, state) in [
            (json!({"event": "connect", "session": {"sdp": "v=0"}}), json!({"state": "ringing"})),
            (json!({"status": "FAILED"}), json!({"state": "missed"})),
            (json!({"status": ["Failed"]}), json!({"state": "missed"})),
            (json!({}), json!({"state": "missed"})),
            (json!({"status": "COMPLETED", "duration": 125}), json!({"state": "ended", "duration": 125})),
            (json!({"duration": "7"}), json!({"state": "ended", "duration": 7})),
        ] {
            assert_eq!(row(further), (Direction::In, "6281234567890".into(), state));
        }
        let ours = json!({"direction": "BUSINESS_INITIATED", "from": "628999000", "to": "6281234567890"});
        assert_eq!(row(ours), (Direction::Out, "6281234567890".into(), json!({"state": "missed"})));
    }

    #[test]
    fn what_is_no_call_is_unknown() {
        for broken in [json!({}), json!(7), call(json!({"event": "hold"})), call(json!({"from": null}))] {
            assert!(matches!(interpret(&broken, &[], ARRIVAL), Inbound::Unknown { .. }), "{broken}");
        }
    }
}
