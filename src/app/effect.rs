//! What has to be done outside.

use super::refresh::Reading;

/// What `update` asks the loop to do. Answers come back as messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Find the way into the account; answered by `Message::Connected`.
    Connect,
    /// Read the fleet; answered by `Message::News`, and by `Message::Surveyed` at the end.
    Read(Reading),
    /// Keep the fleet as the last known one.
    Save,
    /// Put this text into the clipboard, by way of the terminal.
    Copy(String),
    /// Give the terminal back to the shell until it continues us; answered by `Message::Resumed`.
    Suspend,
    /// End the program.
    Quit,
}
