import { tflitePlugin } from "@tflower/backend-tflite";
import {
  Compiler,
  countOf,
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
import { describe, expect, test } from "vitest";
import { aten, atenPlugin, splitComplex } from "../src/index.ts";
import { type Case, casesOf } from "./cases.ts";
import { expectClose } from "./check-close.ts";
import { reference } from "./lowered.ts";

const compiler = new Compiler().use(tflitePlugin(), atenPlugin());

/** Complex data as pairs along a new last axis, which is what programs can give back. */
const asPairs = (t: TensorData): TensorData =>
  isComplex(t.type.dtype) ? wrap(tensor("f32", [...t.type.shape, 2]), t.data) : t;

/** What a program gives that applies the op, and views complex results as real. */
async function compiled(c: Case): Promise<readonly TensorData[]> {
  const module = new Module();
  const graph = module.graph("main");
  const inputs: TensorData[] = [];
  const operands: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(c.operands)) {
    if (!v) continue;
    inputs.push(v as TensorData);
    operands[k] = graph.input((v as TensorData).type);
  }
  const rewriter = new Rewriter(graph);
  const node = rewriter.create(c.op as OpDef, operands as never, c.attrs);
  graph.outputs = node.results.map((r: Value) =>
    isComplex(r.type.dtype) ? rewriter.create(aten.viewAsReal, { self: r }).result : r,
  );
  await runPasses(module, [splitComplex(), ...compiler.pipeline.lower, ...compiler.pipeline.finish], compiler);
  return runGraph(graph, inputs);
}

const cases = casesOf("fourier");
describe("reference semantics are PyTorch's", () => {
  test.each(cases.map((c) => [c.name.slice(0, 160), c] as const))("%s", async (_, c) => {
    expectClose(await reference(c), c.expected);
  });
});
describe("taken apart into real numbers, the same", () => {
  test.each(cases.map((c) => [c.name.slice(0, 160), c] as const))("%s", async (_, c) => {
    expectClose(await compiled(c), c.expected.map(asPairs));
  });
});

describe("long signals", () => {
  const signal = (n: number): TensorData =>
    wrap(
      tensor("f32", [n]),
      Float32Array.from({ length: n }, (_, i) => Math.sin(i * i * 0.37) + (i % 7)),
    );
  // 600 has factors near its root, 1022 = 2 * 7 * 73, 521 is prime
  test.each([600, 1022, 521])("of %i numbers are transformed there and back", async (n) => {
    const x = signal(n);
    const one = (op: unknown, self: TensorData, attrs = {}): Case => ({
      name: "",
      op: op as OpDef,
      operands: { self },
      attrs,
      expected: [],
    });
    const [spectrum] = await compiled(one(aten.fftRfft, x));
    const [want] = await reference(one(aten.fftRfft, x));
    expectClose([spectrum!], [asPairs(want!)]);
    const half = wrap(want!.type, spectrum!.data);
    const [back] = await compiled(one(aten.fftIrfft, half, { n }));
    expect(countOf(back!.type.shape)).toBe(n);
    expectClose([back!], [x]);
  });
});
