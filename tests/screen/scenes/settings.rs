//! Scenes of what a person sets: files that change while the screen runs, and files that cannot be used.
use loket::config::{Locale, ScreenSettings, Settings};
use loket::tui::{Effect, Msg, TerminalAction, UserFiles, UserSettings};

use super::{open_screen, two_conversations};
use crate::kit::TestScreen;

fn no_files() -> UserFiles {
    UserFiles { keymap: Ok(None), theme: Ok(None), replies: Ok(None), views: Ok(None) }
}

fn set(screen: &mut TestScreen, locale: Locale, files: UserFiles) {
    let country = loket::domain::phone::INDONESIA;
    let listed = Settings::default().listed();
    let settings =
        UserSettings { locale, country, screen: ScreenSettings::default(), agent_prefix: false, listed, files };
    screen.update(Msg::SettingsRead(Box::new(settings)));
}

#[test]
fn changed_keys_are_in_force_at_once_and_removed_ones_are_gone() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    set(&mut screen, Locale::En, no_files());
    assert!(screen.model.notice.is_none(), "the start says nothing");
    set(
        &mut screen,
        Locale::En,
        UserFiles { keymap: Ok(Some("[anywhere]\nhelp = [\"ctrl-y\"]\n".into())), ..no_files() },
    );
    assert!(screen.text().contains("keymap.toml: the change is in force."), "{}", screen.text());
    screen.keys("ctrl-y");
    assert_eq!(screen.model.overlays.len(), 1);
    screen.keys("esc");
    set(&mut screen, Locale::En, no_files());
    screen.keys("ctrl-y");
    assert!(screen.model.overlays.is_empty());
}

#[test]
fn the_agents_name_counts_where_it_goes_out_too() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    let country = loket::domain::phone::INDONESIA;
    let settings = UserSettings {
        locale: Locale::En,
        country,
        screen: ScreenSettings::default(),
        agent_prefix: true,
        listed: Settings::default().listed(),
        files: no_files(),
    };
    screen.update(Msg::SettingsRead(Box::new(settings)));
    screen.keys("enter");
    screen.update(Msg::Paste("x".repeat(4089)));
    // "*Sari*" and a line break.
    assert!(screen.text().contains("4096/4096"), "{}", screen.text());
    screen.keys("'x'");
    assert!(screen.text().contains("4097/4096"), "{}", screen.text());
    assert!(screen.text().contains("1 too many") || screen.text().contains("4097"), "{}", screen.text());
    screen.actions();
    screen.keys("enter");
    assert!(super::sent_texts(&screen.actions()).is_empty(), "what would be refused is not sent");
}

#[test]
fn a_file_that_cannot_be_used_is_said_and_leaves_what_was_in_force() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    set(
        &mut screen,
        Locale::En,
        UserFiles { keymap: Ok(Some("[anywhere]\nhelp = [\"ctrl-y\"]\n".into())), ..no_files() },
    );
    set(
        &mut screen,
        Locale::En,
        UserFiles { keymap: Ok(Some("[anywhere\nhelp = [\"ctrl-l\"]\n".into())), ..no_files() },
    );
    assert!(screen.text().contains("keymap.toml not used: line 1, column 10: "), "{}", screen.text());
    assert!(screen.text().contains("OLD CONFIGURATION"));
    screen.advance(20);
    assert!(screen.text().contains("OLD CONFIGURATION"), "it is shown as long as it is so");
    screen.keys("ctrl-y");
    assert_eq!(screen.model.overlays.len(), 1, "the keys from before work");
    screen.keys("esc");
    set(
        &mut screen,
        Locale::En,
        UserFiles { keymap: Ok(Some("[anywhere]\nhelp = [\"ctrl-l\"]\n".into())), ..no_files() },
    );
    assert!(!screen.text().contains("OLD CONFIGURATION"));
    screen.keys("ctrl-l");
    assert_eq!(screen.model.overlays.len(), 1);
}

#[test]
fn a_bad_file_keeps_nobody_from_working_and_the_other_files_take_effect() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    let files = UserFiles {
        keymap: Ok(Some("[list]\nfly = [\"f\"]\n".into())),
        replies: Ok(Some("[[reply]]\nname = \"ongkir\"\ntext = \"Ongkir 9rb\"\n".into())),
        views: Err("cannot be read: permission denied".to_owned()),
        ..no_files()
    };
    set(&mut screen, Locale::En, files);
    assert!(screen.text().contains("keymap.toml not used: [list] fly is no command"), "{}", screen.text());
    screen.keys("enter '/' 'ongkir' enter");
    assert_eq!(screen.model.composer.editor.as_str(), "Ongkir 9rb");
}

#[test]
fn a_changed_language_reaches_every_part_of_the_screen() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter");
    set(&mut screen, Locale::En, no_files());
    let english = screen.text();
    set(&mut screen, Locale::Id, no_files());
    let indonesian = screen.text();
    assert!(english.contains("Today") && !indonesian.contains("Today") && indonesian.contains("Hari ini"));
    set(&mut screen, Locale::En, no_files());
    assert_eq!(screen.text(), english);
}

/// The settings that were to be saved since the last look.
fn saved(screen: &mut TestScreen) -> Vec<(&'static str, Option<String>)> {
    let save = |effect| match effect {
        Effect::Terminal(TerminalAction::SaveSetting { key, value }) => Some((key, value)),
        _ => None,
    };
    std::mem::take(&mut screen.effects).into_iter().filter_map(save).collect()
}

#[test]
fn a_choice_is_changed_by_a_key_and_a_text_is_typed() {
    let (store, ..) = two_conversations();
    for opening in [",", "enter f6", "enter tab tab ,"] {
        let mut screen = open_screen(&store);
        set(&mut screen, Locale::En, no_files());
        screen.keys(opening);
        let shown = screen.text();
        assert!(shown.contains("Settings") && shown.contains("Language") && shown.contains("default"), "{shown}");
        screen.keys("enter");
        assert_eq!(saved(&mut screen), [("locale", Some("id".to_owned()))]);
        screen.keys("r");
        assert_eq!(saved(&mut screen), [("locale", None)]);
        screen.keys("j j enter 'Sari' enter");
        assert_eq!(saved(&mut screen), [("agent", Some("Sari".to_owned()))]);
        screen.update(Msg::SettingSaved { key: "agent", result: Err("agent: too long".to_owned()) });
        assert!(screen.text().contains("agent: too long"), "{}", screen.text());
        screen.update(Msg::SettingSaved { key: "agent", result: Ok(()) });
        assert_eq!(screen.model.overlays.len(), 1);
        screen.keys("esc");
        assert!(screen.model.overlays.is_empty());
    }
}

#[test]
fn the_list_of_settings_says_what_cannot_be_used_and_opens_the_accounts() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    set(&mut screen, Locale::Id, UserFiles { keymap: Ok(Some("[list]\nfly = [\"f\"]\n".into())), ..no_files() });
    screen.keys(",");
    let shown = screen.text();
    assert!(shown.contains("Pengaturan") && shown.contains("keymap.toml tidak dipakai"), "{shown}");
    screen.keys("pgdn pgdn pgdn enter");
    assert_eq!(screen.model.overlays.len(), 2, "{}", screen.text());
}

#[test]
fn the_contracts_replies_and_views_are_offered_as_they_stand() {
    let (store, budi, ayu) = two_conversations();
    store.change_conversation(ayu, |c| c.labels = vec!["komplain".into()]);
    let mut screen = open_screen(&store);
    let replies = include_str!("../../config/replies.toml");
    let views = include_str!("../../config/views.toml");
    set(
        &mut screen,
        Locale::Id,
        UserFiles { replies: Ok(Some(replies.into())), views: Ok(Some(views.into())), ..no_files() },
    );
    assert!(!screen.text().contains("tidak dipakai"), "{}", screen.text());
    screen.keys("v 'komplain' enter");
    assert_eq!(screen.model.conversations.rows().map(|row| row.id).collect::<Vec<_>>(), [ayu]);
    screen.keys("esc k enter ctrl-r 'ongkir' enter");
    assert!(screen.text().contains("kota") && screen.text().contains("tarif"), "{}", screen.text());
    screen.keys("'Bandung' enter '9000' enter");
    // Its file goes out as a message of its own, with the text under it.
    assert!(screen.text().contains("Halo Budi, ongkir ke Bandung 9000."), "{}", screen.text());
    assert!(screen.text().contains("daftar-harga.pdf"), "{}", screen.text());
    assert_eq!(screen.model.open_id(), Some(budi));
}

#[test]
fn why_a_file_is_not_used_is_said_in_the_persons_language() {
    for (keymap, said) in
        [("[list]\nresolv = [\"f\"]\n", "bukan perintah"), ("[anywhere]\neditor = [\"alt-e\"]\n", "tidak bisa")]
    {
        let (store, ..) = two_conversations();
        let mut screen = TestScreen::new(store, Locale::Id, (140, 45));
        set(&mut screen, Locale::Id, no_files());
        set(&mut screen, Locale::Id, UserFiles { keymap: Ok(Some(keymap.into())), ..no_files() });
        assert!(screen.text().contains("keymap.toml tidak dipakai"), "{}", screen.text());
        assert!(screen.text().contains(said), "{said}: {}", screen.text());
        // The settings show it as long as it is so.
        screen.keys("f6");
        assert!(screen.text().contains(said), "{said}: {}", screen.text());
    }
}
