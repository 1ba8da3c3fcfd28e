//! What agents did to a conversation, as people read it.

use super::sections::AuditStrings;
use super::{Strings, fill, time};
use crate::domain::{Action, AuditEntry, Timestamp};
use crate::text::Clean;
use jiff::tz::TimeZone;

/// What an agent did, without who and when.
pub(crate) fn action_words(strings: &Strings, entry: &AuditEntry, now: Timestamp, zone: &TimeZone) -> String {
    let AuditStrings { resolved, reopened, snoozed, snoozed_until, .. } = &strings.audit;
    let AuditStrings { assigned, unassigned, labelled, unlabelled, unread, edited, .. } = &strings.audit;
    let until = entry.value.as_deref().and_then(Timestamp::parse_rfc3339);
    let sentence = match entry.action {
        Action::Resolved => resolved,
        Action::Reopened => reopened,
        Action::Snoozed => match until {
            Some(until) => return fill(snoozed_until, &[("until", &time::stamp(strings, until, now, zone))]),
            None => snoozed,
        },
        Action::Assigned => assigned,
        Action::Unassigned => unassigned,
        Action::Labelled => labelled,
        Action::Unlabelled => unlabelled,
        Action::Unread => unread,
        Action::Edited => edited,
    };
    fill(sentence, &[("value", Clean::line(entry.value.as_deref().unwrap_or_default()).as_str())])
}
