//! Files that are written, hashed and durable, but have no name of their own yet.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};

use super::directory::file_name;
use crate::domain::media::FileType;
use crate::files;
use crate::store::database::Store;

/// Bytes that are read at a time.
const CHUNK: usize = 128 * 1024;

/// A file that is complete, hashed and durable under a temporary name; removed on drop unless it was given its own.
#[derive(Debug)]
pub(crate) struct StagedFile {
    pub(super) path: PathBuf,
    pub(crate) sha256: String,
    pub(crate) file_type: FileType,
    pub(crate) size: u64,
}

impl StagedFile {
    /// Reads and hashes a file in the directory for parts and makes it durable. Blocks.
    pub(crate) fn of_part(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut hash = Hashed::default();
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                length => hash.add(chunk.get(..length).unwrap_or_default()),
            }
        }
        file.sync_all()?;
        Ok(hash.staged(path.to_owned()))
    }

    /// Its name in the directory.
    pub(super) fn name(&self) -> String {
        file_name(&self.sha256, self.file_type.extension)
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        // Nothing is left to remove once it has its name.
        let _ = fs::remove_file(&self.path);
    }
}

impl Store {
    /// Copies bytes into the directory of files, under a temporary name. Blocks; at most `limit` bytes are taken, more
    /// are an error.
    pub(crate) fn stage_media(&self, source: impl Read, limit: u64) -> io::Result<StagedFile> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = self.media_directory().parts()?.join(format!("new-{}-{number}.part", std::process::id()));
        // Left behind by an earlier process with the same id.
        let _ = fs::remove_file(&path);
        let mut file = files::create(&path)?;
        let mut hash = Hashed::default();
        let written = copy(source.take(limit.saturating_add(1)), &mut file, &mut hash).and_then(|()| file.sync_all());
        let staged = hash.staged(path);
        written?;
        if staged.size > limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than a file may be"));
        }
        Ok(staged)
    }
}

impl Store {
    /// Writes bytes into the directory of parts under a name that is none of a message; returns the path. It is removed
    /// at a later start. Blocks.
    pub(crate) fn write_part(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.media_directory().parts()?.join(name);
        // Left behind by an earlier attempt of the same moment.
        let _ = fs::remove_file(&path);
        files::create(&path)?.write_all(bytes)?;
        Ok(path)
    }
}

fn copy(mut source: impl Read, file: &mut File, hash: &mut Hashed) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = source.read(&mut chunk)?;
        let Some(bytes) = chunk.get(..length).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        file.write_all(bytes)?;
        hash.add(bytes);
    }
}

/// What is learnt of bytes while they pass.
#[derive(Default)]
struct Hashed {
    hash: Sha256,
    head: Vec<u8>,
    size: u64,
}

impl Hashed {
    fn add(&mut self, bytes: &[u8]) {
        let missing = FileType::HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(bytes.get(..missing).unwrap_or_default());
        self.hash.update(bytes);
        self.size += u64::try_from(bytes.len()).unwrap_or_default();
    }

    fn staged(self, path: PathBuf) -> StagedFile {
        let sha256 = hex::encode(self.hash.finalize());
        StagedFile { path, sha256, file_type: FileType::of_bytes(&self.head), size: self.size }
    }
}
