// Asks the validator of the user's own QNN which element types each op of the HTP takes, and writes them as the table that tflower
// looks at where there are no libraries:  QNN_LIB_DIR=... node conformance/qnn-table.mjs > packages/delegate-qnn/src/support/generated/htp-types.ts
// Needs a build (npx tsc -b). Compare the result with the committed one to see what a new version of QNN changes.
import { findLibraries, QnnProcess } from "../packages/delegate-qnn/dist/node/index.js";

const kinds = ["float32", "float16", "int32", "int64", "bool8", "int8", "uint8", "sfix8", "ufix8", "sfix16", "ufix16"];
const u32 = (value) => ({ dataType: "uint32", value });
const i32 = (value) => ({ dataType: "int32", value });
const f32 = (value) => ({ dataType: "float32", value });
const bool = (value) => ({ dataType: "bool8", value: value ? 1 : 0 });
const u32s = (values, dims = [values.length]) => ({ dataType: "uint32", dims, values });
const i32s = (values, dims = [values.length]) => ({ dataType: "int32", dims, values });
const image = [1, 8, 8, 4];
const x = (shape = image, types = kinds) => ({ shape, types });
const w = (shape, types = ["float32", "float16", "sfix8", "ufix8", "sfix16"]) => ({ shape, types, fixed: true });
const bias = (n) => ({ shape: [n], types: ["float32", "float16", "sfix32"], fixed: true });
const index = (shape) => ({ shape, types: ["int32", "int64"] });
const window = { stride: u32s([1, 1]), pad_amount: u32s([0, 0, 0, 0], [2, 2]) };

const ops = {
  Conv2d: {
    in: [x(), w([1, 1, 4, 4]), bias(4)],
    out: [image],
    scalars: { group: u32(1) },
    tensors: { ...window, dilation: u32s([1, 1]) },
  },
  DepthWiseConv2d: {
    in: [x(), w([1, 1, 1, 4]), bias(4)],
    out: [image],
    tensors: { ...window, dilation: u32s([1, 1]) },
  },
  TransposeConv2d: {
    in: [x(), w([1, 1, 4, 4]), bias(4)],
    out: [image],
    scalars: { group: u32(1) },
    tensors: { ...window, output_padding: u32s([0, 0]) },
  },
  Conv3d: {
    in: [x([1, 4, 8, 8, 4]), w([1, 1, 1, 4, 4]), bias(4)],
    out: [[1, 4, 8, 8, 4]],
    scalars: { group: u32(1) },
    tensors: { stride: u32s([1, 1, 1]), pad_amount: u32s([0, 0, 0, 0, 0, 0], [3, 2]), dilation: u32s([1, 1, 1]) },
  },
  FullyConnected: { in: [x([4, 8]), w([16, 8]), bias(16)], out: [[4, 16]] },
  MatMul: {
    in: [x([1, 4, 8]), x([1, 8, 4])],
    out: [[1, 4, 4]],
    scalars: { transpose_in0: bool(false), transpose_in1: bool(false) },
  },
  ElementWiseBinary: { in: [x(), x()], out: [image], operations: 20 },
  ElementWiseUnary: { in: [x()], out: [image], operations: 16 },
  ElementWiseNeuron: {
    in: [x()],
    out: [image],
    operations: 9,
    scalars: { min_value: f32(0), max_value: f32(6), alpha: f32(1), beta: f32(1), threshold: f32(1) },
  },
  ElementWiseSelect: { in: [x(image, ["bool8"]), x(), x()], out: [image] },
  Prelu: { in: [x(), x([4])], out: [image] },
  Softmax: { in: [x()], out: [image], scalars: { axis: u32(3), beta: f32(1) } },
  LogSoftmax: { in: [x()], out: [image], scalars: { axis: u32(3), beta: f32(1) } },
  L2Norm: { in: [x()], out: [image], scalars: { axis: u32(3), epsilon: f32(1e-12) } },
  Lrn: {
    in: [x()],
    out: [image],
    scalars: { radius: u32(2), alpha: f32(1), beta: f32(0.5), bias: f32(1), region: i32(0) },
  },
  LayerNorm: {
    in: [
      x([1, 8, 16]),
      w([16], ["float32", "float16", "sfix8", "ufix8", "sfix16", "ufix16"]),
      { shape: [16], types: ["float32", "float16", "sfix32", "ufix8"], fixed: true },
    ],
    out: [[1, 8, 16]],
    scalars: { epsilon: f32(1e-5) },
    tensors: { axes: u32s([2]) },
  },
  ReduceMean: { in: [x()], out: [[1, 1, 1, 4]], scalars: { keep_dims: bool(true) }, tensors: { axes: u32s([1, 2]) } },
  ReduceSum: { in: [x()], out: [[1, 1, 1, 4]], scalars: { keep_dims: bool(true) }, tensors: { axes: u32s([1, 2]) } },
  ReduceMax: { in: [x()], out: [[1, 1, 1, 4]], scalars: { keep_dims: bool(true) }, tensors: { axes: u32s([1, 2]) } },
  ReduceMin: { in: [x()], out: [[1, 1, 1, 4]], scalars: { keep_dims: bool(true) }, tensors: { axes: u32s([1, 2]) } },
  Argmax: { in: [x()], out: [[1, 8, 8]], scalars: { axis: u32(3), keep_dims: bool(false) } },
  Argmin: { in: [x()], out: [[1, 8, 8]], scalars: { axis: u32(3), keep_dims: bool(false) } },
  CumulativeSum: { in: [x()], out: [image], scalars: { axis: u32(1), exclusive: bool(false), reverse: bool(false) } },
  TopK: { in: [x()], out: [[1, 8, 8, 2], { shape: [1, 8, 8, 2], type: "int32" }], scalars: { k: u32(2) } },
  PoolAvg2d: {
    in: [x()],
    out: [[1, 4, 4, 4]],
    scalars: { count_pad_for_edges: bool(false) },
    tensors: { filter_size: u32s([2, 2]), stride: u32s([2, 2]), pad_amount: u32s([0, 0, 0, 0], [2, 2]) },
  },
  PoolMax2d: {
    in: [x()],
    out: [[1, 4, 4, 4]],
    tensors: { filter_size: u32s([2, 2]), stride: u32s([2, 2]), pad_amount: u32s([0, 0, 0, 0], [2, 2]) },
  },
  Reshape: { in: [x()], out: [[1, 64, 4]] },
  Transpose: { in: [x()], out: [[1, 4, 8, 8]], tensors: { perm: u32s([0, 3, 1, 2]) } },
  Tile: { in: [x()], out: [[1, 16, 8, 4]], tensors: { multiples: u32s([1, 2, 1, 1]) } },
  DepthToSpace: { in: [x()], out: [[1, 16, 16, 1]], scalars: { mode: u32(0) }, tensors: { block_size: u32s([2, 2]) } },
  SpaceToDepth: { in: [x()], out: [[1, 4, 4, 16]], scalars: { mode: u32(0) }, tensors: { block_size: u32s([2, 2]) } },
  // it looks at the first input only
  Concat: { alike: true, in: [x(), x()], out: [[1, 8, 8, 8]], scalars: { axis: u32(3) } },
  Pack: { alike: true, in: [x(), x()], out: [[1, 2, 8, 8, 4]], scalars: { axis: u32(1) } },
  UnPack: {
    in: [x([2, 8, 4])],
    out: [
      [8, 4],
      [8, 4],
    ],
    scalars: { axis: u32(0) },
  },
  Split: {
    in: [x()],
    out: [
      [1, 8, 8, 2],
      [1, 8, 8, 2],
    ],
    scalars: { axis: u32(3) },
    tensors: { split_index: u32s([2]) },
  },
  StridedSlice: {
    in: [x()],
    out: [[1, 4, 8, 4]],
    scalars: { begin_mask: u32(0), end_mask: u32(0), shrink_axes: u32(0), new_axes_mask: u32(0) },
    tensors: { ranges: i32s([0, 1, 1, 0, 8, 2, 0, 8, 1, 0, 4, 1], [4, 3]) },
  },
  Gather: { in: [x([16, 4]), index([3])], out: [[3, 4]], scalars: { axis: i32(0) } },
  GatherNd: { in: [x([16, 4]), index([3, 1])], out: [[3, 4]], scalars: { batch_dims: u32(0) } },
  ScatterNd: { in: [x([16, 4]), index([3, 1]), x([3, 4])], out: [[16, 4]], scalars: { reduction: u32(1) } },
  OneHot: {
    in: [index([4])],
    out: [[4, 8]],
    scalars: { depth: u32(8), axis: u32(1), on_value: f32(1), off_value: f32(0) },
  },
  Pad: {
    in: [x()],
    out: [[1, 10, 10, 4]],
    scalars: { scheme: u32(0), pad_constant_value: i32(0) },
    tensors: { pad_amount: u32s([0, 0, 1, 1, 1, 1, 0, 0], [4, 2]) },
  },
  ResizeBilinear: {
    in: [x()],
    out: [[1, 16, 16, 4]],
    scalars: { align_corners: bool(false), half_pixel_centers: bool(true) },
  },
  ResizeNearestNeighbor: {
    in: [x()],
    out: [[1, 16, 16, 4]],
    scalars: { align_corners: bool(false), half_pixel_centers: bool(true) },
  },
  Quantize: { in: [x()], out: [image] },
  Dequantize: { in: [x()], out: [image] },
  Convert: { in: [x()], out: [image] },
  Cast: { in: [x()], out: [image] },
};

const product = (lists) => lists.reduce((all, list) => all.flatMap((a) => list.map((b) => [...a, b])), [[]]);
const encoded = (type) =>
  /fix/.test(type) ? { encoding: { kind: "scale-offset", scale: 0.05, offset: type.startsWith("u") ? -128 : 0 } } : {};
const bytes = (type) => (/64/.test(type) ? 8 : /32/.test(type) ? 4 : /16/.test(type) ? 2 : 1);

/** One node with these element types. */
function graphOf(name, op, types, operation) {
  const tensors = [];
  const add = (kind, dims, dataType, scale) => {
    const count = dims.reduce((n, d) => n * d, 1);
    tensors.push({
      id: tensors.length,
      name: `t${tensors.length}`,
      kind,
      dims,
      dataType,
      ...encoded(dataType),
      ...(scale && { encoding: scale }),
      ...(kind === "static" && { bytes: { offset: 0, length: count * bytes(dataType) } }),
    });
    return tensors.length - 1;
  };
  const inputs = op.in.map((o, i) =>
    add(
      o.fixed ? "static" : "native",
      o.shape,
      types[i],
      types[i] === "sfix32" ? { kind: "scale-offset", scale: 0, offset: 0 } : undefined,
    ),
  );
  const outputs = op.out.map(
    (o) => (Array.isArray(o) ? add("native", o, types.at(-1)) : add("native", o.shape, o.type), tensors.length - 1),
  );
  const scalars = { ...(operation !== undefined && { operation: u32(operation) }), ...op.scalars };
  if (name === "ElementWiseNeuron") {
    const keep =
      { 0: ["alpha"], 2: ["alpha", "beta"], 5: ["min_value", "max_value"], 7: ["beta", "threshold"] }[operation] ?? [];
    for (const k of Object.keys(op.scalars)) if (!keep.includes(k)) delete scalars[k];
  }
  if (name === "Pad" && /float/.test(types[0])) scalars.pad_constant_value = f32(0);
  return {
    name: "g",
    tensors,
    inputs: [],
    outputs: [],
    nodes: [{ name: "n", package: "qti.aisw", type: name, inputs, outputs, scalars, tensors: op.tensors ?? {} }],
  };
}

const qnn = new QnnProcess(findLibraries());
const { build } = await qnn.describe();
const out = {};
/** Ops without axes among their parameters, and the most axes that they take where those are fewer than five. */
const byElement = [
  "ElementWiseBinary",
  "ElementWiseUnary",
  "ElementWiseNeuron",
  "ElementWiseSelect",
  "Cast",
  "Convert",
  "Quantize",
  "Dequantize",
];
const axes = {};
for (const [name, op] of Object.entries(ops)) {
  const combinations = product([...op.in.map((o) => o.types), kinds]);
  const asked = op.operations ? Array.from({ length: op.operations }, (_, i) => i) : [undefined];
  for (const operation of asked) {
    const { codes } = await qnn.validate(combinations.map((c) => graphOf(name, op, c, operation)));
    const taken = combinations
      .filter((c, i) => codes[i][0] === 0 && (!op.alike || new Set(c).size === 1))
      .map((c) => c.join("/"));
    const key = operation === undefined ? name : `${name}:${operation}`;
    out[key] = taken;
    if (!byElement.includes(name) || !taken.length) continue;
    const deeper = {
      ...op,
      in: op.in.map((o) => ({ ...o, shape: [3, ...o.shape] })),
      out: op.out.map((o) => [3, ...o]),
    };
    const { codes: deep } = await qnn.validate(taken.map((c) => graphOf(name, deeper, c.split("/"), operation)));
    if (deep.some(([code]) => code !== 0)) axes[key] = 4;
  }
}
qnn.close();
const lines = Object.entries(out).map(([k, v]) => `  ${JSON.stringify(k)}: ${JSON.stringify(v.join(" "))},`);
console.log(`/**
 * Element types that the HTP takes, by op (with the number of the operation behind a colon): inputs, then the output. What the validator of
 * QNN ${build} answered to conformance/qnn-table.mjs.
 */
export const htpTypes: Readonly<Record<string, string>> = {
${lines.join("\n")}
};

/** The most axes of ops that take fewer than five. */
export const htpAxes: Readonly<Record<string, number>> = ${JSON.stringify(axes)};

/** The build of QNN that {@link htpTypes} is from. */
export const htpTypesBuild = ${JSON.stringify(build)};`);
