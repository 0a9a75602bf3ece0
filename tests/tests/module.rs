//! The plain module is what `wasm/ABI.md` says: no imports, these exports, and nothing that some runtime lacks.

use std::{collections::BTreeSet, fs};

use pmh_tests::{Result, root};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// The module that the runner carries.
const MODULE: &[u8] = pmh_runner::module::EMBEDDED;

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
