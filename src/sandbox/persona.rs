//! A customer as data: who he is, how he begins, and how he answers. Read from TOML; no persona is code.
//!
//! A persona's file (`assets/personas/*.toml`):
//!
//! ```toml
//! name = "Budi Santoso"
//! id = "628123400012"        # the number or the channel's own id
//! stage = "chatera"          # the simulated account he writes to
//! channel = "whatsapp"
//! arrives = 0.4              # seconds after the start; absent: some time later
//! patience = 45              # seconds until he nudges an agent who is silent
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
//! A line is a text, a list of texts of which one is said, or a table: `text`, `ago`, `image`/`video`/`audio`/
//! `document`/`sticker` (a file of the sandbox), `location`, `choice` (a button's id; the text is its title),
//! `reaction` (to the agent's newest message), `echo` (our side said it elsewhere).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::SandboxError;
use super::intents::{Intents, Utterance};
use crate::domain::{Channel, Kind};

/// A customer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Persona {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) stage: String,
    pub(super) channel: Channel,
    pub(super) arrives: Option<f64>,
    #[serde(default = "default_patience")]
    pub(super) patience: f64,
    #[serde(default)]
    pub(super) nudges: Vec<Line>,
    pub(super) opening: Vec<Line>,
    pub(super) start: String,
    pub(super) states: BTreeMap<String, State>,
    /// What brings him back after the end.
    #[serde(default)]
    pub(super) returns: Option<Reply>,
    /// He stands for everybody whom no other persona describes; he never opens.
    #[serde(default)]
    pub(super) stranger: bool,
}

/// Where a dialogue stands.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    #[serde(default)]
    pub(super) on: Vec<Rule>,
    pub(super) otherwise: Option<Reply>,
    /// The conversation is over; he nudges no more.
    #[serde(default)]
    pub(super) end: bool,
}

/// What he answers to an agent's words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    #[serde(default)]
    pub(super) intents: Vec<String>,
    #[serde(default)]
    pub(super) words: Vec<String>,
    pub(super) say: Vec<Line>,
    pub(super) go: Option<String>,
}

/// What he says, and where that leads.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    pub(super) say: Vec<Line>,
    pub(super) go: Option<String>,
}

/// One message of a customer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "LineForm")]
pub(super) struct Line {
    /// Variants, of which one is said.
    pub(super) texts: Vec<String>,
    /// So many minutes ago.
    pub(super) ago: f64,
    pub(super) body: Body,
    /// Our side said it, elsewhere.
    pub(super) echo: bool,
}

/// What a line is beside its text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    Plain,
    Media { kind: Kind, file: String },
    Location(Place),
    Choice { id: String },
    Reaction { emoji: String },
}

/// A place; coordinates stay text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    pub(super) latitude: String,
    pub(super) longitude: String,
    pub(super) name: Option<String>,
    pub(super) address: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LineForm {
    One(String),
    Variants(Vec<String>),
    Whole(Box<WholeLine>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Variants(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WholeLine {
    text: Option<Texts>,
    #[serde(default)]
    ago: f64,
    image: Option<String>,
    video: Option<String>,
    audio: Option<String>,
    document: Option<String>,
    sticker: Option<String>,
    location: Option<Place>,
    choice: Option<String>,
    reaction: Option<String>,
    #[serde(default)]
    echo: bool,
}

fn default_patience() -> f64 {
    60.0
}

impl From<LineForm> for Line {
    fn from(form: LineForm) -> Self {
        match form {
            LineForm::One(text) => Line::plain(vec![text]),
            LineForm::Variants(texts) => Line::plain(texts),
            LineForm::Whole(line) => (*line).into(),
        }
    }
}

impl From<WholeLine> for Line {
    fn from(line: WholeLine) -> Self {
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

    fn is_whole(&self) -> bool {
        let spoken = !self.texts.is_empty() && self.texts.iter().all(|t| !t.trim().is_empty());
        let ago = self.ago.is_finite() && (0.0..=60.0 * 24.0).contains(&self.ago);
        let silent = matches!(self.body, Body::Media { .. } | Body::Location(_) | Body::Reaction { .. });
        ago && (spoken || (silent && self.texts.is_empty()))
    }
}

impl Rule {
    /// Whether the agent's words call for this answer.
    pub(super) fn fits(&self, intents: &Intents, said: &Utterance) -> bool {
        self.words.iter().any(|w| said.has(w)) || self.intents.iter().any(|i| intents.means(i, said))
    }
}

impl State {
    /// The first rule that fits.
    pub(super) fn rule(&self, intents: &Intents, said: &Utterance) -> Option<&Rule> {
        self.on.iter().find(|rule| rule.fits(intents, said))
    }

    fn ways_out(&self) -> impl Iterator<Item = &str> {
        let rules = self.on.iter().filter_map(|r| r.go.as_deref());
        rules.chain(self.otherwise.iter().filter_map(|r| r.go.as_deref()))
    }
}

impl Persona {
    /// Reads a persona and refuses one with a loose end.
    pub(super) fn parse(file: &'static str, text: &str, intents: &Intents) -> Result<Self, SandboxError> {
        let broken = |why: String| SandboxError::Persona { file, why };
        let persona: Persona = toml::from_str(text).map_err(|e| broken(e.to_string()))?;
        let faults = persona.faults(intents);
        if faults.is_empty() { Ok(persona) } else { Err(broken(faults.join("; "))) }
    }

    /// Everything that would leave a conversation hanging.
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
            expect(line.is_whole(), format!("a line without content: {line:?}"));
        }
        let reached = self.reached();
        for (name, state) in &self.states {
            expect(reached.contains(name.as_str()), format!("nothing leads to {name}"));
            expect(state.end || self.leads_to_end(name), format!("no way from {name} to an end"));
            expect(state.end || state.otherwise.is_some(), format!("{name} has no answer for other words"));
            for way in state.ways_out() {
                expect(self.states.contains_key(way), format!("{name} goes to {way}, which does not exist"));
            }
            for rule in &state.on {
                expect(!rule.intents.is_empty() || !rule.words.is_empty(), format!("{name}: a rule nobody triggers"));
                for intent in &rule.intents {
                    expect(intents.keywords(intent).is_some(), format!("{name}: no intent {intent}"));
                }
            }
        }
        for way in self.ways_in() {
            expect(self.states.contains_key(way), format!("begins in {way}, which does not exist"));
        }
        faults
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        let spoken = self
            .states
            .values()
            .flat_map(|s| s.on.iter().flat_map(|r| &r.say).chain(s.otherwise.iter().flat_map(|r| &r.say)));
        let returning = self.returns.iter().flat_map(|r| &r.say);
        self.opening.iter().chain(&self.nudges).chain(spoken).chain(returning)
    }

    fn ways_in(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.start.as_str()).chain(self.returns.iter().filter_map(|r| r.go.as_deref()))
    }

    fn reached(&self) -> BTreeSet<&str> {
        self.reached_from(self.ways_in())
    }

    fn reached_from<'a>(&'a self, from: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = from.collect();
        while let Some(name) = open.pop() {
            if reached.insert(name) {
                open.extend(self.states.get(name).into_iter().flat_map(State::ways_out));
            }
        }
        reached
    }

    fn leads_to_end(&self, name: &str) -> bool {
        self.reached_from(std::iter::once(name)).iter().any(|n| self.states.get(*n).is_some_and(|s| s.end))
    }
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../assets/personas/", $name)))),*]
    };
}

/// The customers that come with the program, each by its file.
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

/// Everybody, in the order of the files.
pub(super) fn built_in(intents: &Intents) -> Result<Vec<Persona>, SandboxError> {
    BUILT_IN.iter().map(|(file, text)| Persona::parse(file, text, intents)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phone::{INDONESIA, normalise};
    use crate::sandbox::stage::stages;

    fn intents() -> Intents {
        Intents::built_in().unwrap()
    }

    #[test]
    fn every_persona_is_whole_and_no_file_is_forgotten() {
        let everybody = built_in(&intents()).unwrap();
        assert!(everybody.len() >= 15);
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
    fn every_rule_can_be_triggered_and_none_stands_in_anothers_shadow() {
        let intents = intents();
        for persona in built_in(&intents).unwrap() {
            for (name, state) in &persona.states {
                for rule in &state.on {
                    let keywords = rule.intents.iter().filter_map(|i| intents.keywords(i)).flatten();
                    let reached = rule.words.iter().chain(keywords).any(|word| {
                        let sample = if word == "#" { "7".to_owned() } else { word.replace('*', "x") };
                        state.rule(&intents, &Utterance::new(&sample)).is_some_and(|r| std::ptr::eq(r, rule))
                    });
                    assert!(reached, "{} {name}: {:?} {:?}", persona.name, rule.intents, rule.words);
                }
            }
        }
    }

    #[test]
    fn ten_customers_come_at_once_to_all_gateways_and_ids_fit_their_channels() {
        let everybody = built_in(&intents()).unwrap();
        let at_once: Vec<_> = everybody.iter().filter(|p| p.arrives.is_some_and(|s| s <= 1.5)).collect();
        assert!(at_once.len() >= 10, "{}", at_once.len());
        for stage in stages() {
            assert!(at_once.iter().any(|p| p.stage == stage.name), "nobody writes to {}", stage.name);
        }
        for channel in Channel::ALL {
            assert!(everybody.iter().any(|p| p.channel == channel), "nobody on {channel}");
        }
        let mut ids = BTreeSet::new();
        for persona in everybody.iter().filter(|p| !p.stranger) {
            assert!(ids.insert((persona.stage.clone(), persona.id.clone())), "{} twice", persona.id);
            if persona.channel.uses_phone_numbers() {
                assert_eq!(normalise(&persona.id, INDONESIA).as_deref(), Some(persona.id.as_str()));
            }
        }
        assert_eq!(everybody.iter().filter(|p| p.stranger).count(), 1);
    }

    #[test]
    fn loose_ends_are_refused_with_their_reason() {
        let base = "name='A'\nid='628'\nstage='chatera'\nchannel='whatsapp'\nopening=['hai']\nstart='a'\n";
        let fault = |states: &str| match Persona::parse("x.toml", &format!("{base}{states}"), &intents()) {
            Err(SandboxError::Persona { why, .. }) => why,
            other => panic!("{other:?}"),
        };
        assert!(fault("[states.b]\nend=true").contains("begins in a"));
        assert!(fault("[states.a]\nend=true\n[states.b]\nend=true").contains("nothing leads to b"));
        assert!(fault("[states.a]\notherwise={say=['x']}").contains("no way from a"));
        assert!(fault("[states.a]\non=[{words=['x'],say=['y'],go='b'}]\n[states.b]\nend=true").contains("no answer"));
        assert!(fault("[states.a]\nend=true\non=[{intents=['nix'],say=['y']}]").contains("no intent nix"));
        assert!(fault("[states.a]\nend=true\non=[{say=['y']}]").contains("nobody triggers"));
        assert!(fault("[states.a]\nend=true\non=[{words=['x'],say=['']}]").contains("without content"));
        assert!(fault("[states.a]\nend=true\nsurprise=1").contains("surprise"));
    }
}
