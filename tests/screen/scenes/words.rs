//! Scenes of the words around the conversation: status bar, accounts, details, notices, help.
use super::{open_screen, two_conversations};
use crate::kit::{NOW, TestScreen, minutes_ago};
use loket::config::Locale;
use loket::domain::{Failure, ProcessStatus, Role, SessionState, Status};
use loket::tui::Msg;

#[test]
fn the_status_bar_keeps_the_accounts_and_drops_pid_address_and_rate_first() {
    let (store, _, _) = two_conversations();
    store.contents().process = ProcessStatus {
        role: Role::Viewer { pid: 15_491 },
        listener: Some("127.0.0.1:8484".to_owned()),
        ..ProcessStatus::default()
    };
    let bar = |width: u16| {
        let mut screen = TestScreen::new(store.clone(), Locale::Id, (width, 24));
        screen.keys("enter");
        screen.text().lines().next().unwrap().to_owned()
    };
    for width in [70, 80, 100, 140] {
        let bar = bar(width);
        assert!(bar.contains("toko") && bar.contains("resmi") && !bar.contains("15491"), "{bar}");
        assert!(bar.contains("PENAMPIL") && bar.contains("menunggu"), "{bar}");
    }
    assert!(!bar(70).contains("8484") && bar(140).contains("8484"));
}

#[test]
fn an_account_whose_gateway_reports_no_session_looks_healthy_while_messages_come() {
    let (store, _, _) = two_conversations();
    {
        let mut contents = store.contents();
        contents.accounts[0].account.state = SessionState::Unknown;
        contents.accounts[0].account.last_event_at = Some(minutes_ago(2));
        contents.accounts[1].account.state = SessionState::Unknown;
    }
    for (locale, last, none) in [
        (Locale::En, "last message 2m ago", "no message yet"),
        (Locale::Id, "pesan terakhir 2m lalu", "belum ada pesan masuk"),
    ] {
        let mut screen = TestScreen::new(store.clone(), locale, (80, 24));
        let bar = screen.text().lines().next().unwrap().to_owned();
        assert!(bar.contains("● toko") && bar.contains("○ resmi"), "{bar}");
        screen.keys("f2");
        assert!(screen.text().contains(last) && screen.text().contains(none), "{}", screen.text());
        assert!(!screen.text().contains("not reported") && !screen.text().contains("tidak dilaporkan"));
    }
}

#[test]
fn what_loket_found_itself_is_not_called_the_gateways_words() {
    for (code, message, is_own) in [
        ("timeout", "no answer within 30 seconds", true),
        ("unreachable", "connection refused", true),
        ("131026", "Message undeliverable", false),
    ] {
        let (store, budi, _) = two_conversations();
        let id = store.add_sent(budi, NOW, Status::Unsure, "Sudah?");
        store.change_message(id, |m| m.error = Some(Failure::new(code, message)));
        for (locale, gateway) in [(Locale::En, "The gateway says"), (Locale::Id, "Keterangan gateway")] {
            let mut screen = TestScreen::new(store.clone(), locale, (100, 40));
            screen.keys("enter esc tab d");
            let text = screen.text();
            assert_eq!(text.contains(gateway), !is_own, "{text}");
            assert!(!text.contains("no answer within"), "{text}");
        }
    }
}

#[test]
fn a_long_notice_is_read_whole() {
    for (width, height) in [(40, 12), (80, 24)] {
        let (store, _, _) = two_conversations();
        let mut screen = TestScreen::new(store, Locale::Id, (width, height));
        screen.keys("enter 'Halo Kak'");
        let reason = "alamat gateway tidak dapat dihubungi karena jaringan di toko sedang terputus sejak tadi pagi ya";
        screen.model.notify(reason, true);
        screen.update(Msg::Focused(true));
        let text = screen.text();
        for word in reason.split(' ') {
            assert!(text.contains(word), "{word}\n{text}");
        }
        assert!(text.contains("› Halo Kak"), "{text}");
    }
}

#[test]
fn help_explains_the_marks() {
    let (store, _, _) = two_conversations();
    let mut screen = TestScreen::new(store, Locale::Id, (80, 120));
    screen.keys("f1");
    for words in ["Tanda", "WhatsApp", "Telegram", "di kotak keluar", "belum pasti", "akun perlu bantuan", "ada draf"] {
        assert!(screen.text().contains(words), "{words}\n{}", screen.text());
    }
}

#[test]
fn times_are_short_and_clear_in_indonesian() {
    let (store, budi, ayu) = two_conversations();
    store.change_conversation(budi, |c| c.waiting_since = Some(minutes_ago(3 * 24 * 60)));
    store.change_conversation(ayu, |c| c.waiting_since = Some(NOW));
    let text = TestScreen::new(store.clone(), Locale::Id, (80, 24)).text();
    assert!(text.contains("3hr") && text.contains("<1m"), "{text}");
    store.change_conversation(budi, |c| c.window_until = Some(minutes_ago(-(23 * 60 + 52))));
    let mut screen = open_screen(&store);
    screen.keys("enter");
    assert!(screen.text().contains("reply within 23h 52m"), "{}", screen.text());
    let mut screen = TestScreen::new(store, Locale::Id, (80, 24));
    screen.keys("enter");
    assert!(screen.text().contains("bisa dibalas 23j 52m lagi"), "{}", screen.text());
}
