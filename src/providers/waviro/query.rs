//! What WAVIRO can be asked: groups, the login QR, whether a number is on WhatsApp. All by POST.
//!
//! Source: seed 003, providers.md 4.2. `message` is an object, an array or a bool; nothing here assumes which.

use serde_json::{Value, json};

use super::send::endpoint;
use crate::domain::{Failure, Group, Timestamp};
use crate::providers::common::json::scalar;
use crate::providers::common::response::{is_success, query_failure};
use crate::providers::types::Profile;
use crate::providers::types::{LoginState, Query, QueryFailure, QueryResponse, Unsupported};
use crate::providers::types::{Method, Request, Response};

/// The request that asks `query`.
pub(super) fn request(profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
    let request = match query {
        Query::Groups => Request::bare(Method::Post, endpoint(profile, "groups")),
        // Asking for the QR is the only call without consequences, so it also proves the key.
        Query::Login | Query::Probe => Request::bare(Method::Post, endpoint(profile, "getqr/")),
        Query::CheckNumber(phone) => Request::post_json(endpoint(profile, "checknumber"), &json!({"nohp": phone})),
        Query::Contacts { .. } | Query::CreateContact(_) | Query::Templates { .. } => return Err(Unsupported),
    };
    Ok(request.secret_header("secretkey", &profile.api_key))
}

/// What the answer to a query means.
pub(super) fn answer(profile: &Profile, query: &Query, response: &Response) -> Result<QueryResponse, QueryFailure> {
    let body = response.value().filter(|body| is_success(response, body)).ok_or_else(|| query_failure(response))?;
    let message = body.get("message").unwrap_or(&Value::Null);
    match query {
        Query::Probe => Ok(QueryResponse::Alive),
        Query::Login => login(message).map(QueryResponse::Login).ok_or_else(unreadable),
        Query::Groups => match message {
            Value::Array(items) => {
                Ok(QueryResponse::Groups(items.iter().filter_map(|item| group(profile, item)).collect()))
            }
            _ => Err(unreadable()),
        },
        Query::CheckNumber(_) => truth(message).map(QueryResponse::Registered).ok_or_else(unreadable),
        Query::Contacts { .. } | Query::CreateContact(_) | Query::Templates { .. } => Err(unreadable()),
    }
}

fn login(message: &Value) -> Option<LoginState> {
    if truth(message.get("isAuthenticated")?)? {
        let text = |key: &str| message.get(key).and_then(scalar);
        return Some(LoginState::Connected { number: text("number"), name: text("name") });
    }
    // An empty code is "not yet" (providers.md 4.2).
    Some(message.get("qrcode").and_then(scalar).map_or(LoginState::NotReady, LoginState::Code))
}

fn group(profile: &Profile, item: &Value) -> Option<Group> {
    let id = item.get("groupid").and_then(scalar)?;
    Some(Group {
        account: profile.account.clone(),
        id: id.strip_suffix("@g.us").unwrap_or(&id).to_owned(),
        name: item.get("groupname").and_then(scalar).unwrap_or_default(),
        // No arrival time here; only the past can be listed, so no future is absurd.
        last_at: item.get("grouplastchat").and_then(|at| Timestamp::from_gateway(at, Timestamp(i64::MAX))),
    })
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(word) => word.trim().to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

fn unreadable() -> QueryFailure {
    QueryFailure { failure: Failure::new("unreadable", ""), retry_after: None, later: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::waviro::tests::profile;

    fn ask(query: &Query, status: u16, body: &Value) -> Result<QueryResponse, QueryFailure> {
        answer(&profile(), query, &Response::json(status, body))
    }

    #[test]
    fn reads_have_no_body_and_the_key_in_their_header() {
        for (query, url) in [
            (Query::Groups, "https://apitoko.waviro.com/api/groups"),
            (Query::Login, "https://apitoko.waviro.com/api/getqr/"),
            (Query::Probe, "https://apitoko.waviro.com/api/getqr/"),
        ] {
            let request = request(&profile(), &query).unwrap();
            assert_eq!((request.method, request.url.as_str()), (Method::Post, url));
            assert_eq!((request.body.as_deref(), request.header("secretkey")), (None, Some("kunci-rahasia")));
        }
        let check = request(&profile(), &Query::CheckNumber("628123000000".into())).unwrap();
        assert_eq!(check.body.unwrap(), br#"{"nohp":"628123000000"}"#);
        assert!(request(&profile(), &Query::Templates { page: 1 }).is_err());
    }

    #[test]
    fn a_login_is_connected_or_a_code_or_not_yet() {
        let login = |message: Value| ask(&Query::Login, 200, &json!({"success": true, "message": message}));
        assert_eq!(
            login(json!({"isAuthenticated": true, "number": "6283000000000", "name": "Toko", "qrcode": ""})),
            Ok(QueryResponse::Login(LoginState::Connected {
                number: Some("6283000000000".into()),
                name: Some("Toko".into())
            }))
        );
        assert_eq!(
            login(json!({"isAuthenticated": false, "qrcode": "2@cuTD5E9F,0S3s8oo08PKOx8PPvlO0/HxOG8jPxEk="})),
            Ok(QueryResponse::Login(LoginState::Code("2@cuTD5E9F,0S3s8oo08PKOx8PPvlO0/HxOG8jPxEk=".into())))
        );
        assert_eq!(
            login(json!({"isAuthenticated": false, "qrcode": ""})),
            Ok(QueryResponse::Login(LoginState::NotReady))
        );
        assert_eq!(login(json!({"isAuthenticated": false})), Ok(QueryResponse::Login(LoginState::NotReady)));
        assert_eq!(login(json!(true)).unwrap_err().failure.code, "unreadable");
    }

    #[test]
    fn groups_and_numbers_are_read_and_refusals_keep_the_vendors_words() {
        let groups = json!({"success": true, "message": [
            {"groupid": "120363000000000001", "groupname": "test", "grouplastchat": 1_678_975_656},
            {"groupid": "120364000000000002@g.us", "groupname": "test 2", "grouplastchat": null},
            {"broken": true},
        ]});
        let Ok(QueryResponse::Groups(groups)) = ask(&Query::Groups, 200, &groups) else { panic!("no groups") };
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].last_at, Some(Timestamp::from_seconds(1_678_975_656)));
        assert_eq!((groups[1].id.as_str(), groups[1].last_at), ("120364000000000002", None));
        let check = Query::CheckNumber("628123000000".into());
        assert_eq!(ask(&check, 200, &json!({"success": true, "message": false})), Ok(QueryResponse::Registered(false)));
        let refused = ask(&check, 400, &json!({"success": false, "errorMessage": "nohp salah"})).unwrap_err();
        assert_eq!((refused.failure.message.as_str(), refused.later), ("nohp salah", false));
        assert!(ask(&check, 429, &json!({})).unwrap_err().later);
    }
}
