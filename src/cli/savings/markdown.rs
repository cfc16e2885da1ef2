//! The report as Markdown: the same figures, and the charts as pictures within the text.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::charts::{bars, calendar, cumulative};
use super::formats::plain;
use super::page::{MEASURED, Report, headline, name, origin};
use super::sheets::{Sheet, models, overruns, steps};
use super::svg::Chart;
use super::view::assumptions;

/// The report as Markdown, with the charts as pictures in it.
#[must_use]
pub fn markdown(report: &Report<'_>) -> String {
    let month = report.month;
    let (name, origin, sentence) = (plain(&name(report)), plain(&origin(report)), plain(&headline(report).sentence));
    let mut page = format!("# {name}\n\n{origin}\n\n**{sentence}**\n");
    page.push_str("\n## Day by day\n\n");
    for chart in [bars(month, "days"), cumulative(month), calendar(month)] {
        picture(&mut page, &chart);
    }
    page.push_str("## Models\n\n");
    pipes(&mut page, &models(month));
    page.push_str("\n## Twelve months\n\n");
    picture(&mut page, &bars(report.year, "months"));
    pipes(&mut page, &steps(report.year));
    page.push_str("\n## Overruns\n\n");
    match overruns(report) {
        none if none.rows.is_empty() => {
            page.push_str("No run of this month is known to have gone on outside of its windows.\n");
        }
        sheet => pipes(&mut page, &sheet),
    }
    page.push_str("\n## What these figures rest on\n\n");
    for (word, sentence) in assumptions(month) {
        let _ = writeln!(page, "- **{word}**: {}", plain(&sentence));
    }
    page.push_str("\n## How it was measured\n\n");
    for sentence in MEASURED {
        let _ = writeln!(page, "{}\n", plain(sentence));
    }
    page.push_str("## Each day in figures\n\n");
    pipes(&mut page, &steps(month));
    page
}

/// What a URL in Markdown, and Markdown itself, would trip over.
const IN_URL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'(')
    .add(b')')
    .add(b'[')
    .add(b']')
    .add(b'{')
    .add(b'}')
    .add(b'|')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'*')
    .add(b'_')
    .add(b'&')
    .add(b'\'');

fn picture(page: &mut String, chart: &Chart) {
    let data = utf8_percent_encode(&chart.picture(), IN_URL).to_string();
    let _ = writeln!(page, "![{}. {}](data:image/svg+xml,{data})\n", plain(&chart.title), plain(&chart.desc));
}

fn pipes(page: &mut String, sheet: &Sheet) {
    let _ = writeln!(page, "{}\n\n| {} |", plain(&sheet.caption), sheet.head.join(" | "));
    let rule: Vec<&str> = (0..sheet.head.len()).map(|at| if at < sheet.text { "---" } else { "---:" }).collect();
    let _ = writeln!(page, "|{}|", rule.join("|"));
    for row in &sheet.rows {
        let _ = writeln!(page, "| {} |", row.iter().map(|cell| plain(cell)).collect::<Vec<_>>().join(" | "));
    }
}
