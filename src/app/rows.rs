//! The rows of each screen: filtered, and in the order that the operator chose.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use super::columns::ColumnId;
use super::facets::{self, Found};
use super::filter::{Facets, Filter};
use super::key::FindingKey;
use super::list::Sort;
use super::screen::Screen;
use super::state::State;
use crate::domain::mapping::Mapping;
use crate::domain::model::{Model, ModelArn};
use crate::domain::operation::{Operation, OperationId};
use crate::domain::savings::ModelSavings;
use crate::domain::schedule::Schedule;

/// By what a row is compared in one column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Number(i64),
    Text(Vec<Piece>),
    /// Comes last in either direction: what is not known is no extreme.
    Missing,
}

/// A piece of a name, so that `v10` comes after `v9`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Number(u64),
    Text(String),
}

fn natural(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for letter in text.to_lowercase().chars() {
        match (letter.to_digit(10).map(u64::from), pieces.last_mut()) {
            (Some(digit), Some(Piece::Number(number))) => *number = number.saturating_mul(10).saturating_add(digit),
            (Some(digit), _) => pieces.push(Piece::Number(digit)),
            (None, Some(Piece::Text(text))) => text.push(letter),
            (None, _) => pieces.push(Piece::Text(letter.to_string())),
        }
    }
    pieces
}

fn text(text: &str) -> SortKey {
    if text.is_empty() { SortKey::Missing } else { SortKey::Text(natural(text)) }
}

fn number(number: Option<impl TryInto<i64>>) -> SortKey {
    number.map_or(SortKey::Missing, |number| SortKey::Number(number.try_into().unwrap_or(i64::MAX)))
}

fn time(at: Option<DateTime<Utc>>) -> SortKey {
    number(at.map(|at| at.timestamp_millis()))
}

/// Hours, to the hundredth of a second.
#[expect(clippy::cast_possible_truncation, reason = "hours of a few years")]
fn hours(hours: Option<f64>) -> SortKey {
    number(hours.map(|hours| (hours * 360_000.0).round() as i64))
}

fn savings_key(own: &ModelSavings, column: ColumnId) -> SortKey {
    let known = |figure: f64| hours(own.counted.map(|_| figure));
    let sum = &own.hours;
    match column {
        ColumnId::Name => text(&own.arn.name()),
        ColumnId::Ran => known(sum.running),
        ColumnId::Used => known(sum.inference),
        ColumnId::Baseline => known(sum.baseline),
        ColumnId::Saved | ColumnId::Money => known(sum.saved()),
        ColumnId::Share => hours(sum.share()),
        ColumnId::Overrun => known(sum.overrun),
        ColumnId::Missed => known(sum.missed),
        ColumnId::Unknown => known(sum.unknown),
        ColumnId::Error => known(sum.error),
        _ => SortKey::Missing,
    }
}

fn compare(one: &SortKey, other: &SortKey, descending: bool) -> Ordering {
    match (one, other) {
        (SortKey::Missing, SortKey::Missing) => Ordering::Equal,
        (SortKey::Missing, _) => Ordering::Greater,
        (_, SortKey::Missing) => Ordering::Less,
        (one, other) if descending => other.cmp(one),
        (one, other) => one.cmp(other),
    }
}

/// Filters and sorts; rows that are equal in the sorted column stand in the order of their names.
fn arranged<T: Copy, K>(
    rows: impl Iterator<Item = T>,
    (filter, sort): (&Filter, Sort),
    facets: impl Fn(T) -> Facets,
    sort_key: impl Fn(T, ColumnId) -> SortKey,
    key: impl Fn(T) -> K,
) -> Vec<K> {
    let passing = rows.filter(|row| filter.is_empty() || filter.passes(&facets(*row)));
    let mut keyed: Vec<_> =
        passing.map(|row| (sort_key(row, sort.column), sort_key(row, ColumnId::Name), row)).collect();
    keyed.sort_by(|one, other| compare(&one.0, &other.0, sort.descending).then_with(|| one.1.cmp(&other.1)));
    keyed.into_iter().map(|(_, _, row)| key(row)).collect()
}

impl State {
    /// Brings the rows of a screen up to date.
    pub(super) fn arrange(&mut self, screen: Screen) {
        let total = self.count(screen);
        match screen {
            Screen::Models => {
                let rows = self.arranged_models();
                self.models.arrange(rows, total);
            }
            Screen::Schedules => {
                let rows = self.arranged_schedules();
                self.schedules.arrange(rows, total);
            }
            Screen::Mappings => {
                let rows = self.arranged_mappings();
                self.mappings.arrange(rows, total);
            }
            Screen::Savings => {
                let rows = self.arranged_savings();
                self.savings.arrange(rows, total);
            }
            Screen::Findings => {
                let rows = self.arranged_findings();
                self.findings.arrange(rows, total);
            }
            Screen::Journal => {
                let rows = self.arranged_operations();
                self.journal.arrange(rows, total);
            }
        }
    }

    fn arranged_models(&self) -> Vec<ModelArn> {
        let found = if self.models.filter.is_empty() { Found::new() } else { facets::found(&self.picture) };
        arranged(
            self.fleet.models.rows.values(),
            (&self.models.filter, self.models.sort),
            |model| facets::of_model(self, model, &found),
            |model, column| self.model_key(model, column),
            |model| model.arn.clone(),
        )
    }

    fn model_key(&self, model: &Model, column: ColumnId) -> SortKey {
        let view = self.picture.models.get(&model.arn);
        match column {
            ColumnId::Name => text(&model.name()),
            ColumnId::Status => text(&model.status.word()),
            ColumnId::Units => number(model.min_units),
            ColumnId::Backlog => number(view.and_then(|view| view.backlog)),
            ColumnId::Next => time(view.and_then(|view| view.next_for(&model.status)).map(|event| event.at)),
            #[expect(clippy::cast_possible_truncation, reason = "a score is 0 to 1; ten-thousandths are fine enough")]
            ColumnId::F1 => number(model.f1.map(|f1| (f1 * 10_000.0) as i64)),
            ColumnId::Trained => time(model.trained),
            ColumnId::Week => hours(
                self.lately(&model.arn)
                    .map(|own| own.steps.iter().skip(own.steps.len().saturating_sub(7)).map(|sum| sum.running).sum()),
            ),
            ColumnId::Saved | ColumnId::Money => hours(self.lately(&model.arn).map(|own| own.hours.saved())),
            _ => SortKey::Missing,
        }
    }

    /// What a model comes to in the last thirty days, if that is known.
    #[must_use]
    pub fn lately(&self, arn: &ModelArn) -> Option<&ModelSavings> {
        let own = self.ledger.reckoned.as_ref()?.lately.model(arn)?;
        own.counted.is_some().then_some(own)
    }

    fn arranged_savings(&self) -> Vec<ModelArn> {
        let Some(whole) = self.ledger.whole() else { return Vec::new() };
        arranged(
            whole.range.models.iter(),
            (&self.savings.filter, self.savings.sort),
            |own| facets::of_savings(&own.arn),
            savings_key,
            |own| own.arn.clone(),
        )
    }

    fn arranged_schedules(&self) -> Vec<String> {
        arranged(
            self.fleet.all_schedules(),
            (&self.schedules.filter, self.schedules.sort),
            |schedule| facets::of_schedule(self, schedule),
            |schedule, column| self.schedule_key(schedule, column),
            |schedule| schedule.arn.clone(),
        )
    }

    fn schedule_key(&self, schedule: &Schedule, column: ColumnId) -> SortKey {
        let aim = || self.picture.wiring.aims_by_schedule.get(&schedule.arn).and_then(|aims| aims.first());
        match column {
            ColumnId::Name => text(&schedule.path()),
            ColumnId::Status => text(&schedule.state),
            ColumnId::Fires => text(schedule.expression.as_deref().unwrap_or_default()),
            ColumnId::Zone => text(schedule.zone.as_deref().unwrap_or("UTC")),
            ColumnId::Effect => text(aim().map_or("", |aim| aim.effect.word())),
            ColumnId::Model => text(&aim().and_then(|aim| aim.model.as_ref()).map_or_else(String::new, ModelArn::name)),
            ColumnId::Next => time(self.picture.next_of_schedule(&schedule.arn, self.moment.now)),
            _ => SortKey::Missing,
        }
    }

    fn arranged_mappings(&self) -> Vec<String> {
        arranged(
            self.fleet.mappings.rows.values(),
            (&self.mappings.filter, self.mappings.sort),
            |mapping| facets::of_mapping(self, mapping),
            |mapping, column| self.mapping_key(mapping, column),
            |mapping| mapping.uuid.clone(),
        )
    }

    fn mapping_key(&self, mapping: &Mapping, column: ColumnId) -> SortKey {
        let queue = || self.fleet.queue_of(mapping);
        let model = || self.picture.wiring.model_by_mapping.get(&mapping.uuid);
        match column {
            ColumnId::Name => text(mapping.function_name()),
            ColumnId::Status => text(mapping.state.as_str()),
            ColumnId::Queue => text(mapping.source_name()),
            ColumnId::Backlog => number(queue().map(|queue| queue.backlog())),
            ColumnId::Oldest => number(queue().and_then(|queue| queue.oldest_seconds)),
            ColumnId::Retention => number(queue().map(|queue| queue.retention_seconds)),
            ColumnId::Batch => number(mapping.batch_size),
            ColumnId::Model => text(&model().map_or_else(String::new, ModelArn::name)),
            ColumnId::Uuid => text(&mapping.uuid),
            _ => SortKey::Missing,
        }
    }

    fn arranged_findings(&self) -> Vec<FindingKey> {
        let keys = self.finding_keys();
        arranged(
            keys.iter(),
            (&self.findings.filter, self.findings.sort),
            |key| facets::of_finding(self, key),
            |key, column| self.finding_sort_key(key, column),
            FindingKey::clone,
        )
    }

    fn finding_sort_key(&self, key: &FindingKey, column: ColumnId) -> SortKey {
        let Some(finding) = self.finding(key) else { return SortKey::Missing };
        match column {
            ColumnId::Severity => SortKey::Number(finding.severity as i64),
            ColumnId::Sentence => text(&finding.sentence),
            ColumnId::Rule => text(finding.rule.as_str()),
            ColumnId::Name | ColumnId::Subject => text(&self.subject_name(finding)),
            _ => SortKey::Missing,
        }
    }
}

impl State {
    fn arranged_operations(&self) -> Vec<OperationId> {
        arranged(
            self.operations.values(),
            (&self.journal.filter, self.journal.sort),
            facets::of_operation,
            |operation, column| self.operation_key(operation, column),
            |operation| operation.id.clone(),
        )
    }

    fn operation_key(&self, operation: &Operation, column: ColumnId) -> SortKey {
        match column {
            // Ids begin with the time and so tell two of one second apart.
            ColumnId::When => {
                SortKey::Text(vec![Piece::Text(format!("{:020} {}", operation.asked.timestamp_millis(), operation.id))])
            }
            ColumnId::What => text(operation.plan.intent.word()),
            ColumnId::Name => text(&operation.plan.subject),
            ColumnId::Outcome => text(operation.standing.word()),
            ColumnId::Took => {
                number(Some((operation.ended.unwrap_or(self.moment.now) - operation.asked).num_seconds()))
            }
            ColumnId::Who => text(operation.who.as_deref().unwrap_or_default()),
            _ => SortKey::Missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_sort_by_their_numbers() {
        assert!(natural("shelf v9") < natural("shelf v10"));
        assert!(natural("Shelf v9") < natural("shelf v10"));
        assert!(natural("a") < natural("b1"));
    }

    #[test]
    fn what_is_not_known_comes_last_in_either_direction() {
        for descending in [false, true] {
            assert_eq!(compare(&SortKey::Missing, &SortKey::Number(1), descending), Ordering::Greater);
            assert_eq!(compare(&text("a"), &SortKey::Missing, descending), Ordering::Less);
        }
    }
}
