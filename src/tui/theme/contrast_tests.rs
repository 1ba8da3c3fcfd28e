//! Every built-in theme can be read on its background, in the usual palettes of terminals, and tells apart what it
//! must without colours too.

use super::*;
use ratatui::style::{Color, Modifier};

/// The palettes of usual terminals: red, green, yellow, blue, magenta, cyan; then the bright ones.
const PALETTES: [(&str, [u32; 12]); 8] = [
    (
        "xterm",
        [
            0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xff_0000, 0x00_ff00, 0xff_ff00,
            0x5c_5cff, 0xff_00ff, 0x00_ffff,
        ],
    ),
    (
        "Linux console",
        [
            0xaa_0000, 0x00_aa00, 0xaa_5500, 0x00_00aa, 0xaa_00aa, 0x00_aaaa, 0xff_5555, 0x55_ff55, 0xff_ff55,
            0x55_55ff, 0xff_55ff, 0x55_ffff,
        ],
    ),
    (
        "PuTTY",
        [
            0xbb_0000, 0x00_bb00, 0xbb_bb00, 0x00_00bb, 0xbb_00bb, 0x00_bbbb, 0xff_5555, 0x55_ff55, 0xff_ff55,
            0x55_55ff, 0xff_55ff, 0x55_ffff,
        ],
    ),
    (
        "Windows Terminal",
        [
            0xc5_0f1f, 0x13_a10e, 0xc1_9c00, 0x00_37da, 0x88_1798, 0x3a_96dd, 0xe7_4856, 0x16_c60c, 0xf9_f1a5,
            0x3b_78ff, 0xb4_009e, 0x61_d6d6,
        ],
    ),
    (
        "Tango",
        [
            0xcc_0000, 0x4e_9a06, 0xc4_a000, 0x34_65a4, 0x75_507b, 0x06_989a, 0xef_2929, 0x8a_e234, 0xfc_e94f,
            0x72_9fcf, 0xad_7fa8, 0x34_e2e2,
        ],
    ),
    (
        "GNOME",
        [
            0xc0_1c28, 0x26_a269, 0xa2_734c, 0x12_488b, 0xa3_47ba, 0x2a_a1b3, 0xf6_6151, 0x33_da7a, 0xe9_ad0c,
            0x2a_7bde, 0xc0_61cb, 0x33_c7de,
        ],
    ),
    (
        "macOS",
        [
            0x99_0000, 0x00_a600, 0x99_9900, 0x00_00b2, 0xb2_00b2, 0x00_a6b2, 0xe5_0000, 0x00_d900, 0xe5_e500,
            0x00_00ff, 0xe5_00e5, 0x00_e5e5,
        ],
    ),
    (
        "VS Code",
        [
            0xcd_3131, 0x0d_bc79, 0xe5_e510, 0x24_72c8, 0xbc_3fbc, 0x11_a8cd, 0xf1_4c4c, 0x23_d18b, 0xf5_f543,
            0x3b_8eea, 0xd6_70d6, 0x29_b8db,
        ],
    ),
];

const BLACK: u32 = 0x00_0000;
const WHITE: u32 = 0xff_ffff;

/// The least contrast of text by WCAG 2.2, 1.4.3 (AA).
const LEAST: f64 = 4.5;

/// Below the limit: the bright red of macOS reaches 4.33 on black, and no other colour says "wrong". It is always bold.
const EXCEPTION: (&str, Color) = ("macOS", Color::LightRed);

/// The relative luminance, from 0 to 1, as WCAG defines it.
fn luminance(colour: u32) -> f64 {
    let channel = |shift: u32| {
        let value = f64::from((colour >> shift) & 0xff) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}

/// The contrast ratio, from 1 to 21, as WCAG defines it.
fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// A colour in a palette; `None` for the terminal's own colour of text.
fn in_palette(colour: Color, palette: &[u32; 12]) -> Option<u32> {
    use Color as C;
    let order = [
        C::Red,
        C::Green,
        C::Yellow,
        C::Blue,
        C::Magenta,
        C::Cyan,
        C::LightRed,
        C::LightGreen,
        C::LightYellow,
        C::LightBlue,
        C::LightMagenta,
        C::LightCyan,
    ];
    match colour {
        C::Reset => None,
        C::Rgb(red, green, blue) => Some(u32::from_be_bytes([0, red, green, blue])),
        other => Some(palette[order.iter().position(|known| *known == other).unwrap()]),
    }
}

fn is_readable(theme: &str, background: u32) {
    let styles = Themes::default().styles(theme).unwrap();
    for meaning in Meaning::ALL {
        let style = styles.style(*meaning);
        for (terminal, palette) in &PALETTES {
            let Some(colour) = style.fg.and_then(|colour| in_palette(colour, palette)) else { continue };
            let ratio = contrast(colour, background);
            let excepted = style.fg.map(|colour| (*terminal, colour)) == Some(EXCEPTION)
                && style.add_modifier.contains(Modifier::BOLD)
                && ratio > 4.3;
            assert!(ratio >= LEAST || excepted, "{theme}: {} in {terminal}: {ratio:.2}", meaning.name());
        }
    }
}

#[test]
fn the_measure_is_that_of_wcag() {
    assert!((contrast(BLACK, WHITE) - 21.0).abs() < 0.001);
    assert!((contrast(0x76_7676, WHITE) - 4.54).abs() < 0.01);
}

#[test]
fn the_default_theme_can_be_read_on_black_and_the_light_one_on_white() {
    is_readable("default", BLACK);
    is_readable("light", WHITE);
}

#[test]
fn the_high_contrast_theme_has_the_terminals_own_colours_only_and_dims_nothing() {
    let styles = Themes::default().styles("high-contrast").unwrap();
    for meaning in Meaning::ALL {
        let style = styles.style(*meaning);
        assert!(matches!(style.fg, None | Some(Color::Reset)), "{}", meaning.name());
        assert!(!style.add_modifier.contains(Modifier::DIM), "{}", meaning.name());
    }
}

/// What stands side by side and has no sign of its own that tells it apart.
const APART: &[(Meaning, Meaning)] = &[
    (Meaning::ListName, Meaning::ListNameUnread),
    (Meaning::Text, Meaning::Match),
    (Meaning::Text, Meaning::Strong),
    (Meaning::Text, Meaning::Badge),
    (Meaning::Text, Meaning::Selected),
    (Meaning::ListName, Meaning::Selected),
    (Meaning::Text, Meaning::MessageFailed),
    (Meaning::Text, Meaning::MessageUnsure),
    (Meaning::Notice, Meaning::NoticeBad),
    (Meaning::ListWaiting, Meaning::ListWaitingLong),
    (Meaning::Dim, Meaning::Key),
];

#[test]
fn what_must_differ_differs_without_colours_too() {
    for (theme, _) in BUILT_IN {
        let styles = Themes::default().styles(theme).unwrap().without_colours();
        for (one, other) in APART {
            assert_ne!(styles.style(*one), styles.style(*other), "{theme}: {} and {}", one.name(), other.name());
        }
    }
}
