//! `rekotui undeploy`: a stack out of an account, with nothing left running and nothing left that names what is gone.

use std::collections::BTreeSet;

use clap::Args;

use super::{command, following, unread, windows};
use crate::aws::Account;
use crate::cli::Outcome;
use crate::cli::act::args::Manner;
use crate::cli::act::talk::Talk;
use crate::cli::act::week::Window;
use crate::cli::act::{Bench, begin, ground, refused};
use crate::domain::deploy::Stack;
use crate::domain::model::ModelArn;
use crate::domain::notification::Source;
use crate::domain::plan;

/// Which stack is taken out.
#[derive(Args, Clone, Debug)]
pub struct Undeploy {
    /// The name of the stack: rekotui-scheduler, or what it was called
    pub stack: String,
    /// How to go about it.
    #[command(flatten)]
    pub manner: Manner,
}

pub(in crate::cli::act) async fn undeploy(
    ask: &Undeploy,
    bench: &Bench<'_>,
    stop: impl Future<Output = ()>,
) -> Result<Outcome, String> {
    let talk = Talk::new(ask.manner.json, bench.terminal, bench.engine.clock().clone());
    let found = match bench.account.stack_named(&ask.stack).await {
        Ok(found) => found,
        Err(trouble) => return Ok(unread(&trouble.to_string())),
    };
    let Some(stack) = found.as_ref().filter(|stack| stack.part().is_some()) else {
        let known = known_stacks(bench.account).await;
        return Ok(refused(&talk, &format!("No stack of rekotui is called '{}'.{known}", ask.stack)));
    };
    let (resources, source) = match belongings(bench.account, stack).await {
        Ok(belongings) => belongings,
        Err(why) => return Ok(unread(&why)),
    };
    let plan = plan::undeploy(ground(bench)?, stack, &resources, source.as_ref());
    let naming = naming(bench, &resources);
    let then = naming.iter().map(|model| command(&switching(model.to_string(), ask.manner.clone()))).collect();
    let plan = plan.map(|plan| plan.followed_by(then));
    let mut stop = std::pin::pin!(stop);
    let going = begin(vec![plan], &ask.manner, bench, stop.as_mut());
    let mut outcome = following(bench, &talk, &stack.arn, going).await?;
    for model in naming {
        if outcome == Outcome::Whole && !ask.manner.dry_run {
            outcome = windows(switching(model.to_string(), ask.manner.clone()), bench, stop.as_mut()).await?;
        }
    }
    Ok(outcome)
}

/// The types and physical ids of the resources of a stack, and the bucket that tells its queue, whoever has made that.
async fn belongings(account: &Account, stack: &Stack) -> Result<(Vec<(String, String)>, Option<Source>), String> {
    let resources = account.stack_resources(&stack.arn).await.map_err(|trouble| trouble.to_string())?;
    let Some((bucket, queue)) = stack.bucket_and_queue() else { return Ok((resources, None)) };
    let owner = queue.split(':').nth(4).unwrap_or_default();
    let there = account.notifications(&bucket, owner).await.map_err(|trouble| {
        format!("What the bucket {bucket} tells could not be read, and it must not go on telling a queue that is gone. {trouble}")
    })?;
    let source = there.map(|notifications| Source { bucket, queue, notifications });
    Ok((resources, source))
}

/// Which stacks there are, for whoever has named none of them: all that may be seen.
async fn known_stacks(account: &Account) -> String {
    let Ok(stacks) = account.stacks().await else { return String::new() };
    let ours = stacks.iter().filter(|stack| stack.part().is_some());
    let names: Vec<&str> = ours.map(|stack| stack.name.as_str()).collect();
    if names.is_empty() { " There is none here.".into() } else { format!(" There are: {}.", names.join(", ")) }
}

/// The models whose schedules name a mapping of these resources, but do not go with them.
fn naming(bench: &Bench<'_>, resources: &[(String, String)]) -> BTreeSet<ModelArn> {
    let Some(gathered) = bench.gathered else { return BTreeSet::new() };
    let goes = |kind: &str, id: &str| resources.iter().any(|(known, own)| known == kind && own == id);
    let aims = gathered.picture.wiring.aims_by_schedule.values().flatten();
    let stays = aims.filter(|aim| {
        let group = gathered.fleet.schedule(&aim.schedule).map_or("", |schedule| schedule.group.as_str());
        !goes("AWS::Scheduler::ScheduleGroup", group)
            && aim.mappings.iter().any(|uuid| goes("AWS::Lambda::EventSourceMapping", uuid))
    });
    stays.filter_map(|aim| aim.model.clone()).collect()
}

/// The windows of a model as they are, with schedules that switch the mappings that there are.
pub(super) fn switching(model: String, manner: Manner) -> Window {
    Window {
        model,
        show: false,
        set: None,
        zone_wanted: None,
        keep_instants: false,
        lead: None,
        take_mappings: true,
        skip: Vec::new(),
        unskip: Vec::new(),
        once: Vec::new(),
        drop_once: Vec::new(),
        manner,
    }
}
