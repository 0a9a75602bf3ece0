//! Conversions, each with a table of cases and with properties over everything that it may meet.
//!
//! Expectations are written down or calculated a second time here; nothing is taken from the core but what is under test.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod characters;
mod check_digits;
mod dates;
mod kana;
mod numbers;

use pmh_tests::{Host, Native, root};
use proptest::test_runner::Config;
use serde_json::{Value, json};

/// So many cases, and no file of failures.
fn cases(cases: u32) -> Config {
    Config { failure_persistence: None, ..Config::with_cases(cases) }
}

/// Letters, digits and signs in full width, calculated by the distance of the two blocks.
fn full_width(text: &str) -> String {
    let wide =
        |c: char| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c) } else { c };
    text.chars().map(wide).collect()
}

/// What a step makes of texts.
fn stepped(step: &str, texts: &[String]) -> Vec<String> {
    evaluated(&json!({ "from": "/文", "do": [step] }), texts)
}

/// What a profile's expression makes of texts at `/文`, from a record to the payload's certificate.
fn evaluated(expression: &Value, texts: &[String]) -> Vec<String> {
    let profile = std::fs::read(root().join("vectors/profiles/nested-minimal.json")).expect("a profile");
    let mut profile: Value = serde_json::from_slice(&profile).expect("a profile");
    profile["fields"]["certificateAllItems"] = json!({ "値": { "each": "/値", "item": expression } });
    let items: Vec<Value> = texts.iter().map(|text| json!({ "文": text })).collect();
    profile["rules"] = json!({ "PMH3205": "warning" });
    let records = json!([{
        "宛名番号": "1", "制度": "15", "個人番号": "123456789018", "氏名": "山田　太郎", "氏名カナ": "ヤマダ　タロウ", "生年月日": "1975-04-01",
        "住所": { "都道府県": "東京都", "市区町村": "架空市" }, "公費負担者番号": "15138019", "受給者番号": "0000018",
        "自己負担上限月額": "10,000", "有効期間": { "開始": "2026-04-01", "終了": "2027-03-31" }, "値": items,
    }]);
    let [profile, records] = [profile, records].map(|value| value.to_string());
    let options = br#"{"asOf":"2026-11-22","report":"ndjson","lang":"en"}"#;
    let outcome = Native.run(profile.as_bytes(), options, &[records.as_bytes()]).expect("a run");
    let payload: Value = serde_json::from_slice(&outcome.payload).expect("a payload");
    let list = payload[0]["certificateAllItems"]["値"].as_array().cloned();
    let list = list.unwrap_or_else(|| unreachable!("rejected: {outcome:?}"));
    assert_eq!(list.len(), texts.len());
    list.into_iter().map(|value| value.as_str().map(str::to_owned).unwrap_or_default()).collect()
}
