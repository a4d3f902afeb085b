import { compileError } from "../diagnostic/diagnostic.ts";
import { gatherStrided } from "../eval/strided.ts";
import { countOf, decode, staticShape, type TensorData, wrap } from "../eval/tensor-data.ts";
import { constantTypes, flattenOperands, mapOperands } from "../op/define-op.ts";
import { type AppliedConstant, type Constant, type DataConstant, type LeafConstant, readersOf } from "./constant.ts";
import { byteLength } from "./dtype.ts";
import { RecentParts } from "./recent-parts.ts";
import type { TensorType } from "./type.ts";

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
    return evaluated.get(x) ?? recent.get(x) ?? shared.once(x, () => compute(x));
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
    const out = apply(x, inputs);
    if (x !== c && readersOf(x) >= manyReaders) recent.set(x, out);
    return out;
  };
  return load(c);
}
/** Rewrites make a constant or two on their way; what more are made of is read again soon. */
const manyReaders = 4;
const recent = new RecentParts(32 * 1024 * 1024);

async function loadPlain(c: DataConstant | LeafConstant): Promise<TensorData> {
  if (c.kind === "data") return wrap(c.type, c.data);
  const bytes = await c.source.read(c.offset, c.length);
  return c.strides || c.storageOffset
    ? gatherStrided(c.type, bytes, c.strides, c.storageOffset)
    : decode(c.type, bytes.subarray(0, byteLength(c.type.dtype, countOf(staticShape(c.type.shape)))));
}
