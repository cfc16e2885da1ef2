//! A year in which the simulated Scheduler really invokes the functions, held against the forecast.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rekotui::clock::Clock;
use rekotui::domain::timing::Timing;
use rekotui::domain::usage::Span;
use rekotui::domain::week::forecast;
use rekotui::sim::account::Sim;
use rekotui::sim::scenario::Scenario;

/// A start takes that long, always.
const TAKES: i64 = 9;

/// A model with its schedules: name, zone, starts, stops.
type Row = (&'static str, Tz, &'static [&'static str], &'static [&'static str]);

const MODELS: [Row; 5] = [
    (
        "office",
        Tz::Europe__Berlin,
        &["cron(30 8 ? * MON-FRI *)"],
        &["cron(0 17 ? * MON-THU *)", "cron(0 13 ? * FRI *)"],
    ),
    ("twice", Tz::America__New_York, &["cron(30 7,13 * * ? *)"], &["cron(0 12,18 * * ? *)"]),
    // Both changes of the clocks fall into its window or on its stop.
    ("night", Tz::Europe__Berlin, &["cron(0 22 * * ? *)"], &["cron(30 2 * * ? *)"]),
    ("india", Tz::Asia__Kolkata, &["cron(0 9 ? * MON-SAT *)"], &["cron(45 18 ? * MON-SAT *)"]),
    ("weekend", Tz::UTC, &["cron(0 20 ? * FRI *)"], &["cron(0 6 ? * MON *)"]),
];

fn scenario() -> String {
    let mut text = String::from(
        "[scenario]\nname = \"year\"\nstart = \"2026-11-16T12:34:00Z\"\nrunning_models = 9\n\
         [[functions]]\nname = \"startup\"\nrole = \"startup\"\nenvironment = { REKOTUI_ROLE = \"startup\" }\n\
         [[functions]]\nname = \"shutdown\"\nrole = \"shutdown\"\nenvironment = { REKOTUI_ROLE = \"shutdown\" }\n",
    );
    for (name, zone, starts, stops) in MODELS {
        text += &format!(
            "[[projects]]\nname = \"{name}\"\ncreated = \"2025-01-01T00:00:00Z\"\n\
             [[models]]\nproject = \"{name}\"\nversion = \"v1\"\ncreated = \"2026-01-01T00:00:00Z\"\nstatus = \"STOPPED\"\n\
             min_units = 1\nstart_minutes = [{TAKES}, {TAKES}]\nstop_minutes = [2, 2]\nlabels = [\"a\"]\n"
        );
        for (action, function, crons) in [("start", "startup", starts), ("stop", "shutdown", stops)] {
            for (at, cron) in crons.iter().enumerate() {
                text += &format!(
                    "[[schedules]]\nname = \"{name}-{action}-{at}\"\nexpression = \"{cron}\"\nzone = \"{zone}\"\n\
                     target = {{ function = \"{function}\", input = {{ action = \"{action}\", \
                     model = \"${{model:{name}/v1}}\", mappings = [], min_inference_units = 1 }} }}\n"
                );
            }
        }
    }
    text
}

#[test]
fn the_hours_of_a_year_are_those_of_the_forecast_to_the_minute() {
    let scenario = Scenario::parse("year", &scenario()).unwrap();
    let begin: DateTime<Utc> = scenario.scenario.start;
    let clock = Clock::held(begin);
    let sim = Sim::new(&scenario, clock.clone()).unwrap();
    // In steps of a day, as somebody would look at it.
    for _ in 0..365 {
        clock.step(TimeDelta::days(1));
        drop(sim.world());
    }
    let world = sim.world();
    assert!(world.invocations.iter().all(|one| one.error.is_none()), "every function did what it was asked for");
    for (name, zone, starts, stops) in MODELS {
        let timings = |crons: &[&str]| -> Vec<(String, Timing)> {
            let timing = |cron: &&str| ((*cron).to_owned(), Timing::new(cron.parse().unwrap(), zone));
            crons.iter().map(timing).collect()
        };
        // What was open when the account began had been stopped: the first window is the first that opens.
        let span = Span { from: begin, to: begin + TimeDelta::days(365) };
        let (starts, stops) = (timings(starts), timings(stops));
        let first = starts.iter().filter_map(|(_, timing)| timing.next_after(begin)).min().unwrap();
        let told = forecast(&starts, &stops, Span { from: first, ..span }, TimeDelta::minutes(TAKES));
        let log = &world.history[&(name.to_owned(), "v1".to_owned())];
        let ran = log.minutes(span.from.timestamp(), span.to.timestamp()).len();
        assert_eq!(i64::try_from(ran).unwrap(), told.num_minutes(), "{name}: {} h", told.num_hours());
        assert!(ran > 50_000, "{name} ran {ran} minutes only");
    }
}
