//! Automatic replies by an account's rules.
//!
//! Every automatic reply is a message of the conversation, with the rule as its author. At most one rule replies to a
//! message: the first of the configuration that matches.

use std::sync::Arc;

use crate::config::{Answer, Repeat, RuleSettings, Trigger};
use crate::domain::{Author, AuthorKind, Content, Message, Outgoing, Recipient, Timestamp};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::clock;
use crate::store::{LeaseOwner, RuleReply, Rules};
use jiff::civil::DateTime;

/// 24 hours in milliseconds.
const DAY: i64 = 86_400_000;

/// The rules of an account, for the store to apply; `None` when it has none. `in_webhook`: who sends the replies in the
/// response to the webhook, where that goes to the customer.
pub(super) fn of_account(account: &Arc<ConfiguredAccount>, in_webhook: Option<LeaseOwner>) -> Option<Rules> {
    if account.rules.is_empty() {
        return None;
    }
    let (account, now) = (Arc::clone(account), clock::now());
    let find = move |message: &Message, name: &str| reply(&account, message, name, now);
    Some(Rules { now, in_webhook, find: Box::new(find) })
}

fn reply(account: &ConfiguredAccount, message: &Message, name: &str, now: Timestamp) -> Option<RuleReply> {
    let (index, rule, fields) = first_match(&account.rules, &message.text, local_time(now))?;
    let contents = rule.reply.iter().map(|answer| content(answer, name, &fields));
    let contents = contents.filter(|content| is_allowed(account, message, content, now)).collect();
    let unless_after = match rule.repeat {
        Repeat::Always => None,
        Repeat::Day => Some(Timestamp(now.0.saturating_sub(DAY))),
        Repeat::Once => Some(Timestamp(i64::MIN)),
    };
    let author = Author { kind: AuthorKind::Rule, name: rule_name(index, rule) };
    Some(RuleReply { author, contents, unless_after })
}

/// Whether the account can carry an answer to a message.
fn is_allowed(account: &ConfiguredAccount, message: &Message, content: &Content, now: Timestamp) -> bool {
    let outgoing = Outgoing {
        channel: message.channel,
        to: Recipient { peer: message.peer.clone(), group: false },
        content: content.clone(),
        quote: None,
    };
    let window_until = account.capabilities.window.until(Some(message.at));
    let allowed = account.capabilities.allows(&outgoing, window_until, now);
    if let Err(objection) = &allowed {
        tracing::warn!(account = %account.name(), ?objection, "an automatic answer cannot be carried");
    }
    allowed.is_ok()
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
