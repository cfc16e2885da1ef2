//! The functions in front.

use chrono::TimeDelta;
use rekotui::app::Message;
use rekotui::domain::functions::{Answer, Counts};

use super::office::{Account, friday, function_arn, office};
use super::pictures::picture;
use super::stage::{SMALL, Stage, USUAL, WIDE};

/// The office, where the functions that start and stop are ours.
fn ours() -> Account {
    let mut account = office();
    for function in
        account.functions.iter_mut().filter(|function| function.arn.ends_with("up") || function.arn.ends_with("down"))
    {
        function.version = Some("0.1.0".into());
        function.modified = Some(friday() - TimeDelta::days(3));
    }
    account
}

/// With what CloudWatch counted.
fn counted() -> Stage {
    let mut stage = Stage::live(&ours()).keys("2 f");
    let counts = |invocations, errors| Some(Counts { invocations, errors, throttles: 0 });
    let all = [("startup", counts(1_204, 2)), ("shutdown", counts(12, 0)), ("inspect-logos", None)];
    stage.send(Message::FunctionsCounted(Ok(all.map(|(name, counts)| (function_arn(name), counts)).into())));
    stage
}

/// With the answers to a test of the startup function: all but the first are bad.
fn tested() -> Stage {
    let mut stage = counted().keys("G t");
    let trial = stage.state.functions().and_then(|page| page.trial.clone()).expect("a test");
    let model = super::office::arn("bottles", "v1");
    let good = format!(
        r#"{{"outcome":"checked","version":"0.1.0","model":"{model}","status":"STARTING","mappings":[{{"uuid":"{}","state":"Disabled"}}]}}"#,
        super::office::uuid(1)
    );
    let bad = r#"{"errorType":"Failed","errorMessage":"The mapping does not exist any more."}"#;
    for at in 0..trial.checks.len() {
        let answer = match at {
            0 => Answer { error: None, body: good.clone() },
            _ => Answer { error: Some("Unhandled".into()), body: bad.into() },
        };
        stage.send(Message::FunctionTested { function: trial.arn.clone(), at, answer: Ok(answer) });
    }
    stage
}

#[test]
fn the_functions_and_a_test() {
    for size in [SMALL, USUAL, WIDE] {
        picture!("functions", counted(), size);
        picture!("functions-tested", tested(), size);
    }
    picture!("functions-asked", Stage::live(&ours()).keys("3 f"), USUAL);
    picture!("functions-foreign", Stage::live(&office()).keys("2 f t"), SMALL);
}

#[test]
fn errors_are_told_and_catch_the_eye() {
    let mut stage = counted().keys("G");
    let shown = stage.text(USUAL);
    assert!(shown.contains("1,204 invoked, 2 failed, 0 throttled"), "{shown}");
    let lines = super::stage::lines(&stage.buffer(USUAL));
    let row = lines.iter().position(|line| line.contains("1,204")).unwrap();
    let column = lines[row].chars().take_while(|letter| *letter != 's').count();
    let theme = rekotui::ui::Theme::of(rekotui::app::Theme::Night);
    let cell = stage.buffer(USUAL)[(u16::try_from(column).unwrap(), u16::try_from(row).unwrap())].clone();
    assert_eq!(Some(cell.fg), theme.look.fg);
}

#[test]
fn it_draws_at_any_size() {
    for make in [counted, tested] {
        let mut stage = make();
        for width in 1..=130 {
            for height in (1..=30).filter(|height| (width + height) % 7 == 0) {
                stage.buffer((width, height));
            }
        }
    }
}
