import { tflitePlugin } from "@tflower/backend-tflite";
import {
  Compiler,
  isComplex,
  Module,
  type OpDef,
  Rewriter,
  runGraph,
  runPasses,
  type TensorData,
  tensor,
  type Value,
  wrap,
} from "@tflower/core";
import { aten, atenPlugin, splitComplex } from "../src/index.ts";
import type { Application } from "./lowered.ts";

const compiler = new Compiler().use(tflitePlugin(), atenPlugin());

/** Complex data as pairs along a new last axis, which is what programs can give back. */
export const asPairs = (t: TensorData): TensorData =>
  isComplex(t.type.dtype) ? wrap(tensor("f32", [...t.type.shape, 2]), t.data) : t;

/** What a program gives that applies the op; complex results are viewed as real ones, unless they are to stay. */
export async function splitAndRun(a: Application, stay = false): Promise<readonly TensorData[]> {
  const module = new Module();
  const graph = module.graph("main");
  const inputs: TensorData[] = [];
  const input = (v: TensorData): Value => {
    inputs.push(v);
    return graph.input(v.type);
  };
  const operands: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(a.operands))
    operands[k] = Array.isArray(v) ? v.map((x) => input(x as TensorData)) : v && input(v as TensorData);
  const rewriter = new Rewriter(graph);
  const node = rewriter.create(a.op as OpDef, operands as never, a.attrs);
  graph.outputs = node.results.map((r: Value) =>
    isComplex(r.type.dtype) && !stay ? rewriter.create(aten.viewAsReal, { self: r }).result : r,
  );
  await runPasses(module, [splitComplex(), ...compiler.pipeline.lower, ...compiler.pipeline.finish], compiler);
  return runGraph(graph, inputs);
}
