//! What only measured usage can tell: hours outside the windows, hours without work, windows and units that do not fit the
//! work.
//!
//! These rules speak of what is proven only: of hours that CloudWatch has told of, and of queues that one model alone works
//! off. An hour of which nothing is known is neither work nor idleness.

mod desk;
mod idle;
mod overrun;
#[cfg(test)]
mod tests;
mod units;
mod window;

use chrono_tz::Tz;

use super::{Finding, Rule, Severity, Subject};
use crate::domain::picture::ModelView;
use crate::domain::price::Price;
use crate::domain::savings::{Book, Books};
use crate::domain::work::Workload;
use desk::Desk;

/// One model, as the rules look at it.
struct Case<'a> {
    book: Book<'a>,
    view: &'a ModelView,
}

impl Case<'_> {
    fn name(&self) -> String {
        self.book.arn.name()
    }

    fn finding(&self, rule: Rule, severity: Severity) -> Finding {
        Finding {
            rule,
            severity,
            subject: Subject::Model(self.book.arn.clone()),
            sentence: String::new(),
            reason: String::new(),
            remedy: String::new(),
        }
    }
}

/// What the usage of each model tells beyond what the picture of the books has found already, the worst first. Weeks and
/// weekends are those of `zone`, and weeks begin on Monday; what each is worth is told at this price.
#[must_use]
pub fn of_usage(books: Books<'_>, work: &Workload, price: &Price, zone: Tz) -> Vec<Finding> {
    let desk = Desk::new(books, work, price, zone);
    let mut findings = Vec::new();
    for book in books.all().filter(|book| !book.gone) {
        let Some(view) = books.picture.models.get(book.arn) else { continue };
        let case = Case { book, view };
        findings.extend(overrun::this_week(&desk, &case));
        findings.extend(overrun::all_weekend(&desk, &case));
        findings.extend(idle::while_running(&desk, &case));
        findings.extend(window::too_wide(&desk, &case));
        findings.extend(units::above_need(&desk, &case).or_else(|| units::below_need(&desk, &case)));
    }
    findings.sort_by(super::by_severity);
    findings
}
