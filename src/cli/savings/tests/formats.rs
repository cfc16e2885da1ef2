//! What scripts, spreadsheets and people are given.

use serde_json::Value;

use super::savings;
use crate::cli::savings::formats::{Format, print};
use crate::domain::savings::Savings;
use crate::domain::testing::Small;
use crate::domain::trouble::{Trouble, TroubleKind};

fn printed(savings: &Savings, format: Format) -> String {
    let denied = Trouble::new(TroubleKind::Denied("cloudwatch:GetMetricData".into()), "cloudwatch:GetMetricData");
    let mut out = Vec::new();
    print(savings, &Small::new().0, format, &[denied], &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json(savings: &Savings) -> Value {
    serde_json::from_str(&printed(savings, Format::Json)).unwrap()
}

/// Whether saved + used + unknown = baseline, of what is printed.
fn balances(view: &Value) -> bool {
    let hours = |key: &str| view[format!("{key}_hours")].as_f64().unwrap();
    let sum = hours("saved") + hours("inference") + hours("unknown");
    (sum * 1000.0).round() == (hours("baseline") * 1000.0).round()
}

#[test]
fn scripts_get_every_figure_and_each_sum_balances() {
    let told = json(&savings("month", &["logos", "parts"]));
    for key in ["from", "to", "until", "price", "by", "baseline", "models", "total", "periods", "troubles", "forecast"]
    {
        assert!(told.get(key).is_some(), "{key}");
    }
    assert_eq!(told["from"], "2026-10-31T23:00:00Z");
    assert_eq!(told["to"], "2026-11-20T23:00:00Z");
    assert_eq!(told["until"], "2026-11-20T13:00:00Z");
    assert_eq!((&told["price"]["usd"], &told["price"]["assumption"]), (&4.0.into(), &true.into()));
    assert_eq!(told["models"][0]["name"], "logos v3");
    assert_eq!(told["forecast"]["month_end"]["saved_hours"], 500.0);
    assert_eq!(told["forecast"]["month_end"]["saved_money"], 2000.0);
    assert_eq!(told["troubles"][0]["action"], "cloudwatch:GetMetricData");
    let periods = told["periods"].as_array().unwrap();
    assert_eq!(periods.len(), 20);
    assert_eq!(periods[0]["to"], periods[1]["from"]);
    let models = told["models"].as_array().unwrap();
    let of_periods = periods.iter().flat_map(|period| period["models"].as_array().unwrap());
    for view in models.iter().chain(of_periods).chain(periods).chain([&told["total"]]) {
        assert!(balances(view), "{view:#}");
        let money = view["saved_hours"].as_f64().unwrap() * 4.0;
        assert!((view["saved_money"].as_f64().unwrap() - money).abs() < 0.0001, "{view:#}");
    }
    assert_eq!(told["periods"][0]["models"][0]["overrun_hours"], 0.6667);
}

#[test]
fn nothing_known_is_no_zero_with_a_sign() {
    let told = printed(&savings("7d", &[]), Format::Json);
    assert!(!told.contains("-0"), "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert!(told["until"].is_null() && told["total"]["saved_share"].is_null() && told["forecast"].is_null());
    assert!(printed(&savings("7d", &[]), Format::Table).contains("Nothing is known yet"));
}

#[test]
fn spreadsheets_get_a_line_for_each_model_and_period_and_no_formula() {
    let text = printed(&savings("7d", &["-1+2", "logos"]), Format::Csv);
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1 + 2 * 7);
    let columns = lines[0].split(',').count();
    assert!(lines.iter().all(|line| line.split(',').count() == columns), "{text}");
    assert!(lines[1].starts_with("'-1+2 v3,arn:aws:"), "{}", lines[1]);
    assert!(lines[8].starts_with("logos v3,arn:aws:"), "{}", lines[8]);
    assert!(lines[1].contains(",2026-11-14,2026-11-13T23:00:00Z,2026-11-14T23:00:00Z,8,8.3333,24,"), "{}", lines[1]);
}

#[test]
fn what_was_overspent_is_a_figure_and_no_formula() {
    let mut over = savings("7d", &["logos"]);
    over.models[0].steps[0].inference = 30.0;
    let text = printed(&over, Format::Csv);
    let line = text.lines().nth(1).unwrap();
    let saved = line.split(',').nth(8).unwrap();
    assert_eq!(saved, "-7.1429");
}

#[test]
fn people_get_aligned_figures_with_a_total_and_what_they_rest_on() {
    let text = printed(&savings("month", &["gone", "logos"]), Format::Table);
    let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap();
    let end = |line: &str, figure: &str| line.find(figure).unwrap() + figure.len();
    assert!(line("gone v3 (gone)").contains("480.0"));
    assert_eq!(end(line("Total"), "960.0"), end(line("logos"), "480.0"));
    assert_eq!(end(line("MODEL"), "BASELINE"), end(line("logos"), "480.0"));
    for word in ["Price: ", "Baseline: ", "Known until: ", "Error: ± ", "Unknown: ", "Forecast: "] {
        assert!(text.lines().any(|line| line.starts_with(word)), "{word} in {text}");
    }
    assert!(text.contains("$4.00 an inference hour") && text.contains("an assumption"));
    assert!(text.contains("always on") && text.contains("never counted as saved"));
    assert!(text.contains("cloudwatch:GetMetricData"), "{text}");
    assert_eq!(text.lines().filter(|line| line.contains(" Nov 2026  ")).count(), 20, "{text}");
}

#[test]
fn a_bound_is_never_rounded_down() {
    let mut savings = savings("7d", &["logos"]);
    savings.total.error = 1.0 / 60.0;
    assert_eq!(json(&savings)["total"]["error_hours"], 0.0167);
    assert!(printed(&savings, Format::Table).contains("(± 0.1)"));
    savings.total.error = 1.0 / 30_000.0;
    assert_eq!(json(&savings)["total"]["error_hours"], 0.0001);
    savings.total.error = 0.3;
    assert!(printed(&savings, Format::Table).contains("(± 0.3)"));
    assert_eq!(json(&savings)["total"]["error_hours"], 0.3);
}

#[test]
fn markdown_takes_names_as_text() {
    let text = printed(&savings("7d", &["_a_.b"]), Format::Markdown);
    assert!(text.contains("| \\_a\\_.b v3 |"), "{text}");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.iter().all(|row| row.matches('|').count() == 11), "{text}");
    assert_eq!(rows.len(), 2 + 2 + 2 + 7);
    assert!(text.contains("- **Price**: "));
}
