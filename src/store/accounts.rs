//! Accounts: their webhook tokens, and what has been observed of their health.
//!
//! Invariant: a state is only ever an observation that somebody handed in; nothing here concludes one.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::db::Store;
use super::error::{Fault, StoreError, Work};
use super::row;
use super::writer::{Pending, Tx};
use crate::domain::{AccountName, ChangeKind, Health, SessionState, Timestamp};

/// Events alone are announced at most once in so many milliseconds per account.
const TELL_EVERY: i64 = 60_000;

const COLUMNS: &str = "name, provider, token, state, since, detail, last_event_at";

/// What is kept of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAccount {
    /// The user's name for it.
    pub name: AccountName,
    /// Its gateway when it was last seen in the configuration.
    pub provider: String,
    /// The random part of its webhook URL.
    pub token: String,
    /// What has been observed.
    pub health: Health,
}

impl Store {
    /// Makes the account's row if there is none, with `token`. Returns the row, whose token may be an older one.
    pub fn ensure_account(
        &self,
        name: &AccountName,
        provider: &str,
        token: &str,
        _now: Timestamp,
    ) -> Pending<StoredAccount> {
        let (name, provider, token) = (name.clone(), provider.to_owned(), token.to_owned());
        self.write(move |tx| {
            let sql = "INSERT INTO accounts (name, provider, token) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (name) DO UPDATE SET provider = excluded.provider \
                       WHERE provider <> excluded.provider";
            let written = tx.conn.prepare_cached(sql)?.execute(params![name.as_str(), provider, token])?;
            if written > 0 {
                tx.changed(ChangeKind::AccountChanged { account: name.clone() });
            }
            find(tx.conn, &name)?.ok_or(Fault::NotFound)
        })
    }

    /// Replaces the token.
    pub fn set_token(&self, name: &AccountName, token: &str) -> Pending<()> {
        let (name, token) = (name.clone(), token.to_owned());
        self.write(move |tx| {
            let sql = "UPDATE accounts SET token = ?2 WHERE name = ?1";
            if tx.conn.prepare_cached(sql)?.execute([name.as_str(), token.as_str()])? == 0 {
                return Err(Fault::NotFound);
            }
            tx.changed(ChangeKind::AccountChanged { account: name });
            Ok(())
        })
    }

    /// An account by name.
    pub fn account(&self, name: &AccountName) -> Result<Option<StoredAccount>, StoreError> {
        self.read(|conn| find(conn, name))
    }

    /// Every account that was ever configured, by name.
    pub fn accounts(&self) -> Result<Vec<StoredAccount>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM accounts ORDER BY name"))?;
            Ok(statement.query_map([], of_row)?.collect::<Result<_, _>>()?)
        })
    }

    /// Notes an observation. `since` stays when the state is the same as before; a change is appended only
    /// when the state or its words are different.
    pub fn observe(&self, name: &AccountName, state: SessionState, detail: &str, now: Timestamp) -> Pending<()> {
        let (name, detail) = (name.clone(), detail.to_owned());
        self.write(move |tx| observe(tx, &name, state, &detail, now))
    }
}

/// Notes an observation made at `at`. One that is older than what is known changes nothing.
pub(super) fn observe(tx: &Tx<'_>, name: &AccountName, state: SessionState, detail: &str, at: Timestamp) -> Work<()> {
    let Some(before) = find(tx.conn, name)? else {
        return Err(Fault::NotFound);
    };
    let known = before.health;
    let older = known.since.is_some_and(|since| since > at);
    if older || (known.state == state && known.detail == detail && known.since.is_some()) {
        return Ok(());
    }
    let since = if known.state == state { known.since.unwrap_or(at) } else { at };
    let sql = "UPDATE accounts SET state = ?2, detail = ?3, since = ?4 WHERE name = ?1";
    tx.conn.prepare_cached(sql)?.execute(params![name.as_str(), state.as_str(), detail, since.0])?;
    tx.changed(ChangeKind::AccountChanged { account: name.clone() });
    Ok(())
}

/// Notes that an event came.
pub(super) fn heard(tx: &Tx<'_>, name: &AccountName, at: Timestamp) -> Work<()> {
    let sql = "UPDATE accounts SET last_event_at = ?2 WHERE name = ?1 AND coalesce(last_event_at, 0) < ?2";
    tx.conn.prepare_cached(sql)?.execute(params![name.as_str(), at.0])?;
    let sql = "UPDATE accounts SET told_event_at = ?2 WHERE name = ?1 AND coalesce(told_event_at, 0) <= ?2 - ?3";
    if tx.conn.prepare_cached(sql)?.execute(params![name.as_str(), at.0, TELL_EVERY])? > 0 {
        tx.changed(ChangeKind::AccountChanged { account: name.clone() });
    }
    Ok(())
}

fn find(conn: &Connection, name: &AccountName) -> Work<Option<StoredAccount>> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM accounts WHERE name = ?1"))?;
    Ok(statement.query_row([name.as_str()], of_row).optional()?)
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<StoredAccount> {
    let health = Health {
        state: SessionState::from_word(row.get_ref(3)?.as_str()?),
        since: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        detail: row.get(5)?,
        last_event_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
    };
    Ok(StoredAccount { name: row::account(row, 0)?, provider: row.get(1)?, token: row.get(2)?, health })
}
