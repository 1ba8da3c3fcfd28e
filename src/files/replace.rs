//! Replaces a file atomically: a reader sees the old file or the new one, never a part. A new file is readable by its
//! owner only.
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The permissions of a file that existed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Copied from the old file.
    Keep,
    /// Restricted to the owner.
    Private,
}

/// Replaces or creates a file. A symbolic link stays one: its target is replaced.
pub(super) fn replace(file: &Path, text: &str, mode: Mode) -> io::Result<()> {
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let (temporary, handle) = create_beside(&target, directory)?;
    let written = write_and_rename(handle, text, &temporary, &target, mode);
    if written.is_err() {
        // It may hold a secret. Nothing more can be done if this fails too.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_directory(directory)
}

fn write_and_rename(mut handle: File, text: &str, temporary: &Path, target: &Path, mode: Mode) -> io::Result<()> {
    handle.write_all(text.as_bytes())?;
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
        match private_options().open(&temporary) {
            Ok(handle) => return Ok((temporary, handle)),
            // Left behind by an earlier process with the same id.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {}
            Err(error) => return Err(error),
        }
    }
}

/// Creates a directory for its owner only, and its parents; existing directories keep their permissions.
pub(super) fn create_private_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(directory)
}

#[cfg(unix)]
fn private_options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
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

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_directory: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_leaves_no_temporary_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config.toml");
        replace(&file, "a = 1\n", Mode::Keep).unwrap();
        replace(&file, "a = 2\n", Mode::Keep).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "a = 2\n");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn new_files_are_private_old_ones_keep_their_mode_and_links_stay_links() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("real.toml"), directory.path().join("config.toml"));
        let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o777;
        replace(&file, "a = 1\n", Mode::Keep).unwrap();
        assert_eq!(mode(&file), 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace(&link, "a = 2\n", Mode::Keep).unwrap();
        assert_eq!(mode(&file), 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "a = 2\n");
        replace(&file, "a = 3\n", Mode::Private).unwrap();
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_no_temporary_file() {
        let directory = tempfile::tempdir().unwrap();
        let occupied = directory.path().join("config.toml");
        fs::create_dir(&occupied).unwrap();
        fs::write(occupied.join("x"), "").unwrap();
        assert!(replace(&occupied, "geheim", Mode::Private).is_err());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
