//! Several operating-system processes that share one key over a real redis-server.

mod cache;
mod cluster;
mod outage;
mod process;
mod quota;
mod shared;
mod tls;
