//! 65xx and 66xx: the ledger, and what `pmh doctor` looks at. Raised by the runner, explained here with the others.

use super::rules;

rules! {
    /// The ledger cannot be opened, read or written.
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
    /// - 誤りの例: 空き容量の不足。別の利用者のフォルダー。ほかのプログラムによるロック。
    /// - 正しい例: 空き容量のあるローカルディスク上の、`pmh` を実行する利用者のフォルダー。
    LEDGER_UNUSABLE = "PMH6501", Error fixed {
        title: "ledger not usable", "送信台帳の使用不可";
        message: "the ledger cannot be used: {}", "送信台帳を使用できません: {}";
        help: "check ledger.path, its permissions and the free space; look for another program that has the file open",
            "ledger.path、権限、空き容量を確認し、ほかのプログラムが開いていないか調べてください";
    }

    /// The ledger is damaged, or the file is no ledger.
    ///
    /// - Why: guards compare with what the ledger remembers, and a damaged one could let a wrong set through.
    /// - Source: SQLite's integrity check, which runs before each run.
    /// - Bad: a file that was cut off, or copied while it was written.
    /// - Good: a backup made with `sqlite3 ledger.sqlite3 ".backup copy.sqlite3"`.
    ///
    /// # 日本語
    ///
    /// 送信台帳が壊れているか、台帳ではないファイルです。
    ///
    /// - 理由: 安全装置は台帳の記録と比べて判断するため、壊れた台帳では誤った内容を見逃すおそれがあります。
    /// - 根拠: SQLite の整合性検査(毎回の実行前に行う)。
    /// - 誤りの例: 途中で切れたファイル。書き込み中にコピーしたファイル。
    /// - 正しい例: `sqlite3 ledger.sqlite3 ".backup copy.sqlite3"` で作成したバックアップ。
    LEDGER_DAMAGED = "PMH6502", Error fixed {
        title: "ledger damaged", "送信台帳の破損";
        message: "the ledger is damaged: {}; nothing was sent", "送信台帳が壊れているため、送信しませんでした({})";
        help: "put back a backup, or move the file away to start a new ledger: the next run then has nothing to compare with",
            "バックアップを戻すか、ファイルを別の場所に移して新しい台帳で始めてください。新しい台帳での初回は、前回との比較ができません";
    }

    /// The ledger was written by a newer version of `pmh`.
    ///
    /// - Why: an older program does not know what the newer one relies on.
    /// - Source: the version number in the ledger.
    /// - Bad: going back to an older `pmh` with the ledger of the newer one.
    /// - Good: the newer version, or the backup from before the update.
    ///
    /// # 日本語
    ///
    /// 送信台帳が、より新しいバージョンの `pmh` で作られています。
    ///
    /// - 理由: 古いプログラムでは、新しい記録の意味が分かりません。
    /// - 根拠: 台帳内のバージョン番号。
    /// - 誤りの例: 新しい台帳のまま、古い `pmh` に戻す。
    /// - 正しい例: 新しいバージョンを使う。または、更新前のバックアップを戻す。
    LEDGER_NEWER = "PMH6503", Error fixed {
        title: "ledger of a newer version", "新しいバージョンの送信台帳";
        message: "{} was written by a newer version of pmh", "{} は、より新しいバージョンの pmh で作られています";
        help: "use the newer version, or put back the backup from before the update", "新しいバージョンを使うか、更新前のバックアップを戻してください";
    }

    /// The ledger and the files beside it do not say the same.
    ///
    /// - Why: what was sent must be provable afterwards; a difference means that a file was changed, lost or replaced.
    /// - Source: `pmh history verify`.
    /// - Bad: a spool file that was edited by hand.
    /// - Good: files that `pmh` alone writes.
    ///
    /// # 日本語
    ///
    /// 送信台帳と、台帳に付属するファイルの内容が一致しません。
    ///
    /// - 理由: 何を送ったかを後から証明できなければなりません。不一致は、ファイルの変更・紛失・差し替えを意味します。
    /// - 根拠: `pmh history verify`。
    /// - 誤りの例: スプールのファイルを手作業で書き換えた。
    /// - 正しい例: `pmh` だけが書き込むファイル。
    LEDGER_MISMATCH = "PMH6504", Error fixed {
        title: "ledger and files differ", "送信台帳とファイルの不一致";
        message: "ledger and files differ: {}", "送信台帳とファイルが一致しません: {}";
        help: "find out who changed the file; a damaged spool file is not sent, and the next run makes a new one",
            "ファイルが変わった経緯を確認してください。一致しないスプールは送信されず、次の実行で作り直されます";
    }

    /// The ledger has no run with this number.
    ///
    /// - Why: numbers count up from 1; runs older than `ledger.keep_runs` are removed where that is set.
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
        message: "the ledger has no run {}", "実行 {} は送信台帳にありません";
        help: "run pmh history without --run to list them", "pmh history を --run なしで実行すると一覧を表示します";
    }

    /// A certificate on the way to PMH expires soon.
    ///
    /// - Why: after its last day no connection is possible, and a new one takes days to be issued.
    /// - Source: RFC 5280, 4.1.2.5; the chain that the endpoint showed, checked at later dates.
    /// - Bad: 29 days or less.
    /// - Good: a new certificate in place a month before.
    ///
    /// # 日本語
    ///
    /// 接続に使う証明書の有効期限が近づいています。
    ///
    /// - 理由: 期限を過ぎると接続できなくなります。新しい証明書の発行には日数がかかります。
    /// - 根拠: RFC 5280 4.1.2.5。接続先が示した証明書を、先の日付で検証した結果。
    /// - 誤りの例: 残り29日以下。
    /// - 正しい例: 期限の1か月前までに更新を終える。
    CERTIFICATE_EXPIRES = "PMH6601", Warning fixed {
        title: "certificate expires soon", "証明書の期限切れ間近";
        message: "a certificate of the endpoint expires within {} days", "接続先の証明書が {} 日以内に期限切れになります";
        help: "ask the operator of the endpoint or relay server when the new certificate comes; where its CA changes, put the new CA into endpoint.ca_file",
            "接続先または連携サーバの運用窓口に更新予定を確認してください。認証局が変わる場合は、endpoint.ca_file に新しい認証局証明書を加えてください";
    }

    /// This machine's clock and the endpoint's differ.
    ///
    /// - Why: the processing date, the schedule and the validity of certificates all follow the clock.
    /// - Source: the `Date` header of the endpoint's answer (RFC 9110, 6.6.1).
    /// - Bad: more than a minute.
    /// - Good: a clock that NTP keeps.
    ///
    /// # 日本語
    ///
    /// この機器の時計が、接続先とずれています。
    ///
    /// - 理由: 処理日、スケジュール、証明書の有効期限の判断は、いずれも時計に従います。
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
        message: "free space for the spool: {}", "スプールの空き容量: {}";
        help: "make room on that disk, or let ledger.spool_dir name a folder on another one", "そのディスクの空きを増やすか、ledger.spool_dir に別のディスクのフォルダーを指定してください";
    }
}
