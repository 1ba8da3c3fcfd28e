//! The signs of the screen, each one cell wide unless it says otherwise, with an ASCII set for terminals without
//! them.
//!
//! Invariant: no sign is an emoji: their widths differ between terminals.

/// A set of signs.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    pub queued: &'static str,
    pub sending: &'static str,
    pub unsure: &'static str,
    /// Accepted by the gateway.
    pub sent: &'static str,
    pub failed: &'static str,
    /// On the customer's device; two cells.
    pub delivered: &'static str,
    pub read: &'static str,
    /// Before a state that is assumed.
    pub inferred: &'static str,
    /// Edge of a customer's message.
    pub(crate) bar_in: &'static str,
    /// Edge of an own message.
    pub(crate) bar_out: &'static str,
    /// Edge of the chosen message or row.
    pub(crate) bar_chosen: &'static str,
    pub draft: &'static str,
    pub snoozed: &'static str,
    pub resolved: &'static str,
    /// Before the composer's text.
    pub(crate) prompt: &'static str,
    pub rule: &'static str,
    /// Border of the composer in note mode.
    pub(crate) note_rule: &'static str,
    /// Edge of a private note.
    pub(crate) note_edge: &'static str,
    pub(crate) wall: &'static str,
    pub(crate) dot: &'static str,
    pub good: &'static str,
    /// An account of which nothing is known.
    pub unknown: &'static str,
    /// An account that needs help.
    pub bad: &'static str,
    pub image: &'static str,
    pub video: &'static str,
    pub audio: &'static str,
    pub document: &'static str,
    pub(crate) sticker: &'static str,
    pub location: &'static str,
    pub contacts: &'static str,
    /// A menu, buttons, a template, an order.
    pub menu: &'static str,
    /// What the customer chose.
    pub(crate) choice: &'static str,
    pub(crate) quote: &'static str,
    /// A voice note that can be played.
    pub(crate) play: &'static str,
    /// A voice note that is being played.
    pub(crate) stop: &'static str,
    /// How loud a part of a voice note is, from silence on.
    pub(crate) bars: [&'static str; 8],
    /// What stands for a letter of a secret.
    pub hidden: &'static str,
    /// What stands for cut text.
    pub more: &'static str,
    pub above: &'static str,
    pub below: &'static str,
}

impl Glyphs {
    /// For terminals with a usual font.
    pub(crate) const UNICODE: Glyphs = Glyphs {
        queued: "◷",
        sending: "↗",
        unsure: "?",
        sent: "✓",
        failed: "✗",
        delivered: "✓✓",
        read: "✓✓",
        inferred: "~",
        bar_in: "▎",
        bar_out: "▐",
        bar_chosen: "█",
        draft: "✎",
        snoozed: "◔",
        resolved: "✓",
        prompt: "›",
        rule: "─",
        note_rule: "┄",
        note_edge: "┊",
        wall: "│",
        dot: "·",
        good: "●",
        unknown: "○",
        bad: "✗",
        image: "▣",
        video: "▷",
        audio: "♪",
        document: "▤",
        sticker: "◉",
        location: "◎",
        contacts: "◫",
        menu: "≡",
        choice: "▸",
        quote: "┆",
        play: "►",
        stop: "■",
        bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        hidden: "•",
        more: "…",
        above: "↑",
        below: "↓",
    };

    /// For terminals that show ASCII only.
    pub(crate) const ASCII: Glyphs = Glyphs {
        queued: ".",
        sending: ">",
        unsure: "?",
        sent: "v",
        failed: "x",
        delivered: "vv",
        read: "VV",
        inferred: "~",
        bar_in: "|",
        bar_out: "|",
        bar_chosen: "#",
        draft: "%",
        snoozed: "z",
        resolved: "v",
        prompt: ">",
        rule: "-",
        note_rule: ".",
        note_edge: ":",
        wall: "|",
        dot: "-",
        good: "+",
        unknown: "o",
        bad: "x",
        image: "#",
        video: "#",
        audio: "#",
        document: "#",
        sticker: "#",
        location: "@",
        contacts: "@",
        menu: "=",
        choice: ">",
        quote: ":",
        play: ">",
        stop: "=",
        bars: ["_", ".", ".", "-", "-", "=", "=", "#"],
        hidden: "*",
        more: "~",
        above: "^",
        below: "v",
    };
}
