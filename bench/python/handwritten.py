"""The same mapping written by hand for this one layout: json, plain functions, jsonschema-rs with the API's own schema.

python handwritten.py OPENAPI INPUT OUTPUT
"""

import json
import re
import sys

import jsonschema_rs
import yaml

SCHEMES = {"15": "更生医療", "16": "育成医療", "21": "精神通院医療"}
ERAS = (
    ("令和", 2019, "2019-05-01"),
    ("平成", 1989, "1989-01-08"),
    ("昭和", 1926, "1926-12-25"),
    ("大正", 1912, "1912-07-30"),
)
FIRST_YEARS = {name: first for name, first, _ in ERAS}
ERA_DATE = re.compile(r"(令和|平成|昭和|大正)(元|[0-9]{1,2})年([0-9]{1,2})月([0-9]{1,2})日")
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
NO_LIMIT = {"burdenRatio": None, "amount": None, "perDayOrMonth": None, "limitedNumberOfTimes": None}
MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def iso_date(text):
    era, year, month, day = ERA_DATE.fullmatch(text).groups()
    years = 1 if year == "元" else int(year)
    return f"{FIRST_YEARS[era] + years - 1}-{int(month):02}-{int(day):02}"


def era_date(iso):
    name, first = next((name, first) for name, first, begins in ERAS if iso >= begins)
    years = int(iso[:4]) - first + 1
    return f"{name}{'元' if years == 1 else years}年{int(iso[5:7])}月{int(iso[8:])}日"


def split(name):
    family, _, given = name.partition("　")
    return family, given or "－"


def map_record(record):
    patient, copayment, scheme = record["受診者"], record["負担"], record["制度"]["コード"]
    address = patient["住所"]
    last_name, first_name = split(patient["氏名"])
    last_kana, first_kana = split(patient["氏名カナ"])
    detail = (address["方書"] or "").translate(FULL_WIDTH)
    birth = iso_date(patient["生年月日"])
    start, end = iso_date(record["有効期間"]["開始"]), iso_date(record["有効期間"]["終了"])
    limit = copayment["上限月額"]
    amount = None if limit is None else int(limit.replace(",", ""))
    printed = address["都道府県"] + address["市区町村"] + address["町字"] + address["番地"]
    certificate = {
        "受給者証名称": f"自立支援医療受給者証（{SCHEMES[scheme]}）",
        "公費負担者番号": record["公費負担者番号"],
        "自立支援医療受給者番号": record["受給者番号"],
        "受診者": {
            "氏名": patient["氏名"],
            "生年月日": era_date(birth),
            "住所": f"{printed}　{detail}" if detail else printed,
        },
    }
    if guardian := record.get("保護者"):
        certificate["保護者"] = {
            "氏名": guardian["氏名"],
            "受診者との続柄": guardian["続柄"],
            "住所": guardian["住所"],
        }
    certificate["指定医療機関名"] = [
        {"種別": each["種別"], "名称": each["名称"], "所在地": each["所在地"]} for each in record["医療機関"]
    ]
    certificate["自己負担上限額"] = {
        "月額": "医療保険の自己負担限度額" if amount is None else f"{amount:,}円",
        "所得区分": copayment["所得区分"],
        "重度かつ継続": copayment["重度かつ継続"],
    }
    certificate["有効期間"] = f"{era_date(start)}から{era_date(end)}まで"
    certificate["交付年月日"] = record["交付年月日"]
    if scheme != "21":
        certificate["公費負担の対象となる障害"] = record["障害名"]
        certificate["医療の具体的方針"] = record["医療の具体的方針"]
    certificate["特定疾病療養受給証"] = record["特定疾病療養受療証"]
    return {
        "myNumber": record["個人番号"],
        "lastName": last_name,
        "firstName": first_name,
        "lastNameKana": last_kana,
        "firstNameKana": first_kana,
        "addressPref": address["都道府県"],
        "addressCity": address["市区町村"],
        "addressSection": address["町字"],
        "addressHouseNumber": address["番地"],
        "addressDetail": detail,
        "birthDate": birth,
        "gender": "0",
        "medicalSubsidyRegistrationNumber": record["公費負担者番号"],
        "medicalSubsidyCertificationNumber": record["受給者番号"],
        "copaymentLimit": {
            "common": {
                "burdenRatio": 10 if amount is None else None,
                "amount": amount,
                "perDayOrMonth": None if amount is None else "2",
                "limitedNumberOfTimes": None,
            },
            "hospitalization": NO_LIMIT,
            "outpatient": NO_LIMIT,
            "pharmacy": NO_LIMIT,
        },
        "certificationStartDate": start,
        "certificationEndDate": end,
        "certificateAllItems": certificate,
    }


def is_my_number(text):
    rest = sum(int(digit) * weight for digit, weight in zip(text, MY_NUMBER_WEIGHTS)) % 11
    return int(text[11]) == (0 if rest <= 1 else 11 - rest)


def is_verified(text):
    total, weight = 0, 2
    for digit in reversed(text[:-1]):
        product = int(digit) * weight
        total += product // 10 + product % 10
        weight = 3 - weight
    return int(text[-1]) == -total % 10


def main(openapi, source, target):
    with open(openapi, encoding="utf-8") as file:
        components = yaml.safe_load(file)["components"]
    schema = {"$ref": "#/components/schemas/MedicalSubsidiesTargetPerson", "components": components}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    with open(source, encoding="utf-8") as file:
        records = json.load(file)
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    rejected, separator = 0, "["
    with open(target, "w", encoding="utf-8", newline="") as file:
        for record in records:
            element = map_record(record)
            text = encode(element)
            if not (
                validator.is_valid(element)
                and is_my_number(element["myNumber"])
                and is_verified(element["medicalSubsidyRegistrationNumber"])
                and is_verified(element["medicalSubsidyCertificationNumber"])
                and not PRIVATE_USE.search(text)
            ):
                rejected += 1
                continue
            file.write(separator)
            file.write(text)
            separator = ","
        file.write("[]" if separator == "[" else "]")
    print(f"{rejected} rejected", file=sys.stderr)


main(*sys.argv[1:])
