//! What a gateway's answer makes of a message, and that nothing is ever sent twice by itself.
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::gateway::{Answer, Gateway, Request};
use crate::kit::{Dialect, Home, wait_until};
use crate::{accepted, fast, queue, state, status, text, times};
use serde_json::json;

fn plain(status: u16, body: &str) -> Answer {
    Answer::Respond(status, vec![("Content-Type".to_owned(), "text/html".to_owned())], body.to_owned())
}

/// Does as the message's text says.
fn respond_to(seen: &Request) -> Answer {
    let refused = json!({"success": false, "error": {"code": "KODE", "message": "kata gerbang"}});
    match text(seen).as_str() {
        "success false" => Answer::json(200, &refused),
        "html" => plain(200, "<html>Sign in</html>"),
        "empty" => plain(204, ""),
        "hang up" => Answer::Close,
        "break off 200" => Answer::BreakOff(200),
        "break off 400" => Answer::BreakOff(400),
        "redirect" => {
            let to = seen.header("host").map(|host| ("Location".to_owned(), format!("http://{host}/elsewhere")));
            Answer::Respond(307, to.into_iter().collect(), String::new())
        }
        other => match other.parse::<u16>() {
            Ok(200) => Answer::json(200, &accepted(Dialect::Chatera, 1)),
            Ok(201) => Answer::json(201, &json!({"messageId": "c-201"})),
            Ok(status) => Answer::json(status, &refused),
            Err(_) => Answer::json(200, &accepted(Dialect::Chatera, 7)),
        },
    }
}

#[test]
fn every_response_has_its_outcome_after_one_request() {
    let gateway = Gateway::start(respond_to);
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let table = [
        ("200", 0, "sent"),
        ("201", 0, "sent"),
        ("400", 1, "failed"),
        ("403", 1, "failed"),
        ("404", 1, "failed"),
        ("409", 1, "failed"),
        ("422", 1, "failed"),
        ("success false", 1, "failed"),
        ("redirect", 1, "failed"),
        ("break off 400", 1, "failed"),
        ("408", 1, "unsure"),
        ("500", 1, "unsure"),
        ("502", 1, "unsure"),
        ("503", 1, "unsure"),
        ("504", 1, "unsure"),
        ("html", 1, "unsure"),
        ("empty", 1, "unsure"),
        ("hang up", 1, "unsure"),
        ("break off 200", 1, "unsure"),
    ];
    for (n, (content, exit, reached)) in table.iter().enumerate() {
        let to = format!("62812345{n:04}");
        let output =
            home.run(&["--json", "send", "--account", "toko", "--to", &to, "--text", content]).expect_status(*exit);
        let [message] = &output.json()[..] else { panic!("{output:?}") };
        assert_eq!(message["status"], *reached, "{content}: {output:?}");
        assert_eq!(message["error"].is_null(), *exit == 0, "{content}: {message}");
        assert_eq!(output.err.is_empty(), *exit == 0, "{content}: {}", output.err);
        if matches!(*content, "400" | "422" | "success false" | "500") {
            assert_eq!(message["error"], json!({"code": "KODE", "message": "kata gerbang"}), "{content}");
            assert!(output.err.lines().next().unwrap().contains("kata gerbang"), "{}", output.err);
        }
    }
    // An engine that starts, works and starts again sends none of them another time.
    for round in 0..2 {
        let engine = home.serve();
        let content = format!("sesudah {round}");
        queue(&home, "toko", "6281299999999", &content);
        home.until_messages("toko", "the later message", |m| status(m, &content) == "sent");
        engine.end();
    }
    for (content, _, reached) in table {
        assert_eq!(times(&gateway, content), 1, "{content}");
        assert_eq!(status(&home.messages("toko"), content), reached, "{content}");
    }
    assert!(gateway.requests().iter().all(|seen| seen.path != "/elsewhere"), "a redirect was followed");
}

/// Says 429 to the first request with these headers, then takes everything.
fn busy_at_first(headers: Vec<(String, String)>) -> Gateway {
    let first = AtomicBool::new(true);
    Gateway::start(move |_| {
        if first.swap(false, Ordering::SeqCst) {
            return Answer::Respond(429, headers.clone(), r#"{"error":"slow down"}"#.to_owned());
        }
        Answer::json(200, &accepted(Dialect::Chatera, 1))
    })
}

fn gap_after_429(headers: Vec<(String, String)>) -> Duration {
    let gateway = busy_at_first(headers);
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let _engine = home.serve();
    queue(&home, "toko", "6281230001", "satu");
    gateway.wait_for_requests(1);
    wait_until("the state", || (state(&home, "toko") == "rate_limited").then_some(()));
    // The whole account waits, not only this conversation.
    let output =
        home.run(&["--json", "send", "--account", "toko", "--to", "6281230002", "--text", "dua", "--wait", "0"]);
    assert_eq!(output.expect_status(3).json()[0]["status"], "queued");
    let done = home.until_messages("toko", "both", |m| status(m, "satu") == "sent" && status(m, "dua") == "sent");
    assert!(done.iter().all(|m| m["error"].is_null()), "{done:?}");
    wait_until("the state", || (state(&home, "toko") == "unknown").then_some(()));
    assert_eq!((times(&gateway, "satu"), times(&gateway, "dua")), (2, 1));
    let seen = gateway.requests();
    seen[1].at.duration_since(seen[0].at)
}

#[test]
fn too_many_requests_wait_as_long_as_the_gateway_says() {
    let header = |value: String| vec![("Retry-After".to_owned(), value)];
    assert!(gap_after_429(header("3".to_owned())) >= Duration::from_millis(2950));
    let at = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(5)).unwrap();
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap();
    let begun = jiff::Timestamp::now();
    gap_after_429(header(date));
    // The date has no fraction of a second.
    let waited = jiff::Timestamp::now().duration_since(begun);
    assert!(waited >= jiff::SignedDuration::from_millis(3900), "{waited}");
    assert!(gap_after_429(Vec::new()) >= Duration::from_millis(1950), "without a word: 2, 4, 8 … seconds");
}

#[test]
fn who_cannot_be_reached_is_tried_until_he_can() {
    let address = Gateway::closed_address();
    let home = Home::new(&fast("toko", Dialect::Chatera, &format!("http://{address}")));
    let engine = home.serve();
    let output =
        home.run(&["--json", "send", "--account", "toko", "--to", "6281230001", "--text", "satu", "--wait", "1"]);
    let message = output.expect_status(3).json().remove(0);
    assert_eq!((message["status"].as_str(), message["error"]["code"].as_str()), (Some("queued"), Some("unreachable")));
    queue(&home, "toko", "6281230001", "dua");
    wait_until("the state", || (state(&home, "toko") == "unreachable").then_some(()));
    // Also over a power cut.
    engine.kill();
    let _engine = home.serve();
    let gateway = Gateway::start_at(address, |_| Answer::json(200, &accepted(Dialect::Chatera, 1)));
    home.until_messages("toko", "both", |m| status(m, "satu") == "sent" && status(m, "dua") == "sent");
    let order: Vec<_> = gateway.requests().iter().map(text).collect();
    assert_eq!(order, ["satu", "dua"]);
    wait_until("the state", || (state(&home, "toko") == "unknown").then_some(()));
}

#[test]
fn a_conversation_is_sent_in_order_one_message_at_a_time() {
    let (at_once, most) = (std::sync::Arc::new(AtomicUsize::new(0)), std::sync::Arc::new(AtomicUsize::new(0)));
    let (inside, seen_most) = (at_once.clone(), most.clone());
    let gateway = Gateway::start(move |_| {
        let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
        seen_most.fetch_max(now, Ordering::SeqCst);
        // Long enough for a second one to come, if there were one.
        std::thread::sleep(Duration::from_millis(40));
        inside.fetch_sub(1, Ordering::SeqCst);
        Answer::json(200, &accepted(Dialect::Chatera, 1))
    });
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let _engine = home.serve();
    let content: Vec<_> = (0..8).map(|n| format!("pesan {n}")).collect();
    for content in &content {
        queue(&home, "toko", "6281230001", content);
    }
    home.until_messages("toko", "all", |m| m.iter().all(|m| m["status"] == "sent") && m.len() == 8);
    assert_eq!(gateway.requests().iter().map(text).collect::<Vec<_>>(), content);
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[test]
fn a_proxy_of_the_environment_is_not_used_for_this_machine() {
    let gateway = crate::accepting_gateway(Dialect::Chatera);
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let proxy = Gateway::start(|_| Answer::Close);
    let mut command = home.command(&["send", "--account", "toko", "--to", "6281230001", "--text", "x"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(name, proxy.url());
    }
    assert!(command.output().unwrap().status.success());
    assert_eq!((gateway.requests().len(), proxy.requests().len()), (1, 0));
}
