//! Commands are data: keys, footer, help and palette all come from the one list below.

use std::collections::BTreeMap;

/// Where a key means something. The contexts that are open form a stack; the topmost that knows a key decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Everywhere, unless something above knows the key.
    Global,
    /// The table of a screen.
    Rows,
    /// Typing a filter.
    Filter,
    /// The help.
    Help,
    /// The palette of commands.
    Palette,
    /// Everything about one row.
    Details,
    /// What belongs to a row.
    Related,
    /// The dialog before a change: its choices and buttons.
    Act,
    /// The same dialog while a text is typed in it.
    Form,
    /// Leaving while something is going on.
    Leave,
    /// The week editor.
    Week,
    /// A line that is typed in the week editor.
    WeekLine,
    /// A short list in the week editor.
    WeekList,
    /// Typing an expression.
    Expression,
    /// Choosing a time zone.
    Zones,
    /// Skipping days in the calendar.
    Calendar,
    /// The savings, above their table.
    Savings,
    /// Every run of one model.
    Runs,
    /// Typing a range.
    Range,
    /// What a model without schedules lacks.
    Unscheduled,
    /// The functions.
    Functions,
}

impl Context {
    /// All of them, in the order in which help shows them.
    pub const ALL: [Self; 21] = [
        Self::Rows,
        Self::Global,
        Self::Details,
        Self::Related,
        Self::Savings,
        Self::Runs,
        Self::Range,
        Self::Week,
        Self::WeekLine,
        Self::WeekList,
        Self::Act,
        Self::Form,
        Self::Leave,
        Self::Unscheduled,
        Self::Functions,
        Self::Filter,
        Self::Palette,
        Self::Help,
        Self::Expression,
        Self::Zones,
        Self::Calendar,
    ];

    /// Its name in the file of keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Rows => "rows",
            Self::Filter => "filter",
            Self::Help => "help",
            Self::Palette => "palette",
            Self::Details => "details",
            Self::Related => "related",
            Self::Act => "act",
            Self::Form => "form",
            Self::Leave => "leave",
            Self::Week => "week",
            Self::WeekLine => "week_line",
            Self::WeekList => "week_list",
            Self::Expression => "expression",
            Self::Zones => "zones",
            Self::Calendar => "calendar",
            Self::Savings => "savings",
            Self::Runs => "runs",
            Self::Range => "range",
            Self::Unscheduled => "unscheduled",
            Self::Functions => "functions",
        }
    }

    /// What help calls it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::Rows => "In a table",
            Self::Filter => "While typing a filter",
            Self::Help => "In this help",
            Self::Palette => "In the list of commands",
            Self::Details => "In the details of a row",
            Self::Related => "In the list of what belongs to a row",
            Self::Act => "In the dialog before a change",
            Self::Form => "While typing in that dialog",
            Self::Leave => "When leaving while something is going on",
            Self::Week => "In the week editor",
            Self::WeekLine => "While typing a line in the week editor",
            Self::WeekList => "In a list of the week editor",
            Self::Expression => "While typing an expression",
            Self::Zones => "In the list of time zones",
            Self::Calendar => "In the calendar of skipped days",
            Self::Savings => "With the savings in front",
            Self::Runs => "In the runs of a model",
            Self::Range => "While typing a range",
            Self::Functions => "With the functions in front",
            Self::Unscheduled => "With what a model without schedules lacks",
        }
    }

    /// Whether keys that mean nothing here are text.
    #[must_use]
    pub fn is_typing(self) -> bool {
        matches!(
            self,
            Self::Filter | Self::Palette | Self::Form | Self::WeekLine | Self::Expression | Self::Zones | Self::Range
        )
    }
}

/// What a command may do to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Nothing.
    Read,
    /// It changes something that can be changed back.
    Change,
    /// It may cost money or lose work.
    Danger,
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])+ $id:ident $name:literal $short:literal $risk:ident $footer:literal [$($context:ident)+];)+) => {
        /// A command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Command {
            $($(#[doc = $doc])+ $id,)+
        }

        /// The one list.
        const SPECS: &[Spec] = &[$(Spec {
            command: Command::$id,
            name: $name,
            short: $short,
            title: concat!($($doc),+),
            risk: Risk::$risk,
            footer: $footer,
            contexts: &[$(Context::$context),+],
        },)+];
    };
}

/// What is known of a command.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Which one.
    pub command: Command,
    /// Its name in the file of keys.
    pub name: &'static str,
    /// What the footer calls it.
    pub short: &'static str,
    title: &'static str,
    /// What it may do to the account.
    pub risk: Risk,
    /// Its place in the footer, 1 before 2; 0: it is not shown there.
    pub footer: u8,
    /// Where it can be used.
    pub contexts: &'static [Context],
}

impl Spec {
    /// What help and palette say about it.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.title.trim().trim_end_matches('.')
    }
}

// One line each: name in the file of keys, word in the footer, risk, place in the footer, contexts.
commands! {
    /// Start the model now.
    Start "start" "start" Danger 1 [Rows Details];
    /// Stop the model now.
    Stop "stop" "stop" Danger 2 [Rows Details];
    /// Emergency start: at once, then stop after 2 h.
    EmergencyStart "emergency_start" "emergency" Danger 4 [Rows Details];
    /// Pause or resume it, or a model's schedules.
    Pause "pause" "pause" Change 5 [Rows Details];
    /// Edit the week of the model.
    Week "week" "week" Read 21 [Rows Details Unscheduled];
    /// Edit the expression of the schedule or rule.
    Expression "expression" "edit" Change 22 [Rows Details];
    /// Move the rule to a schedule.
    Migrate "migrate" "move to a schedule" Change 23 [Rows Details];
    /// Mark the row: what follows is for all marked ones.
    Mark "mark" "mark" Read 6 [Rows];
    /// Mark all rows that are shown, or none.
    MarkAll "mark_all" "mark all" Read 0 [Rows];
    /// Carry an unfinished operation on.
    CarryOn "carry_on" "carry on" Change 7 [Rows Details];
    /// Abandon an unfinished operation.
    Abandon "abandon" "abandon" Change 8 [Rows Details];
    /// Undo: put the former schedule back.
    Undo "undo" "undo" Change 9 [Rows Details];
    /// Wait no longer for messages in flight.
    GoOn "go_on" "go on" Change 0 [Rows Details];
    /// Show everything about the selected row.
    Details "details" "details" Read 10 [Rows];
    /// Go to its model, schedules, mappings, findings.
    Related "related" "related" Read 12 [Rows Details];
    /// Show the functions: version, errors, a test.
    Functions "functions" "functions" Read 24 [Rows Details];
    /// Let the function look, and change nothing.
    Test "test" "test" Change 1 [Functions];
    /// Go back to where the last jump came from.
    Back "back" "back" Read 0 [Rows Details Related];
    /// Filter the table: words, !word, status:running.
    Filter "filter" "filter" Read 11 [Rows];
    /// Sort by the marked column; again turns it round.
    Sort "sort" "sort" Read 13 [Rows];
    /// Mark the column to the left.
    SortLeft "sort_left" "column" Read 0 [Rows];
    /// Mark the column to the right.
    SortRight "sort_right" "column" Read 0 [Rows];
    /// Go half an hour back.
    HalfHourLeft "left" "left" Read 0 [Week];
    /// Go half an hour on.
    HalfHourRight "right" "right" Read 0 [Week];
    /// Go to where the next window begins or ends.
    NextEdge "next_edge" "next window" Read 0 [Week];
    /// Go to where the window before begins or ends.
    PreviousEdge "previous_edge" "previous window" Read 0 [Week];
    /// Paint the half hour, or erase it.
    Paint "paint" "paint" Read 1 [Week];
    /// Let the window end later.
    EndLater "end_later" "longer" Read 5 [Week];
    /// Let the window end earlier.
    EndEarlier "end_earlier" "shorter" Read 6 [Week];
    /// Let the window begin earlier.
    BeginEarlier "begin_earlier" "begin earlier" Read 0 [Week];
    /// Let the window begin later.
    BeginLater "begin_later" "begin later" Read 0 [Week];
    /// Move the window half an hour back.
    WindowEarlier "window_earlier" "move back" Read 0 [Week];
    /// Move the window half an hour on.
    WindowLater "window_later" "move" Read 21 [Week];
    /// Type the hours of the day.
    TypeDay "type_day" "type" Read 4 [Week];
    /// Copy the hours of the day.
    CopyDay "copy_day" "copy day" Read 8 [Week];
    /// Give the copied hours to this day.
    PasteDay "paste_day" "paste" Read 9 [Week];
    /// Give the copied hours to Monday to Friday.
    PasteWeekdays "paste_weekdays" "paste to weekdays" Read 0 [Week];
    /// Take all windows of the day away.
    ClearDay "clear_day" "clear day" Read 20 [Week];
    /// Choose one of the usual weeks.
    Presets "presets" "presets" Read 10 [Week];
    /// Type the lead time: how much earlier starts fire.
    TypeLead "type_lead" "lead" Read 13 [Week];
    /// Type a window that happens once.
    OneOff "one_off" "once" Read 16 [Week];
    /// Take a window that happens once away.
    DropOneOff "drop_one_off" "drop once" Read 0 [Week];
    /// Take the last change of the draft back.
    TakeBack "take_back" "undo" Read 7 [Week];
    /// Do again what was taken back.
    DoAgain "do_again" "redo" Read 0 [Week];
    /// Review the changes, and save them.
    Review "review" "review" Read 2 [Week];
    /// Move up.
    Up "up" "up" Read 0 [Rows Filter Help Palette Details Related Week WeekList Zones Calendar Runs Unscheduled Functions];
    /// Move down.
    Down "down" "down" Read 0 [Rows Filter Help Palette Details Related Week WeekList Zones Calendar Runs Unscheduled Functions];
    /// Move up by a page.
    PageUp "page_up" "page up" Read 0 [Rows Help Details Act Form Zones Calendar Runs Functions];
    /// Move down by a page.
    PageDown "page_down" "page down" Read 0 [Rows Help Details Act Form Zones Calendar Runs Functions];
    /// Move to the top.
    Top "top" "top" Read 0 [Rows Help Details Week Runs Functions];
    /// Move to the bottom.
    Bottom "bottom" "bottom" Read 0 [Rows Help Details Week Runs Functions];
    /// Copy the name.
    CopyName "copy_name" "copy name" Read 0 [Rows Details Functions];
    /// Copy the ARN, the UUID, or the AWS CLI commands.
    CopyArn "copy_arn" "copy ARN" Read 16 [Rows Details Unscheduled Functions];
    /// Clear marks, then notices, then the filter.
    Clear "clear" "clear" Read 0 [Rows];
    /// Take it.
    Accept "accept" "go" Read 1 [Filter Palette Related Act Form Leave WeekLine WeekList Expression Zones Calendar Range];
    /// Go to the next field or button.
    NextField "next_field" "next" Read 2 [Act Form Leave Expression];
    /// Go to the field or button before.
    PreviousField "previous_field" "previous" Read 0 [Act Form Leave Expression];
    /// Choose to the left.
    ChooseLeft "choose_left" "left" Read 0 [Act Leave Calendar];
    /// Choose to the right.
    ChooseRight "choose_right" "choose" Read 5 [Act Leave Calendar];
    /// Yes, do it.
    Yes "yes" "yes" Read 4 [Act];
    /// Close.
    Close "close" "close" Read 3 [Filter Help Palette Details Related Act Form Leave Week WeekLine WeekList Expression Zones Calendar Runs Range Unscheduled Functions];
    /// Read the fleet now.
    Refresh "refresh" "refresh" Read 14 [Global];
    /// Next screen.
    NextScreen "next_screen" "next screen" Read 15 [Global];
    /// Previous screen.
    PreviousScreen "previous_screen" "previous screen" Read 0 [Global];
    /// Models.
    Models "models" "models" Read 0 [Global];
    /// Schedules and rules.
    Schedules "schedules" "schedules" Read 0 [Global];
    /// Mappings and their queues.
    Mappings "mappings" "mappings" Read 0 [Global];
    /// What was saved.
    Savings "savings" "savings" Read 0 [Global];
    /// What was asked for, and what came of it.
    Journal "journal" "journal" Read 0 [Global];
    /// Findings.
    Findings "findings" "findings" Read 0 [Global];
    /// Change the colours: night, day, mono.
    Theme "theme" "colours" Read 0 [Global];
    /// Find a command by typing.
    Palette "palette" "commands" Read 17 [Global];
    /// Show the keys.
    Help "help" "help" Read 18 [Global];
    /// Go to the shell; fg comes back.
    Suspend "suspend" "suspend" Read 0 [Global];
    /// Leave rekotui.
    Quit "quit" "quit" Read 19 [Global];
    /// Choose the zone from a list.
    PickZone "pick_zone" "all zones" Read 4 [Expression];
    /// Take it and keep the instants.
    KeepInstants "keep_instants" "keep the instants" Read 2 [Zones];
    /// Skip the day, or no longer.
    SkipDay "skip_day" "skip" Read 2 [Calendar];
    /// The next range: days, a month, 12 months.
    NextRange "next_range" "range" Read 1 [Savings Runs];
    /// The range before.
    PreviousRange "previous_range" "range" Read 0 [Savings Runs];
    /// Type a range.
    TypeRange "type_range" "dates" Read 2 [Savings];
    /// By day, by week, by month.
    StepBy "step_by" "steps" Read 3 [Savings];
    /// Compare with another baseline.
    Baseline "baseline" "baseline" Read 5 [Savings];
    /// Chart all models together, or the selected one.
    Together "together" "one or all" Read 4 [Savings];
    /// Skip all holidays, or none.
    SkipHolidays "skip_holidays" "holidays" Read 4 [Calendar];
    /// Give the week another time zone.
    WeekZone "week_zone" "zone" Read 12 [Week];
    /// Skip days in a calendar.
    WeekSkips "week_skips" "skip days" Read 11 [Week];
}

impl Command {
    /// Every command, in the order of the list.
    pub fn all() -> impl Iterator<Item = &'static Spec> {
        SPECS.iter()
    }

    /// What is known of this one.
    #[must_use]
    pub fn spec(self) -> &'static Spec {
        // The enum and the list are made from the same lines, in the same order.
        SPECS.get(self as usize).unwrap_or(&SPECS[0])
    }

    /// The command of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        SPECS.iter().find(|spec| spec.name == name).map(|spec| spec.command)
    }
}

/// How the keys of each command are printed: `q`, `Ctrl-d`. Filled in by whoever reads the file of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyNames(BTreeMap<(Context, Command), Vec<String>>);

impl KeyNames {
    /// Notes the keys of a command in a context, the one to be shown first in front.
    pub fn note(&mut self, context: Context, command: Command, keys: Vec<String>) {
        self.0.insert((context, command), keys);
    }

    /// The keys of a command in a context.
    #[must_use]
    pub fn of(&self, context: Context, command: Command) -> &[String] {
        self.0.get(&(context, command)).map_or(&[], Vec::as_slice)
    }

    /// The first key of a command in a context that means nothing else in another one above it.
    #[must_use]
    pub fn free(&self, context: Context, command: Command, above: Context) -> Option<&str> {
        let taken = |key: &str| {
            let others = self.0.iter().filter(|((own, other), _)| *own == above && *other != command);
            context != above && others.into_iter().any(|(_, keys)| keys.iter().any(|own| own == key))
        };
        self.of(context, command).iter().map(String::as_str).find(|key| !taken(key))
    }

    /// The key to show for a command in the first of these contexts that has one.
    #[must_use]
    pub fn shown(&self, contexts: &[Context], command: Command) -> Option<&str> {
        contexts.iter().find_map(|context| self.of(*context, command).first()).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_finds_its_own_line() {
        for spec in Command::all() {
            assert_eq!(spec.command.spec().name, spec.name);
            assert_eq!(Command::named(spec.name), Some(spec.command));
            assert!(!spec.title().is_empty() && !spec.title().ends_with('.'));
        }
    }

    #[test]
    fn places_in_the_footer_are_taken_once_in_each_context() {
        for context in Context::ALL {
            let mut places: Vec<u8> = Command::all()
                .filter(|spec| {
                    spec.footer > 0 && spec.contexts.iter().any(|own| [context, Context::Global].contains(own))
                })
                .map(|spec| spec.footer)
                .collect();
            let all = places.len();
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), all, "{context:?}");
        }
    }
}
