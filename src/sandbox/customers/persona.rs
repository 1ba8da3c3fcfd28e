//! Personas: the behaviour of a customer as data, read from TOML.
//!
//! A persona's file (`assets/personas/*.toml`):
//!
//! ```toml
//! name = "Budi Santoso"
//! id = "628123400012"        # the number or the channel's own id
//! stage = "chatera"          # the simulated account to write to
//! channel = "whatsapp"
//! arrives = 0.4              # seconds after the start; absent: at some later time
//! patience = 45              # seconds without an answer until a nudge
//! nudges = [["Kak?", "Halo kak, masih ada?"]]
//! opening = [{ text = "Halo kak", ago = 12 }, "Kaos hitam L ready?"]   # ago: minutes in the past
//! start = "asks"
//! [states.asks]
//! on = [{ intents = ["stock"], words = ["siap"], say = ["Oke, mau 2 ya"], go = "pays" }]
//! otherwise = { say = [["Hmm?", "Gimana kak?"]] }
//! [states.pays]
//! end = true
//! ```
//!
//! A line is a text, a list of texts of which one is chosen, or a table: `text`, `ago`, `image`/`video`/`audio`/
//! `document`/`sticker` (a file of the sandbox), `location`, `choice` (a button's id; the text is its title),
//! `reaction` (to the agent's newest message), `echo` (sent by the agent elsewhere).
use std::collections::{BTreeMap, BTreeSet};

use super::intents::{FoldedText, Intents};
use crate::domain::{Channel, Kind};
use crate::sandbox::error::SandboxError;
use serde::Deserialize;

/// The behaviour of a customer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Persona {
    pub(crate) name: String,
    pub(crate) id: String,
    #[serde(rename = "stage")]
    pub(crate) account: String,
    pub(crate) channel: Channel,
    pub(crate) arrives: Option<f64>,
    #[serde(default = "default_patience")]
    pub(crate) patience: f64,
    #[serde(default)]
    pub(crate) nudges: Vec<Line>,
    pub(crate) opening: Vec<Line>,
    pub(crate) start: String,
    pub(crate) states: BTreeMap<String, State>,
    /// The messages that begin another conversation after the end of one.
    #[serde(default)]
    pub(crate) returns: Option<Reply>,
    /// The persona of everybody whom no other persona describes; it never writes first.
    #[serde(default)]
    pub(crate) stranger: bool,
}

/// A state of a dialogue.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    #[serde(default)]
    pub(crate) on: Vec<Rule>,
    pub(crate) otherwise: Option<Reply>,
    /// The conversation is over; no nudges follow.
    #[serde(default)]
    pub(crate) end: bool,
}

/// The answer to an agent's message with one of the intents or words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(default)]
    pub(crate) intents: Vec<String>,
    #[serde(default)]
    pub(crate) words: Vec<String>,
    pub(crate) say: Vec<Line>,
    pub(crate) go: Option<String>,
}

/// The messages of an answer, and the state that follows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    pub(crate) say: Vec<Line>,
    pub(crate) go: Option<String>,
}

/// One message of a persona.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "LineSource")]
pub(crate) struct Line {
    /// Variants, of which one is chosen.
    pub(crate) texts: Vec<String>,
    /// The message's age in minutes.
    pub(crate) ago: f64,
    pub(crate) body: Body,
    /// It was sent by the agent elsewhere, not by the customer.
    pub(crate) echo: bool,
}

/// The content of a line beside its text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    Plain,
    Media { kind: Kind, file: String },
    Location(Location),
    Choice { id: String },
    Reaction { emoji: String },
}

/// A location; its coordinates stay text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Location {
    pub(crate) latitude: String,
    pub(crate) longitude: String,
    pub(crate) name: Option<String>,
    pub(crate) address: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LineSource {
    One(String),
    Variants(Vec<String>),
    Table(Box<LineTable>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Variants(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineTable {
    text: Option<Texts>,
    #[serde(default)]
    ago: f64,
    image: Option<String>,
    video: Option<String>,
    audio: Option<String>,
    document: Option<String>,
    sticker: Option<String>,
    location: Option<Location>,
    choice: Option<String>,
    reaction: Option<String>,
    #[serde(default)]
    echo: bool,
}

fn default_patience() -> f64 {
    60.0
}

impl From<LineSource> for Line {
    fn from(form: LineSource) -> Self {
        match form {
            LineSource::One(text) => Line::plain(vec![text]),
            LineSource::Variants(texts) => Line::plain(texts),
            LineSource::Table(line) => (*line).into(),
        }
    }
}

impl From<LineTable> for Line {
    fn from(line: LineTable) -> Self {
        let texts = match line.text {
            None => Vec::new(),
            Some(Texts::One(text)) => vec![text],
            Some(Texts::Variants(texts)) => texts,
        };
        let media = [
            (Kind::Image, line.image),
            (Kind::Video, line.video),
            (Kind::Audio, line.audio),
            (Kind::Document, line.document),
            (Kind::Sticker, line.sticker),
        ];
        let media = media.into_iter().find_map(|(kind, file)| Some(Body::Media { kind, file: file? }));
        let body = media
            .or(line.location.map(Body::Location))
            .or(line.choice.map(|id| Body::Choice { id }))
            .or(line.reaction.map(|emoji| Body::Reaction { emoji }))
            .unwrap_or(Body::Plain);
        Line { texts, ago: line.ago, body, echo: line.echo }
    }
}

impl Line {
    fn plain(texts: Vec<String>) -> Self {
        Line { texts, ago: 0.0, body: Body::Plain, echo: false }
    }

    fn is_valid(&self) -> bool {
        let has_text = !self.texts.is_empty() && self.texts.iter().all(|t| !t.trim().is_empty());
        let ago = self.ago.is_finite() && (0.0..=60.0 * 24.0).contains(&self.ago);
        let needs_no_text = matches!(self.body, Body::Media { .. } | Body::Location(_) | Body::Reaction { .. });
        ago && (has_text || (needs_no_text && self.texts.is_empty()))
    }
}

impl Rule {
    /// Whether a text of the agent triggers this rule.
    pub(crate) fn matches(&self, intents: &Intents, text: &FoldedText) -> bool {
        self.words.iter().any(|word| text.contains(word))
            || self.intents.iter().any(|intent| intents.matches(intent, text))
    }
}

impl State {
    /// The first rule that a text triggers.
    pub(crate) fn rule(&self, intents: &Intents, text: &FoldedText) -> Option<&Rule> {
        self.on.iter().find(|rule| rule.matches(intents, text))
    }

    fn next_states(&self) -> impl Iterator<Item = &str> {
        let rules = self.on.iter().filter_map(|r| r.go.as_deref());
        rules.chain(self.otherwise.iter().filter_map(|r| r.go.as_deref()))
    }
}

impl Persona {
    /// Parses a persona and checks that every dialogue can reach an end.
    pub(crate) fn parse(file: &'static str, text: &str, intents: &Intents) -> Result<Self, SandboxError> {
        let error = |reason: String| SandboxError::Persona { file, reason };
        let persona: Persona = toml::from_str(text).map_err(|e| error(e.to_string()))?;
        let faults = persona.faults(intents);
        if faults.is_empty() { Ok(persona) } else { Err(error(faults.join("; "))) }
    }

    /// Everything that would make a conversation impossible to finish.
    fn faults(&self, intents: &Intents) -> Vec<String> {
        let mut faults = Vec::new();
        let mut expect = |holds: bool, fault: String| {
            if !holds {
                faults.push(fault);
            }
        };
        expect(!self.name.trim().is_empty(), "no name".into());
        expect(self.stranger || !self.opening.is_empty(), "nothing opens".into());
        expect(self.patience.is_finite() && self.patience >= 1.0, "patience under a second".into());
        expect(self.arrives.is_none_or(|s| s.is_finite() && (0.0..60.0).contains(&s)), "arrives out of range".into());
        for line in self.lines() {
            expect(line.is_valid(), format!("a line without content: {line:?}"));
        }
        let reachable = self.reachable();
        for (name, state) in &self.states {
            expect(reachable.contains(name.as_str()), format!("nothing leads to {name}"));
            expect(state.end || self.leads_to_end(name), format!("no way from {name} to an end"));
            expect(state.end || state.otherwise.is_some(), format!("{name} has no answer for other words"));
            for next in state.next_states() {
                expect(self.states.contains_key(next), format!("{name} goes to {next}, which does not exist"));
            }
            for rule in &state.on {
                expect(!rule.intents.is_empty() || !rule.words.is_empty(), format!("{name}: a rule nobody triggers"));
                for intent in &rule.intents {
                    expect(intents.keywords(intent).is_some(), format!("{name}: no intent {intent}"));
                }
            }
        }
        for next in self.first_states() {
            expect(self.states.contains_key(next), format!("begins in {next}, which does not exist"));
        }
        faults
    }

    /// Every line that the customer may write: opening, nudges, answers, and beginnings of further conversations.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &Line> {
        let answers = self
            .states
            .values()
            .flat_map(|s| s.on.iter().flat_map(|r| &r.say).chain(s.otherwise.iter().flat_map(|r| &r.say)));
        let returns = self.returns.iter().flat_map(|r| &r.say);
        self.opening.iter().chain(&self.nudges).chain(answers).chain(returns)
    }

    fn first_states(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.start.as_str()).chain(self.returns.iter().filter_map(|r| r.go.as_deref()))
    }

    fn reachable(&self) -> BTreeSet<&str> {
        self.reachable_from(self.first_states())
    }

    fn reachable_from<'a>(&'a self, from: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let mut reachable = BTreeSet::new();
        let mut open: Vec<&str> = from.collect();
        while let Some(name) = open.pop() {
            if reachable.insert(name) {
                open.extend(self.states.get(name).into_iter().flat_map(State::next_states));
            }
        }
        reachable
    }

    fn leads_to_end(&self, name: &str) -> bool {
        self.reachable_from(std::iter::once(name)).iter().any(|n| self.states.get(*n).is_some_and(|s| s.end))
    }
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../assets/personas/", $name)))),*]
    };
}

/// The built-in personas, each by its file.
const BUILT_IN: &[(&str, &str)] = files![
    "agus-hoodie.toml",
    "ayu-instagram.toml",
    "bayu-telegram.toml",
    "budi-kaos.toml",
    "citra-reseller.toml",
    "dewi-salah-kirim.toml",
    "emma-english.toml",
    "fajar-resi.toml",
    "hendra-lokasi.toml",
    "indah-qris.toml",
    "joko-cod.toml",
    "kartika-rusak.toml",
    "lukas-messenger.toml",
    "maya-ukuran.toml",
    "nanda-telegram.toml",
    "pak-rt-seragam.toml",
    "putri-kado.toml",
    "rina-tombol.toml",
    "tak-dikenal.toml",
    "yusuf-penawaran.toml",
];

/// The built-in personas, in the order of their files.
pub(crate) fn built_in(intents: &Intents) -> Result<Vec<Persona>, SandboxError> {
    BUILT_IN.iter().map(|(file, text)| Persona::parse(file, text, intents)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phone::{INDONESIA, normalise};
    use crate::sandbox::accounts::demo_accounts;

    fn intents() -> Intents {
        Intents::built_in().unwrap()
    }

    #[test]
    fn every_persona_is_valid_and_every_file_is_built_in() {
        let personas = built_in(&intents()).unwrap();
        assert!(personas.len() >= 15);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/personas");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .filter(|f| f != "intents.toml")
            .collect();
        files.sort();
        assert_eq!(files, BUILT_IN.iter().map(|(f, _)| (*f).to_owned()).collect::<Vec<_>>());
    }

    #[test]
    fn every_rule_can_be_triggered() {
        let intents = intents();
        for persona in built_in(&intents).unwrap() {
            for (name, state) in &persona.states {
                for rule in &state.on {
                    let keywords = rule.intents.iter().filter_map(|i| intents.keywords(i)).flatten();
                    let reached = rule.words.iter().chain(keywords).any(|word| {
                        let sample = if word == "#" { "7".to_owned() } else { word.replace('*', "x") };
                        state.rule(&intents, &FoldedText::new(&sample)).is_some_and(|r| std::ptr::eq(r, rule))
                    });
                    assert!(reached, "{} {name}: {:?} {:?}", persona.name, rule.intents, rule.words);
                }
            }
        }
    }

    #[test]
    fn ten_customers_write_at_once_to_all_gateways_and_ids_fit_their_channels() {
        let personas = built_in(&intents()).unwrap();
        let at_once: Vec<_> = personas.iter().filter(|p| p.arrives.is_some_and(|s| s <= 1.5)).collect();
        assert!(at_once.len() >= 10, "{}", at_once.len());
        for account in demo_accounts() {
            assert!(at_once.iter().any(|p| p.account == account.name), "nobody writes to {}", account.name);
        }
        for channel in Channel::ALL {
            assert!(personas.iter().any(|p| p.channel == channel), "nobody on {channel}");
        }
        let mut ids = BTreeSet::new();
        for persona in personas.iter().filter(|p| !p.stranger) {
            assert!(ids.insert((persona.account.clone(), persona.id.clone())), "{} twice", persona.id);
            if persona.channel.uses_phone_numbers() {
                assert_eq!(normalise(&persona.id, INDONESIA).as_deref(), Some(persona.id.as_str()));
            }
        }
        assert_eq!(personas.iter().filter(|p| p.stranger).count(), 1);
    }

    #[test]
    fn invalid_personas_are_refused_with_a_reason() {
        let base = "name='A'\nid='628'\nstage='chatera'\nchannel='whatsapp'\nopening=['hai']\nstart='a'\n";
        let reason = |states: &str| match Persona::parse("x.toml", &format!("{base}{states}"), &intents()) {
            Err(SandboxError::Persona { reason, .. }) => reason,
            other => panic!("{other:?}"),
        };
        assert!(reason("[states.b]\nend=true").contains("begins in a"));
        assert!(reason("[states.a]\nend=true\n[states.b]\nend=true").contains("nothing leads to b"));
        assert!(reason("[states.a]\notherwise={say=['x']}").contains("no way from a"));
        assert!(reason("[states.a]\non=[{words=['x'],say=['y'],go='b'}]\n[states.b]\nend=true").contains("no answer"));
        assert!(reason("[states.a]\nend=true\non=[{intents=['nix'],say=['y']}]").contains("no intent nix"));
        assert!(reason("[states.a]\nend=true\non=[{say=['y']}]").contains("nobody triggers"));
        assert!(reason("[states.a]\nend=true\non=[{words=['x'],say=['']}]").contains("without content"));
        assert!(reason("[states.a]\nend=true\nsurprise=1").contains("surprise"));
    }
}
