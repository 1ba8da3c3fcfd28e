//! Forgets what screens had open that died without saying so.
//!
//! Invariant: it sleeps until a screen that is present ends, or something is committed; nothing is polled.

use std::collections::HashSet;
use std::path::PathBuf;

use tokio::sync::{mpsc, watch};

use super::notifier::Notifier;
use super::{blocking, screens};
use crate::store::Store;

/// Works until `stop` becomes true.
pub(crate) async fn run(data_dir: PathBuf, store: Store, notifier: Notifier, mut stop: watch::Receiver<bool>) {
    let mut committed = notifier.watch();
    let (ended, mut endings) = mpsc::unbounded_channel();
    let mut watched = HashSet::new();
    while !*stop.borrow() {
        committed.borrow_and_update();
        let read = {
            let store = store.clone();
            blocking::read(move || store.present_screens()).await
        };
        match read {
            Ok(present) => {
                for screen in present {
                    if watched.insert(screen.clone()) {
                        wait_for_end(data_dir.clone(), screen, ended.clone());
                    }
                }
            }
            Err(error) => tracing::error!(%error, "it cannot be read who has what open"),
        }
        tokio::select! {
            _ = stop.changed() => {}
            changed = committed.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            Some(screen) = endings.recv() => {
                watched.remove(&screen);
                if let Err(error) = store.forget_screens(vec![screen]).await {
                    tracing::error!(%error, "a screen that has ended seems to be open still");
                }
            }
        }
    }
}

/// Reports on `ended` when a screen has ended.
fn wait_for_end(data_dir: PathBuf, screen: String, ended: mpsc::UnboundedSender<String>) {
    // A thread of its own, for it sleeps in the operating system until the screen ends or this process does.
    std::thread::spawn(move || {
        screens::wait_for_end(&data_dir, &screen);
        drop(ended.send(screen));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountName, Channel, Inbound, InboundMessage, OpenConversation, Peer, WindowRule};
    use crate::engine::{OpenScreen, clock};
    use crate::store::NewEvent;
    use std::time::Duration;

    #[tokio::test]
    async fn a_screen_that_dies_is_forgotten_at_once_and_one_that_lives_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let account = AccountName::new("toko").unwrap();
        store.ensure_account(&account, "any", "token").await.unwrap();
        let event = NewEvent {
            account: account.clone(),
            key: "1".to_owned(),
            within: None,
            ack: false,
            received_at: clock::now(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let event = store.append_event(event).await.unwrap().id;
        let message = Inbound::Message(Box::new(InboundMessage::text(Peer::person("628111"), "halo")));
        let applied = store.apply_event(event, &account, Channel::WhatsApp, WindowRule::None, vec![message]);
        let conversation = applied.await.unwrap().messages[0].conversation;
        let screens = [OpenScreen::announce(dir.path()).unwrap(), OpenScreen::announce(dir.path()).unwrap()];
        let open = Some(OpenConversation { conversation, writing: false });
        for (screen, agent) in screens.iter().zip(["Sari", "Budi"]) {
            store.set_presence(&screen.name(), agent, open).await.unwrap();
        }
        // One of an earlier run, whose file is gone.
        store.set_presence("1-gone", "Tono", open).await.unwrap();
        let notifier = Notifier::on(store.path());
        let mut changes = notifier.watch();
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(run(dir.path().to_owned(), store.clone(), notifier.clone(), stopped));
        let agents = || {
            let mut shown = store.conversation(conversation).unwrap().unwrap();
            store.add_presence("", [&mut shown]).unwrap();
            shown.presence.into_iter().map(|present| present.agent).collect::<Vec<_>>()
        };
        let [sari, budi] = screens;
        for (ending, left) in [(None, vec!["Budi", "Sari"]), (Some(sari), vec!["Budi"]), (Some(budi), Vec::new())] {
            // As when its process is killed: the lock is freed, and nobody tells the store.
            drop(ending);
            let forgotten = async {
                while agents() != left {
                    changes.changed().await.unwrap();
                }
            };
            tokio::time::timeout(Duration::from_secs(30), forgotten).await.expect("a dead screen is forgotten");
        }
        stop.send_replace(true);
        task.await.unwrap();
    }
}
