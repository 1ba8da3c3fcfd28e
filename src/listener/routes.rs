//! The listener's routes.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use super::client_address::TrustedProxies;
use super::connection;
use super::connection_limit::ConnectionLimit;
use super::limits::{BodyBudget, BodyError};
use super::socket::WriteObservers;
use super::{media, response};
use crate::engine::{Ingest, MediaLinks, Reply, Webhook};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::Response;
use axum::routing::any;
use serde::Deserialize;
use tokio::net::TcpListener;

/// The connections that the address of `/healthz` and `/metrics` alone may have; a monitor needs one.
const HEALTH_CONNECTIONS: usize = 16;

/// What the configuration sets about the listener's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListenerOptions {
    /// The connections that may be open at once.
    pub(crate) connections: usize,
    pub(crate) metrics: MetricsAccess,
    pub(crate) proxies: TrustedProxies,
}

/// Who may read `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetricsAccess {
    /// Programs of this machine that ask without a proxy between.
    Local,
    /// Everybody who reaches the listener.
    Public,
    /// Nobody here: they have an address of their own.
    Elsewhere,
}

#[derive(Clone)]
struct Listener {
    ingest: Ingest,
    options: ListenerOptions,
    bodies: BodyBudget,
}

impl Listener {
    fn new(ingest: Ingest, options: ListenerOptions) -> Self {
        Listener { ingest, options, bodies: BodyBudget::default() }
    }
}

/// The two parts of a URL's path: account and token, or token and name. A path that is no UTF-8 names nothing either.
type TwoParts = Result<Path<(String, String)>, PathRejection>;

/// The query of a subscription's challenge (providers.md 6.6).
#[derive(Deserialize)]
struct Subscription {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.verify_token")]
    verify_token: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
}

/// Serves webhooks, and the files that gateways fetch, on `socket` until `stop` ends, then lets running requests end.
pub(crate) async fn serve(
    socket: TcpListener,
    (ingest, links): (Ingest, MediaLinks),
    options: ListenerOptions,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let limit = ConnectionLimit::new(options.connections, options.proxies.clone());
    connection::serve(socket, router(ingest, links, options), limit, stop).await
}

/// Serves `/healthz` and `/metrics` alone on `socket`, to everybody who reaches it, until `stop` ends.
pub(crate) async fn serve_health(
    socket: TcpListener,
    ingest: Ingest,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let proxies = TrustedProxies::default();
    let limit = ConnectionLimit::new(HEALTH_CONNECTIONS, proxies.clone());
    let options = ListenerOptions { connections: HEALTH_CONNECTIONS, metrics: MetricsAccess::Public, proxies };
    connection::serve(socket, health_router(Listener::new(ingest, options)), limit, stop).await
}

fn router(ingest: Ingest, links: MediaLinks, options: ListenerOptions) -> Router {
    let listener = Listener::new(ingest, options);
    let files = Router::new().route("/media/{token}/{name}", any(file)).with_state(links);
    Router::new()
        .route("/webhooks/{account}/{token}", any(event))
        .route("/webhooks/{account}/{token}/ack", any(ack))
        .with_state(listener.clone())
        .merge(files)
        .merge(health_router(listener))
}

fn health_router(listener: Listener) -> Router {
    Router::new()
        .route("/healthz", any(healthz))
        .route("/metrics", any(metrics))
        .fallback(|| async { response::from_reply(Reply::Unknown) })
        .with_state(listener)
}

async fn event(State(listener): State<Listener>, path: TwoParts, request: Request) -> Response {
    let Ok(Path((account, token))) = path else { return response::from_reply(Reply::Unknown) };
    match *request.method() {
        Method::POST => receive(listener, account, token, false, request).await,
        Method::GET | Method::HEAD => challenge(&listener, &account, &token, &request),
        _ => response::wrong_method("GET, HEAD, POST"),
    }
}

async fn ack(State(listener): State<Listener>, path: TwoParts, request: Request) -> Response {
    let Ok(Path((account, token))) = path else { return response::from_reply(Reply::Unknown) };
    match *request.method() {
        Method::POST => receive(listener, account, token, true, request).await,
        _ => response::wrong_method("POST"),
    }
}

/// Receives a webhook in a task of its own: a sender that hangs up ends its request, not what was begun for it. Nothing
/// of the body is read for a URL that is nobody's.
async fn receive(listener: Listener, account: String, token: String, ack: bool, request: Request) -> Response {
    if let Some(refusal) = listener.ingest.refusal(&account, &token, ack) {
        return response::from_reply(refusal);
    }
    let received = tokio::spawn(take(listener, account, token, ack, request));
    received.await.unwrap_or_else(|_| response::from_reply(Reply::Unavailable))
}

async fn take(listener: Listener, account: String, token: String, ack: bool, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (body, _share) = match listener.bodies.read(body).await {
        Ok(read) => read,
        Err(BodyError::TooLarge) => return response::refusal(StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
        Err(BodyError::Incomplete) => return response::refusal(StatusCode::BAD_REQUEST, "Body broke off"),
        Err(BodyError::TooSlow) => return response::refusal(StatusCode::REQUEST_TIMEOUT, "Too slow"),
        Err(BodyError::Full) => {
            listener.ingest.refused_body();
            return response::from_reply(Reply::Unavailable);
        }
    };
    let webhook = Webhook { ack, headers: headers(&parts.headers), body };
    match listener.ingest.receive(&account, &token, webhook).await {
        Reply::AcceptedWithReplies { body, written } => {
            response::observed(&body, written, parts.extensions.get::<WriteObservers>().cloned())
        }
        reply => response::from_reply(reply),
    }
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}

fn challenge(listener: &Listener, account: &str, token: &str, request: &Request) -> Response {
    if !listener.ingest.is_known(account, token) {
        return response::from_reply(Reply::Unknown);
    }
    let Ok(Query(query)) = Query::<Subscription>::try_from_uri(request.uri()) else {
        return response::refusal(StatusCode::BAD_REQUEST, "Bad query");
    };
    match (query.mode.as_deref(), query.verify_token, query.challenge) {
        (Some("subscribe"), Some(given), Some(challenge)) if listener.ingest.is_known(account, &given) => {
            response::text(StatusCode::OK, challenge)
        }
        (Some(_), ..) => response::refusal(StatusCode::FORBIDDEN, "Forbidden"),
        // A dashboard that checks whether the URL exists (providers.md A5).
        (None, ..) => response::from_reply(Reply::Accepted(serde_json::json!({"success": true}))),
    }
}

/// A file that a gateway fetches, by the token and the name of its link.
async fn file(State(links): State<MediaLinks>, path: TwoParts, request: Request) -> Response {
    let only_head = match *request.method() {
        Method::GET => false,
        Method::HEAD => true,
        _ => return response::wrong_method("GET, HEAD"),
    };
    let Ok(Path((token, name))) = path else { return response::from_reply(Reply::Unknown) };
    media::respond(&links, (&token, &name), only_head, request.headers()).await
}

async fn healthz(State(listener): State<Listener>) -> Response {
    if listener.ingest.is_well().await {
        response::text(StatusCode::OK, "ok\n".to_owned())
    } else {
        response::from_reply(Reply::Unavailable)
    }
}

async fn metrics(
    State(listener): State<Listener>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    // Behind a proxy on this machine every request comes from loopback.
    let is_local = peer.ip().to_canonical().is_loopback() && !headers.keys().any(tells_of_proxy);
    let shown = match listener.options.metrics {
        MetricsAccess::Local => is_local,
        MetricsAccess::Public => true,
        MetricsAccess::Elsewhere => false,
    };
    if shown { response::text(StatusCode::OK, listener.ingest.metrics()) } else { response::from_reply(Reply::Unknown) }
}

/// Whether only a proxy, a tunnel or a content network adds a header of this name.
fn tells_of_proxy(name: &HeaderName) -> bool {
    const NAMES: [&str; 8] = [
        "forwarded",
        "via",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "true-client-ip",
        "client-ip",
        "fly-client-ip",
    ];
    let name = name.as_str();
    NAMES.contains(&name)
        || ["x-forwarded", "x-original-", "cf-", "cdn-", "x-envoy-"].iter().any(|start| name.starts_with(start))
}
