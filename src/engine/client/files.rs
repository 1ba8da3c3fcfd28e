//! Files that are sent: read once, made fit to be sent, and put among the files of the store.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::Client;
use crate::domain::file_rules::FileRules;
use crate::domain::media::{FileType, display_name, without_position};
use crate::domain::{Content, MediaKind, MediaLink, Objection, OutgoingFile, SendError, StoreError};
use crate::engine::clock;
use crate::store::StagedFile;

impl Client {
    /// Reads a file that is to be sent, without the position where it is a picture; what lies at `path` may change or
    /// vanish afterwards. Without a kind it goes as what its bytes say it is. Blocks.
    pub(crate) fn read_file(&self, path: &Path, kind: Option<MediaKind>) -> Result<(MediaLink, StagedFile), SendError> {
        let bytes = read(path).map_err(SendError::Objection)?;
        let found = file_type(&bytes).map_err(SendError::Objection)?;
        let bytes = without_position(bytes, found.mime).ok_or(SendError::Objection(Objection::FileDamaged))?;
        let staged = self.store().stage_media(bytes.as_slice(), FileRules::MAX);
        let staged = staged.map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull => StoreError::Full,
            _ => StoreError::Unusable { path: self.data_dir().to_owned(), reason: error.to_string() },
        })?;
        let file = OutgoingFile { sha256: staged.sha256.clone(), ..outgoing(path, found, staged.size) };
        Ok((MediaLink::of_file(kind.unwrap_or_else(|| MediaKind::of_mime(found.mime)), file), staged))
    }

    /// Reads the file of this machine that a content refers to, if it does; the content then refers to what was read.
    pub(super) async fn take_file(&self, content: &mut Content) -> Result<Option<StagedFile>, SendError> {
        let Some(link) = content.link_mut() else { return Ok(None) };
        let Some(path) = link.file.as_ref().and_then(|file| file.path.clone()) else { return Ok(None) };
        let (client, kind) = (self.clone(), link.kind);
        let read = tokio::task::spawn_blocking(move || client.read_file(&path, Some(kind))).await;
        let (read, staged) = read.unwrap_or(Err(SendError::Store(StoreError::Closed)))?;
        *link = read;
        Ok(Some(staged))
    }

    /// Writes down a picture that is to be sent and has no file, such as the clipboard's; returns where. What is not sent
    /// is removed later. Blocks.
    pub(crate) fn keep_picture(&self, bytes: &[u8]) -> io::Result<PathBuf> {
        self.store().write_part(&format!("picture-{}.png", clock::now().0), bytes)
    }
}

/// Looks at a file that is to be sent, without reading it to its end: what it is, or why no account takes it. Blocks.
pub(crate) fn inspect_file(path: &Path) -> Result<OutgoingFile, Objection> {
    let size = size(path)?;
    let mut head = Vec::new();
    let limit = u64::try_from(FileType::HEAD).unwrap_or(u64::MAX);
    File::open(path).and_then(|file| file.take(limit).read_to_end(&mut head)).map_err(unreadable)?;
    let found = file_type(&head)?;
    Ok(OutgoingFile { path: Some(path.to_owned()), ..outgoing(path, found, size) })
}

/// A file that is sent, by where it lies and what its bytes say.
fn outgoing(path: &Path, found: FileType, size: u64) -> OutgoingFile {
    let given = path.file_name().unwrap_or_default().to_string_lossy();
    let name = display_name(&given, found.extension).unwrap_or_else(|| format!("file.{}", found.extension));
    OutgoingFile { sha256: String::new(), name, mime: found.mime.to_owned(), size, bytes: None, path: None }
}

/// What the first bytes of a file say, unless few programs can show that.
fn file_type(bytes: &[u8]) -> Result<FileType, Objection> {
    let found = FileType::of_bytes(bytes.get(..FileType::HEAD).unwrap_or(bytes));
    if matches!(found.mime, "image/heic" | "image/avif" | "image/tiff") {
        return Err(Objection::FileFormat { extension: found.extension });
    }
    Ok(found)
}

#[expect(clippy::needless_pass_by_value, reason = "given to map_err")]
fn unreadable(error: io::Error) -> Objection {
    Objection::FileUnreadable { detail: error.to_string() }
}

fn too_big(actual: u64) -> Objection {
    Objection::FileTooBig { kind: MediaKind::Document, max: FileRules::MAX, actual }
}

/// The length of a file that can be sent, in bytes.
fn size(path: &Path) -> Result<u64, Objection> {
    let found = fs::metadata(path).map_err(unreadable)?;
    match found.len() {
        _ if !found.is_file() => Err(unreadable(io::Error::other("it is no file"))),
        0 => Err(Objection::FileEmpty),
        actual if actual > FileRules::MAX => Err(too_big(actual)),
        size => Ok(size),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Objection> {
    size(path)?;
    let mut bytes = Vec::new();
    // It may grow meanwhile.
    File::open(path).and_then(|file| file.take(FileRules::MAX + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    match u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
        0 => Err(Objection::FileEmpty),
        actual if actual > FileRules::MAX => Err(too_big(actual)),
        _ => Ok(bytes),
    }
}
