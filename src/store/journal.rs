//! The journal: every operation and every step of it, written down before it is tried and after.
//!
//! It has a file of its own, so that nothing that happens to what is merely remembered can harm it, and every entry is
//! on the disk (`synchronous = FULL`) before the call that it announces is made.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use super::{PATIENCE, Refusal, StoreError, set_aside};
use crate::domain::operation::{Operation, OperationId, Standing};

/// The shape of the tables. A journal with a higher number was written by a newer rekotui.
const VERSION: i64 = 1;

/// The journal of a workstation. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Mutex<Connection>,
    /// Where the locks of operations lie; `None`: nobody else can see this journal.
    folder: Option<PathBuf>,
    /// By which way we are in the account: an account that is simulated elsewhere is another one, whatever its number.
    endpoint: String,
    held: Mutex<HashMap<OperationId, Option<File>>>,
}

impl Journal {
    /// Opens the journal in `folder`, which is made if it is not there, for operations by way of `endpoint` (empty: AWS).
    ///
    /// A damaged journal is set aside under another name; the text that comes with the new one then says so.
    ///
    /// # Errors
    /// When the folder cannot be written to, or the journal was written by a newer rekotui: that one may know of
    /// unfinished operations that this one would not understand.
    pub fn open(folder: &Path, endpoint: &str) -> Result<(Self, Option<String>), StoreError> {
        let unusable = |path: &Path, why: String| StoreError::NoJournal(path.to_owned(), why);
        let locks = folder.join("operations");
        std::fs::create_dir_all(&locks).map_err(|error| unusable(folder, error.to_string()))?;
        let file = folder.join("journal.sqlite");
        let (connection, said) = match connect(&file) {
            Ok(connection) => (connection, None),
            Err(Refusal::Damaged(why)) => {
                let aside = set_aside(&file).map_err(|error| unusable(&file, error.to_string()))?;
                let connection = connect(&file).map_err(|refusal| unusable(&file, refusal.to_string()))?;
                let said = format!(
                    "The journal was damaged ({why}) and was set aside as {}. What was unfinished in it is not known any \
                     more: look at the models that run.",
                    aside.display()
                );
                (connection, Some(said))
            }
            Err(refusal) => return Err(unusable(&file, refusal.to_string())),
        };
        Ok((Self::over(connection, Some(locks), endpoint), said))
    }

    /// A journal that ends with this program: for the simulated account in it.
    ///
    /// # Errors
    /// When SQLite cannot be used at all.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        prepare(&connection).map_err(|refusal| StoreError::Failed(refusal.to_string()))?;
        Ok(Self::over(connection, None, ""))
    }

    fn over(connection: Connection, folder: Option<PathBuf>, endpoint: &str) -> Self {
        let inner =
            Inner { connection: Mutex::new(connection), folder, endpoint: endpoint.to_owned(), held: Mutex::default() };
        Self(Arc::new(inner))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // Every change is one transaction: whoever died with the lock has left it whole.
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<OperationId, Option<File>>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes an operation down, as it stands. It is on the disk when this returns.
    ///
    /// # Errors
    /// When the journal cannot be written to: then nothing may be done either.
    pub fn write(&self, operation: &Operation) -> Result<(), StoreError> {
        let body = serde_json::to_string(operation)?;
        let mut connection = self.connection();
        let change = connection.transaction()?;
        change.execute(
            "INSERT INTO operation (id, endpoint, account, region, intent, subject, who, asked, ended, standing, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (id) DO UPDATE SET
                 who = excluded.who, ended = excluded.ended, standing = excluded.standing, body = excluded.body",
            params![
                operation.id.0,
                self.0.endpoint,
                operation.account,
                operation.region,
                operation.plan.intent.word(),
                operation.plan.subject,
                operation.who,
                operation.asked.to_rfc3339(),
                operation.ended.map(|at| at.to_rfc3339()),
                operation.standing.word(),
                body
            ],
        )?;
        change.commit()?;
        Ok(())
    }

    /// An operation.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn read(&self, id: &OperationId) -> Result<Option<Operation>, StoreError> {
        let body: Option<String> = self
            .connection()
            .query_row("SELECT body FROM operation WHERE id = ?1", params![id.0], |row| row.get(0))
            .optional()?;
        body.map(|body| understood(&body)).transpose()
    }

    /// The latest operations in all accounts by this way, the newest first, and with them every one that is unfinished,
    /// however old. What an older rekotui wrote and this one does not understand any more is left out.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn latest(&self, count: usize) -> Result<Vec<Operation>, StoreError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let bodies = self.select(
            "endpoint = ?1 AND (standing = 'unfinished' OR id IN
                 (SELECT id FROM operation WHERE endpoint = ?1 ORDER BY id DESC LIMIT ?2)) ORDER BY id DESC",
            &[&self.0.endpoint, &count],
        )?;
        Ok(bodies.iter().filter_map(|body| understood(body).ok()).collect())
    }

    /// The operations that have not come to their end, the oldest first.
    ///
    /// # Errors
    /// When the journal cannot be read, or one of them is not understood: what it was at would be forgotten.
    pub fn unfinished(&self) -> Result<Vec<Operation>, StoreError> {
        let bodies = self
            .select("endpoint = ?1 AND standing = ?2 ORDER BY id", &[&self.0.endpoint, &Standing::Unfinished.word()])?;
        bodies.iter().map(|body| understood(body)).collect()
    }

    fn select(&self, which: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<String>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare(&format!("SELECT body FROM operation WHERE {which}"))?;
        let bodies = statement.query_map(values, |row| row.get::<_, String>(0))?;
        Ok(bodies.collect::<Result<_, _>>()?)
    }

    /// Takes an operation for this process; the operating system gives it back when the process ends, however it ends.
    /// `false`: another process has it, or this one has it already.
    ///
    /// # Errors
    /// When the lock cannot be made at all.
    pub fn take(&self, id: &OperationId) -> Result<bool, StoreError> {
        let mut held = self.held();
        if held.contains_key(id) {
            return Ok(false);
        }
        let lock = match &self.0.folder {
            None => None,
            Some(folder) => {
                let path = folder.join(format!("{id}.lock"));
                let failed = |error: std::io::Error| StoreError::NoJournal(path.clone(), error.to_string());
                let file = File::create(&path).map_err(failed)?;
                match file.try_lock() {
                    Ok(()) => Some(file),
                    Err(TryLockError::WouldBlock) => return Ok(false),
                    Err(TryLockError::Error(error)) => return Err(failed(error)),
                }
            }
        };
        held.insert(id.clone(), lock);
        Ok(true)
    }

    /// Gives an operation back. What has ended needs no lock any more.
    pub fn give_back(&self, id: &OperationId, ended: bool) {
        self.held().remove(id);
        if let Some(folder) = self.0.folder.as_ref().filter(|_| ended) {
            // A lock that is left over does no harm.
            let _ = std::fs::remove_file(folder.join(format!("{id}.lock")));
        }
    }
}

fn understood(body: &str) -> Result<Operation, StoreError> {
    serde_json::from_str(body).map_err(StoreError::from)
}

fn connect(file: &Path) -> Result<Connection, Refusal> {
    let connection = Connection::open(file)?;
    prepare(&connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), Refusal> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > VERSION {
        return Err(Refusal::Newer(version));
    }
    connection.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS operation (
             id TEXT PRIMARY KEY, endpoint TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
             intent TEXT NOT NULL, subject TEXT NOT NULL, who TEXT, asked TEXT NOT NULL, ended TEXT,
             standing TEXT NOT NULL, body TEXT NOT NULL
         ) WITHOUT ROWID;
         CREATE INDEX IF NOT EXISTS unfinished ON operation (standing) WHERE standing = 'unfinished';
         PRAGMA user_version = {VERSION};"
    ))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::domain::plan::{Grade, Intent, Plan};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn operation(id: &str) -> Operation {
        let arn = "arn:aws:rekognition:eu-central-1:123456789012:project/logos/version/v3/1669852800000";
        let plan = Plan {
            intent: Intent::Stop { model: arn.parse().unwrap() },
            subject: "logos v3".into(),
            project_arn: None,
            seen: vec![],
            steps: vec![],
            notes: vec![],
            grade: Grade::Change,
        };
        Operation::new(OperationId(id.into()), plan, None, at("2026-11-20T13:09:00Z"))
    }

    #[test]
    fn what_was_written_is_found_by_the_next_process_and_what_has_ended_is_not_unfinished() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, said) = Journal::open(folder.path(), "").unwrap();
        assert_eq!(said, None);
        let (first, mut second) = (operation("1"), operation("2"));
        journal.write(&first).unwrap();
        journal.write(&second).unwrap();
        second.standing = Standing::Failed("no".into());
        journal.write(&second).unwrap();
        drop(journal);
        let (journal, _) = Journal::open(folder.path(), "").unwrap();
        assert_eq!(journal.unfinished().unwrap(), std::slice::from_ref(&first));
        assert_eq!(journal.latest(5).unwrap(), [second.clone(), first.clone()]);
        assert_eq!(journal.latest(0).unwrap(), std::slice::from_ref(&first), "what is unfinished is never too old");
        let (other, _) = Journal::open(folder.path(), "http://127.0.0.1:1").unwrap();
        assert_eq!(other.unfinished().unwrap(), [], "another way in is another account");
    }

    #[test]
    fn an_operation_is_driven_by_one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let (here, _) = Journal::open(folder.path(), "").unwrap();
        let (there, _) = Journal::open(folder.path(), "").unwrap();
        let id = OperationId("1".into());
        assert!(here.take(&id).unwrap());
        assert!(!here.take(&id).unwrap());
        assert!(!there.take(&id).unwrap());
        here.give_back(&id, false);
        assert!(there.take(&id).unwrap());
    }

    #[test]
    fn a_damaged_journal_is_set_aside_and_a_newer_one_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("journal.sqlite"), "no database at all, but long enough to be read").unwrap();
        let (journal, said) = Journal::open(folder.path(), "").unwrap();
        assert!(said.unwrap().contains("set aside"));
        journal.connection().pragma_update(None, "user_version", VERSION + 1).unwrap();
        drop(journal);
        let error = Journal::open(folder.path(), "").unwrap_err().to_string();
        assert!(error.contains("newer"), "{error}");
        assert!(folder.path().join("journal.sqlite").exists());
    }
}
