//! Every field against the schema: what is refused, with which keyword, and what is accepted.

use serde_json::{Value, json};

use crate::wire::{Call, recipient, start};

/// Where, what stands there, and the keyword that fails.
fn refused() -> Vec<(&'static str, Value, &'static str)> {
    let long = |count| json!("あ".repeat(count));
    vec![
        ("/myNumber", json!("12345678901"), "pattern"),
        ("/myNumber", json!("1234567890123"), "pattern"),
        ("/myNumber", json!("１２３４５６７８９０１８"), "pattern"),
        ("/myNumber", json!("123456789018\n"), "pattern"),
        ("/myNumber", json!(123_456_789_018_u64), "type"),
        ("/myNumber", json!(null), "type"),
        ("/lastName", json!("Yamada"), "pattern"),
        ("/lastName", json!("ﾔﾏﾀﾞ"), "pattern"),
        ("/lastName", json!("山 田"), "pattern"),
        ("/lastName", json!("山\u{9f}田"), "pattern"),
        ("/lastName", long(101), "maxLength"),
        ("/firstName", json!(""), "minLength"),
        ("/firstName", json!("花\t子"), "pattern"),
        ("/lastNameKana", json!("やまだ"), "pattern"),
        ("/lastNameKana", json!("ﾔﾏﾀﾞ"), "pattern"),
        ("/lastNameKana", json!("山田"), "pattern"),
        ("/lastNameKana", json!("ヤマタ\u{3099}"), "pattern"),
        ("/firstNameKana", json!(""), "minLength"),
        ("/firstNameKana", json!("ア".repeat(101)), "maxLength"),
        ("/addressPref", json!("東京"), "enum"),
        ("/addressPref", json!(""), "enum"),
        ("/addressCity", json!(""), "minLength"),
        ("/addressCity", long(201), "maxLength"),
        ("/addressSection", json!(null), "type"),
        ("/addressDetail", json!("コーポ\u{7f}見本"), "pattern"),
        ("/addressDetail", long(201), "maxLength"),
        ("/birthDate", json!("2015/04/05"), "pattern"),
        ("/birthDate", json!("2015-02-29"), "format"),
        ("/birthDate", json!("平成27年4月5日"), "pattern"),
        ("/birthDate", json!(""), "pattern"),
        ("/gender", json!("4"), "enum"),
        ("/gender", json!(0), "type"),
        ("/medicalSubsidyRegistrationNumber", json!("8765432"), "pattern"),
        ("/medicalSubsidyCertificationNumber", json!(""), "pattern"),
        ("/medicalSubsidyCertificationNumber", json!("0".repeat(31)), "pattern"),
        ("/medicalSubsidyCertificationNumber", json!("第1号"), "pattern"),
        ("/copaymentLimit", json!(null), "type"),
        ("/copaymentLimit/common", json!(null), "type"),
        ("/copaymentLimit/common/burdenRatio", json!(101), "maximum"),
        ("/copaymentLimit/common/burdenRatio", json!(-1), "minimum"),
        ("/copaymentLimit/common/burdenRatio", json!(0.5), "type"),
        ("/copaymentLimit/hospitalization/amount", json!(100_000_000), "maximum"),
        ("/copaymentLimit/hospitalization/amount", json!("5000"), "type"),
        ("/copaymentLimit/outpatient/perDayOrMonth", json!("0"), "enum"),
        ("/copaymentLimit/outpatient/perDayOrMonth", json!(2), "type"),
        ("/copaymentLimit/pharmacy/perDayOrMonth", json!("0"), "enum"),
        ("/copaymentLimit/pharmacy/limitedNumberOfTimes", json!("1000"), "pattern"),
        ("/copaymentLimit/pharmacy/limitedNumberOfTimes", json!(3), "type"),
        ("/certificationStartDate", json!("2023-13-01"), "pattern"),
        ("/certificationStartDate", json!("2023-8-1"), "pattern"),
        ("/certificationEndDate", json!("2023-04-31"), "format"),
        ("/certificationEndDate", json!("20240731"), "pattern"),
        ("/certificateAllItems", json!({}), "minProperties"),
        ("/certificateAllItems", json!([]), "type"),
        ("/certificateAllItems", json!(null), "type"),
    ]
}

/// What the narrow rules must let through.
fn accepted() -> Vec<(&'static str, Value)> {
    vec![
        ("/lastName", json!("ＤＥ　ＬＡ　ＣＲＵＺ")),
        ("/lastName", json!("𠮷".repeat(100))),
        ("/lastNameKana", json!("ァヺーヽヾ・　－．，’＝０９ＡＺａｚ")),
        ("/addressPref", json!("沖縄県")),
        ("/addressSection", json!("")),
        ("/addressHouseNumber", json!("")),
        // the API asks for full width in names and readings only
        ("/addressHouseNumber", json!("1-2")),
        ("/addressDetail", json!("コーポ見本　２０１号")),
        ("/birthDate", json!("2016-02-29")),
        ("/gender", json!("3")),
        ("/medicalSubsidyCertificationNumber", json!("A-0000000000000000000000000001")),
        ("/copaymentLimit/common/burdenRatio", json!(100)),
        ("/copaymentLimit/common/amount", json!(99_999_999)),
        ("/copaymentLimit/common/amount", json!(0)),
        ("/copaymentLimit/common/perDayOrMonth", json!("1")),
        ("/copaymentLimit/common/limitedNumberOfTimes", json!("999")),
        ("/certificationEndDate", json!("9999-12-31")),
        ("/certificateAllItems", json!({ "a": [null, true, 1.5, { "b": "" }] })),
    ]
}

#[test]
fn each_fault_is_named_by_place_and_keyword_and_not_by_value() {
    let simulator = start();
    for (place, value, keyword) in refused() {
        let mut wrong = recipient();
        *wrong.pointer_mut(place).unwrap() = value.clone();
        let body = serde_json::to_vec(&[recipient(), wrong]).unwrap();
        let reply = Call::new(&simulator).body(body).send(&simulator).unwrap();
        assert_eq!((reply.status, reply.code().as_str()), (400, "SIM0011"), "{place} {value}");
        assert_eq!(reply.message(), format!("/1{place}: fails {keyword}"), "{value}");
    }
    assert!(simulator.registrations().is_empty());
}

#[test]
fn what_is_allowed_is_accepted() {
    let simulator = start();
    for (place, value) in accepted() {
        let mut right = recipient();
        *right.pointer_mut(place).unwrap() = value;
        let reply =
            Call::new(&simulator).body(serde_json::to_vec(&[right]).unwrap()).send(&simulator).unwrap();
        assert_eq!(reply.status, 200, "{place} {}", reply.body);
    }
}

#[test]
fn no_field_may_be_missing_and_none_added() {
    let simulator = start();
    let send = |recipient: &Value| {
        let body = serde_json::to_vec(&[recipient]).unwrap();
        Call::new(&simulator).body(body).send(&simulator).unwrap().message()
    };
    for object in ["", "/copaymentLimit", "/copaymentLimit/common", "/copaymentLimit/pharmacy"] {
        let names: Vec<String> =
            recipient().pointer(object).unwrap().as_object().unwrap().keys().cloned().collect();
        for name in names {
            let mut less = recipient();
            less.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(&name);
            assert_eq!(send(&less), format!("/0{object}: fails required \"{name}\""));
        }
        let mut more = recipient();
        more.pointer_mut(object).unwrap().as_object_mut().unwrap().insert("秘密".to_owned(), json!(1));
        assert_eq!(send(&more), format!("/0{object}: fails additionalProperties"));
    }
    for not_an_object in [json!(null), json!("123456789018"), json!([])] {
        assert_eq!(send(&not_an_object), "/0: fails type");
    }
}
