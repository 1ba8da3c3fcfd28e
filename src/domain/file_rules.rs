//! Which files an account takes: how they travel, and how large they may be.

use super::Channel;
use super::outgoing::{MediaKind, OutgoingFile};

const MB: u64 = 1024 * 1024;

/// How an account's gateway takes files, and how large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRules {
    /// Requests carry the file itself; otherwise the gateway fetches it by a link to our listener.
    pub upload: bool,
    /// In bytes. A kind of a channel that is not listed has no limit of its own.
    pub sizes: &'static [(Channel, MediaKind, u64)],
}

/// Why a file may not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileRefusal {
    /// Its type is none of these, which are endings.
    Type(&'static [&'static str]),
    /// It is larger than this many bytes.
    TooBig(u64),
}

impl FileRules {
    /// The largest file that is read at all, in bytes.
    pub(crate) const MAX: u64 = 100 * MB;

    /// Files are carried by requests, as large as a linked phone's WhatsApp takes them.
    pub const UPLOAD: FileRules = FileRules { upload: true, sizes: PHONE };

    /// Files go by link, as large as a linked phone's WhatsApp and the other channels take them.
    pub const LINK: FileRules = FileRules { upload: false, sizes: PHONE };

    /// Files go by link, as large as Meta's own API takes them for WhatsApp.
    pub const META_LINK: FileRules = FileRules { upload: false, sizes: META };

    /// Whether a file may be sent as `kind`. `accepted` are the endings that the gateway takes for that; empty: any.
    pub(super) fn allow(
        &self,
        channel: Channel,
        kind: MediaKind,
        file: &OutgoingFile,
        accepted: &'static [&'static str],
    ) -> Result<(), FileRefusal> {
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

/// What linked phones and other channels take, in bytes. WhatsApp's are those of its own programs; Telegram's those of
/// its Bot API for files by URL; Instagram's and Messenger's those of Meta's Send API.
const PHONE: &[(Channel, MediaKind, u64)] = &[
    (Channel::WhatsApp, MediaKind::Image, 16 * MB),
    (Channel::WhatsApp, MediaKind::Video, 16 * MB),
    (Channel::WhatsApp, MediaKind::Audio, 16 * MB),
    (Channel::WhatsApp, MediaKind::Document, FileRules::MAX),
    (Channel::Telegram, MediaKind::Image, 5 * MB),
    (Channel::Telegram, MediaKind::Video, 20 * MB),
    (Channel::Telegram, MediaKind::Audio, 20 * MB),
    (Channel::Telegram, MediaKind::Document, 20 * MB),
    (Channel::Instagram, MediaKind::Image, 8 * MB),
    (Channel::Instagram, MediaKind::Video, 25 * MB),
    (Channel::Instagram, MediaKind::Audio, 25 * MB),
    (Channel::Instagram, MediaKind::Document, 25 * MB),
    (Channel::Messenger, MediaKind::Image, 25 * MB),
    (Channel::Messenger, MediaKind::Video, 25 * MB),
    (Channel::Messenger, MediaKind::Audio, 25 * MB),
    (Channel::Messenger, MediaKind::Document, 25 * MB),
];

/// What Meta's Cloud API takes (providers.md 10), in bytes.
const META: &[(Channel, MediaKind, u64)] = &[
    (Channel::WhatsApp, MediaKind::Image, 5 * MB),
    (Channel::WhatsApp, MediaKind::Video, 16 * MB),
    (Channel::WhatsApp, MediaKind::Audio, 16 * MB),
    (Channel::WhatsApp, MediaKind::Document, FileRules::MAX),
];

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
            path: None,
        };
        let allow =
            |kind, file: &OutgoingFile, accepted| FileRules::UPLOAD.allow(Channel::WhatsApp, kind, file, accepted);
        let photo = file("a.JPG", "image/jpeg", 16 * MB);
        assert_eq!(allow(MediaKind::Image, &photo, &[]), Ok(()));
        assert_eq!(allow(MediaKind::Image, &photo, &["jpg"]), Ok(()));
        assert!(matches!(allow(MediaKind::Image, &photo, &["png"]), Err(FileRefusal::Type(_))));
        assert!(matches!(allow(MediaKind::Video, &photo, &[]), Err(FileRefusal::Type(["mp4", ..]))));
        let large = file("a.jpg", "image/jpeg", 16 * MB + 1);
        assert!(matches!(allow(MediaKind::Image, &large, &[]), Err(FileRefusal::TooBig(_))));
        assert_eq!(allow(MediaKind::Document, &large, &[]), Ok(()));
        let by_link = |rules: FileRules, channel| rules.allow(channel, MediaKind::Image, &photo, &[]);
        assert_eq!(by_link(FileRules::LINK, Channel::WhatsApp), Ok(()));
        for (rules, channel, max) in [
            (FileRules::META_LINK, Channel::WhatsApp, 5),
            (FileRules::LINK, Channel::Telegram, 5),
            (FileRules::LINK, Channel::Instagram, 8),
        ] {
            assert_eq!(by_link(rules, channel), Err(FileRefusal::TooBig(max * MB)), "{channel}");
        }
    }
}
