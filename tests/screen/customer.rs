//! Golden screens of what is known of a customer.

use loket::config::Locale;
use loket::domain::{Channel, ConversationId, Kind, WindowRule};
use serde_json::{Map, Value};

use crate::kit::{FakeStore, TestScreen, minutes_ago};

/// A customer who writes to two accounts, is in the address book, and has sent files, links and an order's number.
pub(crate) fn known_customer() -> (FakeStore, ConversationId, ConversationId) {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::Day);
    store.add_account("cs", Channel::WhatsApp, WindowRule::None);
    let old = store.add_conversation(2, "Kartika W.", "cs", Channel::WhatsApp);
    store.receive(old, minutes_ago(60 * 24 * 20), "Kak, stok gamis sage masih ada?");
    store.add_sent(old, minutes_ago(60 * 24 * 20 - 3), loket::domain::Status::Read, "Masih, Kak.");
    let id = store.add_conversation(1, "Kartika Wulandari", "toko", Channel::WhatsApp);
    let peer = "6281220000390";
    for conversation in [id, old] {
        store.change_conversation(conversation, |c| peer.clone_into(&mut c.peer));
    }
    store.receive(id, minutes_ago(51), "Pesanan INV-20481 rusak waktu sampai 😢");
    store.add_message(id, minutes_ago(50), |m| {
        m.kind = Kind::Image;
        m.text = "Ini fotonya kak".into();
    });
    store.receive(id, minutes_ago(12), "Resinya di https://jne.co.id/r/0123456789 ya");
    store.change_conversation(id, |c| c.labels = vec!["komplain".into(), "vip".into()]);
    store.add_contact("Kartika", peer);
    let mut contents = store.contents();
    let contact = contents.contacts.last_mut().unwrap();
    contact.email = Some("kartika@contoh.id".into());
    contact.tags = vec!["reseller".into()];
    let fields = [("alamat", "Jl. Melati 3, Bandung"), ("ukuran", "L")];
    contact.custom_fields =
        fields.map(|(name, value)| (name.to_owned(), Value::from(value))).into_iter().collect::<Map<_, _>>();
    drop(contents);
    (store, id, old)
}

#[test]
fn the_customer_beside_the_conversation() {
    for locale in Locale::ALL {
        for size in [(160, 45), (200, 60)] {
            let (store, ..) = known_customer();
            let mut screen = TestScreen::new(store, locale, size);
            screen.keys("enter");
            insta::assert_snapshot!(format!("panel_{}_{}x{}", locale.as_str(), size.0, size.1), screen.drawn());
        }
    }
}

#[test]
fn the_customer_in_a_box() {
    for locale in Locale::ALL {
        for size in [(40, 12), (80, 24)] {
            let (store, ..) = known_customer();
            let mut screen = TestScreen::new(store, locale, size);
            screen.keys("ctrl-x c");
            insta::assert_snapshot!(format!("box_{}_{}x{}", locale.as_str(), size.0, size.1), screen.drawn());
        }
    }
}

#[test]
fn a_private_note_looks_like_nothing_that_is_sent() {
    for locale in Locale::ALL {
        for size in [(40, 12), (80, 24)] {
            let (store, ..) = known_customer();
            let mut screen = TestScreen::new(store, locale, size);
            screen.keys("enter ctrl-x n 'sudah janji ganti, cek stok ukuran L di gudang belakang ya' enter 'Maaf ya'");
            screen.keys("ctrl-x n 'kurir sudah jalan'");
            insta::assert_snapshot!(format!("note_{}_{}x{}", locale.as_str(), size.0, size.1), screen.drawn());
        }
    }
}

#[test]
fn labels_and_agents_to_choose_from() {
    for locale in Locale::ALL {
        let (store, _, old) = known_customer();
        store.change_conversation(old, |c| c.assignee = Some("Budi".into()));
        let mut screen = TestScreen::new(store, locale, (80, 24));
        screen.keys("ctrl-x l 'k'");
        insta::assert_snapshot!(format!("labels_{}_80x24", locale.as_str()), screen.drawn());
        screen.keys("esc ctrl-x a");
        insta::assert_snapshot!(format!("assign_{}_80x24", locale.as_str()), screen.drawn());
    }
}
