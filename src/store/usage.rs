//! What models ran, hour for hour: kept for good, since CloudWatch forgets after 455 days and charges for each question.
//!
//! It has a file of its own, so that nothing that happens to it can harm the journal, nor the other way round. A closed hour
//! is written once; what lies after the last closed hour is replaced by each later answer. Several processes may write at
//! once: each change is one transaction that looks first at what another one has closed meanwhile.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{PATIENCE, Refusal, StoreError, set_aside};
use crate::domain::model::ModelArn;
use crate::domain::usage::{History, Noted, Span, Stretch, joined};
use crate::domain::work::Workload;

/// The shape of the tables. A store with a higher number was written by a newer rekotui.
const VERSION: i64 = 1;

/// The hours of a workstation. Cheap to clone.
#[derive(Clone, Debug)]
pub struct UsageStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Mutex<Connection>,
    /// Where the lock lies with which one process at a time asks; `None`: nobody else can see this store.
    lock: Option<PathBuf>,
    /// By which way we are in the account: an account that is simulated elsewhere is another one, whatever its number.
    endpoint: String,
}

/// What CloudWatch was asked for on one day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The day.
    pub day: NaiveDate,
    /// Metrics: what CloudWatch charges for.
    pub metrics: u64,
    /// Calls of GetMetricData.
    pub calls: u64,
}

/// Holds off other processes from asking the same; given back when it is dropped, or when the process ends.
#[derive(Debug)]
pub struct AskingLock(Option<File>);

impl UsageStore {
    /// Opens the store in `folder`, which is made if it is not there, for accounts by way of `endpoint` (empty: AWS).
    ///
    /// One that is damaged or newer than this rekotui is set aside under another name; the text that comes with the new
    /// one then says so.
    ///
    /// # Errors
    /// When the folder cannot be made or written to.
    pub fn open(folder: &Path, endpoint: &str) -> Result<(Self, Option<String>), StoreError> {
        let unusable = |path: &Path, why: String| StoreError::Unusable(path.to_owned(), why);
        std::fs::create_dir_all(folder).map_err(|error| unusable(folder, error.to_string()))?;
        let file = folder.join("usage.sqlite");
        let (connection, said) = match connect(&file) {
            Ok(connection) => (connection, None),
            Err(Refusal::Other(why)) => return Err(unusable(&file, why)),
            Err(refusal) => {
                let why = match &refusal {
                    Refusal::Newer(version) => {
                        format!("were written by a newer rekotui (version {version} of the tables)")
                    }
                    other => format!("are damaged ({other})"),
                };
                let aside = set_aside(&file).map_err(|error| unusable(&file, error.to_string()))?;
                let connection = connect(&file).map_err(|refusal| unusable(&file, refusal.to_string()))?;
                let said = format!(
                    "The hours that were measured {why} and were set aside as {}. They are asked anew as far back as \
                     CloudWatch keeps them, 455 days; the journal is untouched.",
                    aside.display()
                );
                (connection, Some(said))
            }
        };
        Ok((Self::over(connection, Some(folder.join("usage.lock")), endpoint), said))
    }

    /// A store that ends with this program: for the simulated account in it.
    ///
    /// # Errors
    /// When SQLite cannot be used at all.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        prepare(&connection).map_err(|refusal| StoreError::Failed(refusal.to_string()))?;
        Ok(Self::over(connection, None, ""))
    }

    fn over(connection: Connection, lock: Option<PathBuf>, endpoint: &str) -> Self {
        Self(Arc::new(Inner { connection: Mutex::new(connection), lock, endpoint: endpoint.to_owned() }))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // Every change is one transaction: whoever died with the lock has left it whole.
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that is known of the models of an account in a region, also of those that are there no more.
    ///
    /// In an account that is simulated time may have begun anew: what was measured after `now` is forgotten there.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn load(
        &self,
        account: &str,
        region: &str,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<ModelArn, History>, StoreError> {
        let connection = self.connection();
        if !self.0.endpoint.is_empty() {
            connection.execute(
                "DELETE FROM model WHERE endpoint = ?1 AND account = ?2 AND region = ?3 AND until > ?4",
                params![self.0.endpoint, account, region, now.timestamp() + 60],
            )?;
        }
        let mut histories: BTreeMap<i64, (ModelArn, History)> = BTreeMap::new();
        let mut models = connection.prepare(
            "SELECT id, arn, asked, closed, noted FROM model WHERE endpoint = ?1 AND account = ?2 AND region = ?3",
        )?;
        let mut rows = models.query(params![self.0.endpoint, account, region])?;
        while let Some(row) = rows.next()? {
            let (id, arn): (i64, String) = (row.get(0)?, row.get(1)?);
            let (asked, closed, noted): (String, Option<i64>, Option<String>) = (row.get(2)?, row.get(3)?, row.get(4)?);
            let Ok(arn) = arn.parse() else { continue };
            let noted = noted.and_then(|noted| serde_json::from_str(&noted).ok()).unwrap_or_default();
            let history = History { asked: spans(&asked), closed: closed.and_then(instant), ran: Vec::new(), noted };
            histories.insert(id, (arn, history));
        }
        let mut stretches = connection.prepare(
            "SELECT model, at, until, units, grain FROM stretch
             WHERE model IN (SELECT id FROM model WHERE endpoint = ?1 AND account = ?2 AND region = ?3)
             ORDER BY model, at",
        )?;
        let mut rows = stretches.query(params![self.0.endpoint, account, region])?;
        while let Some(row) = rows.next()? {
            let (from, to) = (instant(row.get(1)?), instant(row.get(2)?));
            let known = histories.get_mut(&row.get(0)?).map(|(_, history)| history);
            if let (Some(history), Some(from), Some(to)) = (known, from, to) {
                history.push(Stretch { from, to, units: row.get(3)?, grain: row.get(4)? });
            }
        }
        Ok(histories.into_values().collect())
    }

    /// Keeps what has become known: `histories` as they are after an answer, of which everything from `from` on is new.
    ///
    /// # Errors
    /// When the store cannot be written to.
    pub fn keep<'a>(
        &self,
        histories: impl IntoIterator<Item = (&'a ModelArn, DateTime<Utc>, &'a History)>,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (arn, from, history) in histories {
            self.keep_one(&change, arn, from, history)?;
        }
        change.commit()?;
        Ok(())
    }

    fn keep_one(
        &self,
        change: &Transaction<'_>,
        arn: &ModelArn,
        from: DateTime<Utc>,
        history: &History,
    ) -> Result<(), StoreError> {
        let Some(until) = history.asked.last().map(|last| last.to) else { return Ok(()) };
        let known: Option<(i64, String, Option<i64>, i64)> = change
            .query_row(
                "SELECT id, asked, closed, until FROM model WHERE endpoint = ?1 AND arn = ?2",
                params![self.0.endpoint, arn.as_str()],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .optional()?;
        let (id, asked, closed) = match known {
            // Another process has asked later than we have, and knows all that we do.
            Some((_, _, closed, theirs)) if theirs > until.timestamp() && closed >= stamp(history.closed) => {
                return Ok(());
            }
            Some((id, asked, closed, _)) => (id, spans(&asked), closed),
            None => {
                let parts: Vec<&str> = arn.as_str().splitn(6, ':').collect();
                let part = |place: usize| parts.get(place).copied().unwrap_or_default();
                change.execute(
                    "INSERT INTO model (endpoint, account, region, arn, asked, until) VALUES (?1, ?2, ?3, ?4, '[]', 0)",
                    params![self.0.endpoint, part(4), part(3), arn.as_str()],
                )?;
                (change.last_insert_rowid(), Vec::new(), None)
            }
        };
        // A closed hour is never written again, whoever has closed it.
        let from = closed.and_then(instant).map_or(from, |closed| closed.max(from)).timestamp();
        change.execute("DELETE FROM stretch WHERE model = ?1 AND at >= ?2", params![id, from])?;
        change.execute("UPDATE stretch SET until = ?2 WHERE model = ?1 AND until > ?2", params![id, from])?;
        let mut insert = change
            .prepare_cached("INSERT INTO stretch (model, at, until, units, grain) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for one in history.ran.iter().filter(|one| one.to.timestamp() > from) {
            let at = one.from.timestamp().max(from);
            insert.execute(params![id, at, one.to.timestamp(), one.units, one.grain])?;
        }
        let asked = joined(asked.into_iter().chain(history.asked.iter().copied()).collect());
        let pairs: Vec<(i64, i64)> = asked.iter().map(|span| (span.from.timestamp(), span.to.timestamp())).collect();
        let until = asked.last().map_or(0, |last| last.to.timestamp());
        change.execute(
            "UPDATE model SET asked = ?2, until = ?3, closed = max(coalesce(closed, ?4), ?4) WHERE id = ?1",
            params![id, serde_json::to_string(&pairs)?, until, stamp(history.closed)],
        )?;
        Ok(())
    }

    /// Notes the windows that were planned in time that has passed. What is noted already stays as it was noted.
    ///
    /// # Errors
    /// When the store cannot be written to.
    pub fn note<'a>(&self, noted: impl IntoIterator<Item = (&'a ModelArn, &'a Noted)>) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (arn, new) in noted {
            let known: Option<Option<String>> = change
                .query_row(
                    "SELECT noted FROM model WHERE endpoint = ?1 AND arn = ?2",
                    params![self.0.endpoint, arn.as_str()],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(known) = known else { continue };
            let mut known: Noted = known.and_then(|known| serde_json::from_str(&known).ok()).unwrap_or_default();
            if known.go_on(new) {
                change.execute(
                    "UPDATE model SET noted = ?3 WHERE endpoint = ?1 AND arn = ?2",
                    params![self.0.endpoint, arn.as_str(), serde_json::to_string(&known)?],
                )?;
            }
        }
        change.commit()?;
        Ok(())
    }

    /// What is known of the work of an account's models in a region.
    ///
    /// # Errors
    /// When the store cannot be read. A body that this rekotui does not understand counts as none.
    pub fn load_work(&self, account: &str, region: &str) -> Result<Workload, StoreError> {
        let body: Option<String> = self
            .connection()
            .query_row(
                "SELECT body FROM work WHERE endpoint = ?1 AND account = ?2 AND region = ?3",
                params![self.0.endpoint, account, region],
                |row| row.get(0),
            )
            .optional()?;
        Ok(body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default())
    }

    /// Keeps what is known of it.
    ///
    /// # Errors
    /// When the store cannot be written to.
    pub fn keep_work(&self, account: &str, region: &str, work: &Workload) -> Result<(), StoreError> {
        self.connection().execute(
            "INSERT INTO work (endpoint, account, region, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (endpoint, account, region) DO UPDATE SET body = excluded.body",
            params![self.0.endpoint, account, region, serde_json::to_string(work)?],
        )?;
        Ok(())
    }

    /// Adds to what CloudWatch was asked for on a day (UTC).
    ///
    /// # Errors
    /// When the store cannot be written to.
    pub fn charge(&self, day: NaiveDate, metrics: u64, calls: u64) -> Result<(), StoreError> {
        if calls > 0 {
            self.connection().execute(
                "INSERT INTO charge (endpoint, day, metrics, calls) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (endpoint, day) DO UPDATE
                 SET metrics = metrics + excluded.metrics, calls = calls + excluded.calls",
                params![self.0.endpoint, day.to_string(), metrics.cast_signed(), calls.cast_signed()],
            )?;
        }
        Ok(())
    }

    /// What CloudWatch was asked for by this workstation, the latest day first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn charges(&self) -> Result<Vec<Charge>, StoreError> {
        let connection = self.connection();
        let mut select =
            connection.prepare("SELECT day, metrics, calls FROM charge WHERE endpoint = ?1 ORDER BY day DESC")?;
        let rows = select.query_map(params![self.0.endpoint], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        })?;
        let mut charges = Vec::new();
        for row in rows {
            let (day, metrics, calls) = row?;
            if let Ok(day) = day.parse() {
                charges.push(Charge { day, metrics: metrics.cast_unsigned(), calls: calls.cast_unsigned() });
            }
        }
        Ok(charges)
    }

    /// Holds other processes off while this one asks CloudWatch, so that nothing is paid twice. `None`: another one asks.
    /// Where there can be no lock, nobody is held off: paying twice is better than knowing nothing.
    #[must_use]
    pub fn lock(&self) -> Option<AskingLock> {
        let Some(path) = &self.0.lock else { return Some(AskingLock(None)) };
        let Ok(file) = File::create(path) else { return Some(AskingLock(None)) };
        match file.try_lock() {
            Ok(()) => Some(AskingLock(Some(file))),
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(_)) => Some(AskingLock(None)),
        }
    }
}

impl Drop for AskingLock {
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            // Closing the file gives it back as well.
            let _ = file.unlock();
        }
    }
}

fn instant(seconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, 0)
}

fn stamp(at: Option<DateTime<Utc>>) -> Option<i64> {
    at.map(|at| at.timestamp())
}

fn spans(text: &str) -> Vec<Span> {
    let pairs: Vec<(i64, i64)> = serde_json::from_str(text).unwrap_or_default();
    joined(pairs.into_iter().filter_map(|(from, to)| Some(Span { from: instant(from)?, to: instant(to)? })).collect())
}

fn connect(file: &Path) -> Result<Connection, Refusal> {
    let connection = Connection::open(file)?;
    prepare(&connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), Refusal> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > VERSION {
        return Err(Refusal::Newer(version));
    }
    connection.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS model (
             id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
             arn TEXT NOT NULL, asked TEXT NOT NULL, until INTEGER NOT NULL, closed INTEGER, noted TEXT,
             UNIQUE (endpoint, arn)
         );
         CREATE TABLE IF NOT EXISTS stretch (
             model INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
             at INTEGER NOT NULL, until INTEGER NOT NULL, units REAL NOT NULL, grain INTEGER NOT NULL,
             PRIMARY KEY (model, at)
         ) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS work (
             endpoint TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, body TEXT NOT NULL,
             PRIMARY KEY (endpoint, account, region)
         ) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS charge (
             endpoint TEXT NOT NULL, day TEXT NOT NULL, metrics INTEGER NOT NULL, calls INTEGER NOT NULL,
             PRIMARY KEY (endpoint, day)
         ) WITHOUT ROWID;
         PRAGMA user_version = {VERSION};"
    ))?;
    Ok(())
}
