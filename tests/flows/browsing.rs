//! Looking around: selecting, filtering, sorting, details, commands by typing.

use rekotui::app::{ColumnId, Dialog, Effect, Message, Screen, Theme, place, table_width};
use rekotui::domain::fleet::{News, PartName};
use rekotui::domain::model::Status;

use super::stage::{Flow, arn, model, schedule};

#[test]
fn versions_stand_in_the_order_of_their_numbers() {
    assert_eq!(Flow::ready().models(), ["bottles v1", "logos_2 v3", "shelf v9", "shelf v10"]);
}

#[test]
fn a_selection_survives_whatever_a_refresh_brings() {
    let mut flow = Flow::ready();
    flow.keys("j j");
    assert_eq!(flow.selected().as_deref(), Some("shelf v9"));
    flow.news(vec![News::Models(vec![model("anvils", "v1", Status::Stopped)])]);
    assert_eq!(flow.selected().as_deref(), Some("shelf v9"));
    assert_eq!(flow.state.models.index(), Some(3));
    flow.keys("k");
    assert_eq!(flow.selected().as_deref(), Some("logos_2 v3"));
}

#[test]
fn moving_beyond_either_end_stays_there() {
    let mut flow = Flow::ready();
    assert_eq!(flow.keys("k k").selected().as_deref(), Some("bottles v1"));
    assert_eq!(flow.keys("G j").selected().as_deref(), Some("shelf v10"));
    assert_eq!(flow.keys("g").selected().as_deref(), Some("bottles v1"));
}

#[test]
fn a_filter_holds_while_it_is_typed_and_after() {
    let mut flow = Flow::ready();
    flow.keys("/").text("status:STOP !shelf");
    assert_eq!(flow.models(), ["bottles v1"]);
    flow.keys("<enter>");
    assert!(!flow.state.filtering);
    assert_eq!(flow.models(), ["bottles v1"]);
    assert_eq!(flow.state.models.total(), 4);
    flow.keys("<esc>");
    assert_eq!(flow.models().len(), 4);
}

#[test]
fn escape_while_typing_gives_the_filter_up() {
    let mut flow = Flow::ready();
    flow.keys("/").text("q").keys("<esc>");
    assert!(!flow.state.filtering && !flow.state.models.is_filtered());
    assert_eq!(flow.models().len(), 4);
    assert_eq!(flow.asked(), [], "q was text, not the end");
}

#[test]
fn rows_can_be_chosen_while_a_filter_is_typed() {
    let mut flow = Flow::ready();
    flow.keys("/").text("shelf").keys("<down> <enter>");
    assert_eq!(flow.selected().as_deref(), Some("shelf v10"));
}

#[test]
fn pasted_text_is_one_line_of_a_filter_and_nothing_elsewhere() {
    let mut flow = Flow::ready();
    flow.send(Message::Paste("q\nq".into()));
    assert_eq!(flow.asked(), []);
    flow.keys("/").send(Message::Paste(" logos_2\r\n\u{7}".into()));
    assert_eq!(flow.state.models.input.value(), "logos_2");
    assert_eq!(flow.models(), ["logos_2 v3"]);
}

#[test]
fn a_column_is_marked_and_then_sorted_by() {
    let mut flow = Flow::ready();
    flow.keys(">");
    assert_eq!(flow.models()[0], "bottles v1", "marking alone changes nothing");
    flow.keys("o");
    assert_eq!(flow.state.models.sort.column, ColumnId::Status);
    assert_eq!(flow.models(), ["shelf v9", "logos_2 v3", "bottles v1", "shelf v10"]);
    flow.keys("o");
    assert_eq!(flow.models(), ["bottles v1", "shelf v10", "logos_2 v3", "shelf v9"]);
}

#[test]
fn what_has_no_units_comes_last_in_either_direction() {
    let mut flow = Flow::ready();
    flow.keys("> > o");
    assert_eq!(flow.models()[0], "logos_2 v3");
    flow.keys("o");
    assert_eq!(flow.models()[0], "logos_2 v3");
}

#[test]
fn the_day_strip_is_no_column_to_sort_by() {
    let mut flow = Flow::ready();
    flow.send(Message::Resize { width: 200, height: 36 });
    for _ in 0..20 {
        flow.keys(">");
        assert_ne!(flow.state.models.cursor, ColumnId::Day);
    }
    assert_eq!(Some(flow.state.models.cursor), Screen::Models.columns().last().map(|column| column.id));
}

#[test]
fn columns_out_of_sight_are_neither_marked_nor_sorted_by() {
    for screen in ["1", "2", "3", "5", "6"] {
        for size in [(80, 24), (60, 15), (59, 15), (45, 12), (200, 60)] {
            let mut flow = Flow::ready();
            flow.keys(screen).send(Message::Resize { width: size.0, height: size.1 });
            let placed = place(flow.state.screen.columns(), table_width(size).0);
            let shown = placed.columns.iter().filter(|(column, _)| column.sortable).count();
            let mut marked = std::collections::BTreeSet::new();
            for key in ["<", "<", "<", "<", ">", ">", ">", ">", ">", ">", ">", ">", ">"] {
                marked.insert(flow.keys(key).state.marked_column());
            }
            assert!(marked.iter().all(|id| placed.columns.iter().any(|(column, _)| column.id == *id)), "{marked:?}");
            assert_eq!(marked.len(), shown, "{screen} {size:?}: each can be reached");
        }
    }
    let mut flow = Flow::ready();
    flow.send(Message::Resize { width: 80, height: 24 }).keys("> > o");
    assert_eq!(flow.state.models.sort.column, ColumnId::Backlog, "the units are not shown");
}

#[test]
fn a_marked_column_that_goes_out_of_sight_hands_its_mark_to_the_left() {
    let mut flow = Flow::ready();
    flow.keys("> >");
    assert_eq!(flow.state.marked_column(), ColumnId::Units);
    flow.send(Message::Resize { width: 80, height: 24 });
    assert_eq!(flow.state.marked_column(), ColumnId::Status);
    flow.keys("o");
    assert_eq!(flow.state.models.sort.column, ColumnId::Status);
}

#[test]
fn models_sort_by_the_next_that_is_shown() {
    let mut flow = Flow::ready();
    let [bottles, logos] = [arn("bottles", "v1"), arn("logos_2", "v3")];
    let schedules = vec![
        schedule("early", "cron(0 15 ? * FRI *)", "start", &logos),
        schedule("late", "cron(0 19 ? * FRI *)", "stop", &logos),
        schedule("bottles", "cron(0 16 ? * FRI *)", "start", &bottles),
    ];
    let seen = schedules.iter().map(|schedule| schedule.arn.clone()).collect();
    let done = News::Done { part: PartName::Schedules, seen, troubles: vec![], at: flow.state.now() };
    flow.news(vec![News::Schedules(schedules), done]);
    flow.state.models.cursor = ColumnId::Next;
    flow.keys("o");
    assert_eq!(flow.models()[..2], ["bottles v1", "logos_2 v3"], "its stop at 19, not its start at 15");
}

#[test]
fn screens_go_round_and_have_numbers() {
    let mut flow = Flow::ready();
    for screen in
        [Screen::Schedules, Screen::Mappings, Screen::Savings, Screen::Journal, Screen::Findings, Screen::Models]
    {
        assert_eq!(flow.keys("<tab>").state.screen, screen);
    }
    assert_eq!(flow.keys("<back-tab>").state.screen, Screen::Findings);
    assert_eq!(flow.keys("2").state.screen, Screen::Schedules);
    assert_eq!(flow.selected().as_deref(), Some("office/logos-start"));
}

#[test]
fn details_stay_with_their_row() {
    let mut flow = Flow::ready();
    flow.keys("j <enter>");
    let Some(Dialog::Details { key, .. }) = flow.state.dialogs.last() else { panic!("no details") };
    assert_eq!(flow.state.name_of(key), "logos_2 v3");
    flow.keys("Y");
    assert_eq!(flow.asked(), [Effect::Copy(arn("logos_2", "v3").to_string())]);
    flow.keys("q");
    assert!(flow.state.dialogs.is_empty());
    assert_eq!(flow.asked(), [], "q has closed the details, not the program");
}

#[test]
fn the_name_is_copied_for_people_and_the_arn_for_scripts() {
    let mut flow = Flow::ready();
    flow.keys("y Y");
    assert_eq!(flow.asked(), [Effect::Copy("bottles v1".into()), Effect::Copy(arn("bottles", "v1").to_string())]);
    flow.keys("3 Y");
    assert_eq!(flow.asked(), [Effect::Copy(super::stage::MAPPING.into())]);
}

#[test]
fn a_command_is_found_by_typing() {
    let mut flow = Flow::ready();
    flow.keys(":").text("find");
    let offered: Vec<&str> = flow.state.palette().iter().map(|spec| spec.name).collect();
    assert!(offered.contains(&"findings"), "{offered:?}");
    flow.text("ings");
    let place = flow.state.palette().iter().position(|spec| spec.name == "findings").unwrap();
    for _ in 0..place {
        flow.keys("<down>");
    }
    flow.keys("<enter>");
    assert_eq!(flow.state.screen, Screen::Findings);
    assert!(flow.state.dialogs.is_empty());
}

#[test]
fn a_filter_called_from_above_the_details_is_not_typed_behind_them() {
    let mut flow = Flow::ready();
    flow.keys("<enter> :").text("filter").keys("<enter>").text("shelf");
    assert!(flow.state.dialogs.is_empty());
    assert_eq!(flow.models(), ["shelf v9", "shelf v10"]);
}

#[test]
fn a_palette_that_offers_nothing_does_nothing() {
    let mut flow = Flow::ready();
    flow.keys(":").text("xyzzy").keys("<down> <enter>");
    assert!(flow.state.dialogs.is_empty());
    assert_eq!(flow.asked(), []);
}

#[test]
fn leaving_and_standing_still_are_asked_of_the_loop() {
    let mut flow = Flow::ready();
    flow.keys("<c-z> ? <c-c>");
    assert_eq!(flow.asked(), [Effect::Suspend, Effect::Quit]);
}

#[test]
fn colours_go_round() {
    let mut flow = Flow::ready();
    for theme in [Theme::Day, Theme::Mono, Theme::Night] {
        assert_eq!(flow.keys("T").state.theme, theme);
    }
}

#[test]
fn the_footer_offers_what_can_be_done_here() {
    let mut flow = Flow::ready();
    let shorts = |flow: &Flow| flow.state.hints().iter().map(|hint| hint.short).collect::<Vec<_>>();
    assert_eq!(shorts(&flow)[..2], ["start", "stop"]);
    assert!(shorts(&flow).contains(&"details"));
    assert!(shorts(&flow).contains(&"quit"));
    flow.keys("/");
    assert_eq!(shorts(&flow), ["go", "close"], "every other key is text now");
}

#[test]
fn what_belongs_together_is_one_key_away() {
    let mut flow = Flow::ready();
    flow.keys("j l");
    let Some(Dialog::Related { targets, .. }) = flow.state.dialogs.last() else { panic!("nothing is offered") };
    let names: Vec<String> = targets.iter().map(|key| flow.state.name_of(key)).collect();
    assert_eq!(names[..3], ["office/logos-start", "office/logos-stop", "inference-function (logos-queue)"]);
    flow.keys("j <enter>");
    assert_eq!(flow.state.screen, Screen::Schedules);
    assert_eq!(flow.selected().as_deref(), Some("office/logos-stop"));
    flow.keys("l");
    assert_eq!(flow.state.screen, Screen::Models, "one target is no question");
    assert_eq!(flow.selected().as_deref(), Some("logos_2 v3"));
    flow.keys("h");
    assert_eq!(flow.selected().as_deref(), Some("office/logos-stop"));
    flow.keys("h");
    assert_eq!(flow.selected().as_deref(), Some("logos_2 v3"));
    flow.keys("h");
    assert_eq!(flow.selected().as_deref(), Some("logos_2 v3"), "there is nowhere further back");
}

#[test]
fn a_jump_clears_the_filter_that_would_hide_its_goal() {
    let mut flow = Flow::ready();
    flow.keys("2 /").text("start").keys("<enter> 1 j l j <enter>");
    assert_eq!(flow.selected().as_deref(), Some("office/logos-stop"));
    assert!(!flow.state.schedules.is_filtered());
    assert!(flow.state.notices.last().unwrap().text.contains("filter"));
}

#[test]
fn a_finding_leads_to_what_it_is_about() {
    let mut flow = Flow::ready();
    assert!(flow.state.count(Screen::Findings) > 0, "a failed model is worth a finding");
    flow.keys("6 /").text("shelf").keys("<enter>");
    assert_eq!(flow.state.findings.rows().len(), 1);
    flow.keys("l");
    assert_eq!(flow.selected().as_deref(), Some("shelf v9"));
}

#[test]
fn models_are_found_by_what_serves_them() {
    for filter in ["schedule:logos-stop", "function:inference", "queue:logos-queue", "zone:berlin", "next:stop"] {
        let mut flow = Flow::ready();
        flow.keys("/").text(filter);
        assert_eq!(flow.models(), ["logos_2 v3"], "{filter}");
    }
    let mut flow = Flow::ready();
    flow.keys("2 /").text("model:logos does:start fires:08:30");
    assert_eq!(flow.selected().as_deref(), Some("office/logos-start"));
    assert_eq!(flow.state.schedules.rows().len(), 1);
}

#[test]
fn models_are_sorted_by_what_happens_next() {
    let mut flow = Flow::ready();
    while flow.state.models.cursor != ColumnId::Next {
        flow.keys(">");
    }
    flow.keys("o");
    assert_eq!(flow.models()[0], "logos_2 v3", "what has no next event comes last");
}
