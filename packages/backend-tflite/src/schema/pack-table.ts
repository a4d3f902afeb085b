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

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  byte: [-0x80, 0x7f],
  ubyte: [0, 0xff],
  short: [-0x8000, 0x7fff],
  ushort: [0, 0xffff],
  int: [-0x80000000, 0x7fffffff],
  uint: [0, 0xffffffff],
};
const WIDE_RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
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

/** What is wrong with a value, and where in the value that is packed. Paths are put together on the way out: most values are right. */
class PackProblem extends Error {
  path = "";
}
function problem(message: string): never {
  throw new PackProblem(message);
}
/** The same error, seen from one level further out. */
function within(step: string, e: unknown): unknown {
  if (e instanceof PackProblem) e.path = step + e.path;
  return e;
}

/** The number that stands for `value` on the wire. */
function scalar(type: string, wire: string, value: unknown): number | bigint {
  if (typeof value === "number") {
    if (wire === "float" || wire === "double") return value;
    const range = RANGES[wire];
    if (range && Number.isInteger(value) && value >= range[0] && value <= range[1]) return value;
  }
  if (typeof value === "string" && isEnum(type)) {
    const index = enumNames(type).indexOf(value);
    return index >= 0 ? index : problem(`${type} has no value "${value}"; known: ${enumNames(type).join(", ")}`);
  }
  if (wire === "bool" && typeof value === "boolean") return Number(value);
  const integer = typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
  const wide = WIDE_RANGES[wire];
  if (integer && wide && BigInt(value) >= wide[0] && BigInt(value) <= wide[1]) return BigInt(value);
  const range = RANGES[wire];
  if (typeof value === "bigint" && range && value >= range[0] && value <= range[1]) return Number(value);
  return problem(`expected ${type}, got ${show(value)}`);
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

function addField(builder: Builder, { field, wire, size }: Slot, value: number | bigint): void {
  const fallback = Number(field.fallback);
  if (typeof value === "bigint") builder.addFieldInt64(field.slot, value, BigInt(fallback));
  else if (wire === "float") builder.addFieldFloat32(field.slot, value, fallback);
  else if (wire === "double") builder.addFieldFloat64(field.slot, value, fallback);
  else if (size === 1) builder.addFieldInt8(field.slot, value, fallback);
  else if (size === 2) builder.addFieldInt16(field.slot, value, fallback);
  else builder.addFieldInt32(field.slot, value, fallback);
}

/** Where parts lie that a builder has written and that may serve again: shapes, zero points and options are alike over and over. */
const written = new WeakMap<Builder, Map<string, number>>();
const longestShared = 1 << 16;

function shared(builder: Builder, key: string, write: () => number): number {
  const known = written.get(builder) ?? new Map<string, number>();
  written.set(builder, known);
  const offset = known.get(key) ?? write();
  known.set(key, offset);
  return offset;
}

function packVector(builder: Builder, { field, wire, kind, size }: Slot, value: unknown): number {
  if (!Array.isArray(value) && !(ArrayBuffer.isView(value) && "length" in value))
    return problem(`expected a list of ${field.type}, got ${show(value)}`);
  const list = value as ArrayLike<unknown>;
  const isObject = kind === "string" || kind === "table";
  const items = new Array<number | bigint>(list.length);
  for (let i = 0; i < list.length; i++) {
    try {
      items[i] = isObject ? packObject(builder, field.type, list[i]) : scalar(field.type, wire, list[i]);
    } catch (e) {
      throw within(`[${i}]`, e);
    }
  }
  const width = isObject ? 4 : size;
  const align = isObject ? width : Math.max(width, field.align);
  const write = (): number => {
    builder.startVector(width, items.length, align);
    for (let i = items.length - 1; i >= 0; i--)
      if (isObject) builder.addOffset(items[i] as number);
      else push(builder, wire, items[i]!);
    return builder.endVector();
  };
  const unlike = isObject || wire === "float" || wire === "double" || items.length > longestShared;
  return unlike ? write() : shared(builder, `${wire} ${align} ${items.join()}`, write);
}

function packObject(builder: Builder, type: string, value: unknown): number {
  if (typeof value === "string" && type === "string") return builder.createString(value);
  if (value instanceof PackedTable) return value.offset;
  if (!isTable(type)) return problem(`expected a string, got ${show(value)}`);
  if (typeof value !== "object" || value === null) return problem(`expected a ${type}, got ${show(value)}`);
  return packFields(builder, type, value as AnyFields);
}

/** A field and what is asked of it each time. */
interface Slot {
  readonly field: FieldInfo;
  readonly wire: string;
  readonly size: number;
  readonly kind: "scalar" | "string" | "table" | "union";
  /** For a union, the slot of its discriminator. */
  readonly discriminator?: Slot;
}
interface Layout {
  readonly slots: readonly Slot[];
  readonly count: number;
}
const layouts = new Map<TableName, Layout>();
function layoutOf(table: TableName): Layout {
  let layout = layouts.get(table);
  if (!layout) {
    const known = fieldsOf(table);
    const slotOf = (field: FieldInfo): Slot => {
      const { type } = field;
      const kind = type === "string" ? "string" : isTable(type) ? "table" : isUnion(type) ? "union" : "scalar";
      const wire = wireType(type);
      const tag = kind === "union" && { discriminator: slotOf(known.get(`${field.name}_type`)!) };
      return { field, wire, size: sizeOf(wire), kind, ...tag };
    };
    const slots = [...known.values()].map(slotOf);
    layout = { slots, count: Math.max(0, ...slots.map((s) => s.field.slot + 1)) };
    layouts.set(table, layout);
  }
  return layout;
}

/** A scalar that is to be written, by its slot. */
type Scalar = readonly [Slot, number | bigint];
/** Widest first leaves no holes between fields. */
const widestFirst = ([a]: Scalar, [b]: Scalar): number => b.size - a.size || a.field.slot - b.field.slot;

function packFields(builder: Builder, table: TableName, fields: AnyFields): number {
  const { slots, count } = layoutOf(table);
  const known = fieldsOf(table);
  for (const name of Object.keys(fields))
    if (!known.has(name)) problem(`${table} has no field "${name}"; known: ${[...known.keys()].join(", ")}`);
  const scalars: Scalar[] = [];
  const offsets: (readonly [slot: number, offset: number])[] = [];
  for (const slot of slots) {
    const { field, kind } = slot;
    const value = fields[field.name];
    if (value === undefined) continue;
    try {
      if (field.vector) offsets.push([field.slot, packVector(builder, slot, value)]);
      else if (kind === "union") {
        const member = value as { readonly table: string; readonly fields: AnyFields };
        const tag = unionTables(field.type as never).indexOf(member.table);
        if (tag < 1 || !isTable(member.table)) problem(`${field.type} cannot hold ${show(member.table)}`);
        const write = (): number => packFields(builder, member.table as TableName, member.fields);
        const plain = Object.entries(member.fields).filter(([, v]) => v !== undefined);
        const key =
          plain.every(([, v]) => typeof v !== "object") &&
          plain.map(([k, v]) => `${k}:${typeof v}:${Object.is(v, -0) ? "-0" : v}`);
        offsets.push([field.slot, key ? shared(builder, `${member.table} ${key.sort().join()}`, write) : write()]);
        const discriminator = slot.discriminator!;
        // what the fields say of it themselves is overruled
        const said = scalars.findIndex(([s]) => s.field === discriminator.field);
        if (said >= 0) scalars.splice(said, 1);
        scalars.push([discriminator, tag]);
      } else if (kind !== "scalar") offsets.push([field.slot, packObject(builder, field.type, value)]);
      else if (!scalars.some(([s]) => s.field === field)) scalars.push([slot, scalar(field.type, slot.wire, value)]);
    } catch (e) {
      throw within(`.${field.name}`, e);
    }
  }
  builder.startObject(count);
  scalars.sort(widestFirst);
  for (const [slot, value] of scalars) if (slot.size > 4) addField(builder, slot, value);
  for (const [slot, offset] of offsets) builder.addFieldOffset(slot, offset, 0);
  for (const [slot, value] of scalars) if (slot.size <= 4) addField(builder, slot, value);
  return builder.endObject();
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
  try {
    return packFields(builder, table, fields);
  } catch (e) {
    throw e instanceof PackProblem ? new TfliteError(`${where}${e.path}: ${e.message}`) : e;
  }
}
