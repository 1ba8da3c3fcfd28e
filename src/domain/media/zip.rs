//! What a zip archive holds: office documents and packages are zip archives with known names in them.

/// Type and ending of a zip archive by the names of its first entries; `None` for what is no zip archive.
pub(super) fn file_type(head: &[u8]) -> Option<(&'static str, &'static str)> {
    if !head.starts_with(b"PK\x03\x04") {
        return None;
    }
    let entries = Entries { rest: head };
    for (name, content) in entries {
        match name {
            b"mimetype" => return Some(open_document(content)),
            b"AndroidManifest.xml" => return Some(("application/vnd.android.package-archive", "apk")),
            b"META-INF/MANIFEST.MF" | b"META-INF/" => return Some(("application/java-archive", "jar")),
            _ => {}
        }
        for (folder, mime, extension) in OFFICE {
            if name.starts_with(folder) {
                return Some((mime, extension));
            }
        }
    }
    // The names may come late; some writers put the parts' names in the first entry.
    let found = OFFICE.iter().find(|(folder, ..)| head.windows(folder.len()).any(|part| part == *folder));
    Some(found.map_or(("application/zip", "zip"), |(_, mime, extension)| (*mime, *extension)))
}

const OFFICE: &[(&[u8], &str, &str)] = &[
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
];

fn open_document(content: &[u8]) -> (&'static str, &'static str) {
    for (mime, extension) in [
        ("application/vnd.oasis.opendocument.text", "odt"),
        ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
        ("application/vnd.oasis.opendocument.presentation", "odp"),
        ("application/epub+zip", "epub"),
    ] {
        if content == mime.as_bytes() {
            return (mime, extension);
        }
    }
    ("application/zip", "zip")
}

/// The names of the entries at the beginning of an archive, with as much of their content as is known to be there.
struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let header = self.rest.get(..30).filter(|header| header.starts_with(b"PK\x03\x04"))?;
        let number = |at: usize| Some(usize::from(u16::from_le_bytes([*header.get(at)?, *header.get(at + 1)?])));
        let (name_length, extra) = (number(26)?, number(28)?);
        let packed = number(18)? + (number(20)? << 16);
        let name = self.rest.get(30..30 + name_length)?;
        let start = 30 + name_length + extra;
        let end = start.saturating_add(packed);
        let content = self.rest.get(start..end).unwrap_or_default();
        // Where the size stands behind the content, the next entry is not found this way.
        self.rest = self.rest.get(end..).unwrap_or_default();
        Some((name, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, content: &[u8]) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend([0; 14]);
        bytes.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        bytes.extend([0; 2]);
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        bytes
    }

    #[test]
    fn documents_and_packages_are_no_archives() {
        let ending = |bytes: Vec<u8>| file_type(&bytes).map(|(_, extension)| extension);
        assert_eq!(
            ending([entry("[Content_Types].xml", b"x"), entry("word/document.xml", b"y")].concat()),
            Some("docx")
        );
        assert_eq!(ending([entry("_rels/.rels", b"x"), entry("xl/workbook.xml", b"y")].concat()), Some("xlsx"));
        assert_eq!(ending(entry("mimetype", b"application/vnd.oasis.opendocument.text")), Some("odt"));
        assert_eq!(ending(entry("AndroidManifest.xml", b"x")), Some("apk"));
        assert_eq!(ending(entry("META-INF/MANIFEST.MF", b"x")), Some("jar"));
        assert_eq!(ending(entry("foto.jpg", b"x")), Some("zip"));
        assert_eq!(ending(b"PK\x03\x04\xff\xff".to_vec()), Some("zip"));
        assert_eq!(ending(b"PK".to_vec()), None);
    }
}
