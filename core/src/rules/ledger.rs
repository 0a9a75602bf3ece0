//! 65xx and 66xx: the delivery ledger, and what `pmh doctor` looks at. Raised by the runner, explained here with the others.

use super::rules;

rules! {
    /// The delivery ledger cannot be opened, read or written.
    ///
    /// - Why: nothing is sent that could not be remembered.
    /// - Source: SQLite's answer.
    /// - Bad: a full disk; a folder of another user; another program that keeps the file locked.
    /// - Good: a local disk with room, and a folder of the user that `pmh` runs as.
    ///
    /// # 日本語
    ///
    /// 送信台帳を開けない、読めない、または書けません。
    ///
    /// - 理由: 記録できない状態では送信しません。
    /// - 根拠: SQLite の応答。
    /// - 誤りの例: 空き容量の不足。別のユーザー(OSのアカウント)のフォルダー。ほかのプログラムによるロック。
    /// - 正しい例: 空き容量のあるローカルディスク上の、`pmh` を実行するユーザー(OSのアカウント)のフォルダー。
    LEDGER_UNUSABLE = "PMH6501", Error fixed {
        title: "delivery ledger not usable", "送信台帳を使用できない";
        message: "the delivery ledger cannot be used: {}", "送信台帳を使用できません: {}";
        help: "check ledger.path, its permissions and the free space; look for another program that has the file open",
            "ledger.path、権限、空き容量を確認し、ほかのプログラムが開いていないか調べてください";
    }

    /// The delivery ledger is damaged, or the file is no delivery ledger.
    ///
    /// - Why: guards compare with what the delivery ledger remembers, and a damaged one could let a wrong set through.
    /// - Source: SQLite's integrity check, which runs before each run.
    /// - Bad: a file that was cut off, or copied while it was written.
    /// - Good: a backup made with `pmh backup`, put back with `pmh restore`.
    ///
    /// # 日本語
    ///
    /// 送信台帳が壊れているか、送信台帳のファイルではありません。
    ///
    /// - 理由: 安全装置は送信台帳の記録と比べて判断するため、壊れた送信台帳では誤った内容を見逃すおそれがあります。
    /// - 根拠: SQLite の整合性検査(毎回の実行前に行う)。
    /// - 誤りの例: 途中で切れたファイル。書き込み中にコピーしたファイル。
    /// - 正しい例: `pmh backup` で作成し、`pmh restore` で戻すバックアップ。
    LEDGER_DAMAGED = "PMH6502", Error fixed {
        title: "delivery ledger damaged", "送信台帳の破損";
        message: "the delivery ledger is damaged: {}; nothing was sent", "送信台帳が壊れているため、送信しませんでした({})";
        help: "put back a backup with pmh restore, or move the file away to start a new delivery ledger: the next run then has nothing to compare with",
            "pmh restore でバックアップを戻すか、ファイルを別の場所に移して新しい送信台帳で始めてください。新しい送信台帳での初回は、前回との比較ができません";
    }

    /// The delivery ledger was written by a newer version of `pmh`.
    ///
    /// - Why: an older program does not know what the newer one relies on.
    /// - Source: the version number in the delivery ledger.
    /// - Bad: going back to an older `pmh` with the delivery ledger of the newer one.
    /// - Good: the newer version, or the backup from before the update.
    ///
    /// # 日本語
    ///
    /// 送信台帳が、より新しいバージョンの `pmh` で作られています。
    ///
    /// - 理由: 古いプログラムでは、新しい形式の記録を読み取れません。
    /// - 根拠: 送信台帳内のバージョン番号。
    /// - 誤りの例: 新しい送信台帳のまま、古い `pmh` に戻す。
    /// - 正しい例: 新しいバージョンを使う。または、更新前のバックアップを戻す。
    LEDGER_NEWER = "PMH6503", Error fixed {
        title: "delivery ledger of a newer version", "送信台帳が新しいバージョンの形式";
        message: "{} was written by a newer version of pmh", "{} は、より新しいバージョンの pmh で作られています";
        help: "use the newer version, or put back the backup from before the update", "新しいバージョンを使うか、更新前のバックアップを戻してください";
    }

    /// The delivery ledger and the files beside it do not agree.
    ///
    /// - Why: what was sent must be provable afterwards; a difference means that a file was changed, lost or replaced.
    /// - Source: `pmh history verify`.
    /// - Bad: a spool file that was edited by hand.
    /// - Good: files that only `pmh` writes.
    ///
    /// # 日本語
    ///
    /// 送信台帳と、それに付属するファイルの内容が一致しません。
    ///
    /// - 理由: 何を送ったかを後から証明できなければなりません。不一致は、ファイルの変更・紛失・差し替えを意味します。
    /// - 根拠: `pmh history verify`。
    /// - 誤りの例: スプールのファイルを手作業で書き換えた。
    /// - 正しい例: `pmh` だけが書き込むファイル。
    LEDGER_MISMATCH = "PMH6504", Error fixed {
        title: "delivery ledger and files differ", "送信台帳とファイルの不一致";
        message: "delivery ledger and files differ: {}", "送信台帳とファイルが一致しません: {}";
        help: "find out who changed the file; a damaged spool file is not sent, and the next run makes a new one",
            "ファイルが変わった経緯を確認してください。一致しないスプールは送信されず、次の実行で作り直されます";
    }

    /// The delivery ledger has no run with this number.
    ///
    /// - Why: numbers count up from 1; runs older than `ledger.keep_runs` are removed if that is set.
    /// - Source: `pmh history`.
    /// - Bad: `pmh history --config pmh.toml --run 0`
    /// - Good: a number from the list that `pmh history` shows.
    ///
    /// # 日本語
    ///
    /// この番号の実行は、送信台帳にありません。
    ///
    /// - 理由: 番号は1から順に付きます。`ledger.keep_runs` を設定している場合、それより古い実行は削除されます。
    /// - 根拠: `pmh history`。
    /// - 誤りの例: `pmh history --config pmh.toml --run 0`
    /// - 正しい例: `pmh history` の一覧にある番号。
    NO_SUCH_RUN = "PMH6505", Error fixed {
        title: "no such run", "存在しない実行番号";
        message: "the delivery ledger has no run {}", "実行 {} は送信台帳にありません";
        help: "run pmh history without --run to list them", "pmh history を --run なしで実行すると一覧を表示します";
    }

    /// The payload was changed while it was being sent.
    ///
    /// - Why: what PMH has must be what the delivery ledger says. The bytes are hashed as they leave, and the last one is withheld
    ///   unless all the others are right: the request was broken off, incomplete, and nothing more was sent.
    /// - Source: the keyed hash of the request in the delivery ledger.
    /// - Bad: a program or person that writes into `spool/` during a run.
    /// - Good: a spool folder that only `pmh` writes to.
    ///
    /// # 日本語
    ///
    /// 送信中に、送信データが書き換えられました。
    ///
    /// - 理由: PMHに届いた内容は、送信台帳の記録と一致しなければなりません。送り出すバイトを都度ハッシュし、すべて一致するまで最後の1バイトを送りません。リクエストは途中で打ち切り、以後は何も送っていません。
    /// - 根拠: 送信台帳にあるリクエストの鍵付きハッシュ値。
    /// - 誤りの例: 実行中に、別のプログラムや人が `spool/` に書き込む。
    /// - 正しい例: `pmh` だけが書き込むスプールのフォルダー。
    PAYLOAD_CHANGED = "PMH6506", Error fixed {
        title: "payload changed during sending", "送信中の送信データの変更";
        message: "{} changed while it was being sent; the request was broken off", "送信中に {} の内容が変わったため、リクエストを途中で打ち切りました";
        help: "find out what wrote into the spool folder, then run pmh sync again: it makes the payload anew",
            "スプールのフォルダーに書き込んだものを調べてから、pmh sync を再実行してください。送信データは作り直されます";
    }

    /// The delivery ledger belongs to another endpoint or another municipality.
    ///
    /// - Why: guards compare with what this endpoint accepted from this municipality. Another one's delivery ledger makes them judge
    ///   wrongly, and its records would be replaced.
    /// - Source: endpoint and `site` in the delivery ledger, and in `pmh.toml`.
    /// - Bad: a `pmh.toml` copied for another town, with the same `ledger.path`.
    /// - Good: a delivery ledger of its own for each configuration. If the endpoint really changed: `--pass PMH6507`, once. The
    ///   ledger then takes over the new one and notes who passed.
    ///
    /// # 日本語
    ///
    /// 送信台帳が、別の接続先または別の自治体のものです。
    ///
    /// - 理由: 安全装置は、この接続先がこの自治体から受け付けた内容と比べて判断します。別の送信台帳では判断を誤り、ほかの登録内容を置き換えるおそれがあります。
    /// - 根拠: 送信台帳と `pmh.toml` の、接続先と `site`。
    /// - 誤りの例: 別の自治体用に複製した `pmh.toml` の `ledger.path` が、元のまま。
    /// - 正しい例: 設定ごとに別の送信台帳を使う。接続先が実際に変わった場合は、一度だけ `--pass PMH6507` を付ける(送信台帳は新しい接続先を引き継ぎ、解除した人を記録する)。
    LEDGER_ELSEWHERE = "PMH6507", Error fixed {
        title: "delivery ledger of another endpoint or site", "別の接続先・自治体の送信台帳";
        message: "the delivery ledger belongs to {}; nothing was sent", "送信台帳が別のもの({})のため、送信しませんでした";
        help: "check endpoint.url, site and ledger.path; if the endpoint or the name really changed, run once with --pass PMH6507",
            "endpoint.url、site、ledger.path を確認してください。接続先または名前が実際に変わった場合は、今回に限り --pass PMH6507 を付けて実行してください";
    }

    /// The spool folder belongs to another delivery ledger.
    ///
    /// - Why: each run removes payloads that its own delivery ledger doesn't know. Two ledgers with one folder delete each other's.
    /// - Source: the file `owner` in the folder.
    /// - Bad: two configurations with the same `ledger.spool_dir`.
    /// - Good: a folder of its own for each configuration.
    ///
    /// # 日本語
    ///
    /// スプールのフォルダーが、別の送信台帳のものです。
    ///
    /// - 理由: 実行のたびに、自分の送信台帳にない送信データを削除します。2つの送信台帳が同じフォルダーを使うと、互いの送信データを消してしまいます。
    /// - 根拠: フォルダー内の `owner` ファイル。
    /// - 誤りの例: 2つの設定の `ledger.spool_dir` が同じ。
    /// - 正しい例: 設定ごとに別のフォルダーを使う。
    SPOOL_ELSEWHERE = "PMH6508", Error fixed {
        title: "spool of another delivery ledger", "別の送信台帳のスプール";
        message: "the spool folder belongs to the delivery ledger {}; nothing was sent",
            "スプールのフォルダーが別の送信台帳({})のものであるため、送信しませんでした";
        help: "give each configuration a ledger.spool_dir of its own; if the other one is no longer used, run once with --pass PMH6508",
            "ledger.spool_dir を設定ごとに分けてください。もう一方を使っていない場合は、今回に限り --pass PMH6508 を付けて実行してください";
    }

    /// The key of the hashes is missing, or is not the one that the delivery ledger was written with.
    ///
    /// - Why: without it, nothing can be compared with the last accepted set, and the ledger's hashes can't be checked. A
    ///   new key in silence would switch a guard off.
    /// - Source: the name of the key in the delivery ledger.
    /// - Bad: a deleted `ledger.sqlite3.key`; the key of another installation.
    /// - Good: the key from the backup; or `--pass PMH6509`, once, which goes on with the present or a new key.
    ///
    /// # 日本語
    ///
    /// ハッシュ用の鍵がないか、送信台帳を作成したときの鍵と異なります。
    ///
    /// - 理由: 鍵がないと、前回受け付けられた内容との比較も、送信台帳のハッシュ値の確認もできません。新しい鍵を黙って作ると、安全装置が働かなくなります。
    /// - 根拠: 送信台帳にある鍵の識別子。
    /// - 誤りの例: `ledger.sqlite3.key` を削除した。別の環境の鍵を置いた。
    /// - 正しい例: バックアップから鍵を戻す。または、一度だけ `--pass PMH6509` を付け、今ある鍵(なければ新しい鍵)で続ける。
    KEY_ELSEWHERE = "PMH6509", Error fixed {
        title: "key missing or of another delivery ledger", "鍵の不足・相違";
        message: "the key of the hashes is missing or another one: {}; nothing was sent", "ハッシュ用の鍵がないか、別の鍵({})のため、送信しませんでした";
        help: "put back the key that belongs to this delivery ledger; if it is lost, run once with --pass PMH6509",
            "この送信台帳の鍵を元に戻してください。鍵を失った場合は、今回に限り --pass PMH6509 を付けて実行してください";
    }

    /// The delivery ledger's chain of hashes is broken: a row was changed, removed, inserted or moved.
    ///
    /// - Why: each entry is hashed together with the one ahead of it, so that an earlier night cannot be changed unseen.
    /// - Source: `pmh history verify`.
    /// - Bad: a row that was edited with another program.
    /// - Good: a delivery ledger that only `pmh` writes to. What was cut off at the end shows only against a receipt.
    ///
    /// # 日本語
    ///
    /// 送信台帳のハッシュの連鎖が切れています。行が変更・削除・挿入されたか、順序が変わりました。
    ///
    /// - 理由: 各記録は直前の記録と合わせてハッシュするため、過去の記録だけを気付かれずに変えることはできません。
    /// - 根拠: `pmh history verify`。
    /// - 誤りの例: 別のプログラムで行を書き換えた。
    /// - 正しい例: `pmh` だけが書き込む送信台帳。末尾の切り捨ては、控え(レシート)と照合しないと分かりません。
    CHAIN_BROKEN = "PMH6510", Error fixed {
        title: "delivery ledger changed afterwards", "送信台帳の改変";
        message: "the delivery ledger was changed afterwards: {}", "送信台帳が後から変更されています: {}";
        help: "compare with a receipt and a backup, and find out who can write to the file",
            "控えとバックアップに照らし、このファイルに書き込める人を確認してください";
    }

    /// The file is no backup that can be used here.
    ///
    /// - Why: a delivery ledger that is put back decides what the next night is compared with.
    /// - Source: SQLite's integrity check and the chain of hashes.
    /// - Bad: a file that was cut off; the backup of another municipality.
    /// - Good: a file that `pmh backup` wrote.
    ///
    /// # 日本語
    ///
    /// このファイルは、バックアップとして使えません。
    ///
    /// - 理由: 戻した送信台帳が、次の実行での比較の基準になります。
    /// - 根拠: SQLite の整合性検査と、ハッシュの連鎖。
    /// - 誤りの例: 途中で切れたファイル。別の自治体のバックアップ。
    /// - 正しい例: `pmh backup` で作成したファイル。
    BACKUP_UNUSABLE = "PMH6511", Error fixed {
        title: "backup not usable", "使用できないバックアップ";
        message: "not a usable backup: {}; the delivery ledger is as it was", "バックアップとして使えません: {}(送信台帳は元のままです)";
        help: "take another backup of this configuration's delivery ledger", "この設定の送信台帳の、別のバックアップを指定してください";
    }

    /// The delivery ledger that was put aside knows runs that the backup doesn't.
    ///
    /// - Why: these nights are no longer remembered. A set that PMH accepted in them may be sent once more, which is safe,
    ///   but their serial numbers are only in the file that was put aside.
    /// - Source: both ledgers.
    /// - Bad: throwing away the file that was put aside.
    /// - Good: keeping it, or the numbers that the message names.
    ///
    /// # 日本語
    ///
    /// 退避した送信台帳には、バックアップにない実行があります。
    ///
    /// - 理由: その実行は、戻した送信台帳では分からなくなります。PMHが受け付けた内容をもう一度送ることがあり、それに支障はありませんが、シリアル番号は退避したファイルにしか残りません。
    /// - 根拠: 両方の送信台帳。
    /// - 誤りの例: 退避したファイルを捨てる。
    /// - 正しい例: 退避したファイルを保管する。または、メッセージに示された番号を控える。
    BACKUP_OLDER = "PMH6512", Warning fixed {
        title: "backup older than the delivery ledger", "送信台帳より古いバックアップ";
        message: "not in the backup: {}", "バックアップにない実行: {}";
        help: "keep the delivery ledger that was put aside: only it has these runs",
            "退避した送信台帳を保管してください。これらの実行は、そのファイルにしかありません";
    }

    /// The receipt and the delivery ledger do not agree, or the signature does not fit.
    ///
    /// - Why: a receipt proves what the delivery ledger said on that day. What was changed or cut off since is missing from it.
    /// - Source: `pmh history verify --receipt`.
    /// - Bad: a delivery ledger that was put back from an older backup after the receipt was made.
    /// - Good: a delivery ledger that has grown since, and is otherwise the same.
    ///
    /// # 日本語
    ///
    /// 控え(レシート)と送信台帳の内容が一致しないか、署名が合いません。
    ///
    /// - 理由: 控えは、その日の送信台帳の内容を証明します。その後に変更・削除されたものは、控えと合わなくなります。
    /// - 根拠: `pmh history verify --receipt`。
    /// - 誤りの例: 控えの作成後に、古いバックアップを戻した。
    /// - 正しい例: 控えの作成後に記録が増えただけの送信台帳。
    RECEIPT_MISMATCH = "PMH6513", Error fixed {
        title: "receipt and delivery ledger differ", "控えと送信台帳の不一致";
        message: "receipt and delivery ledger differ: {}", "控えと送信台帳が一致しません: {}";
        help: "check that receipt, public key and delivery ledger belong together; if they do, the ledger was changed or put back since",
            "控え、公開鍵、送信台帳の組み合わせを確認してください。正しい組み合わせであれば、送信台帳は後から変更されたか、古いものに戻されています";
    }

    /// The delivery ledger is on a network disk.
    ///
    /// - Why: SQLite's locks and its write-ahead log don't hold there: two programs may write at once, and a lost connection
    ///   leaves the file damaged.
    /// - Source: sqlite.org, "Write-Ahead Logging" and "How To Corrupt".
    /// - Bad: `ledger.path` on NFS, SMB or a FUSE file system.
    /// - Good: a local disk, and `pmh backup` to the network.
    ///
    /// # 日本語
    ///
    /// 送信台帳が、ネットワーク上のディスクにあります。
    ///
    /// - 理由: そこでは SQLite のロックと先行書き込みログが正しく働きません。同時に書き込まれたり、接続が切れてファイルが壊れたりするおそれがあります。
    /// - 根拠: sqlite.org の「Write-Ahead Logging」と「How To Corrupt」。
    /// - 誤りの例: NFS、SMB、FUSE のファイルシステム上の `ledger.path`。
    /// - 正しい例: ローカルディスクに置き、`pmh backup` でネットワークに控えを取る。
    LEDGER_ON_NETWORK = "PMH6514", Warning fixed {
        title: "delivery ledger on a network disk", "ネットワーク上の送信台帳";
        message: "the delivery ledger is on a network disk: {}", "送信台帳がネットワーク上のディスクにあります: {}";
        help: "move ledger.path to a local disk, and use pmh backup for copies", "ledger.path をローカルディスクに移し、控えは pmh backup で取ってください";
    }

    /// The key that signs receipts can't be used.
    ///
    /// - Why: a receipt is worth as much as its key.
    /// - Source: the minisign format, without a password.
    /// - Bad: a public key, or a key with a password.
    /// - Good: the file that `pmh history keygen` wrote, readable only by its owner.
    ///
    /// # 日本語
    ///
    /// 控えに署名する鍵を使えません。
    ///
    /// - 理由: 控えの信頼性は、鍵の管理で決まります。
    /// - 根拠: minisign の形式(パスワードなし)。
    /// - 誤りの例: 公開鍵。パスワード付きの鍵。
    /// - 正しい例: `pmh history keygen` が作成し、所有者だけが読めるファイル。
    RECEIPT_KEY = "PMH6515", Error fixed {
        title: "receipt key not usable", "署名用の鍵の不備";
        message: "not a key for receipts: {}", "控えの署名に使える鍵ではありません: {}";
        help: "make a pair with pmh history keygen; sign with the secret file, verify with the .pub file",
            "pmh history keygen で鍵を作成し、署名には秘密鍵を、検証には .pub の公開鍵を使ってください";
    }

    /// A TLS certificate on the way to PMH expires soon.
    ///
    /// - Why: after its last day no connection is possible, and a new one takes days to be issued.
    /// - Source: RFC 5280, 4.1.2.5; the chain that the endpoint showed, checked at later dates.
    /// - Bad: 29 days or less.
    /// - Good: a new TLS certificate in place a month before.
    ///
    /// # 日本語
    ///
    /// 接続に使うTLSの証明書(サーバー証明書など)の有効期限が近づいています。
    ///
    /// - 理由: 期限を過ぎると接続できなくなります。新しい証明書の発行には日数がかかります。
    /// - 根拠: RFC 5280 4.1.2.5。接続先が示した証明書を、先の日付で検証した結果。
    /// - 誤りの例: 残り29日以下。
    /// - 正しい例: 期限の1か月前までに更新を終える。
    CERTIFICATE_EXPIRES = "PMH6601", Warning fixed {
        title: "TLS certificate expires soon", "接続先のサーバー証明書の期限が近い";
        message: "a TLS certificate of the endpoint expires within {} days", "接続先のサーバー証明書が {} 日以内に期限切れになります";
        help: "ask the operator of the endpoint or relay server when the new TLS certificate comes; if its CA changes, put the new CA into endpoint.ca_file",
            "接続先または連携サーバーの運用窓口に更新予定を確認してください。認証局が変わる場合は、endpoint.ca_file に新しい認証局証明書を加えてください";
    }

    /// This machine's clock and the endpoint's differ.
    ///
    /// - Why: the processing date, the schedule and the validity of TLS certificates all follow the clock.
    /// - Source: the `Date` header of the endpoint's answer (RFC 9110, 6.6.1).
    /// - Bad: more than a minute.
    /// - Good: a clock that NTP keeps.
    ///
    /// # 日本語
    ///
    /// この機器の時計が、接続先とずれています。
    ///
    /// - 理由: 処理日、スケジュール、サーバー証明書の有効期限の判断は、いずれもこの機器の時刻に基づきます。
    /// - 根拠: 接続先の応答の `Date` ヘッダー(RFC 9110 6.6.1)。
    /// - 誤りの例: 1分を超えるずれ。
    /// - 正しい例: NTPで時刻を合わせている。
    CLOCK_SKEW = "PMH6602", Warning fixed {
        title: "clock differs", "時計のずれ";
        message: "this machine's clock differs from the endpoint's by {} seconds", "この機器の時計が、接続先と {} 秒ずれています";
        help: "set the clock by NTP", "NTPで時刻を合わせてください";
    }

    /// There is little free space for the spool.
    ///
    /// - Why: the payload is written in full before anything is sent; it is about as large as the input.
    /// - Source: the operating system's answer.
    /// - Bad: 300 MB free for an input of 200 MB.
    /// - Good: at least twice the size of the input, and 100 MiB more.
    ///
    /// # 日本語
    ///
    /// スプールの空き容量が足りなくなるおそれがあります。
    ///
    /// - 理由: 送信の前に、送信データ全体を書き出します。大きさは入力と同程度です。
    /// - 根拠: OSの応答。
    /// - 誤りの例: 200MBの入力に対して、空き容量が300MB。
    /// - 正しい例: 入力の2倍に 100 MiB を加えた容量以上。
    DISK_SPACE = "PMH6603", Warning fixed {
        title: "little free space", "空き容量の不足";
        message: "little free space for the spool: {}", "スプールを置くディスクの空き容量が足りなくなるおそれがあります({})";
        help: "make room on that disk, or let ledger.spool_dir name a folder on another one", "そのディスクの空きを増やすか、ledger.spool_dir に別のディスクのフォルダーを指定してください";
    }

    /// Two configurations use the same file, folder or token.
    ///
    /// - Why: with a shared delivery ledger each run is compared with the set of the other municipality; with a shared spool folder
    ///   one removes the other's payload; with a shared token one set may replace the other at PMH.
    /// - Source: every configuration given, and those beside it (`*.toml` in the same folder).
    /// - Bad: `town-a.toml` and `town-b.toml` in one folder, neither of which sets `ledger.path`.
    /// - Good: a folder for each configuration.
    ///
    /// # 日本語
    ///
    /// 2つの設定ファイルが、同じファイル、フォルダー、またはトークンを使っています。
    ///
    /// - 理由: 送信台帳を共有すると、別の自治体の送信内容と比較されます。スプールを共有すると、相手の送信データを削除してしまいます。トークンを共有すると、PMHで互いの登録を置き換えるおそれがあります。
    /// - 根拠: 指定された設定ファイルと、同じフォルダーにあるほかの設定ファイル(`*.toml`)。
    /// - 誤りの例: 同じフォルダーの `town-a.toml` と `town-b.toml` のどちらにも `ledger.path` を書いていない。
    /// - 正しい例: 設定ファイルごとにフォルダーを分ける。
    SHARED = "PMH6604", Warning fixed {
        title: "configurations share files", "設定ファイル間の共有";
        message: "another configuration uses the same: {}", "別の設定ファイルと共有しています: {}";
        help: "give each configuration its own delivery ledger, spool folder, input and token; remove a configuration that is out of use",
            "設定ファイルごとに、送信台帳・スプール・入力ファイル・トークンを分けてください。使っていない設定ファイルは削除してください";
    }

    /// The delivery ledger or the spool folder can be read by other users.
    ///
    /// - Why: `pmh` makes them for its own user only, so something has opened them since. The next run closes them again.
    /// - Source: the operating system's answer.
    /// - Bad: delivery ledger 0644, spool folder 0755.
    /// - Good: delivery ledger 0600, spool folder 0700.
    ///
    /// # 日本語
    ///
    /// 送信台帳またはスプールのフォルダーを、ほかのユーザー(OSのアカウント)も読める状態です。
    ///
    /// - 理由: `pmh` は所有者だけが読める状態で作成するため、後から変更されています。次回の実行時に元に戻します。
    /// - 根拠: OSの応答。
    /// - 誤りの例: 送信台帳が0644、スプールが0755。
    /// - 正しい例: 送信台帳が0600、スプールが0700。
    OPEN_TO_OTHERS = "PMH6605", Warning fixed {
        title: "delivery ledger or spool readable by others", "送信台帳・スプールが他者から読める";
        message: "other users can read {}; a run takes the permission away",
            "ほかのユーザー(OSのアカウント)が {} を読める状態です(実行時に権限を外します)";
        help: "find out what changed the permissions, such as a backup or a copy without -p",
            "パーミッションが変わった原因(バックアップの復元や、-p を付けないコピーなど)を確認してください";
    }

    /// The endpoint does not accept the token.
    ///
    /// - Why: a run would end with `PMH6002`. Some endpoints refuse such a question whatever the token, so it is a warning.
    /// - Source: the answer to a `HEAD` request with the token; it registers nothing.
    /// - Bad: status 401 or 403.
    /// - Good: 405 (only `POST` is allowed), or 2xx.
    ///
    /// # 日本語
    ///
    /// 接続先が、トークンを受け付けません。
    ///
    /// - 理由: このままでは、実行が `PMH6002` で終わります。トークンにかかわらずこの問い合わせを拒否する接続先もあるため、警告とします。
    /// - 根拠: トークンを付けた `HEAD` リクエストへの応答。何も登録されません。
    /// - 誤りの例: ステータス401または403。
    /// - 正しい例: 405(`POST` だけが許可されている)、または2xx。
    TOKEN_DOUBTED = "PMH6606", Warning fixed {
        title: "token not accepted when asked", "トークンが受け付けられないおそれ";
        message: "the endpoint answers the token with {}", "トークンに対する接続先の応答: {}";
        help: "check that the token belongs to this endpoint and is still valid, and that this machine's address is registered",
            "トークンがこの接続先のもので有効期間内であること、この機器のアドレスが登録されていることを確認してください";
    }

    /// What answers at `endpoint.url` does not look like PMH.
    ///
    /// - Why: a run would end with `PMH6001`, `PMH6003` or `PMH6008`.
    /// - Source: the answer to a `HEAD` request; it registers nothing.
    /// - Bad: 404, a redirect, an HTML page of a proxy or login form.
    /// - Good: 405 (only `POST` is allowed), or 2xx.
    ///
    /// # 日本語
    ///
    /// `endpoint.url` の応答が、PMHのものではないようです。
    ///
    /// - 理由: このままでは、実行が `PMH6001`、`PMH6003`、`PMH6008` のいずれかで終わります。
    /// - 根拠: `HEAD` リクエストへの応答。何も登録されません。
    /// - 誤りの例: 404、リダイレクト、プロキシやログイン画面のHTML。
    /// - 正しい例: 405(`POST` だけが許可されている)、または2xx。
    ENDPOINT_DOUBTED = "PMH6607", Warning fixed {
        title: "endpoint does not look like PMH", "接続先の応答の疑義";
        message: "the answer does not look like PMH's: {}", "PMHの応答ではないようです: {}";
        help: "compare endpoint.url with the URL that PMH's operator named, path included, and check the proxy or relay server on the way",
            "endpoint.url がPMHの運用窓口から示されたURLとパスまで一致していること、途中のプロキシや連携サーバーの設定を確認してください";
    }

    /// The endpoint answers, but with an error of its own.
    ///
    /// - Why: a run would be tried again until `retry.max_elapsed`, and then end with `PMH6004` or `PMH6006`.
    /// - Source: the answer to a `HEAD` request; it registers nothing.
    /// - Bad: 500, 502, 503, 429.
    /// - Good: 405 (only `POST` is allowed), 501, or 2xx.
    ///
    /// # 日本語
    ///
    /// 接続先は応答しますが、エラーを返しています。
    ///
    /// - 理由: このままでは、`retry.max_elapsed` まで再試行した後、実行が `PMH6004` または `PMH6006` で終わります。
    /// - 根拠: `HEAD` リクエストへの応答。何も登録されません。
    /// - 誤りの例: 500、502、503、429。
    /// - 正しい例: 405(`POST` だけが許可されている)、501、または2xx。
    ENDPOINT_FAILING = "PMH6608", Warning fixed {
        title: "endpoint answers with an error", "接続先のエラー応答";
        message: "the endpoint answers with {}", "接続先がエラーを返しています: {}";
        help: "run pmh doctor again later; if it stays, ask the operator of the endpoint or relay server about maintenance",
            "時間をおいて pmh doctor を再実行してください。続く場合は、接続先または連携サーバーの運用窓口に保守の予定を確認してください";
    }

    /// Among the first records of the input, some are rejected.
    ///
    /// - Why: with `guard.max_rejected = 0` a single rejected record stops the run with `PMH6101`.
    /// - Source: the first 200 records, run through the module; nothing is written or sent.
    /// - Bad: every record rejected for the same code: usually the profile or the encoding, not the records.
    /// - Good: no rejected record, or at most `guard.max_rejected`.
    ///
    /// # 日本語
    ///
    /// 入力ファイルの先頭部分に、エラーのあるレコードがあります。
    ///
    /// - 理由: `guard.max_rejected = 0` の場合、エラーのあるレコードが1件でもあると `PMH6101` で停止します。
    /// - 根拠: 先頭200件の変換結果。書き込みや送信はしていません。
    /// - 誤りの例: 全件が同じコードでエラーになる。多くの場合、原因はレコードではなく、プロファイルや文字コードの指定です。
    /// - 正しい例: エラーが0件、または `guard.max_rejected` 以下。
    SAMPLE_REJECTED = "PMH6609", Warning fixed {
        title: "records of the input are rejected", "入力ファイルにエラーのあるレコード";
        message: "among the first records: {}", "先頭のレコードの確認結果: {}";
        help: "run pmh check with the same profile and file to see every finding",
            "同じプロファイルとファイルで pmh check を実行し、すべての指摘を確認してください";
    }
}
