//! Questions with yes and no.
//!
//! Invariant: what is hard to undo happens only after a yes.

use super::popup::{self, Hint, Next, Popup};
use crate::domain::{ConversationId, MessageId};
use crate::text::{Clean, link};
use crate::tui::app::quit::save_and_quit;
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::registry::Command;
use crate::tui::composer;
use crate::tui::effect::{Effect, TerminalAction, Write};
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{paragraph_rows, paragraphs, put, row, skip};
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::style::Style;

/// A question that is answered by yes or no before something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    SendAgain {
        message: MessageId,
        /// Nobody knows whether it arrived.
        unsure: bool,
    },
    /// Whether the draft is sent although another agent has answered a moment ago.
    SendAnyway {
        conversation: ConversationId,
        /// Who answered, and when, as a sentence.
        answered: String,
    },
    /// Whether to quit although messages wait or are no longer received.
    Quit {
        /// Messages that wait to be sent.
        queued: u64,
        /// No engine is left that receives and sends.
        reception_ends: bool,
    },
    /// Whether a long paste goes into the composer.
    Paste { text: String, lines: usize },
    OpenLink {
        url: Clean,
        host: Clean,
        /// The host's name is written in other letters than it seems.
        disguised: bool,
    },
}

impl Question {
    /// Asks whether a link is opened, and shows where it leads.
    pub(crate) fn open_link(url: Clean) -> Self {
        let host = link::host(url.as_str()).unwrap_or_default();
        let disguised = !host.is_ascii() || host.to_ascii_lowercase().split('.').any(|part| part.starts_with("xn--"));
        let host = match link::disguised_host(url.as_str()) {
            Some(known) => Clean::line(&format!("{known} ({host})")),
            None => Clean::line(host),
        };
        Question::OpenLink { url, host, disguised }
    }

    fn agree(&self, model: &mut Model) -> Vec<Effect> {
        match self {
            Question::SendAgain { message, .. } => vec![Effect::Write(Write::SendAgain { message: *message })],
            Question::SendAnyway { conversation, .. } => composer::update::send_despite_answer(model, *conversation),
            Question::Paste { text, .. } => {
                model.focus = Pane::Composer;
                composer::update::paste(model, text)
            }
            Question::Quit { .. } => save_and_quit(model),
            Question::OpenLink { url, .. } => vec![Effect::Terminal(TerminalAction::OpenLink { url: url.clone() })],
        }
    }

    /// The title, and the paragraphs under it.
    fn texts(&self, model: &Model) -> (String, Vec<(String, Meaning)>) {
        let strings = &model.strings().overlay;
        match self {
            Question::SendAgain { unsure, .. } => {
                let text = if *unsure {
                    (strings.confirm_again_unsure.clone(), Meaning::MessageUnsure)
                } else {
                    (strings.confirm_again_failed.clone(), Meaning::Text)
                };
                (strings.confirm_again.clone(), vec![text])
            }
            Question::SendAnyway { answered, .. } => {
                let more = (strings.confirm_answered_more.clone(), Meaning::Dim);
                (strings.confirm_answered.clone(), vec![(answered.clone(), Meaning::Strong), more])
            }
            Question::Paste { lines, .. } => {
                let title = fill(&strings.confirm_paste, &[("n", &lines.to_string())]);
                (title, vec![(strings.confirm_paste_more.clone(), Meaning::Text)])
            }
            Question::Quit { queued, reception_ends } => {
                let sentence = match (queued, reception_ends) {
                    (0, _) => &strings.confirm_quit_reception,
                    (_, true) => &strings.confirm_quit_queued,
                    (_, false) => &strings.confirm_quit_sending,
                };
                let text = fill(sentence, &[("n", &queued.to_string())]);
                (strings.confirm_quit.clone(), vec![(text, Meaning::Text)])
            }
            Question::OpenLink { url, host, disguised } => {
                let leads = fill(&strings.confirm_open_host, &[("host", host.as_str())]);
                let mut texts = vec![(leads, Meaning::Strong)];
                if *disguised {
                    texts.push((strings.confirm_open_puny.clone(), Meaning::NoticeBad));
                }
                texts.push((url.as_str().to_owned(), Meaning::Dim));
                (strings.confirm_open.clone(), texts)
            }
        }
    }
}

impl Popup for Question {
    fn commands(&self) -> &'static [Command] {
        &[Command::Accept, Command::Yes, Command::No]
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        if command == Command::No { Next::close() } else { Next::Close(self.agree(model)) }
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let label = |command: Command| model.strings().command_label(command.id());
        let yes = popup::named_hint(model, Command::Accept, label(Command::Yes));
        vec![yes, popup::named_hint(model, Command::Back, label(Command::No))]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let style = |meaning| model.theme.style(meaning);
        let (title, texts) = self.texts(model);
        let texts: Vec<(&str, Style)> = texts.iter().map(|(text, meaning)| (text.as_str(), style(*meaning))).collect();
        let width = 56.min(model.areas.screen.width.saturating_sub(6));
        let area = popup::open_panel(model, buf, &title, width, paragraph_rows(&texts, width) + 2);
        let used = paragraphs(buf, area, &texts);
        let mut rest = row(area, (used + 1).min(area.height.saturating_sub(1)));
        for (key, answer) in self.hints(model) {
            rest = skip(rest, put(buf, rest, &key, style(Meaning::Key)) + 1);
            rest = skip(rest, put(buf, rest, answer, style(Meaning::Text)) + 3);
        }
        None
    }
}
