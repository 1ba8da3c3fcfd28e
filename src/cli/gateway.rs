//! `groups`, `templates`, `check-number`, `account check`: questions that the gateway answers.

use std::sync::Arc;

use serde_json::json;

use super::args::CheckNumber;
use super::{Context, Exit, print};
use crate::domain::{Failure, NumberCheck, SessionState, Status, phone};
use crate::engine::accounts::health;
use crate::engine::accounts::probe::{Probed, probe};
use crate::engine::outbound::query::{QueryError, QueryReply, ask};
use crate::engine::{ConfiguredAccount, Http};
use crate::providers::{Query, QueryResponse};
use crate::store::Store;
use crate::text::Clean;

/// The most pages of templates that are read.
const PAGES: u32 = 100;

/// `loket groups`.
pub(super) fn groups(context: &Context, account: &str) -> Result<(), Exit> {
    let line = Line::to(context, account)?;
    let QueryResponse::Groups(groups) = line.ask(&Query::Groups)?.answer else { return Err(line.nonsense()) };
    groups.iter().try_for_each(|group| {
        if context.common.json {
            print::json(group)
        } else {
            print::line(&format!("{}\t{}", Clean::line(&group.id).as_str(), Clean::line(&group.name).as_str()))
        }
    })
}

/// `loket templates`.
pub(super) fn templates(context: &Context, account: &str) -> Result<(), Exit> {
    let line = Line::to(context, account)?;
    for page in 1..=PAGES {
        let QueryResponse::Templates(templates, more) = line.ask(&Query::Templates { page })?.answer else {
            return Err(line.nonsense());
        };
        for template in &templates {
            if context.common.json {
                print::json(template)?;
            } else {
                let fields = [&template.name, &template.language, &template.status, &template.body];
                print::line(&fields.map(|f| Clean::line(f).into_string()).join("\t"))?;
            }
        }
        if !more {
            break;
        }
    }
    Ok(())
}

/// `loket check-number`.
pub(super) fn check_number(context: &Context, check: &CheckNumber) -> Result<(), Exit> {
    let number = phone::normalise(&check.phone, context.settings.country).ok_or_else(|| {
        Exit::wrong(format!("{} is no phone number; write it like 0812-3456-7890 or +62 812…", check.phone))
    })?;
    let line = Line::to(context, &check.account)?;
    let QueryResponse::Registered(registered) = line.ask(&Query::CheckNumber(number.clone()))?.answer else {
        return Err(line.nonsense());
    };
    let result = NumberCheck { account: line.member.name().clone(), phone: number, registered };
    if context.common.json {
        return print::json(&result);
    }
    print::line(&format!("{}\t{}", result.phone, if registered { "registered" } else { "not registered" }))
}

/// `loket account check`.
pub(super) fn check(context: &Context, account: &str) -> Result<(), Exit> {
    let line = Line::to(context, account)?;
    let name = line.member.manifest().name;
    let (accepted, words) = match line.runtime.block_on(probe(&line.http, &line.member)) {
        Probed::Accepted { .. } => {
            line.observe(SessionState::Unknown, "");
            (Some(true), format!("{account}: {name} accepts the key"))
        }
        Probed::Untold => {
            let words = "has no harmless request to try the key with; the first message will tell";
            (None, format!("{account}: {name} {words}"))
        }
        Probed::Refused(failure) => {
            line.observe(SessionState::KeyRefused, &failure.message);
            return Err(line.failed(&failure));
        }
        Probed::Failed(failure) => return Err(line.failed(&failure)),
    };
    if context.common.json {
        return print::json(&json!({"account": account, "key_accepted": accepted}));
    }
    print::line(&words)
}

/// A line to an account's gateway.
pub(super) struct Line<'a> {
    context: &'a Context,
    pub(super) member: Arc<ConfiguredAccount>,
    pub(super) store: Store,
    pub(super) http: Http,
    pub(super) runtime: tokio::runtime::Runtime,
}

impl<'a> Line<'a> {
    /// A line to the gateway of an account.
    pub(super) fn to(context: &'a Context, account: &str) -> Result<Self, Exit> {
        context.settings.account(account)?;
        let store = context.store()?;
        let roster = context.roster(&store)?;
        let Some(member) = roster.find(account) else {
            let reason = roster.broken().into_iter().find(|b| b.name == account).map(|b| b.reason);
            return Err(Exit::wrong(reason.unwrap_or_else(|| format!("there is no account \"{account}\""))));
        };
        let http = Http::new().map_err(Exit::failed)?;
        Ok(Line { context, member, store, http, runtime: crate::cli::runtime()? })
    }

    pub(super) fn try_ask(&self, query: &Query) -> Result<QueryReply, QueryError> {
        self.runtime.block_on(ask(&self.http, &self.member, query))
    }

    /// Asks; what the gateway has no request for is wrong usage, any other failure the gateway's.
    pub(super) fn ask(&self, query: &Query) -> Result<QueryReply, Exit> {
        self.try_ask(query).map_err(|error| match error {
            QueryError::Unsupported => Exit::wrong(format!(
                "account \"{}\": {} has no request for this over its API",
                self.member.name(),
                self.member.manifest().name
            )),
            QueryError::Failed(failure) => self.failed(&failure),
        })
    }

    pub(super) fn failed(&self, failure: &Failure) -> Exit {
        let words = super::words::failure(self.context.locale(), Some(failure), Status::Failed);
        Exit::failed(format!("account \"{}\": {words}", self.member.name()))
    }

    pub(super) fn nonsense(&self) -> Exit {
        Exit::failed(format!(
            "account \"{}\": {} answered something else than was asked",
            self.member.name(),
            self.member.manifest().name
        ))
    }

    pub(super) fn observe(&self, state: SessionState, detail: &str) {
        self.runtime.block_on(health::observe(&self.store, self.member.name(), state, detail));
    }
}
