//! 661x: the service, `pmh serve`. Raised by the runner, explained here with the others.

use super::rules;

rules! {
    /// A run of the service was ended by force.
    ///
    /// - Why: a run that hangs, or that takes the memory of the machine, must not keep the next one from starting. The
    ///   delivery ledger knows how far it had come, and the service tries the slot again.
    /// - Source: `serve.max_run`, `serve.max_memory`; the operating system.
    /// - Bad: the input is on a file server that no longer answers, and the run reaches `serve.max_run`.
    /// - Good: the export is copied to a local disk before the run.
    ///
    /// # 日本語
    ///
    /// `pmh serve` が始めた実行が、強制終了されました。
    ///
    /// - 理由: 止まったままの実行や、メモリーを使い尽くす実行が、次の実行の妨げになってはなりません。どこまで進んだかは送信台帳に残っており、同じ回の実行を後で再度試みます。
    /// - 根拠: `serve.max_run`、`serve.max_memory`、OSの動作。
    /// - 誤りの例: 入力ファイルを置いたファイルサーバーが応答せず、`serve.max_run` に達した。
    /// - 正しい例: 実行の前に、入力ファイルをローカルディスクへコピーしておく。
    RUN_KILLED = "PMH6610", Error fixed {
        title: "run ended by force", "実行の強制終了";
        message: "the run was ended by force: {}", "実行が強制終了されました({})";
        help: "check that the input and its disk answer, and the free memory; the service tries again by itself until schedule.until",
            "入力ファイルとその保存先が応答するか、メモリーに余裕があるかを確認してください。schedule.until までは自動で再度実行します";
    }

    /// The service could not start a run.
    ///
    /// - Why: each run is a process of its own; without one, nothing is sent.
    /// - Source: the operating system.
    /// - Bad: the service's account has reached its number of processes.
    /// - Good: limits that leave room for one more process.
    ///
    /// # 日本語
    ///
    /// `pmh serve` が実行を始められませんでした。
    ///
    /// - 理由: 実行ごとに別のプロセスを起動します。起動できなければ送信できません。
    /// - 根拠: OSの応答。
    /// - 誤りの例: アカウントのプロセス数が上限に達している。
    /// - 正しい例: 上限に余裕を持たせる。
    RUN_NOT_STARTED = "PMH6611", Error fixed {
        title: "run cannot be started", "実行の起動失敗";
        message: "the run could not be started: {}", "実行を起動できませんでした({})";
        help: "check the limits on processes and memory, and that the program's file is in place; the service tries again by itself",
            "プロセス数とメモリーの上限、およびプログラムのファイルがあることを確認してください。自動で再度実行します";
    }

    /// Nothing was accepted for a slot of the schedule, and it is given up.
    ///
    /// - Why: PMH still has the set of an earlier day. A missed night must not go unnoticed.
    /// - Source: `schedule.at`, `schedule.until`.
    /// - Bad: the export was wrong all day, and a guard stopped every try.
    /// - Good: the export is repaired in the morning; the next try is accepted.
    ///
    /// # 日本語
    ///
    /// 予定した回の送信が、一度も受け付けられないまま打ち切られました。
    ///
    /// - 理由: PMHの登録内容は以前の日のままです。見過ごさないよう、必ずお知らせします。
    /// - 根拠: `schedule.at`、`schedule.until`。
    /// - 誤りの例: 入力ファイルの誤りが一日直されず、毎回安全装置が停止させた。
    /// - 正しい例: 午前中に入力ファイルを直し、次の実行で受け付けられた。
    SLOT_MISSED = "PMH6612", Error fixed {
        title: "no set accepted for a slot", "予定した回の未送信";
        message: "no set was accepted for the schedule of {}", "予定した回の送信が受け付けられませんでした({})";
        help: "see pmh history for what stopped it; after correcting that, run pmh sync by hand, or wait for the next time of the schedule",
            "pmh history で原因を確認し、対処した後に pmh sync を手動で実行するか、次の予定時刻を待ってください";
    }

    /// Nothing of today was accepted by the time that `notify.not_accepted_by` names.
    ///
    /// - Why: those who answer for the registration need to know before the offices open, for any reason.
    /// - Source: `notify.not_accepted_by`.
    /// - Bad: 07:00, and the last acceptance is of yesterday.
    /// - Good: accepted at 02:41.
    ///
    /// # 日本語
    ///
    /// `notify.not_accepted_by` の時刻までに、今日の送信が受け付けられていません。
    ///
    /// - 理由: 原因が何であっても、業務の開始前に担当者が気付けるようにするためです。
    /// - 根拠: `notify.not_accepted_by`。
    /// - 誤りの例: 7時の時点で、最後の受付が前日である。
    /// - 正しい例: 2時41分に受け付けられた。
    NOT_ACCEPTED_BY = "PMH6613", Error fixed {
        title: "not accepted by the set time", "期限時刻までの未受付";
        message: "nothing was accepted today by {}", "{} までに、今日の送信が受け付けられていません";
        help: "see pmh history; the service goes on trying until schedule.until",
            "pmh history で状況を確認してください。schedule.until までは自動で再度実行します";
    }

    /// The revocation list of `endpoint.crl_file` is outdated soon.
    ///
    /// - Why: an outdated list is refused, since a certificate that was revoked since then would pass; no run can connect then.
    /// - Source: RFC 5280, 5.1.2.5 (nextUpdate); the endpoint's chain, checked at later times.
    /// - Bad: 23 hours or less.
    /// - Good: a job that fetches the CA's new list each day, before the run.
    ///
    /// # 日本語
    ///
    /// `endpoint.crl_file` の証明書失効リストの有効期間が、まもなく終わります。
    ///
    /// - 理由: 有効期間を過ぎた失効リストでは、その後に失効した証明書を見分けられないため、接続しません。
    /// - 根拠: RFC 5280 5.1.2.5(nextUpdate)。接続先の証明書を、先の時刻で検証した結果。
    /// - 誤りの例: 残り23時間以下。
    /// - 正しい例: 毎日、実行の前に、認証局の新しい失効リストを取得する。
    CRL_EXPIRES = "PMH6614", Warning fixed {
        title: "revocation list outdated soon", "失効リストの期限切れ間近";
        message: "the revocation list is good for only {} more hours", "失効リストの有効期間は残り {} 時間です";
        help: "fetch the CA's present list into endpoint.crl_file, and have that done daily before the run",
            "認証局の最新の失効リストを endpoint.crl_file に置き、毎日、実行の前に更新されるようにしてください";
    }

    /// Every user of the machine can write the input, its marker or its hash file.
    ///
    /// - Why: another account writes them, so a run can't ask for an owner; but whoever can write them decides whose records are
    ///   sent. A hash file that the same people can write proves only that nothing was damaged.
    /// - Source: mode of `input.path`, `input.ready` and `input.sha256`, and of their folders.
    /// - Bad: mode 0666; a folder with mode 0777 and without the sticky bit.
    /// - Good: mode 0664 with a group of the export's and the runner's accounts.
    ///
    /// # 日本語
    ///
    /// 入力ファイル、完了ファイル、ハッシュ値のファイルのいずれかに、サーバー上の誰もが書き込める状態です。
    ///
    /// - 理由: 別のアカウントが出力するファイルのため、実行時に所有者は確認しません。しかし、書き込める人は誰のレコードを送るかを決められます。同じ人が書き込めるハッシュ値は、破損がないことしか示しません。
    /// - 根拠: `input.path`、`input.ready`、`input.sha256` のファイルとフォルダーのパーミッション。
    /// - 誤りの例: パーミッション0666。スティッキービットのない0777のフォルダー。
    /// - 正しい例: 出力側と `pmh` のアカウントのグループを設け、0664とする。
    INPUT_EXPOSED = "PMH6615", Warning fixed {
        title: "input writable by everybody", "誰でも書き込める入力ファイル";
        message: "every user of this machine can write {}", "サーバー上の誰もが書き込めます: {}";
        help: "let only the exporting account, or a group of its own, write the file and its folder (chmod o-w)",
            "出力するアカウントまたは専用のグループだけが書き込めるようにしてください(chmod o-w)";
    }

    /// A slot is tried for nearly a day, since `schedule.until` is earlier than the slot.
    ///
    /// - Why: an earlier time of day means the next day. From 23:00 until 05:00 that is meant; from 02:30 until 02:00 hardly.
    /// - Source: `schedule.at`, `schedule.until`; more than 18 hours, over midnight.
    /// - Bad: `at = ["02:30"]`, `until = "02:00"`.
    /// - Good: `until = "18:00"`; for a slot in the evening, a time of the next morning.
    ///
    /// # 日本語
    ///
    /// `schedule.until` が予定の時刻より早いため、翌日まで、ほぼ1日にわたって再実行を続けます。
    ///
    /// - 理由: 予定より早い時刻は翌日を指します。23:00から05:00までは意図どおりでも、02:30から02:00までは誤りと考えられます。
    /// - 根拠: `schedule.at`、`schedule.until`。日をまたいで18時間を超える場合。
    /// - 誤りの例: `at = ["02:30"]`、`until = "02:00"`。
    /// - 正しい例: `until = "18:00"`。夜の回であれば、翌朝の時刻。
    SLOT_OVERLONG = "PMH6616", Warning fixed {
        title: "slot is tried until the next day", "翌日まで続く再実行";
        message: "schedule.until means the next day: {}", "schedule.until は翌日の時刻になります: {}";
        help: "give schedule.until a time of day after the times of schedule.at, or one of the next morning",
            "schedule.until には、schedule.at より後の時刻か、翌朝の時刻を指定してください";
    }
}
