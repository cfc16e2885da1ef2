//! The plan of moving a rule to a schedule: never both firing, never neither.

use chrono_tz::Tz;

use super::change::switched;
use super::{Grade, Ground, Guard, Intent, Note, Plan, Seen, Step, Unplannable};
use crate::domain::cron::{Expression, fewest};
use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::stack::Stack;
use crate::domain::words;

/// The plan of moving a rule to a schedule. It is created disabled, read back, and takes the rule's place between two
/// fires. `zone`: let it follow the clocks of that zone from now on, at the local times at which the rule fires now;
/// `None`: UTC, as the rule.
///
/// # Errors
/// When it is no rule, or has what a schedule cannot have.
pub fn migrate(ground: Ground<'_>, arn: &str, zone: Option<Tz>) -> Result<Plan, Unplannable> {
    let rule = super::pause::known(ground, arn)?;
    let path = rule.path();
    let refuse = |why: &str| Err(Unplannable::new(format!("{path} cannot be moved to a schedule: {why}")));
    if rule.kind == Kind::Schedule {
        return refuse("it is one already.");
    }
    if rule.event_pattern.is_some() {
        return refuse("it has an event pattern as well, which a schedule cannot have. Split the rule first.");
    }
    if rule.targets.is_empty() {
        return refuse("it has no target.");
    }
    let (expression, zone) = expression(ground, rule, zone)?;
    let role = role(ground, rule)?;
    let mut plan = Plan {
        intent: Intent::Migrate { rule: arn.to_owned() },
        subject: path.clone(),
        project_arn: None,
        seen: vec![Seen::Schedule(Box::new(rule.clone()))],
        steps: Vec::new(),
        notes: Vec::new(),
        grade: if ground.production { Grade::Danger } else { Grade::Change },
    };
    let mut schedules: Vec<Schedule> = Vec::new();
    for target in &rule.targets {
        let target = moved(rule, target, &role)?;
        let new = schedule(ground, rule, target, &expression, zone, &schedules);
        schedules.push(new);
    }
    steps(&mut plan, rule, &schedules);
    notes(&mut plan.notes, ground, rule, &schedules);
    plan.notes.sort_by_key(|note| std::cmp::Reverse(note.tone));
    Ok(plan)
}

fn steps(plan: &mut Plan, rule: &Schedule, schedules: &[Schedule]) {
    let off = |schedule: &Schedule| Box::new(switched(schedule, false));
    for schedule in schedules {
        plan.push(Step::Create { schedule: off(schedule) });
    }
    if rule.enabled {
        plan.push(Step::AwaitQuiet { rule: Box::new(rule.clone()) });
        for schedule in schedules {
            plan.push(Step::Replace { before: off(schedule), after: Box::new(schedule.clone()) });
        }
        plan.push(Step::Switch { rule: Box::new(rule.clone()), enabled: false });
    }
    for schedule in schedules {
        plan.push_if(Guard::IfFailed, Step::Remove { stop: Box::new(schedule.clone()), unless_on: None });
    }
}

fn notes(notes: &mut Vec<Note>, ground: Ground<'_>, rule: &Schedule, schedules: &[Schedule]) {
    let names: Vec<String> = schedules.iter().map(Schedule::path).collect();
    notes.push(Note::info(format!(
        "{} takes its place, with every field read back before it is enabled; the rule stays, disabled.",
        names.join(" and ")
    )));
    notes.push(Note::info("If anything fails, what was created is deleted again, and the rule stays as it is."));
    if let Some(next) = ground.picture.next_of_schedule(&rule.arn, ground.now) {
        notes.push(Note::info(format!(
            "It fires next {}. The change is made while no fire is near: none is lost, and none comes twice.",
            words::when(next, ground.now, ground.zone)
        )));
    }
    if !rule.enabled {
        notes.push(Note::info("The rule is disabled, and so is what takes its place."));
    }
    if rule.targets.iter().any(|target| target.input.is_none()) {
        notes.push(Note::warning(
            "The rule hands its function the event itself; a schedule hands it {}. A function that reads its orders from \
             its environment does not mind.",
        ));
    }
    if schedules.iter().all(|schedule| schedule.tz() == Tz::UTC) {
        notes.push(Note::info("Its zone is UTC as before; as a schedule it can be given another one."));
    } else {
        notes.push(Note::info(format!(
            "From now on it follows the clocks of {}, at the times at which it fires there now.",
            schedules.first().map_or(Tz::UTC, Schedule::tz)
        )));
    }
}

/// The expression in the zone that is wanted.
fn expression(ground: Ground<'_>, rule: &Schedule, zone: Option<Tz>) -> Result<(String, Tz), Unplannable> {
    let refuse = |why: String| Unplannable::new(format!("{} cannot be moved to a schedule: {why}", rule.path()));
    let Some(Ok(expression)) = rule.parsed() else {
        return Err(refuse("its expression is not understood.".into()));
    };
    let said = rule.expression.clone().unwrap_or_default();
    let zone = match (zone, &expression) {
        (None | Some(Tz::UTC), _) => return Ok((said, Tz::UTC)),
        (Some(zone), Expression::Rate(_)) => return Ok((said, zone)),
        (Some(zone), _) => zone,
    };
    let minutes = expression.weekly().ok_or_else(|| {
        refuse(format!("its expression cannot be told in {zone}, because it depends on dates. Leave it in UTC."))
    })?;
    let wall = ground.now.with_timezone(&zone).naive_local() - ground.now.naive_utc();
    let by = i32::try_from(wall.num_minutes()).unwrap_or(0);
    let week = i32::from(crate::domain::week::WEEK);
    let moved = minutes.iter().filter_map(|minute| u16::try_from((i32::from(*minute) + by).rem_euclid(week)).ok());
    match fewest(&moved.collect()).as_slice() {
        [one] => Ok((one.cron(), zone)),
        _ => Err(refuse(format!("its times cannot be told in {zone} by one expression. Leave it in UTC."))),
    }
}

/// The role that lets EventBridge Scheduler invoke the rule's functions: rules need none, schedules do.
fn role(ground: Ground<'_>, rule: &Schedule) -> Result<String, Unplannable> {
    let functions: Vec<String> = rule.targets.iter().filter_map(Target::function).collect();
    let same = ground.fleet.schedules.rows.values().flat_map(|schedule| &schedule.targets);
    let same = same.filter(|target| target.function().is_some_and(|function| functions.contains(&function)));
    let known = same.filter_map(|target| target.role_arn.clone()).next();
    let stack = || Stack::of(ground.fleet, ground.picture, ground.wishes.stack.as_ref())?.startup.role_arn;
    known.or_else(stack).ok_or_else(|| {
        Unplannable::new(format!(
            "{} cannot be moved to a schedule: no role is known with which EventBridge Scheduler may invoke its function. \
             Create one that scheduler.amazonaws.com may assume and that may call lambda:InvokeFunction on it, and name it \
             in the configuration under [stack].",
            rule.path()
        ))
    })
}

fn moved(rule: &Schedule, target: &Target, role: &str) -> Result<Target, Unplannable> {
    let what = if target.function().is_none() || target.universal().is_some() {
        Some("a target that is no function")
    } else if !target.parameters.is_empty() {
        Some("a target whose input is made from the event")
    } else {
        None
    };
    match what {
        Some(what) => Err(Unplannable::new(format!(
            "{} cannot be moved to a schedule: it has {what}. Do it by hand.",
            rule.path()
        ))),
        None => Ok(Target { id: None, role_arn: Some(role.to_owned()), ..target.clone() }),
    }
}

fn schedule(
    ground: Ground<'_>,
    rule: &Schedule,
    target: Target,
    expression: &str,
    zone: Tz,
    others: &[Schedule],
) -> Schedule {
    let stack = Stack::of(ground.fleet, ground.picture, ground.wishes.stack.as_ref());
    let group = stack.map_or_else(|| "default".to_owned(), |stack| stack.group);
    let mut arn = rule.arn.split(':');
    let (partition, region, account) =
        (arn.nth(1).unwrap_or("aws"), arn.nth(1).unwrap_or_default(), arn.next().unwrap_or_default());
    let named = |number: u32| {
        let name = if number == 1 { rule.name.clone() } else { format!("{}-{number}", rule.name) };
        (format!("arn:{partition}:scheduler:{region}:{account}:schedule/{group}/{name}"), name)
    };
    let taken =
        |arn: &String| ground.fleet.schedules.rows.contains_key(arn) || others.iter().any(|other| other.arn == *arn);
    let (arn, name) = (1..).map(named).find(|(arn, _)| !taken(arn)).unwrap_or_default();
    Schedule {
        arn,
        name,
        group: group.clone(),
        kind: Kind::Schedule,
        expression: Some(expression.to_owned()),
        zone: Some(zone.name().into()),
        enabled: true,
        state: "ENABLED".into(),
        targets: vec![target],
        created: None,
        modified: None,
        role_arn: None,
        ..rule.clone()
    }
}
