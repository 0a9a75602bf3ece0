//! `cargo xtask npm`: the npm package, compiled by `wasm-pack` for Node and for browsers.
//!
//! It leaves `target/npm/package`, which the JavaScript examples link to, and beside it the tarball that `npm pack` makes of it. The tools go
//! into `target/tools`, in fixed versions, and nowhere else.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pmh_xtask::{Error, Result, Toolchain, on_path, step, target_dir, wasm_pack, workspace_root};

use super::succeeds;

const WASM_PACK: &str = "0.15.1";
/// The package that is `wasm-bindgen`, with the lock file of its libraries.
const BINDGEN: &str = "xtask/wasm-bindgen";
/// What stands in the package beside what is compiled.
const FILES: [(&str, &str); 7] = [
    ("wasm/npm/package.json", "package.json"),
    ("wasm/npm/README.md", "README.md"),
    ("wasm/npm/node/index.mjs", "node/index.mjs"),
    ("wasm/npm/node/index.d.mts", "node/index.d.mts"),
    ("wasm/npm/web/package.json", "web/package.json"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
];

/// Gives the tarball.
pub(crate) fn run(toolchain: &Toolchain) -> Result<PathBuf> {
    on_path("npm")
        .ok_or_else(|| Error::new("there is no npm here").mended_by("apt-get install nodejs npm"))?;
    let tools = tools()?;
    let folder = target_dir().join("npm");
    let package = folder.join("package");
    if package.exists() {
        fs::remove_dir_all(&package).map_err(Error::while_doing(package.display()))?;
    }
    step("building the npm package", "with whole-program optimization", "about 60 s if it changed", || {
        for (target, name) in [("nodejs", "node"), ("web", "web")] {
            compile(toolchain, &tools, target, "module", "bindgen", &package.join(name))?;
        }
        Ok(())
    })?;
    for (from, to) in FILES {
        copy(&workspace_root().join(from), &package.join(to))?;
    }
    pack(&package, &folder)
}

/// The folder of `wasm-pack` and `wasm-bindgen`, installed where they are not there in the right version.
fn tools() -> Result<PathBuf> {
    let root = target_dir().join("tools");
    let lock = workspace_root().join("Cargo.lock");
    let lock = fs::read_to_string(&lock).map_err(Error::while_doing(lock.display()))?;
    // the program that writes the JavaScript must be of the version that the crate is; its own lock file pins the rest
    let bindgen =
        locked(&lock, "wasm-bindgen").ok_or_else(|| Error::new("Cargo.lock names no wasm-bindgen"))?;
    let program = workspace_root().join(BINDGEN).display().to_string();
    let build = root.join("build").display().to_string();
    install(&root, "wasm-bindgen", &["--path", &program, "--locked", "--target-dir", &build], bindgen)?;
    install(&root, "wasm-pack", &["wasm-pack", "--version", WASM_PACK, "--locked"], WASM_PACK)?;
    Ok(root.join("bin"))
}

fn install(root: &Path, program: &str, arguments: &[&str], version: &str) -> Result<()> {
    let installed = root.join("bin").join(format!("{program}{}", env::consts::EXE_SUFFIX));
    let printed = Command::new(installed).arg("--version").output();
    if printed.is_ok_and(|printed| {
        String::from_utf8_lossy(&printed.stdout).trim() == format!("{program} {version}")
    }) {
        return Ok(());
    }
    let command = format!("cargo install --root {} {}", root.display(), arguments.join(" "));
    let done = step(&command, "kept for the next time", "about 3 min on two cores", || {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // each runs for seconds, so that optimizing them would take longer than it saves
        succeeds(cargo.args(["install", "--quiet", "--debug", "--root"]).arg(root).args(arguments))
    })?;
    if done {
        Ok(())
    } else {
        Err(Error::new(format!("{program} does not install: see above")).mended_by(command))
    }
}

/// The version of a package in a `Cargo.lock`.
fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, entry) = lock.split_once(&format!("\nname = \"{name}\"\nversion = \""))?;
    entry.split('"').next()
}

/// The package's code that traps on request, for Node's tests alone.
pub(crate) fn with_trap(toolchain: &Toolchain, into: &Path) -> Result<()> {
    compile(toolchain, &tools()?, "nodejs", "test-trap", "bindgen,test-trap", into)
}

/// One of wasm-bindgen's targets, compiled in a profile of `Cargo.toml` with these features of `pmh-wasm`.
fn compile(
    toolchain: &Toolchain,
    tools: &Path,
    target: &str,
    profile: &str,
    features: &str,
    into: &Path,
) -> Result<()> {
    // `force`: the compiler has been checked, and wasm-pack's own check knows rustup's folders alone
    quietly(
        wasm_pack(toolchain, tools)?
            .args([
                "--quiet",
                "build",
                "wasm",
                "--mode",
                "force",
                "--no-opt",
                "--no-pack",
                "--out-name",
                "pmh",
            ])
            .args(["--target", target, "--profile", profile, "--out-dir"])
            .arg(into)
            .args(["--", "--locked", "--no-default-features", "--features", features, "--target-dir"])
            .arg(target_dir().join("npm/build")),
    )?;
    let ignore = into.join(".gitignore"); // it would keep everything out of the package
    if ignore.exists() {
        fs::remove_file(&ignore).map_err(Error::while_doing(ignore.display()))
    } else {
        Ok(())
    }
}

/// Runs a program, and shows what it printed only where it failed.
fn quietly(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.output().map_err(Error::while_doing(&name))?;
    if done.status.success() {
        return Ok(());
    }
    Err(Error::new(format!("{name}: {}\n{}", done.status, String::from_utf8_lossy(&done.stderr))))
}

/// Copies a file, writing the project's version into it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let text = fs::read_to_string(from).map_err(Error::while_doing(from.display()))?;
    fs::write(to, text.replace("{version}", env!("CARGO_PKG_VERSION")))
        .map_err(Error::while_doing(to.display()))
}

fn pack(package: &Path, into: &Path) -> Result<PathBuf> {
    quietly(
        Command::new("npm").current_dir(package).args(["pack", "--silent", "--pack-destination"]).arg(into),
    )?;
    Ok(into.join(format!("pmh-core-{}.tgz", env!("CARGO_PKG_VERSION"))))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{BINDGEN, locked, workspace_root};

    #[test]
    fn the_tool_has_the_version_of_the_crate() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked(lock, "bindgen"), None);
    }

    #[test]
    fn the_tool_is_locked_to_the_version_of_the_crate() {
        let read =
            |folder: &str| fs::read_to_string(workspace_root().join(folder).join("Cargo.lock")).unwrap();
        let tool = read(BINDGEN);
        let version = locked(&tool, "wasm-bindgen-cli").expect("the tool's version");
        assert_eq!(Some(version), locked(&read(""), "wasm-bindgen"));
    }
}
