//! Where the panes are: one division of the screen, for measuring and for drawing.
//!
//! Invariant: the areas never overlap and never leave the screen.

use ratatui::layout::Rect;

/// Narrower than this, one pane is shown at a time.
const NARROW: u16 = 60;

/// From this width on the list gets a smaller share of the screen.
const WIDE: u16 = 110;

/// From this width on the customer is shown beside the conversation.
const WIDEST: u16 = 160;

/// From this height of a conversation on, a line under the name has room.
const FACTS_FROM: u16 = 14;

/// Smaller than this nothing useful can be shown.
const LEAST: (u16, u16) = (20, 6);

/// The areas of the screen. One of no size is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Areas {
    pub screen: Rect,
    /// The screen is too small for anything.
    pub(crate) too_small: bool,
    pub status: Rect,
    /// The list's title, or its filter.
    pub(crate) list_title: Rect,
    pub list: Rect,
    /// The vertical line between list and conversation.
    pub(crate) wall: Rect,
    pub(crate) thread_title: Rect,
    /// The line under the name: labels, and how long free text is allowed.
    pub(crate) thread_facts: Rect,
    pub thread: Rect,
    /// The line above the composer, and below it the objection to the draft.
    pub(crate) composer_title: Rect,
    /// The prompt before the composer's text.
    pub(crate) prompt: Rect,
    pub composer: Rect,
    /// What is known of the customer, and the vertical line before it.
    pub(crate) customer: Rect,
    pub(crate) customer_wall: Rect,
    pub(crate) hints: Rect,
    /// Conversations in the list are two rows high.
    pub(crate) tall_rows: bool,
    /// There is room for empty rows between messages.
    pub(crate) airy: bool,
}

/// How high the composer would like to be.
pub(crate) struct ComposerSize<'a> {
    /// The conversation has labels.
    pub(crate) facts: bool,
    /// Rows for the objection to the draft.
    pub(crate) objection: usize,
    /// The text's rows, by the width and the most rows that there are.
    pub(crate) text: &'a mut dyn FnMut(u16, u16) -> u16,
}

impl Areas {
    /// Divides a screen of this size. `composer`: its size, when there is one, which is when a conversation is open.
    pub(crate) fn divide((width, height): (u16, u16), list_focused: bool, composer: Option<ComposerSize<'_>>) -> Areas {
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
        let (list, wall, right) = match (width < NARROW, list_focused) {
            (true, true) => (body, Rect::default(), Rect::default()),
            (true, false) => (Rect::default(), Rect::default(), body),
            (false, _) => {
                let list = list_width(width);
                (
                    Rect { width: list, ..body },
                    Rect { x: list, width: 1, ..body },
                    Rect { x: list + 1, width: width - list - 1, ..body },
                )
            }
        };
        areas.wall = wall;
        (areas.list_title, areas.list) = split_top(list, 1);
        let beside = if composer.is_some() { customer_width(width) } else { 0 };
        let (right, side) = split_left(right, right.width.saturating_sub(beside));
        (areas.customer_wall, areas.customer) = split_left(side, 1);
        areas.divide_right(right, composer);
        areas
    }

    /// The width of an open conversation on a screen of this width.
    pub(crate) fn right_width(width: u16) -> u16 {
        if width < NARROW { width } else { width - list_width(width) - 1 - customer_width(width) }
    }

    fn divide_right(&mut self, right: Rect, composer: Option<ComposerSize<'_>>) {
        let (title, mut rest) = split_top(right, 1);
        self.thread_title = title;
        if composer.as_ref().is_some_and(|composer| composer.facts) && rest.height >= FACTS_FROM {
            (self.thread_facts, rest) = split_top(rest, 1);
        }
        let Some(composer) = composer.filter(|_| rest.height >= 4) else {
            self.thread = rest;
            return;
        };
        let most = (self.screen.height / 3).clamp(1, rest.height.saturating_sub(3));
        let rows = (composer.text)(rest.width.saturating_sub(3).max(1), most);
        let notes = u16::try_from(composer.objection).unwrap_or(0);
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

/// How much of the screen the customer takes, with the line before it.
fn customer_width(width: u16) -> u16 {
    if width < WIDEST { 0 } else { (width / 4).clamp(40, 52) }
}

fn split_left(area: Rect, cells: u16) -> (Rect, Rect) {
    let cells = cells.min(area.width);
    (Rect { width: cells, ..area }, Rect { x: area.x + cells, width: area.width - cells, ..area })
}

fn split_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, Rect { y: area.y.saturating_add(rows), height: area.height - rows, ..area })
}
