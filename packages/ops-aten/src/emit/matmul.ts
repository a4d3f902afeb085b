import { tfl } from "@tflower/backend-tflite";
import {
  broadcastShapes,
  type Constant,
  type Dim,
  type Emit,
  isComplex,
  isFloat,
  isStaticShape,
  type OpDef,
  type Rejection,
  reject,
  sizeOf,
  tensorData,
  type Value,
} from "@tflower/core";
import { addTensor } from "../dialect/arithmetic.ts";
import { permute, t, transposeInt } from "../dialect/permute.ts";
import { axesOf } from "../semantics/axes.ts";
import { swappedAxes } from "../semantics/permutations.ts";
import { widenInteger } from "./compute.ts";
import { mul } from "./pointwise.ts";
import { castTo, permuteBy, reshapeTo } from "./rearrange.ts";
import { sumOver } from "./reduce.ts";

/** Whether `v` is computed from constants alone, and so becomes one. */
export function isConstantExpression(v: Value, depth = 8): boolean {
  if (v.constant) return true;
  if (!v.producer || depth === 0) return false;
  const { inputs, op } = v.producer;
  return (
    !op.traits.effects &&
    !op.traits.random &&
    inputs.length > 0 &&
    inputs.every((x) => isConstantExpression(x, depth - 1))
  );
}

const swapLast = (rank: number): number[] => swappedAxes(rank, -2, -1);
/** The constant that `c` is the transpose of, where it is a matrix: transposing twice would hide that it is the one other ops read. */
function untransposed(c: Constant): Constant | undefined {
  if (c.kind !== "applied" || c.type.shape.length !== 2) return undefined;
  const operand = c.operands["self"] ?? c.operands["input"];
  if (!operand || Array.isArray(operand) || (operand as Constant).type.shape.length !== 2) return undefined;
  const { dims, perm, dim0, dim1 } = c.attrs as {
    readonly dims?: readonly number[];
    readonly perm?: readonly number[];
    readonly dim0?: number;
    readonly dim1?: number;
  };
  const axes =
    c.op === t
      ? [1, 0]
      : c.op === permute
        ? axesOf(dims!, 2)
        : c.op === transposeInt
          ? swappedAxes(2, dim0!, dim1!)
          : c.op === (tfl.transpose as OpDef)
            ? perm!
            : [0, 1];
  return axes[0] === 1 ? (operand as Constant) : undefined;
}
/** The last two axes swapped; what a transpose has just swapped is taken from before it. */
export function transposed(emit: Emit, x: Value): Value {
  const before = x.constant && untransposed(x.constant);
  if (before) return emit.constant(before, x.name);
  const perm = swapLast(x.type.shape.length);
  const node = x.producer;
  if (node?.is(tfl.transpose) && node.attrs.perm.every((p, i) => p === perm[i])) return node.operands.input;
  return permuteBy(emit, x, perm);
}

/** Zeros of a static shape, made when the program runs where they are many. */
export function zeros(emit: Emit, like: Value, shape: readonly Dim[]): Value {
  const none = emit.constant(tensorData(like.type.dtype, [], [0]));
  return sizeOf(shape) === 0 && isStaticShape(shape)
    ? emit.constant(tensorData(like.type.dtype, shape, []))
    : emit(tfl.fill, { value: none }, { dims: shape });
}

/** Rows of `input` times the transposed `weight` `[out, in]`. */
export function linearOf(emit: Emit, input: Value, weight: Value, bias: Value | undefined): Value {
  // the sum of what has no kernel of its own, as of small integers, is a matter of its lowering
  const plusBias = (x: Value): Value => (bias ? emit(addTensor, { self: x, other: bias }) : x);
  const { shape } = input.type;
  const [out, inner] = weight.type.shape as [Dim, Dim];
  if (!isFloat(input.type.dtype) || !isConstantExpression(weight) || inner === 0 || out === 0)
    return plusBias(matmulOf(emit, input, weight, true));
  // more axes than XNNPACK takes
  if (shape.length > 6)
    return reshapeTo(
      emit,
      linearOf(emit, reshapeTo(emit, input, [sizeOf(shape.slice(0, -1)), shape.at(-1)!]), weight, bias),
      [...shape.slice(0, -1), out],
    );
  const inside = bias && bias.type.shape.length === 1 && bias.type.shape[0] === out && isConstantExpression(bias);
  const product = emit(
    tfl.fullyConnected,
    { input, filter: weight, bias: inside ? bias : undefined },
    { keep_num_dims: true },
  );
  return inside ? product : plusBias(product);
}

/** Product of the matrices in the last two axes of `a` and `b`, those of `b` transposed when `adjoint`; axes before them broadcast. */
export function matmulOf(emit: Emit, a: Value, b: Value, adjoint = false): Value {
  const [sa, sb] = [a.type.shape, b.type.shape];
  const inner = sa.at(-1)!;
  const out = [...broadcastShapes(sa.slice(0, -2), sb.slice(0, -2)), sa.at(-2)!, adjoint ? sb.at(-2)! : sb.at(-1)!];
  if (sa.length < 2) {
    const row = matmulOf(emit, reshapeTo(emit, a, [1, ...sa]), b, adjoint);
    return reshapeTo(emit, row, row.type.shape.toSpliced(-2, 1));
  }
  // kernels refuse matrices without elements
  if (inner === 0 || out.some((d) => d === 0)) return zeros(emit, a, out);
  if (!isFloat(a.type.dtype)) return integerMatmul(emit, a, b, adjoint);
  if (sb.length === 2 && isConstantExpression(b))
    return linearOf(emit, a, adjoint ? b : transposed(emit, b), undefined);
  if (Math.max(sa.length, sb.length) <= 5) return emit(tfl.batchMatmul, { x: a, y: b }, { adj_y: adjoint });
  return deepMatmul(emit, a, b, adjoint, out);
}

/** More batch axes than the kernel takes: those that both have alike are joined. */
function deepMatmul(emit: Emit, a: Value, b: Value, adjoint: boolean, out: readonly Dim[]): Value {
  const rank = out.length;
  const batch = out.slice(0, -2);
  const joined = (x: Value): Value => {
    const { shape } = x.type;
    const ones = Array.from({ length: rank - shape.length }, () => 1);
    const own = [...ones, ...shape.slice(0, -2)];
    const full = own.every((d, i) => d === batch[i])
      ? x
      : mul(
          emit,
          reshapeTo(emit, x, [...own, ...shape.slice(-2)]),
          emit(tfl.fill, { value: emit.constant(tensorData("f32", [], [1])) }, { dims: [...batch, 1, 1] }),
        );
    return reshapeTo(emit, full, [sizeOf(batch), ...shape.slice(-2)]);
  };
  return reshapeTo(emit, emit(tfl.batchMatmul, { x: joined(a), y: joined(b) }, { adj_y: adjoint }), out);
}

/** There is no kernel for integers: products side by side, summed. Narrow ones wrap at the end. */
function integerMatmul(emit: Emit, a: Value, b: Value, adjoint: boolean): Value {
  const [x, y] = [widenInteger(emit, a), widenInteger(emit, adjoint ? b : transposed(emit, b))];
  const left = reshapeTo(emit, x, x.type.shape.toSpliced(-1, 0, 1));
  const right = reshapeTo(emit, y, y.type.shape.toSpliced(-2, 0, 1));
  const products = mul(emit, left, right);
  return castTo(emit, sumOver(emit, products, [products.type.shape.length - 1], false), a.type.dtype);
}

/** `matmul` of vectors, matrices and batches. */
export function generalMatmul(emit: Emit, a: Value, b: Value): Value | Rejection {
  if (isComplex(a.type.dtype) || isComplex(b.type.dtype)) return reject("has no lowering for complex numbers");
  if (b.type.shape.length > 1) return matmulOf(emit, a, b);
  const column = matmulOf(emit, a, reshapeTo(emit, b, [...b.type.shape, 1]));
  return reshapeTo(emit, column, column.type.shape.slice(0, -1));
}
