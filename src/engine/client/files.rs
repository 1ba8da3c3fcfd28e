//! Files that are sent: read once, made fit to be sent, and put among the files of the store.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use super::Client;
use crate::domain::file_rules::FileRules;
use crate::domain::media::{FileType, display_name, without_position};
use crate::domain::{MediaKind, MediaLink, Objection, OutgoingFile, SendError, StoreError};
use crate::store::StagedFile;

impl Client {
    /// Reads a file that is to be sent, without the position where it is a picture; what lies at `path` may change or
    /// vanish afterwards. Without a kind it goes as what its bytes say it is. Blocks.
    pub(crate) fn read_file(&self, path: &Path, kind: Option<MediaKind>) -> Result<(MediaLink, StagedFile), SendError> {
        let bytes = read(path).map_err(SendError::Objection)?;
        let found = FileType::of_bytes(bytes.get(..FileType::HEAD).unwrap_or(&bytes));
        if matches!(found.mime, "image/heic" | "image/avif" | "image/tiff") {
            return Err(SendError::Objection(Objection::FileFormat { extension: found.extension }));
        }
        let bytes = without_position(bytes, found.mime).ok_or(SendError::Objection(Objection::FileDamaged))?;
        let staged = self.store().stage_media(bytes.as_slice(), FileRules::MAX);
        let staged = staged.map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull => StoreError::Full,
            _ => StoreError::Unusable { path: self.data_dir().to_owned(), reason: error.to_string() },
        })?;
        let given = path.file_name().unwrap_or_default().to_string_lossy();
        let file = OutgoingFile {
            sha256: staged.sha256.clone(),
            name: display_name(&given, found.extension).unwrap_or_else(|| format!("file.{}", found.extension)),
            mime: found.mime.to_owned(),
            size: staged.size,
            bytes: None,
        };
        Ok((MediaLink::of_file(kind.unwrap_or_else(|| MediaKind::of_mime(found.mime)), file), staged))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Objection> {
    let unreadable = |error: io::Error| Objection::FileUnreadable { detail: error.to_string() };
    let found = fs::metadata(path).map_err(unreadable)?;
    if !found.is_file() {
        return Err(unreadable(io::Error::other("it is no file")));
    }
    let too_big = |actual| Objection::FileTooBig { kind: MediaKind::Document, max: FileRules::MAX, actual };
    if found.len() > FileRules::MAX {
        return Err(too_big(found.len()));
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile.
    File::open(path).and_then(|file| file.take(FileRules::MAX + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    match u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
        0 => Err(Objection::FileEmpty),
        actual if actual > FileRules::MAX => Err(too_big(actual)),
        _ => Ok(bytes),
    }
}
