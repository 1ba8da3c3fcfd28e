//! How the screen changes with each message: `(model, message) -> effects`.
//!
//! Invariant: nothing here reads a clock or does IO, so the same messages always make the same screen.

use super::notifications;
use super::quit::save_and_quit;
use super::refresh;
use super::settings;
use super::state::{BUDGET_AGE, Model};
use crate::domain::{
    ConversationId, ConversationState, Message, Objection, SendError, StoreError, TakeResult, Timestamp,
};
use crate::text::Clean;
use crate::tui::commands::{dispatch, mouse, quit, undo};
use crate::tui::composer::state::HeldInput;
use crate::tui::composer::{draft, keep_begun, send, taken_back};
use crate::tui::effect::{Effect, Origin, Read, Write};
use crate::tui::i18n::errors::{link_error, store_error};
use crate::tui::i18n::{fill, objections};
use crate::tui::message::{Clipboard, EditError, LinkError, Msg, WriteKind};
use crate::tui::overlays::confirm::Question;
use crate::tui::overlays::{
    account_setup, assign, canned_replies, details, file_picker, go_to, labels, login, message_form, new_conversation,
    note, save_file, search, setting_input, templates, viewer, views,
};
use crate::tui::{composer, customer, overlays, thread};

/// Changes the model by a message and returns what is to be done.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    // Writes are answered in the order in which they were asked for.
    if matches!(msg, Msg::SendDone { .. } | Msg::WriteDone { write: WriteKind::SaveDraft, .. })
        && let Some((conversation, text)) = model.composer.draft_writes.pop_front()
    {
        model.conversations.set_draft(conversation, &text);
    }
    let mut effects = handle(model, msg);
    let overlays = model.overlays.len();
    while let Some(input) = model.composer.next_input() {
        // What held keys open takes the keys after them.
        let opened = model.overlays.len() > overlays;
        effects.extend(match input {
            HeldInput::Key(key) if opened => dispatch::press(model, &key),
            HeldInput::Key(key) => dispatch::composer_key(model, &key),
            HeldInput::Paste(text) => composer::update::paste(model, &text),
            HeldInput::TakenBack(text) => taken_back::put_back_held(model, text),
        });
    }
    undo::record_effects(model, &effects);
    model.composer.draft_writes.extend(effects.iter().filter_map(|effect| match effect {
        Effect::Write(Write::SaveDraft { conversation, text }) => Some((*conversation, text.clone())),
        Effect::Write(Write::Send { conversation, .. }) => Some((*conversation, String::new())),
        _ => None,
    }));
    effects
}

fn handle(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Now(now) => return advance_time(model, now),
        Msg::Key(key) => return dispatch::press(model, &key),
        Msg::Paste(text) => return dispatch::paste(model, &text),
        Msg::Click(at) => return mouse::click(model, at),
        Msg::Wheel { at, up } => return mouse::turn_wheel(model, at, up),
        Msg::Resized(width, height) => model.size = (width, height),
        Msg::Focused(focused) => {
            model.focused = focused;
            model.calls.focus_reported |= !focused;
        }
        Msg::StoreChanged => return refresh::read_changes(model),
        Msg::Stop => return save_and_quit(model),
        Msg::OverviewRead(overview) => return refresh::apply_overview(model, *overview),
        Msg::ConversationsRead { generation, range, limit, rows } => {
            return refresh::apply_page(model, generation, range, limit, rows);
        }
        Msg::ChangesRead(changes) => return refresh::apply_changes(model, changes),
        Msg::ConversationRead { conversation, snapshot } => {
            thread::open::show_snapshot(model, conversation, snapshot);
            return dispatch::run_after_open(model);
        }
        Msg::MessagesRead { conversation, window, limit, messages } => {
            thread::update::add_page(model, conversation, window, limit, messages);
        }
        Msg::NextWaitingFound(found) => return open_next_waiting(model, found),
        Msg::ConversationsFound { question, found, contacts } => {
            return go_to::add_found(model, question, &found, &contacts);
        }
        Msg::ViewsCounted { question, counts } => return views::show_counts(model, question, &counts),
        Msg::MessagesFound { question, found } => return search::show_found(model, question, found),
        Msg::TemplatesRead { account, templates } => templates::show(model, &account, templates),
        Msg::SendDone { conversation, origin, result } => return finish_send(model, conversation, origin, result),
        Msg::ContactsFound { question, found } => new_conversation::add_contacts(model, question, found),
        Msg::ReplyFieldsRead { conversation, fields } => {
            return canned_replies::add_fields(model, conversation, fields);
        }
        Msg::GroupsRead { account, groups } => new_conversation::add_groups(model, &account, groups),
        Msg::AddressFound { account, party, found } => {
            return new_conversation::go_on(model, &account, &party, found);
        }
        Msg::NumberChecked { account, phone, result } => {
            new_conversation::note_number(model, &account, &phone, result);
        }
        Msg::SendToDone { to, result } => return send::finish_first(model, &to, result),
        Msg::WriteDone { write, result } => notify_of_write(model, write, result),
        Msg::CancelDone { scheduled, result } => return taken_back::finish(model, scheduled, result),
        Msg::ContactSaved { contact, result } => thread::cards::show_saved(model, &contact, result),
        Msg::CustomerRead { conversation, customer } => customer::update::show(model, conversation, customer),
        Msg::TakeDone { conversation: _, result } => notify_of_take(model, result),
        Msg::NoteDone { conversation, result } => note::finish(model, conversation, result),
        Msg::LabelsRead(known) => {
            let effects = views::add_labels(model, &known);
            labels::add_known(model, known);
            return effects;
        }
        Msg::AgentsRead(agents) => assign::add_agents(model, agents),
        Msg::Copied { cut, clipboard } => notify_of_copy(model, cut, clipboard),
        Msg::PlaybackStarted { message, can_seek } => thread::playback::started(model, message, can_seek),
        Msg::PlaybackEnded { message, result } => thread::playback::ended(model, message, result),
        Msg::LinkOpened { host, result } => notify_of_link(model, &host, result),
        Msg::PictureShown { request, shown } => viewer::show(model, &request, shown),
        Msg::MediaSaved { path, result } => save_file::finish(model, &path, result),
        Msg::MediaAsked(result) => thread::media::show_asked(model, result),
        Msg::FileOpened { name, result } => notify_of_link(model, name.as_str(), result),
        Msg::PreviewMade { key, preview } => model.previews.add(key, preview),
        Msg::UnmatchedRead { message, reports } => details::show_reports(model, message, reports),
        Msg::BegunRead { notes, quotes } => keep_begun::read(model, notes, quotes),
        Msg::FolderRead { path, folder } => file_picker::show(model, path.as_deref(), folder),
        Msg::FilesFound { text, files } => message_form::show_files(model, &text, &files),
        Msg::ClipboardPictureRead(picture) => return file_picker::show_clipboard(model, picture),
        Msg::QuitStatusRead(status) => return quit::quit_or_ask(model, &status),
        Msg::SetupOptionsRead(options) => account_setup::show_form(model, options.map(|options| *options)),
        Msg::AccountAdded { name, result } => {
            return account_setup::show_result(model, name, result.map(|added| *added));
        }
        Msg::Login { account, news } => return login::show_news(model, &account, news),
        Msg::SettingSaved { key, result } => setting_input::finish(model, key, result),
        Msg::SettingsRead(read) => return settings::apply(model, *read),
        Msg::PictureSaved(result) => login::show_picture(model, &result),
        Msg::DraftEdited { conversation, result } => return apply_edited_draft(model, conversation, result),
    }
    Vec::new()
}

/// Says that a text was copied only where something has confirmed it.
fn notify_of_copy(model: &mut Model, cut: bool, clipboard: Clipboard) {
    let strings = &model.strings().notices;
    let where_it_is = match clipboard {
        Clipboard::Sent => &strings.copy_sent,
        Clipboard::Tmux => &strings.copied,
        Clipboard::TmuxAlone => &strings.copied_tmux,
        Clipboard::Refused => &strings.not_copied,
    };
    let text = if cut { format!("{} {where_it_is}", strings.copied_cut) } else { where_it_is.clone() };
    model.notify(&text, clipboard == Clipboard::Refused);
}

fn notify_of_link(model: &mut Model, host: &str, result: Result<(), LinkError>) {
    let strings = &model.strings().notices;
    match result {
        Ok(()) => model.notify(&fill(&strings.opened, &[("host", host)]), false),
        Err(error) => {
            let reason = link_error(model.locale, &error);
            model.notify(&fill(&strings.not_opened, &[("reason", &reason)]), true);
        }
    }
}

fn advance_time(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    model.now = model.now.max(now);
    if model.notice.as_ref().is_some_and(|n| n.until <= model.now) {
        model.notice = None;
    }
    model.composer.writing_until = model.composer.writing_until.filter(|until| *until > model.now);
    let mut effects = dispatch::run_held(model);
    effects.extend(overlays::pass_time(model));
    effects.extend(notifications::call_if_due(model));
    if model.composer.save_at.is_some_and(|at| at <= model.now) {
        effects.extend(draft::save_now(model));
    }
    if model.begun.save_at.is_some_and(|at| at <= model.now) {
        effects.extend(keep_begun::save_notes(model));
    }
    if model.budgets_read_at.is_some_and(|at| model.now.since(at) >= BUDGET_AGE) {
        model.budgets_read_at = Some(model.now);
        effects.push(Effect::Read(Read::Overview));
    }
    effects
}

fn open_next_waiting(model: &mut Model, found: Result<Option<ConversationId>, StoreError>) -> Vec<Effect> {
    let strings = &model.strings().notices;
    match found {
        Ok(Some(id)) => return thread::open::open(model, id, None),
        Ok(None) => model.notify(&strings.nothing_waiting, false),
        Err(error) => model.notify_not_read(&error),
    }
    Vec::new()
}

fn notify_of_write(model: &mut Model, write: WriteKind, result: Result<(), StoreError>) {
    let strings = &model.strings().notices;
    let undoing = undo::was_undoing(model, write);
    let text = match (write, result) {
        (WriteKind::SetPresence, _)
        | (WriteKind::SaveDraft | WriteKind::SaveBegunNote | WriteKind::SaveQuote | WriteKind::MarkSeen, Ok(())) => {
            return;
        }
        (write, Err(error)) => {
            let failed = match write {
                WriteKind::SaveDraft | WriteKind::SaveBegunNote | WriteKind::SaveQuote => &strings.not_saved,
                _ => &strings.not_done,
            };
            let reason = store_error(model.locale, &error);
            return model.notify(&fill(failed, &[("reason", &reason)]), true);
        }
        (WriteKind::SendAgain, Ok(())) => &strings.queued_again,
        (WriteKind::SendNow, Ok(())) => &strings.sent_now,
        (WriteKind::MarkUnread, Ok(())) => &strings.marked_unread,
        (WriteKind::EditCustomer, Ok(())) => &strings.customer_saved,
        (WriteKind::SetState(ConversationState::Open), Ok(())) => &strings.reopened,
        (WriteKind::SetState(ConversationState::Snoozed), Ok(())) => &strings.snoozed,
        (WriteKind::SetState(ConversationState::Resolved), Ok(())) => &strings.resolved,
        (WriteKind::Assign, Ok(())) => &strings.assigned,
        (WriteKind::Unassign, Ok(())) => &strings.unassigned,
        (WriteKind::EditLabels, Ok(())) => &strings.labels_changed,
    };
    if !undoing {
        undo::notify(model, write, text);
    }
}

/// Ends a send; where another agent has answered a moment ago, the person is asked whether the draft is sent all the same.
fn finish_send(
    model: &mut Model,
    conversation: ConversationId,
    origin: Origin,
    result: Result<Box<Message>, SendError>,
) -> Vec<Effect> {
    let answered = match (&result, origin) {
        (Err(SendError::Objection(objection @ Objection::JustAnswered { .. })), Origin::Composer)
            if model.composer.conversation == Some(conversation) =>
        {
            Some(objections::objection(model.locale, objection, "", "", Some(model.now)))
        }
        _ => None,
    };
    let effects = send::finish(model, conversation, origin, result);
    if let Some(answered) = answered {
        model.notice = None;
        model.push_overlay(Question::SendAnyway { conversation, answered });
    }
    effects
}

fn notify_of_take(model: &mut Model, result: Result<TakeResult, StoreError>) {
    let strings = &model.strings().notices;
    match result {
        Ok(TakeResult::Taken) => model.notify(&strings.taken, false),
        Ok(TakeResult::HeldBy(agent)) => {
            let name = Clean::line(&agent);
            model.notify(&fill(&strings.held_by, &[("name", name.as_str())]), true);
        }
        Err(error) => {
            let reason = store_error(model.locale, &error);
            model.notify(&fill(&strings.not_done, &[("reason", &reason)]), true);
        }
    }
}

fn apply_edited_draft(
    model: &mut Model,
    conversation: ConversationId,
    result: Result<String, EditError>,
) -> Vec<Effect> {
    let strings = &model.strings().notices;
    match result {
        Ok(text) if model.composer.conversation == Some(conversation) => {
            // Editors end files with a line break that nobody typed.
            let text = text.strip_suffix('\n').unwrap_or(&text);
            model.composer.editor.set_text(text.strip_suffix('\r').unwrap_or(text));
            draft::mark_changed(model);
            return draft::save_now(model);
        }
        Ok(text) => return vec![Effect::Write(Write::SaveDraft { conversation, text })],
        Err(EditError::NoEditor) => model.notify(&strings.no_editor, true),
        Err(EditError::Failed) => model.notify(&strings.editor_failed, true),
    }
    Vec::new()
}
