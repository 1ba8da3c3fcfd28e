//! The engine is a process of its own, which the first screen starts and which ends with the last one.

use std::net::{SocketAddr, TcpListener};

use crate::installation::{Installation, is_running};
use crate::simulators::Simulators;
use crate::term::{Term, USUAL, signal};

/// The status of an answer to `GET /healthz`.
fn health(address: SocketAddr) -> u16 {
    let get = async {
        reqwest::Client::builder().no_proxy().build().unwrap().get(format!("http://{address}/healthz")).send().await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(get).unwrap().status().as_u16()
}

#[test]
fn ctrl_z_suspends_the_screen_and_messages_are_received_all_the_same() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let script = "set -m; loket; echo ASLEEP; read line; fg; echo \"STATUS $?\"";
    let mut term = Term::open(installation.shell(script), USUAL);
    term.shows("F1 help");
    let (engine, address) = installation.engine();
    simulators.connect_to(address);
    term.press("\x1a");
    term.shows("ASLEEP");
    simulators.customer_writes("chatera", "628123456780", "Budi", "Masih buka?");
    assert_eq!(health(address), 200);
    term.press("\n");
    term.shows("Masih buka?");
    // Reception ends with the last screen: a letter asks first.
    term.press("q");
    term.shows("No messages are received");
    term.press("\r");
    term.shows("STATUS 0");
    installation.until_ended(engine);
    assert!(term.screen().contains("no more messages until it is opened again"), "{}", term.screen());
}

#[test]
fn the_engine_ends_with_the_last_screen_however_that_ends() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let (mut first, mut second) = (installation.inbox(), installation.inbox());
    first.shows("F1 help");
    second.shows("F1 help");
    let (engine, address) = installation.engine();
    assert!(!first.screen().contains("VIEWER"), "{}", first.screen());
    first.press("\x11");
    assert_eq!(first.ended(), 0);
    let said = String::from_utf8_lossy(first.raw()).into_owned();
    assert!(said.contains(&format!("in the background (pid {engine})")), "{said}");
    assert_eq!(health(address), 200);
    second.kill();
    installation.until_ended(engine);
    // Nothing is left that a next start would stumble over.
    let mut third = installation.inbox();
    let (next, _) = installation.engine_after(engine);
    third.shows("F1 help");
    third.press("\x11");
    assert_eq!(third.ended(), 0);
    installation.until_ended(next);
}

#[test]
fn when_the_engine_dies_one_of_the_screens_starts_another_and_what_is_queued_is_sent_once() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let (mut first, mut second) = (installation.inbox(), installation.inbox());
    let (engine, address) = installation.engine();
    simulators.connect_to(address);
    simulators.customer_writes("chatera", "628123456780", "Budi", "Halo?");
    first.shows("Budi");
    second.shows("Budi");
    signal(engine, "KILL");
    first.press("\rSebentar ya.\r");
    let (next, address) = installation.engine_after(engine);
    simulators.connect_to(address);
    first.until("accepted by the gateway", |screen| {
        screen.lines().any(|line| line.contains("Sebentar ya.") && line.contains('▐') && line.contains('✓'))
    });
    simulators.customer_writes("chatera", "628123456799", "Citra", "Permisi");
    second.shows("Citra");
    assert_eq!(simulators.sent("chatera"), ["Sebentar ya."]);
    drop((first, second));
    installation.until_ended(next);
}

#[test]
fn a_screen_whose_data_directory_was_deleted_says_so_and_starts_no_engine() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let mut term = installation.inbox();
    term.shows("F1 help");
    let (engine, _) = installation.engine();
    std::fs::remove_dir_all(installation.path("data")).unwrap();
    signal(engine, "KILL");
    term.shows("The data directory is gone");
    installation.until_ended(engine);
    assert!(!installation.path("data").join("loket.db").exists(), "an engine was started");
    term.press("\x11");
    assert_eq!(term.ended(), 0);
}

#[test]
fn with_stay_the_engine_outlives_the_screens() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let config = std::fs::read_to_string(installation.path("config.toml")).unwrap();
    std::fs::write(installation.path("config.toml"), format!("{config}\n[engine]\nstay = true\n")).unwrap();
    let mut term = installation.inbox();
    term.shows("F1 help");
    let (engine, address) = installation.engine();
    term.press("\x11");
    assert_eq!(term.ended(), 0);
    let said = String::from_utf8_lossy(term.raw()).into_owned();
    assert!(said.contains(&format!("(pid {engine})")), "{said}");
    simulators.connect_to(address);
    simulators.customer_writes("chatera", "628123456780", "Budi", "Halo?");
    let mut again = installation.inbox();
    again.shows("Budi");
    drop(again);
    signal(engine, "TERM");
    installation.until_ended(engine);
}

#[test]
fn the_screen_shows_at_once_while_a_command_sends_and_holds_the_lock() {
    // A gateway that takes a request and never answers.
    let gateway = TcpListener::bind("127.0.0.1:0").unwrap();
    let installation = Installation::new(&format!(
        "[[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"http://{}/v1\"\napi_key = \"kunci\"\n\
         window = \"none\"\n",
        gateway.local_addr().unwrap()
    ));
    let send = ["send", "--account", "toko", "--to", "628123456789", "--text", "Halo", "--wait", "3"];
    let mut sending = installation.start(&send);
    let held = gateway.accept().unwrap();
    let mut term = installation.inbox();
    term.shows("Starting to receive");
    assert!(sending.try_wait().unwrap().is_none(), "the command has ended before");
    drop((held, gateway));
    sending.wait().unwrap();
    term.hides("Starting to receive");
    let (engine, _) = installation.engine();
    drop(term);
    installation.until_ended(engine);
}

#[test]
fn a_port_that_is_taken_is_said_on_the_screen_until_it_is_free() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    // The last of two options counts.
    let mut term = Term::open(
        installation.shell(&format!("loket() {{ {} --listen {address}; }}; loket", env!("CARGO_BIN_EXE_loket"))),
        USUAL,
    );
    term.shows(&format!("No messages are received: {address}"));
    drop(taken);
    term.hides("No messages are received");
    let (engine, listening) = installation.engine();
    assert_eq!(listening, address);
    drop(term);
    installation.until_ended(engine);
}

#[test]
fn secrets_of_programs_are_asked_for_once_and_reach_the_engine_by_a_pipe() {
    let installation = Installation::new("");
    let (program, asked) = (installation.path("pass"), installation.path("asked"));
    let script = format!("#!/bin/sh\necho x >> {}\n[ -t 2 ] || true\necho rahasia-dari-pass\n", asked.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let config = format!(
        "[[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"http://127.0.0.1:9/v1\"\napi_key = {{ command = [\"{}\"] }}\n",
        program.display()
    );
    std::fs::write(installation.path("config.toml"), config).unwrap();
    let mut term = installation.inbox();
    term.shows("toko");
    let (engine, _) = installation.engine();
    assert_eq!(std::fs::read_to_string(&asked).unwrap().lines().count(), 1);
    for file in ["cmdline", "environ"] {
        let text = std::fs::read(format!("/proc/{engine}/{file}")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&text).contains("rahasia-dari-pass"), "{file}");
    }
    assert!(!installation.log().contains("rahasia-dari-pass"));
    drop(term);
    installation.until_ended(engine);
}

#[test]
fn quitting_says_what_waits_to_be_sent_and_asks() {
    let installation = Installation::new(
        "[[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"http://127.0.0.1:9/v1\"\napi_key = \"kunci\"\nwindow = \"none\"\n",
    );
    let waits =
        installation.run(&["send", "--account", "toko", "--to", "628123456789", "--text", "Halo", "--wait", "0"]);
    assert_eq!(waits.status.code(), Some(3), "{waits:?}");
    let mut term = installation.inbox();
    term.shows("0812-3456-789");
    let (engine, _) = installation.engine();
    term.press("\x11");
    term.shows("wait to be sent: 1");
    term.press("\x1b");
    term.hides("wait to be sent: 1");
    assert!(is_running(engine));
    term.press("\x11");
    term.shows("wait to be sent: 1");
    term.press("\x11");
    assert_eq!(term.ended(), 0);
    let said = String::from_utf8_lossy(term.raw()).into_owned();
    assert!(said.contains("waiting to be sent then: 1"), "{said}");
    installation.until_ended(engine);
}
