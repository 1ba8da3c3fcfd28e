//! The templates of an account, of which one is filled in and sent.

use crate::domain::{AccountName, QueryError, Template};
use crate::tui::i18n::errors::query_error;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::address::Target;
use super::message_form::{FormKind, MessageForm};
use super::popup::{self, Hint, Next, Popup};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, GatewayCall};
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row};
use crate::tui::widgets::picker::{Item, Picker};

/// The list of an account's templates, to choose one and fill it in.
#[derive(Debug, Clone)]
pub struct Templates {
    account: AccountName,
    /// To whom the template is sent.
    to: Target,
    /// `None` until the gateway has answered.
    picker: Option<Picker<Template>>,
}

/// Opens the templates of the open conversation's account.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    let (account, conversation) = (model.open_account(), model.open_id());
    let Some((account, conversation)) = account.map(|view| view.account.name.clone()).zip(conversation) else {
        return Vec::new();
    };
    open_for(model, &account, Target::Conversation(conversation))
}

/// Opens an account's templates for somebody; where the gateway lists none, a form in which the id is typed.
pub(crate) fn open_for(model: &mut Model, account: &AccountName, to: Target) -> Vec<Effect> {
    if model.account(account).is_some_and(|view| view.capabilities.list_templates) {
        model.push_overlay(Templates { account: account.clone(), to, picker: None });
        return vec![Effect::Gateway(GatewayCall::Templates { account: account.clone() })];
    }
    model.push_overlay(MessageForm::new(model, FormKind::FreeTemplate, to));
    Vec::new()
}

/// Shows the templates that the gateway has; without them the id can still be typed.
pub(crate) fn show(model: &mut Model, account: &AccountName, templates: Result<Vec<Template>, QueryError>) {
    let waiting = |list: &Templates| list.picker.is_none() && list.account == *account;
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
            if let Some(list) = model.overlay_mut(waiting) {
                list.picker = Some(Picker::new(items.collect()));
            }
        }
        Err(error) => {
            let reason = query_error(model.locale, &error);
            let Some(index) = model.find_overlay(waiting) else { return };
            let Some(to) = model.overlay_mut(waiting).map(|list| list.to.clone()) else { return };
            let mut form = MessageForm::new(model, FormKind::FreeTemplate, to);
            form.objection = Some(fill(&model.strings().notices.not_done, &[("reason", &reason)]));
            if let Some(overlay) = model.overlays.get_mut(index) {
                *overlay = form.into();
            }
        }
    }
}

impl Popup for Templates {
    fn commands(&self) -> &'static [Command] {
        popup::PICKER_COMMANDS
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        let Some(template) = self.picker.as_mut().and_then(|picker| popup::picked(picker, command)) else {
            return Next::stay();
        };
        let kind = FormKind::Template(Box::new(template));
        model.push_overlay(MessageForm::new(model, kind, self.to.clone()));
        Next::close()
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if let Some(picker) = &mut self.picker {
            picker.type_key(key);
        }
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        if let Some(picker) = &mut self.picker {
            picker.paste(text);
        }
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().overlay;
        let Some(picker) = &self.picker else {
            let area = popup::open_panel(model, buf, &strings.templates, 50, 1);
            put(buf, row(area, 0), &strings.templates_loading, model.theme.style(Meaning::Dim));
            return None;
        };
        let area = popup::open_panel(model, buf, &strings.templates, 76, popup::tall(model));
        Some(picker.draw(&model.theme, buf, area, &model.strings().views.hint, &strings.templates_none))
    }
}
