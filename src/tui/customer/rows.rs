//! What is known of a customer as rows: who they are, what is written in the address book, their history.
//!
//! Invariant: foreign text gets in only as `Clean`, and no row is wider than the given width.

use serde_json::Value;

use crate::domain::customer::MOST_COUNTED;
use crate::domain::{
    Contact, Conversation, ConversationId, Customer, CustomerField, Kind, Mention, MessageId, PastConversation,
};
use crate::text;
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::i18n::audit::action_words;
use crate::tui::i18n::sections::CustomerStrings;
use crate::tui::i18n::time::{date_words, day_of, moment};
use crate::tui::i18n::{channel, fill};
use crate::tui::theme::styles::Meaning;
use crate::tui::thread::message::preview::preview;

/// The most rows that one note takes.
const NOTE_ROWS: usize = 3;

/// What Enter does on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// Changes a field, which now has this value.
    Field(CustomerField, String),
    /// Adds another custom field.
    NewField,
    Labels,
    Conversation(ConversationId),
    Message(ConversationId, MessageId),
    Link(Clean),
}

/// A row, and what Enter does on it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row {
    pub(crate) spans: Vec<(String, Meaning)>,
    pub(crate) target: Option<Target>,
}

/// The rows of the person behind a conversation at a width in cells.
pub(crate) fn rows(model: &Model, conversation: &Conversation, width: u16) -> Vec<Row> {
    let known = model.customer.of(conversation.id);
    let mut rows = Builder { model, strings: &model.strings().customer, width: usize::from(width), rows: Vec::new() };
    rows.names(conversation, known);
    rows.addresses(conversation, known);
    rows.labels(conversation, known);
    match known {
        Some(customer) if !conversation.group => rows.fields(customer),
        _ => {}
    }
    match known {
        Some(customer) => {
            rows.history(conversation, customer);
            rows.mentions(&rows.strings.orders, &customer.orders, false);
            rows.notes(customer);
            rows.files(customer);
            rows.acts(customer);
        }
        None => rows.line(&model.strings().app.loading, Meaning::Dim, None),
    }
    rows.rows
}

struct Builder<'a> {
    model: &'a Model,
    strings: &'static CustomerStrings,
    width: usize,
    rows: Vec<Row>,
}

impl Builder<'_> {
    fn line(&mut self, text: &str, meaning: Meaning, target: Option<Target>) {
        let text = text::truncate(text, self.width).into_owned();
        self.rows.push(Row { spans: vec![(text, meaning)], target });
    }

    fn wrapped(&mut self, text: &str, most: usize, meaning: Meaning, target: Option<&Target>) {
        let width = u16::try_from(self.width).unwrap_or(u16::MAX).max(1);
        for line in text::wrap(text, width).iter().take(most) {
            let shown = text::truncate(line.text(text).trim_end(), self.width).into_owned();
            self.rows.push(Row { spans: vec![(shown, meaning)], target: target.cloned() });
        }
    }

    /// A section's name in a thin line.
    fn heading(&mut self, name: &str) {
        let rule = self.model.theme.glyphs.rule;
        let head = format!("{} {name} ", rule.repeat(2));
        let rest = self.width.saturating_sub(text::cells(&head));
        self.rows.push(Row::default());
        self.rows.push(Row { spans: vec![(head, Meaning::Dim), (rule.repeat(rest), Meaning::Rule)], target: None });
    }

    /// A name and its value, which begins in the column after the widest name.
    fn pair(&mut self, column: usize, name: &str, value: &str, target: Option<Target>) {
        let column = column.min(self.width / 2);
        let name = text::truncate(name, column.saturating_sub(1)).into_owned();
        let gap = " ".repeat(column.saturating_sub(text::cells(&name)));
        let value = text::truncate(value, self.width.saturating_sub(column)).into_owned();
        self.rows.push(Row { spans: vec![(name + &gap, Meaning::Dim), (value, Meaning::Text)], target });
    }

    fn names(&mut self, conversation: &Conversation, known: Option<&Customer>) {
        let title = Model::title(conversation, self.model.country());
        self.wrapped(title.as_str(), 2, Meaning::Strong, None);
        let mut others: Vec<String> = Vec::new();
        let contacts = known.into_iter().flat_map(|c| &c.contacts).filter_map(|c| c.name.as_deref());
        let past = known.into_iter().flat_map(|c| &c.history).map(|past| past.conversation.name.as_str());
        for name in contacts.chain(past).filter_map(Clean::name).map(Clean::into_string) {
            if name != title.as_str() && !others.contains(&name) {
                others.push(name);
            }
        }
        if !others.is_empty() {
            let text = fill(&self.strings.also, &[("names", &others.join(", "))]);
            self.wrapped(&text, 2, Meaning::Dim, None);
        }
    }

    fn addresses(&mut self, conversation: &Conversation, known: Option<&Customer>) {
        let dot = self.model.theme.glyphs.dot;
        let own = std::slice::from_ref(conversation);
        let past: Vec<&Conversation> = known.into_iter().flat_map(|c| &c.history).map(|p| &p.conversation).collect();
        let all = if past.is_empty() { own.iter().collect() } else { past };
        for at in all {
            let text = format!(
                "{} {dot} {}, {}",
                Model::peer(at, self.model.country()).as_str(),
                channel(at.channel),
                at.account
            );
            let target = Some(Target::Conversation(at.id)).filter(|_| at.id != conversation.id);
            self.line(&text, Meaning::Text, target);
        }
    }

    fn labels(&mut self, conversation: &Conversation, known: Option<&Customer>) {
        let mut labels: Vec<String> = conversation.labels.iter().map(|l| Clean::line(l).into_string()).collect();
        self.heading(&self.strings.labels);
        if labels.is_empty() {
            labels.push(self.strings.no_labels.clone());
        }
        let meaning = if conversation.labels.is_empty() { Meaning::Dim } else { Meaning::Label };
        self.wrapped(&labels.join("  "), 3, meaning, Some(&Target::Labels));
        let tags: Vec<String> = known.into_iter().flat_map(|c| &c.contacts).flat_map(|c| &c.tags).cloned().collect();
        if !tags.is_empty() {
            let tags = Clean::line(&tags.join(", "));
            self.wrapped(&fill(&self.strings.tags, &[("tags", tags.as_str())]), 2, Meaning::Dim, None);
        }
    }

    fn fields(&mut self, customer: &Customer) {
        self.heading(&self.strings.fields);
        let fields = fields(customer);
        let name = |field: &CustomerField| match field {
            CustomerField::Name => self.strings.name.clone(),
            CustomerField::Email => self.strings.email.clone(),
            CustomerField::Custom(name) => Clean::line(name).into_string(),
        };
        let shown: Vec<(String, String, CustomerField)> =
            fields.into_iter().map(|(field, value)| (name(&field), value, field)).collect();
        let column = shown.iter().map(|(name, ..)| text::cells(name) + 2).max().unwrap_or(0);
        for (name, value, field) in shown {
            let value = Clean::line(&value).into_string();
            let mark = if customer.edited.contains(&field) { "*" } else { "" };
            self.pair(column, &name, &format!("{value}{mark}"), Some(Target::Field(field, value)));
        }
        if !customer.edited.is_empty() {
            self.wrapped(&self.strings.local, 2, Meaning::Dim, None);
        }
        self.line(&self.strings.new_field, Meaning::Dim, Some(Target::NewField));
    }

    fn history(&mut self, conversation: &Conversation, customer: &Customer) {
        self.heading(&self.strings.history);
        let first = customer.history.iter().filter_map(|past| past.first_at).min();
        let last = customer.history.iter().map(|past| past.conversation.last_at).max();
        let counted: u64 = customer.history.iter().map(|past| past.messages).sum();
        let more = customer.history.iter().any(|past| past.messages >= MOST_COUNTED);
        let labels = [&self.strings.first, &self.strings.last, &self.strings.messages, &self.strings.resolved];
        let column = labels.iter().map(|label| text::cells(label) + 2).max().unwrap_or(0);
        for (label, at) in [(&self.strings.first, first), (&self.strings.last, last)] {
            if let Some(at) = at {
                self.pair(column, label, &self.when(at), None);
            }
        }
        let resolved = customer.history.iter().filter_map(|past| past.resolved.as_ref());
        if let Some((agent, at)) = resolved.max_by_key(|(_, at)| *at) {
            let agent = Clean::line(agent);
            let places = [("day", self.when(*at)), ("agent", agent.into_string())];
            let places: Vec<_> = places.iter().map(|(name, value)| (*name, value.as_str())).collect();
            self.pair(column, &self.strings.resolved, &fill(&self.strings.resolved_by, &places), None);
        }
        let count = if more { format!("{counted}+") } else { counted.to_string() };
        self.pair(column, &self.strings.messages, &count, None);
        for past in customer.history.iter().filter(|past| past.conversation.id != conversation.id) {
            self.past(past);
        }
    }

    fn past(&mut self, past: &PastConversation) {
        let at = &past.conversation;
        let preview = preview(self.model.strings(), at.last_kind, &at.last_text);
        let text = format!("{} {} {}: {preview}", self.when(at.last_at), self.model.theme.glyphs.dot, at.account);
        self.line(&text, Meaning::Text, Some(Target::Conversation(at.id)));
    }

    fn mentions(&mut self, heading: &str, mentions: &[Mention], links: bool) {
        if mentions.is_empty() {
            return;
        }
        if !links {
            self.heading(heading);
        }
        for mention in mentions {
            let (text, target) = if links {
                let Some(url) = Clean::url(&mention.text) else { continue };
                (url.as_str().to_owned(), Target::Link(url))
            } else {
                (Clean::line(&mention.text).into_string(), Target::Message(mention.conversation, mention.message))
            };
            let when = self.when(mention.at);
            let room = self.width.saturating_sub(text::cells(&when) + 2);
            let text = text::truncate(&text, room).into_owned();
            let gap = " ".repeat(room.saturating_sub(text::cells(&text)) + 2);
            let spans = vec![(text, Meaning::Text), (gap, Meaning::Text), (when, Meaning::Dim)];
            self.rows.push(Row { spans, target: Some(target) });
        }
    }

    fn notes(&mut self, customer: &Customer) {
        if customer.notes.is_empty() {
            return;
        }
        self.heading(&self.strings.notes);
        for note in &customer.notes {
            let author = Clean::line(&note.author.name);
            let text = format!("{}, {}: {}", author.as_str(), self.when(note.at), Clean::line(&note.text).as_str());
            self.wrapped(&text, NOTE_ROWS, Meaning::Note, Some(&Target::Message(note.conversation, note.id)));
        }
    }

    fn files(&mut self, customer: &Customer) {
        if customer.media.is_empty() && customer.links.is_empty() {
            return;
        }
        self.heading(&self.strings.files);
        let counts: Vec<String> = [Kind::Image, Kind::Video, Kind::Audio, Kind::Document]
            .iter()
            .filter_map(|kind| customer.media.iter().find(|(known, _)| known == kind))
            .map(|(kind, count)| format!("{count} {}", self.model.strings().kind(*kind).to_lowercase()))
            .collect();
        if !counts.is_empty() {
            self.wrapped(&counts.join(", "), 2, Meaning::Text, None);
        }
        self.mentions("", &customer.links, true);
    }

    /// What agents did to the person's conversations, and when.
    fn acts(&mut self, customer: &Customer) {
        if customer.acts.is_empty() {
            return;
        }
        let model = self.model;
        self.heading(&model.strings().audit.title);
        for entry in &customer.acts {
            let what = action_words(model.strings(), entry, model.now, &model.zone);
            let agent = Clean::line(&entry.agent);
            let text = format!("{}, {}: {what}", agent.as_str(), self.when(entry.at));
            self.line(&text, Meaning::Text, None);
        }
    }

    /// A time as the panel shows it: the clock today, else the day.
    fn when(&self, at: crate::domain::Timestamp) -> String {
        let (strings, zone) = (self.model.strings(), &self.model.zone);
        let (day, today) = (day_of(at, zone), day_of(self.model.now, zone));
        if day == today { moment(strings, at, self.model.now, zone) } else { date_words(strings, day, today) }
    }
}

/// The fields of a person's entries, each once; those of the conversation's own account win.
pub(crate) fn fields(customer: &Customer) -> Vec<(CustomerField, String)> {
    let mut all: Vec<(CustomerField, String)> = Vec::new();
    let mut add = |field: CustomerField, value: String| {
        if !value.trim().is_empty() && !all.iter().any(|(known, _)| *known == field) {
            all.push((field, value));
        }
    };
    for Contact { name, email, custom_fields, .. } in &customer.contacts {
        add(CustomerField::Name, name.clone().unwrap_or_default());
        add(CustomerField::Email, email.clone().unwrap_or_default());
        for (name, value) in custom_fields {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            add(CustomerField::Custom(name.clone()), value);
        }
    }
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all
}
