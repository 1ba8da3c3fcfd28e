//! The files that a form's field names: what they are, how they travel, and why they cannot.
//!
//! Invariant: nothing is sent of a file that was not looked at.

use super::super::address::Target;
use crate::domain::file_paths::is_link;
use crate::domain::outgoing::{MediaKind, MediaLink};
use crate::domain::{Capabilities, Channel, Content, FoundFile};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::availability;
use crate::tui::i18n::{self, fill};
use crate::tui::theme::styles::Meaning;
use crate::tui::thread::message::bytes;

/// What is known of the files that a text names.
#[derive(Debug, Clone, Default)]
pub(super) struct NamedFiles {
    /// The text that was asked about.
    text: String,
    /// `None` until they are looked at.
    found: Option<Vec<FoundFile>>,
}

impl NamedFiles {
    /// Takes over what a field names now; whether that must be looked at.
    pub(super) fn name(&mut self, text: &str) -> bool {
        if text == self.text {
            return false;
        }
        *self = NamedFiles { text: text.to_owned(), found: None };
        !text.is_empty() && !is_link(text)
    }

    /// The files were looked at; too late for a text that was changed meanwhile.
    pub(super) fn show(&mut self, text: &str, found: &[FoundFile]) {
        if text == self.text {
            self.found = Some(found.to_vec());
        }
    }

    /// What a field's text stands for: a link, or files. The error is in the person's language.
    pub(super) fn links(&self, model: &Model, to: &Target, text: &str) -> Result<Vec<MediaLink>, String> {
        if is_link(text) {
            return Ok(vec![MediaLink::new(MediaKind::guess(text), text)]);
        }
        let Some(found) = self.found.as_ref().filter(|_| self.text == text) else {
            return Err(model.strings().forms.file_reading.clone());
        };
        let links = found.iter().map(|found| match &found.file {
            Ok(file) => Ok(MediaLink::of_file(kind(model, to, file), file.clone())),
            Err(objection) => Err(i18n::objection(model.locale, objection, "", gateway(model, to), Some(model.now))),
        });
        links.collect()
    }

    /// A line for each file: its name, type and size, and how it travels or why it does not.
    pub(super) fn lines(&self, model: &Model, to: &Target) -> Vec<(String, Meaning)> {
        let strings = &model.strings().forms;
        let mut lines = Vec::new();
        for found in self.found.iter().flatten() {
            let name = Clean::line(&found.name);
            match &found.file {
                Ok(file) => {
                    let kind = kind(model, to, file);
                    let way = match way(model, to) {
                        Some((_, can)) if can.files.upload => &strings.file_upload,
                        _ => &strings.file_link,
                    };
                    let kind_word = model.strings().kind(kind.kind());
                    lines.push((
                        format!("{} · {kind_word} · {} · {way}", name.as_str(), bytes(file.size)),
                        Meaning::Dim,
                    ));
                    let content = Content::Media { link: MediaLink::of_file(kind, file.clone()), caption: None };
                    lines.extend(objection(model, to, &content).map(|why| (why, Meaning::ComposerObjection)));
                }
                Err(objection) => {
                    let why = i18n::objection(model.locale, objection, "", gateway(model, to), Some(model.now));
                    let line = fill(&strings.file_refused, &[("file", name.as_str()), ("reason", &why)]);
                    lines.push((line, Meaning::ComposerObjection));
                }
            }
        }
        lines
    }
}

fn objection(model: &Model, to: &Target, content: &Content) -> Option<String> {
    match to {
        Target::Conversation(id) if model.open_id() == Some(*id) => availability::objection(model, content),
        Target::Conversation(_) => None,
        Target::New(address) => availability::first_objection(model, address, content).map(|(_, why)| why),
    }
}

/// The channel of a message, and what its account can do.
fn way<'m>(model: &'m Model, to: &Target) -> Option<(Channel, &'m Capabilities)> {
    let (channel, account) = match to {
        Target::Conversation(id) => {
            let conversation = model.conversation(*id)?;
            (conversation.channel, &conversation.account)
        }
        Target::New(address) => (address.channel, &address.account),
    };
    Some((channel, &model.account(account)?.capabilities))
}

fn gateway(model: &Model, to: &Target) -> &'static str {
    let account = match to {
        Target::Conversation(id) => model.conversation(*id).map(|conversation| &conversation.account),
        Target::New(address) => Some(&address.account),
    };
    account.and_then(|name| model.account(name)).map_or("", |account| account.provider_name)
}

/// What a file is sent as.
fn kind(model: &Model, to: &Target, file: &crate::domain::OutgoingFile) -> MediaKind {
    way(model, to).map_or(MediaKind::Document, |(channel, can)| can.file_kind(channel, file))
}
