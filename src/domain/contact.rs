//! What gateways know apart from messages: contacts, groups, templates, numbers. Their JSON is the contract's.
use super::{AccountName, MediaKind, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A contact in a gateway's address book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    #[serde(skip_deserializing, default = "no_account")]
    pub account: Option<AccountName>,
    pub remote_id: Option<String>,
    /// Digits with the country code, without `+`.
    pub phone: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub tags: Vec<String>,
    /// Custom attributes; strings, numbers and booleans keep their type.
    pub custom_fields: Map<String, Value>,
}

fn no_account() -> Option<AccountName> {
    None
}

/// One page of a gateway's address book.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactPage {
    pub contacts: Vec<Contact>,
    /// The number of contacts on all pages, if the gateway reports it.
    pub total: Option<u64>,
    pub has_more: bool,
}

/// A group that an account's phone belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    pub account: AccountName,
    pub id: String,
    pub name: String,
    /// The time of its latest message.
    pub last_at: Option<Timestamp>,
}

/// A message template registered at the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Template {
    pub account: AccountName,
    /// The name (or dashboard id) by which it is sent.
    pub name: String,
    pub language: String,
    /// The approval status, in the gateway's terms.
    pub status: String,
    /// The body text with its `{{1}}` placeholders; empty if the gateway does not provide it.
    pub body: String,
    #[serde(skip)]
    pub parts: TemplateParts,
}

/// What a template has besides its body, as far as the gateway lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateParts {
    /// The text above the body; may be empty.
    pub header_text: String,
    /// The kind of media above the body, which is given with each use.
    pub header_media: Option<MediaKind>,
    /// Small text under the body; may be empty.
    pub footer: String,
    /// The titles of its buttons.
    pub buttons: Vec<String>,
}

/// The result of checking whether a number is on WhatsApp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NumberCheck {
    pub account: AccountName,
    /// Digits with the country code.
    pub phone: String,
    pub registered: bool,
}
