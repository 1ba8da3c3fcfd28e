//! The simulated gateways' addresses: a request comes in, the gateway's `sim` reads it, its answer goes out.
//! Nothing here knows a gateway by name.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method as HttpMethod, Uri};
use axum::response::Response as HttpResponse;
use axum::routing::{get, post, put};

use super::chaos::RequestFault;
use super::control;
use super::desk::{Counts, SimulatedAccount};
use super::world::{Sending, World};
use crate::domain::{Failure, Secret};
use crate::providers::{GatewayRequest, Method, Request, Response};

/// The largest request that is read.
const REQUEST_MAX: usize = 4 << 20;
/// How long a silent gateway holds a request: longer than any client waits.
const SILENCE: Duration = Duration::from_secs(75);
/// Headers that gateways read; others are no business of theirs. The second half is secret.
const PLAIN_HEADERS: [&str; 3] = ["Content-Type", "Accept", "User-Agent"];
const SECRET_HEADERS: [&str; 3] = ["Authorization", "secretkey", "X-Api-Key"];

/// Every address of the sandbox.
pub(super) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/sandbox", get(control::overview))
        .route("/sandbox/media/{file}", get(control::file))
        .route("/sandbox/{stage}/webhook", put(control::connect))
        .route("/sandbox/{stage}/say", post(control::say))
        .route("/sandbox/{stage}/sent", get(control::sent))
        .fallback(gateway)
        .layer(DefaultBodyLimit::max(REQUEST_MAX))
        .with_state(world)
}

async fn gateway(
    State(world): State<Arc<World>>,
    method: HttpMethod,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> HttpResponse {
    let stage = uri.path().split('/').nth(1).unwrap_or_default();
    let Some(desk) = world.desk(stage) else {
        return control::plain(404, "no such account in this sandbox; GET /sandbox lists them\n");
    };
    let method = match method {
        HttpMethod::GET => Method::Get,
        HttpMethod::POST => Method::Post,
        _ => {
            return http(
                desk.simulator().error_response(405, &Failure::new("METHOD_NOT_ALLOWED", "Method Not Allowed")),
            );
        }
    };
    let request = read(&world, method, &uri, &headers, &body);
    http(answer(&world, desk, &request).await)
}

fn read(world: &World, method: Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Request {
    let value = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let plain = PLAIN_HEADERS.into_iter().filter_map(|name| Some((name, value(name)?)));
    let secret = SECRET_HEADERS.into_iter().filter_map(|name| Some((name, Secret::new(&value(name)?))));
    Request {
        method,
        // Our own address, whatever name the caller used for it.
        url: format!("http://{}{}", world.address, uri.path_and_query().map_or("/", |p| p.as_str())),
        headers: plain.collect(),
        secret_headers: secret.collect(),
        body: (!body.is_empty()).then(|| body.to_vec()),
    }
}

async fn answer(world: &World, desk: &SimulatedAccount, request: &Request) -> Response {
    let asked = desk.simulator().read_request(&desk.profile, request);
    if let Err(refusal) = &asked
        && matches!(refusal.status, 401 | 403)
    {
        Counts::add(&desk.counts.refused);
        return refusal.clone();
    }
    let nth = Counts::next(&desk.counts.requests);
    if let Err(seconds) = desk.take(world.clock.elapsed()) {
        Counts::add(&desk.counts.refused);
        return too_many(desk, seconds);
    }
    let asked = match asked {
        Ok(asked) => asked,
        Err(refusal) => {
            Counts::add(&desk.counts.refused);
            return refusal;
        }
    };
    match world.chaos.request(desk.stage.name, nth) {
        RequestFault::None => process(world, desk, &asked),
        RequestFault::TooMany { retry_after } => too_many(desk, retry_after),
        RequestFault::Broken { processed } => {
            if processed {
                process(world, desk, &asked);
            }
            desk.simulator().error_response(500, &Failure::new("INTERNAL_ERROR", "Internal Server Error"))
        }
        RequestFault::Silent { processed } => {
            if processed {
                process(world, desk, &asked);
            }
            let mut stopping = world.stopping.clone();
            tokio::select! {
                () = tokio::time::sleep(world.pace.scale(SILENCE)) => {}
                _ = stopping.wait_for(|stop| *stop) => {}
            }
            desk.simulator().error_response(504, &Failure::new("TIMEOUT", "Gateway Timeout"))
        }
    }
}

fn process(world: &World, desk: &SimulatedAccount, asked: &GatewayRequest) -> Response {
    let now = world.clock.now();
    match asked {
        GatewayRequest::Send { channel, to, group, content, notify_url } => {
            if !desk.book().is_connected() {
                return desk
                    .simulator()
                    .error_response(400, &Failure::new("NOT_CONNECTED", "WhatsApp belum terhubung"));
            }
            let sending = Sending {
                channel: *channel,
                to: to.clone(),
                group: *group,
                content: content.clone(),
                notify_url: notify_url.clone(),
                in_webhook: false,
            };
            let id = world.carry(desk, sending);
            desk.simulator().send_response(&desk.profile, asked, &id, now)
        }
        GatewayRequest::Query(query) => {
            let answer = desk.book().answer(query, world.clock.elapsed(), now);
            desk.simulator().query_response(&desk.profile, query, &answer, now)
        }
    }
}

fn too_many(desk: &SimulatedAccount, seconds: u64) -> Response {
    let mut response = desk.simulator().error_response(429, &Failure::new("RATE_LIMIT_EXCEEDED", "Too Many Requests"));
    response.headers.push(("retry-after".to_owned(), seconds.to_string()));
    response
}

fn http(response: Response) -> HttpResponse {
    let mut builder = HttpResponse::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(response.body)).unwrap_or_else(|_| control::plain(500, "the answer is no HTTP\n"))
}
