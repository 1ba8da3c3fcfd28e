//! Putting messages into the outbox.

use super::Client;
use crate::domain::template::fill_places;
use crate::domain::{
    AccountName, Address, Author, AuthorKind, Channel, Content, Conversation, ConversationId, Message, MessageId,
    Objection, Outgoing, Recipient, SendError, StoreError, phone,
};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::clock;
use crate::store::NewMessage;

impl Client {
    /// Puts a message for an existing conversation into the outbox; its draft is deleted in the same transaction.
    pub async fn send(&self, conversation: ConversationId, content: Content) -> Result<Message, SendError> {
        let conversation = self.store().conversation(conversation)?.ok_or(StoreError::NotFound)?;
        let account = self.registry().get(&conversation.account)?;
        let content = self.with_defaults(&conversation.account, content)?;
        let outgoing = outgoing_to(&conversation, content);
        self.check(&account, &outgoing, Some(&conversation))?;
        self.enqueue(&account, outgoing).await
    }

    /// Puts a message for an [`Client::address`] into the outbox; a conversation is begun when there is none.
    pub async fn send_to(&self, address: &Address, content: Content) -> Result<Message, SendError> {
        let account = self.registry().get(&address.account)?;
        let conversation = self.conversation_at(address)?;
        let content = self.with_defaults(&address.account, content)?;
        let outgoing = Outgoing { channel: address.channel, to: address.to.clone(), content };
        self.check(&account, &outgoing, conversation.as_ref())?;
        self.enqueue(&account, outgoing).await
    }

    /// How somebody is written to, and their conversation when there is one. `to` is a phone number in any usual form,
    /// or the gateway's own id, of a group if `group`; without a channel the account's own is used.
    pub fn address(
        &self,
        account: &AccountName,
        channel: Option<Channel>,
        to: &str,
        group: bool,
    ) -> Result<(Address, Option<ConversationId>), SendError> {
        let configured = self.registry().get(account)?;
        let channel = channel.unwrap_or(configured.profile.channel);
        let peer = self.peer(account, channel, to.trim(), group)?;
        let address = Address { account: account.clone(), channel, to: Recipient { peer, group } };
        let conversation = self.conversation_at(&address)?;
        Ok((address, conversation.map(|conversation| conversation.id)))
    }

    /// Puts a failed or unsure message into the outbox again, as a new attempt; sends a queued one now, and ends the pause
    /// of its account. A person must have asked for it.
    pub async fn send_again(&self, message: MessageId) -> Result<Message, StoreError> {
        self.store().send_again(message, clock::now()).await
    }

    /// Takes a waiting message out of the outbox.
    pub async fn cancel(&self, message: MessageId) -> Result<Message, StoreError> {
        self.store().cancel(message).await
    }

    fn conversation_at(&self, address: &Address) -> Result<Option<Conversation>, StoreError> {
        self.store().find_conversation(&address.account, Some(address.channel), &address.to.peer)
    }

    async fn enqueue(&self, account: &ConfiguredAccount, outgoing: Outgoing) -> Result<Message, SendError> {
        let new = NewMessage {
            account: account.name().clone(),
            outgoing,
            author: Author { kind: AuthorKind::Agent, name: self.settings().agent.clone() },
            name: None,
            window: account.profile.window,
        };
        Ok(self.store().enqueue(new, clock::now()).await?)
    }

    fn check(
        &self,
        account: &ConfiguredAccount,
        outgoing: &Outgoing,
        conversation: Option<&Conversation>,
    ) -> Result<(), SendError> {
        let last_customer_message = match conversation {
            Some(conversation) => self.store().last_customer_message(conversation.id)?,
            None => None,
        };
        let window_until = account.capabilities.window.until(last_customer_message);
        let allowed = account.capabilities.allows(outgoing, window_until, clock::now());
        allowed.map_err(SendError::Objection)?;
        // Limits that the table of capabilities lacks (a label's length, for instance) are checked by the dialect.
        let kind = outgoing.content.kind();
        let request = account.provider.send_request(&account.profile, outgoing);
        request.map(drop).map_err(|_| SendError::Objection(Objection::Kind { kind }))
    }

    /// Fills in a template's language and, where the gateway has listed it, how it reads; normalises a card's numbers.
    fn with_defaults(&self, account: &AccountName, mut content: Content) -> Result<Content, StoreError> {
        let settings = self.settings();
        if let Content::Template(template) = &mut content {
            let language = template.language.get_or_insert_with(|| settings.locale.as_str().to_owned());
            if template.text.is_none() {
                let body = self.store().template_body(account, &template.id, language)?;
                template.text = body.map(|body| fill_places(&body, &template.variables));
            }
        }
        if let Content::Card { numbers, .. } = &mut content {
            for number in numbers {
                if let Some(normal) = phone::normalise(number, settings.country) {
                    *number = normal;
                }
            }
        }
        Ok(content)
    }

    /// The recipient as the gateway names it. An id that is no phone number is used on a channel of phone numbers only
    /// when the gateway itself used it before (providers.md A12).
    fn peer(&self, account: &AccountName, channel: Channel, to: &str, group: bool) -> Result<String, SendError> {
        if group {
            return Ok(to.strip_suffix("@g.us").unwrap_or(to).to_owned());
        }
        if !channel.uses_phone_numbers() {
            return Ok(to.to_owned());
        }
        if let Some(number) = phone::normalise(to, self.settings().country) {
            return Ok(number);
        }
        match self.store().find_conversation(account, Some(channel), to)? {
            Some(_) => Ok(to.to_owned()),
            None => Err(SendError::Objection(Objection::Recipient { given: to.to_owned() })),
        }
    }
}

fn outgoing_to(conversation: &Conversation, content: Content) -> Outgoing {
    let to = Recipient { peer: conversation.peer.clone(), group: conversation.group };
    Outgoing { channel: conversation.channel, to, content }
}
