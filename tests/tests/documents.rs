//! What a site supplies beside the profile, table of characters and master of payer numbers, from the file to what PMH gets.
//!
//! How a night could end with success and harm somebody, and the test that would notice:
//! - the table is not used, or only by some of the commands (`the_table_reaches_pmh`);
//! - a table changes and what was made with the old one is sent (`a_changed_table_is_not_passed_over`);
//! - a file is half copied: people are left out, or nothing is checked (`half_a_file_ends_the_run`);
//! - a text is replaced in another way than its table says (`texts_are_replaced_as_a_model_does_it`).

use std::{collections::BTreeMap, fs};

use pmh_simulator::Answer;
use pmh_tests::{
    Host, Native, Result, Staged, Wasmtime,
    pmh::{self, Done},
    root,
    site::{AS_OF, Site},
};
use serde_json::{Value, json};

/// A site whose first recipient has a character of the vendor's own in the name.
fn site() -> Result<Site> {
    let site = Site::new("flat-romaji")?;
    let records = fs::read_to_string(site.path("records.ndjson"))?;
    fs::write(site.path("records.ndjson"), records.replacen("\"後藤　大輔　", "\"\u{e000}藤　大輔　", 1))?;
    Ok(site)
}

fn write(site: &Site, name: &str, content: &str) -> Result<()> {
    fs::write(site.path(name), content)?;
    #[cfg(unix)]
    fs::set_permissions(site.path(name), std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    Ok(())
}

fn with_table(site: &Site, content: &str) -> Result<()> {
    write(site, "table.csv", content)?;
    site.change("profile = \"profile.json\"", "profile = \"profile.json\"\ncharacter_table = \"table.csv\"")
}

/// `pmh check` or `transform` with or without the configuration.
fn command(site: &Site, arguments: &[&str]) -> Result<Done> {
    let mut command = pmh::command(arguments);
    command.current_dir(site.folder()).args(["--as-of", AS_OF, "--format", "json"]);
    pmh::done(command.output()?)
}

fn last_names(body: &[u8]) -> Result<Vec<String>> {
    let elements: Vec<Value> = serde_json::from_slice(body)?;
    Ok(elements.iter().filter_map(|element| Some(element["lastName"].as_str()?.to_owned())).collect())
}

#[test]
fn the_table_reaches_pmh() -> Result<()> {
    let site = site()?;
    let check = ["check", "--profile", "profile.json", "records.ndjson"];
    let refused = |done: &Done| done.stdout.contains("PMH3201");
    assert!(refused(&command(&site, &check)?));
    with_table(&site, "from,to\nU+E000,U+5F8C\n")?;
    assert!(refused(&command(&site, &check)?), "without the configuration");
    let checked = command(&site, &[&check[..], &["--config", "pmh.toml"]].concat())?;
    assert!(!refused(&checked) && checked.stdout.contains("PMH3213"), "{checked:?}");
    let transform =
        ["transform", "-p", "profile.json", "-i", "records.ndjson", "-o", "out.json", "--config", "pmh.toml"];
    assert_eq!(command(&site, &transform)?.code, 3);
    let jobs = ["--jobs", "3", "-o", "other.json"];
    let several: Vec<&str> =
        transform.iter().filter(|word| !["-o", "out.json"].contains(word)).copied().collect();
    assert_eq!(command(&site, &[&several[..], &jobs].concat())?.code, 3);
    assert_eq!(fs::read(site.path("out.json"))?, fs::read(site.path("other.json"))?);
    assert_eq!(site.sync(&[])?.code, 0);
    let sent =
        site.pmh.registrations().pop().and_then(|registration| registration.body).ok_or("nothing sent")?;
    let names = last_names(&sent)?;
    assert_eq!(names, last_names(&fs::read(site.path("out.json"))?)?);
    assert!(names.contains(&"後藤".to_owned()) && !names.iter().any(|name| name.contains('\u{e000}')));
    let doctor = site.run(&["doctor", "--json"])?;
    let profile = doctor.json()?["checks"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|check| check["check"] == "profile")
        .cloned();
    assert_eq!(profile.map(|check| check["state"].clone()), Some(json!("ok")));
    Ok(())
}

#[test]
fn a_changed_table_is_not_passed_over() -> Result<()> {
    let site = site()?;
    with_table(&site, "U+E000,U+5C71\n")?;
    site.pmh.answer_next([Answer::status(500)]);
    assert_eq!(site.sync(&[])?.code, 6);
    write(&site, "table.csv", "U+E000,U+5F8C\n")?;
    let done = site.sync(&[])?;
    assert_eq!((done.code, &done.json()?["resumed"]), (0, &json!(false)), "{done:?}");
    let sent =
        site.pmh.registrations().pop().and_then(|registration| registration.body).ok_or("nothing sent")?;
    assert!(last_names(&sent)?.contains(&"後藤".to_owned()));
    write(&site, "table.csv", "U+E000,U+5C71\n")?;
    let done = site.sync(&[])?;
    assert!(done.stdout.contains("PMH6106"), "the table is a part of the profile: {done:?}");
    Ok(())
}

#[test]
fn half_a_file_ends_the_run() -> Result<()> {
    let master =
        "\n[masters]\npayer_numbers = { file = \"master.csv\", number = 1, prefixes = [\"15\"] }\n\n[input]";
    for (table, numbers, code) in [
        ("U+E000,U+5F", "15118011\n", "PMH6327"),
        ("U+E000,U+E001\n", "15118011\n", "PMH9014"),
        ("U+E000,U+5F8C\n", "15118011", "PMH6328"),
        ("U+E000,U+5F8C\n", "", "PMH6328"),
        ("U+E000,U+5F8C\n", "80118011\n", "PMH9015"),
    ] {
        let site = site()?;
        with_table(&site, table)?;
        write(&site, "master.csv", numbers)?;
        site.change("\n[input]", master)?;
        let done = site.sync(&[])?;
        assert_eq!(done.code, 2, "{code}: {done:?}");
        assert!(format!("{}{}", done.stdout, done.stderr).contains(code), "{code}: {done:?}");
        assert!(site.pmh.requests().is_empty(), "{code}");
        let doctor = site.run(&["doctor", "--json"])?;
        assert!(doctor.code == 2 && doctor.stdout.contains(code), "{code}: {doctor:?}");
        let mut check =
            pmh::command(["check", "-p", "profile.json", "records.ndjson", "--config", "pmh.toml"]);
        let check = pmh::done(check.current_dir(site.folder()).output()?)?;
        assert!(
            check.code == 2 && format!("{}{}", check.stdout, check.stderr).contains(code),
            "{code}: {check:?}"
        );
    }
    Ok(())
}

#[test]
fn a_master_rejects_what_it_does_not_have() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let count = |code: &str| -> Result<(i32, u64)> {
        let done = site.sync(&["--dry-run"])?;
        Ok((done.code, done.json()?["summary"]["byCode"][code].as_u64().unwrap_or(0)))
    };
    let header = "number,from,to\n";
    write(&site, "master.csv", &format!("{header}15118011,20200401,99999999\n"))?;
    site.change(
        "\n[input]",
        "\n[masters.payer_numbers]\nfile = \"master.csv\"\nheader = true\nnumber = 1\nfrom = 2\nto = 3\n\n[input]",
    )?;
    // the records have two other numbers that begin with 15, both mistyped on purpose
    let records = fs::read_to_string(site.path("records.ndjson"))?;
    let others = records.matches("\"15118012\"").count() + records.matches("\"15116015\"").count();
    assert_eq!((count("PMH4106")?, count("PMH4107")?), ((0, others as u64), (0, 0)));
    write(&site, "master.csv", &format!("{header}15118011,20200401,20201231\n"))?;
    let (code, ended) = count("PMH4107")?;
    assert!(code == 7 && ended > 20, "so many rejected end the run: {code}, {ended}");
    write(&site, "master.csv", &format!("{header}80118011,20200401,99999999\n"))?;
    assert_eq!((count("PMH4106")?, count("PMH4107")?), ((0, 0), (0, 0)), "a master of other schemes");
    Ok(())
}

/// A large master, as 支払基金 publishes it.
#[test]
fn tens_of_thousands_of_numbers_are_no_matter() -> Result<()> {
    let numbers: Vec<String> =
        (0..40_000).map(|number| format!("{:08} 2020-04-01/..", 80_000_000 + number * 7)).collect();
    let options = json!({ "asOf": AS_OF, "payerNumbers": { "valid": numbers } });
    let profile = fs::read(root().join("vectors/profiles/nested-minimal.json"))?;
    let outcome = Wasmtime::embedded()?.run(&profile, &serde_json::to_vec(&options)?, &[b"[]"])?;
    assert_eq!(outcome.payload, b"[]");
    Ok(())
}

/// One character, or one with the selector behind it, at a time.
fn model(table: &BTreeMap<&str, &str>, text: &str) -> (String, usize) {
    let mut units: Vec<String> = Vec::new();
    for c in text.chars() {
        match units.last_mut() {
            Some(unit) if ('\u{e0100}'..='\u{e01ef}').contains(&c) => unit.push(c),
            _ => units.push(c.to_string()),
        }
    }
    let count = units.iter().filter(|unit| table.contains_key(unit.as_str())).count();
    (units.iter().map(|unit| table.get(unit.as_str()).map_or(&**unit, |to| *to)).collect(), count)
}

#[test]
fn texts_are_replaced_as_a_model_does_it() -> Result<()> {
    let table = BTreeMap::from([
        ("\u{e000}", "高"),
        ("\u{f8ff}", "崎"),
        ("\u{100042}", "辺"),
        ("髙", "高"),
        ("邉\u{e0100}", "辺"),
        ("\u{20bb7}", "吉"),
    ]);
    let code =
        |text: &str| text.chars().map(|c| format!("U+{:04X}", u32::from(c))).collect::<Vec<_>>().join(" ");
    let written: BTreeMap<String, String> = table.iter().map(|(from, to)| (code(from), code(to))).collect();
    let pieces = [
        "\u{e000}",
        "\u{f8ff}",
        "\u{100042}",
        "髙",
        "高",
        "邉\u{e0100}",
        "邉\u{e0101}",
        "邉",
        "山",
        "𠮷",
        "髙\u{e0100}",
    ];
    let mut profile: Value =
        serde_json::from_slice(&fs::read(root().join("vectors/profiles/nested-minimal.json"))?)?;
    let sample: Value =
        serde_json::from_slice(&fs::read(root().join("vectors/614-table-without-a-hit.json"))?)?;
    let mut chance = fastrand::Rng::with_seed(3);
    let texts: Vec<String> = (0..300)
        .map(|_| (0..chance.usize(1..8)).map(|_| *chance.choice(&pieces).unwrap_or(&"山")).collect())
        .collect();
    let record = |text: &String| {
        let mut record = sample["json"][0].clone();
        record["住所"]["町字"] = text.clone().into();
        record.to_string()
    };
    let input: String = texts.iter().map(|text| record(text) + "\n").collect();
    // one person many times over: what is compared here is the characters
    profile["rules"] = json!({ "PMH5001": "off", "PMH5002": "off" });
    profile["fields"]["certificateAllItems"] = json!({ "町字": { "from": "/住所/町字" } });
    let options = json!({ "asOf": AS_OF, "characterTable": written });
    let (profile, options) = (serde_json::to_vec(&profile)?, serde_json::to_vec(&options)?);
    let outcome = Native.run(&profile, &options, &[input.as_bytes()])?;
    let staged = Staged(Wasmtime::embedded()?).run(&profile, &options, &[input.as_bytes()])?;
    assert_eq!(outcome, staged);
    let mut counts = BTreeMap::new();
    for line in outcome.report_lines()?.0 {
        if line["code"] == "PMH3213" && line["target"] == "/addressSection" {
            let words = line["message"].as_str().unwrap_or_default().to_owned();
            let count: String = words.chars().filter(char::is_ascii_digit).collect();
            counts.insert(line["record"].as_u64(), count.parse::<usize>()?);
        }
    }
    for (index, text) in (0..).zip(&texts) {
        let expected = model(&table, text).1;
        assert_eq!(counts.get(&Some(index)).copied().unwrap_or(0), expected, "{text:?}");
    }
    let sent: Vec<Value> = serde_json::from_slice(&outcome.payload)?;
    assert!(!sent.is_empty());
    for element in &sent {
        let text = element["addressSection"].as_str().unwrap_or_default();
        assert_eq!(element["certificateAllItems"]["町字"], text);
        assert!(texts.iter().any(|before| model(&table, before).0 == text), "{text:?}");
    }
    Ok(())
}
