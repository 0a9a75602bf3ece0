//! Files as a site may leave them: half copied, of other columns, in other notations.

use std::{fs, path::PathBuf};

use pmh_core::rules::Lang;

use super::*;
use crate::config::MasterConfig;

struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn file(content: impl AsRef<[u8]>) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    fs::write(&path, content).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    File { _folder: folder, path }
}

/// What a table becomes, or the end of the message of what is wrong with it.
fn table(content: &str) -> Result<String, String> {
    let file = file(content);
    let config = DocumentsConfig { character_table: Some(file.path.clone()), payer_numbers: None };
    told(Documents::load(&config), "PMH6327")
}

fn told(documents: Result<Documents>, code: &str) -> Result<String, String> {
    match documents {
        Ok(documents) => Ok(serde_json::to_string(&documents).unwrap()),
        Err(failure) => {
            assert_eq!(failure.rule.code, code, "{failure}");
            let message = failure.message(Lang::En);
            Err(message.split_once("file.csv: ").map_or(message.clone(), |(_, why)| why.to_owned()))
        }
    }
}

fn master(content: impl AsRef<[u8]>, change: impl FnOnce(&mut MasterConfig)) -> Result<String, String> {
    let file = file(content);
    let mut config = MasterConfig {
        file: file.path.clone(),
        encoding: Encoding::Utf8,
        header: false,
        number: 2,
        from: Some(3),
        to: Some(4),
        prefixes: Vec::new(),
        min_rows: 0,
    };
    change(&mut config);
    let config = DocumentsConfig { character_table: None, payer_numbers: Some(config) };
    told(Documents::load(&config), "PMH6328")
}

#[test]
fn tables_are_read_with_and_without_header_bom_and_notes() {
    let expected = r#"{"characterTable":{"U+9089 U+E0100":"U+9089","U+E000":"U+9AD8"}}"#;
    for content in [
        "U+E000,U+9AD8\nU+9089 U+E0100,U+9089\n",
        "\u{feff}from,to\r\nu+e000, u+9ad8 ,高 in place of the vendor's\r\n\"U+9089  U+E0100\",U+9089\r\n",
    ] {
        assert_eq!(table(content).as_deref(), Ok(expected), "{content:?}");
    }
}

#[test]
fn tables_that_are_not_whole_are_refused() {
    for (content, why) in [
        ("", "it has no entry"),
        ("from,to\n", "it has no entry"),
        ("U+E000,U+9AD8\nU+E001,U+9A", "its last line has no line break; is it complete?"),
        ("U+E000,U+9AD8\nU+E001\n", "line 2: write two code points such as U+E000,U+9AD8"),
        ("U+E000,U+9AD8\n\nU+E000,U+9AD9\n", "line 3: this character occurs twice"),
        ("U+E000,U+9AD8\n\"U+E001,U+9AD8\n", "line 2: a quotation mark is never closed"),
    ] {
        assert_eq!(table(content).as_deref().unwrap_err(), why, "{content:?}");
    }
}

#[test]
fn days_of_masters_are_read_in_their_notations() {
    let content = "\u{feff}a,80130010,20200401,99999999\r\na,80130028,0,20240331\r\na,80130036,,\r\n\
        a,,20200401,0\r\na,80130044,2020/4/1,2024-03-31\r\na,80130010,20200401,9999-12-31\r\n";
    let expected = r#"{"payerNumbers":{"valid":["80130010 2020-04-01/..","80130028 ../2024-03-31","80130036","80130044 2020-04-01/2024-03-31"]}}"#;
    assert_eq!(master(content, |_| {}).as_deref(), Ok(expected));
    let with = |config: &mut MasterConfig| {
        (config.from, config.to, config.header) = (None, None, true);
        config.prefixes = vec!["80".to_owned()];
    };
    let expected = r#"{"payerNumbers":{"prefixes":["80"],"valid":["80130010"]}}"#;
    let (shift_jis, ..) = encoding_rs::SHIFT_JIS.encode("名称,番号\n見本,80130010\n");
    assert_eq!(
        master(&shift_jis, |config| {
            with(config);
            config.encoding = Encoding::ShiftJis;
        })
        .as_deref(),
        Ok(expected)
    );
}

type Change = fn(&mut MasterConfig);

#[test]
fn masters_that_are_not_whole_or_have_other_columns_are_refused() {
    let row = "a,80130010,20200401,99999999\n";
    let keep = |_: &mut MasterConfig| {};
    let cases: [(String, Change, &str); 11] = [
        (String::new(), keep, "it has no number"),
        ("a,,,\n".to_owned(), keep, "it has no number"),
        (format!("{row}a,80130028,20200401,9999"), keep, "its last line has no line break; is it complete?"),
        (format!("{row}a,80130028\n"), keep, "line 2: it has no column 3; is the file complete?"),
        (format!("番号,番号,開始,終了\n{row}"), keep, "line 1: column 2 is not a number of 8 digits"),
        (
            row.to_owned(),
            |config| config.header = true,
            "line 1: by header = true this is the header, but it has a number",
        ),
        (row.to_owned(), |config| config.number = 1, "line 1: column 1 is not a number of 8 digits"),
        (row.to_owned(), |config| config.from = Some(4), "line 1: column 4 is not a day such as 20260401"),
        ("a,80130010,5020401,0\n".to_owned(), keep, "line 1: column 3 is not a day such as 20260401"),
        ("a,80130010,20260230,0\n".to_owned(), keep, "line 1: column 3 is not a day such as 20260401"),
        (
            row.to_owned(),
            |config| config.min_rows = 2,
            "it has 1 numbers, fewer than min_rows = 2; is it complete?",
        ),
    ];
    for (content, change, why) in cases {
        assert_eq!(master(&content, change).as_deref().unwrap_err(), why, "{content:?}");
    }
}

#[test]
fn hashes_tell_documents_apart() {
    let load = |content: &str| {
        let file = file(content);
        Documents::load(&DocumentsConfig { character_table: Some(file.path), payer_numbers: None }).unwrap()
    };
    let (one, same, other) =
        (load("U+E000,U+9AD8\n"), load("from,to\nu+e000,u+9ad8\n"), load("U+E000,U+9AD9\n"));
    assert_eq!(one.hash(), same.hash());
    assert_ne!(one.hash(), other.hash());
    assert_ne!(one.hash_with(b"{}"), other.hash_with(b"{}"));
    assert_eq!(Documents::default().hash(), None);
    assert_eq!(Documents::default().hash_with(b"{}"), format!("{:x}", Sha256::digest(b"{}")));
}

#[cfg(unix)]
#[test]
fn what_others_can_write_is_refused() {
    let file = file("U+E000,U+9AD8\n");
    fs::set_permissions(&file.path, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    let config = DocumentsConfig { character_table: Some(file.path.clone()), payer_numbers: None };
    assert_eq!(Documents::load(&config).unwrap_err().rule.code, "PMH6209");
}
