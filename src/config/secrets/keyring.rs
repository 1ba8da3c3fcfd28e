//! The system's keyring. Without the cargo feature `keyring`, or without a keyring on the system, every call fails
//! with an error that names the alternatives. Errors of the keyring crate are never passed on unchanged: some hold the
//! bytes of the secret.

const INSTEAD: &str = "use { env = … }, { file = … } or { command = … } instead";

/// Reads an entry. Blocks while the person unlocks the keyring, up to a limit.
pub(super) fn read(name: &str) -> Result<String, String> {
    backend::run(name, backend::Call::Read)
}

/// Creates or replaces an entry.
pub(super) fn write(name: &str, secret: &str) -> Result<(), String> {
    backend::run(name, backend::Call::Write(secret.to_owned())).map(drop)
}

/// Removes an entry; it is no error if there is none.
pub(super) fn remove(name: &str) -> Result<(), String> {
    backend::run(name, backend::Call::Remove).map(drop)
}

/// Whether secrets can be stored in the system's keyring; the error says why not. Blocks.
pub(crate) fn keyring_available() -> Result<(), String> {
    backend::run("doctor", backend::Call::Probe).map(drop)
}

#[cfg(feature = "keyring")]
mod backend {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    #[cfg(target_os = "macos")]
    use apple_native_keyring_store::keychain::Store;
    #[cfg(all(unix, not(target_os = "macos")))]
    use dbus_secret_service_keyring_store::Store;
    use keyring_core::{Entry, Error};
    #[cfg(windows)]
    use windows_native_keyring_store::Store;

    use super::INSTEAD;

    const SERVICE: &str = "loket";
    /// Enough to type the keyring's passphrase; a keyring that never answers must not block the start for ever.
    const LIMIT: Duration = Duration::from_secs(60);

    pub(super) enum Call {
        Read,
        Write(String),
        Remove,
        Probe,
    }

    pub(super) fn run(name: &str, call: Call) -> Result<String, String> {
        let (sender, receiver) = mpsc::channel();
        let owned = name.to_owned();
        let work = move || {
            // Sending fails only after the limit has passed, when the receiver is gone.
            let _ = sender.send(call_keyring(&owned, call));
        };
        thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(work)
            .map_err(|error| format!("cannot ask the keyring: {error}"))?;
        match receiver.recv_timeout(LIMIT) {
            Ok(result) => result.map_err(|error| explain(name, &error)),
            Err(_) => Err(format!("the keyring did not answer within {} seconds; {INSTEAD}", LIMIT.as_secs())),
        }
    }

    fn call_keyring(name: &str, call: Call) -> Result<String, Error> {
        if keyring_core::get_default_store().is_none() {
            // Without a keyring on the system there is no store; the entry then says so.
            if let Ok(store) = Store::new() {
                keyring_core::set_default_store(store);
            }
        }
        let entry = Entry::new(SERVICE, name)?;
        match call {
            Call::Read => entry.get_password(),
            Call::Probe => match entry.get_password() {
                Ok(_) | Err(Error::NoEntry) => Ok(String::new()),
                Err(error) => Err(error),
            },
            Call::Write(secret) => entry.set_password(&secret).map(|()| String::new()),
            Call::Remove => match entry.delete_credential() {
                Ok(()) | Err(Error::NoEntry) => Ok(String::new()),
                Err(error) => Err(error),
            },
        }
    }

    fn explain(name: &str, error: &Error) -> String {
        match error {
            Error::NoDefaultStore => format!("no keyring is running on this system; {INSTEAD}"),
            Error::NoEntry => {
                format!("the keyring has no entry {name:?} of service {SERVICE:?}; store it, or {INSTEAD}")
            }
            Error::NoStorageAccess(_) => format!("the keyring is locked or refuses access; unlock it, or {INSTEAD}"),
            Error::BadEncoding(_) | Error::BadDataFormat(..) => format!("the keyring's entry {name:?} is no text"),
            Error::Ambiguous(_) => {
                format!("the keyring has several entries {name:?} of service {SERVICE:?}; leave one")
            }
            Error::TooLong(..) => "the keyring does not take so long a text".to_owned(),
            _ => format!("the keyring failed; {INSTEAD}"),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn errors_name_the_alternatives_and_never_hold_the_bytes() {
            let bytes = explain("toko", &Error::BadEncoding(b"geheim".to_vec()));
            assert_eq!(bytes, "the keyring's entry \"toko\" is no text");
            let none = explain("toko", &Error::NoDefaultStore);
            assert_eq!(none, format!("no keyring is running on this system; {INSTEAD}"));
        }
    }
}

#[cfg(not(feature = "keyring"))]
mod backend {
    use super::INSTEAD;

    pub(super) enum Call {
        Read,
        Write(String),
        Remove,
        Probe,
    }

    pub(super) fn run(_name: &str, call: Call) -> Result<String, String> {
        if let Call::Write(secret) = call {
            drop(secret);
        }
        Err(format!("this build has no keyring support; {INSTEAD}"))
    }
}
