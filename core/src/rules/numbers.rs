//! 31xx and 41xx: My Number, payer number and recipient number.

use super::rules;
use crate::{
    convert::check_digit,
    payload::Field,
    prefecture,
    record::{Findings, Record},
    scheme::Scheme,
};

rules! {
    /// My Number (個人番号) must be 12 half-width digits.
    ///
    /// - Why: it is the key by which PMH finds the person.
    /// - Source: 行政手続における特定の個人を識別するための番号の利用等に関する法律施行令 第8条; the API's field `myNumber`.
    /// - Bad: 11 digits; a number with hyphens (the step `digits` removes them).
    /// - Good: `123456789018` (synthetic)
    ///
    /// # 日本語
    ///
    /// 個人番号は半角数字12桁でなければなりません。
    ///
    /// - 理由: PMHが本人を特定するための番号です。
    /// - 根拠: 番号法施行令 第8条、APIの項目 `myNumber`。
    /// - 誤りの例: 11桁の番号、ハイフン入りの番号(`digits` で取り除けます)。
    /// - 正しい例: `123456789018` (架空の番号)
    MY_NUMBER_FORM = "PMH3101", Error fixed {
        title: "My Number is not 12 digits", "個人番号の桁数の誤り";
        message: "the My Number is not 12 half-width digits", "個人番号が半角数字12桁ではありません";
        help: "compare with the resident register or the person's proof of the number, and correct it",
            "住民基本台帳または番号確認書類と照合し、誤りがあれば直してください";
        system: "if many have it, add the step `digits` or `pad` to the profile",
            "多数の場合は、プロファイルに `digits` や `pad` を追加してください";
    }

    /// The last digit of a My Number (個人番号) must be its check digit.
    ///
    /// - Why an error: a mistyped number is no person's, or worse, another person's.
    /// - What it finds: a changed digit always changes r, but r = 0 and r = 1 share the digit 0. So of changes of one of the first eleven
    ///   digits one in 55 is missed, always in a number that ends in 0 and stays so; so is one in 55 where two neighbours among them change
    ///   places, and two in 99 where the last two do. A changed last digit is never missed.
    /// - Source: 平成26年総務省令第85号 第5条. With P1…P11 the digits from the right, and Qn = n+1 (n ≤ 6), n−5 (n ≥ 7): r = Σ Pn×Qn mod 11;
    ///   the digit is 0 where r ≤ 1, else 11 − r.
    /// - Bad: `123456789010` (synthetic)
    /// - Good: `123456789018` (synthetic)
    ///
    /// # 日本語
    ///
    /// 個人番号の末尾の数字は、正しい検査用数字でなければなりません。
    ///
    /// - 理由: 入力を誤った番号は、存在しない番号か、別の方の番号になるため、エラーとしています。
    /// - 検出できる範囲: ほとんどの入力誤りを検出できますが、末尾が0の番号では、まれに検出できません(先頭11桁の1桁の誤りの55分の1)。先頭11桁の隣り合う2桁の入れ替わりも55分の1、末尾2桁の入れ替わりは99分の2が検出できません。末尾の1桁の誤りは必ず検出できます。
    /// - 根拠: 平成26年総務省令第85号 第5条。右から数えたn桁目の数字をPn、Qn = n+1(n ≤ 6)、n−5(n ≥ 7)とし、r = Σ Pn×Qn を11で割った余り。検査用数字は、rが1以下のとき0、それ以外は11 − r。
    /// - 誤りの例: `123456789010` (架空の番号)
    /// - 正しい例: `123456789018` (架空の番号)
    MY_NUMBER_CHECK_DIGIT = "PMH3102", Error {
        title: "wrong check digit of My Number", "個人番号の検査用数字の誤り";
        message: "the check digit of the My Number is wrong", "個人番号の検査用数字が正しくありません";
        help: "compare with the resident register or the person's proof of the number, and correct it",
            "住民基本台帳または番号確認書類と照合し、誤りがあれば直してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// The payer number (公費負担者番号) must be 8 half-width digits.
    ///
    /// - Why: hospitals put it on their claims; PMH takes nothing else.
    /// - Source: the notice on setting the numbers (for 更生医療: 平成5年2月15日 社援更第26号): 法別番号 2, 都道府県番号 2, 実施機関番号 3, 検証番号 1.
    /// - Bad: `5401602`
    /// - Good: `54016027`
    ///
    /// # 日本語
    ///
    /// 公費負担者番号は半角数字8桁でなければなりません。
    ///
    /// - 理由: 医療機関が請求に用いる番号であり、これ以外の形では登録できません。
    /// - 根拠: 公費負担者番号及び受給者番号の設定に関する国の通知(更生医療は平成5年2月15日 社援更第26号。法別番号2桁、都道府県番号2桁、実施機関番号3桁、検証番号1桁)。
    /// - 誤りの例: `5401602`
    /// - 正しい例: `54016027`
    PAYER_NUMBER_FORM = "PMH3104", Error fixed {
        title: "payer number is not 8 digits", "公費負担者番号の桁数の誤り";
        message: "the payer number is not 8 half-width digits", "公費負担者番号が半角数字8桁ではありません";
        help: "compare with the prefecture's notice that assigned the payer number", "都道府県からの公費負担者番号の設定通知と照合してください";
        system: "if many have it, add the step `digits` to the profile", "多数の場合は、プロファイルに `digits` を追加してください";
    }

    /// The last digit of the payer number (公費負担者番号) must be its check digit (検証番号).
    ///
    /// - Why an error: in October 2024 the Tokyo government published that a city's new payer number had a miscalculated check digit,
    ///   found only after certificates for about 1,300 children (マル子, 法別番号 88) had been mailed. A profile for sample numbers may lower it.
    /// - What it finds: every change of one digit; every change of places of two neighbours but 09 and 90.
    /// - Source: the notice on setting 公費負担者番号 and 受給者番号 (for 更生医療: 平成5年2月15日 社援更第26号); 東京都, 令和6年10月3日.
    /// - Bad: `88134458`
    /// - Good: `88134457`
    ///
    /// # 日本語
    ///
    /// 公費負担者番号の末尾の数字は、正しい検証番号でなければなりません。
    ///
    /// - 理由: 令和6年10月、新しい負担者番号の検証番号に計算誤りがあり、義務教育就学児医療費助成(マル子、法別番号88)の医療証を約1,300名分発送した後に判明した例を東京都が公表しています。そのため既定でエラーとしています。見本の番号を使う場合は、プロファイルで警告に変更できます。
    /// - 検出できる範囲: 1桁の誤りはすべて、隣り合う2桁の入れ替わりは09と90を除きすべて検出できます。
    /// - 根拠: 公費負担者番号及び受給者番号の設定に関する国の通知(更生医療は平成5年2月15日 社援更第26号)、東京都の公表(令和6年10月3日)。
    /// - 誤りの例: `88134458`
    /// - 正しい例: `88134457`
    PAYER_NUMBER_CHECK_DIGIT = "PMH3105", Error {
        title: "wrong check digit of the payer number", "公費負担者番号の検証番号の誤り";
        message: "the check digit of the payer number is wrong", "公費負担者番号の検証番号が正しくありません";
        help: "compare with the prefecture's notice that assigned the payer number", "都道府県からの公費負担者番号の設定通知と照合してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// The recipient number (受給者番号) must be 1 to 30 half-width letters, digits or hyphens.
    ///
    /// - Why: PMH takes nothing else; local schemes need not have 7 digits.
    /// - Source: a later PMH specification (≤ 30 characters).
    /// - Bad: a number in full-width digits.
    /// - Good: `1234566`
    ///
    /// # 日本語
    ///
    /// 受給者番号は、半角の英数字またはハイフン1〜30文字でなければなりません。
    ///
    /// - 理由: これ以外の形では登録できません。地方単独事業では7桁とは限りません。
    /// - 根拠: 後に公表されたPMHの仕様(30文字以内)。
    /// - 誤りの例: 全角数字の番号。
    /// - 正しい例: `1234566`
    RECIPIENT_NUMBER_FORM = "PMH3106", Error fixed {
        title: "recipient number malformed", "受給者番号の形式の誤り";
        message: "the recipient number is not 1 to 30 half-width letters, digits or hyphens",
            "受給者番号が、半角の英数字とハイフンによる1〜30文字になっていません";
        help: "compare with the copy of the certificate, and correct the register", "受給者証の控えと照合し、受給者台帳の番号を直してください";
        system: "if many have it, add the step `digits` to the profile", "多数の場合は、プロファイルに `digits` を追加してください";
    }

    /// The last digit of a national scheme's recipient number (受給者番号) must be its check digit (検証番号).
    ///
    /// - Why an error: a wrong one means that the number was mistyped, or that the certificate was printed with a miscalculated number; a hospital's
    ///   software may refuse it, and claims with it may be sent back.
    /// - If the certificate prints the same number: for one person only, decide with those who assign the numbers whether it stays in use; for many people
    ///   of one time, the numbers were probably miscalculated, so hold back certificates that are not mailed yet. To send such numbers, acknowledge each with
    ///   `pmh acknowledge`, or lower this rule to a warning in the profile, which holds for all records, and note why.
    /// - What it finds: every change of one digit; every change of places of two neighbours but 09 and 90.
    /// - Source: the notice on setting the numbers (for 更生医療: 平成5年2月15日 社援更第26号): the same calculation as for the payer number.
    /// - Bad: `0000002`
    /// - Good: `0000018`
    ///
    /// # 日本語
    ///
    /// 国の制度の受給者番号の末尾の数字は、正しい検証番号でなければなりません。
    ///
    /// - 理由: 番号の入力誤りか、計算を誤った番号が券面に印刷されている可能性があり、医療機関のシステムが受け付けない、請求が返戻されるなどのおそれがあるため、エラーとしています。
    /// - 検出できる範囲: 1桁の誤りはすべて、隣り合う2桁の入れ替わりは09と90を除きすべて検出できます。
    /// - 控えと同じ番号の場合: この方だけであれば、番号を付け直すかそのまま使うかを付番の担当と決めてください。同じ時期に交付した多くの方に出る場合は付番の計算誤りの可能性があるため、発送前の受給者証の発送を止めて確認してください。そのまま使う番号は、1件ずつ `pmh acknowledge` で確認済みにするか、プロファイルでこの検査を警告に変更すると送信できます(後者はすべての方に適用されます。理由を記録してください)。
    /// - 根拠: 公費負担者番号及び受給者番号の設定に関する国の通知(更生医療は平成5年2月15日 社援更第26号。公費負担者番号と同じ計算)。
    /// - 誤りの例: `0000002`
    /// - 正しい例: `0000018`
    RECIPIENT_NUMBER_CHECK_DIGIT = "PMH3107", Error {
        title: "wrong check digit of the recipient number", "受給者番号の検証番号の誤り";
        message: "the check digit of the recipient number is wrong", "受給者番号の検証番号が正しくありません";
        help: "compare with the copy of the certificate: correct the register, or ask those who assign the numbers",
            "受給者証の控えと比べ、異なれば受給者台帳を直し、同じであれば付番の担当に確認してください";
        system: "if the desk keeps the number, acknowledge it with `pmh acknowledge`, and say why",
            "そのまま使うと決まった番号は、`pmh acknowledge` で理由とともに確認済みとしてください";
    }

    /// A national scheme's recipient number (受給者番号) has 7 digits.
    ///
    /// - Why an error: claims have 7 places for it, so a number of another length cannot be billed.
    /// - Source: the notice on setting the numbers (for 更生医療: 平成5年2月15日 社援更第26号): 受給者区分 6, 検証番号 1.
    /// - Bad: `12345`
    /// - Good: `1234566`
    ///
    /// # 日本語
    ///
    /// 国の制度の受給者番号は7桁です。
    ///
    /// - 理由: 請求の様式では7桁の欄に記載するため、桁数の異なる番号では請求できません。そのためエラーとしています。
    /// - 根拠: 公費負担者番号及び受給者番号の設定に関する国の通知(更生医療は平成5年2月15日 社援更第26号。受給者区分6桁、検証番号1桁)。
    /// - 誤りの例: `12345`
    /// - 正しい例: `1234566`
    RECIPIENT_NUMBER_LENGTH = "PMH3108", Error {
        title: "recipient number is not 7 digits", "受給者番号が7桁ではない";
        message: "the recipient number of a national scheme is not 7 digits", "国の制度の受給者番号が7桁の数字ではありません";
        help: "compare with the copy of the certificate, and correct the register", "受給者証の控えと照合し、受給者台帳の番号を直してください";
        system: "if the export loses leading zeros, add `{ \"pad\": 7 }`", "先頭の0が失われている場合は、`{ \"pad\": 7 }` を追加してください";
    }

    /// The third and fourth digit of the payer number (公費負担者番号) must be a prefecture's number, 01 to 47.
    ///
    /// - Why an error: no other number was ever assigned, so digits were swapped or shifted, and a claim would reach no payer.
    /// - Source: the notice on setting the numbers (for 更生医療: 平成5年2月15日 社援更第26号); JIS X 0401.
    /// - Bad: `16480014`
    /// - Good: `16130015` (13 東京都)
    ///
    /// # 日本語
    ///
    /// 公費負担者番号の3〜4桁目は都道府県番号(01〜47)でなければなりません。
    ///
    /// - 理由: これ以外の番号は設定されないため、桁の入れ替わりやずれが考えられ、請求先に届きません。そのためエラーとしています。
    /// - 根拠: 公費負担者番号及び受給者番号の設定に関する国の通知(更生医療は平成5年2月15日 社援更第26号)、JIS X 0401。
    /// - 誤りの例: `16480014`
    /// - 正しい例: `16130015` (13 東京都)
    PAYER_PREFECTURE = "PMH3109", Error {
        title: "wrong prefecture in the payer number", "公費負担者番号の都道府県番号の誤り";
        message: "the prefecture part of the payer number is not 01 to 47",
            "公費負担者番号の都道府県番号が01〜47ではありません";
        help: "compare with the prefecture's notice that assigned the payer number", "都道府県からの公費負担者番号の設定通知と照合してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// The first two digits of the payer number (法別番号) must belong to the record's scheme.
    ///
    /// - Why an error: hospitals bill by this number; with another scheme's the claim goes to the wrong payer.
    ///   The local numbers are 40–49 and 80–99 unless the profile names its own (`localNumbers`).
    /// - Source: 法別番号: 10 and 11 結核, 15 更生医療, 16 育成医療, 21 精神通院医療, 23 養育医療, 52 小児慢性特定疾病医療, 54 特定医療; local schemes use
    ///   80–99 and, in some prefectures, numbers of the forties (41, 43, 44 in 青森県).
    /// - Bad: a 育成医療 record with a payer number that begins with 15.
    /// - Good: a 育成医療 record with one that begins with 16.
    ///
    /// # 日本語
    ///
    /// 公費負担者番号の法別番号(先頭2桁)は、レコードの制度と一致しなければなりません。
    ///
    /// - 理由: 医療機関はこの番号で請求するため、制度が異なると請求先を誤ります。そのためエラーとしています。地方単独事業の番号は、プロファイルの `localNumbers` で指定がなければ40〜49と80〜99とします。
    /// - 根拠: 法別番号(10・11 結核、15 更生医療、16 育成医療、21 精神通院医療、23 養育医療、52 小児慢性特定疾病医療、54 特定医療。地方単独事業は80〜99のほか、青森県の41・43・44など40番台の県があります)。
    /// - 誤りの例: 15で始まる公費負担者番号を持つ育成医療のレコード。
    /// - 正しい例: 16で始まる公費負担者番号を持つ育成医療のレコード。
    PAYER_SCHEME = "PMH4101", Error {
        title: "payer number of another scheme", "法別番号と制度の不一致";
        message: "the payer number does not belong to the record's scheme", "公費負担者番号の法別番号がレコードの制度と一致しません";
        help: "find out whether the payer number or the scheme is wrong, and correct it",
            "公費負担者番号と制度のどちらが誤っているか確認し、誤っている方を直してください";
        system: "if many have it, check the `map` of `scheme`, for local schemes `localNumbers`",
            "多数の場合は `scheme` の対応を、地方単独事業では `localNumbers` を確認してください";
    }

    /// The payer number's prefecture should be the one of the address.
    ///
    /// - Why a warning: the address is the one of the 住民票, but the payer follows the place of residence (居住地): people who fled without moving their 住民票,
    ///   live in a hospital, in a facility, with their parents or as students elsewhere. And the municipality from before the admission to a facility may stay
    ///   responsible (居住地特例).
    /// - Source: 障害者総合支援法 第52条, 第56条; that the two usually agree is a decision of this project.
    /// - Bad: an address in 神奈川県 with a payer number of prefecture 13.
    /// - Good: an address in 東京都 with a payer number of prefecture 13.
    ///
    /// # 日本語
    ///
    /// 公費負担者番号の都道府県番号は、通常、住所の都道府県と一致します。
    ///
    /// - 理由: 施設に入所していて入所前の市町村が支給認定を行う場合(居住地特例)のほか、避難、病院・施設・実家での生活、単身赴任、就学などにより、住民票の住所と実際の居住地が異なる場合があるため、警告にとどめています。
    /// - 根拠: 障害者総合支援法 第52条、第56条。通常は一致することを前提とした検査は、本ソフトウェアの基準です。
    /// - 誤りの例: 住所が神奈川県で、都道府県番号が13。
    /// - 正しい例: 住所が東京都で、都道府県番号が13。
    PAYER_ADDRESS = "PMH4102", Warning {
        title: "payer number of another prefecture", "公費負担者番号と住所の相違";
        message: "the payer number's prefecture is not the one of the address",
            "公費負担者番号の都道府県番号が住所の都道府県と異なります";
        help: "nothing to do if the person lives elsewhere than the 住民票 says; else check number and address",
            "住民票と居住地が異なる方(施設入所など)は対応不要です。それ以外は番号または住所を確認してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// A My Number must not consist of one digit twelve times.
    ///
    /// - Why an error: it is a filler for a number that is not known. `000000000000` even carries the right check digit, so nothing else finds it.
    /// - If the person has no My Number: the person can't be registered this way; leave the record out on purpose with `records.when`, and let the person use
    ///   the paper certificate.
    /// - Source: a decision of this project.
    /// - Bad: `000000000000`
    /// - Good: `123456789018` (synthetic)
    ///
    /// # 日本語
    ///
    /// 個人番号は、同じ数字を12個並べたものであってはいけません。
    ///
    /// - 理由: 番号が不明な場合の仮の値と考えられます。特に `000000000000` は検査用数字が正しく、ほかの検査では見つからないため、エラーとしています。
    /// - 個人番号を確認できない場合: この方法では登録できません。`records.when` で意図的に送信対象から外し、紙の受給者証で受診していただいてください。
    /// - 根拠: 本ソフトウェアの基準です。
    /// - 誤りの例: `000000000000`
    /// - 正しい例: `123456789018` (架空の番号)
    MY_NUMBER_FILLER = "PMH3110", Error {
        title: "My Number of one repeated digit", "同じ数字だけの個人番号";
        message: "the My Number is one digit repeated, a filler", "個人番号が同じ数字の繰り返しです(仮の値と思われます)";
        help: "enter the person's number; without one, the person uses the paper certificate",
            "本人の個人番号を入力してください。番号を確認できない方は紙の受給者証で対応します";
        system: "leave out a person without a number on purpose, with `records.when`",
            "番号を確認できない方は、`records.when` で除いてください";
    }

    /// A recipient number (受給者番号) must not consist of zeros.
    ///
    /// - Why an error: it is a filler. `0000000` even carries the right check digit, so nothing else finds it.
    /// - Source: a decision of this project.
    /// - Bad: `0000000`
    /// - Good: `0000018`
    ///
    /// # 日本語
    ///
    /// 受給者番号は、0だけを並べたものであってはいけません。
    ///
    /// - 理由: 仮の値と考えられます。`0000000` は検証番号が正しく、ほかの検査では見つからないため、エラーとしています。
    /// - 根拠: 本ソフトウェアの基準です。
    /// - 誤りの例: `0000000`
    /// - 正しい例: `0000018`
    RECIPIENT_NUMBER_FILLER = "PMH3111", Error {
        title: "recipient number of zeros", "0だけの受給者番号";
        message: "the recipient number consists of zeros, a filler", "受給者番号が0だけです(仮の値と思われます)";
        help: "compare with the copy of the certificate, and correct the register", "受給者証の控えと照合し、受給者台帳の番号を直してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// A recipient number (受給者番号) of one repeated digit is probably a filler.
    ///
    /// - Why a warning: `1111111`, `2222222`, `3333333` and `4444444` carry the right check digit, so one person may really have such a number, and an error would
    ///   keep this person from being sent for ever. If it fills in for several people, PMH5005 finds it.
    /// - Source: a decision of this project.
    /// - Bad: `1111111` for a person whose number is not known.
    /// - Good: `1111111` on the certificate of the person it was given to; `0000018`
    ///
    /// # 日本語
    ///
    /// 同じ数字だけの受給者番号は、仮の値と考えられます。
    ///
    /// - 理由: `1111111`・`2222222`・`3333333`・`4444444` は検証番号が正しく、実際に付番された方がいる可能性があります。エラーにするとその方を送信できなくなるため、警告としています。複数の方に仮の値として使われている場合は、PMH5005で見つかります。
    /// - 根拠: 本ソフトウェアの基準です。
    /// - 誤りの例: 番号の分からない方の `1111111`
    /// - 正しい例: 実際に付番された方の `1111111`、または `0000018`
    RECIPIENT_NUMBER_REPEATED = "PMH3112", Warning {
        title: "recipient number of equal digits", "同じ数字だけの受給者番号";
        message: "the recipient number is one digit repeated", "受給者番号が同じ数字の繰り返しです";
        help: "nothing to do if the certificate prints it so; else correct the register",
            "受給者証の記載どおりであれば対応不要です。異なる場合は受給者台帳を直してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// A finished payload may hold only schemes that this program knows.
    ///
    /// - Why an error: without the scheme, gender, copayment and numbers can't be checked.
    /// - Source: 法別番号: 10, 11, 15, 16, 21, 23, 52, 54, and 40–49 and 80–99 or the profile's `localNumbers`.
    /// - Bad: a payer number that begins with 30.
    /// - Good: one that begins with 21.
    ///
    /// # 日本語
    ///
    /// 送信データの法別番号(公費負担者番号の先頭2桁)は、本ソフトウェアが対応する制度のものでなければなりません。
    ///
    /// - 理由: 制度が分からないと、性別・自己負担・各番号を検査できないため、エラーとしています。
    /// - 根拠: 法別番号(10・11・15・16・21・23・52・54、地方単独事業の40〜49・80〜99またはプロファイルの `localNumbers`)。
    /// - 誤りの例: 30で始まる公費負担者番号。
    /// - 正しい例: 21で始まる公費負担者番号。
    UNKNOWN_SCHEME = "PMH4104", Error {
        title: "scheme not supported", "対応していない制度";
        message: "the payer number's first two digits are of no scheme that is supported",
            "この法別番号の制度には対応していません";
        help: "check the payer number", "公費負担者番号を確認してください";
        system: "name a local scheme's number in the profile's `localNumbers`",
            "地方単独事業の番号は、プロファイルの `localNumbers` で指定してください";
    }
}

fn all_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether all bytes are the same.
fn is_one_digit(number: &str) -> bool {
    let mut bytes = number.bytes();
    bytes.next().is_some_and(|first| bytes.all(|byte| byte == first))
}

/// Checks the three numbers.
pub(super) fn check(record: &Record<'_>, findings: &mut Findings) {
    if let Some(number) = record.text(Field::MyNumber) {
        if !all_digits(number, 12) {
            record.report(&MY_NUMBER_FORM, Field::MyNumber, findings);
        } else if is_one_digit(number) {
            record.report(&MY_NUMBER_FILLER, Field::MyNumber, findings);
        } else if !check_digit::my_number_holds(number) {
            record.report(&MY_NUMBER_CHECK_DIGIT, Field::MyNumber, findings);
        }
    }
    if let Some(number) = record.text(Field::PayerNumber) {
        if all_digits(number, 8) {
            check_payer(record, number, findings);
        } else {
            record.report(&PAYER_NUMBER_FORM, Field::PayerNumber, findings);
        }
    }
    if let Some(number) = record.text(Field::RecipientNumber) {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !(1..=30).contains(&number.len()) || !number.bytes().all(allowed) {
            record.report(&RECIPIENT_NUMBER_FORM, Field::RecipientNumber, findings);
        } else if number.bytes().all(|byte| byte == b'0') {
            record.report(&RECIPIENT_NUMBER_FILLER, Field::RecipientNumber, findings);
        } else if record.scheme.is_some_and(Scheme::is_national) {
            if !all_digits(number, 7) {
                record.report(&RECIPIENT_NUMBER_LENGTH, Field::RecipientNumber, findings);
            } else if !check_digit::number_holds(number) {
                record.report(&RECIPIENT_NUMBER_CHECK_DIGIT, Field::RecipientNumber, findings);
            } else if is_one_digit(number) {
                record.report(&RECIPIENT_NUMBER_REPEATED, Field::RecipientNumber, findings);
            }
        }
    }
}

fn check_payer(record: &Record<'_>, number: &str, findings: &mut Findings) {
    if !check_digit::number_holds(number) {
        record.report(&PAYER_NUMBER_CHECK_DIGIT, Field::PayerNumber, findings);
    }
    let part =
        |range| number.get(range).and_then(|digits: &str| digits.parse::<u8>().ok()).unwrap_or_default();
    let (scheme, prefecture) = (part(0..2), part(2..4));
    if record.scheme.is_some_and(|known| !known.has_number(scheme, record.local_numbers)) {
        record.report(&PAYER_SCHEME, Field::PayerNumber, findings);
    }
    if !(1..=47).contains(&prefecture) {
        record.report(&PAYER_PREFECTURE, Field::PayerNumber, findings);
    } else if record
        .text(Field::AddressPref)
        .and_then(prefecture::number)
        .is_some_and(|own| own != prefecture)
    {
        record.report(&PAYER_ADDRESS, Field::PayerNumber, findings);
    }
}
