//! Suggestions for unknown names.

/// The number of names that a message contains.
const NEAREST: usize = 3;

/// The names that are most similar to `wanted`, the most similar one first. Names that contain `wanted` come first, and those of
/// older forms (`_old`) last, unless `wanted` is one.
pub(crate) fn nearest(wanted: &str, known: impl Iterator<Item = String>) -> String {
    let is_old = |name: &str| name.ends_with("_old") && !wanted.contains("old");
    let is_part = |name: &str| wanted.len() > 2 && name.contains(wanted);
    let rank = |name: String| ((is_old(&name), !is_part(&name), strsim::damerau_levenshtein(wanted, &name)), name);
    let mut known: Vec<_> = known.map(rank).collect();
    known.sort();
    known.dedup();
    known.iter().take(NEAREST).map(|(_, name)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// How much a path differs from the template of a path. A parameter matches any segment.
pub(crate) fn distance_to_template(path: &str, template: &str) -> usize {
    let (mut parts, mut segments) = (template.split('/'), path.split('/'));
    let mut distance = 0;
    loop {
        distance += match (parts.next(), segments.next()) {
            (None, None) => return distance,
            (Some(part), Some(_)) if part.starts_with('{') => 1,
            (Some(part), Some(segment)) => 2 * strsim::damerau_levenshtein(part, &segment.to_ascii_lowercase()),
            (Some(part), None) | (None, Some(part)) => 4 + part.len(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_contain_the_text_come_first_and_older_forms_last() {
        let known = ["get_booking_old", "get_booking", "reschedule_booking", "get_me"];
        let near = |wanted| nearest(wanted, known.iter().map(|name| (*name).to_owned()));
        assert!(near("get_bookin").starts_with("`get_booking`, "), "{}", near("get_bookin"));
        assert!(near("reschedule").starts_with("`reschedule_booking`, "));
        assert!(!near("booking").contains("old"));
        assert!(near("get_booking_odl").starts_with("`get_booking`"));
    }

    #[test]
    fn a_parameter_of_a_template_matches_any_segment() {
        let of = |template| distance_to_template("/v2/bookings/abc/confrim", template);
        assert!(of("/v2/bookings/{bookingUid}/confirm") < of("/v2/bookings/{bookingUid}/location"));
        assert!(of("/v2/bookings/{bookingUid}/confirm") < of("/v2/bookings/{bookingUid}"));
    }
}
