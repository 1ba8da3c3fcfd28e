//! The paths of files as people type them, paste them, and drop them on a terminal.
//!
//! Terminals hand a dropped file over as its path: plain, in quotes, with backslashes before blanks, or as a `file://`
//! URL; several with blanks or line ends between.

/// Whether a text can only be meant as a path, not as a part of a name.
pub fn is_path(text: &str) -> bool {
    let text = text.trim_start();
    let is_drive =
        |text: &str| matches!(text.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
    ["/", "~/", "./", "../", "'", "\"", "file:"].iter().any(|start| text.starts_with(start)) || is_drive(text)
}

/// Whether a text is meant as a link.
pub fn is_link(text: &str) -> bool {
    text.contains("://") && !text.trim_start().starts_with("file:")
}

/// The whole of a text as one path.
pub(crate) fn whole(text: &str) -> String {
    from_url(text.trim())
}

/// The paths in a text, by the rules of quotes and backslashes.
pub(crate) fn several(text: &str) -> Vec<String> {
    let (mut paths, mut path, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    // What ends in an escaped blank ends there.
    let mut letters = text.trim_start().chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            (_, Some(open)) if letter == open => quote = None,
            ('\'' | '"', None) => (quote, begun) = (Some(letter), true),
            // Before a letter or digit it separates folders.
            ('\\', None | Some('"')) if letters.peek().is_some_and(|next| !next.is_alphanumeric()) => {
                path.extend(letters.next());
                begun = true;
            }
            (_, None) if letter.is_whitespace() => {
                if begun {
                    paths.push(from_url(&std::mem::take(&mut path)));
                }
                begun = false;
            }
            _ => {
                path.push(letter);
                begun = true;
            }
        }
    }
    if begun {
        paths.push(from_url(&path));
    }
    paths.retain(|path| !path.is_empty());
    paths
}

/// The path of a `file://` URL; anything else as it is.
fn from_url(text: &str) -> String {
    let Some(rest) = text.strip_prefix("file://") else { return text.to_owned() };
    let path = rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or(rest);
    let mut bytes = Vec::new();
    let mut left = path.as_bytes().iter();
    while let Some(byte) = left.next() {
        let code = if *byte == b'%' { left.as_slice().get(..2) } else { None };
        let decoded = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        if decoded.is_some() {
            left.nth(1);
        }
        bytes.push(decoded.unwrap_or(*byte));
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dropped_files_are_read_as_terminals_write_them() {
        for (text, expected) in [
            ("/home/ani/nota.pdf", &["/home/ani/nota.pdf"][..]),
            ("'/home/ani/Foto toko.jpg' ", &["/home/ani/Foto toko.jpg"]),
            ("\"/home/ani/Foto toko.jpg\"", &["/home/ani/Foto toko.jpg"]),
            (r"/home/ani/Foto\ toko\ \(1\).jpg", &["/home/ani/Foto toko (1).jpg"]),
            ("file:///home/ani/Foto%20toko%20100%25.jpg", &["/home/ani/Foto toko 100%.jpg"]),
            ("file://localhost/tmp/a.png", &["/tmp/a.png"]),
            ("/a.jpg /b.jpg\n'/c d.jpg'", &["/a.jpg", "/b.jpg", "/c d.jpg"]),
            ("'/tmp/it'\\''s.jpg'", &["/tmp/it's.jpg"]),
            (r"C:\Users\ani\nota.pdf", &[r"C:\Users\ani\nota.pdf"]),
            (r"/tmp/akhir\ ", &["/tmp/akhir "]),
            ("''", &[]),
            ("", &[]),
        ] {
            assert_eq!(several(text), expected, "{text}");
        }
        assert_eq!(whole(" /home/ani/Foto toko.jpg\n"), "/home/ani/Foto toko.jpg");
        for (text, path, link) in [
            ("~/nota.pdf", true, false),
            ("file:///a", true, false),
            (r"C:\a", true, false),
            ("https://toko.example/a.jpg", false, true),
            ("foto toko", false, false),
        ] {
            assert_eq!((is_path(text), is_link(text)), (path, link), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_quoted_path_is_read_back(path in "/[^\u{0}\n']{1,30}") {
            prop_assert_eq!(several(&format!("'{path}'")), [path.clone()]);
            let escaped: String = path.chars().flat_map(|c| {
                let special = !c.is_alphanumeric() && !"/._-".contains(c);
                special.then_some('\\').into_iter().chain([c])
            }).collect();
            prop_assert_eq!(several(&escaped), [path]);
        }
    }
}
