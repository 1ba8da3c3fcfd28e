//! Sending and queries: for whatever the capabilities allow a request is built, the gateway's simulator reads it
//! as it was meant, and every documented response means what it should.

use crate::profiles::{NOW, every_mode};
use crate::samples;
use loket::domain::phone::peer_form;
use loket::domain::{Content, Failure, Outgoing, Remedy, Secret};
use loket::providers::{
    GatewayRequest, LoginState, Outcome, Profile, Provider, Query, QueryResponse, Request, Response,
};

/// An account of every gateway in every mode, with each optional setting.
fn accounts() -> Vec<(&'static dyn Provider, Profile)> {
    let mut all = Vec::new();
    for provider in loket::providers::registry::ALL {
        for profile in every_mode(*provider) {
            let notify_url =
                provider.manifest().has_ack_url.then(|| "https://inbox.example/webhooks/toko/t/ack".to_owned());
            let session = Some("sesi-1".to_owned());
            all.push((*provider, Profile { notify_url, ..profile.clone() }));
            all.push((*provider, Profile { session, ..profile }));
        }
    }
    all
}

/// Every message that an account can send, with its request.
fn for_each_message(mut check: impl FnMut(&'static dyn Provider, &Profile, &Outgoing, Request)) {
    for (provider, profile) in accounts() {
        let id = provider.manifest().id;
        let capabilities = provider.capabilities(&profile);
        for outgoing in samples::outgoings(&capabilities) {
            let window_until = profile.window.until(Some(NOW));
            assert_eq!(capabilities.allows(&outgoing, window_until, NOW), Ok(()), "{id}: {outgoing:?}");
            let request = provider.send_request(&profile, &outgoing);
            // Capabilities are the account's, not a channel's: beyond text, channels other than the first may
            // support less (a template that its gateway sends on WhatsApp only).
            let may_refuse =
                outgoing.channel != capabilities.channels[0] && !matches!(outgoing.content, Content::Text { .. });
            match request {
                Ok(request) => check(provider, &profile, &outgoing, request),
                Err(_) => assert!(may_refuse, "{id} allows but does not build {outgoing:?}"),
            }
        }
    }
}

fn read_by_simulator(provider: &dyn Provider, profile: &Profile, request: &Request) -> GatewayRequest {
    let result = provider.simulator().read_request(profile, request);
    result.unwrap_or_else(|response| {
        let (body, id) = (String::from_utf8_lossy(&response.body).into_owned(), provider.manifest().id);
        panic!("{id} refuses {request:?} with {}: {body}", response.status)
    })
}

#[test]
fn every_allowed_message_is_read_back_as_it_was_meant() {
    for_each_message(|provider, profile, outgoing, request| {
        let read = read_by_simulator(provider, profile, &request);
        let GatewayRequest::Send { channel, to, group, content, notify_url } = read else {
            panic!("{request:?} is not a send")
        };
        assert_eq!(channel, outgoing.channel, "{request:?}");
        assert_eq!(peer_form(&to), peer_form(&outgoing.to.peer), "{request:?}");
        assert_eq!(group, outgoing.to.group, "{request:?}");
        assert_eq!(content, outgoing.content, "{}", provider.manifest().id);
        assert_eq!(notify_url, profile.notify_url, "{request:?}");
    });
}

#[test]
fn a_simulated_acceptance_is_accepted() {
    for_each_message(|provider, profile, outgoing, request| {
        let read = read_by_simulator(provider, profile, &request);
        let response = provider.simulator().send_response(profile, &read, "3EB0AAAA", NOW);
        let outcome = provider.read_send_response(profile, outgoing, &response);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{}: {outcome:?}", provider.manifest().id);
    });
}

#[test]
fn a_wrong_key_is_refused_with_the_remedy_to_renew_it() {
    for_each_message(|provider, profile, outgoing, request| {
        let wrong_key = Profile { api_key: Secret::new("kunci-lain"), ..profile.clone() };
        let response = provider.simulator().read_request(&wrong_key, &request).expect_err("a wrong key");
        assert!(matches!(response.status, 401 | 403), "{response:?}");
        let Outcome::Refused { failure } = provider.read_send_response(profile, outgoing, &response) else {
            panic!("{response:?} is not a refusal")
        };
        assert_eq!(provider.remedy(&failure.code), Remedy::RenewKey, "{failure:?}");
    });
}

#[test]
fn only_an_acceptance_means_sent() {
    for_each_message(|provider, profile, outgoing, _| {
        let failure = Failure::new("uji", "kata-kata gerbang");
        let outcome = |status| {
            provider.read_send_response(profile, outgoing, &provider.simulator().error_response(status, &failure))
        };
        for status in [400, 422] {
            let Outcome::Refused { failure } = outcome(status) else { panic!("{status} is a refusal") };
            assert!(failure.message.contains("kata-kata gerbang"), "{failure:?}");
        }
        assert!(matches!(outcome(429), Outcome::Later { .. }));
        for status in [500, 502, 503, 504] {
            assert!(matches!(outcome(status), Outcome::Unsure { .. }), "{status}");
        }
        let page = Response { status: 200, headers: vec![], body: b"<html>masuk</html>".to_vec() };
        assert!(matches!(provider.read_send_response(profile, outgoing, &page), Outcome::Unsure { .. }));
    });
}

#[test]
fn queries_are_built_exactly_where_the_capabilities_allow_them() {
    for (provider, profile) in accounts() {
        let id = provider.manifest().id;
        for (query, allowed, answers) in samples::queries(&provider.capabilities(&profile), &profile) {
            let request = provider.query_request(&profile, &query);
            assert_eq!(request.is_ok(), allowed, "{id}: {query:?}");
            let Ok(request) = request else { continue };
            assert_eq!(
                read_by_simulator(provider, &profile, &request),
                GatewayRequest::Query(query.clone()),
                "{id}: {request:?}"
            );
            for answer in answers {
                let response = provider.simulator().query_response(&profile, &query, &answer, NOW);
                let read = provider.read_query_response(&profile, &query, &response);
                let bare = Ok(QueryResponse::Login(LoginState::Connected { number: None, name: None }));
                // Not every gateway names the connected phone.
                let connected = matches!(answer, QueryResponse::Login(LoginState::Connected { .. })) && read == bare;
                assert!(connected || read == Ok(answer.clone()), "{id}: {answer:?} became {read:?} by {response:?}");
            }
            let wrong_key = Profile { api_key: Secret::new("kunci-lain"), ..profile.clone() };
            let refusal = provider.simulator().read_request(&wrong_key, &request).expect_err("a wrong key");
            let error = provider.read_query_response(&profile, &query, &refusal).expect_err("a refusal");
            assert!(!error.later, "{id}: {error:?}");
            for (status, later) in [(429, true), (500, false)] {
                let answer = provider.simulator().error_response(status, &Failure::new("uji", "kata-kata"));
                let error = provider.read_query_response(&profile, &query, &answer).expect_err("an error");
                assert_eq!(error.later, later, "{id}: {status} {error:?}");
            }
        }
    }
}

#[test]
fn a_probe_distinguishes_a_valid_key_from_a_wrong_one() {
    for (provider, profile) in accounts() {
        let id = provider.manifest().id;
        let Ok(request) = provider.query_request(&profile, &Query::Probe) else { continue };
        let response_to = |key: &Profile| match provider.simulator().read_request(key, &request) {
            Ok(GatewayRequest::Query(query)) => {
                let queries = samples::queries(&provider.capabilities(&profile), &profile);
                let is_same_kind = |other: &Query| std::mem::discriminant(other) == std::mem::discriminant(&query);
                let answer = queries
                    .into_iter()
                    .find(|(other, ..)| is_same_kind(other))
                    .map(|(_, _, answers)| answers[0].clone());
                provider.simulator().query_response(key, &query, &answer.unwrap_or(QueryResponse::Alive), NOW)
            }
            Ok(GatewayRequest::Send { .. }) => panic!("{id}: a probe sends nothing"),
            Err(response) => response,
        };
        let good = provider.read_query_response(&profile, &Query::Probe, &response_to(&profile));
        assert_eq!(good, Ok(QueryResponse::Alive), "{id}");
        let wrong_key = Profile { api_key: Secret::new("kunci-lain"), ..profile.clone() };
        assert!(provider.read_query_response(&profile, &Query::Probe, &response_to(&wrong_key)).is_err(), "{id}");
    }
}

#[test]
fn no_secret_appears_in_what_may_be_logged() {
    for_each_message(|provider, profile, _, request| {
        let profile = Profile { webhook_secrets: vec![Secret::new("rahasia-kait")], ..profile.clone() };
        let shown = format!("{request:?} {profile:?} {}", request.url);
        assert!(!shown.contains("kunci-contoh") && !shown.contains("rahasia-kait"), "{}", provider.manifest().id);
        let body = String::from_utf8(request.body.unwrap_or_default()).unwrap();
        assert!(!body.contains("kunci-contoh") && !body.contains("rahasia-kait"), "{body}");
    });
}
