//! Replaces a file atomically: a reader sees the old file or the new one, never a part.
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::open::{create, link_error};

/// The permissions of the new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Copied from the old file; for its owner only if there is none.
    Keep,
    /// For its owner only.
    Private,
}

/// Makes or replaces a regular file, which only its owner can read afterwards. A symbolic link, or whatever else stands
/// there, is an error and stays as it is.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    match file.symlink_metadata() {
        Ok(found) if !found.is_file() => return Err(link_error()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    replace_target(file, bytes, Mode::Private)
}

/// Replaces a file that a person keeps: it keeps its permissions, and where it is a symbolic link, its target is
/// replaced. A new file is readable by its owner only.
pub(crate) fn replace_edited(file: &Path, text: &str) -> io::Result<()> {
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    replace_target(&target, text.as_bytes(), Mode::Keep)
}

fn replace_target(target: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let (temporary, handle) = create_beside(target, directory)?;
    let written = write_and_rename(handle, bytes, &temporary, target, mode);
    if written.is_err() {
        // It may hold a secret. Nothing more can be done if this fails too.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_directory(directory)
}

fn write_and_rename(mut handle: File, bytes: &[u8], temporary: &Path, target: &Path, mode: Mode) -> io::Result<()> {
    handle.write_all(bytes)?;
    if mode == Mode::Keep {
        copy_mode(&handle, target)?;
    }
    handle.sync_all()?;
    drop(handle);
    fs::rename(temporary, target)
}

/// Creates the temporary file. An existing one, which somebody else may have prepared, is never opened.
fn create_beside(target: &Path, directory: &Path) -> io::Result<(PathBuf, File)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let temporary = directory.join(format!(".{name}.{}.{number}.tmp", std::process::id()));
        match create(&temporary) {
            Ok(handle) => return Ok((temporary, handle)),
            // Left behind by an earlier process with the same id.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(unix)]
fn copy_mode(handle: &File, target: &Path) -> io::Result<()> {
    match fs::metadata(target) {
        Ok(metadata) => handle.set_permissions(metadata.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

// Access control lists are inherited from the directory.
#[cfg(not(unix))]
fn copy_mode(_handle: &File, _target: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes the names in a directory durable.
#[cfg(unix)]
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Does nothing: directories cannot be opened there, and the file system logs its names.
#[cfg(not(unix))]
pub(crate) fn sync_directory(_directory: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_leaves_no_temporary_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config.toml");
        replace_edited(&file, "a = 1\n").unwrap();
        replace_edited(&file, "a = 2\n").unwrap();
        replace(&file, b"a = 3\n").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "a = 3\n");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn new_files_are_private_and_a_persons_file_keeps_its_mode_and_its_link() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("real.toml"), directory.path().join("config.toml"));
        let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o777;
        replace_edited(&file, "a = 1\n").unwrap();
        assert_eq!(mode(&file), 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace_edited(&link, "a = 2\n").unwrap();
        assert_eq!(mode(&file), 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "a = 2\n");
        assert!(replace(&link, b"a = 3\n").unwrap_err().to_string().contains("symbolic link"));
        assert_eq!(fs::read_to_string(&file).unwrap(), "a = 2\n");
        replace(&file, b"a = 3\n").unwrap();
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_no_temporary_file() {
        let directory = tempfile::tempdir().unwrap();
        let occupied = directory.path().join("config.toml");
        fs::create_dir(&occupied).unwrap();
        fs::write(occupied.join("x"), "").unwrap();
        assert!(replace(&occupied, b"geheim").is_err() && replace_edited(&occupied, "geheim").is_err());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
