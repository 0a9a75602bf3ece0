//! `cargo xtask test-trap`: the module as it is, but for one thing: it traps on request. For the hosts' own tests, and nobody else.
//!
//! It leaves `pmh.wasm` and `node/pmh.js` in `target/test-trap`, far from `target/dist` and `target/npm`.

use std::fs;
use std::path::PathBuf;

use pmh_xtask::{Error, Result, Toolchain, build_trap_module, on_path, step, target_dir};

use super::npm;

/// Gives the folder, which the hosts' tests look for in `PMH_TEST_TRAP`.
pub(crate) fn run(toolchain: &Toolchain) -> Result<PathBuf> {
    let folder = target_dir().join("test-trap");
    step("building the modules that trap", "for the hosts' tests", "about 60 s if they changed", || {
        let built = build_trap_module(toolchain)?;
        fs::copy(&built, folder.join("pmh.wasm")).map_err(Error::while_doing(built.display()))?;
        if on_path("npm").is_some() {
            npm::with_trap(toolchain, &folder.join("node"))?;
        }
        Ok(folder)
    })
}
