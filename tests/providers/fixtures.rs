//! Checks every fixture in `tests/fixtures/providers/` against its gateway; the README there has the format.

use crate::{fixture_json, profiles};
use loket::domain::{Outgoing, Timestamp};
use loket::providers::{Profile, Provider, Query, Request, Response, Verdict, Webhook, registry};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One fixture.
pub(crate) struct Case {
    /// `folder/file`.
    pub(crate) name: String,
    pub(crate) provider: &'static dyn Provider,
    pub(crate) value: Value,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/providers")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Every fixture of every folder, sorted by name.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for folder in entries(&root()).into_iter().filter(|p| p.is_dir()) {
        let folder_name = folder.file_name().unwrap().to_string_lossy().into_owned();
        for file in entries(&folder).into_iter().filter(|p| p.extension().is_some_and(|e| e == "json")) {
            let name = format!("{folder_name}/{}", file.file_name().unwrap().to_string_lossy());
            let value: Value =
                serde_json::from_slice(&fs::read(&file).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
            let id = value.get("provider").and_then(Value::as_str).unwrap_or(&folder_name).to_owned();
            let provider = registry::find(&id).unwrap_or_else(|| panic!("{name}: no gateway {id}"));
            cases.push(Case { name, provider, value });
        }
    }
    cases
}

impl Case {
    /// The default account of the gateway with the fixture's `profile`.
    pub(crate) fn profile(&self) -> Profile {
        profiles::from_settings(self.provider, self.value.get("profile"))
    }

    /// When the webhook arrives.
    pub(crate) fn at(&self) -> Timestamp {
        let given = self.value.get("at").and_then(Value::as_str);
        given.map_or(profiles::NOW, |text| Timestamp::parse_rfc3339(text).expect("`at` is RFC 3339"))
    }

    /// The webhook, in a fixture that has one.
    pub(crate) fn webhook(&self) -> Option<Webhook> {
        let webhook = self.value.get("webhook")?;
        reject_unknown_keys(webhook, &["ack", "headers", "body"]).unwrap();
        let headers = headers(webhook).into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let ack = webhook.get("ack") == Some(&Value::Bool(true));
        Some(Webhook { ack, headers, body: bytes(webhook.get("body")).unwrap_or_default() })
    }
}

fn headers(value: &Value) -> Vec<(String, String)> {
    let fields = value.get("headers").and_then(Value::as_object);
    fields.into_iter().flatten().map(|(n, v)| (n.clone(), v.as_str().expect("header text").to_owned())).collect()
}

fn bytes(body: Option<&Value>) -> Option<Vec<u8>> {
    match body? {
        Value::String(text) => Some(text.clone().into_bytes()),
        json => Some(json.to_string().into_bytes()),
    }
}

fn reject_unknown_keys(value: &Value, known: &[&str]) -> Result<(), String> {
    let unknown: Vec<_> =
        value.as_object().into_iter().flatten().map(|(k, _)| k).filter(|k| !known.contains(&k.as_str())).collect();
    if unknown.is_empty() { Ok(()) } else { Err(format!("unknown keys {unknown:?}")) }
}

fn expect_equal(what: &str, expected: &Value, actual: &Value) -> Result<(), String> {
    if expected == actual { Ok(()) } else { Err(format!("{what}\n   expected {expected}\n   actual   {actual}")) }
}

fn check(case: &Case) -> Result<(), String> {
    reject_unknown_keys(
        &case.value,
        &[
            "source",
            "provider",
            "profile",
            "at",
            "outgoing",
            "query",
            "request",
            "responses",
            "webhook",
            "verdict",
            "key",
            "within",
            "claims",
        ],
    )?;
    let source = case.value.get("source").and_then(Value::as_str).unwrap_or_default();
    if source.len() < 8 {
        return Err("names no source".to_owned());
    }
    let subjects = ["outgoing", "query", "webhook"].into_iter().filter(|k| case.value.get(*k).is_some()).count();
    match (subjects, case.value.get("outgoing"), case.value.get("query")) {
        (1, Some(outgoing), _) => check_outgoing(case, outgoing),
        (1, _, Some(query)) => check_query(case, query),
        (1, None, None) => check_webhook(case),
        _ => Err("must have exactly one of outgoing, query, webhook".to_owned()),
    }
}

fn check_request(expected: Option<&Value>, actual: Option<&Request>) -> Result<(), String> {
    let expected = expected.ok_or("`request` is missing")?;
    let actual = actual.map_or(Value::Null, fixture_json::request);
    expect_equal("request", expected, &actual)?;
    // Equal JSON may still differ in the order of its fields.
    expect_equal("bytes of the body", &json!(expected["body"].to_string()), &json!(actual["body"].to_string()))
}

fn check_outgoing(case: &Case, outgoing: &Value) -> Result<(), String> {
    let outgoing: Outgoing = serde_json::from_value(outgoing.clone()).map_err(|e| format!("outgoing: {e}"))?;
    let profile = case.profile();
    let request = case.provider.send_request(&profile, &outgoing).ok();
    if request.is_some() {
        let allowed = case.provider.capabilities(&profile).allows(
            &outgoing,
            profile.window.until(Some(profiles::NOW)),
            profiles::NOW,
        );
        allowed.map_err(|objection| format!("capabilities object: {objection:?}"))?;
    }
    check_request(case.value.get("request"), request.as_ref())?;
    for expected in case.value.get("responses").and_then(Value::as_array).into_iter().flatten() {
        reject_unknown_keys(expected, &["status", "headers", "body", "outcome", "remedy"])?;
        let outcome = case.provider.read_send_response(&profile, &outgoing, &response(expected)?);
        expect_equal("outcome", &expected["outcome"], &fixture_json::outcome(&outcome))?;
        if let Some(remedy) = expected.get("remedy") {
            let code = fixture_json::failure_code(&outcome).ok_or("a remedy without a failure")?;
            expect_equal("remedy", remedy, &json!(format!("{:?}", case.provider.remedy(code))))?;
        }
    }
    Ok(())
}

fn response(value: &Value) -> Result<Response, String> {
    let status = value["status"].as_u64().and_then(|s| u16::try_from(s).ok()).ok_or("`status` is missing")?;
    Ok(Response { status, headers: headers(value), body: bytes(value.get("body")).unwrap_or_default() })
}

fn read_query(value: &Value) -> Result<Query, String> {
    let number = |v: &Value| v.as_u64().and_then(|n| u32::try_from(n).ok()).ok_or("a number is missing");
    if let Some(name) = value.as_str() {
        return match name {
            "groups" => Ok(Query::Groups),
            "login" => Ok(Query::Login),
            "probe" => Ok(Query::Probe),
            other => Err(format!("unknown query {other}")),
        };
    }
    reject_unknown_keys(value, &["contacts", "create_contact", "templates", "check_number"])?;
    if let Some(page) = value.get("contacts") {
        reject_unknown_keys(page, &["page", "per_page", "search"])?;
        let search = page.get("search").and_then(Value::as_str).map(str::to_owned);
        return Ok(Query::Contacts { page: number(&page["page"])?, per_page: number(&page["per_page"])?, search });
    }
    if let Some(contact) = value.get("create_contact") {
        let mut full =
            json!({"remote_id": null, "phone": null, "name": null, "email": null, "tags": [], "custom_fields": {}});
        for (key, field) in contact.as_object().into_iter().flatten() {
            full[key] = field.clone();
        }
        return Ok(Query::CreateContact(serde_json::from_value(full).map_err(|e| format!("contact: {e}"))?));
    }
    if let Some(page) = value.get("templates") {
        return Ok(Query::Templates { page: number(page)? });
    }
    let phone = value.get("check_number").and_then(Value::as_str).ok_or("unknown query")?;
    Ok(Query::CheckNumber(phone.to_owned()))
}

fn check_query(case: &Case, query: &Value) -> Result<(), String> {
    let query = read_query(query)?;
    let profile = case.profile();
    check_request(case.value.get("request"), case.provider.query_request(&profile, &query).ok().as_ref())?;
    for expected in case.value.get("responses").and_then(Value::as_array).into_iter().flatten() {
        reject_unknown_keys(expected, &["status", "headers", "body", "answer", "error", "later", "retry_after"])?;
        let answer = case.provider.read_query_response(&profile, &query, &response(expected)?);
        let mut expected_answer = expected.clone();
        for key in ["status", "headers", "body"] {
            expected_answer.as_object_mut().unwrap().remove(key);
        }
        expect_equal("response", &expected_answer, &fixture_json::query_response(&answer))?;
    }
    Ok(())
}

fn check_webhook(case: &Case) -> Result<(), String> {
    let webhook = case.webhook().ok_or("no webhook")?;
    let profile = case.profile();
    let verdict = case.provider.verify(&profile, &webhook, case.at());
    expect_equal("verdict", &case.value["verdict"], &json!(fixture_json::verdict(&verdict)))?;
    let Verdict::Genuine { key, within } = verdict else { return Ok(()) };
    if let Some(expected) = case.value.get("key") {
        expect_equal("key", expected, &json!(key))?;
    }
    if let Some(expected) = case.value.get("within") {
        expect_equal("within", expected, &json!(within.as_ref().map(Duration::as_secs)))?;
    }
    let inbound = case.provider.interpret(&profile, &webhook, case.at());
    let inbound: Vec<_> = inbound.iter().map(fixture_json::inbound).collect();
    expect_equal("claims", case.value.get("claims").ok_or("`claims` is missing")?, &json!(inbound))
}

#[test]
fn every_fixture_holds() {
    let failures: Vec<_> =
        all().iter().filter_map(|case| check(case).err().map(|why| format!("{}: {why}", case.name))).collect();
    assert!(failures.is_empty(), "{} fixtures fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_gateway_has_fixtures_of_both_directions() {
    let cases = all();
    for provider in registry::ALL {
        let id = provider.manifest().id;
        for key in ["outgoing", "webhook"] {
            let any = cases.iter().any(|c| c.provider.manifest().id == id && c.value.get(key).is_some());
            assert!(any, "{id} has no fixture with `{key}`");
        }
    }
}
