//! Addresses for people and tests: what the sandbox holds, where webhooks go, words put into a customer's mouth,
//! and what reached the customers. No gateway has such addresses; they all begin with `/sandbox`.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::actor::Said;
use super::desk::{Counts, SimulatedAccount};
use super::media;
use super::persona::Body as LineBody;
use super::world::World;
use crate::domain::Channel;

/// What a customer is to say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Saying {
    from: String,
    name: Option<String>,
    text: String,
    channel: Option<Channel>,
}

/// `GET /sandbox`: the accounts and how they stand, as plain text.
pub(super) async fn overview(State(world): State<Arc<World>>) -> Response {
    let mut text = String::from("The sandbox: simulated gateways. Nothing here reaches anybody.\n");
    for desk in &world.desks {
        // Writing to a text cannot fail.
        let _ = describe(&mut text, desk, &world);
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

fn describe(text: &mut String, desk: &SimulatedAccount, world: &World) -> std::fmt::Result {
    let counts = &desk.counts;
    let login = if desk.book().is_connected() { "connected" } else { "waits for a login" };
    let mode = desk.stage.mode.map(|mode| format!(" ({mode})")).unwrap_or_default();
    writeln!(text, "\n{}: {}{mode}, {login}", desk.stage.name, desk.stage.provider)?;
    writeln!(text, "  base_url  {}", desk.stage.base_url(world.address))?;
    writeln!(text, "  api_key   {}", desk.stage.api_key)?;
    writeln!(text, "  webhook   {}", desk.webhook.borrow().as_deref().unwrap_or("none yet"))?;
    writeln!(
        text,
        "  requests {} (refused {}), messages to customers {}, events delivered {}, not delivered {}",
        Counts::read(&counts.requests),
        Counts::read(&counts.refused),
        desk.ledger().processed(),
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

/// `PUT /sandbox/{account}/webhook`: where events go from now on.
pub(super) async fn connect(State(world): State<Arc<World>>, Path(stage): Path<String>, body: Bytes) -> Response {
    let Some(desk) = world.desk(&stage) else { return no_account() };
    let Ok(url) = std::str::from_utf8(&body).map(str::trim) else { return plain(400, "the body is no text\n") };
    let web = reqwest::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !url.is_empty() && !web {
        return plain(400, "the body must be an http or https URL\n");
    }
    desk.webhook.send_replace(Some(url.to_owned()).filter(|url| !url.is_empty()));
    plain(200, "ok\n")
}

/// `POST /sandbox/{account}/say`: a customer writes at once.
pub(super) async fn say(State(world): State<Arc<World>>, Path(stage): Path<String>, body: Bytes) -> Response {
    let Some(desk) = world.desk(&stage) else { return no_account() };
    let saying: Saying = match serde_json::from_slice(&body) {
        Ok(saying) => saying,
        Err(error) => return plain(400, format!("not what a customer can say: {error}\n")),
    };
    let channel = saying.channel.unwrap_or(desk.profile.channel);
    if saying.from.trim().is_empty() || !desk.stage.channels.contains(&channel) {
        return plain(400, "from is empty, or the account has no such channel\n");
    }
    world.speak(&Said {
        stage,
        channel,
        id: saying.from,
        name: saying.name.unwrap_or_default(),
        text: saying.text,
        body: LineBody::Plain,
        ago: Duration::ZERO,
        echo: false,
        about: None,
    });
    plain(200, "ok\n")
}

/// `GET /sandbox/{account}/sent`: what reached customers, as JSON.
pub(super) async fn sent(State(world): State<Arc<World>>, Path(stage): Path<String>) -> Response {
    let Some(desk) = world.desk(&stage) else { return no_account() };
    let json = desk.ledger().to_json();
    respond(200, "application/json", json.to_string())
}

fn no_account() -> Response {
    plain(404, "no such account in this sandbox; GET /sandbox lists them\n")
}

/// A plain text answer.
pub(super) fn plain(status: u16, text: impl Into<String>) -> Response {
    respond(status, "text/plain; charset=utf-8", text.into())
}

fn respond(status: u16, mime: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    if let Ok(status) = axum::http::StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    let mime = axum::http::HeaderValue::from_static(mime);
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, mime);
    response
}
