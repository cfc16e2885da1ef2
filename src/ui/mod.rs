//! The terminal: keys to commands, state to frame, entering and leaving.

pub mod chord;
pub mod draw;
pub mod keys;
mod panes;
pub mod symbols;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod widgets;

pub use draw::draw;
pub use keys::Keymap;
pub use panes::editor::pointed;
pub use theme::Theme;
