//! The compiler for the module: looks for one, and sets one up where there is none.
//!
//! In this order: the compiler in use, if it has the target's standard library; one that an earlier set-up
//! prepared; `rustup target add`; Debian's packages ([`crate::debian`]). Whatever is found is checked, never assumed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::output_of;
use crate::{Error, Result, SETUP_COMMAND, WASM_TARGET, debian, on_path, step};

/// A compiler that can build for [`WASM_TARGET`], with all that must be told to it.
#[derive(Debug, Clone)]
pub struct Toolchain {
    pub(crate) cargo: PathBuf,
    pub(crate) rustc: Compiler,
    /// Where the target's standard library is, if not in the compiler's own folder.
    pub(crate) wasm_sysroot: Option<PathBuf>,
    /// The linker, if the compiler has none of its own.
    pub(crate) linker: Option<PathBuf>,
}

impl Toolchain {
    /// One line that tells a person which compiler it is and where the target comes from.
    #[must_use]
    pub fn describe(&self) -> String {
        let library = self.wasm_sysroot.as_ref().unwrap_or(&self.rustc.sysroot);
        format!("rustc {} with the {WASM_TARGET} library in {}", self.rustc.release, library.display())
    }
}

/// A compiler as it describes itself.
#[derive(Debug, Clone)]
pub(crate) struct Compiler {
    pub(crate) program: PathBuf,
    pub(crate) release: String,
    pub(crate) commit: String,
    pub(crate) host: String,
    pub(crate) llvm_major: String,
    pub(crate) sysroot: PathBuf,
}

impl Compiler {
    /// Asks the compiler itself.
    pub(crate) fn ask(program: PathBuf) -> Result<Self> {
        let version = output_of(Command::new(&program).arg("-vV"))?;
        let sysroot = output_of(Command::new(&program).args(["--print", "sysroot"]))?;
        let llvm_major = field(&version, "LLVM version").split('.').next().unwrap_or_default().to_owned();
        Ok(Self {
            release: field(&version, "release").to_owned(),
            commit: field(&version, "commit-hash").to_owned(),
            host: field(&version, "host").to_owned(),
            llvm_major,
            sysroot: PathBuf::from(sysroot.trim()),
            program,
        })
    }

    /// The linker to name, or `None` where the compiler brings its own (rustup's do, distributions' do not).
    pub(crate) fn linker(&self) -> Result<Option<PathBuf>> {
        let own = self.sysroot.join("lib/rustlib").join(&self.host).join("bin");
        if own.join(format!("rust-lld{}", env::consts::EXE_SUFFIX)).is_file() {
            return Ok(None);
        }
        let versioned = format!("wasm-ld-{}", self.llvm_major);
        [versioned.as_str(), "wasm-ld"].into_iter().find_map(on_path).map(Some).ok_or_else(|| {
            Error::new("there is no linker for WebAssembly")
                .mended_by(format!("apt-get install lld-{}", self.llvm_major))
        })
    }
}

/// A line of `rustc -vV`.
fn field<'a>(version: &'a str, name: &str) -> &'a str {
    let line = version.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_default().trim()
}

/// Whether a sysroot holds the target's standard library.
pub(crate) fn has_target(sysroot: &Path) -> bool {
    let Ok(files) = fs::read_dir(target_libraries(sysroot)) else { return false };
    let names: Vec<String> =
        files.flatten().map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    let has = |library: &str| names.iter().any(|name| name.starts_with(library) && name.contains(".rlib"));
    has("libcore-") && has("libstd-")
}

/// Where a sysroot keeps the target's standard library.
pub(crate) fn target_libraries(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(WASM_TARGET).join("lib")
}

/// Finds a compiler for the module without changing anything.
///
/// # Errors
/// There is none; the error names the command that sets one up.
pub fn find_wasm_toolchain() -> Result<Toolchain> {
    look()?.ok_or_else(|| {
        Error::new(format!(
            "this Rust has no standard library for {WASM_TARGET}, which pmh.wasm is compiled for"
        ))
        .mended_by(SETUP_COMMAND)
    })
}

/// Finds a compiler for the module, or sets one up.
///
/// # Errors
/// None can be set up; the error names the one command that brings what is missing.
pub fn ensure_wasm_toolchain() -> Result<Toolchain> {
    if let Some(found) = look()? {
        return Ok(found);
    }
    let by_rustup = add_by_rustup();
    if let Some(found) = look()? {
        return Ok(found);
    }
    let missing = by_rustup
        .err()
        .unwrap_or_else(|| Error::new(format!("rustup added {WASM_TARGET}, yet it is not there")));
    if on_path("apt-get").is_none() {
        return Err(missing);
    }
    eprintln!("  {missing}\n  so Debian's packages are tried");
    debian::set_up()
}

fn look() -> Result<Option<Toolchain>> {
    let rustc = Compiler::ask(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()).into())?;
    if has_target(&rustc.sysroot) {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into()).into();
        let linker = rustc.linker()?;
        return Ok(Some(Toolchain { cargo, rustc, wasm_sysroot: None, linker }));
    }
    debian::find()
}

fn add_by_rustup() -> Result<()> {
    let command = format!("rustup target add {WASM_TARGET}");
    if on_path("rustup").is_none() {
        return Err(
            Error::new(format!("this Rust has no standard library for {WASM_TARGET}")).mended_by(command)
        );
    }
    let added = step(&command, "pmh.wasm needs its standard library", "about 10 s", || {
        output_of(Command::new("rustup").args(["target", "add", WASM_TARGET]))
    });
    added.map(drop).map_err(|error| error.mended_by(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = "rustc 1.96.0 (ac68faa20 2026-05-25)\nbinary: rustc\ncommit-hash: ac68faa\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.8\n";

    #[test]
    fn the_version_is_read_by_its_labels() {
        assert_eq!(field(VERSION, "release"), "1.96.0");
        assert_eq!(field(VERSION, "LLVM version"), "22.1.8");
        assert_eq!(field(VERSION, "commit-date"), "");
    }

    #[test]
    fn a_half_filled_sysroot_has_no_target() {
        let sysroot = env::temp_dir().join(format!("pmh-xtask-sysroot-{}", std::process::id()));
        let libraries = target_libraries(&sysroot);
        assert!(!has_target(&sysroot));
        fs::create_dir_all(&libraries).unwrap();
        fs::write(libraries.join("libcore-0.rlib"), "").unwrap();
        assert!(!has_target(&sysroot));
        fs::write(libraries.join("libstd-0.rlib"), "").unwrap();
        assert!(has_target(&sysroot));
        fs::remove_dir_all(&sysroot).unwrap();
    }
}
