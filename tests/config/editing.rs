//! Editing `config.toml`: what changes, and that nothing else does.

use std::fs;
use std::path::PathBuf;

use loket::config::{
    AccountSettings, Environment, FieldValue, Overrides, SecretSource, Settings, add_account, remove_account,
    set_account_field, set_listener_field, set_top_level,
};
use loket::domain::window::WindowRule;
use loket::domain::{AccountName, Channel, Secret};

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

struct Edited {
    _directory: tempfile::TempDir,
    file: PathBuf,
}

impl Edited {
    fn new(text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config.toml");
        fs::write(&file, text).unwrap();
        Edited { _directory: directory, file }
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

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

fn env(name: &str) -> SecretSource {
    SecretSource::Env(name.to_owned())
}

/// That each edit gives exactly `FILE` with `old` replaced by `new`, also with CRLF line ends and a byte order mark.
fn assert_edit(edit: impl Fn(&PathBuf), old: &str, new: &str) {
    assert_eq!(FILE.matches(old).count(), 1, "{old}");
    let plain = Edited::new(FILE);
    edit(&plain.file);
    assert_eq!(plain.text(), FILE.replace(old, new));
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let crlf = Edited::new(&windows(FILE));
    edit(&crlf.file);
    assert_eq!(crlf.text(), windows(&FILE.replace(old, new)));
}

#[test]
fn a_setting_is_replaced_added_or_taken_out_where_it_stands() {
    let set = |account: &'static str, field: &'static str, value: FieldValue| {
        move |file: &PathBuf| set_account_field(file, &name(account), field, &value).unwrap()
    };
    assert_edit(set("toko", "provider", text("cetar")), "\"chatera\"", "\"cetar\"");
    assert_edit(set("toko", "provider", text("chatera")), "\"chatera\"", "\"chatera\"");
    let secret = FieldValue::Secret(env("BARU"));
    assert_edit(set("toko", "api_key", secret.clone()), "api_key.env = \"TOKO_KEY\"", "api_key = { env = \"BARU\" }");
    assert_edit(set("kantor", "api_key", secret), "{ env = \"KANTOR_KEY\" }", "{ env = \"BARU\" }");
    assert_edit(set("toko", "mode", text("meta")), "# kunci\n", "# kunci\nmode = \"meta\"\n");
    let line = "  api_key = { env = \"KANTOR_KEY\" }\n";
    let added = format!("{line}  requests_per_minute = 5\n");
    assert_edit(set("kantor", "requests_per_minute", FieldValue::Number(5)), line, &added);
    assert_edit(set("toko", "session", FieldValue::Unset), "# nama", "# nama");
    assert_edit(|file| set_top_level(file, "locale", &text("en")).unwrap(), "\"id\"", "\"en\"");
    assert_edit(|file| set_top_level(file, "locale", &FieldValue::Unset).unwrap(), "locale = \"id\"   # bahasa\n", "");
    assert_edit(
        |file| set_top_level(file, "agent", &text("Sari")).unwrap(),
        "# bahasa\n",
        "# bahasa\nagent = \"Sari\"\n",
    );
    let url = text("https://a.example");
    let added = "# port\npublic_url = \"https://a.example\"\n";
    assert_edit(|file| set_listener_field(file, "public_url", &url).unwrap(), "# port\n", added);
}

#[test]
fn an_account_goes_with_its_own_comments_only() {
    let toko = FILE.split_once("# Toko").unwrap().1.split_once("# Kantor").unwrap().0;
    assert_edit(|file| remove_account(file, "toko").unwrap(), &format!("# Toko{toko}"), "");
    let kantor = FILE.split_once("# Kantor").unwrap().1.split_once("[listener]").unwrap().0;
    assert_edit(|file| remove_account(file, "kantor").unwrap(), &format!("# Kantor{kantor}"), "");
}

#[test]
fn the_last_account_leaves_a_file_without_accounts() {
    let edited = Edited::new(
        "# kepala\n\nagent = \"Sari\"\n\n[[account]]\nname = \"a\"\nprovider = \"cetar\"\napi_key = \"geheim\"",
    );
    remove_account(&edited.file, "a").unwrap();
    assert_eq!(edited.text(), "# kepala\n\nagent = \"Sari\"\n");
}

#[test]
fn an_added_account_reads_back_as_it_was_given() {
    let edited = Edited::new(FILE);
    let key = edited.file.parent().unwrap().join("secrets").join("baru.api_key");
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
    add_account(&edited.file, &account).unwrap();
    let written = edited.text();
    assert!(
        written.starts_with(&format!("{FILE}\n[[account]]\nname = \"baru\"\nprovider = \"waviro\"\n")),
        "{written}"
    );
    assert!(written.contains("api_key = { file = \"secrets/baru.api_key\" }\n"), "{written}");
    let mut read = edited.settings().account("baru").unwrap().clone();
    read.origin = account.origin.clone();
    assert_eq!(read, account);
    let taken = add_account(&edited.file, &account).unwrap_err();
    let wanted = "there is an account \"baru\" already; choose another name or remove that one first";
    assert_eq!(taken.message(), wanted);
    remove_account(&edited.file, "baru").unwrap();
    assert_eq!(edited.text(), FILE);
}

#[test]
fn a_missing_file_is_made_for_its_owner_only() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("loket").join("config.toml");
    add_account(&file, &AccountSettings::new(name("toko"), "chatera", env("TOKO_KEY"))).unwrap();
    set_listener_field(&file, "public_url", &text("https://a.example")).unwrap();
    set_top_level(&file, "locale", &text("id")).unwrap();
    let wanted = "locale = \"id\"\n\n[[account]]\nname = \"toko\"\nprovider = \"chatera\"\napi_key = { env = \"TOKO_KEY\" }\n\n\
                  [listener]\npublic_url = \"https://a.example\"\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), wanted);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    }
}

#[test]
fn what_could_not_be_loaded_or_would_change_more_is_not_written() {
    let edited = Edited::new(FILE);
    let toko = name("toko");
    let refused = |result: Result<(), loket::config::ConfigError>, wanted: &str| {
        assert_eq!(result.unwrap_err().to_string().replace(&edited.file.display().to_string(), "FILE"), wanted);
        assert_eq!(edited.text(), FILE);
    };
    let set = |field: &str, value: &FieldValue| set_account_field(&edited.file, &toko, field, value);
    refused(set("window", &text("1h")), "FILE: account \"toko\": window: must be \"24h\" or \"none\", not \"1h\"");
    refused(set("modus", &text("meta")), "FILE: account \"toko\": unknown key \"modus\"; did you mean \"mode\"?");
    refused(set("name", &text("kantor")), "FILE: cannot be edited without changing another setting; edit it by hand");
    refused(set("provider", &FieldValue::Unset), "FILE: account \"toko\": provider is missing; add provider = \"…\"");
    refused(set("rule", &text("x")), "FILE: rule is written as a table of its own; edit it by hand");
    refused(remove_account(&edited.file, "tok"), "FILE: there is no account \"tok\"; did you mean \"toko\"?");
    refused(
        set_top_level(&edited.file, "locale", &text("nl")),
        "FILE:3:10: locale: must be \"en\" or \"id\", not \"nl\"",
    );
    let bad_key = AccountSettings::new(name("baru"), "chatera", SecretSource::Plain(Secret::new("")));
    let error = add_account(&edited.file, &bad_key);
    refused(error, "FILE: account \"baru\": api_key: the text there is empty");
}

#[test]
fn accounts_that_are_scattered_or_in_one_list_are_left_to_the_person() {
    let scattered = "[[account]]\nname = \"a\"\nprovider = \"cetar\"\n[listener]\n[account.api_key]\nenv = \"A\"\n";
    let edited = Edited::new(scattered);
    let error = remove_account(&edited.file, "a").unwrap_err();
    assert_eq!(error.message(), "is written in several places of the file; remove it by hand");
    assert_eq!(edited.text(), scattered);
    let list = "account = [ { name = \"a\", provider = \"cetar\", api_key = { env = \"A\" } } ]\n";
    let edited = Edited::new(list);
    assert!(edited.settings().account("a").is_ok());
    let error = remove_account(&edited.file, "a").unwrap_err();
    assert_eq!(error.message(), "accounts are written as one list; edit it by hand");
    assert!(add_account(&edited.file, &AccountSettings::new(name("b"), "cetar", env("B"))).is_err());
    assert_eq!(edited.text(), list);
}

#[test]
fn a_broken_account_can_be_mended() {
    let broken =
        "[[account]]\nname = \"a\"\nprovider = \"cetar\"\napi_key = \"geheim\"\nwindow = \"1h\"\nchannel = \"sms\"\n";
    let edited = Edited::new(broken);
    set_account_field(&edited.file, &name("a"), "window", &text("24h")).unwrap();
    assert!(edited.settings().account("a").is_err());
    set_account_field(&edited.file, &name("a"), "channel", &FieldValue::Unset).unwrap();
    assert!(edited.settings().account("a").is_ok());
}
