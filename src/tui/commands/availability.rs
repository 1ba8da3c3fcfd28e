//! Whether a command can be used now, and why not.
//!
//! Invariant: a command that is refused always has a reason in strings.

use super::registry::Command;
use crate::domain::{
    AccountName, AccountStatus, Channel, Content, Conversation, Direction, Kind, Message, Objection, Outgoing,
    Recipient, Status, Timestamp,
};
use crate::text::Clean;
use crate::tui::app::state::{Model, Pane};
use crate::tui::i18n;
use crate::tui::i18n::fill;
use crate::tui::overlays::address::Address;
use crate::tui::previews::files::MediaFile;
use crate::tui::thread::playback::can_be_heard;
use crate::tui::thread::{cards, message};

/// Why a command cannot be used now, in the person's language; `None` when it can.
pub(crate) fn why_not(model: &Model, command: Command) -> Option<String> {
    let strings = &model.strings().whynot;
    let unless = |possible: bool, why: &str| (!possible).then(|| why.to_owned());
    if command.is_only_of_overlay() {
        // An overlay that has it takes its keys first.
        return Some(strings.not_here.clone());
    }
    match command {
        Command::Open => unless(model.conversations.selected_row().is_some(), &strings.no_row),
        Command::Resolve
        | Command::Snooze
        | Command::MarkUnread
        | Command::Customer
        | Command::Assign
        | Command::Label
        | Command::Note => unless(model.subject().is_some(), &strings.no_row),
        Command::Take => why_not_take(model),
        Command::Copy => about_message(model, |m| !m.words().trim().is_empty(), &strings.nothing_to_copy),
        Command::SaveMedia => about_message(model, |m| MediaFile::of(m).is_some(), &strings.no_file_here),
        Command::OpenLink if selected(model).and_then(MediaFile::of).is_some() => None,
        Command::OpenLink => {
            about_message(model, |m| !message::links(m, model.settings.map).is_empty(), &strings.nothing_to_open)
        }
        Command::Play => about_message(model, can_be_heard, &strings.nothing_to_hear),
        Command::Speed => unless(model.playback.is_some(), &strings.nothing_plays),
        Command::WriteToContact | Command::SaveContact => match selected(model) {
            None => Some(strings.no_message.clone()),
            Some(message) => cards::why_not(model, message),
        },
        Command::Undo => unless(!model.undo.is_empty(), &strings.nothing_to_undo),
        Command::NextHit | Command::PreviousHit => unless(model.hits.is_some(), &strings.no_search),
        Command::SendAgain => about_message(
            model,
            |m| m.direction == Direction::Out && matches!(m.status, Status::Failed | Status::Unsure | Status::Queued),
            &strings.not_to_be_sent_again,
        ),
        Command::Cancel => about_message(model, |m| m.status == Status::Queued, &strings.not_waiting),
        Command::NewLine | Command::Redo => unless(model.composer.conversation.is_some(), &strings.no_conversation),
        Command::SendLater if model.focus == Pane::List && !in_open_conversation(model) => match model.subject() {
            None => Some(strings.no_row.clone()),
            Some(subject) => unless(subject.draft.is_some(), &strings.empty),
        },
        Command::Send | Command::SendLater => why_not_send(model),
        Command::AddAccount => unless(!model.process.sandbox, &strings.no_new_account),
        Command::Details if in_open_conversation(model) => about_message(model, |_| true, ""),
        Command::Write | Command::Editor | Command::Canned | Command::Details => no_subject(model),
        Command::LogIn | Command::NewConversation => unless(!model.accounts.is_empty(), &strings.no_accounts),
        Command::Template => capability(model, |a| a.capabilities.template.is_some(), &strings.no_templates),
        Command::Attach => capability(model, |a| !a.capabilities.media.is_empty(), &strings.no_media),
        Command::SendLocation => capability(model, |a| a.capabilities.location, &strings.no_location),
        Command::SendCard => capability(model, |a| a.capabilities.card, &strings.no_card),
        Command::SendButtons => capability(model, |a| a.capabilities.buttons.is_some(), &strings.no_buttons),
        Command::SendList => capability(model, |a| a.capabilities.list_rows.is_some(), &strings.no_list),
        Command::Quote => at_gateway(model, |a| a.capabilities.quotes, &strings.no_quotes),
        Command::React => at_gateway(model, |a| a.capabilities.reactions, &strings.no_reactions),
        // Every other command can always be used.
        _ => None,
    }
}

/// Who has the conversation already.
fn why_not_take(model: &Model) -> Option<String> {
    let strings = &model.strings().whynot;
    let Some(subject) = model.subject() else { return Some(strings.no_row.clone()) };
    let assignee = subject.assignee.as_ref()?;
    let name = Clean::line(assignee);
    Some(if *assignee == model.agent {
        strings.yours.clone()
    } else {
        fill(&strings.taken, &[("name", name.as_str())])
    })
}

/// Why a command about a message that the gateway must know cannot be used.
fn at_gateway(model: &Model, has: impl Fn(&AccountStatus) -> bool, why: &str) -> Option<String> {
    let is_known =
        |m: &Message| m.remote_id.is_some() && m.kind != Kind::Reaction && m.direction != Direction::Internal;
    capability(model, has, why).or_else(|| about_message(model, is_known, &model.strings().whynot.not_at_gateway))
}

fn selected(model: &Model) -> Option<&Message> {
    model.thread.as_ref().and_then(|thread| thread.selected_message())
}

fn about_message(model: &Model, fits: impl Fn(&Message) -> bool, why: &str) -> Option<String> {
    let strings = &model.strings().whynot;
    match selected(model) {
        None => Some(strings.no_message.clone()),
        Some(message) => (!fits(message)).then(|| why.to_owned()),
    }
}

/// Whether a command that needs an open conversation is about the one that is open already.
fn in_open_conversation(model: &Model) -> bool {
    model.subject().is_some_and(|subject| model.open_id() == Some(subject.id))
}

/// Why a command about a conversation cannot be used without one. One that is being opened is as good as open.
fn no_subject(model: &Model) -> Option<String> {
    let strings = &model.strings().whynot;
    match model.focus {
        Pane::List => model.conversations.selected_row().is_none().then(|| strings.no_row.clone()),
        Pane::Thread | Pane::Composer => model.composer.conversation.is_none().then(|| strings.no_conversation.clone()),
    }
}

fn capability(model: &Model, has: impl Fn(&AccountStatus) -> bool, why: &str) -> Option<String> {
    let strings = &model.strings().whynot;
    if model.subject().is_none() {
        return no_subject(model).or_else(|| Some(strings.no_conversation.clone()));
    }
    match model.subject_account() {
        None => Some(strings.no_account.clone()),
        Some(account) => (!has(account)).then(|| why.to_owned()),
    }
}

fn why_not_send(model: &Model) -> Option<String> {
    let strings = &model.strings().whynot;
    if model.composer.conversation.is_none() {
        return Some(strings.no_conversation.clone());
    }
    if model.composer.is_sending() {
        return Some(strings.being_sent.clone());
    }
    if let Some(objection) = draft_objection(model) {
        return Some(objection);
    }
    model.composer.editor.as_str().trim().is_empty().then(|| strings.empty.clone())
}

/// Why the draft cannot be sent, in the person's language; an empty draft is judged as if something were written.
pub(crate) fn draft_objection(model: &Model) -> Option<String> {
    let draft = model.composer.editor.as_str();
    let body = if draft.trim().is_empty() { "." } else { draft };
    objection(model, &Content::Text { body: body.to_owned() })
}

/// What is objected to this content in the open conversation.
pub(crate) fn found_objection(model: &Model, content: &Content) -> Option<Objection> {
    let conversation = &model.thread.as_ref()?.conversation;
    judge(model, conversation, model.account(&conversation.account)?, content, model.now).err()
}

/// What is objected to this content in the open conversation if it goes out at a time, and that in strings.
pub(crate) fn objection_at(model: &Model, content: &Content, at: Timestamp) -> Option<(Objection, String)> {
    let conversation = &model.thread.as_ref()?.conversation;
    let account = model.account(&conversation.account)?;
    let found = judge(model, conversation, account, content, at).err()?;
    let words = in_words(model, conversation, account, &found);
    Some((found, words))
}

/// What is objected to this content in the open conversation, in strings.
pub(crate) fn objection(model: &Model, content: &Content) -> Option<String> {
    let conversation = &model.thread.as_ref()?.conversation;
    let Some(account) = model.account(&conversation.account) else {
        let broken = model.invalid_accounts.iter().find(|broken| broken.name == conversation.account.as_str());
        let reason = broken.map_or_else(|| model.strings().whynot.no_account.clone(), |broken| broken.reason.clone());
        return model.accounts_ready.then(|| Clean::line(&reason).into_string());
    };
    let found = judge(model, conversation, account, content, model.now).err()?;
    Some(in_words(model, conversation, account, &found))
}

/// An objection in strings.
pub(crate) fn in_words(
    model: &Model,
    conversation: &Conversation,
    account: &AccountStatus,
    objection: &Objection,
) -> String {
    let name = conversation.account.as_str();
    i18n::objection(model.locale, objection, name, account.provider_name, Some(model.now))
}

/// What is objected to a first message to somebody, and that in strings.
pub(crate) fn first_objection(model: &Model, to: &Address, content: &Content) -> Option<(Objection, String)> {
    let account = model.account(&to.account)?;
    let outgoing = Outgoing {
        channel: to.channel,
        to: Recipient { peer: to.peer.clone(), group: to.group },
        content: as_sent(model, to.channel, content),
        quote: None,
    };
    let found = account.capabilities.allows(&outgoing, None, model.now).err()?;
    let why = first_in_words(model, to, &found);
    Some((found, why))
}

/// An objection to a first message in strings.
pub(crate) fn first_in_words(model: &Model, to: &Address, objection: &Objection) -> String {
    objection_of(model, &to.account, objection)
}

/// What an account objects, in strings.
pub(crate) fn objection_of(model: &Model, account: &AccountName, objection: &Objection) -> String {
    let gateway = model.account(account).map_or("", |view| view.provider_name);
    i18n::objection(model.locale, objection, account.as_str(), gateway, Some(model.now))
}

/// The content as it goes out: with the agent's name on top, where that is wanted.
fn as_sent(model: &Model, channel: Channel, content: &Content) -> Content {
    let content = content.clone();
    if model.agent_prefix { content.with_agent(&model.agent, channel) } else { content }
}

fn judge(
    model: &Model,
    conversation: &Conversation,
    account: &AccountStatus,
    content: &Content,
    now: Timestamp,
) -> Result<(), Objection> {
    let outgoing = Outgoing {
        channel: conversation.channel,
        to: Recipient { peer: conversation.peer.clone(), group: conversation.group },
        content: as_sent(model, conversation.channel, content),
        quote: None,
    };
    account.capabilities.allows(&outgoing, conversation.window_until, now)
}
