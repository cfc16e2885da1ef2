//! Stand-in until the findings land: the names that others build on, with nothing behind them yet.

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Needs a look.
    Warning,
    /// Wrong, or costing money.
    Critical,
}

impl Severity {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// Which rule found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Runs outside every window.
    OutsideWindow,
}

impl Rule {
    /// Its id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        "outside_window"
    }
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject(pub String);

impl Subject {
    /// The ARN or UUID.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0
    }
}

/// Something that an operator should know.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which rule found it.
    pub rule: Rule,
    /// What it is about.
    pub subject: Subject,
    /// How much it matters.
    pub severity: Severity,
    /// What is so.
    pub sentence: String,
    /// Why we believe so.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}
