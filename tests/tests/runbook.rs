//! The guides to operation: every exit code and every code of delivery stands in them, in both languages, with what the
//! table of rules says to do; what they name exists.
//!
//! With `PMH_DOCS=write` the tables of codes are written again.

use std::{collections::BTreeSet, env, fmt::Write as _, fs};

use pmh_core::rules::{self, Lang};
use pmh_runner::failure::Exit;
use pmh_tests::{Result, root};

const GUIDES: [(&str, Lang); 2] = [("operations.md", Lang::En), ("operations.ja.md", Lang::Ja)];

fn read(name: &str) -> Result<String> {
    Ok(fs::read_to_string(root().join("../docs").join(name))?)
}

/// The rules of the runner.
fn delivery() -> impl Iterator<Item = rules::Entry> {
    rules::all().filter(|entry| entry.rule.code.starts_with("PMH6"))
}

fn table(lang: Lang) -> Result<String> {
    let mut out = String::from(match lang {
        Lang::En => "\n| code | what happened | exit code | what to do |\n|---|---|---|---|\n",
        Lang::Ja => "\n| コード | 何が起きたか | 終了コード | 対応 |\n|---|---|---|---|\n",
    });
    for entry in delivery() {
        let rule = entry.rule;
        let exit = if rule.severity == rules::Severity::Warning {
            "-".to_owned()
        } else {
            (Exit::of(rule) as u8).to_string()
        };
        writeln!(out, "| {} | {} | {exit} | {} |", rule.code, entry.title.get(lang), rule.help.get(lang))?;
    }
    out.push('\n');
    Ok(out)
}

#[test]
fn every_code_stands_in_the_runbook() -> Result<()> {
    for (name, lang) in GUIDES {
        let text = read(name)?;
        let begin = text
            .find("<!-- codes")
            .and_then(|at| Some(at + text.get(at..)?.find('\n')?))
            .ok_or("no table")?;
        let end = text.find("<!-- /codes -->").ok_or("no end of the table")?;
        let written = format!("{}{}{}", &text[..begin], table(lang)?, &text[end..]);
        if env::var_os("PMH_DOCS").is_some_and(|mode| mode == "write") {
            fs::write(root().join("../docs").join(name), &written)?;
        }
        assert!(
            read(name)? == written,
            "docs/{name} is out of date: PMH_DOCS=write cargo test --workspace --test runbook"
        );
    }
    Ok(())
}

#[test]
fn every_exit_code_stands_in_the_runbook() -> Result<()> {
    let all = [
        Exit::Done,
        Exit::Usage,
        Exit::Rejected,
        Exit::Refused,
        Exit::Unavailable,
        Exit::Unknown,
        Exit::Guard,
        Exit::Bug,
    ];
    let ends: BTreeSet<u8> = delivery().map(|entry| Exit::of(entry.rule) as u8).collect();
    for (name, _) in GUIDES {
        let text = read(name)?;
        for exit in all {
            let row = format!("\n| {} | ", exit as u8);
            assert_eq!(text.matches(&row).count(), 1, "{name}: exit code {}", exit as u8);
        }
        assert!(ends.iter().all(|end| all.iter().any(|exit| *exit as u8 == *end)), "{ends:?}");
    }
    Ok(())
}

/// What the documents link to is there, and each key that they name is one of the configuration's.
#[test]
fn the_guides_name_what_exists() -> Result<()> {
    let keys = fs::read_to_string(root().join("../host-runner/README.md"))?;
    for name in ["operations.md", "operations.ja.md", "security.md"] {
        let text = read(name)?;
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            assert!(root().join("../docs").join(file).exists(), "{name} links to {target}");
        }
        for word in text.split('`').skip(1).step_by(2) {
            let key = word.split(" = ").next().unwrap_or_default();
            let known = [
                "endpoint.",
                "guard.",
                "retry.",
                "schedule.",
                "ledger.",
                "serve.",
                "log.",
                "input.",
                "notify.",
            ];
            let is_file = key.starts_with("ledger.sqlite3");
            if known.iter().any(|section| key.starts_with(section)) && !is_file {
                assert!(keys.contains(&format!("`{key}`")), "{name} names {key}");
            }
            if word.starts_with("PMH") && word.len() == 7 {
                assert!(rules::find(word).is_some(), "{name} names {word}");
            }
        }
    }
    Ok(())
}
