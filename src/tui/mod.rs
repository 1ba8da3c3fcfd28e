//! The screen: what people see, and what their keys do.
//!
//! It is a value. [`update`] changes the model by a message and returns effects, [`layout`] measures it once per batch,
//! [`draw`] draws it, and [`runtime`] alone touches the terminal, the clock and the engine.
//! Invariant: outside `runtime` nothing here does IO or waits.

pub(crate) mod app;
pub(crate) mod commands;
pub(crate) mod composer;
pub(crate) mod conversations;
pub(crate) mod customer;
pub(crate) mod effect;
pub(crate) mod i18n;
pub(crate) mod message;
pub(crate) mod overlays;
pub(crate) mod previews;
pub mod runtime;
pub(crate) mod theme;
pub(crate) mod thread;
pub(crate) mod user_settings;
pub(crate) mod widgets;

pub use crate::decoders::picture::{PictureFault, Pixels};
pub use app::state::{Model, Pane, Setup};
pub use commands::keymap::Keymap;
pub use effect::{Effect, GatewayCall, MediaCall, Origin, PlayRequest, Read, TerminalAction, Write};
pub use message::{
    Accounts, Changes, Clipboard, FoundMessages, LoginUpdate, Msg, Overview, PlayError, SaveError, Snapshot, WriteKind,
};
pub use overlays::Overlay;
pub use overlays::account_setup::{AccountDraft, AccountForm, AccountSetup, Gateway, SetupField, SetupOptions};
pub use overlays::address::{Address, Party};
pub use overlays::login::LoginStage;
pub use overlays::viewer::request::{PictureRequest, ShownPicture};
pub use previews::preview::{Preview, PreviewKey, PreviewKind, PreviewRequest, Unreadable};
pub use runtime::Options;
pub use theme::{PictureColours, Theme};
pub use thread::state::{Anchor, PAGE, VisibleRows};
pub use user_settings::{UserFiles, UserSettings};
pub use widgets::form::FieldKind;
pub use widgets::line_input::LineInput;
pub use widgets::qr::{QrForm, QrPlan};

pub use app::draw::draw;
pub use app::layout::layout;
pub use app::update::update;
