//! `pmh.toml`: what to send, where to, and when to stop.
//!
//! Everything in it is checked at once, before anything else happens. A secret is never in it, only the place where it
//! is kept. Paths are relative to the file.

mod section;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono::NaiveTime;
use clap::ValueEnum;
use pmh_core::rules::{self, Text};
use url::{Host, Url};

use self::section::{Document, Section};
use crate::{
    escape::printable,
    failure::{Failure, Result, Words},
    guard::GuardConfig,
    input::{Delimiter, Encoding, Format, Layout, Shape},
    key::KeySource,
    log::{Level, LogConfig, LogFormat},
    notify::NotifyConfig,
    retry::Retry,
    schedule::Schedule,
    secret,
    trust::{self, Role},
};

/// The whole configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The municipality's name, told in output, logs, metrics and history.
    pub site: Option<String>,
    /// The profile's file.
    pub profile: PathBuf,
    /// The file of acknowledgements; none is read unless it is named.
    pub acknowledged: Option<PathBuf>,
    /// What the site supplies beside the profile.
    pub documents: DocumentsConfig,
    /// Where the records are.
    pub input: InputConfig,
    /// Where the payload goes.
    pub endpoint: Endpoint,
    /// When nothing is sent.
    pub guard: GuardConfig,
    /// How often it is tried.
    pub retry: Retry,
    /// When it runs, in Japan.
    pub schedule: Schedule,
    /// What is remembered.
    pub ledger: LedgerConfig,
    /// What `pmh serve` offers beside its runs.
    pub serve: ServeConfig,
    /// Where events are written.
    pub log: LogConfig,
    /// The SHA-256 of the only module that may run; any unless set.
    pub module_sha256: Option<String>,
    /// Who is told how a run ended.
    pub notify: NotifyConfig,
}

/// `character_table` and `[masters]`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentsConfig {
    /// The file of the table of characters.
    pub character_table: Option<PathBuf>,
    /// The master of payer numbers.
    pub payer_numbers: Option<MasterConfig>,
}

/// `[masters.payer_numbers]`: columns are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterConfig {
    /// The CSV file.
    pub file: PathBuf,
    /// Its encoding.
    pub encoding: Encoding,
    /// Whether its first line names the columns.
    pub header: bool,
    /// The column of the numbers.
    pub number: usize,
    /// The column of the first day on which a number is valid.
    pub from: Option<usize>,
    /// The column of the last day.
    pub to: Option<usize>,
    /// The first two digits (法別番号) that it speaks of; those of its numbers if there are none.
    pub prefixes: Vec<String>,
    /// Rows with a number that it has at least.
    pub min_rows: u64,
}

/// `[input]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputConfig {
    /// A file, or a pattern that one file matches.
    pub path: PathBuf,
    /// Format and encoding.
    pub shape: Shape,
    /// How long the file must not have changed.
    pub settle: Duration,
    /// The file that the export writes last.
    pub ready: Option<PathBuf>,
    /// The file with the hash of the input.
    pub sha256: Option<PathBuf>,
}

/// `[endpoint]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The registration API.
    pub url: Url,
    /// Where the token is kept.
    pub token: TokenSource,
    /// The CA that signed the endpoint's certificate; the system's if there is none.
    pub ca_file: Option<PathBuf>,
    /// The revocation lists of the CAs in [`Endpoint::ca_file`]; no certificate is checked for revocation if there is none.
    pub crl_file: Option<PathBuf>,
    /// The client's certificate and key.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// The one proxy; the environment's are never used.
    pub proxy: Option<Url>,
    /// Records in one request; 0 is all of them.
    pub max_records_per_request: u64,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Time in which neither side moves a byte.
    pub idle_timeout: Duration,
    /// Time of one request, answer included.
    pub timeout: Duration,
}

/// Where the token is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// A file that only its owner can read.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A credential that systemd hands over, by its name.
    Credential(String),
}

/// Whom TLS trusts, if no CA file is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Trust {
    /// The CAs of the operating system.
    System,
}

/// `[ledger]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerConfig {
    /// The database.
    pub path: PathBuf,
    /// Where payloads wait to be sent.
    pub spool_dir: PathBuf,
    /// Where the key of the hashes is kept.
    pub key: KeySource,
    /// How long runs are remembered; for good unless set.
    pub keep_runs: Option<Duration>,
    /// How long a payload that PMH did not accept stays in the spool.
    pub keep_undelivered: Duration,
}

/// What can be read of a configuration with mistakes: where a start that comes to nothing leaves its trace. A section with
/// a mistake is none, since its defaults would lead elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    /// The municipality's name.
    pub site: Option<String>,
    /// The URL of the endpoint.
    pub endpoint: Option<Url>,
    /// The database of the ledger.
    pub ledger: Option<PathBuf>,
    /// Where events are written.
    pub log: Option<LogConfig>,
    /// Who is told.
    pub notify: Option<NotifyConfig>,
}

/// `[serve]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeConfig {
    /// Where health and metrics are offered: a loopback address.
    pub listen: Option<SocketAddr>,
    /// The file that says that the service lives.
    pub heartbeat: PathBuf,
    /// How long ago the last acceptance may be.
    pub max_age: Duration,
    /// How long a run may take.
    pub max_run: Duration,
    /// Memory of a run, in MiB.
    pub max_memory: u64,
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    ///
    /// Every mistake in it: `PMH6201` to `PMH6205`, `PMH6211`; `PMH6301` if it can't be read, `PMH6209` and `PMH6210` if
    /// others can write it.
    pub fn load(path: &Path) -> Result<Self, Vec<Failure>> {
        let text = trust::read_text(path, Role::Deciding, &rules::FILE_UNREADABLE)
            .map_err(|failure| vec![failure])?;
        Self::parse(&text, path.parent().unwrap_or(Path::new("")))
    }

    /// Checks the text of a file that stands in `folder`.
    ///
    /// # Errors
    ///
    /// As [`Config::load`].
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Vec<Failure>> {
        let document = Document::parse(text, folder).map_err(|failure| vec![failure])?;
        let mut root = document.root();
        let site = site(&mut root);
        let profile = root.required_path("profile");
        let acknowledged = root.path("acknowledged");
        let documents = documents(&mut root);
        let input = input(root.section("input"));
        let endpoint = endpoint(root.section("endpoint"));
        let guard = guard(root.section("guard"));
        let retry = retry(root.section("retry"));
        let schedule = schedule(root.section("schedule"));
        let ledger = ledger(root.section("ledger"), folder);
        let serve = serve(root.section("serve"), folder);
        let log = log(root.section("log"));
        let module_sha256 = module(root.section("module"));
        let token = endpoint.as_ref().map(|endpoint| &endpoint.token);
        let notify = notify(root.section("notify"), token);
        root.end();
        let faults = document.faults();
        match (profile, documents, input, endpoint) {
            (Some(profile), Some(documents), Some(input), Some(endpoint)) if faults.is_empty() => Ok(Self {
                site,
                profile,
                acknowledged,
                documents,
                input,
                endpoint,
                guard,
                retry,
                schedule,
                ledger,
                serve,
                log,
                module_sha256,
                notify,
            }),
            _ => Err(faults),
        }
    }
}

impl Remains {
    /// Reads what can be read; none if the file can't be read or isn't TOML.
    #[must_use]
    pub fn load(path: &Path) -> Option<Self> {
        // what others can write must not say which program to start or where to write
        let text = trust::read_text(path, Role::Deciding, &rules::FILE_UNREADABLE).ok()?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let document = Document::parse(&text, folder).ok()?;
        let mut root = document.root();
        let site = site(&mut root);
        let endpoint = endpoint(root.section("endpoint"));
        let token = endpoint.as_ref().map(|endpoint| &endpoint.token);
        document.faults();
        // every section of its own: a mistake elsewhere is no mistake here
        let ledger = ledger(root.section("ledger"), folder);
        let ledger = document.faults().is_empty().then_some(ledger.path);
        let log = log(root.section("log"));
        let log = document.faults().is_empty().then_some(log);
        let notify = notify(root.section("notify"), token);
        let notify = document.faults().is_empty().then_some(notify);
        Some(Self { site, endpoint: endpoint.map(|endpoint| endpoint.url), ledger, log, notify })
    }
}

fn documents(root: &mut Section<'_>) -> Option<DocumentsConfig> {
    let character_table = root.path("character_table");
    let mut masters = root.section("masters");
    let wanted = masters.has("payer_numbers");
    let section = masters.section("masters.payer_numbers");
    let payer_numbers = wanted.then(|| master(section));
    masters.end();
    // a master that is wanted and can't be read must not be none
    let payer_numbers = match payer_numbers {
        Some(master) => Some(master?),
        None => None,
    };
    Some(DocumentsConfig { character_table, payer_numbers })
}

/// More columns than any CSV has.
const MAX_COLUMN: u64 = 10_000;

fn master(mut section: Section<'_>) -> Option<MasterConfig> {
    let file = section.required_path("file");
    let encoding = section.choice::<Encoding>("encoding").unwrap_or_default();
    let header = section.flag("header", false);
    if !section.has("number") {
        section.missing("number");
    }
    let [number, from, to] = ["number", "from", "to"]
        .map(|key| usize::try_from(section.integer(key, 1, MAX_COLUMN, 0)).ok().filter(|column| *column > 0));
    let two_digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let form = Text {
        en: "give a list of two digits each, such as [\"80\", \"84\"]",
        ja: "[\"80\", \"84\"] のような、数字2桁の一覧を書いてください",
    };
    let prefixes = section.texts("prefixes", two_digits, &form);
    let min_rows = section.integer("min_rows", 0, u64::MAX, 0);
    section.end();
    Some(MasterConfig { file: file?, encoding, header, number: number?, from, to, prefixes, min_rows })
}

fn input(mut section: Section<'_>) -> Option<InputConfig> {
    let path = section.required_path("path");
    let format = section.choice::<Format>("format");
    let encoding = section.choice::<Encoding>("encoding").unwrap_or_default();
    let settle = section.duration_or_none("settle", Duration::from_secs(5));
    let [ready, sha256] = ["ready", "sha256"].map(|key| {
        let file = section.path(key);
        if file.is_some() && file == path {
            let words = Words::new("it is the input itself", "入力ファイルと同じです");
            section.invalid(key, &words);
        }
        file
    });
    let delimiter = section.choice::<Delimiter>("delimiter");
    let header = section.flag("header", true);
    let columns = columns(&mut section, format);
    section.end();
    let shape = Shape { format, encoding, delimiter, header, columns };
    Some(InputConfig { path: path?, shape, settle, ready, sha256 })
}

/// The column table of fixed-length records. It decides what is sent, so only who may write the configuration may write it.
fn columns(section: &mut Section<'_>, format: Option<Format>) -> Option<Arc<Layout>> {
    let path = section.path("columns");
    match (format, &path) {
        (Some(Format::Fixed), None) if section.lacks(&["columns"]) => section.missing("columns"),
        (Some(Format::Fixed), _) | (_, None) => {}
        _ => section.invalid(
            "columns",
            &Words::new("only with format = \"fixed\"", "format = \"fixed\" のときだけ指定できます"),
        ),
    }
    let path = path?;
    let layout = trust::read_text(&path, Role::Deciding, &rules::FILE_UNREADABLE)
        .and_then(|text| Layout::parse(&text, &path));
    match layout {
        Ok(layout) => Some(Arc::new(layout)),
        Err(failure) => {
            section.fail(failure.rule, "columns", &failure.detail);
            None
        }
    }
}

fn endpoint(mut section: Section<'_>) -> Option<Endpoint> {
    let url = section.required("url").and_then(|text| target(&mut section, &text));
    let token = token(&mut section);
    let ca_file = section.path("ca_file");
    let crl_file = section.path("crl_file");
    if crl_file.is_some() && !section.has("ca_file") {
        // the system's own check would leave the list out
        let words = Words::new("it needs ca_file", "ca_file の指定が必要です");
        section.invalid("crl_file", &words);
    }
    let trust = section.choice::<Trust>("trust");
    match (&url, &ca_file, trust) {
        (_, Some(_), Some(_)) => {
            section.invalid("trust", &Words::new("ca_file is set too", "ca_file も指定されています"));
        }
        (Some(url), None, None)
            if url.scheme() == "https" && !is_loopback(url) && section.lacks(&["ca_file", "trust"]) =>
        {
            let words = Words::new(
                "give ca_file = \"ca.pem\" or trust = \"system\"",
                "ca_file = \"ca.pem\" または trust = \"system\" を書いてください",
            );
            section.fail(&rules::TRUST_MISSING, "url", &words);
        }
        _ => {}
    }
    let identity = match (section.path("client_cert_file"), section.path("client_key_file")) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        (certificate, _) => {
            section.missing(if certificate.is_some() { "client_key_file" } else { "client_cert_file" });
            None
        }
    };
    let proxy = section.text("proxy").and_then(|text| proxy(&mut section, &text, url.as_ref()));
    let max_records_per_request = section.integer("max_records_per_request", 0, u64::MAX, 0);
    let connect_timeout = section.duration("connect_timeout", Duration::from_secs(10));
    let idle_timeout = section.duration("idle_timeout", Duration::from_mins(10));
    let timeout = section.duration("timeout", Duration::from_hours(1));
    section.end();
    Some(Endpoint {
        url: url?,
        token: token?,
        ca_file,
        crl_file,
        identity,
        proxy,
        max_records_per_request,
        connect_timeout,
        idle_timeout,
        timeout,
    })
}

fn token(section: &mut Section<'_>) -> Option<TokenSource> {
    let mut sources = Vec::new();
    sources.extend(section.path("token_file").map(|file| ("token_file", TokenSource::File(file))));
    let variable = name(section, "token_env", secret::is_variable_name);
    sources.extend(variable.map(|name| ("token_env", TokenSource::Variable(name))));
    let credential = name(section, "token_credential", secret::is_credential_name);
    sources.extend(credential.map(|name| ("token_credential", TokenSource::Credential(name))));
    let mut sources = sources.into_iter();
    let Some((first, source)) = sources.next() else {
        if section.lacks(&["token_file", "token_env", "token_credential"]) {
            section.missing("token_file");
        }
        return None;
    };
    if let Some((second, _)) = sources.next() {
        let words = Words::new(format!("{first} is set too"), format!("{first} も指定されています"));
        section.invalid(second, &words);
        return None;
    }
    Some(source)
}

/// The name of a variable or credential. A token that was pasted in its place must not be shown.
fn name(section: &mut Section<'_>, key: &'static str, fits: fn(&str) -> bool) -> Option<String> {
    let name = section.text(key)?;
    if fits(&name) {
        return Some(name);
    }
    let words = Words::new(
        "give a name, such as PMH_TOKEN or pmh-token, and not the token itself",
        "トークンそのものではなく、PMH_TOKEN や pmh-token のような名前を書いてください",
    );
    section.invalid(key, &words);
    None
}

/// The endpoint's URL: `https`, or `http` to this machine.
fn target(section: &mut Section<'_>, text: &str) -> Option<Url> {
    let url = parse_url(section, "url", text)?;
    let allowed = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !allowed {
        section.fail(&rules::CONFIG_URL, "url", &Words::new("not https", "httpsではありません"));
    }
    allowed.then_some(url)
}

fn proxy(section: &mut Section<'_>, text: &str, target: Option<&Url>) -> Option<Url> {
    let url = parse_url(section, "proxy", text)?;
    let reason = match (url.scheme(), target.map(Url::scheme)) {
        ("http" | "https", None | Some("https")) => return Some(url),
        ("http" | "https", _) => Words::new(
            "a proxy is only for https endpoints; it would see the token",
            "プロキシはhttpsの接続先にだけ使えます(トークンがプロキシに見えてしまうため)",
        ),
        _ => Words::new("not http or https", "httpまたはhttpsではありません"),
    };
    section.fail(&rules::CONFIG_URL, "proxy", &reason);
    None
}

/// A URL with a host, and without what doesn't belong into a file or a request.
fn parse_url(section: &mut Section<'_>, key: &'static str, text: &str) -> Option<Url> {
    let reason = match Url::parse(text) {
        Err(error) => Words::from(error),
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            Words::new("it holds a user name or password", "ユーザー名またはパスワードが含まれています")
        }
        Ok(url) if url.fragment().is_some() => {
            Words::new("it holds a fragment", "フラグメントが含まれています")
        }
        Ok(url) if url.query().is_some() => Words::new("it holds a query", "クエリ(? 以降)が含まれています"),
        Ok(url) if !url.has_host() => Words::new("it has no host", "ホスト名がありません"),
        Ok(url) => return Some(url),
    };
    section.fail(&rules::CONFIG_URL, key, &reason);
    None
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The longest name of a site, in characters.
const MAX_SITE: usize = 64;

/// A name that fits into one line of a log, a table and a metric.
fn site(root: &mut Section<'_>) -> Option<String> {
    let name = root.text("site")?;
    if name.chars().count() <= MAX_SITE && name.trim() == name && printable(&name) == name {
        return Some(name);
    }
    let words = Words::new(
        format!("give at most {MAX_SITE} visible characters, without spaces around them"),
        format!("前後に空白のない、表示できる {MAX_SITE} 文字以内の名前を書いてください"),
    );
    root.invalid("site", &words);
    None
}

fn guard(mut section: Section<'_>) -> GuardConfig {
    let default = GuardConfig::default();
    let max_shrink_percent = section.integer("max_shrink_percent", 0, 100, default.max_shrink_percent);
    // who allows the set to shrink so much allows so many to be missing
    let max_gone_percent = section.integer("max_gone_percent", 0, 100, max_shrink_percent);
    let week = max_gone_percent.saturating_mul(2).min(100);
    let guard = GuardConfig {
        max_rejected: section.integer("max_rejected", 0, u64::MAX, default.max_rejected),
        max_shrink_percent,
        max_gone_percent,
        max_gone_percent_7d: section.integer("max_gone_percent_7d", 0, 100, week),
        max_added_percent: section.integer("max_added_percent", 0, u64::MAX, default.max_added_percent),
        max_changed_percent: section.integer("max_changed_percent", 0, 100, default.max_changed_percent),
        tolerance: section.integer("tolerance", 0, u64::MAX, default.tolerance),
        allow_empty: section.flag("allow_empty", default.allow_empty),
        max_input_age: section.optional_duration("max_input_age"),
        registration_numbers: section.texts("registration_numbers", is_payer, &PAYER),
        cities: section.texts("cities", |city| !city.trim().is_empty(), &CITY),
        max_other_cities_percent: section.integer(
            "max_other_cities_percent",
            0,
            100,
            default.max_other_cities_percent,
        ),
        max_fill_drop_percent: section
            .has("max_fill_drop_percent")
            .then(|| section.integer("max_fill_drop_percent", 0, 100, 0)),
        absent_places: section.choice("absent_places").unwrap_or_default(),
        vanished_entries: section.choice("vanished_entries").unwrap_or_default(),
    };
    section.end();
    guard
}

/// The form of payer's numbers and of their beginnings.
static PAYER: Text = Text {
    en: r#"give a list of payer's numbers, or their first digits, such as ["15123456", "21"]"#,
    ja: r#"["15123456", "21"] のように、公費負担者番号またはその先頭の数字を並べてください"#,
};

/// The form of municipalities.
static CITY: Text = Text {
    en: r#"give a list of municipalities such as ["見本市"]"#,
    ja: r#"["見本市"] のように、市区町村名を並べてください"#,
};

fn is_payer(number: &str) -> bool {
    (1..=8).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn retry(mut section: Section<'_>) -> Retry {
    let default = Retry::default();
    let retry = Retry {
        max_attempts: section.integer("max_attempts", 1, 1000, default.max_attempts),
        max_elapsed: section.duration("max_elapsed", default.max_elapsed),
        min_delay: section.duration("min_delay", default.min_delay),
        max_delay: section.duration("max_delay", default.max_delay),
    };
    section.end();
    retry
}

fn schedule(mut section: Section<'_>) -> Schedule {
    let mut at = section.times("at");
    at.sort_unstable();
    at.dedup();
    let schedule = Schedule {
        at,
        retry: section.duration("retry", Duration::from_mins(30)),
        until: section.time("until").unwrap_or(UNTIL),
    };
    section.end();
    schedule
}

/// When a slot is given up unless the configuration says otherwise.
const UNTIL: NaiveTime = match NaiveTime::from_hms_opt(18, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

fn ledger(mut section: Section<'_>, folder: &Path) -> LedgerConfig {
    let ledger = LedgerConfig {
        path: section.path("path").unwrap_or_else(|| folder.join("ledger.sqlite3")),
        spool_dir: section.path("spool_dir").unwrap_or_else(|| folder.join("spool")),
        key: key(&mut section),
        keep_runs: section.optional_duration("keep_runs"),
        keep_undelivered: section.duration("keep_undelivered", Duration::from_hours(3 * 24)),
    };
    section.end();
    ledger
}

/// The place of the key: beside the ledger unless one other place is named.
fn key(section: &mut Section<'_>) -> KeySource {
    let file = section.path("key_file");
    let credential = section.text("key_credential");
    if credential.as_deref().is_some_and(|name| name.contains(['/', '\\']) || name.starts_with('.')) {
        let words = Words::new(
            "give the name of a credential, not a path",
            "パスではなく、クレデンシャルの名前を書いてください",
        );
        section.invalid("key_credential", &words);
        return KeySource::Beside;
    }
    match (file, credential) {
        (None, None) => KeySource::Beside,
        (Some(file), None) => KeySource::File(file),
        (None, Some(name)) => KeySource::Credential(name),
        (Some(_), Some(_)) => {
            section
                .invalid("key_credential", &Words::new("key_file is set too", "key_file も指定されています"));
            KeySource::Beside
        }
    }
}

fn serve(mut section: Section<'_>, folder: &Path) -> ServeConfig {
    let listen = section.text("listen").and_then(|text| {
        let address = text.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback());
        if address.is_none() {
            let words = Words::new(
                r#"give a loopback address and a port, such as "127.0.0.1:9464""#,
                r#""127.0.0.1:9464" のように、ループバックアドレスとポートを書いてください"#,
            );
            section.invalid("listen", &words);
        }
        address
    });
    let heartbeat = section.path("heartbeat").unwrap_or_else(|| folder.join("heartbeat.json"));
    let max_age = section.duration("max_age", Duration::from_hours(26));
    let max_run = section.duration("max_run", Duration::from_hours(6));
    let max_memory = section.integer("max_memory", 64, 1 << 20, 1024);
    section.end();
    ServeConfig { listen, heartbeat, max_age, max_run, max_memory }
}

fn log(mut section: Section<'_>) -> LogConfig {
    let log = LogConfig {
        dir: section.path("dir"),
        format: section.choice::<LogFormat>("format").unwrap_or_default(),
        level: section.choice::<Level>("level").unwrap_or_default(),
        keep: section.integer("keep", 1, 10_000, 30),
    };
    section.end();
    log
}

/// The hash as `sha256sum` writes it, in either case.
fn module(mut section: Section<'_>) -> Option<String> {
    let hash = section.text("sha256");
    let is_hash = |text: &String| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hash.as_ref().is_some_and(|hash| !is_hash(hash)) {
        let words = Words::new(
            "give the 64 hexadecimal digits of pmh.wasm.sha256",
            "pmh.wasm.sha256 にある64桁の16進数を書いてください",
        );
        section.invalid("sha256", &words);
    }
    section.end();
    hash.map(|hash| hash.to_ascii_lowercase())
}

fn notify(mut section: Section<'_>, token: Option<&TokenSource>) -> NotifyConfig {
    let notify = NotifyConfig {
        on_failure: section.command("on_failure"),
        on_warning: section.command("on_warning"),
        on_success: section.command("on_success"),
        not_accepted_by: section.time("not_accepted_by"),
        timeout: section.duration("timeout", NotifyConfig::default().timeout),
        withheld: match token {
            Some(TokenSource::Variable(name)) => Some(name.clone()),
            _ => None,
        },
    };
    if notify.not_accepted_by.is_some() && !section.has("on_failure") {
        section.missing("on_failure");
    }
    section.end();
    notify
}

#[cfg(test)]
mod tests;
