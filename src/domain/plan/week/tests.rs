//! Weeks that are saved: what becomes of the schedules, in which order, and whether the week is read back.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::domain::fleet::Fleet;
use crate::domain::picture::Picture;
use crate::domain::plan::{Grade, Planned, Step, is_automatic};
use crate::domain::schedule::{Kind, Schedule};
use crate::domain::stack::StackWish;
use crate::domain::testing::{BERLIN, LOGOS, Small, UUID, at, function_arn, input, model_arn};
use crate::domain::timing::Timing;
use crate::domain::usage::Span;
use crate::domain::week::windows;
use crate::domain::wiring::Wishes;

/// Sunday evening in Berlin: nothing runs.
const SUNDAY: &str = "2026-11-22T20:00:00Z";

struct Room {
    fleet: Fleet,
    picture: Picture,
    wishes: Wishes,
    now: DateTime<Utc>,
}

impl Room {
    fn new(fleet: Fleet, when: &str) -> Self {
        let wishes = Wishes::default();
        let picture = Picture::of(&fleet, &wishes, at(when), BERLIN);
        Self { fleet, picture, wishes, now: at(when) }
    }

    fn ground(&self) -> Ground<'_> {
        let (fleet, picture, wishes) = (&self.fleet, &self.picture, &self.wishes);
        Ground { fleet, picture, wishes, now: self.now, zone: BERLIN, production: false }
    }

    fn draft(&self) -> Draft {
        Draft::read(self.ground(), &model_arn("logos"), Habits::default()).unwrap()
    }

    fn saved(&self, draft: &Draft) -> Result<Plan, Unplannable> {
        save(self.ground(), &model_arn("logos"), draft, Habits::default())
    }

    fn week(&self, text: &str) -> Result<Plan, Unplannable> {
        let mut draft = self.draft();
        draft.pattern = Pattern::parse(text, draft.lead).unwrap();
        self.saved(&draft)
    }

    /// The room after these steps.
    fn after<'a>(&self, steps: impl IntoIterator<Item = &'a Planned>) -> Self {
        let mut fleet = self.fleet.clone();
        for planned in steps {
            let Some(change) = Change::of(&planned.step) else { panic!("{:?}", planned.step) };
            if let Some(before) = change.before() {
                let found = fleet.schedule(&before.arn).unwrap();
                assert_eq!(found, before, "a step begins where the one before has ended");
            }
            let rows = match change.before().or(change.after()).unwrap().kind {
                Kind::Schedule => &mut fleet.schedules.rows,
                Kind::Rule => &mut fleet.rules.rows,
            };
            rows.remove(change.arn());
            rows.extend(change.after().map(|after| (after.arn.clone(), after.clone())));
        }
        let picture = Picture::of(&fleet, &self.wishes, self.now, BERLIN);
        Self { fleet, picture, wishes: self.wishes.clone(), now: self.now }
    }

    fn named(&self, name: &str) -> &Schedule {
        self.fleet.all_schedules().find(|schedule| schedule.name == name).unwrap()
    }

    /// Every minute of two weeks in which the schedules have the model on.
    fn minutes(&self) -> std::collections::BTreeSet<i64> {
        let (starts, stops): (Vec<_>, Vec<_>) = self
            .picture
            .wiring
            .aims_of(&model_arn("logos"))
            .into_iter()
            .filter_map(|aim| Some((aim, self.fleet.schedule(&aim.schedule).filter(|one| one.enabled)?)))
            .map(|(aim, schedule)| (aim.effect.is_start(), (schedule.arn.clone(), Timing::of(schedule).unwrap())))
            .partition(|(starts, _)| *starts);
        let timings =
            |all: Vec<(bool, (String, Timing))>| all.into_iter().map(|(_, timing)| timing).collect::<Vec<_>>();
        let span = Span { from: self.now, to: self.now + TimeDelta::days(14) };
        let windows = windows(&timings(starts), &timings(stops), span);
        let spans = windows.iter().filter_map(|window| window.within(span));
        spans.flat_map(|span| span.from.timestamp() / 60..span.to.timestamp() / 60).collect()
    }
}

fn base() -> Small {
    Small::new()
        .model("logos", "STOPPED")
        .mapping(UUID, "Disabled")
        .queue(0, None, 345_600)
        .function("inference", &[("PROJECT_VERSION_ARN", LOGOS)])
}

fn up(small: Small, name: &str, expression: &str) -> Small {
    small.schedule(name, expression, &function_arn("start"), &input("start", LOGOS, &[UUID]))
}

fn down(small: Small, name: &str, expression: &str) -> Small {
    small.schedule(name, expression, &function_arn("stop"), &input("stop", LOGOS, &[UUID]))
}

fn office() -> Small {
    down(up(base(), "up", "cron(30 8 ? * MON-FRI *)"), "down", "cron(0 17 ? * MON-FRI *)")
}

fn room() -> Room {
    Room::new(office().0, SUNDAY)
}

/// The steps, of what changes only what it becomes.
fn titles(plan: &Plan) -> Vec<String> {
    let becomes = |title: String| match title.split_once(" → ") {
        Some((before, after)) => {
            let head = before.rsplit_once("cron(").map_or(before, |(head, _)| head);
            format!("{head}{after}")
        }
        None => title,
    };
    plan.steps.iter().map(|planned| becomes(planned.step.title())).collect()
}

fn said(plan: &Plan) -> String {
    plan.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_shorter_friday_takes_one_new_stop_and_leaves_the_start() {
    let plan = room().week("Mon-Thu 9-17, Fri 9-13").unwrap();
    assert_eq!(
        titles(&plan),
        ["Create default/down-2: cron(0 13 ? * FRI *)", "Update default/down: cron(0 17 ? * MON-THU *)"]
    );
    assert!(said(&plan).contains("1 schedule is created"), "{}", said(&plan));
    assert_eq!(
        plan.steps[1].step.title(),
        "Update default/down: cron(0 17 ? * MON-FRI *) → cron(0 17 ? * MON-THU *)",
        "both sides are shown"
    );
    let after = room().after(&plan.steps);
    assert_eq!(after.draft().pattern.sentence(), "Mon–Thu 09:00–17:00, Fri 09:00–13:00");
    let (old, new) = (after.named("down"), after.named("down-2"));
    assert_eq!((&new.targets, &new.zone, new.start), (&old.targets, &old.zone, None), "like its elder in all but time");
    let back = after.week("Mon-Fri 9-17").unwrap();
    assert_eq!(titles(&back), ["Update default/down: cron(0 17 ? * MON-FRI *)", "Delete default/down-2"]);
}

#[test]
fn what_is_as_it_is_changes_nothing() {
    let why = room().week("Mon-Fri 9-17").unwrap_err();
    assert!(why.is_already(), "{why}");
    // Even where fewer schedules would make the same week.
    let split = up(
        down(up(base(), "up", "cron(30 8 ? * MON-THU *)"), "down", "cron(0 17 ? * MON-FRI *)"),
        "up-fri",
        "cron(30 8 ? * FRI *)",
    );
    assert!(Room::new(split.0, SUNDAY).week("Mon-Fri 9-17").unwrap_err().is_already());
}

#[test]
fn every_other_field_is_kept() {
    let small = office().change("down", |schedule| {
        schedule.description = Some("do not lose me".into());
        schedule.flexible_minutes = Some(5);
        schedule.kms_key_arn = Some("arn:aws:kms:eu-central-1:123456789012:key/1".into());
        schedule.targets[0].max_retries = Some(2);
    });
    let plan = Room::new(small.0, SUNDAY).week("Mon-Fri 9-18").unwrap();
    let [Planned { step: Step::Replace { before, after }, .. }] = plan.steps.as_slice() else { panic!("{plan:?}") };
    let expected = Schedule { expression: Some("cron(0 18 ? * MON-FRI *)".into()), ..before.as_ref().clone() };
    assert_eq!(**after, expected);
}

#[test]
fn a_week_that_moves_away_switches_the_start_off_before_the_stop_moves() {
    // In between, the start of Monday would meet no stop until Saturday.
    let plan = room().week("Sat 9-17").unwrap();
    assert_eq!(
        titles(&plan),
        [
            "Update default/up: DISABLED",
            "Update default/down: cron(0 17 ? * SAT *)",
            "Update default/up: ENABLED, cron(30 8 ? * SAT *)",
        ]
    );
}

#[test]
fn never_pauses_the_start_and_always_the_stop() {
    let never = room().week("never").unwrap();
    assert_eq!(titles(&never), ["Update default/up: DISABLED"]);
    let after = room().after(&never.steps);
    assert!(after.draft().pattern.is_never());
    assert_eq!(titles(&after.week("Mon-Fri 9-17").unwrap()), ["Update default/up: ENABLED"]);
    assert_eq!(
        titles(&after.week("Mon-Fri 9-18").unwrap()),
        ["Update default/down: cron(0 18 ? * MON-FRI *)", "Update default/up: ENABLED"]
    );
    let always = room().week("always").unwrap();
    assert_eq!(titles(&always), ["Update default/down: DISABLED"]);
    assert_eq!(always.grade, Grade::Danger);
    assert!(said(&always).contains("No schedule will stop it any more"), "{}", said(&always));
    assert_eq!(said(&always).matches("No schedule will stop it any more").count(), 1, "{}", said(&always));
    let after = room().after(&always.steps);
    assert!(after.draft().pattern.is_always());
    let back = after.week("Mon-Fri 9-17").unwrap();
    assert_eq!(titles(&back), ["Update default/down: ENABLED"]);
}

#[test]
fn a_paused_week_stays_paused() {
    let small = office().paused("up").paused("down");
    let room = Room::new(small.0, SUNDAY);
    assert_eq!(room.draft().pattern.sentence(), "Mon–Fri 09:00–17:00");
    let plan = room.week("Mon-Fri 10-17").unwrap();
    assert_eq!(titles(&plan), ["Update default/up: cron(30 9 ? * MON-FRI *)"]);
    assert!(!room.after(&plan.steps).named("up").enabled && said(&plan).contains("paused and stay so"));
}

#[test]
fn a_second_shot_follows_its_first() {
    let rules = |small: Small| {
        let start = input("start", LOGOS, &[UUID]);
        small
            .rule("up", "cron(5 13 ? * MON-FRI *)", &function_arn("start"), &start)
            .rule("up-again", "cron(15 13 ? * MON-FRI *)", &function_arn("start"), &start)
            .rule("down", "cron(0 22 ? * MON-FRI *)", &function_arn("stop"), &input("stop", LOGOS, &[UUID]))
    };
    let room = Room::new(rules(base()).0, SUNDAY);
    assert_eq!((room.draft().zone, room.draft().pattern.sentence()), (chrono_tz::UTC, "Mon–Fri 13:35–22:00".into()));
    let plan = room.week("Mon-Thu 12:35-22:00").unwrap();
    assert_eq!(
        titles(&plan),
        [
            "Update rule/up: cron(5 12 ? * MON-THU *)",
            "Update rule/up-again: cron(15 12 ? * MON-THU *)",
            "Update rule/down: cron(0 22 ? * MON-THU *)"
        ],
        "the stop of Friday goes after its start"
    );
    let mut berlin = room.draft();
    berlin.move_to(BERLIN, false, room.now);
    assert!(room.saved(&berlin).unwrap_err().to_string().contains("UTC alone"));
    let why = room.week("Mon-Thu 9-17, Fri 9-13").unwrap_err().to_string();
    assert!(why.contains("Move the rule to a schedule first"), "{why}");
}

#[test]
fn another_zone_keeps_wall_times_unless_asked() {
    let mut draft = room().draft();
    draft.move_to(chrono_tz::America::New_York, false, room().now);
    let plan = room().saved(&draft).unwrap();
    let after = room().after(&plan.steps);
    assert_eq!(
        (after.named("up").zone.as_deref(), after.named("up").expression.as_deref()),
        (Some("America/New_York"), Some("cron(30 8 ? * MON-FRI *)"))
    );
    assert!(after.named("up").enabled, "switched off in between, and on again");
    assert!(matches!(&plan.steps[0].step, Step::Replace { after, .. } if !after.enabled), "{plan:?}");
    let mut instants = room().draft();
    instants.move_to(chrono_tz::America::New_York, true, room().now);
    let after = room().after(&room().saved(&instants).unwrap().steps);
    assert_eq!(after.named("up").expression.as_deref(), Some("cron(30 2 ? * MON-FRI *)"));
    assert_eq!(after.named("down").expression.as_deref(), Some("cron(0 11 ? * MON-FRI *)"));
}

#[test]
fn what_is_on_now_keeps_its_stop() {
    let running = |small: Small| {
        small.with(|fleet| {
            fleet.models.rows.values_mut().for_each(|model| model.status = crate::domain::model::Status::Running);
        })
    };
    // Friday 14:09, in the window.
    let room = Room::new(running(office()).0, "2026-11-20T13:09:00Z");
    let plan = room.week("Sat 9-17").unwrap();
    let Step::Create { schedule } = &plan.steps[0].step else { panic!("{plan:?}") };
    assert!(is_automatic(schedule), "{schedule:?}");
    assert_eq!(schedule.expression.as_deref(), Some("at(2026-11-20T17:00:00)"));
    let longer = room.week("Mon-Fri 9-19").unwrap();
    assert_eq!(titles(&longer), ["Update default/down: cron(0 19 ? * MON-FRI *)"]);
    assert!(said(&longer).contains("will stay on until 19:00, and not until 17:00"), "{}", said(&longer));
}

#[test]
fn a_day_is_skipped_by_the_start_itself_and_by_bridges_before_it() {
    let room = room();
    let mut draft = room.draft();
    draft.skipped = ["2026-11-23", "2026-12-24", "2026-12-25"].map(|date| date.parse().unwrap()).into();
    let plan = room.saved(&draft).unwrap();
    assert_eq!(
        titles(&plan),
        [
            "Update default/up: not before 2026-12-25 22:30 UTC",
            "Create default/rekotui-until-up-20261224: cron(30 8 ? * MON-FRI *)"
        ]
    );
    let after = room.after(&plan.steps);
    assert_eq!(after.draft(), draft, "skipped days are read back");
    let bridge = after.named("rekotui-until-up-20261224");
    assert!(bridge.deletes_itself && bridge.targets == after.named("up").targets);
    let mut expected = room.minutes();
    expected.retain(|minute| {
        let day = DateTime::from_timestamp(minute * 60, 0).unwrap().with_timezone(&BERLIN).date_naive();
        !draft.skipped.contains(&day)
    });
    assert_eq!(after.minutes(), expected);
    let mut back = after.draft();
    back.skipped.clear();
    let back = after.saved(&back).unwrap();
    assert_eq!(titles(&back), ["Delete default/rekotui-until-up-20261224", "Update default/up: without StartDate"]);
    // On Monday evening the first of the days is over, and nothing has to be done.
    let later = Room::new(after.fleet.clone(), "2026-11-23T20:00:00Z");
    assert!(later.saved(&later.draft()).unwrap_err().is_already());
}

#[test]
fn a_window_happens_once() {
    let room = room();
    let mut draft = room.draft();
    draft.once = vec![one_off("2026-11-28 10:00-14:00").unwrap()];
    let plan = room.saved(&draft).unwrap();
    assert_eq!(
        titles(&plan),
        [
            "Create default/rekotui-once-stop-logos-v3-20261128T1000: at(2026-11-28T14:00:00)",
            "Create default/rekotui-once-start-logos-v3-20261128T1000: at(2026-11-28T09:30:00)"
        ]
    );
    let after = room.after(&plan.steps);
    assert_eq!(after.draft(), draft);
    assert!(after.saved(&draft).unwrap_err().is_already());
    let mut back = after.draft();
    back.once.clear();
    assert_eq!(titles(&after.saved(&back).unwrap()).len(), 2);
    for (window, told) in [
        ("2026-11-27 15:00-19:00", "meets a window of the week"),
        ("2026-11-22 21:10-23:00", "begins too soon"),
        ("2027-03-28 02:30-04:00", "does not exist"),
    ] {
        draft.once = vec![one_off(window).unwrap()];
        let why = room.saved(&draft).unwrap_err().to_string();
        assert!(why.contains(told), "{window}: {why}");
    }
}

#[test]
fn a_model_without_schedules_gets_its_pair_from_the_stack() {
    let mut room = Room::new(base().0, SUNDAY);
    let why = room.week("Mon-Fri 9-17").unwrap_err().to_string();
    assert!(why.contains("Deploy the startup and the shutdown function"), "{why}");
    let role = "arn:aws:iam::123456789012:role/scheduler";
    room.wishes.stack = Some(StackWish {
        startup: function_arn("startup:live"),
        shutdown: function_arn("shutdown:live"),
        role: role.into(),
        group: "windows".into(),
        dead_letter: None,
    });
    let plan = room.week("Mon-Fri 9-17").unwrap();
    assert_eq!(
        titles(&plan),
        [
            "Create windows/logos-v3-stop: cron(0 17 ? * MON-FRI *)",
            "Create windows/logos-v3-start: cron(30 8 ? * MON-FRI *)"
        ]
    );
    let after = room.after(&plan.steps);
    assert_eq!(after.draft().pattern.sentence(), "Mon–Fri 09:00–17:00");
    let start = after.named("logos-v3-start");
    let orders: serde_json::Value = start.targets[0].input_json().unwrap();
    assert_eq!(
        orders,
        serde_json::json!({"action": "start", "model": LOGOS, "mappings": [UUID], "min_inference_units": 1,
            "max_inference_units": 2, "lead_minutes": 30})
    );
    assert_eq!((start.targets[0].role_arn.as_deref(), start.zone.as_deref()), (Some(role), Some("Europe/Berlin")));
    // Its Input says the lead time from now on.
    let mut draft = after.draft();
    draft.lead_by(45);
    let longer = after.after(&after.saved(&draft).unwrap().steps);
    assert_eq!(longer.named("logos-v3-start").expression.as_deref(), Some("cron(15 8 ? * MON-FRI *)"));
    assert_eq!((longer.draft().lead, longer.draft().pattern.sentence()), (45, "Mon–Fri 09:00–17:00".into()));
}

#[test]
fn what_a_week_cannot_hold_is_left_alone_and_told() {
    let small = up(office(), "month-end", "cron(0 6 L * ? *)").change("month-end", |one| one.description = None);
    let room = Room::new(small.0, SUNDAY);
    let plan = room.week("Mon-Fri 9-18").unwrap();
    assert!(said(&plan).contains("default/month-end (cron(0 6 L * ? *)) is none of every week"), "{}", said(&plan));
    assert!(!plan.steps.iter().any(|planned| planned.step.changes().unwrap().contains("month-end")));
    let utc = Room::new(office().change("down", |one| one.zone = None).0, SUNDAY);
    let why = Draft::read(utc.ground(), &model_arn("logos"), Habits::default()).unwrap_err().to_string();
    assert!(why.contains("a week has one time zone"), "{why}");
}

#[test]
fn what_serves_several_models_is_not_changed_for_one() {
    let both = serde_json::json!({"action": "stop", "model": [LOGOS, model_arn("parts").as_str()]}).to_string();
    let small =
        base().model("parts", "STOPPED").schedule("down", "cron(0 17 ? * MON-FRI *)", &function_arn("stop"), &both);
    let room = Room::new(up(small, "up", "cron(30 8 ? * MON-FRI *)").0, SUNDAY);
    let why = room.week("Mon-Fri 9-18").unwrap_err().to_string();
    assert!(why.contains("serves several models (logos v3, parts v3)"), "{why}");
    assert!(room.week("Mon-Fri 8-17").is_ok(), "its start is its own");
}

#[test]
fn the_outlook_counts_hours_and_warns() {
    let room = room();
    let mut draft = room.draft();
    draft.pattern = Pattern::parse("Mon-Thu 9-17, Fri 9-13", 30).unwrap();
    let outlook = outlook(room.ground(), &model_arn("logos"), &draft, Habits::default());
    assert!((outlook.before.hours - 40.0).abs() < 1e-9 && (outlook.after.hours - 36.0).abs() < 1e-9);
    assert!((outlook.before.money - 695.7).abs() < 0.1, "{}", outlook.before.money);
    assert_eq!(
        outlook.lines.iter().map(|line| (line.name.as_str(), line.fate)).collect::<Vec<_>>(),
        [("up", Fate::Unchanged), ("down", Fate::Edited), ("down-2", Fate::New)]
    );
    assert_eq!((outlook.starts.len(), outlook.stops[4]), (5, at("2026-11-27T12:00:00Z")));
    assert!(outlook.refused.is_none() && outlook.changes());
    let texts = |text: &str, zone| {
        let mut draft = room.draft();
        draft.zone = zone;
        draft.pattern = Pattern::parse(text, 30).unwrap();
        let outlook = super::outlook(room.ground(), &model_arn("logos"), &draft, Habits::default());
        outlook.notes.iter().map(|note| note.text.clone()).collect::<Vec<_>>().join(" ")
    };
    for (week, told) in [
        ("Mon-Fri 22:00-02:30, Sat 22:00-02:30", "the clocks skip that time, and nothing stops it then"),
        ("Mon-Fri 9-12 and 12:45-17", "saves next to nothing"),
        ("Mon-Fri 9-12 and 12:15-17", "the model runs through it"),
        ("Mon 9-10", "keeps messages for 4 d"),
        ("Mon-Fri 9-17", "No start and no stop in a daylight-saving gap"),
    ] {
        let said = texts(week, BERLIN);
        assert!(said.contains(told), "{week}: {said}");
    }
}

#[test]
fn a_window_that_meets_one_of_a_season_is_told() {
    let season = |one: &mut Schedule| one.end = Some(at("2026-12-31T22:59:00Z"));
    let small = down(up(office(), "xmas-up", "cron(0 7 ? * SAT *)"), "xmas-down", "cron(0 15 ? * SAT *)");
    let room = Room::new(small.change("xmas-up", season).change("xmas-down", season).0, SUNDAY);
    let said_of = |week: &str| said(&room.week(week).unwrap());
    let meets = said_of("Mon-Fri 9-17, Sat 13-14");
    assert!(
        meets.contains("On Sat 28 Nov a window of the week meets one that default/xmas-down closes: the stop of 14:00"),
        "{meets}"
    );
    assert!(!said_of("Mon-Fri 9-18").contains("meets one"));
}

fn drawn(lead: u16, painted: Vec<(u16, u16)>) -> Pattern {
    let mut pattern = Pattern::never();
    painted.into_iter().for_each(|(from, length)| pattern.paint(from * 30, length * 30, lead));
    pattern
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// From any week to any other: it is read back, no step begins elsewhere than where the one before ended, and after
    /// no step the model runs at a time that is neither in the week before nor in the week after.
    #[test]
    fn a_saved_week_is_read_back_and_nothing_on_the_way_runs_longer(
        first in vec((0u16..336, 1u16..18), 1..7),
        second in vec((0u16..336, 1u16..18), 1..7),
        lead in select(vec![0u16, 30, 45]),
        zone in select(vec![BERLIN, chrono_tz::UTC, chrono_tz::America::New_York]),
        skips in proptest::collection::btree_set(0u64..13, 0..4),
    ) {
        let mut empty = Room::new(base().0, SUNDAY);
        empty.wishes.stack = Some(StackWish {
            startup: function_arn("startup"),
            shutdown: function_arn("shutdown"),
            role: "arn:aws:iam::123456789012:role/scheduler".into(),
            group: "default".into(),
            dead_letter: None,
        });
        let mut draft = empty.draft();
        (draft.lead, draft.pattern) = (lead, drawn(lead, first));
        prop_assume!(!draft.pattern.is_always());
        let room = empty.after(&empty.saved(&draft).unwrap().steps);
        let read = Draft::read(room.ground(), &model_arn("logos"), Habits::default()).unwrap();
        // Windows that their lead times join are one.
        let fires = |draft: &Draft| draft.pattern.fires(&crate::domain::week::Reading::default());
        prop_assert_eq!(fires(&read), fires(&draft));
        let mut next = read.clone();
        (next.pattern, next.zone) = (drawn(lead, second), zone);
        let today = room.now.with_timezone(&zone).date_naive();
        next.skipped = skips.into_iter().map(|day| today + chrono::Days::new(day)).collect();
        let plan = match room.saved(&next) {
            Ok(plan) => plan,
            Err(why) => {
                prop_assert!(why.is_already(), "{}", why);
                return Ok(());
            }
        };
        let after = room.after(&plan.steps);
        let (before_minutes, after_minutes) = (room.minutes(), after.minutes());
        // A day that is to be skipped may still be one of the week for a moment.
        let unskipped = Draft { skipped: std::collections::BTreeSet::new(), ..next.clone() };
        let unskipped = room.saved(&unskipped).map(|plan| room.after(&plan.steps).minutes()).unwrap_or_default();
        for length in 1..plan.steps.len() {
            let between = room.after(&plan.steps[..length]).minutes();
            let outside = between.iter().find(|minute| {
                !before_minutes.contains(minute) && !after_minutes.contains(minute) && !unskipped.contains(minute)
            });
            prop_assert!(outside.is_none(), "after step {}: {:?} in {:?}", length, outside, titles(&plan));
        }
        let last = after.draft();
        prop_assert_eq!(fires(&last), fires(&next));
        // Of the skipped days those remain on which there was something to skip.
        prop_assert!(last.skipped.is_subset(&next.skipped), "{:?} {:?}", last.skipped, next.skipped);
        let on_skipped = after_minutes.iter().any(|minute| {
            let at = DateTime::from_timestamp(minute * 60, 0).unwrap().with_timezone(&zone).naive_local();
            let opens = !after_minutes.contains(&(minute - 1));
            opens && at > room.now.with_timezone(&zone).naive_local() && next.skipped.contains(&(at + TimeDelta::minutes(lead.into())).date())
        });
        prop_assert!(!on_skipped, "something opens on a skipped day: {:?}", titles(&plan));
        prop_assert!(after.saved(&last).unwrap_err().is_already(), "what is read back is as it is");
    }
}
