//! Starting a plan.

use super::Decision;
use crate::{
    Context, MAX_CONNECTIONS, Period, PlanCommand as Command, PlanConnection, PlanEvent as Event,
    PlanRefusal as Refusal,
};
use herald_kernel::{Instant, Zone};
use std::{collections::BTreeSet, time::Duration};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// From the first to the last midnight of a plan of 366 days.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

pub(super) fn create(command: Command, context: &Context) -> Decision {
    let Command::Create { plan, account, by, brief, period, zone, connections, cadence } = command
    else {
        return Err(Refusal::NotFound);
    };
    if let Some(field) = brief.overlong() {
        return Err(Refusal::BriefTooLong { field });
    }
    check_connections(&connections)?;
    check_period(period, &zone, context.now)?;
    let brief = Box::new((*brief).into());
    Ok(vec![Event::Created { plan, account, by, brief, period, zone, connections, cadence }])
}

fn check_connections(connections: &[PlanConnection]) -> Result<(), Refusal> {
    let different: BTreeSet<_> = connections.iter().map(|each| each.connection).collect();
    let once_each = different.len() == connections.len();
    if once_each && (1..=MAX_CONNECTIONS).contains(&connections.len()) {
        Ok(())
    } else {
        Err(Refusal::Connections)
    }
}

fn check_period(period: Period, zone: &Zone, now: Instant) -> Result<(), Refusal> {
    if period.span().is_none_or(|span| span > LONGEST) {
        return Err(Refusal::Period);
    }
    let last = period.to.midnight().in_zone(zone).ok_or(Refusal::Period)?;
    if last.instant.plus(DAY) <= now {
        return Err(Refusal::PeriodOver);
    }
    Ok(())
}
