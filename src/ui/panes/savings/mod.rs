//! The savings: a sentence and what it rests on, the table of models, and charts.
//!
//! ```text
//!  Saved 2,733 h of 3,535 h in November 2026, 77 %  ≈ $10,933 ±6 h
//!  month's end ≈ 4,380 h   last month 3,828 h   12 months 7,410 h      $4.00 an inference hour, an assumption
//! ╭ Savings ─────────────────────────────────────────────────────────────── 7 ╮
//! │ the table                                                                 │
//! ╰───────────────────────────────────────────────────────────────────────────╯
//! ╭ All models, inference hours a day ──────╮╭ November 2026 ╮╭ Saved so far ─╮
//! │ columns                                 ││ a calendar    ││ a slope       │
//! ╰─────────────────────────────────────────╯╰───────────────╯╰───────────────╯
//! ```

mod charts;
mod page;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{Align, ColumnId, Command, Context, Whole};
use crate::domain::model::ModelArn;
use crate::domain::price::dollars;
use crate::domain::savings::{Baseline, Hours, ModelSavings, Savings};
use crate::domain::words;
use crate::ui::draw::{Lines, Scene};
use crate::ui::panes::rows;
use crate::ui::text::{clean, fit, shed, span, wrap};

pub(in crate::ui) use charts::hours_a_day;
pub(in crate::ui) use page::{draw as runs, range};

/// From this height of the body on there are charts below the table.
const CHARTS: u16 = 17;
/// What the charts get at least, and at most.
const CHARTS_HEIGHT: (u16, u16) = (8, 22);

/// The whole screen.
pub(in crate::ui) fn screen(scene: &Scene<'_>, area: Rect, boxed: bool, buffer: &mut Buffer) {
    let mut body = Lines { area };
    if let Some(whole) = scene.state.ledger.whole() {
        let lines = sentences(scene, whole, usize::from(area.width).saturating_sub(2));
        let room = body.top(u16::try_from(lines.len()).unwrap_or(2).min(area.height / 4));
        for (row, line) in room.rows().zip(lines) {
            buffer.set_line(row.x + 1, row.y, &line, row.width.saturating_sub(1));
        }
    }
    if !boxed {
        return rows::bare(scene, body.area, buffer);
    }
    let rows = u16::try_from(scene.count()).unwrap_or(u16::MAX);
    if body.area.height >= CHARTS && rows > 0 {
        let (least, most) = CHARTS_HEIGHT;
        let left = body.area.height.saturating_sub(rows.saturating_add(3).clamp(6, body.area.height / 2));
        charts::draw(scene, body.bottom(left.clamp(least, most)), buffer);
    }
    rows::boxed(scene, body.area, buffer);
}

/// Hours as people read them: whole ones from a hundred on.
pub(super) fn hours(hours: f64) -> String {
    let shown = if hours.abs() < 0.05 { 0.0 } else { hours };
    if shown.abs() >= 100.0 {
        let whole = crate::ui::panes::cells::grouped(shown.abs().round() as u64);
        if shown < 0.0 { format!("-{whole}") } else { whole }
    } else {
        format!("{shown:.1}")
    }
}

/// The sign of a bound.
pub(super) fn about(scene: &Scene<'_>) -> &'static str {
    if scene.state.ascii { "+/-" } else { "±" }
}

/// What was saved, in sentences that fit.
fn sentences(scene: &Scene<'_>, whole: &Whole, width: usize) -> Vec<Line<'static>> {
    let (state, theme) = (scene.state, scene.theme);
    let savings = &whole.range;
    let total = &savings.total;
    let title = state.ledger.range.title(state.now(), state.zone);
    let money = |saved: f64| dollars(savings.money(saved));
    let mut first = vec![
        span(format!("{title}: saved "), theme.text),
        span(format!("{} h", hours(total.saved())), theme.good),
        span(format!(" of {} h", hours(total.baseline)), theme.dim),
    ];
    first.extend(total.share().map(|share| span(format!(", {:.0} %", share * 100.0), theme.good)));
    first.push(span(format!("  ≈ {}", money(total.saved())), theme.good));
    first.push(span(format!("  {}{} h", about(scene), hours(total.error)), theme.dim));
    if total.overrun >= 0.05 {
        first.push(span(format!("  overrun {} h", hours(total.overrun)), theme.wrong));
    }
    if total.unknown >= 0.05 {
        first.push(span(format!("  unknown {} h", hours(total.unknown)), theme.look));
    }
    let until = savings.until.filter(|until| *until < savings.span.to);
    first
        .extend(until.map(|until| span(format!("  until {}", words::when(until, state.now(), state.zone)), theme.dim)));
    let month = state.ledger.reckoned.as_ref().and_then(|reckoned| reckoned.month.month_end);
    // Each with what belongs to it, as many as fit.
    let mut groups: Vec<Vec<Span<'static>>> = Vec::new();
    let mut group = |word: &str, saved: f64| {
        groups.push(vec![
            span(format!("{word} "), theme.dim),
            span(format!("{} h", hours(saved)), theme.text),
            span(format!(" {}", money(saved)), theme.dim),
        ]);
    };
    if let Some(forecast) = month {
        group("month’s end about", forecast.saved());
    }
    group("last month", whole.last_month.saved());
    group("12 months", whole.year.saved());
    let mut second = Line::default();
    for group in groups {
        let group = Line::from(group);
        let gap = if second.spans.is_empty() { 0 } else { 3 };
        if second.width() + gap + group.width() <= width {
            second.spans.push(Span::raw(" ".repeat(gap)));
            second.spans.extend(group.spans);
        }
    }
    let mut lines = vec![shed(Line::from(first), width), second];
    if let Some(trouble) = &state.ledger.trouble {
        let text = clean(&format!("{} {}", trouble.sentence(), trouble.remedy()));
        let told = wrap(&text, width.saturating_sub(2).max(1)).into_iter().take(2);
        lines.extend(told.map(|text| {
            Line::from(vec![span(format!("{} ", scene.symbols.look), theme.look), span(text, theme.look)])
        }));
    }
    lines
}

/// What money and savings rest on, in ever fewer words: for the edge of the table.
pub(in crate::ui) fn terms(scene: &Scene<'_>) -> Vec<String> {
    let Some(whole) = scene.state.ledger.whole() else { return Vec::new() };
    let terms = &whole.range.terms;
    let against = match terms.baseline {
        Baseline::AlwaysOn => "against always on",
        Baseline::BeforeScheduling => "against the week before scheduling",
    };
    let (price, kind) = (dollars(terms.price.usd), terms.price.kind());
    vec![
        format!("{against}, {price} an inference hour is {kind}"),
        format!("{price} an inference hour, {kind}"),
        format!("at {price}, {kind}"),
    ]
}

/// Why there is no table yet, and what to do.
pub(in crate::ui) fn instead(scene: &Scene<'_>) -> (String, String) {
    let state = scene.state;
    if let Some(trouble) = &state.ledger.trouble {
        return (format!("{} {}", scene.symbols.wrong, trouble.sentence()), trouble.remedy());
    }
    let spinner = scene.symbols.spinner;
    let spinner = spinner.get(state.spinner() % spinner.len()).copied().unwrap_or_default();
    if state.ledger.live && state.ledger.histories.is_empty() {
        return (
            "CloudWatch knows of no model here that ever ran.".into(),
            "It has kept what models run since August 2022, for models that were trained after that.".into(),
        );
    }
    (
        format!("{spinner} CloudWatch is being asked what models ran"),
        "The first time it is asked about 15 months, which takes a while. What is known is kept and never asked again."
            .into(),
    )
}

impl Scene<'_> {
    /// What stands in a column of the savings.
    pub(in crate::ui) fn savings_cell(&self, own: &ModelSavings, column: ColumnId, selected: bool) -> Line<'static> {
        let theme = self.theme;
        let none = || Line::from(Span::styled(self.symbols.none, theme.faint));
        if column == ColumnId::Name {
            let mut name = self.model_name(&own.arn, selected);
            if own.gone {
                name.push(span(" gone", theme.dim));
            }
            return Line::from(name);
        }
        if own.counted.is_none() {
            return none();
        }
        let sum = &own.hours;
        let or_none = |figure: f64, style| {
            if figure.abs() < 0.05 { none() } else { Line::from(span(hours(figure), style)) }
        };
        match column {
            ColumnId::Ran => Line::from(span(hours(sum.running), theme.text)),
            ColumnId::Used => Line::from(span(hours(sum.inference), theme.text)),
            ColumnId::Baseline => Line::from(span(hours(sum.baseline), theme.dim)),
            ColumnId::Saved => {
                Line::from(span(hours(sum.saved()), if sum.saved() < 0.0 { theme.wrong } else { theme.good }))
            }
            ColumnId::Share => {
                sum.share().map_or_else(none, |share| Line::from(span(format!("{:.0} %", share * 100.0), theme.text)))
            }
            ColumnId::Overrun => or_none(sum.overrun, theme.wrong),
            ColumnId::Missed => or_none(sum.missed, theme.look),
            ColumnId::Unknown => or_none(sum.unknown, theme.look),
            ColumnId::Error => Line::from(span(format!("{}{:.1}", about(self), sum.error), theme.dim)),
            ColumnId::Money => {
                let price = self.state.ledger.whole().map_or(0.0, |whole| whole.range.terms.price.usd);
                Line::from(span(money(sum, price), theme.good))
            }
            _ => Line::default(),
        }
    }
}

/// Money without cents, but for small change.
pub(in crate::ui) fn money(sum: &Hours, price: f64) -> String {
    let amount = sum.saved() * price;
    if amount.abs() >= 10.0 {
        let whole = dollars(amount.round());
        whole.trim_end_matches(".00").to_owned()
    } else {
        dollars(amount)
    }
}

/// What the month has saved, for the header, in ever fewer words.
pub(in crate::ui) fn header(scene: &Scene<'_>) -> Vec<Line<'static>> {
    let (state, theme) = (scene.state, scene.theme);
    let Some(reckoned) = &state.ledger.reckoned else { return Vec::new() };
    let month = &reckoned.month;
    if month.total.baseline <= 0.0 {
        return Vec::new();
    }
    let name = state.now().with_timezone(&state.zone).format("%B").to_string();
    let style = if month.total.saved() < 0.0 { theme.wrong } else { theme.good };
    let figure = span(format!("{} h", hours(month.total.saved())), style);
    let amount = span(format!("  ≈ {}", money(&month.total, month.terms.price.usd)), style);
    vec![
        Line::from(vec![span(format!("saved in {name} "), theme.dim), figure.clone(), amount.clone()]),
        Line::from(vec![span("saved ", theme.dim), figure, amount]),
    ]
}

/// The model that the charts are about, and its figures; all together if none.
fn charted<'a>(scene: &Scene<'a>, savings: &'a Savings) -> (Option<&'a ModelArn>, &'a [Hours]) {
    let state = scene.state;
    let own = state.savings.selected().filter(|_| !state.ledger.together);
    match own.and_then(|arn| savings.model(arn)) {
        Some(model) => (Some(&model.arn), &model.steps),
        None => (None, &savings.by_step),
    }
}

/// A line in its width.
fn put(line: Line<'static>, row: Rect, scene: &Scene<'_>, buffer: &mut Buffer) {
    let line = fit(line, usize::from(row.width), Align::Left, scene.symbols.cut);
    buffer.set_line(row.x, row.y, &line, row.width);
}

/// The key of a command of this screen.
fn key(scene: &Scene<'_>, command: Command) -> String {
    scene.state.keys.shown(&[Context::Savings], command).unwrap_or_default().to_owned()
}
