//! The arguments of `loket media`.

use std::path::PathBuf;

use clap::Args;

/// The arguments of `loket media`.
#[derive(Debug, Args)]
pub struct Media {
    /// The id of the message, as lists show it.
    #[arg(value_name = "MESSAGE")]
    pub message: i64,
    /// Copy the file here, and print that path; a file that is there is replaced, a symbolic link is not followed.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
