//! CloudChat: WhatsApp, Telegram, Instagram and Messenger over `https://app.cloudchat.id/api/public/v1`.
//!
//! Sources: seed 004; providers.md sections 1, 5 and 9. What only public clients or the source of a CRM with the
//! same envelope tell (`[code]`, `[impl]` there) is accepted everywhere and relied on nowhere.

mod query;
mod send;
pub(crate) mod simulator;
pub(crate) mod webhook;

use super::simulator::Simulator;
use crate::domain::capability::ButtonRules;
use crate::domain::outgoing::MediaKind;
use crate::domain::window::WindowRule;
use crate::domain::{Capabilities, Channel, Inbound, Outgoing, Remedy, Timestamp};
use crate::providers::common::response;
use crate::providers::provider::Provider;
use crate::providers::types::{Field, LoginMethod, Manifest, Profile, RateLimit};
use crate::providers::types::{Outcome, Query, QueryFailure, QueryResponse, Unsupported, Verdict};
use crate::providers::types::{Request, Response, Webhook};

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
    rate_limit: RateLimit::Requests(60),
    fields: &[Field::API_KEY, Field::WEBHOOK_SECRET, Field::SESSION, Field::CHANNEL],
    login: LoginMethod::Dashboard,
    signs_webhooks: true,
    has_ack_url: false,
    replies_in_webhook: false,
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
                words: &["reply", "url", "copy"],
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

    fn send_request(&self, profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
        send::request(profile, outgoing)
    }

    fn read_send_response(&self, _profile: &Profile, _outgoing: &Outgoing, response: &Response) -> Outcome {
        response::send_outcome(response, send::remote_id)
    }

    fn query_request(&self, profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
        query::request(profile, query)
    }

    fn read_query_response(
        &self,
        _profile: &Profile,
        query: &Query,
        response: &Response,
    ) -> Result<QueryResponse, QueryFailure> {
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
            _ => response::common_remedy(code),
        }
    }

    fn simulator(&self) -> &'static dyn Simulator {
        &simulator::CloudChatSimulator
    }
}
