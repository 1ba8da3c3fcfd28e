//! `loket doctor`: looks at everything that Loket needs, and says of each what to do.
//!
//! Invariant: no secret and no webhook token is in a line, and nothing is repaired here: what to do is said.

mod gateways;
mod place;
mod report;
mod terminal;

use self::report::Report;
use super::args::Common;
use super::{Context, Exit};
use crate::engine::Client;

/// `loket doctor`.
pub(super) fn run(common: Common) -> Result<(), Exit> {
    let mut report = Report::new(common.json);
    let context = match Context::load_or_new(common.clone()) {
        Ok(context) => {
            configuration(&mut report, &context)?;
            Some(context)
        }
        Err(exit) => {
            report.fail("configuration", &exit.message, "correct the file; nothing below can use it")?;
            Context::of_text(common, "").ok()
        }
    };
    if let Some(context) = &context {
        let client = place::data(&mut report, context)?;
        accounts(&mut report, context, client.as_ref())?;
        if let Some(client) = &client {
            gateways::check(&mut report, context, client)?;
        }
        place::keyring(&mut report)?;
        terminal::look(&mut report, &context.environment)?;
    }
    report.end()
}

fn configuration(report: &mut Report, context: &Context) -> Result<(), Exit> {
    let file = &context.paths.config_file;
    let settings = &context.settings;
    if !file.exists() {
        let words = format!("{}: there is none yet", file.display());
        return report.warn("configuration", &words, "add an account: loket account add --help; or try: loket demo");
    }
    let (usable, broken) = (settings.accounts.len(), settings.broken.len());
    let words = format!("{}: {usable} accounts can be read, {broken} cannot", file.display());
    if usable + broken == 0 {
        return report.warn("configuration", &words, "add an account: loket account add --help");
    }
    report.ok("configuration", &words)?;
    for warning in &settings.warnings {
        report.warn("configuration", &warning.to_string(), "")?;
    }
    Ok(())
}

fn accounts(report: &mut Report, context: &Context, client: Option<&Client>) -> Result<(), Exit> {
    for invalid in &context.settings.broken {
        let check = format!("account {}", invalid.name);
        report.fail(&check, &invalid.error.to_string(), "correct it in the configuration file")?;
    }
    for settings in &context.settings.accounts {
        let check = format!("account {}", settings.name);
        let read = crate::engine::accounts::validate::validate(settings)
            .map_err(|error| (error, "correct it in the configuration file"))
            .and_then(|checked| match settings.secrets(&context.environment) {
                Ok(secrets) => Ok((checked, secrets)),
                Err(error) => Err((error, "make the secret readable, or choose another source")),
            });
        let (checked, secrets) = match read {
            Ok(read) => read,
            Err((error, remedy)) => {
                report.fail(&check, &error.to_string(), remedy)?;
                continue;
            }
        };
        let gateway = checked.provider.manifest();
        if secrets.webhook_secrets.is_empty() && gateway.signs {
            let words = format!("{}: events are taken without proof that they are {0}'s", gateway.name);
            report.warn(&check, &words, "copy the webhook secret from its dashboard into webhook_secret")?;
        } else {
            report.ok(&check, &format!("{}: settings and secrets can be read", gateway.name))?;
        }
        if let Some(client) = client {
            place::health(report, client, settings)?;
        }
    }
    Ok(())
}
