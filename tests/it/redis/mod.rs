//! Several operating-system processes that share one key over a real redis-server.

mod cluster;
mod outage;
mod process;
mod quota;
mod shared;
mod tls;
