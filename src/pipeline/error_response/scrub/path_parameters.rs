//! Which path parameters stay in a text.

use super::Scrubber;

#[test]
fn ids_and_api_values_of_paths_are_kept_and_other_path_parameters_are_cut_out() {
    let mut scrub = Scrubber::default();
    for (name, value) in [
        ("userId", "101"),
        ("id", "2026361"),
        ("calendar", "google"),
        ("app", "google-meet"),
        ("bookingUid", "12345"),
        ("teamSlug", "muster"),
        ("linkId", "a1b2c3"),
        ("userId", "4930901820123"),
    ] {
        scrub.add_path_parameter(name, value);
    }
    scrub.add_query("eventTypeId=4711&phone=4712");
    assert_eq!(
        scrub.scrub("user with id=101 and 2026361, google_calendar, google-meet, 4711"),
        "user with id=101 and 2026361, google_calendar, google-meet, 4711"
    );
    assert_eq!(
        scrub.scrub("booking 12345, team muster, link a1b2c3, 4930901820123, 4712"),
        "booking [redacted], team [redacted], link [redacted], [redacted], [redacted]"
    );
}
