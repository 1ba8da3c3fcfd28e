//! The routes of the door and the limits of what comes through it.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::any;
use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio::net::TcpListener;

use super::response;
use crate::engine::{Ingest, Reply};
use crate::providers::Webhook;

/// The largest webhook that is taken.
const BODY_MAX: usize = 4 * 1024 * 1024;
/// A larger one is read to its end, up to here, so that its sender sees the refusal instead of a broken line.
const DRAIN_MAX: usize = 64 * 1024 * 1024;
/// The longest a body may take to arrive.
const BODY_WITHIN: Duration = Duration::from_secs(20);

/// How the door is set up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListenerOptions {
    /// Show `/metrics` to others than this machine.
    pub metrics_public: bool,
}

#[derive(Clone)]
struct Door {
    ingest: Ingest,
    options: ListenerOptions,
}

/// Account and token as a URL has them. A path that is no text names no account either.
type Place = (String, String);

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

/// Serves webhooks on `listener` until `stop` ends, then lets running requests end.
pub async fn serve(
    listener: TcpListener,
    ingest: Ingest,
    options: ListenerOptions,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let service = router(ingest, options).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}

fn router(ingest: Ingest, options: ListenerOptions) -> Router {
    Router::new()
        .route("/webhooks/{account}/{token}", any(event))
        .route("/webhooks/{account}/{token}/ack", any(ack))
        .route("/healthz", any(healthz))
        .route("/metrics", any(metrics))
        .fallback(|| async { response::of(Reply::Unknown) })
        .with_state(Door { ingest, options })
}

async fn event(State(door): State<Door>, place: Result<Path<Place>, PathRejection>, request: Request) -> Response {
    let Ok(Path((account, token))) = place else { return response::of(Reply::Unknown) };
    match *request.method() {
        Method::POST => take(door, account, token, false, request).await,
        Method::GET | Method::HEAD => challenge(&door, &account, &token, &request),
        _ => response::wrong_method("GET, HEAD, POST"),
    }
}

async fn ack(State(door): State<Door>, place: Result<Path<Place>, PathRejection>, request: Request) -> Response {
    let Ok(Path((account, token))) = place else { return response::of(Reply::Unknown) };
    match *request.method() {
        Method::POST => take(door, account, token, true, request).await,
        _ => response::wrong_method("POST"),
    }
}

async fn take(door: Door, account: String, token: String, ack: bool, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_WITHIN, read(body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(Unread::TooLarge)) => return response::said(StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
        Ok(Err(Unread::BrokenOff)) => return response::said(StatusCode::BAD_REQUEST, "Body broke off"),
        Err(_) => return response::said(StatusCode::REQUEST_TIMEOUT, "Too slow"),
    };
    let webhook = Webhook { ack, headers: headers(&parts.headers), body: body.to_vec() };
    response::of(door.ingest.take(&account, &token, webhook).await)
}

enum Unread {
    TooLarge,
    BrokenOff,
}

async fn read(body: Body) -> Result<Bytes, Unread> {
    let mut stream = body.into_data_stream();
    let mut whole = Vec::new();
    let mut length = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Unread::BrokenOff)?;
        length += chunk.len();
        if length > DRAIN_MAX {
            return Err(Unread::TooLarge);
        }
        if length <= BODY_MAX {
            whole.extend_from_slice(&chunk);
        }
    }
    if length > BODY_MAX { Err(Unread::TooLarge) } else { Ok(Bytes::from(whole)) }
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}

fn challenge(door: &Door, account: &str, token: &str, request: &Request) -> Response {
    if !door.ingest.knows(account, token) {
        return response::of(Reply::Unknown);
    }
    let Ok(Query(query)) = Query::<Subscription>::try_from_uri(request.uri()) else {
        return response::said(StatusCode::BAD_REQUEST, "Bad query");
    };
    match (query.mode.as_deref(), query.verify_token, query.challenge) {
        (Some("subscribe"), Some(given), Some(challenge)) if door.ingest.knows(account, &given) => {
            response::text(StatusCode::OK, challenge)
        }
        (Some(_), ..) => response::said(StatusCode::FORBIDDEN, "Forbidden"),
        // A dashboard that looks whether the URL is there (providers.md A5).
        (None, ..) => response::of(Reply::Taken(serde_json::json!({"success": true}))),
    }
}

async fn healthz(State(door): State<Door>) -> Response {
    if door.ingest.can_write().await {
        response::text(StatusCode::OK, "ok\n".to_owned())
    } else {
        response::of(Reply::Unavailable)
    }
}

async fn metrics(State(door): State<Door>, ConnectInfo(peer): ConnectInfo<SocketAddr>, headers: HeaderMap) -> Response {
    // Behind a proxy on this machine everybody comes from loopback; the proxy's own header tells.
    let proxied = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
    if door.options.metrics_public || (peer.ip().is_loopback() && !proxied) {
        response::text(StatusCode::OK, door.ingest.counters().prometheus())
    } else {
        response::of(Reply::Unknown)
    }
}
