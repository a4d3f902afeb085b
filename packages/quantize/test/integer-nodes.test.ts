import { tflitePlugin } from "@tflower/backend-tflite";
import { Compiler, type Graph, parseModule } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { chooseIntegerNodes } from "../src/activations/choose-integer-nodes.ts";
import { isWanted } from "../src/index.ts";

const compiler = new Compiler({ quantize: true }).use(tflitePlugin());
const weights = `const [${Array.from({ length: 256 }, (_, i) => Math.sin(i).toFixed(3)).join(", ")}] : f32[16,16]`;
const graphOf = (body: string): Graph =>
  parseModule(
    `signature "serving_default" = @main\ngraph @main(%x: f32[1,16]) {\n  %w = ${weights}\n${body}\n}`,
    compiler.knownOps,
  ).graphs[0]!;
const chosen = (graph: Graph, floats?: Parameters<typeof chooseIntegerNodes>[3]): readonly string[] =>
  [...chooseIntegerNodes(graph, { scheme: "int8" }, compiler, floats).keys()].map((n) => n.op.name);

describe("integer nodes", () => {
  const between = (op: string): Graph =>
    graphOf(`  %0 = tfl.fully_connected(%x, %w, none) : f32[1,16]
  %1 = ${op} : f32[1,16]
  %2 = tfl.fully_connected(%1, %w, none) : f32[1,16]
  return %2`);
  test("are sums between layers", () => {
    expect(chosen(between("tfl.add(%0, %0)"))).toEqual(["tfl.fully_connected", "tfl.add", "tfl.fully_connected"]);
  });
  test("are no squares, which 8 bits do not hold", () => {
    expect(chosen(between("tfl.mul(%0, %0)"))).toEqual(["tfl.fully_connected", "tfl.fully_connected"]);
  });
  test("are none that touch a value that is to stay float", () => {
    const graph = between("tfl.add(%0, %0)");
    const [first] = [...graph.nodes];
    expect(chosen(graph, new Set(first!.results))).toEqual(["tfl.fully_connected"]);
  });
});

describe("samples", () => {
  const picked = (which: Parameters<typeof isWanted>[0], of: number): number[] =>
    Array.from({ length: of }, (_, i) => i).filter((i) => isWanted(which, i, of));
  test("are spread over all there are", () => {
    expect(picked(4, 10)).toEqual([0, 2, 5, 7]);
    expect(picked(20, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(picked(Number.POSITIVE_INFINITY, 3)).toEqual([0, 1, 2]);
    expect(picked((i) => i % 2 === 1, 6)).toEqual([1, 3, 5]);
  });
});
