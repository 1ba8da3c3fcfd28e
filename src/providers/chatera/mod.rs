//! Chatera: official WhatsApp over `https://api.chatera.id/v1`, with an address book and signed events.
//!
//! Sources: seed 000 (examples), seed 001 (contacts), providers.md sections 1, 2 and 9.

mod content;
mod query;
mod send;
pub(crate) mod simulator;
pub(crate) mod webhook;

use super::profile::{Field, LoginWay, Manifest, Pace, Profile};
use super::provider::{Outcome, Provider, Query, QueryFailure, QueryResponse, Unsupported, Verdict};
use super::simulator::Simulator;
use super::wire::{Request, Response, Webhook};
use super::{meta, outcome};
use crate::domain::capability::{ButtonRules, TemplateRules};
use crate::domain::outgoing::MediaKind;
use crate::domain::window::WindowRule;
use crate::domain::{Capabilities, Channel, Inbound, Outgoing, Remedy, Timestamp};

/// Longest text, in characters: the cap of public clients, the same as Meta's (providers.md 2.2).
const TEXT_MAX: usize = 4096;

const MANIFEST: Manifest = Manifest {
    id: "chatera",
    name: "Chatera",
    base_url: Some("https://api.chatera.id/v1"),
    modes: &[],
    channels: &[Channel::WhatsApp],
    // Seed 000: "hormati rate limit (60/menit)".
    pace: Pace::Requests(60),
    fields: &[Field::ApiKey, Field::WebhookSecret, Field::Session],
    login: LoginWay::Dashboard,
    signs: true,
    acks_by_url: false,
    answers_in_webhook: false,
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
                types: &["reply", "url"],
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

    fn send(&self, profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
        send::request(profile, outgoing)
    }

    fn outcome(&self, _profile: &Profile, _outgoing: &Outgoing, response: &Response) -> Outcome {
        outcome::of_send(response, send::remote_id)
    }

    fn query(&self, profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
        query::request(profile, query)
    }

    fn answer(&self, profile: &Profile, query: &Query, response: &Response) -> Result<QueryResponse, QueryFailure> {
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
            _ => outcome::common_remedy(code),
        }
    }

    fn sim(&self) -> &'static dyn Simulator {
        &simulator::ChateraSimulator
    }
}
