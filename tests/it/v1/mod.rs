//! V1's types and calls, executed by V2.

mod accepted;
mod availability;
mod ids;
mod memberships;
mod paging;
mod recorded;
mod refused;
mod requests;
mod round_trip;
mod secrets;
mod series;
mod support;
mod team_availability;
mod teams;
mod through_gateway;
