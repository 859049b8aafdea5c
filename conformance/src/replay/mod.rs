//! Replays recordings against the library: the types must not lose any part of a successful response, and the
//! [`Error`](calcom::Error) must contain all facts of an error response.
//!
//! Used by `cargo xtask replay` and by a test over `tests/recordings`.

mod compare;
mod documented;
mod documented_areas;
mod failure;
mod recording;
mod success;

use std::{fmt, io, path::Path};

use calcom::operation::Operation;
use recording::Recording;

/// The report of a replay.
#[derive(Debug, Default)]
pub struct ReplayReport {
    /// The number of exchanges without problems.
    pub passed: usize,
    /// The number of successful answers.
    pub successes: usize,
    /// The number of those without problems: each is decoded, and has all of its parts when it is encoded again.
    pub whole: usize,
    /// The problems: `area/case: problem`.
    pub failures: Vec<String>,
    /// Properties of accepted requests that this crate does not know, as `area/case: path`. The service ignores them.
    pub unknown_in_requests: Vec<String>,
    /// The number of skipped recordings: of routes that the document lacks, or of other versions.
    pub skipped: usize,
}

impl fmt::Display for ReplayReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failures.len())
    }
}

/// Replays the recordings in `folder`: an area, or a folder of areas.
///
/// # Errors
///
/// If a file cannot be read or is not a recording, or if there are none.
pub fn run(folder: &Path) -> io::Result<ReplayReport> {
    let mut report = ReplayReport::default();
    for file in recording::files(folder)? {
        let recording = Recording::read(&file)?;
        match recording.operation() {
            Some(operation) => report.play(&recording, operation),
            None => report.skipped += 1,
        }
    }
    Ok(report)
}

impl ReplayReport {
    /// Adds another report.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.successes += other.successes;
        self.whole += other.whole;
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
        self.unknown_in_requests.extend(other.unknown_in_requests);
    }

    fn play(&mut self, recording: &Recording, operation: &'static Operation) {
        let problems = if recording.status >= 400 {
            failure::problems(recording, operation)
        } else {
            let mut problems = success::answer_problems(recording, operation);
            problems.extend(documented::problems(recording, operation));
            problems.extend(documented_areas::problems(recording, operation));
            let request = success::request(recording, operation);
            problems.extend(request.problems);
            let name = &recording.name;
            self.unknown_in_requests.extend(request.unknown.iter().map(|path| format!("{name}: {path}")));
            problems
        };
        let is_success = usize::from(recording.status < 400);
        self.successes += is_success;
        if problems.is_empty() {
            self.passed += 1;
            self.whole += is_success;
        } else {
            self.failures.push(format!("{}: {}", recording.name, problems.join("; ")));
        }
    }
}
