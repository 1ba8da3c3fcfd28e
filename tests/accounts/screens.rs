//! Golden screens: what people see on the way from nothing to connected, in both languages, at two sizes.

use crate::screen::{NOW, Screen, account, name, real_code, setup_options};
use loket::config::{Locale, SecretStorage};
use loket::domain::{AccountSetupError, AddedAccount, Failure, InvalidAccount, RequestUsage, SessionState, Timestamp};
use loket::tui::{LoginUpdate, Msg};

fn golden(called: &str, play: impl Fn(&mut Screen)) {
    for locale in Locale::ALL {
        for size in [(80, 24), (40, 12)] {
            let mut screen = Screen::new(locale, size, Vec::new(), Vec::new());
            play(&mut screen);
            let name = format!("{called}_{}_{}x{}", locale.as_str(), size.0, size.1);
            insta::assert_snapshot!(name, screen.text());
        }
    }
}

fn open(screen: &mut Screen) {
    screen.keys("a");
    let places = [SecretStorage::Keyring, SecretStorage::File];
    screen.receive(Msg::SetupOptionsRead(Some(Box::new(setup_options(&places)))));
}

fn fill(screen: &mut Screen) {
    open(screen);
    screen.keys("<right><tab><tab>https://wa.kali.example<tab>kunci-rahasia<tab>hook-rahasia<tab><tab>");
}

fn logging_in(screen: &mut Screen) {
    screen.set_facts(vec![account("toko", "Kali", true, SessionState::LoggedOut)], Vec::new());
    screen.keys("<f3>");
}

#[test]
fn welcome() {
    golden("welcome", |_| {});
}

#[test]
fn form() {
    golden("form", open);
    golden("form_filled", fill);
    golden("form_flaw", |screen| {
        open(screen);
        screen.keys("<tab><ctrl-u>Toko Saya");
    });
    golden("form_refused", |screen| {
        fill(screen);
        screen.keys("<enter>");
        let refused = AccountSetupError::KeyRefused(Failure::new("http_401", "Invalid API key"));
        screen.receive(Msg::AccountAdded { name: name("kali"), result: Err(refused) });
    });
}

#[test]
fn kept() {
    golden("kept", |screen| {
        fill(screen);
        screen.keys("<enter>");
        let url = "http://127.0.0.1:8484/webhooks/kali/0123456789abcdef0123456789abcdef01234567";
        let kept = AddedAccount { key_accepted: true, webhook_url: url.to_owned(), reachable: false };
        screen.receive(Msg::AccountAdded { name: name("kali"), result: Ok(Box::new(kept)) });
    });
}

#[test]
fn login() {
    golden("login_short", |screen| {
        logging_in(screen);
        screen.show_code("toko", "2@cuTD", 60);
    });
    golden("login_real", |screen| {
        logging_in(screen);
        screen.show_code("toko", &real_code(), 60);
    });
    golden("login_paused", |screen| {
        logging_in(screen);
        screen.show_code("toko", &real_code(), 60);
        screen.login_news("toko", LoginUpdate::Paused);
    });
    golden("login_connected", |screen| {
        logging_in(screen);
        screen.login_news("toko", LoginUpdate::Connected { who: Some("628123456789".into()) });
    });
}

#[test]
fn accounts() {
    golden("accounts", |screen| {
        let mut out = account("toko", "Kali", true, SessionState::LoggedOut);
        out.detail = "device removed\u{1b}[2J".to_owned();
        let mut quiet = account("cabang-bandung", "Samudra", false, SessionState::Connected);
        quiet.account.mode = Some("meta".to_owned());
        quiet.account.last_event_at = Some(Timestamp(NOW.millis() - 26 * 3_600_000));
        quiet.usage = RequestUsage { used: 12, per_minute: 60 };
        let mut silent = account("bisu", "Kali", true, SessionState::Unknown);
        silent.account.since = None;
        silent.silent_since = Some(Timestamp(NOW.millis() - 12 * 60_000));
        let reason = "config.toml:12:11: account \"rusak\": api_key: environment variable RUSAK_KEY is not set; set it, \
                      or choose another source";
        let broken = InvalidAccount { name: "rusak".into(), reason: reason.into() };
        screen.set_facts(vec![out, quiet, silent], vec![broken]);
        screen.keys("<f2>j");
    });
}
