//! What several account commands print on standard error beside an account.
use super::{Exit, print};
use crate::config::AccountSettings;
use crate::engine::Client;
use crate::engine::client::AccountDetails;

/// An account of the configuration; why it cannot be used goes to standard error.
pub(super) fn details(client: &Client, settings: &AccountSettings) -> Result<AccountDetails, Exit> {
    let details = client.account_details(settings)?;
    if let Some(error) = &details.error {
        print::stderr_line(&error.to_string());
    }
    Ok(details)
}

/// A hint when a webhook URL is one of this machine only.
pub(super) fn hint_unreachable(reachable: bool) {
    if !reachable {
        print::stderr_line(
            "public_url is not set under [listener]: gateways reach this address only on this machine; \
             the README tells how a gateway reaches a laptop",
        );
    }
}
