//! Private notes: written in note mode, kept apart from drafts, and never sent.

use super::{open_screen, sent_texts, two_conversations};
use crate::kit::{FakeStore, TestScreen, answer, key, minutes_ago};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use loket::config::Locale;
use loket::domain::Kind;
use loket::tui::{Effect, Model, Msg, Overlay, TerminalAction, Write, update};

fn notes(effects: &[Effect]) -> Vec<String> {
    let text = |effect: &Effect| match effect {
        Effect::Write(Write::AddNote { note, .. }) => Some(note.as_str().to_owned()),
        _ => None,
    };
    effects.iter().filter_map(text).collect()
}

#[test]
fn a_note_is_saved_by_enter_and_stands_in_the_thread() {
    for (locale, title, head) in
        [(Locale::En, "Note: not sent", "note by Sari:"), (Locale::Id, "Catatan: tidak dikirim", "catatan Sari:")]
    {
        let (store, budi, _) = two_conversations();
        let mut screen = TestScreen::new(store.clone(), locale, (80, 24));
        screen.keys("enter 'Halo Kak' ctrl-x n");
        assert!(screen.text().contains(title), "{}", screen.text());
        screen.keys("'sudah janji ganti' enter");
        let effects = screen.actions();
        assert_eq!(notes(&effects), ["sudah janji ganti"]);
        assert_eq!(sent_texts(&effects), [""; 0]);
        assert!(!screen.text().contains(title));
        assert!(screen.text().contains(head), "{}", screen.text());
        // The message's draft is where it was.
        assert_eq!(screen.model.composer.editor.text(), "Halo Kak");
        let messages = store.contents().messages[&budi].clone();
        assert!(messages.iter().any(|m| m.kind == Kind::Note && m.text == "sudah janji ganti"));
    }
}

#[test]
fn a_note_that_was_begun_goes_on_where_it_was_left() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-x n 'cek sto' alt-enter 'di gudang' esc");
    assert!(screen.model.overlays.is_empty());
    assert!(screen.model.composer.editor.is_empty());
    screen.keys("'Siap' ctrl-x n 'nya'");
    screen.keys("enter");
    assert_eq!(notes(&screen.actions()), ["cek sto\ndi gudangnya"]);
    screen.keys("enter");
    assert_eq!(sent_texts(&screen.actions()), ["Siap"]);
    // An empty note is none.
    screen.keys("ctrl-x n '  ' enter");
    assert!(matches!(screen.model.overlays.last(), Some(Overlay::Note(_))));
    assert_eq!(notes(&screen.actions()), [""; 0]);
}

#[test]
fn a_paste_in_note_mode_is_the_notes() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-x n");
    screen.update(Msg::Paste("rahasia\nharga modal".into()));
    screen.keys("enter");
    let effects = screen.actions();
    assert_eq!(notes(&effects), ["rahasia\nharga modal"]);
    assert!(screen.model.composer.editor.is_empty());
}

#[test]
fn a_begun_note_outlives_the_program_and_stays_a_note() {
    for (locale, said) in [(Locale::En, "note begun, not saved"), (Locale::Id, "catatan belum disimpan")] {
        let (store, budi, _) = two_conversations();
        let mut screen = TestScreen::new(store.clone(), locale, (80, 24));
        screen.keys("enter ctrl-x n 'cek stok'");
        // A signal asks the program to end.
        screen.update(Msg::Stop);
        assert!(screen.actions().contains(&Effect::Terminal(TerminalAction::Quit)));
        assert_eq!(store.contents().begun_notes, [(budi, "cek stok".to_owned())]);
        assert!(store.contents().drafts.values().all(String::is_empty));
        let mut screen = TestScreen::new(store.clone(), locale, (80, 24));
        let row = |screen: &TestScreen| screen.text().lines().find(|line| line.contains("W Budi")).unwrap().to_owned();
        assert!(row(&screen).contains('┊'), "{}", screen.text());
        screen.keys("enter");
        assert!(screen.model.composer.editor.is_empty());
        assert!(screen.text().contains(said), "{}", screen.text());
        screen.keys("ctrl-x n ' L' enter");
        assert_eq!(notes(&screen.actions()), ["cek stok L"]);
        assert!(store.contents().begun_notes.is_empty());
        assert!(!screen.text().contains(said) && !row(&screen).contains('┊'), "{}", screen.text());
    }
}

#[test]
fn a_note_is_kept_a_moment_after_it_was_typed() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-x n 'cek'");
    assert!(store.contents().begun_notes.is_empty());
    assert!(screen.model.deadline().is_some_and(|at| at.since(store.contents().now).as_secs() < 1));
    screen.advance(1);
    assert_eq!(store.contents().begun_notes, [(budi, "cek".to_owned())]);
    screen.keys("ctrl-u");
    screen.advance(1);
    assert!(store.contents().begun_notes.is_empty());
}

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// A letter that is typed nowhere but in note mode, and one that is typed nowhere else.
const OF_NOTES: char = 'ñ';
const OF_MESSAGES: char = 'ŵ';

const KEYS: &[&str] = &[
    "enter",
    "enter",
    "enter",
    "esc",
    "esc",
    "tab",
    "backtab",
    "up",
    "down",
    "backspace",
    "ctrl-w",
    "ctrl-u",
    "ctrl-k",
    "ctrl-y",
    "ctrl-_",
    "ctrl-a",
    "ctrl-j",
    "alt-enter",
    "ctrl-n",
    "ctrl-g",
    "ctrl-r",
    "ctrl-t",
    "ctrl-o",
    "ctrl-p",
    "f1",
    "/",
    "i",
    "j",
    "R",
    "y",
    "pgup",
];

fn fresh_model() -> (FakeStore, Model) {
    let (store, budi, _) = two_conversations();
    store.receive(budi, minutes_ago(1), "Kak?");
    (store.clone(), open_screen(&store).model)
}

fn perform(store: &FakeStore, model: &mut Model, effects: Vec<Effect>) {
    let mut queue: std::collections::VecDeque<Effect> = effects.into();
    while let Some(effect) = queue.pop_front() {
        if let Effect::Write(write) = &effect {
            let text = format!("{write:?}");
            match write {
                // A begun note is kept as what it is.
                Write::AddNote { .. } | Write::SaveBegunNote { .. } => {
                    assert!(!text.contains(OF_MESSAGES), "a message in a note: {text}");
                }
                _ => assert!(!text.contains(OF_NOTES), "a note left: {text}"),
            }
        } else if let Effect::Terminal(TerminalAction::Edit { text, .. }) = &effect {
            assert!(!text.contains(OF_NOTES), "a note left: {text}");
        }
        let is_write = matches!(effect, Effect::Write(_));
        if let Some(msg) = answer(store, effect) {
            queue.extend(update(model, msg));
        }
        if is_write {
            queue.extend(update(model, Msg::StoreChanged));
        }
    }
}

#[test]
fn no_sequence_of_keys_leads_from_a_note_to_a_message() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut notes_seen = 0;
    let (mut store, mut model) = fresh_model();
    for sequence in 0..100_000_u32 {
        if sequence % 250 == 0 {
            (store, model) = fresh_model();
        }
        // Often enough in note mode, so that every way out of it is tried.
        let mut keys: Vec<KeyEvent> = Vec::new();
        match random.below(6) {
            0 => keys.extend([key("ctrl-x"), key("n")]),
            1 => {
                let letter = char::from(b'a' + u8::try_from(random.below(26)).unwrap());
                keys.extend([key("ctrl-x"), KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)]);
            }
            _ => {}
        }
        for _ in 0..random.below(4) {
            keys.push(key(KEYS[usize::try_from(random.below(KEYS.len() as u64)).unwrap()]));
        }
        for key in keys {
            let effects = update(&mut model, Msg::Key(key));
            perform(&store, &mut model, effects);
        }
        let in_note = matches!(model.overlays.last(), Some(Overlay::Note(_)));
        notes_seen += u32::from(in_note);
        let typed = if in_note { OF_NOTES } else { OF_MESSAGES };
        let msg = if random.below(4) == 0 {
            Msg::Paste(format!("{typed}{typed}"))
        } else {
            Msg::Key(KeyEvent::new(KeyCode::Char(typed), KeyModifiers::NONE))
        };
        let effects = update(&mut model, msg);
        perform(&store, &mut model, effects);
        if in_note && random.below(3) == 0 {
            let effects = update(&mut model, Msg::Key(key("enter")));
            perform(&store, &mut model, effects);
        }
        assert!(!model.composer.editor.text().contains(OF_NOTES));
    }
    assert!(notes_seen > 5_000, "{notes_seen}");
}

#[test]
fn who_acts_from_now_on_has_their_own_begun_notes() {
    let (store, budi, _) = two_conversations();
    store.contents().begun_notes.push((budi, "cek stok".into()));
    let mut screen = open_screen(&store);
    assert!(screen.text().contains('┊'), "{}", screen.text());
    screen.actions();
    // The configuration names another agent, who has begun none.
    store.contents().begun_notes.clear();
    store.contents().process.agent = Some("Tono".into());
    store.change_conversation(budi, |_| {});
    screen.store_changed();
    assert!(!screen.text().contains('┊'), "{}", screen.text());
    assert_eq!(screen.model.agent, "Tono");
}
