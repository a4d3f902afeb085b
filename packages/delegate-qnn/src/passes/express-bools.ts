import { tfl } from "@tflower/backend-tflite";
import { definePass, type Graph, mapOperands, Rewriter, type Value } from "@tflower/core";

/** Ops that move elements, and have no form for truth values. */
const movers = [
  tfl.gather,
  tfl.gatherNd,
  tfl.slice,
  tfl.stridedSlice,
  tfl.reverseV2,
  tfl.unpack,
  tfl.concatenation,
  tfl.pack,
];

/**
 * The HTP moves and reduces few truth values. As 32-bit integers they move, and as floats their largest tells whether one of them holds,
 * their smallest whether all do.
 */
export function expressBoolsIn(graph: Graph): void {
  const rewriter = new Rewriter(graph);
  for (const n of [...graph.nodes]) {
    const place = { before: n };
    const isBool = (v: Value): boolean => v.type.dtype === "bool";
    if (movers.some((op) => n.is(op)) && n.results.every(isBool)) {
      const as = (v: Value): Value =>
        isBool(v) ? rewriter.create(tfl.cast, { input: v }, { out_data_type: "i32" }, place).results[0]! : v;
      const types = n.results.map((r) => ({ ...r.type, dtype: "i32" as const }));
      const moved = rewriter.create(n.op, mapOperands(n.operands_, as) as never, n.attrs as never, { ...place, types });
      rewriter.replace(
        n,
        moved.results.map((r) => rewriter.create(tfl.cast, { input: r }, { out_data_type: "bool" }, place).results[0]!),
      );
    } else if (n.is(tfl.reduceAny) || n.is(tfl.reduceAll)) {
      const number = rewriter.create(tfl.cast, { input: n.operands.input }, { out_data_type: "f32" }, place)
        .results[0]!;
      const most = rewriter.create(
        n.is(tfl.reduceAny) ? tfl.reduceMax : tfl.reduceMin,
        { input: number },
        n.attrs,
        place,
      );
      rewriter.replace(n, [
        rewriter.create(tfl.cast, { input: most.results[0]! }, { out_data_type: "bool" }, place).results[0]!,
      ]);
    }
  }
}

/** See {@link expressBoolsIn}. */
export const expressBools = definePass({
  name: "qnn-express-bools",
  summary: "Moves and reduces truth values as numbers.",
  scope: "graph",
  run: expressBoolsIn,
});
