//! Scenes: keys and events, and what the screen then shows and asks.

use crate::kit::{Fake, NOW, Stage, account_name, minutes_ago};
use loket::domain::message::MessageKey;
use loket::domain::window::WindowRule;
use loket::domain::{
    Channel, Content, ConversationId, ConversationState, Direction, Kind, Media, MessageId, Objection, Status, Template,
};
use loket::tui::effect::{Effect, Origin};
use loket::tui::model::{Anchor, Pane, SayError};
use loket::tui::words::Locale;
use loket::tui::{Msg, view};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn shop() -> (Fake, ConversationId, ConversationId) {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    fake.account("resmi", Channel::WhatsApp, WindowRule::Day);
    let budi = fake.conversation(1, "Budi", "toko", Channel::WhatsApp);
    fake.hears(budi, minutes_ago(10), "Halo");
    let ayu = fake.conversation(2, "Ayu", "toko", Channel::WhatsApp);
    fake.hears(ayu, minutes_ago(20), "Permisi");
    (fake, budi, ayu)
}

fn stage(fake: &Fake) -> Stage {
    Stage::new(fake.clone(), Locale::En, (80, 24))
}

fn long(fake: &Fake, id: ConversationId, count: i64) {
    for n in 0..count {
        fake.hears(
            id,
            minutes_ago(5000 - n),
            &format!("message number {n} {}", "word ".repeat(usize::try_from(n % 23).unwrap())),
        );
    }
    fake.seen(id);
}

fn anchor_line(stage: &Stage) -> String {
    stage.text().lines().nth(2).unwrap_or_default().chars().skip(29).collect()
}

fn said(effects: &[Effect]) -> Vec<String> {
    let body = |e: &Effect| match e {
        Effect::Say { content: Content::Text { body }, .. } => Some(body.clone()),
        _ => None,
    };
    effects.iter().filter_map(body).collect()
}

#[test]
fn moving_over_conversations_marks_nothing_and_opening_does() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("j k j k");
    assert_eq!(stage.deeds(), []);
    stage.keys("enter");
    let newest = MessageId(1);
    assert_eq!(stage.deeds(), [Effect::MarkSeen { conversation: budi, message: newest }]);
}

#[test]
fn a_terminal_without_focus_marks_nothing_until_it_is_looked_at() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter");
    stage.deeds();
    stage.hear(Msg::Focused(false));
    fake.hears(budi, NOW, "Masih di sana?");
    stage.wake();
    assert_eq!(stage.deeds(), []);
    stage.hear(Msg::Focused(true));
    assert!(matches!(stage.deeds()[..], [Effect::MarkSeen { conversation, .. }] if conversation == budi));
}

#[test]
fn a_key_tells_that_the_terminal_has_the_focus() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.hear(Msg::Focused(false));
    stage.keys("enter");
    assert!(matches!(stage.deeds()[..], [Effect::MarkSeen { conversation, .. }] if conversation == budi));
}

#[test]
fn a_message_that_comes_while_the_reader_is_in_the_list_stays_unread() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter esc");
    stage.deeds();
    fake.hears(budi, NOW, "Masih di sana?");
    stage.wake();
    assert_eq!(stage.deeds(), []);
    assert!(stage.text().contains("Masih di sana?"));
    stage.keys("tab");
    assert!(matches!(stage.deeds()[..], [Effect::MarkSeen { .. }]));
}

#[test]
fn what_is_written_is_sent_and_the_composer_clears_only_once_it_is_kept() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter 'Ya, masih.'");
    stage.deeds();
    stage.slow_writes = true;
    stage.keys("enter");
    assert!(stage.text().contains("› Ya, masih."), "{}", stage.text());
    assert!(stage.text().contains("sending"));
    stage.finish_writes();
    assert!(!stage.text().contains("› Ya, masih."));
    assert!(stage.text().contains("Ya, masih."));
    let body = Content::Text { body: "Ya, masih.".into() };
    assert!(stage.deeds().contains(&Effect::Say { conversation: budi, content: body, origin: Origin::Composer }));
}

#[test]
fn what_is_typed_while_a_message_is_being_kept_is_neither_lost_nor_mixed_in() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.slow_writes = true;
    stage.keys("enter 'satu' enter 'dua' enter 'tiga'");
    stage.finish_writes();
    assert_eq!(said(&stage.deeds()), ["satu", "dua"]);
    assert!(stage.text().contains("› tiga"), "{}", stage.text());
}

#[test]
fn what_could_not_be_kept_stays_in_the_composer_with_the_reason() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter 'penting'");
    fake.world().refuse = Some(SayError::Failed("disk full".into()));
    stage.keys("enter");
    assert!(stage.text().contains("› penting") && stage.text().contains("disk full"), "{}", stage.text());
    fake.world().refuse = Some(SayError::Objection(Objection::Groups));
    stage.keys("enter");
    assert!(stage.text().contains("cannot send to groups"), "{}", stage.text());
}

#[test]
fn leaving_while_a_message_is_being_kept_keeps_what_was_typed_after_it() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.slow_writes = true;
    stage.keys("enter 'satu' enter 'dua' esc j enter");
    fake.world().refuse = None;
    stage.finish_writes();
    let deeds = stage.deeds();
    assert_eq!(said(&deeds), ["satu"]);
    assert!(deeds.contains(&Effect::SaveDraft { conversation: budi, text: "dua".into() }), "{deeds:?}");
}

#[test]
fn a_draft_is_kept_a_moment_after_the_last_key_and_when_leaving() {
    let (fake, budi, ayu) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter 'halo'");
    stage.deeds();
    assert_eq!(stage.model.deadline(), stage.model.compose.due);
    stage.pass(1);
    assert_eq!(stage.deeds(), [Effect::SaveDraft { conversation: budi, text: "halo".into() }]);
    stage.keys("' lagi' esc j enter");
    assert_eq!(stage.model.compose.conversation, Some(ayu));
    assert!(stage.deeds().contains(&Effect::SaveDraft { conversation: budi, text: "halo lagi".into() }));
    stage.keys("esc k");
    assert!(stage.text().contains("✎"), "{}", stage.text());
    stage.keys("enter");
    assert!(stage.text().contains("› halo lagi"), "{}", stage.text());
}

#[test]
fn quitting_keeps_the_draft() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter 'belum selesai'");
    stage.deeds();
    stage.keys("ctrl-q");
    assert_eq!(stage.deeds(), [Effect::SaveDraft { conversation: budi, text: "belum selesai".into() }, Effect::Quit]);
}

#[test]
fn the_list_quits_with_q_and_the_composer_does_not() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter q");
    assert!(stage.text().contains("› q"));
    stage.keys("esc q");
    assert!(stage.deeds().contains(&Effect::Quit));
}

#[test]
fn a_closed_window_is_refused_with_its_reason_and_a_template_is_not() {
    let (fake, ..) = shop();
    let rina = fake.conversation(3, "Rina", "resmi", Channel::WhatsApp);
    fake.hears(rina, minutes_ago(60 * 30), "Halo");
    fake.set(rina, |c| {
        c.last_at = NOW;
        c.window_until = Some(minutes_ago(60 * 6));
    });
    fake.world().templates = Ok(vec![Template {
        account: account_name("resmi"),
        name: "promo".into(),
        language: "id".into(),
        status: "APPROVED".into(),
        body: "Halo {{1}}, ada promo {{2}}".into(),
    }]);
    let mut stage = stage(&fake);
    stage.keys("enter 'halo' enter");
    assert!(stage.text().contains("24-hour window closed 6h ago"), "{}", stage.text());
    assert_eq!(said(&stage.deeds()), Vec::<String>::new());
    assert!(stage.text().contains("› halo"));
    stage.keys("ctrl-t enter 'Rina' enter 'gratis' enter");
    let sent = stage.deeds().into_iter().find_map(|e| match e {
        Effect::Say { content: Content::Template(t), .. } => Some((t.id, t.variables)),
        _ => None,
    });
    assert_eq!(sent, Some(("promo".to_owned(), vec!["Rina".to_owned(), "gratis".to_owned()])));
    assert!(stage.model.overlays.is_empty());
}

#[test]
fn a_long_text_is_counted_and_refused() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter");
    stage.hear(Msg::Paste("a".repeat(4000)));
    assert!(stage.text().contains("4000/4096"), "{}", stage.text());
    stage.hear(Msg::Paste("a".repeat(100)));
    stage.keys("enter");
    assert!(stage.text().contains("Too long: 4100 characters"), "{}", stage.text());
    assert_eq!(said(&stage.deeds()), Vec::<String>::new());
}

#[test]
fn a_long_paste_asks_and_sends_nothing_by_itself() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter");
    let text = (0..12).map(|n| format!("baris {n}")).collect::<Vec<_>>().join("\r\n");
    stage.hear(Msg::Paste(text));
    assert!(stage.text().contains("Insert 12 lines?"), "{}", stage.text());
    stage.keys("n");
    assert!(!stage.text().contains("baris"));
    stage.hear(Msg::Paste("satu\r\ndua".into()));
    assert_eq!(stage.model.compose.composer.text(), "satu\ndua");
    assert_eq!(said(&stage.deeds()), Vec::<String>::new());
}

#[test]
fn a_filter_opens_what_matches_even_when_typed_faster_than_it_is_read() {
    let (fake, _, ayu) = shop();
    let mut stage = stage(&fake);
    let mut effects = Vec::new();
    for key in ["/", "a", "y", "u", "enter", "h", "i"] {
        effects.extend(loket::tui::update(&mut stage.model, Msg::Key(crate::kit::key(key))));
    }
    // Only now does the store answer.
    for effect in effects {
        if let Some(msg) = loket::tui::runtime::reads::answer(&fake, &effect) {
            stage.hear(msg);
        }
    }
    assert_eq!(stage.model.open_id(), Some(ayu));
    assert_eq!(stage.model.compose.composer.text(), "hi");
}

#[test]
fn what_is_typed_while_a_conversation_opens_goes_into_its_draft() {
    let (fake, budi, _) = shop();
    fake.world().drafts.insert(budi, "Jadi ".to_owned());
    let mut stage = stage(&fake);
    let mut effects = Vec::new();
    for key in ["enter", "d", "u", "a"] {
        effects.extend(loket::tui::update(&mut stage.model, Msg::Key(crate::kit::key(key))));
    }
    for effect in effects {
        if let Some(msg) = loket::tui::runtime::reads::answer(&fake, &effect) {
            stage.hear(msg);
        }
    }
    assert_eq!(stage.model.compose.composer.text(), "Jadi dua");
}

#[test]
fn arrivals_move_neither_the_selection_nor_what_is_read_in_a_scrolled_list() {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=60 {
        let id = fake.conversation(n, &format!("Customer {n:02}"), "toko", Channel::WhatsApp);
        fake.hears(id, minutes_ago(n), "hello");
    }
    let mut stage = stage(&fake);
    stage.keys("pgdn pgdn j");
    let rows = |stage: &Stage| -> Vec<String> {
        let text = stage.text();
        text.lines().skip(2).step_by(2).take(10).map(|l| l.chars().skip(1).take(18).collect()).collect()
    };
    let (before, selected) = (rows(&stage), stage.model.inbox.selected);
    for n in 50..=59 {
        fake.hears(ConversationId(n), NOW, "again");
    }
    stage.wake();
    assert_eq!(stage.model.inbox.selected, selected);
    assert_eq!(rows(&stage), before);
    stage.keys("g");
    assert!(stage.text().lines().nth(2).unwrap().contains("Customer 59"), "{}", stage.text());
}

#[test]
fn the_list_looks_only_at_visible_rows_and_reads_in_pages() {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=1500 {
        let id = fake.conversation(n, &format!("Customer {n}"), "toko", Channel::WhatsApp);
        fake.set(id, |c| c.last_at = minutes_ago(n));
    }
    let mut stage = stage(&fake);
    assert!(fake.world().handed_out <= 100, "{}", fake.world().handed_out);
    assert!(stage.model.inbox.visible_rows().count() <= 12);
    for _ in 0..12 {
        stage.keys("G");
    }
    assert!(stage.text().contains("Customer 12"), "{}", stage.text());
    assert!(stage.model.inbox.len() >= 1200);
}

#[test]
fn unread_only_shows_unread_ones_and_keeps_the_open_one() {
    let (fake, budi, ayu) = shop();
    fake.seen(ayu);
    let mut stage = stage(&fake);
    stage.keys("u");
    assert!(stage.text().contains("Budi") && !stage.text().contains("Ayu"));
    stage.keys("enter");
    stage.wake();
    assert!(stage.model.inbox.get(budi).is_some(), "the open one left the list");
    stage.keys("esc esc");
    assert!(stage.text().contains("Ayu"));
}

#[test]
fn the_next_unread_conversation_is_the_one_that_waits_longest() {
    let (fake, budi, ayu) = shop();
    let mut stage = stage(&fake);
    stage.keys("ctrl-n");
    assert_eq!(stage.model.open_id(), Some(ayu));
    stage.keys("ctrl-n");
    assert_eq!(stage.model.open_id(), Some(budi));
    stage.keys("ctrl-n");
    assert!(stage.text().contains("Everything is read."));
}

#[test]
fn an_arrival_never_moves_what_is_read_and_the_divider_stays() {
    let (fake, budi, _) = shop();
    long(&fake, budi, 80);
    let mut stage = stage(&fake);
    stage.keys("enter esc tab pgup pgup");
    let before = anchor_line(&stage);
    let selected = stage.model.thread.as_ref().unwrap().selected;
    for n in 0..5 {
        fake.hears(budi, NOW, &format!("new {n}"));
        stage.wake();
        assert_eq!(anchor_line(&stage), before);
    }
    assert_eq!(stage.model.thread.as_ref().unwrap().selected, selected);
    assert!(stage.text().contains("↓ 5 new"), "{}", stage.text());
    assert!(!stage.deeds().iter().any(|e| matches!(e, Effect::MarkSeen { message, .. } if message.0 > 82)));
    stage.keys("G");
    assert!(stage.text().contains("new 4") && stage.text().contains("New messages"), "{}", stage.text());
    fake.hears(budi, NOW, "one more");
    stage.wake();
    assert!(stage.text().contains("one more") && stage.text().contains("New messages"));
}

#[test]
fn a_reader_at_the_end_follows_what_arrives() {
    let (fake, budi, _) = shop();
    long(&fake, budi, 80);
    let mut stage = stage(&fake);
    stage.keys("enter");
    fake.hears(budi, NOW, "seen at once");
    stage.wake();
    assert!(stage.text().contains("seen at once"));
    assert_eq!(stage.model.thread.as_ref().unwrap().anchor, Anchor::Bottom);
}

#[test]
fn a_long_conversation_is_read_in_pages_from_end_to_beginning_and_back() {
    let (fake, budi, _) = shop();
    long(&fake, budi, 900);
    let mut stage = stage(&fake);
    stage.keys("enter esc tab");
    let mut last = String::new();
    for _ in 0..900 {
        stage.keys("pgup");
        let now = anchor_line(&stage);
        if now == last {
            break;
        }
        last = now;
    }
    assert!(stage.text().contains("message number 0"), "{}", stage.text());
    assert!(stage.model.thread.as_ref().unwrap().entries.len() <= 700);
    stage.keys("G");
    assert!(stage.text().contains("message number 899") || stage.text().contains("Halo"), "{}", stage.text());
    stage.keys("g");
    assert!(stage.text().contains("message number 0"), "{}", stage.text());
    for _ in 0..2000 {
        stage.keys("pgdn");
    }
    assert!(stage.model.thread.as_ref().unwrap().sight.at_bottom);
    assert!(!stage.model.thread.as_ref().unwrap().newer);
}

#[test]
fn sending_again_asks_and_tells_of_the_doubt() {
    let (fake, budi, _) = shop();
    let message = fake.wrote(budi, minutes_ago(1), Status::Unsure, "Sudah?");
    let mut stage = stage(&fake);
    stage.keys("enter esc tab R");
    assert!(stage.text().contains("may already have arrived"), "{}", stage.text());
    stage.keys("n");
    assert!(!stage.deeds().contains(&Effect::SendAgain { message }));
    stage.keys("R y");
    assert!(stage.deeds().contains(&Effect::SendAgain { message }));
    fake.changes(message, |m| m.status = Status::Delivered);
    stage.wake();
    stage.keys("R");
    assert!(stage.text().contains("only a failed or unsure message"), "{}", stage.text());
}

#[test]
fn links_are_shown_with_their_host_before_they_are_opened() {
    let (fake, budi, _) = shop();
    fake.adds(budi, minutes_ago(1), |m| {
        m.kind = Kind::Image;
        m.text = "lihat https://xn--tko-ena.example/a dan javascript:alert(1)".into();
        m.media = Some(Media { url: Some("https://media.example/1.jpg".into()), ..Media::default() });
    });
    let mut stage = stage(&fake);
    stage.keys("enter esc tab o");
    assert!(stage.text().contains("Open which?") && !stage.text().contains("│ javascript"), "{}", stage.text());
    stage.keys("j enter");
    assert!(stage.text().contains("It leads to xn--tko-ena.example") && stage.text().contains("Careful"));
    assert!(!stage.deeds().iter().any(|e| matches!(e, Effect::OpenLink { .. })));
    stage.keys("enter");
    let opened = stage.deeds().into_iter().find_map(|e| match e {
        Effect::OpenLink { url } => Some(url.as_str().to_owned()),
        _ => None,
    });
    assert_eq!(opened.as_deref(), Some("https://xn--tko-ena.example/a"));
}

#[test]
fn copying_cleans_the_text() {
    let (fake, budi, _) = shop();
    fake.hears(budi, minutes_ago(1), "a\u{1b}]52;c;eA==\u{7}b\nc");
    let mut stage = stage(&fake);
    stage.keys("enter esc tab y");
    let copied = stage.deeds().into_iter().find_map(|e| match e {
        Effect::Copy { text } => Some(text.as_str().to_owned()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("ab\nc"));
}

#[test]
fn the_palette_finds_a_command_and_says_why_it_cannot_be_used() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("ctrl-p 'send ag'");
    assert_eq!(stage.model.overlays.len(), 1);
    stage.keys("esc enter esc tab ctrl-p 'again'");
    assert!(stage.text().contains("only a failed or unsure"), "{}", stage.text());
    stage.keys("esc ctrl-p 'unread only' enter");
    // From the conversation the list's own commands are not offered.
    assert!(!stage.model.inbox.filter.unread);
}

#[test]
fn the_finder_goes_to_a_conversation_that_is_not_loaded() {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=300 {
        let id = fake.conversation(n, &format!("Customer {n}"), "toko", Channel::WhatsApp);
        fake.set(id, |c| c.last_at = minutes_ago(n));
    }
    let mut stage = stage(&fake);
    stage.keys("ctrl-g 'customer 299' enter");
    assert_eq!(stage.model.open_id(), Some(ConversationId(299)));
    assert_eq!(stage.model.focus, Pane::Composer);
}

#[test]
fn search_opens_at_the_message() {
    let (fake, _, ayu) = shop();
    long(&fake, ayu, 400);
    let mut stage = stage(&fake);
    stage.keys("ctrl-f 'number 17 w' enter");
    assert_eq!(stage.model.open_id(), Some(ayu));
    assert!(stage.text().contains("message number 17 "), "{}", stage.text());
    let thread = stage.model.thread.as_ref().unwrap();
    assert!(thread.selected_message().unwrap().text.starts_with("message number 17 "));
    assert!(thread.newer);
}

#[test]
fn canned_replies_are_inserted_and_not_sent() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter / 'hel' enter");
    assert!(stage.model.compose.composer.text().starts_with("Hello Budi,"), "{}", stage.text());
    assert_eq!(said(&stage.deeds()), Vec::<String>::new());
    stage.keys("/");
    assert!(stage.model.compose.composer.text().ends_with('/'));
}

#[test]
fn attaching_judges_the_link_before_anything_is_sent() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter ctrl-o 'https://x.example/a.exe.gif' enter enter");
    assert!(stage.text().contains("does not take .gif"), "{}", stage.text());
    stage.keys("backtab ctrl-u 'https://x.example/a.jpg' enter 'Foto' enter");
    let media = stage.deeds().into_iter().find_map(|e| match e {
        Effect::Say { content: Content::Media { link, caption }, .. } => Some((link.url, caption)),
        _ => None,
    });
    assert_eq!(media, Some(("https://x.example/a.jpg".to_owned(), Some("Foto".to_owned()))));
    assert!(stage.model.overlays.is_empty());
}

#[test]
fn resolving_takes_a_conversation_off_the_list_and_a_new_message_brings_it_back() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("e");
    let done = Effect::SetState { conversation: budi, state: ConversationState::Resolved, until: None };
    assert!(stage.deeds().contains(&done));
    assert!(!stage.text().contains("Budi"));
    fake.set(budi, |c| c.state = ConversationState::Open);
    fake.hears(budi, NOW, "Satu lagi");
    stage.wake();
    assert!(stage.text().contains("Satu lagi"));
}

#[test]
fn marking_unread_closes_the_conversation_so_that_it_stays_unread() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter esc tab");
    stage.deeds();
    stage.keys("m");
    assert_eq!(stage.deeds(), [Effect::MarkUnread { conversation: budi }]);
    assert_eq!(stage.model.open_id(), None);
    stage.wake();
    assert_eq!(stage.deeds(), []);
}

#[test]
fn the_editor_brings_its_text_back_as_a_draft() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter 'awal' alt-e");
    let deeds = stage.deeds();
    assert!(deeds.contains(&Effect::Edit { conversation: budi, text: "awal".into() }), "{deeds:?}");
    stage.hear(Msg::Edited { conversation: budi, result: Ok("dari editor\n".into()) });
    assert_eq!(stage.model.compose.composer.text(), "dari editor");
    assert_eq!(said(&stage.deeds()), Vec::<String>::new());
}

#[test]
fn a_narrow_window_shows_one_pane_at_a_time() {
    let (fake, ..) = shop();
    let mut stage = Stage::new(fake, Locale::En, (40, 12));
    assert!(stage.text().contains("Ayu"));
    stage.keys("enter");
    assert!(!stage.text().contains("Ayu") && stage.text().contains("Halo"));
    stage.keys("esc");
    assert!(stage.text().contains("Ayu"));
}

#[test]
fn nothing_ages_on_a_quiet_screen() {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    let id = fake.conversation(1, "Budi", "toko", Channel::WhatsApp);
    fake.wrote(id, minutes_ago(3), Status::Read, "Sampai besok");
    let mut stage = stage(&fake);
    assert_eq!(stage.model.deadline(), None);
    fake.hears(id, minutes_ago(3), "Sampai besok");
    stage.wake();
    // The waiting time changes on the whole minute.
    assert_eq!(stage.model.deadline(), Some(NOW.plus(std::time::Duration::from_secs(60))));
}

#[test]
fn the_cursor_is_always_somewhere() {
    let (fake, budi, _) = shop();
    long(&fake, budi, 30);
    let mut stage = stage(&fake);
    for keys in ["j", "/", "esc", "enter", "'abc'", "tab tab", "pgup", "ctrl-p", "esc ctrl-g", "esc ctrl-f"] {
        stage.keys(keys);
        assert!(stage.cursor().is_some(), "no cursor after {keys}\n{}", stage.text());
    }
}

#[test]
fn every_size_can_be_drawn() {
    let (fake, budi, _) = shop();
    long(&fake, budi, 10);
    let mut stage = stage(&fake);
    for script in ["enter 'abc def'", "ctrl-p", "esc f1", "esc ctrl-o", "esc ctrl-f 'mess'"] {
        stage.keys(script);
        for (width, height) in [(1, 1), (20, 6), (21, 7), (39, 11), (40, 12), (59, 9), (60, 10), (300, 100)] {
            stage.resize(width, height);
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| view(&stage.model, frame)).unwrap();
        }
        stage.resize(80, 24);
    }
}

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
        let fake = Fake::new();
        fake.account("toko", Channel::WhatsApp, WindowRule::None);
        let id = fake.conversation(1, "Budi", "toko", Channel::WhatsApp);
        for (n, (text, own, failed)) in (0..).zip(&texts) {
            fake.adds(id, minutes_ago(1000 - n * 7), |m| {
                m.text = text.clone();
                if *own {
                    m.direction = Direction::Out;
                    m.status = if *failed { Status::Failed } else { Status::Read };
                }
            });
        }
        fake.seen(id);
        let mut stage = Stage::new(fake, Locale::Id, (width, height));
        stage.keys("enter");
        let thread = stage.model.thread.as_ref().unwrap();
        let area = stage.model.areas.thread;
        let inner = area.width - 2;
        let slices = &thread.sight.slices;
        let mut expected = None;
        for slice in slices {
            let (_, block) = thread.entries[slice.index].block.as_ref().unwrap();
            for line in &block.rows {
                prop_assert!(line.width() <= usize::from(inner), "{} > {inner}: {line:?}", line.width());
                let cells: usize = line.spans.iter().map(|s| loket::text::cells(&s.content)).sum();
                prop_assert_eq!(cells, line.width());
            }
            prop_assert!(slice.first + slice.count <= block.height());
            if let Some(y) = expected {
                prop_assert_eq!(slice.y, y);
            }
            expected = Some(slice.y + u16::try_from(slice.count).unwrap());
        }
        prop_assert_eq!(expected, Some(area.height));
        prop_assert!(thread.sight.at_bottom);
        let last = slices.last().unwrap();
        prop_assert_eq!(last.index + 1, thread.entries.len());
        // Going up to the beginning and down again passes every row and ends at the last one.
        stage.keys("esc tab");
        for _ in 0..200 {
            stage.keys("pgup");
        }
        prop_assert_eq!(stage.model.thread.as_ref().unwrap().sight.slices[0], loket::tui::model::Slice {
            index: 0,
            first: 0,
            ..stage.model.thread.as_ref().unwrap().sight.slices[0]
        });
        for _ in 0..200 {
            stage.keys("pgdn");
        }
        prop_assert!(stage.model.thread.as_ref().unwrap().sight.at_bottom);
        for _ in 0..40 {
            stage.keys("k");
        }
        let thread = stage.model.thread.as_ref().unwrap();
        prop_assert_eq!(thread.selected, thread.entries.first().map(|e| e.message.id));
    }
}

#[test]
fn a_late_page_does_not_undo_what_is_newer() {
    let (fake, budi, _) = shop();
    let message = fake.wrote(budi, minutes_ago(1), Status::Sent, "Baik");
    let mut stage = stage(&fake);
    stage.keys("enter");
    let old = fake.world().messages[&budi].clone();
    fake.changes(message, |m| m.status = Status::Read);
    stage.wake();
    let window = loket::tui::effect::Window::Before(MessageKey { at: NOW, id: MessageId(i64::MAX) });
    stage.hear(Msg::MessagesRead { conversation: budi, window, limit: 60, messages: Ok(old) });
    assert!(stage.text().contains("✓✓"), "{}", stage.text());
}
