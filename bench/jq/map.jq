# The mapping alone, without any check, for this one layout: jq --compact-output --join-output --from-file map.jq INPUT
def era_first: {"令和": 2019, "平成": 1989, "昭和": 1926, "大正": 1912}[.];
def two: tostring | if length < 2 then "0" + . else . end;
def iso: capture("^(?<e>令和|平成|昭和|大正)(?<y>元|[0-9]+)年(?<m>[0-9]+)月(?<d>[0-9]+)日$")
  | "\((.e | era_first) + (if .y == "元" then 1 else .y | tonumber end) - 1)-\(.m | two)-\(.d | two)";
def era: . as $iso
  | (if . >= "2019-05-01" then "令和" elif . >= "1989-01-08" then "平成" elif . >= "1926-12-25" then "昭和" else "大正" end) as $e
  | ($iso[0:4] | tonumber) - ($e | era_first) + 1
  | "\($e)\(if . == 1 then "元" else . end)年\($iso[5:7] | tonumber)月\($iso[8:10] | tonumber)日";
def fullwidth: explode | map(if . == 32 then 12288 elif . > 32 and . < 127 then . + 65248 else . end) | implode;
def part(n): split("　") | if n == 0 then .[0] elif length == 1 then "－" else .[1:] | join("　") end;
def no_limit: {burdenRatio: null, amount: null, perDayOrMonth: null, limitedNumberOfTimes: null};
def element:
  .["受診者"] as $p | $p["住所"] as $a | .["負担"] as $c | .["制度"]["コード"] as $s
  | (if $a["方書"] then $a["方書"] | fullwidth else "" end) as $detail
  | ($p["生年月日"] | iso) as $birth | (.["有効期間"]["開始"] | iso) as $first | (.["有効期間"]["終了"] | iso) as $last
  | (if $c["上限月額"] then $c["上限月額"] | gsub(","; "") | tonumber else null end) as $amount
  | ($a["都道府県"] + $a["市区町村"] + $a["町字"] + $a["番地"]) as $printed
  | {
      myNumber: .["個人番号"],
      lastName: ($p["氏名"] | part(0)), firstName: ($p["氏名"] | part(1)),
      lastNameKana: ($p["氏名カナ"] | part(0)), firstNameKana: ($p["氏名カナ"] | part(1)),
      addressPref: $a["都道府県"], addressCity: $a["市区町村"], addressSection: $a["町字"],
      addressHouseNumber: $a["番地"], addressDetail: $detail,
      birthDate: $birth, gender: "0",
      medicalSubsidyRegistrationNumber: .["公費負担者番号"], medicalSubsidyCertificationNumber: .["受給者番号"],
      copaymentLimit: {
        common: {
          burdenRatio: (if $amount == null then 10 else null end), amount: $amount,
          perDayOrMonth: (if $amount == null then null else "2" end), limitedNumberOfTimes: null
        },
        hospitalization: no_limit, outpatient: no_limit, pharmacy: no_limit
      },
      certificationStartDate: $first, certificationEndDate: $last,
      certificateAllItems: (
        {
          "受給者証名称": "自立支援医療受給者証（\({"15": "更生医療", "16": "育成医療", "21": "精神通院医療"}[$s])）",
          "公費負担者番号": .["公費負担者番号"], "自立支援医療受給者番号": .["受給者番号"],
          "受診者": {
            "氏名": $p["氏名"], "生年月日": ($birth | era),
            "住所": (if $detail == "" then $printed else $printed + "　" + $detail end)
          }
        }
        + (.["保護者"] | if . then {"保護者": {"氏名": .["氏名"], "受診者との続柄": .["続柄"], "住所": .["住所"]}} else {} end)
        + {
          "指定医療機関名": (.["医療機関"] | map({"種別": .["種別"], "名称": .["名称"], "所在地": .["所在地"]})),
          "自己負担上限額": {
            "月額": (if $amount == null then "医療保険の自己負担限度額" else $c["上限月額"] + "円" end),
            "所得区分": $c["所得区分"], "重度かつ継続": $c["重度かつ継続"]
          },
          "有効期間": "\($first | era)から\($last | era)まで", "交付年月日": .["交付年月日"]
        }
        + (if $s == "21" then {} else {"公費負担の対象となる障害": .["障害名"], "医療の具体的方針": .["医療の具体的方針"]} end)
        + {"特定疾病療養受給証": .["特定疾病療養受療証"]}
      )
    };
map(element)
