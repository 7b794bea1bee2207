//! Values that are born valid.

use super::*;
use crate::*;

#[test]
fn a_date_is_a_day_of_the_calendar() {
    let day: Date = "2028-02-29".parse().expect("a leap day");
    assert_eq!(day.to_string(), "2028-02-29");
    for wrong in ["2026-02-29", "2026-12-01T00:00:00", "2026-12", "tomorrow", "2026-12-01Z"] {
        assert_eq!(wrong.parse::<Date>(), Err(InvalidDate), "{wrong}");
    }
    assert_eq!(Date::of(at("2026-12-01T23:59:59.5")).to_string(), "2026-12-01");
}

#[test]
fn a_period_holds_its_first_and_its_last_day_wholly() {
    assert!(december().contains(at("2026-12-01T00:00:00")));
    assert!(december().contains(at("2026-12-31T23:59:59")));
    assert!(!december().contains(at("2027-01-01T00:00:00")));
}

#[test]
fn a_cadence_is_one_to_twenty_one() {
    for right in [1, 21] {
        let cadence = PostsPerWeek::try_from(right).expect("a cadence");
        assert_eq!(u32::from(cadence.get()), right);
    }
    for wrong in [0, 22, 300] {
        assert_eq!(PostsPerWeek::try_from(wrong), Err(PostsPerWeekOutOfRange));
    }
    assert!(serde_json::from_str::<PostsPerWeek>("22").is_err());
}

#[test]
fn a_temperature_is_kept_as_a_decimal_and_never_as_a_float() {
    for (text, hundredths) in [("0.7", 70), ("0.70", 70), ("1", 100), ("2.00", 200), ("0.05", 5)] {
        assert_eq!(text.parse().map(Temperature::hundredths), Ok(hundredths), "{text}");
    }
    for wrong in ["", ".", "2.01", "-1", "0.123", "1e1", "+1", "x"] {
        assert_eq!(wrong.parse::<Temperature>(), Err(InvalidTemperature), "{wrong}");
    }
    let temperature = Temperature::from_hundredths(70).expect("a temperature");
    assert_eq!(serde_json::json!(temperature), "0.70");
    assert_eq!(Temperature::from_hundredths(201), Err(InvalidTemperature));
}

#[test]
fn states_and_kinds_are_stored_as_they_print() {
    for status in [
        Status::Absent,
        Status::Draft,
        Status::Generating,
        Status::GenerationFailed,
        Status::Proposed,
        Status::InReview,
        Status::ChangesRequested,
        Status::Approved,
        Status::Materialized,
        Status::Completed,
        Status::Archived,
    ] {
        assert_eq!(serde_json::json!(status), status.to_string());
    }
    for kind in [
        FailureKind::Safety,
        FailureKind::Schema,
        FailureKind::Quota,
        FailureKind::Timeout,
        FailureKind::Provider,
    ] {
        assert_eq!(serde_json::json!(kind), kind.as_str());
    }
    let states = [ItemState::Proposed, ItemState::Edited, ItemState::Materialized(post(1))];
    assert_eq!(states.map(ItemState::as_str), ["proposed", "edited", "materialized"]);
    let states = [ItemState::Accepted, ItemState::Rejected];
    assert_eq!(states.map(ItemState::as_str), ["accepted", "rejected"]);
}
