//! A database of an older version, and several processes of the real binary at once.

use super::kit::raw_connection;
use loket::store::{FILE, Store};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// The newest released schema.
const RELEASED: [&str; 3] = [
    include_str!("../../src/store/schema/1.sql"),
    include_str!("../../src/store/schema/2_search.sql"),
    include_str!("../../src/store/schema/3_totals.sql"),
];

fn create_released(dir: &Path, messages: u32) {
    let conn = raw_connection(dir);
    for sql in RELEASED {
        conn.execute_batch(sql).unwrap();
    }
    conn.execute_batch(&format!(
        "INSERT INTO conversations (id, account, channel, peer, last_order, last_message, last_at, last_text) \
         VALUES (1, 'toko', 'whatsapp', '628111111111', {messages}, {messages}, {messages}, 'akhir'); \
         INSERT INTO peers VALUES ('toko', 'whatsapp', '628111111111', 1); \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {messages}) \
         INSERT INTO messages (conversation, account, order_ms, at, direction, author, author_name, kind, text, status) \
         SELECT 1, 'toko', i, i, 'in', 'contact', '', 'text', 'pesan ' || i, 'received' FROM n; \
         PRAGMA user_version = 3"
    ))
    .unwrap();
}

fn loket(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loket"));
    command.args(args).env_clear().env("HOME", dir).env("LOKET_DATA_DIR", dir);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn processes_that_start_at_once_on_an_old_database_all_find_it_upgraded() {
    let dir = tempfile::tempdir().unwrap();
    create_released(dir.path(), 2_000);
    let running: Vec<_> = (0..6).map(|_| loket(dir.path(), &["--json", "conversations"]).spawn().unwrap()).collect();
    for child in running {
        let out = child.wait_with_output().unwrap();
        assert!(out.status.success(), "{out:?}");
        assert_eq!(String::from_utf8(out.stdout).unwrap().lines().count(), 1);
    }
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.check().unwrap(), [""; 0]);
    let copies =
        std::fs::read_dir(dir.path()).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let copies: Vec<_> = copies.filter(|name| name.starts_with("loket.db.before-")).collect();
    assert_eq!(copies.len(), 1, "{copies:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(dir.path().join(&copies[0])).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
    // The copy is the store as it was.
    let old = tempfile::tempdir().unwrap();
    std::fs::copy(dir.path().join(&copies[0]), old.path().join(FILE)).unwrap();
    let conn = raw_connection(old.path());
    let found: (u32, u32) = conn
        .query_row("SELECT (SELECT user_version FROM pragma_user_version), count(*) FROM messages", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(found, (3, 2_000));
}

#[test]
fn beside_a_running_engine_of_an_older_version_a_command_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = loket(dir.path(), &["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(engine.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on"), "{line}");
    let conn = raw_connection(dir.path());
    let version: u32 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    conn.pragma_update(None, "user_version", version - 1).unwrap();
    let refused = loket(dir.path(), &["conversations"]).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    conn.pragma_update(None, "user_version", version).unwrap();
    engine.kill().unwrap();
    engine.wait().unwrap();
    assert_eq!(refused.status.code(), Some(1), "{error}");
    assert!(error.contains(&format!("pid {}", engine.id())) && error.contains("loket serve"), "{error}");
}

#[test]
fn credentials_are_taken_out_of_the_events_of_an_older_version() {
    let dir = tempfile::tempdir().unwrap();
    create_released(dir.path(), 1);
    let conn = raw_connection(dir.path());
    conn.execute_batch(
        "INSERT INTO accounts (name, provider, token) VALUES ('toko', 'waviro', 'x'); \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450) \
         INSERT INTO events (account, key, ack, received_at, headers, body, state) SELECT iif(i % 2, 'toko', 'gone'), \
         i, 0, strftime('%s', 'now') * 1000, '[[\"x-api-key\",\"kunci-rahasia\"],[\"x-event\",\"message\"]]', \
         CAST('{\"webhookkey\":\"kunci-rahasia\",\"apikey\":\"kunci-rahasia\",\"n\":' || i || '}' AS BLOB), 1 FROM n",
    )
    .unwrap();
    let mut engine = loket(dir.path(), &["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(engine.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("brought up to date"), "{line}");
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let with = |needle: &str| -> u32 {
        let sql = "SELECT count(*) FROM events WHERE instr(headers || CAST(body AS TEXT), ?1) > 0";
        conn.query_row(sql, [needle], |row| row.get(0)).unwrap()
    };
    // WAVIRO's own key is one where the account is known as WAVIRO's.
    while with("kunci-rahasia") > 225 {
        assert!(std::time::Instant::now() < limit, "{} events hold a credential", with("kunci-rahasia"));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    engine.kill().unwrap();
    engine.wait().unwrap();
    assert_eq!((with("x-api-key"), with("\"apikey\":\"***\""), with("x-event")), (0, 450, 450));
}
