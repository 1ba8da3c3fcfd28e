//! What keys and answers do on the way from nothing to connected.
use loket::domain::{AccountSetupError, AddedAccount};
use loket::tui::{
    AccountDraft, AccountSetup, Effect, GatewayCall, LoginStage, LoginUpdate, Msg, Overlay, QrForm, QrPlan, Read,
    TerminalAction,
};
use std::time::Duration;

use crate::screen::{NOW, Screen, account, name, real_code, setup_options};
use loket::config::{Locale, SecretStorage};
use loket::domain::{Channel, Failure, InvalidAccount, Secret, SessionState, Timestamp};

const BOTH: &[SecretStorage] = &[SecretStorage::Keyring, SecretStorage::File];

/// The form, opened and answered.
fn form(places: &[SecretStorage]) -> Screen {
    let mut screen = Screen::empty();
    screen.keys("a");
    assert_eq!(screen.take_effects(), [Effect::Read(Read::SetupOptions)]);
    screen.receive(Msg::SetupOptionsRead(Some(Box::new(setup_options(places)))));
    screen
}

fn added(screen: &mut Screen, reachable: bool) {
    let result = AddedAccount {
        key_accepted: true,
        webhook_url: "https://inbox.example/webhooks/kali/0123456789abcdef0123456789abcdef01234567".to_owned(),
        reachable,
    };
    screen.receive(Msg::AccountAdded { name: name("kali"), result: Ok(Box::new(result)) });
}

/// The bare gateway, filled in up to the button.
fn filled() -> Screen {
    let mut screen = form(BOTH);
    screen.keys("<right><tab><tab>https://wa.kali.example<tab>kunci-rahasia<tab>hook-rahasia<tab><tab>");
    screen
}

#[test]
fn without_an_account_the_welcome_leads_to_the_demo_or_the_form() {
    let mut screen = Screen::empty();
    screen.assert_shows("Try the demo");
    screen.keys("<enter>");
    assert_eq!(screen.take_effects(), [Effect::Terminal(TerminalAction::Demo)]);
    screen.keys("<down><enter>");
    assert_eq!(screen.take_effects(), [Effect::Read(Read::SetupOptions)]);
    screen.keys("<esc>");
    screen.assert_shows("Add an account");
    screen.keys("<esc>");
    screen.assert_shows("Try the demo");
}

#[test]
fn broken_accounts_are_no_reason_for_a_welcome() {
    let broken =
        InvalidAccount { name: "toko".into(), reason: "account \"toko\": api_key: TOKO_KEY is not set".into() };
    let mut screen = Screen::new(Locale::En, (80, 24), Vec::new(), vec![broken]);
    assert!(screen.model.overlays.is_empty());
    screen.assert_shows("toko: cannot be used");
    screen.keys("<f2>");
    screen.assert_shows("TOKO_KEY is not set");
}

#[test]
fn the_form_follows_the_gateway() {
    let mut screen = form(BOTH);
    for text in ["Samudra", "https://api.samudra.example/v1", "Mode", "Session", "Channel", "keyring"] {
        screen.assert_shows(text);
    }
    screen.keys("<right>");
    screen.assert_shows("kali");
    for text in ["samudra", "Mode", "Session", "Channel"] {
        screen.assert_hides(text);
    }
    // What a person typed stays when the gateway changes.
    screen.keys("<tab><ctrl-u>cabang<up><left>");
    screen.assert_shows("cabang");
    screen.assert_shows("https://api.samudra.example/v1");
}

#[test]
fn errors_are_shown_as_they_are_typed() {
    let mut screen = form(&[]);
    screen.keys("<tab><ctrl-u>");
    screen.assert_hides("needed");
    screen.keys("Toko Saya");
    screen.assert_shows("Only a-z, 0-9 and -, at most 32.");
    screen.keys("<ctrl-u>toko");
    screen.assert_shows("There is an account of this name already.");
    screen.keys("2<tab><ctrl-u>ftp://x");
    screen.assert_shows("A URL that begins with https:// or http://.");
}

#[test]
fn saving_goes_to_the_first_wrong_field() {
    let mut screen = form(&[]);
    screen.keys("<backtab><enter>");
    assert_eq!(screen.take_effects(), []);
    screen.assert_shows("This is needed.");
    screen.keys("abc");
    screen.assert_hides("This is needed.");
    screen.assert_shows("•••");
}

#[test]
fn a_secret_is_never_drawn_and_never_printed() {
    let mut screen = filled();
    screen.assert_hides("kunci");
    screen.assert_hides("hook-rahasia");
    screen.keys("<enter>");
    let printed = format!("{:?} {:?} {:?}", screen.effects, screen.model.overlays, screen.model);
    assert!(!printed.contains("rahasia"), "{printed}");
}

#[test]
fn what_was_filled_in_is_sent_to_be_added() {
    let mut screen = filled();
    screen.keys("<enter>");
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
    assert_eq!(screen.take_effects(), [Effect::Gateway(GatewayCall::AddAccount(Box::new(wanted)))]);
    screen.assert_shows("Trying the key");
    screen.keys("<enter>x");
    assert_eq!(screen.take_effects(), [], "nothing is asked twice");
}

#[test]
fn choices_that_are_usual_are_not_written() {
    let mut screen = form(BOTH);
    screen.keys("<tab><ctrl-u>laut<tab><tab><right><tab>k<tab><tab><tab><right><tab><right><right><tab><enter>");
    let [Effect::Gateway(GatewayCall::AddAccount(draft))] = &screen.take_effects()[..] else {
        panic!("nothing was added")
    };
    assert_eq!((draft.base_url.as_deref(), draft.mode), (None, Some("meta")));
    assert_eq!((draft.channel, draft.storage), (Some(Channel::Telegram), None));
    screen.receive(Msg::AccountAdded {
        name: name("laut"),
        result: Err(AccountSetupError::Settings("disk full".into())),
    });
    screen.assert_shows("Not saved: disk full");
}

#[test]
fn a_refused_key_stays_in_the_form_and_an_unanswered_one_can_be_saved_untried() {
    let mut screen = filled();
    screen.keys("<enter>");
    screen.take_effects();
    let refused = AccountSetupError::KeyRefused(Failure::new("http_401", "bad key"));
    screen.receive(Msg::AccountAdded { name: name("kali"), result: Err(refused) });
    screen.assert_shows("Kali refuses the key.");
    // The key has the focus now, for it is what must be changed.
    screen.keys("<tab><tab><tab><enter>");
    let again = screen.take_effects();
    assert!(matches!(&again[..], [Effect::Gateway(GatewayCall::AddAccount(draft))] if !draft.untried));
    let unanswered = AccountSetupError::KeyUnchecked(Failure::new("unreachable", "no route"));
    screen.receive(Msg::AccountAdded { name: name("kali"), result: Err(unanswered) });
    screen.assert_shows("did not say whether it accepts the key");
    screen.keys("<enter>");
    assert!(matches!(&screen.take_effects()[..], [Effect::Gateway(GatewayCall::AddAccount(draft))] if draft.untried));
}

#[test]
fn a_changed_field_is_tried_again() {
    let mut screen = filled();
    screen.keys("<enter>");
    let unanswered = AccountSetupError::KeyUnchecked(Failure::new("unreachable", "no route"));
    screen.receive(Msg::AccountAdded { name: name("kali"), result: Err(unanswered) });
    screen.take_effects();
    screen.keys("<up><up>x<down><down><enter>");
    assert!(matches!(&screen.take_effects()[..], [Effect::Gateway(GatewayCall::AddAccount(draft))] if !draft.untried));
}

#[test]
fn the_url_is_copied_and_the_first_event_is_shown_to_the_second() {
    let mut screen = filled();
    screen.keys("<enter>");
    added(&mut screen, true);
    screen.take_effects();
    screen.assert_shows("Waiting for the first webhook");
    screen.keys("y");
    let [Effect::Terminal(TerminalAction::Copy { text })] = &screen.take_effects()[..] else { panic!("not copied") };
    assert!(text.as_str().ends_with("0123456789abcdef0123456789abcdef01234567"));
    let mut view = account("kali", "Kali", true, SessionState::Unknown);
    // An event from before, of an account of the same name, proves nothing.
    screen.set_facts(vec![view.clone()], Vec::new());
    screen.assert_shows("Waiting for the first webhook");
    view.account.last_event_at = Some(NOW.plus(Duration::from_secs(7)));
    screen.set_facts(vec![view], Vec::new());
    screen.assert_shows("Received the first webhook 22:13:27");
    screen.keys("<enter>");
    assert!(screen.model.overlays.is_empty(), "the welcome is gone too");
}

#[test]
fn a_url_of_this_machine_only_says_so() {
    let mut screen = filled();
    screen.keys("<enter>");
    added(&mut screen, false);
    screen.assert_shows("It is reached only on this machine");
}

#[test]
fn what_is_typed_stays_while_something_is_looked_up() {
    let mut screen = filled();
    screen.keys("<ctrl-p><esc>");
    assert!(
        matches!(screen.model.overlays.last(), Some(Overlay::AccountSetup(setup)) if matches!(**setup, AccountSetup::Filling(_)))
    );
    screen.assert_shows("https://wa.kali.example");
}

#[test]
fn where_accounts_cannot_be_added_the_form_says_so() {
    let mut screen = Screen::empty();
    screen.keys("<f4>");
    screen.receive(Msg::SetupOptionsRead(None));
    screen.assert_shows("the demo adds no accounts");
}

fn login() -> Screen {
    let mut screen =
        Screen::new(Locale::En, (80, 24), vec![account("toko", "Kali", true, SessionState::LoggedOut)], Vec::new());
    screen.keys("<f3>");
    assert_eq!(screen.take_effects(), [Effect::Gateway(GatewayCall::BeginLogin { account: name("toko") })]);
    screen
}

#[test]
fn a_login_shows_codes_until_it_is_connected_and_closes_by_itself() {
    let mut screen = login();
    screen.assert_shows("Asking Kali for a code");
    screen.login_news("toko", LoginUpdate::Waiting);
    screen.assert_shows("Kali prepares a code");
    screen.show_code("toko", &real_code(), 60);
    screen.assert_shows("A new code comes in about 60 s.");
    assert_eq!(screen.model.deadline(), Some(NOW.plus(Duration::from_secs(1))));
    screen.pass_time(Duration::from_millis(1500));
    screen.assert_shows("about 59 s.");
    assert_eq!(screen.model.deadline(), Some(NOW.plus(Duration::from_secs(2))), "one frame a second at most");
    screen.pass_time(Duration::from_secs(60));
    screen.assert_shows("This code is old");
    assert_eq!(screen.model.deadline(), None, "nothing counts any more");
    screen.login_news("toko", LoginUpdate::Connected { who: Some("628123456789".into()) });
    screen.assert_shows("connected as 628123456789");
    screen.pass_time(Duration::from_secs(2));
    assert!(screen.model.overlays.is_empty());
    screen.assert_shows("toko: connected as 628123456789");
}

#[test]
fn a_login_pauses_and_goes_on_at_a_key() {
    let mut screen = login();
    screen.show_code("toko", "2@x", 60);
    screen.login_news("toko", LoginUpdate::Paused);
    screen.assert_shows("Paused after three minutes. Enter goes on.");
    screen.take_effects();
    screen.keys("<enter>");
    assert_eq!(screen.take_effects(), [Effect::Gateway(GatewayCall::ContinueLogin)]);
    screen.assert_hides("Paused");
}

#[test]
fn a_login_shows_trouble_and_goes_on() {
    let mut screen = login();
    screen.login_news("toko", LoginUpdate::Trouble(Failure::new("unreachable", "no route to host")));
    screen.assert_shows("Asking Kali for a code");
    screen.assert_shows("could not be reached");
    screen.login_news("toko", LoginUpdate::Waiting);
    screen.assert_hides("could not be reached");
}

#[test]
fn a_code_is_saved_as_a_picture() {
    let mut screen = login();
    screen.keys("s");
    assert_eq!(screen.take_effects(), [], "there is nothing to save yet");
    screen.show_code("toko", "2@x", 60);
    screen.keys("s");
    assert_eq!(
        screen.take_effects(),
        [Effect::Terminal(TerminalAction::SavePicture { account: name("toko"), code: Secret::new("2@x") })]
    );
    screen.receive(Msg::PictureSaved(Ok("/data/login-toko.png".into())));
    screen.assert_shows("Saved as /data/login-toko.png");
}

#[test]
fn news_of_another_login_change_nothing() {
    let mut screen = login();
    screen.show_code("lain", "2@x", 60);
    let Some(Overlay::Login(login)) = screen.model.overlays.last() else { panic!("no login") };
    assert_eq!(login.stage, LoginStage::Asking);
}

#[test]
fn the_forms_of_a_code_can_be_chosen() {
    let mut screen = login();
    screen.show_code("toko", &real_code(), 60);
    let form = |screen: &Screen| match screen.model.overlays.last() {
        Some(Overlay::Login(login)) => match &login.layout.as_ref().unwrap().plan {
            QrPlan::Drawn(drawing) => Some(drawing.form),
            _ => None,
        },
        _ => panic!("no login"),
    };
    assert_eq!(form(&screen), Some(QrForm::Sextant));
    screen.keys("++");
    assert_eq!(form(&screen), None);
    screen.assert_shows("enlarge the window to 59×31");
    screen.receive(Msg::Resized(59, 31));
    assert_eq!(form(&screen), Some(QrForm::Half));
    screen.keys("--");
    assert_eq!(form(&screen), Some(QrForm::Half), "half blocks are chosen wherever they fit");
}

#[test]
fn a_gateway_without_a_login_says_where_it_is_done() {
    let accounts = vec![account("toko", "Samudra", false, SessionState::LoggedOut)];
    let mut screen = Screen::new(Locale::En, (80, 24), accounts, Vec::new());
    screen.keys("<f3>");
    screen.assert_shows("None of your gateways has a login over its API");
    screen.keys("<f2>l");
    screen.assert_shows("Samudra has no login over its API: log in on its dashboard.");
    let sessions: Vec<_> = screen
        .take_effects()
        .into_iter()
        .filter(|e| matches!(e, Effect::Gateway(GatewayCall::BeginLogin { .. })))
        .collect();
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
    let mut screen = Screen::new(Locale::En, (80, 24), accounts(SessionState::LoggedOut), Vec::new());
    screen.keys("<f3>");
    assert_eq!(screen.take_effects(), [Effect::Gateway(GatewayCall::BeginLogin { account: name("dua") })]);
    let mut screen = Screen::new(Locale::En, (80, 24), accounts(SessionState::Connected), Vec::new());
    screen.keys("<f3>");
    assert!(matches!(screen.model.overlays.last(), Some(Overlay::Accounts(accounts)) if accounts.chosen == 0));
    screen.keys("jl");
    assert_eq!(screen.take_effects(), [Effect::Gateway(GatewayCall::BeginLogin { account: name("dua") })]);
    screen.keys("<esc>");
    assert!(
        matches!(screen.model.overlays.last(), Some(Overlay::Accounts(accounts)) if accounts.chosen == 1),
        "back where it began"
    );
}

#[test]
fn a_session_that_drops_is_reported_once_with_the_remedy() {
    let view = |state| vec![account("toko", "Kali", true, state)];
    let mut screen = Screen::new(Locale::En, (80, 24), view(SessionState::Connected), Vec::new());
    assert!(screen.model.notice.is_none());
    screen.set_facts(view(SessionState::LoggedOut), Vec::new());
    screen.assert_shows("toko: logged out. Log in again: F3.");
    screen.model.notice = None;
    screen.set_facts(view(SessionState::LoggedOut), Vec::new());
    assert!(screen.model.notice.is_none(), "reported once");
    screen.set_facts(view(SessionState::KeyRefused), Vec::new());
    screen.assert_shows("toko: key refused.");
}

#[test]
fn an_account_that_is_out_at_the_start_has_not_dropped() {
    let out = vec![account("toko", "Kali", true, SessionState::LoggedOut)];
    let screen = Screen::new(Locale::En, (80, 24), out, Vec::new());
    assert!(screen.model.notice.is_none());
}

#[test]
fn the_list_of_accounts_shows_what_was_observed_and_ages() {
    let mut quiet = account("sepi", "Samudra", false, SessionState::Connected);
    quiet.account.last_event_at = Some(Timestamp(NOW.millis() - 26 * 3_600_000));
    let mut silent = account("bisu", "Kali", true, SessionState::Unknown);
    silent.silent_since = Some(Timestamp(NOW.millis() - 12 * 60_000));
    silent.account.last_event_at = None;
    let mut screen = Screen::new(Locale::En, (80, 24), vec![quiet, silent], Vec::new());
    screen.keys("<f2>");
    assert_eq!(screen.take_effects(), [Effect::Read(Read::Overview)]);
    for text in ["no message for 1d", "sends without an acknowledgement for 12m", "no message yet"] {
        screen.assert_shows(text);
    }
    let due = screen.model.deadline().unwrap();
    screen.pass_time(due.since(screen.model.now));
    assert_eq!(screen.take_effects(), [Effect::Read(Read::Overview)]);
    screen.keys("y");
    assert!(
        matches!(&screen.take_effects()[..], [Effect::Terminal(TerminalAction::Copy { text })] if text.as_str().ends_with("/webhooks/sepi/token"))
    );
}
