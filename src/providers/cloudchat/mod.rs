//! CloudChat: WhatsApp, Telegram, Instagram and Messenger over `https://app.cloudchat.id/api/public/v1`.
//!
//! Sources: seed 004; providers.md sections 1, 5 and 9. What only public clients or the source of a CRM with the
//! same envelope tell (`[code]`, `[impl]` there) is accepted everywhere and relied on nowhere.

mod query;
mod send;
pub(crate) mod simulator;
pub(crate) mod webhook;

use super::outcome;
use super::profile::{Field, LoginWay, Manifest, Pace, Profile};
use super::provider::{Outcome, Provider, Query, QueryFailure, QueryResponse, Unsupported, Verdict};
use super::simulator::Simulator;
use super::wire::{Request, Response, Webhook};
use crate::domain::capability::ButtonRules;
use crate::domain::outgoing::MediaKind;
use crate::domain::window::WindowRule;
use crate::domain::{Capabilities, Channel, Inbound, Outgoing, Remedy, Timestamp};

/// Longest text, in characters. No document says it; this is WhatsApp's and Telegram's own limit.
const TEXT_MAX: usize = 4096;
/// Longest caption, in characters, likewise.
const CAPTION_MAX: usize = 1024;
/// At most so many buttons: the rule of the gateway with the same request format (providers.md 3.2, 5.1).
const BUTTONS_MAX: usize = 3;

const MANIFEST: Manifest = Manifest {
    id: "cloudchat",
    name: "CloudChat",
    base_url: Some("https://app.cloudchat.id/api/public/v1"),
    modes: &[],
    channels: &[Channel::WhatsApp, Channel::Telegram, Channel::Instagram, Channel::Messenger],
    // Seed 004: "60 requests / menit / App".
    pace: Pace::Requests(60),
    fields: &[Field::ApiKey, Field::WebhookSecret, Field::Session, Field::Channel],
    login: LoginWay::Dashboard,
    signs: true,
    acks_by_url: false,
    answers_in_webhook: false,
};

/// The dialect of CloudChat.
#[derive(Debug)]
pub struct CloudChat;

impl Provider for CloudChat {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn default_window(&self, _mode: Option<&str>) -> WindowRule {
        // It may carry official WhatsApp too; then the account says so (providers.md A20).
        WindowRule::None
    }

    fn capabilities(&self, profile: &Profile) -> Capabilities {
        Capabilities {
            channels: MANIFEST.channels,
            text_max: TEXT_MAX,
            caption_max: CAPTION_MAX,
            media: &[
                (MediaKind::Image, &[]),
                (MediaKind::Video, &[]),
                (MediaKind::Audio, &[]),
                (MediaKind::Document, &[]),
            ],
            groups: false,
            location: false,
            card: false,
            template: None,
            buttons: Some(ButtonRules {
                max: BUTTONS_MAX,
                types: &["reply", "url", "copy"],
                mixed: true,
                max_links: BUTTONS_MAX,
                media: &[MediaKind::Image],
            }),
            list_rows: None,
            window: profile.window,
            check_number: true,
            list_groups: false,
            list_templates: false,
            contacts: false,
            login: false,
            // Seed 004: events "saat pesan masuk, status berubah, dll.".
            receipts: true,
        }
    }

    fn send(&self, profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
        send::request(profile, outgoing)
    }

    fn outcome(&self, _profile: &Profile, _outgoing: &Outgoing, response: &Response) -> Outcome {
        outcome::of_send(response, send::remote_id)
    }

    fn query(&self, profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
        query::request(profile, query)
    }

    fn answer(&self, _profile: &Profile, query: &Query, response: &Response) -> Result<QueryResponse, QueryFailure> {
        query::answer(query, response)
    }

    fn verify(&self, profile: &Profile, webhook: &Webhook, _now: Timestamp) -> Verdict {
        webhook::verify(profile, webhook)
    }

    fn interpret(&self, profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
        webhook::interpret(profile, webhook, arrival)
    }

    fn remedy(&self, code: &str) -> Remedy {
        // Seed 004, "Error Reference"; a code in words stands for the status of the same name.
        match code.to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
            "unauthorized" | "forbidden" => Remedy::RenewKey,
            "rate_limit" | "rate_limited" | "rate_limit_exceeded" => Remedy::WaitsAndRetries,
            "server_error" | "internal_server_error" => Remedy::LookBeforeResending,
            "bad_request" | "not_found" => Remedy::CorrectContent,
            _ => outcome::common_remedy(code),
        }
    }

    fn sim(&self) -> &'static dyn Simulator {
        &simulator::CloudChatSimulator
    }
}
