import {
  byteLength,
  type Constant,
  constantByteLength,
  countOf,
  isStaticShape,
  mapOperands,
  type Node,
  type TensorType,
  type Value,
} from "@tflower/core";

/** Bytes of a tensor, where its extents are known. */
export const bytesOf = (t: TensorType): number | undefined =>
  isStaticShape(t.shape) && t.dtype !== "resource" && t.dtype !== "string"
    ? byteLength(t.dtype, countOf(t.shape))
    : undefined;

const allStatic = (node: Node): boolean => [...node.inputs, ...node.results].every((v) => isStaticShape(v.type.shape));

/** Multiply-accumulates of one run of a node; `undefined` where extents are not known. */
export function macsOf(node: Node): number | undefined {
  const { macs } = node.op.traits;
  if (!macs) return 0;
  if (!allStatic(node)) return undefined;
  return macs({
    operands: mapOperands(node.operands_, (v) => v.type),
    attrs: node.attrs as Readonly<Record<string, unknown>>,
    results: node.results.map((r) => r.type),
  });
}

/** Constants that a node reads, each once. */
export const constantsOf = (node: Node): readonly (Value & { readonly constant: Constant })[] =>
  [...new Set(node.inputs)].filter((v): v is Value & { readonly constant: Constant } => v.constant !== undefined);

/** Bytes of the constants that a node reads. */
export const weightBytesOf = (node: Node): number =>
  constantsOf(node).reduce((n, v) => n + constantByteLength(v.constant), 0);
