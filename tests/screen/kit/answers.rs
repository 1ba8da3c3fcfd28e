//! Answers effects as the runtime would: the only seam between a scene and the program is `Effect` in, `Msg` out.
//!
//! A scene could run on a real store instead. It does not because scenes need what no store can be made to say: any
//! clock, any account, refusals, gateways that answer at once.

use super::store::{Contents, FakeStore};
use loket::domain::{
    Author, AuthorKind, Cancelled, ChangeKind, Channel, Contact, Content, Conversation, ConversationFilter,
    ConversationId, ConversationRange, Counts, Direction, FoundFile, Group, Kind, Message, MessageId, MessageRange,
    Objection, QueryError, SearchText, SendError, SendOptions, Seq, Status, TakeResult, ViewCount, phone,
};
use loket::tui::{
    Accounts, Address, Changes, Effect, FoundMessages, GatewayCall, Msg, Overview, PAGE, Party, Read, Snapshot, Write,
    WriteKind,
};

/// A conversation with more unread messages than this opens at the first of them.
const MOST_UNREAD: u32 = 300;

/// The answer to an effect; `None` for what no store and no gateway answers.
pub fn answer(store: &FakeStore, effect: Effect) -> Option<Msg> {
    match effect {
        Effect::Read(read) => Some(store.contents().read(read)),
        Effect::Write(write) => Some(perform(store, write)),
        Effect::Gateway(call) => store.contents().call(call),
        // Each of these has many answers, which the screen of the tests gives.
        Effect::Media(_) | Effect::Terminal(_) => None,
    }
}

fn perform(store: &FakeStore, write: Write) -> Msg {
    let (write, result) = match write {
        Write::Send { conversation, content, origin, options } => {
            let result = send(store, conversation, content, options).map(Box::new);
            return Msg::SendDone { conversation, origin, result };
        }
        Write::SendTo { to, content, options } => {
            let result = send_to(store, &to, content, options).map(Box::new);
            return Msg::SendToDone { to, result };
        }
        Write::SendAgain { message } => {
            store.change_message(message, |m| m.status = Status::Queued);
            (WriteKind::SendAgain, Ok(()))
        }
        Write::SendNow { message } => {
            store.change_message(message, |m| m.retry_at = None);
            (WriteKind::SendNow, Ok(()))
        }
        Write::Cancel { message, scheduled } => {
            return Msg::CancelDone { scheduled, result: Ok(Box::new(cancel(store, message))) };
        }
        Write::SaveDraft { conversation, text } => {
            store.change_conversation(conversation, |c| {
                c.draft = Some(text.clone()).filter(|text| !text.is_empty());
            });
            store.contents().drafts.insert(conversation, text);
            (WriteKind::SaveDraft, Ok(()))
        }
        Write::SaveBegunNote { conversation, text } => {
            let notes = &mut store.contents().begun_notes;
            notes.retain(|(id, _)| *id != conversation);
            if !text.is_empty() {
                notes.push((conversation, text));
            }
            (WriteKind::SaveBegunNote, Ok(()))
        }
        Write::SaveQuote { conversation, message } => {
            let quotes = &mut store.contents().quotes;
            quotes.retain(|(id, _)| *id != conversation);
            quotes.extend(message.map(|message| (conversation, message)));
            (WriteKind::SaveQuote, Ok(()))
        }
        Write::MarkSeen { conversation, .. } => {
            store.mark_seen(conversation);
            store.change_conversation(conversation, |_| {});
            (WriteKind::MarkSeen, Ok(()))
        }
        Write::MarkUnread { conversation } => {
            store.change_conversation(conversation, |c| c.unread = c.unread.max(1));
            (WriteKind::MarkUnread, Ok(()))
        }
        Write::SetState { conversation, state, until } => {
            store.change_conversation(conversation, |c| (c.state, c.snoozed_until) = (state, until));
            (WriteKind::SetState(state), Ok(()))
        }
        Write::EditCustomer { conversation, field, value, .. } => {
            store.edit_customer(conversation, field, &value);
            (WriteKind::EditCustomer, Ok(()))
        }
        Write::SaveContact { contact } => {
            let known = store.contents().contacts.iter().find(|known| known.phone == contact.phone).cloned();
            return Msg::ContactSaved { contact, result: Ok(known.and_then(|known| known.name)) };
        }
        Write::Take { conversation } => {
            let holder = store.contents().conversations[&conversation].assignee.clone();
            let result = holder.map_or(TakeResult::Taken, TakeResult::HeldBy);
            if result == TakeResult::Taken {
                store.change_conversation(conversation, |c| c.assignee = Some("Sari".into()));
            }
            return Msg::TakeDone { conversation, result: Ok(result) };
        }
        Write::Assign { conversation, to, from: _ } => {
            let kind = if to.is_some() { WriteKind::Assign } else { WriteKind::Unassign };
            store.change_conversation(conversation, |c| c.assignee = to);
            (kind, Ok(()))
        }
        Write::EditLabels { conversation, add, remove } => {
            store.change_conversation(conversation, |c| {
                c.labels.retain(|label| !remove.contains(label));
                c.labels.extend(add);
                c.labels.sort();
            });
            (WriteKind::EditLabels, Ok(()))
        }
        Write::AskForMedia { message } => {
            let media = store.contents().message(message).and_then(|message| message.media);
            return Msg::MediaAsked(Ok(media.is_some_and(|media| media.url.is_some())));
        }
        Write::SetPresence { .. } => (WriteKind::SetPresence, Ok(())),
        Write::AddNote { conversation, note } => {
            let now = store.contents().now;
            let id = store.add_message(conversation, now, |m| {
                (m.direction, m.kind, m.text) = (Direction::Internal, Kind::Note, note.as_str().to_owned());
                m.author = Author { kind: AuthorKind::Agent, name: "Sari".into() };
            });
            let message = store.contents().message(id).unwrap();
            store.contents().begun_notes.retain(|(id, _)| *id != conversation);
            return Msg::NoteDone { conversation, result: Ok(Box::new(message)) };
        }
    };
    Msg::WriteDone { write, result }
}

fn send(store: &FakeStore, id: ConversationId, content: Content, options: SendOptions) -> Result<Message, SendError> {
    if let Some(refusal) = store.contents().refusal.clone() {
        return Err(refusal);
    }
    let now = store.contents().now;
    let text = match content {
        Content::Text { body } => body,
        Content::Media { link, caption } => format!("{} {}", link.url, caption.unwrap_or_default()),
        Content::Template(t) => format!("{} {}", t.id, t.variables.join(" ")),
        other => format!("{other:?}"),
    };
    let message = match options.at {
        Some(at) => store.schedule(id, at, &text),
        None => store.add_sent(id, now, Status::Queued, &text),
    };
    let mut contents = store.contents();
    contents.drafts.remove(&id);
    if options.quote.is_some() {
        contents.quotes.retain(|(quoting, _)| *quoting != id);
    }
    Ok(contents.message(message).unwrap())
}

/// A scheduled text becomes the draft; everything else fails.
fn cancel(store: &FakeStore, id: MessageId) -> Cancelled {
    let message = store.contents().message(id).unwrap();
    store.change_conversation(message.conversation, |c| c.scheduled_at = None);
    if message.scheduled_at.is_none() || message.kind != Kind::Text {
        store.change_message(id, |m| (m.status, m.scheduled_at) = (Status::Failed, None));
        return Cancelled { message: store.contents().message(id).unwrap(), draft: None };
    }
    store.delete_message(id);
    let text = message.text.strip_prefix("*Sari*\n").unwrap_or(&message.text).to_owned();
    let mut contents = store.contents();
    let written = contents.drafts.get(&message.conversation).filter(|written| !written.is_empty());
    let both = written.map_or_else(|| text.clone(), |written| format!("{text}\n{written}"));
    contents.drafts.insert(message.conversation, both);
    Cancelled { message, draft: Some(text) }
}

fn send_to(store: &FakeStore, to: &Address, content: Content, options: SendOptions) -> Result<Message, SendError> {
    if let Some(refusal) = store.contents().refusal.clone() {
        return Err(refusal);
    }
    let next = store.contents().conversations.keys().map(|id| id.0).max().unwrap_or_default() + 1;
    let id = store.add_conversation(next, "", to.account.as_str(), to.channel);
    store.change_conversation(id, |c| {
        c.peer.clone_from(&to.peer);
        c.group = to.group;
    });
    send(store, id, content, options)
}

impl Contents {
    /// Answers what is asked of this machine's files.
    fn read_files(&self, read: Read) -> Msg {
        match read {
            Read::Folder { path } => {
                let folder = self.folders.get(&path).cloned();
                Msg::FolderRead { path, folder: folder.ok_or_else(|| "no such folder".to_owned()) }
            }
            Read::Files { text } => {
                let unreadable = || Objection::FileUnreadable { detail: "no such file".to_owned() };
                let named = |name: &str| FoundFile {
                    name: name.rsplit('/').next().unwrap_or_default().to_owned(),
                    file: self.files.get(name).cloned().ok_or_else(unreadable),
                };
                Msg::FilesFound { files: text.split(' ').map(named).collect(), text }
            }
            Read::ClipboardPicture => Msg::ClipboardPictureRead(self.clipboard_picture.clone()),
            other => panic!("{other:?}"),
        }
    }

    fn read(&mut self, read: Read) -> Msg {
        match read {
            Read::Overview => Msg::OverviewRead(Box::new(self.overview())),
            Read::Conversations { generation, filter, range, limit } => {
                let key = |c: &Conversation| c.key(filter.order);
                let within = |c: &Conversation| match range {
                    ConversationRange::Top | ConversationRange::Bottom => true,
                    ConversationRange::After(after) => key(c) < after,
                    ConversationRange::Before(before) => key(c) > before,
                };
                let rows = self.conversations.values().filter(|c| filter.shows(c) && within(c));
                let mut rows: Vec<_> = rows.cloned().collect();
                rows.sort_by_key(|c| std::cmp::Reverse(key(c)));
                if matches!(range, ConversationRange::Before(_) | ConversationRange::Bottom) {
                    rows.drain(..rows.len().saturating_sub(limit));
                }
                rows.truncate(limit);
                self.rows_read += rows.len();
                Msg::ConversationsRead { generation, range, limit, rows: Ok(rows) }
            }
            Read::Changes { after, open } => Msg::ChangesRead(Ok(Box::new(self.changes(after, open)))),
            Read::Conversation { conversation, at } => {
                let snapshot = Ok(self.snapshot(conversation, at).map(Box::new));
                Msg::ConversationRead { conversation, snapshot }
            }
            Read::Messages { conversation, window, limit } => {
                let messages = Ok(self.page(conversation, window, limit));
                Msg::MessagesRead { conversation, window, limit, messages }
            }
            Read::NextWaiting { open } => {
                let others = || self.conversations.values().filter(|c| Some(c.id) != open);
                let unread = others().filter(|c| c.unread > 0).min_by_key(|c| c.waiting_since);
                let waiting = || others().filter(|c| c.is_waiting()).min_by_key(|c| c.waiting_since);
                Msg::NextWaitingFound(Ok(unread.or_else(waiting).map(|c| c.id)))
            }
            Read::FindConversations { question, text } => self.find_conversations(question, &text),
            Read::SearchMessages { question, filter } => {
                let mut asked = ConversationFilter { text: None, ..*filter.clone() };
                asked.order = ConversationFilter::default().order;
                let all = self.messages.values().flatten();
                let fits = |m: &&Message| {
                    asked.shows(&self.conversations[&m.conversation])
                        && filter.text.as_ref().is_none_or(|text| text.is_in(&m.text))
                };
                let mut found: Vec<_> = all.filter(fits).cloned().collect();
                found.sort_by_key(|m| std::cmp::Reverse(m.order));
                let with = |m: Message| (m.clone(), self.conversations.get(&m.conversation).cloned());
                let messages = found.into_iter().map(with).collect();
                Msg::MessagesFound {
                    question,
                    found: Ok(FoundMessages { messages, unindexed: self.unindexed, cut: false }),
                }
            }
            Read::FindContacts { question, text, .. } => {
                let part = text.to_lowercase();
                let holds = |text: &Option<String>| text.as_ref().is_some_and(|t| t.to_lowercase().contains(&part));
                let found = self.contacts.iter().filter(|c| holds(&c.name) || holds(&c.phone)).cloned().collect();
                Msg::ContactsFound { question, found: Ok(found) }
            }
            Read::FindAddress { account, to, group } => {
                let given = || SendError::Objection(Objection::Recipient { given: to.clone() });
                let peer = if group { Some(to.clone()) } else { phone::normalise(&to, phone::INDONESIA) };
                let found = peer.ok_or_else(given).map(|peer| {
                    let known = self.conversations.values().find(|c| c.account == account && c.peer == peer);
                    let channel = Channel::WhatsApp;
                    let known = known.map(|c| c.id);
                    (Address { account: account.clone(), channel, peer, group, name: String::new() }, known)
                });
                Msg::AddressFound { account, party: Party { to, group }, found }
            }
            Read::CountViews { question, filters } => {
                let count = |f: &ConversationFilter| self.conversations.values().filter(|c| f.shows(c)).count();
                let counts = filters.iter().map(|f| ViewCount { count: count(f), more: false }).collect();
                Msg::ViewsCounted { question, counts }
            }
            Read::Labels => {
                let all = self.conversations.values().flat_map(|c| c.labels.clone());
                Msg::LabelsRead(all.collect::<std::collections::BTreeSet<_>>().into_iter().collect())
            }
            Read::Agents => Msg::AgentsRead(self.conversations.values().filter_map(|c| c.assignee.clone()).collect()),
            Read::Customer { conversation } => {
                Msg::CustomerRead { conversation, customer: Ok(self.customer(conversation).map(Box::new)) }
            }
            Read::ReplyFields { conversation } => {
                let peer = self.conversations.get(&conversation).map(|c| c.peer.clone());
                let contact = self.contacts.iter().find(|contact| contact.phone == peer);
                let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
                let fields =
                    contact.into_iter().flat_map(|c| &c.custom_fields).map(|(name, v)| (name.clone(), text(v)));
                Msg::ReplyFieldsRead { conversation, fields: Ok(fields.collect()) }
            }
            Read::Unmatched { message } => Msg::UnmatchedRead { message, reports: Ok(self.unmatched.clone()) },
            Read::Begun => {
                let quotes = self.quotes.iter().filter_map(|(id, message)| Some((*id, self.message(*message)?)));
                Msg::BegunRead { notes: self.begun_notes.clone(), quotes: quotes.collect() }
            }
            Read::Folder { .. } | Read::Files { .. } | Read::ClipboardPicture => self.read_files(read),
            Read::QuitStatus => Msg::QuitStatusRead(Ok(self.quit)),
            Read::SetupOptions => Msg::SetupOptionsRead(None),
        }
    }

    fn find_conversations(&self, question: u64, text: &str) -> Msg {
        let text = Some(SearchText::new(text, phone::INDONESIA));
        let filter = ConversationFilter { text, ..ConversationFilter::default() };
        let mut found: Vec<_> = self.conversations.values().filter(|c| filter.shows(c)).cloned().collect();
        found.sort_by_key(|c| std::cmp::Reverse(c.key(filter.order)));
        let is_found = |c: &&Contact| {
            [&c.name, &c.phone].into_iter().flatten().any(|part| filter.text.as_ref().unwrap().matches(part))
        };
        let mut contacts: Vec<_> = self.contacts.iter().filter(is_found).cloned().collect();
        for contact in &mut contacts {
            contact.account.get_or_insert_with(|| self.accounts[0].account.name.clone());
        }
        Msg::ConversationsFound { question, found, contacts }
    }

    fn call(&self, call: GatewayCall) -> Option<Msg> {
        match call {
            GatewayCall::Templates { account } => {
                Some(Msg::TemplatesRead { account, templates: self.templates.clone() })
            }
            GatewayCall::Groups { account } => {
                let (id, name) = ("120363041234567890".into(), "Reseller".into());
                let groups = Ok(vec![Group { account: account.clone(), id, name, last_at: None }]);
                Some(Msg::GroupsRead { account, groups })
            }
            GatewayCall::CheckNumber { account, phone } => {
                let result = match phone.as_str() {
                    "6281200000000" => Err(QueryError::Unsupported),
                    phone => Ok(!phone.ends_with('9')),
                };
                Some(Msg::NumberChecked { account, phone, result })
            }
            GatewayCall::AddAccount(_) | GatewayCall::BeginLogin { .. } | GatewayCall::ContinueLogin => None,
        }
    }

    fn overview(&self) -> Overview {
        let rows = || self.conversations.values();
        let count = |n: usize| u64::try_from(n).unwrap();
        Overview {
            accounts: Some(Accounts { usable: self.accounts.clone(), invalid: Vec::new() }),
            counts: Some(Counts {
                unread_messages: rows().map(|c| u64::from(c.unread)).sum(),
                unread_conversations: count(rows().filter(|c| c.unread > 0).count()),
                waiting: count(rows().filter(|c| c.is_waiting()).count()),
                total: count(rows().count()),
            }),
            process: self.process.clone(),
        }
    }

    fn changes(&self, after: Seq, open: Option<ConversationId>) -> Changes {
        let changes: Vec<_> = self.changes.iter().filter(|c| c.seq > after).collect();
        let is_changed = |c: &&Conversation| changes.iter().any(|change| Contents::concerns(change) == c.id);
        let conversations = self.conversations.values().filter(is_changed);
        let messages = open.and_then(|id| self.messages.get(&id)).into_iter().flatten();
        let messages = messages.filter(|m| changes.iter().any(|change| Contents::is_about(change, m.id)));
        Changes {
            upto: changes.last().map_or(after, |c| c.seq),
            more: false,
            everything: false,
            conversations: conversations.cloned().collect(),
            gone: changes
                .iter()
                .map(|change| Contents::concerns(change))
                .filter(|id| !self.conversations.contains_key(id))
                .collect(),
            messages: messages.cloned().collect(),
            gone_messages: changes
                .iter()
                .filter_map(|change| match change.kind {
                    ChangeKind::MessageChanged { message, .. } => Some(message),
                    _ => None,
                })
                .filter(|id| self.message(*id).is_none())
                .collect(),
            overview: self.overview(),
        }
    }

    fn page(&self, id: ConversationId, window: MessageRange, limit: usize) -> Vec<Message> {
        let all = self.messages.get(&id).cloned().unwrap_or_default();
        let tail = |rows: Vec<Message>| rows[rows.len().saturating_sub(limit)..].to_vec();
        match window {
            MessageRange::Newest => tail(all),
            MessageRange::Before(key) => tail(all.into_iter().filter(|m| m.order < key).collect()),
            MessageRange::After(key) => all.into_iter().filter(|m| m.order > key).take(limit).collect(),
        }
    }

    fn snapshot(&self, id: ConversationId, at: Option<MessageId>) -> Option<Snapshot> {
        let conversation = self.conversations.get(&id)?.clone();
        let first_unread = self.first_unread.get(&id).copied();
        let unread = conversation.unread;
        let target = match at {
            Some(at) => self.message(at).map(|m| m.order),
            None => first_unread.filter(|_| unread > MOST_UNREAD),
        };
        let (messages, older, newer) = if let Some(key) = target {
            let mut messages = self.page(id, MessageRange::Before(key), PAGE / 2);
            let older = messages.len() >= PAGE / 2;
            messages.extend(self.message(key.id));
            let after = self.page(id, MessageRange::After(key), PAGE);
            let newer = after.len() >= PAGE;
            messages.extend(after);
            (messages, older, newer)
        } else {
            let limit = PAGE.max(usize::try_from(unread).unwrap() + PAGE / 3);
            let messages = self.page(id, MessageRange::Newest, limit);
            let older = messages.len() >= limit;
            (messages, older, false)
        };
        let draft = self.drafts.get(&id).cloned().unwrap_or_default();
        Some(Snapshot { conversation, first_unread, messages, older, newer, draft, at })
    }

    fn message(&self, id: MessageId) -> Option<Message> {
        self.messages.values().flatten().find(|m| m.id == id).cloned()
    }
}
