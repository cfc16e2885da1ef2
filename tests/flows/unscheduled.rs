//! A model without schedules: what is offered for it, and what is said where nothing could be scheduled yet.

use std::collections::BTreeMap;

use rekotui::app::{Dialog, Effect, Setup};
use rekotui::domain::fleet::News;
use rekotui::domain::plan::Step;
use rekotui::domain::stack::{Group, StackWish};
use rekotui::domain::wiring::Wishes;

use super::stage::{ACCOUNT, Flow, REGION, arn};

/// The words that the footer has for the key `w`.
fn offered(flow: &Flow) -> Option<&'static str> {
    flow.state.hints().into_iter().find(|hint| hint.key == "w").map(|hint| hint.short)
}

/// The functions and the role that schedules invoke: startup, shutdown, role.
fn parts() -> [String; 3] {
    let function = |name: &str| format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}");
    [function("startup"), function("shutdown"), format!("arn:aws:iam::{ACCOUNT}:role/scheduler")]
}

fn group() -> Group {
    let [startup, shutdown, role] = parts();
    let tags = [("rekotui:startup", startup), ("rekotui:shutdown", shutdown), ("rekotui:role", role)];
    Group {
        arn: format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/rekotui"),
        name: "rekotui".into(),
        tags: tags.map(|(key, value)| (key.to_owned(), value)).into(),
    }
}

/// The small fleet without its schedules: no function is known to start anything.
fn bare() -> Flow {
    let mut flow = Flow::start(Setup::default());
    flow.connect(REGION);
    let news: Vec<News> = super::stage::reading(flow.state.now())
        .into_iter()
        .filter(|news| !matches!(news, News::Schedules(_)))
        .collect();
    flow.news(news);
    flow.asked();
    flow
}

#[test]
fn only_a_model_without_schedules_is_offered_some() {
    let mut flow = Flow::ready();
    assert_eq!(flow.selected().as_deref(), Some("bottles v1"));
    assert_eq!(offered(&flow), Some("schedule it"));
    flow.keys("j");
    assert_eq!(flow.selected().as_deref(), Some("logos_2 v3"));
    assert_eq!(offered(&flow), Some("week"));
    flow.keys("k <enter>");
    assert_eq!(offered(&flow), Some("schedule it"), "its details offer it as well");
}

#[test]
fn nobody_is_offered_what_would_not_be_written() {
    let mut flow = Flow::start(Setup { read_only: true, ..Setup::default() });
    flow.connect(REGION).read();
    assert_eq!(flow.selected().as_deref(), Some("bottles v1"));
    assert_eq!(offered(&flow), Some("week"));
}

#[test]
fn it_leads_to_the_week_editor_and_to_a_first_pair_of_schedules() {
    let mut flow = bare();
    flow.news(vec![News::Groups(vec![group()])]);
    flow.keys("w");
    assert_eq!(flow.state.week().map(|editor| &editor.model), Some(&arn("bottles", "v1")));
    flow.keys("<space> <enter>");
    let Some(Dialog::Act(act)) = flow.state.dialogs.last() else { panic!("{:?}", flow.state.dialogs) };
    let made = act.plans[0].shown().filter_map(|planned| match &planned.step {
        Step::Create { schedule } => Some((schedule.group.clone(), schedule.targets[0].arn.clone())),
        _ => None,
    });
    let [startup, shutdown, _] = parts();
    let wanted = BTreeMap::from([(startup, "rekotui".to_owned()), (shutdown, "rekotui".to_owned())]);
    assert_eq!(made.map(|(group, arn)| (arn, group)).collect::<BTreeMap<_, _>>(), wanted);
}

#[test]
fn a_stack_of_the_configuration_will_do() {
    let [startup, shutdown, role] = parts();
    let stack = StackWish { startup, shutdown, role, group: "default".into(), dead_letter: None };
    let wishes = Wishes { stack: Some(stack), ..Wishes::default() };
    let mut flow = Flow::start(Setup { wishes, ..Setup::default() });
    flow.connect(REGION).read().keys("w");
    assert!(flow.state.week().is_some());
}

#[test]
fn where_nothing_can_be_invoked_the_commands_are_there_to_be_copied() {
    let mut flow = bare();
    flow.keys("w");
    assert!(matches!(flow.state.dialogs.last(), Some(Dialog::Unscheduled(_))), "{:?}", flow.state.dialogs);
    let rest = "--model bottles/v1 --set 'Mon-Fri 08:00-17:00'";
    let way = format!("--region {REGION}");
    flow.keys("Y j y");
    let wanted = [
        Effect::Copy(format!("rekotui deploy scheduler {way} --code FILE --bucket BUCKET {rest}")),
        Effect::Copy(format!("rekotui deploy scheduler {way} --code s3://BUCKET/KEY.zip {rest}")),
    ];
    assert_eq!(flow.asked(), wanted);
    flow.keys("w");
    assert_eq!(flow.state.dialogs.len(), 1, "nothing has changed meanwhile");
    // Once somebody has deployed it, it is no longer said to be missing.
    flow.news(vec![News::Groups(vec![group()])]);
    assert!(flow.state.dialogs.is_empty(), "{:?}", flow.state.dialogs);
    assert!(flow.state.notices.iter().any(|notice| notice.text.contains("is there now")));
    flow.keys("w");
    assert!(flow.state.week().is_some() && flow.state.dialogs.len() == 1, "{:?}", flow.state.dialogs);
}

#[test]
fn a_model_that_cannot_run_is_not_asked_to() {
    use rekotui::domain::model::Status;
    let mut flow = bare();
    flow.news(vec![News::Models(vec![super::stage::model("bottles", "v1", Status::TrainingFailed)])]);
    assert_eq!(flow.selected().as_deref(), Some("bottles v1"));
    assert_eq!(offered(&flow), Some("week"));
}
