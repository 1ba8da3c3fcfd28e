//! Files that are written, hashed and durable, but have no name of their own yet.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::directory::file_name;
use crate::domain::media::FileType;
use crate::files;

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

    /// Writes bytes into the directory for parts and makes them durable. Blocks.
    pub(super) fn of_bytes(parts: &Path, bytes: &[u8]) -> io::Result<Self> {
        // A name without a number in front belongs to no message, and is swept when it is old.
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let path = parts.join(format!("out-{}.part", hex::encode(random)));
        let mut hash = Hashed::default();
        hash.add(bytes);
        let mut file = files::create(&path)?;
        // From here on it is removed when anything fails.
        let staged = hash.staged(path);
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(staged)
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
