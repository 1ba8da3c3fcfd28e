//! What keys and answers do on the way from nothing to connected.

use loket::tui::effect::{GatewayCall, Read, TerminalAction};
use std::time::Duration;

use loket::config::Locale;
use loket::config::SecretStorage;
use loket::domain::{Channel, Failure, Secret, SessionState, Timestamp};
use loket::tui::app::facts::BrokenView;
use loket::tui::overlays::Overlay;
use loket::tui::overlays::account_setup::{AccountDraft, AccountSetup, AddAccountError, AddedAccount};
use loket::tui::overlays::login::{LoginNews, LoginStage};
use loket::tui::widgets::qr::{QrForm, QrPlan};
use loket::tui::{Effect, Msg};

use crate::stage::{NOW, Stage, account, choices, name, real_code};

const BOTH: &[SecretStorage] = &[SecretStorage::Keyring, SecretStorage::File];

/// The form, opened and answered.
fn form(places: &[SecretStorage]) -> Stage {
    let mut stage = Stage::empty();
    stage.keys("a");
    assert_eq!(stage.take(), [Effect::Read(Read::SetupOptions)]);
    stage.hears(Msg::ChoicesRead(Some(Box::new(choices(places)))));
    stage
}

fn kept(stage: &mut Stage, reachable: bool) {
    let result = AddedAccount {
        key_accepted: true,
        webhook_url: "https://inbox.example/webhooks/kali/0123456789abcdef0123456789abcdef01234567".to_owned(),
        reachable,
    };
    stage.hears(Msg::AccountKept { name: name("kali"), result: Ok(Box::new(result)) });
}

/// The bare gateway, filled in up to the button.
fn filled() -> Stage {
    let mut stage = form(BOTH);
    stage.keys("<right><tab><tab>https://wa.kali.example<tab>kunci-rahasia<tab>hook-rahasia<tab><tab>");
    stage
}

#[test]
fn without_an_account_the_welcome_leads_to_the_demo_or_the_form() {
    let mut stage = Stage::empty();
    stage.shows("Try the demo");
    stage.keys("<enter>");
    assert_eq!(stage.take(), [Effect::Terminal(TerminalAction::Demo)]);
    stage.keys("<down><enter>");
    assert_eq!(stage.take(), [Effect::Read(Read::SetupOptions)]);
    stage.keys("<esc>");
    stage.shows("Add an account");
    stage.keys("<esc>");
    stage.shows("Try the demo");
}

#[test]
fn broken_accounts_are_no_reason_for_a_welcome() {
    let broken = BrokenView { name: "toko".into(), reason: "account \"toko\": api_key: TOKO_KEY is not set".into() };
    let mut stage = Stage::new(Locale::En, (80, 24), Vec::new(), vec![broken]);
    assert!(stage.model.overlays.is_empty());
    stage.shows("toko: cannot be used");
    stage.keys("<f2>");
    stage.shows("TOKO_KEY is not set");
}

#[test]
fn the_form_follows_the_gateway() {
    let mut stage = form(BOTH);
    for text in ["Samudra", "https://api.samudra.example/v1", "Mode", "Session", "Channel", "keyring"] {
        stage.shows(text);
    }
    stage.keys("<right>");
    stage.shows("kali");
    for text in ["samudra", "Mode", "Session", "Channel"] {
        stage.hides(text);
    }
    // What a person typed stays when the gateway changes.
    stage.keys("<tab><ctrl-u>cabang<up><left>");
    stage.shows("cabang");
    stage.shows("https://api.samudra.example/v1");
}

#[test]
fn flaws_are_told_as_they_are_typed() {
    let mut stage = form(&[]);
    stage.keys("<tab><ctrl-u>");
    stage.hides("needed");
    stage.keys("Toko Saya");
    stage.shows("Only a-z, 0-9 and -, at most 32.");
    stage.keys("<ctrl-u>toko");
    stage.shows("There is an account of this name already.");
    stage.keys("2<tab><ctrl-u>ftp://x");
    stage.shows("A URL that begins with https:// or http://.");
}

#[test]
fn saving_goes_to_the_first_row_with_a_flaw() {
    let mut stage = form(&[]);
    stage.keys("<backtab><enter>");
    assert_eq!(stage.take(), []);
    stage.shows("This is needed.");
    stage.keys("abc");
    stage.hides("This is needed.");
    stage.shows("•••");
}

#[test]
fn a_secret_is_never_drawn_and_never_printed() {
    let mut stage = filled();
    stage.hides("kunci");
    stage.hides("hook-rahasia");
    stage.keys("<enter>");
    let asked = format!("{:?} {:?} {:?}", stage.asked, stage.model.overlays, stage.model);
    assert!(!asked.contains("rahasia"), "{asked}");
}

#[test]
fn what_was_filled_in_is_asked_to_be_kept() {
    let mut stage = filled();
    stage.keys("<enter>");
    let wanted = AccountDraft {
        name: name("kali"),
        gateway: "kali",
        base_url: Some("https://wa.kali.example".into()),
        mode: None,
        api_key: Secret::new("kunci-rahasia"),
        webhook_secret: Some(Secret::new("hook-rahasia")),
        session: None,
        channel: None,
        storage: Some(SecretStorage::Keyring),
        untried: false,
    };
    assert_eq!(stage.take(), [Effect::Gateway(GatewayCall::AddAccount(Box::new(wanted)))]);
    stage.shows("Trying the key");
    stage.keys("<enter>x");
    assert_eq!(stage.take(), [], "nothing is asked twice");
}

#[test]
fn choices_that_are_usual_are_not_written() {
    let mut stage = form(BOTH);
    stage.keys("<tab><ctrl-u>laut<tab><tab><right><tab>k<tab><tab><tab><right><tab><right><right><tab><enter>");
    let [Effect::Gateway(GatewayCall::AddAccount(draft))] = &stage.take()[..] else { panic!("not asked") };
    assert_eq!((draft.base_url.as_deref(), draft.mode), (None, Some("meta")));
    assert_eq!((draft.channel, draft.storage), (Some(Channel::Telegram), None));
    stage.hears(Msg::AccountKept { name: name("laut"), result: Err(AddAccountError::Failed("disk full".into())) });
    stage.shows("Not saved: disk full");
}

#[test]
fn a_refused_key_stays_in_the_form_and_an_untold_one_can_be_saved_untried() {
    let mut stage = filled();
    stage.keys("<enter>");
    stage.take();
    let refused = AddAccountError::Refused(Failure::new("http_401", "bad key"));
    stage.hears(Msg::AccountKept { name: name("kali"), result: Err(refused) });
    stage.shows("Kali refuses the key.");
    stage.keys("<enter>");
    let again = stage.take();
    assert!(matches!(&again[..], [Effect::Gateway(GatewayCall::AddAccount(draft))] if !draft.untried));
    let untold = AddAccountError::Untried(Failure::new("unreachable", "no route"));
    stage.hears(Msg::AccountKept { name: name("kali"), result: Err(untold) });
    stage.shows("did not say whether it accepts the key");
    stage.keys("<enter>");
    assert!(matches!(&stage.take()[..], [Effect::Gateway(GatewayCall::AddAccount(draft))] if draft.untried));
}

#[test]
fn a_changed_field_is_tried_again() {
    let mut stage = filled();
    stage.keys("<enter>");
    let untold = AddAccountError::Untried(Failure::new("unreachable", "no route"));
    stage.hears(Msg::AccountKept { name: name("kali"), result: Err(untold) });
    stage.take();
    stage.keys("<up><up>x<down><down><enter>");
    assert!(matches!(&stage.take()[..], [Effect::Gateway(GatewayCall::AddAccount(draft))] if !draft.untried));
}

#[test]
fn the_url_is_copied_and_the_first_event_is_told_to_the_second() {
    let mut stage = filled();
    stage.keys("<enter>");
    kept(&mut stage, true);
    stage.take();
    stage.shows("Waiting for the first event");
    stage.keys("y");
    let [Effect::Terminal(TerminalAction::Copy { text })] = &stage.take()[..] else { panic!("not copied") };
    assert!(text.as_str().ends_with("0123456789abcdef0123456789abcdef01234567"));
    let mut view = account("kali", "Kali", true, SessionState::Unknown);
    // An event from before, of an account of the same name, proves nothing.
    stage.facts(vec![view.clone()], Vec::new());
    stage.shows("Waiting for the first event");
    view.account.last_event_at = Some(NOW.plus(Duration::from_secs(7)));
    stage.facts(vec![view], Vec::new());
    stage.shows("Received the first event 22:13:27");
    stage.keys("<enter>");
    assert!(stage.model.overlays.is_empty(), "the welcome is gone too");
}

#[test]
fn a_url_of_this_machine_only_says_so() {
    let mut stage = filled();
    stage.keys("<enter>");
    kept(&mut stage, false);
    stage.shows("It is reached only on this machine");
}

#[test]
fn what_is_typed_stays_while_something_is_looked_up() {
    let mut stage = filled();
    stage.keys("<ctrl-p><esc>");
    assert!(
        matches!(stage.model.overlays.last(), Some(Overlay::AccountSetup(setup)) if matches!(**setup, AccountSetup::Filling(_)))
    );
    stage.shows("https://wa.kali.example");
}

#[test]
fn where_accounts_cannot_be_added_the_form_says_so() {
    let mut stage = Stage::empty();
    stage.keys("<f4>");
    stage.hears(Msg::ChoicesRead(None));
    stage.shows("accounts cannot be added here");
}

fn login() -> Stage {
    let mut stage =
        Stage::new(Locale::En, (80, 24), vec![account("toko", "Kali", true, SessionState::LoggedOut)], Vec::new());
    stage.keys("<f3>");
    assert_eq!(stage.take(), [Effect::Gateway(GatewayCall::BeginLogin { account: name("toko") })]);
    stage
}

#[test]
fn a_login_shows_codes_until_it_is_connected_and_closes_by_itself() {
    let mut stage = login();
    stage.shows("Asking Kali for a code");
    stage.news("toko", LoginNews::Waiting);
    stage.shows("Kali prepares a code");
    stage.code("toko", &real_code(), 60);
    stage.shows("A new code comes in about 60 s.");
    assert_eq!(stage.model.deadline(), Some(NOW.plus(Duration::from_secs(1))));
    stage.passes(Duration::from_millis(1500));
    stage.shows("about 59 s.");
    assert_eq!(stage.model.deadline(), Some(NOW.plus(Duration::from_secs(2))), "one frame a second at most");
    stage.passes(Duration::from_secs(60));
    stage.shows("This code is old");
    assert_eq!(stage.model.deadline(), None, "nothing counts any more");
    stage.news("toko", LoginNews::Connected { who: Some("628123456789".into()) });
    stage.shows("connected as 628123456789");
    stage.passes(Duration::from_secs(2));
    assert!(stage.model.overlays.is_empty());
    stage.shows("toko: connected as 628123456789");
}

#[test]
fn a_login_pauses_and_goes_on_at_a_key() {
    let mut stage = login();
    stage.code("toko", "2@x", 60);
    stage.news("toko", LoginNews::Paused);
    stage.shows("Paused after three minutes. Enter goes on.");
    stage.take();
    stage.keys("<enter>");
    assert_eq!(stage.take(), [Effect::Gateway(GatewayCall::ContinueLogin)]);
    stage.hides("Paused");
}

#[test]
fn a_login_tells_trouble_and_goes_on() {
    let mut stage = login();
    stage.news("toko", LoginNews::Trouble(Failure::new("unreachable", "no route to host")));
    stage.shows("Asking Kali for a code");
    stage.shows("could not be reached");
    stage.news("toko", LoginNews::Waiting);
    stage.hides("could not be reached");
}

#[test]
fn a_code_is_saved_as_a_picture() {
    let mut stage = login();
    stage.keys("s");
    assert_eq!(stage.take(), [], "there is nothing to save yet");
    stage.code("toko", "2@x", 60);
    stage.keys("s");
    assert_eq!(
        stage.take(),
        [Effect::Terminal(TerminalAction::SavePicture { account: name("toko"), code: Secret::new("2@x") })]
    );
    stage.hears(Msg::PictureSaved(Ok("/data/login-toko.png".into())));
    stage.shows("Saved as /data/login-toko.png");
}

#[test]
fn news_of_another_login_change_nothing() {
    let mut stage = login();
    stage.code("lain", "2@x", 60);
    let Some(Overlay::Login(login)) = stage.model.overlays.last() else { panic!("no login") };
    assert_eq!(login.stage, LoginStage::Asking);
}

#[test]
fn the_forms_of_a_code_can_be_chosen() {
    let mut stage = login();
    stage.code("toko", &real_code(), 60);
    let form = |stage: &Stage| match stage.model.overlays.last() {
        Some(Overlay::Login(login)) => match &login.layout.as_ref().unwrap().plan {
            QrPlan::Drawn(drawing) => Some(drawing.form),
            _ => None,
        },
        _ => panic!("no login"),
    };
    assert_eq!(form(&stage), Some(QrForm::Sextant));
    stage.keys("++");
    assert_eq!(form(&stage), None);
    stage.shows("enlarge the window to 59×31");
    stage.hears(Msg::Resized(59, 31));
    assert_eq!(form(&stage), Some(QrForm::Half));
    stage.keys("--");
    assert_eq!(form(&stage), Some(QrForm::Half), "half blocks are chosen wherever they fit");
}

#[test]
fn a_gateway_without_a_login_says_where_it_is_done() {
    let accounts = vec![account("toko", "Samudra", false, SessionState::LoggedOut)];
    let mut stage = Stage::new(Locale::En, (80, 24), accounts, Vec::new());
    stage.keys("<f3>");
    stage.shows("None of your gateways has a login over its API");
    stage.keys("<f2>l");
    stage.shows("Samudra has no login over its API: log in on its dashboard.");
    let sessions: Vec<_> =
        stage.take().into_iter().filter(|e| matches!(e, Effect::Gateway(GatewayCall::BeginLogin { .. }))).collect();
    assert_eq!(sessions, []);
}

#[test]
fn of_several_accounts_the_one_that_is_logged_out_is_meant() {
    let accounts = |second| {
        vec![
            account("satu", "Kali", true, SessionState::Connected),
            account("dua", "Kali", true, second),
            account("tiga", "Samudra", false, SessionState::LoggedOut),
        ]
    };
    let mut stage = Stage::new(Locale::En, (80, 24), accounts(SessionState::LoggedOut), Vec::new());
    stage.keys("<f3>");
    assert_eq!(stage.take(), [Effect::Gateway(GatewayCall::BeginLogin { account: name("dua") })]);
    let mut stage = Stage::new(Locale::En, (80, 24), accounts(SessionState::Connected), Vec::new());
    stage.keys("<f3>");
    assert!(matches!(stage.model.overlays.last(), Some(Overlay::Accounts(accounts)) if accounts.chosen == 0));
    stage.keys("jl");
    assert_eq!(stage.take(), [Effect::Gateway(GatewayCall::BeginLogin { account: name("dua") })]);
    stage.keys("<esc>");
    assert!(
        matches!(stage.model.overlays.last(), Some(Overlay::Accounts(accounts)) if accounts.chosen == 1),
        "back where it began"
    );
}

#[test]
fn a_session_that_drops_is_told_once_with_the_way_back() {
    let view = |state| vec![account("toko", "Kali", true, state)];
    let mut stage = Stage::new(Locale::En, (80, 24), view(SessionState::Connected), Vec::new());
    assert!(stage.model.notice.is_none());
    stage.facts(view(SessionState::LoggedOut), Vec::new());
    stage.shows("toko: logged out. Log in again: F3.");
    stage.model.notice = None;
    stage.facts(view(SessionState::LoggedOut), Vec::new());
    assert!(stage.model.notice.is_none(), "told once");
    stage.facts(view(SessionState::KeyRefused), Vec::new());
    stage.shows("toko: key refused.");
}

#[test]
fn an_account_that_is_out_at_the_start_has_not_dropped() {
    let out = vec![account("toko", "Kali", true, SessionState::LoggedOut)];
    let stage = Stage::new(Locale::En, (80, 24), out, Vec::new());
    assert!(stage.model.notice.is_none());
}

#[test]
fn the_list_of_accounts_tells_what_was_observed_and_ages() {
    let mut quiet = account("sepi", "Samudra", false, SessionState::Connected);
    quiet.account.last_event_at = Some(Timestamp(NOW.millis() - 26 * 3_600_000));
    let mut silent = account("bisu", "Kali", true, SessionState::Unknown);
    silent.silent_since = Some(Timestamp(NOW.millis() - 12 * 60_000));
    silent.account.last_event_at = None;
    let mut stage = Stage::new(Locale::En, (80, 24), vec![quiet, silent], Vec::new());
    stage.keys("<f2>");
    assert_eq!(stage.take(), [Effect::Read(Read::Facts)]);
    for text in ["nothing heard for 1d", "sends without an acknowledgement for 12m", "no event yet"] {
        stage.shows(text);
    }
    let due = stage.model.deadline().unwrap();
    stage.passes(due.since(stage.model.now));
    assert_eq!(stage.take(), [Effect::Read(Read::Facts)]);
    stage.keys("y");
    assert!(
        matches!(&stage.take()[..], [Effect::Terminal(TerminalAction::Copy { text })] if text.as_str().ends_with("/webhooks/sepi/token"))
    );
}
