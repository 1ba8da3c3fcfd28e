//! Login codes are read back from the drawn screen by a real QR decoder.

use crate::screen::{Screen, account, real_code};
use loket::config::Locale;
use loket::domain::SessionState;
use loket::tui::Msg;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

const CELL: (usize, usize) = (6, 12);

/// Whether a glyph inks a place of its cell, told from the Unicode charts.
fn is_inked(glyph: &str, column: usize, third: usize, half: usize) -> bool {
    match glyph {
        "▀" => half == 0,
        "▌" => column == 0,
        "▐" => column == 1,
        glyph => match u32::from(glyph.chars().next().unwrap()).checked_sub(0x1_fb00) {
            Some(name @ 0..=59) => {
                let mut patterns = (1..63_u32).filter(|pattern| ![21, 42].contains(pattern));
                patterns.nth(name as usize).unwrap() >> (third * 2 + column) & 1 == 1
            }
            _ => false,
        },
    }
}

/// The screen as a camera sees it on a theme of this grey; `inverted` as one that looks for light on dark.
fn read(buffer: &Buffer, theme: u8, inverted: bool) -> Option<String> {
    let grey = |colour: Color| match colour {
        Color::Indexed(16) => 0,
        Color::Indexed(231) => 255,
        _ => theme,
    };
    let (width, height) = (usize::from(buffer.area.width) * CELL.0, usize::from(buffer.area.height) * CELL.1);
    let shade = |x: usize, y: usize| {
        let cell = &buffer[(u16::try_from(x / CELL.0).unwrap(), u16::try_from(y / CELL.1).unwrap())];
        let (in_x, in_y) = (x % CELL.0, y % CELL.1);
        let ink = is_inked(cell.symbol(), in_x * 2 / CELL.0, in_y * 3 / CELL.1, in_y * 2 / CELL.1);
        grey(if ink { cell.fg } else { cell.bg })
    };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        if inverted { 255 - shade(x, y) } else { shade(x, y) }
    });
    image.detect_grids().first()?.decode().ok().map(|(_, text)| text)
}

fn screen(size: (u16, u16), code: &str) -> Screen {
    let accounts = vec![account("toko", "Kali", true, SessionState::LoggedOut)];
    let mut screen = Screen::new(Locale::En, size, accounts, Vec::new());
    screen.keys("<f3>");
    screen.show_code("toko", code, 60);
    screen
}

#[test]
fn a_real_code_is_read_at_every_size_in_which_it_is_drawn_and_on_every_theme() {
    for size in [(80, 24), (31, 22), (66, 40), (100, 40), (140, 45), (60, 31)] {
        let mut screen = screen(size, &real_code());
        for theme in [0, 255] {
            let seen = read(&screen.buffer(), theme, false);
            assert_eq!(seen, Some(real_code()), "{size:?} on {theme}\n{}", screen.text());
        }
    }
}

#[test]
fn an_inverted_code_is_read_inverted() {
    for size in [(80, 24), (140, 45)] {
        let mut screen = screen(size, &real_code());
        screen.keys("i");
        assert_eq!(read(&screen.buffer(), 255, true), Some(real_code()), "{size:?}");
        assert_eq!(read(&screen.buffer(), 255, false), None, "{size:?}");
    }
}

#[test]
fn what_does_not_fit_is_not_drawn_and_says_what_it_needs() {
    for (size, code) in [((40, 12), real_code()), ((29, 30), real_code()), ((80, 20), real_code())] {
        let mut screen = screen(size, &code);
        let buffer = screen.buffer();
        let drawn = buffer.content().iter().any(|cell| matches!(cell.bg, Color::Indexed(_)));
        assert!(!drawn, "{size:?}\n{}", screen.text());
        screen.assert_shows("30×21");
        // Exactly the room that was asked for is enough.
        screen.receive(Msg::Resized(30, 21));
        assert_eq!(read(&screen.buffer(), 255, false), Some(code));
    }
}

#[test]
fn a_changed_code_is_drawn_anew() {
    let mut screen = screen((80, 24), "2@satu");
    assert_eq!(read(&screen.buffer(), 0, false).as_deref(), Some("2@satu"));
    screen.show_code("toko", "2@dua", 20);
    assert_eq!(read(&screen.buffer(), 0, false).as_deref(), Some("2@dua"));
}
