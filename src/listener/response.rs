//! The engine's replies as HTTP responses. Bodies are fixed and tiny: a customer may be shown one.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::socket::WriteObservers;
use crate::engine::Reply;

/// The seconds of `Retry-After` when the store cannot write.
const RETRY_AFTER: &str = "30";

pub(super) fn from_reply(reply: Reply) -> Response {
    match reply {
        Reply::Accepted(body) | Reply::AcceptedWithReplies { body, .. } => json_body(StatusCode::OK, &body),
        Reply::Unknown => refusal(StatusCode::NOT_FOUND, "Not found"),
        Reply::Unauthorised(body) => json_body(StatusCode::UNAUTHORIZED, &body),
        Reply::NotJson => refusal(StatusCode::BAD_REQUEST, "Not JSON"),
        Reply::Unavailable => {
            let mut response = refusal(StatusCode::SERVICE_UNAVAILABLE, "Try again later");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
            response
        }
    }
}

/// The refusal of a request whose client has too many others; its connection ends.
pub(super) fn busy() -> Response {
    let mut response = from_reply(Reply::Unavailable);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A response; `written` is sent to when it was written to its connection, and dropped when it was not.
pub(super) fn observed(body: &Value, written: oneshot::Sender<()>, observers: Option<WriteObservers>) -> Response {
    let bytes = Bytes::from(body.to_string());
    let length = HeaderValue::from(bytes.len());
    // The connection takes the bytes when it is about to write them.
    let stream = futures_util::stream::once(async move {
        if let Some(observers) = observers {
            observers.add(written);
        }
        Ok::<_, Infallible>(bytes)
    });
    let mut response = Response::new(Body::from_stream(stream));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CONTENT_LENGTH, length);
    response
}

/// A refusal with a fixed message.
pub(super) fn refusal(status: StatusCode, message: &'static str) -> Response {
    json_body(status, &json!({"success": false, "message": message}))
}

/// The refusal of a method that the URL does not have.
pub(super) fn wrong_method(allowed: &'static str) -> Response {
    let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

pub(super) fn text(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

fn json_body(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
