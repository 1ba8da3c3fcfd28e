//! The README's picture, drawn from the real screen.
//!
//! `LOKET_PICTURE=write cargo test --test screen picture` makes `docs/screen.svg` again.
use crate::kit::{FakeStore, TestScreen, minutes_ago};
use crate::screens::morning;
use loket::config::Locale;
use loket::text;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use std::path::Path;

/// Cells are drawn in this size, in pixels.
const CELL: (f64, f64) = (8.4, 20.0);
/// The space around the screen, in pixels.
const MARGIN: f64 = 14.0;
/// The picture's background, and the colour of plain text on it.
const PAPER: &str = "#1b1f27";
const INK: &str = "#d7dae0";

/// The terminal's sixteen colours in a usual dark scheme.
fn hex(color: Color) -> &'static str {
    match color {
        Color::Black => "#3f4451",
        Color::Red => "#e06c75",
        Color::Green => "#98c379",
        Color::Yellow => "#e5c07b",
        Color::Blue => "#61afef",
        Color::Magenta => "#c678dd",
        Color::Cyan => "#56b6c2",
        Color::Gray => "#abb2bf",
        Color::DarkGray => "#7f848e",
        Color::LightRed => "#ff7a85",
        Color::LightGreen => "#b5e890",
        Color::LightYellow => "#ffd68a",
        Color::LightBlue => "#82c4ff",
        Color::LightMagenta => "#e29bf2",
        Color::LightCyan => "#7fdbe6",
        Color::White => "#ffffff",
        _ => INK,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn look(cell: &Cell) -> (Color, Color, Modifier) {
    if cell.modifier.contains(Modifier::REVERSED) {
        (cell.bg, cell.fg, cell.modifier)
    } else {
        (cell.fg, cell.bg, cell.modifier)
    }
}

/// The screen as a picture; neighbours that look the same are one piece of text.
fn svg(buffer: &Buffer) -> String {
    let (width, height) =
        (f64::from(buffer.area.width) * CELL.0 + 2.0 * MARGIN, f64::from(buffer.area.height) * CELL.1 + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         role=\"img\" aria-label=\"The inbox of Loket: conversation list, conversation, composer, hint line\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>\n<g font-family=\"ui-monospace, SFMono-Regular, Menlo, \
         Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\" xml:space=\"preserve\">\n"
    );
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let style = look(&buffer[(x, y)]);
            let (start, mut piece) = (x, String::new());
            while x < buffer.area.width && look(&buffer[(x, y)]) == style {
                let symbol = buffer[(x, y)].symbol();
                piece.push_str(symbol);
                x += u16::try_from(text::cells(symbol).max(1)).unwrap();
            }
            piece_of(&mut out, (start, y, x - start), &piece, style);
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn piece_of(
    out: &mut String,
    (x, y, cells): (u16, u16, u16),
    piece: &str,
    (fg, bg, modifier): (Color, Color, Modifier),
) {
    let reversed = modifier.contains(Modifier::REVERSED);
    if piece.trim().is_empty() && !reversed && bg == Color::Reset {
        return;
    }
    let (left, top) = (MARGIN + f64::from(x) * CELL.0, MARGIN + f64::from(y) * CELL.1);
    let (width, baseline) = (f64::from(cells) * CELL.0, top + 14.5);
    if reversed || bg != Color::Reset {
        let fill = if bg == Color::Reset { INK } else { hex(bg) };
        writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{fill}\"/>",
            CELL.1
        )
        .unwrap();
    }
    let ink = if reversed && fg == Color::Reset { PAPER } else { hex(fg) };
    let mut more = String::new();
    if modifier.contains(Modifier::BOLD) {
        more.push_str(" font-weight=\"bold\"");
    }
    if modifier.contains(Modifier::DIM) {
        more.push_str(" opacity=\"0.6\"");
    }
    if modifier.contains(Modifier::ITALIC) {
        more.push_str(" font-style=\"italic\"");
    }
    writeln!(
        out,
        "<text x=\"{left:.1}\" y=\"{baseline:.1}\" fill=\"{ink}\" textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\"{more}>{}</text>",
        escaped(piece)
    )
    .unwrap();
}

/// A morning on which somebody asks again while the answer is being written.
fn scene() -> FakeStore {
    let store = morning();
    store.contents().process.sandbox = false;
    let budi = loket::domain::ConversationId(1);
    store.receive(budi, minutes_ago(2), "Kalau yang abu-abu masih ada, Kak?");
    store
}

#[test]
fn the_readmes_picture_is_drawn_from_the_real_screen() {
    let mut screen = TestScreen::new(scene(), Locale::En, (104, 27));
    screen.keys("/ 'budi' enter esc esc");
    screen.keys("enter 'The grey one is in stock too'");
    let picture = svg(&screen.buffer());
    for line in ["Budi Santoso", "Loket", "in stock too"] {
        assert!(picture.contains(line), "{line}");
    }
    assert!(!picture.contains('\u{1b}'));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screen.svg");
    if std::env::var_os("LOKET_PICTURE").is_some() {
        std::fs::write(&path, &picture).unwrap();
    }
    // The file is one that this draws: the same size, the same colours.
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept.lines().take(3).collect::<Vec<_>>(), picture.lines().take(3).collect::<Vec<_>>());
}
