//! Bad input through the program: each ends with a code, a place, a hint and the right exit code, never with a panic.

use std::{fs, path::Path};

use pmh_tests::{Result, pmh, root};
use serde_json::Value;

struct Case {
    name: &'static str,
    input: Vec<u8>,
    code: &'static str,
    exit: i32,
    /// read, accepted, rejected
    counts: (u64, u64, u64),
}

/// A record that is accepted. Synthetic.
const GOOD: &str = r#"{"key":"1","scheme":"kosei","myNumber":"123456789018","lastName":"山田","firstName":"太郎","lastNameKana":"ヤマダ","firstNameKana":"タロウ","addressPref":"東京都","addressCity":"架空市","birthDate":"1975-04-01","medicalSubsidyRegistrationNumber":"15138019","medicalSubsidyCertificationNumber":"0000018","common":{"amount":10000,"perDayOrMonth":"2"},"certificationStartDate":"2026-04-01","certificationEndDate":"2027-03-31"}"#;

fn good(number: &str) -> String {
    GOOD.replace("0000018", number)
}

fn cases() -> Vec<Case> {
    let case =
        |name, input: &[u8], code, exit, counts| Case { name, input: input.to_vec(), code, exit, counts };
    let long = format!("{{\"note\":\"{}\"}}", "x".repeat(10 << 20));
    let deep = format!("{{\"note\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let (a, b) = (good("0000018"), good("0000026"));
    vec![
        case("not JSON", b"key,scheme\n1,kosei\n", "PMH1001", 3, (0, 0, 0)),
        case("a broken line", format!("{a}\n{{\"key\":\n{b}\n").as_bytes(), "PMH1002", 3, (3, 2, 1)),
        case("no comma", format!("[{a} {b}]").as_bytes(), "PMH1003", 3, (1, 1, 0)),
        case("a broken element", format!("[{a},{{\"key\":}},{b}]").as_bytes(), "PMH1003", 3, (2, 1, 1)),
        case("truncated", format!("[{a},{{\"key\":\"2").as_bytes(), "PMH1004", 3, (2, 1, 1)),
        case("not UTF-8", b"{\"key\":\"\x8e\x52\"}\n", "PMH1005", 3, (1, 0, 1)),
        case("a long text in an array", format!("[{a},{long},{b}]").as_bytes(), "PMH1006", 3, (3, 2, 1)),
        case("a long text in a line", format!("{a}\n{long}\n{b}\n").as_bytes(), "PMH1006", 3, (3, 2, 1)),
        case("deep in an array", format!("[{a},{deep},{b}]").as_bytes(), "PMH1007", 3, (3, 2, 1)),
        case("deep in a line", format!("{a}\n{deep}\n{b}\n").as_bytes(), "PMH1007", 3, (3, 2, 1)),
        case(
            "a duplicate key",
            a.replace("\"key\":\"1\"", "\"key\":\"1\",\"key\":\"2\"").as_bytes(),
            "PMH1008",
            3,
            (1, 0, 1),
        ),
        case("an array of others", b"[1,\"x\",null,[]]", "PMH1009", 3, (4, 0, 4)),
        case("more than an array", format!("[{a}]{b}").as_bytes(), "PMH1010", 3, (1, 1, 0)),
        case("an empty file", b"", "PMH1011", 3, (0, 0, 0)),
        case("an empty array", b"[]", "PMH1012", 0, (0, 0, 0)),
        case("no mapped field", b"[{\"x\":1}]", "PMH2003", 3, (1, 0, 1)),
    ]
}

/// Whoever closes standard output has read enough (`pmh … | head`): no complaint, and the exit code of the run.
#[test]
fn a_closed_standard_output_is_no_failure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (profile, input) = (root().join("vectors/profiles/identity.json"), folder.path().join("records"));
    fs::write(&input, format!("{}\n{{\"x\":1}}\n", good("0000018")))?;
    let paths = [("PROFILE", profile.as_os_str()), ("INPUT", input.as_os_str())];
    for (command, code) in [
        ("--help", 0),
        ("explain", 0),
        ("profile schema", 0),
        ("check --quiet --as-of 2026-11-22 --profile PROFILE INPUT", 3),
        ("check --as-of 2026-11-22 --profile PROFILE INPUT", 3),
        ("check --format json --as-of 2026-11-22 --profile PROFILE INPUT", 3),
    ] {
        let arguments = command.split(' ').map(|word| {
            paths.iter().find(|(name, _)| *name == word).map_or_else(|| word.as_ref(), |(_, path)| *path)
        });
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let done = pmh::done(pmh::command(arguments).stdout(writer).output()?)?;
        assert_eq!((done.code, done.stderr.as_str()), (code, ""), "{command}");
    }
    Ok(())
}

/// A payload is not told but handed over: one that was cut short must not look whole.
#[test]
fn a_payload_that_nobody_takes_is_a_failure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (profile, input) = (root().join("vectors/profiles/identity.json"), folder.path().join("records"));
    fs::write(&input, good("0000018"))?;
    let transform = ["transform", "--quiet", "--as-of", "2026-11-22", "--output", "-", "--profile"];
    let files = [profile.as_os_str(), "--input".as_ref(), input.as_os_str()];
    let arguments = transform.iter().map(AsRef::as_ref).chain(files);
    let (reader, writer) = std::io::pipe()?;
    drop(reader);
    let done = pmh::done(pmh::command(arguments).stdout(writer).output()?)?;
    assert_ne!(done.code, 0);
    assert!(done.stderr.contains("PMH6306"), "{done:?}");
    Ok(())
}

fn check(profile: &Path, input: &Path) -> Result<pmh::Done> {
    let arguments = ["check", "--format", "json", "--as-of", "2026-11-22", "--profile"];
    pmh::run(arguments.map(Path::new).into_iter().chain([profile, input]))
}

#[test]
fn every_bad_input_ends_with_its_code() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let profile = root().join("vectors/profiles/identity.json");
    for case in cases() {
        let path = folder.path().join("records");
        fs::write(&path, &case.input)?;
        let done = check(&profile, &path)?;
        assert_eq!(done.code, case.exit, "{}: {}", case.name, done.stderr);
        let report = done.json()?;
        let finding = report["findings"]
            .as_array()
            .and_then(|findings| findings.iter().find(|finding| finding["code"] == case.code))
            .ok_or_else(|| format!("{}: {report}", case.name))?;
        assert!(finding["help"].as_str().is_some_and(|help| !help.is_empty()), "{}", case.name);
        let placed = ["record", "offset", "source"].iter().any(|place| !finding[place].is_null());
        assert!(placed || case.input.len() <= 2, "{}: {finding}", case.name);
        let counts = ["read", "accepted", "rejected"]
            .map(|count| report["summary"][count].as_u64().unwrap_or(u64::MAX));
        assert_eq!(counts, [case.counts.0, case.counts.1, case.counts.2], "{}", case.name);
    }
    Ok(())
}

#[test]
fn a_profile_with_five_mistakes_names_all_five() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let text = fs::read_to_string(root().join("vectors/profiles/identity.json"))?;
    let mut profile: Value = serde_json::from_str(&text)?;
    profile["target"] = "pmh-sync/0.0.2".into();
    profile["fields"]["lastName"] = serde_json::json!({ "form": "/lastName" });
    profile["fields"]["firstName"] = serde_json::json!({ "from": "firstName" });
    profile["fields"]["birthDate"]["do"] = serde_json::json!(["katakanna"]);
    profile["rules"] = serde_json::json!({ "PMH3101": "off" });
    let profile_path = folder.path().join("profile.json");
    fs::write(&profile_path, serde_json::to_vec(&profile)?)?;
    let input = folder.path().join("records.json");
    fs::write(&input, "[]")?;
    let done = check(&profile_path, &input)?;
    assert_eq!(done.code, 2, "{done:?}");
    let report = done.json()?;
    let places: Vec<&str> = report["findings"]
        .as_array()
        .ok_or("no findings")?
        .iter()
        .filter_map(|finding| finding["profile"].as_str())
        .collect();
    for place in [
        "/target",
        "/fields/lastName/form",
        "/fields/firstName/from",
        "/fields/birthDate/do/0",
        "/rules/PMH3101",
    ] {
        assert!(places.contains(&place), "{place} is not among {places:?}");
    }
    assert!(done.stdout.contains("did you mean `from`?") && done.stdout.contains("did you mean `katakana`?"));
    Ok(())
}

#[test]
fn a_payload_is_checked_without_a_profile() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let payload = folder.path().join("payload.json");
    let vector = pmh_tests::vectors()?
        .into_iter()
        .find(|vector| vector.name == "270-payload-clean")
        .ok_or("no vector")?;
    let clean = String::from_utf8(vector.input.bytes()?)?;
    let arguments = ["check", "--payload", "--format", "json", "--as-of", "2026-11-22"].map(Path::new);
    let run = || pmh::run(arguments.into_iter().chain([payload.as_path()]));
    fs::write(&payload, &clean)?;
    let done = run()?;
    assert_eq!((done.code, done.json()?["summary"]["accepted"].as_u64()), (0, Some(1)), "{done:?}");
    fs::write(&payload, clean.replace("\"myNumber\"", "\"myNunber\""))?;
    let done = run()?;
    assert_eq!(done.code, 3, "{done:?}");
    let report = done.json()?;
    assert_eq!(
        (&report["findings"][0]["code"], &report["findings"][0]["target"]),
        (&"PMH3002".into(), &"/myNunber".into())
    );
    Ok(())
}
