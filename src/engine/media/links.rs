//! Serving files that are being sent by link: who may have which, and their bytes.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;

use futures_util::Stream;

use crate::engine::{blocking, clock};
use crate::store::Store;

/// The header of Loket's own fetch before a message leaves, which is not counted. Its value means nothing.
pub(crate) const OWN_FETCH: &str = "x-loket-check";
/// The bytes of a file that are read at once.
const CHUNK: u64 = 64 * 1024;
/// How long a token is, in hexadecimal digits.
const TOKEN: usize = 40;

/// The files that links lead to. Cheap to clone.
#[derive(Clone)]
pub(crate) struct MediaLinks {
    store: Store,
}

/// A file that a link leads to, open for reading.
#[derive(Debug)]
pub(crate) struct LinkedFile {
    /// What it is served as.
    pub(crate) mime: String,
    /// In bytes, of the file as it is now.
    pub(crate) size: u64,
    /// The hash of its bytes, in lower-case hexadecimal.
    pub(crate) sha256: String,
    file: File,
}

impl MediaLinks {
    /// The links of a store.
    pub(crate) fn new(store: Store) -> Self {
        MediaLinks { store }
    }

    /// The file behind a link, by its token and the name at its end; `None` where there is none, or none any more.
    pub(crate) async fn open(&self, token: &str, name: &str) -> Option<LinkedFile> {
        if token.len() != TOKEN || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let (store, token, name) = (self.store.clone(), token.to_owned(), name.to_owned());
        let found = blocking::read(move || {
            let Some(media) = store.linked_media(&token, &name, clock::now())? else { return Ok(None) };
            Ok(File::open(&media.path).ok().map(|file| (media, file)))
        });
        let (media, file) = found.await.ok()??;
        let size = file.metadata().ok()?.len();
        (size == media.size).then_some(LinkedFile { mime: media.mime, size, sha256: media.sha256, file })
    }

    /// Counts that a gateway has begun to fetch a file; it does not wait for that.
    pub(crate) fn count(&self, token: &str) {
        let counted = self.store.count_media_fetch(token, clock::now());
        tokio::spawn(async move {
            if let Err(error) = counted.await {
                tracing::warn!(%error, "a fetch of a file cannot be counted");
            }
        });
    }
}

impl LinkedFile {
    /// Some of its bytes, read from the disk as they are wanted.
    pub(crate) fn bytes(self, range: Range<u64>) -> impl Stream<Item = io::Result<Vec<u8>>> + Send {
        futures_util::stream::unfold((Some(self.file), range), |(file, left)| async move {
            let file = file.filter(|_| left.start < left.end)?;
            let until = left.end.min(left.start + CHUNK);
            let read = blocking::read(move || Ok(read(file, left.start..until))).await;
            match read.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into())) {
                Ok((file, bytes)) => Some((Ok(bytes), (Some(file), until..left.end))),
                Err(error) => Some((Err(error), (None, left))),
            }
        })
    }
}

fn read(mut file: File, range: Range<u64>) -> io::Result<(File, Vec<u8>)> {
    let mut bytes = vec![0; usize::try_from(range.end - range.start).unwrap_or_default()];
    file.seek(SeekFrom::Start(range.start))?;
    file.read_exact(&mut bytes)?;
    Ok((file, bytes))
}
