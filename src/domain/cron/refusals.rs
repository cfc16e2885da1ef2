//! Texts that AWS refuses: which part is wrong, and what the operator is told.

use super::{Expression, Field};

/// The text, the part that is at fault, what stands there, and a part of the sentence.
type Row = (&'static str, Field, &'static str, &'static str);

fn holds(table: &[Row]) {
    for (text, field, part, says) in table {
        let error = match text.parse::<Expression>() {
            Ok(read) => panic!("{text} was read as {read}"),
            Err(error) => error,
        };
        assert_eq!(error.field, *field, "{text}: {error}");
        assert_eq!(text.get(error.at.clone()), Some(*part), "{text}: {error}");
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}

#[test]
fn of_the_whole() {
    holds(&[
        ("", Field::Expression, "", "write cron(…)"),
        ("@daily", Field::Expression, "@daily", "write cron(…)"),
        ("0 8 * * 1-5", Field::Expression, "0 8 * * 1-5", "write cron(…)"),
        ("0 8 ? * MON-FRI *", Field::Expression, "0 8 ? * MON-FRI *", "write cron(…)"),
        ("cron 0 8 ? * MON-FRI *", Field::Expression, "cron 0 8 ? * MON-FRI *", "write cron(…)"),
        ("cron(0 8 ? * MON-FRI *", Field::Expression, "cron(0 8 ? * MON-FRI *", "closing bracket"),
        ("cron(0 8 ? * MON *) ", Field::Expression, "cron(0 8 ? * MON *) ", "something follows"),
        ("CRON(0 8 ? * MON *)", Field::Expression, "CRON", "small letters"),
        ("crom(0 8 ? * MON *)", Field::Expression, "crom", "none of cron, rate and at"),
        ("cron()", Field::Expression, "", "this one has 0"),
        ("cron(0 8 * *)", Field::Expression, "0 8 * *", "this one has 4"),
        ("cron(0 0 8 ? * MON *)", Field::Expression, "0 0 8 ? * MON *", "this one has 7"),
        ("(0 8 ? * MON *)", Field::Expression, "", "none of cron, rate and at"),
    ]);
    let long = format!("cron({} 8 ? * MON *)", "0,".repeat(130));
    assert_eq!(long.parse::<Expression>().unwrap_err().field, Field::Expression);
}

#[test]
fn of_minutes_and_hours() {
    holds(&[
        ("cron(60 8 ? * MON *)", Field::Minutes, "60", "full hour is 0"),
        ("cron(-1 8 ? * MON *)", Field::Minutes, "", "missing"),
        ("cron(+5 8 ? * MON *)", Field::Minutes, "+5", "0 to 59"),
        ("cron(0,61 8 ? * MON *)", Field::Minutes, "61", "0 to 59"),
        ("cron(0, 8 ? * MON *)", Field::Minutes, "", "missing"),
        ("cron(,0 8 ? * MON *)", Field::Minutes, "", "missing"),
        ("cron(0/0 8 ? * MON *)", Field::Minutes, "0", "step of 0"),
        ("cron(0/ 8 ? * MON *)", Field::Minutes, "", "not a step"),
        ("cron(/5 8 ? * MON *)", Field::Minutes, "", "missing"),
        ("cron(0/61 8 ? * MON *)", Field::Minutes, "61", "longer than the whole range"),
        ("cron(0/5/5 8 ? * MON *)", Field::Minutes, "5/5", "not a step"),
        ("cron(0-10-20 8 ? * MON *)", Field::Minutes, "10-20", "0 to 59"),
        ("cron(0- 8 ? * MON *)", Field::Minutes, "", "missing"),
        ("cron(? 8 ? * MON *)", Field::Minutes, "?", "day of month and day of week only"),
        ("cron(L 8 ? * MON *)", Field::Minutes, "L", "for days only"),
        ("cron(5.5 8 ? * MON *)", Field::Minutes, "5.5", "0 to 59"),
        ("cron(** 8 ? * MON *)", Field::Minutes, "**", "0 to 59"),
        ("cron(99999999999 8 ? * MON *)", Field::Minutes, "99999999999", "0 to 59"),
        ("cron(0 24 ? * MON *)", Field::Hours, "24", "midnight is 0"),
        ("cron(0 8-24 ? * MON *)", Field::Hours, "24", "midnight is 0"),
        ("cron(0 8:30 ? * MON *)", Field::Hours, "8:30", "0 to 23"),
        ("cron(0 8am ? * MON *)", Field::Hours, "8am", "0 to 23"),
        ("cron(0 0/25 ? * MON *)", Field::Hours, "25", "longer than the whole range"),
        ("cron(0 ? ? * MON *)", Field::Hours, "?", "day of month and day of week only"),
    ]);
}

#[test]
fn of_the_days() {
    holds(&[
        ("cron(0 8 0 * ? *)", Field::DayOfMonth, "0", "1 to 31"),
        ("cron(0 8 32 * ? *)", Field::DayOfMonth, "32", "1 to 31"),
        ("cron(0 8 +5 * ? *)", Field::DayOfMonth, "+5", "1 to 31"),
        ("cron(0 8 MON * ? *)", Field::DayOfMonth, "MON", "1 to 31"),
        ("cron(0 8 L-3 * ? *)", Field::DayOfMonth, "L-3", "does not document"),
        ("cron(0 8 15W,20 * ? *)", Field::DayOfMonth, "15W,20", "not in a list"),
        ("cron(0 8 1,L * ? *)", Field::DayOfMonth, "1,L", "not in a list"),
        ("cron(0 8 W * ? *)", Field::DayOfMonth, "", "missing"),
        ("cron(0 8 WL * ? *)", Field::DayOfMonth, "WL", "LW"),
        ("cron(0 8 32W * ? *)", Field::DayOfMonth, "32", "1 to 31"),
        ("cron(0 8 1-5W * ? *)", Field::DayOfMonth, "1-5W", "single day"),
        ("cron(0 8 2#1 * ? *)", Field::DayOfMonth, "2#1", "day of week"),
        ("cron(0 8 6L * ? *)", Field::DayOfMonth, "6L", "1 to 31"),
        ("cron(0 8 ? * 0 *)", Field::DayOfWeek, "0", "Sunday is 1"),
        ("cron(0 8 ? * 8 *)", Field::DayOfWeek, "8", "1 (SUN) to 7 (SAT)"),
        ("cron(0 8 ? * MONDAY *)", Field::DayOfWeek, "MONDAY", "1 (SUN) to 7 (SAT)"),
        ("cron(0 8 ? * MO-FR *)", Field::DayOfWeek, "MO", "1 (SUN) to 7 (SAT)"),
        ("cron(0 8 ? * +MON *)", Field::DayOfWeek, "+MON", "1 (SUN) to 7 (SAT)"),
        ("cron(0 8 ? * MON/2 *)", Field::DayOfWeek, "MON/2", "no steps"),
        ("cron(0 8 ? * */2 *)", Field::DayOfWeek, "*/2", "no steps"),
        ("cron(0 8 ? * 2#1,3#2 *)", Field::DayOfWeek, "2#1,3#2", "only one '#'"),
        ("cron(0 8 ? * 2#1,3 *)", Field::DayOfWeek, "2#1,3", "not in a list"),
        ("cron(0 8 ? * 2#0 *)", Field::DayOfWeek, "0", "not 1 to 5"),
        ("cron(0 8 ? * 2#6 *)", Field::DayOfWeek, "6", "not 1 to 5"),
        ("cron(0 8 ? * 2# *)", Field::DayOfWeek, "", "not 1 to 5"),
        ("cron(0 8 ? * #1 *)", Field::DayOfWeek, "", "missing"),
        ("cron(0 8 ? * 8L *)", Field::DayOfWeek, "8", "1 (SUN) to 7 (SAT)"),
        ("cron(0 8 ? * 6L,2 *)", Field::DayOfWeek, "6L,2", "not in a list"),
        ("cron(0 8 ? * 15W *)", Field::DayOfWeek, "15W", "day of month"),
    ]);
}

#[test]
fn of_days_that_contradict_each_other() {
    holds(&[
        ("cron(0 8 * * * *)", Field::DayOfWeek, "*", "cron(0 8 * * ? *)"),
        ("cron(0 8 ? * ? *)", Field::DayOfWeek, "?", "cron(0 8 * * ? *)"),
        ("cron(0 8 * * 1-5)", Field::DayOfMonth, "*", "1 is Sunday here"),
        ("cron(0 8 * * MON-FRI *)", Field::DayOfMonth, "*", "cron(0 8 ? * MON-FRI *)"),
        ("cron(0 8 1 * * *)", Field::DayOfWeek, "*", "cron(0 8 1 * ? *)"),
        ("cron(0 8 1 * MON *)", Field::DayOfWeek, "MON", "two schedules"),
        ("cron(0 8 L * 6L *)", Field::DayOfWeek, "6L", "two schedules"),
    ]);
}

#[test]
fn of_month_and_year() {
    holds(&[
        ("cron(0 8 ? 0 MON *)", Field::Month, "0", "1 (JAN) to 12 (DEC)"),
        ("cron(0 8 ? 13 MON *)", Field::Month, "13", "1 (JAN) to 12 (DEC)"),
        ("cron(0 8 ? JANUARY MON *)", Field::Month, "JANUARY", "1 (JAN) to 12 (DEC)"),
        ("cron(0 8 ? ? MON *)", Field::Month, "?", "day of month and day of week only"),
        ("cron(0 8 ? JAN-MRZ MON *)", Field::Month, "MRZ", "1 (JAN) to 12 (DEC)"),
        ("cron(0 8 ? * MON 1969)", Field::Year, "1969", "1970 to 2199"),
        ("cron(0 8 ? * MON 2200)", Field::Year, "2200", "1970 to 2199"),
        ("cron(0 8 ? * MON 26)", Field::Year, "26", "1970 to 2199"),
        ("cron(0 8 ? * MON 2027-2026)", Field::Year, "2027-2026", "years do not wrap"),
        ("cron(0 8 ? * MON ?)", Field::Year, "?", "day of month and day of week only"),
        ("cron(0 8 ? * MON 2026/0)", Field::Year, "0", "step of 0"),
    ]);
}

#[test]
fn of_rate_and_at() {
    holds(&[
        ("rate()", Field::Expression, "", "a number and a unit"),
        ("rate(5)", Field::Expression, "5", "a number and a unit"),
        ("rate(5 minutes please)", Field::Expression, "5 minutes please", "a number and a unit"),
        ("rate(0 minutes)", Field::Value, "0", "above zero"),
        ("rate(-5 minutes)", Field::Value, "-5", "above zero"),
        ("rate(+5 minutes)", Field::Value, "+5", "above zero"),
        ("rate(1.5 hours)", Field::Value, "1.5", "above zero"),
        ("rate(five minutes)", Field::Value, "five", "above zero"),
        ("rate(30 seconds)", Field::Unit, "seconds", "none of minutes, hours and days"),
        ("rate(2 weeks)", Field::Unit, "weeks", "none of minutes, hours and days"),
        ("at()", Field::Time, "", "2026-11-20T17:00:00"),
        ("at(2026-11-20)", Field::Time, "2026-11-20", "2026-11-20T17:00:00"),
        ("at(2026-11-20 17:00:00)", Field::Time, "2026-11-20 17:00:00", "2026-11-20T17:00:00"),
        ("at(2026-11-20T17:00)", Field::Time, "2026-11-20T17:00", "2026-11-20T17:00:00"),
        ("at(2026-11-20T17:00:00Z)", Field::Time, "2026-11-20T17:00:00Z", "without zone"),
        ("at(2026-11-20T17:00:00+01:00)", Field::Time, "2026-11-20T17:00:00+01:00", "without zone"),
        ("at(2026-02-30T17:00:00)", Field::Time, "2026-02-30T17:00:00", "2026-11-20T17:00:00"),
        ("at(2026-11-20T24:00:00)", Field::Time, "2026-11-20T24:00:00", "2026-11-20T17:00:00"),
    ]);
}
