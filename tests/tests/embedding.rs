//! What `docs/embedding.md` tells a reader to copy is run by the tests of the host it is for; the Rust programs by these.
//!
//! A block's first line is three backticks, the language, and `embedding:` with the block's name. Each program reads `profile.json` and
//! `records.json`, and writes `payload.json` where it may be sent.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use pmh_runner::module::EMBEDDED;
use pmh_tests::{Result, Vector, pmh, root};

/// By which test a block is run: the language, what its name begins with, the test.
const RUNNERS: [(&str, &str, &str); 5] = [
    ("rust", "", "tests/tests/embedding.rs"),
    ("java", "", "java-example/src/test/java/pmh/EmbeddingTest.java"),
    ("python", "", "python-example/tests/test_embedding.py"),
    ("js", "node", "js-example/node/test/embedding.test.js"),
    ("js", "browser", "js-example/checker/test/embedding.test.js"),
];

/// The first lines of the document's blocks, without the backticks.
fn blocks() -> Result<Vec<String>> {
    let document = fs::read_to_string(root().join("../docs/embedding.md"))?;
    let fences = document.lines().filter_map(|line| line.trim_start().strip_prefix("```"));
    Ok(fences.step_by(2).map(str::to_owned).collect())
}

#[test]
fn every_block_has_a_runner_and_every_runner_a_block() -> Result<()> {
    let mut idle: BTreeSet<&str> = RUNNERS.iter().map(|(.., test)| *test).collect();
    let mut names = BTreeSet::new();
    for block in blocks()? {
        let (language, name) = block
            .split_once(" embedding:")
            .ok_or_else(|| format!("docs/embedding.md: nobody runs the block ```{block}"))?;
        let runner = RUNNERS.iter().find(|(runs, begins, _)| *runs == language && name.starts_with(begins));
        let (.., test) = runner.ok_or_else(|| format!("docs/embedding.md: nobody runs ```{block}"))?;
        let source = fs::read_to_string(root().join("..").join(test))?;
        assert!(source.contains("docs/embedding.md"), "{test} does not read the document");
        idle.remove(test);
        assert!(names.insert(name.to_owned()), "two blocks are called {name}");
    }
    assert!(idle.is_empty(), "no block is for {idle:?}");
    Ok(())
}

/// The vectors that a new host is told to run first are there.
#[test]
fn vectors_named_for_new_hosts_are_there() -> Result<()> {
    let page = fs::read_to_string(root().join("../docs/new-host.md"))?;
    let named = page.split('`').filter(|text| {
        text.split_once('-').is_some_and(|(number, _)| number.len() == 3 && number.parse::<u16>().is_ok())
    });
    let mut count = 0;
    for name in named {
        Vector::read(&root().join(format!("vectors/{name}.json")))?;
        count += 1;
    }
    assert!(count >= 8, "only {count} vectors are named");
    Ok(())
}

/// A program of the document, which cargo built beside this test.
fn program(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.ancestors().nth(2).map(PathBuf::from).unwrap_or_default();
    folder.join(format!("embedding-{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Runs a program in a folder with these files.
fn run(name: &str, folder: &Path, profile: &[u8], records: &[u8]) -> Result<pmh::Done> {
    fs::write(folder.join("profile.json"), profile)?;
    fs::write(folder.join("records.json"), records)?;
    fs::write(folder.join("pmh.wasm"), EMBEDDED)?;
    let output = Command::new(program(name)).current_dir(folder).output();
    pmh::done(output.map_err(|error| format!("embedding-{name} is not in tests/src/bin: {error}"))?)
}

#[test]
fn rust_programs_do_what_is_said_of_them() -> Result<()> {
    let vector = |name: &str| Vector::read(&root().join(format!("vectors/{name}.json")));
    let (clean, faulty) = (vector("002-clean-three-schemes")?, vector("049-period-three-fates")?);
    let mut count = 0;
    for block in blocks()? {
        let Some(name) = block.strip_prefix("rust embedding:") else { continue };
        let folder = tempfile::tempdir()?;
        let payload = folder.path().join("payload.json");

        let refused = run(name, folder.path(), b"{}", b"[]")?;
        assert!(refused.code != 0 && refused.stderr.contains("PMH9004"), "{name}: {refused:?}");
        let rejected = run(name, folder.path(), &faulty.profile_bytes()?, &faulty.input.bytes()?)?;
        assert!(rejected.stdout.contains("PMH3107"), "{name}: {rejected:?}");
        assert!(!payload.exists(), "{name} wrote a payload that must not be sent");
        let done = run(name, folder.path(), &clean.profile_bytes()?, &clean.input.bytes()?)?;
        assert_eq!(done.code, 0, "{name}: {done:?}");
        assert_eq!(fs::read(&payload)?, clean.expected()?.payload, "{name}");
        count += 1;
    }
    assert!(count >= 2, "only {count} programs");
    Ok(())
}
