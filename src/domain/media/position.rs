//! Pictures without what they say beside their pixels: where and with what they were taken, comments, previews.
//!
//! Own walks over the formats' parts rather than a crate: parts are kept by name and everything else is left out, so that
//! a kind of metadata that nobody thought of does not go out either. Pixels are copied byte by byte. Orientation stays.
//! Sources: ITU T.81 and CIPA DC-008 (JPEG, Exif), PNG (third edition), the WebP container's specification.

/// The fixed beginning of a PNG file.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const EXIF: &[u8] = b"Exif\0\0";

/// The picture without position and other metadata; `None` where it is damaged. Other types than JPEG, PNG and WebP are
/// returned as they are.
pub(crate) fn without_position(bytes: Vec<u8>, mime: &str) -> Option<Vec<u8>> {
    match mime {
        "image/jpeg" => jpeg(&bytes),
        "image/png" => png(&bytes),
        "image/webp" => webp(&bytes),
        _ => Some(bytes),
    }
}

fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = bytes.get(..2).filter(|start| *start == [0xff, 0xd8])?.to_vec();
    let mut at = 2;
    loop {
        let (0xff, marker) = (*bytes.get(at)?, *bytes.get(at + 1)?) else { return None };
        match marker {
            // Any number of fill bytes may precede a marker.
            0xff => at += 1,
            // What follows the end is another picture: a preview, or a film.
            0xd9 => {
                kept.extend([0xff, marker]);
                return Some(kept);
            }
            0x01 | 0xd0..=0xd7 => {
                kept.extend([0xff, marker]);
                at += 2;
            }
            _ => {
                let length = usize::from(u16::from_be_bytes(array(bytes, at + 2)?));
                let segment = bytes.get(at..at + 2 + length)?;
                jpeg_segment(marker, segment, segment.get(4..)?, &mut kept);
                at += segment.len();
                if marker == 0xda {
                    let scan = scan_length(bytes.get(at..)?);
                    kept.extend(bytes.get(at..at + scan)?);
                    at += scan;
                    // A picture that was cut off is shown as far as it goes.
                    if at + 1 >= bytes.len() {
                        return Some(kept);
                    }
                }
            }
        }
    }
}

/// Adds a segment, unless it holds metadata. `data` is what it holds.
fn jpeg_segment(marker: u8, segment: &[u8], data: &[u8], kept: &mut Vec<u8>) {
    let stays = match marker {
        0xe1 => {
            if let Some(tiff) = data.strip_prefix(EXIF).and_then(only_orientation) {
                let length = u16::try_from(2 + EXIF.len() + tiff.len()).unwrap_or_default();
                kept.extend([0xff, 0xe1]);
                kept.extend(length.to_be_bytes());
                kept.extend(EXIF);
                kept.extend(tiff);
            }
            false
        }
        // Density and thumbnail; Adobe's transformation of colours.
        0xe0 => data.starts_with(b"JFIF\0"),
        0xee => data.starts_with(b"Adobe"),
        0xe2 => data.starts_with(b"ICC_PROFILE\0"),
        // Other applications' data, and comments.
        0xe3..=0xef | 0xfe => false,
        _ => true,
    };
    if stays {
        kept.extend(segment);
    }
}

/// How long the compressed data at the beginning are: up to the next marker that does not belong to them.
fn scan_length(data: &[u8]) -> usize {
    let is_marker = |pair: &[u8]| matches!(pair, [0xff, next] if !matches!(next, 0x00 | 0xd0..=0xd7 | 0xff));
    data.windows(2).position(is_marker).unwrap_or(data.len())
}

fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    const KEPT: &[&[u8; 4]] = &[
        b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL",
        b"fdAT", b"cICP", b"mDCV", b"cLLI",
    ];
    let mut kept = bytes.get(..PNG.len()).filter(|start| *start == PNG)?.to_vec();
    let mut at = PNG.len();
    loop {
        let length = usize::try_from(u32::from_be_bytes(array(bytes, at)?)).ok()?;
        let name: [u8; 4] = array(bytes, at + 4)?;
        let chunk = bytes.get(at..at.checked_add(length)?.checked_add(12)?)?;
        let is_critical = name.first().is_some_and(u8::is_ascii_uppercase);
        if is_critical || KEPT.contains(&&name) {
            kept.extend(chunk);
        } else if let (b"eXIf", Some(tiff)) = (&name, chunk.get(8..8 + length).and_then(only_orientation)) {
            kept.extend(u32::try_from(tiff.len()).unwrap_or_default().to_be_bytes());
            let named = [name.as_slice(), &tiff].concat();
            kept.extend(&named);
            kept.extend(crc(&named).to_be_bytes());
        }
        at += chunk.len();
        if &name == b"IEND" {
            return Some(kept);
        }
    }
}

/// The checksum of a PNG chunk.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    const KEPT: &[&[u8; 4]] = &[b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
    /// Where the flags of `VP8X` stand in the file, and which of them announce EXIF and XMP.
    const FLAGS: usize = 20;
    let size = usize::try_from(u32::from_le_bytes(array(bytes, 4)?)).ok()?;
    let end = size.checked_add(8)?.min(bytes.len());
    let mut kept = bytes.get(..12).filter(|start| start.starts_with(b"RIFF") && start.ends_with(b"WEBP"))?.to_vec();
    let (mut at, mut tiff) = (12, None);
    while at + 8 <= end {
        let name: [u8; 4] = array(bytes, at)?;
        let length = usize::try_from(u32::from_le_bytes(array(bytes, at + 4)?)).ok()?;
        let data_end = at.checked_add(8)?.checked_add(length)?;
        let data = bytes.get(at + 8..data_end)?;
        if KEPT.contains(&&name) {
            add_riff_chunk(&mut kept, name, data);
        } else if &name == b"EXIF" {
            tiff = only_orientation(data.strip_prefix(EXIF).unwrap_or(data));
        }
        at = data_end + length % 2;
    }
    if kept.len() == 12 {
        return None;
    }
    if kept.get(12..16) == Some(b"VP8X") {
        let flags = kept.get_mut(FLAGS)?;
        *flags &= !0x0c;
        *flags |= if tiff.is_some() { 0x08 } else { 0 };
        if let Some(tiff) = tiff {
            add_riff_chunk(&mut kept, *b"EXIF", &tiff);
        }
    }
    let size = u32::try_from(kept.len() - 8).ok()?;
    kept.get_mut(4..8)?.copy_from_slice(&size.to_le_bytes());
    Some(kept)
}

fn add_riff_chunk(kept: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    kept.extend(name);
    kept.extend(u32::try_from(data.len()).unwrap_or_default().to_le_bytes());
    kept.extend(data);
    if data.len() % 2 == 1 {
        kept.push(0);
    }
}

/// Exif data that say nothing but the orientation of these; `None` where that is upright or not said.
fn only_orientation(tiff: &[u8]) -> Option<Vec<u8>> {
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at| array(tiff, at).map(|two| if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) });
    let offset: [u8; 4] = array(tiff, 4)?;
    let offset = usize::try_from(if little { u32::from_le_bytes(offset) } else { u32::from_be_bytes(offset) }).ok()?;
    let entries = usize::from(short(offset)?);
    let first = offset.checked_add(2)?;
    let entry = (0..entries).filter_map(|n| first.checked_add(n * 12)).find(|at| short(*at) == Some(0x0112))?;
    let orientation = u8::try_from(short(entry + 8)?).ok().filter(|value| (2..=8).contains(value))?;
    let mut only = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    only.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    Some(only)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Exif data with an orientation and a position, which here is a text.
    fn exif(orientation: u8) -> Vec<u8> {
        let mut tiff = b"MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        tiff.extend([orientation, 0, 0]);
        tiff.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0GPS 6.2S 106.8E");
        tiff
    }

    fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len() + 2).unwrap();
        [&[0xff, marker], length.to_be_bytes().as_slice(), data].concat()
    }

    fn jpeg_with(metadata: &[u8]) -> Vec<u8> {
        let scan = [segment(0xda, &[1, 2, 3]), b"pixels\xff\0more\xff\xd0more\xff\xd9".to_vec()].concat();
        [b"\xff\xd8".to_vec(), segment(0xe0, b"JFIF\0"), metadata.to_vec(), segment(0xdb, b"table"), scan].concat()
    }

    fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
        let named = [name, data].concat();
        [&u32::try_from(data.len()).unwrap().to_be_bytes(), named.as_slice(), &crc(&named).to_be_bytes()].concat()
    }

    fn png_with(metadata: &[u8]) -> Vec<u8> {
        let parts = [chunk(b"IHDR", &[0; 13]), metadata.to_vec(), chunk(b"IDAT", b"pixels"), chunk(b"IEND", b"")];
        [PNG.to_vec(), parts.concat()].concat()
    }

    fn webp_with(flags: u8, metadata: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
        add_riff_chunk(&mut file, *b"VP8X", &[flags, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        add_riff_chunk(&mut file, *b"VP8 ", b"pixel");
        for (name, data) in metadata {
            add_riff_chunk(&mut file, **name, data);
        }
        let size = u32::try_from(file.len() - 8).unwrap();
        file[4..8].copy_from_slice(&size.to_le_bytes());
        file
    }

    fn holds(bytes: &[u8], text: &[u8]) -> bool {
        bytes.windows(text.len()).any(|part| part == text)
    }

    #[test]
    fn a_jpeg_keeps_pixels_and_orientation_and_nothing_else() {
        let metadata = [
            segment(0xe1, &[EXIF, &exif(6)].concat()),
            segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0exif:GPSLatitude"),
            segment(0xed, b"Photoshop 3.0\0Jakarta"),
            segment(0xfe, b"GPS here"),
            segment(0xe2, b"ICC_PROFILE\0colours"),
        ];
        let with = [jpeg_with(&metadata.concat()), jpeg_with(&segment(0xe1, b"Exif\0\0GPS"))].concat();
        let cleaned = without_position(with, "image/jpeg").unwrap();
        let only = only_orientation(&exif(6)).unwrap();
        let kept = [segment(0xe1, &[EXIF, &only].concat()), segment(0xe2, b"ICC_PROFILE\0colours")].concat();
        assert_eq!(cleaned, jpeg_with(&kept));
        assert_eq!(without_position(cleaned.clone(), "image/jpeg"), Some(cleaned));
        let upright = jpeg_with(&segment(0xe1, &[EXIF, &exif(1)].concat()));
        assert_eq!(without_position(upright, "image/jpeg"), Some(jpeg_with(b"")));
    }

    #[test]
    fn a_png_keeps_pixels_and_orientation_and_nothing_else() {
        let metadata = [
            chunk(b"eXIf", &exif(8)),
            chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0GPS"),
            chunk(b"zTXt", b"Raw profile type exif\0\0GPS"),
            chunk(b"tEXt", b"Comment\0GPS"),
            chunk(b"gAMA", &[0; 4]),
        ];
        let cleaned = without_position([png_with(&metadata.concat()), b"GPS".to_vec()].concat(), "image/png").unwrap();
        let only = only_orientation(&exif(8)).unwrap();
        assert_eq!(cleaned, png_with(&[chunk(b"eXIf", &only), chunk(b"gAMA", &[0; 4])].concat()));
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn a_webp_keeps_pixels_and_orientation_and_nothing_else() {
        let with = webp_with(0x1c, &[(b"EXIF", &exif(3)), (b"XMP ", b"GPSLatitude"), (b"GPS ", b"x")]);
        let only = only_orientation(&exif(3)).unwrap();
        assert_eq!(without_position(with, "image/webp"), Some(webp_with(0x18, &[(b"EXIF", &only)])));
        let upright = webp_with(0x0c, &[(b"EXIF", &exif(1))]);
        assert_eq!(without_position(upright, "image/webp"), Some(webp_with(0, &[])));
    }

    #[test]
    fn damaged_pictures_are_told_and_other_files_stay() {
        for mime in ["image/jpeg", "image/png", "image/webp"] {
            assert_eq!(without_position(b"halo".to_vec(), mime), None, "{mime}");
        }
        let whole = jpeg_with(b"");
        assert_eq!(without_position(whole[..20].to_vec(), "image/jpeg"), None);
        assert_eq!(without_position(b"%PDF GPS".to_vec(), "application/pdf"), Some(b"%PDF GPS".to_vec()));
    }

    proptest! {
        #[test]
        fn no_position_survives_wherever_it_stands(noise in prop::collection::vec(any::<u8>(), 0..60), markers in
            prop::collection::vec(0xe1_u8..=0xef, 0..5), cut in 0_usize..400) {
            let secret = [b"GPS-SECRET".as_slice(), &noise].concat();
            let metadata: Vec<u8> = markers.iter().flat_map(|marker| segment(*marker, &secret)).collect();
            let file = jpeg_with(&metadata);
            let cleaned = without_position(file.clone(), "image/jpeg").unwrap();
            prop_assert!(!holds(&cleaned, b"GPS-SECRET"));
            prop_assert_eq!(cleaned, jpeg_with(b""));
            for (mime, file) in [("image/jpeg", file), ("image/png", png_with(&chunk(b"tEXt", &secret))),
                ("image/webp", webp_with(4, &[(b"XMP ", &secret)]))] {
                let part = file[..cut.min(file.len())].to_vec();
                let cleaned = without_position(part, mime);
                prop_assert!(!cleaned.is_some_and(|cleaned| holds(&cleaned, b"GPS-SECRET")));
            }
        }
    }
}
