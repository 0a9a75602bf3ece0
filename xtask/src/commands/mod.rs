//! The commands of `cargo xtask`.

pub(crate) mod bench;
pub(crate) mod demo;
pub(crate) mod dist;
pub(crate) mod fuzz;
mod hosts;
mod junit;
pub(crate) mod npm;
mod packages;
mod simulator;
mod tally;
pub(crate) mod test;
pub(crate) mod test_trap;
pub(crate) mod workload;

use std::env;
use std::process::Command;

use pmh_xtask::{Error, Result, workspace_root};

/// Cargo as it was called, at the workspace's root, with the versions of `Cargo.lock`.
///
/// What `cargo run` tells this program about itself is kept from it: some build scripts watch these variables, and would
/// compile again at every change between `cargo xtask` and plain `cargo`.
fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let told =
            name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_"));
        if told {
            cargo.env_remove(name);
        }
    }
    cargo.current_dir(workspace_root()).args([command, "--locked"]);
    cargo
}

/// Runs a program that prints for itself, and says whether it succeeded.
fn succeeds(command: &mut Command) -> Result<bool> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.status().map(|status| status.success()).map_err(Error::while_doing(name))
}
