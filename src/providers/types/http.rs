//! HTTP as data: requests to send, responses that were received, webhooks that were posted to us.

use std::time::Duration;

use serde_json::Value;

use crate::domain::Secret;
use crate::providers::common::lenient_json::{self, Damage, Reading};

/// The request methods that gateways use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
}

/// An HTTP request to a gateway, not yet sent. `Debug` hides the values of the secret headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    /// The whole URL with its query.
    pub url: String,
    /// Headers without secrets, their names spelled as in the gateway's documents.
    pub headers: Vec<(&'static str, String)>,
    /// Headers whose whole value is secret (`Authorization`, `secretkey`).
    pub secret_headers: Vec<(&'static str, Secret)>,
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// A POST request with a JSON body and its `Content-Type`.
    pub(crate) fn post_json(url: String, body: &Value) -> Self {
        Request {
            method: Method::Post,
            url,
            headers: vec![("Content-Type", "application/json".to_owned())],
            secret_headers: Vec::new(),
            body: Some(body.to_string().into_bytes()),
        }
    }

    /// A PUT request with a JSON body and its `Content-Type`.
    pub(crate) fn put_json(url: String, body: &Value) -> Self {
        Request { method: Method::Put, ..Request::post_json(url, body) }
    }

    /// A request without headers and body.
    pub fn bare(method: Method, url: String) -> Self {
        Request { method, url, headers: Vec::new(), secret_headers: Vec::new(), body: None }
    }

    /// Adds `Authorization: Bearer KEY`.
    #[must_use]
    pub fn bearer(self, key: &Secret) -> Self {
        self.secret_header("Authorization", &Secret::new(&format!("Bearer {}", key.expose())))
    }

    /// Adds a header whose value is a secret.
    #[must_use]
    pub(crate) fn secret_header(mut self, name: &'static str, value: &Secret) -> Self {
        self.secret_headers.push((name, value.clone()));
        self
    }

    /// The value of a header, its name in any case; secret ones too, because simulators check them.
    pub fn header(&self, name: &str) -> Option<&str> {
        let plain = self.headers.iter().map(|(header, value)| (*header, value.as_str()));
        let secret = self.secret_headers.iter().map(|(header, value)| (*header, value.expose()));
        plain.chain(secret).find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The path of the URL without its query, beginning with `/`.
    pub fn path(&self) -> &str {
        let after_scheme = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let path = after_scheme.find('/').and_then(|start| after_scheme.get(start..)).unwrap_or("/");
        path.split(['?', '#']).next().unwrap_or("/")
    }
}

/// A gateway's HTTP response.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response {
    pub status: u16,
    /// Headers in the order in which they were received.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body, possibly cut at a limit.
    pub body: Vec<u8>,
}

impl Response {
    /// A JSON response, for simulated gateways and tests.
    pub fn json(status: u16, body: &Value) -> Self {
        Response {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    /// The value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// The body as JSON; `None` when it is not JSON. A text that was cut within a character does not spoil it.
    pub fn value(&self) -> Option<Value> {
        let whole = |reading: &Reading| reading.damage != Some(Damage::Structure);
        lenient_json::read(&self.body).filter(whole).map(|reading| reading.value)
    }

    /// The wait that `Retry-After: SECONDS` asks for. Dates, also those written as a number of seconds since 1970, need a
    /// clock, so the engine reads them.
    pub(crate) fn retry_after_seconds(&self) -> Option<Duration> {
        let seconds = self.header("retry-after")?.trim().parse::<u64>().ok()?;
        (seconds < 1_000_000_000).then(|| Duration::from_secs(seconds))
    }
}

/// A request that was posted to an account's webhook URL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Webhook {
    /// It was posted to the acknowledgement URL (`…/ack`), not to the event URL.
    pub ack: bool,
    /// Headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The raw bytes, over which signatures are computed.
    pub body: Vec<u8>,
}

impl Webhook {
    /// A webhook with a JSON body as a simulator posts it, without further headers.
    pub fn json(ack: bool, body: &Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Webhook { ack, headers, body: body.to_string().into_bytes() }
    }

    /// The value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// What can be read of the body as JSON; `None` when it does not even begin like JSON.
    pub(crate) fn read(&self) -> Option<Reading> {
        lenient_json::read(&self.body)
    }

    /// The body is empty or holds white space only.
    pub fn is_empty(&self) -> bool {
        self.body.trim_ascii().is_empty()
    }
}

fn find_header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
