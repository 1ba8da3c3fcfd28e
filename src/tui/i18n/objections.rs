//! Why a message is not sent, as a sentence with what to do.
//!
//! Invariant: no objection is left without a sentence; the compiler sees to it.

use super::time::compact_span;
use super::{channel, fill};
use crate::config::Locale;
use crate::domain::outgoing::MediaKind;
use crate::domain::{Objection, Timestamp};
use crate::text::Clean;

/// The sentence for an objection. `account` and `gateway` are names as the user knows them; `now` tells how long
/// ago a window closed, and without it the sentence names the time in UTC.
pub(crate) fn objection(
    locale: Locale,
    objection: &Objection,
    account: &str,
    gateway: &str,
    now: Option<Timestamp>,
) -> String {
    let strings = locale.strings();
    let o = &strings.objections;
    let media = |kind: MediaKind| strings.kind(kind.kind()).to_lowercase();
    let say = |sentence: &str, more: &[(&str, &str)]| {
        let mut places = vec![("account", account), ("gateway", gateway)];
        places.extend_from_slice(more);
        fill(sentence, &places)
    };
    let counted = |sentence: &str, max: usize, actual: usize| {
        let over = actual.saturating_sub(max).to_string();
        say(sentence, &[("max", &max.to_string()), ("actual", &actual.to_string()), ("over", &over)])
    };
    match objection {
        Objection::Kind { kind } => say(&o.kind, &[("kind", &strings.kind(*kind).to_lowercase())]),
        Objection::Channel { channel: which } => say(&o.channel, &[("channel", channel(*which))]),
        Objection::Groups => say(&o.groups, &[]),
        Objection::Empty => say(&o.empty, &[]),
        Objection::TooLong { max, actual } => counted(&o.too_long, *max, *actual),
        Objection::TooManyButtons { max, actual } => counted(&o.too_many_buttons, *max, *actual),
        Objection::ButtonType { name } => say(&o.button_kind, &[("word", name)]),
        Objection::ButtonsMixed => say(&o.buttons_mixed, &[]),
        Objection::TooManyRows { max, actual } => counted(&o.too_many_rows, *max, *actual),
        Objection::MediaType { kind, extension, accepted } => {
            let accepted = accepted.join(", ");
            let sentence = if accepted.is_empty() { &o.media_type_none } else { &o.media_type };
            let extension = Clean::line(extension);
            say(sentence, &[("kind", &media(*kind)), ("extension", extension.as_str()), ("carried", &accepted)])
        }
        Objection::FileTooBig { kind, max, actual } => {
            let (max, actual) = (megabytes(*max, false), megabytes(*actual, true));
            let sentence = if *kind == MediaKind::Document { &o.document_too_big } else { &o.file_too_big };
            say(sentence, &[("kind", &media(*kind)), ("max", &max), ("actual", &actual)])
        }
        Objection::FileFormat { extension } => say(&o.file_format, &[("extension", extension)]),
        Objection::FileUnreadable { detail } => say(&o.file_unreadable, &[("detail", Clean::line(detail).as_str())]),
        Objection::FileEmpty => say(&o.file_empty, &[]),
        Objection::FileDamaged => say(&o.file_damaged, &[]),
        Objection::MediaUrl => say(&o.media_url, &[]),
        Objection::WindowClosed { since } => closed_window(locale, *since, now),
        Objection::WindowClosesBefore { .. } => say(&o.window_closes_before, &[]),
        Objection::TimePassed => say(&o.time_passed, &[]),
        Objection::JustAnswered { by, at } => {
            let ago = compact_span(strings, now.unwrap_or(*at).since(*at));
            let agent = Clean::name(by);
            let sentence = if agent.is_some() { &o.just_answered } else { &o.just_answered_elsewhere };
            say(sentence, &[("agent", agent.as_ref().map_or("", Clean::as_str)), ("ago", &ago)])
        }
        Objection::Recipient { given } => say(&o.recipient, &[("given", Clean::line(given).as_str())]),
        Objection::TemplateId => say(&o.template_id, &[]),
        Objection::TemplateHeader { kind } => say(&o.template_header, &[("kind", &media(*kind))]),
        Objection::TemplatePayloads => say(&o.template_payloads, &[]),
        Objection::Coordinates => say(&o.coordinates, &[]),
        Objection::Card => say(&o.card, &[]),
        Objection::Quotes => say(&o.quotes, &[]),
    }
}

/// Bytes as megabytes; what is above a limit must not read as the limit, and is rounded up.
fn megabytes(bytes: u64, up: bool) -> String {
    const MB: u64 = 1024 * 1024;
    let tenths = bytes.saturating_mul(10);
    let tenths = if up { tenths.div_ceil(MB) } else { tenths / MB };
    match tenths % 10 {
        0 => format!("{} MB", tenths / 10),
        rest => format!("{}.{rest} MB", tenths / 10),
    }
}

fn closed_window(locale: Locale, since: Option<Timestamp>, now: Option<Timestamp>) -> String {
    let strings = locale.strings();
    let o = &strings.objections;
    match (since, now) {
        (None, _) => o.window_never.clone(),
        (Some(since), Some(now)) => fill(&o.window_closed, &[("ago", &compact_span(strings, now.since(since)))]),
        (Some(since), None) => fill(&o.window_closed_at, &[("time", &since.rfc3339())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Channel, Kind};

    #[test]
    fn every_objection_becomes_a_whole_sentence() {
        let at = Timestamp::from_seconds(1_700_000_000);
        let all = [
            Objection::Kind { kind: Kind::Video },
            Objection::Channel { channel: Channel::Telegram },
            Objection::Groups,
            Objection::Empty,
            Objection::TooLong { max: 10, actual: 12 },
            Objection::TooManyButtons { max: 3, actual: 4 },
            Objection::ButtonType { name: "copy" },
            Objection::ButtonsMixed,
            Objection::TooManyRows { max: 10, actual: 11 },
            Objection::MediaType { kind: MediaKind::Image, extension: "exe".into(), accepted: &["jpg", "png"] },
            Objection::MediaType { kind: MediaKind::Image, extension: "exe".into(), accepted: &[] },
            Objection::FileTooBig { kind: MediaKind::Image, max: 16 * 1024 * 1024, actual: 17 * 1024 * 1024 },
            Objection::FileTooBig { kind: MediaKind::Document, max: 100 * 1024 * 1024, actual: 101 * 1024 * 1024 },
            Objection::FileFormat { extension: "heic" },
            Objection::FileUnreadable { detail: "No such file".into() },
            Objection::FileEmpty,
            Objection::FileDamaged,
            Objection::MediaUrl,
            Objection::WindowClosed { since: Some(at) },
            Objection::WindowClosed { since: None },
            Objection::WindowClosesBefore { until: at },
            Objection::TimePassed,
            Objection::JustAnswered { by: "Bu\u{1b}di".into(), at },
            Objection::JustAnswered { by: String::new(), at },
            Objection::Recipient { given: "\u{1b}[31mx".into() },
            Objection::TemplateId,
            Objection::TemplateHeader { kind: MediaKind::Video },
            Objection::TemplatePayloads,
            Objection::Coordinates,
            Objection::Card,
        ];
        for locale in Locale::ALL {
            for one in &all {
                for now in [None, Some(at.plus(std::time::Duration::from_secs(7200)))] {
                    let sentence = objection(locale, one, "toko", "Chatera", now);
                    assert!(sentence.ends_with('.') && !sentence.contains(['{', '}', '\u{1b}']), "{sentence}");
                }
            }
        }
        let late = objection(
            Locale::Id,
            &Objection::WindowClosed { since: Some(at) },
            "toko",
            "Chatera",
            Some(at.plus(std::time::Duration::from_secs(3 * 3600))),
        );
        assert!(late.contains("3j"), "{late}");
    }
}
