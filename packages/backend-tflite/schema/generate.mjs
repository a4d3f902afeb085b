// Turns flatc's binary schema into the constant that src/schema/pack-table.ts and read-table.ts work by. See generate.sh.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const [source, target] = process.argv.slice(2);
const bytes = readFileSync(source);
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

// A flatbuffer is read by vtable slot; the numbers below are the slots of flatbuffers' own reflection schema.
const indirect = (at) => at + view.getUint32(at, true);
const slot = (table, index) => {
  const vtable = table - view.getInt32(table, true);
  const entry = 4 + 2 * index;
  const offset = entry < view.getUint16(vtable, true) ? view.getUint16(vtable + entry, true) : 0;
  return offset && table + offset;
};
const string = (table, index) => {
  const at = indirect(slot(table, index));
  return bytes.toString("utf8", at + 4, at + 4 + view.getUint32(at, true));
};
const tablesOf = (table, index) => {
  const field = slot(table, index);
  if (!field) return [];
  const at = indirect(field);
  return Array.from({ length: view.getUint32(at, true) }, (_, i) => indirect(at + 4 + 4 * i));
};
const scalar = (table, index, method, fallback) => {
  const at = slot(table, index);
  return at ? view[method](at, true) : fallback;
};

const BASE = [
  "none",
  "utype",
  "bool",
  "byte",
  "ubyte",
  "short",
  "ushort",
  "int",
  "uint",
  "long",
  "ulong",
  "float",
  "double",
  "string",
  "vector",
  "table",
  "union",
];
const root = indirect(0);
const objects = tablesOf(root, 0).map((object) => ({
  name: string(object, 0).split(".").pop(),
  fields: tablesOf(object, 1).map((field) => ({
    name: string(field, 0),
    type: indirect(slot(field, 1)),
    id: scalar(field, 2, "getUint16", 0),
    integer: Number(scalar(field, 4, "getBigInt64", 0n)),
    real: scalar(field, 5, "getFloat64", 0),
    deprecated: scalar(field, 6, "getUint8", 0) === 1,
    attributes: new Map(tablesOf(field, 9).map((pair) => [string(pair, 0), string(pair, 1)])),
  })),
}));
const enums = tablesOf(root, 1).map((value) => ({
  name: string(value, 0).split(".").pop(),
  union: scalar(value, 2, "getUint8", 0) === 1,
  base: BASE[scalar(indirect(slot(value, 3)), 0, "getUint8", 0)],
  members: tablesOf(value, 1).map((member) => [
    Number(scalar(member, 1, "getBigInt64", 0n)),
    string(member, 0).split(".").pop(),
  ]),
}));

/** What the codec calls a type: a scalar, "string", an enumeration, a table, a union, or one of these in a "[vector]". */
function typeName(base, index) {
  if (base === "table") return objects[index].name;
  return index >= 0 ? enums[index].name : base;
}
function describe(field) {
  const base = BASE[scalar(field.type, 0, "getUint8", 0)];
  const index = scalar(field.type, 2, "getInt32", -1);
  const type =
    base === "vector" ? `[${typeName(BASE[scalar(field.type, 1, "getUint8", 0)], index)}]` : typeName(base, index);
  if (base === "utype") return [field.name, "ubyte"];
  const number = field.integer || field.real;
  const value = base === "bool" ? number === 1 : number;
  const align = field.attributes.get("force_align");
  return [field.name, type, ...(number || align ? [value] : []), ...(align ? [Number(align)] : [])];
}

const lines = ["// Made by schema/generate.sh from schema/tflite.fbs. Do not edit.", ""];
lines.push("/** Names of enumeration values, by value. */", "export const enums = {");
for (const { name, union, base, members } of enums) {
  if (union) continue;
  members.forEach(([value], i) => {
    if (value !== i) throw new Error(`${name} has no value ${i}: the codec needs enumerations without holes`);
  });
  lines.push(`  ${name}: { base: "${base}", names: ${JSON.stringify(members.map(([, m]) => m))} },`);
}
lines.push(
  "} as const;",
  "",
  "/** Tables that a union may hold, by discriminator; 0 is none. */",
  "export const unions = {",
);
for (const { name, union, members } of enums)
  if (union) lines.push(`  ${name}: ${JSON.stringify(members.map(([, m]) => m))},`);
lines.push(
  "} as const;",
  "",
  "/** Fields by slot: name, type, default if not zero, alignment if forced. Null is a deprecated slot. */",
  "export const tables = {",
);
for (const { name, fields } of objects.sort((a, b) => (a.name < b.name ? -1 : 1))) {
  const slots = [];
  for (const field of fields) slots[field.id] = field.deprecated ? null : describe(field);
  lines.push(`  ${name}: ${JSON.stringify(slots)},`);
}
lines.push("} as const;", "");
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, lines.join("\n"));
