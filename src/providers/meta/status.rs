//! `statuses[]`: the receipts of messages that we sent.
//!
//! Invariant: `conversation` and `pricing` are never read; they may be missing and change form (providers.md 6.4).

use super::{error, identity};
use crate::domain::inbound::{Peer, Receipt, Writer};
use crate::domain::{Channel, Failure, Inbound, Status, Timestamp};
use crate::providers::common::json::scalar;
use serde_json::Value;

/// What one item of `statuses[]` reports; one that cannot be read is an [`Inbound::Unknown`].
///
/// Receipts may be inferred (providers.md A7): gateways that forward Meta's events respond to sends with ids of
/// their own, while a status has only the wamid.
pub(super) fn interpret(status: &Value, arrival: Timestamp) -> Inbound {
    let Some(remote_id) = status.get("id").and_then(scalar) else {
        return Inbound::Unknown { event: "status without id".to_owned() };
    };
    let receipt_status = match status.get("status").and_then(Value::as_str).unwrap_or_default() {
        "sent" => Status::Sent,
        "delivered" => Status::Delivered,
        "read" | "played" => Status::Read,
        "failed" => Status::Failed,
        "deleted" => return revoked(status, remote_id),
        other => return Inbound::Unknown { event: format!("status {other}") },
    };
    Inbound::Receipt(Receipt {
        remote_id,
        status: receipt_status,
        failure: (receipt_status == Status::Failed).then(|| first_failure(status)),
        recipient: recipient(status),
        may_infer: true,
        at: status.get("timestamp").and_then(|t| Timestamp::from_gateway(t, arrival)),
    })
}

fn recipient(status: &Value) -> Option<String> {
    let id = ["recipient_id", "recipient_user_id"].into_iter().find_map(|key| status.get(key).and_then(scalar));
    id.map(|id| identity::plain(&id))
}

/// The message of the conversation with the recipient was deleted; Meta does not say whose it was.
fn revoked(status: &Value, remote_id: String) -> Inbound {
    let Some(recipient) = recipient(status) else {
        return Inbound::Unknown { event: "status deleted without recipient".to_owned() };
    };
    let peer = Peer::person(recipient);
    let by = Writer { channel: Some(Channel::WhatsApp), peer, direction: None, member: None };
    Inbound::Revoked { remote_id, by }
}

fn first_failure(status: &Value) -> Failure {
    status.pointer("/errors/0").map_or_else(|| Failure::new("unknown", ""), error::failure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARRIVAL: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn every_status_word_is_read() {
        for (name, expected) in [
            ("sent", Status::Sent),
            ("delivered", Status::Delivered),
            ("read", Status::Read),
            ("played", Status::Read),
            ("failed", Status::Failed),
        ] {
            let status = json!({"id": "wamid.x", "status": name, "timestamp": "1698266945", "recipient_id": "+628123456789",
                "conversation": {"expiration_timestamp": 1}, "pricing": null});
            let Inbound::Receipt(receipt) = interpret(&status, ARRIVAL) else { panic!("{name}") };
            assert_eq!(receipt.status, expected);
            assert_eq!(receipt.recipient.as_deref(), Some("628123456789"));
            assert_eq!(receipt.at, Some(Timestamp::from_seconds(1_698_266_945)));
            assert!(receipt.may_infer);
            assert_eq!(receipt.failure.is_some(), name == "failed");
        }
        let deleted =
            interpret(&json!({"id": "wamid.x", "status": "deleted", "recipient_id": "628123456789"}), ARRIVAL);
        let Inbound::Revoked { remote_id, by } = deleted else { panic!("{deleted:?}") };
        assert_eq!((remote_id.as_str(), by.peer, by.direction), ("wamid.x", Peer::person("628123456789"), None));
        for broken in [
            json!({"id": "wamid.x", "status": "deleted"}),
            json!({"id": "wamid.x", "status": "warped"}),
            json!({"status": "read"}),
            json!([]),
            json!(null),
        ] {
            assert!(matches!(interpret(&broken, ARRIVAL), Inbound::Unknown { .. }), "{broken}");
        }
    }

    #[test]
    fn a_failure_has_its_code_and_details() {
        let status = json!({"id": "wamid.x", "status": "failed", "errors": [
            {"code": 131_047, "title": "Re-engagement message", "error_data": {"details": "More than 24 hours"}}]});
        let Inbound::Receipt(receipt) = interpret(&status, ARRIVAL) else { panic!() };
        assert_eq!(receipt.failure, Some(Failure::new("131047", "Re-engagement message: More than 24 hours")));
    }
}
