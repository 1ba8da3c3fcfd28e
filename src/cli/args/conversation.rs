//! The arguments of `loket conversation`.
use clap::{ArgAction, Args, Subcommand};

/// The arguments of `loket conversation`.
#[derive(Debug, Args)]
pub struct Conversation {
    /// The conversation's id, as `loket conversations` prints it.
    pub id: i64,
    /// What is done to it.
    #[command(subcommand)]
    pub action: ConversationAction,
}

/// What can be done to a conversation.
#[derive(Debug, Subcommand)]
pub enum ConversationAction {
    /// Print what is known of it
    Show,
    /// Take it if nobody has it; else exit status 1, and who has it
    Take {
        /// The agent who gets it (default: the agent who acts).
        name: Option<String>,
    },
    /// Give it to an agent, whoever has it
    Assign {
        /// The agent who gets it (default: the agent who acts).
        name: Option<String>,
    },
    /// Take it from whoever has it
    Unassign,
    /// Add and remove labels: `+komplain -baru`
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Label {
        /// Print help of this command
        #[arg(long, action = ArgAction::Help)]
        help: Option<bool>,
        /// `+NAME` adds a label, `-NAME` removes it.
        #[arg(required = true, allow_hyphen_values = true, value_name = "+A -B")]
        labels: Vec<String>,
    },
    /// Write a private note, which is never sent
    Note {
        /// The note's text, for agents only.
        #[arg(allow_hyphen_values = true)]
        text: String,
    },
    /// Mark it as dealt with; a new message of the customer opens it again
    Resolve,
    /// Open it again, whether resolved or put off
    Reopen,
    /// Put it off until a time or the next message
    Snooze {
        /// `2h`, `tomorrow`, `2026-11-30 08:00`, or `reply`: until the customer writes.
        #[arg(required = true, value_name = "UNTIL")]
        until: Vec<String>,
    },
    /// Mark all its messages as read
    Read,
    /// Mark it as unread
    Unread,
}
