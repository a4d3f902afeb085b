import { defineRule, isStaticShape, type Node, type OpDef, type Rule, type Value } from "@tflower/core";
import { conv2d, depthwiseConv2d } from "../dialect/convolution.ts";
import { pad } from "../dialect/pad.ts";

/** Whether zeros `[before, after]` are those that `SAME` padding puts around an axis of `extent` elements. */
function isSame(
  extent: number,
  kernel: number,
  stride: number,
  dilation: number,
  [before, after]: readonly number[],
): boolean {
  const total = Math.max((Math.ceil(extent / stride) - 1) * stride + (kernel - 1) * dilation + 1 - extent, 0);
  return before === Math.floor(total / 2) && before! + after! === total;
}

/** `conv{VALID}(pad(x)) = conv{SAME}(x)` where the padding is what `SAME` means: the copy of the image is saved. */
const samePadding = (op: OpDef, name: string): Rule<any> =>
  defineRule({
    name: `${name}-same-padding`,
    summary: "conv{VALID}(pad(x)) = conv{SAME}(x) where the zeros are those of SAME",
    op,
    rewrite(node, rewriter) {
      const { input, filter } = node.operands_ as unknown as { readonly input: Value; readonly filter: Value };
      const p = input.producer;
      const a = node.attrs as Node<typeof conv2d>["attrs"];
      if (a.padding !== "VALID" || !p?.is(pad) || p.operands.paddings) return false;
      const x = p.operands.input as Value;
      const margins = p.attrs.paddings as readonly number[];
      if (!isStaticShape(x.type.shape) || !isStaticShape(filter.type.shape) || x.type.dtype !== "f32") return false;
      if ([0, 1, 6, 7].some((i) => margins[i] !== 0)) return false;
      const [, height, width] = x.type.shape as readonly number[];
      const [, kernelH, kernelW] = filter.type.shape as readonly number[];
      if (
        !isSame(height!, kernelH!, a.stride_h, a.dilation_h_factor, margins.slice(2, 4)) ||
        !isSame(width!, kernelW!, a.stride_w, a.dilation_w_factor, margins.slice(4, 6))
      )
        return false;
      const fused = rewriter.create(
        node.op,
        { ...node.operands_, input: x } as never,
        { ...a, padding: "SAME" } as never,
        { before: node, locations: [...p.locations, ...node.locations] },
      );
      rewriter.replace(node, fused.results);
      rewriter.eraseDead([input]);
      return true;
    },
  });

/** Rules that spare paddings of their own. */
export const padRules: readonly Rule<any>[] = [
  samePadding(conv2d, "conv-2d"),
  samePadding(depthwiseConv2d, "depthwise-conv-2d"),
];
