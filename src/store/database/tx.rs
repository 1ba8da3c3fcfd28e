//! The transaction that a write works in.
use std::cell::RefCell;
use std::collections::HashSet;

use rusqlite::Connection;

use super::sql::RunSql;
use crate::domain::ChangeKind;

/// The writing connection inside a transaction, and the changes that the write makes.
pub(crate) struct Tx<'c> {
    pub(crate) conn: &'c Connection,
    changes: RefCell<Vec<ChangeKind>>,
    recorded: RefCell<HashSet<ChangeKind>>,
}

impl<'c> Tx<'c> {
    /// Takes a connection whose transaction has begun; begins and commits nothing itself.
    pub(crate) fn new(conn: &'c Connection) -> Self {
        Tx { conn, changes: RefCell::default(), recorded: RefCell::default() }
    }

    /// Records a change, once per transaction. The writer appends it to the sequence when the write succeeds.
    pub(crate) fn record_change(&self, change: ChangeKind) {
        if self.recorded.borrow_mut().insert(change.clone()) {
            self.changes.borrow_mut().push(change);
        }
    }

    /// The changes that the write has recorded.
    pub(crate) fn into_changes(self) -> Vec<ChangeKind> {
        self.changes.into_inner()
    }
}

impl RunSql for Tx<'_> {
    fn connection(&self) -> &Connection {
        self.conn
    }
}
