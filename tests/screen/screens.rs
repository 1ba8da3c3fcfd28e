//! Golden screens: what people see, at three sizes and in both languages.

use crate::kit::{Fake, Stage, carries_everything, minutes_ago};
use loket::config::Locale;
use loket::domain::conversation::ConversationState;
use loket::domain::window::WindowRule;
use loket::domain::{Author, AuthorKind, Channel, Direction, Failure, Kind, Media, Status};
use loket::tui::app::facts::{Facts, Role};
use serde_json::json;

/// A usual morning: four channels, something unread, something failed, a draft, a group.
fn morning() -> Fake {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    fake.account("cs-ig", Channel::Instagram, WindowRule::Day);
    fake.world().facts =
        Facts { role: Role::Engine, sandbox: true, listener: Some("127.0.0.1:8484".to_owned()), moved_to: None };
    let budi = fake.conversation(1, "Budi Santoso", "toko", Channel::WhatsApp);
    fake.wrote(budi, minutes_ago(60 * 24 + 30), Status::Read, "Terima kasih sudah berbelanja, Kak Budi.");
    fake.seen(budi);
    fake.hears(budi, minutes_ago(42), "Selamat pagi, apakah kemeja flanel ukuran L masih ada?");
    fake.wrote(budi, minutes_ago(40), Status::Read, "Masih ada, Kak. Mau warna apa?");
    fake.seen(budi);
    fake.adds(budi, minutes_ago(20), |m| {
        m.kind = Kind::Image;
        "Yang seperti ini 😊".clone_into(&mut m.text);
        m.media = Some(Media { name: Some("contoh.jpg".into()), size: Some(245_000), ..Media::default() });
    });
    fake.hears(budi, minutes_ago(19), "ada https://toko.example/flanel ?");
    let ayu = fake.conversation(2, "Ayu 💕 Lestari", "cs-ig", Channel::Instagram);
    fake.hears(ayu, minutes_ago(60 * 25), "Kak, pesanan saya kok belum sampai ya?");
    fake.wrote(ayu, minutes_ago(5), Status::Failed, "Mohon tunggu ya Kak");
    fake.seen(ayu);
    fake.set(ayu, |c| c.window_until = Some(minutes_ago(60)));
    let group = fake.conversation(3, "Reseller Jabar", "toko", Channel::WhatsApp);
    fake.set(group, |c| c.group = true);
    fake.adds(group, minutes_ago(90), |m| {
        m.author = Author { kind: AuthorKind::Contact, name: "Dewi".into() };
        m.text = "Stok hari ini apa saja?".into();
    });
    fake.seen(group);
    let telegram = fake.conversation(4, "", "toko", Channel::Telegram);
    fake.adds(telegram, minutes_ago(60 * 30), |m| m.kind = Kind::Audio);
    fake.set(telegram, |c| c.has_draft = true);
    fake.seen(telegram);
    fake.set(telegram, |c| c.waiting_since = None);
    let done = fake.conversation(5, "Rina", "cs-ig", Channel::Messenger);
    fake.hears(done, minutes_ago(3), "Halo?");
    fake.set(done, |c| c.state = ConversationState::Open);
    fake
}

const SIZES: [(u16, u16); 3] = [(40, 12), (80, 24), (140, 45)];

fn golden(name: &str, script: &str) {
    for locale in Locale::ALL {
        for size in SIZES {
            let mut stage = Stage::new(morning(), locale, size);
            stage.keys(script);
            let name = format!("{name}_{}_{}x{}", locale.as_str(), size.0, size.1);
            insta::assert_snapshot!(name, stage.screen());
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
fn a_closed_window_is_told_before_anything_is_sent() {
    golden("closed_window", "/ 'ayu' enter 'halo'");
}

/// The forms at the design size, in both languages.
fn golden_form(name: &str, script: &str) {
    for locale in Locale::ALL {
        let fake = morning();
        carries_everything(&fake);
        let mut stage = Stage::new(fake, locale, (80, 24));
        stage.keys(script);
        insta::assert_snapshot!(format!("{name}_{}_80x24", locale.as_str()), stage.screen());
    }
}

#[test]
fn forms_for_more_than_text() {
    let open = "/ 'budi' enter";
    golden_form("form_location", &format!("{open} alt-l '-96.2' tab '106.816666' tab enter"));
    golden_form("form_card", &format!("{open} alt-c 'Pak RT' tab '0812-3456-789, '"));
    golden_form(
        "form_buttons",
        &format!("{open} alt-t 'Mau warna apa?' tab tab tab 'reply|1|Merah' tab 'call|2' enter enter"),
    );
    golden_form("form_list", &format!("{open} alt-m 'Pilih' tab 'Menu' tab tab tab 'Kaos|k1|Polos|M' tab"));
}

#[test]
fn a_new_conversation() {
    for locale in Locale::ALL {
        let fake = morning();
        carries_everything(&fake);
        fake.knows("Citra Lestari", "6281388887777");
        fake.knows("Budi Santoso", "6281234500001");
        let mut stage = Stage::new(fake, locale, (80, 24));
        stage.keys("f5 'r'");
        insta::assert_snapshot!(format!("new_conversation_{}_80x24", locale.as_str()), stage.screen());
        stage.keys("ctrl-u '0813 1111 2229' enter 'Halo'");
        insta::assert_snapshot!(format!("first_message_{}_80x24", locale.as_str()), stage.screen());
    }
}

#[test]
fn what_is_known_of_a_failed_message() {
    for locale in Locale::ALL {
        for size in SIZES {
            let fake = morning();
            let id = fake.conversation(9, "Pameran", "toko", Channel::WhatsApp);
            fake.adds(id, minutes_ago(1), |m| {
                m.direction = Direction::Out;
                m.author = Author { kind: AuthorKind::Agent, name: "Sari".into() };
                m.status = Status::Failed;
                m.text = "Ini rinciannya".into();
                m.error =
                    Some(Failure::new("131047", "Re-engagement message\u{1b}[2J: more than 24 hours have passed"));
            });
            let mut stage = Stage::new(fake, locale, size);
            stage.keys("/ 'pameran' enter esc tab d");
            let name = format!("details_{}_{}x{}", locale.as_str(), size.0, size.1);
            insta::assert_snapshot!(name, stage.screen());
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
            let stage = Stage::new(Fake::new(), locale, size);
            insta::assert_snapshot!(format!("welcome_{}_{}x{}", locale.as_str(), size.0, size.1), stage.screen());
        }
    }
}

#[test]
fn every_kind_and_every_state_is_readable() {
    let fake = morning();
    let id = fake.conversation(9, "Pameran", "toko", Channel::WhatsApp);
    let at = |n: i64| minutes_ago(100 - n);
    let place = fake.adds(id, at(0), |m| {
        m.kind = Kind::Location;
        m.payload = Some(json!({"latitude": "-6.2", "longitude": "106.8", "name": "Monas", "address": "Jl. Merdeka"}));
    });
    fake.adds(id, at(1), |m| {
        m.kind = Kind::Contacts;
        m.payload = Some(json!({"contacts": [{"name": "Pak RT", "numbers": ["6281234"]}]}));
    });
    fake.adds(id, at(2), |m| {
        m.kind = Kind::Choice;
        m.payload = Some(json!({"id": "1", "title": "Cek pesanan"}));
    });
    let reply = fake.adds(id, at(3), |m| {
        m.text = "Boleh".into();
        m.payload = Some(json!({"reply_to": format!("remote-{place}")}));
    });
    fake.adds(id, at(4), |m| m.kind = Kind::Unsupported);
    fake.adds(id, at(5), |m| {
        m.kind = Kind::System;
        m.author.kind = AuthorKind::System;
        m.text = "Nomor pelanggan berganti".into();
    });
    fake.adds(id, at(6), |m| {
        m.kind = Kind::Reaction;
        m.payload = Some(json!({"message": format!("remote-{reply}"), "emoji": "👍"}));
    });
    fake.adds(id, at(7), |m| {
        m.kind = Kind::Order;
        m.payload = Some(json!({"items": [1, 2]}));
    });
    let own = |status: Status, text: &str, n: i64| {
        fake.wrote(id, at(n), status, text);
    };
    own(Status::Queued, "antre", 8);
    own(Status::Sending, "dikirim", 9);
    own(Status::Sent, "terkirim", 10);
    own(Status::Delivered, "sampai", 11);
    own(Status::Read, "dibaca", 12);
    fake.adds(id, at(13), |m| {
        m.direction = Direction::Out;
        m.author = Author { kind: AuthorKind::Rule, name: "salam".into() };
        m.status = Status::Delivered;
        m.inferred = true;
        m.text = "Kami segera membalas.".into();
    });
    fake.adds(id, at(14), |m| {
        m.direction = Direction::Out;
        m.author = Author { kind: AuthorKind::Agent, name: "Andi".into() };
        m.status = Status::Unsure;
        m.text = "Sudah dibayar?".into();
        m.error = Some(Failure::new("x_unknown", "no answer"));
    });
    fake.adds(id, at(15), |m| {
        m.direction = Direction::Out;
        m.author = Author { kind: AuthorKind::Agent, name: "Sari".into() };
        m.status = Status::Failed;
        m.text = "Ini rinciannya".into();
        m.error = Some(Failure::new("x_other", "Recipient is not on this channel"));
    });
    fake.adds(id, at(16), |m| {
        m.direction = Direction::Out;
        m.author = Author { kind: AuthorKind::Agent, name: "Sari".into() };
        m.status = Status::Queued;
        m.kind = Kind::Template;
        m.payload = Some(json!({"template": "promo", "variables": ["Budi"]}));
        m.retry_at = Some(minutes_ago(-5));
    });
    fake.seen(id);
    for locale in Locale::ALL {
        let mut stage = Stage::new(fake.clone(), locale, (80, 60));
        stage.keys("/ 'pameran' enter esc tab");
        insta::assert_snapshot!(format!("kinds_{}", locale.as_str()), stage.screen());
    }
}

#[test]
fn hostile_and_difficult_text_stays_in_its_place() {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    let names = [
        "👩‍👩‍👧 keluarga ❤️ 🇮🇩",
        "مرحبا بالعالم",
        "\u{1b}[31mmerah\u{7}\u{202e}terbalik\u{9b}2J",
        "नमस्ते ไทย 日本語のとても長い名前です",
        "e\u{301}e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}x",
    ];
    for (n, name) in (1..).zip(names) {
        let id = fake.conversation(n, name, "toko", Channel::WhatsApp);
        fake.hears(id, minutes_ago(n), &format!("{name}\n{}", name.repeat(8)));
    }
    for script in ["", "enter", "j j enter"] {
        let mut stage = Stage::new(fake.clone(), Locale::Id, (60, 20));
        stage.keys(script);
        let text = stage.text();
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c)));
        insta::assert_snapshot!(format!("hostile_{}", script.replace(' ', "_")), stage.screen());
    }
}
