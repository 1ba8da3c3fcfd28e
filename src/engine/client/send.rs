//! Putting messages into the outbox.

use super::Client;
use crate::domain::template::fill_places;
use crate::domain::{
    AccountName, Address, Author, AuthorKind, Cancelled, Channel, Content, Conversation, ConversationId, Message,
    MessageId, Objection, Outgoing, Quote, Recipient, SendError, SendOptions, StoreError, Timestamp, phone,
};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::clock;
use crate::store::{NewMessage, StagedFile};
use std::time::Duration;

/// How long another agent's answer makes sending a question.
const JUST_ANSWERED: Duration = Duration::from_secs(60);

impl Client {
    /// Puts a message for an existing conversation into the outbox, or schedules it; the agent's draft there is deleted in
    /// the same transaction.
    pub async fn send(
        &self,
        conversation: ConversationId,
        mut content: Content,
        options: SendOptions,
    ) -> Result<Message, SendError> {
        let file = self.take_file(&mut content).await?;
        let conversation = self.store().conversation(conversation)?.ok_or(StoreError::NotFound)?;
        let account = self.registry().get(&conversation.account)?;
        let content = self.with_agent(conversation.channel, self.with_defaults(&conversation.account, content)?);
        let quote = self.quote(options)?;
        let outgoing = Outgoing { quote, ..outgoing_to(&conversation, content) };
        self.check(&account, &outgoing, Some(&conversation), options)?;
        self.enqueue(&account, outgoing, file, options).await
    }

    /// Puts a message for an [`Client::address`] into the outbox, or schedules it; a conversation is begun when there is
    /// none.
    pub async fn send_to(
        &self,
        address: &Address,
        mut content: Content,
        options: SendOptions,
    ) -> Result<Message, SendError> {
        let file = self.take_file(&mut content).await?;
        self.send_file_to(address, content, file, options).await
    }

    /// The same with the file that `content` refers to, as [`Client::read_file`] gives both.
    pub(crate) async fn send_file_to(
        &self,
        address: &Address,
        content: Content,
        file: Option<StagedFile>,
        options: SendOptions,
    ) -> Result<Message, SendError> {
        let account = self.registry().get(&address.account)?;
        let conversation = self.conversation_at(address)?;
        let content = self.with_agent(address.channel, self.with_defaults(&address.account, content)?);
        let outgoing = Outgoing { channel: address.channel, to: address.to.clone(), content, quote: None };
        self.check(&account, &outgoing, conversation.as_ref(), options)?;
        self.enqueue(&account, outgoing, file, options).await
    }

    /// The content with the agent's name on top, where the configuration wants it and there is a text.
    fn with_agent(&self, channel: Channel, content: Content) -> Content {
        if self.settings().agent_prefix { content.with_agent(&self.agent(), channel) } else { content }
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

    /// Takes a message back that waits in the outbox or for its time; a scheduled text is the agent's draft again.
    pub async fn cancel(&self, message: MessageId) -> Result<Cancelled, StoreError> {
        self.store().cancel(message, &self.agent(), clock::now()).await
    }

    /// The message that a new one answers or reacts to. Without an id of the gateway it cannot be named there.
    fn quote(&self, options: SendOptions) -> Result<Option<Quote>, SendError> {
        let Some(message) = options.quote else { return Ok(None) };
        let quote = self.store().quote(message)?;
        quote.map(Some).ok_or(SendError::Objection(Objection::Quotes))
    }

    fn conversation_at(&self, address: &Address) -> Result<Option<Conversation>, StoreError> {
        self.store().find_conversation(&address.account, Some(address.channel), &address.to.peer)
    }

    async fn enqueue(
        &self,
        account: &ConfiguredAccount,
        outgoing: Outgoing,
        file: Option<StagedFile>,
        options: SendOptions,
    ) -> Result<Message, SendError> {
        let new = NewMessage {
            account: account.name().clone(),
            outgoing,
            author: Author { kind: AuthorKind::Agent, name: self.agent() },
            name: None,
            window: account.profile.window,
            options,
        };
        Ok(self.store().enqueue_with_file(new, file, clock::now()).await?)
    }

    fn check(
        &self,
        account: &ConfiguredAccount,
        outgoing: &Outgoing,
        conversation: Option<&Conversation>,
        options: SendOptions,
    ) -> Result<(), SendError> {
        let now = clock::now();
        let last_customer_message = match conversation {
            Some(conversation) => self.store().last_customer_message(conversation.id)?,
            None => None,
        };
        let window_until = account.capabilities.window.until(last_customer_message);
        let allowed = account.capabilities.allows(outgoing, window_until, options.at.unwrap_or(now));
        match (allowed, options.at) {
            (Err(Objection::WindowClosed { .. }), _) if options.ignore_window => {}
            (Err(Objection::WindowClosed { since: Some(until) }), Some(_)) if until > now => {
                return Err(SendError::Objection(Objection::WindowClosesBefore { until }));
            }
            (allowed, _) => allowed.map_err(SendError::Objection)?,
        }
        if options.at.is_some_and(|at| at <= now) {
            return Err(SendError::Objection(Objection::TimePassed));
        }
        // Limits that the table of capabilities lacks (a label's length, for instance) are checked by the dialect.
        let kind = outgoing.content.kind();
        let request = account.provider.send_request(&account.profile, outgoing);
        request.map(drop).map_err(|_| SendError::Objection(Objection::Kind { kind }))?;
        match conversation {
            Some(conversation) if !options.ignore_answer && options.at.is_none() => {
                self.check_last_answer(conversation.id, now)
            }
            _ => Ok(()),
        }
    }

    /// Fails where another agent has answered a moment ago: two answers to one question confuse the customer.
    fn check_last_answer(&self, conversation: ConversationId, now: Timestamp) -> Result<(), SendError> {
        match self.store().last_answer(conversation)? {
            Some((by, at)) if by != self.agent() && now.since(at) < JUST_ANSWERED && at <= now => {
                Err(SendError::Objection(Objection::JustAnswered { by, at }))
            }
            _ => Ok(()),
        }
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
    Outgoing { channel: conversation.channel, to, content, quote: None }
}
