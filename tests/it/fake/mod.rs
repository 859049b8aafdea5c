//! The fake service.

mod agreement;
mod life;
mod versions;
