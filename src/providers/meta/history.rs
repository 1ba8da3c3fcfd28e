//! The field `history`: the messages that a linked phone had before, pushed once in pieces.
//!
//! Invariant: a message keeps its own time and id, and whose it was is never guessed from its content.
//!
//! Source: developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users
//! and docs.360dialog.com (providers.md 11). A file comes later, under the id of its `media_placeholder`.

use serde_json::{Map, Value};

use super::message::{self, EventContext};
use super::{error, identity};
use crate::domain::inbound::Receipt;
use crate::domain::{Direction, Failure, Inbound, Status, Timestamp};
use crate::providers::common::json::{first_text, scalar};
use crate::providers::common::message::{nothing, unknown};

/// Everything that the value of a `history` change reports.
pub(super) fn interpret(value: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let own = value.pointer("/metadata/display_phone_number").and_then(scalar).map(|number| identity::plain(&number));
    let contacts = value.get("contacts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let reader = Reader { own, contacts, arrival };
    let mut inbound = Vec::new();
    for piece in items(value, "history") {
        let errors = items(piece, "errors");
        inbound.extend(errors.iter().map(declined));
        for thread in items(piece, "threads") {
            let peer = thread.get("id").and_then(scalar).map(|id| identity::plain(&id));
            inbound.extend(items(thread, "messages").iter().flat_map(|item| reader.message(item, peer.as_deref())));
        }
    }
    // The files of messages that came before as placeholders.
    inbound.extend(items(value, "messages").iter().flat_map(|item| reader.message(item, None)));
    if inbound.is_empty() { vec![nothing("history")] } else { inbound }
}

/// The owner of the phone shares no history: 2593109 says so, anything else is not understood.
fn declined(item: &Value) -> Inbound {
    let failure = error::failure(item);
    let event = format!("history {}: {}", failure.code, failure.message);
    if failure.code == "2593109" { nothing(&event) } else { unknown(&event) }
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

struct Reader<'a> {
    /// The number of the account, by which its own messages are known.
    own: Option<String>,
    contacts: &'a [Value],
    arrival: Timestamp,
}

impl Reader<'_> {
    /// `peer`: the customer whose thread it is, where the event says so.
    fn message(&self, item: &Value, peer: Option<&str>) -> Vec<Inbound> {
        let Some(fields) = item.as_object() else { return vec![unknown("history that is no message")] };
        let direction = self.direction(item, peer);
        let mut fields: Map<String, Value> = fields.clone();
        let end = if direction == Direction::Out { "to" } else { "from" };
        if let (false, Some(peer)) = (fields.get(end).is_some_and(Value::is_string), peer) {
            fields.insert(end.to_owned(), Value::from(peer));
        }
        let context = EventContext { direction, contacts: self.contacts, errors: &[], arrival: self.arrival };
        let mut inbound = message::interpret(&Value::Object(fields), context);
        for reported in &mut inbound {
            if let Inbound::Message(message) = reported {
                message.history = true;
                if let Some(payload) = message.payload.as_mut().and_then(Value::as_object_mut) {
                    payload.shift_remove("history_context");
                }
            }
        }
        if direction == Direction::Out {
            inbound.extend(receipt(item, peer));
        }
        inbound
    }

    fn direction(&self, item: &Value, peer: Option<&str>) -> Direction {
        let from = first_text(item, &["from"]).map(|id| identity::plain(&id));
        let from_me = item.pointer("/history_context/from_me").and_then(Value::as_bool);
        let own = from_me.unwrap_or_else(|| match (&from, &self.own, peer) {
            (Some(from), Some(own), _) if from == own => true,
            (Some(from), _, Some(peer)) => from != peer,
            _ => false,
        });
        if own { Direction::Out } else { Direction::In }
    }
}

/// How far a message of ours had come.
fn receipt(item: &Value, peer: Option<&str>) -> Option<Inbound> {
    let status = match item.pointer("/history_context/status").and_then(Value::as_str)?.to_ascii_uppercase().as_str() {
        "DELIVERED" => Status::Delivered,
        "READ" | "PLAYED" => Status::Read,
        "ERROR" => Status::Failed,
        _ => return None,
    };
    Some(Inbound::Receipt(Receipt {
        remote_id: item.get("id").and_then(scalar)?,
        status,
        failure: (status == Status::Failed).then(|| Failure::new("unknown", "")),
        recipient: peer.map(str::to_owned),
        may_infer: false,
        at: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{InboundMessage, Kind};
    use serde_json::json;

    const ARRIVAL: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn text(id: &str, from: &str, status: &str) -> Value {
        json!({"from": from, "id": id, "timestamp": "1739230955", "type": "text", "text": {"body": id},
            "history_context": {"status": status}})
    }

    fn interpreted(threads: &Value) -> Vec<Inbound> {
        let value = json!({"metadata": {"display_phone_number": "+62 811-0000-0000"},
            "history": [{"metadata": {"phase": 0, "chunk_order": 1, "progress": 55}, "threads": threads}]});
        interpret(&value, ARRIVAL)
    }

    fn messages(inbound: &[Inbound]) -> Vec<&InboundMessage> {
        inbound.iter().filter_map(|i| if let Inbound::Message(message) = i { Some(&**message) } else { None }).collect()
    }

    #[test]
    fn both_sides_of_a_thread_are_read_with_their_own_times() {
        let found = interpreted(&json!([{"id": "6281234567890", "messages": [
            text("a", "6281234567890", "READ"), text("b", "6281100000000", "READ"), text("c", "62999888777", "SENT")]}]));
        let rows: Vec<_> =
            messages(&found).iter().map(|m| (m.direction, m.peer.id.as_str(), m.text.as_str(), m.history)).collect();
        assert_eq!(
            rows,
            [
                (Direction::In, "6281234567890", "a", true),
                (Direction::Out, "6281234567890", "b", true),
                (Direction::Out, "6281234567890", "c", true),
            ]
        );
        assert!(messages(&found).iter().all(|m| m.at == Some(Timestamp::from_seconds(1_739_230_955)) && m.unique));
        let receipts: Vec<_> = found.iter().filter(|i| matches!(i, Inbound::Receipt(_))).collect();
        assert!(matches!(receipts.as_slice(), [Inbound::Receipt(r)] if r.status == Status::Read && r.remote_id == "b"));
    }

    #[test]
    fn a_placeholder_is_a_row_that_its_file_completes() {
        let found = interpreted(&json!([{"id": "6281234567890", "messages": [
            {"from": "6281234567890", "id": "m", "timestamp": "1739230955", "type": "media_placeholder"}]}]));
        assert_eq!(messages(&found)[0].kind, Kind::Unsupported);
        let file = interpret(
            &json!({"metadata": {"display_phone_number": "6281100000000"}, "messages": [
            {"from": "6281234567890", "id": "m", "timestamp": "1739230955", "type": "image",
             "image": {"id": "7", "mime_type": "image/jpeg"}}]}),
            ARRIVAL,
        );
        let [file] = messages(&file)[..] else { panic!("{file:?}") };
        assert_eq!((file.kind, file.remote_id.as_deref(), file.history), (Kind::Image, Some("m"), true));
    }

    #[test]
    fn a_declined_history_and_broken_pieces_are_reported() {
        let declined =
            interpret(&json!({"history": [{"errors": [{"code": 2_593_109, "title": "declined"}]}]}), ARRIVAL);
        assert!(matches!(declined.as_slice(), [Inbound::Nothing { .. }]));
        let found = interpreted(&json!([7, {"id": "628123", "messages": [7, text("a", "628123", "READ")]}]));
        assert!(matches!(found.as_slice(), [Inbound::Unknown { .. }, Inbound::Message(_)]), "{found:?}");
        assert!(matches!(interpret(&json!({}), ARRIVAL).as_slice(), [Inbound::Nothing { .. }]));
    }
}
