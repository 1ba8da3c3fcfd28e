//! The people behind conversations.

use super::Client;
use crate::domain::{ConversationId, Customer, CustomerField, StoreError, find_links};

impl Client {
    /// What is known of the person behind a conversation; `None` when there is no such conversation.
    pub fn customer(&self, id: ConversationId) -> Result<Option<Customer>, StoreError> {
        let settings = self.settings();
        let orders = |text: &str| settings.customer.orders.iter().flat_map(|pattern| pattern.find(text)).collect();
        let links = |text: &str| find_links(text).into_iter().map(str::to_owned).collect();
        self.store().customer(id, &orders, &links)
    }

    /// Sets a field of a person's entry in the address book, in the store only: no gateway has a request for it. An empty
    /// value deletes the field.
    pub async fn edit_customer(&self, id: ConversationId, field: CustomerField, value: &str) -> Result<(), StoreError> {
        self.store().edit_customer(id, field, value, self.actor(), self.now()).await
    }
}
