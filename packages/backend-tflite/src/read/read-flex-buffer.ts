import { TfliteError } from "../schema/tflite-error.ts";
import type { FlexLists, FlexValue } from "../write/flex-buffer.ts";

/** A map as it was found, and whether its lists were typed vectors; `undefined` where there was none, or both kinds. */
export interface FlexMap {
  readonly entries: ReadonlyMap<string, FlexValue>;
  readonly lists: ReadonlySet<FlexLists>;
}

// Types as the format numbers them. Indirect scalars lie elsewhere, which says nothing about what they are.
const [NULL, INT, UINT, FLOAT, KEY, STRING, INDIRECT_INT, INDIRECT_UINT, INDIRECT_FLOAT, MAP, VECTOR] = Array.from(
  { length: 11 },
  (_, i) => i,
) as [number, number, number, number, number, number, number, number, number, number, number];
const BOOL = 26;
const TYPED: ReadonlyMap<number, number> = new Map([
  [11, INT],
  [12, UINT],
  [13, FLOAT],
  [14, KEY],
  [36, BOOL],
]);
/** More than any options have: sharing could make a small file expand without end. */
const mostValues = 100_000;

/**
 * Reads the map that a FlexBuffer of options is. Throws a {@link TfliteError} on what is damaged, and on what such maps have no use for:
 * nested maps, blobs, vectors of fixed length.
 */
export function readFlexMap(bytes: Uint8Array, where: string): FlexMap {
  return new FlexReader(bytes, where).root();
}

class FlexReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly where: string;
  private readonly lists = new Set<FlexLists>();
  private count = 0;
  constructor(bytes: Uint8Array, where: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.where = where;
  }
  private fail(why: string): never {
    throw new TfliteError(`${this.where}: the options are no FlexBuffer that tflower can hold: ${why}`);
  }
  private check(at: number, length: number): void {
    if (at < 0 || length < 0 || at + length > this.bytes.byteLength)
      this.fail(`bytes ${at} to ${at + length} of ${this.bytes.byteLength} are read`);
    if (++this.count > mostValues) this.fail("there is more in them than options hold");
  }
  private bits(at: number, width: number, signed: boolean): bigint {
    this.check(at, width);
    let n = 0n;
    for (let i = width - 1; i >= 0; i--) n = (n << 8n) | BigInt(this.view.getUint8(at + i));
    return signed ? BigInt.asIntN(8 * width, n) : n;
  }
  private unsigned = (at: number, width: number): number => Number(this.bits(at, width, false));
  private indirect = (at: number, width: number): number => at - this.unsigned(at, width);

  root(): FlexMap {
    const end = this.bytes.byteLength;
    if (end < 3) this.fail(`${end} bytes are too few`);
    const width = this.view.getUint8(end - 1);
    const type = this.view.getUint8(end - 2);
    if (![1, 2, 4, 8].includes(width) || type >> 2 !== MAP) this.fail("they are no map");
    const at = this.indirect(end - 2 - width, width);
    return { entries: this.map(at, 1 << (type & 3)), lists: this.lists };
  }
  private map(at: number, width: number): Map<string, FlexValue> {
    const size = this.unsigned(at - width, width);
    const keys = this.indirect(at - 3 * width, width);
    const keyWidth = this.unsigned(at - 2 * width, width);
    if (this.unsigned(keys - keyWidth, keyWidth) !== size) this.fail("there are more values than keys");
    const out = new Map<string, FlexValue>();
    for (let i = 0; i < size; i++)
      out.set(this.key(this.indirect(keys + i * keyWidth, keyWidth)), this.element(at, width, size, i, 0));
    return out;
  }
  private element(vector: number, width: number, size: number, i: number, depth: number): FlexValue {
    this.check(vector + size * width + i, 1);
    return this.value(vector + i * width, width, this.view.getUint8(vector + size * width + i), depth);
  }
  private key(at: number): string {
    this.check(at, 1);
    const end = this.bytes.indexOf(0, at);
    return end < 0 ? this.fail("a key does not end") : new TextDecoder().decode(this.bytes.subarray(at, end));
  }
  private float(at: number, width: number): number {
    this.check(at, width);
    if (width === 4) return this.view.getFloat32(at, true);
    return width === 8 ? this.view.getFloat64(at, true) : this.fail(`a float has ${width} bytes`);
  }
  /** The value at `at`, stored in `width` bytes, of packed type `type`. */
  private value(at: number, width: number, type: number, depth: number): FlexValue {
    const own = 1 << (type & 3);
    const kind = type >> 2;
    if (depth > 16) this.fail("lists lie in lists, endlessly");
    if (kind === BOOL) return this.bits(at, width, false) !== 0n;
    if (kind === INT || kind === UINT) return this.bits(at, width, kind === INT);
    if (kind === FLOAT) return this.float(at, width);
    if (kind === NULL) return this.fail("one of them is null");
    const there = this.indirect(at, width);
    if (kind === KEY) return this.key(there);
    if (kind === INDIRECT_INT || kind === INDIRECT_UINT) return this.bits(there, own, kind === INDIRECT_INT);
    if (kind === INDIRECT_FLOAT) return this.float(there, own);
    const size = [STRING, VECTOR, ...TYPED.keys()].includes(kind)
      ? this.unsigned(there - own, own)
      : this.fail(`one of them has type ${kind}`);
    if (kind === STRING) {
      this.check(there, size);
      return new TextDecoder().decode(this.bytes.subarray(there, there + size));
    }
    // every element takes a byte at least: a size that lies stops here, before anything is made
    this.check(there, size);
    const element = TYPED.get(kind);
    if (element !== KEY && size > 0) this.lists.add(element === undefined ? "plain" : "typed");
    return Array.from({ length: size }, (_, i) =>
      element === undefined
        ? this.element(there, own, size, i, depth + 1)
        : this.value(there + i * own, own, element << 2, depth + 1),
    );
  }
}
