//! Which files an account takes: how they travel, and how large they may be.

use super::Channel;
use super::outgoing::{MediaKind, OutgoingFile};

const MB: u64 = 1024 * 1024;

/// How an account's gateway takes files, and how large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRules {
    /// Requests carry the file itself.
    pub upload: bool,
    /// In bytes. A kind of a channel that is not listed has no limit of its own.
    pub sizes: &'static [(Channel, MediaKind, u64)],
}

/// Why a file may not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileRefusal {
    /// Files go by link only.
    ByLink,
    /// Its type is none of these, which are endings.
    Type(&'static [&'static str]),
    /// It is larger than this many bytes.
    TooBig(u64),
}

impl FileRules {
    /// The largest file that is read at all, in bytes.
    pub(crate) const MAX: u64 = 100 * MB;

    /// Files go by link only.
    pub const LINK: FileRules = FileRules { upload: false, sizes: &[] };

    /// Files are carried by requests, as large as WhatsApp takes them.
    pub const WHATSAPP_UPLOAD: FileRules = FileRules {
        upload: true,
        sizes: &[
            (Channel::WhatsApp, MediaKind::Image, 16 * MB),
            (Channel::WhatsApp, MediaKind::Video, 16 * MB),
            (Channel::WhatsApp, MediaKind::Audio, 16 * MB),
            (Channel::WhatsApp, MediaKind::Document, Self::MAX),
        ],
    };

    /// Whether a file may be sent as `kind`. `accepted` are the endings that the gateway takes for that; empty: any.
    pub(super) fn allow(
        &self,
        channel: Channel,
        kind: MediaKind,
        file: &OutgoingFile,
        accepted: &'static [&'static str],
    ) -> Result<(), FileRefusal> {
        if !self.upload {
            return Err(FileRefusal::ByLink);
        }
        let fits = match kind {
            MediaKind::Image => file.mime.starts_with("image/") && file.mime != "image/svg+xml",
            MediaKind::Video => file.mime.starts_with("video/"),
            MediaKind::Audio => file.mime.starts_with("audio/"),
            MediaKind::Document => true,
        };
        let extension = file.extension();
        if !fits || !(accepted.is_empty() || accepted.contains(&extension.as_str())) {
            let accepted = if fits || !accepted.is_empty() { accepted } else { usual(kind) };
            return Err(FileRefusal::Type(accepted));
        }
        let limit = self.sizes.iter().find(|(on, of, _)| (*on, *of) == (channel, kind)).map(|(.., max)| *max);
        let max = limit.unwrap_or(Self::MAX);
        if file.size > max { Err(FileRefusal::TooBig(max)) } else { Ok(()) }
    }
}

/// What is usually sent as a kind, for people to read.
fn usual(kind: MediaKind) -> &'static [&'static str] {
    match kind {
        MediaKind::Image => &["jpg", "png", "webp"],
        MediaKind::Video => &["mp4", "3gp"],
        MediaKind::Audio => &["ogg", "mp3", "m4a"],
        MediaKind::Document => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_refused_by_type_and_size() {
        let file = |name: &str, mime: &str, size| OutgoingFile {
            sha256: String::new(),
            name: name.into(),
            mime: mime.into(),
            size,
            bytes: None,
        };
        let allow = |kind, file: &OutgoingFile, accepted| {
            FileRules::WHATSAPP_UPLOAD.allow(Channel::WhatsApp, kind, file, accepted)
        };
        let photo = file("a.JPG", "image/jpeg", 16 * MB);
        assert_eq!(allow(MediaKind::Image, &photo, &[]), Ok(()));
        assert_eq!(allow(MediaKind::Image, &photo, &["jpg"]), Ok(()));
        assert!(matches!(allow(MediaKind::Image, &photo, &["png"]), Err(FileRefusal::Type(_))));
        assert!(matches!(allow(MediaKind::Video, &photo, &[]), Err(FileRefusal::Type(["mp4", ..]))));
        let large = file("a.jpg", "image/jpeg", 16 * MB + 1);
        assert!(matches!(allow(MediaKind::Image, &large, &[]), Err(FileRefusal::TooBig(_))));
        assert_eq!(allow(MediaKind::Document, &large, &[]), Ok(()));
        let by_link = FileRules::LINK.allow(Channel::WhatsApp, MediaKind::Image, &photo, &[]);
        assert_eq!(by_link, Err(FileRefusal::ByLink));
    }
}
