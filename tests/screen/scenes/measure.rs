//! What is measured is what is drawn.
use crate::kit::{FakeStore, TestScreen, minutes_ago};
use loket::config::Locale;
use loket::domain::{Channel, Direction, Status, WindowRule};
use proptest::prelude::*;

fn some_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-z]{1,12}",
        Just("👩‍👩‍👧".to_owned()),
        Just("❤️".to_owned()),
        Just("🇮🇩".to_owned()),
        Just("नमस्ते".to_owned()),
        Just("日本語".to_owned()),
        Just("مرحبا".to_owned()),
        Just("\n".to_owned()),
        Just("https://example.com/a/very/long/path/that/does/not/break".to_owned()),
    ];
    prop::collection::vec(word, 1..40).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    /// What is measured is what is drawn: no row of a message is wider than the pane, every visible row is accounted
    /// for, and the newest message's last row is on the screen.
    #[test]
    fn measured_is_drawn_at_every_width(
        texts in prop::collection::vec((some_text(), any::<bool>(), any::<bool>()), 1..12),
        width in 20_u16..200,
        height in 8_u16..50,
    ) {
        let store = FakeStore::new();
        store.add_account("toko", Channel::WhatsApp, WindowRule::None);
        let id = store.add_conversation(1, "Budi", "toko", Channel::WhatsApp);
        for (n, (text, own, failed)) in (0..).zip(&texts) {
            store.add_message(id, minutes_ago(1000 - n * 7), |m| {
                m.text = text.clone();
                if *own {
                    m.direction = Direction::Out;
                    m.status = if *failed { Status::Failed } else { Status::Read };
                }
            });
        }
        store.mark_seen(id);
        let mut screen = TestScreen::new(store, Locale::Id, (width, height));
        screen.keys("enter");
        let thread = screen.model.thread.as_ref().unwrap();
        let area = screen.model.areas.thread;
        let inner = area.width - 2;
        let visible = &thread.viewport.visible;
        let mut expected = None;
        for rows in visible {
            let (_, rendered) = thread.entries[rows.index].rendered.as_ref().unwrap();
            for line in &rendered.rows {
                prop_assert!(line.width() <= usize::from(inner), "{} > {inner}: {line:?}", line.width());
                let cells: usize = line.spans.iter().map(|s| loket::text::cells(&s.content)).sum();
                prop_assert_eq!(cells, line.width());
            }
            prop_assert!(rows.first + rows.count <= rendered.height());
            if let Some(y) = expected {
                prop_assert_eq!(rows.y, y);
            }
            expected = Some(rows.y + u16::try_from(rows.count).unwrap());
        }
        prop_assert_eq!(expected, Some(area.height));
        prop_assert!(thread.viewport.at_bottom);
        let last = visible.last().unwrap();
        prop_assert_eq!(last.index + 1, thread.entries.len());
        // Going up to the beginning and down again passes every row and ends at the last one.
        screen.keys("esc tab");
        for _ in 0..200 {
            screen.keys("pgup");
        }
        prop_assert_eq!(screen.model.thread.as_ref().unwrap().viewport.visible[0], loket::tui::VisibleRows {
            index: 0,
            first: 0,
            ..screen.model.thread.as_ref().unwrap().viewport.visible[0]
        });
        for _ in 0..200 {
            screen.keys("pgdn");
        }
        prop_assert!(screen.model.thread.as_ref().unwrap().viewport.at_bottom);
        for _ in 0..40 {
            screen.keys("k");
        }
        let thread = screen.model.thread.as_ref().unwrap();
        prop_assert_eq!(thread.selected, thread.entries.first().map(|e| e.message.id));
    }
}
