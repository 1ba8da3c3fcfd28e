//! What the screen does not do: write while nothing happens, and colour where no colour is wanted.

use std::time::Duration;

use crate::installation::Installation;
use crate::simulators::Simulators;
use crate::term::{Term, USUAL};

#[test]
fn nothing_is_written_while_nothing_happens() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let sent =
        installation.run(&["send", "--account", "waviro", "--to", "628123456780", "--text", "Pesanan Kakak dikirim"]);
    assert!(sent.stderr.is_empty() || sent.status.code().is_some());
    let mut term = installation.inbox();
    term.shows("Pesanan Kakak");
    // What begins with the start comes to its end at some time; a tick would not.
    let spans = (0..4).map(|_| term.written_within(Duration::from_secs(3)));
    let quiet = spans.take_while(|bytes| *bytes > 0).count();
    assert!(quiet < 4, "it writes and writes");
    term.press("\r");
    term.shows("Write a message");
}

#[test]
fn an_open_conversation_whose_account_was_used_writes_nothing_either() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let mut term = installation.inbox();
    let (_, address) = installation.engine();
    simulators.connect_to(address);
    simulators.customer_writes("waviro", "628123456780", "Budi", "Masih buka?");
    term.shows("Budi");
    term.press("\r");
    term.shows("Masih buka?");
    term.press("Masih kak\r");
    term.until("sent", |screen| screen.lines().any(|line| line.contains("Masih kak") && line.contains('✓')));
    // The budget's minute passes while the account is asked what is left of it; its receipts come meanwhile.
    let spans = (0..9).map(|_| term.written_within(Duration::from_secs(12)));
    let noisy = spans.take_while(|bytes| *bytes > 0).count();
    assert!(noisy < 9, "it writes and writes:\n{}", term.screen());
}

/// A message of a customer some days ago, whose times do not change within minutes.
const MESSAGE: &str = r#"{"id":"1","conversation":"1","account":"toko","channel":"whatsapp","peer":"628123456780","direction":"in","author":{"kind":"contact","name":"Budi Santoso"},"kind":"text","text":"Halo kak","media":null,"payload":null,"remote_id":"wamid.1","status":"received","error":null,"at":"2026-01-04T08:49:07Z"}"#;

#[test]
fn nothing_is_written_beside_another_agent_either_with_notifications_and_a_theme_of_ones_own() {
    // A gateway that is never asked: what accounts report would be drawn.
    let installation = Installation::new(
        "[[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"http://127.0.0.1:1/v1\"\napi_key = \"k\"\n",
    );
    std::fs::write(installation.path("theme.toml"), "[theme.mine]\nbase = \"light\"\n").unwrap();
    std::fs::write(installation.path("in.jsonl"), MESSAGE).unwrap();
    let imported = installation.run(&["import", installation.path("in.jsonl").to_str().unwrap()]);
    assert!(imported.status.success(), "{imported:?}");
    let open = |agent: &str| {
        let mut term = Term::open(installation.loket(&["--agent", agent]), USUAL);
        term.shows("0812-3456-780");
        term.press("\r");
        term.shows("Halo kak");
        term
    };
    let (mut sari, _tono) = (open("Sari"), open("Tono"));
    // Tono stays: Sari's screen says so, and goes on saying it without being drawn again.
    sari.shows("Tono");
    // Presence is renewed within this span several times, or it would be gone.
    let spans = (0..3).map(|_| sari.written_within(Duration::from_secs(11)));
    let noisy = spans.take_while(|bytes| *bytes > 0).count();
    assert!(noisy < 3, "it writes and writes:\n{}", sari.screen());
    assert!(sari.screen().contains("Tono"), "{}", sari.screen());
}

/// The parameters of every sequence that sets colours or attributes.
fn attributes(raw: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let mut all = Vec::new();
    for part in text.split("\x1b[").skip(1) {
        let Some((parameters, _)) = part.split_once(|c: char| c.is_ascii_alphabetic()) else { continue };
        if part.strip_prefix(parameters).is_some_and(|rest| rest.starts_with('m')) {
            all.extend(parameters.split(';').map(|n| n.parse::<u16>().unwrap_or(0)));
        }
    }
    all
}

fn is_colour(parameter: u16) -> bool {
    matches!(parameter, 30..=38 | 40..=48 | 90..=107)
}

fn drawn(no_color: &str) -> Vec<u16> {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let mut command = installation.loket(&["demo"]);
    command.env("NO_COLOR", no_color);
    let mut term = Term::open(command, USUAL);
    term.shows("SANDBOX");
    term.until("a conversation", |screen| screen.contains(" 1 │"));
    term.press("\r");
    term.shows("New messages");
    term.press("Halo\r");
    term.shows("✓");
    term.press("\x10");
    term.shows("Commands");
    attributes(term.raw())
}

#[test]
fn no_color_is_honoured_and_an_empty_one_is_none() {
    let without = drawn("1");
    assert!(!without.iter().any(|n| is_colour(*n)), "{without:?}");
    assert!(without.contains(&1) && without.contains(&7), "attributes stay");
    assert!(drawn("").iter().any(|n| is_colour(*n)));
}
