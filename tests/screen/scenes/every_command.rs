//! Every command of the registry, run to its end where it can be used, and its reason where it cannot.
//!
//! The commands are those of the language file, which a test beside the registry keeps equal to it.
use std::collections::BTreeSet;

use loket::config::{Locale, ScreenSettings, Settings};
use loket::domain::{Channel, ConversationId, Kind, QuitStatus, Status, WindowRule};
use loket::tui::{Msg, UserFiles, UserSettings};

use super::{add_long_history, two_conversations};
use crate::kit::{FakePreview, FakeStore, NOW, TestScreen, add_file, carries_everything, minutes_ago};

/// How one sees that a command was performed.
#[derive(Debug, Clone, Copy)]
enum Seen {
    /// A text that was not there comes on the screen.
    Shows(&'static str),
    /// A text that was there is gone.
    Hides(&'static str),
    /// The screen asks for something whose debug form contains this.
    Asks(&'static str),
    /// Another row is chosen, or another part is visible.
    Moves,
}
use Seen::{Asks, Hides, Moves, Shows};

/// A command, the keys that lead to where it can be used, its key there, and what is seen of it.
const RUNS: &[(&str, &str, &str, Seen)] = &[
    ("quit", "", "ctrl-q", Asks("Terminal(Quit)")),
    ("palette", "", "ctrl-p", Shows("Commands")),
    ("goto", "", "ctrl-g", Shows("Go to a conversation")),
    ("help", "", "f1", Shows("One down.")),
    ("actions", "", "ctrl-x", Shows("Actions: Budi")),
    ("next_unread", "", "ctrl-n", Shows("Write a message")),
    ("search", "", "ctrl-f", Shows("Search messages")),
    ("next_pane", "enter", "tab", Hides("Enter send")),
    ("previous_pane", "enter", "backtab", Hides("Enter send")),
    ("back", "enter", "esc", Shows("Enter open")),
    ("new_conversation", "", "n", Shows("New conversation")),
    ("accounts", "", "f2", Shows("Accounts")),
    ("settings", "", ",", Shows("Quiet hours")),
    ("suspend", "", "ctrl-z", Asks("Terminal(Suspend)")),
    ("notify_test", "ctrl-p 'test notification'", "enter", Asks("Terminal(Notify")),
    ("down", "", "j", Moves),
    ("up", "j", "k", Moves),
    ("page_down", "k enter esc tab pgup", "pgdn", Moves),
    ("page_up", "enter esc tab", "pgup", Moves),
    ("top", "enter esc tab", "g", Moves),
    ("bottom", "enter esc tab g", "G", Moves),
    ("open", "", "enter", Shows("Write a message")),
    ("filter", "", "/ 'zz'", Shows("Nothing matches.")),
    ("unread_only", "", "u", Shows("unread ")),
    ("views", "", "v", Shows("Unassigned")),
    ("list_order", "", "o", Shows("newest first")),
    ("resolve", "", "e", Asks("SetState")),
    ("snooze", "", "z enter", Asks("SetState")),
    ("mark_unread", "", "m", Asks("MarkUnread")),
    ("copy", "enter esc tab", "y", Asks("Copy")),
    ("open_link", "enter esc tab k", "o", Shows("Open this link?")),
    ("play", "j enter esc tab k k", "p", Asks("Play(")),
    ("speed", "j enter esc tab k k p", "f", Asks("speed: 150")),
    ("write_to_contact", "j enter esc tab k", "w", Asks("FindAddress")),
    ("open_media", "G enter esc tab", "enter", Asks("ShowPicture")),
    ("save_media", "G enter esc tab", "s", Shows("Save as")),
    ("save_contact", "j enter esc tab k", "c", Asks("SaveContact")),
    ("send_again", "enter esc tab", "R y", Asks("SendAgain")),
    ("cancel", "j enter esc tab", "x", Asks("Cancel")),
    ("next_hit", "ctrl-f 'number' down enter esc tab", "n", Moves),
    ("previous_hit", "ctrl-f 'number' enter esc tab", "N", Moves),
    ("assign", "", "ctrl-x a enter", Asks("Assign")),
    ("label", "", "ctrl-x l 'vip' enter", Asks("EditLabels")),
    ("note", "enter", "ctrl-x n 'Sudah bayar' enter", Asks("AddNote")),
    ("take", "", "ctrl-x g", Asks("Take")),
    ("customer", "", "ctrl-x c", Shows("no labels yet")),
    ("details", "enter esc tab", "d", Shows("About this message")),
    ("quote", "enter esc tab k", "ctrl-x q", Shows("Answers:")),
    ("react", "enter esc tab k", "ctrl-x x enter", Asks("Reaction")),
    ("write", "enter esc tab", "i", Shows("Enter send")),
    ("send", "enter 'Siap'", "enter", Asks("Send {")),
    ("send_later", "enter 'Siap'", "ctrl-x w enter", Asks("Send {")),
    ("new_line", "enter 'a'", "ctrl-j 'b'", Shows("  b")),
    ("undo", "e", "ctrl-x u", Asks("SetState")),
    ("redo", "enter 'salam' ctrl-_", "ctrl-x ctrl-r", Shows("salam")),
    ("editor", "enter 'Siap'", "ctrl-x e", Asks("Edit")),
    ("template", "enter", "ctrl-t", Shows("Choose a template")),
    ("attach", "enter", "ctrl-o", Shows("From the clipboard")),
    ("canned", "enter", "ctrl-r", Shows("Canned replies")),
    ("send_location", "enter", "ctrl-x p", Shows("Send a place")),
    ("send_card", "enter", "ctrl-x k", Shows("Send a contact card")),
    ("send_buttons", "enter", "ctrl-x b", Shows("Text with buttons")),
    ("send_list", "enter", "ctrl-x i", Shows("List menu")),
    ("accept", "ctrl-g 'ayu'", "enter", Shows("Write a message")),
    ("close", "f1", "q", Hides("One down.")),
    ("yes", "q", "y", Asks("Terminal(Quit)")),
    ("no", "q", "n", Hides("Quit?")),
    ("next_match", "ctrl-g", "ctrl-n", Moves),
    ("previous_match", "ctrl-g down", "ctrl-p", Moves),
    ("next_field", "enter ctrl-x b", "tab", Moves),
    ("previous_field", "enter ctrl-x b tab", "backtab", Moves),
    ("next_choice", "enter ctrl-x b tab tab tab tab", "right", Shows("link")),
    ("previous_choice", "enter ctrl-x b tab tab tab tab", "left", Shows("code")),
    ("remove_row", "enter ctrl-x b tab tab tab", "ctrl-d", Hides("Button 1")),
    ("row_up", "enter ctrl-x i tab tab tab tab tab 'satu' tab tab enter 'dua'", "shift-up", Moves),
    ("row_down", "enter ctrl-x i tab tab tab tab tab 'satu' tab tab enter 'dua' shift-up", "shift-down", Moves),
    ("reset_setting", ",", "r", Asks("SaveSetting")),
    ("zoom_in", "G enter esc tab enter", "+", Shows("150%")),
    ("zoom_out", "G enter esc tab enter + +", "-", Shows("150%")),
    ("zoom_fit", "G enter esc tab enter +", "0", Hides("150%")),
    ("pan_left", "G enter esc tab enter + + +", "h", Asks("ShowPicture")),
    ("pan_right", "G enter esc tab enter + + +", "l", Asks("ShowPicture")),
    ("next_picture", "G enter esc tab enter p", "n", Shows("2/2")),
    ("previous_picture", "G enter esc tab enter", "p", Shows("1/2")),
    ("open_outside", "G enter esc tab enter", "o", Asks("OpenFile")),
    ("copy_path", "G enter esc tab enter", "y", Asks("Copy { text: Clean(\"/data/media/b\")")),
];

/// Commands of the login code and of the first screen, run by the scenes in `tests/accounts`.
const OF_ACCOUNTS: &[(&str, &str)] = &[
    ("log_in", "of_several_accounts_the_one_that_is_logged_out_is_meant"),
    ("add_account", "without_an_account_the_welcome_leads_to_the_demo_or_the_form"),
    ("demo", "without_an_account_the_welcome_leads_to_the_demo_or_the_form"),
    ("copy_url", "the_url_is_copied_and_the_first_event_is_shown_to_the_second"),
    ("save_picture", "a_code_is_saved_as_a_picture"),
    ("invert_code", "the_forms_of_a_code_can_be_chosen"),
    ("larger_code", "the_forms_of_a_code_can_be_chosen"),
    ("smaller_code", "the_forms_of_a_code_can_be_chosen"),
];

/// Why commands cannot be used where no conversation is chosen and the account carries nothing but text.
const REASONS: &[(&str, &str)] = &[
    ("open", "no conversation is chosen"),
    ("resolve", "no conversation is chosen"),
    ("snooze", "no conversation is chosen"),
    ("mark_unread", "no conversation is chosen"),
    ("customer", "no conversation is chosen"),
    ("assign", "no conversation is chosen"),
    ("label", "no conversation is chosen"),
    ("note", "no conversation is chosen"),
    ("take", "no conversation is chosen"),
    ("details", "no conversation is chosen"),
    ("write", "no conversation is chosen"),
    ("editor", "no conversation is chosen"),
    ("canned", "no conversation is chosen"),
    ("template", "no conversation is chosen"),
    ("attach", "no conversation is chosen"),
    ("send_location", "no conversation is chosen"),
    ("send_card", "no conversation is chosen"),
    ("send_buttons", "no conversation is chosen"),
    ("send_list", "no conversation is chosen"),
    ("send_later", "no conversation is chosen"),
    ("quote", "no conversation is chosen"),
    ("react", "no conversation is chosen"),
    ("copy", "no message is chosen"),
    ("open_link", "no message is chosen"),
    ("play", "no message is chosen"),
    ("speed", "nothing is being played"),
    ("write_to_contact", "no message is chosen"),
    ("save_media", "no message is chosen"),
    ("save_contact", "no message is chosen"),
    ("send_again", "no message is chosen"),
    ("cancel", "no message is chosen"),
    ("next_hit", "nothing was searched for"),
    ("previous_hit", "nothing was searched for"),
    ("send", "no conversation is open"),
    ("new_line", "no conversation is open"),
    ("redo", "no conversation is open"),
    ("undo", "there is nothing to undo"),
    ("add_account", "the demo adds no accounts"),
    ("log_in", "there is no account yet"),
    ("new_conversation", "there is no account yet"),
];

fn commands() -> BTreeSet<String> {
    Locale::En.strings().commands.keys().cloned().collect()
}

/// Budi's conversation has a link and, as its newest, a failed answer; Ayu's has one that waits in the outbox.
fn shop() -> (FakeStore, ConversationId) {
    let (store, budi, ayu) = two_conversations();
    carries_everything(&store);
    add_long_history(&store, budi, 100);
    store.receive(budi, minutes_ago(2), "Ini ya https://toko.example/a");
    store.add_sent(budi, minutes_ago(1), Status::Failed, "Baik");
    add_file(&store, ayu, minutes_ago(4), Kind::Audio, "aa", |_, _| {});
    let citra = store.add_conversation(3, "Citra", "toko", Channel::WhatsApp);
    for (file, minutes) in [("a", 6), ("b", 5)] {
        add_file(&store, citra, minutes_ago(minutes), Kind::Image, file, |_, _| {});
        store.contents().previews.insert(file.into(), FakePreview::Picture(4000, 3000));
    }
    store.mark_seen(citra);
    store.change_conversation(citra, |c| c.waiting_since = None);
    store.add_message(ayu, minutes_ago(3), |m| {
        m.kind = Kind::Contacts;
        m.payload = Some(serde_json::json!({"contacts": [{"name": "Rina", "numbers": ["628999000111"]}]}));
    });
    store.add_sent(ayu, NOW, Status::Queued, "Sebentar");
    store.change_conversation(budi, |c| (c.unread, c.waiting_since) = (1, Some(minutes_ago(30))));
    store.change_conversation(ayu, |c| c.waiting_since = Some(minutes_ago(3)));
    store.contents().quit = QuitStatus { queued: 0, engine_ends: true };
    (store, budi)
}

/// Tells the screen what config.toml holds: a setting can be taken out only where it stands there.
fn with_settings(screen: &mut TestScreen) {
    let settings = UserSettings {
        locale: Locale::En,
        country: loket::domain::phone::INDONESIA,
        agent_prefix: false,
        screen: ScreenSettings::default(),
        listed: Settings::default().listed(),
        files: UserFiles { keymap: Ok(None), theme: Ok(None), replies: Ok(None), views: Ok(None) },
    };
    screen.update(Msg::SettingsRead(Box::new(settings)));
}

#[test]
fn every_command_is_run_to_its_end() {
    let named: BTreeSet<String> = RUNS.iter().map(|run| run.0.to_owned()).collect();
    let elsewhere: BTreeSet<String> = OF_ACCOUNTS.iter().map(|run| run.0.to_owned()).collect();
    assert_eq!(named.union(&elsewhere).cloned().collect::<BTreeSet<_>>(), commands());
    let mut idle = Vec::new();
    for (command, before, keys, seen) in RUNS {
        let (store, _) = shop();
        let mut screen = TestScreen::new(store, Locale::En, (80, 24));
        with_settings(&mut screen);
        screen.keys(before);
        screen.effects.clear();
        let (text, drawn) = (screen.text(), screen.drawn());
        let chosen = format!("{:?}", screen.model.conversations.selected);
        screen.keys(keys);
        let done = match seen {
            Shows(words) => !text.contains(words) && screen.text().contains(words),
            Hides(words) => text.contains(words) && !screen.text().contains(words),
            Asks(what) => screen.effects.iter().any(|effect| format!("{effect:?}").contains(what)),
            Moves => screen.drawn() != drawn || format!("{:?}", screen.model.conversations.selected) != chosen,
        };
        if !done || screen.model.notice.as_ref().is_some_and(|notice| notice.bad) {
            idle.push(format!("{command}: {keys} does not {seen:?}\n{text}\n{}\n{:?}", screen.text(), screen.effects));
        }
    }
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

#[test]
fn the_scenes_of_accounts_that_stand_for_commands_are_there() {
    let scenes = include_str!("../../accounts/scenes.rs");
    for (command, name) in OF_ACCOUNTS {
        assert!(scenes.contains(&format!("fn {name}()")), "{command}: {name}");
    }
}

#[test]
fn a_command_that_cannot_be_used_says_why_in_the_palette_and_when_it_is_tried() {
    let nobody = FakeStore::new();
    nobody.contents().process.sandbox = true;
    let empty = FakeStore::new();
    empty.add_account("toko", Channel::WhatsApp, WindowRule::None);
    empty.contents().process.sandbox = true;
    let (labels, mut wrong) = (&Locale::En.strings().commands, Vec::new());
    for command in commands() {
        let (label, sentence) = &labels[&command];
        let reason = REASONS.iter().find(|(name, _)| *name == command).map(|(_, reason)| *reason);
        if RUNS.iter().skip_while(|run| run.0 != "accept").any(|run| run.0 == command) || command == "back" {
            // Only dialogs have them; and the palette does not offer to leave itself.
            continue;
        }
        let store = if reason == Some("there is no account yet") { &nobody } else { &empty };
        let mut screen = TestScreen::new(store.clone(), Locale::En, (120, 40));
        screen.model.overlays.clear();
        screen.keys(&format!("ctrl-p '{label}'"));
        let row = |screen: &TestScreen| {
            let text = screen.text();
            let forms = [format!("│ █ {label}  "), format!("│   {label}  ")];
            text.lines().find(|line| forms.iter().any(|form| line.contains(form))).map(str::to_owned)
        };
        let Some(row) = row(&screen) else { continue };
        let expected = reason.unwrap_or(sentence);
        if !row.contains(expected.chars().take(20).collect::<String>().as_str()) {
            wrong.push(format!("{command}: {row} instead of {expected}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    // Tried in spite of it, each says the same and does nothing.
    for (keys, reason) in [
        ("enter", "no conversation is chosen"),
        ("e", "no conversation is chosen"),
        ("ctrl-x a", "no conversation is chosen"),
        ("ctrl-x u", "there is nothing to undo"),
        ("f4", "the demo adds no accounts"),
    ] {
        let mut screen = TestScreen::new(empty.clone(), Locale::En, (80, 24));
        screen.actions();
        screen.keys(keys);
        assert!(screen.text().contains(reason), "{keys}\n{}", screen.text());
        assert_eq!(screen.actions(), [], "{keys}");
    }
}
