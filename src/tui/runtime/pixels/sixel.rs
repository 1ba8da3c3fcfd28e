//! Sixel: bands of six rows in at most 216 colours, each colour of a band in turn. DEC STD 070, chapter 9.

use std::fmt::Write as _;

use super::Rgb;

/// The levels of each of red, green and blue.
const LEVELS: u32 = 6;

/// A picture from the cursor on, with its colours spread so that steps between them do not show.
pub(super) fn encode(picture: &Rgb) -> String {
    let (width, height) = (picture.width, picture.height);
    let mut out = String::new();
    // Writing to a String cannot fail. The raster attributes say that pixels are square.
    let _ = write!(out, "\x1bP0;1;0q\"1;1;{width};{height}");
    for colour in 0..LEVELS.pow(3) {
        let percent = |level: u32| level * 100 / (LEVELS - 1);
        let (r, g, b) = (colour / (LEVELS * LEVELS), colour / LEVELS % LEVELS, colour % LEVELS);
        let _ = write!(out, "#{colour};2;{};{};{}", percent(r), percent(g), percent(b));
    }
    for top in (0..height).step_by(6) {
        band(picture, top, &mut out);
        out.push('-');
    }
    out.push_str("\x1b\\");
    out
}

/// Six rows: for each colour in them one line of columns, each a letter of six bits.
fn band(picture: &Rgb, top: u32, out: &mut String) {
    let width = usize::try_from(picture.width).unwrap_or(0);
    let mut bits: Vec<Option<Vec<u8>>> = Vec::new();
    bits.resize_with(usize::try_from(LEVELS.pow(3)).unwrap_or(0), || None);
    for row in 0..6_u32.min(picture.height - top) {
        for (x, column) in (0..picture.width).zip(0..width) {
            let colour = usize::from(colour(picture, x, top + row));
            if let Some(slot) = bits.get_mut(colour) {
                let line = slot.get_or_insert_with(|| vec![0; width]);
                if let Some(cell) = line.get_mut(column) {
                    *cell |= 1 << row;
                }
            }
        }
    }
    for (colour, line) in bits.iter().enumerate().filter_map(|(colour, line)| Some((colour, line.as_ref()?))) {
        let _ = write!(out, "#{colour}");
        for run in line.chunk_by(|a, b| a == b) {
            let letter = char::from(63 + run.first().copied().unwrap_or_default());
            if run.len() > 3 {
                let _ = write!(out, "!{}{letter}", run.len());
            } else {
                out.extend(std::iter::repeat_n(letter, run.len()));
            }
        }
        out.push('$');
    }
}

/// The number of the colour of a pixel. What the levels leave out is spread by an ordered pattern.
fn colour(picture: &Rgb, x: u32, y: u32) -> u8 {
    const PATTERN: [[u32; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];
    let at = (u64::from(y) * u64::from(picture.width) + u64::from(x)) * 3;
    let start = usize::try_from(at).unwrap_or(usize::MAX);
    let row = PATTERN.get(usize::try_from(y % 4).unwrap_or(0)).copied().unwrap_or_default();
    let threshold = row.get(usize::try_from(x % 4).unwrap_or(0)).copied().unwrap_or_default();
    let level = |n: usize| {
        let value = u32::from(picture.bytes.get(start.saturating_add(n)).copied().unwrap_or_default());
        ((value * (LEVELS - 1) * 16 + threshold * 255) / (255 * 16)).min(LEVELS - 1)
    };
    u8::try_from(level(0) * LEVELS * LEVELS + level(1) * LEVELS + level(2)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pixels of a sixel picture as numbers of colours, as a terminal would draw them.
    fn drawn(sixels: &str, width: usize, height: usize) -> Vec<Option<u32>> {
        let body = sixels.strip_prefix("\x1bP0;1;0q").unwrap().strip_suffix("\x1b\\").unwrap();
        let (_, body) = body.rsplit_once(";100;100;100").unwrap();
        let mut pixels = vec![None; width * height];
        let (mut x, mut top, mut colour) = (0, 0, 0);
        let mut rest = body.chars().peekable();
        let number = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut n = 0;
            while let Some(digit) = rest.peek().and_then(|c| c.to_digit(10)) {
                n = n * 10 + digit;
                rest.next();
            }
            n
        };
        while let Some(c) = rest.next() {
            let times = match c {
                '#' => {
                    colour = number(&mut rest);
                    continue;
                }
                '$' => {
                    x = 0;
                    continue;
                }
                '-' => {
                    (x, top) = (0, top + 6);
                    continue;
                }
                '!' => number(&mut rest),
                _ => 1,
            };
            let letter = if c == '!' { rest.next().unwrap() } else { c };
            let bits = u32::from(letter) - 63;
            for _ in 0..times {
                for row in (0..6).filter(|row| bits & (1 << row) != 0) {
                    pixels[(top + row) * width + x] = Some(colour);
                }
                x += 1;
            }
        }
        pixels
    }

    #[test]
    fn every_pixel_is_drawn_in_its_colour() {
        let (width, height) = (9, 8);
        // Colours that are levels themselves are spread to nothing else.
        let bytes: Vec<u8> = (0..width * height).flat_map(|n| [51 * (n % 6), 255, 51 * (n / 13 % 6)]).collect();
        let expected: Vec<Option<u32>> =
            bytes.chunks(3).map(|c| Some(u32::from(c[0] / 51) * 36 + 30 + u32::from(c[2] / 51))).collect();
        let sent = encode(&Rgb { width: u32::from(width), height: u32::from(height), bytes });
        assert!(sent.contains("\"1;1;9;8"));
        assert_eq!(drawn(&sent, usize::from(width), usize::from(height)), expected);
    }

    #[test]
    fn a_plain_row_is_short() {
        let sent = encode(&Rgb { width: 500, height: 6, bytes: vec![255; 9000] });
        assert!(sent.ends_with("#215!500~$-\x1b\\"), "{sent}");
    }
}
