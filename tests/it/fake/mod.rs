//! The fake service.

mod agreement;
mod faults;
mod life;
mod versions;
