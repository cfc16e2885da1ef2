//! Each rule about usage, with what raises it and the nearest that must not.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};

use super::*;
use crate::domain::model::ModelArn;
use crate::domain::picture::Picture;
use crate::domain::price::OwnPrices;
use crate::domain::testing::{BERLIN, Small, UUID, at, model_arn, now, queue_arn};
use crate::domain::usage::{History, Span, Stretch};
use crate::domain::wiring::Wishes;
use crate::domain::work::Hourly;

const OTHER: &str = "0a1b2c3d-0000-4000-8000-000000000002";
/// Monday, 09:30 in Berlin.
const MONDAY: &str = "2026-11-23T08:30:00Z";

/// A small fleet, what its models ran, and what they were given to do.
struct Lab {
    small: Small,
    histories: BTreeMap<ModelArn, History>,
    work: Workload,
    now: DateTime<Utc>,
}

/// The hours of the last 16 days, as CloudWatch would have them.
fn hourly(now: DateTime<Utc>, count: impl Fn(DateTime<Utc>) -> Option<u64>) -> Hourly {
    let first = now.timestamp() / 3600 - 16 * 24;
    let hours = (first..now.timestamp() / 3600).filter_map(|hour| DateTime::from_timestamp(hour * 3600, 0));
    let points = hours.filter_map(|at| Some(crate::domain::usage::Sample { at, units: count(at)? as f64 }));
    Hourly::of(&points.collect::<Vec<_>>())
}

fn is_weekday(at: DateTime<Utc>) -> bool {
    at.weekday().num_days_from_monday() < 5
}

impl Lab {
    fn new(small: Small, now: DateTime<Utc>) -> Self {
        let to = DateTime::from_timestamp(now.timestamp() / 3600 * 3600, 0).unwrap();
        let work = Workload { asked: Some(Span { from: to - TimeDelta::days(16), to }), ..Workload::default() };
        Self { small, histories: BTreeMap::new(), work, now }
    }

    /// The usual: logos, open from 09:00 to 17:00 in Berlin, with a mapping, on Friday afternoon.
    fn office() -> Self {
        Self::of(Small::new().office("logos", "RUNNING"), now())
    }

    fn of(small: Small, now: DateTime<Utc>) -> Self {
        Self::new(small.mapping(UUID, "Enabled").serves("logos").queue(0, None, 345_600), now)
    }

    fn ran_with(mut self, project: &str, runs: &[(DateTime<Utc>, DateTime<Utc>)], units: f64) -> Self {
        let asked = vec![Span { from: self.now - TimeDelta::days(30), to: self.now }];
        let mut history = History { asked, ..History::default() };
        for (from, to) in runs {
            history.push(Stretch { from: *from, to: *to, units, grain: 60 });
        }
        self.histories.insert(model_arn(project), history);
        self
    }

    fn ran(self, project: &str, runs: &[(&str, &str)]) -> Self {
        let runs: Vec<_> = runs.iter().map(|(from, to)| (at(from), at(to))).collect();
        self.ran_with(project, &runs, 1.0)
    }

    /// It ran on each weekday of three weeks between these hours of the day in UTC, and `more` minutes.
    fn weekdays(self, project: &str, hours: (i64, i64), more: i64, units: f64) -> Self {
        let midnight = at("2026-10-30T00:00:00Z");
        let days = (0..30).map(|day| midnight + TimeDelta::days(day)).filter(|day| is_weekday(*day));
        let runs = days.filter_map(|day| {
            let to = (day + TimeDelta::hours(hours.1) + TimeDelta::minutes(more)).min(self.now);
            let from = day + TimeDelta::hours(hours.0);
            (from < to).then_some((from, to))
        });
        let runs: Vec<_> = runs.collect();
        self.ran_with(project, &runs, units)
    }

    fn done(mut self, queue: &str, count: impl Fn(DateTime<Utc>) -> Option<u64>) -> Self {
        self.work.queues.entry(queue_arn(queue)).or_default().done = hourly(self.now, count);
        self
    }

    fn waited(mut self, count: impl Fn(DateTime<Utc>) -> Option<u64>) -> Self {
        self.work.queues.entry(queue_arn("jobs")).or_default().waited = hourly(self.now, count);
        self
    }

    fn picture(&self) -> Picture {
        Picture::of(&self.small.0, &Wishes::default(), self.now, BERLIN)
    }

    fn told(&self) -> Vec<Finding> {
        let picture = self.picture();
        let deeds = BTreeMap::new();
        let books =
            Books { fleet: &self.small.0, picture: &picture, histories: &self.histories, deeds: &deeds, now: self.now };
        of_usage(books, &self.work, &Price::of(Some("us-east-1"), &OwnPrices::default()), BERLIN)
    }

    #[track_caller]
    fn raised(&self, rule: Rule) -> Finding {
        let told = self.told();
        told.iter().find(|finding| finding.rule == rule).cloned().unwrap_or_else(|| panic!("only {told:#?}"))
    }

    #[track_caller]
    fn silent(&self, rule: Rule) {
        assert_eq!(self.told().into_iter().find(|finding| finding.rule == rule), None);
    }
}

/// So many in each hour of weekdays between two hours in UTC, and known to be none in all others.
fn between(from: u32, to: u32, count: u64) -> impl Fn(DateTime<Utc>) -> Option<u64> {
    move |at| Some(if is_weekday(at) && (from..to).contains(&at.hour()) { count } else { 0 })
}

#[track_caller]
fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no '{word}' in: {text}");
    }
}

#[test]
fn an_ordinary_week_tells_nothing() {
    let lab = Lab::office().weekdays("logos", (8, 16), 2, 1.0);
    assert_eq!(lab.told(), [], "nothing is known of its work");
    let lab = lab.done("jobs", between(8, 16, 300)).waited(between(6, 9, 200));
    assert_eq!(lab.told(), []);
}

#[test]
fn overrun_of_this_week_is_summed_up_and_priced() {
    let stopped = || Lab::of(Small::new().office("logos", "STOPPED"), now());
    let tuesday = ("2026-11-17T08:10:00Z", "2026-11-17T18:00:00Z");
    let finding = stopped().ran("logos", &[tuesday]).raised(Rule::OverrunThisWeek);
    says(&finding.sentence, &["logos v3", "2 h, about $8.00 at an assumed $4.00 an inference hour"]);
    says(&finding.reason, &["from Tue 17:00 on for 2 h"]);
    assert_eq!((finding.severity, finding.subject), (Severity::Warning, Subject::Model(model_arn("logos"))));
    stopped().ran("logos", &[("2026-11-17T08:10:00Z", "2026-11-17T16:40:00Z")]).silent(Rule::OverrunThisWeek);
    let last_week = ("2026-11-13T08:10:00Z", "2026-11-13T20:00:00Z");
    stopped().ran("logos", &[last_week]).silent(Rule::OverrunThisWeek);
    let paused = Small::new().office("logos", "STOPPED").paused("logos-start").paused("logos-stop");
    Lab::of(paused, now()).ran("logos", &[tuesday]).silent(Rule::OverrunThisWeek);
    let mut dark = stopped().ran("logos", &[tuesday]);
    dark.small.0.schedules.as_of = None;
    dark.silent(Rule::OverrunThisWeek);
}

#[test]
fn overrun_that_is_told_as_it_happens_is_told_again_only_with_an_hour_more() {
    let evening = |tuesday: &str| {
        let small = Small::new().office("logos", "RUNNING");
        let small = small.ran("logos", "2026-11-20T08:10:00Z", "2026-11-20T19:00:00Z");
        let now = at("2026-11-20T19:00:00Z");
        let today = ("2026-11-20T08:10:00Z", "2026-11-20T19:00:00Z");
        let lab = Lab::of(small, now).ran("logos", &[("2026-11-17T08:10:00Z", tuesday), today]);
        assert!(lab.picture().findings.iter().any(|finding| finding.rule == Rule::RunningOutsideWindows));
        lab
    };
    evening("2026-11-17T16:45:00Z").silent(Rule::OverrunThisWeek);
    let told = evening("2026-11-17T18:00:00Z").raised(Rule::OverrunThisWeek);
    says(&told.sentence, &["4 h 55"]);
}

#[test]
fn a_whole_weekend_for_which_nothing_was_planned() {
    let friday = "2026-11-20T08:10:00Z";
    let lab = |to: &str| {
        let small = Small::new().office("logos", "STOPPED");
        Lab::of(small, at(MONDAY)).ran("logos", &[(friday, to)])
    };
    let finding = lab("2026-11-22T23:30:00Z").raised(Rule::RanAllWeekend);
    says(&finding.sentence, &["21 and 22 November", "48 h, about $192 at an assumed $4.00"]);
    assert_eq!(finding.severity, Severity::Warning);
    lab("2026-11-22T10:00:00Z").silent(Rule::RanAllWeekend);
    let daily = Small::new().model("logos", "STOPPED").starts("logos", "cron(0 9 ? * FRI *)");
    let planned = Lab::of(daily.stops("logos", "cron(0 8 ? * MON *)"), at(MONDAY));
    planned.ran("logos", &[(friday, "2026-11-22T23:30:00Z")]).silent(Rule::RanAllWeekend);
}

#[test]
fn the_weekend_before_is_good_to_know_and_one_that_still_goes_on_is_told_once() {
    let earlier = Lab::of(Small::new().office("logos", "STOPPED"), now());
    let earlier = earlier.ran("logos", &[("2026-11-06T08:10:00Z", "2026-11-09T07:30:00Z")]);
    let finding = earlier.raised(Rule::RanAllWeekend);
    says(&finding.sentence, &["7 and 8 November"]);
    assert_eq!(finding.severity, Severity::Info);
    let monday = at("2026-11-23T07:30:00Z");
    let small = Small::new().office("logos", "RUNNING");
    let small = small.with(|fleet| fleet.changed.extend([(model_arn("logos"), at("2026-11-20T08:10:00Z"))]));
    let on = Lab::of(small, monday).ran("logos", &[("2026-11-20T08:10:00Z", "2026-11-23T07:30:00Z")]);
    assert!(on.picture().findings.iter().any(|finding| finding.rule == Rule::RunningOutsideWindows));
    on.silent(Rule::RanAllWeekend);
}

#[test]
fn hours_without_a_message_are_idle_hours() {
    let lab = || Lab::office().weekdays("logos", (8, 16), 0, 1.0);
    // It is 13:09 in UTC: nothing since 10:00.
    let finding = lab().done("jobs", between(8, 10, 300)).raised(Rule::IdleWhileRunning);
    says(&finding.sentence, &["since 11:00", "3 h 04, about $12 so far, at an assumed $4.00"]);
    says(&finding.remedy, &["until its stop 17:00 that saves 2 h 51, about $11"]);
    lab().done("jobs", between(8, 11, 300)).silent(Rule::IdleWhileRunning);
    lab().silent(Rule::IdleWhileRunning);
    let unknown = |at: DateTime<Utc>| if at.hour() == 11 { None } else { between(8, 10, 300)(at) };
    lab().done("jobs", unknown).silent(Rule::IdleWhileRunning);
    let mut stale = lab().done("jobs", between(8, 10, 300));
    stale.work.asked = stale.work.asked.map(|asked| Span { to: at("2026-11-20T10:00:00Z"), ..asked });
    stale.silent(Rule::IdleWhileRunning);
}

#[test]
fn who_is_asked_past_the_queue_is_not_idle() {
    let lab = || {
        let mut lab = Lab::office().weekdays("logos", (8, 16), 0, 1.0).done("jobs", between(8, 10, 300));
        lab.work.answered = hourly(lab.now, between(8, 16, 500));
        lab
    };
    lab().silent(Rule::IdleWhileRunning);
    // Another model ran, so the requests may be its own: nobody knows.
    let two = |queue: &str| {
        let mut lab = lab();
        lab.small = lab.small.model("labels", "RUNNING");
        lab.weekdays("labels", (8, 16), 0, 1.0).done(queue, between(8, 16, 500))
    };
    let mut unclear = two("jobs");
    unclear = unclear.done("jobs", between(8, 10, 300));
    unclear.silent(Rule::IdleWhileRunning);
    // The other one's queue was worked off: that explains them.
    two("labels").raised(Rule::IdleWhileRunning);
}

#[test]
fn a_queue_that_another_one_works_off_as_well_tells_nothing() {
    let mut lab = Lab::office().weekdays("logos", (8, 16), 0, 1.0).done("jobs", between(8, 10, 300));
    let mut second = lab.small.0.mappings.rows.get(UUID).unwrap().clone();
    second.uuid = OTHER.into();
    second.function_arn = crate::domain::testing::function_arn("somebody");
    lab.small.0.mappings.rows.insert(OTHER.into(), second);
    lab.silent(Rule::IdleWhileRunning);
}

#[test]
fn idleness_behind_a_mapping_that_is_off_is_told_as_that() {
    let small = Small::new().office("logos", "RUNNING").mapping(UUID, "Disabled").serves("logos");
    let lab = Lab::new(small, now()).weekdays("logos", (8, 16), 0, 1.0).done("jobs", between(8, 10, 300));
    assert!(lab.picture().findings.iter().any(|finding| finding.rule == Rule::MappingOffModelOn));
    lab.silent(Rule::IdleWhileRunning);
}

#[test]
fn a_window_far_wider_than_its_work_is_told_with_the_one_that_would_do() {
    let lab = || Lab::office().weekdays("logos", (8, 16), 2, 1.0);
    // Worked on from 10:00 to 12:00 in Berlin; an hour on either side makes 09:00 to 13:00 of 09:00 to 17:00.
    let finding = lab().done("jobs", between(9, 11, 300)).raised(Rule::WindowTooWide);
    says(&finding.sentence, &["Mon–Fri 09:00–13:00 would hold all of the work", "save 20 h, about $80 a week"]);
    says(&finding.sentence, &["at an assumed $4.00 an inference hour"]);
    says(&finding.reason, &["10 days"]);
    assert_eq!(finding.severity, Severity::Info);
    // At midnight the last hour of the day is not known yet: the two weeks before that are.
    let midnight = Lab::of(Small::new().office("logos", "STOPPED"), at("2026-11-20T23:02:00Z"));
    midnight.weekdays("logos", (8, 16), 2, 1.0).done("jobs", between(9, 11, 300)).raised(Rule::WindowTooWide);
    // One day of work until 16:00 leaves no more than an hour of eight.
    let once =
        |hour: DateTime<Utc>| if hour == at("2026-11-12T14:00:00Z") { Some(1) } else { between(9, 11, 300)(hour) };
    lab().done("jobs", once).silent(Rule::WindowTooWide);
    lab().silent(Rule::WindowTooWide);
}

#[test]
fn a_window_is_not_judged_by_what_is_not_known() {
    let lab = || Lab::office().weekdays("logos", (8, 16), 2, 1.0);
    let hole = |hour: DateTime<Utc>| if hour == at("2026-11-12T14:00:00Z") { None } else { between(9, 11, 300)(hour) };
    lab().done("jobs", hole).silent(Rule::WindowTooWide);
    // On a holiday it did not run: nine days are no two weeks.
    let runs: Vec<_> = lab().histories[&model_arn("logos")].ran.iter().map(|one| (one.from, one.to)).collect();
    let fewer: Vec<_> = runs.into_iter().filter(|run| run.0.day() != 12).collect();
    lab().ran_with("logos", &fewer, 1.0).done("jobs", between(9, 11, 300)).silent(Rule::WindowTooWide);
    let mut short = lab().done("jobs", between(9, 11, 300));
    short.work.asked = short.work.asked.map(|asked| Span { from: at("2026-11-10T00:00:00Z"), ..asked });
    short.silent(Rule::WindowTooWide);
    let paused = Small::new().office("logos", "STOPPED").paused("logos-start").paused("logos-stop");
    Lab::of(paused, now())
        .weekdays("logos", (8, 16), 2, 1.0)
        .done("jobs", between(9, 11, 300))
        .silent(Rule::WindowTooWide);
}

#[test]
fn work_outside_of_all_windows_asks_for_no_tighter_ones() {
    let lab = Lab::office().weekdays("logos", (8, 19), 0, 1.0);
    let evening = |hour: DateTime<Utc>| if hour.hour() == 18 { Some(7) } else { between(9, 11, 300)(hour) };
    lab.done("jobs", evening).silent(Rule::WindowTooWide);
    // What is worked off in the minutes that a stop takes is no such work.
    let run_out = |hour: DateTime<Utc>| if hour.hour() == 16 { Some(7) } else { between(13, 16, 300)(hour) };
    let finding = Lab::office().weekdays("logos", (8, 16), 2, 1.0).done("jobs", run_out).raised(Rule::WindowTooWide);
    says(&finding.sentence, &["Mon–Fri 13:00–17:00"]);
}

#[test]
fn windows_over_midnight_and_windows_without_any_work() {
    let night = || {
        let small = Small::new().model("logos", "STOPPED").starts("logos", "cron(0 22 ? * MON-FRI *)");
        let lab = Lab::of(small.stops("logos", "cron(0 6 ? * TUE-SAT *)"), now());
        lab.weekdays("logos", (21, 29), 0, 1.0)
    };
    // From 23:00 to 01:00 in Berlin.
    let late = |hour: DateTime<Utc>| Some(if [22, 23].contains(&hour.hour()) && is_weekday(hour) { 50 } else { 0 });
    let finding = night().done("jobs", late).raised(Rule::WindowTooWide);
    says(&finding.sentence, &["Mon–Fri 22:00–02:00", "20 h, about $80"]);
    let finding = night().done("jobs", |_| Some(0)).raised(Rule::WindowTooWide);
    says(&finding.sentence, &["had nothing to do in any of its windows", "40 h, about $160 a week"]);
}

#[test]
fn several_units_and_next_to_nothing_waits() {
    let lab = |units: u32| {
        let small = Small::new().office("logos", "RUNNING");
        let small = small.with(|fleet| fleet.models.rows.get_mut(&model_arn("logos")).unwrap().min_units = Some(units));
        let lab = Lab::of(small, now()).weekdays("logos", (8, 16), 0, f64::from(units));
        lab.done("jobs", between(8, 16, 600)).waited(|at| Some(if at.hour() == 8 { 400 } else { 20 }))
    };
    let finding = lab(2).raised(Rule::UnitsAboveNeed);
    says(&finding.sentence, &["2 inference units", "20 messages", "save 40 h, about $160 a week", "assumed $4.00"]);
    says(&finding.remedy, &["1 unit "]);
    lab(1).silent(Rule::UnitsAboveNeed);
    lab(2).waited(|at| Some(if at.hour() == 11 { 30 } else { 0 })).silent(Rule::UnitsAboveNeed);
    let hole = at("2026-11-12T11:00:00Z");
    lab(2).waited(|at| (at != hole).then_some(0)).silent(Rule::UnitsAboveNeed);
    let mut throttled = lab(2);
    throttled.work.throttled = hourly(throttled.now, between(11, 12, 1));
    throttled.silent(Rule::UnitsAboveNeed);
    lab(2).weekdays("logos", (8, 16), 0, 1.0).silent(Rule::UnitsAboveNeed);
}

#[test]
fn a_queue_that_grows_for_hours_on_several_days() {
    let lab = || Lab::office().weekdays("logos", (8, 16), 0, 1.0).done("jobs", between(8, 16, 300));
    let grows = |days: u32| {
        move |at: DateTime<Utc>| {
            let short = is_weekday(at) && at.day() >= 20 - days && (8..16).contains(&at.hour());
            Some(if short { u64::from(at.hour() - 7) * 150 } else { 0 })
        }
    };
    let finding = lab().waited(grows(3)).raised(Rule::UnitsBelowNeed);
    says(&finding.sentence, &["does not keep up with 1 inference unit", "on 4 days", "1200 messages (4 h of work)"]);
    says(&finding.sentence, &["One unit more costs 40 h, about $160 a week, at an assumed $4.00"]);
    says(&finding.remedy, &["maximum concurrency"]);
    assert_eq!(finding.severity, Severity::Warning);
    lab().waited(grows(0)).silent(Rule::UnitsBelowNeed);
    lab().done("jobs", |_| Some(0)).waited(grows(3)).silent(Rule::UnitsBelowNeed);
    lab().waited(|at| Some(if at.hour() < 12 { u64::from(at.hour()) * 20 } else { 200 })).silent(Rule::UnitsBelowNeed);
    lab().silent(Rule::UnitsBelowNeed);
}

#[test]
fn throttled_requests_are_a_models_own_only_if_it_ran_alone() {
    let lab = || {
        let mut lab = Lab::office().weekdays("logos", (8, 16), 0, 1.0).done("jobs", between(8, 16, 300));
        lab.work.answered = hourly(lab.now, between(8, 16, 300));
        lab.work.throttled = hourly(lab.now, between(10, 11, 60));
        lab.waited(|_| Some(0))
    };
    let finding = lab().raised(Rule::UnitsBelowNeed);
    says(&finding.sentence, &["requests were throttled"]);
    says(&finding.reason, &["no other model ran"]);
    let mut two = lab();
    two.small = two.small.model("labels", "STOPPED");
    two.silent(Rule::UnitsBelowNeed);
    two.weekdays("labels", (12, 14), 0, 1.0).raised(Rule::UnitsBelowNeed);
    lab().weekdays("labels", (10, 11), 0, 1.0).silent(Rule::UnitsBelowNeed);
}

#[test]
fn they_join_the_findings_of_the_picture_in_its_order_and_are_replaced_by_newer_ones() {
    let lab = Lab::office().weekdays("logos", (8, 16), 0, 1.0).done("jobs", between(8, 10, 300));
    let mut picture = lab.picture();
    let alarm = Finding { severity: Severity::Danger, rule: Rule::RunningWithoutStop, ..lab.told().remove(0) };
    picture.add_findings([lab.told(), vec![alarm]].concat());
    let rules: Vec<Rule> = picture.findings_of(&model_arn("logos")).map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::RunningWithoutStop, Rule::IdleWhileRunning, Rule::WindowTooWide]);
    picture.add_findings(Vec::new());
    let rules: Vec<Rule> = picture.findings_of(&model_arn("logos")).map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::RunningWithoutStop]);
}

#[test]
fn an_own_price_is_no_assumption() {
    let stopped = Lab::of(Small::new().office("logos", "STOPPED"), now());
    let lab = stopped.ran("logos", &[("2026-11-17T08:10:00Z", "2026-11-17T18:00:00Z")]);
    let (picture, deeds) = (lab.picture(), BTreeMap::new());
    let books =
        Books { fleet: &lab.small.0, picture: &picture, histories: &lab.histories, deeds: &deeds, now: lab.now };
    let price = Price::of(None, &OwnPrices { inference_hour: Some(3.5), ..OwnPrices::default() });
    let told = of_usage(books, &lab.work, &price, BERLIN);
    says(&told[0].sentence, &["2 h, about $7.00 at your own $3.50 an inference hour"]);
    let hours = [0.75, 4.0, 4.13, 12.4].map(desk::hours_words);
    assert_eq!(hours, ["45 min", "4 h", "4 h 08", "12 h"]);
}
