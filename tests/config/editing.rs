//! Adding and removing accounts in `config.toml`, and that nothing else in the file changes.

use loket::config::{
    AccountSettings, ConfigError, Environment, Overrides, SecretSource, Settings, add_account, remove_account,
    set_setting,
};
use loket::domain::{AccountName, Channel, Secret, WindowRule};
use std::fs;
use std::path::PathBuf;

const FILE: &str = r#"# Konfigurasi kami

locale = "id"   # bahasa

# Toko utama,
# buka setiap hari
[[account]]
name    = "toko"     # nama
provider = "chatera"
api_key.env = "TOKO_KEY"  # kunci
# window = "none"

[[account.rule]]
keyword = "harga"
reply = [
  { text = "a" },  # jawaban
]

# Kantor
  [[account]]
  name = "kantor"
  provider = "cetar"
  api_key = { env = "KANTOR_KEY" }

[listener]
bind = "127.0.0.1:9000" # port
# akhir
"#;

struct ConfigFile {
    _directory: tempfile::TempDir,
    file: PathBuf,
}

impl ConfigFile {
    fn new(text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config.toml");
        fs::write(&file, text).unwrap();
        ConfigFile { _directory: directory, file }
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.file).unwrap()
    }

    fn settings(&self) -> Settings {
        Settings::from_text(&self.text(), &self.file, &Overrides::default(), &Environment::of([])).unwrap()
    }
}

fn name(name: &str) -> AccountName {
    AccountName::new(name).unwrap()
}

fn env(name: &str) -> SecretSource {
    SecretSource::Env(name.to_owned())
}

/// Asserts that removing an account removes exactly `text` from `FILE`, also with CRLF line ends and a byte order mark.
fn assert_removes(account: &str, text: &str) {
    assert_eq!(FILE.matches(text).count(), 1, "{text}");
    let plain = ConfigFile::new(FILE);
    remove_account(&plain.file, account).unwrap();
    assert_eq!(plain.text(), FILE.replace(text, ""));
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let crlf = ConfigFile::new(&windows(FILE));
    remove_account(&crlf.file, account).unwrap();
    assert_eq!(crlf.text(), windows(&FILE.replace(text, "")));
}

#[test]
fn an_account_is_removed_with_its_own_comments_only() {
    let toko = FILE.split_once("# Toko").unwrap().1.split_once("# Kantor").unwrap().0;
    assert_removes("toko", &format!("# Toko{toko}"));
    let kantor = FILE.split_once("# Kantor").unwrap().1.split_once("[listener]").unwrap().0;
    assert_removes("kantor", &format!("# Kantor{kantor}"));
}

#[test]
fn removing_the_last_account_leaves_the_rest() {
    let config = ConfigFile::new(
        "# kepala\n\nagent = \"Sari\"\n\n[[account]]\nname = \"a\"\nprovider = \"cetar\"\napi_key = \"geheim\"",
    );
    remove_account(&config.file, "a").unwrap();
    assert_eq!(config.text(), "# kepala\n\nagent = \"Sari\"\n");
}

#[test]
fn an_added_account_is_read_back_unchanged() {
    let config = ConfigFile::new(FILE);
    let key = config.file.parent().unwrap().join("secrets").join("baru.api_key");
    let account = AccountSettings {
        base_url: Some("https://apibaru.waviro.com".into()),
        webhook_secret: Some(SecretSource::Command(vec!["pass".into(), "show".into(), "a \"b\"".into()])),
        previous_webhook_secret: Some(SecretSource::Plain(Secret::new("geheim"))),
        webhook_token: Some(Secret::new("geheim-geheim-16")),
        session: Some("1".into()),
        channel: Some(Channel::Telegram),
        requests_per_minute: Some(5),
        window: Some(WindowRule::None),
        allow_unsigned: true,
        ..AccountSettings::new(name("baru"), "waviro", SecretSource::File(key))
    };
    add_account(&config.file, &account).unwrap();
    let written = config.text();
    assert!(
        written.starts_with(&format!("{FILE}\n[[account]]\nname = \"baru\"\nprovider = \"waviro\"\n")),
        "{written}"
    );
    assert!(written.contains("api_key = { file = \"secrets/baru.api_key\" }\n"), "{written}");
    let mut read = config.settings().account("baru").unwrap().clone();
    read.origin = account.origin.clone();
    assert_eq!(read, account);
    let taken = add_account(&config.file, &account).unwrap_err();
    let wanted = "there is an account \"baru\" already; choose another name or remove that one first";
    assert_eq!(taken.to_string(), format!("{}: {wanted}", config.file.display()));
    remove_account(&config.file, "baru").unwrap();
    assert_eq!(config.text(), FILE);
}

#[test]
fn a_missing_file_is_created_for_its_owner_only() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("loket").join("config.toml");
    add_account(&file, &AccountSettings::new(name("toko"), "chatera", env("TOKO_KEY"))).unwrap();
    let wanted = "[[account]]\nname = \"toko\"\nprovider = \"chatera\"\napi_key = { env = \"TOKO_KEY\" }\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), wanted);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    }
}

#[test]
fn a_refused_edit_leaves_the_file_unchanged() {
    let config = ConfigFile::new(FILE);
    let refused = |result: Result<(), ConfigError>, wanted: &str| {
        assert_eq!(result.unwrap_err().to_string().replace(&config.file.display().to_string(), "FILE"), wanted);
        assert_eq!(config.text(), FILE);
    };
    refused(remove_account(&config.file, "tok"), "FILE: there is no account \"tok\"; did you mean \"toko\"?");
    let bad_key = AccountSettings::new(name("baru"), "chatera", SecretSource::Plain(Secret::new("")));
    let error = add_account(&config.file, &bad_key);
    refused(error, "FILE: account \"baru\": api_key: the text there is empty");
}

#[test]
fn scattered_and_inline_accounts_are_not_edited() {
    let scattered = "[[account]]\nname = \"a\"\nprovider = \"cetar\"\n[listener]\n[account.api_key]\nenv = \"A\"\n";
    let config = ConfigFile::new(scattered);
    let error = remove_account(&config.file, "a").unwrap_err().to_string();
    assert_eq!(error.split_once(": ").unwrap().1, "is written in several places of the file; remove it by hand");
    assert_eq!(config.text(), scattered);
    let list = "account = [ { name = \"a\", provider = \"cetar\", api_key = { env = \"A\" } } ]\n";
    let config = ConfigFile::new(list);
    assert!(config.settings().account("a").is_ok());
    let error = remove_account(&config.file, "a").unwrap_err().to_string();
    assert_eq!(error.split_once(": ").unwrap().1, "accounts are written as one list; edit it by hand");
    let error = add_account(&config.file, &AccountSettings::new(name("b"), "cetar", env("B"))).unwrap_err().to_string();
    assert_eq!(error.split_once(": ").unwrap().1, "accounts are written as one list; edit it by hand");
    assert_eq!(config.text(), list);
}

#[test]
fn comments_that_are_not_the_accounts_stay() {
    let account = |name: &str| format!("[[account]]\nname = \"{name}\"\nprovider = \"cetar\"\napi_key = \"x\"\n");
    let (a, b) = (account("a"), account("b"));
    let removed = |text: &str, name: &str| {
        let config = ConfigFile::new(text);
        remove_account(&config.file, name).unwrap();
        config.text()
    };
    // A comment that heads the file, and one that an empty line separates.
    assert_eq!(removed(&format!("# kepala\n{a}"), "a"), "# kepala\n");
    assert_eq!(removed(&format!("# kepala\n\n# a\n{a}\n{b}"), "a"), format!("# kepala\n\n{b}"));
    // Below: one that an empty line ends is the account's, another one belongs to what follows.
    assert_eq!(removed(&format!("{a}# mode = \"meta\"\n\n# b\n{b}"), "a"), format!("# b\n{b}"));
    assert_eq!(removed(&format!("{a}# b\n{b}"), "a"), format!("# b\n{b}"));
    // At the end of the file.
    assert_eq!(removed(&format!("{a}\n{b}# mode = \"meta\"\n"), "b"), a);
    assert_eq!(removed(&format!("{a}\n{b}\n# akhir\n"), "b"), format!("{a}\n# akhir\n"));
    assert_eq!(removed(&format!("{a}\n{b}\n\n"), "b"), a);
    assert_eq!(removed(&format!("{a}\n# sela  \n \n{b}"), "b"), format!("{a}\n# sela  \n"));
}

#[test]
fn mixed_line_ends_stay() {
    let text = "locale = \"en\"\r\n# satu\nagent = \"Sari\"\n# akhir";
    let config = ConfigFile::new(text);
    add_account(&config.file, &AccountSettings::new(name("a"), "cetar", env("A"))).unwrap();
    let added = "[[account]]\r\nname = \"a\"\r\nprovider = \"cetar\"\r\napi_key = { env = \"A\" }\r\n";
    assert_eq!(config.text(), format!("{text}\r\n\r\n{added}"));
    remove_account(&config.file, "a").unwrap();
    assert_eq!(config.text(), format!("{text}\r\n"));
}

#[test]
fn a_setting_is_changed_and_the_rest_of_the_file_stays() {
    let config = ConfigFile::new(FILE);
    set_setting(&config.file, "locale", Some("en")).unwrap();
    assert_eq!(config.text(), FILE.replace("locale = \"id\"   # bahasa", "locale = \"en\"   # bahasa"));
    set_setting(&config.file, "notify.how", Some("osc9")).unwrap();
    set_setting(&config.file, "engine.stay", Some("true")).unwrap();
    set_setting(&config.file, "theme", Some("light")).unwrap();
    let settings = config.settings();
    assert_eq!((settings.screen.theme.as_str(), settings.engine.stay, settings.accounts.len()), ("light", true, 2));
    assert_eq!(settings.screen.notify.how, loket::config::NotifyHow::Osc9);
    for comment in ["# Konfigurasi kami", "# buka setiap hari", "# kunci", "# akhir"] {
        assert!(config.text().contains(comment), "{}", config.text());
    }
    set_setting(&config.file, "theme", None).unwrap();
    assert!(!config.text().contains("theme"));
    let before = config.text();
    let error = set_setting(&config.file, "country", Some("Mars")).unwrap_err().to_string();
    assert!(error.contains("country: must be"), "{error}");
    assert_eq!(config.text(), before, "a value that cannot be loaded is not written");
}

#[test]
fn the_first_setting_makes_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("loket/config.toml");
    set_setting(&file, "notify.text", Some("true")).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "[notify]\ntext = true\n");
}
