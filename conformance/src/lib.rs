//! What checks the library and its fake against recorded exchanges and against faults: [`replay`] plays recordings against
//! the library, [`agreement`] against the fake, and [`matrix`] books appointments through a proxy that misbehaves.
//!
//! A tool of this project; never published. What needs no recording and no matrix is tested beside the code.

pub mod agreement;
pub mod matrix;
mod reencode;
pub mod replay;
pub mod wire;
