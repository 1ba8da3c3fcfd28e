//! Real pixels in terminals that have them: which protocol a terminal speaks, and a picture in it as bytes.
//!
//! Own encoders rather than a crate: `ratatui-image` puts the bytes into cells, which are drawn again with the rows that
//! hold them, and asks the terminal in a way whose late answers would be read as keys.
//! Invariant: nothing is sent to a terminal that is not known to take it.

mod kitty;
mod query;
mod sixel;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use png::{BitDepth, ColorType, Compression, Encoder};

use crate::config::PixelSetting;
use crate::tui::overlays::viewer::request::PixelImage;

pub(super) use query::has_sixel;

/// Takes the picture away that Kitty's protocol has put on the screen.
pub(super) const ERASE_KITTY: &str = kitty::ERASE;

/// How pictures are sent to a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Kitty,
    Iterm2,
    Sixel,
}

/// What is known of a terminal's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Support {
    Has(Protocol),
    None,
    /// Only its answer tells.
    Unknown,
}

impl Support {
    /// By the setting, else by what the environment says of the terminal.
    pub(super) fn of(setting: PixelSetting, variable: impl Fn(&str) -> Option<String>) -> Self {
        match setting {
            PixelSetting::Off => return Support::None,
            PixelSetting::Kitty => return Support::Has(Protocol::Kitty),
            PixelSetting::Iterm2 => return Support::Has(Protocol::Iterm2),
            PixelSetting::Sixel => return Support::Has(Protocol::Sixel),
            PixelSetting::Auto => {}
        }
        let text = |name| variable(name).unwrap_or_default();
        let (term, program) = (text("TERM"), text("TERM_PROGRAM"));
        // Between programs that divide a terminal, and over them, pictures stay where their text has gone.
        if !text("TMUX").is_empty() || !text("STY").is_empty() || !text("ZELLIJ").is_empty() {
            return Support::None;
        }
        if ["xterm-kitty", "xterm-ghostty"].contains(&term.as_str())
            || program == "ghostty"
            || !text("KITTY_WINDOW_ID").is_empty()
        {
            Support::Has(Protocol::Kitty)
        } else if ["iTerm.app", "WezTerm"].contains(&program.as_str()) || text("LC_TERMINAL") == "iTerm2" {
            Support::Has(Protocol::Iterm2)
        } else if ["Apple_Terminal", "vscode"].contains(&program.as_str()) || term == "linux" {
            Support::None
        } else {
            Support::Unknown
        }
    }
}

/// Red, green and blue of a picture, row by row.
pub(super) struct Rgb {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bytes: Vec<u8>,
}

/// A picture in a terminal's protocol, to be written where the cursor is; `columns` and `rows` are the cells that it is
/// to take. `None` where it cannot be encoded.
pub(super) fn encode(protocol: Protocol, picture: &Rgb, columns: u16, rows: u16) -> Option<PixelImage> {
    let bytes = match protocol {
        Protocol::Kitty => kitty::encode(&STANDARD.encode(png(picture)?), columns, rows),
        Protocol::Iterm2 => {
            let png = png(picture)?;
            let (length, data) = (png.len(), STANDARD.encode(png));
            format!(
                "\x1b]1337;File=inline=1;size={length};width={columns};height={rows};preserveAspectRatio=0;\
                 doNotMoveCursor=1:{data}\x07"
            )
        }
        Protocol::Sixel => sixel::encode(picture),
    };
    let erase = if protocol == Protocol::Kitty { Some(ERASE_KITTY) } else { None };
    Some(PixelImage { bytes: Arc::from(bytes), erase })
}

fn png(picture: &Rgb) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, picture.width, picture.height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.write_header().ok()?.write_image_data(&picture.bytes).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn support(setting: PixelSetting, variables: &[(&str, &str)]) -> Support {
        Support::of(setting, |name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_terminal_is_known_by_its_environment_and_never_inside_tmux() {
        for (variables, expected) in [
            (&[("TERM", "xterm-kitty")][..], Support::Has(Protocol::Kitty)),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")], Support::Has(Protocol::Iterm2)),
            (&[("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")], Support::Has(Protocol::Iterm2)),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")], Support::None),
            (&[("TERM", "foot")], Support::Unknown),
            (&[("TERM", "tmux-256color"), ("TMUX", "/tmp/t,1,0"), ("KITTY_WINDOW_ID", "1")], Support::None),
            (&[("TERM", "screen"), ("STY", "1.a")], Support::None),
        ] {
            assert_eq!(support(PixelSetting::Auto, variables), expected, "{variables:?}");
            assert_eq!(support(PixelSetting::Off, variables), Support::None);
            assert_eq!(support(PixelSetting::Sixel, variables), Support::Has(Protocol::Sixel));
        }
    }

    #[test]
    fn a_picture_comes_back_out_of_its_bytes() {
        let picture = Rgb { width: 4, height: 2, bytes: (0..24).collect() };
        let image = encode(Protocol::Iterm2, &picture, 3, 1).unwrap();
        let (head, data) = image.bytes.strip_suffix('\x07').unwrap().split_once(':').unwrap();
        assert!(head.starts_with("\x1b]1337;File=inline=1;") && head.contains("width=3;height=1;"), "{head}");
        let png = STANDARD.decode(data).unwrap();
        assert!(head.contains(&format!("size={};", png.len())));
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut bytes).unwrap();
        assert_eq!(bytes, picture.bytes);
        assert_eq!(image.erase, None, "it is drawn over");
    }
}
