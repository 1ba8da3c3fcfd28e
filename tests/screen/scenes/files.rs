//! Sending files of this machine: found by a few letters, dropped, pasted, and judged before anything is sent.

use std::path::PathBuf;

use super::{open_screen, two_conversations};
use crate::kit::{FakeStore, NOW, TestScreen, minutes_ago, pdf};
use loket::config::Locale;
use loket::domain::{
    Content, Direction, FileRules, Folder, FolderEntry, Kind, Media, MediaKind, OutgoingFile, Status, Timestamp,
};
use loket::tui::{Effect, Msg, Overlay, Write};

const MINUTE: i64 = 60_000;

fn entry(path: &str, minutes: i64, is_folder: bool) -> FolderEntry {
    FolderEntry {
        name: path.rsplit('/').next().unwrap().to_owned(),
        path: path.into(),
        is_folder,
        size: 2048,
        modified: Timestamp(NOW.0 - minutes * MINUTE),
    }
}

/// A machine with some files.
fn with_files(store: &FakeStore) {
    let mut contents = store.contents();
    let recent = vec![
        entry("/home/ani/bukti transfer.pdf", 2, false),
        entry("/home/ani/katalog.pdf", 60, false),
        entry("/home/ani/Foto", 90, true),
    ];
    contents.folders.insert(None, Folder { path: None, parent: None, entries: recent });
    let photos = Folder {
        path: Some("/home/ani/Foto".into()),
        parent: Some("/home/ani".into()),
        entries: vec![entry("/home/ani/Foto/kemeja.jpg", 5, false)],
    };
    contents.folders.insert(photos.path.clone(), photos);
    for path in ["/home/ani/katalog.pdf", "/a.pdf", "/b.pdf"] {
        contents.files.insert(path.into(), pdf(path));
    }
    let photo = OutgoingFile { mime: "image/jpeg".into(), ..pdf("/home/ani/Foto/kemeja.jpg") };
    contents.files.insert("/home/ani/Foto/kemeja.jpg".into(), photo);
}

/// The files that were put into the outbox, each with its kind and caption.
fn sent(screen: &mut TestScreen) -> Vec<(MediaKind, PathBuf, Option<String>)> {
    let sent = screen.actions().into_iter().filter_map(|effect| match effect {
        Effect::Write(Write::Send { content: Content::Media { link, caption }, .. }) => {
            Some((link.kind, link.file?.path?, caption))
        }
        _ => None,
    });
    sent.collect()
}

#[test]
fn a_file_is_found_by_letters_and_sent_with_a_caption() {
    let (store, ..) = two_conversations();
    with_files(&store);
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-o");
    let text = screen.text();
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    assert!(at("From the clipboard") < at("bukti transfer.pdf") && at("bukti") < at("katalog.pdf"), "{text}");
    assert!(at("katalog.pdf") < at("Foto/") && text.contains("2 KB"), "{text}");
    screen.keys("'ktlg' enter");
    assert!(
        screen.text().contains("katalog.pdf · Document · 1 KB · the gateway fetches it from here"),
        "{}",
        screen.text()
    );
    screen.keys("'Ini kak' enter");
    let path = PathBuf::from("/home/ani/katalog.pdf");
    assert_eq!(sent(&mut screen), [(MediaKind::Document, path, Some("Ini kak".to_owned()))]);
    assert!(screen.model.overlays.is_empty(), "{}", screen.text());
}

#[test]
fn folders_are_entered_and_remembered() {
    let (store, ..) = two_conversations();
    with_files(&store);
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-o 'Foto' enter");
    assert!(screen.text().contains("/home/ani/Foto") && screen.text().contains("../"), "{}", screen.text());
    screen.keys("'kemeja' enter enter");
    assert_eq!(sent(&mut screen), [(MediaKind::Image, PathBuf::from("/home/ani/Foto/kemeja.jpg"), None)]);
    screen.keys("ctrl-o");
    assert!(screen.text().contains("kemeja.jpg"), "the folder is there again: {}", screen.text());
    screen.keys("enter");
    assert!(screen.text().contains("no such folder"), "{}", screen.text());
}

#[test]
fn several_dropped_files_go_out_in_a_row_and_the_first_has_the_caption() {
    let (store, ..) = two_conversations();
    with_files(&store);
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-o");
    screen.update(Msg::Paste("/a.pdf /b.pdf\n".to_owned()));
    screen.keys("enter 'Dua nota' enter");
    let expected = [("/a.pdf", Some("Dua nota".to_owned())), ("/b.pdf", None)];
    assert_eq!(sent(&mut screen), expected.map(|(path, caption)| (MediaKind::Document, path.into(), caption)));
    assert!(screen.model.overlays.is_empty(), "{}", screen.text());
}

#[test]
fn what_cannot_go_is_said_before_enter_and_at_the_field() {
    let (store, ..) = two_conversations();
    with_files(&store);
    for account in &mut store.contents().accounts {
        account.capabilities.media = &[(MediaKind::Image, &["jpg"])];
        account.capabilities.files = FileRules::UPLOAD;
    }
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-o '/home/ani/katalog.pdf' enter");
    let text = screen.text();
    assert!(text.contains("katalog.pdf · Document") && text.contains("goes with the message"), "{text}");
    assert!(text.contains("cannot"), "{text}");
    screen.keys("enter");
    assert!(sent(&mut screen).is_empty());
    screen.keys("esc ctrl-o '/nothing.pdf' enter");
    assert!(screen.text().contains("nothing.pdf: The file cannot be read"), "{}", screen.text());
    screen.keys("enter");
    assert!(sent(&mut screen).is_empty() && matches!(screen.model.overlays.last(), Some(Overlay::MessageForm(_))));
}

#[test]
fn the_picture_of_the_clipboard_is_offered() {
    let (store, ..) = two_conversations();
    with_files(&store);
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-o enter");
    assert!(screen.text().contains("No picture on the clipboard"), "{}", screen.text());
    store.contents().clipboard_picture = Some("/home/ani/Foto/kemeja.jpg".into());
    screen.keys("enter enter");
    assert_eq!(sent(&mut screen), [(MediaKind::Image, PathBuf::from("/home/ani/Foto/kemeja.jpg"), None)]);
}

#[test]
fn the_details_count_how_often_the_gateway_fetched_the_file() {
    for (locale, expected) in [(Locale::En, "fetched by the gateway: 2×"), (Locale::Id, "diambil gateway: 2×")] {
        let (store, budi, _) = two_conversations();
        store.add_message(budi, minutes_ago(1), |m| {
            (m.direction, m.kind, m.status) = (Direction::Out, Kind::Document, Status::Sent);
            let mut media = Media { name: Some("nota.pdf".into()), ..Media::default() };
            media.file.fetches = 2;
            m.media = Some(media);
        });
        let mut screen = TestScreen::new(store, locale, (80, 24));
        screen.keys("/ 'budi' enter backtab d");
        assert!(screen.text().contains(expected), "{}", screen.text());
    }
}
