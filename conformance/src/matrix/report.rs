//! The report: counts by caller, and the table.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::{
    caller::{Caller, ReportedOutcome},
    scenario::BookingShape,
};

/// The result of one appointment.
#[derive(Debug, Clone)]
pub(super) struct AppointmentResult {
    pub(super) shape: BookingShape,
    pub(super) what: String,
    /// Whether the whole service stalled or was unreachable during the booking.
    pub(super) stalled: bool,
    /// Whether it could be booked: there was no rival, and the service was reachable in the end.
    pub(super) free: bool,
    pub(super) reported: ReportedOutcome,
    /// The outcome after `reconcile`.
    pub(super) settled: ReportedOutcome,
    pub(super) durations: Duration,
    pub(super) truth: ActualState,
}

/// The actual bookings of an appointment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ActualState {
    pub(super) whole: bool,
    pub(super) partial_series: bool,
    pub(super) doubled: bool,
    /// Whether the reported uids are those of the actual bookings.
    pub(super) named: bool,
}

/// The counts of one caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// The number of appointments.
    pub all: u32,
    /// Booked once, and reported as booked.
    pub correct_successes: u32,
    /// Not booked, and reported as not booked.
    pub correct_failures: u32,
    /// Reported as not booked, and booked.
    pub false_failures: u32,
    /// Reported as booked, and not booked, or booked with other uids.
    pub false_successes: u32,
    /// Booked twice, with any reported outcome.
    pub duplicates: u32,
    /// Part of a series is booked, with any reported outcome.
    pub partial_series: u32,
    /// Unknown at the deadline, while the service was available.
    pub unknown_alive: u32,
    /// The number of appointments while the service was available.
    pub alive: u32,
    /// Unknown at the deadline, while the service stalled or was unreachable.
    pub unknown_stalled: u32,
    /// Unknown after `reconcile`.
    pub unknown_after: u32,
    /// Retries whose body differs from the first one.
    pub body_mismatches: u32,
    /// Correctly reported as not booked, although it could be booked.
    pub avoidable_failures: u32,
    /// The number of appointments that could be booked.
    pub free: u32,
}

impl Counts {
    /// Whether there are no false outcomes, duplicates, partial series or changed bodies.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let damage = self.false_failures + self.false_successes + self.duplicates + self.partial_series;
        damage == 0 && self.unknown_after == 0 && self.body_mismatches == 0
    }

    fn add(&mut self, record: &AppointmentResult) {
        let ActualState { whole, partial_series, doubled, named } = record.truth;
        self.all += 1;
        self.alive += u32::from(!record.stalled);
        self.free += u32::from(record.free);
        self.avoidable_failures += u32::from(record.free && record.settled == ReportedOutcome::Failed && !whole);
        self.duplicates += u32::from(doubled);
        self.partial_series += u32::from(partial_series);
        if let ReportedOutcome::Unknown(_) = record.reported {
            let unknown = if record.stalled { &mut self.unknown_stalled } else { &mut self.unknown_alive };
            *unknown += 1;
        }
        match record.settled {
            ReportedOutcome::Booked(_) if !whole || !named => self.false_successes += 1,
            ReportedOutcome::Booked(_) if !doubled => self.correct_successes += 1,
            ReportedOutcome::Failed if whole => self.false_failures += 1,
            ReportedOutcome::Failed if !partial_series => self.correct_failures += 1,
            ReportedOutcome::Unknown(_) => self.unknown_after += 1,
            _ => {}
        }
    }

    fn join(&mut self, other: &Self) {
        self.all += other.all;
        self.correct_successes += other.correct_successes;
        self.correct_failures += other.correct_failures;
        self.false_failures += other.false_failures;
        self.false_successes += other.false_successes;
        self.duplicates += other.duplicates;
        self.partial_series += other.partial_series;
        self.unknown_alive += other.unknown_alive;
        self.alive += other.alive;
        self.unknown_stalled += other.unknown_stalled;
        self.unknown_after += other.unknown_after;
        self.body_mismatches += other.body_mismatches;
        self.avoidable_failures += other.avoidable_failures;
        self.free += other.free;
    }
}

/// The report of a run.
#[derive(Debug, Clone, Default)]
pub struct MatrixReport {
    callers: Vec<(Caller, Counts)>,
    shapes: BTreeMap<BookingShape, Counts>,
    /// The durations of the booking service's calls.
    durations: Vec<Duration>,
    /// The errors of the booking service, one a line.
    pub wrong: Vec<String>,
    /// The unknown outcomes while the service was available, and the avoidable failures, one a line.
    pub unknown: Vec<String>,
}

impl MatrixReport {
    pub(super) fn add(&mut self, caller: Caller, records: &[AppointmentResult], body_mismatches: u32) {
        let mut counts = Counts { body_mismatches, ..Counts::default() };
        for record in records {
            counts.add(record);
            if caller == Caller::Service {
                self.shapes.entry(record.shape).or_default().add(record);
                self.durations.push(record.durations);
                self.note(record);
            }
        }
        self.count(caller, &counts);
    }

    fn count(&mut self, caller: Caller, counts: &Counts) {
        match self.callers.iter_mut().find(|(known, _)| *known == caller) {
            Some((_, known)) => known.join(counts),
            None => self.callers.push((caller, counts.clone())),
        }
    }

    fn note(&mut self, record: &AppointmentResult) {
        let mut one = Counts::default();
        one.add(record);
        let AppointmentResult { shape, what, reported, settled, truth, .. } = record;
        if one.unknown_alive > 0 {
            self.unknown.push(format!("unknown: {shape}, {what}"));
        }
        if one.avoidable_failures > 0 {
            self.unknown.push(format!("not booked: {shape}, {what}"));
        }
        if !one.is_clean() {
            self.wrong.push(format!("{shape}, {what}: reported {reported:?}, then {settled:?}; actual {truth:?}"));
        }
    }

    /// Adds the report of another part of the run.
    pub(super) fn join(&mut self, other: Self) {
        for (caller, counts) in &other.callers {
            self.count(*caller, counts);
        }
        for (shape, counts) in other.shapes {
            self.shapes.entry(shape).or_default().join(&counts);
        }
        self.durations.extend(other.durations);
        self.wrong.extend(other.wrong);
        self.unknown.extend(other.unknown);
    }

    /// The counts of a caller.
    #[must_use]
    pub fn of(&self, caller: Caller) -> Counts {
        self.callers.iter().find(|(known, _)| *known == caller).map(|(_, counts)| counts.clone()).unwrap_or_default()
    }

    /// The share of outcomes that were unknown at the deadline while the service was available.
    #[must_use]
    pub fn unknown_share(&self) -> f64 {
        let counts = self.of(Caller::Service);
        f64::from(counts.unknown_alive) / f64::from(counts.alive.max(1))
    }

    fn quantile(&self, share: f64) -> Duration {
        let mut durations = self.durations.clone();
        durations.sort_unstable();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let at = (durations.len().saturating_sub(1) as f64 * share) as usize;
        durations.get(at).copied().unwrap_or_default()
    }
}

impl fmt::Display for MatrixReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "|---|{}", "--:|".repeat(9))?;
        for (caller, counts) in &self.callers {
            row(f, &caller.to_string(), counts)?;
        }
        for (shape, counts) in &self.shapes {
            row(f, &format!("  {shape}"), counts)?;
        }
        let share = self.unknown_share() * 100.0;
        writeln!(f, "unknown at the deadline while the service was alive: {share:.2} %")?;
        for (caller, Counts { avoidable_failures, free, .. }) in &self.callers {
            writeln!(f, "not booked though nothing was in the way: {avoidable_failures} of {free} ({caller})")?;
        }
        let (half, most, all) = (self.quantile(0.5), self.quantile(0.99), self.quantile(1.0));
        writeln!(f, "time to an outcome: median {half:.1?}, 99 % within {most:.1?}, all within {all:.1?}")?;
        for wrong in self.wrong.iter().take(20) {
            writeln!(f, "wrong: {wrong}")?;
        }
        Ok(())
    }
}

const HEAD: &str = "| client | appointments | booked once, told so | honest failure | **told failure, but booked** | \
                    **told success, not booked** | **doubles left** | **torn series left** | unknown at the deadline | \
                    unknown after reconcile |";

fn row(f: &mut fmt::Formatter<'_>, name: &str, counts: &Counts) -> fmt::Result {
    let unknown = match counts.unknown_stalled {
        0 => counts.unknown_alive.to_string(),
        stalled => format!("{} + {stalled} while it stood still or was not reached", counts.unknown_alive),
    };
    let Counts { all, correct_successes, correct_failures, false_failures, false_successes, .. } = counts;
    let Counts { duplicates, partial_series, unknown_after, .. } = counts;
    writeln!(
        f,
        "| {name} | {all} | {correct_successes} | {correct_failures} | {false_failures} | {false_successes} | \
         {duplicates} | {partial_series} | {unknown} | {unknown_after} |"
    )
}
