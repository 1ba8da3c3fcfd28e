//! One customer in a conversation: the messages that they have received, the state of their dialogue, their answers.
//! Nothing here reads a clock or sends anything.

use super::intents::{FoldedText, Intents};
use super::persona::{Body, Line, Persona};
use crate::domain::content_parts::Button;
use crate::domain::outgoing::MediaKind;
use crate::domain::{Channel, Content};
use crate::sandbox::rng::Rng;
use std::sync::Arc;
use std::time::Duration;

/// A message that a customer writes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CustomerMessage {
    /// The simulated account to which they write.
    pub(crate) account: String,
    pub(crate) channel: Channel,
    /// The customer's number or id.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) body: Body,
    /// The age of the message.
    pub(crate) ago: Duration,
    /// It was sent by the agent elsewhere, not by the customer.
    pub(crate) echo: bool,
    /// The id of the agent's message to which this is a reaction.
    pub(crate) about: Option<String>,
}

/// A customer in a conversation.
#[derive(Debug)]
pub(crate) struct Customer {
    pub(crate) persona: Arc<Persona>,
    account: String,
    channel: Channel,
    id: String,
    name: String,
    state: String,
    rng: Rng,
    /// Received and not yet answered.
    unanswered: Vec<Content>,
    newest_received: Option<String>,
    pub(crate) opened: bool,
    /// A time to read and answer is scheduled.
    pub(crate) will_read: bool,
    /// When they will have written all their messages.
    pub(crate) busy_until: Duration,
    /// Increases with every message in either direction; a nudge scheduled before is void.
    pub(crate) generation: u64,
    pub(crate) nudged: usize,
}

impl Customer {
    /// The customer with the id of their persona.
    pub(crate) fn new(persona: Arc<Persona>, seed: u64) -> Self {
        let (account, channel, id) = (persona.account.clone(), persona.channel, persona.id.clone());
        Self::with_id(persona, account, channel, id, seed)
    }

    /// A customer with another id who behaves like a persona.
    pub(crate) fn with_id(persona: Arc<Persona>, account: String, channel: Channel, id: String, seed: u64) -> Self {
        let rng = Rng::new(seed, &format!("actor {account} {id}"));
        Customer {
            name: persona.name.clone(),
            state: persona.start.clone(),
            persona,
            account,
            channel,
            id,
            rng,
            unanswered: Vec::new(),
            newest_received: None,
            opened: false,
            will_read: false,
            busy_until: Duration::ZERO,
            generation: 0,
            nudged: 0,
        }
    }

    /// Whether the conversation is over.
    pub(crate) fn is_done(&self) -> bool {
        self.persona.states.get(&self.state).is_none_or(|s| s.end)
    }

    /// The customer's own random numbers, so that one customer's choices do not depend on another's.
    pub(crate) fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// Receives a message, to be answered together with all others that arrive until then.
    pub(crate) fn receive(&mut self, content: Content, message: String) {
        // Of a flood of messages only the newest are answered.
        if self.unanswered.len() >= 20 {
            self.unanswered.remove(0);
        }
        self.unanswered.push(content);
        self.newest_received = Some(message);
        self.generation += 1;
        self.nudged = 0;
        self.opened = true;
    }

    /// The reply to all messages since the last reply.
    pub(crate) fn reply(&mut self, intents: &Intents) -> Vec<CustomerMessage> {
        let received = std::mem::take(&mut self.unanswered);
        if let Some((id, title)) = received.iter().rev().find_map(|content| self.choose(content)) {
            return vec![self.message(title, Body::Choice { id }, Duration::ZERO)];
        }
        let texts: Vec<String> = received.iter().map(text_of).collect();
        let text = FoldedText::new(&texts.join(" "));
        let persona = Arc::clone(&self.persona);
        let Some(state) = persona.states.get(&self.state) else { return Vec::new() };
        let (lines, go) = match (state.rule(intents, &text), &state.otherwise) {
            (Some(rule), _) => (&rule.say, &rule.go),
            (None, Some(reply)) => (&reply.say, &reply.go),
            (None, None) => return Vec::new(),
        };
        if let Some(go) = go {
            self.state.clone_from(go);
        }
        self.write_lines(lines)
    }

    /// The messages with which the customer begins the conversation.
    pub(crate) fn open(&mut self) -> Vec<CustomerMessage> {
        self.opened = true;
        let persona = Arc::clone(&self.persona);
        self.write_lines(&persona.opening)
    }

    /// The messages that begin another conversation; none when the persona has none.
    pub(crate) fn return_again(&mut self) -> Vec<CustomerMessage> {
        let persona = Arc::clone(&self.persona);
        let Some(returns) = &persona.returns else { return Vec::new() };
        self.state = returns.go.clone().unwrap_or_else(|| persona.start.clone());
        self.nudged = 0;
        self.write_lines(&returns.say)
    }

    /// A reminder for an agent who does not answer; nothing when the persona has none.
    pub(crate) fn nudge(&mut self) -> Vec<CustomerMessage> {
        let persona = Arc::clone(&self.persona);
        let line = persona.nudges.get(self.nudged % persona.nudges.len().max(1));
        self.nudged += 1;
        line.map(|line| self.write_lines(std::slice::from_ref(line))).unwrap_or_default()
    }

    fn write_lines(&mut self, lines: &[Line]) -> Vec<CustomerMessage> {
        self.generation += 1;
        let mut messages = Vec::with_capacity(lines.len());
        for line in lines {
            let text = self.rng.pick(&line.texts).cloned().unwrap_or_default();
            let ago = Duration::try_from_secs_f64(line.ago * 60.0).unwrap_or_default();
            let message = CustomerMessage { echo: line.echo, ..self.message(text, line.body.clone(), ago) };
            // Before anything was received there is nothing to react to.
            if !matches!(line.body, Body::Reaction { .. }) || message.about.is_some() {
                messages.push(message);
            }
        }
        messages
    }

    /// The messages of all variants of a line.
    #[cfg(test)]
    pub(crate) fn all_variants(&mut self, line: &Line) -> Vec<CustomerMessage> {
        let texts =
            if line.texts.is_empty() { vec![Vec::new()] } else { line.texts.iter().map(|t| vec![t.clone()]).collect() };
        texts.into_iter().flat_map(|texts| self.write_lines(&[Line { texts, ..line.clone() }])).collect()
    }

    fn message(&self, text: String, body: Body, ago: Duration) -> CustomerMessage {
        let about = if matches!(body, Body::Reaction { .. }) { self.newest_received.clone() } else { None };
        CustomerMessage {
            account: self.account.clone(),
            channel: self.channel,
            id: self.id.clone(),
            name: self.name.clone(),
            text,
            body,
            ago,
            echo: false,
            about,
        }
    }

    /// Chooses a button or row of a message, by id and title.
    fn choose(&mut self, content: &Content) -> Option<(String, String)> {
        let choices: Vec<(String, String)> = match content {
            Content::Buttons { buttons, .. } => buttons
                .iter()
                .filter_map(|button| match button {
                    Button::Reply { id, title } => Some((id.clone(), title.clone())),
                    Button::Url { .. } | Button::Copy { .. } => None,
                })
                .collect(),
            Content::List { rows, .. } => rows.iter().map(|r| (r.id.clone(), r.title.clone())).collect(),
            Content::Template(template) => template.payloads.iter().map(|p| (p.clone(), p.clone())).collect(),
            _ => Vec::new(),
        };
        self.rng.pick(&choices).cloned()
    }
}

/// The text of a message in which intents are searched.
fn text_of(content: &Content) -> String {
    match content {
        Content::Media { link, caption } => {
            let media = match link.kind {
                MediaKind::Image => "foto",
                MediaKind::Video => "video",
                MediaKind::Audio => "suara",
                MediaKind::Document => "invoice",
            };
            format!("{} {media}", caption.as_deref().unwrap_or_default())
        }
        Content::Location { caption, .. } => format!("{} alamat lokasi", caption.as_deref().unwrap_or_default()),
        Content::Card { name, .. } => format!("{name} nomor hp"),
        Content::Template(template) => template.variables.join(" "),
        other => other.text().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::customers::persona;

    fn customer(name: &str) -> (Customer, Intents) {
        let intents = Intents::built_in().unwrap();
        let personas = persona::built_in(&intents).unwrap();
        let persona = personas.into_iter().find(|p| p.name == name).unwrap();
        (Customer::new(Arc::new(persona), 7), intents)
    }

    fn text(body: &str) -> Content {
        Content::Text { body: body.into() }
    }

    #[test]
    fn an_order_goes_from_question_to_thanks() {
        let (mut budi, intents) = customer("Budi Santoso");
        assert_eq!(budi.open().len(), 2);
        let mut answers = Vec::new();
        for body in [
            "Halo kak, yang hitam L masih ready ya",
            "Harganya 65rb per pcs kak",
            "Ongkir JNE ke Bandung 9.000 kak",
            "Silakan transfer ke BCA 1234567890 a.n. Toko Sari",
            "Terima kasih, kami proses hari ini ya kak",
        ] {
            assert!(!budi.is_done());
            budi.receive(text(body), "3EB0".into());
            let messages = budi.reply(&intents);
            assert!(!messages.is_empty(), "no answer to {body}");
            answers.extend(messages);
        }
        assert!(budi.is_done());
        assert!(answers.last().unwrap().text.contains("akasih"), "{answers:?}");
        assert!(!budi.return_again().is_empty());
        assert!(!budi.is_done());
    }

    #[test]
    fn buttons_are_answered_by_choosing_one() {
        let (mut rina, intents) = customer("Rina");
        let reply = |id: &str, title: &str| Button::Reply { id: id.into(), title: title.into() };
        let buttons = vec![
            reply("YA", "Ya"),
            reply("TIDAK", "Tidak"),
            Button::Url { url: "https://a.id".into(), title: "Web".into() },
        ];
        let content =
            Content::Buttons { text: "Bungkus kado?".into(), title: None, footer: None, media: None, buttons };
        rina.receive(content, "wamid.1".into());
        let messages = rina.reply(&intents);
        let [choice] = messages.as_slice() else { panic!("{messages:?}") };
        assert!(matches!(&choice.body, Body::Choice { id } if id == "YA" || id == "TIDAK"));
        assert!(["Ya", "Tidak"].contains(&choice.text.as_str()));
    }

    #[test]
    fn a_reaction_names_its_message() {
        let (mut rina, intents) = customer("Rina");
        for body in ["tidak bisa kak", "besok dikirim", "terima kasih"] {
            rina.receive(text(body), format!("wamid.{body}"));
            let messages = rina.reply(&intents);
            if body == "terima kasih" {
                assert_eq!(messages.first().and_then(|s| s.about.as_deref()), Some("wamid.terima kasih"));
            }
        }
        assert!(rina.is_done());
    }

    #[test]
    fn equal_seeds_give_equal_dialogues() {
        let lines = || {
            let (mut maya, intents) = customer("Maya Lestari");
            let mut messages = maya.open();
            for body in ["L kak", "lingkar dada 100cm", "ada mocca", "totalnya 250rb"] {
                maya.receive(text(body), "x".into());
                messages.extend(maya.reply(&intents));
            }
            messages
        };
        assert_eq!(lines(), lines());
    }
}
