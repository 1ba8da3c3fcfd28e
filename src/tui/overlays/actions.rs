//! Keys that are not complete yet, and what can follow them: after Ctrl+X, everything that can be done here.
//!
//! Invariant: every key that can follow is shown, with the reason where its command cannot be used now.

use super::popup::{self, Hint, Next, Popup};
use crate::text;
use crate::tui::app::state::Model;
use crate::tui::commands::availability;
use crate::tui::commands::key::{Chord, KeySequence};
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row, skip, wrapped};
use crate::tui::widgets::panel;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::cmp::Reverse;

/// The box's width, where there is room.
const WIDTH: u16 = 70;

/// The most columns in which commands stand, and the cells between two of them: where there is room, and at least.
const COLUMNS: usize = 4;
const GAP: usize = 3;
const LEAST_GAP: usize = 1;

/// Keys of a sequence that is not complete yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingKeys {
    /// Where they are looked up.
    pub(crate) context: KeyContext,
    pub(crate) typed: Vec<Chord>,
}

/// Opens the popup of all actions, as the key does with which they begin.
pub(crate) fn open(model: &mut Model) {
    let context = model.focus.place();
    if let Some(prefix) = model.keymap.action_prefix(context) {
        model.push_overlay(PendingKeys { context, typed: vec![prefix] });
    }
}

/// A command that can follow, and why not now.
struct Follower {
    key: String,
    label: &'static str,
    why_not: Option<String>,
}

impl Follower {
    fn text(&self) -> String {
        format!("{} {}", self.key, self.label)
    }

    fn cells(&self) -> usize {
        text::cells(&self.text())
    }
}

impl PendingKeys {
    /// What can follow, in the registry's order, each command with its first key.
    fn followers(&self, model: &Model) -> Vec<Follower> {
        let mut found: Vec<(Command, KeySequence)> = Vec::new();
        for (key, command) in model.keymap.followers(self.context, &self.typed) {
            if !found.iter().any(|(known, _)| *known == command) {
                found.push((command, key));
            }
        }
        found.sort_by_key(|(command, _)| *command);
        let strings = model.strings();
        let follower = |(command, key): (Command, KeySequence)| Follower {
            key: key.to_string(),
            label: strings.command_label(command.id()),
            why_not: availability::why_not(model, command),
        };
        found.into_iter().map(follower).collect()
    }

    fn title(&self, model: &Model) -> String {
        let strings = &model.strings().overlay;
        let actions = model.keymap.action_prefix(self.context).is_some_and(|prefix| self.typed == [prefix]);
        match model.subject().filter(|_| actions) {
            Some(subject) => fill(&strings.actions, &[("name", Model::title(subject, model.country()).as_str())]),
            None if actions => model.strings().command_label(Command::Actions.id()).to_owned(),
            None => fill(&strings.keys_after, &[("keys", &KeySequence::from(&self.typed[..]).to_string())]),
        }
    }
}

/// The usable commands as a grid, column by column, and under it the lines of those that cannot be used.
struct Grid {
    cells: Vec<(String, String)>,
    rows: usize,
    /// Where each column begins.
    columns: Vec<usize>,
    /// One reason for several commands is said once.
    lines: Vec<String>,
}

impl Grid {
    /// Arranges commands for a box of this size inside, so that no name is cut.
    fn of(followers: &[Follower], (width, height): (u16, u16)) -> Grid {
        let (width, height) = (usize::from(width), usize::from(height));
        let mut usable: Vec<&Follower> = followers.iter().filter(|follower| follower.why_not.is_none()).collect();
        let (rows, columns) = even_columns(&usable, width, height)
            .or_else(|| tight_columns(&usable, width, height))
            .or_else(|| {
                // With the long names under each other the columns are narrower.
                usable.sort_by_key(|follower| Reverse(follower.cells()));
                tight_columns(&usable, width, height)
            })
            .unwrap_or_else(|| cut_columns(usable.len(), width, height));
        let mut lines = reasons(followers, width);
        if rows + lines.len() > height {
            // Without room for the reasons, the names still stand there; the key itself says why not.
            let names: Vec<String> = followers.iter().filter(|f| f.why_not.is_some()).map(Follower::text).collect();
            lines = wrap(&names.join(", "), width);
        }
        let cells = usable.iter().map(|follower| (follower.key.clone(), follower.label.to_owned())).collect();
        Grid { cells, rows, columns, lines }
    }

    fn height(&self) -> usize {
        self.rows + self.lines.len()
    }
}

/// Columns of one width, each wide enough for every name; `None` where they do not fit.
fn even_columns(usable: &[&Follower], width: usize, height: usize) -> Option<(usize, Vec<usize>)> {
    let widest = usable.iter().map(|follower| follower.cells()).max().unwrap_or(0) + GAP;
    let columns = ((width + GAP) / widest).clamp(1, COLUMNS);
    let rows = usable.len().div_ceil(columns).max(1);
    let step = (width + GAP) / columns;
    (rows <= height).then(|| (rows, (0..columns).map(|n| n * step).collect()))
}

/// The fewest rows in which columns as wide as their own names fit, and where these columns begin.
fn tight_columns(usable: &[&Follower], width: usize, height: usize) -> Option<(usize, Vec<usize>)> {
    (1..=height).find_map(|rows| {
        let widest = |column: &[&Follower]| column.iter().map(|follower| follower.cells()).max().unwrap_or(0);
        let widths: Vec<usize> = usable.chunks(rows).map(widest).collect();
        let gaps = widths.len().saturating_sub(1);
        let gap = (width.checked_sub(widths.iter().sum())? / gaps.max(1)).min(GAP);
        let starts = widths.iter().scan(0, |at, width| Some(std::mem::replace(at, *at + width + gap)));
        (gap >= LEAST_GAP || gaps == 0).then(|| (rows, starts.collect()))
    })
}

/// Columns in which names are cut rather than left out.
fn cut_columns(count: usize, width: usize, height: usize) -> (usize, Vec<usize>) {
    let rows = count.div_ceil(COLUMNS).max(height).max(1);
    let columns = count.div_ceil(rows).max(1);
    (rows, (0..columns).map(|n| n * (width / columns)).collect())
}

fn reasons(followers: &[Follower], width: usize) -> Vec<String> {
    let mut grouped: Vec<(&str, Vec<String>)> = Vec::new();
    for follower in followers {
        let Some(why) = follower.why_not.as_deref() else { continue };
        match grouped.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, names)) => names.push(follower.text()),
            None => grouped.push((why, vec![follower.text()])),
        }
    }
    grouped.iter().flat_map(|(why, names)| wrap(&format!("{}: {why}", names.join(", ")), width)).collect()
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { wrapped(text, u16::try_from(width).unwrap_or(u16::MAX)) }
}

impl Popup for PendingKeys {
    /// None: the keys that follow are looked up as parts of a sequence.
    fn commands(&self) -> &'static [Command] {
        &[]
    }

    fn run(&mut self, _model: &mut Model, _command: Command) -> Next {
        Next::stay()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        vec![popup::close_hint(model)]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let inside = panel::inside(model.areas.screen, (WIDTH, u16::MAX));
        let grid = Grid::of(&self.followers(model), (inside.width, inside.height));
        let rows = u16::try_from(grid.height()).unwrap_or(u16::MAX);
        let area = popup::open_panel(model, buf, &self.title(model), WIDTH, rows);
        let style = |meaning| model.theme.style(meaning);
        for (n, (key, label)) in grid.cells.iter().enumerate() {
            let (column, line) = (n / grid.rows, n % grid.rows);
            let column_at = |n: usize| grid.columns.get(n).and_then(|at| u16::try_from(*at).ok());
            let left = column_at(column).unwrap_or(u16::MAX);
            let end = column_at(column + 1).map_or(area.width, |next| next.saturating_sub(1));
            let at = skip(row(area, u16::try_from(line).unwrap_or(u16::MAX)), left);
            let at = Rect { width: at.width.min(end.saturating_sub(left)), ..at };
            let used = put(buf, at, key, style(Meaning::Key));
            put(buf, skip(at, used + 1), label, style(Meaning::Text));
        }
        for (n, line) in grid.lines.iter().enumerate() {
            let at = row(area, u16::try_from(grid.rows + n).unwrap_or(u16::MAX));
            put(buf, at, line, style(Meaning::Dim));
        }
        None
    }
}
