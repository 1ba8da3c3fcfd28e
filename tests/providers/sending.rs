//! The way out: whatever the capabilities promise is built, understood by the gateway's other side as it was
//! meant, and every documented answer means what it should.

use loket::domain::phone::peer_form;
use loket::domain::{Content, Failure, Outgoing, Remedy, Secret};
use loket::providers::{
    GatewayRequest, LoginState, Outcome, Profile, Provider, Query, QueryResponse, Request, Response,
};

use crate::accounts::{self, NOW};
use crate::samples;

/// Every gateway in every mode, with all that an account may be set to.
fn everyone() -> Vec<(&'static dyn Provider, Profile)> {
    let mut all = Vec::new();
    for provider in loket::providers::registry::ALL {
        for profile in accounts::every_mode(*provider) {
            let notify_url =
                provider.manifest().acks_by_url.then(|| "https://inbox.example/webhooks/toko/t/ack".to_owned());
            let session = Some("sesi-1".to_owned());
            all.push((*provider, Profile { notify_url, ..profile.clone() }));
            all.push((*provider, Profile { session, ..profile }));
        }
    }
    all
}

/// Every message that an account can send, with its request.
fn each(mut check: impl FnMut(&'static dyn Provider, &Profile, &Outgoing, Request)) {
    for (provider, profile) in everyone() {
        let id = provider.manifest().id;
        let can = provider.capabilities(&profile);
        for outgoing in samples::outgoings(&can) {
            assert_eq!(can.allows(&outgoing, can.window.until(Some(NOW)), NOW), Ok(()), "{id}: {outgoing:?}");
            let request = provider.send(&profile, &outgoing);
            // Capabilities are the account's, not a channel's: beyond text, other channels than the first may
            // carry less (a template that its gateway sends on WhatsApp only).
            let may_refuse = outgoing.channel != can.channels[0] && !matches!(outgoing.content, Content::Text { .. });
            match request {
                Ok(request) => check(provider, &profile, &outgoing, request),
                Err(_) => assert!(may_refuse, "{id} promises but does not carry {outgoing:?}"),
            }
        }
    }
}

fn read(provider: &dyn Provider, profile: &Profile, request: &Request) -> GatewayRequest {
    let read = provider.sim().read(profile, request);
    read.unwrap_or_else(|answer| {
        let (body, id) = (String::from_utf8_lossy(&answer.body).into_owned(), provider.manifest().id);
        panic!("{id} refuses {request:?} with {}: {body}", answer.status)
    })
}

#[test]
fn what_is_promised_is_understood_as_it_was_meant() {
    each(|provider, profile, outgoing, request| {
        let asked = read(provider, profile, &request);
        let GatewayRequest::Send { channel, to, group, content, notify_url } = asked else {
            panic!("{request:?} is no send")
        };
        assert_eq!(channel, outgoing.channel, "{request:?}");
        assert_eq!(peer_form(&to), peer_form(&outgoing.to.peer), "{request:?}");
        assert_eq!(group, outgoing.to.group, "{request:?}");
        assert_eq!(content, outgoing.content, "{}", provider.manifest().id);
        assert_eq!(notify_url, profile.notify_url, "{request:?}");
    });
}

#[test]
fn an_accepted_send_is_accepted() {
    each(|provider, profile, outgoing, request| {
        let asked = read(provider, profile, &request);
        let answer = provider.sim().sent(profile, &asked, "3EB0AAAA", NOW);
        let outcome = provider.outcome(profile, outgoing, &answer);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{}: {outcome:?}", provider.manifest().id);
    });
}

#[test]
fn a_wrong_key_is_refused_and_a_person_must_renew_it() {
    each(|provider, profile, outgoing, request| {
        let theirs = Profile { api_key: Secret::new("kunci-lain"), ..profile.clone() };
        let answer = provider.sim().read(&theirs, &request).expect_err("a wrong key");
        assert!(matches!(answer.status, 401 | 403), "{answer:?}");
        let Outcome::Refused { failure } = provider.outcome(profile, outgoing, &answer) else {
            panic!("{answer:?} is no refusal")
        };
        assert_eq!(provider.remedy(&failure.code), Remedy::RenewKey, "{failure:?}");
    });
}

#[test]
fn no_answer_but_an_acceptance_says_sent() {
    each(|provider, profile, outgoing, _| {
        let told = Failure::new("uji", "kata-kata gerbang");
        let outcome = |status| provider.outcome(profile, outgoing, &provider.sim().error(status, &told));
        for status in [400, 422] {
            let Outcome::Refused { failure } = outcome(status) else { panic!("{status} is a refusal") };
            assert!(failure.message.contains("kata-kata gerbang"), "{failure:?}");
        }
        assert!(matches!(outcome(429), Outcome::Later { .. }));
        for status in [500, 502, 503, 504] {
            assert!(matches!(outcome(status), Outcome::Unsure { .. }), "{status}");
        }
        let page = Response { status: 200, headers: vec![], body: b"<html>masuk</html>".to_vec() };
        assert!(matches!(provider.outcome(profile, outgoing, &page), Outcome::Unsure { .. }));
    });
}

#[test]
fn queries_are_carried_exactly_where_promised() {
    for (provider, profile) in everyone() {
        let id = provider.manifest().id;
        for (query, promised, answers) in samples::queries(&provider.capabilities(&profile), &profile) {
            let request = provider.query(&profile, &query);
            assert_eq!(request.is_ok(), promised, "{id}: {query:?}");
            let Ok(request) = request else { continue };
            assert_eq!(read(provider, &profile, &request), GatewayRequest::Query(query.clone()), "{id}: {request:?}");
            for answer in answers {
                let response = provider.sim().answered(&profile, &query, &answer, NOW);
                let read = provider.answer(&profile, &query, &response);
                let bare = Ok(QueryResponse::Login(LoginState::Connected { number: None, name: None }));
                // Not every gateway says who is connected.
                let connected = matches!(answer, QueryResponse::Login(LoginState::Connected { .. })) && read == bare;
                assert!(connected || read == Ok(answer.clone()), "{id}: {answer:?} became {read:?} by {response:?}");
            }
            let theirs = Profile { api_key: Secret::new("kunci-lain"), ..profile.clone() };
            let refusal = provider.sim().read(&theirs, &request).expect_err("a wrong key");
            let error = provider.answer(&profile, &query, &refusal).expect_err("a refusal");
            assert!(!error.later, "{id}: {error:?}");
            for (status, later) in [(429, true), (500, false)] {
                let answer = provider.sim().error(status, &Failure::new("uji", "kata-kata"));
                let error = provider.answer(&profile, &query, &answer).expect_err("an error");
                assert_eq!(error.later, later, "{id}: {status} {error:?}");
            }
        }
    }
}

#[test]
fn a_probe_tells_a_good_key_from_a_bad_one() {
    for (provider, profile) in everyone() {
        let id = provider.manifest().id;
        let Ok(request) = provider.query(&profile, &Query::Probe) else { continue };
        let answer_of = |key: &Profile| match provider.sim().read(key, &request) {
            Ok(GatewayRequest::Query(query)) => {
                let promised = samples::queries(&provider.capabilities(&profile), &profile);
                let like = |other: &Query| std::mem::discriminant(other) == std::mem::discriminant(&query);
                let answer =
                    promised.into_iter().find(|(other, ..)| like(other)).map(|(_, _, answers)| answers[0].clone());
                provider.sim().answered(key, &query, &answer.unwrap_or(QueryResponse::Alive), NOW)
            }
            Ok(GatewayRequest::Send { .. }) => panic!("{id}: a probe sends nothing"),
            Err(response) => response,
        };
        let good = provider.answer(&profile, &Query::Probe, &answer_of(&profile));
        assert_eq!(good, Ok(QueryResponse::Alive), "{id}");
        let theirs = Profile { api_key: Secret::new("kunci-lain"), ..profile.clone() };
        assert!(provider.answer(&profile, &Query::Probe, &answer_of(&theirs)).is_err(), "{id}");
    }
}

#[test]
fn no_secret_shows_in_what_may_be_logged() {
    each(|provider, profile, _, request| {
        let profile = Profile { webhook_secrets: vec![Secret::new("rahasia-kait")], ..profile.clone() };
        let shown = format!("{request:?} {profile:?} {}", request.url);
        assert!(!shown.contains("kunci-contoh") && !shown.contains("rahasia-kait"), "{}", provider.manifest().id);
        let body = String::from_utf8(request.body.unwrap_or_default()).unwrap();
        assert!(!body.contains("kunci-contoh") && !body.contains("rahasia-kait"), "{body}");
    });
}
