//! What a report is made of. Reads the table of messages from end to end: a report is asked for now and then, and an
//! index for it would cost every message that comes.

use std::collections::HashMap;

use rusqlite::Row;

use super::database::{RunSql, Store, StoreError};
use super::row;
use crate::domain::{
    ConversationId, MessageId, MessageKey, ReportAuthor, ReportConversation, ReportMessage, Resolution, Timestamp,
};

/// Every message that counts: neither reactions nor notices nor what stayed here.
const MESSAGES: &str = "SELECT conversation, order_ms, id, at, direction = 'in', author, author_name, history \
    FROM messages WHERE direction IN ('in', 'out') AND kind NOT IN ('reaction', 'system') \
    AND scheduled_at IS NULL AND status NOT IN ('failed', 'unsure')";

/// What a report is made of.
#[derive(Debug, Default)]
pub(crate) struct ReportFacts {
    /// In the order of their ids.
    pub conversations: Vec<ReportConversation>,
    /// By conversation, then in the order of the thread.
    pub messages: Vec<ReportMessage>,
    /// By conversation, then in the order of time.
    pub resolutions: Vec<Resolution>,
    /// The names of the agents to which the others refer.
    pub agents: Vec<String>,
}

/// The names of agents, each once, and their places.
#[derive(Default)]
struct Agents(HashMap<String, usize>);

impl Agents {
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.0.get(name) {
            return *place;
        }
        let place = self.0.len();
        self.0.insert(name.to_owned(), place);
        place
    }

    fn names(self) -> Vec<String> {
        let mut names: Vec<_> = self.0.into_iter().collect();
        names.sort_unstable_by_key(|(_, place)| *place);
        names.into_iter().map(|(name, _)| name).collect()
    }
}

impl Store {
    /// What a report is made of, as of one moment.
    pub(crate) fn report_facts(&self) -> Result<ReportFacts, StoreError> {
        self.read(|conn| {
            let moment = conn.unchecked_transaction()?;
            let mut agents = Agents::default();
            let mut messages = moment.all(MESSAGES, [], |row| message(row, &mut agents))?;
            messages.sort_unstable_by_key(|message| (message.conversation, message.order));
            let sql = "SELECT conversation, at, action, agent FROM audit WHERE action IN ('resolved', 'reopened') \
                       ORDER BY conversation, at, id";
            let resolutions = moment.all(sql, [], |row| {
                let is_resolved = row.get_ref(2)?.as_str()? == "resolved";
                let resolved_by = if is_resolved { Some(agents.place(row.get_ref(3)?.as_str()?)) } else { None };
                Ok(Resolution { conversation: ConversationId(row.get(0)?), at: Timestamp(row.get(1)?), resolved_by })
            })?;
            let conversations = moment.all("SELECT id, account, labels FROM conversations ORDER BY id", [], |row| {
                Ok(ReportConversation {
                    id: ConversationId(row.get(0)?),
                    account: row::account(row, 1)?,
                    labels: row::json(row, 2)?.unwrap_or_default(),
                })
            })?;
            Ok(ReportFacts { conversations, messages, resolutions, agents: agents.names() })
        })
    }
}

fn message(row: &Row<'_>, agents: &mut Agents) -> rusqlite::Result<ReportMessage> {
    let author = match (row.get(4)?, row.get_ref(5)?.as_str()?) {
        (true, "contact") if row.get(7)? => ReportAuthor::PastCustomer,
        (true, "contact") => ReportAuthor::Customer,
        (false, "agent") => ReportAuthor::Agent(agents.place(row.get_ref(6)?.as_str()?)),
        _ => ReportAuthor::Automatic,
    };
    let order = MessageKey { at: Timestamp(row.get(1)?), id: MessageId(row.get(2)?) };
    Ok(ReportMessage { conversation: ConversationId(row.get(0)?), order, at: Timestamp(row.get(3)?), author })
}
