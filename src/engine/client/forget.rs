//! Forgetting a customer.

use super::Client;
use crate::domain::{AccountName, StoreError, phone};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::forget::{ForgetError, Forgotten, forget};
use crate::store::Person;

impl Client {
    /// The person or group that a phone number in any usual form, or an id as the gateway writes it, names. Blocks.
    pub(crate) fn find_person(&self, account: &AccountName, peer: &str) -> Result<Option<Person>, StoreError> {
        let mut ids = vec![peer.trim().to_owned()];
        ids.extend(phone::normalise(peer, self.settings().country));
        self.store().find_person(account, &ids)
    }

    /// Deletes everything about a person for good, beside a running engine too. Blocks.
    pub(crate) fn forget(&self, person: &Person) -> Result<Forgotten, ForgetError> {
        let settings = self.settings();
        let account = settings.accounts.iter().find(|account| account.name == person.account);
        // Its secrets are not needed to read events.
        let account = account.and_then(|account| ConfiguredAccount::without_secrets(account).ok());
        forget(self.store(), person, account, settings.country)
    }
}
