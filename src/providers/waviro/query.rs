//! Queries to WAVIRO: groups, the login QR, whether a number is on WhatsApp. All are POST requests.
//!
//! Source: seed 003, providers.md 4.2. `message` in a response is an object, an array or a bool.
use crate::domain::{Group, Timestamp};
use crate::providers::common::json::first_text;
use crate::providers::common::response::{is_success, query_failure};
use crate::providers::common::url::api_endpoint;
use crate::providers::types::{
    LoginState, Method, Profile, Query, QueryFailure, QueryResponse, Request, Response, Unsupported,
};
use serde_json::{Value, json};

/// The request that asks `query`.
pub(super) fn request(profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
    let request = match query {
        Query::Groups => Request::bare(Method::Post, api_endpoint(profile, "groups")),
        // Asking for the QR is the only request without consequences, so it also proves the key.
        Query::Login | Query::Probe => Request::bare(Method::Post, api_endpoint(profile, "getqr/")),
        Query::CheckNumber(phone) => Request::post_json(api_endpoint(profile, "checknumber"), &json!({"nohp": phone})),
        Query::Contacts { .. } | Query::CreateContact(_) | Query::Templates { .. } => return Err(Unsupported),
    };
    Ok(request.secret_header("secretkey", &profile.api_key))
}

/// Reads the response to a query.
pub(super) fn read_response(
    profile: &Profile,
    query: &Query,
    response: &Response,
) -> Result<QueryResponse, QueryFailure> {
    let body = response.value().filter(|body| is_success(response, body)).ok_or_else(|| query_failure(response))?;
    let message = body.get("message").unwrap_or(&Value::Null);
    let answer = match query {
        Query::Probe => Some(QueryResponse::Alive),
        Query::Login => login(message).map(QueryResponse::Login),
        Query::Groups => message
            .as_array()
            .map(|items| QueryResponse::Groups(items.iter().filter_map(|item| group(profile, item)).collect())),
        Query::CheckNumber(_) => read_bool(message).map(QueryResponse::Registered),
        Query::Contacts { .. } | Query::CreateContact(_) | Query::Templates { .. } => None,
    };
    answer.ok_or_else(QueryFailure::unreadable)
}

fn login(message: &Value) -> Option<LoginState> {
    if read_bool(message.get("isAuthenticated")?)? {
        let text = |key: &str| first_text(message, &[key]);
        return Some(LoginState::Connected { number: text("number"), name: text("name") });
    }
    // An empty code is "not yet" (providers.md 4.2).
    Some(first_text(message, &["qrcode"]).map_or(LoginState::NotReady, LoginState::Code))
}

fn group(profile: &Profile, item: &Value) -> Option<Group> {
    let id = first_text(item, &["groupid"])?;
    Some(Group {
        account: profile.account.clone(),
        id: id.strip_suffix("@g.us").unwrap_or(&id).to_owned(),
        name: first_text(item, &["groupname"]).unwrap_or_default(),
        // No arrival time here; only the past can be listed, so no future is absurd.
        last_at: item.get("grouplastchat").and_then(|at| Timestamp::from_gateway(at, Timestamp(i64::MAX))),
    })
}

/// A bool, or its name as text in any case.
fn read_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(name) => name.trim().to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::waviro::tests::profile;

    fn read(query: &Query, status: u16, body: &Value) -> Result<QueryResponse, QueryFailure> {
        read_response(&profile(), query, &Response::json(status, body))
    }

    #[test]
    fn queries_have_no_body_and_the_key_in_their_header() {
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
    fn a_login_is_connected_or_a_code_or_not_ready() {
        let login = |message: Value| read(&Query::Login, 200, &json!({"success": true, "message": message}));
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
    fn groups_and_numbers_are_read_and_refusals_keep_the_vendors_message() {
        let groups = json!({"success": true, "message": [
            {"groupid": "120363000000000001", "groupname": "test", "grouplastchat": 1_678_975_656},
            {"groupid": "120364000000000002@g.us", "groupname": "test 2", "grouplastchat": null},
            {"broken": true},
        ]});
        let Ok(QueryResponse::Groups(groups)) = read(&Query::Groups, 200, &groups) else { panic!("no groups") };
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].last_at, Some(Timestamp::from_seconds(1_678_975_656)));
        assert_eq!((groups[1].id.as_str(), groups[1].last_at), ("120364000000000002", None));
        let check = Query::CheckNumber("628123000000".into());
        assert_eq!(
            read(&check, 200, &json!({"success": true, "message": false})),
            Ok(QueryResponse::Registered(false))
        );
        let refused = read(&check, 400, &json!({"success": false, "errorMessage": "nohp salah"})).unwrap_err();
        assert_eq!((refused.failure.message.as_str(), refused.later), ("nohp salah", false));
        assert!(read(&check, 429, &json!({})).unwrap_err().later);
    }
}
