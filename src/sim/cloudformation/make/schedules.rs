//! Schedules and their groups.

use serde_json::{Map, Value, json};

use super::{Thing, Trouble, Wish, call, name, tags};
use crate::sim::shapes::Service;
use crate::sim::world::World;

pub(super) fn create_group(world: &mut World, wish: &Wish<'_>) -> Result<Thing, Trouble> {
    let name = name(world, wish);
    let tags: Vec<Value> =
        tags(wish.properties).iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    let mut input = json!({ "Name": name, "ClientToken": world.next_uuid() });
    if let (false, Some(fields)) = (tags.is_empty(), input.as_object_mut()) {
        fields.insert("Tags".to_owned(), tags.into());
    }
    call(world, Service::Scheduler, "CreateScheduleGroup", input)?;
    Ok(group(world, &name))
}

/// Only the tags of a group can change.
pub(super) fn update_group(world: &mut World, wish: &Wish<'_>, physical: &str) -> Result<Thing, Trouble> {
    let tags = tags(wish.properties);
    world.group_tags.insert(physical.to_owned(), tags);
    Ok(group(world, physical))
}

/// With a group go its schedules (Scheduler User Guide, "Deleting a schedule group").
pub(super) fn delete_group(world: &mut World, physical: &str) -> Result<(), Trouble> {
    world.groups.remove(physical);
    world.group_tags.remove(physical);
    world.schedules.retain(|(group, _), _| group != physical);
    Ok(())
}

fn group(world: &World, name: &str) -> Thing {
    let created = world.groups.get(name).copied().unwrap_or(world.now);
    let created = created.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let mut attributes = Map::new();
    attributes.insert("Arn".to_owned(), world.arn("scheduler", &format!("schedule-group/{name}")).into());
    attributes.insert("CreationDate".to_owned(), created.as_str().into());
    attributes.insert("LastModificationDate".to_owned(), created.into());
    attributes.insert("State".to_owned(), "ACTIVE".into());
    Thing { physical: name.to_owned(), attributes }
}

fn group_of(properties: &Map<String, Value>) -> String {
    super::text(properties, "GroupName").unwrap_or_else(|| "default".to_owned())
}

fn input(wish: &Wish<'_>, name: &str) -> Value {
    let mut fields = wish.properties.clone();
    fields.insert("Name".to_owned(), name.into());
    fields.into()
}

fn schedule(world: &World, wish: &Wish<'_>, name: &str) -> Thing {
    let mut attributes = Map::new();
    attributes.insert("Arn".to_owned(), world.schedule_arn(&group_of(wish.properties), name).into());
    Thing { physical: name.to_owned(), attributes }
}

pub(super) fn create(world: &mut World, wish: &Wish<'_>) -> Result<Thing, Trouble> {
    let name = name(world, wish);
    call(world, Service::Scheduler, "CreateSchedule", input(wish, &name))?;
    Ok(schedule(world, wish, &name))
}

pub(super) fn update(world: &mut World, wish: &Wish<'_>, physical: &str) -> Result<Thing, Trouble> {
    call(world, Service::Scheduler, "UpdateSchedule", input(wish, physical))?;
    Ok(schedule(world, wish, physical))
}

pub(super) fn delete(world: &mut World, physical: &str, properties: &Map<String, Value>) -> Result<(), Trouble> {
    world.schedules.remove(&(group_of(properties), physical.to_owned()));
    Ok(())
}
