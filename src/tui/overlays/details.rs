//! What is known of a message: how far it came, its ids, the gateway's own words.
//!
//! Invariant: what the gateway said is shown as it said it, cleaned and whole; what Loket found itself is not called the
//! gateway's.

use super::popup::{self, Hint, Next, Popup};
use crate::domain::{AuthorKind, Direction, Kind, Message, MessageId, Status, StoreError, UnmatchedReport};
use crate::text;
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::i18n::failures::{failure, message_of};
use crate::tui::i18n::time::{moment, upcoming_day};
use crate::tui::i18n::{channel, fill};
use crate::tui::theme::styles::Meaning;
use crate::tui::thread::message::preview;
use crate::tui::widgets::draw_text::{put, row, skip, wrapped};
use crate::tui::widgets::panel;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// The box's width, where there is room.
const WIDTH: u16 = 70;

/// All that is known of one message, as a list that scrolls.
#[derive(Debug, Clone)]
pub struct Details {
    message: MessageId,
    scroll: usize,
    /// What the gateway reported that may be about it; `None` until that is read, and where it is not in question.
    reports: Option<Vec<UnmatchedReport>>,
}

/// A label and what it is about.
type Line = (String, String);

impl Details {
    /// The details of this message, shown from the top.
    pub(crate) fn of(message: MessageId) -> Self {
        Details { message, scroll: 0, reports: None }
    }

    /// The rows at a width, and the column in which values begin.
    fn rows(&self, model: &Model, width: u16) -> (Vec<Line>, u16) {
        let mut loaded = model.thread.iter().flat_map(|thread| &thread.entries).map(|entry| &entry.message);
        let Some(message) = loaded.find(|message| message.id == self.message) else {
            return (vec![(model.strings().notices.gone.clone(), String::new())], width);
        };
        let facts = facts(model, message, self.reports.as_deref());
        let widest = facts.iter().map(|(label, _)| text::cells(label)).max().unwrap_or(0);
        let column = u16::try_from(widest + 2).unwrap_or(u16::MAX).min(width / 2);
        let mut rows = Vec::new();
        for (label, value) in facts {
            for (n, line) in wrapped(&value, width.saturating_sub(column)).into_iter().enumerate() {
                rows.push((if n == 0 { label.clone() } else { String::new() }, line));
            }
        }
        (rows, column)
    }
}

fn facts(model: &Model, message: &Message, reports: Option<&[UnmatchedReport]>) -> Vec<Line> {
    let (all, strings) = (model.strings(), &model.strings().details);
    let time = |at| moment(all, at, model.now, &model.zone);
    let mut facts = Vec::new();
    let mut add = |label: &String, value: &str| {
        let value = Clean::line(value.trim()).into_string();
        if !value.is_empty() {
            facts.push((label.clone(), value));
        }
    };
    let status = all.status(message.status);
    let inferred = if message.inferred { format!(" ({})", all.thread.inferred) } else { String::new() };
    add(&strings.status, &format!("{status}{inferred}"));
    add(&strings.author, &author(model, message));
    match message.scheduled_at {
        Some(at) => {
            let words = upcoming_day(all, at, model.now, &model.zone);
            add(&strings.scheduled_at, &format!("{words} ({})", at.rfc3339()));
        }
        None => add(&strings.at, &format!("{} ({})", time(message.at), message.at.rfc3339())),
    }
    if let Some(at) = message.retry_at {
        add(&strings.retry_at, &time(at));
    }
    if let Some(error) = &message.error {
        let explained = failure(model.locale, error, None);
        add(&strings.what, &explained.what);
        add(&strings.remedy, &explained.remedy);
        if error.is_own() {
            add(&strings.technical, message_of(error).trim_matches(['(', ')']));
        } else {
            add(&strings.gateway_message, &error.message);
            add(&strings.code, &error.code);
        }
    }
    if message.status == Status::Unsure {
        add(&strings.attempt, &strings.attempt_unsure);
        for report in reports.unwrap_or_default() {
            add(&strings.may_be, &report_line(model, report));
        }
        match reports {
            Some([]) => add(&strings.remedy, &strings.none_reported),
            Some(_) => add(&strings.remedy, &strings.some_reported),
            None => {}
        }
    }
    if let Some(original) = message.payload.as_ref().and_then(|payload| payload.get("original")?.as_str()) {
        add(&strings.original, original);
    }
    if let Some(media) = message.media.as_ref().filter(|media| media.file.fetches > 0) {
        add(&strings.fetched, &fill(&strings.fetches, &[("n", &media.file.fetches.to_string())]));
    }
    add(&strings.kind, all.kind(message.kind));
    add(&strings.route, &format!("{} · {} · {}", message.account, channel(message.channel), message.peer));
    add(&strings.remote_id, message.remote_id.as_deref().unwrap_or_default());
    add(&strings.id, &message.id.to_string());
    facts
}

/// What the gateway reported, in one line.
fn report_line(model: &Model, report: &UnmatchedReport) -> String {
    let (all, strings) = (model.strings(), &model.strings().details);
    let time = |at| moment(all, at, model.now, &model.zone);
    match report {
        UnmatchedReport::Receipt { remote_id, status, at } => {
            format!("{} {}, {remote_id}", all.status(*status), time(*at))
        }
        UnmatchedReport::Elsewhere { text, at, .. } => {
            let text = preview(all, Kind::Text, text);
            fill(&strings.sent_elsewhere, &[("time", &time(*at)), ("text", &text)])
        }
    }
}

/// Takes what may be about an unsure message whose details are shown.
pub(crate) fn show_reports(model: &mut Model, message: MessageId, reports: Result<Vec<UnmatchedReport>, StoreError>) {
    match reports {
        Ok(reports) => {
            if let Some(details) = model.overlay_mut(|details: &Details| details.message == message) {
                details.reports = Some(reports);
            }
        }
        Err(error) => model.notify_not_read(&error),
    }
}

fn author(model: &Model, message: &Message) -> String {
    let name = Clean::name(&message.author.name).map_or_else(String::new, Clean::into_string);
    match (message.author.kind, message.direction) {
        (AuthorKind::Rule, _) => format!("{name} ({})", model.strings().thread.automatic),
        (_, Direction::In) if name.is_empty() => message.peer.clone(),
        _ => name,
    }
}

impl Popup for Details {
    fn commands(&self) -> &'static [Command] {
        &[Command::Accept, Command::Close, Command::Down, Command::Up, Command::PageDown, Command::PageUp]
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Details)
    }

    fn run(&mut self, _model: &mut Model, command: Command) -> Next {
        popup::move_choice(&mut self.scroll, command, 8, usize::MAX);
        if matches!(command, Command::Accept | Command::Close) { Next::close() } else { Next::stay() }
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
        let area = popup::open_panel(model, buf, &model.strings().details.title, WIDTH, wanted);
        for (y, (label, value)) in (0_u16..).zip(rows.iter().skip(self.scroll)).take(usize::from(area.height)) {
            put(buf, row(area, y), label, model.theme.style(Meaning::Dim));
            put(buf, skip(row(area, y), column), value, model.theme.style(Meaning::Text));
        }
        None
    }
}
