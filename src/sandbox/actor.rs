//! One customer in a conversation: what he has heard, where his dialogue stands, what he says next.
//! Nothing here knows what time it is or how a message travels.

use std::sync::Arc;
use std::time::Duration;

use super::dice::Dice;
use super::intents::{Intents, Utterance};
use super::persona::{Body, Line, Persona};
use crate::domain::outgoing::{Button, MediaKind};
use crate::domain::{Channel, Content};

/// A message of a customer, ready to be told by his gateway.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    /// The simulated account that he writes to.
    pub(super) stage: String,
    pub(super) channel: Channel,
    /// His number or id.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) text: String,
    pub(super) body: Body,
    /// How long ago he said it.
    pub(super) ago: Duration,
    /// Our side said it, elsewhere.
    pub(super) echo: bool,
    /// The message of ours that he reacts to.
    pub(super) about: Option<String>,
}

/// A customer in a conversation.
#[derive(Debug)]
pub(super) struct Actor {
    pub(super) persona: Arc<Persona>,
    stage: String,
    channel: Channel,
    id: String,
    name: String,
    state: String,
    dice: Dice,
    /// Heard and not yet answered.
    ear: Vec<Content>,
    newest_heard: Option<String>,
    pub(super) opened: bool,
    /// A time to answer stands in the agenda.
    pub(super) listening: bool,
    /// He is saying something until then.
    pub(super) busy_until: Duration,
    /// Grows with everything heard or said; an older nudge is void.
    pub(super) generation: u64,
    pub(super) nudged: usize,
}

impl Actor {
    /// The customer that a persona describes.
    pub(super) fn of(persona: Arc<Persona>, seed: u64) -> Self {
        let (stage, channel, id) = (persona.stage.clone(), persona.channel, persona.id.clone());
        Self::standing_in(persona, stage, channel, id, seed)
    }

    /// Somebody else, who behaves as a persona does.
    pub(super) fn standing_in(persona: Arc<Persona>, stage: String, channel: Channel, id: String, seed: u64) -> Self {
        let dice = Dice::new(seed, &format!("actor {stage} {id}"));
        Actor {
            name: persona.name.clone(),
            state: persona.start.clone(),
            persona,
            stage,
            channel,
            id,
            dice,
            ear: Vec::new(),
            newest_heard: None,
            opened: false,
            listening: false,
            busy_until: Duration::ZERO,
            generation: 0,
            nudged: 0,
        }
    }

    /// Whether his conversation is over.
    pub(super) fn is_done(&self) -> bool {
        self.persona.states.get(&self.state).is_none_or(|s| s.end)
    }

    /// His own die.
    pub(super) fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// Takes in a message of ours, to be answered together with what else comes meanwhile.
    pub(super) fn hear(&mut self, content: Content, message: String) {
        // An agent who pastes without end is answered about the newest.
        if self.ear.len() >= 20 {
            self.ear.remove(0);
        }
        self.ear.push(content);
        self.newest_heard = Some(message);
        self.generation += 1;
        self.nudged = 0;
        self.opened = true;
    }

    /// What he answers to everything that he heard since he last answered.
    pub(super) fn answer(&mut self, intents: &Intents) -> Vec<Said> {
        let heard = std::mem::take(&mut self.ear);
        if let Some((id, title)) = heard.iter().rev().find_map(|c| self.press(c)) {
            return vec![self.said(title, Body::Choice { id }, Duration::ZERO)];
        }
        let words: Vec<String> = heard.iter().map(words_of).collect();
        let utterance = Utterance::new(&words.join(" "));
        let persona = Arc::clone(&self.persona);
        let Some(state) = persona.states.get(&self.state) else { return Vec::new() };
        let (lines, go) = match (state.rule(intents, &utterance), &state.otherwise) {
            (Some(rule), _) => (&rule.say, &rule.go),
            (None, Some(reply)) => (&reply.say, &reply.go),
            (None, None) => return Vec::new(),
        };
        if let Some(go) = go {
            self.state.clone_from(go);
        }
        self.speak(lines)
    }

    /// His first lines.
    pub(super) fn open(&mut self) -> Vec<Said> {
        self.opened = true;
        let persona = Arc::clone(&self.persona);
        self.speak(&persona.opening)
    }

    /// What brings him back; nothing when nothing does.
    pub(super) fn come_back(&mut self) -> Vec<Said> {
        let persona = Arc::clone(&self.persona);
        let Some(returns) = &persona.returns else { return Vec::new() };
        self.state = returns.go.clone().unwrap_or_else(|| persona.start.clone());
        self.nudged = 0;
        self.speak(&returns.say)
    }

    /// Reminds an agent who is silent; nothing when he never does.
    pub(super) fn nudge(&mut self) -> Vec<Said> {
        let persona = Arc::clone(&self.persona);
        let line = persona.nudges.get(self.nudged % persona.nudges.len().max(1));
        self.nudged += 1;
        line.map(|line| self.speak(std::slice::from_ref(line))).unwrap_or_default()
    }

    fn speak(&mut self, lines: &[Line]) -> Vec<Said> {
        self.generation += 1;
        let mut said = Vec::with_capacity(lines.len());
        for line in lines {
            let text = self.dice.pick(&line.texts).cloned().unwrap_or_default();
            let ago = Duration::try_from_secs_f64(line.ago * 60.0).unwrap_or_default();
            let spoken = Said { echo: line.echo, ..self.said(text, line.body.clone(), ago) };
            // There is nothing to react to before anything was heard.
            if !matches!(line.body, Body::Reaction { .. }) || spoken.about.is_some() {
                said.push(spoken);
            }
        }
        said
    }

    /// Everything that a line may become.
    #[cfg(test)]
    pub(super) fn every_variant(&mut self, line: &Line) -> Vec<Said> {
        let texts =
            if line.texts.is_empty() { vec![Vec::new()] } else { line.texts.iter().map(|t| vec![t.clone()]).collect() };
        texts.into_iter().flat_map(|texts| self.speak(&[Line { texts, ..line.clone() }])).collect()
    }

    fn said(&self, text: String, body: Body, ago: Duration) -> Said {
        let about = if matches!(body, Body::Reaction { .. }) { self.newest_heard.clone() } else { None };
        Said {
            stage: self.stage.clone(),
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

    /// The id and title of the button or row that he presses, when there is one.
    fn press(&mut self, content: &Content) -> Option<(String, String)> {
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
        self.dice.pick(&choices).cloned()
    }
}

/// What a message says to somebody who goes by keywords.
fn words_of(content: &Content) -> String {
    match content {
        Content::Media { link, caption } => {
            let shown = match link.kind {
                MediaKind::Image => "foto",
                MediaKind::Video => "video",
                MediaKind::Audio => "suara",
                MediaKind::Document => "invoice",
            };
            format!("{} {shown}", caption.as_deref().unwrap_or_default())
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
    use crate::sandbox::persona;

    fn actor(name: &str) -> (Actor, Intents) {
        let intents = Intents::built_in().unwrap();
        let everybody = persona::built_in(&intents).unwrap();
        let persona = everybody.into_iter().find(|p| p.name == name).unwrap();
        (Actor::of(Arc::new(persona), 7), intents)
    }

    fn text(body: &str) -> Content {
        Content::Text { body: body.into() }
    }

    #[test]
    fn a_whole_order_goes_from_question_to_thanks() {
        let (mut budi, intents) = actor("Budi Santoso");
        assert_eq!(budi.open().len(), 2);
        let mut answers = Vec::new();
        for words in [
            "Halo kak, yang hitam L masih ready ya",
            "Harganya 65rb per pcs kak",
            "Ongkir JNE ke Bandung 9.000 kak",
            "Silakan transfer ke BCA 1234567890 a.n. Toko Sari",
            "Terima kasih, kami proses hari ini ya kak",
        ] {
            assert!(!budi.is_done());
            budi.hear(text(words), "3EB0".into());
            let said = budi.answer(&intents);
            assert!(!said.is_empty(), "no answer to {words}");
            answers.extend(said);
        }
        assert!(budi.is_done());
        assert!(answers.last().unwrap().text.contains("akasih"), "{answers:?}");
        assert!(!budi.come_back().is_empty());
        assert!(!budi.is_done());
    }

    #[test]
    fn an_offer_of_buttons_is_answered_by_one_of_them() {
        let (mut rina, intents) = actor("Rina");
        let reply = |id: &str, title: &str| Button::Reply { id: id.into(), title: title.into() };
        let buttons = vec![
            reply("YA", "Ya"),
            reply("TIDAK", "Tidak"),
            Button::Url { url: "https://a.id".into(), title: "Web".into() },
        ];
        let content =
            Content::Buttons { text: "Bungkus kado?".into(), title: None, footer: None, media: None, buttons };
        rina.hear(content, "wamid.1".into());
        let said = rina.answer(&intents);
        let [choice] = said.as_slice() else { panic!("{said:?}") };
        assert!(matches!(&choice.body, Body::Choice { id } if id == "YA" || id == "TIDAK"));
        assert!(["Ya", "Tidak"].contains(&choice.text.as_str()));
    }

    #[test]
    fn a_reaction_names_the_message_that_it_is_about() {
        let (mut rina, intents) = actor("Rina");
        for words in ["tidak bisa kak", "besok dikirim", "terima kasih"] {
            rina.hear(text(words), format!("wamid.{words}"));
            let said = rina.answer(&intents);
            if words == "terima kasih" {
                assert_eq!(said.first().and_then(|s| s.about.as_deref()), Some("wamid.terima kasih"));
            }
        }
        assert!(rina.is_done());
    }

    #[test]
    fn the_same_seed_says_the_same() {
        let lines = || {
            let (mut maya, intents) = actor("Maya Lestari");
            let mut said = maya.open();
            for words in ["L kak", "lingkar dada 100cm", "ada mocca", "totalnya 250rb"] {
                maya.hear(text(words), "x".into());
                said.extend(maya.answer(&intents));
            }
            said
        };
        assert_eq!(lines(), lines());
    }
}
