//! Questions that a gateway's API can answer, and its answers.

use std::time::Duration;

use crate::domain::contact::ContactPage;
use crate::domain::{Contact, Failure, Group, Template};

/// A request to a gateway that sends no message.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// A page of the gateway's contacts.
    Contacts {
        /// The number of the page, counted from 1.
        page: u32,
        /// How many contacts a page has, at most 100.
        per_page: u32,
        /// Only contacts whose name, number or e-mail contains this.
        search: Option<String>,
    },
    /// Creates a contact at the gateway.
    CreateContact(Box<Contact>),
    Templates {
        /// Counted from 1; ignored by gateways that return all templates at once.
        page: u32,
    },
    /// The groups of which the phone is a member.
    Groups,
    /// Whether a number (digits with country code) is on WhatsApp.
    CheckNumber(String),
    /// The login QR, or that the session is connected.
    Login,
    /// A request without consequences that proves the key.
    Probe,
}

/// The answer to a [`Query`], one variant for each kind of query.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryResponse {
    Contacts(ContactPage),
    /// `CreateContact`: the contact as the gateway stored it.
    Created(Box<Contact>),
    /// `CreateContact`: the gateway has a contact with this number already.
    Exists,
    /// The templates, and whether another page follows.
    Templates(Vec<Template>, bool),
    Groups(Vec<Group>),
    /// `CheckNumber`: whether the number is on WhatsApp.
    Registered(bool),
    Login(LoginState),
    /// `Probe`: the key was accepted.
    Alive,
}

/// The state of a session's login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginState {
    /// Logged in, with the phone's number and name where the gateway returns them.
    Connected { number: Option<String>, name: Option<String> },
    /// The raw text of the QR code to scan.
    Code(String),
    /// There is no code yet; ask again.
    NotReady,
}

/// Why a query has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", failure.code, failure.message)]
pub struct QueryFailure {
    pub failure: Failure,
    /// The wait that the gateway asks for.
    pub retry_after: Option<Duration>,
    /// The query may be repeated without asking a person (429).
    pub later: bool,
}

impl QueryFailure {
    /// The response was a success, but not in the documented form.
    pub fn unreadable() -> Self {
        Failure::new("unreadable", "").into()
    }
}

impl From<Failure> for QueryFailure {
    fn from(failure: Failure) -> Self {
        QueryFailure { failure, retry_after: None, later: false }
    }
}
