//! The report page, and the geometry of its charts.

use chrono::TimeDelta;

use super::savings;
use crate::cli::savings::charts::{bars, calendar, cumulative, parts};
use crate::cli::savings::page::{Report, html, markdown};
use crate::domain::model::ModelArn;
use crate::domain::savings::{Began, Placed, Run, Savings};
use crate::domain::testing::{at, model_arn, now};

fn report<'a>(month: &'a Savings, year: &'a Savings, runs: &'a [(ModelArn, Vec<Run>)]) -> Report<'a> {
    Report { month, year, runs, account: Some("123456789012"), region: Some("eu-central-1"), made: now() }
}

fn run(from: &str, hours: i64, placed: Placed, began: Began) -> Run {
    let from = at(from);
    let to = from + TimeDelta::hours(hours);
    let inference = f64::from(u32::try_from(hours).unwrap());
    Run { from, to, goes_on: false, units: 1.0, inference, grain: TimeDelta::minutes(1), began, placed }
}

fn number_of(shape: &str, key: &str) -> f64 {
    let value = shape.split(&format!(" {key}=\"")).nth(1).unwrap().split('"').next().unwrap();
    value.parse().unwrap()
}

/// The heights of all bars with this look, but the sample in the legend.
fn heights(svg: &str, look: &str) -> f64 {
    let rects = svg.split("<rect ").filter(|shape| shape.starts_with(look) && number_of(shape, "y") != 6.0);
    rects.map(|shape| number_of(shape, "height")).sum()
}

#[test]
fn bars_are_as_long_as_the_figures() {
    for names in [&["logos"][..], &["gone", "logos", "parts"][..]] {
        let savings = savings("month", names);
        let svg = bars(&savings, "days").inline();
        let sums =
            savings.by_step.iter().map(parts).fold([0.0; 4], |sum, one| std::array::from_fn(|at| sum[at] + one[at]));
        let looks = ["class=\"ran\"", "class=\"over\"", "class=\"unknown\"", "class=\"saved\""];
        let drawn = looks.map(|look| heights(&svg, look));
        let (all, all_drawn): (f64, f64) = (sums.iter().sum(), drawn.iter().sum());
        assert!((all - savings.total.baseline).abs() < 1e-6);
        for (sum, drawn) in sums.iter().zip(drawn) {
            assert!((drawn / all_drawn - sum / all).abs() < 0.001, "{sums:?} {drawn:?}");
        }
    }
}

#[test]
fn charts_hold_on_paper_whatever_they_are_given() {
    let many: Vec<String> = (0..300).map(|number| format!("model-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut over = savings("month", &["logos"]);
    over.by_step.iter_mut().for_each(|hours| hours.inference = 60.0);
    let all = [
        savings("month", &[]),
        savings("2026-12", &["logos"]),
        savings("1d", &["logos"]),
        savings("month", &many),
        over,
    ];
    for savings in &all {
        for chart in [bars(savings, "days"), cumulative(savings), calendar(savings)] {
            let svg = chart.picture();
            assert!(!svg.contains("NaN") && !svg.contains(">inf<") && !svg.contains(">-inf<"), "{svg}");
            for shape in svg.split("<rect ").skip(1) {
                let (x, y) = (number_of(shape, "x"), number_of(shape, "y"));
                assert!(x >= 0.0 && x + number_of(shape, "width") <= chart.width + 0.01, "{shape}");
                assert!(y >= 0.0 && y + number_of(shape, "height") <= chart.height + 0.01, "{shape}");
            }
            assert!(svg.contains("<title id=") && svg.contains("<desc id="));
        }
    }
}

#[test]
fn the_line_of_what_was_saved_ends_where_knowledge_does() {
    let month = savings("2026-11", &["logos"]);
    let svg = cumulative(&month).inline();
    let points = svg.split("<polyline class=\"curve\" points=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(points.split(' ').count(), 1 + 20, "the first twenty days of thirty have begun");
    assert!(svg.contains(&format!(">{:.1} h<", month.total.saved())), "{svg}");
}

#[test]
fn a_day_is_hatched_where_something_is_unknown_and_marked_where_it_ran_over() {
    let svg = calendar(&savings("month", &["logos"])).inline();
    assert_eq!(svg.matches("class=\"unknown\"").count(), 20);
    assert_eq!(svg.matches("class=\"over\"").count(), 14, "each third day is silent");
    assert_eq!(svg.matches("class=\"cell\"").count(), 20);
}

#[test]
fn the_page_needs_nothing_beside_itself_and_takes_nothing_from_names() {
    let (month, year) = (savings("month", &["logos"]), savings("12 months", &["logos"]));
    let hostile = "<script>alert('1')</script>\"&|\u{1b}[31m";
    let hand = Began::Hand { who: Some(hostile.into()), word: "emergency start" };
    let runs = [(model_arn("logos"), vec![run("2026-11-10T18:00:00Z", 3, Placed::Out, hand)])];
    let report = Report { account: Some(hostile), region: Some(hostile), ..report(&month, &year, &runs) };
    let page = html(&report);
    assert!(!page.contains("<script") && !page.contains('\u{1b}') && !page.contains("alert('"), "{page}");
    assert!(page.contains("&lt;script&gt;"));
    assert!(!page.contains(" src=") && !page.contains(" href=") && !page.contains("@import"));
    let outside = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!outside.contains("http://") && !outside.contains("https://"));
    assert_eq!(page.matches("<table>").count(), page.matches("<caption>").count());
    let ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let distinct: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len(), "{ids:?}");
    let page = markdown(&report);
    assert!(!page.contains("<script") && !page.contains('\u{1b}'));
    let rows = page.lines().filter(|line| line.starts_with("| logos") && line.contains("emergency"));
    assert_eq!(rows.map(|row| row.matches(" | ").count()).collect::<Vec<_>>(), [6]);
}

#[test]
fn both_pages_tell_the_same_figures_and_what_they_rest_on() {
    let (month, year) = (savings("month", &["gone", "logos"]), savings("12 months", &["gone", "logos"]));
    let by =
        |name: &str| Began::Schedule(format!("arn:aws:scheduler:eu-central-1:123456789012:schedule/default/{name}"));
    let runs = [(
        model_arn("logos"),
        vec![
            run("2026-11-02T07:00:00Z", 9, Placed::In, by("in")),
            run("2026-11-03T07:00:00Z", 9, Placed::Over(TimeDelta::minutes(80)), by("a little")),
            run("2026-11-04T19:00:00Z", 5, Placed::Out, by("all of it")),
            run("2026-09-04T19:00:00Z", 50, Placed::Out, by("another month")),
        ],
    )];
    let report = report(&month, &year, &runs);
    for page in [html(&report), markdown(&report)] {
        assert!(page.contains("Savings, 1 Nov 2026 – 20 Nov 2026"), "{page}");
        assert!(page.contains("December 2025") && page.contains("November 2026"));
        let place = |text: &str| page.find(text).unwrap_or(usize::MAX);
        assert!(place("all of it") < place("a little") && place("a little") < usize::MAX);
        assert!(!page.contains("another month"));
        assert!(page.contains("1 h 20") && page.contains("4 Nov 2026 20:00"));
        for word in ["Price", "Baseline", "Known until", "Error", "Unknown", "SampleCount", "an assumption", "(gone)"] {
            assert!(page.contains(word), "{word}");
        }
        let saved = format!("{:.1}", month.total.saved());
        assert!(page.contains(&saved), "{saved}");
    }
    assert_eq!(markdown(&report).matches("](data:image/svg+xml,%3Csvg").count(), 4);
}

#[test]
fn a_month_of_which_nothing_is_known_says_so() {
    let (month, year) = (savings("2026-10", &[]), savings("12 months", &[]));
    let page = html(&report(&month, &year, &[]));
    assert!(page.contains("Nothing is known yet of what models ran in this month.") && page.contains("October 2026"));
    assert!(page.contains("No run of this month"));
}

#[test]
fn a_month_that_cost_more_than_its_baseline_is_not_called_a_saving() {
    let (mut month, year) = (savings("month", &["logos"]), savings("12 months", &["logos"]));
    month.total.inference = month.total.baseline + 10.0 - month.total.unknown;
    for page in [html(&report(&month, &year, &[])), markdown(&report(&month, &year, &[]))] {
        assert!(page.contains("Nothing was saved: 10.0 inference hours"), "{page}");
        assert!(page.contains("$40.00") && !page.contains("hours were saved ("));
    }
}

#[test]
fn the_longest_overruns_are_told_and_how_many_there_are_in_all() {
    let (month, year) = (savings("month", &["logos"]), savings("12 months", &["logos"]));
    let from = |day: i64| (at("2026-11-01T19:00:00Z") + TimeDelta::hours(day * 10)).to_rfc3339();
    let runs = (0..30).map(|day| run(&from(day), 1 + day % 8, Placed::Out, Began::Unknown)).collect();
    let page = markdown(&report(&month, &year, &[(model_arn("logos"), runs)]));
    assert!(page.contains("The 20 longest overruns of 30"));
    assert_eq!(page.lines().filter(|line| line.contains("not in the journal")).count(), 20);
}
