//! The functions in front: who is asked about them and when, and a test that only looks.

use rekotui::app::{Counted, Dialog, Effect, FunctionsPage, Message, Reading, Setup};
use rekotui::domain::fleet::News;
use rekotui::domain::function::Function;
use rekotui::domain::functions::{Answer, Counts};
use rekotui::domain::trouble::{Trouble, TroubleKind};

use super::stage::{ACCOUNT, Flow, REGION, arn};

fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

fn function(name: &str, role: &str, version: Option<&str>) -> Function {
    Function {
        arn: function_arn(name),
        mentions: [("REKOTUI_ROLE".to_owned(), role.to_owned())].into(),
        timeout_seconds: Some(900),
        version: version.map(str::to_owned),
        modified: None,
    }
}

/// The small fleet, whose schedules invoke `startup` (ours) and `stopup` (somebody else's).
fn flow(setup: Setup) -> Flow {
    let mut flow = Flow::start(setup);
    flow.connect(REGION).read();
    flow.news(vec![News::Functions(vec![
        function("startup", "startup", Some("0.1.0")),
        function("stopup", "shutdown", None),
        function("inference-function", "inference", Some("0.1.0")),
    ])]);
    flow.asked();
    flow
}

fn page(flow: &Flow) -> &FunctionsPage {
    flow.state.functions().unwrap_or_else(|| panic!("no functions: {:?}", flow.state.notices))
}

fn chosen(flow: &Flow) -> &str {
    page(flow).chosen().unwrap().name()
}

fn all() -> Vec<String> {
    ["inference-function", "startup", "stopup"].map(function_arn).into()
}

#[test]
fn the_function_of_the_row_in_question_is_selected() {
    for (keys, name) in [
        ("1 j f", "startup"),
        ("2 G f", "stopup"),
        ("3 f", "inference-function"),
        ("3 <enter> f", "inference-function"),
    ] {
        let mut flow = flow(Setup::default());
        flow.keys(keys);
        assert_eq!(chosen(&flow), name, "{keys}");
        flow.keys("<esc>");
        assert!(flow.state.functions().is_none());
    }
}

#[test]
fn cloudwatch_is_asked_when_somebody_looks_and_not_with_each_reading() {
    let mut flow = flow(Setup::default());
    flow.keys("f");
    assert_eq!(flow.asked(), [Effect::CountFunctions(all())]);
    assert_eq!(page(&flow).counted, Counted::Asked);
    let counts = Counts { invocations: 3, errors: 1, throttles: 0 };
    flow.send(Message::FunctionsCounted(Ok(vec![
        (function_arn("startup"), Some(counts)),
        (function_arn("stopup"), None),
    ])));
    assert_eq!(page(&flow).counts(&function_arn("startup")), Some(counts));
    flow.read();
    let asked = flow.asked();
    assert!(!asked.iter().any(|effect| matches!(effect, Effect::CountFunctions(_))), "{asked:?}");
    flow.keys("r");
    assert!(flow.asked().contains(&Effect::CountFunctions(all())), "whoever refreshes asks for it");
    let denied = Trouble::new(TroubleKind::Denied("cloudwatch:GetMetricData".into()), "cloudwatch:GetMetricData");
    flow.send(Message::FunctionsCounted(Err(denied.clone())));
    assert_eq!(page(&flow).counted, Counted::Failed(denied));
}

#[test]
fn a_test_is_the_schedules_own_input_and_its_answer_is_shown() {
    let mut flow = flow(Setup::default());
    flow.keys("1 j f");
    flow.asked();
    flow.keys("t");
    let asked = flow.asked();
    let [Effect::TestFunction(function, checks)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((function.as_str(), checks.len()), (function_arn("startup").as_str(), 1));
    assert!(checks[0].payload.contains(r#""action":"check""#), "{}", checks[0].payload);
    assert!(checks[0].payload.contains(arn("logos_2", "v3").as_str()), "{}", checks[0].payload);
    flow.keys("t");
    assert_eq!(flow.asked(), [], "one test at a time");
    assert!(page(&flow).said.as_deref().unwrap_or_default().contains("going on"));
    let answer = Answer { error: None, body: r#"{"outcome":"checked"}"#.into() };
    let told = |at| Message::FunctionTested { function: function_arn("startup"), at, answer: Ok(answer.clone()) };
    flow.send(told(7));
    assert!(page(&flow).trial.as_ref().unwrap().waits(), "that is an answer to something else");
    flow.send(told(0));
    let trial = page(&flow).trial.as_ref().unwrap();
    assert!(!trial.waits() && trial.answers == [Ok(answer)], "{trial:?}");
}

#[test]
fn what_is_not_ours_is_not_invoked() {
    for (keys, why) in [("2 G f t", "no REKOTUI_VERSION"), ("3 f t", "works on images")] {
        let mut flow = flow(Setup::default());
        flow.keys(keys);
        assert!(page(&flow).said.as_deref().unwrap_or_default().contains(why), "{keys}: {:?}", page(&flow).said);
        assert!(!flow.asked().iter().any(Effect::writes), "{keys}");
        let offered: Vec<&str> = flow.state.hints().iter().map(|hint| hint.short).collect();
        assert!(!offered.contains(&"test"), "{offered:?}");
    }
}

#[test]
fn a_read_only_session_looks_and_does_not_test() {
    let mut flow = flow(Setup { read_only: true, ..Setup::default() });
    flow.keys("1 j f");
    assert_eq!(flow.asked(), [Effect::CountFunctions(all())]);
    flow.keys("t");
    assert_eq!(flow.asked(), []);
    assert!(page(&flow).trial.is_none());
}

#[test]
fn the_selection_stays_with_its_function_when_others_come_and_go() {
    let mut flow = flow(Setup::default());
    flow.keys("2 G f");
    assert_eq!(chosen(&flow), "stopup");
    flow.news(vec![News::Functions(vec![function("startup", "startup", Some("0.2.0"))])]);
    let done = |part, seen: Vec<String>| News::Done { part, seen, troubles: vec![], at: super::stage::friday() };
    flow.news(vec![done(rekotui::domain::fleet::PartName::Mappings, vec![])]);
    flow.send(Message::Surveyed(Reading::Everything));
    assert_eq!((page(&flow).rows.len(), chosen(&flow)), (2, "stopup"));
    assert_eq!(page(&flow).rows[0].version.as_deref(), Some("0.2.0"));
}

#[test]
fn where_there_are_none_nothing_opens() {
    let mut flow = Flow::start(Setup::default());
    flow.connect(REGION).keys("f");
    assert!(!flow.state.dialogs.iter().any(|dialog| matches!(dialog, Dialog::Functions(_))));
    assert!(flow.state.notices.iter().any(|notice| notice.text.contains("uses a function")));
}
