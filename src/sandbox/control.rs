//! Addresses for people and tests: an overview, the URLs of webhooks, messages in a customer's name, and the messages
//! that customers received. No gateway has such addresses; they all begin with `/sandbox`.

use axum::body::{self, Bytes};
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::customers::dialogue::CustomerMessage;
use super::customers::persona::Body;
use super::media;
use super::simulated_account::{Counts, SimulatedAccount};
use super::simulation::Simulation;
use crate::domain::Channel;

/// A message to write in a customer's name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SayRequest {
    from: String,
    name: Option<String>,
    text: String,
    channel: Option<Channel>,
}

/// `GET /sandbox`: the accounts and their state, as plain text.
pub(super) async fn overview(State(simulation): State<Arc<Simulation>>) -> Response {
    let mut text = String::from("The sandbox: simulated gateways. Nothing here reaches anybody.\n");
    for account in &simulation.accounts {
        // Writing to a string cannot fail.
        let _ = describe(&mut text, account, &simulation);
    }
    text.push_str(HELP);
    plain(200, text)
}

const HELP: &str = r#"
PUT  /sandbox/{account}/webhook   body: the URL that events are posted to (empty: none, events wait)
POST /sandbox/{account}/say       {"from":"628…","name":"Budi","text":"Halo","channel":"whatsapp"}
GET  /sandbox/{account}/sent      what reached customers, with a count for each message

Numbers that end in an even digit are on WhatsApp; messages to numbers that end in 0000 fail.
"#;

fn describe(text: &mut String, account: &SimulatedAccount, simulation: &Simulation) -> std::fmt::Result {
    let counts = &account.counts;
    let login = if account.address_book().is_connected() { "connected" } else { "waits for a login" };
    let mode = account.definition.mode.map(|mode| format!(" ({mode})")).unwrap_or_default();
    writeln!(text, "\n{}: {}{mode}, {login}", account.definition.name, account.definition.provider)?;
    writeln!(text, "  base_url  {}", account.definition.base_url(simulation.address))?;
    writeln!(text, "  api_key   {}", account.definition.api_key)?;
    writeln!(text, "  webhook   {}", account.webhook_url.borrow().as_deref().unwrap_or("none yet"))?;
    writeln!(
        text,
        "  requests {} (refused {}), messages to customers {}, events delivered {}, not delivered {}",
        Counts::read(&counts.requests),
        Counts::read(&counts.refused),
        account.sent_log().processed(),
        Counts::read(&counts.delivered),
        Counts::read(&counts.undelivered),
    )
}

/// `GET /sandbox/media/{file}`: a file that a customer sent.
pub(super) async fn file(Path(file): Path<String>) -> Response {
    match media::bytes(&file) {
        Some(bytes) => respond(200, media::mime(&file), bytes),
        None => plain(404, "no such file\n"),
    }
}

/// `PUT /sandbox/{account}/webhook`: sets the URL to which events are posted.
pub(super) async fn connect(
    State(simulation): State<Arc<Simulation>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let Some(account) = simulation.account(&name) else { return no_account() };
    let Ok(url) = std::str::from_utf8(&body).map(str::trim) else { return plain(400, "the body is no text\n") };
    let is_web = reqwest::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !url.is_empty() && !is_web {
        return plain(400, "the body must be an http or https URL\n");
    }
    account.webhook_url.send_replace(Some(url.to_owned()).filter(|url| !url.is_empty()));
    plain(200, "ok\n")
}

/// `POST /sandbox/{account}/say`: writes a message in a customer's name.
pub(super) async fn write_as_customer(
    State(simulation): State<Arc<Simulation>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let Some(account) = simulation.account(&name) else { return no_account() };
    let request: SayRequest = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => return plain(400, format!("not a message of a customer: {error}\n")),
    };
    let channel = request.channel.unwrap_or(account.profile.channel);
    if request.from.trim().is_empty() || !account.definition.channels.contains(&channel) {
        return plain(400, "from is empty, or the account has no such channel\n");
    }
    simulation.write_to_account(&CustomerMessage {
        account: name,
        channel,
        id: request.from,
        name: request.name.unwrap_or_default(),
        text: request.text,
        body: Body::Plain,
        ago: Duration::ZERO,
        echo: false,
        about: None,
    });
    plain(200, "ok\n")
}

/// `GET /sandbox/{account}/sent`: the messages that customers received, as JSON.
pub(super) async fn sent(State(simulation): State<Arc<Simulation>>, Path(name): Path<String>) -> Response {
    let Some(account) = simulation.account(&name) else { return no_account() };
    let json = account.sent_log().to_json();
    respond(200, "application/json", json.to_string())
}

/// The 404 response for a path whose account is not simulated.
pub(crate) fn no_account() -> Response {
    plain(404, "no such account in this sandbox; GET /sandbox lists them\n")
}

/// A plain text response.
pub(super) fn plain(status: u16, text: impl Into<String>) -> Response {
    respond(status, "text/plain; charset=utf-8", text.into())
}

fn respond(status: u16, mime: &'static str, body: impl Into<body::Body>) -> Response {
    let mut response = Response::new(body.into());
    if let Ok(status) = axum::http::StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    let mime = axum::http::HeaderValue::from_static(mime);
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, mime);
    response
}
