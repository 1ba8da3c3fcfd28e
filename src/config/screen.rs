//! The settings of the screen: keys, looks and notifications.

use super::rules::Hours;

/// How the screen looks, which keys it takes and how it calls for attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenSettings {
    /// The built-in set of keys that `keymap.toml` adds to.
    pub keys: KeySet,
    /// A built-in theme's name, or one of `theme.toml`.
    pub theme: String,
    /// The wheel scrolls and a click chooses; then the terminal selects text only with Shift held.
    pub mouse: bool,
    /// Where places are looked at.
    pub map: MapService,
    /// How pictures are sent to the terminal.
    pub pixels: PixelSetting,
    pub notify: NotifySettings,
}

impl Default for ScreenSettings {
    fn default() -> Self {
        ScreenSettings {
            keys: KeySet::default(),
            theme: ScreenSettings::DEFAULT_THEME.to_owned(),
            mouse: false,
            map: MapService::default(),
            pixels: PixelSetting::default(),
            notify: NotifySettings::default(),
        }
    }
}

impl ScreenSettings {
    /// The theme where none is set.
    pub const DEFAULT_THEME: &str = "default";
}

/// A built-in set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeySet {
    #[default]
    Default,
    Vim,
    Emacs,
}

impl KeySet {
    /// Every set, the usual one first.
    pub const ALL: [KeySet; 3] = [KeySet::Default, KeySet::Vim, KeySet::Emacs];

    /// As written in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            KeySet::Default => "default",
            KeySet::Vim => "vim",
            KeySet::Emacs => "emacs",
        }
    }
}

/// The website on whose map a place is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MapService {
    #[default]
    OpenStreetMap,
    Google,
}

impl MapService {
    /// Every service, the usual one first.
    pub const ALL: [MapService; 2] = [MapService::OpenStreetMap, MapService::Google];

    /// As written in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            MapService::OpenStreetMap => "openstreetmap",
            MapService::Google => "google",
        }
    }
}

/// How the viewer sends real pixels to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PixelSetting {
    /// As the terminal can, and never inside tmux.
    #[default]
    Auto,
    /// Half blocks of text only, in every terminal.
    Off,
    Kitty,
    Iterm2,
    Sixel,
}

impl PixelSetting {
    /// Every way, the usual one first.
    pub const ALL: [PixelSetting; 5] =
        [PixelSetting::Auto, PixelSetting::Off, PixelSetting::Kitty, PixelSetting::Iterm2, PixelSetting::Sixel];

    /// As written in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            PixelSetting::Auto => "auto",
            PixelSetting::Off => "off",
            PixelSetting::Kitty => "kitty",
            PixelSetting::Iterm2 => "iterm2",
            PixelSetting::Sixel => "sixel",
        }
    }
}

/// How the screen says that a message came while nobody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NotifySettings {
    pub how: NotifyHow,
    /// Shows the message's text rather than only who wrote.
    pub text: bool,
    /// The hours of the day, local time, in which nothing calls.
    pub quiet: Option<Hours>,
}

/// The way in which a terminal is asked to call its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NotifyHow {
    /// What the terminal is known to understand.
    #[default]
    Auto,
    Bell,
    Osc9,
    Osc777,
    Off,
}

impl NotifyHow {
    /// Every way, the usual one first.
    pub const ALL: [NotifyHow; 5] =
        [NotifyHow::Auto, NotifyHow::Bell, NotifyHow::Osc9, NotifyHow::Osc777, NotifyHow::Off];

    /// As written in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            NotifyHow::Auto => "auto",
            NotifyHow::Bell => "bell",
            NotifyHow::Osc9 => "osc9",
            NotifyHow::Osc777 => "osc777",
            NotifyHow::Off => "off",
        }
    }
}
