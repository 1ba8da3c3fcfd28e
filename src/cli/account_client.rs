//! What the commands that name an account have in common: the engine's client, the account, and what its errors mean.
use super::{Context, Exit, wording};
use crate::domain::{AccountName, AccountStatus, Failure, QueryError, Status};
use crate::engine::Client;

/// A client whose accounts are ready, and the account that a command names.
pub(super) struct AccountClient<'a> {
    context: &'a Context,
    pub(super) client: Client,
    pub(super) status: AccountStatus,
    runtime: tokio::runtime::Runtime,
}

impl<'a> AccountClient<'a> {
    pub(super) fn open(context: &'a Context, account: &str) -> Result<Self, Exit> {
        let name = &context.settings.account(account)?.name;
        let client = context.client_with_accounts()?;
        let status = client.account(name).map_err(|error| match error {
            QueryError::Store(error) => Exit::from(error),
            error => Exit::wrong(error.to_string()),
        })?;
        Ok(AccountClient { context, client, status, runtime: super::runtime()? })
    }

    pub(super) fn name(&self) -> &AccountName {
        &self.status.account.name
    }

    /// The gateway's own name.
    pub(super) fn gateway(&self) -> &'static str {
        self.status.provider_name
    }

    pub(super) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Runs a query. What the gateway has no request for is wrong usage, any other failure the gateway's.
    pub(super) fn query<T>(&self, query: impl Future<Output = Result<T, QueryError>>) -> Result<T, Exit> {
        self.block_on(query).map_err(|error| self.exit(error))
    }

    pub(super) fn exit(&self, error: QueryError) -> Exit {
        match error {
            QueryError::Unsupported => Exit::wrong(format!(
                "account \"{}\": {} has no request for this over its API",
                self.name(),
                self.gateway()
            )),
            QueryError::Failed(failure) => self.failed(&failure),
            QueryError::Account(error) => Exit::wrong(error.to_string()),
            QueryError::Store(error) => error.into(),
        }
    }

    pub(super) fn failed(&self, failure: &Failure) -> Exit {
        let text = wording::failure(self.context.locale(), Some(failure), Status::Failed);
        Exit::failed(format!("account \"{}\": {text}", self.name()))
    }
}
