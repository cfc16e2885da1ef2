use super::super::testing::{LOGOS, Small, UUID, function_arn, input, model_arn, queue_arn, schedule_arn};
use super::*;

const START: Effect = Effect::Start { min_units: None, max_units: None };
const DAILY: &str = "cron(0 9 * * ? *)";

fn wired(small: &Small) -> Wiring {
    Wiring::of(&small.0, &Wishes::default())
}

fn only_aim(small: &Small, schedule: &str) -> Aim {
    let aims = wired(small).aims_by_schedule.remove(&schedule_arn(schedule)).unwrap_or_default();
    assert_eq!(aims.len(), 1, "{aims:?}");
    Aim::clone(&aims[0])
}

fn guessed_aim(small: &Small, schedule: &str) -> Aim {
    let wiring = wired(small);
    assert!(wiring.aims_by_schedule.is_empty() && wiring.unwired_schedules.is_empty());
    assert!(wiring.aims_of(&model_arn("logos")).is_empty());
    wiring.guesses_by_schedule.get(&schedule_arn(schedule)).map(|aim| Aim::clone(aim)).unwrap()
}

fn wish(model: &str, mappings: &[&str], starts: &[&str], stops: &[&str]) -> Wishes {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let wire = Wish { model: model.into(), mappings: own(mappings), starts: own(starts), stops: own(stops) };
    Wishes { wires: vec![wire], ..Wishes::default() }
}

#[test]
fn an_input_wires_schedule_model_and_mapping() {
    let told = input("start", LOGOS, &[UUID]);
    let small = Small::new().model("logos", "STOPPED").mapping(UUID, "Disabled");
    let small = small.schedule("morning", DAILY, &function_arn("startup"), &told);
    let aim = only_aim(&small, "morning");
    assert_eq!((aim.effect, aim.evidence, aim.mappings), (START, Evidence::Input, vec![UUID.to_owned()]));
    let wiring = wired(&small);
    assert_eq!(wiring.model_by_mapping.get(UUID), Some(&model_arn("logos")));
    assert_eq!(wiring.mappings_of(&model_arn("logos"))[0].evidence, Evidence::Input);
    assert_eq!(wiring.aims_of(&model_arn("logos")).len(), 1);
    assert!(wiring.unwired_mappings.is_empty() && wiring.unwired_schedules.is_empty());
}

#[test]
fn an_input_without_an_action_takes_it_from_the_functions_role() {
    let told = serde_json::json!({"model": LOGOS}).to_string();
    let small = |role: &str| {
        let small = Small::new().model("logos", "STOPPED").function("switch", &[("REKOTUI_ROLE", role)]);
        small.schedule("daily", DAILY, &function_arn("switch"), &told)
    };
    assert_eq!(only_aim(&small("startup"), "daily").effect, START);
    assert_eq!(only_aim(&small("shutdown"), "daily").effect, Effect::Stop);
    let unclear = only_aim(&small("both"), "daily");
    assert!(unclear.effect == Effect::Unknown && !unclear.is_planned());
}

#[test]
fn a_functions_environment_wires_its_schedules_and_its_mappings() {
    let environment = [("REKOTUI_ROLE", "shutdown"), ("MODEL_ARN", LOGOS), ("EVENT_SOURCE_MAPPING_UUID", UUID)];
    let small = Small::new().model("logos", "RUNNING").mapping(UUID, "Enabled").function("down", &environment);
    let small = small.schedule("evening", DAILY, &function_arn("down:live"), "{}");
    let aim = only_aim(&small, "evening");
    let evidence = Evidence::FunctionEnvironment { function: "down".into(), variable: "MODEL_ARN".into() };
    assert_eq!((aim.effect, &aim.evidence), (Effect::Stop, &evidence));
    assert_eq!(aim.mappings, [UUID]);
    assert_eq!(wired(&small).mappings_of(&model_arn("logos"))[0].evidence, evidence);
}

#[test]
fn the_inference_functions_environment_wires_the_mapping_alone() {
    let small = Small::new().model("logos", "RUNNING").mapping(UUID, "Enabled").serves("logos");
    let wiring = wired(&small);
    let evidence = Evidence::InferenceFunction { function: "inference".into(), variable: "MODEL_ARN".into() };
    assert_eq!(wiring.mappings_of(&model_arn("logos"))[0].evidence, evidence);
    // A schedule that invokes the inference function (to keep it warm, say) neither starts nor stops anything.
    let small = small.schedule("warm-start", DAILY, &function_arn("inference"), "{}");
    assert_eq!(only_aim(&small, "warm-start").effect, Effect::Unknown);
}

#[test]
fn a_switch_of_a_mapping_reaches_the_model_through_the_mappings_wire() {
    let target = "arn:aws:scheduler:::aws-sdk:lambda:updateEventSourceMapping";
    let told = serde_json::json!({"UUID": UUID, "Enabled": true}).to_string();
    let small = Small::new().model("logos", "RUNNING").mapping(UUID, "Enabled");
    let small = small.schedule("open", DAILY, target, &told);
    let aim = only_aim(&small, "open");
    assert_eq!((aim.effect, aim.model, &aim.evidence), (Effect::Enable, None, &Evidence::UniversalTarget));
    let aim = only_aim(&small.serves("logos"), "open");
    assert_eq!((aim.effect, aim.model), (Effect::Enable, Some(model_arn("logos"))));
    assert_eq!(aim.mappings, [UUID]);
}

#[test]
fn universal_targets_wire_the_model_that_they_name() {
    let target = "arn:aws:scheduler:::aws-sdk:rekognition:stopProjectVersion";
    let told = serde_json::json!({"ProjectVersionArn": LOGOS}).to_string();
    let aim = only_aim(&Small::new().model("logos", "RUNNING").schedule("stop", DAILY, target, &told), "stop");
    assert_eq!((aim.effect, aim.evidence), (Effect::Stop, Evidence::UniversalTarget));
}

#[test]
fn a_model_that_is_gone_keeps_its_aims() {
    let small = Small::new().schedule("stop", DAILY, &function_arn("shutdown"), &input("stop", LOGOS, &[]));
    assert_eq!(only_aim(&small, "stop").model, Some(model_arn("logos")));
}

#[test]
fn a_name_is_a_guess_and_proves_nothing() {
    let small = Small::new().model("logos", "RUNNING").function("ops", &[]);
    let small = small.schedule("logos-stop", DAILY, &function_arn("ops"), "{}");
    let aim = guessed_aim(&small, "logos-stop");
    assert_eq!((aim.effect, aim.model.as_ref()), (Effect::Stop, Some(&model_arn("logos"))));
    assert!(!aim.evidence.is_proof() && !aim.is_planned());
    assert_eq!(aim.evidence.words(), "it is called logos-stop, and the model's project logos");
}

#[test]
fn an_effect_is_never_proven_by_a_name() {
    let small = Small::new().model("logos", "RUNNING").function("ops", &[("MODEL_ARN", LOGOS)]);
    let small = small.schedule("logos-stop", DAILY, &function_arn("ops"), "{}");
    let aim = guessed_aim(&small, "logos-stop");
    assert_eq!(aim.effect, Effect::Stop);
    assert!(!aim.is_planned(), "{:?}", aim.evidence);
}

#[test]
fn a_guess_needs_a_whole_word_a_single_model_and_a_fitting_target() {
    let named = |name: &str| {
        let small = Small::new().model("logos", "RUNNING").function("ops", &[]);
        wired(&small.schedule(name, DAILY, &function_arn("ops"), "{}")).guesses_by_schedule
    };
    assert_eq!(named("logos_stop").len(), 1);
    assert!(named("catalogos-stop").is_empty());
    let backup = Small::new().model("logos", "RUNNING");
    let backup = backup.schedule("logos-stop", DAILY, "arn:aws:scheduler:::aws-sdk:ec2:stopInstances", "{}");
    assert!(wired(&backup).guesses_by_schedule.is_empty());
    let second = LOGOS.replace("v3", "v4").parse::<ModelArn>().unwrap();
    let two = Small::new().model("logos", "RUNNING").with(|fleet| {
        let mut twin = fleet.models.rows.values().next().unwrap().clone();
        twin.arn = second.clone();
        fleet.models.rows.insert(second.clone(), twin);
    });
    let two = two.schedule("logos-stop", DAILY, &function_arn("ops"), "{}");
    assert!(wired(&two).guesses_by_schedule.is_empty());
}

#[test]
fn a_mapping_is_guessed_from_its_queue_but_not_counted_on() {
    let small = Small::new().model("jobs", "RUNNING").mapping(UUID, "Enabled");
    let wiring = wired(&small);
    assert_eq!(wiring.guesses_by_mapping.get(UUID).unwrap().model, model_arn("jobs"));
    assert_eq!(wiring.unwired_mappings, [UUID]);
    assert!(wiring.model_by_mapping.is_empty() && wiring.mappings_of(&model_arn("jobs")).is_empty());
}

#[test]
fn of_two_claims_the_stronger_holds() {
    let small = Small::new().model("logos", "RUNNING").model("labels", "RUNNING").mapping(UUID, "Enabled");
    let small = small.serves("labels");
    let told = input("start", LOGOS, &[UUID]);
    let small = small.schedule("morning", DAILY, &function_arn("startup"), &told);
    assert_eq!(wired(&small).model_by_mapping.get(UUID), Some(&model_arn("logos")));
    let wishes = wish("labels", &["inference"], &[], &[]);
    let wiring = Wiring::of(&small.0, &wishes);
    assert_eq!(wiring.model_by_mapping.get(UUID), Some(&model_arn("labels")));
    assert_eq!(wiring.mappings_of(&model_arn("labels"))[0].evidence, Evidence::Config);
}

#[test]
fn of_two_equal_claims_both_are_shown_and_none_holds() {
    let labels = model_arn("labels");
    let small = Small::new().model("logos", "RUNNING").model("labels", "RUNNING").mapping(UUID, "Enabled");
    let small = small.schedule("one", DAILY, &function_arn("startup"), &input("start", LOGOS, &[UUID]));
    let small = small.schedule("two", DAILY, &function_arn("startup"), &input("start", labels.as_str(), &[UUID]));
    let wiring = wired(&small);
    assert!(wiring.model_by_mapping.is_empty() && wiring.mappings_of(&labels).is_empty());
    assert_eq!(wiring.contested.get(UUID).unwrap(), &[labels, model_arn("logos")]);
    assert!(wiring.mappings_of_aim(&wiring.aims_of_schedule(&schedule_arn("one"))[0]).is_empty());
    assert_eq!(wiring.unwired_mappings, [UUID]);
}

#[test]
fn the_users_word_is_stronger_than_an_input_and_keeps_its_units() {
    let told = serde_json::json!({"action": "start", "model": LOGOS, "min_inference_units": 4}).to_string();
    let small = Small::new().model("logos", "RUNNING").model("labels", "RUNNING");
    let small = small.schedule("morning", DAILY, &function_arn("startup"), &told);
    let aims = |wishes: &Wishes| Wiring::of(&small.0, wishes).aims_of_schedule(&schedule_arn("morning")).to_vec();
    let same = aims(&wish("logos v3", &[], &["default/morning"], &[]));
    assert_eq!(same[0].effect, Effect::Start { min_units: Some(4), max_units: None });
    assert_eq!(same[0].evidence, Evidence::Config);
    let other = aims(&wish("labels", &[], &[], &["morning"]));
    assert_eq!((other.len(), other[0].effect, other[0].model.clone()), (1, Effect::Stop, Some(model_arn("labels"))));
}

#[test]
fn names_in_the_configuration_that_fit_nothing_are_told() {
    let small = Small::new().model("logos", "RUNNING").mapping(UUID, "Enabled");
    let wishes = wish("logos", &["inference", "typo"], &["no-such"], &[]);
    let wiring = Wiring::of(&small.0, &wishes);
    assert_eq!(wiring.unmatched_wishes, ["typo", "no-such"]);
    assert_eq!(wiring.model_by_mapping.get(UUID), Some(&model_arn("logos")));
    assert_eq!(Wiring::of(&small.0, &wish("lgoos", &[], &[], &[])).unmatched_wishes, ["lgoos"]);
}

#[test]
fn what_has_nothing_to_do_with_a_model_is_listed() {
    let small = Small::new().model("logos", "RUNNING").schedule("tidy", DAILY, &queue_arn("tidy"), "{}");
    let wiring = wired(&small);
    assert_eq!(wiring.unwired_schedules, [schedule_arn("tidy")]);
    assert!(wiring.aims_by_schedule.is_empty());
}

#[test]
fn an_aim_without_mappings_of_its_own_switches_those_of_its_model() {
    let small = Small::new().office("logos", "RUNNING").mapping(UUID, "Enabled").serves("logos");
    let wiring = wired(&small);
    let aim = &wiring.aims_of_schedule(&schedule_arn("logos-start"))[0];
    assert!(aim.mappings.is_empty());
    assert_eq!(wiring.mappings_of_aim(aim), [UUID]);
}

#[test]
fn one_fleet_has_one_wiring() {
    let small = Small::new().office("logos", "RUNNING").mapping(UUID, "Enabled").serves("logos");
    let twice: Vec<Wiring> = (0..2).map(|_| wired(&small)).collect();
    assert_eq!(twice[0], twice[1]);
}
