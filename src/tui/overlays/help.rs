//! The keys of the part of the screen that has them, and of everywhere, as the registry knows them.
//!
//! Invariant: no sentence is cut; what does not fit beside its keys goes on under itself.

use super::popup::{self, Hint, Next, Popup};
use crate::domain::{Channel, Status};
use crate::text;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::i18n;
use crate::tui::i18n::Strings;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row, skip, wrapped};
use crate::tui::widgets::panel;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// The box's width, where there is room.
const WIDTH: u16 = 74;

/// The list of keys and what they do, which scrolls.
#[derive(Debug, Clone, Default)]
pub struct Help {
    scroll: usize,
    /// The commands of the overlay over which it was opened; none over the panes.
    overlay: &'static [Command],
}

impl Help {
    /// The help on an overlay's own commands.
    pub(crate) fn of(commands: &'static [Command]) -> Self {
        Help { scroll: 0, overlay: commands }
    }

    /// Keys and sentences of a context's commands.
    fn entries<'s>(&self, model: &Model, context: KeyContext, strings: &'s Strings) -> Vec<(Vec<String>, &'s str)> {
        let mut entries = Vec::new();
        let of_overlay = |command: &&Command| context != KeyContext::Overlay || self.overlay.contains(command);
        for command in Command::ALL.iter().filter(of_overlay) {
            let keys: Vec<String> = model.keymap.keys(context, *command).iter().map(ToString::to_string).collect();
            if !keys.is_empty() {
                entries.push((keys, strings.command_sentence(command.id())));
            }
        }
        if context == KeyContext::Composer {
            entries.push((Vec::new(), strings.overlay.help_editing.as_str()));
        }
        entries
    }

    /// The rows at a width, and the column in which sentences begin.
    fn rows(&self, model: &Model, width: u16) -> (Vec<Row>, u16) {
        let strings = model.strings();
        let context = if self.overlay.is_empty() { model.focus.place() } else { KeyContext::Overlay };
        let sections = [context, KeyContext::Anywhere]
            .map(|context| (context.title(strings), self.entries(model, context, strings)));
        let keys = || sections.iter().flat_map(|(_, entries)| entries).map(|(keys, _)| keys);
        let widest = keys().map(|keys| text::cells(&keys.join(" "))).max().unwrap_or(0);
        // A key is never broken; several of them may be under one another.
        let widest_key = keys().flatten().map(|key| text::cells(key)).max().unwrap_or(0);
        let small = |cells: usize| u16::try_from(cells + 2).unwrap_or(u16::MAX);
        let column = small(widest).min((width / 4).max(small(widest_key)));
        let mut rows = Vec::new();
        for (title, entries) in &sections {
            rows.push(Row::Heading((*title).to_owned()));
            for (keys, sentence) in entries {
                let mut keys = stacked(keys, usize::from(column.saturating_sub(1))).into_iter();
                let mut lines = wrapped(sentence, width.saturating_sub(column)).into_iter();
                loop {
                    match (keys.next(), lines.next()) {
                        (None, None) => break,
                        (keys, line) => rows.push(Row::Keys(keys.unwrap_or_default(), line.unwrap_or_default())),
                    }
                }
            }
        }
        if self.overlay.is_empty() {
            rows.push(Row::Heading(strings.overlay.help_marks.clone()));
            rows.extend(marks(model).into_iter().map(|(mark, words)| Row::Keys(mark, words)));
        }
        (rows, column)
    }
}

/// What the marks of list, conversation and status bar mean.
fn marks(model: &Model) -> Vec<(String, String)> {
    let (strings, theme) = (model.strings(), &model.theme);
    let words = &strings.overlay;
    let channels = Channel::ALL.iter().map(|channel| (theme.channel(*channel).0, i18n::channel(*channel).to_owned()));
    let accounts = model.account_marks.all().filter(|_| model.accounts.len() > 1);
    let accounts = accounts.map(|(name, mark)| (mark.to_owned(), i18n::fill(&words.mark_account, &[("name", name)])));
    let deliveries = [Status::Queued, Status::Sending, Status::Sent, Status::Delivered, Status::Read]
        .into_iter()
        .chain([Status::Unsure, Status::Failed])
        .map(|status| (theme.mark(status).0, strings.status(status).to_owned()));
    let glyphs = theme.glyphs;
    let others = [
        (glyphs.inferred, &strings.thread.inferred),
        (glyphs.draft, &words.mark_draft),
        (glyphs.note_edge, &words.mark_note),
        (glyphs.snoozed, &strings.list.title_snoozed),
        (glyphs.resolved, &strings.list.title_resolved),
        (glyphs.good, &words.mark_good),
        (glyphs.unknown, &strings.account.unknown),
        (glyphs.bad, &words.mark_bad),
    ];
    let others = others.into_iter().map(|(mark, words)| (mark, words.clone()));
    let own = channels.chain(deliveries).chain(others).map(|(mark, words)| (mark.to_owned(), words));
    accounts.chain(own).collect()
}

/// Keys beside one another as far as they fit, then under one another.
fn stacked(keys: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for key in keys {
        match lines.last_mut().filter(|line| text::cells(line) + 1 + text::cells(key) <= width) {
            Some(line) => *line = format!("{line} {key}"),
            None => lines.push(key.clone()),
        }
    }
    lines
}

enum Row {
    Heading(String),
    Keys(String, String),
}

impl Popup for Help {
    fn commands(&self) -> &'static [Command] {
        &[Command::Close, Command::Down, Command::Up, Command::PageDown, Command::PageUp]
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Help)
    }

    fn run(&mut self, _model: &mut Model, command: Command) -> Next {
        popup::move_choice(&mut self.scroll, command, 8, usize::MAX);
        if command == Command::Close { Next::close() } else { Next::stay() }
    }

    /// Scrolling stops at the last row, so that none has to be scrolled back.
    fn layout(&mut self, model: &Model) {
        let inside = panel::inside(model.areas.screen, (WIDTH, u16::MAX));
        let rows = self.rows(model, inside.width).0.len();
        self.scroll = self.scroll.min(rows.saturating_sub(usize::from(inside.height)));
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        vec![popup::move_hint(model, &model.strings().overlay.scroll), popup::close_hint(model)]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let (rows, column) = self.rows(model, panel::inside(model.areas.screen, (WIDTH, u16::MAX)).width);
        let wanted = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        let area = popup::open_panel(model, buf, &model.strings().overlay.help, WIDTH, wanted);
        let style = |meaning| model.theme.style(meaning);
        for (y, line) in (0_u16..).zip(rows.iter().skip(self.scroll)).take(usize::from(area.height)) {
            let at = row(area, y);
            match line {
                Row::Heading(title) => {
                    put(buf, at, title, style(Meaning::Strong));
                }
                Row::Keys(keys, sentence) => {
                    let beside = Rect { width: column.saturating_sub(1).min(at.width), ..at };
                    put(buf, beside, keys, style(Meaning::Key));
                    put(buf, skip(at, column), sentence, style(Meaning::Text));
                }
            }
        }
        None
    }
}
