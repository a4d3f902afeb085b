import { attr, type OpDef, operand, parseModule, printModule, verifyModule } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { defineTflCustom } from "../../src/dialect/define-tfl.ts";
import { readTflite } from "../../src/file/read-tflite.ts";
import { tflOps } from "../../src/plugin.ts";
import { readFlexMap } from "../../src/read/read-flex-buffer.ts";
import { bytesOf, reread } from "./write-bytes.ts";

const ops = new Map<string, OpDef>(tflOps.map((op) => [op.name, op]));
const parse = (text: string) => parseModule(text, ops);
const f32x2 = `const [1.0, 2.0] : f32[2]`;

/** Programs of several graphs, or with extents that only a run gives. Each line reads as the file says it. */
const programs: Readonly<Record<string, string>> = {
  if: `
    signature "serving_default" = @main
    graph @main(%p: bool[], %x: f32[2]) {
      %0 = tfl.if(%p, (%x)) {then_subgraph_index = @yes, else_subgraph_index = @no} : f32[2]
      return %0 as "y"
    }
    graph @yes(%a: f32[2]) {
      %0 = tfl.neg(%a) : f32[2]
      return %0
    }
    graph @no(%a: f32[2]) {
      %0 = tfl.abs(%a) : f32[2]
      return %0
    }`,
  while: `
    signature "serving_default" = @main
    graph @main(%i: i32[], %x: f32[2]) {
      %0, %1 = tfl.while((%i, %x)) {cond_subgraph_index = @more, body_subgraph_index = @step} : i32[], f32[2]
      return %0 as "count", %1 as "y"
    }
    graph @more(%i: i32[], %x: f32[2]) {
      %c = const [3] : i32[]
      %0 = tfl.less(%i, %c) : bool[]
      return %0
    }
    graph @step(%i: i32[], %x: f32[2]) {
      %c = const [1] : i32[]
      %0 = tfl.add(%i, %c) : i32[]
      %1 = tfl.add(%x, %x) : f32[2]
      return %0, %1
    }`,
  case: `
    signature "serving_default" = @main
    graph @main(%i: i32[], %x: f32[2]) {
      %0 = tfl.stablehlo_case(%i, (%x)) {branch_subgraph_indices = [@a, @b]} : f32[2]
      return %0 as "y"
    }
    graph @a(%x: f32[2]) {
      %0 = tfl.neg(%x) : f32[2]
      return %0
    }
    graph @b(%x: f32[2]) {
      %0 = tfl.abs(%x) : f32[2]
      return %0
    }`,
  composite: `
    signature "serving_default" = @main
    graph @main(%x: f32[2]) {
      %0 = tfl.stablehlo_composite((%x)) {name = "odml.rms_norm", decomposition_subgraph_index = @body, composite_attributes = [["axes", [0, 1]], ["epsilon", 0.5], ["hint", "fast"], ["strict", true]], version = 2} : f32[2]
      return %0 as "y"
    }
    graph @body(%x: f32[2]) {
      %0 = tfl.abs(%x) : f32[2]
      return %0
    }`,
  "scatter with a graph": `
    signature "serving_default" = @main
    graph @main(%x: f32[4,5], %i: i32[3,1], %u: f32[3,5]) {
      %0 = tfl.stablehlo_scatter(%x, %i, %u) {update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1, update_computation_subgraph_index = @sum} : f32[4,5]
      return %0 as "y"
    }
    graph @sum(%a: f32[], %b: f32[]) {
      %0 = tfl.stablehlo_add(%a, %b) : f32[]
      return %0
    }`,
  "windows with a graph": `
    signature "serving_default" = @main
    graph @main(%x: f32[3,4]) {
      %c = const [0.0] : f32[]
      %0 = tfl.stablehlo_reduce_window(%x, %c) {window_dimensions = [2, 2], window_strides = [1, 1], base_dilations = [1, 1], window_dilations = [1, 2], padding = [0, 0, 0, 0], body_subgraph_index = @sum} : f32[2,2]
      return %0 as "y"
    }
    graph @sum(%a: f32[], %b: f32[]) {
      %0 = tfl.add(%a, %b) : f32[]
      return %0
    }`,
  "two signatures and state": `
    signature "first" = @first
    signature "second" = @second
    graph @first(%x: f32[2]) {
      tfl.call_once() {init_subgraph_index = @init} : ()
      %0 = tfl.var_handle() {shared_name = "cache"} : resource[]
      %1 = tfl.read_variable(%0) : f32[2]
      %2 = tfl.add(%1, %x) : f32[2]
      tfl.assign_variable(%0, %2) : ()
      return %2 as "y"
    }
    graph @second(%x: f32[2]) {
      %w = ${f32x2}
      %0 = tfl.mul(%x, %w) : f32[2]
      return %0 as "y", %x as "same"
    }
    graph @init() {
      %w = ${f32x2}
      %0 = tfl.var_handle() {shared_name = "cache"} : resource[]
      tfl.assign_variable(%0, %w) : ()
      return
    }`,
  "a dynamic batch": `
    signature "serving_default" = @main
    graph @main(%x: f32[s0,4,4,3]) {
      %w = const base64"${btoa("\0".repeat(4 * 2 * 3 * 3 * 3))}" : f32[2,3,3,3]
      %b = ${f32x2}
      %0 = tfl.conv_2d(%x, %w, %b) : f32[s0,2,2,2] loc("stem.conv")
      %1 = tfl.reshape(%0, none) {shape = [(s0), 8]} : f32[s0,8] loc("flatten")
      %2 = tfl.shape(%1) : i32[2]
      %3 = tfl.fill(%v, %2) {dims = [(s0), 8]} : f32[s0,8]
      %v = const [1.0] : f32[]
      %4 = tfl.add(%1, %3) : f32[s0,8] loc("head/add")
      return %4 as "y"
    }`.replace(/( {6}%3 = .*\n)( {6}%v = .*\n)/, "$2$1"),
  "what a run cuts": `
    signature "serving_default" = @main
    graph @main(%x: f32[8,s0], %begin: i32[2], %pads: i32[2,2]) {
      %0 = tfl.slice(%x, %begin, none) {begin = [(b0), (b1)], size = [2, -1]} : f32[2,s0-b1]
      %1 = tfl.pad(%x, %pads) {paddings = [(p0), (p1), (p2), (p3)]} : f32[8+p0+p1,s0+p2+p3]
      return %0 as "y", %1 as "z"
    }`,
  "blocks of int4": `
    signature "serving_default" = @main
    graph @main(%x: f32[2,64]) {
      %w = const base64"${btoa("\x12".repeat(64))}" : i4[2,64]<{0.5:0,0.25:0,1:0,2:0}/32>
      %0 = tfl.fully_connected(%x, %w, none) : f32[2,2]
      return %0 as "y"
    }`,
};

describe("programs", () => {
  test.each(Object.entries(programs))("%s", async (_, text) => {
    const bytes = await bytesOf(parse(text));
    const again = reread(bytes);
    expect(verifyModule(again)).toEqual([]);
    expect(await bytesOf(again)).toEqual(bytes);
    expect(printModule(again)).toMatchSnapshot();
  });
});

describe("custom ops", () => {
  const roll = defineTflCustom("Roll", {
    summary: "Moves elements around.",
    operands: { input: operand.tensor, again: operand.optional(operand.tensor) },
    attrs: {
      shifts: attr.ints,
      axis: attr.int,
      by: attr.float,
      mode: attr.oneOf("wrap", "clip").default_("wrap"),
      exact: attr.bool.default_(false),
      note: attr.optional(attr.str).default_(undefined),
    },
    parameters: { axis: "scalar" },
    infer: ({ input }) => input,
  });
  const text = `
    signature "serving_default" = @main
    graph @main(%x: f32[2,3]) {
      %0 = tfl.custom.Roll(%x, none) {shifts = [1, -300], axis = 1, by = 2.0, exact = true} : f32[2,3]
      return %0 as "y"
    }`;
  const module = () => parseModule(text, new Map<string, OpDef>([[roll.name, roll]]));

  test("are written with their options as a FlexBuffer, and read back by whoever declares them", async () => {
    const bytes = await bytesOf(module());
    const [operator] = readTflite(bytes).subgraphs[0]!.operators;
    expect(operator).toMatchObject({ builtin: "CUSTOM", customCode: "Roll", version: 1 });
    expect(operator!.options).toBeUndefined();
    const { entries } = readFlexMap(operator!.customOptions!, "Roll");
    expect([...entries]).toEqual([
      ["by", 2],
      ["exact", true],
      ["mode", "wrap"],
      ["shifts", [1n, -300n]],
    ]);
    const again = reread(bytes, { customOps: [roll] });
    expect(verifyModule(again)).toEqual([]);
    const [node] = [...again.graphs[0]!.nodes];
    expect(node!.op).toBe(roll);
    expect(node!.attrs).toEqual({ shifts: [1, -300], axis: 1, by: 2, mode: "wrap", exact: true, note: undefined });
    expect(await bytesOf(again)).toEqual(bytes);
  });
  test("keep their options byte for byte where nobody declares them", async () => {
    const bytes = await bytesOf(module());
    const again = reread(bytes);
    const [node] = [...again.graphs[0]!.nodes];
    expect(node!.op).toMatchObject({ name: "tfl.custom.Roll", traits: { opaque: true, effects: true } });
    expect(readTflite(await bytesOf(again)).subgraphs[0]!.operators[0]!.customOptions).toEqual(
      readTflite(bytes).subgraphs[0]!.operators[0]!.customOptions,
    );
  });
});
