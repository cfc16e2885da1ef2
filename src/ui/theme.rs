//! Stand-in until the themes land.

use ratatui::style::Style;

use crate::app;

/// How things look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Theme {
    /// The selected row.
    pub selected: Style,
}

impl Theme {
    /// The look of a theme.
    #[must_use]
    pub fn of(_theme: app::Theme) -> Self {
        Self { selected: Style::new().reversed() }
    }
}
