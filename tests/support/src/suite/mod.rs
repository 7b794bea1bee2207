//! What every storage engine must do, as business sentences.

#![expect(missing_docs, reason = "the names are the sentences")]

pub mod calls;
pub mod conformance;
pub mod content;
pub mod events;
pub mod inbox;
pub mod jobs;
pub mod log;
pub mod people;
pub mod projections;
pub mod vault;
pub mod views;

/// Runs the whole suite against one fixture: `storage_suite!(Storage::sqlite);`.
#[macro_export]
macro_rules! storage_suite {
    ($fixture:path) => {
        $crate::storage_tests! { $fixture;
            events: a_stream_loads_as_it_was_appended, a_missing_stream_is_empty,
                an_outdated_append_is_a_conflict_and_stores_nothing,
                an_append_beyond_the_end_is_a_conflict_and_stores_nothing,
                an_append_to_several_streams_is_all_or_nothing,
                one_append_may_go_on_in_the_same_stream,
                the_versions_of_streams_are_told_in_the_order_of_the_question,
                an_append_may_be_larger_than_one_statement,
                an_append_of_nothing_is_refused,
                of_many_writers_of_one_version_exactly_one_wins,
                an_event_can_neither_be_changed_nor_deleted_nor_replaced;
            log: every_event_gets_one_ordinal_in_a_chain_without_gaps,
                a_step_without_new_events_changes_nothing,
                the_digest_is_recomputed_from_what_was_read,
                the_log_reads_in_pages,
                the_head_tells_what_waits_and_counting_tells_the_same,
                an_account_reads_only_its_own_events,
                an_object_shows_its_own_events_however_long_the_log_is,
                what_is_folded_is_what_was_logged,
                a_missing_link_is_an_error_and_not_a_short_page,
                the_log_can_neither_be_changed_nor_deleted,
                a_position_finds_its_ordinal_once_it_is_sequenced;
            views: a_view_is_read_in_pages_both_ways, another_accounts_documents_are_not_there,
                a_search_ignores_case_and_takes_wildcards_literally,
                a_list_filters_by_status_and_time, counting_stops_at_the_cap,
                the_worker_reads_documents_of_every_account;
            projections: a_batch_moves_its_checkpoint_together_with_its_rows,
                a_checkpoint_that_has_moved_makes_the_batch_stale,
                of_two_equal_batches_exactly_one_is_written,
                the_last_change_of_a_row_counts,
                going_live_retires_the_lower_versions_whose_documents_are_forgotten_later,
                a_failed_projection_keeps_its_error_until_it_moves,
                nobody_stops_or_switches_what_has_moved_on,
                a_checkpoint_begins_where_it_is_told_to;
            jobs: a_job_is_claimed_when_it_is_due, the_most_urgent_and_oldest_job_comes_first,
                of_many_workers_exactly_one_claims_a_job,
                a_lease_that_ran_out_frees_the_job_and_moves_the_fence,
                a_job_put_again_while_running_is_lost_to_its_holder,
                a_fence_of_an_earlier_life_opens_nothing,
                a_rescheduled_job_keeps_its_attempts_unless_there_was_progress,
                a_dead_job_stays_with_its_cause_until_it_is_put_again,
                a_cancelled_job_is_gone, the_board_counts_what_waits,
                a_kind_from_the_future_is_left_alone;
            inbox: a_webhook_is_claimed_as_it_came,
                of_many_receivers_of_one_event_exactly_one_stores_it,
                rows_of_one_key_are_applied_one_after_another,
                many_workers_never_hold_two_rows_of_one_key,
                the_engine_itself_refuses_two_rows_of_a_key_in_hands,
                a_webhook_whose_lease_ran_out_is_claimed_again,
                a_failed_webhook_waits_and_later_ones_of_its_key_wait_behind_it,
                a_dead_webhook_stays_with_its_cause_and_lets_others_pass,
                rows_are_replayed_one_by_one_by_range_and_since,
                a_row_in_hands_is_not_replayed_and_a_dead_one_is,
                the_inbox_is_listed_by_source_state_kind_and_time,
                the_inbox_counts_what_waits, a_forgotten_body_leaves_its_row_and_digest,
                a_source_that_nobody_knows_waits, a_cursor_moves_only_from_where_it_was;
            vault: a_data_key_is_stored_once, a_destroyed_key_never_comes_back,
                keys_are_found_by_the_master_key_that_wraps_them,
                a_wrap_replaces_only_the_one_that_it_was_made_from,
                a_secret_is_written_only_over_the_version_it_replaces,
                shredding_an_owner_leaves_other_owners_alone;
            people: a_session_is_found_touched_and_ended,
                a_token_is_renewed_once_and_says_all_along_when_the_person_signed_in,
                a_chain_that_ends_while_it_is_renewed_leaves_nothing_behind,
                a_link_is_taken_once,
                a_suppressed_address_is_found_listed_and_lifted,
                looking_at_a_link_does_not_use_it_up;
            calls: exactly_the_months_and_the_bought_calls_pass_over_three_replicas;
            content: media_are_listed_newest_first_and_by_account,
                a_text_is_kept_once_and_erased_with_its_account,
                an_observation_is_recorded_once_and_read_newest_first;
        }
    };
}

/// Runs the conformance of an engine's table with the crate that the `fixture` opens beside ours.
#[macro_export]
macro_rules! conformance_suite {
    ($fixture:path) => {
        $crate::storage_tests! { $fixture;
            conformance: what_the_crate_writes_we_read_sequence_and_continue,
                what_we_write_the_crate_reads_and_continues,
                the_crate_still_knows_a_conflict_when_we_were_first;
        }
    };
}

/// One test function per sentence.
#[macro_export]
macro_rules! storage_tests {
    ($fixture:path; $($group:ident: $($name:ident),+;)+) => {$($(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            $crate::suite::$group::$name($fixture().await).await;
        }
    )+)+};
}
