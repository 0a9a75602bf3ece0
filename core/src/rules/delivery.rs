//! 60xx: the outcome of a request. Raised by the runner, explained here with the others.

use super::rules;

rules! {
    /// PMH answered 400: the request's data is wrong.
    ///
    /// - Why: the receiver refuses the whole request, so that this try registered no one. Sending the same bytes again
    ///   cannot help. If an earlier try of the set got no answer, PMH6010 says so as well.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, Responses, 400.
    /// - Bad: a payload written with another character encoding.
    /// - Good: a payload that `pmh check --payload` accepts.
    ///
    /// # 日本語
    ///
    /// PMHが「400 リクエストデータに問題あり」を返しました。
    ///
    /// - 理由: リクエスト全体が受け付けられず、この試行では一人も登録されていません。同じデータを再送しても解決しません。それ以前に応答のない試行がある場合は、PMH6010も表示します。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)のResponses 400。
    /// - 誤りの例: 別の文字コードで書かれたデータ。
    /// - 正しい例: `pmh check --payload` で問題が出ないデータ。
    REFUSED = "PMH6001", Error fixed {
        title: "refused by PMH", "PMHがデータを受け付けなかった";
        message: "PMH refused the request's data (status {})", "PMHがリクエストのデータを受け付けませんでした(ステータス {})";
        help: "look at PMH's code and message (--show-answer), correct the data or the profile, then send again",
            "PMHのエラーコードとメッセージ(--show-answer で表示)を確認し、データまたはプロファイルを直してから送信し直してください";
    }

    /// PMH did not accept the access token (401 or 403).
    ///
    /// - Why: the token is handed out by PMH beforehand and the sender cannot renew it; trying again with the same
    ///   one only fills the log, so the run stops at once.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, Responses, 401.
    /// - Bad: a token that expired, belongs to another environment, or was copied in part.
    /// - Good: the token of this endpoint, alone in the file that `endpoint.token_file` names.
    ///
    /// # 日本語
    ///
    /// アクセストークンがPMHで受け付けられませんでした(401または403)。
    ///
    /// - 理由: トークンは事前にPMHから払い出されるもので、送信側では更新できません。同じトークンで再試行しても通らないため、直ちに停止します。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)のResponses 401。
    /// - 誤りの例: 期限切れのトークン、別環境のトークン、途中までしか写していないトークン。
    /// - 正しい例: この接続先用のトークンだけを `endpoint.token_file` のファイルに書く。
    UNAUTHORIZED = "PMH6002", Error fixed {
        title: "token not accepted", "認証エラー";
        message: "PMH did not accept the access token (status {})", "アクセストークンがPMHで受け付けられませんでした(ステータス {})";
        help: "check that the token belongs to this endpoint and is still valid; ask PMH's operator for a new one if it is not",
            "トークンがこの接続先のもので、有効期限内であることを確認してください。無効な場合はPMHの運用窓口に再発行を依頼してください";
    }

    /// PMH, or something on the way to it, answered with a status that the API does not know.
    ///
    /// - Why: a redirect is never followed, and another 4xx says that the request did not reach the registration API:
    ///   nearly always a wrong URL, or a relay server or proxy that answers in PMH's place.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, Responses (200, 400, 401, 500 and 503 alone).
    /// - Bad: `https://pmh.example.lg.jp/` (404).
    /// - Good: `https://pmh.example.lg.jp/medicalSubsidiesTargetPersons`
    ///
    /// # 日本語
    ///
    /// PMHまたは途中の機器が、API仕様にないステータスを返しました。
    ///
    /// - 理由: リダイレクトには従いません。その他の4xxは、登録APIに届いていないことを示します。多くの場合、URLの誤りか、連携サーバーやプロキシがPMHの代わりに応答したものです。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)のResponses(200、400、401、500、503のみ)。
    /// - 誤りの例: `https://pmh.example.lg.jp/`(404)
    /// - 正しい例: `https://pmh.example.lg.jp/medicalSubsidiesTargetPersons`
    UNEXPECTED_ANSWER = "PMH6003", Error fixed {
        title: "unexpected answer", "想定外の応答";
        message: "the endpoint answered with status {}, which the API does not know", "接続先がAPI仕様にないステータス {} を返しました";
        help: "check endpoint.url, and the relay server or proxy on the way",
            "endpoint.url と、途中の連携サーバーやプロキシの設定を確認してください";
    }

    /// PMH says that it cannot take the request now (408, 429 or 503).
    ///
    /// - Why: 503 is PMH's maintenance; this try registered nothing, and the same set can be sent later.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, Responses, 503.
    /// - Bad: giving up for the day.
    /// - Good: running `pmh sync` again later.
    ///
    /// # 日本語
    ///
    /// PMHが、今は受け付けられないと応答しました(408、429または503)。
    ///
    /// - 理由: 503はPMHの保守中を示します。この試行では何も登録されておらず、後で同じ内容を送れます。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)のResponses 503。
    /// - 誤りの例: その日の送信を取りやめる。
    /// - 正しい例: 時間をおいて `pmh sync` を再実行する。
    UNAVAILABLE = "PMH6004", Error fixed {
        title: "PMH not available", "PMH利用不可";
        message: "PMH cannot take the request now (status {})", "PMHは現在受け付けていません(ステータス {})";
        help: "send again later", "時間をおいて送信し直してください";
    }

    /// No connection to the endpoint: the name was not found, the connection was refused, or TLS failed.
    ///
    /// - Why: this try sent nothing that could be registered. A server that demands another client certificate may say so
    ///   only after the sending has begun (TLS 1.3); it has read nothing of the request then.
    /// - Source: `host-runner/README.md`; the guideline's 特定通信 allows one route and one port alone.
    /// - Bad: a CA certificate that did not sign the endpoint's; a firewall without the rule for this host.
    /// - Good: `endpoint.ca_file` with the CA of the closed network.
    ///
    /// # 日本語
    ///
    /// 接続先に接続できませんでした(名前解決の失敗、接続拒否、TLSの失敗)。
    ///
    /// - 理由: この試行では、登録され得るデータは届いていません。TLS 1.3では、クライアント証明書の拒否が送信の開始後に伝わることがありますが、その場合も内容は読まれていません。
    /// - 根拠: `host-runner/README.md`。特定通信では、経路とポートが限定されています。
    /// - 誤りの例: 接続先のサーバー証明書を発行していない認証局の証明書を指定している。ファイアウォールに許可設定がない。
    /// - 正しい例: `endpoint.ca_file` に閉域網の認証局証明書を指定する。
    UNREACHABLE = "PMH6005", Error fixed {
        title: "no connection", "接続不可";
        message: "cannot connect to {}", "{} に接続できません";
        help: "check the network route, endpoint.url, the TLS certificates and the proxy",
            "ネットワーク経路、endpoint.url、TLSの証明書、プロキシの設定を確認してください";
    }

    /// PMH or a relay failed while it processed the request (5xx).
    ///
    /// - Why: whether the records were registered is not known. Sending the same full set again is safe, since each
    ///   request is a full registration.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, Responses, 500.
    /// - Bad: taking the run for failed, or for done.
    /// - Good: sending the same set again until a serial number comes back.
    ///
    /// # 日本語
    ///
    /// PMHまたは中継機器で、処理中に障害が起きました(5xx)。
    ///
    /// - 理由: 登録されたかどうか分かりません。毎回が全件登録のため、同じ内容を送り直しても問題ありません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)のResponses 500。
    /// - 誤りの例: 失敗または成功したものとして扱う。
    /// - 正しい例: シリアル番号が返るまで同じ内容を送り直す。
    SERVER_FAILED = "PMH6006", Error fixed {
        title: "PMH failed; outcome unknown", "PMHの障害(結果不明)";
        message: "PMH failed while processing (status {}); whether it registered the records is not known",
            "PMHの処理中に障害が起きました(ステータス {})。登録されたかどうかは不明です";
        help: "send the same set again: a full registration may be repeated safely", "同じ内容を送信し直してください。全件登録のため、繰り返しても問題ありません";
    }

    /// The connection ended after sending had begun and before an answer came.
    ///
    /// - Why: whether the records were registered is not known. Sending the same full set again is safe.
    /// - Source: `host-runner/README.md`.
    /// - Bad: taking the run for failed, or for done.
    /// - Good: sending the same set again until a serial number comes back.
    ///
    /// # 日本語
    ///
    /// 送信を始めた後、応答を受け取る前に通信が途切れました。
    ///
    /// - 理由: 登録されたかどうか分かりません。同じ内容を送り直しても問題ありません。
    /// - 根拠: `host-runner/README.md`。
    /// - 誤りの例: 失敗または成功したものとして扱う。
    /// - 正しい例: シリアル番号が返るまで同じ内容を送り直す。
    ANSWER_LOST = "PMH6007", Error fixed {
        title: "answer lost; outcome unknown", "応答なし(結果不明)";
        message: "no answer came: {}; whether PMH registered the records is not known", "応答を受け取れませんでした({})。登録されたかどうかは不明です";
        help: "send the same set again: a full registration may be repeated safely", "同じ内容を送信し直してください。全件登録のため、繰り返しても問題ありません";
    }

    /// An answer of success must carry a serial number: at most 64 ASCII letters, digits, dots, hyphens and underscores.
    ///
    /// - Why: the serial number is what the registration history is asked with later. Without one there is no proof
    ///   that PMH, and not something on the way, took the records. Any other text may be a person's name, and the delivery ledger
    ///   would keep it for years.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, Responses, 200.
    /// - Bad: 200 with a relay's maintenance page in HTML.
    /// - Good: `{"serialNumber":"20260401-000001"}`
    ///
    /// # 日本語
    ///
    /// 成功の応答には、シリアル番号(半角の英数字・ピリオド・ハイフン・下線による64文字以内)がなければなりません。
    ///
    /// - 理由: シリアル番号は、後で登録履歴を照会するときに使います。番号がなければ、途中の機器ではなくPMHが受け取ったという証拠がありません。それ以外の文字列は氏名などのおそれがあり、送信台帳に残せません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)のResponses 200。
    /// - 誤りの例: 中継機器のHTMLの案内画面が200で返る。
    /// - 正しい例: `{"serialNumber":"20260401-000001"}`
    NO_SERIAL_NUMBER = "PMH6008", Error fixed {
        title: "no serial number; outcome unknown", "シリアル番号なし(結果不明)";
        message: "the answer with status {} has no readable serial number", "ステータス {} の応答から、シリアル番号を読み取れません";
        help: "check that endpoint.url leads to PMH itself, then send the same set again", "endpoint.url の接続先がPMHであることを確認し、同じ内容を送信し直してください";
    }

    /// PMH answered, and the answer could not be written to the delivery ledger.
    ///
    /// - Why: what the delivery ledger does not know did not happen, as far as later runs can tell. The set counts as sent with
    ///   an unknown outcome, and the next run sends the same set again, which is safe.
    /// - Source: `host-runner/README.md`.
    /// - Bad: a full disk under the delivery ledger.
    /// - Good: making room, then running `pmh sync` again on the same day.
    ///
    /// # 日本語
    ///
    /// PMHの応答を、送信台帳に記録できませんでした。
    ///
    /// - 理由: 送信台帳にない結果は、次回以降の処理から確認できません。結果不明として扱い、次の実行で同じ内容を送り直します。送り直しても支障はありません。
    /// - 根拠: `host-runner/README.md`。
    /// - 誤りの例: 送信台帳を置いたディスクの空き容量がない。
    /// - 正しい例: 空き容量を確保し、同じ日のうちに `pmh sync` を再実行する。
    OUTCOME_NOT_KEPT = "PMH6009", Error fixed {
        title: "outcome not kept", "結果を送信台帳に記録できない";
        message: "PMH's answer could not be written to the delivery ledger: {}", "PMHの応答を送信台帳に記録できません: {}";
        help: "make the delivery ledger writable again, then run pmh sync again the same day: it sends the same set once more, which is safe",
            "送信台帳に書き込める状態に戻し、同じ日のうちに pmh sync を再実行してください。同じ内容を送り直しますが、支障はありません";
    }

    /// The last answer is a refusal or no answer at all, and an earlier try of the same set has no known outcome.
    ///
    /// - Why: a 400 or 503 speaks for its own try only. PMH may have registered the set by the earlier one, whose answer was
    ///   lost, so that "nothing was registered" would be a guess. The outcome stays unknown until the set is accepted.
    /// - Source: `host-runner/README.md`.
    /// - Bad: telling a citizen that nothing was sent that night.
    /// - Good: correcting what the other code names, and sending until a serial number comes back.
    ///
    /// # 日本語
    ///
    /// 最後の応答は受付不可または利用不可ですが、それ以前に、同じ内容の結果の分からない試行があります。
    ///
    /// - 理由: 400や503は、その試行についての応答です。応答を受け取れなかった以前の試行で登録された可能性があり、「登録されていない」とは言えません。受け付けられるまで、結果不明として扱います。
    /// - 根拠: `host-runner/README.md`。
    /// - 誤りの例: その日は何も登録されていないと住民に回答する。
    /// - 正しい例: 併せて表示されたコードの原因を取り除き、シリアル番号が返るまで送信し直す。
    EARLIER_TRY_UNKNOWN = "PMH6010", Error fixed {
        title: "an earlier try may have been registered", "以前の試行が登録された可能性あり";
        message: "run {} has an earlier try without an answer; PMH may have registered the set by it", "実行 {} には応答のない試行があり、その試行で登録された可能性があります";
        help: "correct what the other code names, then send again until it is accepted: a full registration may be repeated safely",
            "併せて表示されたコードの対応を行い、受け付けられるまで送信し直してください。全件登録のため、繰り返しても問題ありません";
    }

    /// PMH accepted the set, and what is of no use any more could not be removed afterwards.
    ///
    /// - Why: the run is accepted, and stays so. But the payload in the spool folder is personal data without a purpose.
    /// - Source: `host-runner/README.md`, `ledger.spool_dir`.
    /// - Bad: a spool folder that was made read-only while the run was under way.
    /// - Good: a spool folder of the user that `pmh` runs as.
    ///
    /// # 日本語
    ///
    /// PMHは受け付けましたが、不要になったファイルを削除できませんでした。
    ///
    /// - 理由: 送信の結果は受付済みのままです。ただし、スプールに残った送信データは、目的を終えた個人情報です。
    /// - 根拠: `host-runner/README.md` の `ledger.spool_dir`。
    /// - 誤りの例: 実行中にスプールが読み取り専用になった。
    /// - 正しい例: `pmh` を実行するユーザー(OSのアカウント)が所有するスプール。
    NOT_TIDIED = "PMH6011", Warning fixed {
        title: "payload not removed after acceptance", "受付後の送信データの削除漏れ";
        message: "accepted, but not removed: {}", "受け付けられましたが、削除できません: {}";
        help: "make the folder writable; the next run removes what is left, and until then it is personal data to be protected",
            "フォルダーに書き込めるようにしてください。残ったデータは次の実行で削除しますが、それまでは個人情報として保護してください";
    }
}
