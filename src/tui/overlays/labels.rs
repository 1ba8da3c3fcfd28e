//! The labels of a conversation, to put on and take off, and to make new ones by typing them.
//!
//! Invariant: every choice is written at once; what others changed meanwhile stays.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::popup::{self, Hint, Next, Popup};
use crate::domain::ConversationId;
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Read, Write};
use crate::tui::i18n::fill;
use crate::tui::widgets::picker::{Item, Picker};

/// The longest label, in characters.
const LONGEST: usize = 40;

/// The labels that there are, with those of one conversation marked.
#[derive(Debug, Clone)]
pub struct Labels {
    pub conversation: ConversationId,
    /// Every known label as it is stored.
    known: Vec<String>,
    picker: Picker<String>,
}

/// Shows the labels of the conversation that the keys are about.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.subject().map(|conversation| conversation.id) else { return Vec::new() };
    open_for(model, id)
}

/// Shows the labels of a conversation, and asks which others there are.
pub(crate) fn open_for(model: &mut Model, conversation: ConversationId) -> Vec<Effect> {
    let mut labels = Labels { conversation, known: Vec::new(), picker: Picker::new(Vec::new()) };
    labels.refresh(model);
    model.push_overlay(labels);
    vec![Effect::Read(Read::Labels)]
}

/// The labels that there are have been read.
pub(crate) fn add_known(model: &mut Model, known: Vec<String>) {
    if let Some(labels) = model.overlay_mut(|_: &Labels| true) {
        labels.add(known);
    }
}

impl Labels {
    /// Adds labels after those that are known already: nothing moves under the cursor.
    fn add(&mut self, mut labels: Vec<String>) {
        labels.sort_by_key(|label| label.to_lowercase());
        for label in labels {
            if !self.known.contains(&label) {
                self.known.push(label);
            }
        }
    }

    /// Makes the list anew: the known labels, marked where the conversation has them, then what is typed as a new one.
    fn refresh(&mut self, model: &Model) {
        let own = model.conversation(self.conversation).map(|c| c.labels.clone()).unwrap_or_default();
        self.add(own.clone());
        let mut items: Vec<(Item, String)> = Vec::new();
        for label in &self.known {
            let mark = if own.contains(label) { "[x]" } else { "[ ]" };
            let shown = Clean::line(label);
            items.push((Item { label: format!("{mark} {}", shown.as_str()), ..Item::default() }, label.clone()));
        }
        let typed: String = self.picker.input.text().trim().chars().take(LONGEST).collect();
        if !typed.is_empty() && !self.known.iter().any(|label| label.to_lowercase() == typed.to_lowercase()) {
            let label = fill(&model.strings().team.new_label, &[("label", &typed)]);
            items.push((Item { label, ..Item::default() }, typed));
        }
        self.picker.replace(items);
    }

    fn toggle(&self, model: &Model, label: String) -> Vec<Effect> {
        let has =
            model.conversation(self.conversation).is_some_and(|conversation| conversation.labels.contains(&label));
        let (add, remove) = if has { (Vec::new(), vec![label]) } else { (vec![label], Vec::new()) };
        vec![Effect::Write(Write::EditLabels { conversation: self.conversation, add, remove })]
    }
}

impl Popup for Labels {
    fn commands(&self) -> &'static [Command] {
        popup::PICKER_COMMANDS
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Label)
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        match popup::picked(&mut self.picker, command) {
            Some(label) => {
                let effects = self.toggle(model, label);
                if !self.picker.input.is_empty() {
                    self.picker.input.clear();
                    self.refresh(model);
                }
                Next::Stay(effects)
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

    /// The marks follow the conversation, whoever changes it.
    fn layout(&mut self, model: &Model) {
        self.refresh(model);
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints_to(model, &model.strings().team.toggle)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().team;
        let area = popup::open_panel(model, buf, &strings.labels, 48, popup::tall(model).min(14));
        Some(self.picker.draw(&model.theme, buf, area, &strings.labels_hint, &strings.no_labels))
    }
}
