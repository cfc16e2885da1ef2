//! What is kept on the workstation, in SQLite in the state folder: the last known fleet of each session, what models ran,
//! and the journal.
//!
//! Several rekotui processes may use one store at once: SQLite's write-ahead log keeps readers and one writer apart.

mod journal;
mod usage;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use crate::domain::fleet::Fleet;

pub use journal::Journal;
pub use usage::{AskingLock, Charge, UsageStore};

/// The shape of the tables. A store with a higher number was written by a newer rekotui.
const VERSION: i64 = 1;

/// How long to wait for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(2);

/// Which fleet: one profile in one region, by way of one endpoint. The account is not known until AWS has answered;
/// [`Fleet::take`] forgets the stored rows if it turns out to be another one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session(String);

impl Session {
    /// The session of a profile, region and endpoint, each empty where it is not known before any call.
    #[must_use]
    pub fn new(profile: &str, region: &str, endpoint: &str) -> Self {
        Self(format!("{profile}\n{region}\n{endpoint}"))
    }
}

/// The store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

/// Why something could not be kept or found again.
#[derive(Debug)]
pub enum StoreError {
    /// The folder or the file in it cannot be used.
    Unusable(PathBuf, String),
    /// The journal cannot be used.
    NoJournal(PathBuf, String),
    /// Reading or writing failed.
    Failed(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(path, why) => write!(
                f,
                "The state in {} cannot be used: {why}. Nothing is remembered between two runs; name another folder with \
                 --state-dir.",
                path.display()
            ),
            Self::NoJournal(path, why) => write!(
                f,
                "The journal {} cannot be used: {why}. Without it nothing is changed; name another folder with --state-dir.",
                path.display()
            ),
            Self::Failed(why) => {
                write!(f, "What is remembered on this workstation could not be read or written: {why}.")
            }
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Store {
    /// Opens the store in `folder`, which is made if it is not there.
    ///
    /// A store that is damaged or newer than this rekotui is set aside under another name; the text that comes with
    /// the store then says so.
    ///
    /// # Errors
    /// When the folder cannot be made or written to.
    pub fn open(folder: &Path) -> Result<(Self, Option<String>), StoreError> {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Unusable(folder.to_owned(), error.to_string()))?;
        let file = folder.join("rekotui.sqlite");
        let why = match Self::open_file(&file) {
            Ok(store) => return Ok((store, None)),
            Err(Refusal::Newer(version)) => {
                format!("it was written by a newer rekotui (version {version} of the tables)")
            }
            Err(Refusal::Damaged(why)) => format!("it is damaged ({why})"),
            Err(Refusal::Other(why)) => return Err(StoreError::Unusable(file, why)),
        };
        let aside = set_aside(&file).map_err(|error| StoreError::Unusable(file.clone(), error.to_string()))?;
        let store =
            Self::open_file(&file).map_err(|refusal| StoreError::Unusable(file.clone(), refusal.to_string()))?;
        let said = format!("The stored fleet was set aside as {}: {why}. A new one has been begun.", aside.display());
        Ok((store, Some(said)))
    }

    fn open_file(file: &Path) -> Result<Self, Refusal> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version > VERSION {
            return Err(Refusal::Newer(version));
        }
        connection.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS fleet (session TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
             PRAGMA user_version = {VERSION};"
        ))?;
        Ok(Self { connection })
    }

    /// The last known fleet of a session, if there is one. Each of its parts carries its own age.
    ///
    /// # Errors
    /// When the store cannot be read. A body that this rekotui does not understand counts as none.
    pub fn load_fleet(&self, session: &Session) -> Result<Option<Fleet>, StoreError> {
        let body: Option<String> = self
            .connection
            .query_row("SELECT body FROM fleet WHERE session = ?1", params![session.0], |row| row.get(0))
            .optional()?;
        Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
    }

    /// Keeps a fleet as the last known one of a session.
    ///
    /// # Errors
    /// When the store cannot be written to.
    pub fn save_fleet(&self, session: &Session, fleet: &Fleet) -> Result<(), StoreError> {
        let body = serde_json::to_string(fleet)?;
        self.connection.execute(
            "INSERT INTO fleet (session, body) VALUES (?1, ?2)
             ON CONFLICT (session) DO UPDATE SET body = excluded.body",
            params![session.0, body],
        )?;
        Ok(())
    }
}

/// Why a file was not taken as the store.
enum Refusal {
    Newer(i64),
    Damaged(String),
    Other(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer(version) => write!(f, "version {version} is newer"),
            Self::Damaged(why) | Self::Other(why) => f.write_str(why),
        }
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

/// Renames the file, and what SQLite keeps beside it, to the first free name.
fn set_aside(file: &Path) -> std::io::Result<PathBuf> {
    let named = |number: u32| file.with_extension(format!("set-aside-{number}.sqlite"));
    let aside = (1..).map(named).find(|path| !path.exists()).unwrap_or_else(|| named(0));
    std::fs::rename(file, &aside)?;
    for beside in ["sqlite-wal", "sqlite-shm"] {
        let from = file.with_extension(beside);
        if from.exists() {
            std::fs::rename(from, aside.with_extension(beside))?;
        }
    }
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fleet::News;
    use crate::domain::model::Project;

    fn fleet() -> Fleet {
        let mut fleet = Fleet { region: Some("eu-central-1".into()), ..Fleet::default() };
        let arn = "arn:aws:rekognition:eu-central-1:123456789012:project/logos/1669852800000".to_owned();
        fleet.take(News::Projects(vec![Project { arn, created: None, status: "CREATED".into() }]));
        fleet
    }

    fn session(profile: &str) -> Session {
        Session::new(profile, "eu-central-1", "http://127.0.0.1:1")
    }

    #[test]
    fn each_session_finds_its_own_fleet_again() {
        let folder = tempfile::tempdir().unwrap();
        let (store, said) = Store::open(&folder.path().join("new")).unwrap();
        assert_eq!(said, None);
        store.save_fleet(&session("a"), &fleet()).unwrap();
        drop(store);
        let (store, _) = Store::open(&folder.path().join("new")).unwrap();
        assert_eq!(store.load_fleet(&session("a")).unwrap(), Some(fleet()));
        assert_eq!(store.load_fleet(&session("b")).unwrap(), None);
    }

    #[test]
    fn a_damaged_store_is_set_aside_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rekotui.sqlite");
        std::fs::write(&file, "this is no database, however long it may be ".repeat(200)).unwrap();
        let (store, said) = Store::open(folder.path()).unwrap();
        assert!(said.unwrap().contains("damaged"));
        store.save_fleet(&session("a"), &fleet()).unwrap();
        assert!(folder.path().join("rekotui.set-aside-1.sqlite").exists());
    }

    #[test]
    fn a_newer_store_is_set_aside_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rekotui.sqlite");
        Connection::open(&file).unwrap().pragma_update(None, "user_version", VERSION + 1).unwrap();
        let (_, said) = Store::open(folder.path()).unwrap();
        assert!(said.unwrap().contains("newer"));
        let kept = Connection::open(folder.path().join("rekotui.set-aside-1.sqlite")).unwrap();
        let version: i64 = kept.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, VERSION + 1);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Store::open(&file.join("below")).unwrap_err().to_string();
        assert!(error.contains("below") && error.contains("--state-dir"), "{error}");
    }

    #[test]
    fn two_processes_can_write_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (one, _) = Store::open(folder.path()).unwrap();
        let (two, _) = Store::open(folder.path()).unwrap();
        for _ in 0..20 {
            one.save_fleet(&session("a"), &fleet()).unwrap();
            two.save_fleet(&session("b"), &fleet()).unwrap();
        }
        assert!(one.load_fleet(&session("b")).unwrap().is_some());
    }
}
