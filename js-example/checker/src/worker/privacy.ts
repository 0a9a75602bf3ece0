// Which values may be shown without being asked for. Everything that isn't listed is masked: a layout that nobody foresaw stays covered.

type Json = unknown;
const isObject = (value: Json): value is Record<string, Json> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Payload fields that tell nothing of a person on their own. */
const OPEN_FIELDS = ["addressPref", "addressCity", "gender", "medicalSubsidyRegistrationNumber", "copaymentLimit", "certificationStartDate", "certificationEndDate"];

export type IsOpen = (pointer: string) => boolean;

export const openInPayload: IsOpen = (pointer) => OPEN_FIELDS.includes(pointer.split("/")[1] ?? "");

/** The places of a record from which a profile reads open fields, and no other. */
export function openInRecords(profile: Json): IsOpen {
  if (!isObject(profile)) return () => false;
  const fields = isObject(profile.fields) ? profile.fields : {};
  const places = (wanted: (field: string) => boolean) =>
    new Set(Object.entries(fields).flatMap(([field, expression]) => (wanted(field) ? read(expression) : [])));
  const open = places((field) => OPEN_FIELDS.includes(field));
  for (const place of read(profile.scheme)) open.add(place);
  if (typeof profile.recordKey === "string") open.add(profile.recordKey); // it stands in findings anyway
  const closed = places((field) => !OPEN_FIELDS.includes(field) && field !== "certificateAllItems");
  return (pointer) => open.has(pointer) && !closed.has(pointer);
}

/** Every place that an expression reads a value from. */
function read(expression: Json): string[] {
  if (Array.isArray(expression)) return expression.flatMap(read);
  if (!isObject(expression)) return [];
  return Object.entries(expression).flatMap(([key, value]) => {
    if (key === "from") return [value].flat().filter((place) => typeof place === "string");
    return key === "when" || key === "map" ? [] : read(value);
  });
}
