//! What the program writes is its owner's only, and is never written through a link that somebody else has laid.

use crate::fake_gateway::{self, fake_gateway};
use crate::home::Home;
use serde_json::json;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn widen(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A home whose gateway gives one login code and is connected then.
async fn home() -> Home {
    let polls = std::sync::atomic::AtomicUsize::new(0);
    let url = fake_gateway(move |_| {
        let connected = polls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) % 2 == 1;
        let message = json!({"isAuthenticated": connected, "qrcode": "2@kode,rahasia", "number": "628", "name": "T"});
        fake_gateway::json(200, &json!({"success": true, "message": message}))
    })
    .await;
    Home::with(&format!("[[account]]\nname = \"toko\"\nprovider = \"waviro\"\nbase_url = \"{url}\"\napi_key = \"k\"\n"))
}

#[tokio::test]
async fn a_login_code_is_saved_for_its_owner_and_through_no_link() {
    let home = home().await;
    let (other, link, picture) = (home.path("other"), home.path("link.png"), home.path("kode.png"));
    fs::write(&other, "mine").unwrap();
    symlink(&other, &link).unwrap();
    let refused = home.loket(&["login", "toko", "--png", link.to_str().unwrap()]).await.expect(1);
    assert!(refused.err.contains("link.png") && refused.err.contains("symbolic link"), "{refused:?}");
    assert_eq!(fs::read(&other).unwrap(), b"mine");
    home.loket(&["account", "list"]).await.expect(0);
    fs::write(&picture, "an older one").unwrap();
    widen(&picture, 0o644);
    // The gateway's next answer is that it is connected, the one after a code.
    home.loket(&["login", "toko"]).await.expect(0);
    let saved = home.loket(&["login", "toko", "--json", "--png", picture.to_str().unwrap()]).await.expect(0);
    assert!(saved.out.contains("connected"), "{saved:?}");
    assert!(fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(mode(&picture), 0o600);
}

#[tokio::test]
async fn a_data_directory_that_others_can_look_into_is_closed_or_refused() {
    let home = Home::with("");
    let data = home.path("data");
    fs::create_dir(&data).unwrap();
    widen(&data, 0o777);
    home.loket(&["conversations"]).await.expect(0);
    assert_eq!(mode(&data), 0o700);
    widen(&data, 0o755);
    widen(&data.join("loket.db"), 0o644);
    home.loket(&["conversations"]).await.expect(0);
    assert_eq!((mode(&data), mode(&data.join("loket.db"))), (0o700, 0o600));

    let shared = home.path("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("of-somebody"), "").unwrap();
    widen(&shared, 0o755);
    let args = ["conversations", "--data-dir", shared.to_str().unwrap()];
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_loket"));
    command.env_clear().env("HOME", home.path("")).args(args);
    command
        .arg("--config")
        .arg(home.config())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let refused = home.run(command, "").await.expect(1);
    assert!(refused.err.contains("mode 0755") && refused.err.contains("chmod 700"), "{refused:?}");
    assert!(mode(&shared) == 0o755 && fs::read_dir(&shared).unwrap().count() == 1);
}

#[tokio::test]
async fn the_engine_writes_through_no_link() {
    for name in ["engine.pid", "engine.lock", "loket.db", "loket.notify"] {
        let home = Home::with("");
        let (data, other) = (home.path("data"), home.path("other"));
        fs::create_dir(&data).unwrap();
        widen(&data, 0o700);
        fs::write(&other, "mine").unwrap();
        symlink(&other, data.join(name)).unwrap();
        if name == "loket.notify" {
            // Whoever misses a notification sees the commit with the next one.
            home.loket(&["conversations"]).await.expect(0);
        } else {
            let refused = home.loket(&["serve", "--listen", "127.0.0.1:0"]).await.expect(1);
            assert!(refused.err.contains(name) && refused.err.contains("symbolic link"), "{refused:?}");
        }
        assert_eq!(fs::read(&other).unwrap(), b"mine", "{name}");
    }
}
