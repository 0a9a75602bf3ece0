//! The generated documents are what the table of rules says.
//!
//! With `PMH_DOCS=write` they are written again.

use std::{env, fmt::Write as _, fs};

use pmh_core::rules::{self, Entry, Lang};
use pmh_tests::{Result, root};

/// A page of all rules: the codes with their titles, then each explanation in both languages.
fn page() -> Result<String> {
    let mut out = String::from(
        "# Rules\n\n<!-- written from core/src/rules by `PMH_DOCS=write cargo test -p pmh-tests --test docs` -->\n\n\
         A rule marked *fixed* keeps its severity whatever a profile says: without it the payload would break the API's schema, or nothing could be \
         read at all. The *desk* is the office that keeps the register (福祉課), the *system* its people at the municipality and the vendor.\n`fixed` の検査ルールは、プロファイルで重要度を変更できません。変更すると送信データがAPIの形式に合わなくなるか、データを読み取れないためです。「担当課」は受給者台帳を管理する課(福祉課など)、「システム担当」は情報システムの担当と事業者です。\n\n\
         | code | severity | | |\n|---|---|---|---|\n",
    );
    for entry in rules::all() {
        let rule = entry.rule;
        let anchor = rule.code.to_lowercase();
        writeln!(
            out,
            "| [{}](#{anchor}) | {} | {} | {} |",
            rule.code,
            severity(&entry),
            entry.title.en,
            entry.title.ja
        )?;
    }
    for entry in rules::all() {
        let rule = entry.rule;
        write!(out, "\n## {}\n\n", rule.code)?;
        for lang in [Lang::En, Lang::Ja] {
            let text = entry.explanation(lang);
            write!(
                out,
                "**{}** ({})\n\n{text}\n\n{}\n\n",
                entry.title.get(lang),
                severity(&entry),
                helps(&entry, lang)
            )?;
        }
        out.pop();
    }
    Ok(out)
}

/// What to do: one help, or one for the desk and one for the system's people.
fn helps(entry: &Entry, lang: Lang) -> String {
    let help = entry.rule.help.get(lang);
    let Some(system) = entry.rule.system_help else { return format!("→ {help}") };
    let (desk, people) = match lang {
        Lang::En => ("desk", "system"),
        Lang::Ja => ("担当課", "システム担当"),
    };
    format!("→ {desk}: {help}\\\n→ {people}: {}", system.get(lang))
}

fn severity(entry: &Entry) -> String {
    let severity = format!("{:?}", entry.rule.severity).to_lowercase();
    if entry.rule.fixed { format!("{severity}, fixed") } else { severity }
}

#[test]
fn the_rules_documents_are_up_to_date() -> Result<()> {
    let json = serde_json::to_string_pretty(&rules::all().collect::<Vec<_>>())? + "\n";
    for (name, text) in [("rules.md", page()?), ("rules.json", json)] {
        let path = root().join("../docs").join(name);
        if env::var_os("PMH_DOCS").is_some_and(|mode| mode == "write") {
            fs::write(&path, &text)?;
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "docs/{name} is out of date: PMH_DOCS=write cargo test -p pmh-tests --test docs"
        );
    }
    Ok(())
}
