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

/** What may be decoded of a file, counted in bytes it would take unshared: parts may be shared, but not to fill the memory. */
const allowance = (fileLength: number): number => 2 ** 20 + 2 * fileLength;
const tableCost = (slots: number): number => 16 + 4 * slots;
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

/**
 * Reads tables of the schema as plain records. Every read is checked against the end of the file, and the elements decoded
 * are counted, so that a truncated or hostile file ends in a {@link TfliteError}.
 */
export class TableReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #text = new TextDecoder();
  #budget: number;
  /** Vectors of numbers that are decoded: many tables may have one, and then they have one array. */
  readonly #vectors = new Map<string, readonly unknown[]>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#budget = allowance(bytes.byteLength);
  }

  /** The table that the file begins with. */
  root<T extends TableName>(table: T): Fields<T> {
    return this.#table(table, this.#indirect(0, table), table) as Fields<T>;
  }

  #check(at: number, length: number, where: string): void {
    if (at < 0 || at + length > this.bytes.byteLength) {
      throw new TfliteError(
        `${where}: needs bytes ${at} to ${at + length} of a file of ${this.bytes.byteLength}: it is truncated or damaged`,
      );
    }
  }
  #spend(cost: number, where: string): void {
    this.#budget -= cost;
    if (this.#budget < 0) throw new TfliteError(`${where}: the file decodes to far more than its size: it is damaged`);
  }
  #indirect(at: number, where: string): number {
    this.#check(at, 4, where);
    return at + this.#view.getUint32(at, true);
  }

  #table(table: TableName, at: number, where: string): AnyFields {
    const known = fieldsOf(table);
    this.#spend(tableCost(known.size), where);
    this.#check(at, 4, where);
    const vtable = at - this.#view.getInt32(at, true);
    this.#check(vtable, 4, where);
    const size = this.#view.getUint16(vtable, true);
    this.#check(vtable, Math.max(size, 4), where);
    const locate = (slot: number): number => {
      const entry = 4 + 2 * slot;
      const offset = entry + 2 <= size ? this.#view.getUint16(vtable + entry, true) : 0;
      return offset && at + offset;
    };
    const fields: Record<string, unknown> = {};
    for (const field of known.values()) {
      if (isUnion(known.get(field.name.replace(/_type$/, ""))?.type ?? "") && field.name.endsWith("_type")) continue;
      const value = this.#field(field, locate(field.slot), `${where}.${field.name}`, () => {
        const kind = known.get(`${field.name}_type`)!;
        return Number(this.#scalar(kind, locate(kind.slot), where));
      });
      if (value !== undefined) fields[field.name] = value;
    }
    return fields;
  }

  #field(field: FieldInfo, at: number, where: string, unionKind: () => number): unknown {
    const { type } = field;
    if (field.vector) return at ? this.#vector(field, this.#indirect(at, where), where) : undefined;
    if (type === "string") return at ? this.#string(this.#indirect(at, where), where) : undefined;
    if (isTable(type)) return at ? this.#table(type, this.#indirect(at, where), where) : undefined;
    if (isUnion(type)) {
      const kind = unionKind();
      if (!at || kind === 0) return undefined;
      const table = unionTables(type)[kind];
      if (table === undefined || !isTable(table))
        throw new TfliteError(
          `${where}: ${type} has no member ${kind}: the file is newer than this reader, or damaged`,
        );
      return { table, fields: this.#table(table, this.#indirect(at, where), where) };
    }
    return this.#scalar(field, at, where);
  }

  #scalar(field: FieldInfo, at: number, where: string): unknown {
    if (!at)
      return isEnum(field.type)
        ? enumNames(field.type)[Number(field.fallback)]
        : field.type === "bool"
          ? Boolean(field.fallback)
          : field.fallback;
    return this.#element(field.type, at, where);
  }

  #element(type: string, at: number, where: string): unknown {
    const wire = wireType(type);
    this.#check(at, SIZES[wire] ?? 4, where);
    const value = this.#read(wire, at);
    // A value that this schema does not name yet stays a number: only its user can say whether it matters.
    return isEnum(type) ? (enumNames(type)[Number(value)] ?? Number(value)) : value;
  }
  #read(wire: string, at: number): number | bigint | boolean {
    const view = this.#view;
    switch (wire) {
      case "bool":
        return view.getUint8(at) !== 0;
      case "byte":
        return view.getInt8(at);
      case "ubyte":
        return view.getUint8(at);
      case "short":
        return view.getInt16(at, true);
      case "ushort":
        return view.getUint16(at, true);
      case "int":
        return view.getInt32(at, true);
      case "uint":
        return view.getUint32(at, true);
      case "float":
        return view.getFloat32(at, true);
      case "double":
        return view.getFloat64(at, true);
      default: {
        const exact = wire === "long" ? view.getBigInt64(at, true) : view.getBigUint64(at, true);
        return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
      }
    }
  }

  #string(at: number, where: string): string {
    this.#check(at, 4, where);
    const length = this.#view.getUint32(at, true);
    this.#check(at + 4, length, where);
    this.#spend(length, where);
    return this.#text.decode(this.bytes.subarray(at + 4, at + 4 + length));
  }

  #vector(field: FieldInfo, at: number, where: string): unknown {
    this.#check(at, 4, where);
    const length = this.#view.getUint32(at, true);
    const start = at + 4;
    const { type } = field;
    if (type === "ubyte") {
      this.#check(start, length, where);
      return this.bytes.subarray(start, start + length);
    }
    const size = SIZES[wireType(type)] ?? 4;
    this.#check(start, length * size, where);
    const numbers = !isTable(type) && type !== "string";
    const key = `${type} ${at}`;
    const known = numbers ? this.#vectors.get(key) : undefined;
    if (known) return known;
    this.#spend(length, where);
    const decoded = Array.from({ length }, (_, i) => {
      const item = start + i * size;
      if (isTable(type)) return this.#table(type, this.#indirect(item, where), `${where}[${i}]`);
      if (type === "string") return this.#string(this.#indirect(item, where), where);
      return this.#element(type, item, where);
    });
    if (numbers) this.#vectors.set(key, Object.freeze(decoded));
    return decoded;
  }
}
