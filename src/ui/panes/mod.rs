//! The panes: one file for each part of the screen.

pub(super) mod act;
pub(super) mod act_form;
mod calendar;
pub(super) mod cells;
pub(super) mod details;
pub(super) mod dialogs;
pub(super) mod editor;
pub(super) mod footer;
mod functions;
pub(super) mod header;
pub(super) mod operation_details;
pub(super) mod progress;
pub(super) mod rows;
pub(super) mod savings;
pub(super) mod schedule_details;
pub(super) mod tiny;
mod unscheduled;
pub(super) mod week;
mod wording;
mod zones;
