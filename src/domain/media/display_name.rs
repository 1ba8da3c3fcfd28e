//! The name under which a file is shown and saved: the sender's, made harmless.

use crate::text::Clean;

/// In bytes; file systems permit 255, and something may be put before or behind it.
const NAME_MAX: usize = 120;

/// A sender's file name as it may be shown and used for saving: one line of visible text without separators of paths,
/// leading dots and characters that a file system forbids, with the ending of the file's true type. `None` when nothing
/// is left of it. `extension` is empty where the type has none.
pub(crate) fn display_name(name: &str, extension: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let clean = Clean::line(last);
    let kept: String = clean
        .chars()
        .map(|c| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '/' | '\\') { '_' } else { c })
        .collect();
    let kept = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, ending) = split(kept);
    let stem = shorten(stem.trim_end_matches(|c: char| c == '.' || c.is_whitespace()));
    if stem.is_empty() {
        return None;
    }
    let stem = if is_reserved(stem) { format!("_{stem}") } else { stem.to_owned() };
    let same = |ending: &str| ending.eq_ignore_ascii_case(extension) || are_alike(ending, extension);
    Some(match ending {
        Some(ending) if extension.is_empty() || same(ending) => format!("{stem}.{ending}"),
        // What looks like an ending and is another one stays visible as a part of the name.
        Some(ending) if extension_is_known(ending) => format!("{stem}.{extension}"),
        Some(ending) => format!("{stem}.{ending}.{extension}"),
        None if extension.is_empty() => stem,
        None => format!("{stem}.{extension}"),
    })
}

/// A name without and with its ending; no ending where it is longer than one can be.
fn split(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((stem, ending))
            if !stem.is_empty()
                && (1..=8).contains(&ending.len())
                && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            (stem, Some(ending))
        }
        _ => (name, None),
    }
}

fn shorten(text: &str) -> &str {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = ends.take_while(|end| *end <= NAME_MAX).last().unwrap_or_default();
    text.get(..end).unwrap_or(text).trim_end()
}

/// Names of devices, which Windows takes with any ending.
fn is_reserved(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().to_ascii_uppercase();
    matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (first.len() == 4 && (first.starts_with("COM") || first.starts_with("LPT")))
}

/// Endings that mean the same type.
fn are_alike(ending: &str, extension: &str) -> bool {
    const GROUPS: &[&[&str]] = &[
        &["jpg", "jpeg", "jpe", "jfif"],
        &["ogg", "oga", "opus"],
        &["mp4", "m4v", "m4a"],
        &["tif", "tiff"],
        &["htm", "html"],
        &["txt", "csv", "log", "md", "json", "vcf", "ics", "tsv"],
        &["heic", "heif"],
        &["mkv", "webm"],
        &["doc", "xls", "ppt", "ole"],
    ];
    let ending = ending.to_ascii_lowercase();
    GROUPS.iter().any(|group| group.contains(&ending.as_str()) && group.contains(&extension))
}

/// Endings of file types, which a name loses when they are not the file's own.
fn extension_is_known(ending: &str) -> bool {
    const KNOWN: &[&str] = &[
        "jpg", "jpeg", "png", "gif", "webp", "heic", "bmp", "tif", "tiff", "svg", "mp4", "m4a", "mov", "3gp", "webm",
        "mkv", "ogg", "oga", "opus", "mp3", "wav", "flac", "aac", "amr", "pdf", "doc", "docx", "xls", "xlsx", "ppt",
        "pptx", "odt", "ods", "zip", "rar", "7z", "gz", "txt", "csv", "html", "htm", "exe", "bin",
    ];
    KNOWN.contains(&ending.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_harmless_and_gets_the_true_ending() {
        for (name, extension, expected) in [
            ("Daftar Harga.pdf", "pdf", Some("Daftar Harga.pdf")),
            ("foto.JPEG", "jpg", Some("foto.JPEG")),
            ("foto.pdf", "jpg", Some("foto.jpg")),
            ("invoice.pdf.exe", "exe", Some("invoice.pdf.exe")),
            ("invoice.pdf", "exe", Some("invoice.exe")),
            ("versi 1.2", "pdf", Some("versi 1.2.pdf")),
            ("../../etc/passwd", "", Some("passwd")),
            ("..\\..\\windows\\a.png", "png", Some("a.png")),
            ("...bashrc", "txt", Some("bashrc.txt")),
            ("a/b/", "png", Some("b.png")),
            ("nama\u{202e}gpj.exe", "exe", Some("namagpj.exe")),
            ("\u{1b}]0;x\u{7}foto.png", "png", Some("foto.png")),
            ("a\nb\t.png", "png", Some("a b.png")),
            ("con.txt", "txt", Some("_con.txt")),
            ("a:b*c?.png", "png", Some("a_b_c_.png")),
            ("  . ", "png", None),
            ("", "png", None),
        ] {
            assert_eq!(display_name(name, extension).as_deref(), expected, "{name:?}");
        }
        let long = display_name(&"é".repeat(300), "pdf").unwrap();
        assert!(long.len() <= NAME_MAX + 4 && long.ends_with("é.pdf"), "{long}");
    }
}
