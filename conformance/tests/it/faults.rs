//! Some hundred appointments of the fault matrix. `cargo xtask faults` books ten thousand.

use calcom_conformance::matrix::{self, Caller, MatrixReport, Plan};
use tokio::runtime::Builder;

/// The share of appointments that may be unknown at their deadline. `cargo xtask faults` measures it; here it only shows that most
/// are known: paused time passes while an answer is on its way through a socket, more of it if the machine is busy.
const MAX_UNKNOWN: f64 = 0.05;

fn run(plan: Plan) -> MatrixReport {
    let report = matrix::run(plan, || Builder::new_current_thread().enable_all().start_paused(true).build()).unwrap();
    println!("{report}{}", report.unknown.join("\n"));
    report
}

#[test]
fn nobody_is_lied_to_and_nothing_is_damaged_whatever_the_network_does() {
    let report = run(Plan { appointments: 600, ..Plan::default() });
    let service = report.of(Caller::Service);
    assert_eq!(service.all, 600);
    assert!(service.is_clean(), "{report}");
    assert!(report.unknown_share() < MAX_UNKNOWN, "{report}");
    // A service that always reports "not booked" would pass the checks above.
    assert!(service.free > 250 && service.avoidable_failures * 50 < service.free, "{report}");
    // The same faults lead to false outcomes with the simple clients.
    assert!(report.of(Caller::NoRetry).false_failures > 100, "{report}");
    let thrice = report.of(Caller::ThreeRetries);
    assert!(thrice.false_failures > 50 && thrice.duplicates > 0 && thrice.partial_series > 0, "{report}");
}

#[test]
fn what_an_open_circuit_keeps_from_being_looked_up_is_unknown_and_never_a_lie() {
    let report = run(Plan { appointments: 240, breaker: true, callers: &[Caller::Service], ..Plan::default() });
    let service = report.of(Caller::Service);
    assert_eq!(service.all, 240);
    assert!(service.is_clean(), "{report}");
}

#[test]
fn over_http_2_nobody_is_lied_to_either() {
    let report = run(Plan { appointments: 360, http2: true, callers: &[Caller::Service], ..Plan::default() });
    let service = report.of(Caller::Service);
    assert_eq!(service.all, 360);
    assert!(service.is_clean(), "{report}");
    assert!(report.unknown_share() < MAX_UNKNOWN, "{report}");
    assert!(service.free > 100 && service.avoidable_failures * 50 < service.free, "{report}");
}
