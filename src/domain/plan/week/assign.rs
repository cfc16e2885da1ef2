//! Which schedule gets which expression, with the least that is created, dropped and edited.

use super::family::Member;
use crate::domain::cron::{Minutes, Product, by_time, fewest};

/// What becomes of a schedule, or what comes new.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Assigned<'a, 'm> {
    /// It stays as it is.
    Keep(&'m Member<'a>),
    /// It gets these times.
    Edit(&'m Member<'a>, Product),
    /// It has nothing to do any more.
    Drop(&'m Member<'a>),
    /// A new one is needed.
    New(Product),
}

/// Gives the members the times that are wanted. If they have them already, in whatever way, nothing changes; else it is
/// the way with the fewest new ones, then with the fewest that are dropped, then with the fewest that are edited.
pub(super) fn assign<'a, 'm>(members: &'m [Member<'a>], wanted: &Minutes) -> Vec<Assigned<'a, 'm>> {
    let now: Minutes = members.iter().flat_map(|member| member.minutes.iter().copied()).collect();
    if now == *wanted {
        return members.iter().map(Assigned::Keep).collect();
    }
    let ways = [fewest(wanted), by_time(wanted)].map(|products| matched(members, products));
    let cost = |way: &Vec<Assigned<'_, '_>>| {
        let count = |wanted: fn(&Assigned<'_, '_>) -> bool| way.iter().filter(|one| wanted(one)).count();
        (
            count(|one| matches!(one, Assigned::New(_))),
            count(|one| matches!(one, Assigned::Drop(_))),
            count(|one| matches!(one, Assigned::Edit(..))),
        )
    };
    ways.into_iter().min_by_key(cost).unwrap_or_default()
}

fn matched<'a, 'm>(members: &'m [Member<'a>], mut products: Vec<Product>) -> Vec<Assigned<'a, 'm>> {
    let mut free: Vec<&Member<'a>> = members.iter().collect();
    let mut assigned = Vec::new();
    // The most alike first, so that a day that goes elsewhere does not take its schedule along.
    while let Some((member, product)) = most_alike(&free, &products) {
        let (member, product) = (free.remove(member), products.remove(product));
        assigned.push(if product.minutes() == member.minutes {
            Assigned::Keep(member)
        } else {
            Assigned::Edit(member, product)
        });
    }
    assigned.extend(free.into_iter().map(Assigned::Drop));
    assigned.extend(products.into_iter().map(Assigned::New));
    assigned
}

fn most_alike(members: &[&Member<'_>], products: &[Product]) -> Option<(usize, usize)> {
    let pairs = (0..members.len()).flat_map(|member| (0..products.len()).map(move |product| (member, product)));
    let alike = |(member, product): &(usize, usize)| {
        let (Some(member), Some(product)) = (members.get(*member), products.get(*product)) else { return (0, 0) };
        let minutes = product.minutes();
        let shared = member.minutes.intersection(&minutes).count();
        (shared, shared * 1_000 / member.minutes.union(&minutes).count().max(1))
    };
    // Of several that are as much alike the first ones go together: max_by_key would take the last.
    pairs.rev().max_by_key(alike)
}
