//! Sends requests to gateways; every error shows whether the request can have been processed.
//!
//! Invariant: nothing is tried again here, and no redirect is followed (it would give the key to another host).

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::providers::{Method, Request, Response};

/// The longest that a gateway may take to answer.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
/// The same with a file in the request.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(240);
/// The longest that connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle connections are closed before common servers close them (Node: 5 s), for a request on a connection that is
/// being closed would end as "unsure".
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// Longer bodies are cut off; the gateways' documents show none near it.
const BODY_MAX: usize = 4 * 1024 * 1024;

/// A request without a response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// It never left: there was no connection.
    #[error("{0}")]
    NotSent(String),
    /// It left, or may have left, and no response came in time.
    #[error("no answer within {} seconds", RESPONSE_TIMEOUT.as_secs())]
    Timeout,
    /// It left, or may have left, and the connection broke.
    #[error("{0}")]
    Interrupted(String),
}

/// What stands in for sockets in a simulation.
pub trait Network: std::fmt::Debug + Send + Sync {
    /// Performs a request; it has to end by itself, with [`HttpError::Timeout`] where nobody responds.
    fn exchange(&self, request: Request) -> BoxFuture<'static, Result<Response, HttpError>>;
}

/// Connections to gateways, one pool for the whole process. Cheap to clone; nothing is prepared before the first
/// request, for reading root certificates takes time that most commands do not need to spend.
#[derive(Debug, Clone, Default)]
pub(crate) struct Http {
    clients: Arc<OnceLock<Result<Clients, String>>>,
    simulated: Option<Arc<dyn Network>>,
}

#[derive(Debug)]
struct Clients {
    outside: reqwest::Client,
    loopback: reqwest::Client,
}

impl Clients {
    fn new() -> Result<Self, String> {
        // Fails only when a provider is set already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let loopback = builder().no_proxy().tls_certs_only([]).build().map_err(|e| chain(&e))?;
        // A machine without root certificates can still reach loopback gateways (the demo, a self-hosted one);
        // requests to https then fail with what is missing.
        let outside = builder().build().unwrap_or_else(|_| loopback.clone());
        Ok(Clients { outside, loopback })
    }
}

impl Http {
    /// Without sockets: every request goes to `network`.
    pub(crate) fn simulated(network: Arc<dyn Network>) -> Self {
        Http { clients: Arc::default(), simulated: Some(network) }
    }

    /// The client for the address of a gateway, or for another one that is as trusted.
    pub(crate) fn client(&self, url: &reqwest::Url) -> Result<reqwest::Client, String> {
        let clients = self.clients.get_or_init(Clients::new).as_ref().map_err(Clone::clone)?;
        Ok(if is_loopback(url) { &clients.loopback } else { &clients.outside }.clone())
    }

    /// Sends a request and reads its response.
    pub(crate) async fn send(&self, request: &Request) -> Result<Response, HttpError> {
        if let Some(network) = &self.simulated {
            return network.exchange(request.clone()).await;
        }
        let clients = self.clients.get_or_init(Clients::new).as_ref().map_err(|e| HttpError::NotSent(e.clone()))?;
        let url = reqwest::Url::parse(&request.url).map_err(|e| HttpError::NotSent(format!("bad URL: {e}")))?;
        let client = if is_loopback(&url) { &clients.loopback } else { &clients.outside };
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let mut outgoing = client.request(method, url);
        for (name, value) in &request.headers {
            outgoing = outgoing.header(*name, value);
        }
        for (name, secret) in &request.secret_headers {
            let mut value = reqwest::header::HeaderValue::from_str(secret.expose()).map_err(|_| {
                HttpError::NotSent(format!("the secret for the header {name} has a character that HTTP forbids"))
            })?;
            value.set_sensitive(true);
            outgoing = outgoing.header(*name, value);
        }
        outgoing = match &request.body {
            Some(body) => outgoing.timeout(response_timeout(body.len())).body(body.clone()),
            None if request.method == Method::Post => outgoing.header("content-length", "0"),
            None => outgoing,
        };
        let response = outgoing.send().await.map_err(|e| classify(&e))?;
        read(response).await
    }
}

/// How long a gateway may take for a request with a body of this many bytes. A lease lasts longer.
fn response_timeout(body: usize) -> Duration {
    /// A slow line, in bytes a second.
    const SLOW: usize = 256 * 1024;
    let sending = Duration::from_secs(u64::try_from(body / SLOW).unwrap_or(u64::MAX));
    RESPONSE_TIMEOUT.saturating_add(sending).min(UPLOAD_TIMEOUT)
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("loket/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(RESPONSE_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
}

/// A client that connects to what `resolver` permits, and by no proxy, which would resolve names itself.
pub(crate) fn public_client(resolver: impl reqwest::dns::Resolve + 'static) -> Result<reqwest::Client, String> {
    // Fails only when a provider is set already, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let resolver = Arc::new(resolver);
    let client = builder().no_proxy().dns_resolver(resolver.clone()).build();
    // A machine without root certificates can still fetch from http.
    let without_certificates = || builder().no_proxy().dns_resolver(resolver).tls_certs_only([]).build();
    client.or_else(|_| without_certificates()).map_err(|error| chain(&error))
}

fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

async fn read(mut response: reqwest::Response) -> Result<Response, HttpError> {
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() < BODY_MAX => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {}
            Ok(None) => break,
            // The status is known: a refusal stays one though its body is incomplete.
            Err(_) if !(200..300).contains(&status) => break,
            Err(error) => return Err(classify(&error)),
        }
    }
    Ok(Response { status, headers, body })
}

fn classify(error: &reqwest::Error) -> HttpError {
    if error.is_connect() || error.is_builder() {
        HttpError::NotSent(chain(error))
    } else if error.is_timeout() {
        HttpError::Timeout
    } else {
        HttpError::Interrupted(chain(error))
    }
}

/// An error with its causes in one line. URLs are left out, for they may hold ids.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        let text = text.split(" for url (").next().unwrap_or_default().to_owned();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_over_a_refused_connection_was_not_sent() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let request = Request::bare(Method::Post, format!("http://{closed}/x"));
        let error = Http::default().send(&request).await.unwrap_err();
        assert!(matches!(error, HttpError::NotSent(_)), "{error:?}");
    }

    #[tokio::test]
    async fn a_request_may_have_arrived_when_its_connection_breaks() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut some = [0_u8; 16];
            tokio::io::AsyncReadExt::read(&mut stream, &mut some).await.unwrap();
        });
        let request = Request::post_json(format!("http://{address}/x"), &serde_json::json!({"a": 1}));
        let error = Http::default().send(&request).await.unwrap_err();
        assert!(matches!(error, HttpError::Interrupted(_)), "{error:?}");
    }
}
