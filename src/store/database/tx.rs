//! The transaction that a write works in.
use std::cell::{Cell, RefCell};

use rusqlite::Connection;

use super::sql::RunSql;
use crate::domain::ChangeKind;

/// The writing connection inside a transaction, and the changes that the write makes.
pub(crate) struct Tx<'c> {
    pub(crate) conn: &'c Connection,
    changes: RefCell<Vec<ChangeKind>>,
    unindexed: Cell<usize>,
}

impl<'c> Tx<'c> {
    /// Takes a connection whose transaction has begun; begins and commits nothing itself.
    pub(crate) fn new(conn: &'c Connection) -> Self {
        Tx { conn, changes: RefCell::default(), unindexed: Cell::new(0) }
    }

    /// Records a change, once per transaction. The writer appends it to the sequence when the write succeeds.
    pub(crate) fn record_change(&self, change: ChangeKind) {
        let mut changes = self.changes.borrow_mut();
        if !changes.contains(&change) {
            changes.push(change);
        }
    }

    /// Counts a text that was added to the search backlog.
    pub(crate) fn count_unindexed(&self) {
        self.unindexed.set(self.unindexed.get() + 1);
    }

    /// The recorded changes and the number of texts added to the search backlog.
    pub(crate) fn into_records(self) -> (Vec<ChangeKind>, usize) {
        (self.changes.into_inner(), self.unindexed.get())
    }
}

impl RunSql for Tx<'_> {
    fn connection(&self) -> &Connection {
        self.conn
    }
}
