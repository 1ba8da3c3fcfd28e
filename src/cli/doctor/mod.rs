//! `loket doctor`: checks everything that Loket needs, and prints what to do.
//!
//! Invariant: no secret and no webhook token is in a line, and nothing is repaired here.

mod gateways;
mod machine;
mod report;
mod terminal;

use self::report::Report;
use super::args::{Common, Doctor};
use super::{Context, Exit};
use crate::engine::Client;
use crate::engine::client::validate_account;
pub(super) fn run(common: Common, args: &Doctor) -> Result<(), Exit> {
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
        let client = machine::data(&mut report, context, args.read_again)?;
        accounts(&mut report, context, client.as_ref())?;
        if let Some(client) = &client {
            gateways::check(&mut report, context, client)?;
        }
        machine::keyring(&mut report)?;
        terminal::check(&mut report, &context.environment)?;
    }
    report.end()
}

fn configuration(report: &mut Report, context: &Context) -> Result<(), Exit> {
    let file = &context.paths.config_file;
    let settings = &context.settings;
    if !file.exists() {
        let detail = format!("{}: there is none yet", file.display());
        return report.warn("configuration", &detail, "add an account: loket account add --help; or try: loket demo");
    }
    let (usable, invalid) = (settings.accounts.len(), settings.invalid_accounts.len());
    let detail = format!("{}: {usable} accounts can be read, {invalid} cannot", file.display());
    if usable + invalid == 0 {
        return report.warn("configuration", &detail, "add an account: loket account add --help");
    }
    report.ok("configuration", &detail)?;
    for warning in &settings.warnings {
        report.warn("configuration", &warning.to_string(), "")?;
    }
    Ok(())
}

fn accounts(report: &mut Report, context: &Context, client: Option<&Client>) -> Result<(), Exit> {
    for invalid in &context.settings.invalid_accounts {
        let check = format!("account {}", invalid.name);
        report.fail(&check, &invalid.error.to_string(), "correct it in the configuration file")?;
    }
    for settings in &context.settings.accounts {
        let check = format!("account {}", settings.name);
        let validated = validate_account(settings).map_err(|error| (error, "correct it in the configuration file"));
        let resolved = validated.and_then(|gateway| match settings.secrets(&context.environment) {
            Ok(secrets) => Ok((gateway, secrets)),
            Err(error) => Err((error, "make the secret readable, or choose another source")),
        });
        let (gateway, secrets) = match resolved {
            Ok(resolved) => resolved,
            Err((error, remedy)) => {
                report.fail(&check, &error.to_string(), remedy)?;
                continue;
            }
        };
        if secrets.webhook_secrets.is_empty() && gateway.signs_webhooks {
            let detail = format!("{}: events are taken without proof that they are {0}'s", gateway.name);
            report.warn(&check, &detail, "copy the webhook secret from its dashboard into webhook_secret")?;
        } else {
            report.ok(&check, &format!("{}: settings and secrets can be read", gateway.name))?;
        }
        if let Some(client) = client {
            machine::health(report, client, settings)?;
        }
    }
    Ok(())
}
