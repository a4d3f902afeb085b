import { invalid, isComplex, isFloat, showType, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { logSumExp } from "../semantics/log-sum-exp.ts";
import { castData } from "../semantics/pointwise.ts";
import { floatResult } from "../semantics/promote.ts";
import { reduceAxes, reducedShape, reduceNumbers } from "../semantics/reduce.ts";
import { scanLines } from "../semantics/scan.ts";

function type(self: TensorType, dim: readonly number[], keepdim: boolean): TensorType {
  if (isComplex(self.dtype)) invalid(`needs real numbers, got ${self.dtype}`);
  return tensor(floatResult(self.dtype), reducedShape(self.shape, reduceAxes(dim, self.shape.length), keepdim));
}
const data = (self: TensorData, dim: readonly number[], result: TensorType): TensorData =>
  reduceNumbers(result, castData(self, result.dtype), reduceAxes(dim, self.type.shape.length), logSumExp);

export const logsumexp = defineAten("logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor", {
  summary: "`log(sum(exp(x)))` over axes without overflow; minus infinity for no elements.",
  infer: ({ self }, { dim, keepdim }) => type(self, dim, keepdim),
  evaluate: ({ self }, { dim }, [result]) => data(self, dim, result!),
});
export const specialLogsumexp = defineAten("special_logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor", {
  summary: "Another name of `logsumexp`.",
  infer: ({ self }, { dim, keepdim }) => type(self, dim, keepdim),
  evaluate: ({ self }, { dim }, [result]) => data(self, dim, result!),
});

export const logcumsumexp = defineAten("logcumsumexp(Tensor self, int dim) -> Tensor", {
  summary: "`log(cumsum(exp(x)))` along an axis without overflow.",
  infer({ self }, { dim }) {
    axisOf(dim, self.shape.length);
    return isFloat(self.dtype) || isComplex(self.dtype) ? self : invalid(`takes floats, got ${showType(self)}`);
  },
  evaluate: ({ self }, { dim }, [result]) =>
    scanLines(result!, self, dim, (line) => Array.from(line, (_, i) => logSumExp(line.slice(0, i + 1)))),
});
