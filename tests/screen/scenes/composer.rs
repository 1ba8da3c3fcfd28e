//! Scenes of the composer: what is written, sent, kept.

use crate::kit::{NOW, account_name, minutes_ago};
use loket::domain::{Channel, Content, Objection, Template};
use loket::tui::Msg;
use loket::tui::app::facts::SendError;
use loket::tui::effect::{Effect, Origin};
use loket::tui::effect::{TerminalAction, Write};

use super::{said, shop, stage};

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
    assert!(stage.deeds().contains(&Effect::Write(Write::Send {
        conversation: budi,
        content: body,
        origin: Origin::Composer
    })));
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
    fake.world().refuse = Some(SendError::Failed("disk full".into()));
    stage.keys("enter");
    assert!(stage.text().contains("› penting") && stage.text().contains("disk full"), "{}", stage.text());
    fake.world().refuse = Some(SendError::Objection(Objection::Groups));
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
    assert!(deeds.contains(&Effect::Write(Write::SaveDraft { conversation: budi, text: "dua".into() })), "{deeds:?}");
}

#[test]
fn a_draft_is_kept_a_moment_after_the_last_key_and_when_leaving() {
    let (fake, budi, ayu) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter 'halo'");
    stage.deeds();
    assert_eq!(stage.model.deadline(), stage.model.composer.save_at);
    stage.pass(1);
    assert_eq!(stage.deeds(), [Effect::Write(Write::SaveDraft { conversation: budi, text: "halo".into() })]);
    stage.keys("' lagi' esc j enter");
    assert_eq!(stage.model.composer.conversation, Some(ayu));
    assert!(stage.deeds().contains(&Effect::Write(Write::SaveDraft { conversation: budi, text: "halo lagi".into() })));
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
    assert_eq!(
        stage.deeds(),
        [
            Effect::Write(Write::SaveDraft { conversation: budi, text: "belum selesai".into() }),
            Effect::Terminal(TerminalAction::Quit)
        ]
    );
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
        Effect::Write(Write::Send { content: Content::Template(t), .. }) => Some((t.id, t.variables)),
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
    assert_eq!(stage.model.composer.editor.text(), "satu\ndua");
    assert_eq!(said(&stage.deeds()), Vec::<String>::new());
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
        if let Some(msg) = stage.read(effect) {
            stage.hear(msg);
        }
    }
    assert_eq!(stage.model.composer.editor.text(), "Jadi dua");
}

#[test]
fn canned_replies_are_inserted_and_not_sent() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter / 'hel' enter");
    assert!(stage.model.composer.editor.text().starts_with("Hello Budi,"), "{}", stage.text());
    assert_eq!(said(&stage.deeds()), Vec::<String>::new());
    stage.keys("/");
    assert!(stage.model.composer.editor.text().ends_with('/'));
}

#[test]
fn attaching_judges_the_link_before_anything_is_sent() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter ctrl-o 'https://x.example/a.exe.gif' enter enter");
    assert!(stage.text().contains("does not take .gif"), "{}", stage.text());
    stage.keys("backtab ctrl-u 'https://x.example/a.jpg' enter 'Foto' enter");
    let media = stage.deeds().into_iter().find_map(|e| match e {
        Effect::Write(Write::Send { content: Content::Media { link, caption }, .. }) => Some((link.url, caption)),
        _ => None,
    });
    assert_eq!(media, Some(("https://x.example/a.jpg".to_owned(), Some("Foto".to_owned()))));
    assert!(stage.model.overlays.is_empty());
}

#[test]
fn the_editor_brings_its_text_back_as_a_draft() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter 'awal' alt-e");
    let deeds = stage.deeds();
    assert!(
        deeds.contains(&Effect::Terminal(TerminalAction::Edit { conversation: budi, text: "awal".into() })),
        "{deeds:?}"
    );
    stage.hear(Msg::DraftEdited { conversation: budi, result: Ok("dari editor\n".into()) });
    assert_eq!(stage.model.composer.editor.text(), "dari editor");
    assert_eq!(said(&stage.deeds()), Vec::<String>::new());
}

#[test]
fn a_draft_that_is_not_on_disk_yet_is_there_for_who_comes_back() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.slow_writes = true;
    stage.keys("enter 'untuk Budi' esc j enter");
    assert!(!stage.text().contains("› untuk Budi"), "{}", stage.text());
    stage.keys("esc k enter");
    assert!(stage.text().contains("› untuk Budi"), "{}", stage.text());
    stage.finish_writes();
    assert_eq!(fake.world().drafts.get(&budi).map(String::as_str), Some("untuk Budi"));
    stage.keys("esc j enter esc k enter");
    assert!(stage.text().contains("› untuk Budi"), "{}", stage.text());
}

#[test]
fn a_template_leaves_the_draft_where_it_was() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter 'nanti' ctrl-o 'https://x.example/a.jpg' enter enter");
    assert!(stage.deeds().iter().any(|e| matches!(e, Effect::Write(Write::Send { origin: Origin::Form, .. }))));
    stage.pass(2);
    assert_eq!(fake.world().drafts.get(&budi).map(String::as_str), Some("nanti"));
}

#[test]
fn a_draft_that_reaches_the_disk_while_its_conversation_is_read_is_there_too() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.slow_writes = true;
    stage.keys("enter 'untuk Budi' esc j enter esc k");
    // The store is read, then the draft is committed, then the screen hears of both, the commit first.
    let mut read = Vec::new();
    for effect in loket::tui::update(&mut stage.model, Msg::Key(crate::kit::key("enter"))) {
        read.extend(stage.read(effect));
    }
    stage.finish_writes();
    for msg in read {
        stage.hear(msg);
    }
    assert_eq!(stage.model.composer.conversation, Some(budi));
    assert_eq!(stage.model.composer.editor.text(), "untuk Budi");
}
