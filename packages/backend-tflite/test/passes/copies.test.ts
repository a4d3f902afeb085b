import {
  Compiler,
  i32Data,
  Module,
  type Pass,
  Rewriter,
  runGraph,
  runPasses,
  tensor,
  tensorData,
  type Value,
} from "@tflower/core";
import { describe, expect, test } from "vitest";
import { gather, mirrorPad, resizeNearestNeighbor } from "../../src/dialect/index.ts";
import { tflitePlugin } from "../../src/index.ts";
import { expandMirrorPads } from "../../src/passes/expand-mirror-pads.ts";
import { expandNearestResizes } from "../../src/passes/expand-nearest-resizes.ts";
import { expandWindowGathers } from "../../src/passes/expand-window-gathers.ts";

const compiler = new Compiler().use(tflitePlugin());

/** The ops that `pass` makes of what `build` makes of an input; elements must stay what they are, NaN and infinities included. */
async function opsAfter(
  pass: Pass,
  shape: readonly number[],
  build: (r: Rewriter, x: Value) => Value,
): Promise<readonly string[]> {
  const module = new Module();
  const graph = module.graph("main");
  const x = graph.input(tensor("f32", shape));
  graph.outputs = [build(new Rewriter(graph), x)];
  const special = [Number.NaN, Infinity, -Infinity, -0];
  const count = shape.reduce((a, b) => a * b, 1);
  const data = tensorData(
    "f32",
    shape,
    Array.from({ length: count }, (_, i) => special[i % 9] ?? i),
  );
  const before = await runGraph(graph, [data]);
  await runPasses(module, [pass], compiler);
  expect(await runGraph(graph, [data])).toEqual(before);
  return [...graph.nodes].map((n) => n.op.name);
}

describe("expand-mirror-pads keeps every element", () => {
  test.each(["REFLECT", "SYMMETRIC"] as const)("%s", async (mode) => {
    for (let h = 1; h <= 4; h++) {
      const most = mode === "REFLECT" ? h - 1 : h;
      for (let before = 0; before <= most; before++)
        for (let after = 0; after <= most; after++) {
          const ops = await opsAfter(expandMirrorPads(), [1, h, 3, 2], (r, x) =>
            r.emit(mirrorPad, { input: x }, {}, { paddings: [0, 0, before, after, 1, 0, 0, 0], mode }),
          );
          expect(ops).not.toContain("tfl.mirror_pad");
          expect(ops.includes("tfl.gather")).toBe(before + after > 4);
        }
    }
  });
});

describe("expand-nearest-resizes keeps every element", () => {
  test.each([false, true])("with half_pixel_centers = %s", async (half_pixel_centers) => {
    for (const [h, w] of [
      [2, 3],
      [1, 4],
      [3, 1],
      [5, 2],
    ] as const) {
      const ops = await opsAfter(expandNearestResizes(), [2, 3, 2, 2], (r, x) =>
        r.emit(resizeNearestNeighbor, { input: x }, {}, { size: [3 * h, 2 * w], half_pixel_centers }),
      );
      expect(ops).toEqual(["tfl.reshape", "tfl.mul", "tfl.reshape"]);
    }
  });
});

describe("expand-window-gathers keeps every element", () => {
  test.each([2, 3, 4, 5, 6])("in windows of %d", async (size) => {
    for (let first = 0; first <= 2; first++)
      for (let count = 2; count <= 4; count++)
        for (const axis of [1, 2]) {
          const extent = first + size + count;
          const shape = axis === 1 ? [2, extent, 3] : [2, 3, extent];
          const places = Array.from({ length: size * count }, (_, i) => first + Math.floor(i / size) + (i % size));
          const ops = await opsAfter(expandWindowGathers(), shape, (r, x) =>
            r.emit(gather, { params: x, indices: r.constant(i32Data(places)) }, {}, { axis }),
          );
          expect(ops.includes("tfl.gather")).toBe(size > 5);
        }
  });
});
