//! A fake gateway on loopback that responds as the test says.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::Value;

/// A request as a fake gateway sees it.
pub(crate) struct Request {
    /// Path and query.
    pub(crate) target: String,
    pub(crate) body: Bytes,
}

/// Starts a fake gateway and returns its URL, `http://ADDRESS`. It runs as long as the test's runtime.
pub(crate) async fn fake_gateway(answer: impl Fn(Request) -> Response + Send + Sync + 'static) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    let router = Router::new()
        .fallback(any(move |uri: Uri, body| async move { answer(Request { target: uri.to_string(), body }) }));
    tokio::spawn(axum::serve(listener, router).into_future());
    format!("http://{address}")
}

/// A JSON response.
pub(crate) fn json(status: u16, body: &Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), [("content-type", "application/json")], body.to_string()).into_response()
}
