//! Canned replies, of which one is inserted in the composer.

use super::popup::{self, Hint, Next, Popup};
use super::reply_fields::{ReplyFields, finish};
use crate::domain::canned_reply::file_name;
use crate::domain::canned_reply::{fields, fill_fields};
use crate::domain::greeting_name::greeting_name;
use crate::domain::{CannedReply, ConversationId, StoreError};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Read};
use crate::tui::widgets::picker::{Item, Picker};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// A picker over canned replies, for the conversation whose customer fills their fields.
#[derive(Debug, Clone)]
pub struct CannedReplies {
    picker: Picker<CannedReply>,
    conversation: ConversationId,
    /// The customer's own fields by name; `None` until they are read.
    customer: Option<Vec<(String, String)>>,
    /// What was picked before they were read.
    picked: Option<CannedReply>,
}

/// Opens the list of canned replies, found by name or text; those of the conversation's account first.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(conversation) = model.composer.conversation else { return Vec::new() };
    let account = model.thread.as_ref().map(|thread| thread.conversation.account.clone());
    let (own, common): (Vec<_>, Vec<_>) = model
        .replies
        .iter()
        .filter(|reply| reply.account.is_none() || reply.account == account)
        .partition(|reply| reply.account.is_some());
    let is_replaced = |reply: &&CannedReply| own.iter().any(|other| other.name == reply.name);
    let common = common.into_iter().filter(|reply| !is_replaced(reply));
    let items = own.iter().copied().chain(common).map(|reply| (item(reply), reply.clone()));
    let picker = Picker::new(items.collect());
    model.push_overlay(CannedReplies { picker, conversation, customer: None, picked: None });
    vec![Effect::Read(Read::ReplyFields { conversation })]
}

fn item(reply: &CannedReply) -> Item {
    Item {
        label: Clean::line(&reply.name).into_string(),
        detail: Clean::line(&reply.text).into_string(),
        side: reply.file.as_deref().map(|file| Clean::line(file_name(file)).into_string()).unwrap_or_default(),
        ..Item::default()
    }
}

/// Takes the customer's fields. Without them, which only an error of the store explains, they are asked for.
pub(crate) fn add_fields(
    model: &mut Model,
    conversation: ConversationId,
    found: Result<Vec<(String, String)>, StoreError>,
) -> Vec<Effect> {
    if let Err(error) = &found {
        model.notify_not_read(error);
    }
    let is_it = |list: &CannedReplies| list.conversation == conversation;
    let Some(list) = model.overlay_mut(is_it) else { return Vec::new() };
    let fields = found.unwrap_or_default();
    let Some(reply) = list.picked.take() else {
        list.customer = Some(fields);
        return Vec::new();
    };
    if let Some(index) = model.find_overlay(is_it) {
        model.overlays.remove(index);
    }
    choose(model, &reply, &fields)
}

/// Fills a reply and inserts it; asks for what nobody knows first.
fn choose(model: &mut Model, reply: &CannedReply, customer: &[(String, String)]) -> Vec<Effect> {
    let text = fill_fields(&reply.text, |field| value(model, customer, field));
    if fields(&text).is_empty() {
        return finish(model, reply.file.as_deref(), &text);
    }
    model.push_overlay(ReplyFields::new(&reply.name, &text, reply.file.clone()));
    Vec::new()
}

/// What a field of a reply is in the open conversation; `None` if nobody knows it.
fn value(model: &Model, customer: &[(String, String)], field: &str) -> Option<String> {
    let conversation = model.thread.as_ref().map(|thread| &thread.conversation);
    match field.trim() {
        "agent" => Some(Clean::line(&model.agent).into_string()),
        "name" => Some(conversation.filter(|c| !c.group).and_then(|c| greeting_name(&c.name)).unwrap_or_default()),
        "phone" if conversation.is_some_and(|c| c.channel.uses_phone_numbers() && !c.group) => {
            conversation.map(|c| Model::peer(c, model.country()).into_string())
        }
        other => {
            let known = customer.iter().find(|(name, _)| name.eq_ignore_ascii_case(other));
            known.map(|(_, value)| Clean::block(value).into_string()).filter(|value| !value.trim().is_empty())
        }
    }
}

impl Popup for CannedReplies {
    fn commands(&self) -> &'static [Command] {
        popup::PICKER_COMMANDS
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Canned)
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        let Some(reply) = popup::picked(&mut self.picker, command) else { return Next::stay() };
        if let Some(customer) = &self.customer {
            return Next::Close(choose(model, &reply, customer));
        }
        self.picked = Some(reply);
        Next::stay()
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        self.picker.type_key(key);
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        self.picker.paste(text);
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints_to(model, &model.strings().overlay.insert)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().overlay;
        let area = popup::open_panel(model, buf, &strings.canned, 76, popup::tall(model).min(12));
        Some(self.picker.draw(&model.theme, buf, area, &strings.canned_hint, &strings.canned_none))
    }
}
