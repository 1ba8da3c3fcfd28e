//! Requests to Chatera's address book and template list, and what their responses mean.
//!
//! Sources: seed 001 (contacts), providers.md 2.3 (templates).
use serde_json::{Map, Value, json};

use crate::domain::contact::ContactPage;
use crate::domain::phone::{self, INDONESIA};
use crate::domain::{Contact, MediaKind, Template, TemplateParts};
use crate::providers::common::json::{first_field, first_text};
use crate::providers::common::response::{is_success, query_failure};
use crate::providers::common::url;
use crate::providers::types::{Method, Profile, Query, QueryFailure, QueryResponse, Request, Response, Unsupported};

/// Most contacts on a page (seed 001: "maks 100").
const PER_PAGE_MAX: u32 = 100;

pub(super) fn request(profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
    let url = |path: &str| format!("{}{path}", profile.base_url);
    let request = match query {
        Query::Contacts { page, per_page, search } => {
            let (page, per_page) = (page.to_string(), per_page.clamp(&1, &PER_PAGE_MAX).to_string());
            let mut parameters = vec![("page", page.as_str()), ("per_page", per_page.as_str())];
            if let Some(search) = search {
                parameters.push(("search", search));
            }
            Request::bare(Method::Get, url::with_parameters(&url("/contacts"), &parameters))
        }
        Query::CreateContact(contact) => Request::post_json(url("/contacts"), &new_contact(contact)?),
        // Paging of templates is not documented; the first page is requested as the document shows.
        Query::Templates { page: 0 | 1 } => Request::bare(Method::Get, url("/whatsapp/templates")),
        Query::Templates { page } => {
            let page = page.to_string();
            Request::bare(Method::Get, url::with_parameters(&url("/whatsapp/templates"), &[("page", &page)]))
        }
        Query::Probe => Request::bare(Method::Get, url("/contacts?page=1&per_page=1")),
        Query::Groups | Query::CheckNumber(_) | Query::Login => return Err(Unsupported),
    };
    Ok(request.bearer(&profile.api_key))
}

fn new_contact(contact: &Contact) -> Result<Value, Unsupported> {
    let mut body = Map::new();
    body.insert("phone".to_owned(), json!(contact.phone.as_deref().ok_or(Unsupported)?));
    if let Some(name) = &contact.name {
        body.insert("name".to_owned(), json!(name));
    }
    if let Some(email) = &contact.email {
        body.insert("email".to_owned(), json!(email));
    }
    if !contact.tags.is_empty() {
        body.insert("tags".to_owned(), json!(contact.tags));
    }
    if !contact.custom_fields.is_empty() {
        body.insert("custom_fields".to_owned(), json!(contact.custom_fields));
    }
    Ok(Value::Object(body))
}

pub(super) fn read_response(
    profile: &Profile,
    query: &Query,
    response: &Response,
) -> Result<QueryResponse, QueryFailure> {
    let body = response.value().unwrap_or(Value::Null);
    let code = body.pointer("/error/code").and_then(Value::as_str).unwrap_or_default();
    match (query, code) {
        (Query::CreateContact(_), "RESOURCE_ALREADY_EXISTS") => return Ok(QueryResponse::Exists),
        // The key is valid but may not read the address book; sending has a scope of its own.
        (Query::Probe, "AUTH_INSUFFICIENT_SCOPE") => return Ok(QueryResponse::Alive),
        _ if !is_success(response, &body) => return Err(query_failure(response)),
        _ => {}
    }
    match query {
        Query::Contacts { page, per_page, .. } => Ok(QueryResponse::Contacts(contact_page(&body, *page, *per_page))),
        Query::CreateContact(requested) => {
            let created = body.get("data").filter(|d| d.is_object()).map(contact);
            Ok(QueryResponse::Created(Box::new(created.unwrap_or_else(|| (**requested).clone()))))
        }
        Query::Templates { .. } => Ok(templates(profile, &body)),
        Query::Probe => Ok(QueryResponse::Alive),
        Query::Groups | Query::CheckNumber(_) | Query::Login => Err(query_failure(response)),
    }
}

fn items(body: &Value, inner: &str) -> Vec<Value> {
    let data = body.get("data").unwrap_or(body);
    let list = data.as_array().or_else(|| data.get(inner)?.as_array());
    list.map(|items| items.iter().filter(|i| i.is_object()).cloned().collect()).unwrap_or_default()
}

fn contact_page(body: &Value, page: u32, per_page: u32) -> ContactPage {
    let contacts: Vec<_> = items(body, "contacts").iter().map(contact).collect();
    let meta = body.get("meta").unwrap_or(&Value::Null);
    let total = meta.get("total").and_then(Value::as_u64);
    let has_more = meta.get("has_more").and_then(Value::as_bool);
    let has_more = has_more.unwrap_or_else(|| match total {
        Some(total) => u64::from(page) * u64::from(per_page) < total,
        None => !contacts.is_empty() && u32::try_from(contacts.len()).is_ok_and(|n| n >= per_page),
    });
    ContactPage { contacts, total, has_more }
}

/// A contact as seed 001 describes it. Its phone number has a `+`, which ours have not.
pub(super) fn contact(data: &Value) -> Contact {
    let tags = data.get("tags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Contact {
        account: None,
        remote_id: first_text(data, &["id"]),
        phone: first_text(data, &["phone"]).map(|text| phone::normalise(&text, INDONESIA).unwrap_or(text)),
        name: first_text(data, &["name"]),
        email: first_text(data, &["email"]),
        tags: tags.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        custom_fields: data.get("custom_fields").and_then(Value::as_object).cloned().unwrap_or_default(),
    }
}

fn templates(profile: &Profile, body: &Value) -> QueryResponse {
    let templates = items(body, "templates").iter().filter_map(|data| template(profile, data)).collect();
    QueryResponse::Templates(templates, body.pointer("/meta/has_more") == Some(&Value::Bool(true)))
}

fn template(profile: &Profile, data: &Value) -> Option<Template> {
    let language = first_field(data, &["language"]);
    let parts = data.get("components").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let body = parts
        .iter()
        .find(|part| first_text(part, &["type"]).is_some_and(|t| t.eq_ignore_ascii_case("body")))
        .or_else(|| data.get("body").filter(|b| b.is_object()))
        .and_then(|part| first_text(part, &["text"]))
        .or_else(|| first_text(data, &["body", "text"]));
    Some(Template {
        account: profile.account.clone(),
        name: first_text(data, &["name", "id"])?,
        language: language
            .and_then(|l| l.as_str().map(str::to_owned).or_else(|| first_text(l, &["code"])))
            .or_else(|| first_text(data, &["language_code"]))
            .unwrap_or_default(),
        // The list holds only approved templates (providers.md 2.3).
        status: first_text(data, &["status"]).unwrap_or_else(|| "APPROVED".to_owned()),
        body: body.unwrap_or_default(),
        parts: template_parts(parts),
    })
}

/// Header, footer and buttons, in the objects in which Meta lists a template's components.
fn template_parts(components: &[Value]) -> TemplateParts {
    let component = |kind: &str| {
        components.iter().find(|part| first_text(part, &["type"]).is_some_and(|t| t.eq_ignore_ascii_case(kind)))
    };
    let text = |kind: &str| component(kind).and_then(|part| first_text(part, &["text"])).unwrap_or_default();
    let format = component("header").and_then(|part| first_text(part, &["format"])).unwrap_or_default();
    let buttons = component("buttons").and_then(|part| part.get("buttons")).and_then(Value::as_array);
    TemplateParts {
        header_text: text("header"),
        header_media: MediaKind::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(&format)),
        footer: text("footer"),
        buttons: buttons.into_iter().flatten().filter_map(|button| first_text(button, &["text"])).collect(),
    }
}
