//! Tables as the world writes them, read back.

use std::{io::Read, path::Path};

use pmh_core::rules::Lang;

use super::*;
use crate::failure::Failure;

const CSV: Kind = Kind::Csv { delimiter: None, header: true };

struct Done {
    text: String,
    places: Arc<Places>,
}

impl Done {
    fn notes(&self) -> Vec<String> {
        self.places.notes().iter().map(ToString::to_string).collect()
    }
}

fn convert(raw: &[u8], kind: Kind, encoding: Encoding) -> Result<Done, Failure> {
    let places = Arc::<Places>::default();
    let mut text = String::new();
    let raw = io::Cursor::new(raw.to_vec());
    match Records::new(raw, kind, encoding, Arc::clone(&places)).read_to_string(&mut text) {
        Ok(_) => Ok(Done { text, places }),
        Err(error) => Err(error.downcast::<Failure>().unwrap()),
    }
}

fn csv(raw: impl AsRef<[u8]>) -> Done {
    convert(raw.as_ref(), CSV, Encoding::Utf8).unwrap()
}

fn refused(raw: impl AsRef<[u8]>) -> Failure {
    convert(raw.as_ref(), CSV, Encoding::Utf8).err().unwrap()
}

#[test]
fn rows_become_objects() {
    let text = csv("\u{feff}番号,氏名\r\n1,\"山田 \"\"太郎\"\"\r\n\"\r\n2,\n").text;
    assert_eq!(
        text,
        "{\"番号\":\"1\",\"氏名\":\"山田 \\\"太郎\\\"\\r\\n\"}\n{\"番号\":\"2\",\"氏名\":\"\"}\n"
    );
}

#[test]
fn cp932_is_read() {
    // ①, 髙 and 〜 exist in CP932 alone
    let (raw, _, unmappable) = encoding_rs::SHIFT_JIS.encode("氏名\n①髙橋～\n");
    assert!(!unmappable);
    assert_eq!(convert(&raw, CSV, Encoding::ShiftJis).unwrap().text, "{\"氏名\":\"①髙橋～\"}\n");
}

#[test]
fn malformed_characters_are_marked() {
    let done = convert(b"a\n\x82\n", CSV, Encoding::ShiftJis).unwrap();
    assert_eq!(done.text, "{\"a\":\"\u{fffd}\"}\n");
    assert_eq!(csv(b"a\n\xff\n").text, "{\"a\":\"\u{fffd}\"}\n");
}

#[test]
fn a_row_of_another_length_keeps_its_place() {
    let done = csv("a,b\n1\n\n1,2,3\n\"1\n\",2\n1,2\n1,2,\n");
    let record = "{\"a\":\"1\",\"b\":\"2\"}\n";
    assert_eq!(done.text, format!("[]\n[]\n{}{record}[]\n", record.replace("\"1\"", "\"1\\n\"")));
    let told = |record| {
        let (line, odd) = done.places.of(record);
        (line, odd.map(|odd| odd.failure().message(Lang::En)))
    };
    let message = |found| {
        Some(format!(
            "this row has another number of columns than it should: 2 columns expected, {found} found"
        ))
    };
    assert_eq!(told(0), (Some(2), message(1)));
    assert_eq!(told(1), (Some(4), message(3)));
    assert_eq!(told(2), (Some(5), None));
    assert_eq!(told(3), (Some(7), None));
    // a name could be missing anywhere in the header
    assert_eq!(told(4), (Some(8), message(3)));
    // a value without a name
    let done = csv("a,b,\n1,2,\n1,2,3\n1,2\n");
    assert_eq!(done.text, format!("{record}[]\n[]\n"));
}

#[test]
fn a_header_must_name_each_column_once() {
    for raw in [&b""[..], b"\n\n", b",,\n", b"a,,b\n", b"a,b,a\n1,2,3\n"] {
        assert_eq!(refused(raw).rule.code, "PMH6304");
    }
    assert!(!refused("山田,山田\n").to_string().contains("山田"));
}

#[test]
fn an_open_quotation_mark_ends_early() {
    let mut raw = b"a\n1\n\"".to_vec();
    raw.resize(20 << 20, b'x');
    let failure = refused(&raw);
    assert_eq!((failure.rule.code, failure.message(Lang::En).contains("line 3")), ("PMH6305", true));
}

#[test]
fn a_file_that_ends_inside_quotation_marks_is_cut_off() {
    let one = "{\"a\":\"1\",\"b\":\"2\"}\n";
    for (raw, rest, line) in [
        ("a,b\n1,2\n3,\"4", "{", 3),
        ("a,b\n1,2\n3,\"", "{", 3),
        ("a,b\n1,2\n3,\"4\"\"", "{", 3),
        ("a,b\n1,2\n3,\"4\x1a", "{", 3),
        ("a,b\n1,2\n\r\n\n3,\"4\n5,6\n7,8\n", "{", 5),
        ("a,b\r\n1,2\r\n\"x\r\ny\",\"4\r\n", "{", 4),
        // not open: closed, doubled, or no quotation mark that opens a cell
        ("a,b\n1,2\n3,\"4\"", "{\"a\":\"3\",\"b\":\"4\"}\n", 0),
        ("a,b\n1,2\n3,4\"", "{\"a\":\"3\",\"b\":\"4\\\"\"}\n", 0),
        ("a,b\n1,2\n", "", 0),
    ] {
        let done = csv(raw);
        let cut = done.places.cut_off().map(|failure| failure.message(Lang::En)).unwrap_or_default();
        assert_eq!(done.text, format!("{one}{rest}"), "{raw:?}");
        assert_eq!(cut.ends_with(&format!("line {line}")), line > 0, "{raw:?}: {cut}");
    }
    let header = csv("\"a,b\n1,2\n");
    assert!(header.text == "{" && header.places.cut_off().is_some());
}

/// The same two records, as different programs leave them.
#[test]
fn every_program_writes_its_own() {
    let records = "{\"id\":\"1\",\"name\":\"x, y\"}\n{\"id\":\"2\",\"name\":\"z\"}\n";
    let utf16: Vec<u8> =
        "\u{feff}id\tname\r\n1\tx, y\r\n2\tz\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let padded = format!("id,name\r\n1,\"x, y\"\r\n2,z{}", "\x1a".repeat(100));
    let cases: [(&[u8], &[&str]); 12] = [
        (b"id,name\n1,\"x, y\"\n2,z\n", &[]),
        (b"id,name\r1,\"x, y\"\r2,z\r", &[]),
        (b"id,name\r\n1,\"x, y\"\r\n2,z\r\n\x1a", &[]),
        (padded.as_bytes(), &[]),
        (b"id,name,\n1,\"x, y\",\n2,z,\n", &[]),
        (b"id,name,,\n1,\"x, y\",,\n2,z,,\n", &[]),
        (b"id,name\n1,\"x, y\"\n2,z\n\n\r\n\n", &[]),
        (b"\n\nid,name\n1,\"x, y\"\n,\n\n2,z\n,\n\"\"\n", &["6, the first on line 1"]),
        (b"sep=;\r\nid;name\r\n1;x, y\r\n2;z\r\n", &["a semicolon"]),
        (b"id\tname\n1\tx, y\n2\tz\n", &["a tab"]),
        (b"id|name|\n1|x, y|\n|||\n2|z|\n", &["a vertical bar", "1, the first on line 3"]),
        (&utf16, &["a tab"]),
    ];
    for (raw, notes) in cases {
        let (done, shown) = (csv(raw), String::from_utf8_lossy(raw));
        assert_eq!(done.text, records, "{shown:?}");
        assert_eq!(done.notes().len(), notes.len(), "{shown:?}: {:?}", done.notes());
        for (note, part) in done.notes().iter().zip(notes) {
            assert!(note.contains(part), "{shown:?}: {note}");
        }
    }
    // inside of a file it is a character like others
    assert_eq!(csv("a\n\x1a\n1\n").text, "{\"a\":\"\\u001a\"}\n{\"a\":\"1\"}\n");
}

#[test]
fn without_a_header_columns_are_numbers() {
    let kind = Kind::Csv { delimiter: None, header: false };
    let done = convert(b"1,x\n2,y\n3\n", kind.clone(), Encoding::Utf8).unwrap();
    assert_eq!(done.text, "{\"1\":\"1\",\"2\":\"x\"}\n{\"1\":\"2\",\"2\":\"y\"}\n[]\n");
    // a first row that is longer than what is looked at
    let long = format!("1,{}\n", "x".repeat(2 * WINDOW));
    let done = convert(long.as_bytes(), kind, Encoding::Utf8).unwrap();
    assert!(done.text.starts_with("{\"1\":\"1\",\"2\":\"xx"), "{}", done.text.len());
}

/// Any table of cells, written with any delimiter, quoting, line end and encoding, reads back the same.
#[test]
fn what_is_written_is_read_back() {
    let mut chance = fastrand::Rng::with_seed(586);
    let parts =
        ["", "1", "山田　太郎", "ﾔﾏﾀﾞ", "\"", "\n", "\r\n", ",", ";", "\t", "|", " ", "sep=;", "0", "髙"];
    let delimiters = [Delimiter::Comma, Delimiter::Tab, Delimiter::Semicolon, Delimiter::Pipe];
    for round in 0..4000 {
        let (width, height) = (chance.usize(1..7), chance.usize(0..9));
        let mut cell = |least: usize| -> String {
            let count = chance.usize(least..4);
            (0..count).map(|_| *chance.choice(&parts).unwrap()).collect()
        };
        let rows: Vec<Vec<String>> = (0..height).map(|_| (0..width).map(|_| cell(0)).collect()).collect();
        let (delimiter, has_header) = (*chance.choice(&delimiters).unwrap(), chance.bool());
        let names: Vec<String> =
            (1..=width).map(|at| if has_header { format!("n{at}") } else { at.to_string() }).collect();
        let end = *chance.choice(&["\n", "\r\n", "\r"]).unwrap();
        let always = chance.bool();
        let more =
            if width > 1 && chance.bool() { (delimiter.byte() as char).to_string() } else { String::new() };
        let written = |row: &Vec<String>| {
            let needs = |cell: &str| {
                cell.contains(['"', '\r', '\n', delimiter.byte() as char]) || cell.starts_with("sep=")
            };
            let cells: Vec<String> = row
                .iter()
                .map(|cell| {
                    if always || needs(cell) {
                        format!("\"{}\"", cell.replace('"', "\"\""))
                    } else {
                        cell.clone()
                    }
                })
                .collect();
            format!("{}{more}{end}", cells.join(&(delimiter.byte() as char).to_string()))
        };
        let mut text: String = if has_header { written(&names) } else { String::new() };
        text.extend(rows.iter().map(written));
        text += ["", "\x1a", end][round % 3];
        let (encoding, raw) = match round % 4 {
            0 => (Encoding::ShiftJis, encoding_rs::SHIFT_JIS.encode(&text).0.into_owned()),
            1 => (Encoding::Utf8, format!("\u{feff}{text}").into_bytes()),
            2 => (
                Encoding::Utf8,
                format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ),
            _ => (Encoding::Utf8, text.clone().into_bytes()),
        };
        // delimiters that are not said are told by rows that are alike; here they are anything
        let kind = Kind::Csv { delimiter: Some(delimiter), header: has_header };
        let done = match convert(&raw, kind, encoding) {
            Ok(done) => done,
            // a table of one column with the delimiter of another inside is a question, not a record
            Err(failure) => {
                assert!(width == 1 && failure.rule.code == "PMH6321", "{text:?}: {failure}");
                continue;
            }
        };
        let kept: Vec<&Vec<String>> =
            rows.iter().filter(|row| row.iter().any(|cell| !cell.is_empty())).collect();
        let read: Vec<serde_json::Value> =
            done.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read.len(), kept.len(), "{text:?}");
        for (read, row) in read.iter().zip(kept) {
            for (name, cell) in names.iter().zip(row) {
                assert_eq!(read[name], *cell, "{text:?}");
            }
        }
    }
}

fn layout() -> Kind {
    let text = "name,start,length\n番号,1,4\n氏名,5,10\n,15,2\n区分,17,1\n";
    Kind::Fixed(Arc::new(Layout::parse(text, Path::new("columns.csv")).unwrap()))
}

#[test]
fn fixed_length_records_are_cut_in_bytes() {
    let one = ["0001山田太郎  xx1", "0002佐藤　　　xx2", "0003ﾔﾏﾀﾞ ﾀﾛｳ  xx3"];
    let expected = "{\"番号\":\"0001\",\"氏名\":\"山田太郎\",\"区分\":\"1\"}\n{\"番号\":\"0002\",\"氏名\":\"佐藤\",\"区分\":\"2\"}\n\
                    {\"番号\":\"0003\",\"氏名\":\"ﾔﾏﾀﾞ ﾀﾛｳ\",\"区分\":\"3\"}\n";
    for (end, last) in [("", ""), ("", "\r\n"), ("", "\x1a"), ("\n", ""), ("\r\n", "\x1a"), ("\n", "\n\n")] {
        let text = one.join(end) + end + last;
        let (raw, ..) = encoding_rs::SHIFT_JIS.encode(&text);
        let done = convert(&raw, layout(), Encoding::ShiftJis).unwrap();
        assert_eq!((done.text.as_str(), done.notes().len()), (expected, 0), "{end:?} {last:?}");
        assert_eq!(done.places.of(2).0, (!end.is_empty()).then_some(3));
    }
}

#[test]
fn what_does_not_fit_a_column_table_is_told() {
    let convert = |text: &str| {
        let (raw, ..) = encoding_rs::SHIFT_JIS.encode(text);
        convert(&raw, layout(), Encoding::ShiftJis)
    };
    let good = "0001山田太郎  xx1";
    // a name that was cut in the middle of a character, and a line that lost its end
    let done = convert(&format!("{good}\n000 山田太郎山xxx1\n{good}\n0001山田\n\n{good}\n")).unwrap();
    let lines: Vec<&str> = done.text.lines().collect();
    assert_eq!((lines.len(), lines[1], lines[3]), (5, "[]", "[]"), "{lines:?}");
    let told = |record| done.places.of(record).1.unwrap().failure().message(Lang::En);
    assert!(told(1).contains("18 found"), "{}", told(1));
    assert!(told(3).contains("17 bytes expected, 8 found"), "{}", told(3));
    assert_eq!(done.places.of(4).0, Some(6));
    assert!(done.notes()[0].contains("1, the first on line 5"));
    let done = convert(&format!("{good}\n000山田太郎  xx11\n")).unwrap();
    let (line, odd) = done.places.of(1);
    let told = odd.unwrap().failure().message(Lang::En);
    assert!(line == Some(2) && told.contains("column 1 begins or ends inside"), "{told}");
    // the end of the file
    let done = convert(&format!("{good}{good}0001山")).unwrap();
    assert!(done.text.ends_with("}\n{") && done.places.cut_off().unwrap().rule.code == "PMH6326");
    // the whole file
    for raw in ["0001\n0002\n0003\n".to_owned(), "000山田太郎  xx11".repeat(3)] {
        assert_eq!(convert(&raw).err().unwrap().rule.code, "PMH6324", "{raw}");
    }
}
