//! Forgetting a person: everything by which the store knows somebody is deleted, and its bytes leave the file.
//!
//! Invariant: the conversation goes last, so that what was interrupted is found again and finished by a second run.

mod delete;
mod erase;
mod events;
mod find;

pub(crate) use delete::ForgetStep;
pub(crate) use events::{EventChange, JudgeEvent};
pub(crate) use find::Person;

#[cfg(test)]
mod tests;
