//! Runs a person's own program on voice notes that come, and puts what it prints under them.
//!
//! Invariants: nothing is run unless `[assist] transcribe` says so; one program at a time, without a shell and without the
//! secrets of this process, for a limited time and with a limited output; idle, nothing runs.

use std::time::Duration;

use tokio::sync::watch;

use super::client::Client;
use super::program::{ProgramError, output};
use super::{blocking, clock};
use crate::domain::message::clean_transcript;
use crate::domain::{StoreError, Timestamp};
use crate::store::{Transcript, VoiceNote};

/// How long a program may take for a voice note.
const LONGEST_RUN: Duration = Duration::from_secs(10 * 60);
/// The longest text of a voice note, in bytes.
const MOST_OUTPUT: usize = 64 * 1024;
/// How often a program is run on a voice note.
const ATTEMPTS: u32 = 3;
/// Between the first two attempts; twice as long before the third.
const PAUSE: Duration = Duration::from_secs(30);
/// A voice note that came longer ago while no program was set is not transcribed.
const FRESH: Duration = Duration::from_secs(24 * 3600);
/// The pause before a store that failed is tried again.
const STORE_RETRY: Duration = Duration::from_secs(2);
/// The longest sleep, for the clock may be set.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);
/// Commits come in bursts; one look serves a burst.
const BURST: Duration = Duration::from_millis(100);

/// Transcribes voice notes until `stop` becomes true; what is begun then counts as an attempt.
pub(crate) async fn run(client: Client, mut stop: watch::Receiver<bool>) {
    // A simulation has no programs.
    if clock::is_virtual() {
        return;
    }
    let (mut committed, mut configured) = (client.notifier().watch(), client.watch_settings());
    let mut was_set = false;
    while !*stop.borrow() {
        committed.borrow_and_update();
        configured.borrow_and_update();
        let argv = client.settings().assist.transcribe.clone();
        let sleep = match &argv {
            None => None,
            Some(argv) => {
                let done = tokio::select! {
                    done = work(&client, argv, !was_set) => done,
                    _ = stop.changed() => return,
                };
                Some(done.unwrap_or_else(|error| {
                    tracing::error!(%error, "voice notes cannot be transcribed now");
                    STORE_RETRY
                }))
            }
        };
        was_set = argv.is_some();
        tokio::select! {
            _ = stop.changed() => {}
            changed = committed.changed(), if sleep.is_some() => {
                if changed.is_err() {
                    return;
                }
                tokio::time::sleep(BURST).await;
            }
            changed = configured.changed() => if changed.is_err() {
                return;
            },
            () = tokio::time::sleep(sleep.unwrap_or(LONGEST_SLEEP)), if sleep.is_some() => {}
        }
    }
}

/// Transcribes what is due, and returns how long nothing is. `first`: no program was set until now.
async fn work(client: &Client, argv: &[String], first: bool) -> Result<Duration, StoreError> {
    let store = client.store();
    if first {
        let now = clock::now();
        let before = Timestamp(now.0 - i64::try_from(FRESH.as_millis()).unwrap_or(i64::MAX));
        store.resume_transcriptions(before, now).await?;
    }
    loop {
        let own = store.clone();
        let Some(next) = blocking::read(move || own.next_transcription()).await? else { return Ok(LONGEST_SLEEP) };
        let now = clock::now();
        if next > now {
            return Ok(next.since(now).clamp(BURST, LONGEST_SLEEP));
        }
        if let Some(note) = store.begin_transcription(now, now.plus(LONGEST_RUN + PAUSE)).await? {
            transcribe(client, argv, note).await?;
        }
    }
}

async fn transcribe(client: &Client, argv: &[String], note: VoiceNote) -> Result<(), StoreError> {
    let printed = output(argv, &note.path, &client.hidden_variables(), LONGEST_RUN, MOST_OUTPUT).await;
    let transcript = match printed {
        Ok(bytes) => Transcript::Text(clean_transcript(&bytes)),
        Err(error) => {
            tracing::warn!(message = note.message.0, attempt = note.attempt, %error, "a voice note was not transcribed");
            // A program that is not there is not there a minute later either.
            if note.attempt < ATTEMPTS && !matches!(error, ProgramError::NotStarted { .. }) {
                let until = clock::now().plus(PAUSE * note.attempt);
                return client.store().postpone_transcription(note.message, until).await;
            }
            Transcript::Failed(error.to_string())
        }
    };
    client.store().end_transcription(note.message, transcript).await
}
