//! CloudChat: WhatsApp, Telegram, Instagram and Messenger over `https://app.cloudchat.id/api/public/v1`.
//!
//! Sources: seed 004; providers.md sections 1, 5 and 9. What is known only from public clients or from the source
//! of a CRM with the same envelope (`[code]`, `[impl]` there) is accepted everywhere and relied on nowhere.

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

/// CloudChat as a provider.
#[derive(Debug)]
pub(crate) struct CloudChat;

impl Provider for CloudChat {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn default_window(&self, _mode: Option<&str>) -> WindowRule {
        // It may carry official WhatsApp too; then the account is configured so (providers.md A20).
        WindowRule::None
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
        _profile: &Profile,
        query: &Query,
        response: &Response,
    ) -> Result<QueryResponse, QueryFailure> {
        query::read_response(query, response)
    }

    fn verify(&self, profile: &Profile, webhook: &Webhook, _now: Timestamp) -> Verdict {
        webhook::verify(profile, webhook)
    }

    fn interpret(&self, profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
        webhook::interpret(profile, webhook, arrival)
    }

    fn remedy(&self, code: &str) -> Remedy {
        // Seed 004, "Error Reference"; a code in words means the status of the same name.
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
