//! Scenes of the composer: what is written, sent, kept.
use super::{open_screen, sent_texts, two_conversations};
use crate::kit::{NOW, TestScreen, account_name, minutes_ago};
use loket::domain::{Channel, Content, Objection, SendError, SendOptions, StoreError, Template};
use loket::tui::{Effect, Msg, Origin, TerminalAction, Write};

#[test]
fn what_is_written_is_sent_and_the_composer_clears_only_once_it_is_kept() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'Ya, masih.'");
    screen.actions();
    screen.slow_writes = true;
    screen.keys("enter");
    assert!(screen.text().contains("› Ya, masih."), "{}", screen.text());
    assert!(screen.text().contains("sending"));
    screen.finish_writes();
    assert!(!screen.text().contains("› Ya, masih."));
    assert!(screen.text().contains("Ya, masih."));
    let body = Content::Text { body: "Ya, masih.".into() };
    assert!(screen.actions().contains(&Effect::Write(Write::Send {
        conversation: budi,
        content: body,
        origin: Origin::Composer,
        options: SendOptions::default()
    })));
}

#[test]
fn what_is_typed_while_a_message_is_being_kept_is_neither_lost_nor_mixed_in() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.slow_writes = true;
    screen.keys("enter 'satu' enter 'dua' enter 'tiga'");
    screen.finish_writes();
    assert_eq!(sent_texts(&screen.actions()), ["satu", "dua"]);
    assert!(screen.text().contains("› tiga"), "{}", screen.text());
}

#[test]
fn what_could_not_be_kept_stays_in_the_composer_with_the_reason() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'penting'");
    store.contents().refusal = Some(SendError::Store(StoreError::Failed("disk full".into())));
    screen.keys("enter");
    assert!(screen.text().contains("› penting") && screen.text().contains("disk full"), "{}", screen.text());
    store.contents().refusal = Some(SendError::Objection(Objection::Groups));
    screen.keys("enter");
    assert!(screen.text().contains("cannot send to groups"), "{}", screen.text());
}

#[test]
fn leaving_while_a_message_is_being_kept_keeps_what_was_typed_after_it() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.slow_writes = true;
    screen.keys("enter 'satu' enter 'dua' esc j enter");
    store.contents().refusal = None;
    screen.finish_writes();
    let actions = screen.actions();
    assert_eq!(sent_texts(&actions), ["satu"]);
    assert!(
        actions.contains(&Effect::Write(Write::SaveDraft { conversation: budi, text: "dua".into() })),
        "{actions:?}"
    );
}

#[test]
fn a_draft_is_kept_a_moment_after_the_last_key_and_when_leaving() {
    let (store, budi, ayu) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'halo'");
    screen.actions();
    assert_eq!(screen.model.deadline(), screen.model.composer.save_at);
    screen.advance(1);
    assert_eq!(screen.actions(), [Effect::Write(Write::SaveDraft { conversation: budi, text: "halo".into() })]);
    screen.keys("' lagi' esc j enter");
    assert_eq!(screen.model.composer.conversation, Some(ayu));
    assert!(
        screen.actions().contains(&Effect::Write(Write::SaveDraft { conversation: budi, text: "halo lagi".into() }))
    );
    screen.keys("esc k");
    assert!(screen.text().contains("✎"), "{}", screen.text());
    screen.keys("enter");
    assert!(screen.text().contains("› halo lagi"), "{}", screen.text());
}

#[test]
fn quitting_keeps_the_draft() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'belum selesai'");
    screen.actions();
    screen.keys("ctrl-q");
    assert_eq!(
        screen.actions(),
        [
            Effect::Write(Write::SaveDraft { conversation: budi, text: "belum selesai".into() }),
            Effect::Terminal(TerminalAction::Quit)
        ]
    );
}

#[test]
fn a_closed_window_is_refused_with_its_reason_and_a_template_is_not() {
    let (store, ..) = two_conversations();
    let rina = store.add_conversation(3, "Rina", "resmi", Channel::WhatsApp);
    store.receive(rina, minutes_ago(60 * 30), "Halo");
    store.change_conversation(rina, |c| {
        c.last_at = NOW;
        c.window_until = Some(minutes_ago(60 * 6));
    });
    store.contents().templates = Ok(vec![Template {
        parts: loket::domain::TemplateParts::default(),
        account: account_name("resmi"),
        name: "promo".into(),
        language: "id".into(),
        status: "APPROVED".into(),
        body: "Halo {{1}}, ada promo {{2}}".into(),
    }]);
    let mut screen = open_screen(&store);
    screen.keys("enter 'halo' enter");
    assert!(screen.text().contains("24-hour window closed 6h ago"), "{}", screen.text());
    assert_eq!(sent_texts(&screen.actions()), Vec::<String>::new());
    assert!(screen.text().contains("› halo"));
    screen.keys("ctrl-t enter 'Rina' enter 'gratis' enter");
    let sent = screen.actions().into_iter().find_map(|e| match e {
        Effect::Write(Write::Send { content: Content::Template(t), .. }) => Some((t.id, t.variables)),
        _ => None,
    });
    assert_eq!(sent, Some(("promo".to_owned(), vec!["Rina".to_owned(), "gratis".to_owned()])));
    assert!(screen.model.overlays.is_empty());
}

#[test]
fn a_long_text_is_counted_and_refused() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter");
    screen.update(Msg::Paste("a".repeat(4000)));
    assert!(screen.text().contains("4000/4096"), "{}", screen.text());
    screen.update(Msg::Paste("a".repeat(100)));
    screen.keys("enter");
    assert!(screen.text().contains("Too long: 4100 characters"), "{}", screen.text());
    assert_eq!(sent_texts(&screen.actions()), Vec::<String>::new());
}

#[test]
fn a_long_paste_asks_and_sends_nothing_by_itself() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter");
    let text = (0..12).map(|n| format!("baris {n}")).collect::<Vec<_>>().join("\r\n");
    screen.update(Msg::Paste(text));
    assert!(screen.text().contains("Insert 12 lines?"), "{}", screen.text());
    screen.keys("n");
    assert!(!screen.text().contains("baris"));
    screen.update(Msg::Paste("satu\r\ndua".into()));
    assert_eq!(screen.model.composer.editor.text(), "satu\ndua");
    assert_eq!(sent_texts(&screen.actions()), Vec::<String>::new());
}

#[test]
fn what_is_typed_while_a_conversation_opens_goes_into_its_draft() {
    let (store, budi, _) = two_conversations();
    store.contents().drafts.insert(budi, "Jadi ".to_owned());
    let mut screen = open_screen(&store);
    let mut effects = Vec::new();
    for key in ["enter", "d", "u", "a"] {
        effects.extend(loket::tui::update(&mut screen.model, Msg::Key(crate::kit::key(key))));
    }
    for effect in effects {
        if let Some(msg) = crate::kit::answer(&store, effect) {
            screen.update(msg);
        }
    }
    assert_eq!(screen.model.composer.editor.text(), "Jadi dua");
}

#[test]
fn canned_replies_are_inserted_and_not_sent() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter / 'hel' enter");
    assert!(screen.model.composer.editor.text().starts_with("Hello Budi,"), "{}", screen.text());
    assert_eq!(sent_texts(&screen.actions()), Vec::<String>::new());
    screen.keys("/");
    assert!(screen.model.composer.editor.text().ends_with('/'));
}

fn with_replies(screen: &mut TestScreen, toml: &str) {
    let file = loket::config::RepliesFile::parse(std::path::Path::new("replies.toml"), toml).unwrap();
    screen.model.use_replies(&file);
}

#[test]
fn canned_replies_go_anywhere_in_a_draft_and_one_after_the_other() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    with_replies(&mut screen, "[[reply]]\nname = \"stok\"\ntext = \"Stok ada.\"\n");
    screen.keys("enter 'Baik kak,' ctrl-r 'stk' enter ctrl-r 'stok' enter");
    assert_eq!(screen.model.composer.editor.text(), "Baik kak, Stok ada. Stok ada.");
    screen.keys("ctrl-u 'akhir' ctrl-a ctrl-r 'stok' enter");
    assert_eq!(screen.model.composer.editor.text(), "Stok ada.akhir");
}

#[test]
fn a_customer_is_greeted_without_title_and_emoji_and_without_a_name_where_there_is_none() {
    let (store, budi, _) = two_conversations();
    for (profile, greeted) in
        [("Kak Rina ✨", "Hello Rina, thank"), ("ayu.skincare ✨", "Hello, thank"), ("Pak RT", "Hello, thank")]
    {
        store.change_conversation(budi, |c| c.name = profile.to_owned());
        let mut screen = open_screen(&store);
        screen.keys("enter / 'hel' enter");
        let text = screen.model.composer.editor.text();
        assert!(text.starts_with(greeted), "{profile}: {text}");
    }
}

#[test]
fn what_a_reply_needs_and_nobody_knows_is_asked_for_and_may_be_left_to_the_draft() {
    let (store, budi, _) = two_conversations();
    let phone = store.contents().conversations[&budi].peer.clone();
    store.add_contact("Budi", &phone);
    store.contents().contacts[0].custom_fields.insert("kota".to_owned(), "Bandung".into());
    let mut screen = open_screen(&store);
    let text = "Halo {name}, ongkir ke {kota} {tarif}, {lama}. {agent} {phone}";
    with_replies(&mut screen, &format!("[[reply]]\nname = \"ongkir\"\ntext = \"{text}\"\n"));
    screen.keys("enter ctrl-r 'ong' enter '15.000'");
    let shown = screen.text();
    assert!(shown.contains("ongkir ke Bandung 15.000, {lama}."), "{shown}");
    screen.keys("enter enter");
    assert_eq!(screen.model.composer.editor.text(), "Halo Budi, ongkir ke Bandung 15.000, {lama}. Sari 0812-3450-0001");
    assert_eq!(sent_texts(&screen.actions()), Vec::<String>::new());
    assert!(screen.model.overlays.is_empty());
}

#[test]
fn an_accounts_own_replies_come_first_and_those_of_others_not_at_all() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    let account = store.contents().conversations.values().next().unwrap().account.to_string();
    with_replies(
        &mut screen,
        &format!(
            "[[reply]]\nname = \"umum\"\ntext = \"untuk semua\"\n[[reply]]\nname = \"lain\"\naccount = \"lain\"\ntext = \"bukan di sini\"\n\
             [[reply]]\nname = \"khusus\"\naccount = \"{account}\"\ntext = \"hanya di sini\"\n[[reply]]\nname = \"hello\"\ntext = false\n"
        ),
    );
    screen.keys("enter ctrl-r");
    let shown = screen.text();
    let at = |text: &str| shown.find(text);
    assert!(at("khusus").is_some() && at("khusus") < at("umum"), "{shown}");
    assert!(at("bukan di sini").is_none() && at("Hello {name}").is_none(), "{shown}");
}

#[test]
fn what_a_reply_attaches_is_offered_with_its_text_as_the_caption() {
    let (store, ..) = two_conversations();
    store.contents().files.insert("brosur.pdf".into(), crate::kit::pdf("brosur.pdf"));
    let mut screen = open_screen(&store);
    with_replies(
        &mut screen,
        "[[reply]]\nname = \"harga\"\ntext = \"Ini daftarnya.\"\nfile = \"https://toko.example/harga.pdf\"\n\
         [[reply]]\nname = \"brosur\"\ntext = \"Ini brosurnya.\"\nfile = \"brosur.pdf\"\n",
    );
    screen.keys("enter ctrl-r 'harga' enter enter");
    let media = screen.actions().into_iter().find_map(|e| match e {
        Effect::Write(Write::Send { content: Content::Media { link, caption }, .. }) => Some((link.url, caption)),
        _ => None,
    });
    assert_eq!(media, Some(("https://toko.example/harga.pdf".to_owned(), Some("Ini daftarnya.".to_owned()))));
    screen.keys("ctrl-r 'brosur' enter");
    assert!(screen.text().contains("brosur.pdf · Document · 1 KB"), "{}", screen.text());
    screen.keys("enter");
    let file = screen.actions().into_iter().find_map(|e| match e {
        Effect::Write(Write::Send { content: Content::Media { link, caption }, .. }) => {
            Some((link.file?.path, caption))
        }
        _ => None,
    });
    assert_eq!(file, Some((Some("brosur.pdf".into()), Some("Ini brosurnya.".to_owned()))));
    for account in &mut store.contents().accounts {
        account.capabilities.media = &[];
    }
    screen.store_changed();
    screen.keys("ctrl-r 'brosur' enter");
    assert_eq!(screen.model.composer.editor.text(), "Ini brosurnya.");
    assert!(screen.text().contains("brosur.pdf is not attached"), "{}", screen.text());
}

#[test]
fn attaching_judges_the_link_before_anything_is_sent() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-o 'https://x.example/a.exe.gif' enter enter");
    assert!(screen.text().contains("does not take .gif"), "{}", screen.text());
    screen.keys("ctrl-u 'https://x.example/a.jpg' enter 'Foto' enter");
    let media = screen.actions().into_iter().find_map(|e| match e {
        Effect::Write(Write::Send { content: Content::Media { link, caption }, .. }) => Some((link.url, caption)),
        _ => None,
    });
    assert_eq!(media, Some(("https://x.example/a.jpg".to_owned(), Some("Foto".to_owned()))));
    assert!(screen.model.overlays.is_empty());
}

#[test]
fn the_editor_brings_its_text_back_as_a_draft() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'awal' ctrl-x ctrl-e");
    let actions = screen.actions();
    assert!(
        actions.contains(&Effect::Terminal(TerminalAction::Edit { conversation: budi, text: "awal".into() })),
        "{actions:?}"
    );
    screen.update(Msg::DraftEdited { conversation: budi, result: Ok("dari editor\n".into()) });
    assert_eq!(screen.model.composer.editor.text(), "dari editor");
    assert_eq!(sent_texts(&screen.actions()), Vec::<String>::new());
}

#[test]
fn a_draft_that_is_not_on_disk_yet_is_there_for_who_comes_back() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.slow_writes = true;
    screen.keys("enter 'untuk Budi' esc j enter");
    assert!(!screen.text().contains("› untuk Budi"), "{}", screen.text());
    screen.keys("esc k enter");
    assert!(screen.text().contains("› untuk Budi"), "{}", screen.text());
    screen.finish_writes();
    assert_eq!(store.contents().drafts.get(&budi).map(String::as_str), Some("untuk Budi"));
    screen.keys("esc j enter esc k enter");
    assert!(screen.text().contains("› untuk Budi"), "{}", screen.text());
}

#[test]
fn a_template_leaves_the_draft_where_it_was() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'nanti' ctrl-o 'https://x.example/a.jpg' enter enter");
    assert!(screen.actions().iter().any(|e| matches!(e, Effect::Write(Write::Send { origin: Origin::Form, .. }))));
    screen.advance(2);
    assert_eq!(store.contents().drafts.get(&budi).map(String::as_str), Some("nanti"));
}

#[test]
fn a_draft_that_reaches_the_disk_while_its_conversation_is_read_is_there_too() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.slow_writes = true;
    screen.keys("enter 'untuk Budi' esc j enter esc k");
    // The store is read, then the draft is committed, then the screen is notified of both, of the commit first.
    let mut read = Vec::new();
    for effect in loket::tui::update(&mut screen.model, Msg::Key(crate::kit::key("enter"))) {
        read.extend(crate::kit::answer(&store, effect));
    }
    screen.finish_writes();
    for msg in read {
        screen.update(msg);
    }
    assert_eq!(screen.model.composer.conversation, Some(budi));
    assert_eq!(screen.model.composer.editor.text(), "untuk Budi");
}

fn quoted(effects: Vec<Effect>) -> Vec<(Content, Option<loket::domain::MessageId>)> {
    let content = |effect| match effect {
        Effect::Write(Write::Send { content, options, .. }) => Some((content, options.quote)),
        _ => None,
    };
    effects.into_iter().filter_map(content).collect()
}

#[test]
fn a_single_message_is_answered_and_the_quote_goes_with_esc_or_with_the_answer() {
    let (store, budi, _) = two_conversations();
    crate::kit::carries_everything(&store);
    let asked = store.receive(budi, minutes_ago(5), "Ukuran L ada?");
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-x q");
    assert!(screen.text().contains("Answers: Ukuran L ada?"), "{}", screen.text());
    screen.keys("esc");
    assert!(!screen.text().contains("Answers:") && screen.model.focus == loket::tui::Pane::Composer);
    screen.keys("ctrl-x q 'Ada kak' enter");
    let sent = quoted(screen.actions());
    assert_eq!(sent, [(Content::Text { body: "Ada kak".into() }, Some(asked))]);
    assert!(!screen.text().contains("Answers:"), "{}", screen.text());
}

#[test]
fn a_reaction_is_chosen_sent_and_leaves_the_draft_alone() {
    let (store, budi, _) = two_conversations();
    crate::kit::carries_everything(&store);
    let asked = store.receive(budi, minutes_ago(5), "Makasih kak");
    let mut screen = open_screen(&store);
    screen.keys("enter 'belum selesai' ctrl-x x right right enter");
    assert_eq!(quoted(screen.actions()), [(Content::Reaction { emoji: "😂".into() }, Some(asked))]);
    assert_eq!(screen.model.composer.editor.text(), "belum selesai");
}

#[test]
fn where_the_gateway_cannot_quote_or_react_it_says_so() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    for (key, why) in [("ctrl-x q", "cannot quote messages"), ("ctrl-x x", "cannot send reactions")] {
        screen.keys(&format!("enter {key}"));
        assert!(screen.text().contains(why), "{key}: {}", screen.text());
    }
}
