//! 36xx and 43xx: the certificate's face (券面) and its agreement with the structured fields.

use chrono::NaiveDate;

use super::{
    face::{
        CERTIFICATE_ADDRESS, CERTIFICATE_BIRTH_DATE, CERTIFICATE_ITEMS, CERTIFICATE_KANA, CERTIFICATE_LIMIT,
    },
    rules,
};
use crate::{
    bytes,
    caption::{self, Agreement, Items, PersonPart},
    eval::At,
    finding::Detail,
    payload::{CERTIFICATE, Field},
    printed,
    record::{Findings, Record},
    scheme::{self, Scheme},
};

rules! {
    /// `certificateAllItems` (券面の全項目) must have at least one item.
    ///
    /// - Why: it stands in for the paper certificate on the hospital's screen.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `certificateAllItems`.
    /// - Bad: `{}`
    /// - Good: `{"受給者証名称":"自立支援医療受給者証（育成医療）", …}`
    ///
    /// # 日本語
    ///
    /// `certificateAllItems`(券面の全項目)には、少なくとも1つの項目が必要です。
    ///
    /// - 理由: 医療機関の画面で、紙の受給者証の代わりに表示される内容です。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `certificateAllItems`。
    /// - 誤りの例: `{}`
    /// - 正しい例: `{"受給者証名称":"自立支援医療受給者証（育成医療）", …}`
    CERTIFICATE_EMPTY = "PMH3601", Error fixed {
        title: "certificate without items", "券面の項目がない";
        message: "the certificate has no items", "券面の項目が1つもありません";
        help: "fill `certificateAllItems` in the profile", "プロファイルの `certificateAllItems` を設定してください";
    }

    /// The payer number on the certificate must be the structured field's.
    ///
    /// - Why an error: the hospital reads the certificate and bills by the field.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: an item 公費負担者番号 that differs from `medicalSubsidyRegistrationNumber`.
    /// - Good: both the same.
    ///
    /// # 日本語
    ///
    /// 券面の公費負担者番号は、`medicalSubsidyRegistrationNumber` と一致しなければなりません。
    ///
    /// - 理由: 医療機関は券面を見て、項目の番号で請求するため、エラーとしています。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 券面の公費負担者番号だけが古い番号のまま。
    /// - 正しい例: 両者が同じ番号。
    CERTIFICATE_PAYER_NUMBER = "PMH4301", Error {
        title: "payer number on the certificate", "券面の公費負担者番号の相違";
        message: "the payer number on the certificate is not the one of the field",
            "券面の公費負担者番号が項目の値と異なります";
        help: "take both from the same place, for example with `{medicalSubsidyRegistrationNumber}`",
            "`{medicalSubsidyRegistrationNumber}` を使うなど、同じ値から設定してください";
    }

    /// The recipient number on the certificate must be the structured field's.
    ///
    /// - Why an error: the hospital reads the certificate and bills by the field. Any caption that ends with 受給者番号 is compared, unless it names another
    ///   number: 旧, 変更前, 他公費 and the like. Width, spaces and hyphens don't count.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: an item 自立支援医療受給者番号 that differs from `medicalSubsidyCertificationNumber`.
    /// - Good: both the same.
    ///
    /// # 日本語
    ///
    /// 券面の受給者番号は、`medicalSubsidyCertificationNumber` と一致しなければなりません。
    ///
    /// - 理由: 医療機関は券面を見て、項目の番号で請求するため、エラーとしています。「受給者番号」で終わる項目名を照合の対象とします(「旧」「変更前」「他公費」など、別の番号を示すものは除きます)。全角・半角、空白、ハイフンの違いは問いません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 券面の受給者番号だけが別の番号。
    /// - 正しい例: 両者が同じ番号。
    CERTIFICATE_RECIPIENT_NUMBER = "PMH4302", Error {
        title: "recipient number on the certificate", "券面の受給者番号の相違";
        message: "the recipient number on the certificate is not the one of the field",
            "券面の受給者番号が項目の値と異なります";
        help: "take both from the same place, for example with `{medicalSubsidyCertificationNumber}`",
            "`{medicalSubsidyCertificationNumber}` を使うなど、同じ値から設定してください";
    }

    /// The certificate's name (受給者証名称) must not name another scheme only.
    ///
    /// - Why an error: the hospital reads one scheme and bills another. A name that holds the record's own scheme in any form (精神通院, 更生・育成医療) or no scheme at
    ///   all (自立支援医療受給者証) is right: it is to look as the paper does. A national scheme's record must not bear a local scheme's name (子ども医療, ひとり親) either. Local
    ///   schemes have names of their own and are not compared. Spaces between the letters don't count; captions are 受給者証名称, 受給者証の種類, 制度名 and the like.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: `自立支援医療受給者証（更生医療）` on a 育成医療 record
    /// - Good: `自立支援医療受給者証（育成医療）`; `自立支援医療受給者証（精神通院）`; `自立支援医療受給者証`
    ///
    /// # 日本語
    ///
    /// 券面の受給者証名称が、ほかの制度だけを示すものであってはいけません。
    ///
    /// - 理由: 医療機関が見る制度と請求する制度が異なることになるため、エラーとしています。「精神通院」「更生・育成医療」のようにレコードの制度が示されていれば、また「自立支援医療受給者証」のように制度の記載がなければ、券面の見た目のとおりで差し支えありません。国の制度のレコードで「子ども医療」「ひとり親」などの地方単独事業だけを示す場合も、誤りとします。地方単独事業は独自の名称を用いるため照合しません。「受給者証名称」「受給者証の種類」「制度名」などの項目を照合し、文字の間の空白は問いません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 育成医療のレコードで `自立支援医療受給者証（更生医療）`
    /// - 正しい例: `自立支援医療受給者証（育成医療）`、`自立支援医療受給者証（精神通院）`、`自立支援医療受給者証`
    CERTIFICATE_NAME = "PMH4303", Error {
        title: "certificate of another scheme", "受給者証名称と制度の相違";
        message: "the certificate's name names another scheme than the record's", "受給者証名称が、レコードの制度とは別の制度を示しています";
        help: "compare with the paper certificate: the scheme is wrong, or the profile names all records alike",
            "紙の受給者証と比べてください。制度の誤りか、プロファイルで全員に同じ名称を設定しています";
    }

    /// The person's name on the certificate should be the structured fields' name.
    ///
    /// - Why a warning: another person's name there means that two people were mixed up. But a certificate may print a common name (通称) or a
    ///   former one beside or in place of the registered one. Compared are 氏名, 受診者氏名, 対象者氏名, 患者氏名, 本人氏名 and 受給者氏名, also as 氏名 in a
    ///   group 受診者 and so on; width, spaces, hyphens, dots and variation selectors don't count. 受給者 isn't
    ///   compared where it may be a parent: in local schemes, 育成医療, 養育医療 and 小児慢性, and for a person under 18.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: 氏名 `鈴木　一郎` where the fields are 山田 and 太郎
    /// - Good: 氏名 `山田　太郎`
    ///
    /// # 日本語
    ///
    /// 券面の氏名は、`lastName`・`firstName` と一致することが望まれます。
    ///
    /// - 理由: 別の方の氏名であれば、取り違えが起きています。ただし、通称や旧氏を併記または使用する場合もあるため、警告としています。「氏名」「受診者氏名」「対象者氏名」「患者氏名」「本人氏名」「受給者氏名」(「受診者」などの中の「氏名」を含む)を照合し、全角・半角、空白、ハイフン、中点などの記号、異体字セレクタの違いは問いません。地方単独事業、育成医療、養育医療、小児慢性特定疾病および18歳未満の方では「受給者」が保護者の場合があるため、「受給者」の氏名は照合しません。「山田　太郎（金　太郎）」のように通称を併記した場合も警告になりますが、正しければ対応不要です。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 項目が「山田」「太郎」で、券面の氏名が `鈴木　一郎`
    /// - 正しい例: 券面の氏名が `山田　太郎`
    CERTIFICATE_PERSON = "PMH4304", Warning {
        title: "name on the certificate", "券面の氏名の相違";
        message: "the name on the certificate is not the one of the fields", "券面の氏名が項目の値と異なります";
        help: "take both from the same place; nothing to do for a common name or a former one",
            "同じ値から設定してください。通称や旧氏による場合は対応不要です";
    }

    /// The validity (有効期間) on the certificate must not begin on another day than the structured fields', nor have ended before it begins.
    ///
    /// - Why an error: the hospital reads the one and PMH decides by the other, so a person would be turned away, or treated without being
    ///   entitled; most often the face comes from an older row. Compared are 有効期間 (`…から…まで`, `…～…`, `自…至…`), captions of one end such as
    ///   有効期間開始, 有効期間終了 and 有効期限, and the same in a group 有効期間. A text that holds no date in a known notation isn't compared. An end that differs otherwise
    ///   is PMH4306.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: 有効期間 `令和7年4月1日から令和8年3月31日まで` where the fields are `2026-04-01` and `2027-03-31`
    /// - Good: 有効期間 `令和8年4月1日から令和9年3月31日まで`
    ///
    /// # 日本語
    ///
    /// 券面の有効期間の始期は、`certificationStartDate` と一致しなければならず、終期はそれより前であってはいけません。
    ///
    /// - 理由: 医療機関は券面を見て、PMHは項目の日付で資格を判断します。異なると、資格があるのに受けられない、または資格がないのに受けられることになるため、エラーとしています。多くは、券面だけが以前の履歴の内容です。「有効期間」(「…から…まで」「…～…」「自…至…」)、「有効期間開始」「有効期間終了」「有効期限」などの項目、「有効期間」の中の「開始」「終了」などを照合します。日付として読めない記載は照合しません。終期のそのほかの相違はPMH4306で扱います。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 項目が `2026-04-01`・`2027-03-31` で、券面が「令和7年4月1日から令和8年3月31日まで」
    /// - 正しい例: 券面が「令和8年4月1日から令和9年3月31日まで」
    CERTIFICATE_VALIDITY = "PMH4305", Error {
        title: "validity on the certificate", "券面の有効期間の相違";
        message: "the validity on the certificate is not the one of the fields", "券面の有効期間が項目の値と異なります";
        help: "take both from the same place, for example with `{certificationStartDate|era}`",
            "`{certificationStartDate|era}` を使うなど、同じ値から設定してください";
    }

    /// The end of the validity on the certificate should be the structured field's.
    ///
    /// - Why a warning: it differs lawfully where a period was extended by ordinance without a new certificate, or was shortened by death, a move or a revocation;
    ///   else one of the two is wrong, and the hospital reads the printed one. An end before the field's start is PMH4305.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: 有効期間 `令和8年4月1日から令和9年3月31日まで` where the end is `2027-09-30` and nothing was extended
    /// - Good: the same where the period was extended to `2027-09-30` by ordinance
    ///
    /// # 日本語
    ///
    /// 券面の有効期間の終期は、`certificationEndDate` と一致することが望まれます。
    ///
    /// - 理由: 有効期間が法令により延長された場合や、死亡・転出・取消しにより短縮した場合は、受給者証を再交付しなければ正しくても異なるため、警告としています。それ以外はどちらかの誤りであり、医療機関は券面の日付を見ます。券面の終期が項目の始期より前の場合は、PMH4305とします。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 延長がないのに、項目の終期が `2027-09-30` で、券面が「令和9年3月31日まで」
    /// - 正しい例: 法令により `2027-09-30` まで延長された方で、券面が「令和9年3月31日まで」
    CERTIFICATE_END = "PMH4306", Warning {
        title: "end of validity on the certificate", "券面の終期の相違";
        message: "the end of the validity on the certificate is not the one of the field", "券面の有効期間の終期が項目の値と異なります";
        help: "nothing to do after an extension by ordinance or a loss of entitlement; else correct one of the two",
            "法令による延長や資格喪失の場合は対応不要です。それ以外は、どちらが正しいか確認してください";
    }

    /// A 育成医療 certificate should print the guardian (保護者).
    ///
    /// - Why a warning: the patient is a child, and the approval is the guardian's, so the paper certificate has the guardian's name. But captions are the
    ///   municipality's own. A value under any caption with 保護者 or 申請者 in it counts, and under 受給者
    ///   as a group or 受給者氏名.
    /// - Source: 障害者福祉システム等標準化検討会 第2回合同WT 資料5 (example with 保護者).
    /// - Bad: a face with 受診者 only
    /// - Good: a face with `保護者`: `{"氏名": …}`
    ///
    /// # 日本語
    ///
    /// 育成医療の券面には、保護者が記載されていることが望まれます。
    ///
    /// - 理由: 受診者は児童で、支給認定を受けるのは保護者であり、紙の受給者証には保護者の氏名が記載されます。ただし、項目名は自治体によって異なるため、警告としています。「保護者」「申請者」を含む項目名、「受給者」のまとまり、「受給者氏名」のいずれかに値があればよいものとします。
    /// - 根拠: 障害者福祉システム等標準化検討会 第2回合同WT 資料5(「保護者」のある記載例)。
    /// - 誤りの例: 「受診者」だけの券面。
    /// - 正しい例: 「保護者」に氏名のある券面。
    NO_GUARDIAN = "PMH4307", Warning {
        title: "no guardian on the certificate", "保護者のない育成医療の券面";
        message: "the certificate of 育成医療 has no guardian", "育成医療の券面に保護者の記載がありません";
        help: "map the guardian's name to an item such as 保護者, as the paper has it",
            "紙の受給者証のとおり、「保護者」などの項目に氏名を設定してください";
    }
}

/// Checks that a captioned text of the certificate agrees with the structured field.
#[inline(never)]
pub(crate) fn check_agreement(
    agreement: Agreement,
    text: &str,
    at: At<'_>,
    record: &Record<'_>,
    findings: &mut Findings,
) {
    let number = |field| record.text(field).is_none_or(|field| printed::same_number(text, field));
    let date = |field, printed: Option<NaiveDate>| {
        printed.zip(record.date(field)).is_none_or(|(printed, field)| printed == field)
    };
    let start = |printed| (&CERTIFICATE_VALIDITY, date(Field::StartDate, printed));
    let end = |printed: Option<NaiveDate>| match (printed, record.date(Field::StartDate)) {
        (Some(printed), Some(start)) if printed < start => {
            // the same end as the field's is PMH4002's matter
            (&CERTIFICATE_VALIDITY, date(Field::EndDate, Some(printed)))
        }
        _ => (&CERTIFICATE_END, date(Field::EndDate, printed)),
    };
    let (rule, agrees) = match agreement {
        Agreement::PayerNumber => (&CERTIFICATE_PAYER_NUMBER, number(Field::PayerNumber)),
        Agreement::RecipientNumber => (&CERTIFICATE_RECIPIENT_NUMBER, number(Field::RecipientNumber)),
        Agreement::SchemeName => {
            (&CERTIFICATE_NAME, record.scheme.is_none_or(|scheme| !names_another(text, scheme)))
        }
        Agreement::Person { recipient: true, .. } if may_be_guardian(record) => return,
        Agreement::Person { part, .. } => {
            let same = |family, given, same: fn(&str, &str, &str) -> bool| {
                let names = record.text(family).zip(record.text(given));
                names.is_none_or(|(family, given)| same(text, family, given))
            };
            match part {
                PersonPart::Name => {
                    (&CERTIFICATE_PERSON, same(Field::LastName, Field::FirstName, printed::same_name))
                }
                PersonPart::Kana => {
                    let same = same(Field::LastNameKana, Field::FirstNameKana, printed::same_kana);
                    (&CERTIFICATE_KANA, same)
                }
                PersonPart::BirthDate => {
                    (&CERTIFICATE_BIRTH_DATE, date(Field::BirthDate, printed::birthday(text)))
                }
                PersonPart::Address => (&CERTIFICATE_ADDRESS, printed::same_address(text, record)),
            }
        }
        Agreement::Limit(period) => {
            let national = record.scheme.is_some_and(Scheme::is_national);
            (&CERTIFICATE_LIMIT, !national || printed::same_limit(text, period, record))
        }
        Agreement::Validity => match printed::period(text) {
            (first, _) if !date(Field::StartDate, first) => start(first),
            (_, last) => end(last),
        },
        Agreement::StartDate => start(printed::day(text)),
        Agreement::EndDate => end(printed::day(text)),
    };
    if !agrees {
        findings.add(rule, at);
    }
}

/// Checks that a certificate of 自立支援医療 has what each of them prints; `names` are the items that the face has a value for, at any depth.
#[inline(never)]
pub(crate) fn check_items(names: Items, record: &Record<'_>, findings: &mut Findings) {
    let Some(scheme) = record.scheme.filter(|scheme| scheme.is_jiritsu()) else { return };
    let profile = if record.plan.is_some() { "/fields/certificateAllItems" } else { "" };
    let at = At { source: None, target: CERTIFICATE, profile };
    if scheme == Scheme::Ikusei && names & caption::GUARDIAN == 0 {
        findings.add(&NO_GUARDIAN, at);
    }
    let missing: Vec<&str> = caption::REQUIRED
        .into_iter()
        .filter_map(|(item, caption)| (names & item == 0).then_some(caption))
        .collect();
    if !missing.is_empty() {
        findings.add_with(&CERTIFICATE_ITEMS, at, Detail::Name(missing.join("、")));
    }
}

/// What a certificate's name is known by, for each scheme; the other names are of local schemes and of certificates that aren't for medical care.
const NAMES: [(Scheme, &str); 14] = [
    (Scheme::Kekkaku, "結核"),
    (Scheme::Kosei, "更生"),
    (Scheme::Ikusei, "育成"),
    (Scheme::Seishin, "精神"),
    (Scheme::Yoiku, "養育"),
    (Scheme::Shoman, "小児慢性"),
    (Scheme::Nanbyo, "難病"),
    (Scheme::Local, "ひとり親"),
    (Scheme::Local, "子ども医療"),
    (Scheme::Local, "こども医療"),
    (Scheme::Local, "乳幼児"),
    (Scheme::Local, "心身障害"),
    (Scheme::Local, "療養介護"),
    (Scheme::Local, "障害福祉サービス"),
];

/// Whether a text names another scheme and not this one.
#[inline(never)]
fn names_another(text: &str, own: Scheme) -> bool {
    if !own.is_national() {
        return false;
    }
    // headings are often spaced out
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let named = |(_, name): &(Scheme, &str)| bytes::find(text.as_bytes(), name.as_bytes()).is_some();
    let mut others = false;
    for known in NAMES.iter().filter(|known| named(known)) {
        if known.0 == own {
            return false;
        }
        others = true;
    }
    others
}

/// Whether 受給者 may be the guardian of the payload's person.
fn may_be_guardian(record: &Record<'_>) -> bool {
    let is_minor = || {
        let birthday = record.date(Field::BirthDate).and_then(|birth| scheme::anniversary(birth, 18));
        birthday.is_some_and(|day| day > record.as_of)
    };
    matches!(record.scheme, Some(Scheme::Local | Scheme::Ikusei | Scheme::Yoiku | Scheme::Shoman))
        || is_minor()
}
