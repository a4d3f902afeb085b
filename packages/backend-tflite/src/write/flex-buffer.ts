/** What a FlexBuffer of options holds: an integer is a `bigint`, a number a float. */
export type FlexValue = boolean | bigint | number | string | readonly FlexValue[];

/** How lists are written: kernels of custom ops read lists of numbers as typed vectors, readers of composites want plain ones. */
export type FlexLists = "typed" | "plain";

// Types as the format numbers them.
const INT = 1;
const FLOAT = 3;
const KEY = 4;
const STRING = 5;
const MAP = 9;
const VECTOR = 10;
const BOOL = 26;
/** Typed vectors of the scalars above. */
const TYPED: ReadonlyMap<number, number> = new Map([
  [INT, 11],
  [FLOAT, 13],
  [BOOL, 36],
]);

/** A value as its container stores it: by itself, or by the distance back to where it lies. */
type Slot =
  | {
      readonly type: number;
      readonly width: number;
      readonly write: (view: DataView, at: number, width: number) => void;
    }
  | { readonly type: number; readonly width: number; readonly at: number };

/** Stands for a number in front of a vector's elements. */
const place: Slot = { type: INT, width: 1, write: () => {} };

const widths = [1, 2, 4, 8] as const;
const log2 = (width: number): number => widths.indexOf(width as 1);
const unsignedWidth = (n: number): number => (n < 2 ** 8 ? 1 : n < 2 ** 16 ? 2 : n < 2 ** 32 ? 4 : 8);
const signedWidth = (n: bigint): number => widths.find((w) => BigInt.asIntN(8 * w, n) === n) ?? 0;

function writeInteger(view: DataView, at: number, width: number, n: bigint): void {
  for (let i = 0; i < width; i++) view.setUint8(at + i, Number((n >> BigInt(8 * i)) & 0xffn));
}
function writeFloat(view: DataView, at: number, width: number, n: number): void {
  if (width === 8) view.setFloat64(at, n, true);
  else view.setFloat32(at, n, true);
}

class Packer {
  private bytes = new Uint8Array(256);
  private length = 0;
  private readonly lists: FlexLists;
  constructor(lists: FlexLists) {
    this.lists = lists;
  }
  private reserve(count: number): DataView {
    if (this.length + count > this.bytes.length) {
      const grown = new Uint8Array(2 * (this.length + count));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    return new DataView(this.bytes.buffer);
  }
  private integer(n: number, width: number): void {
    writeInteger(this.reserve(width), this.length, width, BigInt(n));
    this.length += width;
  }
  private align(width: number): void {
    while (this.length % width) this.integer(0, 1);
  }
  private text(s: string): number {
    const utf8 = new TextEncoder().encode(s);
    this.reserve(utf8.length + 1);
    const at = this.length;
    this.bytes.set(utf8, at);
    this.bytes[at + utf8.length] = 0;
    this.length += utf8.length + 1;
    return at;
  }
  /** The smallest width in which `prefix` numbers and then every slot can be stored from here on. */
  private widthOf(slots: readonly Slot[], prefix: readonly Slot[], count: number): number {
    return widths.find((w) => {
      if (unsignedWidth(count) > w) return false;
      const start = Math.ceil(this.length / w) * w;
      return [...prefix, ...slots].every((s, i) =>
        "at" in s ? unsignedWidth(start + i * w - s.at) <= w : s.width <= w,
      );
    })!;
  }
  private slot(s: Slot, width: number): void {
    if ("at" in s) this.integer(this.length - s.at, width);
    else {
      s.write(this.reserve(width), this.length, width);
      this.length += width;
    }
  }
  private typeOf = (s: Slot, width: number): number =>
    (s.type << 2) | log2("at" in s ? s.width : Math.max(s.width, width));

  private vector(slots: readonly Slot[], typed: number | undefined): Slot {
    const width = this.widthOf(slots, [place], slots.length);
    this.align(width);
    this.integer(slots.length, width);
    const at = this.length;
    for (const s of slots) this.slot(s, width);
    if (typed === undefined) for (const s of slots) this.integer(this.typeOf(s, width), 1);
    return { type: typed ?? VECTOR, width, at };
  }
  private value(v: FlexValue, where: string): Slot {
    if (typeof v === "boolean")
      return { type: BOOL, width: 1, write: (view, at, w) => writeInteger(view, at, w, v ? 1n : 0n) };
    if (typeof v === "bigint") {
      const width = signedWidth(v);
      if (!width) throw new RangeError(`option "${where}" is ${v}, which does not fit 64 bits`);
      return { type: INT, width, write: (view, at, w) => writeInteger(view, at, w, v) };
    }
    if (typeof v === "number")
      return {
        type: FLOAT,
        width: Object.is(Math.fround(v), v) ? 4 : 8,
        write: (view, at, w) => writeFloat(view, at, w, v),
      };
    if (typeof v === "string") {
      const width = unsignedWidth(new TextEncoder().encode(v).length);
      this.align(width);
      this.integer(new TextEncoder().encode(v).length, width);
      return { type: STRING, width, at: this.text(v) };
    }
    if (!Array.isArray(v))
      throw new TypeError(
        `option "${where}" is ${String(v)}; a FlexBuffer of options holds numbers, booleans, strings and lists of them`,
      );
    const items = (v as readonly FlexValue[]).map((x) => this.value(x, where));
    const [first] = items;
    const alike =
      this.lists === "typed" && first && items.every((s) => s.type === first.type) ? TYPED.get(first.type) : undefined;
    return this.vector(items, alike);
  }
  /** The bytes of a map, which is all that options are. */
  map(entries: readonly (readonly [name: string, value: FlexValue])[]): Uint8Array {
    const names = entries.map(([name]) => ({ type: KEY, width: 1, at: this.text(name) }));
    const values = entries.map(([name, v]) => this.value(v, name));
    const keys = this.vector(names, 14) as { readonly type: number; readonly width: number; readonly at: number };
    const width = this.widthOf(values, [keys, place, place], entries.length);
    this.align(width);
    this.slot(keys, width);
    this.integer(keys.width, width);
    this.integer(entries.length, width);
    const map: Slot = { type: MAP, width, at: this.length };
    for (const s of values) this.slot(s, width);
    for (const s of values) this.integer(this.typeOf(s, width), 1);
    const root = this.widthOf([map], [], 0);
    this.align(root);
    this.slot(map, root);
    this.integer(this.typeOf(map, root), 1);
    this.integer(root, 1);
    return this.bytes.slice(0, this.length);
  }
}

/** Order of keys in the file: by the bytes of their UTF-8. */
function compareBytes(a: string, b: string): number {
  const [x, y] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return x.length - y.length;
}

/** A FlexBuffer map with the given entries, keys sorted as the format asks. The same entries give the same bytes, in whatever order. */
export function packFlexMap(entries: Readonly<Record<string, FlexValue>>, lists: FlexLists): Uint8Array {
  return new Packer(lists).map(Object.entries(entries).sort(([a], [b]) => compareBytes(a, b)));
}
