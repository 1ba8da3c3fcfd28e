//! Automatic replies by an account's rules.
//!
//! Every automatic reply is a message of the conversation, with the rule as its author. At most one rule replies to a
//! message: the first of the configuration that matches.

use crate::config::{Answer, Repeat, RuleSettings, Trigger};
use crate::domain::{Author, AuthorKind, Content, Direction, Kind, Message, Outgoing, Recipient, Timestamp};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::outbound::owner::new_owner;
use crate::engine::{blocking, clock};
use crate::store::{Lease, NewMessage, Store};
use jiff::civil::DateTime;

/// Replies in the webhook's own response (WAVIRO); they are being sent until the response is written.
pub(crate) async fn reply_in_webhook(store: &Store, account: &ConfiguredAccount, messages: &[Message]) -> Vec<Lease> {
    let (mut sent, owner) = (Vec::new(), new_owner());
    for message in messages.iter().filter(|m| may_be_replied_to(m)) {
        for new in replies(store, account, message).await {
            match store.begin_reply(new, &owner, clock::now()).await {
                Ok(lease) => sent.push(lease),
                Err(error) => {
                    tracing::error!(account = %account.name(), %error, "an automatic answer cannot be recorded");
                }
            }
        }
    }
    sent
}

/// Replies through the outbox, as a person would.
pub(crate) async fn reply_by_outbox(store: &Store, account: &ConfiguredAccount, messages: &[Message]) {
    for message in messages.iter().filter(|m| may_be_replied_to(m)) {
        for new in replies(store, account, message).await {
            let allowed = account.capabilities.allows(
                &new.outgoing,
                account.capabilities.window.until(Some(message.at)),
                clock::now(),
            );
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

async fn replies(store: &Store, account: &ConfiguredAccount, message: &Message) -> Vec<NewMessage> {
    let local = local_time(clock::now());
    let Some((index, rule, fields)) = first_match(&account.rules, &message.text, local) else { return Vec::new() };
    let author = Author { kind: AuthorKind::Rule, name: rule_name(index, rule) };
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

/// The first rule that matches, with its index and the fields of the text.
fn first_match<'a>(
    rules: &'a [RuleSettings],
    text: &str,
    local: DateTime,
) -> Option<(usize, &'a RuleSettings, Vec<String>)> {
    rules.iter().enumerate().find_map(|(index, rule)| {
        let fields = match_text(&rule.trigger, text)?;
        rule.is_open_at(local).then_some((index, rule, fields))
    })
}

/// The fields of a text; `None` when the trigger does not match it.
fn match_text(trigger: &Trigger, text: &str) -> Option<Vec<String>> {
    let folded = |t: &str| t.trim().to_lowercase();
    let whole = folded(text);
    match trigger {
        Trigger::Exact(keyword) => (whole == folded(keyword)).then(Vec::new),
        Trigger::Prefix(keyword) => whole.starts_with(&folded(keyword)).then(Vec::new),
        Trigger::Fields(keyword) => {
            let (word, rest) = text.split_once('#')?;
            (folded(word) == folded(keyword)).then(|| rest.split('#').map(|f| f.trim().to_owned()).collect())
        }
        Trigger::Any => Some(Vec::new()),
    }
}

/// The name of a rule as an author.
fn rule_name(index: usize, rule: &RuleSettings) -> String {
    match &rule.trigger {
        Trigger::Exact(keyword) | Trigger::Prefix(keyword) => keyword.clone(),
        Trigger::Fields(keyword) => format!("{keyword}#"),
        Trigger::Any => format!("#{}", index + 1),
    }
}

async fn may_repeat(store: &Store, rule: &RuleSettings, author: &Author, message: &Message) -> bool {
    if rule.repeat == Repeat::Always {
        return true;
    }
    let (store, author, conversation) = (store.clone(), author.clone(), message.conversation);
    let last = blocking::read(move || store.last_message_by(conversation, &author)).await;
    match (last, rule.repeat) {
        (Ok(None), _) => true,
        (Ok(Some(at)), Repeat::Day) => clock::now().since(at).as_secs() >= 24 * 3600,
        // A store that cannot be read: not to reply is safer.
        _ => false,
    }
}

async fn conversation_name(store: &Store, message: &Message) -> String {
    let (store, id) = (store.clone(), message.conversation);
    let found = blocking::read(move || store.conversation(id)).await;
    found.ok().flatten().map(|c| c.name).unwrap_or_default()
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

/// Replaces `{name}`, `{1}`, `{2}` … in a text by the customer's name and fields. What a customer wrote is not replaced
/// again.
fn fill(text: &str, name: &str, fields: &[String]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(placeholder, rest)| {
            let value = match placeholder {
                "name" => Some(name.to_owned()),
                _ => placeholder
                    .parse::<usize>()
                    .ok()
                    .filter(|n| *n > 0)
                    .map(|n| fields.get(n - 1).cloned().unwrap_or_default()),
            };
            value.map(|value| (value, rest))
        });
        if let Some((value, after_placeholder)) = value {
            filled.push_str(&value);
            rest = after_placeholder;
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

/// Whether a rule may reply to a message: a customer's own, in a conversation with one person.
fn may_be_replied_to(message: &Message) -> bool {
    message.direction == Direction::In
        && message.author.kind == AuthorKind::Contact
        && matches!(message.kind, Kind::Text | Kind::Choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_match_without_regard_to_case_and_give_their_fields() {
        assert_eq!(match_text(&Trigger::Exact("Harga".into()), " HARGA "), Some(vec![]));
        assert_eq!(match_text(&Trigger::Exact("harga".into()), "harga dong"), None);
        assert_eq!(match_text(&Trigger::Prefix("harga".into()), "Harga dong"), Some(vec![]));
        let fields = Trigger::Fields("penawaran".into());
        assert_eq!(match_text(&fields, "Penawaran#Jhon Doe# x@y"), Some(vec!["Jhon Doe".into(), "x@y".into()]));
        assert_eq!(match_text(&fields, "penawaran"), None);
    }

    #[test]
    fn placeholders_are_replaced_once_and_others_stay() {
        let fields = ["{name}".to_owned(), "dua".to_owned()];
        assert_eq!(fill("Halo {name}: {1}, {2}, {3}; {x} {", "Budi", &fields), "Halo Budi: {name}, dua, ; {x} {");
    }
}
