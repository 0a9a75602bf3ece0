//! Carries `pmh.wasm` in the binary: gives `src` its place as `PMH_MODULE_PATH`, for `include_bytes!`.
//!
//! `PMH_MODULE` names a ready file; else the module is compiled from this workspace, with what `cargo xtask setup` found
//! or set up. A build script never installs anything.

use std::path::{Path, PathBuf};
use std::{env, fs};

use pmh_xtask::{Error, Result, build_module, find_wasm_toolchain, target_dir, workspace_root};

fn main() -> Result<()> {
    println!("cargo:rerun-if-env-changed=PMH_MODULE");
    println!("cargo:rerun-if-env-changed=CARGO_TARGET_DIR");
    let module = match env::var_os("PMH_MODULE").filter(|named| !named.is_empty()) {
        Some(named) => ready(&workspace_root().join(named))?,
        None => compiled()?,
    };
    // a copy of its own: the binary depends on nothing that another build may replace or remove
    let kept = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("pmh.wasm");
    fs::copy(&module, &kept).map_err(Error::while_doing(module.display()))?;
    println!("cargo:rustc-env=PMH_MODULE_PATH={}", kept.display());
    Ok(())
}

fn ready(named: &Path) -> Result<PathBuf> {
    println!("cargo:rerun-if-changed={}", named.display());
    if named.is_file() {
        return Ok(named.to_path_buf());
    }
    Err(Error::new(format!("PMH_MODULE names {}, which is not there", named.display())))
}

fn compiled() -> Result<PathBuf> {
    for source in ["Cargo.lock", "Cargo.toml", "core", "wasm"] {
        println!("cargo:rerun-if-changed={}", workspace_root().join(source).display());
    }
    build_module(&find_wasm_toolchain()?, &target_dir().join("module-build"))
}
