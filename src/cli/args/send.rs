//! The flags of `loket send`: one message of any kind.
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::domain::Channel;
use crate::domain::outgoing::MediaKind;

/// The arguments of `loket send`.
#[derive(Debug, Args)]
pub struct Send {
    /// The account's name in the configuration.
    #[arg(long)]
    pub account: String,
    /// A phone number in any usual form, or the gateway's own id.
    #[arg(long, value_name = "PEER", required_unless_present = "to_group", conflicts_with = "to_group")]
    pub to: Option<String>,
    /// The id of the group that gets the message.
    #[arg(long, value_name = "ID")]
    pub(crate) to_group: Option<String>,
    /// The channel (default: the account's).
    #[arg(long)]
    pub channel: Option<Channel>,
    /// The text, or the caption of media or a location.
    #[arg(long)]
    pub text: Option<String>,
    /// A picture, video, sound or document by its public URL.
    #[arg(long, value_name = "URL")]
    pub media_url: Option<String>,
    /// A picture, video, sound or document of this machine; with --template, its header.
    #[arg(long, value_name = "PATH", conflicts_with = "media_url")]
    pub file: Option<PathBuf>,
    /// What the media is (default: by its ending).
    #[arg(long, value_enum)]
    pub kind: Option<Kind>,
    /// A place on the map: latitude and longitude in degrees.
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub location: Option<String>,
    /// A contact card: the person's name.
    #[arg(long, value_name = "NAME", requires = "card_number")]
    pub card: Option<String>,
    /// A number on the contact card; may be repeated.
    #[arg(long, value_name = "N", requires = "card")]
    pub(crate) card_number: Vec<String>,
    /// A template by name, or by the dashboard's id.
    #[arg(long, value_name = "NAME_OR_ID")]
    pub template: Option<String>,
    /// The language of the template (default: the configured language).
    #[arg(long, requires = "template")]
    pub lang: Option<String>,
    /// Fills the template's next place; may be repeated.
    #[arg(long = "var", value_name = "V", requires = "template", allow_hyphen_values = true)]
    pub(crate) vars: Vec<String>,
    /// A picture in the template's header.
    #[arg(long, value_name = "URL", requires = "template", conflicts_with_all = ["header_video", "header_document"])]
    pub header_image: Option<String>,
    /// A video in the template's header.
    #[arg(long, value_name = "URL", requires = "template", conflicts_with = "header_document")]
    pub(crate) header_video: Option<String>,
    /// A document in the template's header.
    #[arg(long, value_name = "URL", requires = "template")]
    pub(crate) header_document: Option<String>,
    /// Payload of the template's next quick-reply button; may be repeated.
    #[arg(long = "payload", value_name = "P", requires = "template", allow_hyphen_values = true)]
    pub payloads: Vec<String>,
    /// A button: 'reply|ID|TITLE', 'url|URL|TITLE' or 'copy|CODE|TITLE'; may be repeated.
    #[arg(long = "button", value_name = "BUTTON", requires = "text")]
    pub buttons: Vec<String>,
    /// A list menu: what stands on the button that opens it.
    #[arg(long, value_name = "LABEL", requires_all = ["text", "rows"])]
    pub(crate) list_button: Option<String>,
    /// A row of the list menu: 'SECTION|ID|TITLE|DESCRIPTION'; may be repeated.
    #[arg(long = "row", value_name = "ROW", requires = "list_button")]
    pub rows: Vec<String>,
    /// Heading above buttons or a list.
    #[arg(long)]
    pub title: Option<String>,
    /// Small text below buttons or a list.
    #[arg(long)]
    pub footer: Option<String>,
    /// Send whatever the 24-hour window, to somebody who never wrote, and although somebody has just answered.
    #[arg(long)]
    pub anyway: bool,
    /// Send it later: `2h`, `tomorrow`, `2026-11-30 08:00`. An engine must run then.
    #[arg(long, value_name = "UNTIL")]
    pub at: Option<String>,
    /// How long to wait for the gateway's answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub wait: u64,
}

/// Media kinds on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A picture, shown in the conversation.
    Image,
    /// A video, played in the conversation.
    Video,
    /// A sound, played in the conversation.
    Audio,
    /// A file of any type, to download.
    Document,
}

impl From<Kind> for MediaKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Image => MediaKind::Image,
            Kind::Video => MediaKind::Video,
            Kind::Audio => MediaKind::Audio,
            Kind::Document => MediaKind::Document,
        }
    }
}
