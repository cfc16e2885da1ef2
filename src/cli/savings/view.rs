//! What every format says: the same figures, rounded alike, and the same sentences about what they rest on.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::fleet::Fleet;
use crate::domain::price::dollars;
use crate::domain::savings::{Baseline, Hours, Range, Savings};
use crate::domain::words::count;

/// The figures of a sum as scripts get them: hours to four decimals, `saved` made of the rounded ones, so that
/// saved + inference + unknown = baseline holds of what is printed, too. Money is in US dollars, the share from 0 to 1.
#[derive(Clone, Debug, Serialize)]
pub(super) struct HoursView {
    pub(super) running_hours: f64,
    pub(super) inference_hours: f64,
    pub(super) baseline_hours: f64,
    pub(super) saved_hours: f64,
    pub(super) planned_hours: f64,
    pub(super) overrun_hours: f64,
    pub(super) missed_hours: f64,
    pub(super) unknown_hours: f64,
    pub(super) error_hours: f64,
    pub(super) saved_money: f64,
    pub(super) saved_share: Option<f64>,
}

impl HoursView {
    /// A sum, with an inference hour at `usd`.
    pub(super) fn of(hours: &Hours, usd: f64) -> Self {
        let (inference, baseline, unknown) = (round(hours.inference), round(hours.baseline), round(hours.unknown));
        let saved = round(baseline - inference - unknown);
        Self {
            running_hours: round(hours.running),
            inference_hours: inference,
            baseline_hours: baseline,
            saved_hours: saved,
            planned_hours: round(hours.planned),
            overrun_hours: round(hours.overrun),
            missed_hours: round(hours.missed),
            unknown_hours: unknown,
            error_hours: round((hours.error * 10_000.0 - 1e-6).ceil() / 10_000.0),
            saved_money: round(saved * usd),
            saved_share: hours.share().map(round),
        }
    }
}

/// Four decimals, which is a third of a second; never a negative nothing.
pub(super) fn round(number: f64) -> f64 {
    let rounded = (number * 10_000.0).round() / 10_000.0;
    if rounded == 0.0 || !rounded.is_finite() { 0.0 } else { rounded }
}

/// Hours as people read them: `1,234.5`.
pub(super) fn number(hours: f64) -> String {
    let text = format!("{:.1}", hours.abs());
    let sign = if hours < 0.0 && text != "0.0" { "-" } else { "" };
    let (whole, tenths) = text.split_once('.').unwrap_or((&text, "0"));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}.{tenths}")
}

/// A bound as people read it: rounded up, for what is a bound must not be less.
pub(super) fn bound(hours: f64) -> String {
    number((hours * 10.0 - 1e-6).ceil() / 10.0)
}

/// A share as people read it: `72.4 %`, or nothing to compare with.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".into(), |share| format!("{} %", number(share * 100.0)))
}

/// The range in words: `October 2026`.
pub(super) fn title(savings: &Savings) -> String {
    let zone = savings.terms.zone;
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let last = savings.span.to - chrono::TimeDelta::seconds(1);
    Range::Dates(day(savings.span.from), day(last)).title(savings.span.from, zone)
}

/// An instant on the clock of a zone.
pub(super) fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %b %Y %H:%M").to_string()
}

/// Whose figures these are: `account 123456789012, eu-central-1`.
pub(super) fn whose(fleet: &Fleet) -> String {
    let account = fleet.identity.as_ref().map_or("an unknown account", |identity| identity.account.as_str());
    let region = fleet.region.as_deref().unwrap_or("an unknown region");
    format!("account {account}, {region}")
}

/// What the figures rest on, each with the word for it: price, baseline, up to when, error, unknown and overrun.
pub(super) fn assumptions(savings: &Savings) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("Price", price(savings)),
        ("Baseline", baseline(savings)),
        ("Saved", "Saved = baseline − inference hours − unknown. An inference hour is one inference unit for one hour.".into()),
        ("Known until", until(savings)),
        ("Error", error(savings)),
        ("Unknown", unknown(savings)),
        (
            "Planned",
            "Overrun is what ran outside of the windows, missed is what the windows held while a model did not run. Both \
             are counted only where the windows of that time are known; starting ahead of a window and running out after \
             it are neither."
                .into(),
        ),
    ];
    all.extend(unscheduled(savings).map(|told| ("Unscheduled", told)));
    if let Some(end) = savings.month_end {
        let (saved, money) = (end.saved(), dollars(savings.money(end.saved())));
        let told = format!(
            "If everything goes as planned, the month will have saved {} h ({money}) at its end: {} h of {} h used.",
            number(saved),
            number(end.used),
            number(end.baseline)
        );
        all.push(("Forecast", told));
    }
    all
}

/// What is counted as saved of models that nothing starts: who signs the sum should know of it.
fn unscheduled(savings: &Savings) -> Option<String> {
    let models: Vec<_> = savings.models.iter().filter(|model| !model.scheduled && model.hours.baseline > 0.0).collect();
    let names: Vec<String> = models.iter().map(|model| model.arn.name()).collect();
    let saved: f64 = models.iter().map(|model| model.hours.saved()).sum();
    (!models.is_empty()).then(|| {
        format!(
            "{} h of what was saved are of {}, which no schedule starts: whether they would have run otherwise, nobody can \
             say.",
            number(saved),
            names.join(", ")
        )
    })
}

fn price(savings: &Savings) -> String {
    let price = &savings.terms.price;
    let told = format!("Money is inference hours × {}. It is {}", price.words(), price.kind());
    format!("{told}: no bill was read, and discounts and taxes are not in it.")
}

fn baseline(savings: &Savings) -> String {
    let zone = savings.terms.zone;
    let since = match savings.terms.since {
        Some(since) => format!("from {} on, or from its first known run if that is later", clock(since, zone)),
        None => "from its first known run on".into(),
    };
    let always = "running all the time with the inference units that it is configured to start with";
    match savings.terms.baseline {
        Baseline::AlwaysOn => format!("Each model is compared with always on ({always}), {since}."),
        Baseline::BeforeScheduling => {
            let rest = savings.models.iter().filter(|model| !model.comparable).count();
            let rest = match rest {
                0 => String::new(),
                rest => format!(
                    " That week is not known of {}, compared with always on ({always}).",
                    count(u64::try_from(rest).unwrap_or(u64::MAX), "model")
                ),
            };
            format!(
                "Each model is compared with what it ran in the week before its first schedule was created, {since}.{rest}"
            )
        }
    }
}

fn until(savings: &Savings) -> String {
    let zone = savings.terms.zone;
    match savings.until {
        None => "Nothing is known yet of what models ran: all figures are empty, not zero.".into(),
        Some(until) if until >= savings.span.to => {
            format!("The whole range is known, up to {} ({zone}).", clock(savings.span.to, zone))
        }
        Some(until) => format!(
            "All models are known up to {} ({zone}). Each is counted as far as it is known. CloudWatch's points come late: the last hours \
             before it are provisional and may still change a little.",
            clock(until, zone)
        ),
    }
}

fn error(savings: &Savings) -> String {
    format!(
        "± {} inference hours at most for the total: each start and each stop is known to one minute for 15 days, to five \
         minutes for 63 days and to one hour before that, times the units.",
        bound(savings.total.error)
    )
}

fn unknown(savings: &Savings) -> String {
    let meaning = "time of which CloudWatch tells nothing or whose silence cannot have been a stop, at the rate of the \
                   baseline. It is never counted as saved";
    match savings.total.unknown {
        hours if round(hours) > 0.0 => format!("{} inference hours are unknown: {meaning}.", number(hours)),
        _ => format!("Nothing is unknown in what is counted. Unknown would be {meaning}."),
    }
}
