//! PMH's own words: shown to the person who asks, and to nothing and nobody else.
//!
//! What would look well and be wrong: a message that quotes the refused record stays in a terminal's scrollback, a
//! scheduler's log or the ledger for years, because it helped once.

use pmh_simulator::Answer;
use pmh_tests::{Result, site::Site};
use serde_json::json;

use super::{answering, said};

const MESSAGE: &str =
    "山田太郎 1975-01-02 1234-5678-9018 123456789018 １２３４　５６７８　９０１８ 1234\\u200b56789018";

fn refusal(code: &str) -> (&'static str, String) {
    ("400 Bad Request", format!(r#"{{"code":"{code}","message":"{MESSAGE}"}}"#))
}

#[test]
fn a_message_is_shown_to_who_asks_for_it() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("[guard]", "[log]\ndir = \"log\"\nlevel = \"trace\"\n\n[guard]")?;
    let pmh = answering(&site, (0..4).map(|_| refusal("E01")).collect())?;
    for (form, asked) in [("human", false), ("json", false), ("human", true), ("json", true)] {
        let more = if asked { vec!["--show-answer", "-v"] } else { vec!["-v"] };
        let done = site.done(site.sync_command(&[&["--format", form], more.as_slice()].concat()))?;
        assert_eq!(done.code, 4, "{done:?}");
        let text = said(&done);
        assert_eq!(text.contains("山田太郎"), asked, "{form}: {text}");
        assert!(text.contains("E01"), "{form}: {text}");
        for digits in ["1234", "9018", "１２３４", "９０１８"] {
            assert!(!text.contains(digits), "{form}: {digits}: {text}");
        }
        if form == "json" {
            let delivery = done.json()?["deliveries"][0].clone();
            assert_eq!((&delivery["code"], &delivery["codeLength"]), (&json!("E01"), &json!(null)));
            assert_eq!(delivery["message"].is_null(), !asked, "{delivery}");
            assert!(delivery["messageLength"].as_u64().is_some_and(|length| length > 60), "{delivery}");
        } else if !asked {
            assert!(text.contains("characters") && text.contains("--show-answer"), "{text}");
        }
    }
    pmh.join().map_err(|_| "the other side")??;
    for (path, bytes) in site.written()? {
        if !path.to_string_lossy().contains("payload-") {
            assert!(!String::from_utf8_lossy(&bytes).contains("山田"), "{}", path.display());
        }
    }
    Ok(())
}

#[test]
fn what_is_no_code_is_not_shown_either() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let pmh = answering(&site, vec![refusal("山田太郎"), refusal("123456789018")])?;
    for length in [4, 12] {
        let done = site.done(site.sync_command(&[]))?;
        assert_eq!(done.code, 4, "{done:?}");
        assert!(done.stderr.contains(&format!("PMH's code: {length} characters")), "{done:?}");
        assert!(!said(&done).contains("山田") && !said(&done).contains("123456789018"), "{done:?}");
    }
    pmh.join().map_err(|_| "the other side")??;
    Ok(())
}

/// A 200 with anything but a serial number is no acceptance, and what it held is nowhere.
#[test]
fn a_serial_number_has_a_form() -> Result<()> {
    for serial in ["山田太郎 123456789018", "2026 0001", "", "<html>", &"1".repeat(65)] {
        let site = Site::new("flat-romaji")?;
        let pmh = answering(&site, vec![("200 OK", json!({ "serialNumber": serial }).to_string())])?;
        let done = site.sync(&[])?;
        assert_eq!((done.code, done.stderr.contains("PMH6008")), (6, true), "{serial}: {done:?}");
        pmh.join().map_err(|_| "the other side")??;
        let run = site.history_of(&site.history()?[0])?;
        assert_eq!(run["requests"][0]["serialNumber"], json!(null), "{serial}");
        assert!(!format!("{run}{done:?}").contains("山田太郎"), "{serial}");
    }
    let site = Site::new("flat-romaji")?;
    let pmh = answering(&site, vec![("200 OK", json!({ "serialNumber": "2026.04_01-x" }).to_string())])?;
    assert_eq!(site.sync(&[])?.code, 0);
    pmh.join().map_err(|_| "the other side")??;
    // and PMH's other answers stay what they are
    let site = Site::new("flat-romaji")?;
    site.pmh.answer_next([Answer::Garbage]);
    assert_eq!(site.sync(&[])?.code, 6);
    Ok(())
}
