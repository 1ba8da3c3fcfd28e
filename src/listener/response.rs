//! The engine's replies as HTTP responses. Bodies are fixed and tiny: a customer may be shown one.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::engine::Reply;

/// The seconds of `Retry-After` when the store cannot write.
const RETRY_AFTER: &str = "30";

pub(super) fn from_reply(reply: Reply) -> Response {
    match reply {
        Reply::Accepted(body) => json_body(StatusCode::OK, &body),
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
