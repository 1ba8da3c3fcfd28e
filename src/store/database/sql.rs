//! Running SQL texts as cached prepared statements.
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row};

use super::error::DbResult;

/// Runs SQL on a connection or in a transaction; each text is prepared once and cached.
pub(crate) trait RunSql {
    fn connection(&self) -> &Connection;

    /// A statement, prepared at most once for each text and connection.
    fn prepared(&self, sql: &str) -> DbResult<CachedStatement<'_>> {
        #[cfg(test)]
        super::recorded::record(self.connection(), sql);
        Ok(self.connection().prepare_cached(sql)?)
    }

    /// Runs a statement; returns how many rows it changed.
    fn run(&self, sql: &str, params: impl Params) -> DbResult<usize> {
        Ok(self.prepared(sql)?.execute(params)?)
    }

    /// The row of a query that finds exactly one.
    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> DbResult<T> {
        Ok(self.prepared(sql)?.query_row(params, read)?)
    }

    /// The first row of a query, if it finds one.
    fn first<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> DbResult<Option<T>> {
        Ok(self.prepared(sql)?.query_row(params, read).optional()?)
    }

    /// Every row of a query.
    fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> DbResult<Vec<T>> {
        Ok(self.prepared(sql)?.query_map(params, read)?.collect::<Result<_, _>>()?)
    }

    /// Whether a query finds a row.
    fn any(&self, sql: &str, params: impl Params) -> DbResult<bool> {
        Ok(self.prepared(sql)?.exists(params)?)
    }
}

impl RunSql for Connection {
    fn connection(&self) -> &Connection {
        self
    }
}
