//! Chatera: official WhatsApp over `https://api.chatera.id/v1`, with an address book and signed events.
//!
//! Sources: seed 000 (examples), seed 001 (contacts), providers.md sections 1, 2 and 9.

mod content;
mod query;
mod send;
pub(crate) mod simulator;
pub(crate) mod webhook;

use super::simulator::Simulator;
use crate::domain::capability::{ButtonRules, TemplateRules};
use crate::domain::outgoing::MediaKind;
use crate::domain::window::WindowRule;
use crate::domain::{Capabilities, Channel, Inbound, Outgoing, Remedy, Timestamp};
use crate::providers::common::response;
use crate::providers::meta;
use crate::providers::provider::Provider;
use crate::providers::types::{Field, LoginMethod, Manifest, Profile, RateLimit};
use crate::providers::types::{Outcome, Query, QueryFailure, QueryResponse, Unsupported, Verdict};
use crate::providers::types::{Request, Response, Webhook};

/// Longest text, in characters: the cap of public clients, the same as Meta's (providers.md 2.2).
const TEXT_MAX: usize = 4096;

const MANIFEST: Manifest = Manifest {
    id: "chatera",
    name: "Chatera",
    base_url: Some("https://api.chatera.id/v1"),
    modes: &[],
    channels: &[Channel::WhatsApp],
    // Seed 000: "hormati rate limit (60/menit)".
    rate_limit: RateLimit::Requests(60),
    fields: &[Field::API_KEY, Field::WEBHOOK_SECRET, Field::SESSION],
    login: LoginMethod::Dashboard,
    signs_webhooks: true,
    has_ack_url: false,
    replies_in_webhook: false,
};

/// The dialect of Chatera.
#[derive(Debug)]
pub struct Chatera;

impl Provider for Chatera {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn default_window(&self, _mode: Option<&str>) -> WindowRule {
        // Its templates are Meta's, so its WhatsApp is the official one (providers.md A20).
        WindowRule::Day
    }

    fn capabilities(&self, profile: &Profile) -> Capabilities {
        const HEADERS: &[MediaKind] = &[MediaKind::Image, MediaKind::Video, MediaKind::Document];
        Capabilities {
            channels: MANIFEST.channels,
            text_max: TEXT_MAX,
            caption_max: meta::interactive::BODY_MAX,
            // Media outside a template's header is in no document of theirs.
            media: &[],
            groups: false,
            location: false,
            card: false,
            template: Some(TemplateRules { numeric_id: false, headers: HEADERS, payloads: true }),
            buttons: Some(ButtonRules {
                max: meta::interactive::BUTTONS_MAX,
                words: &["reply", "url"],
                mixed: false,
                max_links: 1,
                media: HEADERS,
            }),
            list_rows: Some(meta::interactive::ROWS_MAX),
            window: profile.window,
            check_number: false,
            list_groups: false,
            list_templates: true,
            contacts: true,
            login: false,
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
        profile: &Profile,
        query: &Query,
        response: &Response,
    ) -> Result<QueryResponse, QueryFailure> {
        query::answer(profile, query, response)
    }

    fn verify(&self, profile: &Profile, webhook: &Webhook, now: Timestamp) -> Verdict {
        webhook::verify(profile, webhook, now)
    }

    fn interpret(&self, profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
        webhook::interpret(profile, webhook, arrival)
    }

    fn remedy(&self, code: &str) -> Remedy {
        match code {
            // Seed 001, "Pesan error yang mungkin muncul".
            "VALIDATION_INVALID_PHONE" => Remedy::CheckRecipient,
            "VALIDATION_MISSING_FIELD" | "RESOURCE_ALREADY_EXISTS" => Remedy::CorrectContent,
            "AUTH_INSUFFICIENT_SCOPE" => Remedy::RenewKey,
            // Their codes name their family first; the rest of these families is not public.
            _ if code.starts_with("AUTH_") => Remedy::RenewKey,
            _ if code.starts_with("RATE_") => Remedy::WaitsAndRetries,
            _ if code.starts_with("VALIDATION_") => Remedy::CorrectContent,
            _ => response::common_remedy(code),
        }
    }

    fn simulator(&self) -> &'static dyn Simulator {
        &simulator::ChateraSimulator
    }
}
