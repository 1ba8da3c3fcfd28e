//! Directories for their owner only.

use std::fs::DirBuilder;
use std::io;
use std::path::Path;

/// Makes a directory for its owner only, and its parents; existing directories keep their permissions.
pub(crate) fn create_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Closes a directory to other users. Fails, with the reason and what to do, if it is not ours or not Loket's alone:
/// it is Loket's when it is empty or has `own_file` in it.
#[cfg(unix)]
pub(crate) fn close_directory(directory: &Path, own_file: &str) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let mode = || directory.metadata().map(|found| found.permissions().mode() & 0o777);
    let is_open = |mode: u32| mode & 0o077 != 0;
    let open = mode()?;
    if !is_open(open) {
        return Ok(());
    }
    let refuse = |reason: &str| {
        let text = format!(
            "is open to other users (mode {open:04o}) {reason}; name a directory of its own with --data-dir, or run: \
             chmod 700 {}",
            directory.display()
        );
        Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
    };
    if directory.metadata()?.uid() != rustix::process::geteuid().as_raw() {
        return refuse("and belongs to another one");
    }
    let is_loket = directory.join(own_file).exists() || directory.read_dir()?.next().is_none();
    if !is_loket {
        // Another process may have closed it, and begun to use it, since the mode was read.
        return if is_open(mode()?) { refuse("and holds other files") } else { Ok(()) };
    }
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))?;
    if is_open(mode()?) {
        return refuse("and its file system knows no permissions");
    }
    Ok(())
}

/// Does nothing: access control lists are inherited from the person's own directory.
#[cfg(not(unix))]
pub(crate) fn close_directory(_directory: &Path, _own_file: &str) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_a_directory_of_ours_is_closed() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("a/b");
        let mode = || directory.metadata().unwrap().permissions().mode() & 0o777;
        create_directory(&directory).unwrap();
        assert_eq!(mode(), 0o700);
        let widen = |mode: u32| set_permissions(&directory, Permissions::from_mode(mode)).unwrap();
        widen(0o777);
        close_directory(&directory, "loket.db").unwrap();
        assert_eq!(mode(), 0o700);
        widen(0o750);
        write(directory.join("other"), "").unwrap();
        let refused = close_directory(&directory, "loket.db").unwrap_err().to_string();
        assert!(refused.contains("mode 0750") && refused.contains("chmod 700"), "{refused}");
        assert_eq!(mode(), 0o750);
        write(directory.join("loket.db"), "").unwrap();
        close_directory(&directory, "loket.db").unwrap();
        assert_eq!(mode(), 0o700);
    }
}
