//! Converts a customer's message to the [`Inbound`] that the gateway's simulator turns into a webhook.

use std::net::SocketAddr;

use serde_json::json;

use super::customers::dialogue::CustomerMessage;
use super::customers::persona::Body;
use super::media;
use crate::domain::inbound::{InboundMessage, Keyword, Peer};
use crate::domain::{Direction, Inbound, Kind, Media, Timestamp};

/// The inbound message of a customer. `id` is the message's id on the channel, `keywords` tells that the gateway
/// forwards keywords, `address` is where the sandbox serves its files.
pub(crate) fn from_customer(
    message: &CustomerMessage,
    id: String,
    at: Timestamp,
    keywords: bool,
    address: SocketAddr,
) -> Inbound {
    let mut inbound = InboundMessage::text(Peer::person(message.id.as_str()), message.text.as_str());
    inbound.channel = Some(message.channel);
    inbound.direction = if message.echo { Direction::Out } else { Direction::In };
    inbound.name = Some(message.name.clone()).filter(|name| !name.is_empty());
    inbound.unique = true;
    inbound.at = Some(Timestamp(at.0.saturating_sub(i64::try_from(message.ago.as_millis()).unwrap_or(0))));
    match &message.body {
        Body::Plain => inbound.keyword = if keywords { parse_keyword(&message.text) } else { None },
        Body::Media { kind, file } => {
            inbound.kind = *kind;
            inbound.media = Some(Media {
                url: Some(format!("http://{address}{}", media::path(file))),
                mime: Some(media::mime(file).to_owned()),
                name: (*kind == Kind::Document).then(|| file.clone()),
                remote_id: Some(format!("media-{id}")),
                ..Media::default()
            });
        }
        Body::Location(location) => {
            inbound.kind = Kind::Location;
            let mut payload = json!({"latitude": location.latitude, "longitude": location.longitude});
            for (key, value) in [("name", &location.name), ("address", &location.address)] {
                if let (Some(fields), Some(value)) = (payload.as_object_mut(), value) {
                    fields.insert(key.to_owned(), json!(value));
                }
            }
            inbound.payload = Some(payload);
        }
        Body::Choice { id } => {
            inbound.kind = Kind::Choice;
            inbound.payload = Some(json!({"id": id, "title": message.text}));
        }
        Body::Reaction { emoji } => {
            inbound.kind = Kind::Reaction;
            inbound.payload = Some(json!({"message": message.about, "emoji": emoji}));
        }
    }
    inbound.remote_id = Some(id);
    Inbound::Message(Box::new(inbound))
}

/// `penawaran#Jhon Doe#x@y` as a keyword and its fields (providers.md 4.4); `None` without such a form.
fn parse_keyword(text: &str) -> Option<Keyword> {
    let (word, fields) = text.split_once('#')?;
    let is_keyword = !word.is_empty() && !word.contains(char::is_whitespace);
    is_keyword.then(|| Keyword { word: format!("{word}#"), fields: fields.split('#').map(str::to_owned).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::providers::Verdict;
    use crate::sandbox::customers::dialogue::Customer;
    use crate::sandbox::customers::intents::Intents;
    use crate::sandbox::customers::persona;
    use crate::sandbox::demo_accounts;

    #[test]
    fn every_line_of_every_persona_is_interpreted_as_it_was_written() {
        let address: SocketAddr = "127.0.0.1:9000".parse().unwrap();
        let now = Timestamp::from_seconds(1_800_000_000);
        let intents = Intents::built_in().unwrap();
        let mut count = 0;
        for persona in persona::built_in(&intents).unwrap() {
            let account = demo_accounts().into_iter().find(|account| account.name == persona.account).unwrap();
            assert!(account.channels.contains(&persona.channel), "{} {}", persona.name, persona.channel);
            let (provider, profile) = account.resolve(address).unwrap();
            let keywords = provider.manifest().replies_in_webhook;
            let persona = Arc::new(persona);
            let mut customer = Customer::new(Arc::clone(&persona), 1);
            customer.receive(crate::domain::Content::Text { body: "x".into() }, "wamid.x".into());
            for line in persona.lines() {
                for (serial, message) in customer.all_variants(line).into_iter().enumerate() {
                    let inbound = from_customer(&message, format!("id{count}"), now, keywords, address);
                    let webhook = provider.simulator().webhook(&profile, &inbound, now, 7 + serial as u64);
                    let webhook = webhook.unwrap_or_else(|| panic!("{} cannot write {message:?}", persona.name));
                    assert!(matches!(provider.verify(&profile, &webhook, now), Verdict::Genuine { .. }));
                    let interpreted = provider.interpret(&profile, &webhook, now);
                    let [Inbound::Message(read)] = interpreted.as_slice() else {
                        panic!("{message:?}: {interpreted:?}")
                    };
                    let Inbound::Message(written) = inbound else { panic!("{inbound:?}") };
                    assert_eq!((&read.peer.id, read.direction), (&written.peer.id, written.direction), "{message:?}");
                    // A reaction's emoji may be repeated in the text.
                    if read.kind != Kind::Reaction {
                        assert_eq!(read.text, written.text, "{}", persona.name);
                    }
                    assert_eq!(read.kind, written.kind, "{}: {message:?}", persona.name);
                    count += 1;
                }
            }
        }
        assert!(count > 200, "{count}");
    }

    #[test]
    fn only_a_word_before_the_sign_is_a_keyword() {
        let keyword = parse_keyword("penawaran#Yusuf#a@b").unwrap();
        assert_eq!((keyword.word.as_str(), keyword.fields.len()), ("penawaran#", 2));
        for text in ["Pesanan saya #1042", "halo", "#promo"] {
            assert_eq!(parse_keyword(text), None, "{text}");
        }
    }
}
