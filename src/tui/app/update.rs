//! How the screen changes by what it hears: `(model, message) -> effects`.
//!
//! Invariant: nothing here reads a clock or does IO, so the same messages always make the same screen.

use super::refresh;
use super::state::Model;
use crate::domain::{ConversationState, Timestamp};
use crate::tui::commands::dispatch;
use crate::tui::composer;
use crate::tui::composer::send;
use crate::tui::effect::Effect;
use crate::tui::effect::{Read, Write};
use crate::tui::i18n::fill;
use crate::tui::message::{Deed, EditError, Msg};
use crate::tui::overlays;
use crate::tui::overlays::{account_setup, go_to, login, new_conversation, search, templates};
use crate::tui::thread;

/// Takes what was heard.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    // Deeds are done and answered in their order.
    if matches!(msg, Msg::Said { .. } | Msg::Done { deed: Deed::SaveDraft, .. }) {
        model.compose.under_way.pop_front();
    }
    let effects = hear(model, msg);
    model.compose.under_way.extend(effects.iter().filter_map(|effect| match effect {
        Effect::Write(Write::SaveDraft { conversation, text }) => Some((*conversation, text.clone())),
        Effect::Write(Write::Send { conversation, .. }) => Some((*conversation, String::new())),
        _ => None,
    }));
    effects
}

fn hear(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Now(now) => pass_time(model, now),
        Msg::Key(key) => {
            look_at(model);
            dispatch::press(model, &key)
        }
        Msg::Paste(text) => {
            look_at(model);
            dispatch::paste(model, &text)
        }
        Msg::Resized(..) | Msg::Focused(_) => {
            take_terminal(model, &msg);
            Vec::new()
        }
        Msg::Woken => refresh::read_changes(model),
        Msg::Stop => dispatch::quit(model),
        Msg::FactsRead(facts) => {
            refresh::take_facts(model, *facts);
            Vec::new()
        }
        Msg::ListRead { generation, first, limit, rows } => refresh::take_list(model, generation, first, limit, rows),
        Msg::Changed(changed) => refresh::take_changes(model, changed),
        Msg::Opened { conversation, opening } => thread::update::take_opening(model, conversation, opening),
        Msg::MessagesRead { conversation, window, limit, messages } => {
            thread::update::take_page(model, conversation, window, limit, messages);
            Vec::new()
        }
        Msg::NextUnread(answer) => take_next_unread(model, answer),
        Msg::ConversationsFound { question, found } => go_to::add_found(model, question, &found),
        Msg::MessagesFound { question, found } => {
            search::show_found(model, question, found);
            Vec::new()
        }
        Msg::TemplatesRead { account, templates } => {
            templates::show(model, &account, templates);
            Vec::new()
        }
        Msg::Said { conversation, origin, result } => send::take_answer(model, conversation, origin, result),
        Msg::ContactsFound { question, found } => {
            new_conversation::add_contacts(model, question, found);
            Vec::new()
        }
        Msg::GroupsRead { account, groups } => {
            new_conversation::add_groups(model, &account, groups);
            Vec::new()
        }
        Msg::AddressFound { account, party, found } => new_conversation::go_on(model, &account, &party, found),
        Msg::NumberChecked { account, phone, said } => {
            new_conversation::note_number(model, &account, &phone, said);
            Vec::new()
        }
        Msg::Written { to, result } => send::take_first(model, &to, result),
        Msg::Done { deed, result } => {
            take_done(model, deed, result);
            Vec::new()
        }
        Msg::Copied { cut } => {
            let words = &model.strings().notices;
            model.notify(if cut { &words.copied_cut } else { &words.copied }, false);
            Vec::new()
        }
        Msg::LinkOpened { host, result } => {
            tell_opened(model, &host, result);
            Vec::new()
        }
        Msg::ChoicesRead(choices) => {
            account_setup::show_form(model, choices.map(|choices| *choices));
            Vec::new()
        }
        Msg::AccountKept { name, result } => account_setup::show_result(model, name, result.map(|kept| *kept)),
        Msg::Login { account, news } => login::show_news(model, &account, news),
        Msg::PictureSaved(result) => {
            login::show_picture(model, &result);
            Vec::new()
        }
        Msg::Edited { conversation, result } => take_edited(model, conversation, result),
    }
}

/// Keys come only to a terminal that has the focus, also where a multiplexer lost the report of it.
fn look_at(model: &mut Model) {
    model.watched = true;
}

/// What the terminal tells about itself.
fn take_terminal(model: &mut Model, msg: &Msg) {
    match msg {
        Msg::Resized(width, height) => model.size = (*width, *height),
        Msg::Focused(focused) => model.watched = *focused,
        _ => {}
    }
}

fn tell_opened(model: &mut Model, host: &str, result: Result<(), String>) {
    let words = &model.strings().notices;
    match result {
        Ok(()) => model.notify(&fill(&words.opened, &[("host", host)]), false),
        Err(reason) => model.notify(&fill(&words.not_opened, &[("reason", &reason)]), true),
    }
}

fn pass_time(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    model.now = model.now.max(now);
    if model.notice.as_ref().is_some_and(|n| n.until <= model.now) {
        model.notice = None;
    }
    let mut effects = Vec::from_iter(overlays::pass_time(model));
    if model.compose.due.is_some_and(|due| due <= model.now) {
        effects.extend(composer::update::flush(model));
    }
    if model.rates_at.is_some_and(|at| model.now.since(at).as_secs() >= 5) {
        model.rates_at = Some(model.now);
        effects.push(Effect::Read(Read::Facts));
    }
    effects
}

fn take_next_unread(model: &mut Model, answer: Result<Option<crate::domain::ConversationId>, String>) -> Vec<Effect> {
    let words = &model.strings().notices;
    match answer {
        Ok(Some(id)) => thread::update::open(model, id, None),
        Ok(None) => {
            model.notify(&words.nothing_unread, false);
            Vec::new()
        }
        Err(reason) => {
            model.notify(&fill(&words.not_read, &[("reason", &reason)]), true);
            Vec::new()
        }
    }
}

fn take_done(model: &mut Model, deed: Deed, result: Result<(), String>) {
    let words = &model.strings().notices;
    match (deed, result) {
        (Deed::SaveDraft, Err(reason)) => model.notify(&fill(&words.not_saved, &[("reason", &reason)]), true),
        (_, Err(reason)) => model.notify(&fill(&words.not_done, &[("reason", &reason)]), true),
        (Deed::SaveDraft | Deed::MarkSeen, Ok(())) => {}
        (Deed::SendAgain, Ok(())) => model.notify(&words.queued_again, false),
        (Deed::Cancel, Ok(())) => model.notify(&words.cancelled, false),
        (Deed::MarkUnread, Ok(())) => model.notify(&words.marked_unread, false),
        (Deed::SetState(state), Ok(())) => {
            let text = match state {
                ConversationState::Open => &words.reopened,
                ConversationState::Snoozed => &words.snoozed,
                ConversationState::Resolved => &words.resolved,
            };
            model.notify(text, false);
        }
    }
}

fn take_edited(
    model: &mut Model,
    conversation: crate::domain::ConversationId,
    result: Result<String, EditError>,
) -> Vec<Effect> {
    let words = &model.strings().notices;
    match result {
        Ok(text) if model.compose.conversation == Some(conversation) => {
            // Editors end files with a line break that nobody typed.
            let text = text.strip_suffix('\n').unwrap_or(&text);
            model.compose.composer.set_text(text.strip_suffix('\r').unwrap_or(text));
            composer::update::touch(model);
            composer::update::flush(model)
        }
        Ok(text) => vec![Effect::Write(Write::SaveDraft { conversation, text })],
        Err(EditError::NoEditor) => {
            model.notify(&words.no_editor, true);
            Vec::new()
        }
        Err(EditError::Failed) => {
            model.notify(&words.editor_failed, true);
            Vec::new()
        }
    }
}
