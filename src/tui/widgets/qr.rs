//! Login codes as terminal cells or as a picture: black on white whatever the theme, whole or not at all.
//!
//! Invariant: no colour of the terminal's own palette is used and no code is ever drawn clipped: a scanner reads
//! what is here, or the plan says how much room it needs.

use qrcode::{Color as Module, EcLevel, QrCode};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use std::fmt::Write as _;

/// Black and white of the 256-colour cube: unlike the first 16, themes leave them alone, and unlike 24-bit colour
/// every terminal in use knows them.
const BLACK: u8 = 16;
const WHITE: u8 = 231;
/// The quiet zones tried, widest first, in modules. The standard wants 4 (ISO/IEC 18004); scanners read 1.
const QUIET: [u8; 3] = [4, 2, 1];

/// How large a code is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum QrSize {
    /// Half blocks where they fit, else sextants where they are allowed.
    #[default]
    Auto,
    /// One column and half a row a module.
    Half,
    /// Half a column and a third of a row a module; needs a font with the sextants of Unicode 13 (U+1FB00).
    Sextant,
    /// Two columns and one row a module: for fonts that leave gaps in block characters.
    Full,
}

/// What a person chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QrOptions {
    /// White on black, for scanners that want it.
    pub invert: bool,
    /// The size asked for.
    pub size: QrSize,
    /// Whether [`QrSize::Auto`] may choose sextants.
    pub(crate) sextants: bool,
    /// The widest quiet zone, in modules; narrower ones are tried down to 1.
    pub quiet: u8,
}

impl Default for QrOptions {
    fn default() -> Self {
        QrOptions { invert: false, size: QrSize::Auto, sextants: true, quiet: QUIET[0] }
    }
}

/// The characters that a code is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QrForm {
    Half,
    Sextant,
    /// Two coloured spaces for each module.
    Full,
}

impl QrForm {
    /// Modules that one cell holds, across and down; a full module takes two cells.
    const fn cells_for(self, modules: usize) -> (usize, usize) {
        match self {
            QrForm::Half => (modules, modules.div_ceil(2)),
            QrForm::Sextant => (modules.div_ceil(2), modules.div_ceil(3)),
            QrForm::Full => (modules * 2, modules),
        }
    }
}

/// One cell of a drawn code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QrCell {
    /// A blank or a block character, one cell wide.
    pub glyph: char,
    /// Its colour, by its number among the 256.
    pub foreground: u8,
    /// The colour behind it.
    pub background: u8,
}

/// A code that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrDrawing {
    /// The cells, row by row; all rows are equally long.
    pub rows: Vec<Vec<QrCell>>,
    pub form: QrForm,
    /// The quiet zone that there was room for, in modules.
    pub quiet: u8,
}

impl QrDrawing {
    /// Columns and rows taken.
    pub fn size(&self) -> (u16, u16) {
        let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        (small(self.rows.first().map_or(0, Vec::len)), small(self.rows.len()))
    }
}

/// What can be shown in a given room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QrPlan {
    Drawn(QrDrawing),
    /// It does not; this is the least room in which it would, with the same options.
    TooSmall {
        needs_w: u16,
        needs_h: u16,
    },
    /// Nothing to encode, or more than any code holds.
    Unencodable,
}

/// Lays a code out in `width` columns and `height` rows.
pub(crate) fn plan(code: &str, width: u16, height: u16, options: QrOptions) -> QrPlan {
    let Some(matrix) = Matrix::of(code) else { return QrPlan::Unencodable };
    let room = (usize::from(width), usize::from(height));
    let forms: &[QrForm] = match (options.size, options.sextants) {
        (QrSize::Auto, true) => &[QrForm::Half, QrForm::Sextant],
        (QrSize::Auto, false) | (QrSize::Half, _) => &[QrForm::Half],
        (QrSize::Sextant, _) => &[QrForm::Sextant],
        (QrSize::Full, _) => &[QrForm::Full],
    };
    let widest = options.quiet.max(1);
    let mut needs = (usize::MAX, usize::MAX);
    for form in forms {
        for quiet in std::iter::once(widest).chain(QUIET.into_iter().filter(|quiet| *quiet < widest)) {
            needs = form.cells_for(matrix.side + 2 * usize::from(quiet));
            if needs.0 <= room.0 && needs.1 <= room.1 {
                return QrPlan::Drawn(matrix.drawing(*form, quiet, options.invert));
            }
        }
    }
    let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    QrPlan::TooSmall { needs_w: small(needs.0), needs_h: small(needs.1) }
}

/// Draws a code into the middle of the top of `area`; nothing, and `false`, when it would be clipped there.
#[must_use]
pub(crate) fn render(drawing: &QrDrawing, area: Rect, buf: &mut Buffer) -> bool {
    let area = area.intersection(buf.area);
    let (width, height) = drawing.size();
    if width > area.width || height > area.height {
        return false;
    }
    let left = area.x + (area.width - width) / 2;
    for (y, row) in (area.y..).zip(&drawing.rows) {
        for (x, cell) in (left..).zip(row) {
            let style = Style::reset().fg(Color::Indexed(cell.foreground)).bg(Color::Indexed(cell.background));
            if let Some(target) = buf.cell_mut((x, y)) {
                target.reset();
                target.set_char(cell.glyph).set_style(style);
            }
        }
    }
    true
}

/// A drawn code as lines for standard output, with colours: without them a scanner would depend on the theme.
pub(crate) fn text(drawing: &QrDrawing) -> String {
    let mut out = String::new();
    for row in &drawing.rows {
        let mut last = None;
        for cell in row {
            let colours = (cell.foreground, cell.background);
            if last != Some(colours) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\u{1b}[38;5;{};48;5;{}m", colours.0, colours.1);
                last = Some(colours);
            }
            out.push(cell.glyph);
        }
        out.push_str("\u{1b}[0m\n");
    }
    out
}

/// A code as a PNG picture, black on white with the full quiet zone, `module_px` pixels a module (1 to 64).
/// `None` when it cannot be encoded.
pub(crate) fn png(code: &str, module_px: u32) -> Option<Vec<u8>> {
    let matrix = Matrix::of(code)?;
    let scale = usize::try_from(module_px.clamp(1, 64)).ok()?;
    let quiet = usize::from(QUIET[0]);
    let side = (matrix.side + 2 * quiet) * scale;
    let mut pixels = Vec::with_capacity(side * side);
    for y in 0..side {
        pixels.extend((0..side).map(|x| if matrix.is_dark(x / scale, y / scale, quiet) { 0 } else { u8::MAX }));
    }
    let mut out = Vec::new();
    let side = u32::try_from(side).ok()?;
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(out)
}

/// The modules of a code, without quiet zone.
struct Matrix {
    dark: Vec<bool>,
    side: usize,
}

impl Matrix {
    /// Level L: login codes are renewed within seconds and shown on a clean screen, so size matters more than repair.
    fn of(code: &str) -> Option<Self> {
        if code.is_empty() {
            return None;
        }
        let code = QrCode::with_error_correction_level(code, EcLevel::L).ok()?;
        let side = code.width();
        Some(Matrix { dark: code.into_colors().into_iter().map(|module| module == Module::Dark).collect(), side })
    }

    /// Whether a module is dark, counted from the corner of the quiet zone; everything outside the code is light.
    fn is_dark(&self, x: usize, y: usize, quiet: usize) -> bool {
        match (x.checked_sub(quiet), y.checked_sub(quiet)) {
            (Some(x), Some(y)) if x < self.side && y < self.side => {
                self.dark.get(y * self.side + x).copied().unwrap_or_default()
            }
            _ => false,
        }
    }

    fn drawing(&self, form: QrForm, quiet: u8, invert: bool) -> QrDrawing {
        let margin = usize::from(quiet);
        let (width, height) = form.cells_for(self.side + 2 * margin);
        let dark = |x: usize, y: usize| self.is_dark(x, y, margin) != invert;
        let cell = |x: usize, y: usize| match form {
            QrForm::Half => half(dark(x, y * 2), dark(x, y * 2 + 1)),
            QrForm::Sextant => {
                let (x, y) = (x * 2, y * 3);
                sextant([(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)].map(|(dx, dy)| dark(x + dx, y + dy)))
            }
            QrForm::Full => blank(dark(x / 2, y)),
        };
        let rows = (0..height).map(|y| (0..width).map(|x| cell(x, y)).collect()).collect();
        QrDrawing { rows, form, quiet }
    }
}

const fn colour(dark: bool) -> u8 {
    if dark { BLACK } else { WHITE }
}

/// One colour throughout: a blank, which no font can draw with gaps.
const fn blank(dark: bool) -> QrCell {
    QrCell { glyph: ' ', foreground: colour(!dark), background: colour(dark) }
}

const fn half(top: bool, bottom: bool) -> QrCell {
    if top == bottom {
        return blank(top);
    }
    QrCell { glyph: '▀', foreground: colour(top), background: colour(bottom) }
}

/// Six modules, from the top left to the bottom right. The code points follow the pattern as a number, without
/// the four patterns that had characters before (Unicode 13, U+1FB00 to U+1FB3B).
fn sextant(dark: [bool; 6]) -> QrCell {
    let pattern = (0_u32..).zip(dark).fold(0, |pattern, (bit, dark)| pattern | u32::from(dark) << bit);
    let glyph = match pattern {
        0 => return blank(false),
        0b11_1111 => return blank(true),
        0b01_0101 => '▌',
        0b10_1010 => '▐',
        n => char::from_u32(0x1_fb00 + n - 1 - u32::from(n > 0b01_0101) - u32::from(n > 0b10_1010)).unwrap_or(' '),
    };
    QrCell { glyph, foreground: BLACK, background: WHITE }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A login code as long as the ones in use: 240 characters of base 64 with commas.
    fn real_size() -> String {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let body: String = letters.chars().cycle().step_by(7).take(235).collect();
        format!("2@{body},==")
    }

    fn payloads() -> Vec<String> {
        vec![
            "2@cuTD".to_owned(),
            "https://example.com/login?x=é".to_owned(),
            real_size().split_at(120).0.to_owned(),
            real_size(),
        ]
    }

    fn drawing(code: &str, width: u16, height: u16, options: QrOptions) -> QrDrawing {
        match plan(code, width, height, options) {
            QrPlan::Drawn(drawing) => drawing,
            other => panic!("{other:?}"),
        }
    }

    /// Which sixth of a cell a glyph inks, taken from the Unicode charts and not from the code under test.
    fn is_inked(glyph: &str, column: usize, third: usize, half: usize) -> bool {
        match glyph {
            " " => false,
            "▀" => half == 0,
            "▌" => column == 0,
            "▐" => column == 1,
            glyph => {
                let name = u32::from(glyph.chars().next().unwrap()) - 0x1_fb00;
                let mut patterns = (1..63_u32).filter(|pattern| ![21, 42].contains(pattern));
                let pattern = patterns.nth(name as usize).unwrap();
                pattern >> (third * 2 + column) & 1 == 1
            }
        }
    }

    /// The screen as a scanner sees it: grey values of a terminal whose own background is `theme`.
    fn photograph(buffer: &Buffer, theme: u8, cell_w: usize, cell_h: usize) -> (usize, usize, Vec<u8>) {
        let grey = |colour: Color| match colour {
            Color::Indexed(BLACK) => 0,
            Color::Indexed(WHITE) => 255,
            Color::Reset => theme,
            other => panic!("a colour of the theme: {other:?}"),
        };
        let (w, h) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
        let mut pixels = vec![0; w * cell_w * h * cell_h];
        for (i, pixel) in pixels.iter_mut().enumerate() {
            let (x, y) = (i % (w * cell_w), i / (w * cell_w));
            let cell = &buffer[(u16::try_from(x / cell_w).unwrap(), u16::try_from(y / cell_h).unwrap())];
            let (in_x, in_y) = (x % cell_w, y % cell_h);
            let ink = is_inked(cell.symbol(), in_x * 2 / cell_w, in_y * 3 / cell_h, in_y * 2 / cell_h);
            *pixel = grey(if ink { cell.fg } else { cell.bg });
        }
        (w * cell_w, h * cell_h, pixels)
    }

    fn scan(width: usize, height: usize, grey: impl Fn(usize) -> u8) -> Option<String> {
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey(y * width + x));
        image.detect_grids().first()?.decode().ok().map(|(_, text)| text)
    }

    fn shown(drawing: &QrDrawing, margin: u16) -> Buffer {
        let (width, height) = drawing.size();
        let mut buffer = Buffer::empty(Rect::new(0, 0, width + 2 * margin, height + 2 * margin));
        assert!(render(drawing, Rect::new(margin, margin, width, height), &mut buffer));
        buffer
    }

    #[test]
    fn every_form_is_read_on_every_theme() {
        let all: &[(u8, (usize, usize))] = &[(0, (6, 12)), (255, (6, 12)), (30, (10, 18))];
        for code in payloads() {
            for size in [QrSize::Half, QrSize::Sextant, QrSize::Full] {
                for quiet in QUIET {
                    let drawing = drawing(&code, 300, 300, QrOptions { size, quiet, ..QrOptions::default() });
                    let buffer = shown(&drawing, 3);
                    for (theme, (w, h)) in if quiet == 1 { all } else { &all[..1] } {
                        let (width, height, pixels) = photograph(&buffer, *theme, *w, *h);
                        let read = scan(width, height, |i| pixels[i]);
                        assert_eq!(read.as_ref(), Some(&code), "{size:?}, quiet {quiet}, theme {theme}, {w}x{h}");
                    }
                }
            }
        }
    }

    #[test]
    fn inverted_codes_are_read_inverted() {
        for code in payloads() {
            for size in [QrSize::Half, QrSize::Sextant, QrSize::Full] {
                let drawing = drawing(&code, 300, 300, QrOptions { size, invert: true, ..QrOptions::default() });
                let (width, height, pixels) = photograph(&shown(&drawing, 2), 255, 6, 12);
                assert_eq!(scan(width, height, |i| 255 - pixels[i]).as_ref(), Some(&code), "{size:?}");
            }
        }
    }

    #[test]
    fn a_real_code_fits_the_design_size() {
        let drawing = drawing(&real_size(), 80, 24, QrOptions::default());
        assert_eq!((drawing.form, drawing.quiet, drawing.size()), (QrForm::Sextant, 4, (33, 22)));
        let without = QrOptions { sextants: false, ..QrOptions::default() };
        assert_eq!(plan(&real_size(), 80, 24, without), QrPlan::TooSmall { needs_w: 59, needs_h: 30 });
        assert!(matches!(plan(&real_size(), 59, 30, without), QrPlan::Drawn(d) if d.quiet == 1));
    }

    #[test]
    fn half_blocks_come_first_and_the_quiet_zone_gives_way() {
        for (width, height, form, quiet) in [
            (65, 33, QrForm::Half, 4),
            (64, 33, QrForm::Half, 2),
            (60, 30, QrForm::Half, 1),
            (58, 40, QrForm::Sextant, 4),
            (31, 21, QrForm::Sextant, 2),
            (30, 20, QrForm::Sextant, 1),
        ] {
            let drawing = drawing(&real_size(), width, height, QrOptions::default());
            assert_eq!((drawing.form, drawing.quiet), (form, quiet), "{width}x{height}");
        }
    }

    #[test]
    fn nothing_is_ever_clipped() {
        for (width, height) in [(0, 0), (29, 20), (30, 19)] {
            let small = plan(&real_size(), width, height, QrOptions::default());
            assert_eq!(small, QrPlan::TooSmall { needs_w: 30, needs_h: 20 });
        }
        let drawing = drawing("2@x", 80, 24, QrOptions::default());
        let (width, height) = drawing.size();
        let area = Rect::new(0, 0, width - 1, height);
        let mut buffer = Buffer::empty(area);
        assert!(!render(&drawing, area, &mut buffer));
        assert_eq!(buffer, Buffer::empty(area));
        assert!(!render(&drawing, Rect::new(0, 0, 200, 200), &mut buffer), "the buffer is smaller than the area");
    }

    #[test]
    fn what_no_code_holds_is_said() {
        assert_eq!(plan("", 80, 24, QrOptions::default()), QrPlan::Unencodable);
        assert_eq!(plan(&"x".repeat(3000), 800, 800, QrOptions::default()), QrPlan::Unencodable);
        assert_eq!(png("", 4), None);
    }

    #[test]
    fn standard_output_holds_the_same_cells() {
        let drawing = drawing(&real_size(), 80, 24, QrOptions::default());
        let (width, height) = drawing.size();
        let mut screen = vt100::Parser::new(height.try_into().unwrap(), width.try_into().unwrap(), 0);
        screen.process(text(&drawing).trim_end_matches('\n').replace('\n', "\r\n").as_bytes());
        let buffer = shown(&drawing, 0);
        for y in 0..height {
            for x in 0..width {
                let (printed, drawn) = (screen.screen().cell(y, x).unwrap(), &buffer[(x, y)]);
                assert_eq!(printed.contents(), drawn.symbol());
                let colour = |c| match c {
                    vt100::Color::Idx(n) => Color::Indexed(n),
                    other => panic!("{other:?}"),
                };
                assert_eq!((colour(printed.fgcolor()), colour(printed.bgcolor())), (drawn.fg, drawn.bg));
            }
        }
    }

    #[test]
    fn the_picture_is_read() {
        for code in payloads() {
            for module_px in [3, 8] {
                let bytes = png(&code, module_px).unwrap();
                let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
                let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
                let info = reader.next_frame(&mut pixels).unwrap();
                let (width, height) = (info.width as usize, info.height as usize);
                assert_eq!(scan(width, height, |i| pixels[i]).as_ref(), Some(&code), "{module_px} pixels");
            }
        }
    }
}
