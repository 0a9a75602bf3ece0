//! The core as a WebAssembly module: shims that move bytes, and nothing else.
//!
//! A shim may hold no domain knowledge; what it exports is written down in `ABI.md`.

#[cfg(feature = "abi")]
mod abi;
#[cfg(feature = "bindgen")]
pub mod bindgen;
#[cfg(feature = "abi")]
mod sessions;
mod trap;
