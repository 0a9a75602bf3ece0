//! Finds or sets up what `pmh.wasm` is compiled with, and compiles it.
//!
//! A library, because two callers need the same answer: the commands of `cargo xtask`, and `host-runner/build.rs`, which
//! carries the module in the binary. A build script only looks ([`find_wasm_toolchain`]); installing is for
//! the commands ([`ensure_wasm_toolchain`]). It depends on nothing, so that a build script costs nothing.

#![expect(clippy::print_stderr, reason = "long steps say what they do before they do it")]

mod debian;
mod error;
mod module;
mod process;
mod step;
mod toolchain;

use std::env;
use std::path::{Path, PathBuf};

pub use error::{Error, Result};
pub use module::{build_module, build_module_of, build_trap_module, wasm_pack};
pub use process::on_path;
pub use step::step;
pub use toolchain::{Toolchain, ensure_wasm_toolchain, find_wasm_toolchain};

/// What the module is compiled for: core WebAssembly without any system interface.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The command that sets up whatever [`find_wasm_toolchain`] found missing.
pub const SETUP_COMMAND: &str = "cargo xtask setup";

/// The folder of the workspace.
#[must_use]
pub fn workspace_root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// The folder that cargo builds into: `CARGO_TARGET_DIR`, or `target` in the workspace.
///
/// A relative `CARGO_TARGET_DIR` counts from the workspace: a build script runs elsewhere than the command that started it.
#[must_use]
pub fn target_dir() -> PathBuf {
    let named = env::var_os("CARGO_TARGET_DIR").filter(|named| !named.is_empty());
    workspace_root().join(named.unwrap_or_else(|| "target".into()))
}
