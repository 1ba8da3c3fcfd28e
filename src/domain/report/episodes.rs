//! What happened in one conversation, as a report counts it.

use crate::domain::{AccountName, ConversationId, MessageKey, Timestamp};

/// What a report needs to know of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportConversation {
    pub id: ConversationId,
    pub account: AccountName,
    pub labels: Vec<String>,
}

/// What a report needs to know of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReportMessage {
    pub conversation: ConversationId,
    /// Its place in the thread.
    pub order: MessageKey,
    /// When it was written.
    pub at: Timestamp,
    pub author: ReportAuthor,
}

/// Who wrote a message, as a report tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportAuthor {
    /// The customer, who waits for an answer from then on.
    Customer,
    /// The customer, before the account was connected: nobody waits for an answer.
    PastCustomer,
    /// A person on our side, by their place in the list of agents.
    Agent(usize),
    /// A rule or the gateway, which answers nobody.
    Automatic,
}

impl ReportAuthor {
    pub(super) fn is_customer(self) -> bool {
        matches!(self, ReportAuthor::Customer | ReportAuthor::PastCustomer)
    }
}

/// A conversation was resolved, or opened again by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resolution {
    pub conversation: ConversationId,
    pub at: Timestamp,
    /// By whom, by their place in the list of agents; `None`: opened again.
    pub resolved_by: Option<usize>,
}

/// Something that took time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Episode {
    pub(super) kind: EpisodeKind,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// Who ended it, by their place in the list of agents.
    pub(super) agent: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EpisodeKind {
    /// From a customer's first unanswered message to the next answer of a person; also the first of a conversation.
    Waiting { first: bool },
    /// From a customer's first message since the last resolution to the next one.
    Resolution,
}

/// The episodes of a conversation that have ended, and who answered each message of the customer, in the order of
/// `messages`. Both lists are in the order of time.
pub(super) fn episodes(
    messages: &[ReportMessage],
    resolutions: &[Resolution],
) -> (Vec<Episode>, Vec<(ReportMessage, Option<usize>)>) {
    let mut episodes = Vec::new();
    let mut answered = Vec::new();
    let (mut since, mut is_first, mut unanswered) = (None, true, Vec::new());
    for message in messages {
        match message.author {
            ReportAuthor::Customer | ReportAuthor::PastCustomer => {
                unanswered.push(*message);
                if message.author == ReportAuthor::Customer {
                    since.get_or_insert(message.at);
                }
            }
            ReportAuthor::Agent(agent) => {
                if let Some(from) = since.take() {
                    let kind = EpisodeKind::Waiting { first: is_first };
                    episodes.push(Episode { kind, from, to: message.at.max(from), agent });
                    is_first = false;
                }
                answered.extend(unanswered.drain(..).map(|message| (message, Some(agent))));
            }
            ReportAuthor::Automatic => {}
        }
    }
    answered.extend(unanswered.into_iter().map(|message| (message, None)));
    episodes.extend(resolved(messages, resolutions));
    (episodes, answered)
}

/// The resolutions that held until the customer wrote again.
fn resolved(messages: &[ReportMessage], resolutions: &[Resolution]) -> Vec<Episode> {
    let mut episodes = Vec::new();
    let customers =
        messages.iter().filter(|message| message.author == ReportAuthor::Customer).map(|message| message.at);
    let mut customers: Vec<Timestamp> = customers.collect();
    customers.sort_unstable();
    let mut customers = customers.into_iter().peekable();
    let mut opened = None;
    let mut held: Option<Episode> = None;
    for resolution in resolutions {
        while let Some(at) = customers.next_if(|at| *at <= resolution.at) {
            if let Some(ended) = held.take() {
                episodes.push(ended);
                opened = None;
            }
            opened.get_or_insert(at);
        }
        held = match (resolution.resolved_by, opened) {
            (Some(agent), Some(from)) => {
                Some(Episode { kind: EpisodeKind::Resolution, from, to: resolution.at, agent })
            }
            // Opened again: what looked resolved was not. Or nobody has written.
            _ => None,
        };
    }
    episodes.extend(held);
    episodes
}
