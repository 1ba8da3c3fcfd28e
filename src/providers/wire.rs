//! HTTP as data: what is to be sent, what came back, what a webhook brought.

use serde_json::Value;

use crate::domain::Secret;

/// Request methods that the gateways use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// An HTTP request to a gateway, not yet sent. `Debug` hides the secret headers' values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL with its query.
    pub url: String,
    /// Headers without secrets, names as the gateway's document writes them.
    pub headers: Vec<(&'static str, String)>,
    /// Headers whose whole value is secret (`Authorization`, `secretkey`).
    pub secret_headers: Vec<(&'static str, Secret)>,
    /// The body's bytes; `None` = no body.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// A request with a JSON body and its `Content-Type`.
    pub fn post_json(url: String, body: &Value) -> Self {
        Request {
            method: Method::Post,
            url,
            headers: vec![("Content-Type", "application/json".to_owned())],
            secret_headers: Vec::new(),
            body: Some(body.to_string().into_bytes()),
        }
    }

    /// A request without a body.
    pub fn bare(method: Method, url: String) -> Self {
        Request { method, url, headers: Vec::new(), secret_headers: Vec::new(), body: None }
    }

    /// Adds `Authorization: Bearer KEY`.
    #[must_use]
    pub fn bearer(mut self, key: &Secret) -> Self {
        self.secret_headers.push(("Authorization", Secret::new(&format!("Bearer {}", key.expose()))));
        self
    }

    /// Adds a header whose value is a secret.
    #[must_use]
    pub fn secret_header(mut self, name: &'static str, value: &Secret) -> Self {
        self.secret_headers.push((name, value.clone()));
        self
    }

    /// A header's value by name, any case; secret ones too (for simulated gateways).
    pub fn header(&self, name: &str) -> Option<&str> {
        let plain = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str());
        plain
            .or_else(|| self.secret_headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.expose()))
    }

    /// The path of the URL without query, beginning with `/`.
    pub fn path(&self) -> &str {
        let after_scheme = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let path = after_scheme.find('/').and_then(|start| after_scheme.get(start..)).unwrap_or("/");
        path.split(['?', '#']).next().unwrap_or("/")
    }
}

/// What a gateway answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body's bytes, possibly cut at a limit.
    pub body: Vec<u8>,
}

impl Response {
    /// A JSON response (for simulated gateways and tests).
    pub fn json(status: u16, body: &Value) -> Self {
        Response {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    /// A header's value by name, any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// The body as JSON, if it is.
    pub fn value(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// What was posted to an account's webhook URL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Webhook {
    /// It was posted to the acknowledgement URL (`…/ack`) rather than the event URL.
    pub ack: bool,
    /// Headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The raw bytes.
    pub body: Vec<u8>,
}

impl Webhook {
    /// A header's value by name, any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// The body as JSON, if it is.
    pub fn value(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

fn find_header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}
