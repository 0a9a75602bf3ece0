//! What `--help` says, in both languages: a table by command and option, and the examples at the end.

use pmh_core::rules::{Lang, Text};

use crate::text;

/// What `--help` says of a command or option: keyed by the command's path and the option's id.
static HELP: &[(&str, Text)] = &[
    (
        "pmh",
        Text {
            en: "Turns a municipality's medical-subsidy records into PMH payloads, checks them and delivers them",
            ja: "自治体の医療費助成の対象者データをPMHの形式に変換し、検査して送信します",
        },
    ),
    (
        "pmh init",
        Text {
            en: "Writes a working configuration, profile and sample into a folder",
            ja: "そのまま動く設定・プロファイル・見本データをフォルダーに作成します",
        },
    ),
    (
        "pmh check",
        Text {
            en: "Checks records and shows the findings; sends and writes nothing",
            ja: "レコードを検査し、指摘を表示します。送信も変換結果の出力もしません",
        },
    ),
    (
        "pmh transform",
        Text {
            en: "Writes the payload of the records that are in order",
            ja: "問題のないレコードを変換し、送信データをファイルに出力します",
        },
    ),
    (
        "pmh sync",
        Text {
            en: "Transforms all records and delivers them to PMH",
            ja: "全レコードを変換し、PMHに送信します",
        },
    ),
    (
        "served",
        Text {
            en: "Set by pmh serve for its runs: logs as the service does",
            ja: "pmh serve が実行を起動するときに使います(サービスと同じログを出力します)",
        },
    ),
    (
        "told",
        Text {
            en: "Set by pmh serve: the file with what people were told of the slot",
            ja: "pmh serve が実行を起動するときに使います(その回の通知内容を残すファイル)",
        },
    ),
    (
        "slot",
        Text {
            en: "Set by pmh serve: the slot that the run is for",
            ja: "pmh serve が実行を起動するときに使います(対象の回)",
        },
    ),
    (
        "pmh acknowledge",
        Text {
            en: "Notes that a finding was looked at and is right as it is: until a day, as long as the value stays the same",
            ja: "確認した結果そのままでよいエラー・警告を、期限と値を限って確認済みにします",
        },
    ),
    (
        "record_key",
        Text {
            en: "The record's key, as `pmh check` shows it", ja: "`pmh check` に表示されるレコードキー"
        },
    ),
    (
        "number",
        Text {
            en: "Instead, every record with this payer number, or with this recipient number of --payer-number",
            ja: "レコードキーの代わりに、この公費負担者番号(--payer-number を付けた場合は受給者番号)のすべてのレコード",
        },
    ),
    (
        "payer_number",
        Text {
            en: "The payer number that the recipient number belongs to",
            ja: "受給者番号が属する公費負担者番号",
        },
    ),
    (
        "target",
        Text {
            en: "The place in the payload, if the record has findings of this code in several",
            ja: "送信データの項目。同じコードが複数の項目にある場合に指定する",
        },
    ),
    (
        "reason",
        Text {
            en: "Why it is right as it is; name nobody",
            ja: "そのままでよい理由(個人情報は書かないこと)",
        },
    ),
    ("by", Text { en: "Who decided", ja: "確認した人または部署" }),
    (
        "until",
        Text {
            en: "Its last day, YYYY-MM-DD, at most three years ahead", ja: "期限(YYYY-MM-DD、3年以内)"
        },
    ),
    ("acknowledged", Text { en: "The file of acknowledgements", ja: "確認済み一覧のファイル" }),
    (
        "hash_key",
        Text {
            en: "The key of the hashes that the acknowledgements were made with, as LEDGER.key",
            ja: "確認済み一覧を作成したときのハッシュ用の鍵(「送信台帳のファイル名.key」など)",
        },
    ),
    (
        "pmh profile",
        Text {
            en: "Tools for a profile's author: test, trace, coverage, schema",
            ja: "プロファイルを作成する方のためのツール(テスト・追跡・使用状況・スキーマ)",
        },
    ),
    (
        "pmh profile test",
        Text {
            en: "Runs a profile's own test cases", ja: "プロファイルに付けたテストケースを実行します"
        },
    ),
    (
        "pmh profile trace",
        Text {
            en: "Shows for one record where each value of the payload came from, step by step",
            ja: "1件のレコードについて、送信データの各値がどこから来てどう変換されたかを表示します",
        },
    ),
    (
        "pmh profile coverage",
        Text {
            en: "Shows which parts of a profile no record of a file reached",
            ja: "プロファイルのうち、ファイルのどのレコードでも使われなかった箇所を表示します",
        },
    ),
    (
        "pmh profile schema",
        Text {
            en: "Prints the JSON Schema of profiles, for editors",
            ja: "プロファイルのJSON Schemaを出力します(エディターの入力補完用)",
        },
    ),
    (
        "cases",
        Text {
            en: "The test cases (default: beside profile.json, profile.tests.json)",
            ja: "テストケースのファイル(省略時は profile.json に対して profile.tests.json)",
        },
    ),
    (
        "show_values",
        Text {
            en: "Show the record's values; left out, only how long they are",
            ja: "レコードの値を表示する(省略時は文字数だけを表示)",
        },
    ),
    (
        "record",
        Text {
            en: "Which record, counted from 1 as `pmh check` shows it",
            ja: "何件目のレコードか(`pmh check` の表示と同じく1から数える)",
        },
    ),
    (
        "key",
        Text {
            en: "The record's key instead, as the profile's `recordKey` names it",
            ja: "件数の代わりに、プロファイルの `recordKey` が示す値で指定する",
        },
    ),
    (
        "pmh serve",
        Text {
            en: "Runs sync every day at the configured times",
            ja: "設定した時刻に、毎日 sync を実行します",
        },
    ),
    (
        "pmh history",
        Text {
            en: "Shows the runs of the ledger; verifies it; signs a receipt of it",
            ja: "送信台帳の実行記録を表示します。台帳の検証、署名付きの控えの作成もできます",
        },
    ),
    (
        "pmh backup",
        Text {
            en: "Copies the ledger into a file, even during a run",
            ja: "送信台帳をファイルに複製します。実行中でも使えます",
        },
    ),
    (
        "pmh restore",
        Text {
            en: "Puts a backup in the ledger's place, keeps the old one aside and says what only that one knows",
            ja: "バックアップから送信台帳を戻します。元の台帳は退避し、バックアップにない実行を示します",
        },
    ),
    ("backup", Text { en: "The backup", ja: "バックアップのファイル" }),
    (
        "with_key",
        Text {
            en: "Copy the key of the hashes too, into FILE.key; keep the two apart",
            ja: "ハッシュ用の鍵も FILE.key に複製する(別々に保管すること)",
        },
    ),
    (
        "signing_key",
        Text {
            en: "The key of receipts: the secret one to sign, the .pub file to verify, a new file for keygen",
            ja: "控えの鍵。署名には秘密鍵、検証には .pub の公開鍵、keygen では新しいファイル",
        },
    ),
    (
        "receipt",
        Text {
            en: "The receipt, with its signature in FILE.minisig beside it",
            ja: "控えのファイル。署名は FILE.minisig",
        },
    ),
    (
        "documents_of",
        Text {
            en: "Use this configuration's table of characters and masters",
            ja: "この設定の文字の対応表とマスターを使う",
        },
    ),
    (
        "noted_documents_of",
        Text {
            en: "Use this configuration's table of characters and masters, and note in its ledger who did it, when, and with which profile",
            ja: "この設定の文字の対応表とマスターを使い、いつ、誰が、どのプロファイルで行ったかをその送信台帳に記録する",
        },
    ),
    (
        "note_in",
        Text {
            en: "Note in this configuration's ledger who did it, when, and with which profile",
            ja: "いつ、誰が、どのプロファイルで行ったかを、この設定の送信台帳に記録する",
        },
    ),
    (
        "pmh doctor",
        Text {
            en: "Checks configuration, files, ledger, network and certificates; sends no record",
            ja: "設定・ファイル・送信台帳・通信・証明書を点検します。レコードは送信しません",
        },
    ),
    (
        "action",
        Text {
            en: "verify: compare ledger, files and receipt; receipt: sign one; keygen: make its keys",
            ja: "verify: 台帳・ファイル・控えを照合する。receipt: 控えに署名する。keygen: 控えの鍵を作る",
        },
    ),
    ("run", Text { en: "Show this run in detail", ja: "この番号の実行を詳しく表示する" }),
    ("limit", Text { en: "How many runs to list (default: 30)", ja: "一覧に表示する件数(省略時は30)" }),
    (
        "pmh explain",
        Text {
            en: "Explains a code such as PMH3102; without a code lists them all",
            ja: "PMH3102などのコードの意味を説明します。コードを省略すると一覧を表示します",
        },
    ),
    (
        "pmh completions",
        Text {
            en: "Prints what a shell needs to complete commands, options and files",
            ja: "シェルでコマンド・オプション・ファイル名を補完するための定義を出力します",
        },
    ),
    (
        "pmh man",
        Text {
            en: "Writes manual pages into a folder, one for each command",
            ja: "マニュアルページ(man)を、コマンドごとにフォルダーへ出力します",
        },
    ),
    (
        "shell",
        Text {
            en: "bash, zsh, fish, powershell or elvish", ja: "bash、zsh、fish、powershell または elvish"
        },
    ),
    (
        "lang",
        Text {
            en: "Language: ja or en (default: from the locale)",
            ja: "表示言語: ja または en(省略時は環境の設定に従う)",
        },
    ),
    (
        "format",
        Text {
            en: "Output for people (human) or programs (json)",
            ja: "出力形式: 人向け(human)またはプログラム向け(json)",
        },
    ),
    ("color", Text { en: "Colour: auto, always or never", ja: "色付け: auto、always または never" }),
    ("quiet", Text { en: "Print nothing but failures", ja: "失敗したとき以外は何も表示しない" }),
    (
        "verbose",
        Text {
            en: "Show more findings of each code", ja: "コードごとの指摘の表示件数を増やす"
        },
    ),
    (
        "module",
        Text {
            en: "Run this pmh.wasm instead of the built-in one",
            ja: "組み込みのものの代わりに、この pmh.wasm を使う",
        },
    ),
    ("help", Text { en: "Print help", ja: "この説明を表示する" }),
    ("version", Text { en: "Print the version", ja: "バージョンを表示する" }),
    (
        "profile",
        Text {
            en: "The profile: how the vendor's fields map",
            ja: "プロファイル(業務システムの項目との対応付け)",
        },
    ),
    (
        "payload",
        Text {
            en: "The file is a finished payload, to be checked as it is; of a profile only `rules` and `limits` count",
            ja: "ファイルを完成した送信データとしてそのまま検査する(プロファイルは `rules` と `limits` だけを使う)",
        },
    ),
    (
        "as_of",
        Text {
            en: "Processing date, YYYY-MM-DD (default: today in Japan)",
            ja: "処理日 YYYY-MM-DD(省略時は日本の今日の日付)",
        },
    ),
    (
        "jobs",
        Text {
            en: "Map records in N threads at once; the output stays the same (default: 1)",
            ja: "N個のスレッドで同時に変換(出力は変わりません。省略時は1)",
        },
    ),
    (
        "input_format",
        Text {
            en: "Format of the records (default: by the file's name)",
            ja: "入力データの形式(省略時はファイル名から判断)",
        },
    ),
    (
        "encoding",
        Text {
            en: "Encoding of a CSV or fixed-length file", ja: "CSV・固定長ファイルの文字コード"
        },
    ),
    (
        "delimiter",
        Text {
            en: "What ends a cell of a CSV file (default: told by its first lines)",
            ja: "CSVの区切り文字(省略時は先頭の数行から判断)",
        },
    ),
    (
        "no_header",
        Text {
            en: "The CSV file has no header line: its columns are called \"1\", \"2\", …",
            ja: "CSVに見出し行がない(列の名前は \"1\"、\"2\"、…になる)",
        },
    ),
    (
        "columns",
        Text {
            en: "Column table of fixed-length records: name,start,length in bytes",
            ja: "固定長レコードの項目表(name,start,length、バイト単位)",
        },
    ),
    (
        "file",
        Text {
            en: "File with the records; - is standard input", ja: "レコードのファイル。- は標準入力"
        },
    ),
    (
        "input",
        Text {
            en: "File with the records; - is standard input", ja: "レコードのファイル。- は標準入力"
        },
    ),
    (
        "output",
        Text {
            en: "File for the payload; - is standard output (findings then go to standard error)",
            ja: "送信データの出力先ファイル。- は標準出力(このとき指摘は標準エラー出力に表示)",
        },
    ),
    (
        "report",
        Text {
            en: "File for all findings: NDJSON, or one JSON object where the name ends in .json",
            ja: "すべての指摘の出力先ファイル。NDJSON形式。名前が .json で終わる場合は1つのJSON",
        },
    ),
    (
        "show_answer",
        Text {
            en: "Show PMH's message, cleaned; it may quote a record, and is kept nowhere",
            ja: "PMHのメッセージを表示する。個人情報を含むことがあるため、どこにも保存しない",
        },
    ),
    ("config", Text { en: "The configuration", ja: "設定ファイル" }),
    (
        "pass",
        Text {
            en: "Let this guard pass for this run: PMH6101, PMH6103 to PMH6105, PMH6107, PMH6113 to PMH6119, or PMH6507 to PMH6509",
            ja: "今回に限り、この安全装置を解除する(PMH6101、PMH6103〜PMH6105、PMH6107、PMH6113〜PMH6119、PMH6507〜PMH6509)",
        },
    ),
    (
        "dry_run",
        Text {
            en: "Send and write nothing; show exactly what would be sent where, and what would stop it",
            ja: "送信も書き込みもせず、何をどこへ送るか、安全装置で停止するかを表示する",
        },
    ),
    (
        "dir",
        Text {
            en: "Folder; it is created where there is none",
            ja: "作成先のフォルダー。なければ作成します",
        },
    ),
    ("code", Text { en: "The code, in any case", ja: "コード(大文字・小文字は問いません)" }),
    (
        "search",
        Text {
            en: "List the codes whose title contains this",
            ja: "見出しにこの語を含むコードを一覧表示する",
        },
    ),
    ("json", Text { en: "Print JSON", ja: "JSONで出力する" }),
];

/// What `--help` says at the end.
static EXAMPLES: &[(&str, Text)] = &[
    (
        "pmh",
        Text {
            en: "Exit codes:
  0   done
  2   usage, configuration or profile
  3   records rejected
  4   refused by PMH
  5   PMH not available
  6   outcome unknown
  7   stopped by a guard
  70  a bug

Example:
  pmh init trial && cd trial && pmh sync --config pmh.toml --as-of 2026-04-01 --dry-run",
            ja: "終了コード:
  0   正常
  2   指定・設定・プロファイルの誤り
  3   エラーのレコードあり
  4   PMHによる拒否
  5   PMH利用不可
  6   結果不明
  7   安全装置による停止
  70  不具合

例:
  pmh init trial && cd trial && pmh sync --config pmh.toml --as-of 2026-04-01 --dry-run",
        },
    ),
    ("pmh init", Text { en: "Example:\n  pmh init trial", ja: "例:\n  pmh init trial" }),
    (
        "pmh check",
        Text {
            en: "Examples:\n  pmh check --profile profile.json --as-of 2026-04-01 records.ndjson\n  pmh check --profile profile.json --encoding shift_jis records.csv\n  pmh check --payload --as-of 2026-04-01 payload.json",
            ja: "例:\n  pmh check --profile profile.json --as-of 2026-04-01 records.ndjson\n  pmh check --profile profile.json --encoding shift_jis records.csv\n  pmh check --payload --as-of 2026-04-01 payload.json",
        },
    ),
    (
        "pmh transform",
        Text {
            en: "Example:\n  pmh transform --profile profile.json --input records.ndjson --output payload.json --report report.ndjson",
            ja: "例:\n  pmh transform --profile profile.json --input records.ndjson --output payload.json --report report.ndjson",
        },
    ),
    (
        "pmh sync",
        Text {
            en: "Examples:\n  pmh sync --config pmh.toml --dry-run\n  pmh sync --config pmh.toml\n  pmh sync --config pmh.toml --format json\n  pmh sync --config pmh.toml --pass PMH6104",
            ja: "例:\n  pmh sync --config pmh.toml --dry-run\n  pmh sync --config pmh.toml\n  pmh sync --config pmh.toml --format json\n  pmh sync --config pmh.toml --pass PMH6104",
        },
    ),
    (
        "pmh acknowledge",
        Text {
            en: "Examples:\n  pmh acknowledge PMH3107 --config pmh.toml --record-key 0000000003 --reason \"printed on the certificate\" --by \"welfare desk\" --until 2027-03-31\n  pmh acknowledge PMH3105 --config pmh.toml --number 54016026 --reason \"assigned by the notice\" --by \"welfare desk\" --until 2027-03-31",
            ja: "例:\n  pmh acknowledge PMH3107 --config pmh.toml --record-key 0000000003 --reason \"受給者証に記載済み\" --by \"福祉課\" --until 2027-03-31\n  pmh acknowledge PMH3105 --config pmh.toml --number 54016026 --reason \"設定通知のとおり\" --by \"福祉課\" --until 2027-03-31",
        },
    ),
    (
        "pmh profile",
        Text { en: "Example:\n  pmh profile test profile.json", ja: "例:\n  pmh profile test profile.json" },
    ),
    (
        "pmh profile test",
        Text {
            en: "Exit codes: 0 all pass, 3 some case fails, 2 profile or cases can't be read\n\nExamples:\n  pmh profile test profile.json\n  pmh profile test profile.json more-cases.json --show-values",
            ja: "終了コード: 0 すべて合格、3 不合格あり、2 プロファイルまたはテストケースの誤り\n\n例:\n  pmh profile test profile.json\n  pmh profile test profile.json more-cases.json --show-values",
        },
    ),
    (
        "pmh profile trace",
        Text {
            en: "Examples:\n  pmh profile trace profile.json records.ndjson --record 3\n  pmh profile trace profile.json records.csv --encoding shift_jis --key 0000000003 --show-values",
            ja: "例:\n  pmh profile trace profile.json records.ndjson --record 3\n  pmh profile trace profile.json records.csv --encoding shift_jis --key 0000000003 --show-values",
        },
    ),
    (
        "pmh profile coverage",
        Text {
            en: "Example:\n  pmh profile coverage profile.json records.ndjson",
            ja: "例:\n  pmh profile coverage profile.json records.ndjson",
        },
    ),
    (
        "pmh profile schema",
        Text {
            en: "Example:\n  pmh profile schema > profile.schema.json",
            ja: "例:\n  pmh profile schema > profile.schema.json",
        },
    ),
    (
        "pmh serve",
        Text {
            en: "Example:\n  pmh serve --config pmh.toml\n\nSIGTERM and Ctrl+C let a request under way come to its answer, a second one ends at once; SIGHUP reads the configuration again.",
            ja: "例:\n  pmh serve --config pmh.toml\n\nSIGTERMまたはCtrl+Cを受けると、送信中のリクエストの応答を待って終了します。もう一度受けると直ちに終了します。SIGHUPで設定を読み直します。",
        },
    ),
    (
        "pmh history",
        Text {
            en: "Examples:\n  pmh history --config pmh.toml\n  pmh history --config pmh.toml --run 12\n  pmh history verify --config pmh.toml\n  pmh history keygen --config pmh.toml --signing-key receipts.key\n  pmh history receipt --config pmh.toml --signing-key receipts.key --receipt night.json\n  pmh history verify --config pmh.toml --signing-key receipts.key.pub --receipt night.json",
            ja: "例:\n  pmh history --config pmh.toml\n  pmh history --config pmh.toml --run 12\n  pmh history verify --config pmh.toml\n  pmh history keygen --config pmh.toml --signing-key receipts.key\n  pmh history receipt --config pmh.toml --signing-key receipts.key --receipt night.json\n  pmh history verify --config pmh.toml --signing-key receipts.key.pub --receipt night.json",
        },
    ),
    (
        "pmh backup",
        Text {
            en: "Example:\n  pmh backup ledger-backup.sqlite3 --config pmh.toml",
            ja: "例:\n  pmh backup ledger-backup.sqlite3 --config pmh.toml",
        },
    ),
    (
        "pmh restore",
        Text {
            en: "Example:\n  pmh restore ledger-backup.sqlite3 --config pmh.toml",
            ja: "例:\n  pmh restore ledger-backup.sqlite3 --config pmh.toml",
        },
    ),
    (
        "pmh doctor",
        Text {
            en: "Examples:\n  pmh doctor --config pmh.toml\n  pmh doctor --config town-a.toml --config town-b.toml\n  pmh doctor --config pmh.toml --json",
            ja: "例:\n  pmh doctor --config pmh.toml\n  pmh doctor --config town-a.toml --config town-b.toml\n  pmh doctor --config pmh.toml --json",
        },
    ),
    (
        "pmh explain",
        Text {
            en: "Examples:\n  pmh explain PMH3102\n  pmh explain --search date",
            ja: "例:\n  pmh explain PMH3102\n  pmh explain --search 日付",
        },
    ),
    (
        "pmh completions",
        Text {
            en: "Examples:
  pmh completions bash > ~/.local/share/bash-completion/completions/pmh
  pmh completions zsh > ~/.zfunc/_pmh
  pmh completions fish > ~/.config/fish/completions/pmh.fish
  pmh completions powershell >> $PROFILE",
            ja: "例:
  pmh completions bash > ~/.local/share/bash-completion/completions/pmh
  pmh completions zsh > ~/.zfunc/_pmh
  pmh completions fish > ~/.config/fish/completions/pmh.fish
  pmh completions powershell >> $PROFILE",
        },
    ),
    (
        "pmh man",
        Text {
            en: "Examples:\n  pmh man ~/.local/share/man/man1\n  pmh man --lang ja ~/.local/share/man/ja/man1",
            ja: "例:\n  pmh man --lang ja ~/.local/share/man/ja/man1\n  pmh man --lang en ~/.local/share/man/man1",
        },
    ),
];

fn find(table: &'static [(&str, Text)], id: &str, lang: Lang) -> Option<&'static str> {
    table.iter().find(|(key, _)| *key == id).map(|(_, text)| text.get(lang))
}

/// Puts every word of `--help` into one language.
pub(crate) fn localise(command: clap::Command, lang: Lang) -> clap::Command {
    localise_at(command, "pmh", lang)
}

fn localise_at(mut command: clap::Command, path: &str, lang: Lang) -> clap::Command {
    let template = format!("{{about}}\n\n{}: {{usage}}\n\n{{all-args}}{{after-help}}", text::USAGE.get(lang));
    let mut positions = 0..;
    command = command
        .help_template(template)
        .subcommand_help_heading(text::COMMANDS.get(lang))
        .subcommand_value_name(text::COMMAND.get(lang))
        .mut_args(|arg| {
            let heading = match (arg.is_global_set(), arg.is_positional()) {
                (true, _) => &text::COMMON,
                (_, true) => &text::ARGUMENTS,
                _ => &text::OPTIONS,
            };
            let help = find(HELP, arg.get_id().as_str(), lang);
            let takes_values = arg.get_action().takes_values();
            let arg = arg.help_heading(heading.get(lang));
            // the values stand in the option's own name; clap would say them in English
            let arg =
                if takes_values { arg.hide_possible_values(true).hide_default_value(true) } else { arg };
            // in the order of the usage; clap would sort them by their names
            let arg =
                if arg.is_positional() { arg.display_order(positions.next().unwrap_or(0)) } else { arg };
            match help {
                Some(help) => arg.help(help),
                None => arg,
            }
        });
    if let Some(about) = find(HELP, path, lang) {
        command = command.about(about);
    }
    if let Some(examples) = find(EXAMPLES, path, lang) {
        command = command.after_help(examples);
    }
    command.mut_subcommands(|sub| {
        let path = format!("{path} {}", sub.get_name());
        localise_at(sub, &path, lang)
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_and_option_is_explained() {
        fn look(command: &clap::Command, path: &str) {
            for table in [HELP, EXAMPLES] {
                assert!(find(table, path, Lang::Ja).is_some(), "{path}");
            }
            for arg in command.get_arguments() {
                assert!(find(HELP, arg.get_id().as_str(), Lang::En).is_some(), "{path} {}", arg.get_id());
            }
            for sub in command.get_subcommands() {
                look(sub, &format!("{path} {}", sub.get_name()));
            }
        }
        look(&crate::cli::Cli::command(), "pmh");
    }

    #[test]
    fn help_is_in_one_language() {
        let mut japanese = localise(crate::cli::Cli::command(), Lang::Ja);
        let help = japanese.render_help().to_string();
        for word in ["Usage", "Options", "Commands", "Print"] {
            assert!(!help.contains(word), "{word} in {help}");
        }
        let mut english = localise(crate::cli::Cli::command(), Lang::En);
        assert!(english.render_help().to_string().is_ascii());
    }
}
