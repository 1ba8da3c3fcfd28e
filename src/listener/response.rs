//! How the engine's replies look over HTTP. Bodies are fixed and tiny: a customer may be shown one.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::engine::Reply;

/// How long a gateway is asked to wait when the store cannot write, in seconds.
const RETRY_AFTER: &str = "30";

/// A reply over HTTP.
pub(crate) fn of(reply: Reply) -> Response {
    match reply {
        Reply::Taken(body) => of_json(StatusCode::OK, &body),
        Reply::Unknown => said(StatusCode::NOT_FOUND, "Not found"),
        Reply::Refused(body) => of_json(StatusCode::UNAUTHORIZED, &body),
        Reply::NotJson => said(StatusCode::BAD_REQUEST, "Not JSON"),
        Reply::Unavailable => {
            let mut response = said(StatusCode::SERVICE_UNAVAILABLE, "Try again later");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
            response
        }
    }
}

/// A refusal with a fixed sentence.
pub(crate) fn said(status: StatusCode, words: &'static str) -> Response {
    of_json(status, &json!({"success": false, "message": words}))
}

/// Another method than the URL takes.
pub(crate) fn wrong_method(allowed: &'static str) -> Response {
    let mut response = said(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// A plain text.
pub(crate) fn text(status: StatusCode, words: String) -> Response {
    let mut response = Response::new(Body::from(words));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// A JSON body.
pub(crate) fn of_json(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
