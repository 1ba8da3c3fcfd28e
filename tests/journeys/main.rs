//! Journeys of the real binary in a terminal: what a person does and sees, from the first frame to the shell's prompt.
//!
//! Nothing sleeps: a journey waits until the screen shows something, with a limit.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at what it did not expect"
)]

mod answering;
mod demo;
mod demo_directory;
mod drafts;
mod engine_process;
mod hostile_corpus;
mod hostile_text;
mod idle;
mod input;
mod installation;
mod new_conversation;
mod pictures;
mod presence;
mod quitting;
mod settings;
mod simulators;
mod soak;
mod ssh;
mod term;
mod tmux;
mod viewer;
mod voice;
mod waiting;
