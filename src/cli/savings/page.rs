//! `rekotui report`: one month on a page that needs nothing beside itself, as HTML and as Markdown.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

pub use super::markdown::markdown;

use super::charts::{bars, calendar, cumulative, share};
use super::sheets::{Sheet, models, overruns, steps};
use super::svg::{Chart, DARK, LIGHT, LOOK, escape};
use super::view::{assumptions, bound, clock, number, percent, title};
use crate::domain::model::ModelArn;
use crate::domain::price::dollars;
use crate::domain::savings::{Run, Savings};

/// What the report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The month, by day.
    pub month: &'a Savings,
    /// Twelve months, by month.
    pub year: &'a Savings,
    /// The runs of the month, by model.
    pub runs: &'a [(ModelArn, Vec<Run>)],
    /// The account, if it is known.
    pub account: Option<&'a str>,
    /// The region, if it is known.
    pub region: Option<&'a str>,
    /// When the report is made.
    pub made: DateTime<Utc>,
}

/// How it was measured (the metric, its periods and its samples: AWS/Rekognition in the CloudWatch documentation).
pub(super) const MEASURED: [&str; 4] = [
    "Measured is the CloudWatch metric InServiceInferenceUnits of each model (namespace AWS/Rekognition, by ProjectName and \
     VersionName): the inference units in service, averaged over periods of 1 minute for the last 15 days, of 5 minutes up to \
     63 days back and of 1 hour up to 455 days back, as finely as CloudWatch keeps them.",
    "SampleCount tells how much of a period of 5 minutes or 1 hour a model really ran, so that a touched hour does not count \
     as a whole one.",
    "Inference hours are units × hours. A hole of a few minutes within a run is a lost sample; longer silence between known runs \
     is a stop; any other silence is unknown.",
    "What was settled once is kept on the workstation that made this report and is not asked again, so that figures stay the \
     same when CloudWatch forgets them.",
];

const PAGE: &str = "*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);\
    font:15px/1.5 system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif}main{max-width:1080px;margin:0 auto;padding:32px 24px}\
    h1{font-size:26px;margin:0}h2{font-size:18px;margin:36px 0 8px;border-bottom:1px solid var(--line);padding-bottom:4px}\
    p{margin:8px 0}.quiet{color:var(--faint)}.figures{display:flex;flex-wrap:wrap;gap:12px;margin:20px 0}\
    .figure{flex:1 1 150px;background:var(--soft);border:1px solid var(--line);border-radius:8px;padding:12px 16px}\
    .figure b{display:block;font-size:24px;line-height:1.2}.figure.first b{color:var(--saved)}.figure.bad b{color:var(--over)}\
    .figure span{color:var(--faint);font-size:13px}figure{margin:12px 0}figure svg{width:100%;height:auto}\
    .wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}\
    caption{text-align:left;color:var(--faint);padding:4px 0}th,td{padding:4px 7px;border-bottom:1px solid var(--line);\
    text-align:left;vertical-align:middle}th{font-weight:600}.t,.n{white-space:nowrap}.n{text-align:right}th[scope=row]{min-width:7em;overflow-wrap:anywhere}\
    tr.sum td,tr.sum th{font-weight:700;border-top:2px solid var(--ink)}dt{font-weight:600;margin-top:10px}dd{margin:0}\
    .sign{display:flex;gap:32px;margin-top:48px}.sign div{flex:1;border-top:1px solid var(--ink);padding-top:4px;\
    color:var(--faint);font-size:13px}\
    @media print{@page{size:A4;margin:14mm}main{max-width:none;padding:0}body{font-size:11px;-webkit-print-color-adjust:exact;\
    print-color-adjust:exact}.figure{flex-basis:90px;padding:8px}.figure b{font-size:16px}.figure span{font-size:10px}td svg{width:56px}table{font-size:8.5px}th,td{padding:2px 4px}figure,tr,.figure,.sign,dd{break-inside:avoid}\
    h2{break-after:avoid}thead{display:table-header-group}.wide{overflow:visible}}";

/// What the report says first.
pub(super) struct Headline {
    saved: String,
    money: String,
    share: String,
    pub(super) sentence: String,
}

pub(super) fn headline(report: &Report<'_>) -> Headline {
    let (month, total) = (report.month, &report.month.total);
    let (saved, money) = (number(total.saved()), dollars(month.money(total.saved())));
    let sentence = match month.until {
        None => "Nothing is known yet of what models ran in this month.".into(),
        Some(_) if total.saved() < -0.05 => format!(
            "Nothing was saved: {} inference hours (± {}) more than the baseline of {} were used or are unknown: {}, with {} \
             an inference hour as {}.",
            number(-total.saved()),
            bound(total.error),
            number(total.baseline),
            dollars(month.money(-total.saved())),
            dollars(month.terms.price.usd),
            month.terms.price.kind()
        ),
        Some(_) => format!(
            "{saved} inference hours were saved (± {}), {} of the {} that the baseline would have used: {money}, with {} an \
             inference hour as {}.",
            bound(total.error),
            percent(total.share()),
            number(total.baseline),
            dollars(month.terms.price.usd),
            month.terms.price.kind()
        ),
    };
    Headline { saved, money, share: percent(total.share()), sentence }
}

pub(super) fn name(report: &Report<'_>) -> String {
    format!("Savings, {}", title(report.month))
}

pub(super) fn origin(report: &Report<'_>) -> String {
    let zone = report.month.terms.zone;
    format!(
        "Custom Labels models of account {} in {}. Made {} ({zone}) with rekotui {}.",
        report.account.unwrap_or("unknown"),
        report.region.unwrap_or("an unknown region"),
        clock(report.made, zone),
        env!("CARGO_PKG_VERSION")
    )
}

/// The report as one HTML file: no scripts, nothing from the network, light and dark, fit for paper.
#[must_use]
pub fn html(report: &Report<'_>) -> String {
    let month = report.month;
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>{}</title>\n\
         <style>:root{{{LIGHT}}}@media screen and (prefers-color-scheme:dark){{:root{{{DARK}}}}}{LOOK}{PAGE}</style></head>\n\
         <body><main>\n<h1>{}</h1>\n<p class=\"quiet\">{}</p>\n",
        escape(&name(report)),
        escape(&name(report)),
        escape(&origin(report))
    );
    html_figures(&mut page, report);
    section(&mut page, "Day by day");
    figure(&mut page, &bars(month, "days"));
    figure(&mut page, &cumulative(month));
    figure(&mut page, &calendar(month));
    section(&mut page, "Models");
    let bars_of: Vec<String> = month.models.iter().map(|model| &model.hours).chain([&month.total]).map(share).collect();
    html_table(&mut page, &models(month), &bars_of);
    section(&mut page, "Twelve months");
    figure(&mut page, &bars(report.year, "months"));
    html_table(&mut page, &steps(report.year), &[]);
    section(&mut page, "Overruns");
    html_overruns(&mut page, report);
    section(&mut page, "What these figures rest on");
    page.push_str("<dl>\n");
    for (word, sentence) in assumptions(month) {
        let _ = writeln!(page, "<dt>{}</dt><dd>{}</dd>", escape(word), escape(&sentence));
    }
    page.push_str("</dl>\n");
    section(&mut page, "How it was measured");
    for sentence in MEASURED {
        let _ = writeln!(page, "<p>{}</p>", escape(sentence));
    }
    section(&mut page, "Each day in figures");
    html_table(&mut page, &steps(month), &[]);
    page.push_str("<div class=\"sign\"><div>Checked by</div><div>Date</div></div>\n</main></body></html>\n");
    page
}

fn html_figures(page: &mut String, report: &Report<'_>) {
    let (told, total) = (headline(report), &report.month.total);
    let _ = write!(page, "<p>{}</p>\n<div class=\"figures\">", escape(&told.sentence));
    let over = if total.overrun > 0.05 { " bad" } else { "" };
    let first = if total.saved() < -0.05 { " bad" } else { " first" };
    let boxes = [
        (first, format!("{} h", told.saved), format!("saved, ± {} h", bound(total.error))),
        (
            "",
            told.money,
            format!(
                "at {} an inference hour, {}",
                dollars(report.month.terms.price.usd),
                report.month.terms.price.kind()
            ),
        ),
        ("", told.share, "of the baseline".into()),
        (over, format!("{} h", number(total.overrun)), "overrun".into()),
        ("", format!("{} h", number(total.unknown)), "unknown, not counted as saved".into()),
    ];
    for (class, figure, word) in boxes {
        let _ =
            write!(page, "<div class=\"figure{class}\"><b>{}</b><span>{}</span></div>", escape(&figure), escape(&word));
    }
    page.push_str("</div>\n");
}

fn html_overruns(page: &mut String, report: &Report<'_>) {
    let sheet = overruns(report);
    if sheet.rows.is_empty() {
        page.push_str("<p>No run of this month is known to have gone on outside of its windows.</p>\n");
    } else {
        html_table(page, &sheet, &[]);
    }
}

fn section(page: &mut String, name: &str) {
    let _ = writeln!(page, "<h2>{}</h2>", escape(name));
}

fn figure(page: &mut String, chart: &Chart) {
    let (title, svg) = (escape(&chart.title), chart.inline());
    let _ = write!(page, "<figure><figcaption class=\"quiet\">{title}</figcaption>{svg}</figure>");
}

/// A table; `bars` are pictures for a last column of its own.
fn html_table(page: &mut String, sheet: &Sheet, bars: &[String]) {
    let class = |at: usize, cell: &str| match (at < sheet.text, cell.len() <= "31 Dec 2026 00:00".len()) {
        (true, true) => " class=\"t\"",
        (true, false) => "",
        (false, _) => " class=\"n\"",
    };
    let _ = write!(page, "<div class=\"wide\"><table><caption>{}</caption><thead><tr>", escape(&sheet.caption));
    for (at, head) in sheet.head.iter().enumerate() {
        let _ = write!(page, "<th scope=\"col\"{}>{}</th>", class(at, head), escape(head));
    }
    page.push_str(if bars.is_empty() { "" } else { "<th scope=\"col\">Of the baseline</th>" });
    page.push_str("</tr></thead><tbody>\n");
    for (number, row) in sheet.rows.iter().enumerate() {
        let sum = sheet.summed && number + 1 == sheet.rows.len();
        page.push_str(if sum { "<tr class=\"sum\">" } else { "<tr>" });
        for (at, cell) in row.iter().enumerate() {
            let (class, cell) = (class(at, cell), escape(cell));
            let _ = match at {
                0 => write!(page, "<th scope=\"row\">{cell}</th>"),
                _ => write!(page, "<td{class}>{cell}</td>"),
            };
        }
        if let Some(bar) = bars.get(number) {
            let _ = write!(page, "<td>{bar}</td>");
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table></div>\n");
}
