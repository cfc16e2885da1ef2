//! What the account answers, and fails to answer.

use rekotui::app::{Connection, Effect, Message, Reading, Screen, Setup, Source, Tone, Work};
use rekotui::domain::account::Identity;
use rekotui::domain::fleet::{News, PartName};
use rekotui::domain::mapping::MappingState;
use rekotui::domain::model::Status;
use rekotui::domain::picture::Picture;
use rekotui::domain::trouble::{Trouble, TroubleKind};

use super::stage::{Flow, REGION, friday, mapping, model, stored};

fn trouble(kind: TroubleKind) -> Trouble {
    Trouble::new(kind, "rekognition:DescribeProjects")
}

#[test]
fn a_stored_fleet_is_on_screen_before_anything_is_asked() {
    let at = friday() - chrono::TimeDelta::hours(3);
    let mut flow = Flow::start(Setup { stored: Some(stored(at)), ..Setup::default() });
    assert_eq!(flow.models().len(), 4);
    assert_eq!(flow.state.source, Source::Stored { as_of: Some(at) });
    assert_eq!(flow.state.age_text().as_deref(), Some("3 h ago"));
    assert_eq!(flow.asked(), [Effect::Connect, Effect::RecallUsage]);
    flow.connect(REGION);
    assert_eq!(flow.asked(), [Effect::Read(Reading::Everything)]);
    flow.read();
    assert_eq!(flow.asked(), [Effect::Save, Effect::Meter]);
    assert_eq!(flow.state.source, Source::Live);
    assert_eq!(flow.state.age_text().as_deref(), Some("just now"));
}

#[test]
fn what_is_stored_of_another_region_or_account_is_not_shown_as_this_ones() {
    let mut flow = Flow::start(Setup { stored: Some(stored(friday())), ..Setup::default() });
    flow.connect("us-east-1");
    assert!(flow.models().is_empty());
    assert_eq!(flow.state.source, Source::Nowhere);

    let mut flow = Flow::start(Setup { stored: Some(stored(friday())), ..Setup::default() });
    let other = Identity { account: "444455556666".into(), arn: "arn:aws:iam::444455556666:root".into() };
    flow.connect(REGION).news(vec![News::Identity(Ok(other))]);
    assert!(flow.models().is_empty());
    assert_eq!(flow.state.source, Source::Nowhere);
}

#[test]
fn one_reading_runs_and_one_waits() {
    let mut flow = Flow::start(Setup::default());
    flow.connect(REGION);
    flow.asked();
    flow.keys("r r r");
    assert_eq!(flow.asked(), []);
    flow.read();
    assert_eq!(flow.asked(), [Effect::Save, Effect::Read(Reading::Everything)]);
    flow.read();
    assert_eq!(flow.asked(), [Effect::Save, Effect::Meter]);
}

#[test]
fn everything_is_read_again_after_the_interval() {
    let mut flow = Flow::ready();
    flow.seconds(59);
    assert_eq!(flow.asked(), []);
    flow.seconds(1);
    assert_eq!(flow.asked(), [Effect::Read(Reading::Everything)]);
    flow.seconds(600);
    assert_eq!(flow.asked(), [], "it still runs");
}

#[test]
fn what_is_on_its_way_is_watched_until_it_has_arrived() {
    let mut flow = Flow::ready();
    flow.news(vec![News::Models(vec![model("bottles", "v1", Status::Starting)])]);
    flow.keys("r").read();
    flow.news(vec![News::Models(vec![model("bottles", "v1", Status::Starting)])]);
    flow.send(Message::Surveyed(Reading::Watch));
    flow.asked();
    flow.seconds(5);
    assert_eq!(flow.asked(), [Effect::Read(Reading::Watch)]);
    flow.news(vec![News::Models(vec![model("bottles", "v1", Status::Running)])]);
    flow.send(Message::Surveyed(Reading::Watch));
    flow.seconds(40);
    assert_eq!(flow.asked(), [], "a watch is not kept, and nothing moves any more");
}

#[test]
fn a_mapping_that_lambda_is_changing_is_watched_too() {
    let mut flow = Flow::ready();
    flow.news(vec![News::Mappings(vec![mapping(MappingState::Disabling)])]);
    flow.send(Message::Surveyed(Reading::Watch)).seconds(5);
    assert_eq!(flow.asked(), [Effect::Read(Reading::Watch)]);
}

#[test]
fn a_failed_reading_keeps_the_rows_and_says_why() {
    let mut flow = Flow::ready();
    flow.keys("r");
    flow.asked();
    let away = trouble(TroubleKind::Unreachable("rekognition.eu-central-1.amazonaws.com".into()));
    flow.fail(&away);
    assert_eq!(flow.models().len(), 4);
    assert_eq!(flow.state.connection, Connection::Trouble(away));
    assert_eq!(flow.asked(), [], "what could not be read is not kept");
    flow.keys("r");
    assert_eq!(flow.asked(), [Effect::Read(Reading::Everything)]);
    flow.read();
    assert_eq!(flow.state.connection, Connection::Live);
}

#[test]
fn one_denied_service_does_not_darken_the_others() {
    let mut flow = Flow::start(Setup::default());
    flow.connect(REGION);
    let denied = trouble(TroubleKind::Denied("scheduler:ListSchedules".into()));
    let done = |part, troubles| News::Done { part, seen: vec![], troubles, at: friday() };
    flow.news(vec![done(PartName::Schedules, vec![denied]), done(PartName::Models, vec![])]);
    flow.send(Message::Surveyed(Reading::Everything));
    assert_eq!(flow.state.connection, Connection::Live);
    assert!(flow.state.fleet.schedules.is_dark());
    flow.seconds(7);
    assert_eq!(flow.state.age_text().as_deref(), Some("7 s ago"), "what is dark has no age");
}

#[test]
fn parts_that_had_nothing_to_ask_for_do_not_pass_for_an_answer() {
    let mut flow = Flow::start(Setup::default());
    flow.connect(REGION);
    let expired = trouble(TroubleKind::Expired);
    let done = |part, troubles| News::Done { part, seen: vec![], troubles, at: friday() };
    let failed = [PartName::Projects, PartName::Models, PartName::Mappings, PartName::Schedules, PartName::Rules];
    flow.news(failed.map(|part| done(part, vec![expired.clone()])).to_vec());
    flow.news([PartName::Queues, PartName::Functions, PartName::Activity].map(|part| done(part, vec![])).to_vec());
    flow.send(Message::Surveyed(Reading::Everything));
    assert_eq!(flow.state.connection, Connection::Trouble(expired));
    assert_eq!(flow.state.source, Source::Nowhere);
}

#[test]
fn a_login_that_has_expired_is_looked_for_again_when_asked() {
    let mut flow = Flow::ready();
    flow.keys("r");
    flow.asked();
    flow.news(vec![News::Identity(Err(trouble(TroubleKind::Expired)))]);
    assert!(matches!(&flow.state.connection, Connection::Trouble(_)), "it is said before the reading ends");
    flow.fail(&trouble(TroubleKind::Expired));
    flow.asked();
    flow.keys("r");
    assert_eq!(flow.asked(), [Effect::Connect]);
    flow.keys("r r");
    assert_eq!(flow.asked(), [], "it is being looked for already");
    flow.connect(REGION);
    assert_eq!(flow.asked(), [Effect::Read(Reading::Everything)]);
}

#[test]
fn without_a_way_in_it_is_tried_again_by_itself() {
    let mut flow = Flow::start(Setup::default());
    flow.asked();
    flow.send(Message::Connected(Err(trouble(TroubleKind::NoCredentials))));
    flow.seconds(59);
    assert_eq!(flow.asked(), []);
    flow.seconds(1);
    assert_eq!(flow.asked(), [Effect::Connect]);
}

#[test]
fn a_worker_that_dies_leaves_a_notice_and_the_rows() {
    let mut flow = Flow::ready();
    flow.keys("r").news(vec![News::Reading(PartName::Models)]);
    flow.asked();
    flow.send(Message::WorkerLost(Work::Reading));
    assert_eq!(flow.models().len(), 4);
    assert!(!flow.state.fleet.is_reading());
    assert_eq!(flow.state.notices.last().map(|notice| notice.tone), Some(Tone::Trouble));
    flow.keys("r");
    assert_eq!(flow.asked(), [Effect::Read(Reading::Everything)]);
}

#[test]
fn a_worker_that_dies_on_the_way_in_is_not_waited_for() {
    let mut flow = Flow::start(Setup::default());
    flow.asked();
    flow.send(Message::WorkerLost(Work::Connecting));
    assert!(matches!(flow.state.connection, Connection::Trouble(_)));
    flow.keys("r");
    assert_eq!(flow.asked(), [Effect::Connect]);
}

#[test]
fn information_goes_by_itself_and_trouble_stays_until_it_is_dismissed() {
    let mut flow = Flow::ready();
    flow.keys("y").send(Message::NotSaved("The disk is full.".into()));
    assert_eq!(flow.state.notices.len(), 2);
    flow.seconds(10);
    assert_eq!(flow.state.notices.len(), 1);
    flow.seconds(1_000);
    assert_eq!(flow.state.notices[0].text, "The disk is full.");
    flow.keys("<esc>");
    assert!(flow.state.notices.is_empty());
}

#[test]
fn coming_back_from_the_shell_reads_anew() {
    let mut flow = Flow::ready();
    flow.send(Message::Resumed { stood: true });
    assert_eq!(flow.asked(), [Effect::Read(Reading::Everything)]);
    flow.read();
    flow.asked();
    flow.send(Message::Resumed { stood: false });
    assert_eq!(flow.asked(), []);
    assert!(flow.state.notices.last().unwrap().text.contains("no shell"));
}

#[test]
fn a_production_account_is_known_by_its_number() {
    let production = vec![super::stage::ACCOUNT.to_owned()];
    let mut flow = Flow::start(Setup { production, ..Setup::default() });
    flow.connect(REGION);
    assert!(!flow.state.is_production());
    flow.read();
    assert!(flow.state.is_production());
}

/// A fleet that is too large for its picture to be drawn between two keys.
fn many(count: u32) -> Vec<News> {
    let models = (0..count).map(|number| model("many", &format!("v{number}"), Status::Failed)).collect();
    vec![News::Models(models)]
}

#[test]
fn the_picture_of_a_large_fleet_is_drawn_elsewhere() {
    let mut flow = Flow::ready();
    flow.news(many(1_000));
    let [Effect::Picture(number)] = flow.asked()[..] else { panic!("no picture was asked for") };
    assert_eq!(flow.models().len(), 1_004, "the rows are there at once");
    flow.news(many(1_001)).news(many(1_002));
    assert_eq!(flow.asked(), [], "one is being drawn");
    let draw = |flow: &Flow| Box::new(Picture::of(&flow.state.fleet, &flow.state.wishes, friday(), flow.state.zone));
    let picture = draw(&flow);
    flow.send(Message::Pictured(number + 7, Box::default()));
    assert!(flow.state.count(Screen::Findings) > 0, "that is not the one that was asked for");
    flow.send(Message::Pictured(number, picture));
    assert!(flow.state.count(Screen::Findings) > 1_000);
    assert_eq!(flow.asked(), [], "not one after the other without a pause");
    flow.seconds(1);
    assert!(matches!(flow.asked()[..], [Effect::Picture(_)]), "more has come in since");
}

#[test]
fn a_picture_of_another_account_is_never_hung() {
    let mut flow = Flow::ready();
    flow.news(many(1_000));
    let [Effect::Picture(number)] = flow.asked()[..] else { panic!("no picture was asked for") };
    let picture = Box::new(Picture::of(&flow.state.fleet, &flow.state.wishes, friday(), flow.state.zone));
    flow.connect("us-east-1").send(Message::Pictured(number, picture));
    assert_eq!(flow.state.count(Screen::Findings), 0);
}

#[test]
fn a_picture_that_cannot_be_drawn_is_not_tried_at_once_again() {
    let mut flow = Flow::ready();
    flow.news(many(1_000));
    flow.asked();
    flow.send(Message::WorkerLost(Work::Picturing)).seconds(10);
    assert_eq!(flow.asked(), []);
    flow.seconds(50);
    assert!(flow.asked().iter().any(|effect| matches!(effect, Effect::Picture(_))));
}

#[test]
fn a_large_stored_fleet_has_its_rows_at_once_and_its_picture_worked_out_beside() {
    let mut fleet = stored(friday());
    let many = (0..500).map(|n| model(&format!("shelf-{n:03}"), "v1", Status::Stopped));
    fleet.models.rows.extend(many.map(|model| (model.arn.clone(), model)));
    let mut flow = Flow::start(Setup { stored: Some(fleet), ..Setup::default() });
    assert_eq!(flow.models().len(), 504);
    assert!(flow.state.picture.models.is_empty(), "nobody waited for what follows from it");
    assert!(flow.asked().iter().any(|effect| matches!(effect, Effect::Picture(_))));
}
