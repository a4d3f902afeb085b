import { type Dim, parseDim, sameDim, showDim } from "./dim.ts";
import { type DType, dtypes } from "./dtype.ts";

/** How integers stand for reals: `real = scale * (q - zeroPoint)`. */
export interface Quantization {
  /** One scale for the tensor, one per channel of `axis`, or one per block. */
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  /** The channel axis of per-channel quantization. */
  readonly axis?: number;
  /** Elements along the last axis that share a scale (blockwise quantization). */
  readonly block?: number;
}

/** Element type, extents and, for integers that stand for reals, their quantization. Plain frozen data, compared by content. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
  readonly quant?: Quantization;
}

/** Makes a {@link TensorType}. */
export function tensor(dtype: DType, shape: readonly Dim[], quant?: Quantization): TensorType {
  const frozen = Object.freeze([...shape]);
  return Object.freeze(quant ? { dtype, shape: frozen, quant } : { dtype, shape: frozen });
}
export const withShape = (t: TensorType, shape: readonly Dim[]): TensorType => tensor(t.dtype, shape, t.quant);
export const withDType = (t: TensorType, dtype: DType): TensorType => tensor(dtype, t.shape);

function showQuantization(q: Quantization): string {
  const pairs = q.scales.map((s, i) => `${s}:${q.zeroPoints[i] ?? 0}`).join(",");
  if (q.block !== undefined) return `<{${pairs}}/${q.block}>`;
  return q.axis === undefined ? `<${pairs}>` : `<{${pairs}}@${q.axis}>`;
}
/** Text of a type: `f32[1,3,s0]`, `i8[4]<0.5:-128>`. {@link parseType} reads it back. */
export const showType = (t: TensorType): string =>
  `${t.dtype}[${t.shape.map(showDim).join(",")}]${t.quant ? showQuantization(t.quant) : ""}`;

export const sameShape = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length && a.every((d, i) => sameDim(d, b[i]!));
export function sameType(a: TensorType, b: TensorType): boolean {
  if (a === b) return true;
  if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape)) return false;
  if (!a.quant && !b.quant) return true;
  return !!a.quant && !!b.quant && showQuantization(a.quant) === showQuantization(b.quant);
}

/** Splits at commas outside parentheses. */
function splitDims(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")") depth--;
    else if (text[i] === "," && depth === 0) {
      out.push(text.slice(from, i));
      from = i + 1;
    }
  }
  out.push(text.slice(from));
  return out;
}

/** Reads what {@link showType} writes. Throws a `SyntaxError` on anything else. */
export function parseType(text: string): TensorType {
  const m = /^(\w+)\[([^\]]*)\](?:<(.*)>)?$/.exec(text);
  if (!m) throw new SyntaxError(`expected a type such as "f32[1,3]", got "${text}"`);
  const [, dtype, dims, quant] = m;
  if (!Object.hasOwn(dtypes, dtype!))
    throw new SyntaxError(`unknown dtype "${dtype}"; known: ${Object.keys(dtypes).join(", ")}`);
  const shape = dims === "" ? [] : splitDims(dims!).map(parseDim);
  return tensor(dtype as DType, shape, quant === undefined ? undefined : parseQuantization(quant));
}

function parseQuantization(text: string): Quantization {
  const m = /^\{?([^{}]*)\}?(?:@(\d+)|\/(\d+))?$/.exec(text);
  if (!m) throw new SyntaxError(`expected a quantization such as "0.5:-128" or "{0.5:0,0.25:0}@0", got "${text}"`);
  const pairs = m[1]!.split(",").map((p) => p.split(":").map(Number));
  return {
    scales: pairs.map((p) => p[0]!),
    zeroPoints: pairs.map((p) => p[1] ?? 0),
    ...(m[2] !== undefined && { axis: Number(m[2]) }),
    ...(m[3] !== undefined && { block: Number(m[3]) }),
  };
}
