//! The screen's words in every language, typed: a missing or unknown key does not get past the tests.
//!
//! Invariant: no other file of the screen holds a text that people read.

pub(crate) mod audit;
pub(crate) mod errors;
pub(crate) mod failures;
pub(crate) mod media;
pub(crate) mod objections;
pub(crate) mod presence;
pub(crate) mod sections;
pub(crate) mod sentences;
pub(crate) mod time;

pub(crate) use crate::config::Locale;
pub(crate) use failures::{failure, message_of};
pub(crate) use objections::objection;
pub(crate) use sections::{
    AccountFormStrings, AccountStrings, AppStrings, AuditStrings, CliStrings, ComposerStrings, CustomerStrings,
    DetailStrings, ErrorStrings, ForgetStrings, FormStrings, HealthStrings, KindStrings, ListStrings, LoginStrings,
    MediaStrings, MessageStrings, NoteStrings, NoticeStrings, ObjectionStrings, OverlayStrings, PlaceStrings,
    ReportStrings, SettingStrings, StatusStrings, TeamStrings, ThreadStrings, TimeStrings, ViewStrings, WelcomeStrings,
    WhenStrings, WhyNotStrings,
};
pub(crate) use time::{clock, day_of, day_words, stamp};

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::domain::query::{WordError, WordProblem};
use crate::domain::{CannedReply, Channel, Kind, SessionState, Status};
use serde::Deserialize;

impl Locale {
    fn source(self) -> &'static str {
        match self {
            Locale::En => include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/locales/en.toml")),
            Locale::Id => include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/locales/id.toml")),
        }
    }

    /// The screen's words in this language.
    pub fn strings(self) -> &'static Strings {
        match self {
            Locale::En => &EN,
            Locale::Id => &ID,
        }
    }
}

// A file that cannot be read would show an empty screen; a test reads both.
static EN: LazyLock<Strings> = LazyLock::new(|| toml::from_str(Locale::En.source()).unwrap_or_default());
static ID: LazyLock<Strings> = LazyLock::new(|| toml::from_str(Locale::Id.source()).unwrap_or_default());

/// A canned reply as a language file has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    name: String,
    text: String,
}

/// All words of a language.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strings {
    /// Strings of the frame.
    pub app: AppStrings,
    /// Sentences that commands say on standard error.
    pub cli: CliStrings,
    pub forget: ForgetStrings,
    /// Strings of the conversation list.
    pub list: ListStrings,
    /// Strings of the conversation.
    pub thread: ThreadStrings,
    /// Sentences on what a message is and what became of it.
    pub message: MessageStrings,
    pub media: MediaStrings,
    /// Strings of the composer.
    pub composer: ComposerStrings,
    /// Names of message kinds.
    pub kinds: KindStrings,
    /// Names of delivery states.
    pub statuses: StatusStrings,
    pub time: TimeStrings,
    /// What is known of an account.
    pub account: AccountStrings,
    /// Strings of what lies over the screen.
    pub overlay: OverlayStrings,
    /// Strings of the forms for what is more than text.
    pub forms: FormStrings,
    /// Strings of what is known of a message.
    pub details: DetailStrings,
    /// Strings of the form for a new account.
    pub account_form: AccountFormStrings,
    /// Strings of the login by QR code.
    pub login: LoginStrings,
    /// Strings of the list of accounts.
    pub health: HealthStrings,
    /// Strings of private notes.
    pub when: WhenStrings,
    pub note: NoteStrings,
    /// Strings of what agents share.
    pub team: TeamStrings,
    /// Strings of the views of the list and of the words of queries.
    pub views: ViewStrings,
    /// Strings of what is known of a customer.
    pub customer: CustomerStrings,
    /// What agents did to a conversation.
    pub audit: AuditStrings,
    /// What `loket report` says.
    pub report: ReportStrings,
    /// Strings of the first screen.
    pub welcome: WelcomeStrings,
    /// Strings of the list of settings.
    pub settings: SettingStrings,
    /// What each setting is called.
    pub setting_labels: BTreeMap<String, String>,
    pub notices: NoticeStrings,
    /// Why a command cannot be used now.
    pub whynot: WhyNotStrings,
    /// Short name and sentence of each command.
    pub commands: BTreeMap<String, (String, String)>,
    /// Places of the screen.
    pub places: PlaceStrings,
    /// Why a message is not sent.
    pub objections: ObjectionStrings,
    /// Reasons why something could not be done.
    pub errors: ErrorStrings,
    /// Canned replies that come with the program.
    pub(crate) replies: Vec<Reply>,
}

impl Strings {
    /// The canned replies that come with the program.
    pub(crate) fn canned_replies(&self) -> Vec<CannedReply> {
        let reply = |reply: &Reply| CannedReply {
            name: reply.name.clone(),
            text: reply.text.clone(),
            ..CannedReply::default()
        };
        self.replies.iter().map(reply).collect()
    }

    /// A message kind's name.
    pub fn kind(&self, kind: Kind) -> &str {
        let k = &self.kinds;
        match kind {
            Kind::Text => &k.text,
            Kind::Image => &k.image,
            Kind::Video => &k.video,
            Kind::Audio => &k.audio,
            Kind::Document => &k.document,
            Kind::Sticker => &k.sticker,
            Kind::Location => &k.location,
            Kind::Contacts => &k.contacts,
            Kind::Buttons => &k.buttons,
            Kind::List => &k.list,
            Kind::Template => &k.template,
            Kind::Choice => &k.choice,
            Kind::Reaction => &k.reaction,
            Kind::Order => &k.order,
            Kind::Form => &k.form,
            Kind::Call => &k.call,
            Kind::Note => &k.note,
            Kind::System => &k.system,
            Kind::Unsupported => &k.unsupported,
        }
    }

    /// Why a word of a query cannot be used.
    pub(crate) fn word_error(&self, error: &WordError) -> String {
        let strings = &self.views;
        let sentence = match error.problem {
            WordProblem::UnknownKey => &strings.unknown_key,
            WordProblem::NoValue => &strings.no_value,
            WordProblem::UnknownValue => &strings.unknown_value,
            WordProblem::NotADay => &strings.not_a_day,
            WordProblem::Contradicts => &strings.contradicts,
            WordProblem::OpenQuote => &strings.open_quote,
        };
        fill(sentence, &[("word", &error.word)])
    }

    /// A delivery state's name.
    pub fn status(&self, status: Status) -> &str {
        let s = &self.statuses;
        match status {
            Status::Received => &s.received,
            Status::Queued => &s.queued,
            Status::Sending => &s.sending,
            Status::Unsure => &s.unsure,
            Status::Sent => &s.sent,
            Status::Failed => &s.failed,
            Status::Delivered => &s.delivered,
            Status::Read => &s.read,
        }
    }

    /// What is known of an account, in the person's language.
    pub fn session(&self, state: SessionState) -> &str {
        let a = &self.account;
        match state {
            SessionState::Unknown => &a.unknown,
            SessionState::Connected => &a.connected,
            SessionState::LoggedOut => &a.logged_out,
            SessionState::Banned => &a.banned,
            SessionState::KeyRefused => &a.key_refused,
            SessionState::RateLimited => &a.rate_limited,
            SessionState::Unreachable => &a.unreachable,
            SessionState::Broken => &a.broken,
        }
    }

    /// The short name of a command for the hint line.
    pub(crate) fn command_label(&self, id: &str) -> &str {
        self.commands.get(id).map_or("", |(label, _)| label)
    }

    /// One sentence on what a command does.
    pub(crate) fn command_sentence(&self, id: &str) -> &str {
        self.commands.get(id).map_or("", |(_, sentence)| sentence)
    }
}

/// A channel's own name; the same in every language.
pub(crate) fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::WhatsApp => "WhatsApp",
        Channel::Telegram => "Telegram",
        Channel::Instagram => "Instagram",
        Channel::Messenger => "Messenger",
    }
}

/// Fills the places `{name}` of a sentence. What is filled in is not read for places again.
pub(crate) fn fill(sentence: &str, places: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(sentence.len() + 16);
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        if let Some((name, tail)) = after.split_once('}') {
            if let Some((_, value)) = places.iter().find(|(place, _)| *place == name) {
                out.push_str(value);
            } else {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
            rest = tail;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn leaves(prefix: &str, value: &toml::Value, out: &mut BTreeMap<String, String>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    leaves(&format!("{prefix}.{key}"), value, out);
                }
            }
            toml::Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    leaves(&format!("{prefix}.{index}"), value, out);
                }
            }
            toml::Value::String(text) => {
                out.insert(prefix.to_owned(), text.clone());
            }
            other => panic!("{prefix}: {other}"),
        }
    }

    fn places(text: &str) -> BTreeSet<String> {
        text.split('{').skip(1).filter_map(|t| t.split_once('}')).map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn every_language_has_the_same_keys_with_the_same_places_and_none_is_empty() {
        let read = |locale: Locale| {
            let mut out = BTreeMap::new();
            leaves("", &toml::from_str(locale.source()).unwrap(), &mut out);
            out
        };
        let en = read(Locale::En);
        let id = read(Locale::Id);
        assert_eq!(en.keys().collect::<Vec<_>>(), id.keys().collect::<Vec<_>>());
        for (key, text) in &en {
            assert!(!text.trim().is_empty() && !id[key].trim().is_empty(), "{key}");
            assert_eq!(places(text), places(&id[key]), "{key}");
        }
    }

    #[test]
    fn every_language_can_be_read_as_typed_words() {
        for locale in Locale::ALL {
            let strings: Strings = toml::from_str(locale.source()).unwrap();
            assert_eq!(strings.app.name, "Loket");
            assert_eq!((strings.time.months.len(), strings.time.weekdays.len()), (12, 7));
        }
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        assert_eq!(fill("a {x} b {y}", &[("x", "{y}"), ("y", "1")]), "a {y} b 1");
        assert_eq!(fill("{unknown} {", &[]), "{unknown} {");
    }
}
