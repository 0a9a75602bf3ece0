//! What `pmh.toml` may say and what it may not.

use std::fs;

use pmh_core::rules::Lang;

use super::*;
use crate::guard::Reaction;

const LEAST: &str = r#"
profile = "profile.json"
[input]
path = "records.ndjson"
[endpoint]
url = "https://pmh.example.lg.jp/medicalSubsidiesTargetPersons"
token_file = "token"
trust = "system"
"#;

fn faults(text: &str) -> Vec<String> {
    let failures = Config::parse(text, Path::new("/etc/pmh")).unwrap_err();
    failures.iter().map(|failure| format!("{} {}", failure.rule.code, failure.message(Lang::En))).collect()
}

fn with(section: &str, line: &str) -> String {
    if LEAST.contains(section) {
        LEAST.replace(section, &format!("{section}\n{line}"))
    } else {
        format!("{LEAST}{section}\n{line}\n")
    }
}

#[test]
fn the_least_is_enough_and_paths_are_relative_to_the_file() {
    let config = Config::parse(LEAST, Path::new("/etc/pmh")).unwrap();
    assert_eq!(config.profile, Path::new("/etc/pmh/profile.json"));
    assert_eq!(config.input.path, Path::new("/etc/pmh/records.ndjson"));
    assert_eq!(config.endpoint.token, TokenSource::File("/etc/pmh/token".into()));
    assert_eq!(config.guard, GuardConfig::default());
    assert_eq!((config.retry.max_attempts, config.retry.max_elapsed), (8, Duration::from_hours(4)));
    assert_eq!(config.ledger.spool_dir, Path::new("/etc/pmh/spool"));
    assert_eq!(config.schedule.retry, Duration::from_mins(30));
    assert_eq!(config.schedule.until.to_string(), "18:00:00");
    let ServeConfig { max_age, max_run, max_memory, .. } = config.serve;
    assert_eq!((max_age, max_run, max_memory), (Duration::from_hours(26), Duration::from_hours(6), 1024));
}

#[expect(clippy::too_many_lines, reason = "one configuration with every key")]
#[test]
fn every_documented_key_is_read() {
    let config = Config::parse(
        r#"
profile = "/p.json"
character_table = "table.csv"
[masters]
payer_numbers = { file = "/m.csv", encoding = "shift_jis", header = true, number = 3, from = 10, to = 11, prefixes = ["80"], min_rows = 9 }
[input]
path = "export/records-*.csv"
format = "csv"
encoding = "shift_jis"
settle = "0s"
ready = "export/records.done"
sha256 = "export/records.sha256"
[endpoint]
url = "http://127.0.0.1:8080/medicalSubsidiesTargetPersons"
token_env = "PMH_TOKEN"
ca_file = "ca.pem"
crl_file = "crl.pem"
client_cert_file = "cert.pem"
client_key_file = "key.pem"
max_records_per_request = 1_000
connect_timeout = "5s"
idle_timeout = "5m"
timeout = "2h"
[guard]
max_rejected = 3
max_shrink_percent = 20
allow_empty = true
max_input_age = "20h"
max_gone_percent = 11
max_gone_percent_7d = 12
max_added_percent = 200
max_changed_percent = 13
tolerance = 0
registration_numbers = ["15123456", "21"]
cities = ["見本市"]
max_other_cities_percent = 14
max_fill_drop_percent = 15
absent_places = "stop"
vanished_entries = "warn"
[retry]
max_attempts = 2
max_elapsed = "30m"
min_delay = "1s"
max_delay = "1m"
[schedule]
at = ["12:00", "02:30", "12:00"]
retry = "10m"
until = "17:15"
[ledger]
path = "l.sqlite3"
spool_dir = "/var/spool/pmh"
keep_runs = "400d"
keep_undelivered = "1d"
[serve]
listen = "[::1]:9464"
heartbeat = "/run/pmh/heartbeat.json"
max_age = "30h"
max_run = "2h"
max_memory = 512
[log]
dir = "log"
format = "json"
level = "debug"
keep = 7
"#,
        Path::new("x"),
    )
    .unwrap();
    assert_eq!(config.profile, Path::new("/p.json"));
    let master = MasterConfig {
        file: "/m.csv".into(),
        encoding: Encoding::ShiftJis,
        header: true,
        number: 3,
        from: Some(10),
        to: Some(11),
        prefixes: vec!["80".into()],
        min_rows: 9,
    };
    let documents =
        DocumentsConfig { character_table: Some("x/table.csv".into()), payer_numbers: Some(master) };
    assert_eq!(config.documents, documents);
    assert_eq!(
        config.input.shape,
        Shape { format: Some(Format::Csv), encoding: Encoding::ShiftJis, ..Shape::default() }
    );
    assert_eq!(config.endpoint.max_records_per_request, 1000);
    assert_eq!(config.endpoint.timeout, Duration::from_hours(2));
    let max_input_age = Some(Duration::from_hours(20));
    let guard = GuardConfig {
        max_rejected: 3,
        max_shrink_percent: 20,
        max_gone_percent: 11,
        max_gone_percent_7d: 12,
        max_added_percent: 200,
        max_changed_percent: 13,
        tolerance: 0,
        allow_empty: true,
        max_input_age,
        registration_numbers: vec!["15123456".into(), "21".into()],
        cities: vec!["見本市".into()],
        max_other_cities_percent: 14,
        max_fill_drop_percent: Some(15),
        absent_places: Reaction::Stop,
        vanished_entries: Reaction::Warn,
    };
    let input = &config.input;
    assert_eq!((input.settle, input.ready.is_some(), input.sha256.is_some()), (Duration::ZERO, true, true));
    assert_eq!(config.guard, guard);
    let (min_delay, max_delay) = (Duration::from_secs(1), Duration::from_mins(1));
    let max_elapsed = Duration::from_mins(30);
    assert_eq!(config.retry, Retry { max_attempts: 2, max_elapsed, min_delay, max_delay });
    assert_eq!(config.ledger.keep_runs, Some(Duration::from_hours(400 * 24)));
    assert_eq!(config.ledger.keep_undelivered, Duration::from_hours(24));
    assert_eq!(config.serve.listen, Some(([0, 0, 0, 0, 0, 0, 0, 1], 9464).into()));
    assert_eq!(config.serve.heartbeat, Path::new("/run/pmh/heartbeat.json"));
    let dir = Some("x/log".into());
    assert_eq!(config.log, LogConfig { dir, format: LogFormat::Json, level: Level::Debug, keep: 7 });
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    let at = vec![time(2, 30), time(12, 0)];
    let schedule = Schedule { at, retry: Duration::from_mins(10), until: time(17, 15) };
    assert_eq!(config.schedule, schedule);
    let ServeConfig { max_age, max_run, max_memory, .. } = config.serve;
    assert_eq!((max_age, max_run), (Duration::from_hours(30), Duration::from_hours(2)));
    assert_eq!(max_memory, 512);
    assert_eq!(config.ledger.spool_dir, Path::new("/var/spool/pmh"));
}

#[test]
fn an_unknown_key_names_the_nearest() {
    let text = with("[guard]", "max_reject = 0");
    assert_eq!(
        faults(&text),
        ["PMH6202 unknown key: guard.max_reject (line 10); did you mean guard.max_rejected?"]
    );
    let text = format!("{LEAST}[gaurd]\n");
    assert_eq!(faults(&text), ["PMH6202 unknown key: gaurd (line 9); did you mean guard?"]);
    let text = with("[schedule]", "zzz = 1");
    assert_eq!(faults(&text), ["PMH6202 unknown key: schedule.zzz (line 10); known here: at, retry, until"]);
}

#[test]
fn one_place_for_the_token_and_loopback_alone_for_metrics() {
    let two = with("[endpoint]", "token_credential = \"pmh\"");
    assert_eq!(
        faults(&two),
        ["PMH6204 invalid value: endpoint.token_credential (line 6): token_file is set too"]
    );
    let credential = LEAST.replace("token_file = \"token\"", "token_credential = \"pmh\"");
    let config = Config::parse(&credential, Path::new("")).unwrap();
    assert_eq!(config.endpoint.token, TokenSource::Credential("pmh".to_owned()));
    for listen in ["0.0.0.0:9464", "127.0.0.1", "localhost:9464", "10.0.0.1:1"] {
        let found = faults(&with("[serve]", &format!("listen = \"{listen}\"")));
        assert!(found[0].starts_with("PMH6204 invalid value: serve.listen"), "{found:?}");
    }
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let found =
        faults("[input]\nformat = \"xml\"\n[endpoint]\nurl = 3\n[retry]\nmax_elapsed = \"4 hours\"\n");
    assert_eq!(
        found,
        [
            "PMH6203 missing key: profile",
            "PMH6203 missing key: input.path",
            "PMH6204 invalid value: input.format (line 2): \"json\" / \"ndjson\" / \"csv\" / \"fixed\"",
            "PMH6204 invalid value: endpoint.url (line 4): give a text in quotation marks",
            "PMH6203 missing key: endpoint.token_file",
            "PMH6204 invalid value: retry.max_elapsed (line 6): give a time span such as \"30s\", \"15m\" or \"4h\"",
        ]
    );
}

#[test]
fn a_mistake_of_syntax_has_a_line_and_shows_no_content() {
    let found = faults("profile = \"p\"\ntoken = secret\n");
    assert!(found[0].starts_with("PMH6201 the configuration is not valid TOML: line 2: "), "{found:?}");
    assert!(!found[0].contains("secret"), "{found:?}");
}

#[test]
fn only_https_or_loopback() {
    let url = |url: &str| LEAST.replace("https://pmh.example.lg.jp/medicalSubsidiesTargetPersons", url);
    for good in ["https://10.0.0.1/x", "http://localhost:1/x", "http://127.9.9.9/x", "http://[::1]:80/x"] {
        assert!(Config::parse(&url(good), Path::new("")).is_ok(), "{good}");
    }
    for bad in [
        "http://pmh.example.lg.jp/x",
        "http://localhost.example.jp/x",
        "http://128.0.0.1/x",
        "ftp://localhost/x",
        "https://user@pmh.example.lg.jp/x",
        "https://:pa55@pmh.example.lg.jp/x",
        "https://pmh.example.lg.jp/x#y",
        "https://pmh.example.lg.jp/x?key=pa55",
        "https://pmh.example.lg.jp/x?",
        "pmh.example.lg.jp",
    ] {
        let found = faults(&url(bad));
        assert!(found.len() == 1 && found[0].starts_with("PMH6205"), "{bad} {found:?}");
        assert!(!found[0].contains("pa55"), "{found:?}");
    }
}

#[test]
fn a_proxy_never_sees_the_token() {
    assert!(Config::parse(&with("[endpoint]", "proxy = \"http://proxy.lg.jp:8080\""), Path::new("")).is_ok());
    let plain = with("[endpoint]", "proxy = \"http://proxy.lg.jp:8080\"")
        .replace("https://pmh.example.lg.jp", "http://localhost");
    assert!(faults(&plain)[0].starts_with("PMH6205 this URL cannot be used: endpoint.proxy"));
    for bad in ["socks5://proxy:1", "http://proxy:1/?key=pa55", "http://user:pa55@proxy:1"] {
        let found = faults(&with("[endpoint]", &format!("proxy = \"{bad}\"")));
        assert!(found[0].starts_with("PMH6205") && !found[0].contains("pa55"), "{found:?}");
    }
}

#[test]
fn pairs_belong_together() {
    assert_eq!(
        faults(&with("[endpoint]", "client_cert_file = \"c.pem\"")),
        ["PMH6203 missing key: endpoint.client_key_file"]
    );
    assert_eq!(
        faults(&with("[endpoint]", "token_env = \"T\"")),
        ["PMH6204 invalid value: endpoint.token_env (line 6): token_file is set too"]
    );
}

#[test]
fn values_have_bounds() {
    for (section, line) in [
        ("[guard]", "max_shrink_percent = 101"),
        ("[guard]", "max_rejected = -1"),
        ("[guard]", "allow_empty = 1"),
        ("[guard]", "max_gone_percent = 101"),
        ("[guard]", "registration_numbers = []"),
        ("[guard]", "registration_numbers = [15123456]"),
        ("[guard]", "registration_numbers = [\"１５\"]"),
        ("[guard]", "registration_numbers = [\"151234567\"]"),
        ("[guard]", "cities = \"見本市\""),
        ("[guard]", "cities = [\"\"]"),
        ("[input]", "settle = 5"),
        ("[input]", "settle = \"0m\""),
        ("[input]", "ready = \"records.ndjson\""),
        ("[retry]", "max_attempts = 0"),
        ("[retry]", "max_elapsed = \"0h\""),
        ("[schedule]", "at = [\"25:00\"]"),
        ("[schedule]", "at = \"02:30\""),
        ("[schedule]", "until = \"24:00\""),
        ("[schedule]", "until = [\"18:00\"]"),
        ("[schedule]", "retry = \"0m\""),
        ("[serve]", "max_memory = 63"),
        ("[serve]", "max_run = \"0h\""),
    ] {
        let found = faults(&with(section, line));
        assert!(found.len() == 1 && found[0].starts_with("PMH6204"), "{line} {found:?}");
    }
}

#[test]
fn mistakes_are_told_in_japanese_too() {
    let failures = Config::parse(&with("[guard]", "max_reject = 0"), Path::new("")).unwrap_err();
    assert_eq!(
        failures[0].message(Lang::Ja),
        "不明なキーです: guard.max_reject(10行目)。guard.max_rejected の誤りではありませんか"
    );
}

#[test]
fn a_site_has_a_name_that_fits_into_a_line() {
    let named = |name: &str| {
        let text = format!("site = {}\n{LEAST}", serde_json::to_string(name).unwrap());
        Config::parse(&text, Path::new("")).map(|config| config.site)
    };
    assert_eq!(named("見本市").unwrap().as_deref(), Some("見本市"));
    for name in [" 見本市", "a\u{1b}b", &"市".repeat(65)] {
        assert_eq!(named(name).unwrap_err().first().map(|failure| failure.rule.code), Some("PMH6204"));
    }
}

#[test]
fn bounds_that_are_not_set_follow_those_that_are() {
    let guard = |line: &str| {
        let guard = Config::parse(&with("[guard]", line), Path::new("")).unwrap().guard;
        [guard.max_shrink_percent, guard.max_gone_percent, guard.max_gone_percent_7d]
    };
    assert_eq!(guard(""), [10, 10, 20]);
    assert_eq!(guard("max_shrink_percent = 30"), [30, 30, 60]);
    assert_eq!(guard("max_shrink_percent = 80"), [80, 80, 100]);
    assert_eq!(guard("max_shrink_percent = 30\nmax_gone_percent = 5"), [30, 5, 10]);
    assert_eq!(guard("max_gone_percent_7d = 25"), [10, 10, 25]);
}

#[test]
fn a_command_is_found_beside_the_file_or_by_its_name() {
    let lines = "on_failure = [\"notify/mail.sh\", \"--urgent\"]\non_success = [\"zabbix_sender\"]\n\
                 not_accepted_by = \"06:00\"\ntimeout = \"5s\"";
    let config = Config::parse(&with("[notify]", lines), Path::new("/etc/pmh")).unwrap();
    let notify = config.notify;
    let failure = notify.on_failure.unwrap();
    assert_eq!(failure.program, Path::new("/etc/pmh/notify/mail.sh"));
    assert_eq!(failure.arguments, ["--urgent"]);
    assert_eq!(notify.on_success.unwrap().program, Path::new("zabbix_sender"));
    assert_eq!(
        (notify.not_accepted_by, notify.timeout),
        (NaiveTime::from_hms_opt(6, 0, 0), Duration::from_secs(5))
    );
}

#[test]
fn a_notification_that_could_never_come_is_a_mistake() {
    for (lines, found) in [
        ("not_accepted_by = \"06:00\"", "PMH6203 missing key: notify.on_failure"),
        ("not_accepted_by = \"06:00\"\non_success = [\"x\"]", "PMH6203 missing key: notify.on_failure"),
        ("on_failure = \"mail.sh\"", "PMH6204 invalid value: notify.on_failure"),
        ("on_failure = []", "PMH6204 invalid value: notify.on_failure"),
        ("on_failure = [\" \"]", "PMH6204 invalid value: notify.on_failure"),
        ("on_failure = [\"mail\", 3]", "PMH6204 invalid value: notify.on_failure"),
        (
            "on_failure = [\"mail\"]\nnot_accepted_by = \"6 o'clock\"",
            "PMH6204 invalid value: notify.not_accepted_by",
        ),
        ("on_failed = [\"mail\"]", "PMH6202 unknown key: notify.on_failed"),
    ] {
        let faults = faults(&with("[notify]", lines));
        assert!(faults.len() == 1 && faults[0].starts_with(found), "{lines}: {faults:?}");
    }
}

/// A section with a mistake leads nowhere: its defaults would be another ledger or another log.
#[test]
fn what_remains_of_a_configuration_with_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pmh.toml");
    let remains = |text: &str| {
        fs::write(&path, text).unwrap();
        Remains::load(&path)
    };
    let whole =
        "site = \"x\"\n[ledger]\npath = \"l\"\n[log]\ndir = \"log\"\n[notify]\non_failure = [\"mail\"]\n";
    let found = remains(&format!("{whole}[endpoint]\nurl = 3\n[severe]\n")).unwrap();
    assert_eq!(found.site.as_deref(), Some("x"));
    assert_eq!(found.ledger, Some(folder.path().join("l")));
    assert_eq!(found.log.unwrap().dir, Some(folder.path().join("log")));
    assert!(found.notify.unwrap().on_failure.is_some());
    let found = remains(&whole.replace("path =", "pth =").replace("dir =", "dirs =")).unwrap();
    assert_eq!((found.ledger, found.log), (None, None));
    assert!(found.notify.is_some());
    assert_eq!(remains("not TOML"), None);
}

#[test]
fn whom_to_trust_is_said() {
    let silent = LEAST.replace("trust = \"system\"\n", "");
    assert_eq!(
        faults(&silent),
        [
            "PMH6211 no CA is configured for endpoint.url (line 6): give ca_file = \"ca.pem\" or trust = \"system\""
        ]
    );
    let config = Config::parse(
        &with("[endpoint]", "").replace("trust = \"system\"", "ca_file = \"ca.pem\""),
        Path::new(""),
    );
    assert_eq!(config.unwrap().endpoint.ca_file, Some("ca.pem".into()));
    assert!(Config::parse(LEAST, Path::new("")).unwrap().endpoint.ca_file.is_none());
    let both = with("[endpoint]", "ca_file = \"ca.pem\"");
    assert_eq!(faults(&both), ["PMH6204 invalid value: endpoint.trust (line 9): ca_file is set too"]);
    // the system's own check would never look at the list
    let list = with("[endpoint]", "crl_file = \"crl.pem\"");
    assert_eq!(faults(&list), ["PMH6204 invalid value: endpoint.crl_file (line 6): it needs ca_file"]);
    let wrong = LEAST.replace("\"system\"", "\"nobody\"");
    assert_eq!(faults(&wrong), ["PMH6204 invalid value: endpoint.trust (line 8): \"system\""]);
    for loopback in ["https://localhost/x", "https://127.0.0.1/x", "http://[::1]/x"] {
        let text = silent.replace("https://pmh.example.lg.jp/medicalSubsidiesTargetPersons", loopback);
        assert!(Config::parse(&text, Path::new("")).is_ok(), "{loopback}");
    }
}

/// A token pasted where something else belongs: as a name, a key, a value without quotation marks, twice.
#[test]
fn a_token_in_the_wrong_place_is_not_shown() {
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwbWgifQ.c2lnbmF0dXJl";
    let key = token.replace('.', "-");
    let name = |line: &str| LEAST.replace("token_file = \"token\"", line);
    for text in [
        name(&format!("token_env = \"{token}\"")),
        name(&format!("token_credential = \"{token}/x\"")),
        name(&format!("token_credential = \"../{key}\"")),
        name(&format!("token_env = {token}")),
        name(&format!("token_env = {token} {token}")),
        name(&format!("token_env = \"{token}")),
        name(&format!("token_file = \"token\"\n{token}")),
        name(&format!("token_file = \"token\"\n{key} = 1")),
        name(&format!("token_file = \"token\"\n{key} = 1\n{key} = 2")),
        name(&format!("token_file = \"token\"\n[{key}]\n[{key}]")),
        name(&format!("token_file = \"token\"\n{token} = 1")),
        format!("{LEAST}[{key}]\n"),
        name(&format!("token_file = \"token\"\nproxy = \"{token}\"")),
        name(&format!("token_file = \"token\"\ntimeout = \"{token}\"")),
        LEAST.replace("https://", &format!("https://{token}@")),
        LEAST.replace("https://", token),
        LEAST.replace("\"system\"", &format!("\"{token}\"")),
        format!("site = \"{token}\\u001b\"\n{LEAST}"),
    ] {
        for failure in Config::parse(&text, Path::new("")).unwrap_err() {
            for lang in [Lang::En, Lang::Ja] {
                let message = failure.message(lang);
                assert!(!message.contains("eyJ") && !message.contains("c2ln"), "{text}\n{message}");
            }
        }
    }
}

#[test]
fn a_master_with_a_mistake_is_not_none() {
    for (line, expected) in [
        ("payer_numbers = { number = 1 }", "PMH6203"),
        ("payer_numbers = { file = \"m.csv\" }", "PMH6203 masters.payer_numbers.number"),
        ("payer_numbers = { file = \"m.csv\", number = 0 }", "PMH6204 masters.payer_numbers.number"),
        ("payer_numbers = { file = \"m.csv\", number = 1, prefixes = [\"8\"] }", "PMH6204"),
        (
            "payer_numbers = { file = \"m.csv\", number = 1, form = 1 }",
            "did you mean masters.payer_numbers.from",
        ),
        ("payer_numbers = \"m.csv\"", "PMH6204"),
        ("payer_number = { file = \"m.csv\", number = 1 }", "did you mean masters.payer_numbers"),
    ] {
        let faults = faults(&format!("{LEAST}[masters]\n{line}\n"));
        let is_told = |fault: &String| expected.split(' ').all(|word| fault.contains(word));
        assert!(faults.iter().any(is_told), "{line}: {faults:?}");
    }
}
