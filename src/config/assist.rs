//! Programs of a person's own that help with voice notes. None is run unless it is set.

/// The programs that help.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssistSettings {
    /// Prints what is said in the voice note whose file is appended to it; `None`: nothing is transcribed.
    pub transcribe: Option<Vec<String>>,
}
