import type { Node, OpDef, TensorType } from "@tflower/core";
import type { QnnGraphBuilder } from "../graph/qnn-graph-builder.ts";

/** How one tfl op is put in QNN's ops. */
export interface QnnMapping<D extends OpDef = OpDef> {
  readonly op: D;
  /** Ops of QNN that it may become. */
  readonly qnn: readonly string[];
  /** Knows what to do with more axes than the HTP has. */
  readonly deep?: boolean;
  /** Adds its nodes to a graph, or refuses with the reason. */
  readonly build: (node: Node<D>, b: QnnGraphBuilder) => void;
}

/**
 * Declares a {@link QnnMapping}.
 *
 * @example
 * const mapTranspose = defineMapping(tfl.transpose, ["Transpose"], (node, b) =>
 *   b.node("Transpose", [b.of(node.operands.input)], [b.of(node.result)], { tensors: { perm: u32s(node.attrs.perm) } }),
 * );
 */
export const defineMapping = <D extends OpDef>(
  op: D,
  qnn: readonly string[],
  build: QnnMapping<D>["build"],
  options: { readonly deep?: boolean } = {},
): QnnMapping<D> => Object.freeze({ op, qnn, build, ...options });

/** An axis counted from the front. */
export const axisFromFront = (axis: number, t: TensorType): number => (axis < 0 ? axis + t.shape.length : axis);
