//! What gateways know beside messages: contacts, groups, templates, numbers. The JSON is the contract's.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{AccountName, Timestamp};

/// A contact of a gateway's address book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// The account whose address book it is.
    #[serde(skip_deserializing, default = "no_account")]
    pub account: Option<AccountName>,
    /// The gateway's id.
    pub remote_id: Option<String>,
    /// Digits with country code, no `+`.
    pub phone: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Free attributes of primitive type, types kept.
    pub custom_fields: Map<String, Value>,
}

fn no_account() -> Option<AccountName> {
    None
}

/// A page of a gateway's address book.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactPage {
    /// The page's contacts.
    pub contacts: Vec<Contact>,
    /// How many there are in all, when the gateway says so.
    pub total: Option<u64>,
    /// Whether another page follows.
    pub has_more: bool,
}

/// A group that an account's phone belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The account.
    pub account: AccountName,
    /// The gateway's id.
    pub id: String,
    /// The group's name.
    pub name: String,
    /// Its newest message's time.
    pub last_at: Option<Timestamp>,
}

/// A message template that the gateway knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Template {
    /// The account.
    pub account: AccountName,
    /// Name (or dashboard id) by which it is sent.
    pub name: String,
    /// Language code.
    pub language: String,
    /// Approval status as the gateway says it.
    pub status: String,
    /// Body text with its `{{1}}` places; empty when the gateway does not say.
    pub body: String,
}

/// Whether a number is on WhatsApp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NumberCheck {
    /// The account that asked.
    pub account: AccountName,
    /// The number, digits with country code.
    pub phone: String,
    /// On WhatsApp or not.
    pub registered: bool,
}
