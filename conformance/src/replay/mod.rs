//! Recorded exchanges played against the library: nothing of a success may be lost between the service and a caller, and
//! everything that an error tells must be found in the [`Error`](calcom::Error) that it becomes.
//!
//! It reads recordings and counts; what went over the wire when they were made is theirs, and printing is left to the
//! caller (`cargo xtask replay`, and a test over `tests/recordings`).

mod compare;
mod documented;
mod failure;
mod recording;
mod success;

use std::{fmt, io, path::Path};

use calcom::operation::Operation;
use recording::Recording;

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// How many exchanges are read whole.
    pub passed: usize,
    /// The others: `area/case: what is wrong`.
    pub failures: Vec<String>,
    /// Properties of accepted requests that this crate does not know, `area/case: path`: the service drops them.
    pub unknown_in_requests: Vec<String>,
    /// How many recordings were left out: of routes that the document does not have, or at other versions.
    pub skipped: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failures.len())
    }
}

/// Plays every recording in `folder`: one area, or a folder of areas.
///
/// # Errors
///
/// Where a file cannot be read, is not a recording, or there is none.
pub fn run(folder: &Path) -> io::Result<Report> {
    let mut report = Report::default();
    for file in recording::files(folder)? {
        let recording = Recording::read(&file)?;
        match recording.operation() {
            Some(operation) => report.play(&recording, operation),
            None => report.skipped += 1,
        }
    }
    Ok(report)
}

impl Report {
    /// Adds what came of other folders.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
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
            let request = success::request(recording, operation);
            problems.extend(request.problems);
            let name = &recording.name;
            self.unknown_in_requests.extend(request.unknown.iter().map(|path| format!("{name}: {path}")));
            problems
        };
        if problems.is_empty() {
            self.passed += 1;
        } else {
            self.failures.push(format!("{}: {}", recording.name, problems.join("; ")));
        }
    }
}
