import type { Node, Value } from "@tflower/core";
import type { conv2d } from "../dialect/convolution.ts";
import { pad } from "../dialect/pad.ts";
import { paddingBefore } from "../semantics/window.ts";

/** What a convolution reads, without the zeros in front of it and behind. */
export interface PaddedInput {
  readonly input: Value;
  /** Zeros in front of the rows and of the columns. */
  readonly before: readonly [number, number];
}

/** The image behind a convolution of stride 1 and static extents, whose own padding or PAD is taken off. */
export function paddedInput(node: Node<typeof conv2d>): PaddedInput {
  const { input, filter } = node.operands as { input: Value; filter: Value };
  const at = (v: Value, axis: number): number => v.type.shape[axis] as number;
  const own = [1, 2].map((i) =>
    paddingBefore(at(input, i), at(node.result, i), at(filter, i), 1, 1, node.attrs.padding),
  ) as unknown as readonly [number, number];
  const p = input.producer as Node<typeof pad> | undefined;
  if (node.attrs.padding !== "VALID" || !p?.is(pad) || p.operands.paddings) return { input, before: own };
  const paddings = p.attrs.paddings as readonly number[];
  return paddings.length !== 8 || paddings.some((n, i) => n < 0 || (n > 0 && (i < 2 || i > 5)))
    ? { input, before: own }
    : { input: p.operands.input as Value, before: [paddings[2]!, paddings[4]!] };
}
