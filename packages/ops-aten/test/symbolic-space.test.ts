import { tflitePlugin } from "@tflower/backend-tflite";
import {
  Compiler,
  type Dim,
  dataConstant,
  Module,
  type OpDef,
  Rewriter,
  runGraph,
  runPasses,
  symbol,
  type TensorData,
  tensor,
  tensorData,
} from "@tflower/core";
import { describe, test } from "vitest";
import { aten, atenPlugin } from "../src/index.ts";
import { expectClose } from "./check-close.ts";
import { reference } from "./lowered.ts";

const compiler = new Compiler().use(tflitePlugin(), atenPlugin());
const data = (shape: readonly number[]): TensorData => {
  const n = shape.reduce((a, b) => a * b, 1);
  return tensorData(
    "f32",
    shape,
    Array.from({ length: n }, (_, i) => ((i * 37) % 19) / 2 - 4),
  );
};

interface Program {
  readonly op: unknown;
  /** Constant operands, by name. */
  readonly constants?: Readonly<Record<string, TensorData>>;
  readonly attrs?: Readonly<Record<string, unknown>>;
  /** The operand that is an input; `self` when left out. */
  readonly input?: string;
}
const [n, h, w] = [symbol("n"), symbol("h"), symbol("w")];

/** Lowers the op over symbolic extents once, and runs it at several sizes. */
async function checkSizes(
  p: Program,
  shape: readonly Dim[],
  sizes: readonly Readonly<Record<string, number>>[],
): Promise<void> {
  const module = new Module();
  const graph = module.graph("main");
  const input = p.input ?? "self";
  const operands: Record<string, unknown> = { [input]: graph.input(tensor("f32", shape)) };
  for (const [k, v] of Object.entries(p.constants ?? {})) operands[k] = graph.constant(dataConstant(v));
  const node = new Rewriter(graph).create(p.op as OpDef, operands as never, p.attrs ?? {});
  graph.outputs = [node.results[0]!];
  await runPasses(
    module,
    [...compiler.pipeline.lower, ...compiler.pipeline.optimize, ...compiler.pipeline.finish],
    compiler,
  );
  for (const at of sizes) {
    const x = data(shape.map((d) => (typeof d === "number" ? d : at[d.key]!)));
    const [want] = await reference({
      op: p.op as OpDef,
      operands: { [input]: x, ...p.constants },
      ...(p.attrs && { attrs: p.attrs }),
    });
    expectClose(await runGraph(graph, [x]), [want!]);
  }
}

const images: Readonly<Record<string, Program>> = {
  "conv2d, stride 2": {
    op: aten.conv2d,
    input: "input",
    constants: { weight: data([4, 2, 3, 2]), bias: data([4]) },
    attrs: { stride: [2, 1], padding: [1, 0] },
  },
  "conv2d, depthwise and dilated": {
    op: aten.conv2d,
    input: "input",
    constants: { weight: data([4, 1, 2, 3]) },
    attrs: { stride: [1, 2], padding: [2, 1], dilation: [2, 1], groups: 2 },
  },
  "transposed convolution": {
    op: aten.convTranspose2dInput,
    input: "input",
    constants: { weight: data([2, 3, 3, 4]), bias: data([3]) },
    attrs: { stride: [2, 3], padding: [1, 0], output_padding: [1, 2] },
  },
  "transposed convolution in groups": {
    op: aten.convTranspose2dInput,
    input: "input",
    constants: { weight: data([2, 2, 2, 3]) },
    attrs: { stride: [3, 1], padding: [0, 1], groups: 2 },
  },
  "largest elements, ceil mode": {
    op: aten.maxPool2d,
    attrs: { kernel_size: [3, 2], stride: [2, 3], padding: [1, 0], ceil_mode: true },
  },
  "means, padding counted": {
    op: aten.avgPool2d,
    attrs: { kernel_size: [3, 2], stride: [2, 1], padding: [1, 1] },
  },
  "means, padding not counted": {
    op: aten.avgPool2d,
    attrs: { kernel_size: [3, 3], stride: [2, 1], padding: [1, 1], count_include_pad: false },
  },
  "means, ceil mode": {
    op: aten.avgPool2d,
    attrs: { kernel_size: [2, 3], stride: [3, 2], padding: [1, 0], ceil_mode: true },
  },
  "global mean": { op: aten.adaptiveAvgPool2d, attrs: { output_size: [1, 1] } },
  "bins of a number of elements that varies": { op: aten.adaptiveAvgPool2d, attrs: { output_size: [3, 2] } },
  "constant padding": { op: aten.constantPadNd, attrs: { pad: [1, -2, 0, 3], value: 2n } },
  reflection: { op: aten.reflectionPad2d, attrs: { padding: [1, 2, 2, 0] } },
  "replicated edges": { op: aten.replicationPad2d, attrs: { padding: [2, 0, 1, 3] } },
  "around the edge": { op: aten.padOp, attrs: { pad: [1, 2, 0, 2], mode: "circular" } },
  "nearest neighbours": {
    op: aten.upsampleNearest2dVec,
    input: "input",
    attrs: { output_size: undefined, scale_factors: [2, 3] },
  },
  "between neighbours": {
    op: aten.upsampleBilinear2dVec,
    input: "input",
    attrs: { output_size: undefined, align_corners: false, scale_factors: [2, 2] },
  },
  "between neighbours, corners aligned": {
    op: aten.upsampleBilinear2d,
    attrs: { output_size: [7, 5], align_corners: true },
  },
};
const sizes = [
  { n: 2, h: 7, w: 8 },
  { n: 1, h: 6, w: 9 },
  { n: 3, h: 5, w: 5 },
];
describe("lowered over symbolic extents, right at every size", () => {
  test.each(Object.entries(images))("%s", (_, p) => checkSizes(p, [n, 2, h, w], sizes));
});
describe("lowered over a symbolic batch, right at every size", () => {
  test("blocks", () =>
    checkSizes(
      { op: aten.im2col, attrs: { kernel_size: [2, 3], dilation: [1, 1], padding: [0, 1], stride: [1, 2] } },
      [n, 2, 5, 6],
      sizes,
    ));
  test("volumes", () =>
    checkSizes(
      {
        op: aten.conv3d,
        input: "input",
        constants: { weight: data([2, 2, 2, 3, 1]) },
        attrs: { stride: [2, 1, 1], padding: [1, 1, 0] },
      },
      [n, 2, 5, h, w],
      sizes,
    ));
});
