//! Chatera: official WhatsApp over `https://api.chatera.id/v1`, with an address book and signed events.
//!
//! Sources: seed 000 (examples), seed 001 (contacts), providers.md sections 1, 2 and 9.

mod content;
mod manifest;
mod query;
mod send;
mod simulator;
mod webhook;

use crate::domain::window::WindowRule;
use crate::domain::{Capabilities, Inbound, Outgoing, Remedy, Timestamp};
use crate::providers::common::response;
use crate::providers::provider::Provider;
use crate::providers::simulator::Simulator;
use crate::providers::types::{
    Manifest, Outcome, Profile, Query, QueryFailure, QueryResponse, Request, Response, Unsupported, Verdict, Webhook,
};

/// Chatera as a provider.
#[derive(Debug)]
pub(crate) struct Chatera;

impl Provider for Chatera {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn default_window(&self, _mode: Option<&str>) -> WindowRule {
        // Its templates are Meta's, so its WhatsApp is the official one (providers.md A20).
        WindowRule::Day
    }

    fn capabilities(&self, profile: &Profile) -> Capabilities {
        manifest::capabilities(profile)
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
        query::read_response(profile, query, response)
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
            // A code begins with its family; the other codes of these families are not public.
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
