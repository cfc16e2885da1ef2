use super::*;

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_132_800 + hours * 3600, 0).expect("a time")
}

fn queue() -> Queue {
    Queue::new("q", at(0), at(0))
}

fn everyday(per_hour: f64) -> Arrivals {
    let text = format!("per_hour = {per_hour:?}");
    toml::from_str(&text).expect("arrivals")
}

#[test]
fn messages_arrive_at_their_rate_and_wait() {
    let mut queue = queue();
    queue.arrivals.push(everyday(90.0));
    queue.settle(at(10));
    assert_eq!(queue.counts(), (900, 0, 0));
    assert_eq!(queue.oldest(), Some(at(0)));
}

#[test]
fn settling_in_small_steps_is_settling_at_once() {
    let (mut small, mut large) = (queue(), queue());
    for queue in [&mut small, &mut large] {
        queue.arrivals.push(everyday(37.0));
    }
    for step in 1..=600 {
        small.settle(at(0) + TimeDelta::minutes(step));
    }
    large.settle(at(10));
    assert_eq!(small.counts(), large.counts());
}

#[test]
fn messages_expire_with_their_retention_and_not_before() {
    let mut queue = queue();
    queue.retention = TimeDelta::hours(60);
    queue.put(Batch::bulk(at(0), at(10), 100));
    queue.settle(at(60));
    assert_eq!(queue.counts().0, 100);
    queue.settle(at(65));
    assert_eq!((queue.counts().0, queue.expired), (50, 50));
    queue.settle(at(71));
    assert_eq!((queue.counts().0, queue.expired), (0, 100));
}

#[test]
fn work_takes_the_oldest_first_and_ends_with_those_in_flight() {
    let mut queue = queue();
    queue.put(Batch::bulk(at(0) - TimeDelta::hours(1), at(0), 1000));
    queue.turn(Flow::Working { per_second: 0.1, in_flight: 10, batch_seconds: 20 }, true);
    queue.settle(at(1));
    assert_eq!(queue.counts(), (630, 10, 0));
    queue.turn(Flow::Idle, true);
    assert_eq!(queue.counts(), (630, 10, 0), "those in flight are still being worked on");
    queue.settle(at(1) + TimeDelta::seconds(20));
    assert_eq!((queue.counts(), queue.done), ((630, 0, 0), 370));
}

#[test]
fn what_fails_comes_back_and_ends_in_the_dead_letter_queue() {
    let mut queue = queue();
    queue.dead_letter = Some(("dead".into(), 3));
    queue.put(Batch::bulk(at(0), at(0), 5));
    queue.turn(Flow::Failing { per_second: 1.0, in_flight: 5 }, false);
    let dead = queue.settle(at(0) + TimeDelta::minutes(10));
    assert_eq!(dead.iter().map(|batch| batch.count).sum::<u64>(), 5);
    assert_eq!(queue.counts(), (0, 0, 0));
}

#[test]
fn a_received_message_is_hidden_and_then_comes_back_with_its_age() {
    let mut queue = queue();
    queue.put(Batch::single(at(0), "id".into(), "hello".into()));
    queue.settle(at(1));
    let first = queue.receive(10, TimeDelta::seconds(30));
    assert_eq!((first.len(), first[0].receives, first[0].sent), (1, 1, at(0)));
    assert_eq!(queue.receive(1, TimeDelta::seconds(30)), []);
    queue.settle(at(1) + TimeDelta::seconds(30));
    assert_eq!(queue.receive(1, TimeDelta::seconds(30))[0].receives, 2);
}
