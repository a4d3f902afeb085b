import { compileError } from "../diagnostic/diagnostic.ts";
import { gatherStrided } from "../eval/strided.ts";
import { type Carrier, countOf, decode, encode, staticShape, type TensorData, wrap } from "../eval/tensor-data.ts";
import type { ByteSource } from "../io/byte-source.ts";
import { showAttr } from "../op/attr.ts";
import { type Attrs, constantTypes, flattenOperands, mapOperands, type OpDef } from "../op/define-op.ts";
import { byteLength } from "./dtype.ts";
import { showType, type TensorType } from "./type.ts";

/** Elements that are in memory. */
export interface DataConstant {
  readonly kind: "data";
  readonly type: TensorType;
  readonly data: Carrier;
  readonly key: string;
}
/** Elements that lie in a file, read when the constant is written. */
export interface LeafConstant {
  readonly kind: "leaf";
  readonly type: TensorType;
  readonly source: ByteSource;
  /** Where the storage begins, and how many bytes it has. */
  readonly offset: number;
  readonly length: number;
  /** Elements between neighbours along each axis; absent when row-major without gaps. */
  readonly strides?: readonly number[];
  /** Elements of the storage before the first one. */
  readonly storageOffset: number;
  readonly key: string;
}
/** Result number `result` of a pure op over constants, evaluated once, when it is written. */
export interface AppliedConstant {
  readonly kind: "applied";
  readonly type: TensorType;
  readonly op: OpDef;
  readonly operands: Readonly<Record<string, Constant | undefined | readonly (Constant | undefined)[]>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly result: number;
  readonly key: string;
}
/** A lazy expression whose leaves are bytes of the input. Two with the same `key` hold the same elements. */
export type Constant = DataConstant | LeafConstant | AppliedConstant;

let unshared = 0;
/** Contents above this many bytes are not hashed: comparing them would cost what laziness saves. */
const hashLimit = 65536;

/** A constant whose elements are in memory. */
export function dataConstant(t: TensorData): DataConstant {
  const bytes = new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength);
  const key = bytes.length <= hashLimit ? `data:${showType(t.type)}:${contentKey(bytes)}` : `data#${unshared++}`;
  return Object.freeze({ kind: "data", type: t.type, data: t.data, key });
}

/**
 * 128 bits of the contents, from four lanes with multipliers of their own, so that equal keys mean equal contents for any practical
 * purpose. Works on words: weights of a thousand batch-norms pass through here.
 */
function contentKey(bytes: Uint8Array): string {
  if (bytes.length <= 32) return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
  let [a, b, c, d] = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35];
  const mix = (w: number): void => {
    a = Math.imul(a ^ w, 0x01000193);
    b = Math.imul((b << 7) ^ (b >>> 25) ^ w, 0x85ebca77);
    c = Math.imul(c + w, 0xc2b2ae3d) ^ (c >>> 15);
    d = Math.imul((d << 13) ^ (d >>> 19) ^ a, 0x27d4eb2f) + w;
  };
  for (let i = 0; i < words.length; i++) mix(words[i]!);
  for (let i = words.length * 4; i < aligned.length; i++) mix(aligned[i]!);
  return `${bytes.length}:${[a, b, c, d].map((l) => (l >>> 0).toString(16)).join(":")}`;
}

/** A constant over a byte range of `source`. */
export function leafConstant(
  type: TensorType,
  source: ByteSource,
  range: {
    readonly offset: number;
    readonly length: number;
    readonly strides?: readonly number[];
    readonly storageOffset?: number;
  },
): LeafConstant {
  const strides = range.strides && !isRowMajor(staticShape(type.shape), range.strides) ? range.strides : undefined;
  const storageOffset = range.storageOffset ?? 0;
  const key = `leaf:${source.key ?? source.name}:${range.offset}+${range.length}:${showType(type)}:${strides?.join(",") ?? ""}:${storageOffset}`;
  return Object.freeze({
    kind: "leaf",
    type,
    source,
    offset: range.offset,
    length: range.length,
    ...(strides && { strides }),
    storageOffset,
    key,
  });
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expect = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expect) return false;
    expect *= shape[i]!;
  }
  return true;
}

/** Result `result` of `op` over constants, not evaluated yet. */
export function appliedConstant(
  op: OpDef,
  operands: AppliedConstant["operands"],
  attrs: Readonly<Record<string, unknown>>,
  type: TensorType,
  result = 0,
): AppliedConstant {
  const args = Object.values(operands).map((v) =>
    Array.isArray(v)
      ? `(${v.map((x: Constant | undefined) => x?.key ?? "none").join(",")})`
      : ((v as Constant | undefined)?.key ?? "none"),
  );
  const values = Object.entries(op.attrs as Attrs).map(([k, spec]) => `${k}=${showAttr(spec, attrs[k])}`);
  // a key holds those of its operands: hashed where it gets long, or it would double wherever an operand is read twice
  const text = `${op.name}(${args.join(";")}){${values.join(",")}}#${result}`;
  const key = text.length <= 256 ? text : `applied:${contentKey(new TextEncoder().encode(text))}`;
  return Object.freeze({ kind: "applied", type, op, operands, attrs, result, key });
}

/** The elements, when they can be had without reading a file; `undefined` otherwise. */
export function residentData(c: Constant): TensorData | undefined {
  if (c.kind === "data") return wrap(c.type, c.data);
  if (c.kind === "leaf" || !isResident(c)) return undefined;
  const shared = new SharedOperands<TensorData>(c);
  const evaluate = (x: Constant): TensorData => {
    if (x.kind === "data") return wrap(x.type, x.data);
    const a = x as AppliedConstant;
    return evaluated.get(a) ?? shared.once(a, () => keep(a, apply(a, mapOperands(a.operands, evaluate))));
  };
  return evaluate(c);
}

const resident = new WeakMap<AppliedConstant, boolean>();
function isResident(c: Constant): boolean {
  if (c.kind !== "applied") return c.kind === "data";
  let known = resident.get(c);
  if (known === undefined) {
    known = flattenOperands(c.operands).every(isResident);
    resident.set(c, known);
  }
  return known;
}

/**
 * What the parts of one constant that are read more than once hold, until the last reader has it: a part that two parts read, each
 * read by two more, and so on, would be computed an exponential number of times; keeping every part would take the memory of all.
 */
class SharedOperands<T> {
  private readonly reads = new Map<AppliedConstant, number>();
  private readonly kept = new Map<AppliedConstant, T>();

  constructor(root: AppliedConstant) {
    const visit = (c: AppliedConstant): void => {
      for (const x of flattenOperands(c.operands)) {
        if (x.kind !== "applied") continue;
        const n = this.reads.get(x) ?? 0;
        this.reads.set(x, n + 1);
        if (n === 0) visit(x);
      }
    };
    visit(root);
  }
  /** What `compute` gives, computed at the first of the reads of `c`. */
  once(c: AppliedConstant, compute: () => T): T {
    const left = (this.reads.get(c) ?? 1) - 1;
    this.reads.set(c, left);
    const known = this.kept.get(c);
    const value = known ?? compute();
    if (left > 0) this.kept.set(c, value);
    else this.kept.delete(c);
    return value;
  }
}

/** Results up to this many bytes are kept for as long as their constant. */
const keepLimit = 2 * 1024 * 1024;
function keep(c: AppliedConstant, data: TensorData): TensorData {
  if (data.data.byteLength <= keepLimit) evaluated.set(c, data);
  return data;
}
const evaluated = new WeakMap<AppliedConstant, TensorData>();

/** Types of all results of the op, of which the constant is one. */
function resultTypes(c: AppliedConstant): readonly TensorType[] {
  const inferred = c.op.infer?.(constantTypes(c.operands) as never, c.attrs as never) as
    | TensorType
    | readonly TensorType[]
    | undefined;
  return Array.isArray(inferred) ? (inferred as readonly TensorType[]).with(c.result, c.type) : [c.type];
}
function apply(c: AppliedConstant, inputs: Record<string, unknown>): TensorData {
  if (!c.op.evaluate)
    throw compileError("IR0009", `"${c.op.name}" has no reference semantics, so a constant of it has no elements`, {
      op: c.op.name,
    });
  const out = c.op.evaluate(inputs as never, c.attrs as never, resultTypes(c));
  return Array.isArray(out) ? (out as readonly TensorData[])[c.result]! : (out as TensorData);
}

/** The elements, read and computed now. */
export async function loadConstant(c: Constant): Promise<TensorData> {
  if (c.kind !== "applied") return loadPlain(c);
  const shared = new SharedOperands<Promise<TensorData>>(c);
  const load = (x: Constant): Promise<TensorData> | TensorData => {
    if (x.kind !== "applied") return loadPlain(x);
    return evaluated.get(x) ?? shared.once(x, () => compute(x));
  };
  const compute = async (x: AppliedConstant): Promise<TensorData> => {
    const inputs: Record<string, unknown> = {};
    for (const k in x.operands) {
      const v = x.operands[k];
      inputs[k] =
        v === undefined
          ? undefined
          : Array.isArray(v)
            ? await Promise.all(v.map((y: Constant | undefined) => y && load(y)))
            : await load(v as Constant);
    }
    return apply(x, inputs);
  };
  return load(c);
}
async function loadPlain(c: DataConstant | LeafConstant): Promise<TensorData> {
  if (c.kind === "data") return wrap(c.type, c.data);
  const bytes = await c.source.read(c.offset, c.length);
  return c.strides || c.storageOffset
    ? gatherStrided(c.type, bytes, c.strides, c.storageOffset)
    : decode(c.type, bytes.subarray(0, byteLength(c.type.dtype, countOf(staticShape(c.type.shape)))));
}

/** Large enough that calls do not matter, small enough that a piece is still in the cache when it is checked and written. */
const chunkBytes = 1024 * 1024;
/** Bytes of `c` packed and row-major. */
export const constantByteLength = (c: Constant): number => byteLength(c.type.dtype, countOf(staticShape(c.type.shape)));

/**
 * The packed bytes; in pieces where the constant is a plain range of its file. A piece's memory is used again for the next one:
 * use it before asking for more.
 */
export async function* constantChunks(c: Constant): AsyncGenerator<Uint8Array> {
  if (c.kind === "leaf" && !c.strides) {
    const total = constantByteLength(c);
    const from = c.offset + byteLength(c.type.dtype, c.storageOffset);
    const scratch = total > chunkBytes ? new Uint8Array(chunkBytes) : undefined;
    for (let at = 0; at < total; at += chunkBytes)
      yield await c.source.read(from + at, Math.min(chunkBytes, total - at), scratch);
    return;
  }
  yield encode(await loadConstant(c));
}
