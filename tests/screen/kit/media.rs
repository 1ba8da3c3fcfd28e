//! Files of messages, and the previews that the runtime would make of them.

use loket::domain::{ConversationId, Kind, Media, MediaState, Message, MessageId, StoredFile, Timestamp};
use loket::tui::{MediaCall, Msg, Pixels, Preview, PreviewKey, PreviewKind, SaveError, ShownPicture};

use super::store::{FakePreview, FakeStore};

/// Adds a customer's message with a file that is here under this hash.
pub fn add_file(
    store: &FakeStore,
    conversation: ConversationId,
    at: Timestamp,
    kind: Kind,
    sha256: &str,
    shape: impl FnOnce(&mut Message, &mut Media),
) -> MessageId {
    store.add_message(conversation, at, |message| {
        message.kind = kind;
        let file = StoredFile {
            state: MediaState::Here,
            path: Some(format!("/data/media/{sha256}").into()),
            sha256: Some(sha256.to_owned()),
            ..StoredFile::default()
        };
        let mime = match kind {
            Kind::Document => "application/pdf",
            Kind::Audio => "audio/ogg",
            _ => "image/jpeg",
        };
        let mut media = Media { mime: Some(mime.into()), size: Some(1_290_000), file, ..Media::default() };
        shape(message, &mut media);
        message.media = Some(media);
    })
}

/// The answers to a call, for those files of which the store says what they show.
pub fn previews_made(store: &FakeStore, call: &MediaCall) -> Vec<Msg> {
    let contents = store.contents();
    let wanted = match call {
        MediaCall::MakePreviews(wanted) => wanted,
        MediaCall::ShowPicture(request) => {
            let key = PreviewKey {
                sha256: request.file.sha256.clone(),
                kind: PreviewKind::Picture,
                columns: request.columns,
                rows: request.rows,
            };
            let shown = match contents.previews.get(&key.sha256) {
                Some(FakePreview::Picture(width, height)) => {
                    Ok(ShownPicture { pixels: gradient(&key, *width, *height), size: (*width, *height), image: None })
                }
                Some(FakePreview::Unreadable(reason)) => Err(*reason),
                Some(FakePreview::Pages(_) | FakePreview::Voice(_)) | None => return Vec::new(),
            };
            return vec![Msg::PictureShown { request: request.clone(), shown }];
        }
        MediaCall::Play(_) | MediaCall::StopPlaying => return Vec::new(),
        MediaCall::Save { to, replace, .. } => {
            let exists = to.ends_with("there.jpg") && !replace;
            let result = if exists { Err(SaveError::Exists) } else { Ok(()) };
            return vec![Msg::MediaSaved { path: to.clone(), result }];
        }
    };
    let made = |key: &PreviewKey| {
        Some(match *contents.previews.get(&key.sha256)? {
            FakePreview::Picture(width, height) => {
                Preview::Picture { pixels: gradient(key, width, height), size: (width, height) }
            }
            FakePreview::Voice(seconds) => {
                let waveform = (0..key.columns).map(|n| u8::try_from(n * 255 / key.columns).unwrap()).collect();
                Preview::Voice { duration: std::time::Duration::from_secs(seconds), waveform }
            }
            FakePreview::Pages(pages) => Preview::Document { pages: Some(pages) },
            FakePreview::Unreadable(reason) => Preview::Unreadable(reason),
        })
    };
    let answer = |key: &PreviewKey| Some(Msg::PreviewMade { key: key.clone(), preview: made(key)? });
    wanted.iter().filter_map(|request| answer(&request.key)).collect()
}

/// A picture of these proportions that grows lighter to the right and redder downwards.
fn gradient(key: &PreviewKey, width: u32, height: u32) -> Pixels {
    let (most_width, most_height) = (u32::from(key.columns), u32::from(key.rows) * 2);
    let wide = width * most_height > height * most_width;
    let (w, h) = if wide {
        (most_width, (height * most_width / width).max(1))
    } else {
        ((width * most_height / height).max(1), most_height)
    };
    let part = |n: u32, of: u32| u8::try_from(n * 255 / of.max(1)).unwrap();
    let pixels = (0..w * h).map(|n| [part(n / w, h), part(n % w, w), part(n % w, w), 255]).collect();
    Pixels { width: u16::try_from(w).unwrap(), height: u16::try_from(h).unwrap(), rgba: pixels }
}
