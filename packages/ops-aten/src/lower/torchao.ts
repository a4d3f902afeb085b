import * as torchao from "../dialect/torchao.ts";
import { ofBlocks } from "../semantics/affine-quantization.ts";
import { scaleRule } from "../semantics/scale-rule.ts";
import { choosing, dequantizing, quantizing } from "./quantized-decomposed.ts";

export const quantizeAffine = quantizing(torchao.quantizeAffine);
export const dequantizeAffine = dequantizing(torchao.dequantizeAffine);
export const chooseQparamsAffine = choosing(torchao.chooseQparamsAffine, scaleRule, (input, attrs) =>
  ofBlocks(input, attrs["block_size"] as readonly number[]),
);
