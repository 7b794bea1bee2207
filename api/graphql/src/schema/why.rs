//! The audit log in plain English: what an event means, and why it happened.

/// What happened, by the stored type of the event.
const SUMMARIES: &[(&str, &str)] = &[
    ("account.opened", "The account was opened."),
    ("account.member_added", "A member was added to the account."),
    ("account.business_profile_updated", "The business profile was told or changed."),
    ("account.time_zone_changed", "The account's times are meant in another zone."),
    ("account.policy_changed", "The rules for the account's posts were changed."),
    ("account.member_invited", "Somebody was asked to join."),
    ("account.invite_accepted", "An invitation was accepted."),
    ("account.role_changed", "A member's role was changed."),
    ("account.member_removed", "A member left or was removed."),
    ("account.member_rested", "A member rests: the tier has no seat for them."),
    ("account.member_resumed", "A member who rested has a seat again."),
    ("account.identity_linked", "A member can sign in another way."),
    ("account.identity_unlinked", "A member can no longer sign in one of their ways."),
    ("account.onboarding_advanced", "The account came one step further in its onboarding."),
    ("account.suspended", "The account was suspended: due posts wait."),
    ("account.reinstated", "The suspended account goes on."),
    ("account.deletion_scheduled", "The account will be deleted."),
    ("account.deletion_canceled", "The account is kept after all."),
    ("account.deleted", "The account was deleted."),
    ("account.member_forgotten", "What was known of a former member was forgotten."),
    ("account.member_profile_observed", "The identity provider calls a member something else now."),
    ("account.notices_changed", "A member wants other mails than before."),
    ("api_key.issued", "An API key was issued; its text was shown once."),
    ("api_key.rotated", "Another key takes this key's place; both work for a while."),
    ("api_key.overlap_ended", "The key no longer works, since another has its place."),
    ("api_key.scopes_changed", "The key may do something else."),
    ("api_key.renamed", "The key is called something else."),
    ("api_key.disabled", "The key rests."),
    ("api_key.enabled", "The key works again."),
    ("api_key.revoked", "The key was ended."),
    ("api_key.compromised", "The key was found where it does not belong, and ended."),
    ("api_key.expired", "The key's time is up."),
    ("credits.bought", "A pack of credits was paid."),
    ("credits.reserved", "Bought credits were set aside."),
    ("credits.committed", "Bought credits were spent."),
    ("credits.released", "Bought credits that were set aside are free again."),
    ("credits.refunded", "A payment for credits went back."),
    ("credits.expired", "Bought credits were not spent in time."),
    ("subscription.customer_intended", "The payment provider is to know the account."),
    ("subscription.customer_linked", "The payment provider knows the account."),
    ("subscription.checkout_intended", "A page to pay on is about to be opened."),
    ("subscription.checkout_opened", "A page to pay on is open."),
    ("subscription.checkout_failed", "The payment provider opened no page."),
    ("subscription.checkout_completed", "Somebody went through with paying."),
    ("subscription.checkout_expired", "Nobody went through with paying in time."),
    ("subscription.snapshot_observed", "The payment provider said something new."),
    ("subscription.access_changed", "The account may do more or less than before."),
    ("subscription.entitlements_changed", "The account is pinned to another tier version."),
    (
        "subscription.duplicate_detected",
        "More than one subscription is alive: an operator must look.",
    ),
    ("subscription.operator_asked", "Something only an operator can answer."),
    ("subscription.trial_started", "A trial began."),
    ("subscription.trial_refused", "A trial was shown that the account may not have."),
    ("subscription.trial_ending", "The trial ends within three days."),
    ("subscription.trial_converted", "Somebody paid after the trial."),
    ("subscription.payment_failed", "A payment failed; everything works for a while longer."),
    ("subscription.payment_recovered", "What had failed is paid."),
    ("subscription.payment_recorded", "Money came in."),
    ("subscription.plan_change_intended", "Another tier is to begin at once."),
    ("subscription.plan_change_scheduled", "Another tier is to begin with the next period."),
    ("subscription.plan_change_accepted", "The payment provider took the change."),
    ("subscription.plan_change_rejected", "The payment provider refused the change."),
    ("subscription.plan_change_completed", "The change holds."),
    ("subscription.plan_change_withdrawn", "The change was taken back."),
    ("subscription.keepers_chosen", "People chose what keeps its place in a smaller tier."),
    ("subscription.cancellation_intended", "The subscription is to end."),
    ("subscription.cancellation_accepted", "The payment provider will end the subscription."),
    ("subscription.cancellation_rejected", "The payment provider refused to end the subscription."),
    ("subscription.resumption_intended", "The subscription is to go on."),
    ("subscription.resumption_accepted", "The subscription goes on."),
    (
        "subscription.resumption_rejected",
        "The payment provider refused to let the subscription go on.",
    ),
    ("subscription.portal_intended", "The provider's own pages are about to be opened."),
    ("subscription.portal_opened", "The provider's own pages are open."),
    ("subscription.portal_failed", "The provider's own pages were not opened."),
    ("subscription.refund_recorded", "Money went back."),
    ("subscription.dispute_opened", "A payment is contested at the bank."),
    ("subscription.dispute_won", "A contested payment stays."),
    ("subscription.dispute_lost", "A contested payment went back."),
    ("subscription.errand_intended", "The payment provider is about to be asked for something."),
    ("subscription.errand_done", "The payment provider took what it was asked for."),
    ("subscription.errand_rejected", "The payment provider refused what it was asked for."),
    ("subscription.grace_extended", "An operator lets everything work for longer."),
    ("subscription.entitlement_overridden", "An operator set one entitlement otherwise."),
    ("subscription.override_lifted", "The tier decides again."),
    ("subscription.grandfathered", "An operator gave the account a tier version."),
    ("usage.counted", "One more was counted."),
    ("usage.leased", "A block of calls was handed to one replica."),
    ("usage.settled", "A block of calls was settled."),
    ("usage.lease_expired", "A block of calls counts as used, since nobody settled it."),
    ("usage.reserved", "Credits of the month were set aside."),
    ("usage.committed", "Credits of the month were spent."),
    ("usage.released", "Credits that were set aside are free again."),
    ("usage.reservation_expired", "Credits that were set aside fell back."),
    ("usage.drawn", "Something that was bought beside the month was used."),
    ("usage.report_intended", "The payment provider is about to be told what was used."),
    ("usage.reported", "The payment provider was told what was used."),
    ("usage.threshold_reached", "Four fifths or all of a quota is used."),
    ("claim.taken", "Something that must be unique was claimed."),
    ("claim.released", "Something that must be unique is free again."),
    ("connection.consent_requested", "A person was sent to the network's consent page."),
    ("connection.consent_denied", "The person or the network said no."),
    ("connection.token_exchange_intended", "The network's code is about to be exchanged, once."),
    ("connection.token_exchange_failed", "The code could not be exchanged: connect again."),
    ("connection.token_exchange_unknown", "Nobody saw how the exchange ended: connect again."),
    ("connection.token_stored", "New access is in the vault; the log holds only facts about it."),
    ("connection.established", "The connection was made."),
    ("connection.reauthorized", "The connection was renewed for the same owner."),
    ("connection.refresh_intended", "The access is about to be renewed."),
    ("connection.refresh_failed_transient", "Renewing failed and will be tried again."),
    ("connection.refresh_rejected", "The network refused to renew the access."),
    ("connection.refresh_outcome_unknown", "Nobody saw how renewing ended."),
    ("connection.degraded", "The connection has passing trouble; it is still tried."),
    ("connection.recovered", "The connection works again."),
    ("connection.reauth_required", "A person has to reconnect."),
    ("connection.capability_lost", "A permission was taken away."),
    ("connection.quota_observed", "The network said how much of its quota is used."),
    ("connection.paused", "The connection publishes nothing for a while."),
    ("connection.resumed", "The connection publishes again."),
    ("connection.blocked", "The network forbids the use of this account."),
    ("connection.disconnected", "The connection ended for ever."),
    ("connection.secret_shredded", "The connection's secrets were given up."),
    ("plan.created", "A content plan was started."),
    ("plan.generation_intended", "Models are about to be asked to write the plan."),
    ("plan.generation_attempted", "A model answered, usefully or not."),
    ("plan.generation_succeeded", "The models brought a plan."),
    ("plan.strategy_proposed", "A strategy was proposed."),
    ("plan.items_proposed", "Posts were proposed."),
    ("plan.generation_failed", "The models brought nothing that can be used."),
    ("plan.item_edited", "A person changed a proposed post."),
    ("plan.item_accepted", "A person wants a proposed post."),
    ("plan.item_rejected", "A person does not want a proposed post."),
    ("plan.submitted", "Somebody was asked to approve the plan."),
    ("plan.changes_requested", "The plan was sent back with a wish."),
    ("plan.approved", "Exactly this revision of the plan was approved."),
    ("plan.materialized", "The accepted items became posts."),
    ("plan.completed", "All posts of the plan have had their time."),
    ("plan.archived", "The plan was put away."),
    ("post.created", "A post was written."),
    ("post.content_revised", "The post says something else now; its approval is void."),
    ("post.submitted", "Somebody was asked to approve the post."),
    ("post.approved", "Exactly this content was approved."),
    ("post.changes_requested", "The post was sent back with a wish."),
    ("post.rejected", "The post was turned down."),
    ("post.scheduled", "The post was given its time."),
    ("post.rescheduled", "The post was given another time."),
    ("post.schedule_re_resolved", "New time-zone rules moved the instant of a wall-clock time."),
    ("post.unscheduled", "The post's time was taken away."),
    ("post.cancel_requested", "A person gave up what was not sent yet."),
    ("post.target_canceled", "A target was given up at a person's wish."),
    ("post.target_held", "A target is held back."),
    ("post.target_released", "A held target goes on."),
    ("post.target_missed", "A target's time passed before it could begin."),
    ("post.attempt_started", "An attempt to publish began: from here it is the only one."),
    ("post.resource_prepared", "Something invisible, such as a picture, is ready on the network."),
    ("post.commit_intended", "A step is about to be sent; written down before it is."),
    ("post.step_published", "A step stands on the network."),
    ("post.step_rejected", "The network refused a step, provably."),
    ("post.outcome_unknown", "Nobody saw how sending ended; it will be looked up, not sent again."),
    ("post.attempt_abandoned", "An attempt ended before anything could have been published."),
    ("post.reconcile_started", "An unknown outcome is being looked up on the network."),
    ("post.lookup_recorded", "A look at the network's own listing said something."),
    ("post.step_not_published", "A step is taken not to be published."),
    ("post.duplicate_risk_found", "A step turned out to be published after it was given up."),
    ("post.retry_authorized", "A target may be tried again."),
    ("post.target_needs_human", "Only a person can say how it went."),
    ("post.resolved_by_person", "A person said how it went."),
    ("post.target_published", "Every step of a target is published."),
    ("post.target_partially_published", "A part of a target is published; the rest is given up."),
    ("post.target_failed", "A target was refused, provably, and nothing of it is published."),
    ("post.target_remote_removed", "A published target is gone from the network."),
];

/// Why a job acted, by the first word of its key.
const JOBS: &[(&str, &str)] = &[
    ("exchange_code", "a person had consented, and the network's code had to be exchanged"),
    ("refresh_tokens", "the access was about to expire"),
    ("refresh", "the access was about to expire"),
    ("publish_target", "the time of the target had come"),
    ("find_lost_verdict", "an intent was past its deadline without a verdict"),
    ("reconcile_target", "an outcome was unknown and had to be looked up"),
    ("settle_connection", "the connection changed, so its posts are held or go on"),
    ("generate_plan", "a member asked for the plan to be written"),
    ("collect_metrics", "the target was published, and its numbers were due"),
    ("billing", "the payment provider had to be asked for it"),
    ("sync_subscription", "the payment provider may have said something new"),
    ("sync", "the payment provider may have said something new"),
    ("end_sessions", "an identity is no longer good"),
    ("write_notes", "what the identity provider keeps of the person had changed"),
    ("notes", "what the identity provider keeps of the person had changed"),
    ("forget_member", "a former member was to be forgotten"),
    ("enforce_entitlements", "what the account may use had changed"),
    ("enforce", "what the account may use had changed"),
    ("settle_api_key", "the key's time was up"),
    ("key_overlap", "another key has its place"),
    ("key_expiry", "the key's time was up"),
    ("mail_link", "somebody asked for a link to sign in with"),
    ("send_notice", "people were to hear of something by mail"),
];

/// What happened, in a sentence.
pub(crate) fn summary(event_type: &str) -> String {
    let known = SUMMARIES.iter().find(|(name, _)| *name == event_type);
    known.map_or_else(
        || format!("An event of another program: {event_type}."),
        |(_, sentence)| (*sentence).to_owned(),
    )
}

/// Why it happened, in a sentence.
pub(crate) fn why(actor: &str, via: &str, causation: &str) -> String {
    let (kind, who) = actor.split_once(':').unwrap_or((actor, ""));
    match kind {
        "job" => by_job(who, causation),
        "member" => format!("The member {who} asked for it, {}.", door(via)),
        "person" => format!("The signed-in person {who} asked for it, {}.", door(via)),
        "api_key" => format!("A program with the key {who} asked for it, {}.", door(via)),
        "system" => format!("Herald itself did it, {}.", door(via)),
        _ => "The writer of this event did not say.".to_owned(),
    }
}

fn by_job(key: &str, causation: &str) -> String {
    // The first events name a job by an id, and its key as the cause.
    let key = if key.starts_with("job_") { causation } else { key };
    let (verb, subject) = key.split_once(':').unwrap_or((key, ""));
    let reason = JOBS.iter().find(|(name, _)| *name == verb).map(|(_, reason)| *reason);
    let told = match reason {
        Some(reason) => format!("Herald did it for {subject}, because {reason}"),
        None => format!("Herald did it as the background job {key}"),
    };
    match causing(causation) {
        Some(ordinal) => format!("{told}; it follows from event {ordinal}."),
        None => format!("{told}."),
    }
}

/// The ordinal of the event that a cause names, if it names one.
pub(crate) fn causing(causation: &str) -> Option<i64> {
    causation.strip_prefix("event:")?.parse().ok()
}

fn door(via: &str) -> &'static str {
    match via {
        "graphql" => "through the GraphQL API",
        "rest" => "through the REST API",
        "webhook" => "coming back from a provider's page",
        "cli" => "at the command line",
        "job" => "in the background",
        _ => "through a door that was not noted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::documents::event_types;
    use herald_application::ports::JobKind;
    use std::collections::BTreeSet;

    #[test]
    fn every_event_has_its_sentence_and_no_sentence_is_left_over() {
        let told: BTreeSet<_> = SUMMARIES.iter().map(|(name, _)| (*name).to_owned()).collect();
        let known: BTreeSet<_> = event_types().into_iter().map(|event| event.name).collect();
        assert_eq!(told, known);
        assert_eq!(told.len(), SUMMARIES.len(), "an event is told twice");
    }

    #[test]
    fn every_kind_of_job_has_its_reason() {
        for kind in JobKind::ALL {
            let told = why(&format!("job:{}:tgt_1", kind.as_str()), "job", "event:7");
            assert!(told.starts_with("Herald did it for tgt_1, because"), "{told}");
            assert!(told.ends_with("; it follows from event 7."), "{told}");
        }
    }

    #[test]
    fn an_event_that_names_its_job_as_the_cause_is_told_as_it_was() {
        let told = why("job:job_1", "job", "refresh:con_1");
        assert_eq!(told, "Herald did it for con_1, because the access was about to expire.");
    }

    #[test]
    fn a_person_is_named_with_the_door_they_came_through() {
        let told = why("member:mem_1", "graphql", "request:1");
        assert_eq!(told, "The member mem_1 asked for it, through the GraphQL API.");
    }
}
