//! The fields about the account itself: `account_update`, `account_alerts`, `phone_number_quality_update`.
//!
//! Source: developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/ (pages of those names).

use serde_json::Value;

use crate::domain::{AccountNotice, Inbound, NoticeCode, SessionState};
use crate::providers::common::json::{first_text, first_text_at};

/// What a change of one of these fields reports; `None` for any other field.
pub(super) fn interpret(field: &str, value: &Value) -> Option<Inbound> {
    match field {
        "account_update" => Some(update(value)),
        "account_alerts" => Some(alert(value)),
        "phone_number_quality_update" => Some(quality(value)),
        _ => None,
    }
}

fn notice(code: NoticeCode, parts: impl IntoIterator<Item = Option<String>>) -> Inbound {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Inbound::Notice(AccountNotice { code, detail: parts.join(", ") })
}

fn quality(value: &Value) -> Inbound {
    let event = first_text(value, &["event"]).unwrap_or_default();
    let limit = first_text(value, &["current_limit", "max_daily_conversations_per_business"]);
    let number = first_text(value, &["display_phone_number"]);
    let code = match event.as_str() {
        "FLAGGED" => NoticeCode::QualityLow,
        "UNFLAGGED" => NoticeCode::QualityRestored,
        "UPGRADE" | "THROUGHPUT_UPGRADE" | "ONBOARDING" => NoticeCode::LimitRaised,
        "DOWNGRADE" => NoticeCode::LimitLowered,
        _ => return notice(NoticeCode::Other, [Some(event), limit, number]),
    };
    notice(code, [limit, number])
}

fn update(value: &Value) -> Inbound {
    let event = first_text(value, &["event"]).unwrap_or_default();
    let number = first_text(value, &["phone_number", "display_phone_number"]);
    match event.as_str() {
        "ACCOUNT_VIOLATION" => {
            notice(NoticeCode::Violation, [first_text_at(value, &["/violation_info/violation_type"]), number])
        }
        "ACCOUNT_RESTRICTION" => {
            let list = value.get("restriction_info").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let kinds = list.iter().map(|item| first_text(item, &["restriction_type"]));
            notice(NoticeCode::Restricted, kinds.chain([number]))
        }
        "DISABLED_UPDATE" => ban(value, &event),
        "ACCOUNT_DELETED" => Inbound::Session { state: SessionState::Banned, detail: event },
        _ => notice(NoticeCode::Other, [Some(event), number]),
    }
}

fn ban(value: &Value, event: &str) -> Inbound {
    let date = first_text_at(value, &["/ban_info/waba_ban_date"]);
    match first_text_at(value, &["/ban_info/waba_ban_state"]).as_deref() {
        Some("REINSTATE") => Inbound::Session { state: SessionState::Connected, detail: "REINSTATE".to_owned() },
        Some("SCHEDULE_FOR_DISABLE") => notice(NoticeCode::ClosureAnnounced, [date]),
        Some("DISABLE") => Inbound::Session { state: SessionState::Banned, detail: event.to_owned() },
        other => notice(NoticeCode::Other, [Some(event.to_owned()), other.map(str::to_owned)]),
    }
}

fn alert(value: &Value) -> Inbound {
    // The fields were moved into `alert_info` by a later version of the API.
    let text = |key: &str| first_text_at(value, &[&format!("/alert_info/{key}"), &format!("/{key}")]);
    let words = text("alert_description").or_else(|| text("alert_type")).unwrap_or_default();
    let grave = text("alert_severity").is_some_and(|severity| severity != "INFORMATIONAL")
        && text("alert_status").is_none_or(|status| status == "ACTIVE");
    notice(if grave { NoticeCode::Violation } else { NoticeCode::Other }, [Some(words)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn code(field: &str, value: &Value) -> (NoticeCode, String) {
        match interpret(field, value) {
            Some(Inbound::Notice(notice)) => (notice.code, notice.detail),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn quality_restrictions_and_alerts_are_notices() {
        let quality = |event: &str| {
            code(
                "phone_number_quality_update",
                &json!({"display_phone_number": "628110", "event": event, "current_limit": "TIER_250"}),
            )
        };
        assert_eq!(quality("FLAGGED"), (NoticeCode::QualityLow, "TIER_250, 628110".into()));
        assert_eq!(quality("UNFLAGGED").0, NoticeCode::QualityRestored);
        assert_eq!(quality("DOWNGRADE").0, NoticeCode::LimitLowered);
        assert_eq!(quality("NEW").1, "NEW, TIER_250, 628110");
        let restricted = json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [
            {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": "1641848248"}]});
        let expected = (NoticeCode::Restricted, "RESTRICTED_BIZ_INITIATED_MESSAGING".to_owned());
        assert_eq!(code("account_update", &restricted), expected);
        let alert = json!({"entity_type": "PHONE_NUMBER", "alert_info": {"alert_severity": "CRITICAL",
            "alert_status": "ACTIVE", "alert_type": "X", "alert_description": "Number at risk"}});
        assert_eq!(code("account_alerts", &alert), (NoticeCode::Violation, "Number at risk".into()));
        let approved = json!({"alert_severity": "INFORMATIONAL", "alert_type": "OBA_APPROVED"});
        assert_eq!(code("account_alerts", &approved), (NoticeCode::Other, "OBA_APPROVED".into()));
    }

    #[test]
    fn a_ban_is_a_state_until_it_is_taken_back() {
        let ban = |state: &str| {
            interpret("account_update", &json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}}))
        };
        assert!(matches!(ban("DISABLE"), Some(Inbound::Session { state: SessionState::Banned, .. })));
        assert!(matches!(ban("REINSTATE"), Some(Inbound::Session { state: SessionState::Connected, .. })));
        assert!(matches!(ban("SCHEDULE_FOR_DISABLE"), Some(Inbound::Notice(_))));
        assert_eq!(interpret("messages", &json!({})), None);
    }
}
