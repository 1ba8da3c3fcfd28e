//! A report's rows: what is counted, by agent, account, day, conversation, hour or label.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::episodes::{Episode, EpisodeKind, ReportAuthor, ReportConversation, ReportMessage, Resolution, episodes};
use super::working_hours::WorkingHours;
use crate::domain::{ConversationId, Timestamp};

/// What has a row of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReportBy {
    Agent,
    Account,
    Day,
    Conversation,
    Hour,
    Label,
}

impl ReportBy {
    /// As written in the contract.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ReportBy::Agent => "agent",
            ReportBy::Account => "account",
            ReportBy::Day => "day",
            ReportBy::Conversation => "conversation",
            ReportBy::Hour => "hour",
            ReportBy::Label => "label",
        }
    }
}

/// Which days are counted, both inclusive; where they begin and end, and when work is done.
#[derive(Debug, Clone)]
pub(crate) struct ReportRange {
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub zone: TimeZone,
    /// `None`: around the clock.
    pub hours: Option<WorkingHours>,
}

/// A row of a report. Serialises to the contract's row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportRow {
    by: ReportBy,
    /// The agent's name, the account, the day, the hour, the conversation's id or the label; `None`: those that have
    /// none, or that nobody has answered.
    pub key: Option<String>,
    pub conversations: usize,
    /// Messages that customers wrote.
    #[serde(rename = "in")]
    pub incoming: u64,
    /// Messages that went out, of people and rules.
    #[serde(rename = "out")]
    pub outgoing: u64,
    pub first_reply: Spans,
    pub waiting: Spans,
    pub resolution: Spans,
}

/// Spans in whole seconds; `None` where there is none to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Spans {
    pub median: Option<u64>,
    /// Nine tenths are at most as long.
    pub p90: Option<u64>,
}

/// What is counted so far.
#[derive(Debug)]
pub(crate) struct Report {
    by: ReportBy,
    range: ReportRange,
    agents: Vec<String>,
    /// By a key that sorts as people expect, beside the key that is shown.
    groups: BTreeMap<(i64, Option<String>), Group>,
    /// The bounds of the range.
    bounds: (Timestamp, Timestamp),
}

#[derive(Debug, Default)]
struct Group {
    conversations: BTreeSet<ConversationId>,
    incoming: u64,
    outgoing: u64,
    first_reply: Vec<u64>,
    waiting: Vec<u64>,
    resolution: Vec<u64>,
}

impl Report {
    /// An empty report. `agents` are the names to which messages refer.
    pub(crate) fn new(by: ReportBy, range: ReportRange, agents: Vec<String>) -> Self {
        let begin = |day: Date| day.to_zoned(range.zone.clone()).map(|day| Timestamp(day.timestamp().as_millisecond()));
        let from = range.from.and_then(|day| begin(day).ok()).unwrap_or(Timestamp(i64::MIN));
        let after = range.to.and_then(|day| day.tomorrow().ok()).and_then(|day| begin(day).ok());
        let bounds = (from, after.unwrap_or(Timestamp(i64::MAX)));
        Report { by, range, agents, groups: BTreeMap::new(), bounds }
    }

    /// Counts a conversation, of which both lists are in the order of time. A message counts on its day; waiting, on the
    /// day on which the customer wrote; a resolution, on its day.
    pub(crate) fn add(&mut self, of: &ReportConversation, messages: &[ReportMessage], resolutions: &[Resolution]) {
        let (episodes, answered) = episodes(messages, resolutions);
        for (message, agent) in answered {
            self.count(of, message.at, agent, |group| group.incoming += 1);
        }
        for message in messages.iter().filter(|message| !message.author.is_customer()) {
            let agent = match message.author {
                ReportAuthor::Agent(agent) => Some(agent),
                _ => None,
            };
            self.count(of, message.at, agent, |group| group.outgoing += 1);
        }
        for Episode { kind, from, to, agent } in episodes {
            let span = match &self.range.hours {
                Some(hours) => hours.between(from, to, &self.range.zone),
                None => to.since(from),
            };
            let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
            let at = if kind == EpisodeKind::Resolution { to } else { from };
            self.count(of, at, Some(agent), |group| match kind {
                EpisodeKind::Waiting { first } => {
                    group.waiting.push(span);
                    group.first_reply.extend(first.then_some(span));
                }
                EpisodeKind::Resolution => group.resolution.push(span),
            });
        }
    }

    fn count(&mut self, of: &ReportConversation, at: Timestamp, agent: Option<usize>, change: impl Fn(&mut Group)) {
        if at < self.bounds.0 || at >= self.bounds.1 {
            return;
        }
        for key in self.keys(of, at, agent) {
            let group = self.groups.entry(key).or_default();
            group.conversations.insert(of.id);
            change(group);
        }
    }

    fn keys(&self, of: &ReportConversation, at: Timestamp, agent: Option<usize>) -> Vec<(i64, Option<String>)> {
        let local = || {
            let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
            self.range.zone.to_datetime(at)
        };
        // What has no name comes last.
        let named = |name: Option<String>| (i64::from(name.is_none()), name);
        match self.by {
            ReportBy::Agent => vec![named(agent.and_then(|agent| self.agents.get(agent).cloned()))],
            ReportBy::Account => vec![named(Some(of.account.as_str().to_owned()))],
            ReportBy::Day => vec![named(Some(local().date().to_string()))],
            ReportBy::Hour => vec![named(Some(format!("{:02}", local().hour())))],
            ReportBy::Conversation => vec![(of.id.0, Some(of.id.0.to_string()))],
            ReportBy::Label if of.labels.is_empty() => vec![named(None)],
            ReportBy::Label => of.labels.iter().cloned().map(|label| named(Some(label))).collect(),
        }
    }

    /// The rows, in the order of their keys.
    pub(crate) fn rows(self) -> Vec<ReportRow> {
        let by = self.by;
        let row = |((_, key), group): ((i64, Option<String>), Group)| ReportRow {
            by,
            key,
            conversations: group.conversations.len(),
            incoming: group.incoming,
            outgoing: group.outgoing,
            first_reply: Spans::of(group.first_reply),
            waiting: Spans::of(group.waiting),
            resolution: Spans::of(group.resolution),
        };
        self.groups.into_iter().map(row).collect()
    }
}

impl Spans {
    /// Of spans in milliseconds.
    fn of(mut spans: Vec<u64>) -> Self {
        spans.sort_unstable();
        Spans { median: percentile(&spans, 50), p90: percentile(&spans, 90) }
    }
}

/// A percentile of sorted values in milliseconds, in seconds: between two values in proportion, as `percentile_cont` of
/// SQL has it.
fn percentile(sorted: &[u64], percent: u64) -> Option<u64> {
    let last = u64::try_from(sorted.len()).ok()?.checked_sub(1)?;
    let (whole, part) = (last * percent / 100, last * percent % 100);
    let at = |index: u64| sorted.get(usize::try_from(index).ok()?).copied();
    let (low, high) = (at(whole)?, at(whole + 1).or_else(|| at(whole))?);
    Some((low * 100 + (high - low) * part + 50_000) / 100_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_sql() {
        let of = |seconds: &[u64]| Spans::of(seconds.iter().map(|s| s * 1000).collect());
        assert_eq!(of(&[]), Spans { median: None, p90: None });
        assert_eq!(of(&[7]), Spans { median: Some(7), p90: Some(7) });
        assert_eq!(of(&[20, 10]), Spans { median: Some(15), p90: Some(19) });
        assert_eq!(of(&(1..=11).collect::<Vec<_>>()), Spans { median: Some(6), p90: Some(10) });
        assert_eq!(of(&[10, 20, 30, 40]), Spans { median: Some(25), p90: Some(37) });
    }
}
