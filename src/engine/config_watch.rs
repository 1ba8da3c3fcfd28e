//! Takes a changed configuration file over while the program runs.

use std::sync::Arc;

use tokio::sync::Notify;

use super::client::Client;
use super::file_watch::{FileWatch, SETTLE};
use crate::config::fingerprint;

/// Takes over every change of the configuration file, and reads it again when `reload` is notified. Works until it is
/// aborted.
pub(crate) async fn run(client: Client, reload: Arc<Notify>) {
    let file = client.config_file().to_owned();
    let mut watch = FileWatch::new(vec![file.clone()]);
    let mut seen = client.settings().fingerprint;
    loop {
        watch.renew();
        // Between the last look and the watching the file may have changed.
        let asked = fingerprint(&file) == seen
            && tokio::select! {
                () = watch.changed() => false,
                () = reload.notified() => true,
            };
        if !asked {
            tokio::time::sleep(SETTLE).await;
        }
        let now = fingerprint(&file);
        if asked || now != seen {
            seen = now;
            let client = client.clone();
            match tokio::task::spawn_blocking(move || client.reload()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "a changed configuration is not in force: the store failed"),
                Err(_) => tracing::error!("a changed configuration is not in force: reading it stopped on a defect"),
            }
        }
    }
}
