import type { BuildGraph, Emit, TensorType, Value } from "@tflower/core";
import { stablehloComposite } from "./dialect/composite.ts";
import type { FlexValue } from "./write/flex-buffer.ts";

/** What {@link emitComposite} emits. */
export interface Composite {
  /** What a delegate knows it by, as `odml.rms_norm`. */
  readonly name: string;
  readonly version?: number;
  /** What the delegate reads beside the inputs, packed as a FlexBuffer map: a `bigint` is an integer, a number a float. */
  readonly attributes?: Readonly<Record<string, FlexValue>>;
  readonly inputs: readonly Value[];
  /** What is run where nobody knows the name. It sees its inputs, and constants of its own; ops that need lowering are lowered. */
  readonly decomposition: BuildGraph;
}

/**
 * Emits a `STABLEHLO_COMPOSITE`: an op that a delegate may have a kernel for, with a graph that means the same for everybody else. Gives
 * one value for each output of the graph.
 *
 * @example
 * const lowerCube = defineLowering(aten.square, ({ self }, _, emit) =>
 *   emitComposite(emit, {
 *     name: "mine.square",
 *     attributes: { exact: true },
 *     inputs: [self],
 *     decomposition: (inner, [x]) => [inner(tfl.mul, { lhs: x!, rhs: x! })],
 *   }),
 * );
 */
export function emitComposite(emit: Emit, c: Composite): readonly Value[] {
  let types: readonly TensorType[] = [];
  const body = emit.graph(
    `${c.name}.impl`,
    c.inputs.map((v) => v.type),
    (inner, inputs) => {
      const outputs = c.decomposition(inner, inputs);
      types = outputs.map((v) => v.type);
      return outputs;
    },
  );
  const attrs = {
    name: c.name,
    decomposition_subgraph_index: body,
    composite_attributes: Object.entries(c.attributes ?? {}),
    ...(c.version !== undefined && { version: c.version }),
  };
  return emit.all(stablehloComposite, { inputs: c.inputs }, attrs, types);
}
