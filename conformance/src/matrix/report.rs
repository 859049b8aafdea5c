//! What came of it all, counted, and as the table of the facts.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::{
    caller::{Caller, Told},
    scenario::Shape,
};

/// What became of one appointment.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) shape: Shape,
    pub(super) what: String,
    /// Whether the whole service stood still, or could not be reached, while it was booked.
    pub(super) stalled: bool,
    /// Whether nothing was in the way: nobody else wanted the time, and the service could be reached in the end.
    pub(super) free: bool,
    pub(super) told: Told,
    /// After `reconcile`.
    pub(super) settled: Told,
    pub(super) took: Duration,
    pub(super) truth: Truth,
}

/// What stands in the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Truth {
    pub(super) whole: bool,
    pub(super) torn: bool,
    pub(super) doubled: bool,
    /// Whether what the caller was told is booked is what stands, each uid of it.
    pub(super) named: bool,
}

/// How one caller fared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many appointments there were.
    pub all: u32,
    /// Booked once, and told so.
    pub booked_and_told: u32,
    /// Not booked, and told so.
    pub honest_failure: u32,
    /// Told that it failed, and it is booked.
    pub failure_but_booked: u32,
    /// Told that it is booked, and it is not, or not what was told.
    pub success_but_not_booked: u32,
    /// Booked twice, whatever was told.
    pub doubles: u32,
    /// Part of a series is left, whatever was told.
    pub torn: u32,
    /// Unknown when the time was up, while the service was alive.
    pub unknown_alive: u32,
    /// Of how many.
    pub alive: u32,
    /// Unknown when the time was up, while the service stood still or could not be reached.
    pub unknown_stalled: u32,
    /// Unknown after `reconcile`.
    pub unknown_after: u32,
    /// Sent in another form than before.
    pub differing: u32,
    /// Told truly that it is not booked, though nothing was in the way: honest, and of no use.
    pub needless: u32,
    /// Of how many that nothing was in the way of.
    pub free: u32,
}

impl Counts {
    /// Whether nobody was lied to and nothing was damaged.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let damage = self.failure_but_booked + self.success_but_not_booked + self.doubles + self.torn;
        damage == 0 && self.unknown_after == 0 && self.differing == 0
    }

    fn add(&mut self, record: &Record) {
        let Truth { whole, torn, doubled, named } = record.truth;
        self.all += 1;
        self.alive += u32::from(!record.stalled);
        self.free += u32::from(record.free);
        self.needless += u32::from(record.free && record.settled == Told::Failed && !whole);
        self.doubles += u32::from(doubled);
        self.torn += u32::from(torn);
        if let Told::Unknown(_) = record.told {
            let unknown = if record.stalled { &mut self.unknown_stalled } else { &mut self.unknown_alive };
            *unknown += 1;
        }
        match record.settled {
            Told::Booked(_) if !whole || !named => self.success_but_not_booked += 1,
            Told::Booked(_) if !doubled => self.booked_and_told += 1,
            Told::Failed if whole => self.failure_but_booked += 1,
            Told::Failed if !torn => self.honest_failure += 1,
            Told::Unknown(_) => self.unknown_after += 1,
            _ => {}
        }
    }

    fn join(&mut self, other: &Self) {
        self.all += other.all;
        self.booked_and_told += other.booked_and_told;
        self.honest_failure += other.honest_failure;
        self.failure_but_booked += other.failure_but_booked;
        self.success_but_not_booked += other.success_but_not_booked;
        self.doubles += other.doubles;
        self.torn += other.torn;
        self.unknown_alive += other.unknown_alive;
        self.alive += other.alive;
        self.unknown_stalled += other.unknown_stalled;
        self.unknown_after += other.unknown_after;
        self.differing += other.differing;
        self.needless += other.needless;
        self.free += other.free;
    }
}

/// How everybody fared.
#[derive(Debug, Clone, Default)]
pub struct Report {
    callers: Vec<(Caller, Counts)>,
    shapes: BTreeMap<Shape, Counts>,
    /// How long the service's callers waited for an outcome.
    took: Vec<Duration>,
    /// What went wrong for the service's callers, one a line.
    pub wrong: Vec<String>,
    /// What was unknown to them when the time was up, while the service was alive, and what was needlessly not booked.
    pub unknown: Vec<String>,
}

impl Report {
    pub(super) fn add(&mut self, caller: Caller, records: &[Record], differing: u32) {
        let mut counts = Counts { differing, ..Counts::default() };
        for record in records {
            counts.add(record);
            if caller == Caller::Service {
                self.shapes.entry(record.shape).or_default().add(record);
                self.took.push(record.took);
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

    fn note(&mut self, record: &Record) {
        let mut one = Counts::default();
        one.add(record);
        let Record { shape, what, told, settled, truth, .. } = record;
        if one.unknown_alive > 0 {
            self.unknown.push(format!("unknown: {shape}, {what}"));
        }
        if one.needless > 0 {
            self.unknown.push(format!("not booked: {shape}, {what}"));
        }
        if !one.is_clean() {
            self.wrong.push(format!("{shape}, {what}: told {told:?}, then {settled:?}; in truth {truth:?}"));
        }
    }

    /// Takes in what another part of the same run came to.
    pub(super) fn join(&mut self, other: Self) {
        for (caller, counts) in &other.callers {
            self.count(*caller, counts);
        }
        for (shape, counts) in other.shapes {
            self.shapes.entry(shape).or_default().join(&counts);
        }
        self.took.extend(other.took);
        self.wrong.extend(other.wrong);
        self.unknown.extend(other.unknown);
    }

    /// How this caller fared.
    #[must_use]
    pub fn of(&self, caller: Caller) -> Counts {
        self.callers.iter().find(|(known, _)| *known == caller).map(|(_, counts)| counts.clone()).unwrap_or_default()
    }

    /// The share of the service's outcomes that were unknown when the time was up, while the service was alive.
    #[must_use]
    pub fn unknown_share(&self) -> f64 {
        let counts = self.of(Caller::Service);
        f64::from(counts.unknown_alive) / f64::from(counts.alive.max(1))
    }

    fn quantile(&self, share: f64) -> Duration {
        let mut took = self.took.clone();
        took.sort_unstable();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let at = (took.len().saturating_sub(1) as f64 * share) as usize;
        took.get(at).copied().unwrap_or_default()
    }
}

impl fmt::Display for Report {
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
        for (caller, Counts { needless, free, .. }) in &self.callers {
            writeln!(f, "not booked though nothing was in the way: {needless} of {free} ({caller})")?;
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
    let Counts { all, booked_and_told, honest_failure, failure_but_booked, success_but_not_booked, .. } = counts;
    let Counts { doubles, torn, unknown_after, .. } = counts;
    writeln!(
        f,
        "| {name} | {all} | {booked_and_told} | {honest_failure} | {failure_but_booked} | {success_but_not_booked} | \
         {doubles} | {torn} | {unknown} | {unknown_after} |"
    )
}
