//! 61xx: the guards before sending. Raised by the runner, explained here with the others.

use super::rules;

rules! {
    /// More records were rejected than `guard.max_rejected` allows.
    ///
    /// - Why: each request says "these are all". A record that is missing from it looks like an entitlement that
    ///   ended, so yesterday's data at PMH is safer than today's without that person. But as long as
    ///   nothing is sent, new recipients are not registered: correct the record the same day if possible.
    /// - Source: 第2回合同WT 資料5, 論点4 (all records each time).
    /// - Bad: sending 9,999 of 10,000 records.
    /// - Good: correcting the record, or allowing a number of rejected ones on purpose.
    ///
    /// # 日本語
    ///
    /// エラーのあるレコードが、`guard.max_rejected` の件数を超えています。
    ///
    /// - 理由: 毎回の送信は「これが対象者の全員である」ことを意味します。送信データに含まれていない方は資格を失ったように見えるため、その方を含まない今日のデータより、PMHに残る前回のデータの方が安全です。ただし、止まっている間は新しい受給者が登録されないままになるため、できるだけ当日中に直してください。
    /// - 根拠: 第2回合同WT 資料5 論点4(毎回全件)。
    /// - 誤りの例: 10,000件のうち9,999件だけを送る。
    /// - 正しい例: レコードを直す。または、許容する件数を承知のうえで設定する。
    TOO_MANY_REJECTED = "PMH6101", Error fixed {
        title: "too many rejected records", "エラーのあるレコードが許容件数を超えた";
        message: "rejected records: {}, more than guard.max_rejected allows; nothing was sent",
            "エラーのあるレコードが {} 件あり、guard.max_rejected の件数を超えているため、送信しませんでした";
        help: "correct the records that the findings name; set guard.max_rejected only if records must be left out on purpose",
            "指摘に示されたレコードを直してください。やむを得ず除いて送る場合だけ guard.max_rejected を設定します";
    }

    /// The input could not be read to its end, so the payload is not "all records".
    ///
    /// - Why: PMH might take the missing records for entitlements that ended.
    /// - Source: 第2回合同WT 資料5, 論点4 (all records each time).
    /// - Bad: a file that the vendor's system was still writing.
    /// - Good: a file that was renamed into place once it was complete.
    ///
    /// # 日本語
    ///
    /// 入力を最後まで読めなかったため、「全件」になっていません。
    ///
    /// - 理由: 送信データに含まれていない方は、PMHでは資格を失ったものとして扱われかねません。
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
    /// - Why: an empty array says that no one is entitled any more. It's nearly always an export that failed.
    /// - Source: 第2回合同WT 資料5, 論点4 (all records each time).
    /// - Bad: an export of zero lines.
    /// - Good: `allow_empty = true` if a small town really has no recipient.
    ///
    /// # 日本語
    ///
    /// 送信するレコードが1件もなく、`guard.allow_empty` も設定されていません。
    ///
    /// - 理由: 空の送信は「対象者が一人もいない」という意味になります。ほとんどの場合、出力の失敗です。
    /// - 根拠: 第2回合同WT 資料5 論点4(毎回全件)。
    /// - 誤りの例: 0行の出力ファイル。
    /// - 正しい例: 本当に対象者がいない場合だけ `allow_empty = true` とする。
    NOTHING_TO_SEND = "PMH6103", Error fixed {
        title: "nothing to send", "送信対象なし";
        message: "no record can be sent (records read: {}); nothing was sent", "送信できるレコードがないため(読み込み {} 件)、送信しませんでした";
        help: "check the export and the processing date; set guard.allow_empty if there really is no recipient",
            "出力ファイルと処理日を確認してください。本当に対象者がいない場合は guard.allow_empty を設定してください";
    }

    /// The set is smaller than the last accepted one by more than `guard.max_shrink_percent`.
    ///
    /// - Why: half an export looks exactly like this. But it is usual that many certificates end on the same day (the end of
    ///   a month or of the fiscal year, 7/31, 9/30); then a person confirms it. Up to `guard.tolerance` records, but never more than half of them, may be
    ///   missing without a stop: in a small town one person is more than 10 %.
    /// - Source: 第2回合同WT 資料5, 論点4 (all records each time); counts of the delivery ledger.
    /// - Bad: 10,000 records yesterday, 6,000 today.
    /// - Good: 10,000 yesterday, 9,950 today; `--pass PMH6104` on the day when many certificates really ended.
    ///
    /// # 日本語
    ///
    /// 前回受け付けられたときより、`guard.max_shrink_percent` を超えて件数が減っています。
    ///
    /// - 理由: 出力が途中で終わったときや、抽出条件が変わったときに、このような減り方をします。一方、月末、年度末、7月31日、9月30日などには、多くの方の有効期間が一斉に終わるのが通常です。その場合は、減った件数が、前回の送信から今日までに有効期間が終わった方や、死亡・転出などで資格を失った方の人数とおおむね合うことを担当者が確認して解除します。小規模な自治体では1人でも10%を超えることがあるため、`guard.tolerance` の件数まで(ただし半数以下)は止めません。
    /// - 根拠: 第2回合同WT 資料5 論点4(毎回全件)、送信台帳の件数。
    /// - 誤りの例: 前回10,000件、今回6,000件。
    /// - 正しい例: 前回10,000件、今回9,950件。年度更新などで実際に減った日だけ `--pass PMH6104` を付ける。
    SHRUNK = "PMH6104", Error fixed {
        title: "set has shrunk", "件数の大幅な減少";
        message: "the set is much smaller than the last accepted one: {}; nothing was sent", "前回受付時より件数が大きく減っているため、送信しませんでした({})";
        help: "compare the number with the periods that ended and the people who left; if it agrees, run once with --pass PMH6104, else export again",
            "減った件数が、有効期間の終了や資格喪失の人数と合うか確認してください。合う場合は、今回に限り --pass PMH6104 を付けて実行してください。合わない場合は、出力をやり直してください";
    }

    /// The processing date is not today in Japan, or the day ended before the set was accepted.
    ///
    /// - Why: which certificates are sent depends on the day. A set for another day drops people who are entitled
    ///   today, or registers people who are not.
    /// - Source: 第2回合同WT 資料5, 論点4 (validity covers the processing date, or starts after it).
    /// - Bad: retries that go on past midnight with yesterday's set.
    /// - Good: a new set for the new day. If another day is meant, `--as-of` names it, and the delivery ledger notes that this guard was passed.
    ///
    /// # 日本語
    ///
    /// 処理日が日本の今日の日付ではありません。または、受け付けられる前に日付が変わりました。
    ///
    /// - 理由: 送る対象は処理日によって変わります。別の日の内容を送ると、今日資格のある方が漏れたり、資格のない方が登録されたりします。
    /// - 根拠: 第2回合同WT 資料5 論点4(有効期間が処理日を含むもの、または処理日より後に始まるもの)。
    /// - 誤りの例: 再試行が日付をまたぎ、前日の内容を送り続ける。
    /// - 正しい例: 新しい日付で作り直して送る。別の日を意図している場合は `--as-of` で指定する(この安全装置を解除したことが送信台帳に記録されます)。
    OTHER_DAY = "PMH6105", Error fixed {
        title: "set for another day", "処理日が今日ではない";
        message: "the set is for {}, which is not today in Japan", "{} 時点の送信データで、今日(日本時間)のものではありません";
        help: "run pmh sync again, for the new day; if another day is really meant, name it with --as-of",
            "pmh sync を実行し直してください。別の日を意図している場合は --as-of で指定してください";
    }

    /// The profile or the module is another one than in the last accepted run.
    ///
    /// - Why: a change of either may change every record that is sent. The warning makes such a change known, and does not
    ///   stop the run.
    /// - Source: hashes in the delivery ledger.
    /// - Bad: a profile that was edited on the server without notice.
    /// - Good: a change that was tested with `pmh check` first, and is expected in tonight's log.
    ///
    /// # 日本語
    ///
    /// プロファイルまたはモジュールが、前回受け付けられたときから変わっています。
    ///
    /// - 理由: どちらの変更も、送る内容全体に影響することがあります。気付かないまま送られることのないよう知らせますが、送信は止めません。
    /// - 根拠: 送信台帳のハッシュ値。
    /// - 誤りの例: サーバー上のプロファイルが、知らないうちに書き換えられていた。
    /// - 正しい例: 事前に `pmh check` で確認した、予定どおりの変更。
    CHANGED = "PMH6106", Warning fixed {
        title: "profile or module changed", "プロファイル・モジュールの変更";
        message: "changed since the last accepted run: {}", "前回PMHに受け付けられたときから、{}が変わっています";
        help: "nothing to do if the change is expected; otherwise find out who made it",
            "予定された変更であれば対応は不要です。心当たりがない場合は、変更の経緯を確認してください";
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
        title: "input too old", "入力ファイルが古い";
        message: "the input was last changed {}, longer ago than guard.max_input_age allows; nothing was sent",
            "入力ファイルの最終更新は {} で、guard.max_input_age より古いため、送信しませんでした";
        help: "check that the export ran; if this file is really meant, run once with --pass PMH6107",
            "業務システムからの出力が行われたか確認してください。このファイルでよい場合は、今回に限り --pass PMH6107 を付けて実行してください";
    }

    /// Another run works with the same delivery ledger or spool folder.
    ///
    /// - Why: two runs at once could send two different sets, and the delivery ledger could not tell which one PMH holds.
    /// - Source: a lock that the operating system releases when the other process ends, however it ends.
    /// - Bad: `pmh sync` from a timer while `pmh serve` is sending.
    /// - Good: either a timer or `pmh serve`.
    ///
    /// # 日本語
    ///
    /// 同じ送信台帳またはスプールフォルダーを使う処理が、すでに動いています。
    ///
    /// - 理由: 同時に2つ動くと異なる内容を送りかねず、PMHにどちらが登録されたか送信台帳から分からなくなります。
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
    /// - 誤りの例: 夜間処理の途中でサーバーを停止する。
    /// - 正しい例: `pmh sync` を再実行する。`pmh serve` は自動で遅れを取り戻します。
    INTERRUPTED = "PMH6109", Error fixed {
        title: "stopped on request", "停止の指示による中断";
        message: "the run was stopped on request while {}; nothing was sent", "停止の指示により中断しました({})。送信していません";
        help: "run pmh sync again", "pmh sync を再実行してください";
    }

    /// The input file is still being written, has changed while it was read, or bears a time in the future.
    ///
    /// - Why: half an export looks like a complete one in which people lost their entitlement. A time in the future means
    ///   that a clock is wrong, so neither the file's age nor today's date can be trusted.
    /// - Source: size, times and identity of the file before it is opened, as it is opened, and after it was read;
    ///   `input.settle`.
    /// - Bad: an export that begins at 02:25 and takes ten minutes, and a run at 02:30.
    /// - Good: an export under another name that is renamed when it is complete, well before the run.
    ///
    /// # 日本語
    ///
    /// 入力ファイルが書き込み中か、読み取り中に変わったか、更新日時が未来になっています。
    ///
    /// - 理由: 書きかけのファイルは、多くの方が資格を失ったデータと見分けがつきません。更新日時が未来の場合は時計がずれており、ファイルの古さも今日の日付も正しく判断できません。
    /// - 根拠: 開く前、開いたとき、読み終えた後のファイルの大きさ・日時・識別情報、`input.settle`。
    /// - 誤りの例: 2時25分に始まり10分かかる出力に対し、2時30分に実行する。
    /// - 正しい例: 別の名前で書き出し、完了してから所定の名前に変更する。実行時刻に余裕をもって終える。
    INPUT_UNSETTLED = "PMH6110", Error fixed {
        title: "input still being written", "書き込み中の入力ファイル";
        message: "the input file is not final: {}; nothing was sent", "入力ファイルの内容が確定していないため、送信しませんでした({})";
        help: "wait until the export has ended and run it again; if the file's time is in the future, correct the clocks and export it again",
            "出力の完了を待って再実行してください。更新日時が未来の場合は、時計を合わせてから出力し直してください";
    }

    /// The marker file of `input.ready` doesn't exist, or is older than the input.
    ///
    /// - Why: the exporting system writes the marker last. Without a marker of today the export has not ended.
    /// - Source: `input.ready`.
    /// - Bad: yesterday's `records.done` beside today's half-written `records.ndjson`.
    /// - Good: an export that ends with writing `records.done`.
    ///
    /// # 日本語
    ///
    /// `input.ready` の完了ファイルがないか、入力ファイルより古くなっています。
    ///
    /// - 理由: 完了ファイルは、業務システムが最後に書き出すものです。新しい完了ファイルがなければ、出力は終わっていません。
    /// - 根拠: `input.ready`。
    /// - 誤りの例: 今日の書きかけの `records.ndjson` と、昨日の `records.done`。
    /// - 正しい例: 出力処理の最後に `records.done` を書き出す。
    INPUT_NOT_READY = "PMH6111", Error fixed {
        title: "export not complete", "出力が未完了";
        message: "the marker of a complete export is not valid: {}; nothing was sent", "出力の完了を確認できないため、送信しませんでした({})";
        help: "check that the export has ended and that it writes the file of input.ready last", "出力処理が終わっていること、input.ready のファイルを最後に書き出していることを確認してください";
    }

    /// The bytes that were read don't have the hash in the file of `input.sha256`, or that file holds no hash.
    ///
    /// - Why: a transfer that was cut off or mixed up gives a file that may still be readable.
    /// - Source: SHA-256 of the bytes as they are read, compared with `input.sha256`.
    /// - Bad: today's records beside yesterday's hash.
    /// - Good: an export that writes the records, then their hash (`sha256sum`, `Get-FileHash`, `certutil`).
    ///
    /// # 日本語
    ///
    /// 読み取った内容のハッシュ値が、`input.sha256` のファイルの値と一致しないか、ハッシュ値を読み取れません。
    ///
    /// - 理由: 転送が途中で切れたり、別のファイルと入れ替わったりしても、ファイルとしては読めることがあります。
    /// - 根拠: 読み取りと同時に計算したSHA-256と、`input.sha256` の値の照合。
    /// - 誤りの例: 今日のレコードと、昨日のハッシュ値。
    /// - 正しい例: レコードに続けてハッシュ値を書き出す(`sha256sum`、`Get-FileHash`、`certutil`)。
    INPUT_HASH = "PMH6112", Error fixed {
        title: "hash of the input differs", "ハッシュ値の不一致";
        message: "the input is not confirmed by its hash: {}; nothing was sent", "ハッシュ値で入力ファイルを確認できないため、送信しませんでした({})";
        help: "export or transfer the file and its hash again", "入力ファイルとハッシュ値のファイルを、出力または転送し直してください";
    }

    /// More recipients of the last accepted set are missing than `guard.max_gone_percent` allows.
    ///
    /// - Why: the number of records alone tells nothing if as many others take the place of those who are missing. A
    ///   recipient is recognised by payer's and recipient's number, so that a renewed certificate with the same number is
    ///   not a loss. Up to `guard.tolerance` recipients, but never more than half of them, may go unnoticed: in a small
    ///   town one person is more than 10 %.
    /// - Source: 第2回合同WT 資料5, 論点4 (all records each time); keyed hashes of the last accepted set.
    /// - Bad: 300 recipients yesterday, 300 other people today.
    /// - Good: `--pass PMH6113` on the day on which many certificates really ended (the end of a month, 7/31, 9/30).
    ///
    /// # 日本語
    ///
    /// 前回受け付けられた受給者のうち、今回含まれない方の割合が `guard.max_gone_percent` を超えています。
    ///
    /// - 理由: 同じ人数の別の方に入れ替わっていると、件数だけでは気付けません。受給者は公費負担者番号と受給者番号で見分けるため、同じ番号での更新は減少に数えません。小規模な自治体では1人でも10%を超えることがあるため、`guard.tolerance` の人数まで(ただし半数以下)は止めません。
    /// - 根拠: 第2回合同WT 資料5 論点4(毎回全件)、前回受付分の鍵付きハッシュ値。
    /// - 誤りの例: 前回も今回も300人だが、全員が別の方。
    /// - 正しい例: 月末、7月31日、9月30日などに有効期間が一斉に終わった日だけ `--pass PMH6113` を付ける。
    TOO_MANY_GONE = "PMH6113", Error fixed {
        title: "too many recipients are missing", "受給者の大幅な減少";
        message: "recipients of the last accepted set are missing: {}; nothing was sent", "前回受付時の受給者のうち、今回含まれない方が多いため、送信しませんでした({})";
        help: "check that the export is complete and from the right municipality; if these certificates really ended, run once with --pass PMH6113",
            "出力が完全で、自団体のものであることを確認してください。実際に有効期間が終わった場合は、今回に限り --pass PMH6113 を付けて実行してください";
    }

    /// More recipients are new than `guard.max_added_percent` of the last accepted set allows.
    ///
    /// - Why: an export without its filter (other schemes, ended entitlements, another municipality) registers people who
    ///   are not entitled.
    /// - Source: keyed hashes of the last accepted set.
    /// - Bad: 300 recipients yesterday, and 300 more today.
    /// - Good: `--pass PMH6114` on the day on which a scheme is sent for the first time, or numbers were issued anew.
    ///
    /// # 日本語
    ///
    /// 前回にはなかった受給者の割合が、`guard.max_added_percent` を超えています。
    ///
    /// - 理由: 抽出条件が外れた出力(ほかの制度、資格を失った方、別の自治体を含むもの)を送ると、対象でない方が登録されます。
    /// - 根拠: 前回受付分の鍵付きハッシュ値。
    /// - 誤りの例: 前回300人、今回はさらに300人増えている。
    /// - 正しい例: 新しい制度の送信を始めた日や、受給者番号を一斉に付け替えた日だけ `--pass PMH6114` を付ける。
    TOO_MANY_ADDED = "PMH6114", Error fixed {
        title: "too many new recipients", "受給者の大幅な増加";
        message: "many recipients were not in the last accepted set: {}; nothing was sent", "前回受付時にはなかった受給者が多いため、送信しませんでした({})";
        help: "check the conditions of the export; if the new recipients are right, run once with --pass PMH6114",
            "抽出条件を確認してください。増加が正しい場合は、今回に限り --pass PMH6114 を付けて実行してください";
    }

    /// More recipients have other contents than `guard.max_changed_percent` of the last accepted set allows.
    ///
    /// - Why: a shifted column or a mistaken change of the profile changes nearly every record, and each of them may still
    ///   be valid by itself.
    /// - Source: keyed hashes of the last accepted set.
    /// - Bad: names and addresses of all recipients in each other's columns.
    /// - Good: `--pass PMH6115` on the day of the yearly renewal, or after a change of the profile that was tested.
    ///
    /// # 日本語
    ///
    /// 前回から内容が変わった受給者の割合が、`guard.max_changed_percent` を超えています。
    ///
    /// - 理由: 列のずれやプロファイルの誤った変更があると、ほぼ全件の内容が変わります。1件ずつ見れば正しく見えることもあります。
    /// - 根拠: 前回受付分の鍵付きハッシュ値。
    /// - 誤りの例: 全員の項目が隣の列の値になっている。
    /// - 正しい例: 年度更新の日や、確認済みのプロファイルに変えた日だけ `--pass PMH6115` を付ける。
    TOO_MANY_CHANGED = "PMH6115", Error fixed {
        title: "too many changed records", "内容の大幅な変更";
        message: "the contents of many recipients differ from the last accepted set: {}; nothing was sent", "前回受付時から内容が変わった受給者が多いため、送信しませんでした({})";
        help: "compare a few records with the register; if the changes are right (the yearly renewal, a new profile), run once with --pass PMH6115",
            "数件を受給者台帳と照合してください。年度更新やプロファイルの変更など、変更が正しい場合は、今回に限り --pass PMH6115 を付けて実行してください";
    }

    /// Over seven days more recipients have gone missing than `guard.max_gone_percent_7d` allows.
    ///
    /// - Why: a loss of a tenth each night stays below the bound of one night, and leaves 90 of 300 after twelve nights. A
    ///   night on which a person passed a guard against loss begins the count anew.
    /// - Source: counts of the accepted runs in the delivery ledger.
    /// - Bad: 300, 270, 243, 219 recipients on four nights.
    /// - Good: `--pass PMH6116` once, after it is clear why so many have gone.
    ///
    /// # 日本語
    ///
    /// 7日間に減った受給者の割合が、`guard.max_gone_percent_7d` を超えています。
    ///
    /// - 理由: 毎晩1割ずつ減ると、1回ごとの上限には掛からないまま、12日で300人が90人になります。担当者が減少を確認して安全装置を解除した日からは、改めて数え直します。
    /// - 根拠: 送信台帳にある受付済みの実行の件数。
    /// - 誤りの例: 4日間で300人、270人、243人、219人と減っている。
    /// - 正しい例: 減った理由を確認したうえで、一度だけ `--pass PMH6116` を付ける。
    GONE_OVER_DAYS = "PMH6116", Error fixed {
        title: "recipients missing over seven days", "7日間の大幅な減少";
        message: "many recipients have gone missing within seven days: {}; nothing was sent", "7日間に多くの受給者が減っているため、送信しませんでした({})";
        help: "find out why the set shrinks night after night; if it is right, run once with --pass PMH6116",
            "毎日減っている理由を確認してください。正しい場合は、今回に限り --pass PMH6116 を付けて実行してください";
    }

    /// The hashes of the last accepted set are missing, damaged or made with another key, so nothing can be compared.
    ///
    /// - Why: a deleted file must not switch off the guards against missing, new and changed recipients.
    /// - Source: `ledger.sqlite3.set-N` and the key beside the delivery ledger.
    /// - Bad: a folder that was cleaned up by hand, or a backup that was put back without the hashes.
    /// - Good: after a backup was put back, one run by hand with `--pass PMH6117`; later runs compare again.
    ///
    /// # 日本語
    ///
    /// 前回受付分のハッシュ値が、ない、壊れている、または別の鍵によるもので、前回と比較できません。
    ///
    /// - 理由: ファイルが1つ消えただけで、受給者の減少・増加・変更に対する安全装置が働かなくなってはいけません。
    /// - 根拠: `ledger.sqlite3.set-N` と、送信台帳とともに保管する鍵。
    /// - 誤りの例: フォルダーの整理で削除した。バックアップの復元で、ハッシュ値のファイルが戻らなかった。
    /// - 正しい例: バックアップを戻した後は、一度だけ `--pass PMH6117` を付けて手動で実行する。次回からは比較できる。
    NOT_COMPARABLE = "PMH6117", Error fixed {
        title: "no comparison with the last accepted set", "前回受付分との比較不可";
        message: "the last accepted set cannot be compared with: {}; nothing was sent", "前回受付分と比較できないため、送信しませんでした({})";
        help: "find out who removed or changed the file; look at the counts of pmh sync --dry-run, and run once with --pass PMH6117 if they are right",
            "ファイルがなくなった、または変わった経緯を確認してください。pmh sync --dry-run の件数に問題がなければ、今回に限り --pass PMH6117 を付けて実行してください";
    }

    /// Records bear a payer's number (公費負担者番号) that `guard.registration_numbers` doesn't list.
    ///
    /// - Why: another municipality's file would replace this one's registration. The message says how many records, never
    ///   which numbers.
    /// - Source: `guard.registration_numbers`; digits 3 and 4 of the number are the prefecture, 5 to 7 the issuer.
    /// - Bad: the neighbouring town's export in this town's folder.
    /// - Good: `guard.registration_numbers = ["15123456", "21123454"]`, or the beginnings of the numbers.
    ///
    /// # 日本語
    ///
    /// 公費負担者番号が `guard.registration_numbers` にないレコードがあります。
    ///
    /// - 理由: 別の自治体のファイルを送ると、自団体の登録内容が置き換わります。メッセージには件数だけを示し、番号は示しません。
    /// - 根拠: `guard.registration_numbers`。公費負担者番号の3〜4桁目は都道府県番号、5〜7桁目は実施機関番号です。
    /// - 誤りの例: 隣の町の出力ファイルが、自団体のフォルダーに置かれている。
    /// - 正しい例: `guard.registration_numbers = ["15123456", "21123454"]` のように、番号またはその先頭の数桁を並べる。
    OTHER_PAYER = "PMH6118", Error fixed {
        title: "another municipality's numbers", "他団体の公費負担者番号";
        message: "records with a payer's number that guard.registration_numbers does not list: {}; nothing was sent",
            "guard.registration_numbers にない公費負担者番号のレコードが {} 件あるため、送信しませんでした";
        help: "check that the file is this municipality's; if a number is new, add it to guard.registration_numbers, or run once with --pass PMH6118",
            "自団体のファイルであることを確認してください。番号が新しく加わった場合は guard.registration_numbers に追加するか、今回に限り --pass PMH6118 を付けて実行してください";
    }

    /// More recipients live outside `guard.cities` than `guard.max_other_cities_percent` allows.
    ///
    /// - Why: a few recipients live elsewhere (居住地特例); if most of them do, it is another municipality's file.
    /// - Source: `addressCity` of the payload; a city of the list covers every name that begins with it, such as its wards.
    /// - Bad: the neighbouring town's export in this town's folder.
    /// - Good: `guard.cities = ["見本市"]`.
    ///
    /// # 日本語
    ///
    /// 住所が `guard.cities` の市区町村でない方の割合が、`guard.max_other_cities_percent` を超えています。
    ///
    /// - 理由: 居住地特例などで市外に住む方もいますが、多数を占める場合は別の自治体のファイルと考えられます。
    /// - 根拠: 送信データの `addressCity`。一覧の市区町村名で始まる名前(政令指定都市の区など)は、一致とみなします。
    /// - 誤りの例: 隣の町の出力ファイルが、自団体のフォルダーに置かれている。
    /// - 正しい例: `guard.cities = ["見本市"]`。
    OTHER_CITY = "PMH6119", Error fixed {
        title: "another municipality's addresses", "他団体の住所";
        message: "many recipients live outside guard.cities: {}; nothing was sent", "住所が guard.cities の市区町村でない方が多いため、送信しませんでした({})";
        help: "check that the file is this municipality's, and the spelling in guard.cities; if it is right, run once with --pass PMH6119",
            "自団体のファイルであることと、guard.cities の表記を確認してください。正しい場合は、今回に限り --pass PMH6119 を付けて実行してください";
    }

    /// The profile reads places that no record has, and some record of the last accepted run had them, or there is no such run.
    ///
    /// - Why a warning: the item is empty for everyone, mostly because a column was renamed or a pointer is mistyped. But a place may also be rare.
    ///   `guard.absent_places = "stop"` stops the run. Once a run with them was accepted they are known, and only the report's PMH2007 tells of them.
    /// - Source: the findings PMH2007 of the report; the last accepted run's counts in the delivery ledger.
    /// - Bad: an export that calls `番地` `地番` since its update.
    /// - Good: a profile that was changed together with the export.
    ///
    /// # 日本語
    ///
    /// プロファイルが参照する項目が、どのレコードにもありません。前回受け付けられた実行では存在したか、比較できる実行がまだありません。
    ///
    /// - 理由: 多くは列名の変更や参照先の書き誤りで、その項目は全員分が空になります。まれな項目のこともあるため、警告としています。`guard.absent_places = "stop"` とすると送信を止めます。そのまま受け付けられた後は既知とみなし、レポートの PMH2007 だけで示します。
    /// - 根拠: レポートの指摘 PMH2007 と、送信台帳にある前回受付時の集計。
    /// - 誤りの例: システムの更新で、出力の列名が `番地` から `地番` に変わった。
    /// - 正しい例: 出力の変更に合わせて、プロファイルも変更した。
    ABSENT_PLACES = "PMH6120", Warning fixed {
        title: "columns that no record has", "どのレコードにもない項目";
        message: "the profile reads places that no record has: {}", "プロファイルが参照する項目が、どのレコードにもありません: {}";
        help: "compare the export with the profile; if it is right and guard.absent_places stops the run, run once with --pass PMH6120",
            "出力の列名とプロファイルを照合してください。正しい内容で送信が止まった場合は、今回に限り --pass PMH6120 を付けて実行してください";
    }

    /// Far fewer records have a value at a place than the last accepted run's share would give.
    ///
    /// - What counts: of the looks at the place, how many found a value. More than half fewer is a warning; if `guard.max_fill_drop_percent` is set, more than so
    ///   many percent fewer stop the run. Up to `guard.tolerance` values are no matter, unless every record had one and now none has.
    /// - Why a warning: a column was emptied, moved or renamed. No single record shows it if the item may be empty. But a register may also have been put in order.
    /// - Source: the counts of both runs; they are compared only where the profile reads the same place for the same item.
    /// - Bad: 番地 filled in 98 % of the records yesterday and in 3 % today.
    /// - Good: shares that change by a few records a day.
    ///
    /// # 日本語
    ///
    /// 値のあるレコードの割合が、前回受け付けられた実行より大きく下がった項目があります。
    ///
    /// - 数え方: 参照した回数のうち、値があった回数を数えます。前回の割合で見込まれる数より半分を超えて少ないと警告し、`guard.max_fill_drop_percent` を設定した場合は、その割合を超えて少ないと送信を止めます。`guard.tolerance` の件数までの減少は問いません。ただし、全件にあった値が1件もなくなった場合を除きます。
    /// - 理由: 列が空になった、ずれた、名称が変わったことなどが考えられますが、空欄が許される項目では1件ごとの検査で見つけられません。受給者台帳を整理した結果のこともあるため、警告としています。
    /// - 根拠: 両方の実行の集計。同じ送信項目のために同じ参照先を読み取っている場合に限り比較します。
    /// - 誤りの例: 番地の入力率が、前日の98%から3%に下がった。
    /// - 正しい例: 割合の変化が、1日あたり数件の異動によるものである。
    FILL_DROPPED = "PMH6121", Warning fixed {
        title: "far fewer values of a column", "値のある割合の急な低下";
        message: "far fewer records than in the last accepted run have a value: {}", "値のあるレコードの割合が、前回の受付時から大きく下がっています: {}";
        help: "compare the column with the register; if it is right and guard.max_fill_drop_percent stops the run, run once with --pass PMH6121",
            "該当する列を受給者台帳と照合してください。正しい内容で送信が止まった場合は、今回に限り --pass PMH6121 を付けて実行してください";
    }

    /// An entry of a value table that the last accepted run used is hardly used any more: another entry has taken its place.
    ///
    /// - What counts: the entry's share of the table's uses. If more than 90 percent of it is gone, and more than `guard.tolerance` uses, it is told.
    /// - Why a warning: an export that writes one constant in place of a code gives every record a valid value, and most of them a wrong one. But codes are also abolished,
    ///   or used in one season only. `guard.vanished_entries = "stop"` stops the run.
    /// - Source: the counts of both runs.
    /// - Bad: three codes of 所得区分 yesterday, one for everyone today.
    /// - Good: a code that was abolished.
    ///
    /// # 日本語
    ///
    /// 前回受け付けられた実行で使われた変換表の項目が、ほとんど使われなくなり、別の項目に置き換わっています。
    ///
    /// - 数え方: 変換表の利用回数に占める割合が90%を超えて減り、かつ `guard.tolerance` の件数を超えて減った項目を示します。
    /// - 理由: コードの列に一律の値が出力されると、どのレコードも正しい形の値を持ちながら、多くは誤った内容になります。コードの廃止や、時期による変動もあるため、警告としています。`guard.vanished_entries = "stop"` とすると送信を止めます。
    /// - 根拠: 両方の実行の集計。
    /// - 誤りの例: 前日は3種類あった所得区分のコードが、全員同じになった。
    /// - 正しい例: 廃止されたコードである。
    ENTRIES_VANISHED = "PMH6122", Warning fixed {
        title: "codes that are no longer used", "使われなくなったコード";
        message: "codes that the last accepted run used are hardly used any more: {}", "前回の受付時に使われていたコードが、ほとんど使われていません: {}";
        help: "compare the column with the register; if it is right and guard.vanished_entries stops the run, run once with --pass PMH6122",
            "該当する列を受給者台帳と照合してください。正しい内容で送信が止まった場合は、今回に限り --pass PMH6122 を付けて実行してください";
    }

    /// Columns and codes could not be compared with the last accepted run: there are no counts.
    ///
    /// - Why a warning: it is so once after an update from a version that didn't count; but a guard that has nothing to compare with must say so.
    /// - Source: the delivery ledger.
    /// - Bad: the message comes every day.
    /// - Good: it comes once.
    ///
    /// # 日本語
    ///
    /// 項目やコードの使われ方を、前回受け付けられた実行と比較できませんでした。集計がありません。
    ///
    /// - 理由: 集計しない旧バージョンから更新した後に、一度だけ生じます。比較できない安全装置がそのことを黙っていてはならないため、警告としています。
    /// - 根拠: 送信台帳。
    /// - 誤りの例: 毎日表示される。
    /// - 正しい例: 一度だけ表示される。
    NO_COUNTS = "PMH6123", Warning fixed {
        title: "no counts to compare with", "比較する集計なし";
        message: "columns and codes could not be compared: {}", "項目とコードの使われ方を比較できませんでした({})";
        help: "nothing to do once after an update; if it comes again, use the module of this version of pmh",
            "更新後に一度だけであれば対応は不要です。続く場合は、このバージョンのpmhのモジュールを使用してください";
    }

    /// The file of acknowledgements must be JSON, and the key of the hashes must be there if an entry names a record.
    ///
    /// - Why: without the file or the key, records that were sent until now would be rejected, and the set would shrink. A value is known again only by its
    ///   keyed hash. What is wrong with an entry is PMH9013.
    /// - Source: `host-runner/README.md`, "Acknowledgements".
    /// - Bad: `pmh check --acknowledged acknowledged.json` without `--hash-key`.
    /// - Good: `pmh check --acknowledged acknowledged.json --hash-key ledger.sqlite3.key`
    ///
    /// # 日本語
    ///
    /// 確認済み一覧はJSONでなければならず、レコードを指定した項目がある場合はハッシュ用の鍵が必要です。
    ///
    /// - 理由: 一覧または鍵がないと、これまで送信していたレコードがエラーになります。値が変わっていないことは、鍵付きハッシュ値で確認します。項目の誤りはPMH9013で示します。
    /// - 根拠: `host-runner/README.md` の「Acknowledgements」。
    /// - 誤りの例: `--hash-key` のない `pmh check --acknowledged acknowledged.json`
    /// - 正しい例: `pmh check --acknowledged acknowledged.json --hash-key ledger.sqlite3.key`
    ACKNOWLEDGEMENTS_UNUSABLE = "PMH6124", Error fixed {
        title: "acknowledgements not usable", "確認済み一覧を使用できない";
        message: "the acknowledgements cannot be used: {}", "確認済み一覧を使用できません: {}";
        help: "put the file back in order, or give the key of the ledger with --hash-key",
            "ファイルを元に戻すか、--hash-key に送信台帳の鍵を指定してください";
    }

    /// An acknowledgement is made of a finding that the records have.
    ///
    /// - Why: an entry made in advance would let an error pass that no person has looked at.
    /// - Source: a decision of this project; `pmh check` shows codes and record keys.
    /// - Bad: a record key that was mistyped; a key that several records with different values share.
    /// - Good: `pmh acknowledge PMH3107 --record-key 0000000003 …` after `pmh check` showed this finding.
    ///
    /// # 日本語
    ///
    /// 確認済みにできるのは、レコードに実際にあるエラー・警告だけです。
    ///
    /// - 理由: あらかじめ項目を作ると、誰も確認していないエラーを見逃すおそれがあります。
    /// - 根拠: 本ソフトウェアの基準です。コードとレコードキーは `pmh check` で表示されます。
    /// - 誤りの例: 入力を誤ったレコードキー、値の異なる複数のレコードに共通のキー。
    /// - 正しい例: `pmh check` で表示されたものについての `pmh acknowledge PMH3107 --record-key 0000000003 …`
    NOTHING_TO_ACKNOWLEDGE = "PMH6125", Error fixed {
        title: "no such finding", "該当するエラー・警告がない";
        message: "there is no such finding to acknowledge: {}", "確認済みにするエラー・警告がありません: {}";
        help: "take the code and the record key from the output of `pmh check`", "`pmh check` の表示にあるコードとレコードキーを指定してください";
    }

    /// Only findings about one field or about fields against each other can be acknowledged, and no fixed ones.
    ///
    /// - Why: without a fixed rule PMH refuses the set; rules across the set depend on other records; and a My Number with a wrong check digit was never
    ///   issued.
    /// - Source: `wasm/ABI.md`, "Acknowledgements".
    /// - Bad: `pmh acknowledge PMH3101 …`
    /// - Good: `pmh acknowledge PMH3107 …`
    ///
    /// # 日本語
    ///
    /// 確認済みにできるのは、1つの項目または項目どうしの検査(3xxx・4xxx)のうち、変更できる規則だけです。
    ///
    /// - 理由: 固定の規則に反するデータはPMHに拒否されます。全件の検査(5xxx)は他のレコードによって結果が変わります。検査用数字が誤った個人番号が発行されることはありません。
    /// - 根拠: `wasm/ABI.md` の「Acknowledgements」。
    /// - 誤りの例: `pmh acknowledge PMH3101 …`
    /// - 正しい例: `pmh acknowledge PMH3107 …`
    NOT_ACKNOWLEDGEABLE = "PMH6126", Error fixed {
        title: "cannot be acknowledged", "確認済みにできない";
        message: "findings of this code cannot be acknowledged: {}", "このコードは確認済みにできません: {}";
        help: "correct the record", "レコードを直してください";
    }
}
