//! Queues: messages that arrive, wait, are worked on, come back and expire, counted in batches.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::flow::Flow;
use crate::sim::scenario::Arrivals;

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// How long a message is kept.
    pub retention: TimeDelta,
    /// How long a received message is hidden.
    pub visibility: TimeDelta,
    /// When messages arrive.
    pub arrivals: Vec<Arrivals>,
    /// Where messages go that were received too often: the queue's name, and after how many receives.
    pub dead_letter: Option<(String, u32)>,
    /// Its policy: who may send to it. `None`: nobody has described it, and whoever sends may.
    pub policy: Option<Value>,
    /// How messages are being worked on.
    pub flow: Flow,
    /// How many messages have been deleted because they were too old.
    pub expired: u64,
    /// How many messages have been worked off.
    pub done: u64,
    waiting: VecDeque<Batch>,
    held: Vec<Held>,
    settled: DateTime<Utc>,
    arriving: f64,
    working: f64,
    numbered: u64,
}

/// Messages that were sent one after the other in equal steps, or a single one.
#[derive(Clone, Debug)]
pub struct Batch {
    /// When the first was sent.
    pub from: DateTime<Utc>,
    /// When the last was sent.
    pub to: DateTime<Utc>,
    /// How many there are.
    pub count: u64,
    /// How often each was received, on average.
    pub receives: f64,
    /// Hidden until then: a delayed message.
    pub hidden: Option<DateTime<Utc>>,
    /// A message that someone wrote: its id and body. Those that arrive by themselves have none until received.
    pub message: Option<(String, String)>,
}

impl Batch {
    /// A message that someone wrote.
    #[must_use]
    pub fn single(at: DateTime<Utc>, id: String, body: String) -> Self {
        Self { from: at, to: at, count: 1, receives: 0.0, hidden: None, message: Some((id, body)) }
    }

    /// `count` messages that were sent between two instants.
    #[must_use]
    pub fn bulk(from: DateTime<Utc>, to: DateTime<Utc>, count: u64) -> Self {
        Self { from, to, count, receives: 0.0, hidden: None, message: None }
    }

    /// Whether it is the one message of this id, received so many times.
    fn is(&self, id: &str, receives: u32) -> bool {
        self.message.as_ref().is_some_and(|(own, _)| own == id) && floor(self.receives) == u64::from(receives)
    }

    /// Takes the `count` oldest out of it.
    fn split(&mut self, count: u64) -> Self {
        let count = count.min(self.count);
        let mut first = self.clone();
        if count < self.count {
            let middle = self.from + (self.to - self.from) * whole(count) / whole(self.count);
            first.to = middle;
            self.from = middle;
        }
        first.count = count;
        self.count -= count;
        first
    }

    /// How many of it were sent before `cutoff`.
    fn older_than(&self, cutoff: DateTime<Utc>) -> u64 {
        if self.from >= cutoff {
            return 0;
        }
        if self.to < cutoff {
            return self.count;
        }
        let (part, span) = ((cutoff - self.from).num_milliseconds(), (self.to - self.from).num_milliseconds().max(1));
        u64::try_from(i128::from(part) * i128::from(self.count) / i128::from(span)).unwrap_or(0)
    }
}

/// Messages that were received and not deleted.
#[derive(Clone, Debug)]
struct Held {
    batch: Batch,
    until: DateTime<Utc>,
    /// Whether they are worked off then; otherwise they come back.
    succeeds: bool,
}

/// A message as ReceiveMessage hands it out.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// Its id.
    pub id: String,
    /// What it says.
    pub body: String,
    /// When it was sent.
    pub sent: DateTime<Utc>,
    /// How often it was received, this time included.
    pub receives: u32,
}

/// How far settling goes at a time while something happens: short enough that a shift's edges are met.
const STEP: i64 = 300;

impl Queue {
    /// An empty queue.
    #[must_use]
    pub fn new(name: &str, created: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self {
            name: name.to_owned(),
            created,
            retention: TimeDelta::days(4),
            visibility: TimeDelta::seconds(30),
            arrivals: Vec::new(),
            dead_letter: None,
            policy: None,
            flow: Flow::Idle,
            expired: 0,
            done: 0,
            waiting: VecDeque::new(),
            held: Vec::new(),
            settled: now,
            arriving: 0.0,
            working: 0.0,
            numbered: 0,
        }
    }

    /// Puts messages in, in the order of their age.
    pub fn put(&mut self, batch: Batch) {
        let at = self.waiting.partition_point(|other| other.from <= batch.from);
        self.waiting.insert(at, batch);
    }

    /// Puts messages in that have been received by someone who has them until `until`.
    pub fn put_held(&mut self, batch: Batch, until: DateTime<Utc>) {
        self.held.push(Held { batch, until, succeeds: false });
    }

    /// How many wait, how many are in flight, and how many are delayed, as of the last settling.
    #[must_use]
    pub fn counts(&self) -> (u64, u64, u64) {
        let delayed =
            self.waiting.iter().filter(|b| b.hidden.is_some_and(|at| at > self.settled)).map(|b| b.count).sum();
        let waiting = self.waiting.iter().map(|batch| batch.count).sum::<u64>() - delayed;
        let held: u64 = self.held.iter().map(|held| held.batch.count).sum();
        let working = self.flow.in_flight().min(waiting);
        (waiting - working, held + working, delayed)
    }

    /// When the oldest message that is still there was sent.
    #[must_use]
    pub fn oldest(&self) -> Option<DateTime<Utc>> {
        let held = self.held.iter().map(|held| held.batch.from);
        self.waiting.iter().map(|batch| batch.from).chain(held).min()
    }

    /// Whether something is in flight.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.counts().1 > 0
    }

    /// Lets messages arrive, be worked on, come back and expire until `now`.
    ///
    /// Those that were received too often are handed back, for the dead-letter queue.
    pub fn settle(&mut self, now: DateTime<Utc>) -> Vec<Batch> {
        let mut dead = Vec::new();
        if self.arrivals.is_empty() && self.waiting.is_empty() && self.held.is_empty() {
            self.settled = self.settled.max(now);
        }
        while self.settled < now {
            let to = self.next_step(now);
            self.arrive(to);
            self.come_back(to);
            self.work(to, &mut dead);
            self.settled = to;
            self.expire();
        }
        dead
    }

    /// How far things go on as they do now: while messages arrive or fail, not far; else until some come back.
    fn next_step(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let fails = matches!(self.flow, Flow::Failing { .. });
        if self.arrivals.is_empty() && !fails {
            let back = self.held.iter().map(|held| held.until).filter(|until| *until > self.settled).min();
            return back.map_or(now, |back| back.min(now));
        }
        let next = self.settled.timestamp().div_euclid(STEP) * STEP + STEP;
        DateTime::from_timestamp(next, 0).unwrap_or(now).min(now)
    }

    fn arrive(&mut self, to: DateTime<Utc>) {
        let from = self.settled;
        let middle = from + (to - from) / 2;
        let per_hour: f64 = self.arrivals.iter().filter(|arrivals| arrivals.cover(middle)).map(|a| a.per_hour).sum();
        self.arriving += per_hour * seconds(to - from) / 3600.0;
        let count = floor(self.arriving);
        if count == 0 {
            return;
        }
        self.arriving -= float(count);
        match self.waiting.back_mut() {
            // One batch an hour is enough, as long as it is whole and nothing stands between.
            Some(last)
                if last.to == from
                    && last.message.is_none()
                    && last.receives == 0.0
                    && hour(last.from) == hour(from) =>
            {
                last.to = to;
                last.count += count;
            }
            _ => self.put(Batch::bulk(from, to, count)),
        }
    }

    fn come_back(&mut self, to: DateTime<Utc>) {
        let (due, kept) = std::mem::take(&mut self.held).into_iter().partition(|held| held.until <= to);
        self.held = kept;
        for held in due {
            if held.succeeds {
                self.done += held.batch.count;
            } else {
                self.put(held.batch);
            }
        }
    }

    fn work(&mut self, to: DateTime<Utc>, dead: &mut Vec<Batch>) {
        match self.flow {
            Flow::Idle => self.working = 0.0,
            Flow::Working { per_second, .. } => {
                self.working += per_second * seconds(to - self.settled);
                let count = floor(self.working);
                self.working -= float(count);
                let taken: u64 = self.take(count, to).iter().map(|batch| batch.count).sum();
                self.done += taken;
                if taken < count {
                    // What could not be done for want of messages is not done later.
                    self.working = 0.0;
                }
            }
            Flow::Failing { per_second, .. } => self.fail(per_second, seconds(to - self.settled), dead),
        }
    }

    /// Spreads failing receives over the messages that wait; those that had too many leave.
    fn fail(&mut self, per_second: f64, passed: f64, dead: &mut Vec<Batch>) {
        let waiting: u64 = self.waiting.iter().map(|batch| batch.count).sum();
        if waiting == 0 {
            return;
        }
        // A message that came back is hidden first: nobody receives it more often than its visibility timeout allows.
        let most = passed / seconds(self.visibility).max(1.0);
        let each = (per_second * passed / float(waiting)).min(most);
        for batch in &mut self.waiting {
            batch.receives += each;
        }
        dead.extend(self.overdue());
    }

    fn take(&mut self, mut count: u64, now: DateTime<Utc>) -> Vec<Batch> {
        let mut taken = Vec::new();
        let mut index = 0;
        while count > 0 {
            let Some(batch) = self.waiting.get_mut(index) else { break };
            if batch.hidden.is_some_and(|at| at > now) {
                index += 1;
                continue;
            }
            let part = batch.split(count);
            if batch.count == 0 {
                self.waiting.remove(index);
            }
            count -= part.count;
            taken.push(part);
        }
        taken
    }

    fn expire(&mut self) {
        let cutoff = self.settled - self.retention;
        while let Some(first) = self.waiting.front_mut() {
            let old = first.older_than(cutoff);
            if old == 0 {
                break;
            }
            first.split(old);
            self.expired += old;
            if first.count > 0 {
                break;
            }
            self.waiting.pop_front();
        }
        let before: u64 = self.held.iter().map(|held| held.batch.count).sum();
        self.held.retain(|held| held.batch.to >= cutoff);
        let after: u64 = self.held.iter().map(|held| held.batch.count).sum();
        self.expired += before - after;
    }

    /// From now on messages are worked on in another way. What was being worked on is finished first, or fails.
    pub fn turn(&mut self, flow: Flow, model_runs: bool) {
        if self.flow == flow {
            return;
        }
        let now = self.settled;
        if flow.in_flight() == 0 && self.flow.in_flight() > 0 {
            let (succeeds, span) = match self.flow {
                Flow::Working { batch_seconds, .. } if model_runs => (true, TimeDelta::seconds(batch_seconds.max(1))),
                _ => (false, self.visibility),
            };
            for mut batch in self.take(self.flow.in_flight(), now) {
                batch.receives += 1.0;
                self.held.push(Held { batch, until: now + span, succeeds });
            }
        }
        self.flow = flow;
        self.working = 0.0;
    }

    /// Takes out what was received as often as the queue lets it: whoever receives next does not get it any more.
    pub fn overdue(&mut self) -> Vec<Batch> {
        let Some((_, most)) = self.dead_letter else { return Vec::new() };
        let (gone, kept): (Vec<Batch>, Vec<Batch>) =
            self.waiting.drain(..).partition(|batch| batch.receives >= f64::from(most));
        self.waiting = kept.into();
        gone
    }

    /// Receives up to `count` messages, which are then hidden for `hidden`.
    pub fn receive(&mut self, count: u64, hidden: TimeDelta) -> Vec<Received> {
        let now = self.settled;
        let mut out = Vec::new();
        for _ in 0..count {
            let Some(mut batch) = self.take(1, now).pop() else { break };
            batch.to = batch.from;
            batch.receives += 1.0;
            let (id, body) = batch.message.take().unwrap_or_else(|| self.make_up());
            batch.message = Some((id.clone(), body.clone()));
            let receives = u32::try_from(floor(batch.receives)).unwrap_or(u32::MAX).max(1);
            out.push(Received { id, body, sent: batch.from, receives });
            if hidden > TimeDelta::zero() {
                self.held.push(Held { batch, until: now + hidden, succeeds: false });
            } else {
                self.put(batch);
            }
        }
        out
    }

    /// Deletes a message that was received so many times. A handle of an earlier time deletes nothing.
    pub fn delete(&mut self, id: &str, receives: u32) {
        let (gone, kept) = std::mem::take(&mut self.held).into_iter().partition(|held| held.batch.is(id, receives));
        self.held = kept;
        let gone: Vec<Held> = gone;
        let before = self.waiting.len();
        // A message whose time was up may be deleted as long as nobody else has received it.
        self.waiting.retain(|batch| !batch.is(id, receives));
        self.done += u64::try_from(gone.len() + before - self.waiting.len()).unwrap_or(0);
    }

    /// Hides a received message for another span from now. `false`: it is not in flight.
    pub fn hide(&mut self, id: &str, receives: u32, span: TimeDelta) -> bool {
        let until = self.settled + span;
        let Some(place) = self.held.iter().position(|held| held.batch.is(id, receives)) else { return false };
        if span > TimeDelta::zero() {
            if let Some(held) = self.held.get_mut(place) {
                held.until = until;
            }
        } else {
            let held = self.held.remove(place);
            self.put(held.batch);
        }
        true
    }

    /// What a message says that arrived by itself: that an image was put into a bucket.
    fn make_up(&mut self) -> (String, String) {
        self.numbered += 1;
        let id = super::uuid(super::hash(&self.name) ^ self.numbered);
        let key = format!("{}/image-{:06}.jpg", self.name, self.numbered);
        let record = serde_json::json!({
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "images"}, "object": {"key": key, "size": 184_320}}
        });
        (id, serde_json::json!({ "Records": [record] }).to_string())
    }
}

impl Arrivals {
    /// Whether messages arrive at `at`.
    #[must_use]
    pub fn cover(&self, at: DateTime<Utc>) -> bool {
        use chrono::{Datelike, NaiveTime};
        let local = at.with_timezone(&self.zone);
        let time = local.time();
        let before_end = self.to == NaiveTime::MIN || time < self.to;
        self.days.contains(local.weekday()) && time >= self.from && before_end
    }
}

fn hour(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(3600)
}

fn seconds(span: TimeDelta) -> f64 {
    span.as_seconds_f64()
}

fn whole(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "counts of messages stay far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never negative, far below 2^53")]
fn floor(value: f64) -> u64 {
    value.max(0.0).floor() as u64
}

#[cfg(test)]
mod tests;
