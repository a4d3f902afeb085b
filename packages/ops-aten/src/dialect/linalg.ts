import { allocate, invalid, isFloat, type TensorData, type TensorType, tensor, wrap } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { matmulData } from "../semantics/contract.ts";
import { inverse } from "../semantics/linear-algebra.ts";
import { wantRank } from "../semantics/matmul-shape.ts";
import { mapMatrices, squareFloatShape, squareShape } from "../semantics/matrices.ts";
import { castData } from "../semantics/pointwise.ts";
import { sumResult } from "../semantics/promote.ts";
import { broadcasted, reshaped } from "../semantics/views.ts";

function powerData(x: TensorData, n: number, type: TensorType): TensorData {
  const wide = tensor(isFloat(type.dtype) ? "f64" : "i64", []);
  const size = (x.type.shape as readonly number[]).at(-1)!;
  const identity: TensorData = castData(
    {
      type: { dtype: "i64", shape: [size, size] },
      data: BigInt64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1n : 0n)),
    },
    wide.dtype,
  );
  const base = castData(n < 0 ? mapMatrices({ ...x.type, dtype: "f64" }, [x], (m) => inverse(m!)) : x, wide.dtype);
  let out = broadcasted(identity, x.type.shape);
  for (let i = 0; i < Math.abs(n); i++) out = matmulData(wide, out, base);
  return castData(out, type.dtype);
}
const powerType = (x: TensorType, n: number): TensorType =>
  tensor(x.dtype, n < 0 ? squareFloatShape(x) : squareShape(x));
export const matrixPower = defineAten("matrix_power(Tensor self, int n) -> Tensor", {
  summary: "Square matrices multiplied by themselves; inverses of that for negative powers.",
  infer: ({ self }, { n }) => powerType(self, n),
  evaluate: ({ self }, { n }, [type]) => powerData(self, n, type!),
});
export const linalgMatrixPower = defineAten("linalg_matrix_power(Tensor self, int n) -> Tensor", {
  summary: "Another name of `matrix_power`.",
  infer: ({ self }, { n }) => powerType(self, n),
  evaluate: ({ self }, { n }, [type]) => powerData(self, n, type!),
});

/** Powers 0, 1, ... of each element along a new last axis. */
function vanderData(x: TensorData, count: number, falling: boolean, type: TensorType): TensorData {
  const wide = castData(x, isFloat(type.dtype) ? "f64" : "i64").data;
  const out = allocate(wide instanceof Float64Array ? "f64" : "i64", wide.length * count);
  for (let i = 0; i < wide.length; i++) {
    let power: number | bigint = wide instanceof Float64Array ? 1 : 1n;
    for (let k = 0; k < count; k++) {
      out[i * count + (falling ? count - 1 - k : k)] = power as never;
      power = typeof power === "bigint" ? BigInt.asIntN(64, power * (wide[i] as bigint)) : power * (wide[i] as number);
    }
  }
  return castData(
    wrap(tensor(wide instanceof Float64Array ? "f64" : "i64", [...x.type.shape, count]), out),
    type.dtype,
  );
}
export const linalgVander = defineAten("linalg_vander(Tensor x, *, SymInt? N=None) -> Tensor", {
  summary: "Powers 0 to `N - 1` of each element along a new last axis.",
  infer({ x }, { N }) {
    const count = N ?? x.shape.at(-1) ?? invalid("needs to know how many powers of a scalar to take");
    return tensor(sumResult(x.dtype), [...(x.shape.length ? x.shape : [1]), count]);
  },
  evaluate: ({ x }, { N }, [type]) =>
    vanderData(x.type.shape.length ? x : reshaped(x, [1]), Number(N ?? x.type.shape.at(-1)), false, type!),
});
export const vander = defineAten("vander(Tensor x, int? N=None, bool increasing=False) -> Tensor", {
  summary: "Powers of each element of a vector, the highest first unless `increasing`.",
  infer({ x }, { N }) {
    wantRank(x.shape, 1, "x");
    return tensor(sumResult(x.dtype), [x.shape[0]!, N ?? x.shape[0]!]);
  },
  evaluate: ({ x }, { N, increasing }, [type]) => vanderData(x, N ?? (x.type.shape[0] as number), !increasing, type!),
});
