//! CSV and fixed-length files as other programs leave them: what is in them arrives, or is told in the words of tables.
//!
//! How a night could end with success and harm somebody, and the test that would notice:
//! - names are read in the wrong encoding, and other, valid names are sent (`the_wrong_encoding_is_never_sent`);
//! - cells are shifted into other columns, and the rows are taken for records (`a_row_that_does_not_fit`);
//! - a row is passed over as empty that is none (`every_program_writes_its_own`, with the counts);
//! - a wrong delimiter, header or column table makes other values of all records (`one_cause_is_told_once`, `fixed_length`).
//!
//! The files are written here, cell by cell, and no code is shared with the reader.

use std::{fmt::Write as _, fs, path::Path};

use pmh_tests::{
    Result,
    pmh::{self, Done},
    root,
    site::{AS_OF, Site},
};
use serde_json::Value;
use tempfile::TempDir;

const VENDOR: &str = "vendors/csv-shift-jis";

/// The vendor's table, and no code of the reader: quotation marks and line ends are all that it needs.
fn table() -> Result<Vec<Vec<String>>> {
    let raw = fs::read(root().join(VENDOR).join("records.csv"))?;
    let text = encoding_rs::SHIFT_JIS.decode(&raw).0.into_owned();
    // what has no character in every encoding
    let text = text.replace(|c| matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}'), "?");
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\r' => {}
            c => cell.push(c),
        }
    }
    let columns = rows.first().map_or(0, Vec::len);
    assert!(rows.len() > 100 && rows.iter().all(|row| row.len() == columns), "the vendor's table");
    Ok(rows)
}

/// How a program writes a table.
#[derive(Clone, Copy)]
struct Style {
    delimiter: char,
    end: &'static str,
    quotes_all: bool,
    /// Ahead of the header, behind each row, and at the end.
    around: [&'static str; 3],
    /// Behind each tenth record.
    between: &'static str,
    encoding: &'static str,
}

const PLAIN: Style = Style {
    delimiter: ',',
    end: "\n",
    quotes_all: false,
    around: ["", "", ""],
    between: "",
    encoding: "utf-8",
};

impl Style {
    /// The file, and the line on which each record begins.
    fn write(self, rows: &[Vec<String>]) -> (Vec<u8>, Vec<usize>) {
        let Self { delimiter, end, quotes_all, around: [first, behind, last], between, encoding } = self;
        let (mut text, mut lines) = (first.to_owned(), Vec::new());
        for (number, row) in rows.iter().enumerate() {
            lines.push(text.matches('\n').count() + 1);
            let written = row.iter().map(|cell| {
                let quotes = quotes_all || cell.contains([delimiter, '"', '\n']);
                if quotes { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
            });
            text += &written.collect::<Vec<_>>().join(&delimiter.to_string());
            text += behind;
            text += end;
            if number > 0 && number % 10 == 0 {
                text += between;
            }
        }
        text += last;
        let bytes = match encoding {
            "shift_jis" => encoding_rs::SHIFT_JIS.encode(&text).0.into_owned(),
            "utf-8-bom" => format!("\u{feff}{text}").into_bytes(),
            "utf-16le" => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => text.into_bytes(),
        };
        (bytes, lines.split_off(1))
    }
}

/// What came of a file.
struct Out {
    done: Done,
    payload: Vec<u8>,
    findings: Vec<Value>,
    summary: Value,
}

impl Out {
    fn codes(&self) -> Vec<&str> {
        self.findings.iter().filter_map(|finding| finding["code"].as_str()).collect()
    }

    /// The findings without their lines.
    fn without_lines(&self) -> Vec<Value> {
        let mut findings = self.findings.clone();
        findings.iter_mut().filter_map(Value::as_object_mut).for_each(|finding| {
            finding.remove("line");
        });
        findings
    }
}

fn transform(folder: &Path, file: &[u8], more: &[&str]) -> Result<Out> {
    let [input, payload, report] = ["in.csv", "out.json", "report.json"].map(|name| folder.join(name));
    fs::write(&input, file)?;
    for old in [&payload, &report] {
        let _ = fs::remove_file(old);
    }
    let mut command = pmh::command(["transform", "--as-of", AS_OF]);
    command.arg("--profile").arg(root().join(VENDOR).join("profile.json")).args(more);
    command.arg("--input").arg(&input).arg("--output").arg(&payload).arg("--report").arg(&report);
    let done = pmh::done(command.output()?)?;
    let report: Value = fs::read(&report).map_or(Ok(Value::Null), |text| serde_json::from_slice(&text))?;
    Ok(Out {
        done,
        payload: fs::read(payload).unwrap_or_default(),
        findings: report.get("findings").and_then(Value::as_array).cloned().unwrap_or_default(),
        summary: report.get("summary").cloned().unwrap_or_default(),
    })
}

#[test]
fn every_program_writes_its_own() -> Result<()> {
    let (folder, rows) = (TempDir::new()?, table()?);
    let (file, _) = PLAIN.write(&rows);
    let plain = transform(folder.path(), &file, &[])?;
    assert!(plain.payload.len() > 10_000 && !plain.findings.is_empty(), "{:?}", plain.done);
    assert!(!plain.done.stderr.contains("PMH632"), "{:?}", plain.done);
    let sjis = ["--encoding", "shift_jis"];
    // how it is written, what is said of it, and what is told: the delimiter, and how many rows were skipped from which line on
    let styles: [(Style, &[&str], &[&str]); 13] = [
        (Style { end: "\r\n", encoding: "shift_jis", ..PLAIN }, &sjis, &[]),
        (Style { quotes_all: true, encoding: "utf-8-bom", ..PLAIN }, &sjis, &[]),
        (Style { around: ["", "", "\x1a"], encoding: "shift_jis", ..PLAIN }, &sjis, &[]),
        (Style { around: ["", ",", ""], ..PLAIN }, &[], &[]),
        (Style { around: ["", ",,,", "\n\n\n"], ..PLAIN }, &[], &[]),
        (Style { around: ["", "", ",,,,\n,,\n"], ..PLAIN }, &[], &["PMH6322", ": 2, the first"]),
        (Style { between: "\n,,,\n", ..PLAIN }, &[], &["PMH6322", ": 32, the first on line 3"]),
        (Style { delimiter: '\t', ..PLAIN }, &[], &["PMH6323", "a tab"]),
        (Style { delimiter: '\t', ..PLAIN }, &["--delimiter", "tab"], &[]),
        (Style { delimiter: '\t', end: "\r\n", encoding: "utf-16le", ..PLAIN }, &[], &["PMH6323", "a tab"]),
        (Style { delimiter: ',', encoding: "utf-16be", ..PLAIN }, &sjis, &[]),
        (Style { delimiter: ';', around: ["sep=;\n", "", ""], ..PLAIN }, &[], &["PMH6323", "a semicolon"]),
        (Style { delimiter: '|', ..PLAIN }, &["--delimiter", "|"], &[]),
    ];
    for (number, (style, more, told)) in styles.into_iter().enumerate() {
        let (file, lines) = style.write(&rows);
        let out = transform(folder.path(), &file, more)?;
        assert!(out.payload == plain.payload, "{number}: {:?}", out.done);
        assert_eq!(out.without_lines(), plain.without_lines(), "{number}");
        assert_eq!(out.summary, plain.summary, "{number}");
        for finding in &out.findings {
            let record = usize::try_from(finding["record"].as_u64().ok_or("no record")?)?;
            assert_eq!(finding["line"], lines[record], "{number}: {finding}");
        }
        let notes = out.done.stderr.matches("PMH632").count();
        assert_eq!(notes, usize::from(!told.is_empty()), "{number}: {:?}", out.done);
        assert!(told.iter().all(|part| out.done.stderr.contains(part)), "{number}: {:?}", out.done);
    }
    Ok(())
}

/// An unquoted comma, a missing cell and a broken line are those records' own, however many sessions share the run.
#[test]
fn a_row_that_does_not_fit_is_told_in_the_words_of_csv() -> Result<()> {
    let (folder, mut rows) = (TempDir::new()?, table()?);
    let plain = transform(folder.path(), &PLAIN.write(&rows).0, &[])?;
    let columns = rows[0].len();
    for (at, cells) in [(3, columns + 1), (40, columns - 1), (41, 1)] {
        rows.insert(at, vec!["CANARY".to_owned(); cells]);
    }
    let (file, lines) = PLAIN.write(&rows);
    for jobs in ["1", "3"] {
        let out = transform(folder.path(), &file, &["--jobs", jobs])?;
        assert!(out.payload == plain.payload, "{:?}", out.done);
        let odd: Vec<&Value> = out.findings.iter().filter(|finding| finding["code"] == "PMH6320").collect();
        assert_eq!(odd.len(), 3, "{:?}", out.codes());
        for (finding, (record, found)) in odd.iter().zip([(2, columns + 1), (39, columns - 1), (40, 1)]) {
            assert_eq!((&finding["record"], &finding["line"]), (&record.into(), &lines[record].into()));
            let message = format!("{columns} columns expected, {found} found");
            assert!(finding["message"].as_str().is_some_and(|text| text.contains(&message)), "{finding}");
            assert!(out.done.stdout.contains(&format!("line {}: ", lines[record])), "{:?}", out.done);
        }
        let count = |key: &str| out.summary[key].as_u64().zip(plain.summary[key].as_u64());
        for (key, more) in [("read", 3), ("rejected", 3), ("accepted", 0)] {
            let (after, before) = count(key).ok_or("no count")?;
            assert_eq!(after, before + more, "{key}");
        }
        assert_eq!(out.summary["byCode"]["PMH6320"], 3);
        assert!(out.summary["byCode"]["PMH1009"].is_null(), "{}", out.summary);
        let shown = format!("{:?}{:?}", out.done, out.findings);
        assert!(!shown.contains("CANARY") && !shown.contains("JSON"), "{shown}");
    }
    Ok(())
}

/// A name, the file, what is said of it, the code, and a part of the message.
type Mistake<'a> = (&'a str, Vec<u8>, &'a [&'a str], &'a str, String);

/// The file, what is said of it, and the one code and the words that it ends with. No value is shown.
#[test]
fn one_cause_is_told_once() -> Result<()> {
    let (folder, rows) = (TempDir::new()?, table()?);
    let columns = rows[0].len();
    let write = |rows: &[Vec<String>]| PLAIN.write(rows).0;
    let mut title = rows.clone();
    title.insert(0, vec!["CANARY".to_owned()]);
    let (mut twice, mut unnamed) = (rows.clone(), rows.clone());
    twice[0][4] = twice[0][1].clone();
    unnamed[0][4].clear();
    let mut narrow = rows.clone();
    narrow[0].pop();
    let tab = Style { delimiter: '\t', ..PLAIN }.write(&rows).0;
    let sjis = Style { encoding: "shift_jis", ..PLAIN }.write(&rows).0;
    let utf16: Vec<u8> = String::from_utf8(write(&rows))?.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [Mistake<'_>; 10] = [
        ("a title", write(&title), &[], "PMH6321", format!("the header has 1 columns, line 2 has {columns}")),
        ("a narrow header", write(&narrow), &[], "PMH6321", format!("has {} columns, line 2", columns - 1)),
        ("tabs", tab, &["--delimiter", ","], "PMH6321", format!("with a tab (\"tab\") it has {columns}")),
        ("a name twice", write(&twice), &[], "PMH6304", "columns 2 and 5 have the same name".to_owned()),
        ("no name", write(&unnamed), &[], "PMH6304", "column 5 has no name".to_owned()),
        ("nothing", Vec::new(), &[], "PMH6304", "the file is empty".to_owned()),
        ("UTF-8", write(&rows), &["--encoding", "shift_jis"], "PMH6212", "encoding = \"utf-8\"".to_owned()),
        ("Shift_JIS", sjis, &[], "PMH6212", "encoding = \"shift_jis\"".to_owned()),
        ("UTF-16", utf16.clone(), &[], "PMH6212", "UTF-16 without a byte order mark".to_owned()),
        ("UTF-16", utf16, &["--encoding", "shift_jis"], "PMH6212", "UTF-16 without".to_owned()),
    ];
    for (name, file, more, code, words) in cases {
        for jobs in ["1", "2"] {
            let out = transform(folder.path(), &file, &[more, &["--jobs", jobs]].concat())?;
            let shown = &out.done.stderr;
            assert_eq!((out.done.code, out.payload.len()), (2, 0), "{name}: {:?}", out.done);
            assert_eq!(shown.matches("PMH").count(), 1, "{name}: {shown}");
            assert!(shown.contains(code) && shown.contains(&words), "{name}: {shown}");
            assert!(!shown.contains("CANARY") && !shown.contains(&rows[0][1]), "{name}: {shown}");
        }
    }
    Ok(())
}

/// The keys are the columns' numbers: a profile that reads them gives the same payload.
#[test]
fn a_file_without_a_header_is_read_by_numbers() -> Result<()> {
    let (folder, mut rows) = (TempDir::new()?, table()?);
    let plain = transform(folder.path(), &PLAIN.write(&rows).0, &[])?;
    rows[0] = (1..=rows[0].len()).map(|number| number.to_string()).collect();
    let named = transform(folder.path(), &PLAIN.write(&rows).0, &[])?;
    let bare = transform(folder.path(), &PLAIN.write(&rows[1..]).0, &["--no-header"])?;
    assert!(!plain.payload.is_empty() && bare.codes().contains(&"PMH2003"), "{:?}", bare.codes());
    assert_eq!((&bare.without_lines(), &bare.summary), (&named.without_lines(), &named.summary));
    assert_eq!(bare.findings[0]["line"], 1);
    Ok(())
}

/// In UTF-8 read as `Shift_JIS` every name is another, valid one: nothing of it may be sent, wherever in the file it is.
#[test]
fn the_wrong_encoding_is_never_sent() -> Result<()> {
    let rows = table()?;
    let (utf8, _) = PLAIN.write(&rows);
    let (sjis, _) = Style { encoding: "shift_jis", ..PLAIN }.write(&rows);
    // an export that another system's is appended to
    let (half, _) = PLAIN.write(&rows[..1]);
    let late: Vec<u8> = [sjis.repeat(3), utf8[half.len()..].to_vec()].concat();
    for (name, file, encoding, other) in [
        ("UTF-8", utf8.clone(), "shift_jis", "utf-8"),
        ("Shift_JIS", sjis.clone(), "utf-8", "shift_jis"),
        ("UTF-8 at the end", late, "shift_jis", "utf-8"),
    ] {
        let site = Site::new("csv-shift-jis")?;
        site.change("encoding = \"shift_jis\"", &format!("encoding = \"{encoding}\""))?;
        site.change("max_rejected = 19", "max_rejected = 1000000")?;
        fs::write(site.path("records.csv"), &file)?;
        for more in [&[][..], &["--dry-run"], &["--pass", "PMH6101", "--pass", "PMH6103"]] {
            let done = site.sync(more)?;
            let shown = format!("{}{}", done.stdout, done.stderr);
            assert_eq!(done.code, 2, "{name}: {done:?}");
            assert!(
                shown.contains("PMH6212") && shown.contains(&format!("looks like {other}")),
                "{name}: {shown}"
            );
        }
        assert!(site.pmh.requests().is_empty(), "{name}");
        assert!(!site.spool()?.iter().any(|name| name.starts_with("payload-")), "{name}");
    }
    Ok(())
}

/// What is set in `pmh.toml` is what is read, and what is worth knowing is in the account.
#[test]
fn a_site_sends_what_its_tables_hold() -> Result<()> {
    let rows = table()?;
    let (file, _) = Style { delimiter: ';', between: ";;\n", ..PLAIN }.write(&rows);
    let mut hashes = Vec::new();
    for (delimiter, notes) in [("", 2), ("delimiter = \";\"", 1)] {
        let site = Site::new("csv-shift-jis")?;
        site.change("encoding = \"shift_jis\"", delimiter)?;
        site.change("max_rejected = 19", "max_rejected = 100")?;
        fs::write(site.path("records.csv"), &file)?;
        let done = site.sync(&[])?;
        assert_eq!(done.code, 0, "{done:?}");
        let told = done.json()?;
        assert_eq!(told["notes"].as_array().map(Vec::len), Some(notes), "{told}");
        let doctor = site.run(&["doctor"])?;
        assert!(!doctor.stdout.contains("PMH6609"), "{doctor:?}");
        hashes.push(
            site.pmh.registrations().iter().map(|set| (set.records, set.sha256.clone())).collect::<Vec<_>>(),
        );
    }
    assert!(hashes[0] == hashes[1] && hashes[0].len() == 1);
    Ok(())
}

/// What `pmh doctor` finds in the first records is what a run would: the same codes, the same refusals.
#[test]
fn the_doctor_reads_as_a_run_does() -> Result<()> {
    let mut rows = table()?;
    rows.insert(3, vec!["CANARY".to_owned()]);
    let site = Site::new("csv-shift-jis")?;
    site.change("encoding = \"shift_jis\"", "")?;
    fs::write(site.path("records.csv"), Style { between: ",\n", ..PLAIN }.write(&rows).0)?;
    let done = site.run(&["doctor"])?;
    assert!(done.stdout.contains("PMH6320: 1") && !done.stdout.contains("PMH1009"), "{done:?}");
    assert!(!format!("{done:?}").contains("CANARY"), "{done:?}");
    rows.insert(0, vec!["CANARY".to_owned()]);
    fs::write(site.path("records.csv"), PLAIN.write(&rows).0)?;
    let done = site.run(&["doctor"])?;
    assert!(done.code != 0 && done.stdout.contains("PMH6321"), "{done:?}");
    Ok(())
}

/// The same values in a table of fixed-length records, with and without line ends.
#[test]
fn fixed_length_records_give_what_csv_gives() -> Result<()> {
    let (folder, mut rows) = (TempDir::new()?, table()?);
    for cell in rows.iter_mut().flatten() {
        *cell = cell.replace('\n', "").trim_end_matches([' ', '\u{3000}']).to_owned();
    }
    let plain = transform(folder.path(), &PLAIN.write(&rows).0, &[])?;
    let bytes = |cell: &str| encoding_rs::SHIFT_JIS.encode(cell).0.into_owned();
    let columns = rows[0].len();
    let widths: Vec<usize> = (0..columns)
        .map(|at| rows[1..].iter().map(|row| bytes(&row[at]).len()).max().unwrap_or(0) + 1)
        .collect();
    let (mut layout, mut start) = ("name,start,length\n".to_owned(), 1);
    for (name, width) in rows[0].iter().zip(&widths) {
        writeln!(layout, "{name},{start},{width}")?;
        start += width;
    }
    let table = folder.path().join("columns.csv");
    fs::write(&table, &layout)?;
    let table = table.to_str().ok_or("no text")?;
    let more = ["--columns", table, "--encoding", "shift_jis"];
    let records: Vec<Vec<u8>> = rows[1..]
        .iter()
        .map(|row| {
            let cell = |(cell, width): (&String, &usize)| {
                let mut bytes = bytes(cell);
                bytes.resize(*width, b' ');
                bytes
            };
            row.iter().zip(&widths).flat_map(cell).collect()
        })
        .collect();
    for end in [&b""[..], b"\n", b"\r\n"] {
        let file = records.iter().map(|record| [record, end].concat()).collect::<Vec<_>>().concat();
        let out = transform(folder.path(), &file, &more)?;
        assert!(out.payload == plain.payload, "{end:?}: {:?}", out.done);
        assert_eq!((out.without_lines(), &out.summary), (plain.without_lines(), &plain.summary));
        // the end of the file is missing
        let cut = transform(folder.path(), &file[..file.len() - 7], &more)?;
        let code = if end.is_empty() { "PMH6326" } else { "PMH6325" };
        assert_eq!(cut.done.code, 3, "{:?}", cut.done);
        assert!(format!("{:?}{:?}", cut.done, cut.findings).contains(code), "{:?}", cut.done);
        assert_eq!(cut.summary["complete"], !end.is_empty());
    }
    // a table whose columns begin in the wrong place, and none at all
    let shifted = layout.replacen(&format!(",1,{}\n", widths[0]), &format!(",1,{}\n", widths[0] + 1), 1);
    fs::write(table, shifted)?;
    let out = transform(folder.path(), &records.concat(), &more)?;
    assert!(out.done.code == 2 && out.done.stderr.contains("PMH6324"), "{:?}", out.done);
    let out = transform(folder.path(), &records.concat(), &["--input-format", "fixed"])?;
    assert!(out.done.code == 2 && out.done.stderr.contains("PMH6324"), "{:?}", out.done);
    // in a configuration
    let site = Site::new("csv-shift-jis")?;
    site.change("format = \"csv\"", "format = \"fixed\"")?;
    assert!(site.sync(&[])?.stderr.contains("input.columns"));
    site.change("[input]", "[input]\ncolumns = \"columns.csv\"")?;
    site.change("max_rejected = 19", "max_rejected = 100")?;
    fs::write(site.path("columns.csv"), &layout)?;
    fs::write(site.path("records.csv"), records.join(&b"\r\n"[..]))?;
    let done = site.sync(&[])?;
    assert_eq!(
        (done.code, done.json()?["summary"]["accepted"].clone()),
        (0, plain.summary["accepted"].clone())
    );
    Ok(())
}
