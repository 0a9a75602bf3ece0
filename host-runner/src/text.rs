//! The program's own words in both languages: one table. What `--help` says stands in `help`, the words of failures and
//! findings in `core/src/rules`, keyed by code.

use pmh_core::rules::{Lang, Text};

macro_rules! texts {
    ($($(#[doc = $doc:literal])* $name:ident = $en:literal, $ja:literal;)+) => {
        $($(#[doc = $doc])* pub(crate) static $name: Text = Text { en: $en, ja: $ja };)+
    };
}

texts! {
    ERROR = "error", "エラー";
    WARNING = "warning", "警告";
    NOTE = "note", "補足";

    READ = "read", "読み込み";
    ACCEPTED = "accepted", "送信対象";
    EXCLUDED = "excluded (validity ended, or left out by the profile)", "対象外(有効期間終了・プロファイルによる除外)";
    REJECTED = "rejected (records with errors)", "エラーのあるレコード";
    WARNINGS = "warnings (findings)", "警告(指摘数)";
    ACKNOWLEDGED = "acknowledged", "確認済み";
    NOW_ACKNOWLEDGED = "acknowledged", "確認済みにしました";
    INCOMPLETE = "the input could not be read to its end", "入力を最後まで読めませんでした";

    /// What to do about a table without rows.
    EMPTY_TABLE = "check the export; a file without rows does not say that there is no recipient",
        "出力処理を確認してください。行のないファイルは「対象者なし」とはみなしません";

    RECORDS = "records", "件数";
    BYTES = "bytes", "バイト数";
    OUTCOME = "outcome", "結果";
    SERIAL_NUMBER = "serial number", "シリアル番号";
    OUTCOME_ACCEPTED = "accepted", "受付済み";
    OUTCOME_REFUSED = "refused", "拒否";
    OUTCOME_UNAVAILABLE = "not available", "利用不可";
    OUTCOME_UNKNOWN = "unknown", "不明";
    OUTCOME_PREPARING = "preparing", "準備中";
    OUTCOME_SENDING = "sending", "送信中";
    OUTCOME_STOPPED = "stopped by a guard", "安全装置による停止";
    OUTCOME_FAILED = "failed", "失敗";
    SETTLED_BY = "settled by run", "後の受付: 実行";
    NO_RUNS = "the ledger knows no run yet", "送信台帳に実行の記録はまだありません";
    RUN = "run", "実行";
    RUNS = "runs", "実行数";
    STARTED = "started (Japan)", "開始";
    ENDED = "ended (Japan)", "終了";
    AS_OF = "as of", "処理日";
    CODES = "code", "コード";
    PASSED_GUARDS = "guards passed", "解除した安全装置";
    PAYLOAD_HASH = "payload (keyed hash)", "送信データ(鍵付きハッシュ値)";
    PROFILE_HASH = "profile (SHA-256)", "プロファイル(SHA-256)";
    MODULE_HASH = "module (SHA-256)", "モジュール(SHA-256)";
    SITE = "site", "自治体";
    RUN_BY = "run by", "実行者";
    RECEIPT_MADE = "receipt", "控え";
    RECEIPT_SIGNATURE = "signature", "署名";
    KEY_SECRET = "secret key: keep it off this machine's backups, readable only by its owner", "秘密鍵(所有者だけが読めるように保管)";
    KEY_PUBLIC = "public key: give it to whoever verifies the receipts", "公開鍵(控えを検証する人に渡す)";
    BACKED_UP = "backup", "バックアップ";
    BACKED_UP_KEY = "key of the hashes: keep it apart from the backup", "ハッシュ用の鍵(バックアップとは別に保管)";
    RESTORED = "the ledger is put back; its last run", "送信台帳を戻しました。最後の実行";
    PUT_ASIDE = "the ledger of before is kept in", "元の送信台帳の退避先";
    VERSION = "version of pmh", "pmhのバージョン";
    REQUEST = "request", "リクエスト";
    TRY = "try", "試行";
    STATUS = "status", "ステータス";
    LISTENING = "health and metrics", "稼働状況の公開先";
    NEXT_RUN = "next run (Japan)", "次回の実行(日本時間)";
    RUN_STARTED = "run for the schedule of (Japan)", "予定時刻の実行を開始します(日本時間)";
    RUN_ENDED = "run ended with exit code", "実行が終了しました。終了コード";
    RELOADED = "configuration read again", "設定を読み直しました";
    CHECK_CONFIGURATION = "configuration", "設定";
    CHECK_PROCESS = "memory protection", "メモリーの保護";
    CHECK_TOKEN = "token", "トークン";
    CHECK_MODULE = "module", "モジュール";
    CHECK_PROFILE = "profile", "プロファイル";
    CHECK_INPUT = "input", "入力ファイル";
    CHECK_ENCODING = "encoding", "文字コード";
    CHECK_SAMPLE = "first records", "先頭のレコード";
    CHECK_LEDGER = "ledger", "送信台帳";
    CHECK_MODES = "permissions", "アクセス権";
    CHECK_WRITING = "folders to write to", "書き込み先";
    CHECK_SPACE = "free space", "空き容量";
    CHECK_SCHEDULE = "schedule", "スケジュール";
    CHECK_LISTENER = "health and metrics", "稼働状況の公開先";
    CHECK_NOTIFY = "notification commands", "通知コマンド";
    CHECK_SHARED = "other configurations", "ほかの設定ファイル";
    CHECK_NAME = "name", "名前解決";
    CHECK_TCP = "TCP connection", "TCP接続";
    CHECK_ENDPOINT = "endpoint", "接続先の応答";
    CHECK_CERTIFICATE = "certificate", "証明書";
    CHECK_REVOCATION = "revocation list", "証明書の失効リスト";
    CHECK_CLOCK = "clock", "時計";
    SKIPPED = "not checked", "未確認";
    VERIFIED = "ledger and files agree", "送信台帳とファイルは一致しています";

    DESTINATION = "destination", "送信先";
    REQUESTS = "requests", "リクエスト数";
    REHEARSED = "dry run: nothing was sent", "試行のため、送信していません";
    REHEARSED_STOPPED = "dry run: nothing was sent, and a run would be stopped by the guards above",
        "試行のため、送信していません。実際の実行では、上記の安全装置により送信前に停止します";
    PROXY = "proxy", "プロキシ";
    NO_PROXY = "none: connects directly", "なし(直接接続)";
    HEADERS = "headers", "ヘッダー";
    BODY_HASH = "keyed hash", "鍵付きハッシュ値";
    BEFORE_SENDING = "before sending", "送信の前に";
    PMH_CODE = "PMH's code", "PMHのエラーコード";
    PMH_MESSAGE = "PMH's message", "PMHのメッセージ";
    NOT_A_CODE = "not shown: it does not have the form of a code", "コードの形式ではないため表示しません";
    SHOW_ANSWER = "pmh sync --show-answer shows it; it may quote a record",
        "内容は pmh sync --show-answer で表示します。個人情報を含むことがあります";
    NOTHING_REGISTERED = "nothing of this set was registered", "今回の内容は登録されていません";
    PARTLY_REGISTERED = "requests that PMH accepted", "PMHが受け付けたリクエスト";
    OTHER_SOURCE = "what it was made from has changed or is no longer there",
        "作成元の入力ファイルや設定などが変わったか、なくなっています";
    NO_TRACE = "the configuration cannot be read, so this is in no log and no ledger, and no notification was sent",
        "設定ファイルを読めないため、ログにも送信台帳にも残らず、通知も行われません";
    RETRY_AFTER = "PMH asks to try again after", "PMHが指定した再試行の時期";
    TRIES = "tries", "試行回数";
    ADDED = "added", "追加";
    CHANGED = "changed", "変更";
    GONE = "gone", "削除";
    PASSED = "guard passed this once", "今回に限り解除した安全装置";
    RESUMED = "continuing the unfinished run", "未完了の送信を再開します。実行番号";
    NOT_RESUMED = "the earlier payload is not used", "前回の送信データは使用しません";
    SETTLING = "waiting until the input is no longer written to", "入力ファイルの書き込みが終わるのを待っています";
    NEXT_TRY = "not accepted yet; next try (time in Japan)", "未受付のため再試行します。次回(日本時間)";
    NO_FURTHER_TRY = "no further try", "これ以上は再試行しません";
    WHY_ATTEMPTS = "retry.max_attempts is used up", "retry.max_attempts の回数に達しました";
    WHY_ELAPSED = "the next one would begin after retry.max_elapsed", "次の試行が retry.max_elapsed の時間を超えます";
    WHY_DAY = "the set is for a day that is ending or over", "送信データの処理日が終わるため、または過ぎたため";
    WHY_ASKED = "stopped on request", "停止の指示がありました";
    SPOOL_KEPT = "the payload is kept in", "送信データの保管先";

    READING = "reading", "読み込み中";
    SENDING = "sending", "送信中";
    REMAINING = "remaining", "残り";

    LEFT_OUT = "excluded", "対象外";
    NO_VALUE = "no value", "値なし";
    UNUSABLE = "not usable", "使えない値";
    HOLDS = "holds", "成立";
    HOLDS_NOT = "does not hold", "不成立";

    CASE_PASSED = "passed", "合格  ";
    CASE_FAILED = "FAILED", "不合格";
    CASE_EXPECTED = "expected", "期待";
    CASE_FOUND = "found   ", "結果";
    CASE_CODE_MISSING = "was expected and not found", "が指摘されませんでした";
    CASE_CODE_UNEXPECTED = "was found and not expected", "が想定外に指摘されました";

    COVERAGE_SOURCE = "no record had a value here", "ここから値を読み取ったレコードがありません";
    COVERAGE_PLACEHOLDER = "no record had a value here", "ここに値のあるレコードがありません";
    COVERAGE_ALTERNATIVE = "no record took its value from this alternative", "この候補の値を使ったレコードがありません";
    COVERAGE_LOOP = "no record had an element in this list", "この配列に要素のあるレコードがありません";
    COVERAGE_REFUSED = "no record had a value that this step refuses", "この変換でエラーになったレコードがありません";
    COVERAGE_ENTRY = "no record had this value", "この値のレコードがありません";
    COVERAGE_OTHERWISE = "every value stood in the table", "対応表にない値のレコードがありません";
    COVERAGE_NOT_IN_TABLE = "no record had a value outside the table", "対応表にない値のレコードがありません";
    COVERAGE_DEFAULT = "no record needed the default", "既定値が使われたレコードがありません";
    COVERAGE_HOLDS = "this condition never held", "この条件が成立したレコードがありません";
    COVERAGE_FAILS = "this condition always held", "この条件が成立しなかったレコードがありません";

    TRY_IT = "next:", "次の手順:";

    CRASHED = "the program failed at", "プログラムが異常終了しました:";
    CRASHED_HELP = "this is a bug: please report this line and the version, and without any record",
        "プログラムの不具合です。この行とバージョンを添えて報告してください。レコードは添付しないでください";

    USAGE = "Usage", "使い方";
    COMMAND = "COMMAND", "コマンド";
    COMMANDS = "Commands", "コマンド";
    ARGUMENTS = "Arguments", "引数";
    OPTIONS = "Options", "オプション";
    COMMON = "Common options", "共通オプション";
}

/// The word for a state of the ledger.
pub(crate) fn outcome(name: &str) -> &'static Text {
    match name {
        "accepted" => &OUTCOME_ACCEPTED,
        "refused" => &OUTCOME_REFUSED,
        "unavailable" => &OUTCOME_UNAVAILABLE,
        "preparing" => &OUTCOME_PREPARING,
        "sending" => &OUTCOME_SENDING,
        "stopped" => &OUTCOME_STOPPED,
        "failed" => &OUTCOME_FAILED,
        _ => &OUTCOME_UNKNOWN,
    }
}

/// What to do, a line for each who does it.
pub(crate) fn helps(desk: &str, system: Option<&str>, lang: Lang) -> Vec<String> {
    match (system, lang) {
        (None, _) => vec![format!("→ {desk}")],
        (Some(system), Lang::En) => vec![format!("→ desk: {desk}"), format!("→ system: {system}")],
        (Some(system), Lang::Ja) => vec![format!("→ 担当課: {desk}"), format!("→ システム担当: {system}")],
    }
}

/// A scheme's name for people.
pub(crate) fn scheme(id: &str, lang: Lang) -> &str {
    match (lang, id) {
        (Lang::Ja, "kekkaku") => "結核医療",
        (Lang::Ja, "kosei") => "更生医療",
        (Lang::Ja, "ikusei") => "育成医療",
        (Lang::Ja, "seishin") => "精神通院医療",
        (Lang::Ja, "yoiku") => "養育医療",
        (Lang::Ja, "shoman") => "小児慢性特定疾病医療",
        (Lang::Ja, "nanbyo") => "特定医療(指定難病)",
        (Lang::Ja, "local") => "地方単独",
        _ => id,
    }
}
