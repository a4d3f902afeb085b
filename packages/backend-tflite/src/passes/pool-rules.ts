import { dataOf, defineRule, isStaticShape, type Node, type Rewriter, type Rule, type Value } from "@tflower/core";
import { conv2d, depthwiseConv2d } from "../dialect/convolution.ts";
import { pad, padV2 } from "../dialect/pad.ts";
import { maxPool2d } from "../dialect/pool.ts";
import { slice } from "../dialect/slice.ts";

/** How `SAME` padding can stand for explicit padding along one axis. */
interface SameForm {
  /** Elements to add at the end; no window that is kept reads them. */
  readonly extra: number;
  /** Windows that `SAME` gives, at least as many as are kept. */
  readonly windows: number;
  readonly kept: number;
}

/**
 * A pool over `extent` elements with `before` padding in front, as a `SAME` pool over a few elements more: `SAME` puts half of its
 * padding in front, and how much that is can be chosen by the extent.
 */
export function samePadding(
  extent: number,
  kernel: number,
  stride: number,
  before: number,
  after: number,
): SameForm | undefined {
  const kept = Math.floor((extent + before + after - kernel) / stride) + 1;
  const lastRead = (kept - 1) * stride - before + kernel - 1;
  for (let extra = 0; extra <= stride; extra++) {
    const wide = extent + extra;
    const windows = Math.ceil(wide / stride);
    const total = Math.max((windows - 1) * stride + kernel - wide, 0);
    if (Math.floor(total / 2) !== before || windows < kept) continue;
    // where a kept window reaches beyond the end it must find padding, not what was added
    if (extra > 0 && lastRead >= extent) continue;
    return { extra, windows, kept };
  }
  return undefined;
}

/** `x` with elements of any value at its end: one row more of a convolution costs less than a copy. */
function extended(x: Value, rows: number, columns: number, rewriter: Rewriter, at: Node): Value {
  if (rows === 0 && columns === 0) return x;
  const place = { before: at, locations: at.locations };
  const conv = x.producer;
  const padded =
    conv && (conv.is(conv2d) || conv.is(depthwiseConv2d)) && rewriter.graph.hasOneUse(x)
      ? (conv as Node<typeof conv2d>)
      : undefined;
  const before = padded?.operands.input.producer;
  if (
    padded &&
    padded.attrs.padding === "VALID" &&
    before?.is(pad) &&
    !before.operands.paddings &&
    rewriter.graph.hasOneUse(before.result)
  ) {
    const p = [...before.attrs.paddings] as number[];
    if (p.every((n) => typeof n === "number") && p[6] === 0 && p[7] === 0) {
      p[3]! += rows * padded.attrs.stride_h;
      p[5]! += columns * padded.attrs.stride_w;
      const wider = rewriter.emit(pad, { input: before.operands.input as Value }, place, { paddings: p });
      const made = rewriter.create(padded.op, { ...padded.operands, input: wider } as never, padded.attrs as never, {
        before: at,
        locations: padded.locations,
      });
      const [, h, w] = made.result.type.shape;
      const [, h0, w0] = x.type.shape as readonly number[];
      if (h === h0! + rows && w === w0! + columns) return made.result;
      rewriter.eraseDead([made.result]);
    }
  }
  return rewriter.emit(pad, { input: x }, place, { paddings: [0, 0, 0, rows, 0, columns, 0, 0] });
}

/** Max pools with padding in a form that needs no PADV2, which delegates do not take. */
const paddedMaxPool = defineRule({
  name: "padded-max-pool",
  summary: "max_pool(padv2(x, -inf)) = slice(max_pool{SAME}(x with a row and a column more))",
  op: maxPool2d,
  rewrite(node, rewriter) {
    const p = node.operands.input.producer;
    if (node.attrs.padding !== "VALID" || !p?.is(padV2) || p.operands.paddings) return false;
    const x = p.operands.input as Value;
    const fill = dataOf(p.operands.constant_values as Value)?.data[0];
    const { shape } = x.type;
    const paddings = p.attrs.paddings as readonly number[];
    if (
      fill === undefined ||
      Number(fill) > -3e38 ||
      !isStaticShape(shape) ||
      [0, 1, 6, 7].some((i) => paddings[i] !== 0)
    )
      return false;
    const a = node.attrs;
    const rows = samePadding(shape[1]!, a.filter_height, a.stride_h, paddings[2]!, paddings[3]!);
    const columns = samePadding(shape[2]!, a.filter_width, a.stride_w, paddings[4]!, paddings[5]!);
    if (!rows || !columns) return false;
    const wide = extended(x, rows.extra, columns.extra, rewriter, node as never);
    const place = { before: node as never, locations: node.locations };
    const pooled = rewriter.emit(maxPool2d, { input: wide }, place, { ...a, padding: "SAME" });
    const size = node.result.type.shape;
    rewriter.replace(node as never, [
      rows.windows === rows.kept && columns.windows === columns.kept
        ? pooled
        : rewriter.emit(slice, { input: pooled }, place, { begin: [0, 0, 0, 0], size }),
    ]);
    return true;
  },
});

/** Rules that give pools the form their kernels run fastest. */
export const poolRules: readonly Rule<any>[] = [paddedMaxPool];
