//! The plain module is what `wasm/ABI.md` says: no imports, these exports, nothing that some runtime lacks, no more than its budget, and the
//! same bytes from the same sources.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use pmh_tests::{Result, root};
use pmh_xtask::{build_module, build_module_of, find_wasm_toolchain, target_dir, workspace_root};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// The module that the runner carries.
const MODULE: &[u8] = pmh_runner::module::EMBEDDED;

/// Its size in bytes may not go beyond these, as it is and compressed by brotli at its best: it is loaded by browsers and kept in jars.
const BUDGET: usize = 432 << 10;
const BUDGET_PACKED: usize = 150 << 10;

/// The exports in the table of `wasm/ABI.md`.
fn documented() -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(root().join("../wasm/ABI.md"))?;
    let section =
        text.split("## Exports").nth(1).and_then(|rest| rest.split("\n## ").next()).ok_or("no section")?;
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    Ok(rows.map(str::to_owned).collect())
}

#[test]
fn it_imports_nothing_and_exports_what_is_documented() -> Result<()> {
    let mut exports = BTreeSet::new();
    for payload in Parser::new(0).parse_all(MODULE) {
        match payload? {
            Payload::ImportSection(imports) => assert_eq!(imports.count(), 0, "the module has imports"),
            Payload::ExportSection(section) => {
                for export in section {
                    exports.insert(export?.name.to_owned());
                }
            }
            _ => {}
        }
    }
    assert_eq!(exports, documented()?);
    Ok(())
}

#[test]
fn it_needs_no_more_than_every_runtime_has() -> Result<()> {
    let features = WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::FLOATS;
    Validator::new_with_features(features).validate_all(MODULE)?;
    Ok(())
}

#[test]
fn it_keeps_to_its_budget() -> Result<()> {
    let mut packed = Vec::new();
    let best = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &MODULE[..], &mut packed, &best)?;
    println!("pmh.wasm: {} bytes, {} with brotli", MODULE.len(), packed.len());
    assert!(MODULE.len() <= BUDGET, "{} bytes, budget {BUDGET}", MODULE.len());
    assert!(packed.len() <= BUDGET_PACKED, "{} bytes with brotli, budget {BUDGET_PACKED}", packed.len());
    Ok(())
}

/// Builds a copy of the sources in another folder as well: no path, and no order of compiling, leaves its mark.
#[test]
fn two_builds_give_the_same_bytes() -> Result<()> {
    let toolchain = find_wasm_toolchain()?;
    let elsewhere = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a second build/of the same sources");
    copy_sources(workspace_root(), &elsewhere)?;
    let first = fs::read(build_module(&toolchain, &target_dir().join("module-build"))?)?;
    let second = fs::read(build_module_of(&toolchain, &elsewhere, &elsewhere.join("target"))?)?;
    // not assert_eq, which would print both
    assert!(first == second, "{} bytes here, {} bytes there, and not the same", first.len(), second.len());
    Ok(())
}

/// Copies what cargo needs to build the module: manifests, lock file, and every crate's sources.
///
/// A file that is there already with the same bytes stays as it is, so that only what changed is compiled again.
fn copy_sources(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let copy = to.join(path.file_name().unwrap_or_default());
        let is_source =
            path.extension().is_some_and(|ending| ending == "rs" || ending == "toml" || ending == "lock");
        if path.is_dir() && !is_left_out(&path) {
            copy_sources(&path, &copy)?;
        } else if is_source || path.starts_with(workspace_root().join("core")) {
            copy_if_changed(&path, &copy)?;
        }
    }
    Ok(())
}

/// Folders that are large and hold nothing of the module's.
fn is_left_out(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default();
    folder == target_dir() || ["target", "node_modules", ".git", "corpus"].iter().any(|other| name == *other)
}

fn copy_if_changed(from: &PathBuf, to: &PathBuf) -> io::Result<()> {
    let bytes = fs::read(from)?;
    if fs::read(to).is_ok_and(|there| there == bytes) { Ok(()) } else { fs::write(to, bytes) }
}

#[test]
fn calls_out_of_order_are_refused_and_a_reset_helps() -> Result<()> {
    use pmh_runner::module::{Module, Status};
    let fail = |error: &dyn std::fmt::Debug| format!("{error:?}");
    let module = Module::embedded().map_err(|error| fail(&error))?;
    let profile = fs::read(root().join("vectors/profiles/identity.json"))?;
    let options = br#"{"asOf":"2026-11-22","lang":"en"}"#;
    let mut session = module.session_with(&profile, options).map_err(|error| fail(&error))?;
    assert_eq!(session.push(b"[]").map_err(|error| fail(&error))?.status, Status::Ok);
    assert_eq!(session.finish().map_err(|error| fail(&error))?.payload, b"[]");
    let refused = session.push(b"[]").map_err(|error| fail(&error))?;
    assert_eq!(refused.status, Status::Order);
    assert!(String::from_utf8_lossy(refused.report).contains("PMH9102"));
    assert_eq!(session.reset().map_err(|error| fail(&error))?.status, Status::Ok);
    assert_eq!(session.push(b"[]").map_err(|error| fail(&error))?.status, Status::Ok);
    assert_eq!(session.finish().map_err(|error| fail(&error))?.payload, b"[]");
    Ok(())
}
