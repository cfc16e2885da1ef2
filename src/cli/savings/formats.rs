//! stub
use crate::domain::fleet::Fleet;
use crate::domain::savings::Savings;
use crate::domain::trouble::Trouble;
use std::io::{self, Write};
/// f
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// t
    Table,
    /// c
    Csv,
    /// j
    Json,
    /// m
    Markdown,
}
/// p
pub fn print(
    savings: &Savings,
    _fleet: &Fleet,
    _format: Format,
    _troubles: &[Trouble],
    out: &mut impl Write,
) -> io::Result<()> {
    for m in &savings.models {
        writeln!(out, "{} {:?} saved {:.2}", m.arn.name(), m.hours, m.hours.saved())?;
    }
    writeln!(out, "{:?} {:?} {:?} {:?}", savings.total, savings.until, savings.month_end, savings.terms.price)
}
