//! How long a gateway asks to wait: `Retry-After` in seconds, as an HTTP date, or as the epoch values that some send.

use crate::domain::Timestamp;
use crate::providers::Response;
use crate::store::PAUSE_MAX;
use std::time::Duration;

/// The shortest wait, so that "0" does not become a loop.
const WAIT_MIN: Duration = Duration::from_secs(1);
/// Numbers from here on are seconds since 1970 (2001-09-09), not a span of 31 years.
const EPOCH_SECONDS: f64 = 1e9;
/// Numbers from here on are milliseconds since 1970.
const EPOCH_MILLIS: f64 = 1e12;

/// How long to wait before the next request: as the header says, else as the gateway's answer says otherwise; between a
/// second and [`PAUSE_MAX`]. `None` when neither says anything usable.
pub(crate) fn retry_after(response: &Response, answer: Option<Duration>, now: Timestamp) -> Option<Duration> {
    let asked = response.header("retry-after").and_then(|value| parse(value.trim(), now));
    asked.or(answer).map(|wait| wait.clamp(WAIT_MIN, PAUSE_MAX))
}

fn parse(value: &str, now: Timestamp) -> Option<Duration> {
    let Ok(number) = value.parse::<f64>() else {
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
        return Some(Timestamp(date.as_millisecond()).since(now));
    };
    if number.is_nan() || number < 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and is bounded by the caller")]
    let time = |millis: f64| Timestamp(millis as i64);
    Some(if number >= EPOCH_MILLIS {
        time(number).since(now)
    } else if number >= EPOCH_SECONDS {
        time(number * 1000.0).since(now)
    } else {
        Duration::from_secs_f64(number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_no_wait_is_longer_than_the_longest() {
        let now = Timestamp::parse_rfc3339("2026-01-04T08:49:07Z").unwrap();
        let wait = |value: &str| {
            let headers = vec![("Retry-After".into(), value.into())];
            retry_after(&Response { status: 429, headers, body: Vec::new() }, None, now).map(|wait| wait.as_millis())
        };
        let longest = PAUSE_MAX.as_millis();
        for (value, expected) in [
            ("12", Some(12_000)),
            ("1.5", Some(1_500)),
            ("0", Some(1_000)),
            ("86400", Some(longest)),
            ("Sun, 04 Jan 2026 08:49:37 GMT", Some(30_000)),
            ("Sun, 04 Jan 2026 08:00:00 GMT", Some(1_000)),
            ("Sun, 04 Jan 2099 08:00:00 GMT", Some(longest)),
            // 2026-01-04T08:49:37Z as seconds and as milliseconds.
            ("1767516577", Some(30_000)),
            ("1767516577000", Some(30_000)),
            ("3590000000", Some(longest)),
            ("18446744073709551615", Some(longest)),
            ("1e400", Some(longest)),
            ("-5", None),
            ("nan", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(wait(value), expected, "{value:?}");
        }
    }

    #[test]
    fn what_the_answer_says_counts_where_the_header_says_nothing() {
        let now = Timestamp(0);
        let bare = Response { status: 429, ..Response::default() };
        assert_eq!(retry_after(&bare, Some(Duration::from_secs(7)), now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&bare, Some(Duration::MAX), now), Some(PAUSE_MAX));
        assert_eq!(retry_after(&bare, None, now), None);
    }
}
