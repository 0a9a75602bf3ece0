//! The way without rustup: Debian's own compiler, and the target's standard library built from Debian's sources.
//!
//! The packages go into the system by apt-get; everything else stays in the workspace's target folder, and
//! appears there complete or not at all. The compiler in use stays in use: this one compiles the module alone.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::module::{encoded, remap_flags};
use crate::process::{output_of, without_outer_build};
use crate::toolchain::{Compiler, Toolchain, has_target, target_libraries};
use crate::{Error, Result, WASM_TARGET, step, target_dir, workspace_root};

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const LIBRARY_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/Cargo.lock";
const LINKER: &str = "/usr/bin/wasm-ld-22";
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

/// The compiler that an earlier [`set_up`] prepared.
pub(crate) fn find() -> Result<Option<Toolchain>> {
    if !Path::new(RUSTC).is_file() || !Path::new(CARGO).is_file() {
        return Ok(None);
    }
    let Ok(rustc) = Compiler::ask(RUSTC.into()) else { return Ok(None) };
    let sysroot = cache(&rustc).join("sysroot");
    if !has_target(&sysroot) {
        return Ok(None);
    }
    let linker = rustc.linker()?;
    Ok(Some(Toolchain { cargo: CARGO.into(), rustc, wasm_sysroot: Some(sysroot), linker }))
}

/// Installs the packages and builds the target's standard library.
pub(crate) fn set_up() -> Result<Toolchain> {
    let installed = [RUSTC, CARGO, LIBRARY_SOURCE, LINKER].iter().all(|file| Path::new(file).is_file());
    if !installed {
        install()?;
    }
    let rustc = Compiler::ask(RUSTC.into())?;
    let needed = env!("CARGO_PKG_RUST_VERSION");
    if version(&rustc.release) < version(needed) {
        let message = format!("Debian's rustc is {}; {needed} or newer is needed", rustc.release);
        return Err(Error::new(message).mended_by(format!("rustup target add {WASM_TARGET}")));
    }
    build_library(&rustc)?;
    find()?.ok_or_else(|| Error::new(format!("the library built by {RUSTC} is not where it was put")))
}

fn install() -> Result<()> {
    let command = format!("apt-get install --no-install-recommends {}", PACKAGES.join(" "));
    let is_root = output_of(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root {
        return Err(Error::new(format!("no compiler here has the standard library for {WASM_TARGET}"))
            .mended_by(format!("sudo {command}")));
    }
    let installed =
        step(&command, "rustup has no standard library for the module here", "about 60 s", || {
            // an outdated list is no obstacle where the packages are in it
            let _ = output_of(apt_get().arg("update"));
            let options = ["install", "--yes", "--no-remove", "--no-install-recommends"];
            output_of(apt_get().args(options).args(PACKAGES))
        });
    installed.map(drop).map_err(|error| error.mended_by(command))
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["--quiet", "--option", "DPkg::Lock::Timeout=300"]);
    command
}

/// Builds the library of `rustc` for the target: in a folder of its own, renamed when it is complete.
fn build_library(rustc: &Compiler) -> Result<()> {
    let cache = cache(rustc);
    let sysroot = cache.join("sysroot");
    let in_cache = || format!("preparing {}", cache.display());
    fs::create_dir_all(&cache).map_err(Error::while_doing(in_cache()))?;
    let lock = File::create(cache.join("lock")).map_err(Error::while_doing(in_cache()))?;
    lock.lock().map_err(Error::while_doing(in_cache()))?;
    if has_target(&sysroot) {
        return Ok(()); // another process built it while this one waited
    }
    let what = format!("building the Rust standard library for {WASM_TARGET}");
    step(&what, "Debian packages its source only; kept for the next time", "about 60 s on two cores", || {
        let building = cache.join("building");
        if building.exists() {
            fs::remove_dir_all(&building).map_err(Error::while_doing(in_cache()))?; // of a killed run
        }
        let fresh = building.join("sysroot");
        compile_library(rustc, &building)?;
        collect_library(&building, &fresh).map_err(Error::while_doing(in_cache()))?;
        if !has_target(&fresh) {
            return Err(Error::new("cargo built the standard library, but put it somewhere unexpected"));
        }
        fs::rename(&fresh, &sysroot).map_err(Error::while_doing(in_cache()))?;
        fs::remove_dir_all(&building).map_err(Error::while_doing(in_cache()))
    })
}

/// Compiles an empty crate with its standard library.
fn compile_library(rustc: &Compiler, building: &Path) -> Result<()> {
    let manifest = "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::create_dir_all(building.join("src"))
        .and_then(|()| fs::write(building.join("Cargo.toml"), manifest))
        .and_then(|()| fs::write(building.join("src/lib.rs"), "#![no_std]\n"))
        .map_err(Error::while_doing(building.display()))?;

    let mut flags = remap_flags(rustc, workspace_root());
    flags.push("-Cembed-bitcode=yes".to_owned()); // link-time optimization of the module reaches into the library
    let mut cargo = Command::new(CARGO);
    without_outer_build(&mut cargo)
        .current_dir(building)
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1") // -Zbuild-std is what needs it, here alone
        .env("CARGO_ENCODED_RUSTFLAGS", encoded(&flags))
        .args(["build", "--release", "--target", WASM_TARGET, "-Zbuild-std=std,panic_abort,proc_macro"])
        .arg("--target-dir")
        .arg(building.join("target"));
    output_of(&mut cargo).map(drop)
}

fn collect_library(building: &Path, sysroot: &Path) -> std::io::Result<()> {
    let libraries = target_libraries(sysroot);
    fs::create_dir_all(&libraries)?;
    for file in fs::read_dir(building.join("target").join(WASM_TARGET).join("release/deps"))? {
        let file = file?.path();
        let name = file.file_name().unwrap_or_default();
        let is_own = name.to_string_lossy().starts_with("libempty-");
        if !is_own && file.extension() == Some(OsStr::new("rlib")) {
            fs::rename(&file, libraries.join(name))?;
        }
    }
    Ok(())
}

/// Another compiler has another library: the folder is named after it.
fn cache(rustc: &Compiler) -> PathBuf {
    let commit = rustc.commit.get(..9).unwrap_or(&rustc.commit);
    target_dir().join("toolchain").join(format!("{}-{commit}", rustc.release))
}

fn version(text: &str) -> Vec<u32> {
    text.split(['.', '-']).map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(version("1.85.0") < version("1.95"));
        assert!(version("1.100.0") >= version("1.95"));
        assert!(version("1.95.0") >= version("1.95"));
        assert_eq!(version("1.97.0-beta.1"), [1, 97, 0]);
    }
}
