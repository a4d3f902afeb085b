import type { Builder } from "flatbuffers";
import {
  type AnyFields,
  enumNames,
  type FieldInfo,
  type Fields,
  fieldsOf,
  isEnum,
  isTable,
  isUnion,
  type TableName,
  unionTables,
  wireType,
} from "./fields.ts";
import { TfliteError } from "./tflite-error.ts";

/** A table that is in the builder already; stands for its fields wherever a table may. */
export class PackedTable {
  readonly offset: number;
  constructor(offset: number) {
    this.offset = offset;
  }
}

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  byte: [-0x80n, 0x7fn],
  ubyte: [0n, 0xffn],
  short: [-0x8000n, 0x7fffn],
  ushort: [0n, 0xffffn],
  int: [-0x80000000n, 0x7fffffffn],
  uint: [0n, 0xffffffffn],
  long: [-0x8000000000000000n, 0x7fffffffffffffffn],
  ulong: [0n, 0xffffffffffffffffn],
};
const SIZES: Readonly<Record<string, number>> = {
  bool: 1,
  byte: 1,
  ubyte: 1,
  short: 2,
  ushort: 2,
  long: 8,
  ulong: 8,
  double: 8,
};
const sizeOf = (wire: string): number => SIZES[wire] ?? 4;

const show = (value: unknown): string =>
  typeof value === "bigint" ? `${value}` : (JSON.stringify(value) ?? String(value));

/** The number that stands for `value` on the wire. */
function scalar(where: string, type: string, value: unknown): number | bigint {
  if (isEnum(type) && typeof value === "string") {
    const index = enumNames(type).indexOf(value);
    if (index < 0)
      throw new TfliteError(`${where}: ${type} has no value "${value}"; known: ${enumNames(type).join(", ")}`);
    return index;
  }
  const wire = wireType(type);
  if (wire === "bool" && typeof value === "boolean") return Number(value);
  if ((wire === "float" || wire === "double") && typeof value === "number") return value;
  const range = RANGES[wire];
  if (range && ((typeof value === "number" && Number.isInteger(value)) || typeof value === "bigint")) {
    const exact = BigInt(value);
    if (exact >= range[0] && exact <= range[1]) return wire === "long" || wire === "ulong" ? exact : Number(exact);
  }
  throw new TfliteError(`${where}: expected ${type}, got ${show(value)}`);
}

/** Adds one element of a vector. The builder grows downwards: last element first. */
function push(builder: Builder, wire: string, value: number | bigint): void {
  if (typeof value === "bigint") builder.addInt64(value);
  else if (wire === "float") builder.addFloat32(value);
  else if (wire === "double") builder.addFloat64(value);
  else if (sizeOf(wire) === 1) builder.addInt8(value);
  else if (sizeOf(wire) === 2) builder.addInt16(value);
  else builder.addInt32(value);
}

function addField(builder: Builder, field: FieldInfo, wire: string, value: number | bigint): void {
  const fallback = Number(field.fallback);
  if (typeof value === "bigint") builder.addFieldInt64(field.slot, value, BigInt(fallback));
  else if (wire === "float") builder.addFieldFloat32(field.slot, value, fallback);
  else if (wire === "double") builder.addFieldFloat64(field.slot, value, fallback);
  else if (sizeOf(wire) === 1) builder.addFieldInt8(field.slot, value, fallback);
  else if (sizeOf(wire) === 2) builder.addFieldInt16(field.slot, value, fallback);
  else builder.addFieldInt32(field.slot, value, fallback);
}

function packVector(builder: Builder, where: string, field: FieldInfo, value: unknown): number {
  if (!Array.isArray(value) && !(ArrayBuffer.isView(value) && "length" in value)) {
    throw new TfliteError(`${where}: expected a list of ${field.type}, got ${show(value)}`);
  }
  const list = value as ArrayLike<unknown>;
  if (field.type === "string" || isTable(field.type)) {
    const type = field.type;
    const offsets = Array.from(list, (item, i) => packObject(builder, `${where}[${i}]`, type, item));
    builder.startVector(4, offsets.length, 4);
    for (let i = offsets.length - 1; i >= 0; i--) builder.addOffset(offsets[i]!);
    return builder.endVector();
  }
  const wire = wireType(field.type);
  const numbers = Array.from(list, (item, i) => scalar(`${where}[${i}]`, field.type, item));
  builder.startVector(sizeOf(wire), numbers.length, Math.max(sizeOf(wire), field.align));
  for (let i = numbers.length - 1; i >= 0; i--) push(builder, wire, numbers[i]!);
  return builder.endVector();
}

function packObject(builder: Builder, where: string, type: string, value: unknown): number {
  if (isTable(type)) {
    if (value instanceof PackedTable) return value.offset;
    if (typeof value !== "object" || value === null)
      throw new TfliteError(`${where}: expected a ${type}, got ${show(value)}`);
    return packTable(builder, type, value, where);
  }
  if (typeof value !== "string") throw new TfliteError(`${where}: expected a string, got ${show(value)}`);
  return builder.createString(value);
}

/**
 * Packs `fields` as a table of the schema and returns its offset. `where` begins the message of the {@link TfliteError}
 * that an unknown field, an unknown enumeration value or a value of another type gives.
 */
export function packTable<T extends TableName>(
  builder: Builder,
  table: T,
  fields: Fields<T> | AnyFields,
  where: string = table,
): number {
  const known = fieldsOf(table);
  const scalars: { field: FieldInfo; wire: string; value: number | bigint }[] = [];
  const offsets: { field: FieldInfo; offset: number }[] = [];
  for (const name of Object.keys(fields)) {
    if (!known.has(name))
      throw new TfliteError(`${where}: ${table} has no field "${name}"; known: ${[...known.keys()].join(", ")}`);
  }
  for (const field of known.values()) {
    const value = (fields as AnyFields)[field.name];
    if (value === undefined) continue;
    const at = `${where}.${field.name}`;
    if (field.vector) offsets.push({ field, offset: packVector(builder, at, field, value) });
    else if (isUnion(field.type)) {
      const member = value as { readonly table: string; readonly fields: AnyFields };
      const kind = unionTables(field.type).indexOf(member.table);
      if (kind < 1 || !isTable(member.table))
        throw new TfliteError(`${at}: ${field.type} cannot hold ${show(member.table)}`);
      offsets.push({ field, offset: packTable(builder, member.table, member.fields, at) });
      scalars.push({ field: known.get(`${field.name}_type`)!, wire: "ubyte", value: kind });
    } else if (field.type === "string" || isTable(field.type)) {
      offsets.push({ field, offset: packObject(builder, at, field.type, value) });
    } else if (!scalars.some((s) => s.field === field)) {
      scalars.push({ field, wire: wireType(field.type), value: scalar(at, field.type, value) });
    }
  }
  builder.startObject(Math.max(0, ...[...known.values()].map((f) => f.slot + 1)));
  // Widest first leaves no holes between fields.
  scalars.sort((a, b) => sizeOf(b.wire) - sizeOf(a.wire) || a.field.slot - b.field.slot);
  for (const { field, wire, value } of scalars.filter((s) => sizeOf(s.wire) > 4)) addField(builder, field, wire, value);
  for (const { field, offset } of offsets) builder.addFieldOffset(field.slot, offset, 0);
  for (const { field, wire, value } of scalars.filter((s) => sizeOf(s.wire) <= 4))
    addField(builder, field, wire, value);
  return builder.endObject();
}
