//! Templates, attachments and canned replies: what is filled in before it is sent or inserted.
//!
//! Invariant: nothing is sent that the account objects to; the form says why and stays.

use crate::tui::effect::{GatewayCall, Write};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::fields;
use crate::domain::QueryError;
use crate::domain::{AccountName, Content, ConversationId, Template};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::availability;
use crate::tui::commands::registry::Command;
use crate::tui::composer;
use crate::tui::composer::send;
use crate::tui::effect::{Effect, Origin};
use crate::tui::i18n::errors::query_error;
use crate::tui::i18n::fill;
use crate::tui::overlays::state::{Form, FormKind, Overlay, Target};
use crate::tui::overlays::update::{Picked, pick, step_of};
use crate::tui::widgets::picker::{Item, Picker};

/// Opens canned replies, templates or a form.
pub(crate) fn open(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(conversation) = model.open_id() else { return Vec::new() };
    match command {
        Command::Canned => {
            let items = model.replies.iter().enumerate().map(|(index, reply)| {
                let item = Item {
                    label: Clean::line(&reply.name).into_string(),
                    detail: Clean::line(&reply.text).into_string(),
                    ..Item::default()
                };
                (item, index)
            });
            let picker = Picker::new(items.collect());
            model.open_overlay(Overlay::Canned(picker));
            Vec::new()
        }
        Command::Template => {
            let account = model.open_account().map(|view| view.account.name.clone());
            account.map_or_else(Vec::new, |account| open_templates(model, &account, Target::Conversation(conversation)))
        }
        _ => open_kind(model, command, conversation),
    }
}

fn open_kind(model: &mut Model, command: Command, conversation: ConversationId) -> Vec<Effect> {
    let Some(can) = model.open_account().map(|view| &view.capabilities) else { return Vec::new() };
    if let Some(kind) = fields::kind_of(command, can) {
        let form = fields::form(model, kind, Target::Conversation(conversation), Some(can));
        model.open_overlay(Overlay::Form(form));
    }
    Vec::new()
}

/// Opens the account's templates for somebody.
pub(crate) fn open_templates(model: &mut Model, account: &AccountName, to: Target) -> Vec<Effect> {
    if model.account(account).is_some_and(|view| view.capabilities.list_templates) {
        model.open_overlay(Overlay::Templates { account: account.clone(), to, picker: None });
        return vec![Effect::Gateway(GatewayCall::Templates { account: account.clone() })];
    }
    let free = fields::form(model, FormKind::FreeTemplate, to, None);
    model.open_overlay(Overlay::Form(free));
    Vec::new()
}

/// Takes the templates that the gateway has.
pub(crate) fn take_templates(model: &mut Model, account: &AccountName, templates: Result<Vec<Template>, QueryError>) {
    let place = model
        .overlays
        .iter()
        .rposition(|o| matches!(o, Overlay::Templates { account: whose, picker: None, .. } if whose == account));
    let Some(index) = place else { return };
    match templates {
        Ok(templates) => {
            let items = templates.into_iter().map(|template| {
                let item = Item {
                    label: Clean::line(&template.name).into_string(),
                    detail: Clean::line(&template.body).into_string(),
                    side: Clean::line(&template.language).into_string(),
                    ..Item::default()
                };
                (item, template)
            });
            let picked = Picker::new(items.collect());
            if let Some(Overlay::Templates { picker, .. }) = model.overlays.get_mut(index) {
                *picker = Some(picked);
            }
        }
        Err(error) => {
            let reason = query_error(model.locale, &error);
            // Without the list the id can still be typed.
            if let Some(Overlay::Templates { to, .. }) = model.overlays.get(index) {
                let mut free = fields::form(model, FormKind::FreeTemplate, to.clone(), None);
                free.objection = Some(fill(&model.strings().notices.not_done, &[("reason", &reason)]));
                if let Some(place) = model.overlays.get_mut(index) {
                    *place = Overlay::Form(free);
                }
            }
        }
    }
}

/// A key in the list of templates.
pub(crate) fn templates_key(
    model: &mut Model,
    picker: &mut Option<Picker<Template>>,
    to: &Target,
    key: &KeyEvent,
    enter: bool,
) -> (bool, Vec<Effect>) {
    let Some(picker) = picker else { return (true, Vec::new()) };
    let Picked::This(template) = pick(picker, key, enter) else { return (true, Vec::new()) };
    let kind = FormKind::Template {
        id: template.name.clone(),
        language: (!template.language.is_empty()).then(|| template.language.clone()),
        body: Clean::block(&template.body),
    };
    // Pushed under the list's own place: the list is gone once something is picked.
    let form = fields::form(model, kind, to.clone(), None);
    model.overlays.push(Overlay::Form(form));
    (false, Vec::new())
}

/// A key in a form: Tab and arrows go to the next field, Enter sends from the last one.
pub(crate) fn form_key(model: &mut Model, form: &mut Form, key: &KeyEvent, enter: bool) -> (bool, Vec<Effect>) {
    if form.sending {
        return (true, Vec::new());
    }
    let last = form.fields.len().saturating_sub(1);
    let back = key.code == KeyCode::BackTab || key.code == KeyCode::Tab && key.modifiers.contains(KeyModifiers::SHIFT);
    if back {
        form.focus = form.focus.checked_sub(1).unwrap_or(last);
    } else if key.code == KeyCode::Tab {
        form.focus = if form.focus >= last { 0 } else { form.focus + 1 };
    } else if let Some(step) = step_of(key, 1).filter(|_| !matches!(key.code, KeyCode::Char(_))) {
        form.focus = form.focus.saturating_add_signed(step).min(last);
    } else if enter {
        if form.focus < last && !fields::is_enough(form) {
            form.focus += 1;
        } else {
            return (true, submit(model, form));
        }
    } else if let Some(field) = form.fields.get_mut(form.focus)
        && field.input.key(key) == Some(true)
    {
        form.objection = None;
        fields::grow(model, form);
    }
    (true, Vec::new())
}

fn submit(model: &mut Model, form: &mut Form) -> Vec<Effect> {
    let judged = fields::content(model, form).and_then(|content| match objection(model, &form.to, &content) {
        Some(objection) => Err(objection),
        None => Ok(content),
    });
    match judged {
        Err(objection) => {
            form.objection = Some(objection);
            Vec::new()
        }
        Ok(content) => {
            form.sending = true;
            form.objection = None;
            match &form.to {
                Target::Conversation(id) => vec![send::send_effect(*id, content, Origin::Form)],
                Target::New(to) => vec![Effect::Write(Write::SendTo { to: to.clone(), content })],
            }
        }
    }
}

/// What is objected to a content before anything is sent, in words.
fn objection(model: &Model, to: &Target, content: &Content) -> Option<String> {
    match to {
        Target::Conversation(id) if model.open_id() == Some(*id) => availability::objection(model, content),
        // Another conversation is open by now: the outbox judges.
        Target::Conversation(_) => None,
        Target::New(address) => availability::first_objection(model, address, content),
    }
}

/// Inserts a canned reply at the cursor.
pub(crate) fn insert_reply(model: &mut Model, index: usize) -> Vec<Effect> {
    let Some(reply) = model.replies.get(index) else { return Vec::new() };
    let name = model.thread.as_ref().map(|t| Clean::line(t.conversation.name.trim()).into_string());
    let text = fill(&reply.text, &[("name", name.as_deref().unwrap_or_default()), ("agent", &model.agent)]);
    // Without a name the gap before the comma would show.
    let text = text.replace(" ,", ",");
    composer::update::paste(model, &text)
}
