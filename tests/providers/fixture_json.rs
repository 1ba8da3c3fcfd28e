//! Requests, outcomes, verdicts and inbound events as the JSON of fixtures, without values that are usual.
use loket::domain::{Channel, Contact, Direction, Failure, Inbound, Media, Timestamp};
use loket::domain::{InboundMessage, Peer, Receipt, Writer};
use loket::providers::{LoginState, Method, Outcome, QueryFailure, QueryResponse, Request, Verdict};
use serde_json::{Map, Value, json};

/// An object without its nulls, empty texts, empty lists, empty objects and `false`.
fn without_usual_values(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let unusual = fields.into_iter().filter(|(_, v)| match v {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    });
    Value::Object(unusual.collect::<Map<_, _>>())
}

fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| json!(at.rfc3339()))
}

fn channel(channel: Option<Channel>) -> Value {
    channel.map_or(Value::Null, |c| json!(c.as_str()))
}

fn failure(failure: &Failure) -> String {
    format!("{}: {}", failure.code, failure.message)
}

/// A request: all headers in one object, a JSON body as JSON.
pub(crate) fn request(request: &Request) -> Value {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
    };
    let mut headers = Map::new();
    for (name, value) in &request.headers {
        headers.insert((*name).to_owned(), json!(value));
    }
    for (name, value) in &request.secret_headers {
        headers.insert((*name).to_owned(), json!(value.expose()));
    }
    let mut json = json!({"method": method, "url": request.url, "headers": headers});
    if let Some(body) = &request.body {
        // Only bytes that are exactly compact JSON become JSON; everything else stays text.
        let text = String::from_utf8_lossy(body).into_owned();
        let as_json = serde_json::from_str::<Value>(&text)
            .ok()
            .filter(|v| !v.is_string() && v.to_string().as_bytes() == body.as_slice());
        json["body"] = as_json.unwrap_or(Value::String(text));
    }
    json
}

/// The outcome of a send.
pub(crate) fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Accepted { remote_id } => json!({"accepted": remote_id}),
        Outcome::Later { failure: f, retry_after: None } => json!({"later": failure(f)}),
        Outcome::Later { failure: f, retry_after: Some(wait) } => {
            json!({"later": failure(f), "retry_after": wait.as_secs()})
        }
        Outcome::Refused { failure: f } => json!({"refused": failure(f)}),
        Outcome::Unsure { failure: f } => json!({"unsure": failure(f)}),
        Outcome::Fallback(other) => json!({"instead": request(other)}),
    }
}

/// The code of an outcome's failure, for its remedy.
pub(crate) fn failure_code(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Later { failure, .. } | Outcome::Refused { failure } | Outcome::Unsure { failure } => {
            Some(&failure.code)
        }
        Outcome::Accepted { .. } | Outcome::Fallback(_) => None,
    }
}

fn contact(contact: &Contact) -> Value {
    without_usual_values(json!({
        "remote_id": contact.remote_id, "phone": contact.phone, "name": contact.name, "email": contact.email,
        "tags": contact.tags, "custom_fields": contact.custom_fields,
    }))
}

/// The response to a query: `{"answer": …}` or `{"error": …}`.
pub(crate) fn query_response(result: &Result<QueryResponse, QueryFailure>) -> Value {
    let response = match result {
        Ok(response) => response,
        Err(error) => {
            return without_usual_values(json!({
                "error": failure(&error.failure), "later": error.later,
                "retry_after": error.retry_after.map(|d| d.as_secs()),
            }));
        }
    };
    let answer = match response {
        QueryResponse::Contacts(page) => {
            let contacts: Vec<_> = page.contacts.iter().map(contact).collect();
            json!({"contacts": {"contacts": contacts, "total": page.total, "has_more": page.has_more}})
        }
        QueryResponse::Created(created) => json!({"created": contact(created)}),
        QueryResponse::Exists => json!("exists"),
        QueryResponse::Templates(templates, more) => {
            let templates: Vec<_> = templates
                .iter()
                .map(|t| {
                    without_usual_values(
                        json!({"name": t.name, "language": t.language, "status": t.status, "body": t.body}),
                    )
                })
                .collect();
            json!({"templates": templates, "more": more})
        }
        QueryResponse::Groups(groups) => {
            let groups: Vec<_> = groups
                .iter()
                .map(|g| without_usual_values(json!({"id": g.id, "name": g.name, "last_at": time(g.last_at)})))
                .collect();
            json!({"groups": groups})
        }
        QueryResponse::Registered(registered) => json!({"registered": registered}),
        QueryResponse::Login(LoginState::Connected { number, name }) => {
            json!({"login": {"connected": {"number": number, "name": name}}})
        }
        QueryResponse::Login(LoginState::Code(code)) => json!({"login": {"code": code}}),
        QueryResponse::Login(LoginState::NotReady) => json!({"login": "not_ready"}),
        QueryResponse::Alive => json!("alive"),
    };
    json!({"answer": answer})
}

/// The name of a verdict.
pub(crate) fn verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Genuine { .. } => "genuine",
        Verdict::Ping => "ping",
        Verdict::Unauthorised => "unauthorised",
        Verdict::TooOld => "too_old",
        Verdict::NotJson => "not_json",
    }
}

fn peer(peer: &Peer) -> Value {
    without_usual_values(json!({"peer": peer.id, "group": peer.group, "aliases": peer.aliases}))
}

fn media(media: Option<&Media>) -> Value {
    let Some(media) = media else { return Value::Null };
    let mut media = serde_json::to_value(media).unwrap();
    // What becomes of the file is ours to say: no gateway does.
    assert_eq!(media.as_object_mut().unwrap().remove("state"), Some("waiting".into()));
    let fields = without_usual_values(media);
    // Media without any field is still media.
    if fields.as_object().is_some_and(Map::is_empty) { json!({"known": "nothing"}) } else { fields }
}

fn message(message: &InboundMessage) -> Value {
    let direction = (message.direction == Direction::Out).then_some("out");
    let keyword = message.keyword.as_ref().map(|k| json!({"word": k.word, "fields": k.fields}));
    without_usual_values(json!({
        "peer": message.peer.id, "group": message.peer.group, "aliases": message.peer.aliases,
        "channel": channel(message.channel), "direction": direction, "name": message.name,
        "member": message.member, "remote_id": message.remote_id, "unique": message.unique,
        "kind": message.kind.as_str(), "text": message.text, "media": media(message.media.as_ref()),
        "payload": message.payload, "at": time(message.at), "keyword": keyword, "history": message.history,
    }))
}

fn receipt(receipt: &Receipt) -> Value {
    without_usual_values(json!({
        "remote_id": receipt.remote_id, "status": receipt.status.as_str(),
        "failure": receipt.failure.as_ref().map(failure), "recipient": receipt.recipient,
        "may_infer": receipt.may_infer, "at": time(receipt.at),
    }))
}

fn writer(by: &Writer) -> Value {
    let mut writer = peer(&by.peer);
    writer["channel"] = channel(by.channel);
    writer["member"] = json!(by.member);
    writer["direction"] = json!(by.direction.map(|d| if d == Direction::In { "in" } else { "out" }));
    without_usual_values(writer)
}

/// One inbound event.
pub(crate) fn inbound(inbound: &Inbound) -> Value {
    match inbound {
        Inbound::Message(m) => json!({"message": message(m)}),
        Inbound::Receipt(r) => json!({"receipt": receipt(r)}),
        Inbound::Edited { remote_id, text, by } => {
            json!({"edited": {"remote_id": remote_id, "text": text, "by": writer(by)}})
        }
        Inbound::Revoked { remote_id, by } => json!({"revoked": {"remote_id": remote_id, "by": writer(by)}}),
        Inbound::Named { channel: c, peer: p, name } => {
            let mut named = peer(p);
            named["name"] = json!(name);
            if c.is_some() {
                named["channel"] = channel(*c);
            }
            json!({"named": named})
        }
        Inbound::Session { state, detail } => {
            json!({"session": without_usual_values(json!({"state": state.as_str(), "detail": detail}))})
        }
        Inbound::Marketing { channel: c, peer: p, stopped } => {
            let mut preference = peer(p);
            preference["stopped"] = json!(stopped);
            if c.is_some() {
                preference["channel"] = channel(*c);
            }
            json!({"marketing": preference})
        }
        Inbound::Notice(notice) => {
            json!({"notice": without_usual_values(json!({"code": notice.code.as_str(), "detail": notice.detail}))})
        }
        Inbound::Moved { channel: c, from, to } => {
            json!({"moved": without_usual_values(json!({"channel": channel(*c), "from": peer(from), "to": peer(to)}))})
        }
        Inbound::Nothing { event } => json!({"nothing": event}),
        Inbound::Unknown { event } => json!({"unknown": event}),
    }
}
