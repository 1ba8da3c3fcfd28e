//! The files that customers send, built in or generated on request, so that they can be opened without a network.
//! No file is read from disk. The photo is drawn, and the voice is synthetic: both were made for Loket.
use std::fmt::Write as _;

use png::{BitDepth, ColorType, Encoder};

macro_rules! asset {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sandbox/", $name)
    };
}

/// The path under which the sandbox serves a file.
pub(super) fn path(file: &str) -> String {
    format!("/sandbox/media/{file}")
}

/// A file's media type, by its ending.
pub(super) fn mime(file: &str) -> &'static str {
    match file.rsplit_once('.').map(|(_, ending)| ending) {
        Some("png") => "image/png",
        Some("pdf") => "application/pdf",
        Some("jpg") => "image/jpeg",
        Some("ogg") => "audio/ogg; codecs=opus",
        _ => "application/octet-stream",
    }
}

/// The bytes of a file that a persona may send; `None` for any other name.
pub(super) fn bytes(file: &str) -> Option<Vec<u8>> {
    match file {
        "gelas-pecah.png" => picture([196, 90, 70], true),
        "gelas-utuh.png" => picture([80, 150, 190], false),
        "bukti-qris.jpg" | "bukti-transfer.jpg" => Some(include_bytes!(asset!("bukti-transfer.jpg")).to_vec()),
        "desain-banner.pdf" => Some(document()),
        "catatan.ogg" => Some(include_bytes!(asset!("catatan.ogg")).to_vec()),
        _ => None,
    }
}

/// The width and height of a picture, in pixels.
const SIDE: u32 = 480;

/// A framed square in one colour, with a crack across it where something is broken.
fn picture(colour: [u8; 3], cracked: bool) -> Option<Vec<u8>> {
    let mut pixels = Vec::new();
    for y in 0..SIDE {
        for x in 0..SIDE {
            let frame = x < 24 || y < 24 || x >= SIDE - 24 || y >= SIDE - 24;
            let crack = cracked && (x.abs_diff(y) < 9 || (x > 200 && (x + y).abs_diff(SIDE) < 6));
            pixels.extend(if frame {
                [235, 235, 230]
            } else if crack {
                [20, 20, 20]
            } else {
                colour
            });
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, SIDE, SIDE);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.write_header().ok()?.write_image_data(&pixels).ok()?;
    Some(bytes)
}

/// A document of one page with a line of text.
fn document() -> Vec<u8> {
    let text = "BT /F1 24 Tf 40 110 Td (Desain banner 3 x 1 meter) Tj ET 40 40 420 40 re S";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 170]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>stream\n{text}\nendstream", text.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut places = String::new();
    for (number, object) in (1..).zip(&objects) {
        // Writing to a String cannot fail.
        let _ = writeln!(places, "{:010} 00000 n ", pdf.len());
        let _ = writeln!(pdf, "{number} 0 obj{object}endobj");
    }
    let (start, count) = (pdf.len(), objects.len() + 1);
    let _ = write!(pdf, "xref\n0 {count}\n0000000000 65535 f \n{places}");
    let _ = writeln!(pdf, "trailer<</Root 1 0 R/Size {count}>>\nstartxref\n{start}\n%%EOF");
    pdf.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::customers::intents::Intents;
    use crate::sandbox::customers::persona;
    use crate::sandbox::customers::persona::Body;

    #[test]
    fn every_file_that_a_persona_sends_exists_with_its_type() {
        let personas = persona::built_in(&Intents::built_in().unwrap()).unwrap();
        let mut sent = 0;
        for line in personas.iter().flat_map(persona::Persona::lines) {
            if let Body::Media { file, .. } = &line.body {
                let bytes = bytes(file).unwrap_or_else(|| panic!("{file}"));
                let magic: &[u8] = match mime(file) {
                    "image/png" => b"\x89PNG",
                    "application/pdf" => b"%PDF",
                    "image/jpeg" => b"\xff\xd8\xff",
                    "audio/ogg; codecs=opus" => b"OggS",
                    other => panic!("{other}"),
                };
                assert!(bytes.starts_with(magic), "{file}");
                sent += 1;
            }
        }
        assert!(sent >= 4);
        assert_eq!(bytes("../Cargo.toml"), None);
    }
}
