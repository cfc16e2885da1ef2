//! The charts of the report, as SVG: bars of each step, what was saved so far, and the days of a month.

use std::fmt::Write as _;

use chrono::{Datelike, Days};

use super::svg::{Axis, Chart, line, many, px, rect, text};
use super::view::{number, percent, title};
use crate::domain::savings::{By, Hours, Savings};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 750.0;

/// The name of a step on an axis and, longer, in a tooltip.
fn names(savings: &Savings, at: usize) -> (String, String) {
    let Some(step) = savings.steps.get(at) else { return Default::default() };
    let (short, long) = match savings.terms.by {
        By::Day => ("%-d", "%a %-d %b %Y"),
        By::Week => ("%-d %b", "week from %-d %b %Y"),
        By::Month => ("%b", "%B %Y"),
    };
    (step.date.format(short).to_string(), step.date.format(long).to_string())
}

/// The legend of the bars: each with its pattern and its word.
fn legend(body: &mut String, id: &str) {
    let hatch = format!("class=\"unknown\" fill=\"url(#{id}-hatch)\"");
    let looks = [
        ("class=\"ran\"", "ran in its windows"),
        ("class=\"over\"", "overrun"),
        (hatch.as_str(), "unknown"),
        ("class=\"saved\"", "saved"),
    ];
    let mut x = LEFT;
    for (look, word) in looks {
        rect(body, look, (x, 6.0), (12.0, 12.0), "");
        if word == "overrun" {
            rect(body, &format!("fill=\"url(#{id}-slits)\""), (x, 6.0), (12.0, 12.0), "");
        }
        text(body, "", "start", (x + 17.0, 16.0), word);
        x += 34.0 + 5.9 * many(word.len());
    }
    line(body, "plan", (x, 12.0), (x + 14.0, 12.0));
    text(body, "", "start", (x + 19.0, 16.0), "planned");
    text(body, "quiet", "end", (RIGHT, 16.0), "inference hours; a whole bar is the baseline");
}

/// What lies on one another in a bar, from below: ran in windows, overrun, unknown, saved.
pub(super) fn parts(hours: &Hours) -> [f64; 4] {
    let over = hours.overrun.min(hours.inference).max(0.0);
    [hours.inference - over, over, hours.unknown.max(0.0), hours.saved().max(0.0)]
}

/// A bar for each step: what ran, what ran over and what is unknown, up to the baseline; a line across where the windows end.
pub(super) fn bars(savings: &Savings, id: &'static str) -> Chart {
    let (height, top, bottom) = (250.0, 34.0, 222.0);
    let mut body = String::new();
    let tallest = |hours: &Hours| parts(hours).iter().sum::<f64>().max(hours.planned).max(hours.baseline);
    let axis = Axis::over(0.0, savings.by_step.iter().map(tallest).fold(0.0, f64::max), top, bottom);
    legend(&mut body, id);
    axis.draw(&mut body, LEFT, RIGHT);
    let slot = (RIGHT - LEFT) / many(savings.steps.len().max(1));
    let every = savings.steps.len().div_ceil(31).max(1);
    for (at, hours) in savings.by_step.iter().enumerate() {
        let x = LEFT + slot * many(at);
        let (short, long) = names(savings, at);
        bar(&mut body, id, &axis, (x + slot * 0.12, slot * 0.76), hours, &long);
        if at % every == 0 {
            text(&mut body, "quiet", "middle", (x + slot / 2.0, bottom + 16.0), &short);
        }
    }
    let total = &savings.total;
    let desc = format!(
        "For each {}: of {} inference hours of the baseline, {} ran, of these {} outside of their windows, {} are unknown, and \
         {} were saved.",
        savings.terms.by.word(),
        number(total.baseline),
        number(total.inference),
        number(total.overrun),
        number(total.unknown),
        number(total.saved())
    );
    let title = format!("Ran, overrun, unknown and saved per {}, {}", savings.terms.by.word(), title(savings));
    Chart { id, title, desc, width: WIDTH, height, body }
}

fn bar(body: &mut String, id: &str, axis: &Axis, (x, width): (f64, f64), hours: &Hours, name: &str) {
    let mut y = axis.y(0.0);
    let looks = [
        ("class=\"ran\"".to_owned(), "ran in its windows"),
        ("class=\"over\"".to_owned(), "overrun"),
        (format!("class=\"unknown\" fill=\"url(#{id}-hatch)\""), "unknown"),
        ("class=\"saved\"".to_owned(), "saved"),
    ];
    for ((look, word), value) in looks.iter().zip(parts(hours)) {
        let length = axis.length(value);
        y -= length;
        rect(body, look, (x, y), (width, length), &format!("{name}: {} h {word}", number(value)));
        if *word == "overrun" {
            rect(body, &format!("fill=\"url(#{id}-slits)\" pointer-events=\"none\""), (x, y), (width, length), "");
        }
    }
    if hours.planned > 0.0 {
        let y = axis.y(hours.planned);
        line(body, "plan", (x - 1.5, y), (x + width + 1.5, y));
    }
}

/// What was saved up to the end of each step that has begun.
pub(super) fn cumulative(savings: &Savings) -> Chart {
    let (height, top, bottom) = (200.0, 20.0, 172.0);
    let until = savings.until.unwrap_or(savings.span.from);
    let begun = savings.steps.iter().filter(|step| step.span.from < until).count();
    let mut sums = vec![0.0];
    sums.extend(savings.cumulative().into_iter().take(begun));
    let (low, high) = sums.iter().fold((0.0, 0.0), |(low, high): (f64, f64), sum| (low.min(*sum), high.max(*sum)));
    let axis = Axis::over(low, high, top, bottom);
    let mut body = String::new();
    axis.draw(&mut body, LEFT, RIGHT);
    let slot = (RIGHT - LEFT) / many(savings.steps.len().max(1));
    let mut points = String::new();
    for (at, sum) in sums.iter().enumerate() {
        let _ = write!(points, "{},{} ", px(LEFT + slot * many(at)), px(axis.y(*sum)));
    }
    let end = LEFT + slot * many(begun);
    let (zero, points) = (axis.y(0.0), points.trim_end());
    let (zero_at, end_at) = (px(zero), px(end));
    let _ = write!(body, "<polygon class=\"under\" points=\"{},{zero_at} {points} {end_at},{zero_at}\"/>", px(LEFT));
    let _ = write!(body, "<polyline class=\"curve\" points=\"{points}\"/>");
    let every = savings.steps.len().div_ceil(31).max(1);
    for at in (0..savings.steps.len()).step_by(every) {
        text(&mut body, "quiet", "middle", (LEFT + slot * (many(at) + 0.5), bottom + 16.0), &names(savings, at).0);
    }
    let last = sums.last().copied().unwrap_or_default();
    let said = format!("{} h", number(last));
    let (anchor, x) = if end > RIGHT - 70.0 { ("end", end - 6.0) } else { ("start", end + 6.0) };
    text(&mut body, "strong", anchor, (x, (axis.y(last) - 7.0).max(11.0)), &said);
    let desc = format!("A line that comes to {said} of inference hours saved at its end.");
    let title = format!("Saved so far, {}", title(savings));
    Chart { id: "saved", title, desc, width: WIDTH, height, body }
}

/// The days as a calendar: the more was saved of the baseline, the greener.
pub(super) fn calendar(savings: &Savings) -> Chart {
    let (cell_width, cell_height, top) = (99.0, 40.0, 26.0);
    let begin = savings.steps.first().map(|step| step.date);
    let monday = begin.map(|date| date - Days::new(u64::from(date.weekday().num_days_from_monday())));
    let mut body = String::new();
    for (at, day) in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().enumerate() {
        text(&mut body, "quiet", "middle", (LEFT + cell_width * (many(at) + 0.5), 17.0), day);
    }
    let mut weeks = 0;
    for (step, hours) in savings.steps.iter().zip(&savings.by_step) {
        let days = monday.map_or(0, |monday| (step.date - monday).num_days());
        let (week, day) = (days / 7, days % 7);
        weeks = weeks.max(week + 1);
        let place = |index: i64| many(usize::try_from(index).unwrap_or(0));
        let corner = (LEFT + cell_width * place(day) + 2.0, top + cell_height * place(week) + 2.0);
        day_cell(&mut body, corner, (cell_width - 4.0, cell_height - 4.0), &step.date.day().to_string(), hours);
        if day == 0 || step.date == begin.unwrap_or(step.date) {
            let at = (LEFT - 8.0, corner.1 + 22.0);
            text(&mut body, "quiet", "end", at, &format!("W{}", step.date.iso_week().week()));
        }
    }
    let height = top + cell_height * many(usize::try_from(weeks).unwrap_or(0)) + 24.0;
    let legend = "Share of the baseline that was saved; ! overrun; hatched: in part unknown; empty: nothing counted";
    text(&mut body, "quiet", "start", (LEFT, height - 7.0), legend);
    let counted = savings.by_step.iter().filter(|hours| hours.baseline > 0.0);
    let over = savings.by_step.iter().filter(|hours| hours.overrun > 0.05).count();
    let desc =
        format!("A calendar of {} counted days; on {over} of them models ran over their windows.", counted.count());
    let title = format!("Saved day by day, {}", title(savings));
    Chart { id: "calendar", title, desc, width: WIDTH, height, body }
}

fn day_cell(body: &mut String, (x, y): (f64, f64), size: (f64, f64), day: &str, hours: &Hours) {
    let share = hours.share();
    let told = match share {
        Some(_) => format!("{} h saved of {} h", number(hours.saved()), number(hours.baseline)),
        None => "nothing counted".into(),
    };
    if let Some(share) = share {
        let deep = px(0.08 + 0.55 * share.clamp(0.0, 1.0));
        rect(body, &format!("class=\"heat\" rx=\"4\" fill-opacity=\"{deep}\""), (x, y), size, "");
    }
    if hours.unknown > 0.05 {
        let low = (size.0, 8.0);
        let at = (x, y + size.1 - low.1);
        rect(
            body,
            "class=\"unknown\" fill=\"url(#calendar-hatch)\"",
            at,
            low,
            &format!("{} h unknown", number(hours.unknown)),
        );
    }
    rect(body, "class=\"cell\" rx=\"4\" pointer-events=\"all\"", (x, y), size, &told);
    text(body, "quiet", "start", (x + 6.0, y + 15.0), day);
    if share.is_some() {
        text(body, "strong", "end", (x + size.0 - 6.0, y + 22.0), &percent(share));
    }
    if hours.overrun > 0.05 {
        let at = (x + 28.0, y + 5.0);
        rect(body, "class=\"over\" rx=\"3\"", at, (13.0, 13.0), &format!("{} h overrun", number(hours.overrun)));
        let _ = write!(
            body,
            "<text text-anchor=\"middle\" x=\"{}\" y=\"{}\" style=\"fill:#fff\">!</text>",
            px(x + 34.5),
            px(y + 15.5)
        );
    }
}

/// A small bar of how one model's baseline came apart; its figures stand beside it.
pub(super) fn share(hours: &Hours) -> String {
    let (all, mut x, mut body) = (parts(hours).iter().sum::<f64>(), 0.0, String::new());
    let looks = ["class=\"ran\"", "class=\"over\"", "class=\"unknown\" fill=\"url(#days-hatch)\"", "class=\"saved\""];
    for (look, value) in looks.iter().zip(parts(hours)) {
        let width = if all > 0.0 { 90.0 * value / all } else { 0.0 };
        rect(&mut body, look, (x, 0.0), (width, 12.0), "");
        x += width;
    }
    format!("<svg width=\"90\" height=\"12\" viewBox=\"0 0 90 12\" aria-hidden=\"true\">{body}</svg>")
}
