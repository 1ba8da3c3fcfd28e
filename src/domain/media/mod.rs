//! The file of a message: what the gateway says of it, what has become of it here, and what its bytes say it is.
//!
//! Invariant: a file's type comes from its bytes, and nothing that a sender wrote becomes a part of a path.

mod display_name;
mod file_type;
mod position;
mod zip;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) use display_name::display_name;
pub(crate) use file_type::FileType;
pub(crate) use position::without_position;

/// The image, video, audio or document of a message. Unknown values are null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Media {
    /// Only http or https.
    pub url: Option<String>,
    /// What the bytes say once the file is here; before that, what the gateway says.
    pub mime: Option<String>,
    /// The sender's file name (hostile: never use it as a path). Of a file that is here it is cleaned and has the ending
    /// of the true type.
    pub name: Option<String>,
    /// In bytes: of the file that is here, else as the gateway reports it.
    pub size: Option<u64>,
    /// The media id of the gateway or of Meta.
    pub remote_id: Option<String>,
    /// What has become of the file here.
    #[serde(flatten)]
    pub file: StoredFile,
}

/// What has become of a message's file here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredFile {
    pub state: MediaState,
    /// Where it lies, absolute; `None` unless it is here.
    #[serde(rename = "file")]
    pub path: Option<PathBuf>,
    /// The hash of its bytes, in lower-case hexadecimal.
    pub sha256: Option<String>,
    /// Why it is not here, or why the last attempt to fetch it failed. Written as a sentence.
    #[serde(serialize_with = "as_sentence", deserialize_with = "from_sentence")]
    pub error: Option<MediaError>,
    /// Nobody has asked for it and nobody will: it came before files were fetched, with an import, or is our own link.
    #[serde(skip)]
    pub unasked: bool,
    /// How often a gateway has fetched it by our link.
    #[serde(skip_serializing_if = "is_zero")]
    pub fetches: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference to the field")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// How far a message's file has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaState {
    /// It is fetched, or will be when somebody asks.
    #[default]
    Waiting,
    Here,
    /// It cannot be had any more, unless somebody asks again.
    Failed,
    /// A limit or the guard forbids to fetch it.
    Refused,
}

impl MediaState {
    /// As written in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            MediaState::Waiting => "waiting",
            MediaState::Here => "here",
            MediaState::Failed => "failed",
            MediaState::Refused => "refused",
        }
    }
}

/// The text is not one of the states.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown state of a file")]
pub struct UnknownMediaState;

impl FromStr for MediaState {
    type Err = UnknownMediaState;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [MediaState::Waiting, MediaState::Here, MediaState::Failed, MediaState::Refused];
        all.into_iter().find(|state| state.as_str() == text).ok_or(UnknownMediaState)
    }
}

/// Why a file is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaError {
    pub fault: MediaFault,
    /// What is known beside that: a status, a host, the system's words. May be empty; foreign text.
    pub detail: String,
}

macro_rules! faults {
    ($($variant:ident = $code:literal, $sentence:literal;)*) => {
        /// The reasons for which a file is not here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum MediaFault {
            $($variant,)*
        }

        impl MediaFault {
            /// All reasons, in the order of declaration.
            pub const ALL: &[MediaFault] = &[$(MediaFault::$variant),*];

            /// The name by which it is stored and found in the languages' files.
            pub fn code(self) -> &'static str {
                match self { $(MediaFault::$variant => $code,)* }
            }

            fn sentence(self) -> &'static str {
                match self { $(MediaFault::$variant => $sentence,)* }
            }
        }
    };
}

faults! {
    NoLink = "no_link", "the gateway gave no link to the file";
    BadLink = "bad_link", "the link is none that can be fetched";
    PrivateAddress = "private_address", "the link leads to a private address, which only [media] allow_private permits";
    TooBig = "too_big", "the file is larger than [media] max_mb permits";
    Redirects = "redirects", "the link leads from address to address without end";
    Gone = "gone", "the file is no longer where the link leads";
    Forbidden = "forbidden", "the link is not valid any more, or the key is refused";
    Status = "status", "the server answers with an error";
    Unreachable = "unreachable", "the server cannot be reached";
    Timeout = "timeout", "the server took too long";
    Incomplete = "incomplete", "the connection ended before the file did";
    Empty = "empty", "the file is empty";
    WebPage = "web_page", "the link leads to a web page and not to the file";
    Gateway = "gateway", "the gateway says that it could not get the file";
    Disk = "disk", "the file could not be written here";
}

impl fmt::Display for MediaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = self.fault.sentence();
        if self.detail.is_empty() { f.write_str(sentence) } else { write!(f, "{sentence}: {}", self.detail) }
    }
}

impl MediaError {
    /// A reason without more words.
    pub(crate) fn new(fault: MediaFault) -> Self {
        MediaError { fault, detail: String::new() }
    }

    /// A reason with what is known beside it.
    pub(crate) fn with(fault: MediaFault, detail: impl Into<String>) -> Self {
        MediaError { fault, detail: detail.into() }
    }

    /// A reason by its stored name; one of a later version reads as a failure of the server.
    pub(crate) fn stored(code: &str, detail: String) -> Self {
        let fault = MediaFault::ALL.iter().copied().find(|fault| fault.code() == code);
        MediaError { fault: fault.unwrap_or(MediaFault::Status), detail }
    }
}

#[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
fn as_sentence<S: Serializer>(error: &Option<MediaError>, serializer: S) -> Result<S::Ok, S::Error> {
    error.as_ref().map(ToString::to_string).serialize(serializer)
}

fn from_sentence<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MediaError>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| {
        let known = MediaFault::ALL.iter().find_map(|fault| Some((*fault, text.strip_prefix(fault.sentence())?)));
        match known {
            Some((fault, rest)) => MediaError::with(fault, rest.strip_prefix(": ").unwrap_or_default()),
            None => MediaError::with(MediaFault::Status, text),
        }
    }))
}

impl Media {
    /// Takes over what the bytes of a file that is here say of it.
    pub(crate) fn set_type(&mut self, mime: &str, extension: &str, size: u64) {
        self.name = self.name.as_deref().and_then(|name| display_name(name, extension));
        self.mime = Some(mime.to_owned());
        self.size = Some(size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_as_the_contract_says() {
        let mut media = Media { url: Some("https://a.id/x".into()), ..Media::default() };
        media.file.state = MediaState::Failed;
        media.file.error = Some(MediaError::with(MediaFault::Gone, "404"));
        let json = serde_json::to_value(&media).unwrap();
        let expected = serde_json::json!({"url": "https://a.id/x", "mime": null, "name": null, "size": null,
            "remote_id": null, "state": "failed", "file": null, "sha256": null,
            "error": "the file is no longer where the link leads: 404"});
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_value::<Media>(json).unwrap(), media);
    }

    #[test]
    fn states_and_faults_are_read_as_they_are_written() {
        for state in [MediaState::Waiting, MediaState::Here, MediaState::Failed, MediaState::Refused] {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        for fault in MediaFault::ALL {
            assert_eq!(MediaError::stored(fault.code(), String::new()).fault, *fault);
        }
    }
}
