//! Whatever arrives, nothing moves under the cursor.
use crate::kit::{FakeStore, TestScreen, minutes_ago};
use loket::config::Locale;
use loket::domain::{Channel, ConversationId, ConversationState, Status, Timestamp, WindowRule};
use proptest::prelude::*;

/// What happens: something in the store, or a key.
#[derive(Debug, Clone)]
enum Step {
    Receive(i64),
    Answer(i64),
    Resolve(i64),
    Reopen(i64),
    New,
    Key(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 1_i64..40;
    prop_oneof![
        5 => who().prop_map(Step::Receive),
        3 => who().prop_map(Step::Answer),
        2 => who().prop_map(Step::Resolve),
        1 => who().prop_map(Step::Reopen),
        1 => Just(Step::New),
        6 => prop::sample::select(vec!["j", "k", "pgdn", "pgup", "j j j", "G", "g", "o", "u"]).prop_map(Step::Key),
    ]
}

/// The selected conversation and the line of the screen on which its row begins.
fn cursor(screen: &TestScreen) -> (Option<ConversationId>, Option<(u16, u16)>) {
    (screen.model.conversations.selected, screen.cursor())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn what_arrives_moves_neither_the_selection_nor_its_line(
        steps in prop::collection::vec(step(), 1..60),
        height in 12_u16..40,
    ) {
        let store = FakeStore::new();
        store.add_account("toko", Channel::WhatsApp, WindowRule::None);
        for n in 1..40 {
            let id = store.add_conversation(n, &format!("Customer {n}"), "toko", Channel::WhatsApp);
            store.receive(id, minutes_ago(1000 - n), "hello");
            if n % 3 == 0 {
                store.add_sent(id, minutes_ago(900 - n), Status::Sent, "ya");
            }
        }
        let mut screen = TestScreen::new(store.clone(), Locale::En, (80, height));
        let (mut next, mut now) = (100, minutes_ago(600));
        for step in steps {
            let before = cursor(&screen);
            now = Timestamp(now.0 + 1000);
            match step {
                Step::Key(keys) => {
                    screen.keys(keys);
                    continue;
                }
                Step::Receive(n) => drop(store.receive(ConversationId(n), now, "again")),
                Step::Answer(n) => drop(store.add_sent(ConversationId(n), now, Status::Sent, "ya")),
                Step::Resolve(n) => store.change_conversation(ConversationId(n), |c| c.state = ConversationState::Resolved),
                Step::Reopen(n) => store.change_conversation(ConversationId(n), |c| c.state = ConversationState::Open),
                Step::New => {
                    let id = store.add_conversation(next, &format!("New {next}"), "toko", Channel::WhatsApp);
                    store.receive(id, now, "hello");
                    next += 1;
                }
            }
            screen.store_changed();
            let list = &screen.model.conversations;
            let after = cursor(&screen);
            prop_assert!(after == before || before.0.is_none(), "{:?} became {:?}\n{}", before, after, screen.text());
            let selected = after.0.and_then(|id| list.get(id)).map(|c| c.id);
            prop_assert_eq!(selected, after.0, "the selected row is loaded");
        }
    }
}
