//! The files that customers send, generated on request, so that they can be opened without a network.
//! No file is read from disk.
use png::{BitDepth, ColorType, Encoder};

/// The path under which the sandbox serves a file.
pub(super) fn path(file: &str) -> String {
    format!("/sandbox/media/{file}")
}

/// A file's media type, by its ending.
pub(super) fn mime(file: &str) -> &'static str {
    match file.rsplit_once('.').map(|(_, ending)| ending) {
        Some("png") => "image/png",
        Some("pdf") => "application/pdf",
        Some("wav") => "audio/wav",
        _ => "application/octet-stream",
    }
}

/// The bytes of a file that a persona may send; `None` for any other name.
pub(super) fn bytes(file: &str) -> Option<Vec<u8>> {
    match file {
        "gelas-pecah.png" => picture([196, 90, 70], true),
        "gelas-utuh.png" => picture([80, 150, 190], false),
        "bukti-qris.png" | "bukti-transfer.png" => picture([70, 160, 110], false),
        "desain-banner.pdf" => Some(DOCUMENT.to_vec()),
        "catatan.wav" => Some(sound()),
        _ => None,
    }
}

const SIDE: u32 = 96;

/// A framed square in one colour, with a crack across it where something is broken.
fn picture(colour: [u8; 3], cracked: bool) -> Option<Vec<u8>> {
    let mut pixels = Vec::new();
    for y in 0..SIDE {
        for x in 0..SIDE {
            let frame = x < 6 || y < 6 || x >= SIDE - 6 || y >= SIDE - 6;
            let crack = cracked && (x.abs_diff(y) < 3 || (x > 40 && (x + y).abs_diff(SIDE) < 2));
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

const DOCUMENT: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]>>endobj\n\
trailer<</Root 1 0 R>>\n%%EOF\n";

/// A quarter of a second of silence: 8 kHz, one channel, eight bits.
fn sound() -> Vec<u8> {
    const SAMPLES: u32 = 2000;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + SAMPLES).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    for field in [16_u32, 0x0001_0001, 8000, 8000, 0x0008_0001] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(b"data");
    bytes.extend(SAMPLES.to_le_bytes());
    bytes.extend(std::iter::repeat_n(0x80, SAMPLES as usize));
    bytes
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
                    "audio/wav" => b"RIFF",
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
