//! Pixels as half blocks: text, so it works in every terminal with colours, over SSH and in tmux.
//!
//! Invariant: nothing is drawn outside the area, and a transparent pixel leaves the terminal's own background.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use crate::decoders::picture::Pixels;
use crate::tui::theme::Theme;

/// Below this opacity a pixel is not drawn.
const OPAQUE: u8 = 128;

/// How many rows of cells a height in pixels takes.
pub(crate) fn rows(pixels: &Pixels) -> u16 {
    pixels.height.div_ceil(2)
}

/// Draws rows of cells of a picture, two pixels in each cell, from row `first` on, at the left and top of the area.
pub(crate) fn draw(theme: &Theme, buf: &mut Buffer, area: Rect, pixels: &Pixels, first: u16) {
    let area = area.intersection(buf.area);
    for (y, row) in (area.y..area.bottom()).zip(first..rows(pixels)) {
        for (x, column) in (area.x..area.right()).zip(0..pixels.width) {
            let colour = |line: u16| pixel(pixels, column, line).map(|rgb| theme.picture_colour(rgb));
            if let Some(cell) = buf.cell_mut((x, y)) {
                let (symbol, style) = half_block(colour(row * 2), colour(row * 2 + 1));
                cell.set_symbol(symbol).set_style(style);
            }
        }
    }
}

fn half_block(top: Option<Color>, bottom: Option<Color>) -> (&'static str, Style) {
    match (top, bottom) {
        (None, None) => (" ", Style::default()),
        (Some(top), None) => ("▀", Style::default().fg(top)),
        (None, Some(bottom)) => ("▄", Style::default().fg(bottom)),
        (Some(top), Some(bottom)) => ("▀", Style::default().fg(top).bg(bottom)),
    }
}

/// The colour of a pixel; `None` outside the picture and where it is transparent.
fn pixel(pixels: &Pixels, x: u16, y: u16) -> Option<[u8; 3]> {
    if x >= pixels.width || y >= pixels.height {
        return None;
    }
    let [red, green, blue, opacity] = *pixels.rgba.get(usize::from(y) * usize::from(pixels.width) + usize::from(x))?;
    (opacity >= OPAQUE).then_some([red, green, blue])
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];
    const CLEAR: [u8; 4] = [0, 255, 0, 0];

    fn drawn(theme: &Theme, pixels: &Pixels, first: u16) -> Buffer {
        let mut buf = Buffer::empty(Rect::new(0, 0, 4, 3));
        draw(theme, &mut buf, Rect::new(1, 1, 2, 5), pixels, first);
        buf
    }

    #[test]
    fn two_pixels_stand_in_a_cell_and_transparent_ones_are_left_out() {
        let pixels = Pixels { width: 3, height: 3, rgba: vec![RED, CLEAR, RED, BLUE, BLUE, RED, RED, CLEAR, RED] };
        let buf = drawn(&Theme::default(), &pixels, 0);
        let cell = |x, y| (buf[(x, y)].symbol().to_owned(), buf[(x, y)].fg, buf[(x, y)].bg);
        let (red, blue) = (Color::Rgb(255, 0, 0), Color::Rgb(0, 0, 255));
        assert_eq!(cell(1, 1), ("▀".to_owned(), red, blue));
        assert_eq!(cell(2, 1), ("▄".to_owned(), blue, Color::Reset));
        assert_eq!(cell(1, 2), ("▀".to_owned(), red, Color::Reset));
        assert_eq!(cell(2, 2), (" ".to_owned(), Color::Reset, Color::Reset));
        // Nothing outside the area, which is cut at the buffer's edge.
        assert_eq!(cell(3, 1), (" ".to_owned(), Color::Reset, Color::Reset));
        assert_eq!(drawn(&Theme::default(), &pixels, 1)[(1, 1)].bg, Color::Reset);
    }
}
