//! Making and opening files for their owner only.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// How a file that may exist is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// For writing at its end.
    Append,
    /// For reading and writing from its beginning; nothing is cut off.
    ReadWrite,
}

/// Makes a new file for writing. Fails when anything stands there, a symbolic link included.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    owner_only(&mut options);
    options.open(path)
}

/// Writes a file that is no secret, such as a page of the manual: who may read it is the umask's affair.
pub(crate) fn write_public(path: &Path, text: &str) -> io::Result<()> {
    std::fs::write(path, text)
}

/// Opens a regular file and makes it if it is missing. Never follows a symbolic link; what others could read is closed
/// to them.
pub(crate) fn open(path: &Path, access: Access) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true);
    match access {
        Access::Append => options.append(true),
        Access::ReadWrite => options.read(true).write(true),
    };
    owner_only(&mut options);
    no_link(&mut options);
    let file = options.open(path).map_err(|error| if is_link(path) { link_error() } else { error })?;
    if !file.metadata()?.is_file() {
        return Err(link_error());
    }
    close_to_others(&file)?;
    Ok(file)
}

/// Why something that is no regular file is neither written nor replaced.
pub(super) fn link_error() -> io::Error {
    io::Error::other("is a symbolic link or no regular file, and is not written to")
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_symlink())
}

#[cfg(unix)]
fn owner_only(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
fn owner_only(_options: &mut OpenOptions) {}

/// A FIFO in place of the file must not block the program either.
#[cfg(unix)]
fn no_link(options: &mut OpenOptions) {
    use rustix::fs::OFlags;
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.cast_signed());
}

#[cfg(not(unix))]
fn no_link(_options: &mut OpenOptions) {}

#[cfg(unix)]
fn close_to_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn new_files_are_the_owners_and_open_ones_are_closed_to_others() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        create(&path).unwrap().write_all(b"1").unwrap();
        assert_eq!(mode(), 0o600);
        assert!(create(&path).is_err());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        open(&path, Access::Append).unwrap().write_all(b"2").unwrap();
        assert_eq!((mode(), fs::read(&path).unwrap()), (0o600, b"12".to_vec()));
        open(&path, Access::ReadWrite).unwrap().write_all(b"3").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"32");
    }

    #[test]
    fn links_and_what_is_no_file_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let (target, link) = (directory.path().join("target"), directory.path().join("link"));
        symlink(&target, &link).unwrap();
        for access in [Access::Append, Access::ReadWrite] {
            let refused = open(&link, access).unwrap_err().to_string();
            assert!(refused.contains("symbolic link"), "{refused}");
        }
        assert!(create(&link).is_err() && !target.exists());
        let fifo = directory.path().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(open(&fifo, Access::ReadWrite).is_err() && open(&fifo, Access::Append).is_err());
    }
}
