import {
  definePass,
  type Graph,
  mapOperands,
  Rewriter,
  residentData,
  staticShape,
  tensorData,
  type Value,
} from "@tflower/core";

/** The largest number of float16. */
export const largestHalf = 65504;

/**
 * Floats are 16 bits wide on the HTP, and what is beyond their largest number becomes infinite: a mask of -3.4e38 that is multiplied by
 * zero gives NaN. Finite constants keep to what float16 can hold. A number beyond it means "out of the way" in masks and bounds, and
 * the largest one is that, too; as an intermediate result it would be infinite anyway.
 */
export function saturateConstantsIn(graph: Graph): void {
  const rewriter = new Rewriter(graph);
  const known = new Map<Value, Value>();
  const saturated = (v: Value): Value => {
    if (!v.constant || v.type.dtype !== "f32") return v;
    let out = known.get(v);
    if (!out) {
      const data = residentData(v.constant)?.data as Float32Array | undefined;
      out = v;
      if (data?.some((x) => Number.isFinite(x) && Math.abs(x) > largestHalf)) {
        const clamped = data.map((x) => (Number.isFinite(x) ? Math.min(Math.max(x, -largestHalf), largestHalf) : x));
        out = rewriter.constant(tensorData("f32", staticShape(v.type.shape), clamped), v.name);
      }
      known.set(v, out);
    }
    return out;
  };
  for (const n of graph.nodes)
    if (n.inputs.some((v) => saturated(v) !== v)) rewriter.setOperands(n, mapOperands(n.operands_, saturated));
}

/** See {@link saturateConstantsIn}. */
export const saturateConstants = definePass({
  name: "qnn-saturate-constants",
  summary: "Keeps finite constants to what float16 can hold.",
  scope: "graph",
  run: saturateConstantsIn,
});
