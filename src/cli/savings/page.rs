//! stub
use crate::domain::model::ModelArn;
use crate::domain::savings::{Run, Savings};
use chrono::{DateTime, Utc};
#[derive(Debug)]
pub struct Report<'a> {
    pub month: &'a Savings,
    pub year: &'a Savings,
    pub runs: &'a [(ModelArn, Vec<Run>)],
    pub account: Option<&'a str>,
    pub region: &'a str,
    pub made: DateTime<Utc>,
}
pub fn html(r: &Report<'_>) -> String {
    format!("{:#?}", r.runs)
}
pub fn markdown(r: &Report<'_>) -> String {
    format!("{:#?}", r.runs)
}
