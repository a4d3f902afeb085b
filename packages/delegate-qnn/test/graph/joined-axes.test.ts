import { tfl } from "@tflower/backend-tflite";
import { countOf, runGraph, tensor, tensorData } from "@tflower/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { buildQnnGraph, type QnnGraph } from "../../src/index.ts";
import { oneNode } from "../small-net.ts";

/** Runs graphs of moves and sums, which is what many axes become. */
function run(graph: QnnGraph, inputs: readonly Float32Array[]): Float32Array {
  const values = new Map<number, Float32Array>(graph.inputs.map((id, i) => [id, inputs[i]!]));
  const strides = (dims: readonly number[]): number[] => {
    const out = new Array<number>(dims.length).fill(1);
    for (let i = dims.length - 2; i >= 0; i--) out[i] = out[i + 1]! * dims[i + 1]!;
    return out;
  };
  for (const n of graph.nodes) {
    const from = n.inputs.map((i) => ({ dims: graph.tensors[i]!.dims, data: values.get(i)! }));
    const { dims } = graph.tensors[n.outputs[0]!]!;
    expect(dims.length).toBeLessThanOrEqual(5);
    for (const { dims, data } of from) expect(countOf(dims)).toBe(data.length);
    const out = new Float32Array(countOf(dims));
    const step = strides(dims);
    const at = (k: number, axis: number): number => Math.floor(k / step[axis]!) % dims[axis]!;
    for (let k = 0; k < out.length; k++) {
      if (n.type === "Reshape") out[k] = from[0]!.data[k]!;
      else if (n.type === "Transpose") {
        const own = strides(from[0]!.dims);
        const { values: perm } = n.tensors["perm"]!;
        out[k] = from[0]!.data[perm.reduce((sum, p, axis) => sum + at(k, axis) * own[p]!, 0)]!;
      } else
        out[k] = from.reduce((sum, f) => {
          const own = strides(f.dims);
          const shift = dims.length - f.dims.length;
          const place = f.dims.reduce((p, d, axis) => p + (d === 1 ? 0 : at(k, axis + shift) * own[axis]!), 0);
          return sum + f.data[place]!;
        }, 0);
    }
    values.set(n.outputs[0]!, out);
  }
  return values.get(graph.outputs[0]!)!;
}
const counting = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => i + 1);
const extents = (low: number, high: number) =>
  fc.array(fc.integer({ min: 1, max: 3 }), { minLength: low, maxLength: high });

test("a permutation of many axes is one of the runs that stay together", async () => {
  const shapeAndPerm = extents(1, 7).chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.shuffledSubarray(
        shape.map((_, i) => i),
        { minLength: shape.length, maxLength: shape.length },
      ),
    ),
  );
  let built = 0;
  await fc.assert(
    fc.asyncProperty(shapeAndPerm, async ([shape, perm]) => {
      const m = oneNode((r, [x]) => [r.emit(tfl.transpose, { input: x! }, {}, { perm })], tensor("f32", shape));
      const x = tensorData("f32", shape, counting(countOf(shape)));
      let q: QnnGraph;
      try {
        q = buildQnnGraph(m.graphs[0]!, "g", { inputs: ["x"], outputs: ["y"] });
      } catch (e) {
        expect((e as Error).message).toContain("cannot be joined");
        return;
      }
      built++;
      const [want] = await runGraph(m.graphs[0]!, [x]);
      expect([...run(q, [x.data as Float32Array])]).toEqual([...want!.data]);
    }),
    { numRuns: 150 },
  );
  expect(built).toBeGreaterThan(50);
});

test("a sum over many axes joins those that all operands treat alike", async () => {
  const operands = extents(6, 7).chain((shape) => {
    const one = fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length });
    return fc.tuple(one, one).map(([a, b]) => [a, b].map((keep) => shape.map((d, i) => (keep[i] ? d : 1))));
  });
  let built = 0;
  await fc.assert(
    fc.asyncProperty(operands, async ([a, b]) => {
      const m = oneNode(
        (r, [x, y]) => [r.emit(tfl.add, { lhs: x!, rhs: y! }, {})],
        tensor("f32", a!),
        tensor("f32", b!),
      );
      const data = [a!, b!].map((s) => tensorData("f32", s, counting(countOf(s))));
      let q: QnnGraph;
      try {
        q = buildQnnGraph(m.graphs[0]!, "g", { inputs: ["x", "y"], outputs: ["z"] });
      } catch (e) {
        expect((e as Error).message).toContain("cannot be joined");
        return;
      }
      built++;
      const [want] = await runGraph(m.graphs[0]!, data);
      expect([
        ...run(
          q,
          data.map((d) => d.data as Float32Array),
        ),
      ]).toEqual([...want!.data]);
    }),
    { numRuns: 150 },
  );
  expect(built).toBeGreaterThan(50);
});

test("windows of a picture need five axes though they are written with six", () => {
  const m = oneNode(
    (r, [x]) => {
      const six = r.emit(tfl.reshape, { input: x! }, {}, { shape: [4, 2, 7, 2, 7, 3] });
      const moved = r.emit(tfl.transpose, { input: six }, {}, { perm: [0, 1, 3, 2, 4, 5] });
      return [r.emit(tfl.reshape, { input: moved }, {}, { shape: [16, 49, 3] })];
    },
    tensor("f32", [4, 14, 14, 3]),
  );
  const q = buildQnnGraph(m.graphs[0]!, "g", { inputs: ["x"], outputs: ["y"] });
  expect(q.nodes.filter((n) => n.type === "Transpose").map((n) => n.tensors["perm"]!.values)).toEqual([[0, 2, 1, 3]]);
});
