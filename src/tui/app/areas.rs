//! Where the panes are: one division of the screen for measuring and for drawing.
//!
//! Invariant: the areas never overlap and never leave the screen.

use ratatui::layout::Rect;

use super::state::{Model, Pane};

/// Narrower than this, one pane is shown at a time.
const NARROW: u16 = 60;

/// From here on there is more air.
const WIDE: u16 = 110;

/// Smaller than this nothing useful can be shown.
const LEAST: (u16, u16) = (20, 6);

/// Where the panes are. An area of no size is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Areas {
    /// The whole screen.
    pub screen: Rect,
    /// The screen is too small for anything.
    pub too_small: bool,
    /// The bar at the top.
    pub status: Rect,
    /// The list's title, or its filter.
    pub list_title: Rect,
    /// The list's rows.
    pub list: Rect,
    /// The line between list and conversation.
    pub wall: Rect,
    /// The conversation's title.
    pub thread_title: Rect,
    /// The conversation's messages.
    pub thread: Rect,
    /// The line above the composer, with what is to be said about the draft.
    pub composer_title: Rect,
    /// The sign before the composer's text.
    pub prompt: Rect,
    /// The composer's text.
    pub composer: Rect,
    /// The bottom line.
    pub hints: Rect,
    /// Rows of the list are two cells high.
    pub tall_rows: bool,
    /// There is room for empty rows between messages.
    pub airy: bool,
}

impl Areas {
    /// Divides the screen. The composer is asked how high it would like to be.
    pub fn of(model: &mut Model) -> Areas {
        let (width, height) = model.size;
        let screen = Rect::new(0, 0, width, height);
        if width < LEAST.0 || height < LEAST.1 {
            return Areas { screen, too_small: true, ..Areas::default() };
        }
        let body = Rect::new(0, 1, width, height - 2);
        let mut areas = Areas {
            screen,
            status: Rect::new(0, 0, width, 1),
            hints: Rect::new(0, height - 1, width, 1),
            tall_rows: height >= 18,
            airy: height >= 20,
            ..Areas::default()
        };
        let (list, wall, right) = if width < NARROW {
            if model.focus == Pane::List {
                (body, Rect::default(), Rect::default())
            } else {
                (Rect::default(), Rect::default(), body)
            }
        } else {
            let list = list_width(width);
            (
                Rect { width: list, ..body },
                Rect { x: list, width: 1, ..body },
                Rect { x: list + 1, width: width - list - 1, ..body },
            )
        };
        areas.wall = wall;
        (areas.list_title, areas.list) = split_top(list, 1);
        areas.divide_right(right, model);
        areas
    }

    /// How wide the conversation's side is, before anything else is known.
    pub fn right_width(model: &Model) -> u16 {
        let width = model.size.0;
        if width < NARROW { width } else { width - list_width(width) - 1 }
    }

    fn divide_right(&mut self, right: Rect, model: &mut Model) {
        let (title, rest) = split_top(right, 1);
        self.thread_title = title;
        if model.compose.conversation.is_none() || rest.height < 4 {
            self.thread = rest;
            return;
        }
        let most = (model.size.1 / 3).clamp(1, rest.height.saturating_sub(3));
        let rows = model.compose.composer.fit(rest.width.saturating_sub(3).max(1), most);
        let notes = u16::try_from(model.compose.objection.len()).unwrap_or(0);
        let notes = notes.min(rest.height.saturating_sub(rows + 4));
        let (thread, bottom) = split_top(rest, rest.height.saturating_sub(rows + 1 + notes));
        self.thread = thread;
        let (title, field) = split_top(bottom, 1 + notes);
        self.composer_title = title;
        self.prompt = Rect { width: field.width.min(2), ..field };
        // One column stays free at the right, so that a wide letter never touches the edge.
        self.composer = Rect { x: field.x + self.prompt.width, width: field.width.saturating_sub(3).max(1), ..field };
    }
}

fn list_width(width: u16) -> u16 {
    if width >= WIDE { (width * 3 / 10).clamp(34, 46) } else { (width * 35 / 100).clamp(22, 30) }
}

fn split_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, Rect { y: area.y.saturating_add(rows), height: area.height - rows, ..area })
}
