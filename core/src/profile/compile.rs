//! From the document to the plan: the top level, the fields and the certificate's face.

use super::{
    Profile,
    expr::Compiler,
    places::{Layout, Places},
    plan::{Expr, ExprKind, Item, ItemKind, Limits, Member, Part, Place, PlaceId, Plan, Records},
    reader::{Mistakes, Value, child},
    words,
};
use crate::{
    caption::{self, Agreement},
    finding::{Detail, Finding},
    json::Json,
    payload::{CERTIFICATE, FIELD_COUNT, FIELDS, Field, FieldDef, Kind, SECTORS, TARGET, write_text},
    pointer,
    rules::{self, Rule, Severity},
    scheme::Scheme,
};

const CERTIFICATE_KEY: &str = "certificateAllItems";
const COPAYMENT_KEY: &str = "copaymentLimit";
const MOST_BYTES: usize = 1 << 20;
const DEEPEST_CERTIFICATE: usize = 16;

/// Fields whose values are personal data, so that no finding may show their source as its key.
const PERSONAL: [Field; 11] = [
    Field::MyNumber,
    Field::LastName,
    Field::FirstName,
    Field::LastNameKana,
    Field::FirstNameKana,
    Field::AddressPref,
    Field::AddressCity,
    Field::AddressSection,
    Field::AddressHouseNumber,
    Field::AddressDetail,
    Field::BirthDate,
];

/// Compiles a document, or lists its mistakes.
pub(super) fn compile(document: &[u8]) -> Result<Profile, Vec<Finding>> {
    if document.len() > MOST_BYTES {
        let detail = Detail::Name(format!("{MOST_BYTES} bytes"));
        return Err(vec![Finding::of_profile(&rules::PROFILE_LIMIT, "", detail)]);
    }
    let document = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
    let json: Json = serde_json::from_slice(document).map_err(|error| {
        let line = u64::try_from(error.line()).unwrap_or_default();
        vec![Finding::of_profile(&rules::PROFILE_SYNTAX, "", Detail::Number(line))]
    })?;
    let mut mistakes = Mistakes::default();
    match profile(Value { json: &json, at: "" }, &mut mistakes) {
        Some(profile) if mistakes.found.is_empty() => Ok(profile),
        _ => Err(mistakes.found),
    }
}

fn profile(top: Value<'_>, mistakes: &mut Mistakes) -> Option<Profile> {
    top.object_of(words::TOP.names, mistakes)?;
    let name = top.required_string("name", mistakes);
    let version = top.required_string("version", mistakes);
    if let Some(target) = top.required_string("target", mistakes).filter(|target| target != TARGET) {
        mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, "/target", &target, &[TARGET]);
    }
    let text = |value: Value<'_>, mistakes: &mut Mistakes| value.string(mistakes).map(str::to_owned);
    let key_prefix = top.with("keyPrefix", |value| text(value, mistakes)).flatten().unwrap_or_default();
    top.with("description", |value| text(value, mistakes));
    top.with("$schema", |value| text(value, mistakes));
    let mut compiler = Compiler::new(Places::new(key_prefix));
    let record_key = top
        .required_string("recordKey", mistakes)
        .and_then(|_| top.with("recordKey", |value| compiler.pointer(value, mistakes)).flatten());
    let records = top.with("records", |value| records(value, &mut compiler, mistakes)).unwrap_or_default();
    let element = records.each.map(|(_, scope)| scope);
    let (scheme, fields) = compiler.in_scope(element, |compiler| {
        let scheme = top.with("scheme", |value| scheme(value, compiler, mistakes)).flatten();
        (scheme, top.with("fields", |value| fields(value, compiler, mistakes)).flatten())
    });
    for required in ["scheme", "fields"] {
        if top.get(required).is_none() {
            top.missing(required, mistakes);
        }
    }
    let severities = top.with("rules", |value| severities(value, mistakes)).flatten().unwrap_or_default();
    let local_numbers = top.with("localNumbers", |value| local_numbers(value, mistakes)).flatten();
    let limits = top.with("limits", |value| limits(value, mistakes)).unwrap_or_default();
    if let (Some(record_key), Some((fields, _))) = (record_key, &fields) {
        let mut personal = PERSONAL.iter().filter_map(|field| fields.get(*field as usize)?.as_ref());
        if personal.any(|expr| expr.reads(&|place| compiler.places.same(place, record_key))) {
            mistakes.add(&rules::PROFILE_PERSONAL_KEY, "/recordKey", Detail::Nothing);
        }
    }
    let Layout { nodes, scopes, places } = compiler.places.finish(mistakes);
    let (fields, certificate) = fields?;
    let plan = Plan {
        nodes,
        scopes,
        places,
        record_key: record_key?,
        records,
        scheme: scheme?,
        fields,
        certificate: certificate?,
        severities,
        limits,
        local_numbers,
    };
    Some(Profile { name: name?, version: version?, plan })
}

fn records(value: Value<'_>, compiler: &mut Compiler, mistakes: &mut Mistakes) -> Records {
    if value.object_of(words::RECORDS.names, mistakes).is_none() {
        return Records::default();
    }
    let each = value.with("each", |value| compiler.places.list(value, mistakes)).flatten();
    let element = each.map(|(_, scope)| scope);
    let when = compiler.in_scope(element, |compiler| {
        value.with("when", |value| compiler.condition(value, mistakes)).flatten()
    });
    Records { each, when }
}

/// The scheme's expression; every constant in it must be a scheme's id.
fn scheme(value: Value<'_>, compiler: &mut Compiler, mistakes: &mut Mistakes) -> Option<Expr> {
    let expr = compiler.expr_for("", value, mistakes)?;
    let ids = Scheme::ALL.map(Scheme::id);
    for (at, id) in expr.constants(value.at) {
        if !ids.contains(&id.as_str()) {
            mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, &at, &id, &ids);
        }
    }
    Some(expr)
}

type Fields = ([Option<Expr>; FIELD_COUNT], Option<Item>);

fn fields(value: Value<'_>, compiler: &mut Compiler, mistakes: &mut Mistakes) -> Option<Fields> {
    let simple: Vec<(usize, &FieldDef, &str)> = FIELDS
        .iter()
        .enumerate()
        .filter_map(|(index, field)| Some((index, field, field.target.strip_prefix('/')?)))
        .filter(|(.., name)| !name.contains('/'))
        .collect();
    value.object_of(words::FIELDS.names, mistakes)?;
    let mut fields = [const { None }; FIELD_COUNT];
    for (index, field, name) in simple {
        let expr = value.with(name, |value| compiler.expr_for(field.target, value, mistakes));
        if expr.is_none() && matches!(field.kind, Kind::Text | Kind::Date) && index != Field::Gender as usize
        {
            value.missing(name, mistakes);
        }
        if let (Some(field), Some(expr)) = (fields.get_mut(index), expr) {
            *field = expr;
        }
    }
    value.with(COPAYMENT_KEY, |value| copayment(value, &mut fields, compiler, mistakes));
    let certificate = value.with(CERTIFICATE_KEY, |value| {
        compiler.in_certificate(|compiler| object(value, CERTIFICATE, compiler, mistakes, 0))
    });
    if certificate.is_none() {
        value.missing(CERTIFICATE_KEY, mistakes);
    }
    Some((fields, certificate.flatten()))
}

fn copayment(
    value: Value<'_>,
    fields: &mut [Option<Expr>; FIELD_COUNT],
    compiler: &mut Compiler,
    mistakes: &mut Mistakes,
) {
    if value.object_of(words::SECTORS.names, mistakes).is_none() {
        return;
    }
    for (sector, first) in SECTORS {
        value.with(sector, |value| {
            value.object_of(words::SECTOR_ITEMS.names, mistakes);
            for (item, index) in words::SECTOR_ITEMS.names.iter().zip(first..) {
                let target = FIELDS.get(index).map_or("", |field| field.target);
                let expr = value.with(item, |value| compiler.expr_for(target, value, mistakes)).flatten();
                if let Some(field) = fields.get_mut(index) {
                    *field = expr;
                }
            }
        });
    }
}

/// A nested object of the certificate.
fn object(
    value: Value<'_>,
    target: &str,
    compiler: &mut Compiler,
    mistakes: &mut Mistakes,
    depth: usize,
) -> Option<Item> {
    if depth > DEEPEST_CERTIFICATE {
        let detail = Detail::Name(format!("{DEEPEST_CERTIFICATE}"));
        mistakes.add(&rules::PROFILE_LIMIT, value.at, detail);
        return None;
    }
    let members = value.object(mistakes)?;
    let mut read = |(caption, json): &(String, Json)| {
        let target = pointer::join(target, caption);
        let item = child(value.at, caption, json, |value| {
            item(value, &target, Some(caption), compiler, mistakes, depth)
        });
        let mut lead = Vec::new();
        write_text(&mut lead, caption);
        lead.push(b':');
        let names = caption::items(caption);
        Some(Member { lead: String::from_utf8(lead).ok()?, names, item: item? })
    };
    let members = members.iter().filter_map(&mut read).collect();
    Some(Item { kind: ItemKind::Object { members, when: None }, target: target.to_owned() })
}

/// Anything that may stand in the certificate.
fn item(
    value: Value<'_>,
    target: &str,
    caption: Option<&str>,
    compiler: &mut Compiler,
    mistakes: &mut Mistakes,
    depth: usize,
) -> Option<Item> {
    if let Json::Object(members) = value.json {
        let of_language = |key: &&str| members.iter().any(|(known, _)| known == key);
        if !words::KINDS.names.iter().chain(words::CERTIFICATE_KINDS.names).any(of_language) {
            return object(value, target, compiler, mistakes, depth + 1);
        }
        if value.get("object").is_some() {
            value.object_of(&["object", "when"], mistakes)?;
            let inner =
                value.with("object", |value| object(value, target, compiler, mistakes, depth + 1))??;
            let ItemKind::Object { members, .. } = inner.kind else { return None };
            let when = value.with("when", |value| compiler.condition(value, mistakes)).flatten();
            return Some(Item { kind: ItemKind::Object { members, when }, target: inner.target });
        }
        if value.get("each").is_some() {
            return list(value, target, compiler, mistakes, depth);
        }
    }
    let agrees = caption.and_then(|caption| Agreement::of(caption, target));
    let expr = compiler.expr_for(target, value, mistakes)?;
    Some(Item { kind: ItemKind::Value { expr, agrees }, target: target.to_owned() })
}

fn list(
    value: Value<'_>,
    target: &str,
    compiler: &mut Compiler,
    mistakes: &mut Mistakes,
    depth: usize,
) -> Option<Item> {
    value.object_of(&["each", "item", "when"], mistakes)?;
    let when = value.with("when", |value| compiler.condition(value, mistakes)).flatten();
    let (list, scope) = value.with("each", |value| compiler.places.list(value, mistakes)).flatten()?;
    if value.get("item").is_none() {
        value.missing("item", mistakes);
    }
    let target_of_element = format!("{target}/{}", pointer::INDEX);
    let element = value.with("item", |value| {
        compiler.in_scope(Some(scope), |compiler| {
            item(value, &target_of_element, None, compiler, mistakes, depth + 1)
        })
    })??;
    let kind = ItemKind::List { list, element: Box::new(element), when, profile: value.at.to_owned() };
    Some(Item { kind, target: target.to_owned() })
}

fn severities(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<(&'static Rule, Severity)>> {
    let members = value.object(mistakes)?;
    let mut read = |(code, json): &(String, Json)| {
        let severity = child(value.at, code, json, |value| severity(value, mistakes))?;
        let rule = rules::free().find(|rule| rule.code == code);
        if rule.is_none() {
            mistakes.add(&rules::PROFILE_RULE, &pointer::join(value.at, code), Detail::Nothing);
        }
        Some((rule?, severity))
    };
    Some(members.iter().filter_map(&mut read).collect())
}

/// Numbers of two digits, at least one.
fn local_numbers(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<u8>> {
    let numbers = value.array(mistakes)?;
    if numbers.is_empty() {
        return value.expected("a list that isn't empty", "空でない配列", mistakes);
    }
    value.each(numbers, |value| match value.string(mistakes)?.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => value.expected("a text of two digits", "数字2桁の文字列", mistakes),
    })
}

fn severity(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Severity> {
    match value.string(mistakes)? {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "off" => Some(Severity::Off),
        name => {
            mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, value.at, name, words::SEVERITIES.names);
            None
        }
    }
}

fn limits(value: Value<'_>, mistakes: &mut Mistakes) -> Limits {
    let mut limits = Limits::default();
    value.object_of(words::LIMITS.names, mistakes);
    let mut read = |key: &str, (least, most): (usize, usize), place: &mut usize| {
        value.with(key, |value| match value.json {
            Json::Int(number) => {
                let number = usize::try_from(*number).ok().filter(|number| (least..=most).contains(number));
                if let Some(number) = number {
                    *place = number;
                } else {
                    let detail = Detail::Name(format!("{least}–{most}"));
                    mistakes.add(&rules::PROFILE_LIMIT, value.at, detail);
                }
            }
            _ => value.expected("an integer", "整数", mistakes).unwrap_or_default(),
        });
    };
    read("recordBytes", words::RECORD_BYTES, &mut limits.record_bytes);
    read("depth", words::DEPTH, &mut limits.depth);
    limits
}

impl Expr {
    /// True where the expression's value can come from such a place.
    fn reads(&self, such: &dyn Fn(PlaceId) -> bool) -> bool {
        match &self.kind {
            ExprKind::From(places) => places.iter().any(|place| such(*place)),
            ExprKind::First(exprs) | ExprKind::Earliest(exprs) | ExprKind::Join(exprs) => {
                exprs.iter().any(|expr| expr.reads(such))
            }
            ExprKind::Template(parts) => parts
                .iter()
                .any(|part| matches!(part, Part::Place { place: Place::Record(place), .. } if such(*place))),
            ExprKind::Constant(_) => false,
        }
    }
}
