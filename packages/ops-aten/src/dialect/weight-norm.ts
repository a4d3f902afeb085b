import { invalid, operand, showType, sizeOf, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { differ } from "../semantics/matmul-shape.ts";
import { mapNumbers } from "../semantics/pointwise.ts";
import { axesBut, reducedShape, reduceNumbers } from "../semantics/reduce.ts";
import { vectorNorm } from "../semantics/vector-norm.ts";

const normsType = (v: TensorType, dim: number, dtype = v.dtype): TensorType =>
  tensor(dtype, reducedShape(v.shape, axesBut(dim, v.shape.length), true));
const normsOf = (v: TensorData, p: number, dim: number, type: TensorType): TensorData =>
  reduceNumbers(type, v, axesBut(dim, v.type.shape.length), (line) => vectorNorm(line, p));
/** There is a length for each slice. PyTorch reads lengths of other shapes as they lie in memory, or past their end. */
function scaledType(v: TensorType, g: TensorType, dim: number): TensorType {
  const wanted = normsType(v, dim);
  if (differ(sizeOf(g.shape), sizeOf(wanted.shape)))
    invalid(`takes lengths of type ${showType(wanted)}, got ${showType(g)}`);
  return tensor(v.dtype, v.shape);
}
const scaled = (v: TensorData, g: TensorData, dim: number, type: TensorType): TensorData =>
  mapNumbers(type, [v, g, normsOf(v, 2, dim, normsType(v.type, dim, "f64"))], (x, a, n) => (x * a) / n);

const operands = { v: operand.float, g: operand.float } as const;
export const weightNorm = defineAten("_weight_norm(Tensor v, Tensor g, int dim=0) -> Tensor", {
  operands,
  summary: "`v` scaled so that the norm of each slice along an axis, or of all of it for -1, is `g`.",
  infer: ({ v, g }, { dim }) => scaledType(v, g, dim),
  evaluate: ({ v, g }, { dim }, [type]) => scaled(v, g, dim, type!),
});
export const weightNormInterface = defineAten(
  "_weight_norm_interface(Tensor v, Tensor g, int dim=0) -> (Tensor, Tensor)",
  {
    operands,
    summary: "`_weight_norm` that also gives the norms of `v`.",
    infer: ({ v, g }, { dim }) => [scaledType(v, g, dim), normsType(v, dim, g.dtype)],
    evaluate: ({ v, g }, { dim }, [type, norms]) => [scaled(v, g, dim, type!), normsOf(v, 2, dim, norms!)],
  },
);
export const normExceptDim = defineAten("norm_except_dim(Tensor v, int pow=2, int dim=0) -> Tensor", {
  operands: { v: operand.float },
  summary: "Norms of the slices along an axis, or of everything for -1.",
  infer: ({ v }, { dim }) => (dim === -1 ? tensor(v.dtype, []) : normsType(v, dim)),
  evaluate: ({ v }, { pow, dim }, [type]) => normsOf(v, pow, dim, type!),
});
