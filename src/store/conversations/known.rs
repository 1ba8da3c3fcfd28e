//! The labels and the agents that the store knows, for choosing one of them.
//!
//! Invariant: each is found by index: what is read grows with how many there are, not with how many conversations.

use crate::store::database::{RunSql, Store, StoreError};

/// The labels of all conversations: every set of labels is visited once, by index.
pub(crate) const LABELS: &str = "WITH RECURSIVE sets (labels) AS ( \
    SELECT min(labels) FROM conversations WHERE labels <> '[]' UNION ALL \
    SELECT (SELECT min(c.labels) FROM conversations c WHERE c.labels > sets.labels AND c.labels <> '[]') \
    FROM sets WHERE sets.labels IS NOT NULL LIMIT 2000) \
    SELECT DISTINCT value FROM sets, json_each(sets.labels) WHERE sets.labels IS NOT NULL LIMIT 500";

/// The agents who have conversations: every one is visited once, by index.
pub(crate) const ASSIGNEES: &str = "WITH RECURSIVE agents (name) AS ( \
    SELECT min(assignee) FROM conversations WHERE assignee IS NOT NULL UNION ALL \
    SELECT (SELECT min(c.assignee) FROM conversations c WHERE c.assignee > agents.name) \
    FROM agents WHERE agents.name IS NOT NULL LIMIT 500) \
    SELECT name FROM agents WHERE name IS NOT NULL";

impl Store {
    /// Every label of a conversation, each once, at most 500.
    pub fn labels(&self) -> Result<Vec<String>, StoreError> {
        self.read(|conn| conn.all(LABELS, [], |row| row.get(0)))
    }

    /// Every agent who has a conversation or has one open now, each once.
    pub fn agents(&self) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            let mut agents: Vec<String> = conn.all(ASSIGNEES, [], |row| row.get(0))?;
            agents.extend(conn.all("SELECT agent FROM presence", [], |row| row.get::<_, String>(0))?);
            agents.sort();
            agents.dedup();
            Ok(agents)
        })
    }
}
