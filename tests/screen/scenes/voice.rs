//! Voice notes in the thread: what is seen of them, and what plays.

use std::time::Duration;

use loket::config::Locale;
use loket::domain::{Channel, ConversationId, Kind, MessageId, WindowRule};
use loket::tui::{Effect, MediaCall, Msg, PlayError, PlayRequest, Theme};

use crate::kit::{FakePreview, FakeStore, TestScreen, add_file, minutes_ago};

fn store(seconds: u64) -> (FakeStore, MessageId) {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    let budi = store.add_conversation(1, "Budi", "toko", Channel::WhatsApp);
    store.receive(budi, minutes_ago(9), "Halo");
    let note = add_file(&store, budi, minutes_ago(5), Kind::Audio, "aa", |_, _| {});
    store.contents().previews.insert("aa".into(), FakePreview::Voice(seconds));
    store.mark_seen(ConversationId(1));
    (store, note)
}

fn open(store: &FakeStore) -> TestScreen {
    let mut screen = TestScreen::new(store.clone(), Locale::En, (80, 24));
    screen.keys("enter esc tab");
    screen.effects.clear();
    screen
}

fn calls(screen: &mut TestScreen) -> Vec<MediaCall> {
    let effects = std::mem::take(&mut screen.effects);
    let calls = effects.into_iter().filter_map(|effect| match effect {
        Effect::Media(MediaCall::MakePreviews(_)) => None,
        Effect::Media(call) => Some(call),
        _ => None,
    });
    calls.collect()
}

fn row(screen: &TestScreen) -> String {
    let all = screen.text();
    let is_note = |line: &&str| ["0:14", "►", "■", "♪"].iter().any(|sign| line.contains(sign));
    all.lines().rfind(is_note).unwrap_or_else(|| panic!("{all}")).to_owned()
}

#[test]
fn a_voice_note_shows_its_length_and_where_it_is_loud() {
    let (store, _) = store(14);
    let screen = open(&store);
    let shown = row(&screen);
    assert!(shown.contains("► 0:14 ▁▁▁▂▂▃▃▄▄▄▅▅▆▆▇▇██ · 1.2 MB"), "{shown}");
    // Without what the file says it is one row as well: nothing moves when that is known.
    let rows = |screen: &TestScreen| screen.text().lines().position(|line| line.contains("Halo"));
    store.contents().previews.clear();
    let unknown = open(&store);
    assert!(row(&unknown).contains("♪ Voice message · 1.2 MB"), "{}", unknown.text());
    assert_eq!(rows(&screen), rows(&unknown));
}

#[test]
fn a_terminal_with_ascii_only_shows_it_too() {
    let (store, _) = store(14);
    let mut screen = TestScreen::new(store, Locale::En, (80, 24));
    screen.model.theme = Theme::new(true, false);
    screen.keys("enter esc tab");
    let text = screen.text();
    assert!(text.contains("> 0:14 ___....-----====## - 1.2 MB") && text.is_ascii(), "{text}");
}

#[test]
fn playing_shows_how_far_it_is_and_costs_nothing_before_and_after() {
    let (store, note) = store(14);
    let mut screen = open(&store);
    screen.keys("p");
    let request = PlayRequest { message: note, path: "/data/media/aa".into(), from: Duration::ZERO, speed: 100 };
    assert_eq!(calls(&mut screen), [MediaCall::Play(request)]);
    screen.update(Msg::PlaybackStarted { message: note, can_seek: true });
    assert!(row(&screen).contains("■ 0:00/0:14 ▁"), "{}", row(&screen));
    // The next second is the next time at which anything changes.
    let due = screen.model.deadline().unwrap();
    let now = screen.model.now;
    assert!(due > now && due <= now.plus(Duration::from_millis(1001)), "{due:?}");
    screen.advance(7);
    assert!(row(&screen).contains("■ 0:07/0:14"), "{}", row(&screen));
    screen.keys("enter");
    assert_eq!(calls(&mut screen), [MediaCall::StopPlaying], "Enter does the same");
    assert!(row(&screen).contains("► 0:14 "), "{}", row(&screen));
    let now = screen.model.now;
    assert!(screen.model.deadline().is_none_or(|due| due.since(now) > Duration::from_secs(2)), "nothing is due soon");
    // An end that comes late says nothing.
    screen.update(Msg::PlaybackEnded { message: note, result: Err(PlayError::NoPlayer) });
    assert!(screen.model.notice.is_none());
}

#[test]
fn it_is_played_faster_from_where_it_is() {
    let (store, note) = store(14);
    let mut screen = open(&store);
    screen.keys("f");
    assert!(screen.text().contains("nothing is being played"), "{}", screen.text());
    // The notice goes.
    screen.advance(15);
    screen.keys("p");
    screen.update(Msg::PlaybackStarted { message: note, can_seek: true });
    calls(&mut screen);
    screen.advance(4);
    screen.keys("f");
    let played = |screen: &mut TestScreen| match calls(screen).as_slice() {
        [MediaCall::Play(request)] => (request.message, request.from.as_secs(), request.speed),
        other => panic!("{other:?}"),
    };
    assert_eq!(played(&mut screen), (note, 4, 150));
    screen.update(Msg::PlaybackStarted { message: note, can_seek: true });
    screen.advance(2);
    let shown = row(&screen);
    assert!(shown.contains("■ 0:07/0:14") && shown.contains("1.5x"), "{shown}");
    screen.keys("f");
    assert_eq!(played(&mut screen), (note, 7, 200));
    screen.keys("f");
    assert_eq!(played(&mut screen).2, 100);
    // It ends by itself.
    screen.update(Msg::PlaybackEnded { message: note, result: Ok(()) });
    assert!(row(&screen).contains("► 0:14 "), "{}", screen.text());
}

#[test]
fn a_player_with_one_speed_and_one_that_fails_are_said() {
    let (store, note) = store(14);
    let mut screen = open(&store);
    screen.keys("p");
    screen.update(Msg::PlaybackStarted { message: note, can_seek: false });
    screen.keys("f");
    assert!(screen.text().contains("This player has one speed only"), "{}", screen.text());
    for (error, words) in [
        (PlayError::OverSsh, "Over SSH nobody here hears it; s saves it."),
        (PlayError::NoPlayer, "No player here: install mpv or ffmpeg. s saves it."),
        (
            PlayError::Failed { program: "mpv\u{1b}".into(), reason: "exit status: 2".into() },
            "Not played: mpv: exit status: 2",
        ),
    ] {
        screen.model.playback = None;
        screen.keys("p");
        screen.update(Msg::PlaybackEnded { message: note, result: Err(error) });
        assert!(screen.text().contains(words), "{}", screen.text());
        assert!(row(&screen).contains("► 0:14 "), "{}", row(&screen));
    }
    store.receive(ConversationId(1), screen.model.now, "Ya?");
    screen.store_changed();
    screen.keys("G p");
    assert!(screen.text().contains("nothing to hear"), "{}", screen.text());
}
