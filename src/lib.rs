//! Loket: a terminal inbox in which customer-service people read and answer customers' WhatsApp, Telegram,
//! Instagram and Messenger chats. This page is the project's map.
//!
//! ```text
//!  gateway ──webhook──▶ listener ──▶ engine ──▶ store ──change──▶ tui
//!  gateway ◀──request── sender ◀── outbox ◀── engine ◀──effect── tui
//! ```
//!
//! The engine is a process of its own: `loket serve`, or the one that the first screen starts and that ends with the last
//! one. A screen is always beside an engine; only `loket demo` holds both. The store is the only thing they share: what is
//! not in it did not happen.
//!
//! # Layers
//!
//! A module uses the layers under it, never one above or beside it, and no two files import each other; `tests/layers`
//! fails on any other edge.
//!
//! | layer | module | may use | what it is |
//! |---|---|---|---|
//! | 0 | [`text`] | | cleaning, widths, wrapping, relative times; not a word of the inbox |
//! | 0 | `files` | | files and directories for their owner only; everything that is written is made there |
//! | 0 | `decoders` | | bytes of files become pictures, waveforms, page counts; limits before work, no IO, no clock |
//! | 1 | [`domain`] | `text` | ids, contact, conversation, message, delivery, capability; no IO, no clock |
//! | 2 | [`config`] | `domain`, `files` | files and environment become typed settings, once; secrets |
//! | 2 | [`store`] | `domain`, `files` | the only SQL; one writer thread, group commit, readers of their own |
//! | 2 | [`providers`] | `domain` | each gateway's dialect as pure functions, and its simulator |
//! | 3 | [`engine`] | 0 to 2 | receives, interprets, sends, limits; `engine::Client` is people's and scripts' way to it |
//! | 4 | [`listener`] | `engine` | axum: raw bytes in, status out |
//! | 4 | [`sandbox`] | `domain`, `providers` | the gateways' other side over real loopback HTTP, with customers |
//! | 4 | [`tui`] | `config` (the locale), `decoders`, `domain`, `text`; only `tui::runtime` the engine and files | the screen is a value |
//! | 5 | [`cli`] | `config`, `domain`, `engine`, `files`, `text`, `tui` (words, codes) | commands; they reach everything by `engine::Client` |
//! | 6 | [`app`] | everything | start and stop order, signals, logs |
//! | 6 | [`fuzzing`] | everything | each parser of foreign bytes as a function, for fuzz targets and properties |
//!
//! # Where do I add …
//!
//! | what | where |
//! |---|---|
//! | a gateway | a folder `providers/<name>/` with `send`, `query`, `webhook`, `simulator`; a line in `providers/registry.rs`; a folder of fixtures (`docs/adding-a-gateway.md`) |
//! | a message kind | `domain/message.rs` (`Kind`), its reader in `providers/*/webhook.rs`, its drawing in `tui/thread/message/content.rs`, its word in `assets/locales/*.toml`; the compiler names the rest |
//! | a command with a key | a row in `tui/commands/registry.rs`, its key in `assets/keymaps/default.toml`, its label and sentence in `assets/locales/*.toml`, its arm in `tui/commands/run.rs`, when it can be used in `availability.rs`, what it does in its feature's `update`; a row in `tests/screen/scenes/every_command.rs` |
//! | an overlay | a file in `tui/overlays/` with a `Popup`, its variant in `tui/overlays/mod.rs`; its command, key and words as for a command |
//! | a setting | a field in `config/settings.rs`, its key in `config/parse/`, a line in the README |
//! | a CLI command | a variant in `cli/args/`, a file in `cli/`, its arm in `cli/dispatch.rs`, rows in `tests/cli/coverage.rs`, its help in `assets/locales/help.id.toml` |
//! | a store verb | a method in the `store/` file of its noun; its SQL is a constant that `store/query_plans/` checks |
//! | a table or a column | a file `store/schema/N_topic.sql` with the next number, its row in `store/forget/tests.rs` where it names a person |
//! | a sentence that commands print, or that says why a file cannot be used | in the code, in English; its Indonesian in `assets/locales/sentences.id.toml` |
//! | a style | a `Meaning` in `tui/theme/styles.rs`, its line in every file of `assets/themes/` |
//! | a use of customers' files | `Message.media.file` has state and path; `Store::keep_media` gives a message a `StagedFile`, `Client::ask_for_media` fetches one, `domain::media` knows types and names; every outside address goes through `engine::outside` |
//! | an effect of the screen | a variant in `tui/effect.rs`; `tui/runtime` does not compile until it is performed |
//!
//! # Ideas that carry it
//!
//! - **Raw event first.** A webhook is verified over its raw bytes, made durable, answered with 200, and only then
//!   interpreted. A crash after the 200 loses nothing.
//! - **Outbox.** One transaction writes the message, its outbox row and clears the draft. A lease is durable before
//!   its request leaves. Outcomes: accepted, later, refused, unsure; unsure is never sent again without a person's
//!   word.
//! - **Delivery only grows** (`domain::delivery::Delivery`): receipts may come doubled, late and shuffled.
//! - **Changes.** Every commit appends to a sequence that readers follow with a cursor; a notification, also across
//!   processes, only says that there is something to read.
//! - **Providers do no IO.** A request is data, a response is data; the engine alone has sockets and a clock.
//! - **Foreign text is hostile.** `text::Clean` is the only way from the outside to the screen or to lines on
//!   standard output, standard error and in the log; JSON escapes what could steer a terminal or hides text.
//! - **The screen is a value.** `update` changes it and returns effects, `layout` measures it once per batch, `draw`
//!   shows it and changes nothing.
//!
//! # Words
//!
//! | word | meaning |
//! |---|---|
//! | account | a configured login at a gateway; `AccountRegistry` holds them, an invalid one with its reason |
//! | agent | the person who answers; the author of messages that go out |
//! | audit | what agents did to a conversation: who, when, what, from where |
//! | attempt, outcome | one try to send a message, and how it ended |
//! | capabilities, objection | what an account can carry; why a message may not be sent |
//! | change | a row of the sequence that every commit appends to |
//! | client | `engine::Client`: how screen and commands read, send and query |
//! | command | what a person means by a key or a palette entry |
//! | composer | where an answer is written |
//! | content, outgoing | what is sent; with channel and recipient |
//! | conversation, thread | one customer or group on one account and channel; its messages on the screen |
//! | customer | the person at the other end, over all accounts (`domain::Customer`); in the sandbox a simulated one |
//! | delivery, receipt | how far a message has come; a gateway's report of it |
//! | draft | text that was typed and is not sent |
//! | effect | what the screen asks the runtime to do: read, write, gateway, terminal |
//! | event, journal | a raw webhook as it came; where it is kept |
//! | filter | which conversations or messages are wanted: a view's, or the words of a search (`domain::query`) |
//! | forget, retention | deleting a customer everywhere; deleting what is older than `keep_days` |
//! | hit | a message that a search found |
//! | inbound | what a gateway reports in an event, in our words |
//! | lease | an outbox row claimed by a sender |
//! | media, stored file | what a gateway says of a message's file; what has become of it here (`domain::media`) |
//! | Msg | what the screen receives: a key, the time, a result |
//! | note | a text for the team in a conversation, which no path leads from to a gateway |
//! | notice | one line that says what happened; it may offer to undo it |
//! | outbox | messages that wait to be sent |
//! | overlay | what is shown over the panes |
//! | presence | who has a conversation open and who is writing, on the screens of others |
//! | report | how long customers wait and conversations take, by agent, account, day and so on |
//! | provider, simulator | a gateway's dialect; its mirror for the sandbox and the tests |
//! | query, query response | a question to a gateway that is no message; its answer |
//! | screen | a process that shows the inbox beside an engine; engines know of it by a lock (`engine::screens`) |
//! | undo stack | what was last done to conversations, and how to take it back |
//! | view | what the conversation list shows, by a name |
//! | viewer | a screen beside an engine that no screen started |
//! | webhook | an HTTP request of a gateway to our listener |
//! | window | the 24 hours in which free text is allowed |
//!
//! Five vocabularies, never mixed: `Inbound` (a gateway reports), `Change` (we committed), `Msg` (the screen received),
//! `Command` (the person means), `Effect` (the screen asks).

pub mod app;
pub mod cli;
pub mod config;
mod decoders;
pub mod domain;
pub mod engine;
mod files;
pub mod fuzzing;
pub mod listener;
pub mod providers;
pub mod sandbox;
pub mod store;
pub mod text;
pub mod tui;
