//! Modules from elsewhere, given with `--module`, from outside.
//!
//! How this could end with success and harm somebody: compiling keeps the machine busy all night; a report without an
//! end fills the memory; bytes of the module's choosing reach a program that reads the JSON, or a terminal; another
//! module than the approved one decides what is sent, and no message says so.

use std::{fmt::Write as _, fs, path::PathBuf};

use pmh_tests::{
    Result, pmh,
    pmh::Done,
    site::{AS_OF, Site},
};

/// A module that keeps the contract's form and gives this report.
fn module(memory: u32, report: &str, length: usize) -> Result<Vec<u8>> {
    let mut data = String::new();
    for byte in report.bytes() {
        write!(data, "\\{byte:02x}")?;
    }
    Ok(wat::parse_str(format!(
        r#"(module
        (memory (export "memory") {memory})
        (data (i32.const 2048) "{data}")
        (func (export "pmh_abi_version") (result i32) i32.const 1)
        (func (export "pmh_alloc") (param i32) (result i32) i32.const 65536)
        (func (export "pmh_free") (param i32 i32))
        (func (export "pmh_open") (param i32 i32 i32 i32) (result i32) i32.const 1)
        (func (export "pmh_status") (param i32) (result i32) i32.const 0)
        (func (export "pmh_push") (param i32 i32 i32) (result i32) i32.const 0)
        (func (export "pmh_finish") (param i32) (result i32) i32.const 0)
        (func (export "pmh_reset") (param i32) (result i32) i32.const 0)
        (func (export "pmh_output_ptr") (param i32 i32) (result i32) i32.const 2048)
        (func (export "pmh_output_len") (param i32 i32) (result i32) local.get 1 i32.const {length} i32.mul))"#
    ))?)
}

/// `pmh check` with this module.
fn check(site: &Site, module: &[u8], format: &str, fault: &str) -> Result<Done> {
    let path: PathBuf = site.path("other.wasm");
    fs::write(&path, module)?;
    let mut command = pmh::command(["check", "--as-of", AS_OF, "--format", format]);
    command
        .arg("--profile")
        .arg(site.path("profile.json"))
        .arg("--module")
        .arg(path)
        .arg(site.path("records.ndjson"));
    command.env("XDG_CACHE_HOME", site.path("cache")).env("PMH_FAULT", fault);
    pmh::done(command.output()?)
}

#[test]
fn a_module_from_a_file_works_as_the_one_inside() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    for _ in 0..2 {
        let done = check(&site, pmh_runner::module::EMBEDDED, "json", "")?;
        assert_eq!((done.code, done.json()?["summary"]["complete"] == true), (3, true), "{done:?}");
    }
    Ok(())
}

#[test]
fn a_report_that_is_none_reaches_no_output() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    for (report, length, memory) in [
        ("not a finding\n{\"summary\":{}}\n", 29, 30),
        ("{\"code\":\"not a finding\"}\n{}\n", 28, 30),
        ("", 12_000_000, 200),
    ] {
        let module = module(memory, report, length)?;
        for format in ["json", "human"] {
            let done = check(&site, &module, format, "")?;
            assert_eq!(done.code, 70, "{report}: {done:?}");
            assert!(done.stderr.contains("PMH6405"), "{done:?}");
            assert!(!format!("{}{}", done.stdout, done.stderr).contains("not a finding"), "{done:?}");
        }
    }
    Ok(())
}

#[test]
fn a_module_that_is_too_large_is_not_even_compiled() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let mut large = module(1, "", 0)?;
    large.resize((32 << 20) + 1, 0);
    let done = check(&site, &large, "human", "")?;
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("PMH6406") && done.stderr.contains("32 MiB"), "{done:?}");
    Ok(())
}

/// One second here in place of a minute.
#[cfg(all(unix, debug_assertions))]
#[test]
fn compiling_has_an_end() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let step = "local.get 0 local.get 1 i32.add local.set 2 (block (br_if 0 (local.get 2)) (local.set 1 (i32.mul (local.get 2) (local.get 0))))";
    let text = format!("(module (func (param i32) (local i32 i32) {}))", step.repeat(100_000));
    let done = check(&site, &wat::parse_str(text)?, "human", "short-compile")?;
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("PMH6406") && done.stderr.contains("processor time"), "{done:?}");
    Ok(())
}

#[test]
fn only_the_approved_module_runs() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let digest = |bytes: &[u8]| -> Result<String> {
        let module = pmh_runner::module::Module::from_bytes(bytes, pmh_runner::module::Limits::default());
        Ok(module.map_err(|failure| failure.to_string())?.hash().to_owned())
    };
    let inside = digest(pmh_runner::module::EMBEDDED)?;
    let other = module(30, "", 0)?;
    fs::write(site.path("other.wasm"), &other)?;
    let pin = |hash: &str| site.change("[guard]", &format!("[module]\nsha256 = \"{hash}\"\n\n[guard]"));
    pin(&inside.to_uppercase())?;
    assert_eq!(site.sync(&[])?.code, 0);
    let with_other = ["--module", &site.path("other.wasm").display().to_string()];
    let refused = site.sync(&with_other)?;
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("PMH6407") && refused.stderr.contains(&digest(&other)?), "{refused:?}");
    let doctor = site.run(&[&["doctor", "--json"], &with_other[..]].concat())?;
    assert!(doctor.stdout.contains("PMH6407"), "{doctor:?}");
    assert_eq!(site.pmh.registrations().len(), 1);

    // after an update whose module was not approved
    site.change(&inside.to_uppercase(), &"0".repeat(64))?;
    let refused = site.sync(&[])?;
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("PMH6407") && refused.stderr.contains(&inside), "{refused:?}");
    site.change(&"0".repeat(64), "123")?;
    assert!(site.sync(&[])?.stderr.contains("PMH6204"));
    assert_eq!(site.pmh.registrations().len(), 1);
    Ok(())
}
