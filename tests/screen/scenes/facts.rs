//! Scenes of what the thread says about messages: each fact in a person's words.
use super::{open_screen, two_conversations};
use crate::kit::{FakeStore, NOW, TestScreen, minutes_ago};
use loket::config::Locale;
use loket::domain::{
    Author, AuthorKind, Channel, ConversationId, Direction, Failure, Kind, Media, Message, Status, WindowRule,
};
use serde_json::{Value, json};

/// Makes a message what it shall be.
type Shape = Box<dyn Fn(&mut Message)>;

/// A conversation of one message as `shape` makes it, opened on a wide screen.
fn shown(locale: Locale, phone: bool, shape: impl FnOnce(&mut Message)) -> String {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    store.contents().accounts[0].capabilities.phone = phone;
    let id = store.add_conversation(1, "Budi", "toko", Channel::WhatsApp);
    store.add_message(id, minutes_ago(1), shape);
    let mut screen = TestScreen::new(store, locale, (140, 30));
    screen.keys("enter");
    screen.text()
}

fn with_payload(kind: Kind, text: &str, payload: Value) -> impl FnOnce(&mut Message) {
    let text = text.to_owned();
    move |m| (m.kind, m.text, m.payload) = (kind, text, Some(payload))
}

#[test]
fn every_fact_of_a_message_is_said_in_a_persons_words() {
    let photo = |m: &mut Message| {
        m.kind = Kind::Image;
        m.media = Some(Media::default());
        m.payload = Some(json!({"errors": [{"code": 131_052, "title": "Media download error"}]}));
    };
    let facts: Vec<(Shape, &str, &str)> = vec![
        (with(Kind::Text, "Hai", json!({"revoked": true})), "deleted by the customer", "dihapus oleh pelanggan"),
        (
            with(Kind::Text, "Hai", json!({"edited": true, "original": "Hay"})),
            "edited, before: “Hay”",
            "diedit, sebelumnya: “Hay”",
        ),
        (with(Kind::Text, "Hai", json!({"forwarded": true})), "forwarded", "diteruskan"),
        (
            with(Kind::Text, "Hai", json!({"referral": {"source_type": "ad", "headline": "Promo gamis"}})),
            "came from an ad: Promo gamis",
            "datang dari iklan: Promo gamis",
        ),
        (
            with(Kind::Text, "Hai", json!({"referral": {"source_type": "post", "body": "Baru!"}})),
            "came from a post: Baru!",
            "datang dari unggahan: Baru!",
        ),
        (
            with(Kind::Text, "Ada?", json!({"product": {"catalog_id": "1", "product_retailer_id": "GAMIS-01"}})),
            "asks about the product GAMIS-01",
            "menanyakan produk GAMIS-01",
        ),
        (
            with(Kind::Order, "2 × GAMIS-01 (150000 IDR)", json!({"product_items": [{}]})),
            "Order · 1 item",
            "Pesanan · 1 barang",
        ),
        (with(Kind::Form, "Nama: Budi", json!({"id": "f", "title": "Sent"})), "Nama: Budi", "Nama: Budi"),
        (with(Kind::Call, "", json!({"state": "missed"})), "missed call", "panggilan tak terjawab"),
        (
            Box::new(photo),
            "The file did not come: The customer's file could not be downloaded.",
            "Berkasnya tidak sampai: Berkas dari pelanggan tidak dapat diunduh.",
        ),
        (
            with(
                Kind::Contacts,
                "",
                json!({"contacts": [{"name": "Sari", "numbers": ["6281"], "emails": ["s@a.id"], "company": "PT Sari"}]}),
            ),
            "s@a.id",
            "PT Sari",
        ),
        (
            with(Kind::Choice, "Antar", json!({"id": "1", "title": "Antar", "description": "Besok pagi"})),
            "Besok pagi",
            "Besok pagi",
        ),
        (
            with(Kind::Text, "Warna?\n- Merah", json!({"poll": {"question": "Warna?", "options": ["Merah"]}})),
            "Poll · 1 item",
            "Polling · 1 barang",
        ),
        (
            with(Kind::Unsupported, "", json!({"unsupported": {"type": "view_once"}})),
            "Something to be seen once",
            "Kiriman sekali lihat",
        ),
        (
            with(Kind::Unsupported, "", json!({"errors": [{"code": 131_060}]})),
            "WhatsApp holds this message back",
            "WhatsApp masih menahan pesan ini",
        ),
        (
            with(Kind::Unsupported, "", json!({"type": "hologram"})),
            "that Loket does not know: hologram",
            "belum dikenal Loket: hologram",
        ),
        (
            with(Kind::Unsupported, "Warna?", json!({"name": "Warna?", "options": ["merah", "biru"]})),
            "- biru",
            "- biru",
        ),
        (
            with(Kind::System, "", json!({"event": "calls_declined"})),
            "does not want to be called",
            "tidak mau ditelepon",
        ),
    ];
    for (shape, en, id) in facts {
        for (locale, expected) in [(Locale::En, en), (Locale::Id, id)] {
            let screen = shown(locale, true, |m| shape(m));
            assert!(screen.contains(expected), "{expected}\n{screen}");
        }
    }
}

fn with(kind: Kind, text: &'static str, payload: Value) -> Shape {
    Box::new(move |m| with_payload(kind, text, payload.clone())(m))
}

#[test]
fn nobody_is_sent_to_a_phone_that_is_not_there() {
    let doubtful = |m: &mut Message| {
        m.direction = Direction::Out;
        m.author = Author { kind: AuthorKind::Agent, name: "Sari".into() };
        m.status = Status::Unsure;
        m.error = Some(Failure::new("timeout", ""));
    };
    let hidden = with(Kind::Unsupported, "", json!({"unsupported": {"type": "poll_creation"}}));
    for locale in Locale::ALL {
        for shape in [&hidden, &(Box::new(doubtful) as Shape)] {
            let (with_phone, without) = (shown(locale, true, |m| shape(m)), shown(locale, false, |m| shape(m)));
            let says_phone = |screen: &str| screen.contains("the phone") || screen.contains("di ponsel");
            assert!(says_phone(&with_phone), "{with_phone}");
            assert!(!says_phone(&without), "{without}");
        }
    }
}

#[test]
fn the_text_of_a_deleted_message_stays_dimmed() {
    let (store, budi, _) = two_conversations();
    let message = store.receive(budi, NOW, "salah kirim");
    let mut screen = open_screen(&store);
    screen.keys("enter");
    let style = |screen: &TestScreen| {
        let thread = screen.model.thread.as_ref().unwrap();
        let entry = thread.entries.iter().find(|entry| entry.message.id == message).unwrap();
        let spans = entry.rendered.as_ref().unwrap().1.rows.iter().flat_map(|row| &row.spans);
        spans.clone().find(|span| span.content.contains("salah kirim")).unwrap().style
    };
    let before = style(&screen);
    store.change_message(message, |m| m.payload = Some(json!({"revoked": true})));
    screen.store_changed();
    assert!(screen.text().contains("salah kirim"), "{}", screen.text());
    assert_ne!(style(&screen), before);
}

#[test]
fn the_line_above_what_is_new_goes_when_it_is_answered() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter");
    assert!(screen.text().contains("New messages"), "{}", screen.text());
    store.add_sent(budi, NOW, Status::Queued, "Halo juga");
    screen.store_changed();
    assert!(!screen.text().contains("New messages"), "{}", screen.text());
    // Answered on the phone before it was opened here.
    let mut screen = open_screen(&store);
    screen.keys("j enter");
    assert!(screen.text().contains("Halo juga") && !screen.text().contains("New messages"), "{}", screen.text());
}

fn fail(store: &FakeStore, id: ConversationId, minutes: i64, code: &str) {
    store.add_message(id, minutes_ago(minutes), |m| {
        m.direction = Direction::Out;
        m.author = Author { kind: AuthorKind::Agent, name: "Sari".into() };
        m.status = Status::Failed;
        m.text = format!("pesan {minutes}");
        m.error = Some(Failure::new(code, ""));
    });
}

#[test]
fn failures_in_a_row_of_the_same_cause_have_one_note_with_their_number() {
    let (store, budi, _) = two_conversations();
    for minutes in [9, 8, 7] {
        fail(&store, budi, minutes, "131047");
    }
    fail(&store, budi, 6, "131026");
    let mut screen = open_screen(&store);
    screen.keys("j enter");
    let text = screen.text();
    assert_eq!(text.matches("24 hours").count(), 1, "{text}");
    assert!(text.contains("3 messages:") && text.matches('✗').count() >= 4, "{text}");
    // No note is higher than two rows.
    let thread = screen.model.thread.as_ref().unwrap();
    for entry in &thread.entries {
        if let Some((_, rendered)) = &entry.rendered {
            assert!(rendered.rows.len() - rendered.head <= 3, "{:?}", rendered.rows);
        }
    }
}

#[test]
fn the_newest_message_is_visible_when_a_small_screen_opens_a_conversation() {
    for (size, shows_newest) in [((40, 12), true), ((80, 14), true), ((80, 24), false)] {
        let (store, budi, _) = two_conversations();
        for n in 0..30 {
            store.receive(budi, NOW, &format!("pertanyaan {n}"));
        }
        let mut screen = TestScreen::new(store, Locale::En, size);
        screen.keys("enter");
        let text = screen.text();
        let newest = |line: &str| line.rsplit('│').next().is_some_and(|thread| thread.contains("pertanyaan 29"));
        assert_eq!(text.lines().any(newest), shows_newest, "{text}");
        assert_eq!(text.contains("New messages"), !shows_newest, "{text}");
    }
}

#[test]
fn the_time_stands_at_the_end_of_the_last_line() {
    let (store, budi, _) = two_conversations();
    for words in 3..30 {
        store.receive(budi, NOW, &"kata ".repeat(words));
        store.add_sent(budi, NOW, Status::Read, &"kata ".repeat(words));
    }
    for size in [(80, 24), (100, 60), (140, 45), (200, 60)] {
        let mut screen = TestScreen::new(store.clone(), Locale::En, size);
        screen.keys("enter");
        let alone = |line: &str| {
            let thread = line.rsplit('│').next().unwrap_or_default();
            !thread.contains("kata") && thread.trim_matches([' ', '▎', '▐', '█']).starts_with("10:00")
        };
        assert!(!screen.text().lines().any(alone), "{}", screen.text());
    }
}

#[test]
fn a_number_in_the_title_is_written_as_people_here_write_it() {
    let (store, _, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter");
    assert!(screen.text().contains("Budi  WhatsApp · toko · 0812-3450-0001"), "{}", screen.text());
    let mut screen = TestScreen::new(store, Locale::En, (40, 12));
    screen.keys("enter");
    let title = screen.text().lines().nth(1).unwrap().to_owned();
    assert!(title.contains("toko") && !title.contains('…'), "{title}");
}
