//! Queries to gateways. May take as long as the network and the account's rate limit.

use super::Client;
use crate::domain::{AccountError, AccountName, Group, QueryError, SessionState, Template};
use crate::engine::accounts::health;
use crate::engine::accounts::key_check::{KeyCheck, check_key};
use crate::engine::outbound::query::{failure_of, query, unexpected_response};
use crate::providers::{LoginState, Method, Query, QueryResponse, Request};

/// The most pages of templates that are read.
const TEMPLATE_PAGES: u32 = 100;

impl Client {
    /// All templates of an account. They are kept, so that messages made of them read as the customer reads them.
    pub async fn templates(&self, account: &AccountName) -> Result<Vec<Template>, QueryError> {
        let mut all = Vec::new();
        for page in 1..=TEMPLATE_PAGES {
            let QueryResponse::Templates(templates, more) = self.query(account, &Query::Templates { page }).await?
            else {
                return Err(unexpected_response());
            };
            all.extend(templates);
            if !more {
                break;
            }
        }
        self.store().save_templates(account, all.clone()).await?;
        Ok(all)
    }

    /// The groups of an account's phone.
    pub async fn groups(&self, account: &AccountName) -> Result<Vec<Group>, QueryError> {
        match self.query(account, &Query::Groups).await? {
            QueryResponse::Groups(groups) => Ok(groups),
            _ => Err(unexpected_response()),
        }
    }

    /// Whether a number (digits with country code) is on WhatsApp.
    pub async fn check_number(&self, account: &AccountName, phone: &str) -> Result<bool, QueryError> {
        match self.query(account, &Query::CheckNumber(phone.to_owned())).await? {
            QueryResponse::Registered(registered) => Ok(registered),
            _ => Err(unexpected_response()),
        }
    }

    /// The state of the login of an account's WhatsApp session. A connected one is recorded in the account's state.
    /// `engine::accounts::login::Login` says when to poll.
    pub async fn login(&self, account: &AccountName) -> Result<LoginState, QueryError> {
        let QueryResponse::Login(state) = self.query(account, &Query::Login).await? else {
            return Err(unexpected_response());
        };
        if let LoginState::Connected { number, .. } = &state {
            let detail = number.as_deref().unwrap_or_default();
            health::observe(self.store(), account, SessionState::Connected, detail).await;
        }
        Ok(state)
    }

    /// Whether the gateway accepts the key of a configured account. Nothing is written.
    pub(crate) async fn check_key(&self, account: &AccountName) -> Result<KeyCheck, AccountError> {
        Ok(check_key(self.http(), Some(self.store()), &*self.registry().get(account)?).await)
    }

    /// The HTTP status of a GET request to one of our own listener's URLs. The error is for people.
    pub(crate) async fn get_status(&self, url: String) -> Result<u16, String> {
        self.http_status(&Request::bare(Method::Get, url)).await
    }

    /// The HTTP status of a request without a body to a webhook URL, which proves that it leads to an account and stores
    /// nothing. The error is for people.
    pub(crate) async fn ping_webhook(&self, url: String) -> Result<u16, String> {
        self.http_status(&Request::bare(Method::Post, url)).await
    }

    async fn http_status(&self, request: &Request) -> Result<u16, String> {
        let response = self.http().send(request).await.map_err(|error| failure_of(&error).message)?;
        Ok(response.status)
    }

    /// Whether the gateway accepts the key of a configured account. The answer is recorded in the account's state.
    pub(crate) async fn check_account(&self, account: &AccountName) -> Result<KeyCheck, AccountError> {
        let check = self.check_key(account).await?;
        match &check {
            KeyCheck::Accepted { .. } => health::observe_answer(self.store(), account).await,
            KeyCheck::Refused(failure) => {
                health::observe(self.store(), account, SessionState::KeyRefused, &failure.message).await;
            }
            KeyCheck::Unsupported | KeyCheck::Failed(_) => {}
        }
        Ok(check)
    }

    pub(super) async fn query(&self, account: &AccountName, request: &Query) -> Result<QueryResponse, QueryError> {
        let account = self.registry().get(account)?;
        Ok(query(self.http(), Some(self.store()), &account, request).await?.response)
    }
}
