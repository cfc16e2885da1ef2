//! What the operator asks for.

use tui_input::{Input, InputRequest};

use crate::app::calendar::Calendar;
use crate::app::command::{Command, Context, Risk, Spec};
use crate::app::dialog::Dialog;
use crate::app::effect::Effect;
use crate::app::filter::Filter;
use crate::app::functions::FunctionsPage;
use crate::app::key::Key;
use crate::app::list::{List, Scroll};
use crate::app::refresh::Reading;
use crate::app::screen::Screen;
use crate::app::state::State;
use crate::domain::operation::Operation;
use crate::domain::words;

/// Does the same with the list of the screen in front, whatever its keys are.
macro_rules! with_list {
    ($state:expr, $list:ident => $do:expr) => {
        match $state.screen {
            Screen::Models => {
                let $list = &mut $state.models;
                $do
            }
            Screen::Schedules => {
                let $list = &mut $state.schedules;
                $do
            }
            Screen::Mappings => {
                let $list = &mut $state.mappings;
                $do
            }
            Screen::Savings => {
                let $list = &mut $state.savings;
                $do
            }
            Screen::Findings => {
                let $list = &mut $state.findings;
                $do
            }
            Screen::Journal => {
                let $list = &mut $state.journal;
                $do
            }
        }
    };
}

/// How a movement key moves.
#[derive(Clone, Copy)]
enum Move {
    Step(isize),
    Page(isize),
    Top,
    Bottom,
}

/// How many jumps can be taken back.
const TRAIL: usize = 32;

/// How many characters a filter or a palette takes.
const LONGEST: usize = 200;

/// How many zones a page of their list has.
const ZONES_PAGE: isize = 10;

impl State {
    pub(super) fn command(&mut self, command: Command, effects: &mut Vec<Effect>) {
        if command.spec().risk > Risk::Read {
            return self.act(command, effects);
        }
        let before = self.screen;
        match command {
            Command::NextScreen
            | Command::PreviousScreen
            | Command::Models
            | Command::Schedules
            | Command::Mappings
            | Command::Savings
            | Command::Findings
            | Command::Journal
            | Command::Filter
                if self.is_asked() => {}
            Command::Filter | Command::Details | Command::Related | Command::Back if self.week().is_some() => {}
            Command::Week => self.open_week(),
            Command::Functions => self.open_functions(effects),
            Command::Quit => self.leave(effects),
            Command::Suspend => effects.push(Effect::Suspend),
            Command::Refresh => {
                self.ask(Reading::Everything, effects);
                if self.screen == Screen::Journal {
                    effects.push(Effect::ReadJournal);
                }
                self.ask_meter(effects);
                self.count_functions(effects);
            }
            Command::Help => self.dialogs.push(Dialog::Help { scroll: Scroll::default() }),
            Command::Palette => self.dialogs.push(Dialog::Palette { input: Input::default(), selected: 0 }),
            Command::Theme => self.theme = self.theme.next(),
            Command::NextScreen => self.show(self.screen.next()),
            Command::PreviousScreen => self.show(self.screen.previous()),
            Command::Models => self.show(Screen::Models),
            Command::Schedules => self.show(Screen::Schedules),
            Command::Mappings => self.show(Screen::Mappings),
            Command::Savings => self.show(Screen::Savings),
            Command::NextRange => self.step_range(true),
            Command::PreviousRange => self.step_range(false),
            Command::TypeRange => self.type_range(),
            Command::StepBy => self.step_by(),
            Command::Baseline => self.turn_baseline(),
            Command::Together => self.ledger.together = !self.ledger.together,
            Command::Findings => self.show(Screen::Findings),
            Command::Journal => self.show(Screen::Journal),
            Command::Up => self.go(Move::Step(-1)),
            Command::Down => self.go(Move::Step(1)),
            Command::PageUp => self.go(Move::Page(-1)),
            Command::PageDown => self.go(Move::Page(1)),
            Command::Top => self.go(Move::Top),
            Command::Bottom => self.go(Move::Bottom),
            Command::Filter => {
                self.dialogs.clear();
                self.filtering = true;
            }
            Command::Clear => self.clear(),
            Command::Accept => self.accept(effects),
            Command::Close => self.close(),
            Command::Sort => self.sort(),
            Command::SortLeft => self.mark_column(false),
            Command::SortRight => self.mark_column(true),
            Command::Details => self.details(),
            Command::Related => self.offer_related(),
            Command::Back => self.back(),
            Command::CopyName if self.functions().is_some() => self.copy_function(false, effects),
            Command::CopyArn if self.functions().is_some() => self.copy_function(true, effects),
            Command::CopyName => self.copy(State::name_of, "name", effects),
            Command::CopyArn => self.copy_id(effects),
            Command::Mark => self.mark(),
            Command::MarkAll => self.mark_all(),
            Command::NextField => self.step_field(true),
            Command::PreviousField => self.step_field(false),
            Command::ChooseLeft => self.choose(false),
            Command::ChooseRight => self.choose(true),
            Command::Yes => self.confirm(effects),
            Command::HalfHourLeft
            | Command::HalfHourRight
            | Command::NextEdge
            | Command::PreviousEdge
            | Command::Paint
            | Command::EndLater
            | Command::EndEarlier
            | Command::BeginEarlier
            | Command::BeginLater
            | Command::WindowEarlier
            | Command::WindowLater
            | Command::TypeDay
            | Command::CopyDay
            | Command::PasteDay
            | Command::PasteWeekdays
            | Command::ClearDay
            | Command::Presets
            | Command::TypeLead
            | Command::OneOff
            | Command::DropOneOff
            | Command::TakeBack
            | Command::DoAgain
            | Command::Review => self.week_command(command),
            Command::PickZone => self.pick_zone(false),
            Command::KeepInstants => self.take_zone(true),
            Command::SkipDay => self.with_calendar(Calendar::toggle),
            Command::WeekZone => self.pick_zone(true),
            Command::WeekSkips => self.open_calendar(),
            Command::SkipHolidays => self.with_calendar(Calendar::toggle_holidays),
            // They may change something, and were taken care of above.
            Command::Start
            | Command::Stop
            | Command::EmergencyStart
            | Command::Pause
            | Command::Expression
            | Command::Migrate
            | Command::CarryOn
            | Command::Abandon
            | Command::Undo
            | Command::Test
            | Command::GoOn => {}
        }
        // Other programs on this workstation write into the journal as well.
        if self.screen == Screen::Journal && before != Screen::Journal {
            effects.push(Effect::ReadJournal);
        }
    }

    /// Whether a question is open that must not be lost by a key that was meant as text.
    pub(in crate::app) fn is_asked(&self) -> bool {
        self.week().is_some()
            || matches!(
                self.dialogs.last(),
                Some(
                    Dialog::Act(_)
                        | Dialog::Leave { .. }
                        | Dialog::Which { .. }
                        | Dialog::Expression(_)
                        | Dialog::Zones(_)
                        | Dialog::Calendar(_)
                        | Dialog::Range(_)
                )
            )
    }

    fn show(&mut self, screen: Screen) {
        self.dialogs.clear();
        self.filtering = false;
        self.screen = screen;
    }

    fn go(&mut self, by: Move) {
        match self.dialogs.last_mut() {
            Some(Dialog::Help { scroll } | Dialog::Details { scroll, .. }) => scroll_by(scroll, by),
            Some(Dialog::Act(act)) => scroll_by(&act.scroll, by),
            Some(Dialog::Runs(page)) => scroll_by(&page.scroll, by),
            Some(Dialog::Leave { .. } | Dialog::Expression(_) | Dialog::Range(_)) => {}
            Some(Dialog::Related { selected, targets, .. } | Dialog::Which { selected, targets }) => {
                *selected = pick(*selected, by, targets.len());
            }
            Some(Dialog::Functions(page)) => match by {
                Move::Page(_) => scroll_by(&page.scroll, by),
                _ => page.select(pick(page.selected, by, page.rows.len())),
            },
            Some(Dialog::Unscheduled(dialog)) => dialog.selected = pick(dialog.selected, by, 2),
            Some(Dialog::Calendar(calendar)) => match by {
                Move::Step(weeks) => calendar.by_days(7 * weeks as i64),
                Move::Page(months) => calendar.by_months(i32::try_from(months).unwrap_or(0)),
                Move::Top | Move::Bottom => {}
            },
            Some(Dialog::Zones(zones)) => {
                // A page of the list, as high as it is drawn at least.
                let by = if let Move::Page(by) = by { Move::Step(by * ZONES_PAGE) } else { by };
                zones.selected = pick(zones.selected, by, zones.rows.len());
            }
            Some(Dialog::Week(_)) => self.go_in_week(by),
            Some(Dialog::Palette { selected, .. }) => {
                let now = *selected;
                let next = pick(now, by, self.palette().len());
                if let Some(Dialog::Palette { selected, .. }) = self.dialogs.last_mut() {
                    *selected = next;
                }
            }
            None => with_list!(self, list => move_in(list, by)),
        }
    }

    fn go_in_week(&mut self, by: Move) {
        self.with_week(|editor, state| match by {
            Move::Step(by) if editor.ask.is_some() => editor.pick(by),
            Move::Step(by) => editor.step_days(by, state),
            Move::Top | Move::Bottom if editor.ask.is_none() => editor.step_far(matches!(by, Move::Bottom)),
            Move::Top | Move::Bottom | Move::Page(_) => {}
        });
    }

    fn clear(&mut self) {
        let screen = self.screen;
        if self.marks.iter().any(|key| key.screen() == screen) {
            self.marks.retain(|key| key.screen() != screen);
        } else if self.notices.is_empty() {
            self.clear_filter();
        } else {
            self.notices.clear();
        }
    }

    fn clear_filter(&mut self) {
        with_list!(self, list => list.input.reset());
        self.refilter();
    }

    fn refilter(&mut self) {
        let screen = self.screen;
        with_list!(self, list => list.filter = Filter::parse(list.input.value(), screen.fields()));
        self.rearrange(screen);
    }

    fn close(&mut self) {
        if matches!(self.dialogs.last(), Some(Dialog::Week(_))) {
            return self.close_week();
        }
        if self.dialogs.pop().is_none() && self.filtering {
            self.filtering = false;
            self.clear_filter();
        }
    }

    fn accept(&mut self, effects: &mut Vec<Effect>) {
        match self.dialogs.last() {
            None => self.filtering = false,
            Some(Dialog::Palette { selected, .. }) => {
                let command = self.palette().get(*selected).map(|spec| spec.command);
                self.dialogs.pop();
                if let Some(command) = command {
                    self.command(command, effects);
                }
            }
            Some(Dialog::Related { targets, selected, .. }) => {
                if let Some(target) = targets.get(*selected).cloned() {
                    self.jump(&target);
                }
            }
            Some(Dialog::Act(_)) => self.accept_field(effects),
            Some(Dialog::Week(_)) => self.accept_week(),
            Some(Dialog::Leave { leave: true }) => effects.push(Effect::Quit),
            Some(Dialog::Leave { leave: false }) => self.close(),
            Some(Dialog::Which { .. }) => self.take_which(),
            Some(Dialog::Expression(_)) => self.accept_wording(),
            Some(Dialog::Zones(_)) => self.take_zone(false),
            Some(Dialog::Calendar(_)) => self.keep_skipped(),
            Some(Dialog::Range(_)) => self.accept_range(),
            Some(
                Dialog::Help { .. }
                | Dialog::Details { .. }
                | Dialog::Runs(_)
                | Dialog::Unscheduled(_)
                | Dialog::Functions(_),
            ) => {}
        }
    }

    /// Takes in a key that is text.
    pub(super) fn edit(&mut self, request: InputRequest) {
        match self.dialogs.last_mut() {
            Some(Dialog::Palette { input, selected }) => {
                type_in(input, request);
                *selected = 0;
            }
            Some(Dialog::Act(_)) => self.edit_act(request),
            Some(Dialog::Expression(_)) => self.edit_wording(request),
            Some(Dialog::Range(_)) => self.edit_range(request),
            Some(Dialog::Zones(zones)) => {
                type_in(&mut zones.input, request);
                zones.search(self.moment.now);
            }
            Some(Dialog::Week(_)) => self.with_week(|editor, _| editor.type_in(request)).unwrap_or_default(),
            Some(_) => {}
            None if self.filtering => {
                with_list!(self, list => type_in(&mut list.input, request));
                self.refilter();
            }
            None => {}
        }
    }

    /// Pasted text is one line for us, wherever it came from.
    pub(super) fn paste(&mut self, text: &str) {
        let blank = |letter: char| letter.is_whitespace() || letter.is_control();
        let line = text.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        for letter in line.chars().take(LONGEST) {
            self.edit(InputRequest::InsertChar(letter));
        }
    }

    /// The commands that the palette offers for what was typed, in the order of the list.
    #[must_use]
    pub fn palette(&self) -> Vec<&'static Spec> {
        let Some(Dialog::Palette { input, .. }) = self.dialogs.last() else { return Vec::new() };
        let typed = input.value().to_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let below = if self.week().is_some() { Context::Week } else { Context::Rows };
        let offered = |spec: &&Spec| {
            let here = |context: &Context| {
                [Context::Global, below].contains(context)
                    || (*context == Context::Savings && below == Context::Rows && self.screen == Screen::Savings)
            };
            spec.contexts.iter().any(here)
                && !matches!(
                    spec.command,
                    Command::Palette | Command::Up | Command::Down | Command::PageUp | Command::PageDown
                )
        };
        let fits = |spec: &&Spec| {
            let title = spec.title().to_lowercase();
            words.iter().all(|word| title.contains(word) || spec.name.contains(word))
        };
        Command::all().filter(offered).filter(fits).collect()
    }

    fn sort(&mut self) {
        let (screen, column) = (self.screen, self.marked_column());
        with_list!(self, list => {
            list.cursor = column;
            if list.sort.column == column {
                list.sort.descending = !list.sort.descending;
            } else {
                list.sort = crate::app::list::Sort { column, descending: false };
            }
        });
        self.rearrange(screen);
    }

    fn mark_column(&mut self, right: bool) {
        if let Some(column) = self.column_beside(right) {
            with_list!(self, list => list.cursor = column);
        }
    }

    fn details(&mut self) {
        if self.screen == Screen::Savings {
            return self.open_runs();
        }
        if let Some(key) = self.selected() {
            self.dialogs.push(Dialog::Details { key, scroll: Scroll::default() });
        }
    }

    /// The row that commands are about: that of the topmost dialog, or the selected one.
    #[must_use]
    pub fn subject(&self) -> Option<Key> {
        match self.dialogs.last() {
            Some(Dialog::Details { key, .. } | Dialog::Related { of: key, .. }) => Some(key.clone()),
            Some(Dialog::Runs(page)) => Some(Key::Model(page.arn.clone())),
            Some(Dialog::Week(editor)) => Some(Key::Model(editor.model.clone())),
            Some(Dialog::Unscheduled(dialog)) => Some(Key::Model(dialog.model.clone())),
            _ => self.selected(),
        }
    }

    fn offer_related(&mut self) {
        let Some(of) = self.subject() else { return };
        let targets = self.related(&of);
        match targets.as_slice() {
            [] => self.say("Nothing is known to belong to it."),
            [one] => self.jump(&one.clone()),
            _ => self.dialogs.push(Dialog::Related { of, targets, selected: 0 }),
        }
    }

    fn jump(&mut self, target: &Key) {
        self.trail.extend(self.selected());
        let surplus = self.trail.len().saturating_sub(TRAIL);
        self.trail.drain(..surplus);
        self.go_to(target);
    }

    fn back(&mut self) {
        if self.dialogs.pop().is_some() {
            return;
        }
        while let Some(target) = self.trail.pop() {
            if self.exists(&target) {
                return self.go_to(&target);
            }
        }
    }

    /// Selects a row on its own screen, out of its filter's reach if need be.
    fn go_to(&mut self, target: &Key) {
        self.show(target.screen());
        self.settle_rows(self.screen);
        if !self.select(target) && self.exists(target) {
            self.clear_filter();
            self.settle_rows(self.screen);
            self.select(target);
            self.say("The filter was cleared to show it.");
        }
    }

    fn select(&mut self, target: &Key) -> bool {
        match target {
            Key::Model(arn) => self.models.select(arn),
            Key::Schedule(arn) => self.schedules.select(arn),
            Key::Mapping(uuid) => self.mappings.select(uuid),
            Key::Finding(key) => self.findings.select(key),
            Key::Operation(id) => self.journal.select(id),
        }
    }

    /// What scripts call a row; of an operation, what it did as commands of the AWS CLI.
    fn copy_id(&mut self, effects: &mut Vec<Effect>) {
        if let Some(Dialog::Unscheduled(dialog)) = self.dialogs.last() {
            let dialog = dialog.clone();
            return self.copy_remedy(&dialog, effects);
        }
        let Some(Key::Operation(id)) = self.subject() else { return self.copy(State::id_of, "id", effects) };
        let commands = self.operations.get(&id).map(Operation::aws_commands).unwrap_or_default();
        if commands.is_empty() {
            return self.say("It has changed nothing, so there is no command to copy.");
        }
        let count = words::count(commands.lines().count() as u64, "command");
        self.say(format!("Gave {count} of the AWS CLI to the terminal's clipboard."));
        effects.push(Effect::Copy(commands));
    }

    fn copy_function(&mut self, whole: bool, effects: &mut Vec<Effect>) {
        let Some(chosen) = self.functions().and_then(FunctionsPage::chosen) else { return };
        let (text, what) = if whole { (chosen.arn.clone(), "ARN") } else { (chosen.name().to_owned(), "name") };
        self.say(format!("Gave the {what} to the terminal's clipboard: {text}"));
        effects.push(Effect::Copy(text));
    }

    fn copy(&mut self, text: fn(&State, &Key) -> String, what: &str, effects: &mut Vec<Effect>) {
        let Some(key) = self.subject() else { return };
        let text = text(self, &key);
        self.say(format!("Gave the {what} to the terminal's clipboard: {text}"));
        effects.push(Effect::Copy(text));
    }
}

fn move_in<K: Clone + Eq>(list: &mut List<K>, by: Move) {
    match by {
        Move::Step(by) => list.step(by),
        Move::Page(by) => list.page(by),
        Move::Top => list.top(),
        Move::Bottom => list.bottom(),
    }
}

fn scroll_by(scroll: &Scroll, by: Move) {
    match by {
        Move::Step(by) => scroll.by(by),
        Move::Page(by) => scroll.by(by * isize::try_from(scroll.page()).unwrap_or(1)),
        Move::Top => scroll.to_top(),
        Move::Bottom => scroll.to_bottom(),
    }
}

fn pick(selected: usize, by: Move, of: usize) -> usize {
    let last = of.saturating_sub(1);
    match by {
        Move::Step(by) | Move::Page(by) => selected.saturating_add_signed(by).min(last),
        Move::Top => 0,
        Move::Bottom => last,
    }
}

/// Types into a line that is not endless.
pub(in crate::app) fn type_in(input: &mut Input, request: InputRequest) {
    let inserts = matches!(request, InputRequest::InsertChar(_) | InputRequest::Yank);
    if !inserts || input.value().chars().count() < LONGEST {
        input.handle(request);
    }
}
