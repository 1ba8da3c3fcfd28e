//! Carries requests to gateways and says of every fault whether the request can have been processed.
//!
//! Invariant: nothing is tried again here, and no redirect is followed (it would carry the key elsewhere).

use std::net::IpAddr;
use std::time::Duration;

use crate::domain::Timestamp;
use crate::providers::{Method, Request, Response};

/// The longest a gateway may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// The longest a connection may take to stand.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Idle connections are given up before common servers give them up (Node: 5 s), for a request that meets a
/// closing connection would end as "unsure".
const IDLE: Duration = Duration::from_secs(4);
/// Longer answers are cut; none of the documents shows one near it.
const BODY_MAX: usize = 4 * 1024 * 1024;

/// A request that got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It never left: no connection stood.
    #[error("{0}")]
    NotSent(String),
    /// It left, or may have left, and no answer came in time.
    #[error("no answer within {} seconds", ANSWER_WITHIN.as_secs())]
    Timeout,
    /// It left, or may have left, and the connection broke.
    #[error("{0}")]
    Broken(String),
}

/// Connections to gateways. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Http {
    outside: reqwest::Client,
    loopback: reqwest::Client,
}

impl Http {
    /// Prepares connections; opens none.
    pub fn new() -> Result<Self, String> {
        // Fails only when a provider is set already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let loopback = builder().no_proxy().tls_certs_only([]).build().map_err(|e| chain(&e))?;
        // A machine without root certificates can still reach loopback gateways (the demo, a self-hosted one);
        // requests to https then say what is missing.
        let outside = builder().build().unwrap_or_else(|_| loopback.clone());
        Ok(Http { outside, loopback })
    }

    /// Sends a request and reads its answer.
    pub async fn carry(&self, request: &Request) -> Result<Response, Fault> {
        let url = reqwest::Url::parse(&request.url).map_err(|e| Fault::NotSent(format!("bad URL: {e}")))?;
        let client = if is_loopback(&url) { &self.loopback } else { &self.outside };
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut outgoing = client.request(method, url);
        for (name, value) in &request.headers {
            outgoing = outgoing.header(*name, value);
        }
        for (name, secret) in &request.secret_headers {
            let mut value = reqwest::header::HeaderValue::from_str(secret.expose()).map_err(|_| {
                Fault::NotSent(format!("the secret for the header {name} has a character that HTTP forbids"))
            })?;
            value.set_sensitive(true);
            outgoing = outgoing.header(*name, value);
        }
        outgoing = match &request.body {
            Some(body) => outgoing.body(body.clone()),
            None if request.method == Method::Post => outgoing.header("content-length", "0"),
            None => outgoing,
        };
        let answer = outgoing.send().await.map_err(|e| fault(&e))?;
        read(answer).await
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("loket/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .pool_idle_timeout(IDLE)
}

fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

async fn read(mut answer: reqwest::Response) -> Result<Response, Fault> {
    let status = answer.status().as_u16();
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() < BODY_MAX => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {}
            Ok(None) => break,
            // The status is known: a refusal stays one though its words broke off.
            Err(_) if !(200..300).contains(&status) => break,
            Err(error) => return Err(fault(&error)),
        }
    }
    Ok(Response { status, headers, body })
}

fn fault(error: &reqwest::Error) -> Fault {
    if error.is_connect() || error.is_builder() {
        Fault::NotSent(chain(error))
    } else if error.is_timeout() {
        Fault::Timeout
    } else {
        Fault::Broken(chain(error))
    }
}

/// An error with its causes in one line. URLs are left out, for they may hold ids.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let said = error.to_string();
        let said = said.split(" for url (").next().unwrap_or_default().to_owned();
        if !words.iter().any(|w| w.contains(&said)) {
            words.push(said);
        }
        next = error.source();
    }
    words.join(": ")
}

/// When a gateway asks to be asked again: `Retry-After` in seconds or as an HTTP date.
pub fn retry_after(response: &Response, now: Timestamp) -> Option<Duration> {
    if let Some(span) = response.retry_after_seconds() {
        return Some(span);
    }
    let date = response.header("retry-after")?;
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date.trim()).ok()?;
    Some(Timestamp(parsed.as_millisecond()).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let with = |value: &str| Response {
            status: 429,
            headers: vec![("Retry-After".into(), value.into())],
            body: Vec::new(),
        };
        let now = Timestamp::parse_rfc3339("2026-01-04T08:49:07Z").unwrap();
        assert_eq!(retry_after(&with("12"), now), Some(Duration::from_secs(12)));
        assert_eq!(retry_after(&with("Sun, 04 Jan 2026 08:49:37 GMT"), now), Some(Duration::from_secs(30)));
        assert_eq!(retry_after(&with("Sun, 04 Jan 2026 08:00:00 GMT"), now), Some(Duration::ZERO));
        assert_eq!(retry_after(&with("soon"), now), None);
    }

    #[tokio::test]
    async fn a_refused_connection_never_left() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let request = Request::bare(Method::Post, format!("http://{closed}/x"));
        let fault = Http::new().unwrap().carry(&request).await.unwrap_err();
        assert!(matches!(fault, Fault::NotSent(_)), "{fault:?}");
    }

    #[tokio::test]
    async fn a_connection_that_breaks_after_the_request_may_have_carried_it() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut some = [0_u8; 16];
            tokio::io::AsyncReadExt::read(&mut stream, &mut some).await.unwrap();
        });
        let request = Request::post_json(format!("http://{address}/x"), &serde_json::json!({"a": 1}));
        let fault = Http::new().unwrap().carry(&request).await.unwrap_err();
        assert!(matches!(fault, Fault::Broken(_)), "{fault:?}");
    }
}
