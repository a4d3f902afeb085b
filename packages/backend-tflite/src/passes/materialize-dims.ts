import { type Dim, definePass, type Emit, type Node } from "@tflower/core";
import type { Value } from "@tflower/core";

/** Makes a rank-0 int32 value of a symbolic extent. */
export function dimValue(_d: Dim, _emit: Emit, _node: Node): Value | undefined {
  return undefined;
}

/** Computes symbolic parameters at run time. */
export const materializeDims = definePass({
  name: "materialize-dims",
  summary: "Computes parameters that hold symbols, such as the shape of a reshape, at run time.",
  scope: "graph",
  run() {},
});
