//! Accounts: their webhook tokens, and the health that was observed.
//!
//! Invariant: a state is only what a caller reported, until a later sign of life disproves it; nothing here infers one.
use super::database::{DbError, DbResult, Pending, RunSql, Store, StoreError, Tx};
use super::row;
use crate::domain::{AccountName, AccountNotice, ChangeKind, Health, NoticeCode, SessionState, SignOfLife, Timestamp};
use rusqlite::{Connection, Row, params};

/// The time of the last event alone is announced to readers at most this often, in milliseconds, per account.
const EVENT_CHANGE_INTERVAL: i64 = 60_000;

/// A query of accounts, given what follows its `FROM`.
macro_rules! select_accounts {
    ($rest:literal) => {
        concat!(
            "SELECT name, provider, token, state, since, detail, last_event_at, notice, notice_detail FROM accounts ",
            $rest
        )
    };
}

/// What is stored of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAccount {
    pub name: AccountName,
    /// Its gateway when the configuration last had it.
    pub provider: String,
    /// The random part of its webhook URL.
    pub token: String,
    pub health: Health,
}

impl Store {
    /// Creates the account with `token` if there is none. Returns it; its token may be an older one.
    pub fn ensure_account(&self, name: &AccountName, provider: &str, token: &str) -> Pending<StoredAccount> {
        let (name, provider, token) = (name.clone(), provider.to_owned(), token.to_owned());
        self.write(move |tx| {
            let sql = "INSERT INTO accounts (name, provider, token) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (name) DO UPDATE SET provider = excluded.provider \
                       WHERE provider <> excluded.provider";
            let written = tx.run(sql, params![name.as_str(), provider, token])?;
            if written > 0 {
                tx.record_change(ChangeKind::AccountChanged { account: name.clone() });
            }
            find(tx.conn, &name)?.ok_or(DbError::NotFound)
        })
    }

    /// Replaces the random part of an account's webhook URL.
    pub fn set_token(&self, name: &AccountName, token: &str) -> Pending<()> {
        let (name, token) = (name.clone(), token.to_owned());
        self.write(move |tx| {
            let sql = "UPDATE accounts SET token = ?2 WHERE name = ?1";
            if tx.run(sql, [name.as_str(), token.as_str()])? == 0 {
                return Err(DbError::NotFound);
            }
            tx.record_change(ChangeKind::AccountChanged { account: name });
            Ok(())
        })
    }

    /// An account by name.
    pub fn account(&self, name: &AccountName) -> Result<Option<StoredAccount>, StoreError> {
        self.read(|conn| find(conn, name))
    }

    /// Every account that was ever configured, by name.
    pub fn accounts(&self) -> Result<Vec<StoredAccount>, StoreError> {
        self.read(|conn| conn.all(select_accounts!("ORDER BY name"), [], stored_account))
    }

    /// Records the state that was observed at `now`. `since` stays when the state is the same as before; a change is
    /// recorded only when the state or its detail differs.
    pub fn record_account_state(
        &self,
        name: &AccountName,
        state: SessionState,
        detail: &str,
        now: Timestamp,
    ) -> Pending<()> {
        let (name, detail) = (name.clone(), detail.to_owned());
        self.write(move |tx| record_state(tx, &name, state, &detail, now))
    }

    /// Clears a state of the account that a sign of life of `now` disproves.
    pub(crate) fn record_sign_of_life(&self, name: &AccountName, sign: SignOfLife, now: Timestamp) -> Pending<()> {
        let name = name.clone();
        self.write(move |tx| record_sign_of_life(tx, &name, sign, now))
    }
}

/// Records the state that was observed at `at`. An observation older than the stored one changes nothing.
pub(super) fn record_state(
    tx: &Tx<'_>,
    name: &AccountName,
    state: SessionState,
    detail: &str,
    at: Timestamp,
) -> DbResult<()> {
    let Some(before) = find(tx.conn, name)? else {
        return Err(DbError::NotFound);
    };
    let stored = before.health;
    let older = stored.since.is_some_and(|since| since > at);
    if older || (stored.state == state && stored.detail == detail && stored.since.is_some()) {
        return Ok(());
    }
    let since = if stored.state == state { stored.since.unwrap_or(at) } else { at };
    let sql = "UPDATE accounts SET state = ?2, detail = ?3, since = ?4 WHERE name = ?1";
    tx.run(sql, params![name.as_str(), state.as_str(), detail, since.0])?;
    tx.record_change(ChangeKind::AccountChanged { account: name.clone() });
    Ok(())
}

/// Clears a state that a sign of life of `at` disproves. A state that was observed later stays.
pub(super) fn record_sign_of_life(tx: &Tx<'_>, name: &AccountName, sign: SignOfLife, at: Timestamp) -> DbResult<()> {
    let Some(stored) = find(tx.conn, name)?.map(|account| account.health) else { return Ok(()) };
    if stored.state.is_disproved_by(sign) {
        record_state(tx, name, SessionState::Unknown, "", at)?;
    }
    Ok(())
}

/// Records a notice of the messaging service; the same one again changes nothing.
pub(super) fn record_notice(tx: &Tx<'_>, name: &AccountName, notice: &AccountNotice) -> DbResult<()> {
    let sql =
        "UPDATE accounts SET notice = ?2, notice_detail = ?3 WHERE name = ?1 AND (notice, notice_detail) <> (?2, ?3)";
    if tx.run(sql, params![name.as_str(), notice.code.as_str(), notice.detail])? > 0 {
        tx.record_change(ChangeKind::AccountChanged { account: name.clone() });
    }
    Ok(())
}

/// Records that an event came.
pub(super) fn record_event_time(tx: &Tx<'_>, name: &AccountName, at: Timestamp) -> DbResult<()> {
    let sql = "UPDATE accounts SET last_event_at = ?2 WHERE name = ?1 AND coalesce(last_event_at, 0) < ?2";
    tx.run(sql, params![name.as_str(), at.0])?;
    let sql = "UPDATE accounts SET told_event_at = ?2 WHERE name = ?1 AND coalesce(told_event_at, 0) <= ?2 - ?3";
    if tx.run(sql, params![name.as_str(), at.0, EVENT_CHANGE_INTERVAL])? > 0 {
        tx.record_change(ChangeKind::AccountChanged { account: name.clone() });
    }
    Ok(())
}

fn find(conn: &Connection, name: &AccountName) -> DbResult<Option<StoredAccount>> {
    conn.first(select_accounts!("WHERE name = ?1"), [name.as_str()], stored_account)
}

fn stored_account(row: &Row<'_>) -> rusqlite::Result<StoredAccount> {
    let notice = row.get_ref(7)?.as_str()?;
    let notice = if notice.is_empty() {
        None
    } else {
        Some(AccountNotice { code: NoticeCode::from_word(notice), detail: row.get(8)? })
    };
    let health = Health {
        state: SessionState::from_word(row.get_ref(3)?.as_str()?),
        since: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        detail: row.get(5)?,
        last_event_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
        notice,
    };
    Ok(StoredAccount { name: row::account(row, 0)?, provider: row.get(1)?, token: row.get(2)?, health })
}
