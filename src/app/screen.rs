//! The screens.

/// A screen: one table of the fleet, with what belongs to its selected row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Screen {
    /// Every model, its day, and what happens next.
    Models,
    /// Every schedule and rule, in words, and when it fires.
    Schedules,
    /// Every mapping and its queue.
    Mappings,
    /// What models ran, and what was saved.
    Savings,
    /// What was asked for, and what came of it.
    Journal,
    /// What an operator should know.
    Findings,
}

impl Screen {
    /// All of them, in the order of their tabs.
    pub const ALL: [Self; 6] =
        [Self::Models, Self::Schedules, Self::Mappings, Self::Savings, Self::Journal, Self::Findings];

    /// What its tab says.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Models => "Models",
            Self::Schedules => "Schedules",
            Self::Mappings => "Mappings",
            Self::Savings => "Savings",
            Self::Journal => "Journal",
            Self::Findings => "Findings",
        }
    }

    /// Its place among the tabs, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|screen| *screen == self).unwrap_or(0)
    }

    /// The number on its tab, from 1.
    #[must_use]
    pub fn number(self) -> usize {
        self.index() + 1
    }

    /// The next one, after the last the first.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[(self.index() + 1) % Self::ALL.len()]
    }

    /// The one before, before the first the last.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::ALL[(self.index() + Self::ALL.len() - 1) % Self::ALL.len()]
    }
}
