//! What is asked within the week editor: a line that is typed, or one of a few weeks.

use chrono::{Datelike, Days};
use tui_input::{Input, InputRequest};

use super::{DAY, WeekEditor};
use crate::app::state::State;
use crate::domain::asked;
use crate::domain::plan::week::one_off;
use crate::domain::week::Preset;

/// What a line is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// The hours of the cursor's day.
    Day,
    /// The lead time.
    Lead,
    /// A window that happens once.
    OneOff,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Ask {
    /// A line of text.
    Line {
        /// What for.
        what: Typed,
        /// What was typed.
        input: Input,
        /// Why it was not taken.
        wrong: Option<String>,
    },
    /// One of the weeks that many want.
    Presets {
        /// The selected one.
        selected: usize,
    },
}

/// The longest lead time that a schedule can say, exclusive, in minutes.
const LONGEST_LEAD: i64 = 12 * 60;
/// The names of the days, Monday first.
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl WeekEditor {
    /// The name of a day, Monday being 0.
    #[must_use]
    pub fn day_name(day: u16) -> &'static str {
        DAYS.get(usize::from(day)).copied().unwrap_or_default()
    }

    pub(super) fn ask_line(&mut self, what: Typed, state: &State) {
        let text = match what {
            Typed::Day => self.draft.pattern.day_text(self.day),
            Typed::Lead => format!("{}m", self.draft.lead),
            Typed::OneOff => self.next_once(state),
        };
        self.ask = Some(Ask::Line { what, input: Input::new(text), wrong: None });
    }

    /// A window of a few hours on the next date of the cursor's day, from the cursor on.
    fn next_once(&self, state: &State) -> String {
        let today = state.now().with_timezone(&self.draft.zone).date_naive();
        let ahead = (u64::from(self.day) + 7 - u64::from(today.weekday().num_days_from_monday())) % 7;
        let date = today + Days::new(if ahead == 0 { 7 } else { ahead });
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60 % 24, minute % 60);
        format!("{date} {}-{}", clock(self.minute), clock(self.minute + 4 * 60))
    }

    /// Takes in a key that is text.
    pub(in crate::app) fn type_in(&mut self, request: InputRequest) {
        if let Some(Ask::Line { input, wrong, .. }) = &mut self.ask {
            crate::app::update::type_in(input, request);
            *wrong = None;
        }
    }

    /// Goes up or down in a list, if one is asked about.
    pub(in crate::app) fn pick(&mut self, by: isize) {
        if let Some(Ask::Presets { selected }) = &mut self.ask {
            *selected = selected.saturating_add_signed(by).min(Preset::ALL.len() - 1);
        }
    }

    /// Takes what was typed or chosen.
    pub(in crate::app) fn answer(&mut self, state: &State) {
        match self.ask.take() {
            Some(Ask::Line { what, input, .. }) => {
                if let Err(why) = self.take_line(what, input.value(), state) {
                    self.ask = Some(Ask::Line { what, input, wrong: Some(why) });
                }
            }
            Some(Ask::Presets { selected }) => {
                if let Some(preset) = Preset::ALL.get(selected) {
                    self.change(state, |draft| draft.pattern = preset.pattern(draft.lead));
                }
            }
            None => {}
        }
    }

    fn take_line(&mut self, what: Typed, text: &str, state: &State) -> Result<(), String> {
        match what {
            Typed::Day => {
                let (mut pattern, day) = (self.draft.pattern.clone(), self.day);
                pattern.retype_day(day, text, self.draft.lead)?;
                self.change(state, |draft| draft.pattern = pattern);
                self.tell_what_is_left(day);
            }
            Typed::Lead => {
                let lead = lead_typed(text)?;
                self.change(state, |draft| draft.lead_by(lead));
            }
            Typed::OneOff => {
                let window = one_off(text)?;
                if self.draft.once.contains(&window) {
                    return Err(format!("{} is there already.", window.words()));
                }
                let refused = self.outlook.refused.clone();
                self.change(state, |draft| {
                    draft.once.push(window);
                    draft.once.sort();
                });
                // What cannot be saved with it is said while it can be typed differently.
                if let Some(why) = self.outlook.refused.clone().filter(|why| refused.as_ref() != Some(why)) {
                    self.draft = self.past.pop().unwrap_or_else(|| self.original.clone());
                    self.look(state);
                    return Err(why);
                }
            }
        }
        Ok(())
    }

    /// A window over midnight belongs to the day on which it opens: clearing the other day does not cut it.
    pub(super) fn tell_what_is_left(&mut self, day: u16) {
        let (pattern, before) = (&self.draft.pattern, (day + 6) % 7);
        let own = pattern.openings().iter().any(|opening| opening.day() == day);
        if !own && pattern.ready_within(day * DAY, DAY) > 0 {
            let (day, before) = (Self::day_name(day), Self::day_name(before));
            self.said = Some(format!("What is left of {day} belongs to a window that opens on {before} or earlier."));
        }
    }
}

/// A lead time as it is typed: `45`, `45m`, `1h`.
fn lead_typed(text: &str) -> Result<u16, String> {
    let text = text.trim();
    let minutes = match text.strip_suffix('m').unwrap_or(text).trim().parse::<u16>() {
        Ok(minutes) => i64::from(minutes),
        Err(_) => asked::length(text)?.num_minutes(),
    };
    let lead = u16::try_from(minutes).ok().filter(|_| minutes < LONGEST_LEAD);
    lead.ok_or_else(|| format!("A lead time is shorter than 12 h, and '{text}' is not."))
}
