//! Automatic answers: which of an account's rules speaks to a customer's message, and with what.
//!
//! Every automatic answer stands in the conversation with the rule as its author. At most one rule answers a
//! message: the first of the configuration that fits.

use jiff::civil::DateTime;

use crate::config::{Answer, Repeat, RuleSettings, Trigger};
use crate::domain::{Author, AuthorKind, Content, Direction, Kind, Message, Outgoing, Recipient, Timestamp};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::clock;
use crate::store::{NewMessage, Store};

/// Answers in the webhook's own answer (WAVIRO): recorded as sent by the gateway itself. What the gateway cannot
/// carry there is left out.
pub(crate) async fn reply_in_webhook(store: &Store, account: &ConfiguredAccount, messages: &[Message]) -> Vec<Content> {
    let mut said = Vec::new();
    for message in messages.iter().filter(|m| is_answerable(m)) {
        for new in answers(store, account, message).await {
            let content = new.outgoing.content.clone();
            match store.record_reply(new, clock::now()).await {
                Ok(_) => said.push(content),
                Err(error) => {
                    tracing::error!(account = %account.name(), %error, "an automatic answer cannot be recorded");
                }
            }
        }
    }
    said
}

/// Answers through the outbox, as a person would.
pub(crate) async fn reply_by_outbox(store: &Store, account: &ConfiguredAccount, messages: &[Message]) {
    for message in messages.iter().filter(|m| is_answerable(m)) {
        for new in answers(store, account, message).await {
            let allowed = account.capabilities.allows(&new.outgoing, Some(message.at), clock::now());
            if let Err(objection) = allowed {
                tracing::warn!(account = %account.name(), ?objection, "an automatic answer cannot be carried");
                continue;
            }
            if let Err(error) = store.enqueue(new, clock::now()).await {
                tracing::error!(account = %account.name(), %error, "an automatic answer cannot be queued");
            }
        }
    }
}

async fn answers(store: &Store, account: &ConfiguredAccount, message: &Message) -> Vec<NewMessage> {
    let local = local_time(clock::now());
    let Some((place, rule, fields)) = fitting(&account.rules, &message.text, local) else { return Vec::new() };
    let author = Author { kind: AuthorKind::Rule, name: title(place, rule) };
    if !may_repeat(store, rule, &author, message).await {
        return Vec::new();
    }
    let name = conversation_name(store, message).await;
    rule.reply
        .iter()
        .map(|answer| NewMessage {
            account: message.account.clone(),
            outgoing: Outgoing {
                channel: message.channel,
                to: Recipient { peer: message.peer.clone(), group: false },
                content: content(answer, &name, &fields),
            },
            author: author.clone(),
            name: None,
            window: account.profile.window,
        })
        .collect()
}

/// The first rule that fits, with its place and the fields of the text.
fn fitting<'a>(
    rules: &'a [RuleSettings],
    text: &str,
    local: DateTime,
) -> Option<(usize, &'a RuleSettings, Vec<String>)> {
    rules.iter().enumerate().find_map(|(place, rule)| {
        let fields = matched(&rule.trigger, text)?;
        rule.is_open_at(local).then_some((place, rule, fields))
    })
}

/// The fields of a text that a trigger fits; `None` when it does not fit.
fn matched(trigger: &Trigger, text: &str) -> Option<Vec<String>> {
    let folded = |t: &str| t.trim().to_lowercase();
    let said = folded(text);
    match trigger {
        Trigger::Exact(keyword) => (said == folded(keyword)).then(Vec::new),
        Trigger::Prefix(keyword) => said.starts_with(&folded(keyword)).then(Vec::new),
        Trigger::Fields(keyword) => {
            let (word, rest) = text.split_once('#')?;
            (folded(word) == folded(keyword)).then(|| rest.split('#').map(|f| f.trim().to_owned()).collect())
        }
        Trigger::Any => Some(Vec::new()),
    }
}

/// How a rule is named as an author.
fn title(place: usize, rule: &RuleSettings) -> String {
    match &rule.trigger {
        Trigger::Exact(keyword) | Trigger::Prefix(keyword) => keyword.clone(),
        Trigger::Fields(keyword) => format!("{keyword}#"),
        Trigger::Any => format!("#{}", place + 1),
    }
}

async fn may_repeat(store: &Store, rule: &RuleSettings, author: &Author, message: &Message) -> bool {
    if rule.repeat == Repeat::Always {
        return true;
    }
    let (store, author, conversation) = (store.clone(), author.clone(), message.conversation);
    let last = tokio::task::spawn_blocking(move || store.last_by(conversation, &author)).await;
    match (last, rule.repeat) {
        (Ok(Ok(None)), _) => true,
        (Ok(Ok(Some(at))), Repeat::Day) => clock::now().since(at).as_secs() >= 24 * 3600,
        // A store that cannot tell: silence is the safer answer.
        _ => false,
    }
}

async fn conversation_name(store: &Store, message: &Message) -> String {
    let (store, id) = (store.clone(), message.conversation);
    let found = tokio::task::spawn_blocking(move || store.conversation(id)).await;
    found.ok().and_then(Result::ok).flatten().map(|c| c.name).unwrap_or_default()
}

fn content(answer: &Answer, name: &str, fields: &[String]) -> Content {
    let filled = |text: &str| fill(text, name, fields);
    match answer {
        Answer::Text(text) => Content::Text { body: filled(text) },
        Answer::Media { link, caption } => {
            Content::Media { link: link.clone(), caption: caption.as_deref().map(filled) }
        }
        Answer::Location { latitude, longitude, caption } => Content::Location {
            latitude: latitude.clone(),
            longitude: longitude.clone(),
            caption: caption.as_deref().map(filled),
        },
    }
}

/// Puts the customer's name and fields into a text. What a customer wrote is never itself filled in again.
fn fill(text: &str, name: &str, fields: &[String]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(place, rest)| {
            let value = match place {
                "name" => Some(name.to_owned()),
                _ => place
                    .parse::<usize>()
                    .ok()
                    .filter(|n| *n > 0)
                    .map(|n| fields.get(n - 1).cloned().unwrap_or_default()),
            };
            value.map(|value| (value, rest))
        });
        if let Some((value, after_place)) = value {
            filled.push_str(&value);
            rest = after_place;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

fn local_time(now: Timestamp) -> DateTime {
    let zone = jiff::tz::TimeZone::system();
    jiff::Timestamp::from_millisecond(now.0).unwrap_or_default().to_zoned(zone).datetime()
}

/// A message that a rule may answer: a customer's own, in a conversation with one person.
fn is_answerable(message: &Message) -> bool {
    message.direction == Direction::In
        && message.author.kind == AuthorKind::Contact
        && matches!(message.kind, Kind::Text | Kind::Choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_fit_without_regard_to_case_and_give_their_fields() {
        assert_eq!(matched(&Trigger::Exact("Harga".into()), " HARGA "), Some(vec![]));
        assert_eq!(matched(&Trigger::Exact("harga".into()), "harga dong"), None);
        assert_eq!(matched(&Trigger::Prefix("harga".into()), "Harga dong"), Some(vec![]));
        let fields = Trigger::Fields("penawaran".into());
        assert_eq!(matched(&fields, "Penawaran#Jhon Doe# x@y"), Some(vec!["Jhon Doe".into(), "x@y".into()]));
        assert_eq!(matched(&fields, "penawaran"), None);
    }

    #[test]
    fn places_are_filled_once_and_others_stay() {
        let fields = ["{name}".to_owned(), "dua".to_owned()];
        assert_eq!(fill("Halo {name}: {1}, {2}, {3}; {x} {", "Budi", &fields), "Halo Budi: {name}, dua, ; {x} {");
    }
}
