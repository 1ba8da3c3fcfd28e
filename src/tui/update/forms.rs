//! Templates, attachments and canned replies: what is filled in before it is sent or inserted.
//!
//! Invariant: nothing is sent that the account objects to; the form says why and stays.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::overlay::{Picked, pick, step_of};
use super::{allowed, compose, lay, say};
use crate::domain::outgoing::{MediaKind, MediaLink, TemplateUse};
use crate::domain::{AccountName, Content, ConversationId, Template};
use crate::text::Clean;
use crate::tui::commands::Command;
use crate::tui::effect::{Effect, Origin};
use crate::tui::model::{Field, Form, FormKind, Input, Item, Model, Overlay, Picker};
use crate::tui::words::fill;

/// How many variables a template may have whose text nobody knows.
const FREE_VARIABLES: usize = 3;

/// Opens canned replies, templates or the attachment form.
pub(super) fn open(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(conversation) = model.open_id() else { return Vec::new() };
    let words = &model.words().overlay;
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
            lay(model, Overlay::Canned(picker));
            Vec::new()
        }
        Command::Attach => {
            let fields = vec![field(&words.attach_url, ""), field(&words.attach_caption, "")];
            lay(model, Overlay::Form(form(FormKind::Attach, conversation, fields)));
            Vec::new()
        }
        _ => open_templates(model, conversation),
    }
}

fn open_templates(model: &mut Model, conversation: ConversationId) -> Vec<Effect> {
    let Some(account) = model.open_account() else { return Vec::new() };
    if account.capabilities.list_templates {
        let account = account.account.name.clone();
        lay(model, Overlay::Templates { account: account.clone(), conversation, picker: None });
        return vec![Effect::ReadTemplates { account }];
    }
    let free = free_template(model, conversation);
    lay(model, Overlay::Form(free));
    Vec::new()
}

fn free_template(model: &Model, conversation: ConversationId) -> Form {
    let words = &model.words().overlay;
    let mut fields = vec![field(&words.template_id, ""), field(&words.template_language, model.locale.as_str())];
    fields.extend((1..=FREE_VARIABLES).map(|n| variable_field(model, n)));
    form(FormKind::FreeTemplate, conversation, fields)
}

fn variable_field(model: &Model, n: usize) -> Field {
    field(&fill(&model.words().overlay.template_variable, &[("place", &format!("{{{{{n}}}}}"))]), "")
}

fn field(label: &str, text: &str) -> Field {
    Field { label: label.to_owned(), input: Input::with(text) }
}

fn form(kind: FormKind, conversation: ConversationId, fields: Vec<Field>) -> Form {
    Form { kind, conversation, fields, focus: 0, objection: None, sending: false }
}

/// Takes the templates that the gateway has.
pub(super) fn take_templates(model: &mut Model, account: &AccountName, templates: Result<Vec<Template>, String>) {
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
        Err(reason) => {
            // Without the list the id can still be typed.
            if let Some(Overlay::Templates { conversation, .. }) = model.overlays.get(index) {
                let mut free = free_template(model, *conversation);
                free.objection = Some(fill(&model.words().notices.not_done, &[("reason", &reason)]));
                if let Some(place) = model.overlays.get_mut(index) {
                    *place = Overlay::Form(free);
                }
            }
        }
    }
}

/// A key in the list of templates.
pub(super) fn templates_key(
    model: &mut Model,
    picker: &mut Option<Picker<Template>>,
    conversation: ConversationId,
    key: &KeyEvent,
    enter: bool,
) -> (bool, Vec<Effect>) {
    let Some(picker) = picker else { return (true, Vec::new()) };
    let Picked::This(template) = pick(picker, key, enter) else { return (true, Vec::new()) };
    let fields: Vec<Field> = (1..=places(&template.body)).map(|n| variable_field(model, n)).collect();
    let kind = FormKind::Template {
        id: template.name.clone(),
        language: (!template.language.is_empty()).then(|| template.language.clone()),
        body: Clean::block(&template.body),
    };
    // Pushed under the list's own place: the list is gone once something is picked.
    model.overlays.push(Overlay::Form(form(kind, conversation, fields)));
    (false, Vec::new())
}

/// The highest `{{n}}` of a template's text.
fn places(body: &str) -> usize {
    let numbers =
        body.split("{{").skip(1).filter_map(|t| t.split_once("}}")).filter_map(|(n, _)| n.trim().parse().ok());
    numbers.filter(|n: &usize| *n <= 20).max().unwrap_or(0)
}

/// A key in a form: Tab and arrows go to the next field, Enter sends from the last one.
pub(super) fn form_key(model: &mut Model, form: &mut Form, key: &KeyEvent, enter: bool) -> (bool, Vec<Effect>) {
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
        let blank = form.fields.iter().skip(form.focus + 1).all(|f| f.input.is_empty());
        let optional = matches!(form.kind, FormKind::FreeTemplate) && form.focus >= 1 && blank;
        if form.focus < last && !optional {
            form.focus += 1;
        } else {
            return (true, submit(model, form));
        }
    } else if let Some(field) = form.fields.get_mut(form.focus)
        && field.input.key(key) == Some(true)
    {
        form.objection = None;
    }
    (true, Vec::new())
}

fn submit(model: &mut Model, form: &mut Form) -> Vec<Effect> {
    let content = content(form);
    if model.open_id() == Some(form.conversation)
        && let Some(objection) = allowed::objection(model, &content)
    {
        form.objection = Some(objection);
        return Vec::new();
    }
    form.sending = true;
    form.objection = None;
    vec![say::ask(form.conversation, content, Origin::Form)]
}

fn content(form: &Form) -> Content {
    let text = |index: usize| form.fields.get(index).map_or(String::new(), |f| f.input.text().trim().to_owned());
    let some = |text: String| (!text.is_empty()).then_some(text);
    match &form.kind {
        FormKind::Attach => {
            let url = text(0);
            Content::Media { link: MediaLink { kind: MediaKind::guess(&url), url }, caption: some(text(1)) }
        }
        FormKind::FreeTemplate => {
            let mut variables: Vec<String> = (2..form.fields.len()).map(text).collect();
            while variables.last().is_some_and(String::is_empty) {
                variables.pop();
            }
            template(text(0), some(text(1)), variables)
        }
        FormKind::Template { id, language, .. } => {
            template(id.clone(), language.clone(), (0..form.fields.len()).map(text).collect())
        }
    }
}

fn template(id: String, language: Option<String>, variables: Vec<String>) -> Content {
    Content::Template(TemplateUse { id, language, variables, header: None, payloads: Vec::new() })
}

/// Inserts a canned reply at the cursor.
pub(super) fn insert_reply(model: &mut Model, index: usize) -> Vec<Effect> {
    let Some(reply) = model.replies.get(index) else { return Vec::new() };
    let name = model.thread.as_ref().map(|t| Clean::line(t.conversation.name.trim()).into_string());
    let text = fill(&reply.text, &[("name", name.as_deref().unwrap_or_default()), ("agent", &model.agent)]);
    // Without a name the gap before the comma would show.
    let text = text.replace(" ,", ",");
    compose::paste(model, &text)
}
