//! The command line as scripts see it: the real binary against fake gateways on loopback.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at what it did not expect"
)]

mod account;
mod account_options;
mod backup;
mod common_options;
mod contacts;
mod conversation;
mod coverage;
mod doctor;
mod fake_gateway;
#[cfg(unix)]
mod file_conformance;
#[cfg(unix)]
mod file_link;
mod finding;
mod home;
mod hostile;
mod language;
mod login;
#[cfg(unix)]
mod long_running;
mod media;
#[cfg(unix)]
mod private_files;
mod queries;
mod report;
mod send_file;
