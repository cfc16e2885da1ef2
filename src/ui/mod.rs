//! The terminal: keys to commands, state to frame, entering and leaving.

pub mod chord;
pub mod draw;
pub mod keys;
pub mod terminal;
pub mod theme;

pub use draw::draw;
pub use keys::Keymap;
pub use theme::Theme;
