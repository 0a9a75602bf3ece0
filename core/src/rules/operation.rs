//! 62xx to 64xx: the runner's configuration, files and module. Raised by the runner, explained here with the others.

use super::rules;

rules! {
    /// `pmh.toml` must be valid TOML.
    ///
    /// - Why: a setting that cannot be read cannot be followed.
    /// - Source: TOML 1.0.
    /// - Bad: `path = records.ndjson`
    /// - Good: `path = "records.ndjson"`
    ///
    /// # 日本語
    ///
    /// `pmh.toml` は、正しいTOMLでなければなりません。
    ///
    /// - 理由: 設定を読み取れないため、処理を始められません。
    /// - 根拠: TOML 1.0。
    /// - 誤りの例: `path = records.ndjson`
    /// - 正しい例: `path = "records.ndjson"`
    CONFIG_SYNTAX = "PMH6201", Error fixed {
        title: "configuration is not valid TOML", "設定ファイルの構文エラー";
        message: "the configuration is not valid TOML: {}", "設定ファイルがTOMLとして正しくありません({})";
        help: "correct the syntax at that place; `pmh init` writes a file that works", "その箇所の構文を直してください。`pmh init` で正しい例を作成できます";
    }

    /// `pmh.toml` may hold only the documented keys.
    ///
    /// - Why: a misspelt key would be ignored, and a guard that was set would not guard.
    /// - Source: `host-runner/README.md`.
    /// - Bad: `max_reject = 0`
    /// - Good: `max_rejected = 0`
    ///
    /// # 日本語
    ///
    /// `pmh.toml` には、定められたキーだけを書けます。
    ///
    /// - 理由: つづりを誤ったキーを無視すると、設定したはずの安全装置が働きません。
    /// - 根拠: `host-runner/README.md`。
    /// - 誤りの例: `max_reject = 0`
    /// - 正しい例: `max_rejected = 0`
    CONFIG_UNKNOWN_KEY = "PMH6202", Error fixed {
        title: "unknown key in the configuration", "設定ファイルの不明なキー";
        message: "unknown key: {}", "不明なキーです: {}";
        help: "correct the spelling or remove the key", "つづりを直すか、このキーを削除してください";
    }

    /// A setting that the command needs is missing from `pmh.toml`.
    ///
    /// - Why: there is no safe default for where to send, or for what.
    /// - Source: `host-runner/README.md`.
    /// - Bad: no `[endpoint]` at all.
    /// - Good: `url` and one of `token_file` and `token_env`.
    ///
    /// # 日本語
    ///
    /// `pmh.toml` に必要な設定がありません。
    ///
    /// - 理由: 何をどこへ送るかについて、安全な既定値はありません。
    /// - 根拠: `host-runner/README.md`。
    /// - 誤りの例: `[endpoint]` がない。
    /// - 正しい例: `url` と、`token_file` または `token_env` のどちらか一方を書く。
    CONFIG_MISSING_KEY = "PMH6203", Error fixed {
        title: "missing key in the configuration", "設定ファイルのキー不足";
        message: "missing key: {}", "必要なキーがありません: {}";
        help: "add it; `pmh init` writes a file that works", "キーを追加してください。`pmh init` で正しい例を作成できます";
    }

    /// A setting in `pmh.toml` has a value that it cannot have.
    ///
    /// - Why: guessing what was meant could send too much or too little.
    /// - Source: `host-runner/README.md`.
    /// - Bad: `max_elapsed = "4 hours"`
    /// - Good: `max_elapsed = "4h"`
    ///
    /// # 日本語
    ///
    /// `pmh.toml` の設定値が正しくありません。
    ///
    /// - 理由: 意図を推測すると、余分な送信や送信漏れにつながります。
    /// - 根拠: `host-runner/README.md`。
    /// - 誤りの例: `max_elapsed = "4 hours"`
    /// - 正しい例: `max_elapsed = "4h"`
    CONFIG_VALUE = "PMH6204", Error fixed {
        title: "invalid value in the configuration", "設定値の誤り";
        message: "invalid value: {}", "設定値が正しくありません: {}";
        help: "correct the value as the message says", "メッセージのとおりに値を直してください";
    }

    /// Records go out only over `https`; plain `http` is for loopback addresses, and the URL carries no password or query.
    ///
    /// - Why: My Numbers and the token must not cross a network in the clear.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1; RFC 9110, 4.2.4.
    /// - Bad: `http://pmh.example.lg.jp/medicalSubsidiesTargetPersons`
    /// - Good: `https://pmh.example.lg.jp/medicalSubsidiesTargetPersons`
    ///
    /// # 日本語
    ///
    /// 送信は `https` に限ります。`http` はループバックアドレスだけに使え、URLにパスワードやクエリ(`?` 以降)は書けません。
    ///
    /// - 理由: 個人番号とトークンを平文で流してはなりません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)、RFC 9110 4.2.4。
    /// - 誤りの例: `http://pmh.example.lg.jp/medicalSubsidiesTargetPersons`
    /// - 正しい例: `https://pmh.example.lg.jp/medicalSubsidiesTargetPersons`
    CONFIG_URL = "PMH6205", Error fixed {
        title: "URL not allowed", "使用できないURL";
        message: "this URL cannot be used: {}", "このURLは使用できません: {}";
        help: "use https, without user name, password, query or fragment; http is allowed only for loopback addresses",
            "httpsのURLを、ユーザー名・パスワード・クエリ・フラグメントを付けずに指定してください。httpはループバックアドレスに限り使えます";
    }

    /// There is no usable access token.
    ///
    /// - Why: without one PMH answers 401; it is never given on the command line, where other users could see it.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `Authorization: Bearer`.
    /// - Bad: an empty file, or the word `Bearer` in front of the token.
    /// - Good: a file with only the token, readable only by its owner.
    ///
    /// # 日本語
    ///
    /// アクセストークンを取得できません。
    ///
    /// - 理由: トークンがなければPMHは401を返します。コマンドラインはほかのユーザー(OSのアカウント)から見えるため、コマンドラインでは指定できません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `Authorization: Bearer`。
    /// - 誤りの例: 空のファイル。トークンの前に `Bearer` と書いてある。
    /// - 正しい例: トークンだけを書いた、所有者だけが読めるファイル。
    TOKEN_MISSING = "PMH6206", Error fixed {
        title: "no access token", "アクセストークンなし";
        message: "no usable access token: {}", "アクセストークンを取得できません: {}";
        help: "put the token that PMH handed out, and nothing else, into the file or variable that the configuration names",
            "設定で指定したファイルまたは環境変数に、PMHから払い出されたトークンだけを書いてください";
    }

    /// A file that holds a secret can be read by other users.
    ///
    /// - Why: with the token, anyone can replace the registration of the whole municipality.
    /// - Source: 地方公共団体における情報セキュリティポリシーに関するガイドライン (access control).
    /// - Bad: mode 0644.
    /// - Good: mode 0600.
    ///
    /// # 日本語
    ///
    /// 秘密情報のファイルを、ほかのユーザー(OSのアカウント)も読める状態です。
    ///
    /// - 理由: トークンを手に入れた者は、自治体全体の登録内容を置き換えられます。
    /// - 根拠: 地方公共団体における情報セキュリティポリシーに関するガイドライン(アクセス制御)。
    /// - 誤りの例: パーミッション0644。
    /// - 正しい例: パーミッション0600。
    SECRET_EXPOSED = "PMH6207", Error fixed {
        title: "secret readable by others", "秘密情報のファイルが他者から読める";
        message: "other users can read {}", "ほかのユーザー(OSのアカウント)が {} を読める状態です";
        help: "make it readable only by its owner (chmod 600), and have a token that others may have seen replaced",
            "所有者だけが読めるようにし(chmod 600)、見られたおそれがある場合はトークンの再発行を依頼してください";
    }

    /// A TLS certificate or key file of `[endpoint]` cannot be used.
    ///
    /// - Why: a connection without the configured trust or identity would be another one than was agreed.
    /// - Source: `host-runner/README.md`.
    /// - Bad: a TLS certificate in DER form; a key that is protected by a password.
    /// - Good: PEM files.
    ///
    /// # 日本語
    ///
    /// `[endpoint]` に指定したTLSの証明書または鍵のファイルを使えません。
    ///
    /// - 理由: 設定された証明書なしで接続すると、取り決めと異なる通信になります。
    /// - 根拠: `host-runner/README.md`。
    /// - 誤りの例: DER形式の証明書。パスワード付きの鍵。
    /// - 正しい例: PEM形式のファイル。
    TLS_FILE = "PMH6208", Error fixed {
        title: "TLS certificate or key not usable", "TLSの証明書・鍵を使用できない";
        message: "not usable for TLS: {}", "TLSに使用できません: {}";
        help: "give TLS certificates and the key in PEM form, the key without a password",
            "TLSの証明書と鍵をPEM形式で、鍵はパスワードなしで指定してください";
    }

    /// A file that decides what is sent where can be written by other users.
    ///
    /// Checked are `pmh.toml`, the profile, the CA file, the client's TLS certificate, the delivery ledger, the spool folder, and the
    /// folder of each file. Symbolic links are followed; what counts is the file at the end.
    ///
    /// - Why: with the configuration or the CA file, anyone can have token and records sent to another place under a valid TLS certificate.
    /// - Source: 地方公共団体における情報セキュリティポリシーに関するガイドライン (access control).
    /// - Bad: mode 0664 or 0666; a folder with mode 0777 and without the sticky bit.
    /// - Good: mode 0644 or 0600, in a folder with mode 0755 or 0700.
    ///
    /// # 日本語
    ///
    /// 送信内容や送信先を決めるファイルに、ほかのユーザー(OSのアカウント)が書き込める状態です。
    ///
    /// 対象は、`pmh.toml`、プロファイル、認証局証明書、クライアント証明書、送信台帳、スプールのフォルダー、および各ファイルのあるフォルダーです。シンボリックリンクは、リンク先のファイルで判定します。
    ///
    /// - 理由: 設定や認証局証明書を書き換えられると、トークンとレコードが別の相手に送られてしまいます。
    /// - 根拠: 地方公共団体における情報セキュリティポリシーに関するガイドライン(アクセス制御)。
    /// - 誤りの例: パーミッション0664や0666。スティッキービットのない0777のフォルダー。
    /// - 正しい例: パーミッション0644または0600のファイルを、0755または0700のフォルダーに置く。
    FILE_EXPOSED = "PMH6209", Error fixed {
        title: "file writable by others", "ほかのユーザーによる書き込みが可能";
        message: "other users can write {}", "ほかのユーザーが {} に書き込める状態です";
        help: "check that the content is still right, then take the permission away (chmod go-w)",
            "内容が書き換えられていないことを確認のうえ、書き込み権限を外してください(chmod go-w)";
    }

    /// A file belongs to another user than the one that `pmh` runs as.
    ///
    /// What is only read may belong to root as well. What `pmh` writes (delivery ledger, key, hashes, locks, spool, log, heartbeat)
    /// must belong to the user that it runs as.
    ///
    /// - Why: the owner of a file can change it at any time, whatever its mode. After one `sudo pmh sync` the files that
    ///   it made belong to root, and every later run of the service fails.
    /// - Source: the operating system's answer.
    /// - Bad: `sudo pmh sync` in the folder of the service's account.
    /// - Good: `sudo -u pmh pmh sync --config /etc/pmh/pmh.toml`
    ///
    /// # 日本語
    ///
    /// ファイルの所有者が、`pmh` を実行しているユーザー(OSのアカウント)と異なります。
    ///
    /// 読むだけのファイルは、rootが所有していてもかまいません。`pmh` が書き込むもの(送信台帳、鍵、ハッシュ、ロック、スプール、ログ、ハートビート)は、実行するユーザーが所有している必要があります。
    ///
    /// - 理由: 所有者は、パーミッションにかかわらずファイルを書き換えられます。また、一度でも `sudo pmh sync` を実行すると、作成されたファイルの所有者がrootになり、以後のサービスの実行がすべて失敗します。
    /// - 根拠: OSの応答。
    /// - 誤りの例: サービス用アカウントのフォルダーで `sudo pmh sync` を実行する。
    /// - 正しい例: `sudo -u pmh pmh sync --config /etc/pmh/pmh.toml`
    FILE_FOREIGN = "PMH6210", Error fixed {
        title: "file of another user", "ファイルの所有者が別のユーザー";
        message: "another user owns {}", "所有者が別のユーザーです: {}";
        help: "run pmh as the service's account; if a run as root made the file, give it back with chown",
            "サービス用のアカウントで実行してください。rootで実行して作成されたファイルは、chown で所有者を戻してください";
    }

    /// An `https` endpoint needs a trust: a CA file, or the system's CAs by name.
    ///
    /// - Why: the system trusts hundreds of CAs, any of which could vouch for another server. A closed network has one of its own.
    ///   Loopback addresses are exempt.
    /// - Source: 地方公共団体における情報セキュリティポリシーに関するガイドライン (特定通信: the peer is known).
    /// - Bad: an `https` URL, and nothing else.
    /// - Good: `ca_file = "ca.pem"`; or `trust = "system"` if the endpoint's TLS certificate comes from a public CA.
    ///
    /// # 日本語
    ///
    /// `https` の接続先には、信頼する認証局の指定が必要です。
    ///
    /// - 理由: OSは何百もの認証局を信頼しており、そのどれもが別の相手を保証できてしまいます。閉域網には専用の認証局があります。ループバックアドレスは対象外です。
    /// - 根拠: 地方公共団体における情報セキュリティポリシーに関するガイドライン(特定通信における接続先の限定)。
    /// - 誤りの例: `https` のURLだけを書く。
    /// - 正しい例: `ca_file = "ca.pem"`。接続先のサーバー証明書が公的な認証局のものであれば `trust = "system"`。
    TRUST_MISSING = "PMH6211", Error fixed {
        title: "no trusted CA configured", "信頼する認証局の指定なし";
        message: "no CA is configured for {}", "信頼する認証局が指定されていません: {}";
        help: "set endpoint.ca_file to the CA certificate of the closed network, or endpoint.trust = \"system\" to trust the system's CAs",
            "閉域網の認証局証明書を endpoint.ca_file に指定してください。OSの認証局を信頼する場合は endpoint.trust = \"system\" と書いてください";
    }

    /// The CSV file is in another encoding than `input.encoding` says.
    ///
    /// - Why: UTF-8 read as Shift_JIS gives other, valid characters: wrong names would be registered. Shift_JIS read as
    ///   UTF-8 gives unreadable characters, and every record is rejected.
    /// - Source: the first bytes of the file.
    /// - Bad: `encoding = "shift_jis"` for an export in UTF-8.
    /// - Good: the encoding that the vendor's manual names.
    ///
    /// # 日本語
    ///
    /// CSVファイルの文字コードが、`input.encoding` の指定と異なります。
    ///
    /// - 理由: UTF-8のファイルをShift_JISとして読むと、別の漢字に化けたまま登録されるおそれがあります。逆の場合は、すべてのレコードがエラーになります。
    /// - 根拠: ファイルの先頭部分。
    /// - 誤りの例: UTF-8で出力されたファイルに `encoding = "shift_jis"` を指定する。
    /// - 正しい例: 業務システムの出力仕様にある文字コードを指定する。
    ENCODING_WRONG = "PMH6212", Error fixed {
        title: "wrong encoding configured", "文字コードの指定の誤り";
        message: "the input is not in the configured encoding: {}", "入力ファイルの文字コードが指定と異なります: {}";
        help: "set input.encoding (--encoding) to the encoding that is named, or correct the export", "input.encoding(--encoding)に、表示された文字コードを指定するか、出力側の設定を直してください";
    }

    /// The memory of this process is not protected against core dumps and other processes.
    ///
    /// - Why: records and the token pass through memory. A core dump would leave them on the disk.
    /// - Source: `RLIMIT_CORE` and `PR_SET_DUMPABLE` of this process.
    /// - Bad: a container whose seccomp profile refuses `prctl`.
    /// - Good: both set by `pmh` itself at its start.
    ///
    /// # 日本語
    ///
    /// コアダンプやほかのプロセスに対する、メモリーの保護ができていません。
    ///
    /// - 理由: レコードとトークンはメモリーを通ります。コアダンプが作成されると、ディスクに残ってしまいます。
    /// - 根拠: このプロセスの `RLIMIT_CORE` と `PR_SET_DUMPABLE`。
    /// - 誤りの例: コンテナのseccompプロファイルが `prctl` を拒否している。
    /// - 正しい例: `pmh` の起動時に、どちらも設定されている。
    NOT_HARDENED = "PMH6213", Warning fixed {
        title: "memory not protected", "メモリーの保護なし";
        message: "core dumps of this process are not switched off: {}", "コアダンプを無効にできません: {}";
        help: "allow prctl and setrlimit in the container or unit, and switch core dumps off for the machine",
            "コンテナやユニットの設定で prctl と setrlimit を許可し、機器全体でもコアダンプを無効にしてください";
    }

    /// A file cannot be read.
    ///
    /// - Why: the command cannot do its work without it.
    /// - Source: the operating system's answer.
    /// - Bad: a relative path, run from another folder.
    /// - Good: a path that `ls` shows to the same user. Paths in `pmh.toml` are relative to that file.
    ///
    /// # 日本語
    ///
    /// ファイルを読めません。
    ///
    /// - 理由: そのファイルがなければ処理できません。
    /// - 根拠: OSの応答。
    /// - 誤りの例: 別のフォルダーから相対パスで実行している。
    /// - 正しい例: 実行するユーザー(OSのアカウント)が読めるパス。`pmh.toml` 内のパスは、そのファイルからの相対パスです。
    FILE_UNREADABLE = "PMH6301", Error fixed {
        title: "file not readable", "ファイルを読み込めない";
        message: "cannot read {}", "{} を読めません";
        help: "check the path and its permissions", "パスと読み取り権限を確認してください";
    }

    /// `input.path` must name exactly one file: none matches the pattern.
    ///
    /// - Why: an export that is missing must not look like a day without records.
    /// - Source: `host-runner/README.md`.
    /// - Bad: a pattern for a folder that the export does not write to.
    /// - Good: `path = "export/records-*.ndjson"` with one such file.
    ///
    /// # 日本語
    ///
    /// `input.path` は、一致するファイルが1つだけになるように指定します。一致するファイルがありません。
    ///
    /// - 理由: 出力ファイルがないことを「対象者なし」と取り違えてはなりません。
    /// - 根拠: `host-runner/README.md`。
    /// - 誤りの例: 出力先と異なるフォルダーのパターン。
    /// - 正しい例: `path = "export/records-*.ndjson"` に一致するファイルが1つある。
    INPUT_NOT_FOUND = "PMH6302", Error fixed {
        title: "no input file", "入力ファイルなし";
        message: "no file matches {}", "{} に一致するファイルがありません";
        help: "check that the export ran, and input.path", "業務システムからの出力が行われたか、input.path が正しいか確認してください";
    }

    /// `input.path` must name exactly one file: several match the pattern.
    ///
    /// - Why: which of them is "all records" cannot be guessed; an old one would register people whose entitlement ended.
    /// - Source: `host-runner/README.md`.
    /// - Bad: yesterday's and today's export in one folder, matched by the same pattern.
    /// - Good: a pattern that only today's file matches, or an export that overwrites one name.
    ///
    /// # 日本語
    ///
    /// `input.path` は、一致するファイルが1つだけになるように指定します。複数のファイルが一致しています。
    ///
    /// - 理由: どれが「全件」かを推測することはできません。古いファイルを送ると、資格を失った方まで登録されます。
    /// - 根拠: `host-runner/README.md`。
    /// - 誤りの例: 昨日と今日の出力ファイルが同じフォルダーにあり、両方がパターンに一致する。
    /// - 正しい例: 今日のファイルだけが一致するパターンにする。または、同じ名前に上書き出力する。
    INPUT_AMBIGUOUS = "PMH6303", Error fixed {
        title: "several input files", "入力ファイルが複数";
        message: "more than one file matches {}", "複数のファイルが一致します: {}";
        help: "leave one of them, or name it in input.path", "1つだけを残すか、input.path でファイル名を指定してください";
    }

    /// A CSV file must begin with a header line that names each column once.
    ///
    /// - Why: the profile finds the cells by these names.
    /// - Source: RFC 4180; `docs/profile.md`.
    /// - Bad: two columns named 氏名; a last column without a name.
    /// - Good: `宛名番号,氏名,生年月日`
    ///
    /// # 日本語
    ///
    /// CSVの1行目には、各列の見出しを重複なく書きます。
    ///
    /// - 理由: プロファイルは見出しで列を特定します。
    /// - 根拠: RFC 4180、`docs/profile.md`。
    /// - 誤りの例: 「氏名」という列が2つある。最後の列に見出しがない。
    /// - 正しい例: `宛名番号,氏名,生年月日`
    CSV_HEADER = "PMH6304", Error fixed {
        title: "CSV header not usable", "CSVの見出し行の不備";
        message: "the CSV header cannot be used: {}", "CSVの見出し行を使用できません: {}";
        help: "let the first line name every column, each name once; if the file has no header, set input.header = false (--no-header); check the encoding too",
            "1行目にすべての列の見出しを重複なく書いてください。見出しのないファイルでは input.header = false(--no-header)を指定してください。文字コードの指定も確認してください";
    }

    /// One CSV row is longer than any record can be.
    ///
    /// - Why: nearly always a quotation mark that is never closed, which would swallow the rest of the file unseen.
    /// - Source: RFC 4180, 2.5 to 2.7.
    /// - Bad: `"1234,山田`
    /// - Good: `"1234",山田`
    ///
    /// # 日本語
    ///
    /// CSVの1行が長すぎます。
    ///
    /// - 理由: ほとんどの場合、閉じられていない引用符が原因で、そのままではファイルの残り全部が1行に取り込まれてしまいます。
    /// - 根拠: RFC 4180 2.5から2.7。
    /// - 誤りの例: `"1234,山田`
    /// - 正しい例: `"1234",山田`
    CSV_ROW_TOO_LONG = "PMH6305", Error fixed {
        title: "CSV row too long", "CSVの行が長すぎる";
        message: "the CSV row that begins at line {} is longer than 16 MiB", "{} 行目から始まるCSVの行が16MiBを超えています";
        help: "look for a quotation mark that is not closed from that line on", "その行以降に、閉じられていない引用符がないか確認してください";
    }

    /// A file cannot be written.
    ///
    /// - Why: the result would be lost. The earlier file is untouched: a file is written under another name
    ///   and renamed once it is complete.
    /// - Source: the operating system's answer.
    /// - Bad: a folder that does not exist, a full disk.
    /// - Good: a folder of the same user with room for about the size of the input.
    ///
    /// # 日本語
    ///
    /// ファイルに書き込めません。
    ///
    /// - 理由: 結果が失われます。一時的な名前で書き終えてから名前を変更するため、元のファイルはそのまま残っています。
    /// - 根拠: OSの応答。
    /// - 誤りの例: 存在しないフォルダー。空き容量の不足。
    /// - 正しい例: 書き込み権限があり、入力と同程度の空き容量があるフォルダー。
    FILE_UNWRITABLE = "PMH6306", Error fixed {
        title: "file not writable", "ファイルを書き込めない";
        message: "cannot write {}", "{} に書き込めません";
        help: "check the folder, its permissions and the free space", "フォルダー、書き込み権限、空き容量を確認してください";
    }

    /// `pmh init` never overwrites a file.
    ///
    /// - Why: it could be the configuration in use.
    /// - Source: `host-runner/README.md`.
    /// - Bad: `pmh init .` in a folder with a `pmh.toml`.
    /// - Good: `pmh init new-folder`
    ///
    /// # 日本語
    ///
    /// `pmh init` は、既存のファイルを上書きしません。
    ///
    /// - 理由: 使用中の設定かもしれないためです。
    /// - 根拠: `host-runner/README.md`。
    /// - 誤りの例: `pmh.toml` のあるフォルダーで `pmh init .` を実行する。
    /// - 正しい例: `pmh init 新しいフォルダー`
    FILE_EXISTS = "PMH6307", Error fixed {
        title: "file exists already", "既存ファイルあり";
        message: "{} exists already; nothing was written", "{} がすでに存在するため、何も作成しませんでした";
        help: "choose another folder", "別のフォルダーを指定してください";
    }

    /// The command line cannot be understood.
    ///
    /// - Why: a command that is guessed could do something else than was meant.
    /// - Source: `pmh --help`.
    /// - Bad: `pmh check --as-of 2026/4/1 records.ndjson`
    /// - Good: `pmh check --profile profile.json --as-of 2026-04-01 records.ndjson`
    ///
    /// # 日本語
    ///
    /// コマンドラインの指定が正しくありません。
    ///
    /// - 理由: 推測で実行すると、意図と異なる動作になりかねません。
    /// - 根拠: `pmh --help`。
    /// - 誤りの例: `pmh check --as-of 2026/4/1 records.ndjson`
    /// - 正しい例: `pmh check --profile profile.json --as-of 2026-04-01 records.ndjson`
    USAGE = "PMH6308", Error fixed {
        title: "command line not understood", "コマンドラインの誤り";
        message: "{}", "{}";
        help: "see `pmh COMMAND --help`", "`pmh コマンド --help` で使い方を確認してください";
    }

    /// There is no rule with this code.
    ///
    /// - Why: codes are stable: one that was published keeps its meaning for good.
    /// - Source: `pmh explain` without a code lists them all.
    /// - Bad: `pmh explain PMH0000`
    /// - Good: `pmh explain PMH6001`
    ///
    /// # 日本語
    ///
    /// このコードの検査ルールはありません。
    ///
    /// - 理由: コードの意味は、一度公開したら変わりません。
    /// - 根拠: `pmh explain` をコードなしで実行すると、一覧が表示されます。
    /// - 誤りの例: `pmh explain PMH0000`
    /// - 正しい例: `pmh explain PMH6001`
    UNKNOWN_CODE = "PMH6309", Error fixed {
        title: "no such code", "存在しないコード";
        message: "there is no rule {}", "検査ルール {} はありません";
        help: "run pmh explain without a code to list them all", "pmh explain をコードなしで実行すると一覧を表示します";
    }

    /// The input of `pmh sync` is a pipe or a device.
    ///
    /// - Why: whether it is complete and final can only be told of a regular file.
    /// - Source: the kind of file that `input.path` leads to.
    /// - Bad: `input.path = "/dev/stdin"`
    /// - Good: a file on a disk; `pmh check` and `pmh transform` read pipes too.
    ///
    /// # 日本語
    ///
    /// `pmh sync` の入力が、パイプまたはデバイスになっています。
    ///
    /// - 理由: 内容が完全で、確定していることを確かめられるのは、通常のファイルだけです。
    /// - 根拠: `input.path` のファイルの種類。
    /// - 誤りの例: `input.path = "/dev/stdin"`
    /// - 正しい例: ディスク上のファイル。`pmh check` と `pmh transform` はパイプも読めます。
    INPUT_NOT_A_FILE = "PMH6313", Error fixed {
        title: "input is not a regular file", "通常のファイルでない入力";
        message: "{} is not a regular file", "{} は通常のファイルではありません";
        help: "let input.path name a file on a disk", "input.path には、ディスク上のファイルを指定してください";
    }

    /// A CSV file ends inside quotation marks.
    ///
    /// - Why: the file was cut off in the middle of a cell, or a quotation mark is missing. The last row would swallow
    ///   whatever follows it, so the input is not complete.
    /// - Source: RFC 4180, 2.
    /// - Bad: `1,"山田` as the last line
    /// - Good: `1,"山田"`
    ///
    /// # 日本語
    ///
    /// CSVファイルが、引用符の中で終わっています。
    ///
    /// - 理由: ファイルが途中で切れているか、引用符が1つ足りません。最後の行がその後の内容を取り込んでしまうため、入力は不完全です。
    /// - 根拠: RFC 4180 2節。
    /// - 誤りの例: 最後の行が `1,"山田`
    /// - 正しい例: `1,"山田"`
    CSV_CUT_OFF = "PMH6314", Error fixed {
        title: "CSV ends inside quotation marks", "引用符の中で終わるCSV";
        message: "the file ends inside the quotation mark that opens on line {}", "{} 行目で始まる引用符が、閉じられないままファイルが終わっています";
        help: "look at the quotation marks from that line on, and export or transfer the file again", "その行以降の引用符を確認し、ファイルの出力または転送をやり直してください";
    }

    /// There is no earlier set that this one could be compared with.
    ///
    /// - Why: the guards against missing, new and changed recipients begin with the second accepted run.
    /// - Source: the delivery ledger; accepted runs to this endpoint.
    /// - Bad: this warning on any night but the first one.
    /// - Good: a first run that a person watches, with counts that match the register.
    ///
    /// # 日本語
    ///
    /// 比較の基準になる、受付済みの送信がまだありません。
    ///
    /// - 理由: 受給者の減少・増加・変更に対する安全装置は、2回目の受付から働きます。
    /// - 根拠: 送信台帳にある、この接続先での受付済みの実行。
    /// - 誤りの例: 初回でないのに、この警告が出る。
    /// - 正しい例: 担当者が立ち会う初回の実行で、件数が受給者台帳と合っている。
    NO_REFERENCE = "PMH6315", Warning fixed {
        title: "nothing to compare with", "比較の基準なし";
        message: "there is no earlier set to compare with: {}", "比較の基準になる前回の送信がありません({})";
        help: "compare the counts with the register yourself; if this is not the first run, find out where the delivery ledger has gone",
            "件数を受給者台帳と照合してください。初回でない場合は、送信台帳がなくなった経緯を確認してください";
    }

    /// A command of `[notify]` could not be run, failed, or did not end in time.
    ///
    /// - Why: the run has ended as its own exit code says, but the people who rely on the notification were not told.
    /// - Source: `host-runner/README.md`, `[notify]`.
    /// - Bad: a script without execute permission; a mail server that does not answer within `notify.timeout`.
    /// - Good: a command that reads its standard input, ends within `notify.timeout` and returns 0.
    ///
    /// # 日本語
    ///
    /// `[notify]` のコマンドを実行できないか、失敗したか、時間内に終わりませんでした。
    ///
    /// - 理由: 送信の結果は終了コードのとおりですが、担当者に通知が届いていません。
    /// - 根拠: `host-runner/README.md` の `[notify]`。
    /// - 誤りの例: 実行権限のないスクリプト。メールサーバーが `notify.timeout` 以内に応答しない。
    /// - 正しい例: 標準入力を読み、`notify.timeout` 以内に終了コード0で終わるコマンド。
    NOTIFY_FAILED = "PMH6310", Warning fixed {
        title: "notification failed", "通知の失敗";
        message: "the notification command failed: {}", "通知コマンドが失敗しました: {}";
        help: "run the command by hand with a line of JSON on its standard input, as the user that pmh runs as; the run itself ended as its exit code says",
            "pmh を実行するユーザー(OSのアカウント)で、標準入力に1行のJSONを渡してコマンドを手動で実行し、原因を確認してください。送信の結果は終了コードのとおりです";
    }

    /// The folder of payloads is a link or belongs to another user.
    ///
    /// - Why: payloads hold personal data, and old ones are removed there. In a folder of another user this program
    ///   could delete that user's files, or leave personal data where others decide about it.
    /// - Source: the order of a run in `host-runner/README.md`.
    /// - Bad: `spool_dir` is a symbolic link, or a run as root left a folder that belongs to root.
    /// - Good: a folder of the user that runs `pmh`, mode 0700, given by its own path.
    ///
    /// # 日本語
    ///
    /// 送信データの保管先(スプール)がリンクであるか、ほかのユーザー(OSのアカウント)のものです。
    ///
    /// - 理由: このフォルダーには個人情報を置き、不要になったものを削除します。ほかのユーザーのフォルダーでは、そのユーザーのファイルを消したり、個人情報の扱いを他人に委ねたりすることになります。
    /// - 根拠: `host-runner/README.md` の実行の流れ。
    /// - 誤りの例: `spool_dir` がシンボリックリンクである。rootで一度実行したため、フォルダーの所有者がrootになっている。
    /// - 正しい例: `pmh` を実行するユーザーが所有する、モード0700のフォルダーを、リンクではない本来のパスで指定する。
    SPOOL_NOT_OWN = "PMH6318", Error fixed {
        title: "spool folder is not this user's own", "送信データの保管先の所有者の誤り";
        message: "the spool folder is a link or belongs to another user: {}",
            "送信データの保管先(スプール)がリンクであるか、ほかのユーザーのものです({})";
        help: "give the folder's own path in ledger.spool_dir, and make the user that runs pmh its owner (chown, chmod 700)", "ledger.spool_dir にリンクではないパスを指定し、pmh を実行するユーザーを所有者にしてください(chown、chmod 700)";
    }

    /// The log can't be written. The run goes on without it.
    ///
    /// - Why: what the log lacks is missing when the cause is looked for later. A full disk must not keep the
    ///   recipients from PMH.
    /// - Source: `host-runner/README.md`.
    /// - Bad: the disk of `log.dir` is full.
    /// - Good: free space, and `log.keep` as small as it may be.
    ///
    /// # 日本語
    ///
    /// ログを書き込めません。実行はログなしで続けます。
    ///
    /// - 理由: 書けなかった分は、後で原因を調べるときに欠けています。ただし、ディスクの空きがないために送信が止まってはなりません。
    /// - 根拠: `host-runner/README.md`。
    /// - 誤りの例: `log.dir` のディスクに空きがない。
    /// - 正しい例: 空きを確保し、`log.keep` を必要な日数にとどめる。
    LOG_UNWRITABLE = "PMH6319", Warning fixed {
        title: "log not written", "ログの書き込み不可";
        message: "the log cannot be written: {}; the run goes on without it", "ログを書き込めません: {}。ログなしで実行を続けます";
        help: "make room on the disk of log.dir, or reduce log.keep", "log.dir のディスクの空きを増やすか、log.keep を減らしてください";
    }

    /// The file given with `--module` is not a module that this program can run.
    ///
    /// - Why: a module of another ABI version could misread what it is given; one with imports could reach outside
    ///   its sandbox.
    /// - Source: `wasm/ABI.md`.
    /// - Bad: the module of the npm package.
    /// - Good: `pmh.wasm` of the same release.
    ///
    /// # 日本語
    ///
    /// `--module` で指定されたファイルは、このプログラムで実行できるモジュールではありません。
    ///
    /// - 理由: ABIのバージョンが異なるモジュールはデータを誤って解釈しかねず、インポートのあるモジュールはサンドボックスの外の機能を呼び出すおそれがあります。
    /// - 根拠: `wasm/ABI.md`。
    /// - 誤りの例: npmパッケージ内のモジュール。
    /// - 正しい例: 同じリリースの `pmh.wasm`。
    MODULE_UNFIT = "PMH6401", Error fixed {
        title: "module not usable", "使用できないモジュール";
        message: "the module cannot be used: {}", "このモジュールは使用できません: {}";
        help: "use the pmh.wasm of the same release, or leave out --module", "同じリリースの pmh.wasm を使うか、--module を付けずに実行してください";
    }

    /// The module ended abnormally.
    ///
    /// - Why: this is a bug. No input should be able to do it. Nothing was sent.
    /// - Source: `wasm/ABI.md`, "A trap".
    /// - Bad: sending a payload that such a run left behind.
    /// - Good: reporting the version, the command and the place in the message, without any record.
    ///
    /// # 日本語
    ///
    /// モジュールが異常終了しました。
    ///
    /// - 理由: プログラムの不具合です。どのような入力でも起きてはならないものです。何も送信されていません。
    /// - 根拠: `wasm/ABI.md` の「A trap」。
    /// - 誤りの例: 途中まで書かれたデータを送信する。
    /// - 正しい例: バージョン、コマンド、メッセージの内容を報告する(レコードは含めない)。
    MODULE_TRAPPED = "PMH6402", Error fixed {
        title: "module failed", "モジュールの異常終了";
        message: "the module ended abnormally: {}", "モジュールが異常終了しました({})";
        help: "this is a bug: please report it with the version, and without any record", "プログラムの不具合です。バージョンを添えて報告してください。レコードは添付しないでください";
    }

    /// One call of the module took longer than its time limit.
    ///
    /// - Why: each call handles at most 256 KiB of input, which takes milliseconds. A call that does not end is ended.
    /// - Source: `host-runner/README.md`.
    /// - Bad: a machine that is overloaded or was suspended; otherwise a bug.
    /// - Good: running it again when the machine is idle.
    ///
    /// # 日本語
    ///
    /// モジュールの1回の呼び出しが、制限時間を超えました。
    ///
    /// - 理由: 1回の呼び出しで処理する入力は最大256KiBで、通常は数ミリ秒で終わります。終わらない呼び出しは打ち切ります。
    /// - 根拠: `host-runner/README.md`。
    /// - 起きる場面: 機器の過負荷や一時停止。それ以外は不具合です。
    /// - 対処: 機器の負荷が低いときに再実行する。
    MODULE_TIME_LIMIT = "PMH6403", Error fixed {
        title: "module ran too long", "モジュールの時間超過";
        message: "the module did not finish a call within {} seconds", "モジュールの呼び出しが {} 秒以内に終わりませんでした";
        help: "run it again on an idle machine; if it persists, it is a bug: please report it", "機器の負荷が低いときに再実行してください。再発する場合は不具合ですので、報告してください";
    }

    /// The module asked for more memory than its limit.
    ///
    /// - Why: memory is bounded by the largest record and 24 bytes a record; the limit leaves room for about eight
    ///   million records.
    /// - Source: `wasm/ABI.md`, "Guarantees".
    /// - Bad: one input for a whole country.
    /// - Good: one input for each municipality.
    ///
    /// # 日本語
    ///
    /// モジュールが、制限を超えるメモリーを要求しました。
    ///
    /// - 理由: 必要なメモリーは最大のレコードの大きさと、1件当たり24バイトで決まります。制限は約800万件を見込んだ値です。
    /// - 根拠: `wasm/ABI.md` の「Guarantees」。
    /// - 誤りの例: 全国分を1つの入力にまとめる。
    /// - 正しい例: 自治体ごとに入力を分ける。
    MODULE_MEMORY_LIMIT = "PMH6404", Error fixed {
        title: "module out of memory", "モジュールのメモリー超過";
        message: "the module needs more than {} MiB of memory", "モジュールのメモリー使用量が {} MiBを超えました";
        help: "split the input by municipality; if it is small, this is a bug: please report it", "入力を自治体ごとに分けてください。入力が小さい場合は不具合ですので、報告してください";
    }

    /// The program's own checks contradict each other.
    ///
    /// - Why: this is a bug. The run stops before it could send something wrong.
    /// - Source: the program's own checks.
    /// - Bad: a payload whose number of records differs from the report's.
    /// - Good: reporting the version, the command and the place in the message, without any record.
    ///
    /// # 日本語
    ///
    /// プログラムの内部で矛盾を検出しました。
    ///
    /// - 理由: プログラムの不具合です。誤ったものを送信しないよう、停止します。
    /// - 根拠: プログラム自身による検査。
    /// - 起きる場面: 送信データの件数と検査結果の件数が異なるなど。
    /// - 対処: バージョン、コマンド、メッセージの内容を報告する(レコードは含めない)。
    INTERNAL = "PMH6405", Error fixed {
        title: "internal error", "内部エラー";
        message: "internal error: {}", "内部エラーが発生しました({})";
        help: "this is a bug: please report it with the version, and without any record", "プログラムの不具合です。バージョンを添えて報告してください。レコードは添付しないでください";
    }

    /// The module is larger, or takes longer or more memory to compile, than a module for this program needs.
    ///
    /// - Why: compiling can't be interrupted, and a module made for the purpose keeps the machine busy for hours. The
    ///   module of a release has less than half a MiB and takes seconds.
    /// - Source: `host-runner/README.md`, "The module's limits".
    /// - Bad: another program's module.
    /// - Good: `pmh.wasm` of the same release.
    ///
    /// # 日本語
    ///
    /// モジュールが大きすぎるか、コンパイルに必要な時間やメモリーが上限を超えています。
    ///
    /// - 理由: コンパイルは途中で止められないため、細工されたモジュールはサーバーを長時間占有します。リリースのモジュールは0.5MiB未満で、数秒で終わります。
    /// - 根拠: `host-runner/README.md` の「The module's limits」。
    /// - 誤りの例: ほかのプログラムのモジュール。
    /// - 正しい例: 同じリリースの `pmh.wasm`。
    MODULE_TOO_LARGE = "PMH6406", Error fixed {
        title: "module beyond the limits", "モジュールの上限超過";
        message: "the module goes beyond the limits: {}", "モジュールが上限を超えています({})";
        help: "use the pmh.wasm of the same release, or leave out --module; if the machine is overloaded, run it again later", "同じリリースの pmh.wasm を使うか、--module を付けずに実行してください。機器の負荷が高い場合は、後で再実行してください";
    }

    /// The module is not the one whose hash `pmh.toml` gives.
    ///
    /// - Why: the module decides what is sent. A site that has approved one module wants no other to run, from
    ///   any file or release.
    /// - Source: `host-runner/README.md`, `module.sha256`.
    /// - Bad: a new release while `pmh.toml` still gives the hash of the old module.
    /// - Good: the hash from `pmh.wasm.sha256` of the approved release.
    ///
    /// # 日本語
    ///
    /// モジュールのハッシュ値が、`pmh.toml` に書かれた値と異なります。
    ///
    /// - 理由: 何を送信するかはモジュールが決めます。承認済みのモジュール以外は、ファイルやリリースを問わず実行しません。
    /// - 根拠: `host-runner/README.md` の `module.sha256`。
    /// - 誤りの例: 新しいリリースに更新したが、`pmh.toml` には以前のモジュールのハッシュ値が残っている。
    /// - 正しい例: 承認したリリースの `pmh.wasm.sha256` の値を書く。
    MODULE_NOT_PINNED = "PMH6407", Error fixed {
        title: "module is not the approved one", "承認済みでないモジュール";
        message: "the module's SHA-256 is not module.sha256 of pmh.toml; it is {}", "モジュールのSHA-256が pmh.toml の module.sha256 と異なります(実際の値: {})";
        help: "find out where the module comes from; after an approved update, write the hash of its pmh.wasm.sha256 into pmh.toml", "モジュールの入手元を確認してください。承認済みの更新であれば、そのリリースの pmh.wasm.sha256 の値を pmh.toml に書いてください";
    }
}
