//! Files and directories that only their owner can use: everything that Loket writes is made here.
//!
//! Invariant: no symbolic link is followed when a file is made or opened for writing, and nothing is readable by other
//! users at any moment. On Windows access control lists are inherited from the directory, which is the person's own.

mod directory;
mod open;
mod replace;

pub(crate) use directory::{close_directory, create_directory};
pub(crate) use open::{Access, create, open, write_public};
pub(crate) use replace::{replace, replace_edited, sync_directory};
