//! Compiles `pmh-wasm` to the plain module, so that the same source gives the same bytes in any folder.
//!
//! It must never build into the target folder of a cargo that waits for it: the two would wait for each other.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::without_outer_build;
use crate::toolchain::Compiler;
use crate::{Error, Result, Toolchain, WASM_TARGET, target_dir, workspace_root};

/// Compiles the module into `target_dir`, which must be no other build's, and gives the finished file.
///
/// # Errors
/// It does not compile; the compiler has then said why on standard error.
pub fn build_module(toolchain: &Toolchain, target_dir: &Path) -> Result<PathBuf> {
    build_module_of(toolchain, workspace_root(), target_dir)
}

/// [`build_module`] of a copy of this workspace in another folder.
///
/// # Errors
/// As [`build_module`].
pub fn build_module_of(toolchain: &Toolchain, workspace: &Path, target_dir: &Path) -> Result<PathBuf> {
    build(toolchain, workspace, "module", "abi", target_dir)
}

/// Compiles the module that traps on request, which the hosts' tests alone may run, and gives the finished file.
///
/// It has a profile and folders of its own: whoever looks for the module that is handed out must not find this one.
///
/// # Errors
/// As [`build_module`].
pub fn build_trap_module(toolchain: &Toolchain) -> Result<PathBuf> {
    build(toolchain, workspace_root(), "test-trap", "abi,test-trap", &target_dir().join("test-trap/build"))
}

fn build(
    toolchain: &Toolchain,
    workspace: &Path,
    profile: &str,
    features: &str,
    target_dir: &Path,
) -> Result<PathBuf> {
    let mut cargo = Command::new(&toolchain.cargo);
    let status = compiling_with(toolchain, workspace, &mut cargo)
        .args(["build", "--quiet", "--locked", "--package", "pmh-wasm", "--profile", profile])
        .args(["--target", WASM_TARGET, "--no-default-features", "--features", features])
        .arg("--target-dir")
        .arg(target_dir)
        .stdout(Stdio::null())
        .status()
        .map_err(Error::while_doing("cargo"))?;
    if !status.success() {
        return Err(Error::new("pmh.wasm does not compile: see above"));
    }
    Ok(target_dir.join(WASM_TARGET).join(profile).join("pmh_wasm.wasm"))
}

/// `wasm-pack` out of `tools`, compiling with the same compiler and flags as [`build_module`] does.
///
/// # Errors
/// The `PATH` cannot be written down.
pub fn wasm_pack(toolchain: &Toolchain, tools: &Path) -> Result<Command> {
    // it takes wasm-bindgen and cargo off the PATH
    let own = [tools.to_path_buf()].into_iter().chain(toolchain.cargo.parent().map(Path::to_path_buf));
    let others = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(own.chain(env::split_paths(&others))).map_err(Error::while_doing("PATH"))?;
    let mut command = Command::new(tools.join(format!("wasm-pack{}", env::consts::EXE_SUFFIX)));
    compiling_with(toolchain, workspace_root(), &mut command).env("PATH", path);
    Ok(command)
}

fn compiling_with<'a>(toolchain: &Toolchain, workspace: &Path, command: &'a mut Command) -> &'a mut Command {
    without_outer_build(command)
        .current_dir(workspace)
        .env("RUSTC", &toolchain.rustc.program)
        .env("CARGO_ENCODED_RUSTFLAGS", encoded(&flags(toolchain, workspace)))
        .stdin(Stdio::null())
}

/// What makes the module faster under every runtime, as `docs/performance.md` measures it. A runtime looks at the clock in each call and each
/// round of a loop, so that calls are worth more code here; and it jumps by a table more slowly than it compares a few times.
const FAST: [&str; 2] = ["-Cllvm-args=-inline-threshold=100", "-Cjump-tables=no"];

fn flags(toolchain: &Toolchain, workspace: &Path) -> Vec<String> {
    let mut flags = remap_flags(&toolchain.rustc, workspace);
    // The compiler pads the table index of indirect calls to five bytes, which only runtimes with the reference-types
    // proposal read. The linker's shortest form is what WebAssembly 1.0 wrote, and smaller.
    flags.push("-Clink-arg=--compress-relocations".to_owned());
    flags.extend(FAST.map(str::to_owned));
    flags.extend(toolchain.wasm_sysroot.as_ref().map(|sysroot| format!("--sysroot={}", sysroot.display())));
    flags.extend(toolchain.linker.as_ref().map(|linker| format!("-Clinker={}", linker.display())));
    flags
}

/// Takes the machine's folders out of the file names that panics carry.
pub(crate) fn remap_flags(rustc: &Compiler, workspace: &Path) -> Vec<String> {
    let mut folders = vec![
        (workspace.to_path_buf(), ".".to_owned()),
        (rustc.sysroot.join("lib/rustlib/src/rust"), format!("/rustc/{}", rustc.commit)),
    ];
    // one folder for each registry or mirror that crates came from
    let sources = fs::read_dir(cargo_home().join("registry/src")).into_iter().flatten().flatten();
    let mut sources: Vec<PathBuf> = sources.map(|source| source.path()).collect();
    sources.sort();
    folders.extend(sources.into_iter().map(|source| (source, "/crates".to_owned())));
    folders.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).collect()
}

fn cargo_home() -> PathBuf {
    let default = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(default, PathBuf::from)
}

/// Flags as `CARGO_ENCODED_RUSTFLAGS` wants them: it outranks every other source of flags, and may hold spaces.
pub(crate) fn encoded(flags: &[String]) -> String {
    flags.join("\x1f")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn debian() -> Toolchain {
        let rustc = Compiler {
            program: "/usr/bin/rustc".into(),
            release: "1.96.0".to_owned(),
            commit: "ac68faa".to_owned(),
            host: "x86_64-unknown-linux-gnu".to_owned(),
            llvm_major: "22".to_owned(),
            sysroot: "/usr".into(),
        };
        let (sysroot, linker) = ("/cache/a b/sysroot".into(), "/usr/bin/wasm-ld-22".into());
        Toolchain { cargo: "/usr/bin/cargo".into(), rustc, wasm_sysroot: Some(sysroot), linker: Some(linker) }
    }

    #[test]
    fn every_flag_stands_alone_spaces_and_all() {
        let flags = encoded(&flags(&debian(), workspace_root()));
        let flags: Vec<&str> = flags.split('\x1f').collect();
        assert!(flags.contains(&"--sysroot=/cache/a b/sysroot"), "{flags:?}");
        assert!(flags.contains(&"-Clinker=/usr/bin/wasm-ld-22"), "{flags:?}");
        assert!(flags.contains(&"--remap-path-prefix=/usr/lib/rustlib/src/rust=/rustc/ac68faa"), "{flags:?}");
    }

    #[test]
    fn a_compiler_that_is_complete_is_told_neither_sysroot_nor_linker() {
        let toolchain = Toolchain { wasm_sysroot: None, linker: None, ..debian() };
        let told = flags(&toolchain, workspace_root())
            .iter()
            .any(|flag| flag.contains("sysroot=") || flag.contains("linker="));
        assert!(!told);
    }
}
