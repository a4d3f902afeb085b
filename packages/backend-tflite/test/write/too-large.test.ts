import { Module, Rewriter, tensor } from "@tflower/core";
import { expect, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { toTfliteFile } from "../../src/index.ts";

/** A module that pads a scalar-like image to `extent` squared. */
function padded(extent: number): Module {
  const module = new Module();
  const graph = module.graph("main");
  const input = graph.input(tensor("f32", [1, 1, 1, 64]), "x");
  const margins = [0, 0, 0, extent - 1, 0, extent - 1, 0, 0];
  graph.outputs = [new Rewriter(graph).create(tfl.pad, { input }, { paddings: margins }).result];
  return module;
}

test("a tensor of more elements than the runtime can count is refused, and not written", () => {
  expect(() => toTfliteFile(padded(8000))).toThrow(
    /LiteRT holds tensors of up to 2147483647 elements; this is f32\[1,8000,8000,64\]/,
  );
  expect(toTfliteFile(padded(100)).subgraphs[0]!.operators).toHaveLength(1);
});
