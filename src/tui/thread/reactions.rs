//! Which reactions stand on which message of the open conversation.
//!
//! Invariant: of one person only the latest reaction to a message counts; one that was taken away or not sent does not.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::{Direction, Kind, Message, Status};
use crate::text;
use crate::text::Clean;

/// The most cells of one reaction: what is longer is no emoji.
const WIDEST: usize = 8;

/// The most different reactions that are shown on a message.
const MOST: usize = 6;

/// The reactions of the loaded messages, counted when they have changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reactions {
    /// By the gateway's id of the message that they are about.
    shown: BTreeMap<String, String>,
    changed: bool,
}

/// Who reacted: everybody on our side is one, for the gateway knows only the account.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sender<'m> {
    Us,
    Member(&'m str),
}

impl Reactions {
    /// A message was added or replaced.
    pub(crate) fn note_change(&mut self, message: &Message) {
        self.changed |= message.kind == Kind::Reaction;
    }

    /// Counts the reactions among these messages, which stand in order, if one has changed.
    pub(crate) fn refresh<'m>(&mut self, messages: impl Iterator<Item = &'m Message>) {
        if !std::mem::take(&mut self.changed) {
            return;
        }
        let mut latest: BTreeMap<(&str, Sender<'_>), (usize, String)> = BTreeMap::new();
        for (index, message) in messages.enumerate() {
            let payload = message.payload.as_ref().filter(|_| message.kind == Kind::Reaction);
            let Some(about) = payload.and_then(|payload| payload.get("message")?.as_str()) else { continue };
            if message.status == Status::Failed {
                continue;
            }
            let emoji = payload.and_then(|payload| payload.get("emoji").and_then(Value::as_str));
            let emoji = Clean::line(emoji.unwrap_or(&message.text)).into_string();
            let from = match message.direction {
                Direction::In => Sender::Member(&message.author.name),
                Direction::Out | Direction::Internal => Sender::Us,
            };
            latest.insert((about, from), (index, emoji));
        }
        let mut by_message: BTreeMap<&str, Vec<(usize, String)>> = BTreeMap::new();
        for ((about, _), reaction) in latest {
            by_message.entry(about).or_default().push(reaction);
        }
        self.shown = by_message.into_iter().map(|(about, all)| (about.to_owned(), in_words(all))).collect();
    }

    /// The reactions to a message; `None` for none.
    pub(crate) fn on(&self, message: &Message) -> Option<&str> {
        let shown = self.shown.get(message.remote_id.as_deref()?)?;
        Some(shown.as_str()).filter(|shown| !shown.is_empty())
    }
}

/// Each emoji once, in the order in which they came, with how many there are of it.
fn in_words(mut reactions: Vec<(usize, String)>) -> String {
    reactions.sort_unstable();
    let mut counts: Vec<(String, usize)> = Vec::new();
    for (_, emoji) in reactions.into_iter().filter(|(_, emoji)| !emoji.trim().is_empty()) {
        let emoji = text::truncate(emoji.trim(), WIDEST).into_owned();
        match counts.iter_mut().find(|(known, _)| *known == emoji) {
            Some((_, count)) => *count += 1,
            None => counts.push((emoji, 1)),
        }
    }
    let shown =
        counts.into_iter().take(MOST).map(|(emoji, count)| if count > 1 { format!("{emoji} {count}") } else { emoji });
    shown.collect::<Vec<_>>().join("  ")
}
