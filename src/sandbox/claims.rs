//! What a gateway claims when a customer has written: the step from a said line to an [`Inbound`].
//! Nothing here knows how a gateway words it; that is its `sim`'s business.

use std::net::SocketAddr;

use serde_json::json;

use super::actor::Said;
use super::media;
use super::persona::Body;
use crate::domain::inbound::{InboundMessage, Keyword, Peer};
use crate::domain::{Direction, Inbound, Kind, Media, Timestamp};

/// The claim that a customer wrote. `id` is the message's id on the channel, `keywords` says that the gateway
/// forwards keywords, `address` is where the sandbox serves its pictures.
pub(super) fn of_said(said: &Said, id: String, at: Timestamp, keywords: bool, address: SocketAddr) -> Inbound {
    let mut message = InboundMessage::text(Peer::person(said.id.as_str()), said.text.as_str());
    message.channel = Some(said.channel);
    message.direction = if said.echo { Direction::Out } else { Direction::In };
    message.name = Some(said.name.clone()).filter(|name| !name.is_empty());
    message.unique = true;
    message.at = Some(Timestamp(at.0.saturating_sub(i64::try_from(said.ago.as_millis()).unwrap_or(0))));
    match &said.body {
        Body::Plain => message.keyword = if keywords { keyword(&said.text) } else { None },
        Body::Media { kind, file } => {
            message.kind = *kind;
            message.media = Some(Media {
                url: Some(format!("http://{address}{}", media::path(file))),
                mime: Some(media::mime(file).to_owned()),
                name: (*kind == Kind::Document).then(|| file.clone()),
                size: None,
                remote_id: Some(format!("media-{id}")),
            });
        }
        Body::Location(place) => {
            message.kind = Kind::Location;
            let mut payload = json!({"latitude": place.latitude, "longitude": place.longitude});
            for (key, value) in [("name", &place.name), ("address", &place.address)] {
                if let (Some(fields), Some(value)) = (payload.as_object_mut(), value) {
                    fields.insert(key.to_owned(), json!(value));
                }
            }
            message.payload = Some(payload);
        }
        Body::Choice { id } => {
            message.kind = Kind::Choice;
            message.payload = Some(json!({"id": id, "title": said.text}));
        }
        Body::Reaction { emoji } => {
            message.kind = Kind::Reaction;
            message.payload = Some(json!({"message": said.about, "emoji": emoji}));
        }
    }
    message.remote_id = Some(id);
    Inbound::Message(Box::new(message))
}

/// `penawaran#Jhon Doe#x@y` as a keyword and its fields (providers.md 4.4); `None` without such a form.
fn keyword(text: &str) -> Option<Keyword> {
    let (word, fields) = text.split_once('#')?;
    let whole = !word.is_empty() && !word.contains(char::is_whitespace);
    whole.then(|| Keyword { word: format!("{word}#"), fields: fields.split('#').map(str::to_owned).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::providers::Verdict;
    use crate::sandbox::actor::Actor;
    use crate::sandbox::intents::Intents;
    use crate::sandbox::{persona, stages};

    #[test]
    fn every_line_of_every_persona_is_told_by_its_gateway_and_understood_as_it_was_meant() {
        let address: SocketAddr = "127.0.0.1:9000".parse().unwrap();
        let now = Timestamp::from_seconds(1_800_000_000);
        let intents = Intents::built_in().unwrap();
        let mut told = 0;
        for persona in persona::built_in(&intents).unwrap() {
            let stage = stages().into_iter().find(|s| s.name == persona.stage).unwrap();
            assert!(stage.channels.contains(&persona.channel), "{} {}", persona.name, persona.channel);
            let (provider, profile) = stage.resolve(address).unwrap();
            let keywords = provider.manifest().replies_in_webhook;
            let persona = Arc::new(persona);
            let mut actor = Actor::of(Arc::clone(&persona), 1);
            actor.hear(crate::domain::Content::Text { body: "x".into() }, "wamid.x".into());
            for line in persona.lines() {
                for (serial, said) in actor.every_variant(line).into_iter().enumerate() {
                    let claim = of_said(&said, format!("id{told}"), now, keywords, address);
                    let webhook = provider.simulator().webhook(&profile, &claim, now, 7 + serial as u64);
                    let webhook = webhook.unwrap_or_else(|| panic!("{} cannot say {said:?}", persona.name));
                    assert!(matches!(provider.verify(&profile, &webhook, now), Verdict::Genuine { .. }));
                    let heard = provider.interpret(&profile, &webhook, now);
                    let [Inbound::Message(heard)] = heard.as_slice() else { panic!("{said:?}: {heard:?}") };
                    let Inbound::Message(meant) = claim else { panic!("{claim:?}") };
                    assert_eq!((&heard.peer.id, heard.direction), (&meant.peer.id, meant.direction), "{said:?}");
                    // A reaction's emoji may stand in the text as well.
                    if heard.kind != Kind::Reaction {
                        assert_eq!(heard.text, meant.text, "{}", persona.name);
                    }
                    assert_eq!(heard.kind, meant.kind, "{}: {said:?}", persona.name);
                    told += 1;
                }
            }
        }
        assert!(told > 200, "{told}");
    }

    #[test]
    fn only_a_word_before_the_sign_is_a_keyword() {
        let found = keyword("penawaran#Yusuf#a@b").unwrap();
        assert_eq!((found.word.as_str(), found.fields.len()), ("penawaran#", 2));
        for text in ["Pesanan saya #1042", "halo", "#promo"] {
            assert_eq!(keyword(text), None, "{text}");
        }
    }
}
