//! When CloudWatch is asked, and what the keys of the savings do.

use std::time::Duration;

use rekotui::app::{Dialog, Effect, Message, Screen};
use rekotui::domain::savings::{Baseline, By, Range};
use rekotui::domain::trouble::{Trouble, TroubleKind};

use super::stage::Flow;
use crate::measured;

/// The small fleet, of which CloudWatch has told.
fn measured() -> Flow {
    let mut flow = Flow::ready();
    let models: Vec<_> = flow.state.fleet.models.rows.keys().cloned().collect();
    let answer = measured::answer(&models, flow.state.now());
    flow.send(answer);
    reckon(&mut flow);
    flow
}

/// Does what a worker does.
fn reckon(flow: &mut Flow) {
    while let Some(number) = flow.asked().iter().rev().find_map(|effect| match effect {
        Effect::Reckon(number) => Some(*number),
        _ => None,
    }) {
        let reckoned = Box::new(flow.state.reckon());
        flow.send(Message::Reckoned(number, reckoned));
    }
}

fn asks(flow: &mut Flow) -> bool {
    flow.asked().contains(&Effect::Meter)
}

/// Lets time pass, as often as the program wants to be woken.
fn pass(flow: &mut Flow, minutes: u64) -> Vec<Effect> {
    let mut all = Vec::new();
    for _ in 0..minutes {
        flow.pass(Duration::from_secs(60));
        if flow.asked().contains(&Effect::Meter) {
            all.push(Effect::Meter);
            let (histories, work) = (flow.state.ledger.histories.clone(), flow.state.ledger.work.clone());
            flow.send(Message::Metered { histories, work, trouble: None, said: vec![], live: true });
        }
        flow.read();
    }
    all
}

#[test]
fn cloudwatch_is_asked_every_hour_and_every_five_minutes_for_whoever_looks() {
    let mut flow = measured();
    flow.state.refresh.interval = None;
    assert_eq!(pass(&mut flow, 180).len(), 3);
    flow.keys("4");
    assert!((11..=13).contains(&pass(&mut flow, 60).len()));
    flow.keys("r r r");
    assert!(!asks(&mut flow), "not even by hand is the tail asked more often");
}

#[test]
fn one_question_is_under_way_at_a_time() {
    let mut flow = Flow::ready();
    flow.keys("4");
    for _ in 0..30 {
        flow.pass(Duration::from_secs(60)).read();
        assert!(!asks(&mut flow), "the first one has not been answered");
    }
}

#[test]
fn a_question_that_was_let_go_is_asked_again() {
    let mut flow = Flow::ready();
    let expired = Trouble::new(TroubleKind::Expired, "rekognition:DescribeProjects");
    flow.fail(&expired);
    assert!(flow.state.ledger.metering);
    flow.keys("r");
    assert!(flow.asked().contains(&Effect::Connect), "the login may have been renewed");
    flow.connect(super::stage::REGION);
    flow.read();
    assert!(asks(&mut flow));
}

#[test]
fn ranges_and_steps_are_a_key_away() {
    let mut flow = measured();
    flow.keys("4");
    reckon(&mut flow);
    assert_eq!(flow.state.ledger.whole().map(|whole| whole.range.terms.range), Some(Range::Month));
    for range in [Range::LastMonth, Range::Year, Range::Days(7), Range::Days(30), Range::Month] {
        flow.keys("]");
        reckon(&mut flow);
        assert_eq!(flow.state.ledger.whole().map(|whole| whole.range.terms.range), Some(range));
    }
    flow.keys("b");
    reckon(&mut flow);
    assert_eq!(flow.state.ledger.whole().map(|whole| whole.range.terms.by), Some(By::Week));
    flow.keys("B");
    reckon(&mut flow);
    assert_eq!(flow.state.ledger.whole().map(|whole| whole.range.terms.baseline), Some(Baseline::BeforeScheduling));
}

#[test]
fn a_range_is_typed_and_what_is_none_is_said() {
    let mut flow = measured();
    flow.keys("4 d <c-u>").text("2026-10-05 2026-10-01").keys("<enter>");
    let wrong = |flow: &Flow| match flow.state.dialogs.last() {
        Some(Dialog::Range(line)) => line.wrong.clone(),
        _ => None,
    };
    assert!(wrong(&flow).is_some_and(|wrong| wrong.contains("after")), "{:?}", wrong(&flow));
    flow.keys("<c-u>").text("2026-10-01 2026-10-05").keys("<enter>");
    reckon(&mut flow);
    assert!(flow.state.dialogs.is_empty());
    assert_eq!(flow.state.ledger.whole().map(|whole| whole.range.steps.len()), Some(5));
}

#[test]
fn the_table_sorts_and_a_row_leads_to_every_run() {
    let mut flow = measured();
    flow.keys("4");
    reckon(&mut flow);
    flow.keys("> > > > o o");
    let saved: Vec<f64> = {
        let whole = flow.state.ledger.whole().unwrap();
        let of = |arn| whole.range.model(arn).unwrap().hours;
        assert!(flow.state.savings.sort.descending);
        flow.state.savings.rows().iter().map(|arn| of(arn).saved()).collect()
    };
    assert!(saved.windows(2).all(|pair| pair[0] >= pair[1]) && saved.len() == 4, "{saved:?}");
    flow.keys("<enter>");
    let Some(Dialog::Runs(page)) = flow.state.dialogs.last() else { panic!("no page") };
    assert!(page.runs.len() > 10 && page.runs.windows(2).all(|pair| pair[0].from > pair[1].from), "the newest first");
    flow.keys("<esc> /").text("shelf").keys("<enter>");
    assert_eq!(flow.state.savings.rows().len(), 2);
}

#[test]
fn a_refusal_keeps_what_is_known() {
    let mut flow = measured();
    flow.keys("4");
    reckon(&mut flow);
    let before = flow.state.ledger.whole().cloned();
    let trouble = Trouble::new(TroubleKind::Denied("cloudwatch:GetMetricData".into()), "cloudwatch:GetMetricData");
    let (histories, work) = (flow.state.ledger.histories.clone(), flow.state.ledger.work.clone());
    flow.send(Message::Metered { histories, work, trouble: Some(trouble), said: vec![], live: true });
    reckon(&mut flow);
    assert_eq!(flow.state.ledger.whole().cloned(), before);
    assert!(flow.state.ledger.trouble.is_some());
}

#[test]
fn another_account_has_other_hours() {
    let mut flow = measured();
    assert!(flow.state.ledger.reckoned.is_some());
    flow.connect("us-east-1");
    assert!(flow.state.ledger.reckoned.is_none() && flow.state.ledger.histories.is_empty());
    assert_eq!(flow.state.screen, Screen::Models);
}

#[test]
fn what_was_kept_never_takes_the_place_of_an_answer() {
    let mut flow = measured();
    let known = flow.state.ledger.histories.clone();
    let nothing = Message::Metered {
        histories: Default::default(),
        work: Default::default(),
        trouble: None,
        said: vec!["The state cannot be used.".into()],
        live: false,
    };
    flow.send(nothing);
    assert_eq!(flow.state.ledger.histories, known);
}
