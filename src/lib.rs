//! Loket: a terminal inbox in which customer-service people read and answer customers' WhatsApp, Telegram,
//! Instagram and Messenger chats. This page is the project's map.
//!
//! ```text
//!  gateway ──webhook──▶ listener ──▶ engine ──▶ store ──change──▶ tui
//!  gateway ◀──request── sender ◀── outbox ◀── engine ◀──effect── tui
//! ```
//!
//! One process can hold all of it (`loket`), or only the engine (`loket serve`), or only the screen (a viewer
//! beside a running engine). The store is the only thing they share: what is not in it did not happen.
//!
//! # Layers
//!
//! A module uses the layers under it, never one above or beside it; `tests/layers.rs` fails on any other edge.
//!
//! | layer | module | may use | what it is |
//! |---|---|---|---|
//! | 0 | [`text`] | | cleaning, widths, wrapping, relative times; nothing of the inbox |
//! | 1 | [`domain`] | `text` | ids, messages, conversations, capabilities; no IO, no clock |
//! | 2 | [`config`] | `domain` | files and environment become typed settings, once; secrets |
//! | 2 | [`store`] | `domain` | the only SQL; one writer thread, group commit, readers of their own |
//! | 2 | [`providers`] | `domain` | gateways' APIs as pure functions, and their simulators |
//! | 3 | [`engine`] | 1 and 2 | receives, interprets, sends, limits; `engine::Client` is the way to use it |
//! | 4 | [`listener`] | `engine`, `providers` (raw bytes as data) | axum: raw bytes in, status out |
//! | 4 | [`sandbox`] | `domain`, `providers` | simulated gateways and customers over real loopback HTTP |
//! | 4 | [`tui`] | `config` (the locale), `domain`, `text`; only `tui::runtime` the engine | the screen is a value |
//! | 5 | [`cli`], [`app`] | everything | commands; what is started in which order |
//!
//! # Ideas that carry it
//!
//! - **Raw event first.** A webhook is verified over its raw bytes, made durable, answered with 200, and only then
//!   interpreted (`engine::inbound`). A crash after the 200 loses nothing.
//! - **Outbox.** One transaction writes the message, its outbox row and clears the draft. A lease is durable before
//!   its request leaves. Outcomes: accepted, later, refused, unsure; unsure is never sent again unless a
//!   person asks for it (`engine::outbound`).
//! - **Delivery only grows** ([`domain::Delivery`]): receipts may come doubled, late and shuffled.
//! - **Changes.** Every commit appends to a sequence that readers follow with a cursor; `engine::notifier` wakes
//!   readers after commits, across processes by the growth of the store's log.
//! - **Providers do no IO.** A new gateway is one folder, one line in the registry, one folder of fixtures.
//! - **Foreign text is hostile.** [`text::Clean`] is the only way from the outside to the screen or to lines on
//!   standard output; JSON escapes what could steer a terminal.
//!
//! # Five vocabularies, never mixed
//!
//! `Inbound` (what a gateway reports), `Change` (what was committed), `Msg` (what happened to the screen), `Command`
//! (what the person wants), `Effect` (what the screen requests).

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod listener;
pub mod providers;
pub mod sandbox;
pub mod store;
pub mod text;
pub mod tui;
