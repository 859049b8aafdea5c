//! Some hundred appointments of the fault matrix, ten thousand with `CALCOM_LONG`.

use calcom_conformance::matrix::{self, Caller, MatrixReport, Plan};
use tokio::runtime::Builder;

/// The number of appointments, and the largest share of them that may be unknown at their deadline. It differs from run to run, of few
/// appointments by far, because paused time passes while an answer is on its way through a socket. Measured of ten thousand: 0.7 %, and
/// 2.1 % over HTTP/2, where a fault that breaks a connection breaks the requests of other callers on it too.
fn size(few: usize, share_of_few: f64, share_of_all: f64) -> (usize, f64) {
    if std::env::var_os("CALCOM_LONG").is_some() { (10_000, share_of_all) } else { (few, share_of_few) }
}

fn run(plan: Plan) -> MatrixReport {
    let report = matrix::run(plan, || Builder::new_current_thread().enable_all().start_paused(true).build()).unwrap();
    println!("{report}{}", report.unknown.join("\n"));
    report
}

#[test]
fn under_every_network_fault_outcomes_agree_with_the_service_and_no_booking_is_damaged() {
    let (appointments, most_unknown) = size(400, 0.03, 0.01);
    let report = run(Plan { appointments, ..Plan::default() });
    let service = report.of(Caller::Service);
    assert_eq!(service.all as usize, appointments);
    assert!(service.is_clean(), "{report}");
    assert!(report.unknown_share() < most_unknown, "{report}");
    // A service that always reports "not booked" would pass the checks above.
    assert!(service.free > service.all * 5 / 12 && service.avoidable_failures * 50 < service.free, "{report}");
    // The same faults lead to false outcomes with the simple clients.
    assert!(report.of(Caller::NoRetry).false_failures > service.all / 6, "{report}");
    let thrice = report.of(Caller::ThreeRetries);
    assert!(thrice.false_failures > service.all / 12 && thrice.duplicates > 0 && thrice.partial_series > 0, "{report}");
}

#[test]
fn an_outcome_that_cannot_be_looked_up_because_of_an_open_circuit_is_unknown() {
    let report = run(Plan { appointments: 160, breaker: true, callers: &[Caller::Service], ..Plan::default() });
    let service = report.of(Caller::Service);
    assert_eq!(service.all, 160);
    assert!(service.is_clean(), "{report}");
}

#[test]
fn over_http_2_outcomes_agree_with_the_service_under_every_fault() {
    let (appointments, most_unknown) = size(240, 0.06, 0.03);
    let report = run(Plan { appointments, http2: true, callers: &[Caller::Service], ..Plan::default() });
    let service = report.of(Caller::Service);
    assert_eq!(service.all as usize, appointments);
    assert!(service.is_clean(), "{report}");
    assert!(report.unknown_share() < most_unknown, "{report}");
    assert!(service.free > service.all * 5 / 18 && service.avoidable_failures * 50 < service.free, "{report}");
}
