//! The README says what the program does: its tables come from the registries, and these tests keep them true.
//!
//! A table that is out of date fails with the text that belongs there.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::format_collect,
    clippy::format_push_string,
    reason = "a test may stop at what it did not expect, and its speed does not matter"
)]

use std::fs;
use std::path::Path;

use loket::domain::{AccountName, Capabilities, MediaKind, Secret, WindowRule};
use loket::providers::{LoginMethod, Manifest, Profile, Provider, RateLimit, registry};

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The text between `<!-- NAME -->` and `<!-- /NAME -->`.
fn section(name: &str) -> String {
    let text = readme();
    let (_, rest) = text.split_once(&format!("<!-- {name} -->\n")).unwrap_or_else(|| panic!("no {name} in the README"));
    let (inside, _) = rest.split_once(&format!("<!-- /{name} -->")).unwrap_or_else(|| panic!("{name} does not end"));
    inside.to_owned()
}

fn profile(manifest: &Manifest, provider: &dyn Provider, mode: Option<&'static str>) -> Profile {
    Profile {
        account: AccountName::new("toko").unwrap(),
        base_url: "https://gateway.example".to_owned(),
        mode,
        session: None,
        channel: manifest.channels[0],
        api_key: Secret::new("key"),
        webhook_secrets: Vec::new(),
        allow_unsigned: false,
        window: provider.default_window(mode),
        // With a public URL, as in real use.
        notify_url: Some("https://inbox.example/ack".to_owned()),
    }
}

fn columns() -> Vec<(String, &'static Manifest, Capabilities)> {
    let mut columns = Vec::new();
    for provider in registry::ALL {
        let manifest = provider.manifest();
        let modes: Vec<_> =
            if manifest.modes.is_empty() { vec![None] } else { manifest.modes.iter().map(|m| Some(*m)).collect() };
        for mode in modes {
            let title = mode.map_or_else(|| manifest.name.to_owned(), |mode| format!("{} ({mode})", manifest.name));
            columns.push((title, manifest, provider.capabilities(&profile(manifest, *provider, mode))));
        }
    }
    columns
}

fn gateways_table() -> String {
    type Cell = fn(&Manifest, &Capabilities) -> String;
    let rows: &[(&str, Cell)] = &[
        ("`provider`", |m, _| format!("`{}`", m.id)),
        ("channels", |_, c| c.channels.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(", ")),
        ("text, at most", |_, c| format!("{} characters", c.text_max)),
        ("pictures", |_, c| media(c, MediaKind::Image)),
        ("videos", |_, c| media(c, MediaKind::Video)),
        ("sounds", |_, c| media(c, MediaKind::Audio)),
        ("documents", |_, c| media(c, MediaKind::Document)),
        ("location", |_, c| mark(c.location)),
        ("contact card", |_, c| mark(c.card)),
        ("template", |_, c| {
            c.template.map_or("-".into(), |t| if t.numeric_id { "by number" } else { "by name" }.to_owned())
        }),
        ("buttons", |_, c| c.buttons.map_or("-".into(), |b| format!("{}: {}", b.max, b.types.join(", ")))),
        ("list menu", |_, c| c.list_rows.map_or("-".into(), |n| format!("{n} rows"))),
        ("groups", |_, c| mark(c.groups)),
        ("24-hour window", |_, c| mark(c.window == WindowRule::Day)),
        ("delivered and read", |_, c| mark(c.receipts)),
        ("check a number", |_, c| mark(c.check_number)),
        ("list groups", |_, c| mark(c.list_groups)),
        ("list templates", |_, c| mark(c.list_templates)),
        ("address book", |_, c| mark(c.contacts)),
        ("QR login here", |m, _| mark(m.login == LoginMethod::Qr)),
        ("signed webhooks", |m, _| mark(m.signs_webhooks)),
        ("pace", |m, _| match m.rate_limit {
            RateLimit::Requests(n) => format!("{n} requests/min"),
            RateLimit::Sends(n) => format!("{n} sends/min"),
        }),
    ];
    let columns = columns();
    let mut table = format!("| |{}\n", columns.iter().map(|(title, ..)| format!(" {title} |")).collect::<String>());
    table += &format!("|---|{}\n", "---|".repeat(columns.len()));
    for (name, cell) in rows {
        let cells: String = columns.iter().map(|(_, manifest, can)| format!(" {} |", cell(manifest, can))).collect();
        table += &format!("| {name} |{cells}\n");
    }
    table
}

fn mark(present: bool) -> String {
    if present { "yes" } else { "-" }.to_owned()
}

fn media(can: &Capabilities, kind: MediaKind) -> String {
    match can.media.iter().find(|(k, _)| *k == kind) {
        None => "-".to_owned(),
        Some((_, [])) => "yes".to_owned(),
        Some((_, endings)) => endings.join(", "),
    }
}

#[test]
fn the_table_of_gateways_is_the_registrys() {
    let expected = gateways_table();
    assert_eq!(section("gateways"), expected, "the README's table should be:\n{expected}");
}

#[test]
fn the_table_of_keys_is_the_registrys() {
    let expected = loket::tui::Keymap::built_in().table(loket::config::Locale::En);
    assert_eq!(section("keys"), expected, "the README's table should be:\n{expected}");
}
