//! The program as data: [`State`], [`Message`], [`update`] and the [`Effect`]s that it asks for.
//!
//! `update` never waits, never reads a clock and never touches the terminal: time arrives as a [`Moment`], answers as
//! messages, and whatever has to be done outside is returned. So any session can be replayed in a test.

pub mod act;
pub mod age;
pub mod calendar;
pub mod columns;
pub mod command;
pub mod dialog;
pub mod effect;
mod facets;
pub mod filter;
pub mod functions;
pub mod key;
pub mod list;
pub mod message;
pub mod moment;
pub mod notice;
pub mod offers;
pub mod refresh;
mod related;
mod rows;
pub mod savings;
pub mod screen;
pub mod state;
pub mod unscheduled;
mod update;
pub mod week;
pub mod wording;
pub mod zones;

pub use act::Act;
pub use columns::{Align, Column, ColumnId, Placed, place, table_width};
pub use command::{Command, Context, KeyNames, Spec};
pub use dialog::Dialog;
pub use effect::{Effect, Work};
pub use functions::{Counted, FunctionsPage, Trial};
pub use key::{FindingKey, Key};
pub use list::{List, Sort};
pub use message::{Connected, Message};
pub use moment::Moment;
pub use notice::{Notice, Tone};
pub use offers::Hint;
pub use refresh::{Reading, Refresh};
pub use savings::{Histories, Ledger, Question, RangeLine, Reckoned, RunsPage, Whole};
pub use screen::Screen;
pub use state::{Connection, Session, Setup, Source, State, Theme};
pub use unscheduled::{Remedy, Unscheduled};
pub use update::{update, update_all};
pub use week::{Ask, Press, Typed, WeekEditor};
