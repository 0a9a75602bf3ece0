//! What the documents tell a reader to type or to copy works.

use std::{fs, path::Path};

use pmh_core::Profile;
use pmh_tests::{Host, Native, Result, pmh, root, vectors};

/// The fenced blocks of a language in a document.
fn blocks(document: &str, language: &str) -> Result<Vec<String>> {
    let text = fs::read_to_string(root().join("..").join(document))?;
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1).filter_map(|rest| rest.split("```").next());
    Ok(blocks.map(str::to_owned).collect())
}

/// `cargo run -p pmh-runner -- …` of both README files, run one after the other in an empty folder.
#[test]
fn commands_of_the_readme_work() -> Result<()> {
    for document in ["README.md", "README.ja.md"] {
        let folder = tempfile::tempdir()?;
        let clean =
            vectors()?.into_iter().find(|vector| vector.name == "270-payload-clean").ok_or("no payload")?;
        fs::write(folder.path().join("payload.json"), clean.input.bytes()?)?;
        let shell = blocks(document, "sh")?.concat();
        let commands: Vec<&str> =
            shell.lines().filter_map(|line| line.strip_prefix("cargo run -p pmh-runner -- ")).collect();
        assert!(commands.len() >= 3, "{document}: {commands:?}");
        for command in commands {
            let command = command.split(" #").next().unwrap_or_default();
            let done = pmh::run_in(folder.path(), command.split_whitespace())?;
            // the sample has a record that is wrong on purpose
            assert!(matches!(done.code, 0 | 3), "{document}: {command}: {done:?}");
        }
    }
    Ok(())
}

/// The README's beginning of a profile is JSON, and lacks fields but has no other mistake.
#[test]
fn the_profile_of_the_readme_only_lacks_fields() -> Result<()> {
    for document in ["README.md", "README.ja.md"] {
        let profile = blocks(document, "json")?.into_iter().next().ok_or("no profile")?;
        let mistakes = Profile::compile(profile.as_bytes()).err().ok_or("it is complete")?;
        for mistake in mistakes.iter() {
            assert_eq!(
                (mistake.rule.code, mistake.profile.as_deref()),
                ("PMH9004", Some("/fields")),
                "{document}"
            );
        }
    }
    Ok(())
}

/// The example of the profile language compiles, and the core's own example is the same document.
#[test]
fn the_profile_of_the_language_works() -> Result<()> {
    let documented = blocks("docs/profile.md", "json")?.into_iter().next().ok_or("no profile")?;
    assert!(Profile::compile(documented.as_bytes()).is_ok());
    let own = fs::read_to_string(root().join("../core/examples/profile.json"))?;
    assert_eq!(documented, own, "core/examples/profile.json is not the example of docs/profile.md");
    let outcome = Native.run(own.as_bytes(), br#"{"asOf":"2026-11-22"}"#, &[b"[]"])?;
    assert_eq!(outcome.payload, b"[]");
    Ok(())
}

/// Every file that a document links to is there.
#[test]
fn links_lead_somewhere() -> Result<()> {
    let documents = [
        "README.md",
        "README.ja.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "docs/characters.md",
        "docs/embedding.md",
        "docs/new-host.md",
        "docs/performance.md",
        "docs/profile.md",
        "docs/testing.md",
        "host-runner/README.md",
        "java-example/README.md",
        "python-example/README.md",
    ];
    for document in documents {
        let path = root().join("..").join(document);
        let text = fs::read_to_string(&path)?;
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            let linked = path.parent().unwrap_or(Path::new(".")).join(file);
            assert!(linked.exists(), "{document} links to {target}");
        }
    }
    Ok(())
}
