//! Golden screens: what people see, at four sizes and in both languages.
use crate::kit::{FakePreview, FakeStore, TestScreen, add_file, carries_everything, minutes_ago};
use loket::config::Locale;
use loket::domain::{
    Author, AuthorKind, Channel, ConversationState, Direction, Failure, Kind, Media, MessageId, ProcessStatus, Role,
    Status, UnmatchedReport, WindowRule,
};
use serde_json::json;

/// A usual morning: four channels, something unread, something failed, a draft, a group.
pub fn morning() -> FakeStore {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    store.add_account("cs-ig", Channel::Instagram, WindowRule::Day);
    store.contents().process = ProcessStatus {
        role: Role::Engine,
        sandbox: true,
        listener: Some("127.0.0.1:8484".to_owned()),
        ..ProcessStatus::default()
    };
    let budi = store.add_conversation(1, "Budi Santoso", "toko", Channel::WhatsApp);
    store.add_sent(budi, minutes_ago(60 * 24 + 30), Status::Read, "Terima kasih sudah berbelanja, Kak Budi.");
    store.mark_seen(budi);
    store.receive(budi, minutes_ago(42), "Selamat pagi, apakah kemeja flanel ukuran L masih ada?");
    store.add_sent(budi, minutes_ago(40), Status::Read, "Masih ada, Kak. Mau warna apa?");
    store.mark_seen(budi);
    store.add_message(budi, minutes_ago(20), |m| {
        m.kind = Kind::Image;
        "Yang seperti ini 😊".clone_into(&mut m.text);
        m.media = Some(Media { name: Some("contoh.jpg".into()), size: Some(245_000), ..Media::default() });
    });
    store.receive(budi, minutes_ago(19), "ada https://toko.example/flanel ?");
    let ayu = store.add_conversation(2, "Ayu 💕 Lestari", "cs-ig", Channel::Instagram);
    store.receive(ayu, minutes_ago(60 * 25), "Kak, pesanan saya kok belum sampai ya?");
    store.add_sent(ayu, minutes_ago(5), Status::Failed, "Mohon tunggu ya Kak");
    store.mark_seen(ayu);
    store.change_conversation(ayu, |c| c.window_until = Some(minutes_ago(60)));
    let group = store.add_conversation(3, "Reseller Jabar", "toko", Channel::WhatsApp);
    store.change_conversation(group, |c| c.group = true);
    store.add_message(group, minutes_ago(90), |m| {
        m.author = Author { kind: AuthorKind::Contact, name: "Dewi".into() };
        m.text = "Stok hari ini apa saja?".into();
    });
    store.mark_seen(group);
    let telegram = store.add_conversation(4, "", "toko", Channel::Telegram);
    store.add_message(telegram, minutes_ago(60 * 30), |m| m.kind = Kind::Audio);
    store.change_conversation(telegram, |c| c.draft = Some("Siap kak".into()));
    store.mark_seen(telegram);
    store.change_conversation(telegram, |c| c.waiting_since = None);
    let done = store.add_conversation(5, "Rina", "cs-ig", Channel::Messenger);
    store.receive(done, minutes_ago(3), "Halo?");
    store.change_conversation(done, |c| c.state = ConversationState::Open);
    store
}

const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (140, 45), (200, 60)];

fn golden(name: &str, script: &str) {
    for locale in Locale::ALL {
        for size in SIZES {
            let mut screen = TestScreen::new(morning(), locale, size);
            screen.keys(script);
            let name = format!("{name}_{}_{}x{}", locale.as_str(), size.0, size.1);
            insta::assert_snapshot!(name, screen.drawn());
        }
    }
}

#[test]
fn the_list() {
    golden("list", "");
}

#[test]
fn an_open_conversation() {
    golden("conversation", "/ 'budi' enter");
}

#[test]
fn a_closed_window_is_shown_before_anything_is_sent() {
    golden("closed_window", "/ 'ayu' enter 'halo'");
}

/// The forms at the design size, in both languages.
fn golden_form(name: &str, script: &str) {
    for locale in Locale::ALL {
        let store = morning();
        carries_everything(&store);
        let mut screen = TestScreen::new(store, locale, (80, 24));
        screen.keys(script);
        insta::assert_snapshot!(format!("{name}_{}_80x24", locale.as_str()), screen.drawn());
    }
}

#[test]
fn forms_for_more_than_text() {
    let open = "/ 'budi' enter";
    golden_form("form_location", &format!("{open} ctrl-x p 'https://maps.app.goo.gl/x1' enter enter"));
    golden_form("form_card", &format!("{open} ctrl-x k enter 'Pak RT' enter '0812-33' enter"));
    golden_form(
        "form_buttons",
        &format!(
            "{open} ctrl-x b 'Mau warna apa?' enter enter enter 'Merah' enter 'Lihat toko' tab right tab 'toko' enter enter enter"
        ),
    );
    golden_form(
        "form_list",
        &format!(
            "{open} ctrl-x i 'Pilih' enter 'Menu' enter enter enter 'Kaos' enter 'Polos' enter 'S sampai XL' enter 'Garis' enter"
        ),
    );
}

#[test]
fn a_new_conversation() {
    for locale in Locale::ALL {
        let store = morning();
        carries_everything(&store);
        store.add_contact("Citra Lestari", "6281388887777");
        store.add_contact("Budi Santoso", "6281234500001");
        let mut screen = TestScreen::new(store, locale, (80, 24));
        screen.keys("f5 'r'");
        insta::assert_snapshot!(format!("new_conversation_{}_80x24", locale.as_str()), screen.drawn());
        screen.keys("ctrl-u '0813 1111 2229' enter 'Halo'");
        insta::assert_snapshot!(format!("first_message_{}_80x24", locale.as_str()), screen.drawn());
    }
}

#[test]
fn what_is_known_of_a_failed_message() {
    for locale in Locale::ALL {
        for size in SIZES {
            let store = morning();
            let id = store.add_conversation(9, "Pameran", "toko", Channel::WhatsApp);
            store.add_message(id, minutes_ago(1), |m| {
                m.direction = Direction::Out;
                m.author = Author { kind: AuthorKind::Agent, name: "Sari".into() };
                m.status = Status::Failed;
                m.text = "Ini rinciannya".into();
                m.error =
                    Some(Failure::new("131047", "Re-engagement message\u{1b}[2J: more than 24 hours have passed"));
            });
            let mut screen = TestScreen::new(store, locale, size);
            screen.keys("/ 'pameran' enter esc tab d");
            let name = format!("details_{}_{}x{}", locale.as_str(), size.0, size.1);
            insta::assert_snapshot!(name, screen.drawn());
        }
    }
}

#[test]
fn what_is_known_of_a_message_that_may_have_arrived() {
    for locale in Locale::ALL {
        for size in SIZES {
            let store = morning();
            let id = store.add_conversation(9, "Pameran", "toko", Channel::WhatsApp);
            store.add_sent(id, minutes_ago(5), Status::Unsure, "Siap kak");
            let (at, remote_id) = (minutes_ago(4), "wamid.77".to_owned());
            store.contents().unmatched = vec![
                UnmatchedReport::Receipt { remote_id, status: Status::Delivered, at },
                UnmatchedReport::Elsewhere { message: MessageId(9), text: "Siap kak".into(), at: minutes_ago(5) },
            ];
            let mut screen = TestScreen::new(store, locale, size);
            screen.keys("/ 'pameran' enter esc tab d");
            let name = format!("details_unsure_{}_{}x{}", locale.as_str(), size.0, size.1);
            insta::assert_snapshot!(name, screen.drawn());
        }
    }
}

#[test]
fn help_and_palette() {
    golden("help", "f1");
    golden("palette", "ctrl-p 'snooz'");
}

#[test]
fn no_account_yet() {
    for locale in Locale::ALL {
        for size in SIZES {
            let screen = TestScreen::new(FakeStore::new(), locale, size);
            insta::assert_snapshot!(format!("welcome_{}_{}x{}", locale.as_str(), size.0, size.1), screen.drawn());
        }
    }
}

#[test]
fn every_kind_and_every_state_is_readable() {
    let store = morning();
    let id = store.add_conversation(9, "Pameran", "toko", Channel::WhatsApp);
    let at = |n: i64| minutes_ago(100 - n);
    let location = store.add_message(id, at(0), |m| {
        m.kind = Kind::Location;
        m.payload = Some(json!({"latitude": "-6.2", "longitude": "106.8", "name": "Monas", "address": "Jl. Merdeka"}));
    });
    store.add_message(id, at(1), |m| {
        m.kind = Kind::Contacts;
        m.payload = Some(json!({"contacts": [{"name": "Pak RT", "numbers": ["6281234"]}]}));
    });
    store.add_message(id, at(2), |m| {
        m.kind = Kind::Choice;
        m.payload = Some(json!({"id": "1", "title": "Cek pesanan"}));
    });
    let reply = store.add_message(id, at(3), |m| {
        m.text = "Boleh".into();
        m.payload = Some(json!({"reply_to": format!("remote-{location}")}));
    });
    store.add_message(id, at(4), |m| m.kind = Kind::Unsupported);
    store.add_message(id, at(5), |m| {
        m.kind = Kind::System;
        m.author.kind = AuthorKind::System;
        m.text = "Nomor pelanggan berganti".into();
    });
    store.add_message(id, at(6), |m| {
        m.kind = Kind::Reaction;
        m.payload = Some(json!({"message": format!("remote-{reply}"), "emoji": "👍"}));
    });
    store.add_message(id, at(7), |m| {
        m.kind = Kind::Order;
        m.payload = Some(json!({"items": [1, 2]}));
    });
    let own = |status: Status, text: &str, n: i64| {
        store.add_sent(id, at(n), status, text);
    };
    own(Status::Queued, "antre", 8);
    own(Status::Sending, "dikirim", 9);
    own(Status::Sent, "terkirim", 10);
    own(Status::Delivered, "sampai", 11);
    own(Status::Read, "dibaca", 12);
    store.add_message(id, at(13), |m| {
        m.direction = Direction::Out;
        m.author = Author { kind: AuthorKind::Rule, name: "salam".into() };
        m.status = Status::Delivered;
        m.inferred = true;
        m.text = "Kami segera membalas.".into();
    });
    store.add_message(id, at(14), |m| {
        m.direction = Direction::Out;
        m.author = Author { kind: AuthorKind::Agent, name: "Andi".into() };
        m.status = Status::Unsure;
        m.text = "Sudah dibayar?".into();
        m.error = Some(Failure::new("x_unknown", "no answer"));
    });
    store.add_message(id, at(15), |m| {
        m.direction = Direction::Out;
        m.author = Author { kind: AuthorKind::Agent, name: "Sari".into() };
        m.status = Status::Failed;
        m.text = "Ini rinciannya".into();
        m.error = Some(Failure::new("x_other", "Recipient is not on this channel"));
    });
    store.add_message(id, at(16), |m| {
        m.direction = Direction::Out;
        m.author = Author { kind: AuthorKind::Agent, name: "Sari".into() };
        m.status = Status::Queued;
        m.kind = Kind::Template;
        m.payload = Some(json!({"template": "promo", "variables": ["Budi"]}));
        m.retry_at = Some(minutes_ago(-5));
    });
    store.mark_seen(id);
    for locale in Locale::ALL {
        let mut screen = TestScreen::new(store.clone(), locale, (80, 60));
        screen.keys("/ 'pameran' enter esc tab");
        insta::assert_snapshot!(format!("kinds_{}", locale.as_str()), screen.drawn());
    }
}

#[test]
fn calls_forms_and_notices_are_readable() {
    let store = morning();
    let id = store.add_conversation(9, "Pameran", "toko", Channel::WhatsApp);
    let at = |n: i64| minutes_ago(100 - n);
    for (n, call) in (0..).zip([json!({"state": "ringing"}), json!({"state": "missed"}), json!({"state": "ended"})]) {
        store.add_message(id, at(n), |m| (m.kind, m.payload) = (Kind::Call, Some(call)));
    }
    let ended = json!({"state": "ended", "duration": 125});
    store.add_message(id, at(4), |m| (m.kind, m.payload) = (Kind::Call, Some(ended)));
    store.add_message(id, at(5), |m| {
        m.kind = Kind::Form;
        m.text = "Nama lengkap: Budi\nUkuran: M, XL".into();
        m.payload = Some(json!({"id": "flow", "title": "Sent", "response": {}}));
    });
    for (n, event) in (6..).zip(["conversation_opened", "marketing_stopped", "marketing_resumed", "later"]) {
        store.add_message(id, at(n), |m| {
            (m.kind, m.author.kind) = (Kind::System, AuthorKind::System);
            m.text = "User requested something".into();
            m.payload = Some(json!({"event": event}));
        });
    }
    store.add_message(id, at(11), |m| {
        (m.kind, m.direction, m.payload) = (Kind::Call, Direction::Out, Some(json!({"state": "missed"})));
    });
    for (n, flag) in (12..).zip(["forwarded", "edited", "revoked"]) {
        store.add_message(id, at(n), |m| {
            m.text = "Halo".into();
            m.payload = Some(json!({flag: true, "original": "Hai"}));
        });
    }
    store.add_message(id, at(15), |m| {
        m.text = "Masih ada?".into();
        m.payload = Some(json!({"referral": {"headline": "Promo\u{1b}[2J gamis", "source_url": "https://fb.me/x"}}));
    });
    store.contents().conversations.get_mut(&id).unwrap().no_marketing = true;
    store.mark_seen(id);
    for locale in Locale::ALL {
        let mut screen = TestScreen::new(store.clone(), locale, (90, 40));
        screen.keys("/ 'pameran' enter esc tab");
        insta::assert_snapshot!(format!("calls_{}", locale.as_str()), screen.drawn());
    }
}

#[test]
fn hostile_and_difficult_text_stays_in_its_place() {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    let names = [
        "👩‍👩‍👧 keluarga ❤️ 🇮🇩",
        "مرحبا بالعالم",
        "\u{1b}[31mmerah\u{7}\u{202e}terbalik\u{9b}2J",
        "नमस्ते ไทย 日本語のとても長い名前です",
        "e\u{301}e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}x",
    ];
    for (n, name) in (1..).zip(names) {
        let id = store.add_conversation(n, name, "toko", Channel::WhatsApp);
        store.receive(id, minutes_ago(n), &format!("{name}\n{}", name.repeat(8)));
    }
    for script in ["", "enter", "j j enter"] {
        let mut screen = TestScreen::new(store.clone(), Locale::Id, (60, 20));
        screen.keys(script);
        let text = screen.text();
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c)));
        insta::assert_snapshot!(format!("hostile_{}", script.replace(' ', "_")), screen.drawn());
    }
}

/// What half blocks show, one letter for each cell: how red its upper pixel is.
fn half_blocks(screen: &TestScreen) -> String {
    use ratatui::style::Color;
    let buffer = screen.buffer();
    let rows = buffer.content.chunks(usize::from(buffer.area.width));
    let letter = |cell: &ratatui::buffer::Cell| match (cell.symbol(), cell.fg) {
        ("▀", Color::Rgb(red, ..)) => char::from(b'a' + red / 16),
        ("▄", _) => '_',
        _ => ' ',
    };
    let lines = rows.map(|row| row.iter().map(letter).collect::<String>().trim_end().to_owned());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn pictures_and_the_viewer() {
    let store = morning();
    let id = store.add_conversation(9, "Pameran", "toko", Channel::WhatsApp);
    add_file(&store, id, minutes_ago(9), Kind::Image, "a", |message, media| {
        message.text = "Ini buktinya kak".into();
        media.name = Some("bukti.jpg".into());
    });
    add_file(&store, id, minutes_ago(8), Kind::Document, "d", |_, media| media.name = Some("harga.pdf".into()));
    store.add_sent(id, minutes_ago(7), Status::Read, "Terima kasih, Kak");
    store.mark_seen(id);
    store.contents().previews.insert("a".into(), FakePreview::Picture(1280, 960));
    store.contents().previews.insert("d".into(), FakePreview::Pages(3));
    for (locale, size) in [(Locale::En, (80, 24)), (Locale::Id, (140, 45)), (Locale::Id, (40, 12))] {
        let name = format!("{}_{}x{}", locale.as_str(), size.0, size.1);
        let mut screen = TestScreen::new(store.clone(), locale, size);
        screen.keys("/ 'pameran' enter esc tab");
        insta::assert_snapshot!(format!("pictures_{name}"), format!("{}\n{}", screen.drawn(), half_blocks(&screen)));
        screen.keys("k k enter");
        insta::assert_snapshot!(format!("viewer_{name}"), format!("{}\n{}", screen.drawn(), half_blocks(&screen)));
    }
}
