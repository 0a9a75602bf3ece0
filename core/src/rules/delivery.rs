//! 6xxx: delivery to PMH. Raised by the runner, explained here with the others.

use super::rules;

rules! {
    /// PMH answered 400: the request's data is wrong.
    ///
    /// - Why: the receiver refuses the whole request, so nobody in it is registered. Sending the same bytes again
    ///   cannot help.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, Responses, 400.
    /// - Bad: a payload written with another character encoding.
    /// - Good: a payload that `pmh check --payload` accepts.
    ///
    /// # 日本語
    ///
    /// PMHが「400 リクエストデータに問題あり」を返しました。
    ///
    /// - 理由: リクエスト全体が受け付けられず、誰も登録されていません。同じデータを再送しても解決しません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)のResponses 400。
    /// - 誤りの例: 別の文字コードで書かれたデータ。
    /// - 正しい例: `pmh check --payload` で問題が出ないデータ。
    REFUSED = "PMH6001", Error fixed {
        title: "refused by PMH", "PMHによる拒否";
        message: "PMH refused the request's data (status {})", "PMHがリクエストのデータを拒否しました(ステータス {})";
        help: "look at PMH's code and message, correct the data or the profile, then send again; nothing was registered",
            "PMHのエラーコードとメッセージを確認し、データまたはプロファイルを直してから送信し直してください。今回の内容は登録されていません";
    }
}
