//! In which colours pictures are drawn: what the terminal says of itself decides, because wrong colours look like noise.

use ratatui::style::Color;

/// The colours that a terminal has for pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureColours {
    /// Too few: pictures are shown by words only.
    Few,
    /// The 216 colours of the cube that terminals with 256 colours have.
    Cube,
    /// Every colour that a pixel can have.
    All,
}

/// Terminals that have every colour and, over SSH, say so by their name only.
const WITH_ALL: &[&str] = &["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "rio", "contour"];

/// Terminals that have sixteen colours or fewer.
const WITH_FEW: &[&str] = &["linux", "ansi", "dumb", "vt", "cons25", "sun"];

impl PictureColours {
    /// By what the environment's variables `TERM` and `COLORTERM` say.
    pub fn of_terminal(variable: impl Fn(&str) -> Option<String>) -> Self {
        let (term, colours) = (variable("TERM").unwrap_or_default(), variable("COLORTERM").unwrap_or_default());
        let begins = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
        if ["truecolor", "24bit"].contains(&colours.as_str()) || begins(WITH_ALL) || term.ends_with("-direct") {
            PictureColours::All
        } else if begins(WITH_FEW) || term.ends_with("-mono") || term.ends_with("-16color") {
            PictureColours::Few
        } else {
            PictureColours::Cube
        }
    }

    /// The colour that is nearest to red, green and blue.
    pub(crate) fn nearest(self, [red, green, blue]: [u8; 3]) -> Color {
        match self {
            PictureColours::All => Color::Rgb(red, green, blue),
            PictureColours::Cube | PictureColours::Few => Color::Indexed(indexed([red, green, blue])),
        }
    }
}

/// The nearest of the colours 16 to 255: a cube of six levels each, and 24 greys.
fn indexed(rgb: [u8; 3]) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let distance =
        |other: [u8; 3]| -> u32 { rgb.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum() };
    let nearest = |value: u8| (0_u8..).zip(LEVELS).min_by_key(|(_, level)| level.abs_diff(value)).unwrap_or_default();
    let [(r, red), (g, green), (b, blue)] = rgb.map(nearest);
    let grey = (0_u8..24).map(|n| (232 + n, 8 + 10 * n)).min_by_key(|(_, level)| distance([*level; 3]));
    match grey {
        Some((index, level)) if distance([level; 3]) < distance([red, green, blue]) => index,
        _ => 16 + 36 * r + 6 * g + b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(term: &str, colorterm: &str) -> PictureColours {
        PictureColours::of_terminal(|name| {
            let value = if name == "TERM" { term } else { colorterm };
            Some(value.to_owned()).filter(|value| !value.is_empty())
        })
    }

    #[test]
    fn the_terminal_says_how_many_colours_it_has() {
        for (term, colorterm, expected) in [
            ("xterm-256color", "truecolor", PictureColours::All),
            ("tmux-256color", "24bit", PictureColours::All),
            ("xterm-kitty", "", PictureColours::All),
            ("foot-extra", "", PictureColours::All),
            ("xterm-direct", "", PictureColours::All),
            ("xterm-256color", "", PictureColours::Cube),
            ("screen", "", PictureColours::Cube),
            ("", "", PictureColours::Cube),
            ("linux", "", PictureColours::Few),
            ("vt100", "", PictureColours::Few),
            ("xterm-16color", "", PictureColours::Few),
        ] {
            assert_eq!(of(term, colorterm), expected, "{term} {colorterm}");
        }
    }

    #[test]
    fn with_256_colours_the_nearest_one_is_taken() {
        for (rgb, expected) in
            [([255, 0, 0], 196), ([0, 0, 0], 16), ([255, 255, 255], 231), ([128, 128, 128], 244), ([96, 136, 174], 67)]
        {
            assert_eq!(PictureColours::Cube.nearest(rgb), Color::Indexed(expected), "{rgb:?}");
        }
        assert_eq!(PictureColours::All.nearest([1, 2, 3]), Color::Rgb(1, 2, 3));
    }
}
