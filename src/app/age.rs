//! How old something is, in words, and when those words change.

use chrono::TimeDelta;

/// The steps in which an age is told, finest first: up to which age, and in how many seconds.
const STEPS: [(i64, i64); 4] = [(10, 1), (60, 10), (3_600, 60), (172_800, 3_600)];

const DAY: i64 = 86_400;

fn step(seconds: i64) -> i64 {
    STEPS.iter().find(|(below, _)| seconds < *below).map_or(DAY, |(_, step)| *step)
}

/// `just now`, `3 s ago`, `20 s ago`, `5 min ago`, `3 h ago`, `2 d ago`. An age that lies in the future counts as none:
/// two clocks seldom agree to the second.
#[must_use]
pub fn ago(age: TimeDelta) -> String {
    let seconds = age.num_seconds().max(0);
    match seconds {
        0 => "just now".into(),
        1..60 => format!("{} s ago", seconds / step(seconds) * step(seconds)),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / DAY),
    }
}

/// How long until [`ago`] says something else.
#[must_use]
pub fn until_change(age: TimeDelta) -> TimeDelta {
    if age < TimeDelta::zero() {
        return TimeDelta::seconds(1) - age;
    }
    let step = TimeDelta::seconds(step(age.num_seconds()));
    let into = TimeDelta::milliseconds(age.num_milliseconds() % step.num_milliseconds().max(1));
    step - into
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_more_coarsely_as_they_grow() {
        let told = [-5, 0, 3, 19, 59, 60, 3_599, 3_600, 172_800].map(|seconds| ago(TimeDelta::seconds(seconds)));
        let words = [
            "just now",
            "just now",
            "3 s ago",
            "10 s ago",
            "50 s ago",
            "1 min ago",
            "59 min ago",
            "1 h ago",
            "2 d ago",
        ];
        assert_eq!(told, words);
    }

    #[test]
    fn the_words_change_when_they_said_they_would_and_not_before() {
        for milliseconds in (0..8_000_000).step_by(777) {
            let age = TimeDelta::milliseconds(milliseconds);
            let wait = until_change(age);
            assert!(wait > TimeDelta::zero());
            assert_eq!(ago(age), ago(age + wait - TimeDelta::milliseconds(1)), "{age}");
            assert_ne!(ago(age), ago(age + wait), "{age}");
        }
    }
}
