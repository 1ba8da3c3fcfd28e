//! The agent to whom a conversation is given.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::popup::{self, Hint, Next, Popup};
use crate::domain::{Conversation, ConversationId};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Read, Write};
use crate::tui::i18n::fill;
use crate::tui::widgets::picker::{Item, Picker};

/// The longest name of an agent, in characters, as in the configuration.
const LONGEST: usize = 64;

/// To whom a conversation can be given.
#[derive(Debug, Clone)]
pub struct Assign {
    pub conversation: ConversationId,
    /// Every known agent but this screen's.
    agents: Vec<String>,
    /// The names to pick from; `None` is nobody.
    picker: Picker<Option<String>>,
}

/// Asks to whom the conversation that the keys are about is given.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(conversation) = model.subject().map(|conversation| conversation.id) else { return Vec::new() };
    let mut assign = Assign { conversation, agents: Vec::new(), picker: Picker::new(Vec::new()) };
    assign.refresh(model);
    model.push_overlay(assign);
    vec![Effect::Read(Read::Agents)]
}

/// Takes the conversation that the keys are about, if nobody has it.
pub(crate) fn take(model: &mut Model) -> Vec<Effect> {
    let take = |subject: &Conversation| Effect::Write(Write::Take { conversation: subject.id });
    model.subject().map(take).into_iter().collect()
}

/// The agents that there are have been read.
pub(crate) fn add_agents(model: &mut Model, agents: Vec<String>) {
    if let Some(assign) = model.overlay_mut(|_: &Assign| true) {
        assign.agents.extend(agents);
    }
}

impl Assign {
    fn assignee(&self, model: &Model) -> Option<String> {
        model.conversation(self.conversation)?.assignee.clone()
    }

    /// Makes the list anew: oneself, the others, nobody, and what is typed as another name.
    fn refresh(&mut self, model: &Model) {
        let strings = &model.strings().team;
        let assignee = self.assignee(model);
        self.agents.extend(assignee.clone());
        self.agents.retain(|agent| *agent != model.agent && !agent.trim().is_empty());
        self.agents.sort_by_key(|agent| agent.to_lowercase());
        self.agents.dedup();
        let item = |label: String, agent: Option<&str>| {
            let side = if assignee.as_deref() == agent { strings.now.clone() } else { String::new() };
            (Item { label, side, ..Item::default() }, agent.map(str::to_owned))
        };
        let mut items = Vec::new();
        if !model.agent.is_empty() {
            items.push(item(fill(&strings.me, &[("name", Clean::line(&model.agent).as_str())]), Some(&model.agent)));
        }
        items.extend(self.agents.iter().map(|agent| item(Clean::line(agent).into_string(), Some(agent))));
        items.push(item(strings.nobody.clone(), None));
        let typed: String = self.picker.input.text().trim().chars().take(LONGEST).collect();
        let same = |agent: &String| agent.to_lowercase() == typed.to_lowercase();
        if !typed.is_empty() && !same(&model.agent) && !self.agents.iter().any(same) {
            items.push(item(fill(&strings.other_agent, &[("name", &typed)]), Some(&typed)));
        }
        self.picker.replace(items);
    }
}

impl Popup for Assign {
    fn commands(&self) -> &'static [Command] {
        popup::PICKER_COMMANDS
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Assign)
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        let from = self.assignee(model);
        match popup::picked(&mut self.picker, command) {
            Some(to) if to == from => Next::close(),
            Some(to) => {
                let conversation = self.conversation;
                Next::Close(vec![Effect::Write(Write::Assign { conversation, to, from })])
            }
            None => Next::stay(),
        }
    }

    fn type_key(&mut self, model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if self.picker.type_key(key) {
            self.refresh(model);
        }
        Vec::new()
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Vec<Effect> {
        self.picker.paste(text);
        self.refresh(model);
        Vec::new()
    }

    fn layout(&mut self, model: &Model) {
        self.refresh(model);
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().team;
        let area = popup::open_panel(model, buf, &strings.assign, 48, popup::tall(model).min(12));
        Some(self.picker.draw(&model.theme, buf, area, &strings.assign_hint, ""))
    }
}
