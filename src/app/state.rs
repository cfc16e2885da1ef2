//! The state of the program: everything that a frame shows comes from here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use super::columns::ColumnId;
use super::command::{Context, KeyNames};
use super::dialog::Dialog;
use super::key::{FindingKey, Key};
use super::list::List;
use super::moment::Moment;
use super::notice::Notice;
use super::refresh::{Reading, Refresh};
use super::savings::Ledger;
use super::screen::Screen;
use crate::domain::fleet::Fleet;
use crate::domain::model::ModelArn;
use crate::domain::operation::{Operation, OperationId};
use crate::domain::picture::Picture;
use crate::domain::shared::Shared;
use crate::domain::trouble::Trouble;
use crate::domain::wiring::Wishes;

/// The colours of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// For dark terminals.
    #[default]
    Night,
    /// For light terminals.
    Day,
    /// No colour at all.
    Mono,
}

impl Theme {
    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Night => Self::Day,
            Self::Day => Self::Mono,
            Self::Mono => Self::Night,
        }
    }
}

/// By which way we are in the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// The profile, if one was named.
    pub profile: Option<String>,
    /// The region, as soon as it is known.
    pub region: Option<String>,
    /// The endpoint, if it is not AWS's own.
    pub endpoint: Option<String>,
}

/// Where the fleet on screen comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nothing has been read yet.
    Nowhere,
    /// From the store: what an earlier run saw.
    Stored {
        /// When that was, if it was a whole fleet.
        as_of: Option<DateTime<Utc>>,
    },
    /// From the account, in this run.
    Live,
}

/// How we stand with the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// The way in is being looked for.
    Connecting,
    /// It answers.
    Live,
    /// Nothing could be read; what is on screen is old.
    Trouble(Trouble),
}

/// What the program starts with.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// What is known of the way into the account.
    pub session: Session,
    /// Whether the account is the embedded, simulated one.
    pub demo: bool,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// The zone that times are shown in.
    pub zone: Tz,
    /// The user's own wiring.
    pub wishes: Wishes,
    /// The day that weeks begin with.
    pub week_start: Option<Weekday>,
    /// Accounts (their twelve digits) that are production.
    pub production: Vec<String>,
    /// How long to wait between two readings of everything; `None`: only when asked.
    pub interval: Option<Duration>,
    /// The colours.
    pub theme: Theme,
    /// Whether to draw with ASCII only.
    pub ascii: bool,
    /// How keys are printed.
    pub keys: KeyNames,
    /// The last known fleet.
    pub stored: Option<Fleet>,
    /// What the journal holds.
    pub journal: Vec<Operation>,
    /// What to say at the start.
    pub notices: Vec<String>,
}

/// The state.
#[derive(Clone, Debug)]
pub struct State {
    /// What time it is.
    pub moment: Moment,
    /// The zone that times are shown in.
    pub zone: Tz,
    /// By which way we are in the account.
    pub session: Session,
    /// Whether the account is the embedded, simulated one.
    pub demo: bool,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// Accounts that are production.
    pub production: Vec<String>,
    /// The fleet.
    pub fleet: Fleet,
    /// Where it comes from.
    pub source: Source,
    /// The user's own wiring.
    pub wishes: Wishes,
    /// The day that weeks begin with.
    pub week_start: Weekday,
    /// What follows from the fleet.
    pub picture: Shared<Picture>,
    /// How we stand with the account.
    pub connection: Connection,
    /// When the fleet is read.
    pub refresh: Refresh,
    /// The screen in front.
    pub screen: Screen,
    /// The models.
    pub models: List<ModelArn>,
    /// The schedules and rules, by ARN.
    pub schedules: List<String>,
    /// The mappings, by UUID.
    pub mappings: List<String>,
    /// What was saved with each model, also with those that are gone.
    pub savings: List<ModelArn>,
    /// What was saved, and how it is asked.
    pub ledger: Ledger,
    /// The findings.
    pub findings: List<FindingKey>,
    /// The operations in the journal, by id.
    pub journal: List<OperationId>,
    /// All known operations, from the journal and from this process.
    pub operations: BTreeMap<OperationId, Operation>,
    /// Those that this process carries on now.
    pub driving: BTreeSet<OperationId>,
    /// The rows that are marked, of whichever screen.
    pub marks: BTreeSet<Key>,
    /// Whether the filter of the screen in front is being typed.
    pub filtering: bool,
    /// The dialogs over the screen, the topmost last.
    pub dialogs: Vec<Dialog>,
    /// Notices, the newest last.
    pub notices: Vec<Notice>,
    /// The terminal's columns and rows.
    pub size: (u16, u16),
    /// The colours.
    pub theme: Theme,
    /// Whether to draw with ASCII only.
    pub ascii: bool,
    /// How keys are printed.
    pub keys: KeyNames,
    /// Whether a frame has to be drawn. Taken back by whoever draws.
    pub redraw: bool,
    pub(super) trail: Vec<Key>,
    pub(super) stale: Stale,
    pub(super) survey: Outcome,
    /// When it was last begun to read everything, in real time.
    pub(super) asked_at: Duration,
}

/// What is not up to date within the state.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stale {
    pub(super) picture: bool,
    /// The picture of a large fleet is being drawn elsewhere.
    pub(super) drawing: bool,
    /// Which picture that is.
    pub(super) number: u32,
    pub(super) rows: [bool; Screen::ALL.len()],
    /// Something was read that the dialog in front may depend on.
    pub(super) dialog: bool,
    /// Before this real time the picture of a large fleet is not asked for again.
    pub(super) not_before: Duration,
}

/// What has come of the reading that runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// No way into the account has been found yet, or it was lost.
    pub(super) lost: bool,
    /// A part of the fleet was read.
    pub(super) read: bool,
    /// Why the first part that failed did so.
    pub(super) trouble: Option<Trouble>,
}

impl Outcome {
    /// The first part that fails says why the whole did, if all do.
    pub(super) fn fails(&mut self, trouble: &Trouble) {
        self.trouble.get_or_insert_with(|| trouble.clone());
    }
}

impl State {
    /// The state at the start, before anything has been asked.
    #[must_use]
    pub fn new(setup: Setup, moment: Moment, size: (u16, u16)) -> Self {
        let fleet = setup.stored.unwrap_or_default();
        let source = if fleet == Fleet::default() { Source::Nowhere } else { Source::Stored { as_of: fleet.as_of() } };
        let mut session = setup.session;
        session.region = session.region.or_else(|| fleet.region.clone());
        let ledger = Ledger::new(setup.wishes.savings.baseline);
        let notice = |text| Notice { text, tone: super::notice::Tone::Trouble, until: None };
        let mut state = Self {
            moment,
            zone: setup.zone,
            session,
            demo: setup.demo,
            read_only: setup.read_only,
            production: setup.production,
            fleet,
            source,
            wishes: setup.wishes,
            week_start: setup.week_start.unwrap_or(Weekday::Mon),
            picture: Shared::default(),
            connection: Connection::Connecting,
            refresh: Refresh::every(setup.interval),
            screen: Screen::Models,
            models: List::sorted_by(ColumnId::Name, false),
            schedules: List::sorted_by(ColumnId::Name, false),
            mappings: List::sorted_by(ColumnId::Name, false),
            savings: List::sorted_by(ColumnId::Name, false),
            ledger,
            findings: List::sorted_by(ColumnId::Severity, true),
            journal: List::sorted_by(ColumnId::When, true),
            operations: setup.journal.into_iter().map(|operation| (operation.id.clone(), operation)).collect(),
            driving: BTreeSet::new(),
            marks: BTreeSet::new(),
            filtering: false,
            dialogs: Vec::new(),
            notices: setup.notices.into_iter().map(notice).collect(),
            size,
            theme: setup.theme,
            ascii: setup.ascii,
            keys: setup.keys,
            redraw: true,
            trail: Vec::new(),
            stale: Stale { picture: true, rows: [true; Screen::ALL.len()], ..Stale::default() },
            survey: Outcome::default(),
            asked_at: moment.real,
        };
        // What follows from a large fleet is worked out beside the keys; its rows are there at once.
        state.settle();
        state
    }

    /// The time in the account.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.moment.now
    }

    /// How old the oldest of the leading parts on screen is. A part that was never read shows nothing that could be old.
    #[must_use]
    pub fn age(&self) -> Option<TimeDelta> {
        let fleet = &self.fleet;
        let read = [fleet.models.as_of, fleet.mappings.as_of, fleet.schedules.as_of, fleet.rules.as_of];
        read.into_iter().flatten().min().map(|as_of| self.moment.now - as_of)
    }

    /// The age in words: `3 s ago`.
    #[must_use]
    pub fn age_text(&self) -> Option<String> {
        self.age().map(super::age::ago)
    }

    /// Whether this is a production account.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.fleet.identity.as_ref().is_some_and(|identity| self.production.contains(&identity.account))
    }

    /// How many rows a screen has without its filter: what its tab says. The lists themselves are only kept up to date
    /// for the screen in front.
    #[must_use]
    pub fn count(&self, screen: Screen) -> usize {
        match screen {
            Screen::Models => self.fleet.models.rows.len(),
            Screen::Schedules => self.fleet.schedules.rows.len() + self.fleet.rules.rows.len(),
            Screen::Mappings => self.fleet.mappings.rows.len(),
            Screen::Savings => self.ledger.whole().map_or(0, |whole| whole.range.models.len()),
            Screen::Findings => self.picture.findings.len(),
            Screen::Journal => self.operations.len(),
        }
    }

    /// Whether something is going on that a spinner should show.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.connection == Connection::Connecting || self.refresh.running == Some(Reading::Everything)
    }

    /// How long the reading that runs, or the search for the way in, has been going on.
    #[must_use]
    pub fn waited(&self) -> Option<Duration> {
        self.is_busy().then(|| self.moment.real.saturating_sub(self.asked_at))
    }

    /// Whether a spinner has to turn: something is being read or carried out.
    #[must_use]
    pub fn spins(&self) -> bool {
        self.is_busy() || !self.driving.is_empty()
    }

    /// How many steps a spinner has made.
    #[must_use]
    pub fn spinner(&self) -> usize {
        usize::try_from(self.moment.real.as_millis() / SPINNER.as_millis()).unwrap_or(0)
    }

    /// The contexts that are open, the topmost first.
    #[must_use]
    pub fn contexts(&self) -> Vec<Context> {
        let top = match self.dialogs.last() {
            Some(Dialog::Help { .. }) => Context::Help,
            Some(Dialog::Palette { .. }) => Context::Palette,
            Some(Dialog::Details { .. }) => Context::Details,
            Some(Dialog::Related { .. }) => Context::Related,
            Some(Dialog::Act(act)) if act.focus.is_text() => Context::Form,
            Some(Dialog::Act(_)) => Context::Act,
            Some(Dialog::Leave { .. }) => Context::Leave,
            Some(Dialog::Week(editor)) => Self::week_context(editor),
            Some(Dialog::Which { .. }) => Context::Related,
            Some(Dialog::Expression(_)) => Context::Expression,
            Some(Dialog::Zones(_)) => Context::Zones,
            Some(Dialog::Calendar(_)) => Context::Calendar,
            Some(Dialog::Runs(_)) => Context::Runs,
            Some(Dialog::Range(_)) => Context::Range,
            Some(Dialog::Unscheduled(_)) => Context::Unscheduled,
            Some(Dialog::Functions(_)) => Context::Functions,
            None if self.filtering => Context::Filter,
            None if self.screen == Screen::Savings => return vec![Context::Savings, Context::Rows, Context::Global],
            None => Context::Rows,
        };
        vec![top, Context::Global]
    }

    /// The key of the selected row of the screen in front.
    #[must_use]
    pub fn selected(&self) -> Option<Key> {
        match self.screen {
            Screen::Models => self.models.selected().cloned().map(Key::Model),
            Screen::Schedules => self.schedules.selected().cloned().map(Key::Schedule),
            Screen::Mappings => self.mappings.selected().cloned().map(Key::Mapping),
            Screen::Savings => self.savings.selected().cloned().map(Key::Model),
            Screen::Findings => self.findings.selected().cloned().map(Key::Finding),
            Screen::Journal => self.journal.selected().cloned().map(Key::Operation),
        }
    }
}

/// How long one step of a spinner takes, in real time.
pub(super) const SPINNER: Duration = Duration::from_millis(125);
