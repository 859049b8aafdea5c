//! The agreement by area: the first words of the routes, of the operations that the fake plays.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use calcom::operation::Operation;
use calcom_fake::__conformance::RecordedExchange;

/// How many exchanges of an area agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AreaFigure {
    /// The number of exchanges that agree.
    pub passed: usize,
    /// The number of exchanges.
    pub all: usize,
}

impl AreaFigure {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.all += other.all;
    }
}

impl fmt::Display for AreaFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.passed * 1000 / self.all.max(1);
        write!(f, "{}/{} ({}.{} %)", self.passed, self.all, share / 10, share % 10)
    }
}

/// The figures of all areas. Exchanges of operations that the fake does not play, and of no operation, count apart.
#[derive(Clone, Debug, Default)]
pub struct AreaFigures {
    /// The operations that the fake plays, by area and group of routes, such as `organizations` and `teams event-types`.
    pub played: BTreeMap<(String, String), AreaFigure>,
    /// The operations that are answered with examples.
    pub examples: AreaFigure,
    /// Requests without an operation of the document.
    pub without_operation: AreaFigure,
    /// The exchanges of played operations that do not agree.
    pub differing: HashSet<String>,
}

impl AreaFigures {
    pub(super) fn count(&mut self, exchange: &RecordedExchange, agrees: bool) {
        let figure = AreaFigure { passed: usize::from(agrees), all: 1 };
        let Some(operation) = Operation::route(exchange.request.method.as_str(), &exchange.request.path) else {
            return self.without_operation.add(figure);
        };
        if !calcom_fake::played_operations().contains(&operation.id) {
            return self.examples.add(figure);
        }
        self.played.entry(area_of(operation.path)).or_default().add(figure);
        if !agrees {
            self.differing.insert(exchange.name.clone());
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        for (area, figure) in other.played {
            self.played.entry(area).or_default().add(figure);
        }
        self.examples.add(other.examples);
        self.without_operation.add(other.without_operation);
        self.differing.extend(other.differing);
    }

    /// The figure of one area, or of all of them.
    pub fn total(&self, area: Option<&str>) -> AreaFigure {
        let mut total = AreaFigure::default();
        let chosen = self.played.iter().filter(|((of, _), _)| area.is_none_or(|area| area == of));
        chosen.for_each(|(_, figure)| total.add(*figure));
        total
    }
}

/// The area of a path, and its group of routes: the next two words, without parameters.
fn area_of(template: &str) -> (String, String) {
    let mut words = template.split('/').skip(2).filter(|part| !part.is_empty() && !part.starts_with('{'));
    let area = words.next().unwrap_or_default().to_owned();
    (area, words.take(2).collect::<Vec<_>>().join(" "))
}

impl fmt::Display for AreaFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = "";
        for ((area, group), figure) in &self.played {
            if area != last {
                writeln!(f, "{area}: {}", self.total(Some(area)))?;
                last = area;
            }
            if !group.is_empty() {
                writeln!(f, "    {group}: {figure}")?;
            }
        }
        writeln!(f, "operations that the fake plays: {}", self.total(None))?;
        writeln!(f, "operations that are answered with examples: {}", self.examples)?;
        write!(f, "requests without an operation: {}", self.without_operation)
    }
}

#[cfg(test)]
mod tests {
    use super::area_of;

    #[test]
    fn area_and_group_are_read_from_the_first_three_words_of_a_name() {
        let of = |area: &str, group: &str| (area.to_owned(), group.to_owned());
        assert_eq!(area_of("/v2/teams/{teamId}"), of("teams", ""));
        let path = "/v2/organizations/{orgId}/teams/{teamId}/event-types/{eventTypeId}/private-links";
        assert_eq!(area_of(path), of("organizations", "teams event-types"));
    }
}
