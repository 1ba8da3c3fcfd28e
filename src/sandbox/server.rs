//! The simulated gateways' addresses: a request is read by the gateway's simulator and answered as documented.
//! Nothing here knows a gateway by name.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method as HttpMethod, Uri};
use axum::response::Response as HttpResponse;
use axum::routing::{get, post, put};

use super::control;
use super::faults::RequestFault;
use super::fetch::fetch;
use super::simulated_account::{Counts, SimulatedAccount};
use super::simulation::{OutgoingMessage, Simulation};
use crate::domain::{Failure, Secret};
use crate::providers::{GatewayRequest, Method, Request, Response};

/// The largest request body that is read: a file of 100 MiB in base64.
const REQUEST_MAX: usize = 140 << 20;
/// How long a request without a response is held: longer than any client's timeout.
const TIMEOUT: Duration = Duration::from_secs(75);
/// The headers that simulators read.
const PLAIN_HEADERS: [&str; 3] = ["Content-Type", "Accept", "User-Agent"];
const SECRET_HEADERS: [&str; 3] = ["Authorization", "secretkey", "X-Api-Key"];

/// All routes of the sandbox.
pub(crate) fn router(simulation: Arc<Simulation>) -> Router {
    Router::new()
        .route("/sandbox", get(control::overview))
        .route("/sandbox/media/{file}", get(control::file))
        .route("/sandbox/{account}/webhook", put(control::connect))
        .route("/sandbox/{account}/say", post(control::write_as_customer))
        .route("/sandbox/{account}/sent", get(control::sent))
        .fallback(gateway)
        .layer(DefaultBodyLimit::max(REQUEST_MAX))
        .with_state(simulation)
}

async fn gateway(
    State(simulation): State<Arc<Simulation>>,
    method: HttpMethod,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> HttpResponse {
    let name = uri.path().split('/').nth(1).unwrap_or_default();
    let Some(account) = simulation.account(name) else { return control::no_account() };
    let method = match method {
        HttpMethod::GET => Method::Get,
        HttpMethod::POST => Method::Post,
        HttpMethod::PUT => Method::Put,
        _ => return http(error_response(account, 405, "METHOD_NOT_ALLOWED", "Method Not Allowed")),
    };
    let request = read_request(&simulation, method, &uri, &headers, &body);
    http(respond(&simulation, account, &request).await)
}

fn error_response(account: &SimulatedAccount, status: u16, code: &str, message: &str) -> Response {
    account.simulator().error_response(status, &Failure::new(code, message))
}

fn read_request(simulation: &Simulation, method: Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Request {
    let value = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let plain = PLAIN_HEADERS.into_iter().filter_map(|name| Some((name, value(name)?)));
    let secret = SECRET_HEADERS.into_iter().filter_map(|name| Some((name, Secret::new(&value(name)?))));
    Request {
        method,
        // Our own address, by whatever name the caller used.
        url: format!("http://{}{}", simulation.address, uri.path_and_query().map_or("/", |p| p.as_str())),
        headers: plain.collect(),
        secret_headers: secret.collect(),
        body: (!body.is_empty()).then(|| body.to_vec()),
    }
}

async fn respond(simulation: &Simulation, account: &SimulatedAccount, request: &Request) -> Response {
    let read = account.simulator().read_request(&account.profile, request);
    if let Err(refusal) = &read
        && matches!(refusal.status, 401 | 403)
    {
        Counts::add(&account.counts.refused);
        return refusal.clone();
    }
    let nth = Counts::next(&account.counts.requests);
    if let Err(seconds) = account.try_acquire(simulation.clock.elapsed()) {
        Counts::add(&account.counts.refused);
        return too_many(account, seconds);
    }
    let request = match read {
        Ok(request) => request,
        Err(refusal) => {
            Counts::add(&account.counts.refused);
            return refusal;
        }
    };
    match simulation.faults.for_request(account.definition.name, nth) {
        RequestFault::None => process(simulation, account, &request).await,
        RequestFault::TooMany { retry_after } => too_many(account, retry_after),
        RequestFault::Error { processed } => {
            if processed {
                process(simulation, account, &request).await;
            }
            error_response(account, 500, "INTERNAL_ERROR", "Internal Server Error")
        }
        RequestFault::Timeout { processed } => {
            if processed {
                process(simulation, account, &request).await;
            }
            let mut stopping = simulation.stopping.clone();
            tokio::select! {
                () = tokio::time::sleep(simulation.pace.scale(TIMEOUT)) => {}
                _ = stopping.wait_for(|stop| *stop) => {}
            }
            error_response(account, 504, "TIMEOUT", "Gateway Timeout")
        }
    }
}

async fn process(simulation: &Simulation, account: &SimulatedAccount, request: &GatewayRequest) -> Response {
    match request {
        GatewayRequest::Send { channel, to, group, content, notify_url } => {
            if !account.address_book().is_connected() {
                return error_response(account, 400, "NOT_CONNECTED", "WhatsApp belum terhubung");
            }
            let file = fetch(&simulation.client, content).await;
            let now = simulation.clock.now();
            let message = OutgoingMessage {
                channel: *channel,
                to: to.clone(),
                group: *group,
                content: content.clone(),
                notify_url: notify_url.clone(),
                file,
                in_webhook: false,
            };
            let id = simulation.send_to_customer(account, message);
            account.simulator().send_response(&account.profile, request, &id, now)
        }
        GatewayRequest::Query(query) => {
            let now = simulation.clock.now();
            let response = account.address_book().respond(query, simulation.clock.elapsed(), now);
            account.simulator().query_response(&account.profile, query, &response, now)
        }
    }
}

fn too_many(account: &SimulatedAccount, seconds: u64) -> Response {
    let mut response = error_response(account, 429, "RATE_LIMIT_EXCEEDED", "Too Many Requests");
    response.headers.push(("retry-after".to_owned(), seconds.to_string()));
    response
}

fn http(response: Response) -> HttpResponse {
    let mut builder = HttpResponse::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(response.body)).unwrap_or_else(|_| control::plain(500, "the response is not valid HTTP\n"))
}
