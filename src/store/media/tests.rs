//! Files come once, stay as long as a message has them, and nothing half or forgotten is left.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::StagedFile;
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Channel, Inbound, InboundMessage, Kind, Media, MediaError, MediaFault, MediaState, Message, MessageId,
    Peer, Timestamp,
};
use crate::store::media::MediaFailure;
use crate::store::{ForgetStep, NewEvent, Store};

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nthe rest of a picture";
const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn account() -> AccountName {
    AccountName::new("toko").unwrap()
}

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    store.ensure_account(&account(), "any", "token").wait().unwrap();
    (dir, store)
}

/// A message of a customer with a file.
fn message(store: &Store, peer: &str, id: &str, media: Media) -> Message {
    let mut message = InboundMessage::text(Peer::person(peer), "");
    message.kind = Kind::Image;
    message.remote_id = Some(id.to_owned());
    message.unique = true;
    message.media = Some(media);
    let event = NewEvent {
        account: account(),
        key: id.to_owned(),
        within: None,
        ack: false,
        received_at: NOW,
        headers: Vec::new(),
        body: b"{}".to_vec(),
    };
    let event = store.append_event(event).wait().unwrap().id;
    let reports = vec![Inbound::Message(Box::new(message))];
    let applied = store.apply_event(event, &account(), Channel::WhatsApp, WindowRule::None, reports).wait().unwrap();
    applied.messages.into_iter().next().unwrap()
}

fn link(name: &str) -> Media {
    Media { url: Some("https://a.id/x".into()), name: Some(name.into()), ..Media::default() }
}

fn write(path: &Path, bytes: &[u8]) {
    crate::files::create(path).unwrap().write_all(bytes).unwrap();
}

fn part(store: &Store, message: MessageId, bytes: &[u8]) -> StagedFile {
    let path = store.media_part(message).unwrap();
    write(&path, bytes);
    StagedFile::of_part(&path).unwrap()
}

fn keep(store: &Store, message: MessageId, bytes: &[u8]) {
    store.keep_media(message, part(store, message, bytes), NOW).wait().unwrap();
}

fn media(store: &Store, message: MessageId) -> Media {
    store.message(message).unwrap().unwrap().media.unwrap()
}

/// Every file below the directory of files.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir.join("media")).into_iter().flatten().flatten() {
        found.extend(fs::read_dir(entry.path()).unwrap().map(|file| file.unwrap().path()));
    }
    found.sort();
    found
}

#[test]
fn a_file_is_announced_fetched_and_read_with_its_message() {
    let (dir, store) = store();
    let first = message(&store, "628111", "m1", link("../nota.exe"));
    let announced = first.media.clone().unwrap();
    assert_eq!((announced.file.state, announced.name.as_deref()), (MediaState::Waiting, Some("nota.exe")));
    let due = store.due_media(NOW, false, 9).unwrap();
    assert_eq!((due.len(), due[0].message, due[0].attempts), (1, first.id, 0));
    assert_eq!(due[0].media.url.as_deref(), Some("https://a.id/x"));
    keep(&store, first.id, PICTURE);
    let here = media(&store, first.id);
    assert_eq!((here.file.state, here.mime.as_deref()), (MediaState::Here, Some("image/png")));
    assert_eq!((here.name.as_deref(), here.size), (Some("nota.png"), Some(PICTURE.len() as u64)));
    let path = here.file.path.unwrap();
    assert!(path.is_absolute() && path.starts_with(dir.path().join("media")), "{}", path.display());
    assert_eq!(fs::read(&path).unwrap(), PICTURE);
    let sha256 = here.file.sha256.unwrap();
    assert_eq!(path.file_name().unwrap().to_str().unwrap(), format!("{sha256}.png"));
    assert_eq!(store.due_media(NOW, false, 9).unwrap(), []);
    assert_eq!(store.next_media(false, Timestamp(0)).unwrap(), None);
    // Also in a list, a search and an export.
    let list = store.account_messages(&account(), None, 9).unwrap();
    assert_eq!(list[0].media.as_ref().unwrap().file.path.as_ref(), Some(&path));
    let exported = store.export_messages(None, 9).unwrap();
    assert_eq!(exported[0].message.media.as_ref().unwrap().file.path.as_ref(), Some(&path));
    assert!(list[0].revision > first.revision, "the screen draws it anew");
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_the_owners() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, store) = store();
    let first = message(&store, "628111", "m1", link("a.png"));
    keep(&store, first.id, PICTURE);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = media(&store, first.id).file.path.unwrap();
    assert_eq!((mode(&file), mode(file.parent().unwrap()), mode(&dir.path().join("media"))), (0o600, 0o700, 0o700));
}

#[test]
fn equal_files_are_there_once_until_the_last_message_is_gone() {
    let (dir, store) = store();
    let ids = [("628111", "m1"), ("628222", "m2")].map(|(peer, id)| message(&store, peer, id, link("a.png")).id);
    for id in ids {
        keep(&store, id, PICTURE);
    }
    assert_eq!(files(dir.path()).len(), 1);
    assert_eq!(store.media_counts().unwrap().files, 1);
    let forget = |peer: &str| {
        let person = store.find_person(&account(), &[peer.to_owned()]).unwrap().unwrap();
        while store.forget_messages(&person, NOW, 9).wait().unwrap() != ForgetStep::Done(0) {}
        store.remove_media_leftovers().unwrap();
    };
    forget("628111");
    assert_eq!(fs::read(media(&store, ids[1]).file.path.unwrap()).unwrap(), PICTURE);
    forget("628222");
    assert!(files(dir.path()).is_empty());
    assert_eq!(store.media_counts().unwrap().files, 0);
}

#[test]
fn a_file_that_comes_back_before_it_is_removed_stays() {
    let (_dir, store) = store();
    let first = message(&store, "628111", "m1", link("a.png"));
    keep(&store, first.id, PICTURE);
    let person = store.find_person(&account(), &["628111".to_owned()]).unwrap().unwrap();
    store.forget_messages(&person, NOW, 9).wait().unwrap();
    let second = message(&store, "628222", "m2", link("a.png"));
    keep(&store, second.id, PICTURE);
    store.remove_media_leftovers().unwrap();
    store.sweep_media(NOW).unwrap();
    assert_eq!(fs::read(media(&store, second.id).file.path.unwrap()).unwrap(), PICTURE);
}

#[test]
fn a_failure_is_kept_and_tried_again_until_there_is_no_use() {
    let (_dir, store) = store();
    let first = message(&store, "628111", "m1", link("a.png")).id;
    let later = Timestamp(NOW.0 + 5000);
    let error = MediaError::with(MediaFault::Status, "503");
    let failure = MediaFailure { error: error.clone(), state: MediaState::Waiting, next_at: Some(later) };
    store.record_media_failure(first, failure).wait().unwrap();
    assert_eq!(store.due_media(NOW, false, 9).unwrap(), []);
    assert_eq!((store.next_media(false, NOW).unwrap(), store.next_media(true, NOW).unwrap()), (Some(later), None));
    assert_eq!(store.due_media(later, false, 9).unwrap()[0].attempts, 1);
    let waiting = media(&store, first).file;
    assert_eq!((waiting.state, waiting.error), (MediaState::Waiting, Some(error)));
    let gone = MediaFailure { error: MediaError::new(MediaFault::Gone), state: MediaState::Failed, next_at: None };
    store.record_media_failure(first, gone).wait().unwrap();
    assert_eq!(
        (media(&store, first).file.state, store.next_media(false, Timestamp(0)).unwrap()),
        (MediaState::Failed, None)
    );
    assert!(store.ask_for_media(first, later).wait().unwrap());
    assert_eq!(store.due_media(later, true, 9).unwrap()[0].attempts, 0);
    keep(&store, first, PICTURE);
    assert!(!store.ask_for_media(first, later).wait().unwrap(), "it is here");
    let bare = message(&store, "628111", "m2", Media::default()).id;
    assert_eq!(media(&store, bare).file.error, Some(MediaError::new(MediaFault::NoLink)));
    assert!(!store.ask_for_media(bare, later).wait().unwrap());
}

#[test]
fn what_crashes_left_is_swept_and_a_part_that_goes_on_stays() {
    let (dir, store) = store();
    let waits = message(&store, "628111", "m1", link("a.png")).id;
    let here = message(&store, "628111", "m2", link("a.png")).id;
    keep(&store, here, PICTURE);
    let going_on = store.media_part(waits).unwrap();
    write(&going_on, b"half");
    write(&store.media_part(here).unwrap(), b"left");
    write(&store.media_part(MessageId(4711)).unwrap(), b"left");
    let staged = dir.path().join("media/part/new-1-1.part");
    write(&staged, b"left");
    // Renamed, and killed before the commit.
    let orphan = dir.path().join("media/ff").join(format!("{}.png", "f".repeat(64)));
    crate::files::create_directory(orphan.parent().unwrap()).unwrap();
    write(&orphan, b"left");
    write(&dir.path().join("media/ff/mine.txt"), b"not ours");
    store.sweep_media(Timestamp(0)).unwrap();
    assert!(staged.exists(), "another process may be writing it");
    store.sweep_media(Timestamp(4_000_000_000_000)).unwrap();
    let kept = media(&store, here).file.path.unwrap();
    let mut expected = vec![dir.path().join("media/ff/mine.txt"), kept, going_on];
    expected.sort();
    assert_eq!(files(dir.path()), expected);
}

#[test]
fn too_large_a_file_is_not_staged_and_leaves_nothing() {
    let (dir, store) = store();
    assert!(store.stage_media(PICTURE, 10).is_err());
    assert!(files(dir.path()).is_empty());
    drop(store.stage_media(PICTURE, 1000).unwrap());
    assert!(files(dir.path()).is_empty());
}
