//! The other routes and `loket serve`: health, metrics, addresses, and the errors when serving is not possible.

use crate::answers::forged;
use crate::kit::{Dialect, Home, RunningEngine, account, request, wait_until, webhook_path};
use crate::{all_accounts, home};

#[test]
fn the_one_line_on_standard_output_is_the_address() {
    let home = home();
    let engine = home.serve();
    engine.post("cloudchat", &Dialect::CloudChat.text_event("m-1", "6281230001", "Halo"));
    engine.post("cloudchat", &forged(&Dialect::CloudChat.text_event("m-2", "6281230001", "Halo")));
    home.until_messages("cloudchat", "the message", |m| m.len() == 1);
    assert_eq!(engine.out(), format!("listening on http://{}\n", engine.address));
}

#[test]
fn logs_can_be_json_lines() {
    let home = home();
    let engine = RunningEngine::start(home.command(&["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]));
    engine.post("cloudchat", &forged(&Dialect::CloudChat.text_event("m-2", "6281230001", "Halo")));
    let log = wait_until("a log line", || Some(engine.log()).filter(|log| log.contains("refused")));
    for line in log.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).unwrap().is_object(), "{line}");
    }
    assert_eq!(engine.out().lines().count(), 1);
}

#[test]
fn health_is_public_and_metrics_are_for_this_machine_only() {
    let home = home();
    let engine = home.serve();
    let health = engine.get("/healthz");
    assert_eq!(health.status, 200, "{health:?}");
    engine.post("cloudchat", &Dialect::CloudChat.text_event("m-1", "6281230001", "Halo"));
    engine.post("cloudchat", &Dialect::CloudChat.text_event("m-1", "6281230001", "Halo"));
    let metrics = engine.get("/metrics");
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain"), "{metrics:?}");
    for line in metrics.body.lines().filter(|l| !l.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("loket_") && value.parse::<f64>().is_ok(), "{line}");
    }
    for line in ["loket_events_total 1", "loket_events_duplicate_total 1"] {
        assert!(metrics.body.contains(line), "{line} not in {}", metrics.body);
    }
    // Through a proxy on this machine.
    for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "CF-Connecting-IP", "X-Forwarded-Proto"] {
        let via = [(header.to_owned(), "203.0.113.9".to_owned())];
        assert_eq!(request(engine.address, "GET", "/metrics", &via, b"").unwrap().status, 404, "{header}");
    }
}

#[test]
fn health_and_metrics_have_an_address_of_their_own() {
    let home = home();
    let args = ["serve", "--listen", "127.0.0.1:0", "--health-listen", "127.0.0.1:0"];
    let engine = RunningEngine::start(home.command(&args));
    let address = wait_until("the address in the log", || {
        let log = engine.log();
        log.split_once("are served on http://")?.1.split_whitespace().next()?.parse().ok()
    });
    let get = |path: &str, headers: &[(String, String)]| request(address, "GET", path, headers, b"").unwrap();
    assert_eq!(get("/healthz", &[]).status, 200);
    let proxied = [("X-Real-IP".to_owned(), "203.0.113.9".to_owned())];
    assert!(get("/metrics", &proxied).body.contains("loket_events_total 0"), "whoever reaches it may read it");
    assert_eq!(get(&webhook_path("cloudchat"), &[]).status, 404, "no webhooks there");
    assert_eq!((engine.get("/metrics").status, engine.get("/healthz").status), (404, 200));
    let (address, other) = (address.to_string(), home.data().with_file_name("other"));
    let other = other.to_str().unwrap();
    let taken = ["serve", "--listen", "127.0.0.1:0", "--data-dir", other, "--health-listen", &address];
    let refused = home.run(&taken).expect_status(1);
    assert!(refused.err.contains("--health-listen"), "{}", refused.err);
    assert_eq!(engine.end().code(), Some(0));
}

/// How often the store was written to find out whether it can be.
#[expect(clippy::disallowed_methods, reason = "no command shows it")]
fn probes(home: &Home) -> i64 {
    let conn = rusqlite::Connection::open(home.data().join("loket.db")).unwrap();
    conn.query_row("SELECT probes FROM totals", [], |row| row.get(0)).unwrap()
}

#[test]
fn health_is_asked_of_the_disk_at_most_once_a_second() {
    let home = home();
    let engine = home.serve();
    let (start, before) = (std::time::Instant::now(), probes(&home));
    for _ in 0..300 {
        assert_eq!(engine.get("/healthz").status, 200);
    }
    let most = i64::try_from(start.elapsed().as_secs()).unwrap() + 2;
    assert!(probes(&home) - before <= most, "{} in {most} seconds", probes(&home) - before);
}

#[test]
fn a_second_engine_on_the_same_data_is_refused_by_the_pid_of_the_first() {
    let home = home();
    let first = home.serve();
    let second = home.run(&["serve", "--listen", "127.0.0.1:0"]).expect_status(1);
    assert!(second.out.is_empty());
    assert!(second.err.lines().next().unwrap().contains(&first.pid().to_string()), "{}", second.err);
    // And the first one goes on as if nothing had been.
    assert_eq!(first.get("/healthz").status, 200);
    first.kill();
    assert_eq!(home.serve().get("/healthz").status, 200, "a killed engine leaves no lock behind");
}

#[test]
fn a_signal_ends_it_with_status_0() {
    for signal in ["TERM", "INT", "HUP"] {
        let home = home();
        let engine = home.serve();
        // A request that never ends must not hold it.
        let _half = std::net::TcpStream::connect(engine.address).unwrap();
        engine.signal(signal);
        assert_eq!(engine.end().code(), Some(0), "{signal}");
    }
}

#[test]
fn broken_configurations_end_with_2_and_name_file_and_line() {
    let good = account("toko", Dialect::CloudChat, "http://127.0.0.1:9", "");
    for (config, says) in [
        (format!("locale = \"fr\"\n{good}"), &["config.toml", "1"][..]),
        (format!("locael = \"id\"\n{good}"), &["config.toml", "locale"]),
        (format!("{good}[listener]\nbind = \"nonsense\"\n"), &["config.toml", "bind"]),
        ("[[account]\nname=".to_owned(), &["config.toml"]),
    ] {
        let home = Home::new(&config);
        let output = home.run(&["serve", "--listen", "127.0.0.1:0"]).expect_status(2);
        let first = output.err.lines().next().unwrap_or_default();
        assert!(says.iter().all(|word| first.contains(word)), "{config}: {first}");
        assert!(output.out.is_empty());
        assert!(!output.err.contains("sk_live_kunci"), "a secret is shown: {}", output.err);
    }
}

#[test]
fn a_broken_account_does_not_stop_the_others() {
    let broken = account("rusak", Dialect::CloudChat, "http://127.0.0.1:9", "")
        .replace("api_key = \"sk_live_kunci\"", "api_key = { env = \"NO_SUCH_VARIABLE\" }");
    let unknown = account("asing", Dialect::CloudChat, "http://127.0.0.1:9", "").replace("cloudchat", "telepathy");
    let home = Home::new(&format!("{broken}{unknown}{}", all_accounts()));
    let engine = home.serve();
    assert_eq!(engine.post("cloudchat", &Dialect::CloudChat.text_event("m-1", "6281230001", "Halo")).status, 200);
    home.until_messages("cloudchat", "the message", |m| m.len() == 1);
    let log = engine.log();
    assert!(log.contains("NO_SUCH_VARIABLE") && log.contains("telepathy"), "{log}");
    let states = home.json(&["account", "list"]);
    let state = |name: &str| states.iter().find(|a| a["name"] == name).map(|a| a["state"].clone());
    assert_eq!(state("rusak").unwrap(), "broken");
    assert_eq!(state("cloudchat").unwrap(), "unknown");
    let refused = home.run(&["send", "--account", "rusak", "--to", "081230001234", "--text", "x"]).expect_status(2);
    assert!(refused.err.contains("NO_SUCH_VARIABLE"), "{}", refused.err);
}

#[test]
fn a_secret_that_hangs_keeps_only_its_own_account_waiting() {
    let gate = tempfile::tempdir().unwrap();
    let open = gate.path().join("open");
    let waits = format!("until [ -e {} ]; do sleep 0.05; done; echo sk_live_kunci", open.display());
    let mut config = all_accounts();
    for (name, script) in [("lambat", waits.as_str()), ("macet-a", "exec sleep 600"), ("macet-b", "exec sleep 600")] {
        let command = format!("api_key = {{ command = [\"sh\", \"-c\", \"{script}\"] }}");
        let plain = account(name, Dialect::CloudChat, "http://127.0.0.1:9", "");
        config.insert_str(0, &plain.replace("api_key = \"sk_live_kunci\"", &command));
    }
    let home = Home::new(&config);
    let engine = home.serve();
    let event = Dialect::CloudChat.text_event("m-1", "6281230001", "Halo");
    assert_eq!(engine.post("cloudchat", &event).status, 200, "the others work at once");
    for name in ["lambat", "macet-a", "macet-b"] {
        let response = engine.post(name, &event);
        assert_eq!(response.status, 503, "{name}: {response:?}");
        assert!(response.header("retry-after").is_some());
    }
    assert!(engine.log().contains("still being read"), "{}", engine.log());
    std::fs::write(open, "").unwrap();
    wait_until("the slow account", || (engine.post("lambat", &event).status == 200).then_some(()));
    wait_until("the reason of the other", || engine.log().contains("within 30 seconds").then_some(()));
    assert_eq!(engine.post("macet-a", &event).status, 503);
    assert_eq!(engine.end().code(), Some(0));
}

#[test]
fn events_of_an_invalid_account_are_refused_with_503_rather_than_lost() {
    let home = home();
    home.serve().end();
    let config = all_accounts().replace("api_key = \"sk_live_kunci\"", "api_key = { env = \"NO_SUCH_VARIABLE\" }");
    home.configure(&config);
    let engine = home.serve();
    let event = Dialect::CloudChat.text_event("m-1", "6281230001", "Halo");
    let response = engine.post("cloudchat", &event);
    assert_eq!(response.status, 503, "{response:?}");
    assert!(response.header("retry-after").is_some());
    engine.end();
    home.configure(&all_accounts());
    let engine = home.serve();
    assert_eq!(engine.post("cloudchat", &event).status, 200);
    home.until_messages("cloudchat", "the message", |m| m.len() == 1);
}

#[test]
fn a_used_port_is_reported_with_what_to_do() {
    let home = home();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = home.run(&["serve", "--listen", &address]).expect_status(1);
    let first = output.err.lines().find(|l| l.starts_with("loket:")).unwrap_or_default();
    assert!(first.contains(&address) && first.contains("--listen"), "{}", output.err);
    assert!(output.out.is_empty());
}

#[test]
fn an_unusable_data_directory_is_reported() {
    let home = home();
    std::fs::write(home.data(), "a file").unwrap();
    let output = home.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(matches!(output.status, 1 | 2), "{output:?}");
    assert!(output.err.lines().next().unwrap_or_default().contains("data"), "{output:?}");
    assert!(output.out.is_empty());
}

#[test]
fn what_is_kept_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    let engine = home.serve();
    engine.post("cloudchat", &Dialect::CloudChat.text_event("m-1", "6281230001", "Halo"));
    home.until_messages("cloudchat", "the message", |m| m.len() == 1);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.data()), 0o700);
    for entry in std::fs::read_dir(home.data()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn no_secret_stands_in_the_data_or_in_what_is_printed() {
    let home = home();
    let engine = home.serve();
    engine.post("waviro", &Dialect::Waviro.text_event("m-1", "6281230001", "Halo"));
    home.until_messages("waviro", "the message", |m| m.len() == 1);
    for args in [&["account", "list"][..], &["account", "show", "waviro"], &["--json", "account", "show", "waviro"]] {
        let output = home.run(args);
        for secret in ["sk_live_kunci", "whsec_rahasia"] {
            assert!(!output.out.contains(secret) && !output.err.contains(secret), "{args:?} shows {secret}");
        }
    }
    assert!(!engine.log().contains("sk_live_kunci") && !engine.log().contains("whsec_rahasia"));
}

#[test]
fn credentials_of_a_webhook_are_used_and_not_stored() {
    let home = home();
    let engine = home.serve();
    let mut event = Dialect::Waviro.text_event("m-1", "6281230001", "Halo");
    event.headers.push(("X-Api-Key".to_owned(), "kunci-di-kepala".to_owned()));
    for (header, value) in [("X-Hub-Signature-256", "sha256=tanda-tangan"), ("Authorization", "Bearer kunci-di-kepala")]
    {
        event.headers.push((header.to_owned(), value.to_owned()));
    }
    let mut evolution = Dialect::CloudChat.body("m-2", "6281230001", "\"apikey\": ini teks");
    evolution["apikey"] = "kunci-evolution".into();
    // The second delivery is known by the whole body, of which less is stored.
    assert_eq!([engine.post("waviro", &event).status, engine.post("waviro", &event).status], [200, 200]);
    assert_eq!(engine.post("cloudchat", &Dialect::CloudChat.signed(&evolution)).status, 200);
    home.until_messages("waviro", "the message", |m| m.len() == 1);
    let told = home.until_messages("cloudchat", "the message", |m| m.len() == 1);
    assert_eq!(told[0]["text"], "\"apikey\": ini teks");
    assert_eq!(engine.end().code(), Some(0));
    let mut files = 0;
    for entry in std::fs::read_dir(home.data()).unwrap() {
        let (path, holds) = (entry.unwrap().path(), |bytes: &[u8], part: &str| {
            bytes.windows(part.len()).any(|window| window == part.as_bytes())
        });
        let bytes = std::fs::read(&path).unwrap();
        files += usize::from(holds(&bytes, "webhookkey"));
        for secret in ["whsec_rahasia", "kunci-di-kepala", "tanda-tangan", "kunci-evolution"] {
            assert!(!holds(&bytes, secret), "{} holds {secret}", path.display());
        }
    }
    assert!(files > 0, "the raw event is stored but for its key");
}

#[test]
fn idle_and_slow_connections_hold_nobody() {
    use std::io::Write as _;
    let home = home();
    let engine = home.serve();
    let lines: Vec<_> = (0..150)
        .map(|n| {
            let mut line = std::net::TcpStream::connect(engine.address).unwrap();
            let part = ["", "POST /webhooks/x", "POST /webhooks/x/y HTTP/1.1\r\nContent-Length: 99\r\n\r\nab"][n % 3];
            line.write_all(part.as_bytes()).unwrap();
            line
        })
        .collect();
    assert_eq!(engine.post("cloudchat", &Dialect::CloudChat.text_event("m-1", "6281230001", "Halo")).status, 200);
    home.until_messages("cloudchat", "the message", |m| m.len() == 1);
    drop(lines);
    assert_eq!(engine.end().code(), Some(0));
}

#[test]
fn times_that_cannot_be_are_not_believed() {
    let home = home();
    let engine = home.serve();
    let odd = ["0", "1", "-1", "99999999999", "4102444800000", "1e300", "\"kemarin\"", "null", "{}"];
    for (n, at) in odd.iter().enumerate() {
        let mut body = Dialect::CloudChat.body(&format!("m-{n}"), "6281230001", &format!("pesan {n}"));
        body["timestamp"] = serde_json::from_str(at).unwrap();
        assert_eq!(engine.post("cloudchat", &Dialect::CloudChat.signed(&body)).status, 200, "{at}");
    }
    let messages = home.until_messages("cloudchat", "all", |m| m.len() == odd.len());
    let now = jiff::Timestamp::now();
    for message in messages {
        let at: jiff::Timestamp = message["at"].as_str().unwrap().parse().unwrap();
        assert!(now.duration_since(at).as_secs().abs() < 120, "{message}");
    }
}
