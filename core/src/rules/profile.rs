//! 9xxx: profile and options.

use super::rules;

rules! {
    /// A profile must be one valid JSON document.
    ///
    /// - Why: nothing can be converted without it.
    /// - Source: RFC 8259; `docs/profile.md`.
    /// - Bad: a trailing comma.
    /// - Good: `pmh init` writes one that works.
    ///
    /// # 日本語
    ///
    /// プロファイルは、正しい1つのJSON文書でなければなりません。
    ///
    /// - 理由: プロファイルがなければ何も変換できません。
    /// - 根拠: RFC 8259、`docs/profile.md`。
    /// - 誤りの例: 末尾に余分なカンマがある。
    /// - 正しい例: `pmh init` が作成するプロファイル。
    PROFILE_SYNTAX = "PMH9001", Error fixed {
        title: "profile is not valid JSON", "プロファイルのJSONが不正";
        message: "the profile is not valid JSON (line {})", "プロファイルがJSONとして正しくありません({} 行目)";
        help: "correct the syntax at that line", "その行の構文を直してください";
    }

    /// A key must occur only once in an object of the profile.
    ///
    /// - Why: one of the two would be ignored unseen.
    /// - Source: RFC 7493 (I-JSON), 2.3.
    /// - Bad: two entries for `myNumber`.
    /// - Good: each key once.
    ///
    /// # 日本語
    ///
    /// プロファイルの1つのオブジェクトに、同じキーを2回書いてはいけません。
    ///
    /// - 理由: 一方が気付かないうちに無視されてしまいます。
    /// - 根拠: RFC 7493(I-JSON) 2.3節。
    /// - 誤りの例: `myNumber` が2か所にある。
    /// - 正しい例: 各キーを1回だけ書く。
    PROFILE_DUPLICATE_KEY = "PMH9002", Error fixed {
        title: "duplicate key in the profile", "プロファイル内のキーの重複";
        message: "duplicate key", "同じキーが2回書かれています";
        help: "keep one of the two", "どちらか一方だけを残してください";
    }

    /// A profile may hold only the keys of the profile language.
    ///
    /// - Why: a misspelt key would be ignored, and its field would stay empty unseen.
    /// - Source: `docs/profile.md`.
    /// - Bad: `"form": "/氏名"`
    /// - Good: `"from": "/氏名"`
    ///
    /// # 日本語
    ///
    /// プロファイルには、定められたキーだけを書けます。
    ///
    /// - 理由: つづりを誤ったキーを無視すると、項目が空のままになっても気付けません。
    /// - 根拠: `docs/profile.md`。
    /// - 誤りの例: `"form": "/氏名"`
    /// - 正しい例: `"from": "/氏名"`
    PROFILE_UNKNOWN_KEY = "PMH9003", Error fixed {
        title: "unknown key in the profile", "プロファイルの不明なキー";
        message: "this key is not known here{}", "ここでは使えないキーです{}";
        help: "correct the spelling, or remove the key", "つづりを直すか、キーを削除してください";
    }

    /// A profile must hold what cannot be guessed: its name, version, target, record key, scheme and fields.
    ///
    /// - Why: reports and the delivery ledger name the profile, and every record needs a scheme.
    /// - Source: `docs/profile.md`, "Top level".
    /// - Bad: a profile without `target`.
    /// - Good: `"target": "pmh-sync/0.0.1"`
    ///
    /// # 日本語
    ///
    /// プロファイルには、名前・バージョン・送信先の仕様・レコードキー・制度・項目が必要です。
    ///
    /// - 理由: 検査結果や送信台帳にはプロファイルの名前が残り、どのレコードにも制度の判定が必要です。
    /// - 根拠: `docs/profile.md` の「Top level」。
    /// - 誤りの例: `target` のないプロファイル。
    /// - 正しい例: `"target": "pmh-sync/0.0.1"`
    PROFILE_MISSING_KEY = "PMH9004", Error fixed {
        title: "key missing in the profile", "プロファイルに必要なキーがない";
        message: "the key `{}` is missing", "キー `{}` がありません";
        help: "add it; docs/profile.md describes every key", "追加してください。各キーの説明は docs/profile.md にあります";
    }

    /// A value of the profile must be of the type that its key takes.
    ///
    /// - Why: what it means would be a guess.
    /// - Source: `docs/profile.md`.
    /// - Bad: `"do": "trim"`
    /// - Good: `"do": ["trim"]`
    ///
    /// # 日本語
    ///
    /// プロファイルの値は、キーごとに定められた型でなければなりません。
    ///
    /// - 理由: 型が異なると、意味が推測になってしまいます。
    /// - 根拠: `docs/profile.md`。
    /// - 誤りの例: `"do": "trim"`
    /// - 正しい例: `"do": ["trim"]`
    PROFILE_TYPE = "PMH9005", Error fixed {
        title: "wrong type in the profile", "プロファイルの値の型の誤り";
        message: "expected here: {}", "ここには{}を指定してください";
        help: "see docs/profile.md", "docs/profile.md を参照してください";
    }

    /// A place in a record is written as a JSON Pointer.
    ///
    /// - Why: one notation for all places, in profiles and in findings.
    /// - Source: RFC 6901.
    /// - Bad: `氏名`, `$.氏名`
    /// - Good: `/氏名`
    ///
    /// # 日本語
    ///
    /// レコード内の位置は、JSON Pointerで書きます。
    ///
    /// - 理由: プロファイルでも指摘でも、場所の書き方を1つに統一しています。
    /// - 根拠: RFC 6901。
    /// - 誤りの例: `氏名`、`$.氏名`
    /// - 正しい例: `/氏名`
    PROFILE_POINTER = "PMH9006", Error fixed {
        title: "not a JSON Pointer", "JSON Pointerではない";
        message: "this is not a JSON Pointer", "JSON Pointerの形式ではありません";
        help: "begin with `/` and write `~1` for a slash and `~0` for a tilde inside a key",
            "`/` で始め、キーの中の `/` は `~1`、`~` は `~0` と書いてください";
    }

    /// A name in the profile (a step, a date notation, a template's format or place, a scheme) must be a known one.
    ///
    /// - Why: a misspelt one would do nothing.
    /// - Source: `docs/profile.md`.
    /// - Bad: `"do": ["katakanna"]`
    /// - Good: `"do": ["katakana"]`
    ///
    /// # 日本語
    ///
    /// プロファイルに書く名前(変換、日付の書き方、書式、項目、制度)は、定められたものでなければなりません。
    ///
    /// - 理由: つづりを誤った名前では、意図した処理が行われません。
    /// - 根拠: `docs/profile.md`。
    /// - 誤りの例: `"do": ["katakanna"]`
    /// - 正しい例: `"do": ["katakana"]`
    PROFILE_UNKNOWN_NAME = "PMH9007", Error fixed {
        title: "unknown name in the profile", "プロファイルの不明な名前";
        message: "this name is not known{}", "不明な名前です{}";
        help: "see docs/profile.md for the names", "使える名前は docs/profile.md を参照してください";
    }

    /// A severity may be set for a rule that exists and is not fixed.
    ///
    /// - Why: fixed rules guarantee that the payload keeps the API's schema, or that everything was read.
    /// - Source: a decision of this project; `pmh explain CODE` tells whether a rule is fixed.
    /// - Bad: `"PMH3101": "off"`
    /// - Good: `"PMH3107": "warning"`
    ///
    /// # 日本語
    ///
    /// 重要度を変更できるのは、存在する検査ルールで、かつ固定されていないものだけです。
    ///
    /// - 理由: 固定の検査ルールは、送信データがAPIの仕様を満たすこと、または全件を読み取れたことを保証するものです。
    /// - 根拠: 本ソフトウェアの基準。固定かどうかは `pmh explain コード` で確認できます。
    /// - 誤りの例: `"PMH3101": "off"`
    /// - 正しい例: `"PMH3107": "warning"`
    PROFILE_RULE = "PMH9009", Error fixed {
        title: "severity cannot be set", "重要度を設定できない";
        message: "there is no such rule, or its severity is fixed", "該当する検査ルールがないか、重要度を変更できない検査ルールです";
        help: "look the code up with `pmh explain`", "`pmh explain` でコードを確認してください";
    }

    /// The record key may not be a place that a personal field is read from.
    ///
    /// - Why: the key is shown in findings and reports, which may hold no personal data.
    /// - Source: a decision of this project; 番号法 第12条 (safe handling of My Number).
    /// - Bad: `"recordKey": "/個人番号"`
    /// - Good: `"recordKey": "/宛名番号"`
    ///
    /// # 日本語
    ///
    /// レコードキー(`recordKey`)に、個人情報を読み取る場所を指定してはいけません。
    ///
    /// - 理由: レコードキーは指摘や検査結果に表示されるため、個人情報であってはなりません。
    /// - 根拠: 本ソフトウェアの基準、番号法 第12条(個人番号の安全管理)。
    /// - 誤りの例: `"recordKey": "/個人番号"`
    /// - 正しい例: `"recordKey": "/宛名番号"`
    PROFILE_PERSONAL_KEY = "PMH9010", Error fixed {
        title: "record key is personal data", "レコードキーに個人情報の項目が指定されている";
        message: "the record key would show personal data in findings", "このレコードキーでは、指摘に個人情報が表示されてしまいます";
        help: "use an internal number such as 宛名番号", "宛名番号などの内部の番号を指定してください";
    }

    /// A template's braces must match.
    ///
    /// - Why: a placeholder that is not closed would be printed on the certificate.
    /// - Source: `docs/profile.md`, "Templates".
    /// - Bad: `{birthDate|era`
    /// - Good: `{birthDate|era}`
    ///
    /// # 日本語
    ///
    /// 書式の波括弧は、正しく対応していなければなりません。
    ///
    /// - 理由: 閉じられていないと、そのまま券面に表示されてしまいます。
    /// - 根拠: `docs/profile.md` の「Templates」。
    /// - 誤りの例: `{birthDate|era`
    /// - 正しい例: `{birthDate|era}`
    PROFILE_TEMPLATE = "PMH9011", Error fixed {
        title: "template malformed", "書式の誤り";
        message: "the braces of this template do not match", "書式の波括弧が対応していません";
        help: "write `{place|format}`; a brace itself is `{{` or `}}`",
            "`{場所|書式}` の形で書いてください。波括弧そのものは `{{`、`}}` と書きます";
    }

    /// A number in the profile must lie within its bounds, and the profile within 1 MiB, 64 levels, 10,000 places and 1,000 lists.
    ///
    /// - Why: work and memory for each record must stay bounded, whatever a profile says.
    /// - Source: `docs/profile.md`, "Top level".
    /// - Bad: `"limits": { "depth": 100000 }`
    /// - Good: `"limits": { "depth": 64 }`
    ///
    /// # 日本語
    ///
    /// プロファイルの数値は範囲内で、プロファイル自体も1 MiB・64段・10,000か所・繰り返す配列1,000個以内でなければなりません。
    ///
    /// - 理由: プロファイルの内容にかかわらず、1レコードあたりの処理量とメモリー使用量を一定以下に保つためです。
    /// - 根拠: `docs/profile.md` の「Top level」。
    /// - 誤りの例: `"limits": { "depth": 100000 }`
    /// - 正しい例: `"limits": { "depth": 64 }`
    PROFILE_LIMIT = "PMH9012", Error fixed {
        title: "out of bounds in the profile", "プロファイルの範囲外の値";
        message: "allowed here: {}", "指定できる範囲は{}です";
        help: "write a number within these bounds, or shorten the profile", "範囲内の値にするか、プロファイルを短くしてください";
    }

    /// Each acknowledgement has the known members with the right values.
    ///
    /// - Why: an entry that is misread could let an error pass that no person ever looked at. Each has `code`, `target`, `on`, `until` (at most three years
    ///   later), `by`, `reason`; and either `recordKey` and `value`, or `number` of a payer or recipient number (a recipient number with `payerNumber`).
    ///   Only rules of blocks 3xxx and 4xxx can be acknowledged, no fixed one, and nothing at `/myNumber`: no issued My Number has a wrong check digit.
    /// - Source: `wasm/ABI.md`, "Acknowledgements".
    /// - Bad: `[{"code":"PMH3107"}]`
    /// - Good: `[]`
    ///
    /// # 日本語
    ///
    /// 確認済み一覧の各項目は、定められた内容でなければなりません。
    ///
    /// - 理由: 読み誤ると、誰も確認していないエラーを見逃すおそれがあります。各項目には `code`・`target`・`on`・`until`(`on` から3年以内)・`by`・`reason` と、`recordKey` と `value` の組、または公費負担者番号・受給者番号の `number`(受給者番号では `payerNumber` も)が必要です。対象は3xxx・4xxxのうち変更できる規則だけで、個人番号(`/myNumber`)は対象外です(検査用数字が誤った個人番号が発行されることはありません)。
    /// - 根拠: `wasm/ABI.md` の「Acknowledgements」。
    /// - 誤りの例: `[{"code":"PMH3107"}]`
    /// - 正しい例: `[]`
    ACKNOWLEDGEMENT_INVALID = "PMH9013", Error fixed {
        title: "acknowledgement not usable", "確認済み一覧が不正";
        message: "the acknowledgements are not usable: {}", "確認済み一覧が正しくありません: {}";
        help: "correct the entry (counted from 0), or delete it and make it anew with `pmh acknowledge`",
            "該当の項目(0から数えます)を直すか、削除して `pmh acknowledge` で作り直してください";
    }

    /// A table of characters (the profile's `characterTable`, the configuration's `character_table`) may only replace characters that others can't show, by
    /// ordinary ones.
    ///
    /// - Why: a table that replaces a character of JIS X 0208 changes the names of people who have nothing to do with it. One that replaces U+FFFD, 〓 or ? would
    ///   hide that a character was lost. What is sent must be readable, so it is no private use character itself; and a character that is
    ///   replaced by one that is replaced again was not thought through.
    /// - Source: `docs/profile.md`, "Characters".
    /// - Bad: `{ "U+9AD8": "U+9AD9" }`, `{ "U+E000": "U+E001" }`
    /// - Good: `{ "U+E000": "U+9AD8" }`
    ///
    /// # 日本語
    ///
    /// 文字の対応表(プロファイルの `characterTable`、設定の `character_table`)で置き換えられるのは、受け手の画面で表示できない文字だけで、置き換え後は通常の文字でなければなりません。
    ///
    /// - 理由: JIS X 0208の文字を置き換えると、無関係な方の氏名まで変わってしまいます。U+FFFDや「〓」「?」を置き換えると、文字が失われたことが分からなくなります。置き換え後の文字が外字では読めず、さらに置き換えの対象になっている場合は、どちらが正しいか分かりません。
    /// - 根拠: `docs/profile.md` の「文字」。
    /// - 誤りの例: `{ "U+9AD8": "U+9AD9" }`、`{ "U+E000": "U+E001" }`
    /// - 正しい例: `{ "U+E000": "U+9AD8" }`
    CHARACTER_TABLE = "PMH9014", Error fixed {
        title: "table of characters not usable", "文字の対応表が不正";
        message: "the table of characters is not usable: {}", "文字の対応表が正しくありません: {}";
        help: "correct this entry; docs/profile.md says what a table may replace",
            "この行を直してください。置き換えられる文字は docs/profile.md にあります";
    }

    /// A master of payer numbers (the option `payerNumbers`) must have numbers, and some for each 法別番号 that it is said to speak of.
    ///
    /// - Why: by an empty master, or one that was cut off, each record would be wrong; by one that is passed over, none.
    /// - Source: `wasm/ABI.md`, "Options".
    /// - Bad: `{ "valid": [] }`; `prefixes` with 84 and no number that begins with it.
    /// - Good: `{ "prefixes": ["80"], "valid": ["80130010", "80130028 2020-04-01/.."] }`
    ///
    /// # 日本語
    ///
    /// 公費負担者番号のマスター(オプションの `payerNumbers`)には番号があり、対象とする法別番号ごとに1件以上なければなりません。
    ///
    /// - 理由: 空のマスターや途中で切れたマスターを使うと全件がエラーになり、無視すると誤りが1件も見つからないためです。
    /// - 根拠: `wasm/ABI.md` の「Options」。
    /// - 誤りの例: `{ "valid": [] }`、`prefixes` に84があるのに84で始まる番号がない。
    /// - 正しい例: `{ "prefixes": ["80"], "valid": ["80130010", "80130028 2020-04-01/.."] }`
    PAYER_MASTER = "PMH9015", Error fixed {
        title: "master of payer numbers not usable", "公費負担者番号のマスターが不正";
        message: "the master of payer numbers is not usable: {}", "公費負担者番号のマスターが正しくありません: {}";
        help: "see whether the file is complete and the columns are the right ones",
            "ファイルが途中で切れていないか、列の指定が正しいかを確認してください";
    }

    /// The options of a run must be complete and known.
    ///
    /// - Why: the processing date decides who is sent, so it is never guessed.
    /// - Source: `wasm/ABI.md`, "Options".
    /// - Bad: `{}`
    /// - Good: `{"asOf":"2026-11-22"}`
    ///
    /// # 日本語
    ///
    /// 実行時の指定(オプション)は、過不足なく正しくなければなりません。
    ///
    /// - 理由: 処理日によって送信の対象者が決まるため、推測で補うことはしません。
    /// - 根拠: `wasm/ABI.md` の「Options」。
    /// - 誤りの例: `{}`
    /// - 正しい例: `{"asOf":"2026-11-22"}`
    OPTIONS = "PMH9101", Error fixed {
        title: "options not usable", "オプションが不正";
        message: "the options are not usable: {}", "オプションが正しくありません: {}";
        help: "`asOf` is required as YYYY-MM-DD; see wasm/ABI.md for the others",
            "`asOf`(YYYY-MM-DD)は必須です。そのほかは wasm/ABI.md を参照してください";
    }

    /// The calls of a session have an order: open, push, finish.
    ///
    /// - Why: input after its end, or for a session that never opened, would be lost unseen.
    /// - Source: `wasm/ABI.md`, "A run".
    /// - Bad: a `push` after `finish`.
    /// - Good: `reset` before the next input.
    ///
    /// # 日本語
    ///
    /// 呼び出しには、開始・入力・終了という順序があります。
    ///
    /// - 理由: 終了後の入力や、開始に失敗したセッションへの入力は、気付かれずに失われてしまいます。
    /// - 根拠: `wasm/ABI.md` の「A run」。
    /// - 誤りの例: 終了後の入力。
    /// - 正しい例: 次の入力の前に `reset` を呼ぶ。
    CALL_ORDER = "PMH9102", Error fixed {
        title: "call out of order", "呼び出し順序の誤り";
        message: "this call does not fit the session's state", "セッションの状態に合わない呼び出しです";
        help: "call `reset`, or open a session again", "`reset` を呼ぶか、セッションを開き直してください";
    }

    /// A profile's test cases are a JSON list of cases with the known keys.
    ///
    /// - Why: a misspelt key would be ignored, and the case would pass without checking anything. The place is shown; the text isn't, since
    ///   cases hold records.
    /// - Source: `docs/profile.md`, "Test cases".
    /// - Bad: `[{ "name": "clean", "record": {} }]` without `asOf`.
    /// - Good: `[{ "name": "clean", "asOf": "2026-11-22", "record": {}, "codes": ["PMH2003"] }]`
    ///
    /// # 日本語
    ///
    /// プロファイルのテストケースは、定められたキーだけを持つケースのJSON配列でなければなりません。
    ///
    /// - 理由: つづりを誤ったキーを無視すると、何も確認されないまま合格になります。ケースにはレコードが含まれるため、位置だけを示し、内容は表示しません。
    /// - 根拠: `docs/profile.md` の「Test cases」。
    /// - 誤りの例: `asOf` のない `[{ "name": "clean", "record": {} }]`。
    /// - 正しい例: `[{ "name": "clean", "asOf": "2026-11-22", "record": {}, "codes": ["PMH2003"] }]`
    CASES = "PMH9201", Error fixed {
        title: "test cases not usable", "テストケースが不正";
        message: "the test cases are not usable: {}", "テストケースが正しくありません: {}";
        help: "each case has `name`, `asOf` and `record`, and `result`, `fields` and `codes` as wanted",
            "各ケースには `name`・`asOf`・`record` が必要です。`result`・`fields`・`codes` は任意です";
    }

    /// A trace needs a record that exists.
    ///
    /// - Why: nothing can be shown of a record that the file doesn't have. Records are counted from 1, as `pmh check` shows them; a key is
    ///   compared as a whole.
    /// - Source: `pmh profile trace --help`.
    /// - Bad: `--record 200` with a file of 167 records.
    /// - Good: `--record 167`
    ///
    /// # 日本語
    ///
    /// 追跡するレコードは、ファイルの中に存在しなければなりません。
    ///
    /// - 理由: ファイルにないレコードについては何も表示できません。レコードは `pmh check` の表示と同じく1から数え、キーは全体が一致するものを探します。
    /// - 根拠: `pmh profile trace --help`。
    /// - 誤りの例: 167件のファイルに対する `--record 200`。
    /// - 正しい例: `--record 167`
    NO_SUCH_RECORD = "PMH9202", Error fixed {
        title: "no such record", "該当するレコードがない";
        message: "the file has no such record: {}", "該当するレコードがファイルにありません: {}";
        help: "take the number (N of \"record no. N\") or the key from the output of `pmh check`",
            "`pmh check` の表示にある番号(「N件目」のN)またはレコードキーを指定してください";
    }
}
