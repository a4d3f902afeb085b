import { type Carrier, countOf, staticShape, type TensorData } from "../eval/tensor-data.ts";
import type { ByteSource } from "../io/byte-source.ts";
import { showAttr } from "../op/attr.ts";
import type { Attrs, OpDef } from "../op/define-op.ts";
import { contentKey } from "./content-key.ts";
import { byteLength } from "./dtype.ts";
import type { TensorType } from "./type.ts";
import { typeKey } from "./type-key.ts";

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
  const key = bytes.length <= hashLimit ? `data:${typeKey(t.type)}:${contentKey(bytes)}` : `data#${unshared++}`;
  return Object.freeze({ kind: "data", type: t.type, data: t.data, key });
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
  const key = `leaf:${source.key ?? source.name}:${range.offset}+${range.length}:${typeKey(type)}:${strides?.join(",") ?? ""}:${storageOffset}`;
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

const readers = new WeakMap<AppliedConstant, number>();
/** How many constants have been made of `c` so far. */
export const readersOf = (c: AppliedConstant): number => readers.get(c) ?? 0;

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
  for (const v of Object.values(operands).flat() as (Constant | undefined)[])
    if (v?.kind === "applied") readers.set(v, readersOf(v) + 1);
  const values = Object.entries(op.attrs as Attrs).map(([k, spec]) => `${k}=${showAttr(spec, attrs[k])}`);
  // a key holds those of its operands: hashed where it gets long, or it would double wherever an operand is read twice
  // an op that quantizes takes its scales from the type
  const scales = type.quant ? typeKey(type) : "";
  const text = `${op.name}(${args.join(";")}){${values.join(",")}}#${result}${scales}`;
  const key = text.length <= 256 ? text : `applied:${contentKey(new TextEncoder().encode(text))}`;
  return Object.freeze({ kind: "applied", type, op, operands, attrs, result, key });
}

/** Bytes of `c` packed and row-major. */
export const constantByteLength = (c: Constant): number => byteLength(c.type.dtype, countOf(staticShape(c.type.shape)));
