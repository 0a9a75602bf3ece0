//! Whatever the core accepts validates against `spec/openapi.yaml`.
//!
//! Every rule that a profile may switch off is off here: the fixed rules alone must keep the API's schema.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::sync::LazyLock;

use pmh_core::rules;
use pmh_simulator::contract::Contract;
use pmh_tests::{Host, Native, Result, root};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::load().expect("contract"));

/// The identity profile with everything off that can be off.
static PROFILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text = std::fs::read(root().join("vectors/profiles/identity.json")).expect("profile");
    let mut profile: Value = serde_json::from_slice(&text).expect("profile");
    let off = rules::all()
        .filter(|entry| !entry.rule.fixed)
        .map(|entry| (entry.rule.code.to_owned(), json!("off")));
    profile["rules"] = Value::Object(off.collect::<Map<_, _>>());
    serde_json::to_vec(&profile).expect("profile")
});

/// A record that is accepted as it is. Synthetic.
fn good() -> Value {
    json!({
        "key": "1", "scheme": "kosei", "myNumber": "123456789018",
        "lastName": "山田", "firstName": "太郎", "lastNameKana": "ヤマダ", "firstNameKana": "タロウ",
        "addressPref": "東京都", "addressCity": "架空市", "addressSection": "本町", "addressHouseNumber": "１", "addressDetail": "",
        "birthDate": "1975-04-01", "medicalSubsidyRegistrationNumber": "15138019",
        "medicalSubsidyCertificationNumber": "0000018",
        "common": { "amount": 10000, "perDayOrMonth": "2" },
        "certificationStartDate": "2026-04-01", "certificationEndDate": "2027-03-31"
    })
}

const KEYS: [&str; 26] = [
    "/key",
    "/scheme",
    "/myNumber",
    "/lastName",
    "/firstName",
    "/lastNameKana",
    "/firstNameKana",
    "/addressPref",
    "/addressCity",
    "/addressSection",
    "/addressHouseNumber",
    "/addressDetail",
    "/birthDate",
    "/gender",
    "/medicalSubsidyRegistrationNumber",
    "/medicalSubsidyCertificationNumber",
    "/common/burdenRatio",
    "/common/amount",
    "/common/perDayOrMonth",
    "/common/limitedNumberOfTimes",
    "/outpatient/burdenRatio",
    "/outpatient/amount",
    "/outpatient/perDayOrMonth",
    "/certificationStartDate",
    "/certificationEndDate",
    "/note",
];

/// Text that looks like what it stands for, and text that doesn't.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,13}",
        "[ァ-ヺー・　]{0,8}",
        "[一-龥ぁ-んァ-ヶ々〇Ａ-Ｚ０-９　－]{0,12}",
        "[ -~ｦ-ﾟ]{0,8}",
        "\\PC{0,10}",
        any::<String>(),
        "[山]{95,205}",
        "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]",
        prop::sample::select(vec![
            "",
            "　",
            "0",
            "1",
            "3",
            "4",
            "東京",
            "沖縄県",
            "kosei",
            "local",
            "nanbyo",
            "昭和64年1月7日",
            "9999-12-31",
            "葛\u{E0100}",
            "か\u{3099}",
            "カ\u{3099}",
            "ヤ\u{E0100}",
            "\u{E000}",
            "\u{FFFD}",
            "a\nb",
            "\u{7F}",
            "\u{85}",
            "\u{200B}",
            "￥",
            "¥",
            "1,000",
            "-5",
        ])
        .prop_map(str::to_owned),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => text().prop_map(Value::String),
        2 => any::<i64>().prop_map(Value::from),
        2 => (-5i64..200).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(json!(1.5)),
        1 => Just(json!({})),
        1 => Just(json!(["x"])),
    ]
}

/// Runs records, checks each accepted element, and tells how many there were.
fn accepted(records: &Value) -> Result<usize> {
    let input = serde_json::to_vec(records)?;
    let outcome = Native.run(&PROFILE, br#"{"asOf":"2026-11-22","lang":"en"}"#, &[&input])?;
    let payload: Vec<Value> = serde_json::from_slice(&outcome.payload)?;
    for element in &payload {
        assert_eq!(CONTRACT.fault(element), None, "{element}");
    }
    Ok(payload.len())
}

#[test]
fn the_good_record_is_accepted() -> Result<()> {
    assert_eq!(accepted(&json!([good()]))?, 1);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10_000) })]

    #[test]
    fn what_is_accepted_keeps_the_schema(changes in prop::collection::vec((prop::sample::select(KEYS.to_vec()), value()), 1..4)) {
        let mut record = good();
        for (pointer, value) in changes {
            let keys: Vec<&str> = pointer.split('/').skip(1).collect();
            let mut place = &mut record;
            for key in keys {
                if !place.is_object() {
                    *place = json!({});
                }
                place = &mut place[key];
            }
            *place = value;
        }
        accepted(&json!([record])).expect("run");
    }
}
