//! Golden screens: what people see on the way from nothing to connected, in both languages, at two sizes.

use loket::config::Locale;
use loket::config::SecretStorage;
use loket::domain::{Failure, SessionState, Timestamp};
use loket::tui::Msg;
use loket::tui::app::facts::{BrokenView, Budget};
use loket::tui::overlays::account_setup::{AddAccountError, AddedAccount};
use loket::tui::overlays::login::LoginNews;

use crate::stage::{NOW, Stage, account, choices, name, real_code};

fn golden(called: &str, play: impl Fn(&mut Stage)) {
    for locale in Locale::ALL {
        for size in [(80, 24), (40, 12)] {
            let mut stage = Stage::new(locale, size, Vec::new(), Vec::new());
            play(&mut stage);
            let name = format!("{called}_{}_{}x{}", locale.as_str(), size.0, size.1);
            insta::assert_snapshot!(name, stage.screen());
        }
    }
}

fn open(stage: &mut Stage) {
    stage.keys("a");
    let places = [SecretStorage::Keyring, SecretStorage::File];
    stage.hears(Msg::ChoicesRead(Some(Box::new(choices(&places)))));
}

fn fill(stage: &mut Stage) {
    open(stage);
    stage.keys("<right><tab><tab>https://wa.kali.example<tab>kunci-rahasia<tab>hook-rahasia<tab><tab>");
}

fn logging_in(stage: &mut Stage) {
    stage.facts(vec![account("toko", "Kali", true, SessionState::LoggedOut)], Vec::new());
    stage.keys("<f3>");
}

#[test]
fn welcome() {
    golden("welcome", |_| {});
}

#[test]
fn form() {
    golden("form", open);
    golden("form_filled", fill);
    golden("form_flaw", |stage| {
        open(stage);
        stage.keys("<tab><ctrl-u>Toko Saya");
    });
    golden("form_refused", |stage| {
        fill(stage);
        stage.keys("<enter>");
        let refused = AddAccountError::Refused(Failure::new("http_401", "Invalid API key"));
        stage.hears(Msg::AccountKept { name: name("kali"), result: Err(refused) });
    });
}

#[test]
fn kept() {
    golden("kept", |stage| {
        fill(stage);
        stage.keys("<enter>");
        let url = "http://127.0.0.1:8484/webhooks/kali/0123456789abcdef0123456789abcdef01234567";
        let kept = AddedAccount { key_accepted: true, webhook_url: url.to_owned(), reachable: false };
        stage.hears(Msg::AccountKept { name: name("kali"), result: Ok(Box::new(kept)) });
    });
}

#[test]
fn login() {
    golden("login_short", |stage| {
        logging_in(stage);
        stage.code("toko", "2@cuTD", 60);
    });
    golden("login_real", |stage| {
        logging_in(stage);
        stage.code("toko", &real_code(), 60);
    });
    golden("login_paused", |stage| {
        logging_in(stage);
        stage.code("toko", &real_code(), 60);
        stage.news("toko", LoginNews::Paused);
    });
    golden("login_connected", |stage| {
        logging_in(stage);
        stage.news("toko", LoginNews::Connected { who: Some("628123456789".into()) });
    });
}

#[test]
fn accounts() {
    golden("accounts", |stage| {
        let mut out = account("toko", "Kali", true, SessionState::LoggedOut);
        out.detail = "device removed\u{1b}[2J".to_owned();
        let mut quiet = account("cabang-bandung", "Samudra", false, SessionState::Connected);
        quiet.account.mode = Some("meta".to_owned());
        quiet.account.last_event_at = Some(Timestamp(NOW.millis() - 26 * 3_600_000));
        quiet.budget = Budget { used: 12, per_minute: 60 };
        let mut silent = account("bisu", "Kali", true, SessionState::Unknown);
        silent.account.since = None;
        silent.silent_since = Some(Timestamp(NOW.millis() - 12 * 60_000));
        let reason = "config.toml:12:11: account \"rusak\": api_key: environment variable RUSAK_KEY is not set; set it, \
                      or choose another source";
        let broken = BrokenView { name: "rusak".into(), reason: reason.into() };
        stage.facts(vec![out, quiet, silent], vec![broken]);
        stage.keys("<f2>j");
    });
}
