//! The details of an unsure message: what may be it, and what to do.

use super::two_conversations;
use crate::kit::{TestScreen, minutes_ago};
use loket::config::Locale;
use loket::domain::{MessageId, Status, UnmatchedReport};

#[test]
fn the_details_of_an_unsure_message_list_what_may_be_it() {
    for (locale, label, advice, elsewhere, nothing) in [
        (Locale::En, "May be it", "do not send it again", "sent outside Loket", "Nothing was reported"),
        (Locale::Id, "Mungkin ini", "jangan dikirim lagi", "dikirim dari luar Loket", "Tidak ada laporan"),
    ] {
        let (store, budi, _) = two_conversations();
        store.add_sent(budi, minutes_ago(5), Status::Unsure, "Siap kak");
        let mut screen = TestScreen::new(store.clone(), locale, (140, 45));
        screen.keys("/ 'budi' enter backtab d");
        assert!(screen.text().contains(nothing), "{}", screen.text());
        screen.keys("q");
        let (at, remote_id) = (minutes_ago(4), "wamid.77".to_owned());
        store.contents().unmatched = vec![
            UnmatchedReport::Receipt { remote_id, status: Status::Delivered, at },
            UnmatchedReport::Elsewhere { message: MessageId(9), text: "Siap kak".into(), at: minutes_ago(5) },
        ];
        screen.keys("d");
        let text = screen.text();
        for part in [label, advice, elsewhere, "wamid.77", "09:56", "09:55"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains(nothing));
    }
}
