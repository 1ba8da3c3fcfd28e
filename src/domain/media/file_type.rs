//! What a file is, by its first bytes.
//!
//! An own table rather than a crate (`infer`): it must know what a program is on any system, tell a web page that
//! stands in a picture's place, and name the types as the gateways' documents do.
//! Sources: the formats' specifications; for containers the brands and names that they begin with.

use super::zip;

/// The type of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileType {
    /// As gateways and viewers name it.
    pub mime: &'static str,
    /// The usual ending, without a dot.
    pub extension: &'static str,
}

const fn of(mime: &'static str, extension: &'static str) -> FileType {
    FileType { mime, extension }
}

/// Something whose kind nobody knows.
const UNKNOWN: FileType = of("application/octet-stream", "bin");
const TEXT: FileType = of("text/plain", "txt");
const HTML: FileType = of("text/html", "html");

/// Beginnings that decide alone.
const MAGIC: &[(&[u8], FileType)] = &[
    (b"\x89PNG\r\n\x1a\n", of("image/png", "png")),
    (b"\xff\xd8\xff", of("image/jpeg", "jpg")),
    (b"GIF87a", of("image/gif", "gif")),
    (b"GIF89a", of("image/gif", "gif")),
    (b"BM", of("image/bmp", "bmp")),
    (b"II*\0", of("image/tiff", "tif")),
    (b"MM\0*", of("image/tiff", "tif")),
    (b"%PDF-", of("application/pdf", "pdf")),
    (b"ID3", of("audio/mpeg", "mp3")),
    (b"fLaC", of("audio/flac", "flac")),
    (b"#!AMR", of("audio/amr", "amr")),
    (b"\x1aE\xdf\xa3", of("video/webm", "webm")),
    (b"Rar!\x1a\x07", of("application/vnd.rar", "rar")),
    (b"7z\xbc\xaf\x27\x1c", of("application/x-7z-compressed", "7z")),
    (b"\x1f\x8b", of("application/gzip", "gz")),
    (b"{\\rtf", of("application/rtf", "rtf")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", of("application/x-ole-storage", "ole")),
    (b"\x7fELF", of("application/x-executable", "elf")),
    (b"\xfe\xed\xfa\xce", of("application/x-mach-binary", "macho")),
    (b"\xfe\xed\xfa\xcf", of("application/x-mach-binary", "macho")),
    (b"\xce\xfa\xed\xfe", of("application/x-mach-binary", "macho")),
    (b"\xcf\xfa\xed\xfe", of("application/x-mach-binary", "macho")),
    (b"\xca\xfe\xba\xbe", of("application/x-mach-binary", "macho")),
    (b"L\0\0\0\x01\x14\x02\0", of("application/x-ms-shortcut", "lnk")),
    (b"MZ", of("application/vnd.microsoft.portable-executable", "exe")),
    (b"#!", of("text/x-shellscript", "sh")),
];

impl FileType {
    /// How many bytes from the beginning are needed at most.
    pub(crate) const HEAD: usize = 4096;

    /// The type of a file that begins with `head`; `application/octet-stream` where nobody knows.
    pub(crate) fn of_bytes(head: &[u8]) -> FileType {
        riff(head)
            .or_else(|| base_media(head))
            .or_else(|| ogg(head))
            .or_else(|| zip::file_type(head).map(|(mime, extension)| of(mime, extension)))
            .or_else(|| MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, found)| *found))
            .or_else(|| text(head))
            .or_else(|| mpeg(head))
            .unwrap_or(UNKNOWN)
    }

    /// Whether it is a web page.
    pub(crate) fn is_web_page(self) -> bool {
        self == HTML
    }

    /// Whether opening it may run what its sender wrote: programs, scripts, shortcuts, packages, pages.
    pub(crate) fn is_program(mime: &str) -> bool {
        matches!(
            mime,
            "application/x-executable"
                | "application/x-mach-binary"
                | "application/x-ms-shortcut"
                | "application/vnd.microsoft.portable-executable"
                | "text/x-shellscript"
                | "application/x-desktop"
                | "application/x-mswinurl"
                | "application/vnd.android.package-archive"
                | "application/java-archive"
                | "application/x-ole-storage"
                | "text/html"
                | "image/svg+xml"
        )
    }
}

fn riff(head: &[u8]) -> Option<FileType> {
    if !head.starts_with(b"RIFF") {
        return None;
    }
    match head.get(8..12)? {
        b"WEBP" => Some(of("image/webp", "webp")),
        b"WAVE" => Some(of("audio/wav", "wav")),
        b"AVI " => Some(of("video/x-msvideo", "avi")),
        _ => None,
    }
}

/// Files of MPEG-4's kind: the first box says which.
fn base_media(head: &[u8]) -> Option<FileType> {
    if head.get(4..8)? != b"ftyp" {
        return None;
    }
    Some(match head.get(8..12)? {
        b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"mif1" | b"msf1" => of("image/heic", "heic"),
        b"avif" | b"avis" => of("image/avif", "avif"),
        b"M4A " | b"M4B " => of("audio/mp4", "m4a"),
        b"qt  " => of("video/quicktime", "mov"),
        brand if brand.starts_with(b"3g") => of("video/3gpp", "3gp"),
        _ => of("video/mp4", "mp4"),
    })
}

/// Ogg: the first page's packet names the codec.
fn ogg(head: &[u8]) -> Option<FileType> {
    if !head.starts_with(b"OggS") {
        return None;
    }
    let segments = usize::from(*head.get(26)?);
    let packet = head.get(27 + segments..)?;
    Some(if packet.starts_with(b"\x80theora") { of("video/ogg", "ogv") } else { of("audio/ogg", "ogg") })
}

/// MPEG audio without a tag, and AAC.
fn mpeg(head: &[u8]) -> Option<FileType> {
    let (first, second) = (*head.first()?, *head.get(1)?);
    if first != 0xff {
        return None;
    }
    match second {
        0xf0 | 0xf1 | 0xf8 | 0xf9 => Some(of("audio/aac", "aac")),
        0xe2..=0xe7 | 0xf2..=0xf7 | 0xfa..=0xff => Some(of("audio/mpeg", "mp3")),
        _ => None,
    }
}

/// Text of any kind. What is not UTF-8, or has control characters, is none.
fn text(head: &[u8]) -> Option<FileType> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last character may be cut.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    if text.is_empty() || text.contains(is_control) {
        return None;
    }
    let begin: String = text.trim_start().chars().take(512).collect::<String>().to_ascii_lowercase();
    Some(if begin.starts_with("[desktop entry]") {
        of("application/x-desktop", "desktop")
    } else if begin.starts_with("[internetshortcut]") {
        of("application/x-mswinurl", "url")
    } else if begin.starts_with("begin:vcard") {
        of("text/vcard", "vcf")
    } else if begin.starts_with("begin:vcalendar") {
        of("text/calendar", "ics")
    } else if is_page(&begin) {
        HTML
    } else if begin.starts_with("<svg") || (begin.starts_with("<?xml") && begin.contains("<svg")) {
        of("image/svg+xml", "svg")
    } else {
        TEXT
    })
}

fn is_page(begin: &str) -> bool {
    let begin = begin.split_once("-->").filter(|_| begin.starts_with("<!--")).map_or(begin, |(_, rest)| rest);
    let begin = begin.trim_start();
    ["<!doctype html", "<html", "<head", "<body", "<script"].iter().any(|tag| begin.starts_with(tag))
        || (begin.starts_with("<?xml") && begin.contains("<html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mime(head: &[u8]) -> &'static str {
        FileType::of_bytes(head).mime
    }

    #[test]
    fn the_bytes_say_what_a_file_is() {
        let ogg = [b"OggS".as_slice(), &[0; 22], &[1, 19], b"OpusHead"].concat();
        for (head, expected) in [
            (b"\x89PNG\r\n\x1a\n\0\0".as_slice(), "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"GIF89a\x01\0", "image/gif"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "image/heic"),
            (b"\0\0\0\x18ftypisom\0\0\0\0", "video/mp4"),
            (b"\0\0\0\x18ftypM4A \0\0\0\0", "audio/mp4"),
            (b"\0\0\0\x14ftyp3gp4\0\0\0\0", "video/3gpp"),
            (&ogg, "audio/ogg"),
            (b"ID3\x03\0", "audio/mpeg"),
            (b"\xff\xfb\x90\0", "audio/mpeg"),
            (b"\xff\xf1\x50\x80", "audio/aac"),
            (b"%PDF-1.4\n", "application/pdf"),
            (b"\x7fELF\x02", "application/x-executable"),
            (b"MZ\x90\0\x03\0\0\0", "application/vnd.microsoft.portable-executable"),
            (b"#!/bin/sh\nrm -rf ~\n", "text/x-shellscript"),
            (b"\n[Desktop Entry]\nExec=x\n", "application/x-desktop"),
            (b"[InternetShortcut]\r\nURL=x", "application/x-mswinurl"),
            (b"<!-- x --> <!DOCTYPE html><title>", "text/html"),
            (b"<?xml version=\"1.0\"?><svg xmlns", "image/svg+xml"),
            (b"BEGIN:VCARD\r\nVERSION:3.0", "text/vcard"),
            ("nama;jumlah\nkaos é".as_bytes(), "text/plain"),
            (b"\0\x01\x02\x03", "application/octet-stream"),
            (b"", "application/octet-stream"),
        ] {
            assert_eq!(mime(head), expected, "{:?}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn what_can_run_is_known_whatever_its_name() {
        for head in [b"MZ\x90\0".as_slice(), b"\x7fELF", b"#!/usr/bin/env python", b"[Desktop Entry]\n", b"<html>"] {
            assert!(FileType::is_program(mime(head)), "{head:?}");
        }
        for head in [b"\x89PNG\r\n\x1a\n".as_slice(), b"%PDF-1.7", b"halo"] {
            assert!(!FileType::is_program(mime(head)), "{head:?}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        for length in 0..64 {
            for byte in [0_u8, 0x4f, 0x50, 0xff] {
                mime(&vec![byte; length]);
            }
            for magic in [b"OggS".as_slice(), b"RIFF", b"PK\x03\x04", b"\0\0\0\x18ftyp"] {
                let mut head = magic.to_vec();
                head.resize(length.max(magic.len()), 0xff);
                mime(&head);
            }
        }
    }
}
