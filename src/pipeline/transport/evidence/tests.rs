use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Exchanges one after the other, each at a time, with what they show.
struct Server {
    evidence: ConnectionEvidence,
    now: Instant,
    /// The local port of the connection that was opened last.
    port: u16,
}

impl Server {
    fn new(keeps_long: bool) -> Self {
        Self { evidence: ConnectionEvidence::new(keeps_long), now: Instant::now(), port: 40_000 }
    }

    fn pass(&mut self, seconds: u64) -> &mut Self {
        self.now += seconds as u32 * SECOND;
        self
    }

    /// An exchange that succeeds, with a new connection if `opened`. Returns the pool.
    fn exchange(&mut self, is_unsafe: bool, report: ConnectionReport, opened: bool) -> PoolKind {
        self.port += u16::from(opened);
        let (choice, port) = (self.evidence.begin(is_unsafe, self.now), Some(self.port));
        self.evidence.response(choice, report, port);
        self.evidence.end(choice, ExchangeEnd::Reusable, port, self.now);
        choice.pool
    }

    /// An exchange that gets no response.
    fn lose(&mut self) {
        let choice = self.evidence.begin(false, self.now);
        self.evidence.end(choice, ExchangeEnd::Lost, None, self.now);
    }

    /// The pool that the next request would take.
    fn next(&mut self, is_unsafe: bool) -> PoolKind {
        self.evidence.choose(is_unsafe, self.now)
    }
}

use ConnectionReport::{Kept, KeptFor, Multiplexed};
use PoolKind::{Long, Short, Unpooled};

#[test]
fn a_self_hosted_server_that_announces_five_seconds_is_never_given_an_older_connection() {
    let mut server = Server::new(false);
    for seconds in [0, 1, 6, 30, 100] {
        assert_eq!(server.pass(seconds).exchange(seconds % 2 == 0, KeptFor(5 * SECOND), true), Short);
    }
    let mut server = Server::new(true);
    assert_eq!(server.exchange(false, KeptFor(5 * SECOND), true), Long);
    assert_eq!(server.next(false), Short, "whatever was expected of it");
}

#[test]
fn without_an_announcement_reads_take_a_connection_that_was_idle_for_long_and_writes_do_not() {
    let mut server = Server::new(false);
    assert_eq!(server.exchange(false, Kept, true), Short);
    assert_eq!(server.pass(3).exchange(true, Kept, false), Short, "a warm one is used");
    assert_eq!(server.pass(6).exchange(false, Kept, true), Long);
    assert_eq!(server.pass(6).next(true), Short);
    assert_eq!(server.exchange(false, Kept, false), Long);
}

#[test]
fn writes_use_an_idle_connection_after_one_has_survived_as_long() {
    let mut server = Server::new(true);
    server.exchange(false, Kept, true);
    server.pass(10).exchange(false, Kept, false);
    assert_eq!(server.pass(10).next(true), Long);
    assert_eq!(server.pass(1).next(true), Short, "not longer");
    assert_eq!(server.pass(90).next(true), Long, "the pool is empty");
}

#[test]
fn a_connection_that_was_found_closed_takes_the_evidence_back() {
    let mut server = Server::new(true);
    server.exchange(false, Kept, true);
    server.pass(20).exchange(false, Kept, false);
    assert_eq!(server.pass(20).next(true), Long);
    server.exchange(false, Kept, true);
    assert_eq!(server.pass(14).next(true), Long, "much younger");
    assert_eq!(server.pass(2).next(true), Short, "nearly as old");
    assert_eq!(server.pass(4).next(true), Short);
    assert_eq!(server.next(false), Long, "a read that meets a closed one is sent again");
}

#[test]
fn a_connection_that_broke_under_a_request_is_used_by_none_as_long() {
    let mut server = Server::new(true);
    server.exchange(false, Kept, true);
    server.pass(40).lose();
    assert_eq!(server.next(true), Short, "the next one is of unknown age");
    server.pass(91).exchange(false, Kept, true);
    assert_eq!(server.pass(31).next(false), Short);
    server.pass(91).exchange(false, Kept, true);
    assert_eq!(server.pass(29).next(false), Long);
}

#[test]
fn a_connection_that_was_new_or_had_begun_a_response_says_nothing_of_idle_ones_if_it_breaks() {
    let mut server = Server::new(true);
    server.lose();
    server.exchange(false, Kept, true);
    server.pass(91).lose();
    server.pass(91).exchange(false, Kept, true);
    server.pass(40);
    let choice = server.evidence.begin(false, server.now);
    server.evidence.response(choice, Kept, Some(1));
    server.evidence.end(choice, ExchangeEnd::Lost, Some(1), server.now);
    server.pass(91).exchange(false, Kept, true);
    assert_eq!(server.pass(80).next(false), Long, "the response had begun");
}

#[test]
fn without_a_port_no_age_is_known() {
    let mut server = Server::new(true);
    for _ in 0..3 {
        let choice = server.evidence.begin(false, server.now);
        server.evidence.response(choice, Kept, None);
        server.evidence.end(choice, ExchangeEnd::Reusable, None, server.now);
        assert_eq!(choice.pool, Long);
        server.pass(10);
    }
    assert_eq!((server.next(true), server.next(false)), (Short, Long));
}

#[test]
fn while_others_are_in_flight_the_age_of_a_connection_is_unknown() {
    let mut server = Server::new(true);
    server.exchange(false, KeptFor(31 * SECOND), true);
    let choice = server.evidence.begin(false, server.now);
    assert_eq!((server.next(true), server.next(false)), (Short, Long));
    server.evidence.end(choice, ExchangeEnd::Closed, Some(server.port), server.now);
    assert_eq!(server.next(true), Short, "the connection did not come back");
    server.exchange(false, KeptFor(31 * SECOND), true);
    assert_eq!(server.pass(30).next(true), Long, "announced");
    assert_eq!(server.pass(1).next(true), Short);
    assert_eq!(server.next(false), Short, "nor is it good for anything else");
}

#[test]
fn over_http_2_everything_shares_the_connection() {
    let mut server = Server::new(true);
    server.exchange(true, Multiplexed, true);
    assert_eq!(server.pass(80).next(true), Long);
    let choice = server.evidence.begin(true, server.now);
    assert_eq!(server.next(true), Long, "one is in flight");
    server.evidence.end(choice, ExchangeEnd::Reusable, Some(server.port), server.now);
    server.pass(60).lose();
    server.pass(91).exchange(false, Multiplexed, true);
    assert_eq!((server.pass(44).next(true), server.pass(5).next(true)), (Long, Short), "a response was missing");
}

#[test]
fn a_connection_of_the_short_pool_is_not_used_for_longer_than_the_server_announces() {
    let mut server = Server::new(false);
    assert_eq!(server.exchange(true, KeptFor(3 * SECOND), true), Short);
    assert_eq!((server.pass(2).next(true), server.next(false)), (Short, Short), "a second before the announced close");
    assert_eq!((server.pass(1).next(true), server.next(false)), (Unpooled, Unpooled));
    assert_eq!(server.exchange(true, KeptFor(3 * SECOND), true), Unpooled);
    assert_eq!(server.next(true), Unpooled, "that of the pool has not become younger");
    assert_eq!(server.pass(2).next(true), Short, "it holds none any more");
    server.exchange(true, KeptFor(3 * SECOND), true);
    let choice = server.evidence.begin(true, server.now);
    assert_eq!((server.next(true), server.next(false)), (Unpooled, Short), "it may give any of its connections");
    server.evidence.end(choice, ExchangeEnd::Closed, Some(server.port), server.now);
    assert_eq!((server.next(true), server.next(false)), (Unpooled, Short), "the connection did not come back");
}

#[test]
fn a_shorter_announcement_holds_for_connections_of_unknown_age_too() {
    let mut server = Server::new(true);
    server.exchange(false, KeptFor(120 * SECOND), true);
    let choice = server.evidence.begin(false, server.now);
    assert_eq!(server.next(true), Long, "all connections are younger");
    server.evidence.end(choice, ExchangeEnd::Reusable, Some(server.port), server.now);
    server.pass(10).exchange(false, KeptFor(30 * SECOND), false);
    server.evidence.begin(false, server.now);
    assert_eq!((server.next(true), server.next(false)), (Short, Long), "it may be 90 s old");
}

#[test]
fn what_http_2_has_shown_does_not_hold_for_http_1() {
    let mut server = Server::new(true);
    server.exchange(true, Multiplexed, true);
    assert_eq!(server.pass(80).next(true), Long);
    server.pass(91).exchange(false, Kept, true);
    assert_eq!((server.pass(30).next(true), server.next(false)), (Short, Long));
    let choice = server.evidence.begin(false, server.now);
    assert_eq!(server.next(true), Short, "one is in flight");
    server.evidence.end(choice, ExchangeEnd::Reusable, Some(server.port), server.now);
    server.pass(91).exchange(false, Multiplexed, true);
    assert_eq!(server.pass(30).next(true), Short, "the pool may have one of HTTP/1.1");
    server.exchange(false, Multiplexed, false);
    assert_eq!(server.pass(30).next(true), Long, "it has survived as long");
}
