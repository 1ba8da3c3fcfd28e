//! Beside the webhooks: health, figures, addresses, and what is said when serving is not possible.

use crate::answers::forged;
use crate::kit::{House, Serving, Voice, account, ask, until};
use crate::{everybody, house};

#[test]
fn the_one_line_on_standard_output_is_the_address() {
    let house = house();
    let engine = house.serve();
    engine.post("cloudchat", &Voice::CloudChat.says("m-1", "6281230001", "Halo"));
    engine.post("cloudchat", &forged(&Voice::CloudChat.says("m-2", "6281230001", "Halo")));
    house.until_messages("cloudchat", "the message", |m| m.len() == 1);
    assert_eq!(engine.out(), format!("listening on http://{}\n", engine.address));
}

#[test]
fn logs_are_json_lines_when_asked_for() {
    let house = house();
    let engine = Serving::start(house.command(&["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]));
    engine.post("cloudchat", &forged(&Voice::CloudChat.says("m-2", "6281230001", "Halo")));
    let log = until("a log line", || Some(engine.log()).filter(|log| log.contains("refused")));
    for line in log.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).unwrap().is_object(), "{line}");
    }
    assert_eq!(engine.out().lines().count(), 1);
}

#[test]
fn health_and_figures_are_told_on_this_machine_only() {
    let house = house();
    let engine = house.serve();
    let health = engine.get("/healthz");
    assert_eq!(health.status, 200, "{health:?}");
    engine.post("cloudchat", &Voice::CloudChat.says("m-1", "6281230001", "Halo"));
    engine.post("cloudchat", &Voice::CloudChat.says("m-1", "6281230001", "Halo"));
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
    for header in ["X-Forwarded-For", "Forwarded"] {
        let via = [(header.to_owned(), "203.0.113.9".to_owned())];
        assert_eq!(ask(engine.address, "GET", "/metrics", &via, b"").unwrap().status, 404, "{header}");
    }
}

#[test]
fn a_second_engine_on_the_same_data_is_refused_by_the_pid_of_the_first() {
    let house = house();
    let first = house.serve();
    let second = house.run(&["serve", "--listen", "127.0.0.1:0"]).ends(1);
    assert!(second.out.is_empty());
    assert!(second.err.lines().next().unwrap().contains(&first.pid().to_string()), "{}", second.err);
    // And the first one goes on as if nothing had been.
    assert_eq!(first.get("/healthz").status, 200);
    first.kill();
    assert_eq!(house.serve().get("/healthz").status, 200, "a killed engine leaves no lock behind");
}

#[test]
fn it_ends_when_asked_to_with_0() {
    for signal in ["TERM", "INT", "HUP"] {
        let house = house();
        let engine = house.serve();
        // A request that never ends must not hold it.
        let _half = std::net::TcpStream::connect(engine.address).unwrap();
        engine.signal(signal);
        assert_eq!(engine.end().code(), Some(0), "{signal}");
    }
}

#[test]
fn broken_configurations_end_with_2_and_name_file_and_line() {
    let good = account("toko", Voice::CloudChat, "http://127.0.0.1:9", "");
    for (config, says) in [
        (format!("locale = \"fr\"\n{good}"), &["config.toml", "1"][..]),
        (format!("locael = \"id\"\n{good}"), &["config.toml", "locale"]),
        (format!("{good}[listener]\nbind = \"nonsense\"\n"), &["config.toml", "bind"]),
        ("[[account]\nname=".to_owned(), &["config.toml"]),
    ] {
        let house = House::new(&config);
        let ran = house.run(&["serve", "--listen", "127.0.0.1:0"]).ends(2);
        let first = ran.err.lines().next().unwrap_or_default();
        assert!(says.iter().all(|word| first.contains(word)), "{config}: {first}");
        assert!(ran.out.is_empty());
        assert!(!ran.err.contains("sk_live_kunci"), "a secret is shown: {}", ran.err);
    }
}

#[test]
fn a_broken_account_does_not_stop_the_others() {
    let broken = account("rusak", Voice::CloudChat, "http://127.0.0.1:9", "")
        .replace("api_key = \"sk_live_kunci\"", "api_key = { env = \"NO_SUCH_VARIABLE\" }");
    let unknown = account("asing", Voice::CloudChat, "http://127.0.0.1:9", "").replace("cloudchat", "telepathy");
    let house = House::new(&format!("{broken}{unknown}{}", everybody()));
    let engine = house.serve();
    assert_eq!(engine.post("cloudchat", &Voice::CloudChat.says("m-1", "6281230001", "Halo")).status, 200);
    house.until_messages("cloudchat", "the message", |m| m.len() == 1);
    let log = engine.log();
    assert!(log.contains("NO_SUCH_VARIABLE") && log.contains("telepathy"), "{log}");
    let states = house.json(&["account", "list"]);
    let state = |name: &str| states.iter().find(|a| a["name"] == name).map(|a| a["state"].clone());
    assert_eq!(state("rusak").unwrap(), "broken");
    assert_eq!(state("cloudchat").unwrap(), "unknown");
    let refused = house.run(&["send", "--account", "rusak", "--to", "081230001234", "--text", "x"]).ends(2);
    assert!(refused.err.contains("NO_SUCH_VARIABLE"), "{}", refused.err);
}

#[test]
fn events_of_an_account_that_broke_are_asked_for_again_rather_than_lost() {
    let house = house();
    house.serve().end();
    let config = everybody().replace("api_key = \"sk_live_kunci\"", "api_key = { env = \"NO_SUCH_VARIABLE\" }");
    house.configure(&config);
    let engine = house.serve();
    let event = Voice::CloudChat.says("m-1", "6281230001", "Halo");
    let got = engine.post("cloudchat", &event);
    assert_eq!(got.status, 503, "{got:?}");
    assert!(got.header("retry-after").is_some());
    engine.end();
    house.configure(&everybody());
    let engine = house.serve();
    assert_eq!(engine.post("cloudchat", &event).status, 200);
    house.until_messages("cloudchat", "the message", |m| m.len() == 1);
}

#[test]
fn a_taken_port_is_said_with_what_to_do() {
    let house = house();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = house.run(&["serve", "--listen", &address]).ends(1);
    let first = ran.err.lines().find(|l| l.starts_with("loket:")).unwrap_or_default();
    assert!(first.contains(&address) && first.contains("--listen"), "{}", ran.err);
    assert!(ran.out.is_empty());
}

#[test]
fn an_unusable_data_directory_is_said() {
    let house = house();
    std::fs::write(house.data(), "a file").unwrap();
    let ran = house.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(matches!(ran.status, 1 | 2), "{ran:?}");
    assert!(ran.err.lines().next().unwrap_or_default().contains("data"), "{ran:?}");
    assert!(ran.out.is_empty());
}

#[test]
fn what_is_kept_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = house();
    let engine = house.serve();
    engine.post("cloudchat", &Voice::CloudChat.says("m-1", "6281230001", "Halo"));
    house.until_messages("cloudchat", "the message", |m| m.len() == 1);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&house.data()), 0o700);
    for entry in std::fs::read_dir(house.data()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn no_secret_stands_in_the_data_or_in_what_is_printed() {
    let house = house();
    let engine = house.serve();
    engine.post("waviro", &Voice::Waviro.says("m-1", "6281230001", "Halo"));
    house.until_messages("waviro", "the message", |m| m.len() == 1);
    for args in [&["account", "list"][..], &["account", "show", "waviro"], &["--json", "account", "show", "waviro"]] {
        let ran = house.run(args);
        for secret in ["sk_live_kunci", "whsec_rahasia"] {
            assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{args:?} shows {secret}");
        }
    }
    assert!(!engine.log().contains("sk_live_kunci") && !engine.log().contains("whsec_rahasia"));
}

#[test]
fn idle_and_slow_connections_hold_nobody() {
    use std::io::Write as _;
    let house = house();
    let engine = house.serve();
    let lines: Vec<_> = (0..150)
        .map(|n| {
            let mut line = std::net::TcpStream::connect(engine.address).unwrap();
            let part = ["", "POST /webhooks/x", "POST /webhooks/x/y HTTP/1.1\r\nContent-Length: 99\r\n\r\nab"][n % 3];
            line.write_all(part.as_bytes()).unwrap();
            line
        })
        .collect();
    assert_eq!(engine.post("cloudchat", &Voice::CloudChat.says("m-1", "6281230001", "Halo")).status, 200);
    house.until_messages("cloudchat", "the message", |m| m.len() == 1);
    drop(lines);
    assert_eq!(engine.end().code(), Some(0));
}

#[test]
fn times_that_cannot_be_are_not_believed() {
    let house = house();
    let engine = house.serve();
    let odd = ["0", "1", "-1", "99999999999", "4102444800000", "1e300", "\"kemarin\"", "null", "{}"];
    for (n, at) in odd.iter().enumerate() {
        let mut body = Voice::CloudChat.body(&format!("m-{n}"), "6281230001", &format!("pesan {n}"));
        body["timestamp"] = serde_json::from_str(at).unwrap();
        assert_eq!(engine.post("cloudchat", &Voice::CloudChat.signed(&body)).status, 200, "{at}");
    }
    let messages = house.until_messages("cloudchat", "all", |m| m.len() == odd.len());
    let now = jiff::Timestamp::now();
    for message in messages {
        let at: jiff::Timestamp = message["at"].as_str().unwrap().parse().unwrap();
        assert!(now.duration_since(at).as_secs().abs() < 120, "{message}");
    }
}
