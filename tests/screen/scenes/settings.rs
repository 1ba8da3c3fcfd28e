//! Scenes of what a person sets: files that change while the screen runs, and files that cannot be used.
use loket::config::{Locale, ScreenSettings};
use loket::tui::{Msg, UserFiles, UserSettings};

use super::{open_screen, two_conversations};
use crate::kit::TestScreen;

fn no_files() -> UserFiles {
    UserFiles { keymap: Ok(None), theme: Ok(None), replies: Ok(None), views: Ok(None) }
}

fn set(screen: &mut TestScreen, locale: Locale, files: UserFiles) {
    let country = loket::domain::phone::INDONESIA;
    let settings = UserSettings { locale, country, screen: ScreenSettings::default(), files };
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
