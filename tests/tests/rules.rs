//! The table of rules: unique codes in order, and words for every one of them in both languages.

use std::collections::BTreeSet;

use pmh_core::{
    convert::check_digit,
    rules::{self, Lang, Severity},
};

#[test]
fn codes_are_unique_and_well_formed() {
    let codes: Vec<&str> = rules::all().map(|entry| entry.rule.code).collect();
    let unique: BTreeSet<&str> = codes.iter().copied().collect();
    assert_eq!(codes.len(), unique.len(), "a code stands twice");
    for code in codes {
        assert!(
            code.len() == 7 && code.starts_with("PMH") && code[3..].bytes().all(|b| b.is_ascii_digit()),
            "{code}"
        );
    }
}

#[test]
fn every_rule_has_words_in_both_languages() {
    for entry in rules::all() {
        let rule = entry.rule;
        assert_ne!(rule.severity, Severity::Off, "{}", rule.code);
        for text in
            [Some(entry.title), Some(rule.message), Some(rule.help), rule.system_help].into_iter().flatten()
        {
            for lang in [Lang::En, Lang::Ja] {
                let words = text.get(lang);
                assert!(!words.is_empty() && !words.ends_with(['.', '。', '\n']), "{}: {words}", rule.code);
            }
            // a message that is all detail gets its words where it is raised
            assert!(!text.ja.is_ascii() || text.ja == "{}", "{}: {}", rule.code, text.ja);
        }
        let (en, ja) = (entry.explanation(Lang::En), entry.explanation(Lang::Ja));
        for label in ["- Why", "- Source: ", "- Bad: ", "- Good: "] {
            assert!(en.contains(label), "{} lacks {label}", rule.code);
        }
        // a failure of the program has no example of right data, but a case in which it occurs
        let failure = ja.contains("- 起きる場面: ");
        let examples = if failure {
            ["- 起きる場面: ", "- 対処: "]
        } else {
            ["- 誤りの例: ", "- 正しい例: "]
        };
        for label in ["- 理由: ", "- 根拠: "].into_iter().chain(examples) {
            assert!(ja.contains(label), "{} lacks {label}", rule.code);
        }
    }
}

/// The longest help, in characters: the module carries them all, and a person reads them beside the finding.
const LONGEST: [(Lang, usize); 2] = [(Lang::En, 125), (Lang::Ja, 65)];

/// A finding about a person says what the desk does and what the system's people do. Input that can't be read, and a payload that another
/// program wrote, are the system's people's only.
#[test]
fn a_rule_about_a_record_has_help_for_the_desk_and_for_the_system() {
    let of_records = |code: &str| matches!(&code[3..4], "1" | "2" | "3" | "4" | "5");
    let structural = |code: &str| matches!(&code[3..5], "10" | "30");
    let mut both = 0;
    for rule in rules::all().map(|entry| entry.rule).filter(|rule| of_records(rule.code)) {
        let Some(system) = rule.system_help else {
            assert!(rule.fixed && structural(rule.code), "{} has one help only", rule.code);
            continue;
        };
        both += 1;
        assert_ne!(rule.help, system, "{}", rule.code);
        for (lang, longest) in LONGEST {
            for help in [rule.help, system].map(|text| text.get(lang)) {
                assert!(help.chars().count() <= longest, "{}: {help}", rule.code);
            }
        }
        // a clerk can do nothing with a step or a key of the profile
        for help in [rule.help.en, rule.help.ja] {
            assert!(!help.contains('`'), "{}: {help}", rule.code);
        }
    }
    assert!(both > 60, "{both}");
}

#[test]
fn codes_are_found_in_any_case() {
    assert_eq!(rules::find("pmh3102").map(|entry| entry.rule.code), Some("PMH3102"));
    assert!(rules::find("PMH0000").is_none());
}

/// The numbers that explanations call good have right check digits, and the bad ones wrong ones.
#[test]
fn examples_of_check_digits_are_what_they_say() {
    type Holds = fn(&str) -> bool;
    let cases: [(&str, Holds); 3] = [
        ("PMH3102", check_digit::my_number_holds),
        ("PMH3105", check_digit::number_holds),
        ("PMH3107", check_digit::number_holds),
    ];
    for (code, holds) in cases {
        let text = rules::find(code).expect("code").explanation(Lang::En);
        for line in text.lines().filter(|line| line.starts_with("- Bad: ") || line.starts_with("- Good: ")) {
            let number = line.split('`').nth(1).expect("an example");
            assert_eq!(holds(number), line.starts_with("- Good"), "{code}: {line}");
        }
    }
}

/// A severity that a profile may change is argued for in both languages; a fixed one needs no other argument than the API's schema.
#[test]
fn every_default_severity_is_argued() {
    for entry in rules::all().filter(|entry| !entry.rule.fixed) {
        let (label, word) = match entry.rule.severity {
            Severity::Error => ("- Why an error: ", "エラー"),
            Severity::Warning | Severity::Off => ("- Why a warning: ", "警告"),
        };
        let (en, ja) = (entry.explanation(Lang::En), entry.explanation(Lang::Ja));
        assert!(en.contains(label), "{}: no `{label}`", entry.rule.code);
        let why = ja.lines().find(|line| line.starts_with("- 理由: ")).unwrap_or_default();
        assert!(why.contains(word), "{}: no {word} in {why}", entry.rule.code);
    }
}
