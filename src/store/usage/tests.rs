//! What is kept of hours, by whomever, and what never is lost.

use chrono::TimeDelta;

use super::*;
use crate::domain::usage::Bucket;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 / 3600 * 3600 + minute * 60, 0).unwrap()
}

fn arn(project: &str) -> ModelArn {
    format!("arn:aws:rekognition:eu-central-1:123456789012:project/{project}/version/v3/1669852800000").parse().unwrap()
}

/// A history that has asked up to `to`, and ran in these minutes.
fn grown(mut history: History, from: i64, to: i64, ran: (i64, i64)) -> History {
    let buckets: Vec<Bucket> =
        (ran.0..ran.1).map(|minute| Bucket { at: at(minute), period: 60, units: 2.0, count: None }).collect();
    history.take(Span { from: at(from), to: at(to) }, &buckets, at((to - 15) / 60 * 60));
    history
}

fn load(store: &UsageStore) -> BTreeMap<ModelArn, History> {
    store.load("123456789012", "eu-central-1", at(1_000_000)).unwrap()
}

#[test]
fn hours_are_found_again_and_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (store, said) = UsageStore::open(&folder.path().join("new"), "").unwrap();
    assert_eq!(said, None);
    let (logos, parts) = (arn("logos"), arn("parts"));
    let first = grown(History::default(), 0, 200, (30, 195));
    store.keep([(&logos, at(0), &first), (&parts, at(0), &History::default())]).unwrap();
    drop(store);
    let (store, _) = UsageStore::open(&folder.path().join("new"), "").unwrap();
    assert_eq!(load(&store), [(logos.clone(), first.clone())].into(), "of what was not asked nothing is kept");
    let second = grown(first, 180, 300, (180, 250));
    store.keep([(&logos, at(180), &second)]).unwrap();
    assert_eq!(load(&store)[&logos], second);
    assert_eq!(second.ran.len(), 1, "the run goes on over the closed hour");
    assert!(store.load("123456789012", "us-east-1", at(0)).unwrap().is_empty());
    let (elsewhere, _) = UsageStore::open(&folder.path().join("new"), "http://127.0.0.1:1").unwrap();
    assert!(load(&elsewhere).is_empty(), "another way in is another account");
}

#[test]
fn a_closed_hour_is_written_once_whoever_comes_later() {
    let folder = tempfile::tempdir().unwrap();
    let (one, _) = UsageStore::open(folder.path(), "").unwrap();
    let (other, _) = UsageStore::open(folder.path(), "").unwrap();
    let logos = arn("logos");
    let first = grown(History::default(), 0, 400, (30, 390));
    one.keep([(&logos, at(0), &first)]).unwrap();
    // The other one began with nothing and was slower: what it asked is older, and knows nothing new.
    let late = grown(History::default(), 0, 300, (30, 295));
    other.keep([(&logos, at(0), &late)]).unwrap();
    assert_eq!(load(&one)[&logos], first);
    // A later answer does not touch what is closed, even if it says otherwise.
    let wrong = grown(History::default(), 0, 500, (400, 450));
    other.keep([(&logos, at(0), &wrong)]).unwrap();
    let kept = &load(&one)[&logos];
    assert_eq!(
        kept.ran.iter().map(|one| (one.from, one.to)).collect::<Vec<_>>(),
        [(at(30), at(360)), (at(400), at(450))]
    );
    assert_eq!(kept.closed, Some(at(480)));
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..8).map(|number| format!("project-{number}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| {
                let (store, _) = UsageStore::open(folder.path(), "").unwrap();
                let mut history = History::default();
                for hour in 0..10 {
                    let from = (hour * 60 - 60).max(0);
                    history = grown(history, from, hour * 60 + 60, (from, hour * 60 + 55));
                    store.keep([(&arn(name), at(from), &history)]).unwrap();
                    store.charge(at(0).date_naive(), 3, 1).unwrap();
                }
            });
        }
    });
    let (store, _) = UsageStore::open(folder.path(), "").unwrap();
    let all = load(&store);
    assert_eq!(all.len(), 8);
    for history in all.values() {
        assert_eq!((history.ran.len(), history.ran[0].from, history.ran[0].to), (1, at(0), at(595)));
    }
    assert_eq!(store.charges().unwrap(), [Charge { day: at(0).date_naive(), metrics: 240, calls: 80 }]);
}

#[test]
fn one_process_at_a_time_asks() {
    let folder = tempfile::tempdir().unwrap();
    let (one, _) = UsageStore::open(folder.path(), "").unwrap();
    let (other, _) = UsageStore::open(folder.path(), "").unwrap();
    let held = one.lock();
    assert!(held.is_some() && other.lock().is_none());
    drop(held);
    assert!(other.lock().is_some());
}

#[test]
fn windows_stay_as_they_were_when_they_came() {
    let store = UsageStore::in_memory().unwrap();
    let logos = arn("logos");
    store.keep([(&logos, at(0), &grown(History::default(), 0, 100, (0, 0)))]).unwrap();
    let span = |from, to| Span { from: at(from), to: at(to) };
    let first = Noted { over: Some(span(0, 100)), windows: vec![span(10, 100)] };
    let later = Noted { over: Some(span(0, 200)), windows: vec![span(0, 5), span(90, 150)] };
    store.note([(&logos, &first)]).unwrap();
    store.note([(&logos, &later)]).unwrap();
    let noted = &load(&store)[&logos].noted;
    assert_eq!(noted.over, Some(span(0, 200)));
    assert_eq!(noted.windows, [span(10, 150)]);
}

#[test]
fn a_simulated_account_that_began_anew_is_measured_anew_and_a_real_one_never() {
    let folder = tempfile::tempdir().unwrap();
    let logos = arn("logos");
    for (endpoint, kept) in [("http://127.0.0.1:1", 0), ("", 1)] {
        let (store, _) = UsageStore::open(folder.path(), endpoint).unwrap();
        store.keep([(&logos, at(0), &grown(History::default(), 0, 100, (0, 50)))]).unwrap();
        let now = at(100) - TimeDelta::days(1);
        assert_eq!(store.load("123456789012", "eu-central-1", now).unwrap().len(), kept, "'{endpoint}'");
    }
}

#[test]
fn a_damaged_store_and_a_newer_one_are_set_aside_and_the_journal_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = crate::store::Journal::open(folder.path(), "").unwrap();
    std::fs::write(folder.path().join("usage.sqlite"), "this is no database, however long ".repeat(100)).unwrap();
    let (store, said) = UsageStore::open(folder.path(), "").unwrap();
    let said = said.unwrap();
    assert!(said.contains("damaged") && said.contains("journal is untouched"), "{said}");
    store.connection().pragma_update(None, "user_version", VERSION + 1).unwrap();
    drop(store);
    let (_, said) = UsageStore::open(folder.path(), "").unwrap();
    assert!(said.unwrap().contains("newer"));
    assert!(folder.path().join("usage.set-aside-2.sqlite").exists());
    assert!(journal.unfinished().is_ok());
}
