//! Files that gateways fetch by link: the whole, its head, or a range of it.
//!
//! Invariant: no file is in memory as a whole, and nothing is said of a link that is wrong but that it is not there.

use std::ops::Range;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::response;
use crate::engine::{LinkedFile, MediaLinks, OWN_FETCH, Reply};

/// The answer to a request for a file; without its bytes where only the head is wanted.
pub(super) async fn respond(
    links: &MediaLinks,
    (token, name): (&str, &str),
    only_head: bool,
    headers: &HeaderMap,
) -> Response {
    let Some(file) = links.open(token, name).await else { return response::from_reply(Reply::Unknown) };
    let part = if only_head { Part::Whole } else { wanted(headers, &file) };
    let range = match &part {
        Part::Whole => 0..file.size,
        Part::Of(range) => range.clone(),
        Part::Outside => return outside(&file),
    };
    if !only_head && range.start == 0 && !headers.contains_key(OWN_FETCH) {
        links.count(token);
    }
    let (length, content_range) = (range.end - range.start, content_range(&range, file.size));
    let mut answer = Response::new(Body::empty());
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, &file.mime);
    put(header::CONTENT_LENGTH, &length.to_string());
    put(header::ACCEPT_RANGES, "bytes");
    put(header::ETAG, &tag(&file));
    // The link ends before a copy elsewhere would.
    put(header::CACHE_CONTROL, "private, no-store, no-transform");
    // A browser shows nothing of it under the listener's name.
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'");
    put(header::CONTENT_DISPOSITION, "attachment");
    if matches!(part, Part::Of(_)) {
        put(header::CONTENT_RANGE, &content_range);
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    if !only_head {
        *answer.body_mut() = Body::from_stream(file.bytes(range));
    }
    answer
}

/// What is wanted of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Whole,
    Of(Range<u64>),
    /// Nothing that the file has.
    Outside,
}

fn wanted(headers: &HeaderMap, file: &LinkedFile) -> Part {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_other = text(header::IF_RANGE).is_some_and(|version| version.trim() != tag(file));
    match text(header::RANGE) {
        Some(range) if !is_other => part(range, file.size),
        _ => Part::Whole,
    }
}

/// The part that a `Range` header names. What is no range of bytes, or several, is answered with the whole (RFC 9110).
fn part(header: &str, size: u64) -> Part {
    let Some((unit, spec)) = header.split_once('=') else { return Part::Whole };
    let Some((first, last)) = spec.trim().split_once('-') else { return Part::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") || spec.contains(',') {
        return Part::Whole;
    }
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().unwrap_or(u64::MAX));
    let range = match (first.trim(), last.trim()) {
        ("", "") => return Part::Whole,
        ("", last) => number(last).map(|length: u64| (size.saturating_sub(length), size)),
        (first, "") => number(first).map(|first: u64| (first, size)),
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Some((first, last.saturating_add(1).min(size))),
            _ => None,
        },
    };
    match range {
        None => Part::Whole,
        Some((first, end)) if first < end => Part::Of(first..end),
        Some(_) => Part::Outside,
    }
}

fn outside(file: &LinkedFile) -> Response {
    let mut answer = response::refusal(StatusCode::RANGE_NOT_SATISFIABLE, "No such range");
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{}", file.size)) {
        answer.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    answer
}

fn content_range(range: &Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1))
}

/// What names this version of a file: its bytes never change.
fn tag(file: &LinkedFile) -> String {
    format!("\"{}\"", file.sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        for (header, expected) in [
            ("bytes=0-9", Part::Of(0..10)),
            ("bytes=90-", Part::Of(90..100)),
            ("bytes=95-200", Part::Of(95..100)),
            ("bytes=-10", Part::Of(90..100)),
            ("bytes=-200", Part::Of(0..100)),
            ("Bytes = 0-0", Part::Of(0..1)),
            ("bytes=100-", Part::Outside),
            ("bytes=-0", Part::Outside),
            ("bytes=200-300", Part::Outside),
            ("bytes=99999999999999999999999-", Part::Outside),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=9-2", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=-", Part::Whole),
            ("lines=0-9", Part::Whole),
            ("bytes", Part::Whole),
        ] {
            assert_eq!(part(header, 100), expected, "{header}");
        }
    }
}
