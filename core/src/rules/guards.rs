//! 61xx: the guards before sending. Raised by the runner, explained here with the others.

use super::rules;

rules! {
    /// More records were rejected than `guard.max_rejected` allows.
    ///
    /// - Why: each request says "these are all". A record that is missing from it looks like an entitlement that
    ///   ended, so yesterday's data at PMH is safer than today's without that person.
    /// - Source: 第2回合同WT 資料5, 論点4 (all records each time).
    /// - Bad: sending 9,999 of 10,000 records.
    /// - Good: correcting the record, or allowing a number of rejected ones on purpose.
    ///
    /// # 日本語
    ///
    /// エラーで除かれたレコードが、`guard.max_rejected` の件数を超えています。
    ///
    /// - 理由: 送信は毎回「これで全員」という意味です。欠けた人は資格を失ったように見えるため、その人を欠いた今日のデータより、PMHに残る昨日のデータの方が安全です。
    /// - 根拠: 第2回合同WT 資料5 論点4(毎回全件)。
    /// - 誤りの例: 10,000件のうち9,999件だけを送る。
    /// - 正しい例: レコードを直す。または、許容する件数を承知のうえで設定する。
    TOO_MANY_REJECTED = "PMH6101", Error fixed {
        title: "too many rejected records", "エラー件数の超過";
        message: "rejected records: {}, more than guard.max_rejected allows; nothing was sent",
            "エラーのレコードが {} 件あり、guard.max_rejected の件数を超えているため、送信しませんでした";
        help: "correct the records that the findings name, or raise guard.max_rejected", "指摘に示されたレコードを直すか、guard.max_rejected を見直してください";
    }

    /// The input could not be read to its end, so the payload is not "all records".
    ///
    /// - Why: PMH would take the missing records for entitlements that ended.
    /// - Source: 第2回合同WT 資料5, 論点4 (all records each time).
    /// - Bad: a file that the vendor's system was still writing.
    /// - Good: a file that was renamed into place once it was complete.
    ///
    /// # 日本語
    ///
    /// 入力を最後まで読めなかったため、「全件」になっていません。
    ///
    /// - 理由: 欠けた人は、PMHでは資格を失ったものとして扱われかねません。
    /// - 根拠: 第2回合同WT 資料5 論点4(毎回全件)。
    /// - 誤りの例: 業務システムがまだ書き込んでいる途中のファイル。
    /// - 正しい例: 書き終えてから所定の名前に変更したファイル。
    INPUT_INCOMPLETE = "PMH6102", Error fixed {
        title: "input not complete", "入力が不完全";
        message: "the input was not read to its end (records read: {}); nothing was sent",
            "入力を最後まで読めなかったため(読み込み {} 件)、送信しませんでした";
        help: "export the file again, and make sure that it is complete before this runs", "ファイルを出力し直し、出力が完了してから実行されるようにしてください";
    }

    /// There is no record to send, and `guard.allow_empty` is not set.
    ///
    /// - Why: an empty array says that nobody is entitled any more. It's nearly always an export that failed.
    /// - Source: 第2回合同WT 資料5, 論点4 (all records each time).
    /// - Bad: an export of zero lines.
    /// - Good: `allow_empty = true` where a small town really has no recipient.
    ///
    /// # 日本語
    ///
    /// 送信するレコードが1件もなく、`guard.allow_empty` も設定されていません。
    ///
    /// - 理由: 空の送信は「対象者が誰もいない」という意味になります。ほとんどの場合、出力の失敗です。
    /// - 根拠: 第2回合同WT 資料5 論点4(毎回全件)。
    /// - 誤りの例: 0行の出力ファイル。
    /// - 正しい例: 本当に対象者がいない場合だけ `allow_empty = true` とする。
    NOTHING_TO_SEND = "PMH6103", Error fixed {
        title: "nothing to send", "送信対象なし";
        message: "no record can be sent (records read: {}); nothing was sent", "送信できるレコードがないため(読み込み {} 件)、送信しませんでした";
        help: "check the export and the processing date; set guard.allow_empty where there really is nobody",
            "出力ファイルと処理日を確認してください。本当に対象者がいない場合は guard.allow_empty を設定してください";
    }

    /// The set is smaller than the last accepted one by more than `guard.max_shrink_percent`.
    ///
    /// - Why: people do not lose their entitlement by the dozen overnight; half an export looks exactly like this.
    /// - Source: 第2回合同WT 資料5, 論点4 (all records each time); counts of the ledger.
    /// - Bad: 10,000 records yesterday, 6,000 today.
    /// - Good: 10,000 yesterday, 9,950 today; `--pass PMH6104` on the day when many certificates really ended.
    ///
    /// # 日本語
    ///
    /// 前回受け付けられたときより、`guard.max_shrink_percent` を超えて件数が減っています。
    ///
    /// - 理由: 一晩で多数の人が一斉に資格を失うことは、通常ありません。出力が途中で終わったときに、このような減り方をします。
    /// - 根拠: 第2回合同WT 資料5 論点4(毎回全件)、送信台帳の件数。
    /// - 誤りの例: 前回10,000件、今回6,000件。
    /// - 正しい例: 前回10,000件、今回9,950件。年度更新などで実際に減った日だけ `--pass PMH6104` を付ける。
    SHRUNK = "PMH6104", Error fixed {
        title: "set has shrunk", "件数の大幅な減少";
        message: "the set is much smaller than the last accepted one: {}; nothing was sent", "前回受付時より件数が大きく減っているため、送信しませんでした({})";
        help: "check that the export is complete; where people's validity really ended, run once with --pass PMH6104",
            "出力が完全か確認してください。実際に対象者が減った場合は、今回に限り --pass PMH6104 を付けて実行してください";
    }

    /// The processing date is not today in Japan, or the day ended before the set was accepted.
    ///
    /// - Why: which certificates are sent depends on the day. A set for another day drops people who are entitled
    ///   today, or registers people who are not.
    /// - Source: 第2回合同WT 資料5, 論点4 (validity covers the processing date, or starts after it).
    /// - Bad: retries that go on past midnight with yesterday's set.
    /// - Good: a new set for the new day. Where another day is meant, `--as-of` names it, and the ledger notes that this guard was passed.
    ///
    /// # 日本語
    ///
    /// 処理日が日本の今日の日付ではありません。または、受け付けられる前に日付が変わりました。
    ///
    /// - 理由: 送る対象は処理日によって変わります。別の日の内容を送ると、今日資格のある人が漏れたり、資格のない人が登録されたりします。
    /// - 根拠: 第2回合同WT 資料5 論点4(有効期間が処理日を含むもの、または処理日より後に始まるもの)。
    /// - 誤りの例: 再試行が日付をまたぎ、前日の内容を送り続ける。
    /// - 正しい例: 新しい日付で作り直して送る。別の日を意図している場合は `--as-of` で指定する(この安全装置を解除したことが送信台帳に記録されます)。
    OTHER_DAY = "PMH6105", Error fixed {
        title: "set for another day", "別の日の送信データ";
        message: "the set is for {}, which is not today in Japan", "{} 時点の送信データで、今日(日本時間)のものではありません";
        help: "run pmh sync again, for the new day; where another day is really meant, name it with --as-of",
            "pmh sync を実行し直してください。別の日を意図している場合は --as-of で指定してください";
    }

    /// The profile or the module is another one than in the last accepted run.
    ///
    /// - Why: a change of either may change every record that is sent. It is told, so that nobody is surprised, and it
    ///   does not stop the run.
    /// - Source: hashes in the ledger.
    /// - Bad: a profile that somebody edited on the server.
    /// - Good: a change that was tested with `pmh check` first, and is expected in tonight's log.
    ///
    /// # 日本語
    ///
    /// プロファイルまたはモジュールが、前回受け付けられたときから変わっています。
    ///
    /// - 理由: どちらの変更も、送る内容全体に影響することがあります。気付かないまま送られることのないよう知らせますが、送信は止めません。
    /// - 根拠: 送信台帳のハッシュ値。
    /// - 誤りの例: サーバ上のプロファイルを誰かが書き換えていた。
    /// - 正しい例: 事前に `pmh check` で確認した、予定どおりの変更。
    CHANGED = "PMH6106", Warning fixed {
        title: "profile or module changed", "プロファイル・モジュールの変更";
        message: "changed since the last accepted run: {}", "前回の受付時から変わっています: {}";
        help: "nothing to do where the change is expected; otherwise find out who made it", "予定された変更であれば対応は不要です。心当たりがない場合は、変更の経緯を確認してください";
    }

    /// The input file is older than `guard.max_input_age` allows.
    ///
    /// - Why: when the vendor's export fails, yesterday's file is still there and would be sent again as today's.
    /// - Source: the file's time of last change.
    /// - Bad: `max_input_age = "20h"` and a file of the day before yesterday.
    /// - Good: an export that runs an hour before `pmh sync`.
    ///
    /// # 日本語
    ///
    /// 入力ファイルの更新日時が、`guard.max_input_age` より前です。
    ///
    /// - 理由: 業務システムの出力が失敗すると前回のファイルが残り、それを今日の内容として送ることになります。
    /// - 根拠: ファイルの最終更新日時。
    /// - 誤りの例: `max_input_age = "20h"` の設定で、おとといのファイルがある。
    /// - 正しい例: `pmh sync` の1時間前に出力が終わっている。
    INPUT_OLD = "PMH6107", Error fixed {
        title: "input too old", "古い入力ファイル";
        message: "the input was last changed {}, longer ago than guard.max_input_age allows; nothing was sent",
            "入力ファイルの最終更新は {} で、guard.max_input_age より古いため、送信しませんでした";
        help: "check that the export ran; where this file is really meant, run once with --pass PMH6107",
            "業務システムからの出力が行われたか確認してください。このファイルでよい場合は、今回に限り --pass PMH6107 を付けて実行してください";
    }

    /// Another run works with the same ledger or spool folder.
    ///
    /// - Why: two runs at once could send two different sets, and the ledger could not tell which one PMH holds.
    /// - Source: a lock that the operating system releases when the other process ends, however it ends.
    /// - Bad: `pmh sync` from a timer while `pmh serve` is sending.
    /// - Good: either a timer or `pmh serve`.
    ///
    /// # 日本語
    ///
    /// 同じ送信台帳またはスプールフォルダーを使う処理が、すでに動いています。
    ///
    /// - 理由: 同時に2つ動くと異なる内容を送りかねず、PMHにどちらが登録されたか台帳から分からなくなります。
    /// - 根拠: OSのファイルロック。相手のプロセスがどのように終わっても解放されます。
    /// - 誤りの例: `pmh serve` の送信中に、タイマーで `pmh sync` を実行する。
    /// - 正しい例: タイマーと `pmh serve` のどちらか一方だけを使う。
    RUN_UNDER_WAY = "PMH6108", Error fixed {
        title: "another run is under way", "別の処理が実行中";
        message: "another run holds {}; nothing was sent", "別の処理が {} を使用中のため、送信しませんでした";
        help: "wait until it has ended; use either a timer or pmh serve, not both", "終わるまで待ってください。タイマーと pmh serve は、どちらか一方だけを使ってください";
    }

    /// The run was asked to stop before anything was sent.
    ///
    /// - Why: a signal (Ctrl+C, SIGTERM) ends a run between two steps; what was prepared is thrown away.
    /// - Source: `docs/operations.md`.
    /// - Bad: a shutdown in the middle of the nightly run.
    /// - Good: running `pmh sync` again; `pmh serve` catches up by itself.
    ///
    /// # 日本語
    ///
    /// 送信の前に、停止を求められました。
    ///
    /// - 理由: 停止の指示(Ctrl+C、SIGTERM)を受けると、処理の区切りで終了し、準備したデータは破棄します。
    /// - 根拠: `docs/operations.ja.md`。
    /// - 誤りの例: 夜間処理の途中でサーバを停止する。
    /// - 正しい例: `pmh sync` を再実行する。`pmh serve` は自動で遅れを取り戻します。
    INTERRUPTED = "PMH6109", Error fixed {
        title: "stopped on request", "停止の指示による中断";
        message: "the run was stopped on request while {}; nothing was sent", "停止の指示により中断しました({})。送信はしていません";
        help: "run pmh sync again", "pmh sync を再実行してください";
    }
}
