//! The pure core.
pub mod rules;
