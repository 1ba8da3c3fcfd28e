//! Pictures and documents in the thread.

use loket::config::Locale;
use loket::domain::{Kind, MediaError, MediaFault, MediaState};
use loket::tui::{Effect, MediaCall, PictureFault, Theme, Unreadable};
use ratatui::style::Color;

use super::{open_screen, two_conversations};
use crate::kit::{FakePreview, FakeStore, TestScreen, add_file, minutes_ago};

fn asked(screen: &mut TestScreen) -> Vec<Vec<String>> {
    let effects = std::mem::take(&mut screen.effects);
    let calls = effects.into_iter().filter_map(|effect| match effect {
        Effect::Media(MediaCall::MakePreviews(wanted)) => Some(wanted),
        _ => None,
    });
    calls.map(|wanted| wanted.into_iter().map(|request| request.key.sha256).collect()).collect()
}

fn photo(store: &FakeStore, sha256: &str, minutes: i64) {
    let budi = loket::domain::ConversationId(1);
    add_file(store, budi, minutes_ago(minutes), Kind::Image, sha256, |message, media| {
        message.text = format!("foto {sha256}");
        media.name = Some(format!("{sha256}.jpg"));
    });
    store.mark_seen(budi);
}

fn open(store: &FakeStore) -> TestScreen {
    let mut screen = open_screen(store);
    screen.keys("/ 'budi' enter esc tab");
    screen
}

/// The row in which a text stands.
fn row_of(screen: &TestScreen, text: &str) -> usize {
    let all = screen.text();
    all.lines().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{text} is not shown:\n{all}"))
}

#[test]
fn a_picture_is_asked_for_when_it_is_visible_and_moves_nothing_when_it_comes() {
    let (store, budi, _) = two_conversations();
    photo(&store, "a", 9);
    store.receive(budi, minutes_ago(8), "ini ya");
    store.mark_seen(budi);
    let mut screen = open(&store);
    assert_eq!(asked(&mut screen), [["a"]]);
    let before: Vec<usize> = ["Halo", "a.jpg", "foto a", "ini ya"].map(|text| row_of(&screen, text)).into();
    assert_eq!(before[2] - before[1], 9, "eight rows are kept free");
    assert!(!screen.text().contains('▀'));
    store.contents().previews.insert("a".into(), FakePreview::Picture(1280, 960));
    // Something else happens; what was asked for is not asked for again, so it is answered by hand.
    screen.store_changed();
    assert!(asked(&mut screen).is_empty());
    let mut screen = open(&store);
    let after: Vec<usize> = ["Halo", "a.jpg", "foto a", "ini ya"].map(|text| row_of(&screen, text)).into();
    assert_eq!(before, after);
    assert!(screen.text().contains("▀▀▀▀") && screen.text().contains("1280×960"), "{}", screen.text());
    assert_eq!(asked(&mut screen), [["a"]]);
    screen.keys("k j");
    assert!(asked(&mut screen).is_empty(), "it is kept");
}

#[test]
fn only_what_is_visible_is_asked_for_the_newest_first() {
    let (store, ..) = two_conversations();
    for (n, name) in (0..).zip(["a", "b", "c", "d", "e", "f"]) {
        photo(&store, name, 19 - n);
    }
    let mut screen = open(&store);
    assert_eq!(asked(&mut screen), [["f", "e"]]);
    screen.keys("g");
    let scrolled = asked(&mut screen);
    assert_eq!(scrolled.last().unwrap(), &["b", "a"], "what is scrolled away is not wanted any more: {scrolled:?}");
    screen.keys("q");
    assert!(asked(&mut screen).len() <= 1);
}

#[test]
fn equal_files_are_decoded_once() {
    let (store, ..) = two_conversations();
    photo(&store, "a", 9);
    photo(&store, "a", 8);
    let mut screen = open(&store);
    assert_eq!(asked(&mut screen), [["a"]]);
}

#[test]
fn what_has_become_of_a_file_is_said_in_words() {
    let (store, budi, _) = two_conversations();
    let state = |minutes: i64, kind: Kind, state: MediaState, fault: Option<MediaFault>| {
        add_file(&store, budi, minutes_ago(minutes), kind, "x", |_, media| {
            media.file.state = state;
            media.url = Some("https://cdn.example/x".into());
            media.file.error = fault.map(|fault| MediaError { fault, detail: "\u{1b}[2J404".into() });
            (media.file.path, media.file.sha256) = (None, None);
        });
    };
    state(9, Kind::Video, MediaState::Waiting, None);
    state(8, Kind::Video, MediaState::Waiting, Some(MediaFault::Unreachable));
    state(7, Kind::Image, MediaState::Failed, Some(MediaFault::Gone));
    state(6, Kind::Document, MediaState::Refused, Some(MediaFault::TooBig));
    store.mark_seen(budi);
    for (locale, expected) in [
        (
            Locale::En,
            [
                "being fetched",
                "cannot be reached (404). It is tried again.",
                "no longer where the link leads (404)",
                "larger than [media] max_mb",
            ],
        ),
        (
            Locale::Id,
            [
                "sedang diambil",
                "tidak bisa dihubungi (404). Akan dicoba lagi.",
                "sudah tidak ada di tautannya (404)",
                "lebih besar dari [media] max_mb",
            ],
        ),
    ] {
        let mut screen = TestScreen::new(store.clone(), locale, (140, 40));
        screen.keys("/ 'budi' enter esc tab");
        for words in expected {
            row_of(&screen, words);
        }
        assert!(asked(&mut screen).is_empty(), "what is not here has no preview");
    }
}

#[test]
fn a_file_that_fails_while_it_is_seen_keeps_its_place() {
    let (store, budi, _) = two_conversations();
    let id = add_file(&store, budi, minutes_ago(9), Kind::Image, "a", |message, media| {
        message.text = "fotonya".into();
        media.file.state = MediaState::Waiting;
        media.url = Some("https://cdn.example/x".into());
        (media.file.path, media.file.sha256) = (None, None);
    });
    store.mark_seen(budi);
    let mut screen = open(&store);
    let places = |screen: &TestScreen| ["Halo", "fotonya"].map(|text| row_of(screen, text));
    let before = places(&screen);
    row_of(&screen, "being fetched");
    store.change_message(id, |message| {
        let file = &mut message.media.as_mut().unwrap().file;
        file.state = MediaState::Failed;
        file.error = Some(MediaError { fault: MediaFault::Gone, detail: String::new() });
    });
    screen.store_changed();
    row_of(&screen, "could not be fetched");
    assert_eq!(places(&screen), before);
    // Opened again there is nothing to keep free.
    let screen = open(&store);
    assert!(row_of(&screen, "fotonya") - row_of(&screen, "could not be fetched") < 3);
}

#[test]
fn a_bomb_and_a_broken_picture_are_named_in_their_place() {
    let (store, ..) = two_conversations();
    let bomb = PictureFault::TooManyPixels { width: 10_000, height: 10_000 };
    for (fault, words) in [
        (Unreadable::Picture(bomb), "10000×10000"),
        (Unreadable::Picture(PictureFault::Broken), "damaged"),
        (Unreadable::Picture(PictureFault::UnknownType), "of a kind"),
        (Unreadable::Gone, "not here any"),
        (Unreadable::TooSlow, "took too long"),
    ] {
        let store = store.clone();
        photo(&store, "a", 9);
        store.contents().previews.insert("a".into(), FakePreview::Unreadable(fault));
        row_of(&open(&store), words);
    }
}

#[test]
fn a_document_says_its_pages() {
    let (store, budi, _) = two_conversations();
    add_file(&store, budi, minutes_ago(9), Kind::Document, "d", |_, media| media.name = Some("a.pdf".into()));
    store.mark_seen(budi);
    for (pages, words) in [(1, "· 1 page"), (12, "· 12 pages")] {
        store.contents().previews.insert("d".into(), FakePreview::Pages(pages));
        let screen = open(&store);
        assert_eq!(row_of(&screen, "a.pdf · 1.2 MB"), row_of(&screen, words));
    }
}

#[test]
fn a_terminal_without_colours_or_half_blocks_shows_words_only() {
    let (store, ..) = two_conversations();
    photo(&store, "a", 9);
    store.contents().previews.insert("a".into(), FakePreview::Picture(64, 64));
    let few = Theme::default().with_pictures(loket::tui::PictureColours::Few);
    for theme in [Theme::new(false, true), Theme::new(true, false), few] {
        let mut screen = open_screen(&store);
        screen.model.theme = theme;
        screen.keys("/ 'budi' enter esc tab");
        assert_eq!(row_of(&screen, "foto a") - row_of(&screen, "a.jpg"), 1);
        assert!(!screen.text().contains('▀') && asked(&mut screen).is_empty());
    }
}

#[test]
fn a_terminal_with_256_colours_gets_the_nearest_ones() {
    let (store, ..) = two_conversations();
    photo(&store, "a", 9);
    store.contents().previews.insert("a".into(), FakePreview::Picture(64, 64));
    let mut screen = open_screen(&store);
    screen.model.theme = Theme::default().with_pictures(loket::tui::PictureColours::Cube);
    screen.keys("/ 'budi' enter esc tab");
    let buffer = screen.buffer();
    let colours: Vec<Color> = buffer.content.iter().filter(|cell| cell.symbol() == "▀").map(|cell| cell.fg).collect();
    assert!(colours.len() > 50 && colours.iter().all(|colour| matches!(colour, Color::Indexed(16..))));
}

/// Three pictures, of which the newest is looked at.
fn viewer() -> TestScreen {
    let (store, ..) = two_conversations();
    for (name, minutes) in [("a", 9), ("b", 8), ("c", 7)] {
        photo(&store, name, minutes);
        store.contents().previews.insert(name.into(), FakePreview::Picture(4000, 3000));
    }
    let mut screen = open(&store);
    screen.effects.clear();
    screen.keys("enter");
    screen
}

fn shown(screen: &mut TestScreen) -> Vec<(String, u32, (u32, u32))> {
    let effects = std::mem::take(&mut screen.effects);
    let calls = effects.into_iter().filter_map(|effect| match effect {
        Effect::Media(MediaCall::ShowPicture(request)) => Some(request),
        _ => None,
    });
    calls.map(|request| (request.file.sha256, request.zoom.percent, request.zoom.middle)).collect()
}

#[test]
fn in_the_viewer_a_picture_is_enlarged_moved_and_turned_over() {
    let mut screen = viewer();
    assert_eq!(shown(&mut screen), [("c".to_owned(), 100, (500, 500))]);
    let first = screen.text();
    assert!(first.starts_with(" c.jpg  1.2 MB  4000×3000") && first.contains("3/3"), "{first}");
    assert!(first.lines().filter(|line| line.contains("▀▀▀▀▀▀")).count() > 20, "it fills the window:\n{first}");
    screen.keys("+ + right");
    let asked = shown(&mut screen);
    assert_eq!((asked[0].1, asked[1].1), (150, 200));
    assert!(asked[2].2.0 > 500 && asked[2].2.1 == 500, "{asked:?}");
    screen.keys("0 p");
    assert_eq!(shown(&mut screen), [("c".to_owned(), 100, (500, 500)), ("b".to_owned(), 100, (500, 500))]);
    screen.keys("p p");
    assert!(screen.text().contains("no earlier picture") && screen.text().contains("1/3"));
    screen.keys("esc");
    assert!(shown(&mut screen).len() == 1 && screen.text().contains("Write a message"));
    screen.keys("enter");
    assert_eq!(shown(&mut screen)[0].0, "a", "where one has looked is where one is");
    screen.resize(60, 20);
    assert_eq!(shown(&mut screen).len(), 1, "another size is another picture");
    screen.keys("q");
    screen.store_changed();
    assert!(shown(&mut screen).is_empty());
}

#[test]
fn a_file_is_saved_under_a_name_of_ones_own_and_replaces_another_only_after_a_second_enter() {
    let mut screen = viewer();
    screen.keys("s");
    row_of(&screen, "~/c.jpg");
    screen.keys("ctrl-u '/tmp/there.jpg' enter");
    row_of(&screen, "A file of this name is there already");
    screen.keys("enter");
    row_of(&screen, "saved: /tmp/there.jpg");
    let saved = |screen: &TestScreen| {
        let all = screen.effects.iter().filter_map(|effect| match effect {
            Effect::Media(MediaCall::Save { from, to, replace }) => Some((from.clone(), to.clone(), *replace)),
            _ => None,
        });
        all.collect::<Vec<_>>()
    };
    let (from, to) = (std::path::PathBuf::from("/data/media/c"), "/tmp/there.jpg".to_owned());
    assert_eq!(saved(&screen), [(from.clone(), to.clone(), false), (from, to, true)]);
    // Another name is asked about anew.
    screen.keys("s ctrl-u '/tmp/there.jpg' enter");
    row_of(&screen, "Enter again");
    screen.keys("backspace 'g'");
    assert!(!screen.text().contains("Enter again"));
    screen.keys("enter");
    assert!(!saved(&screen).last().unwrap().2);
}

#[test]
fn a_file_that_is_not_here_is_asked_for_by_enter_and_what_could_run_is_not_opened() {
    let (store, budi, _) = two_conversations();
    add_file(&store, budi, minutes_ago(9), Kind::Image, "x", |_, media| {
        media.file.state = MediaState::Failed;
        media.url = Some("https://cdn.example/x".into());
        (media.file.path, media.file.sha256) = (None, None);
    });
    store.mark_seen(budi);
    let mut screen = open(&store);
    screen.effects.clear();
    screen.keys("enter");
    assert!(screen.effects.iter().any(|effect| matches!(effect, Effect::Write(loket::tui::Write::AskForMedia { .. }))));
    row_of(&screen, "The file is asked for.");
    add_file(&store, budi, minutes_ago(8), Kind::Document, "y", |_, media| {
        media.mime = Some("application/x-executable".into());
    });
    store.mark_seen(budi);
    let mut screen = open(&store);
    screen.effects.clear();
    screen.keys("enter");
    row_of(&screen, "may run what its sender wrote");
    assert!(!screen.effects.iter().any(|effect| matches!(effect, Effect::Terminal(_))));
}

#[test]
fn enter_writes_where_there_is_no_file() {
    let (store, ..) = two_conversations();
    let mut screen = open(&store);
    screen.keys("enter");
    row_of(&screen, "Enter send");
}

#[test]
fn a_terminal_without_pictures_says_so_in_the_viewer() {
    let (store, ..) = two_conversations();
    photo(&store, "a", 9);
    let mut screen = open_screen(&store);
    screen.model.theme = Theme::new(false, true);
    screen.keys("/ 'budi' enter esc tab enter");
    row_of(&screen, "This terminal shows no pictures");
    assert!(shown(&mut screen).is_empty());
    screen.keys("o");
    assert!(format!("{:?}", screen.effects).contains("OpenFile"));
}
