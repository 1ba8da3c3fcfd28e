//! The files of messages: bytes under `media/` in the data directory, rows in the database.
//!
//! Invariants: a file with a row is whole and durable, and a crash at any moment leaves at worst a file without a row,
//! which [`Store::sweep_media`] removes. A file is put in place, and removed, by a queued write, so that the lock of the
//! database keeps two processes from doing both at once; it is removed only after the loss of its row is durable.

mod bundle;
mod directory;
mod fetching;
mod links;
mod rows;
mod stage;
mod sweep;

pub(super) use bundle::{add_files, put_back};
pub(crate) use fetching::{DueMedia, MediaFailure};
pub(crate) use links::NewMediaLink;
pub(crate) use rows::MediaRow;
pub(super) use rows::{add_paths, adopt, announce, attach_own, file_of, release, reported};
pub(crate) use stage::StagedFile;
pub(crate) use sweep::MediaCounts;

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[
    fetching::DUE,
    fetching::DUE_ASKED,
    fetching::DUE_OF,
    fetching::NEXT,
    fetching::NEXT_ASKED,
    fetching::UNFINISHED,
    links::OF_MESSAGE,
    links::OF_TOKEN,
    links::ENDED,
    rows::USED,
    sweep::LEFTOVERS,
];

#[cfg(test)]
mod tests;

#[cfg(doc)]
use super::Store;
