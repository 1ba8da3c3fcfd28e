//! Reads what a person sets for the screen, and reads it again when it changes.
//!
//! Invariant: nothing is looked at while nothing changes.

use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

use crate::config::{read_text, set_setting};
use crate::engine::Client;
use crate::engine::file_watch::{FileWatch, SETTLE};
use crate::tui::message::Msg;
use crate::tui::user_settings::{UserFiles, UserSettings};

/// Reads the settings in force and the files beside the configuration file.
pub(super) fn read(client: &Client) -> UserSettings {
    let settings = client.settings();
    let directory = directory(client);
    // The name stands before the reason already.
    let file = |name: &str| read_text(&directory.join(name)).map_err(|error| error.place_and_reason());
    UserSettings {
        locale: settings.locale,
        country: settings.country,
        screen: settings.screen.clone(),
        agent_prefix: settings.agent_prefix,
        listed: settings.listed(),
        files: UserFiles::read(file),
    }
}

/// Sends the settings whenever they differ from `known`, until nobody receives them any more.
pub(super) async fn follow(client: Client, known: UserSettings, answers: mpsc::UnboundedSender<Msg>) {
    let directory = directory(&client);
    let mut files = FileWatch::new(UserFiles::NAMES.map(|name| directory.join(name)).to_vec());
    let mut in_force = client.watch_settings();
    let mut known = known;
    loop {
        files.renew();
        let own = client.clone();
        let Ok(now) = tokio::task::spawn_blocking(move || read(&own)).await else { return };
        if now != known {
            known = now.clone();
            if answers.send(Msg::SettingsRead(Box::new(now))).is_err() {
                return;
            }
        }
        tokio::select! {
            () = files.changed() => tokio::time::sleep(SETTLE).await,
            changed = in_force.changed() => if changed.is_err() { return },
        }
    }
}

/// Writes a setting into the configuration file and takes it over; the error says what is wrong with the value.
pub(super) fn save(client: &Client, key: &str, value: Option<&str>) -> Result<(), String> {
    set_setting(client.config_file(), key, value).map_err(|error| error.place_and_reason())?;
    client.reload().map_err(|error| error.to_string())
}

fn directory(client: &Client) -> PathBuf {
    client.config_file().parent().unwrap_or(Path::new("")).to_owned()
}
