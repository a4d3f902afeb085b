// Writes a small graph of each op that QNN has a form for, as a .tflite and as the ahead-of-time file that tflower makes of it:
//   QNN_LIB_DIR=... node conformance/qnn-ops.mjs FOLDER && python conformance/qnn_emulate.py --folder FOLDER
// Needs a build.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MemorySink, tfl, toTfliteFile, writeTflite } from "../packages/backend-tflite/dist/index.js";
import { Module, Rewriter, tensor, tensorData } from "../packages/core/dist/index.js";
import { knownSocs } from "../packages/delegate-qnn/dist/index.js";
import { compileForQnn } from "../packages/delegate-qnn/dist/node/index.js";

const [folder] = process.argv.slice(2);

/** Numbers that look random and are the same each time. */
function noise(count, seed, scale) {
  let s = seed;
  return Float32Array.from({ length: count }, () => {
    s = (Math.imul(s, 1103515245) + 12345) & 0x7fffffff;
    return (s / 0x7fffffff - 0.5) * scale;
  });
}
/** A graph that `make` fills. */
function oneNode(make, ...types) {
  const module = new Module();
  const g = module.graph("main");
  const inputs = types.map((t, i) => g.input(t, `in_${i}`));
  g.outputs = make(new Rewriter(g), inputs);
  module.signatures = [{ key: "serving_default", graph: "main" }];
  return module;
}
const F = (...s) => tensor("f32", s),
  I = (...s) => tensor("i32", s);
const c = (r, s, seed = 1, k = 1) =>
  r.constant(
    tensorData(
      "f32",
      s,
      noise(
        s.reduce((a, b) => a * b, 1),
        seed,
        k,
      ),
    ),
  );
const ci = (r, s, v) => r.constant(tensorData("i32", s, v));
const img = F(1, 6, 7, 8);
const un =
  (op, t = img, attrs = {}) =>
  () =>
    oneNode((r, [x]) => [r.create(op, { input: x }, attrs).results[0]], t);
const bin =
  (op, a = img, b = img) =>
  () =>
    oneNode((r, [x, y]) => [r.create(op, { lhs: x, rhs: y }, {}).results[0]], a, b);
const pos = (op) => () =>
  oneNode(
    (r, [x]) => [
      r.create(op, { input: r.emit(tfl.add, { lhs: r.emit(tfl.abs, { input: x }, {}), rhs: c(r, [1], 5, 0) }, {}) }, {})
        .results[0],
    ],
    img,
  );
const cases = {
  cumsum_e: un(tfl.cumsum, img, { axis: 2, exclusive: true }),
  cumsum_r: un(tfl.cumsum, img, { axis: 1, reverse: true }),
  cumsum_e1: un(tfl.cumsum, F(4, 5), { axis: 1, exclusive: true }),
  conv_group: () =>
    oneNode(
      (r, [x]) => [
        r.emit(
          tfl.conv2d,
          { input: x, filter: c(r, [6, 3, 2, 4]), bias: c(r, [6]) },
          {},
          { stride_h: 2, dilation_w_factor: 2, padding: "SAME" },
        ),
      ],
      img,
    ),
  dw_mult: () =>
    oneNode(
      (r, [x]) => [
        r.emit(
          tfl.depthwiseConv2d,
          { input: x, filter: c(r, [1, 3, 2, 16]), bias: c(r, [16]) },
          {},
          { depth_multiplier: 2, stride_h: 1, padding: "SAME" },
        ),
      ],
      img,
    ),
  rev: un(tfl.reverseV2, img, { axes: [1, 2] }),
  l2: un(tfl.l2Normalization),
  log_softmax: un(tfl.logSoftmax),
  softmax_beta: un(tfl.softmax, img, { beta: 0.5 }),
  leaky: un(tfl.leakyRelu, img, { alpha: 0.2 }),
  elu: un(tfl.elu),
  gelu: un(tfl.gelu),
  gelu_t: un(tfl.gelu, img, { approximate: true }),
  hswish: un(tfl.hardSwish),
  relu01: un(tfl.relu0To1),
  relun1: un(tfl.reluN1To1),
  abs: un(tfl.abs),
  ceil: un(tfl.ceil),
  floor: un(tfl.floor),
  round: un(tfl.round),
  cos: un(tfl.cos),
  sin: un(tfl.sin),
  exp: un(tfl.exp),
  neg: un(tfl.neg),
  sign: un(tfl.sign),
  square: un(tfl.square),
  tanh: un(tfl.tanh),
  log: pos(tfl.log),
  sqrt: pos(tfl.sqrt),
  rsqrt: pos(tfl.rsqrt),
  sub: bin(tfl.sub),
  div: bin(tfl.div),
  max: bin(tfl.maximum),
  min: bin(tfl.minimum),
  sqd: bin(tfl.squaredDifference),
  bcast: bin(tfl.add, F(6, 1, 8), F(2, 1, 7, 8)),
  floordiv: bin(tfl.floorDiv),
  prelu: () => oneNode((r, [x]) => [r.emit(tfl.prelu, { input: x, alpha: c(r, [1, 1, 8]) }, {})], img),
  tconv: () =>
    oneNode(
      (r, [x]) => [
        r.emit(
          tfl.transposeConv,
          { weights: c(r, [4, 3, 2, 8]), input: x },
          {},
          { output_shape: [1, 13, 14, 4], stride_h: 2, stride_w: 2, padding: "VALID" },
        ),
      ],
      img,
    ),
  tconv_same: () =>
    oneNode(
      (r, [x]) => [
        r.emit(
          tfl.transposeConv,
          { weights: c(r, [4, 3, 3, 8]), input: x, bias: c(r, [4]) },
          {},
          { output_shape: [1, 12, 14, 4], stride_h: 2, stride_w: 2, padding: "SAME" },
        ),
      ],
      img,
    ),
  conv3d: () =>
    oneNode(
      (r, [x]) => [
        r.emit(
          tfl.conv3d,
          { input: x, filter: c(r, [2, 3, 2, 3, 5]) },
          {},
          { padding: "SAME", stride_d: 1, stride_h: 2, stride_w: 1 },
        ),
      ],
      F(1, 4, 5, 6, 3),
    ),
  fc3: () =>
    oneNode(
      (r, [x]) => [
        r.emit(tfl.fullyConnected, { input: x, filter: c(r, [5, 8]), bias: c(r, [5]) }, {}, { keep_num_dims: true }),
      ],
      F(2, 3, 8),
    ),
  bmm: () =>
    oneNode((r, [x, y]) => [r.emit(tfl.batchMatmul, { x, y }, {}, { adj_y: true })], F(2, 3, 4, 8), F(2, 3, 5, 8)),
  mean: un(tfl.mean, img, { axes: [1], keep_dims: false }),
  sum: un(tfl.sum, img, { axes: [-1, 1], keep_dims: true }),
  rmax: un(tfl.reduceMax, img, { axes: [2] }),
  rmin_all: un(tfl.reduceMin, F(3, 4), { axes: [0, 1] }),
  argmax: () => oneNode((r, [x]) => [r.emit(tfl.argMax, { input: x }, {}, { axis: -1 })], img),
  argmin: () => oneNode((r, [x]) => [r.emit(tfl.argMin, { input: x }, {}, { axis: 1 })], img),
  cumsum: un(tfl.cumsum, img, { axis: 1 }),
  cumsum_er: un(tfl.cumsum, img, { axis: 2, exclusive: true, reverse: true }),
  topk: () => oneNode((r, [x]) => r.create(tfl.topkV2, { input: x }, { k: 3 }).results, F(2, 9)),
  avg: un(tfl.averagePool2d, img, { filter_width: 3, filter_height: 2, stride_w: 2, stride_h: 1, padding: "SAME" }),
  maxp: un(tfl.maxPool2d, img, { filter_width: 3, filter_height: 2, stride_w: 2, stride_h: 1, padding: "SAME" }),
  tile: un(tfl.tile, F(2, 3), { multiples: [2, 3] }),
  bto: un(tfl.broadcastTo, F(3, 1), { shape: [2, 3, 4] }),
  d2s: un(tfl.depthToSpace, img, { block_size: 2 }),
  s2d: un(tfl.spaceToDepth, F(1, 4, 6, 3), { block_size: 2 }),
  concat: () =>
    oneNode((r, [x, y]) => [r.emit(tfl.concatenation, { values: [x, y] }, {}, { axis: -1 })], F(2, 3), F(2, 4)),
  pack: () => oneNode((r, [x, y]) => [r.emit(tfl.pack, { values: [x, y] }, {}, { axis: 1 })], F(2, 3), F(2, 3)),
  unpack: () =>
    oneNode(
      (r, [x]) => r.create(tfl.unpack, { value: x }, { axis: 1 }, { types: [F(2, 4), F(2, 4), F(2, 4)] }).results,
      F(2, 3, 4),
    ),
  split: () =>
    oneNode(
      (r, [x]) =>
        r.create(tfl.split, { value: x }, { axis: 1, num_splits: 3 }, { types: [F(2, 2), F(2, 2), F(2, 2)] }).results,
      F(2, 6),
    ),
  splitv: () =>
    oneNode(
      (r, [x]) =>
        r.create(tfl.splitV, { value: x }, { axis: -1, size_splits: [1, 3, 2] }, { types: [F(2, 1), F(2, 3), F(2, 2)] })
          .results,
      F(2, 6),
    ),
  slice: un(tfl.slice, img, { begin: [0, 2, 0, 1], size: [1, 3, -1, 5] }),
  ss: un(tfl.stridedSlice, img, { begin: [0, 1, 6, 0], end: [1, 6, 0, 8], strides: [1, 2, -2, 3] }),
  ss_mask: un(tfl.stridedSlice, img, {
    begin: [0, 2, 0, 0],
    end: [1, 3, 5, 8],
    strides: [1, 1, -1, 2],
    begin_mask: 4,
    end_mask: 4,
    shrink_axis_mask: 2,
  }),
  gather: () =>
    oneNode(
      (r, [x]) => [r.emit(tfl.gather, { params: x, indices: ci(r, [2, 2], [3, 0, 1, 2]) }, {}, { axis: 1 })],
      F(2, 4, 3),
    ),
  gnd: () =>
    oneNode((r, [x]) => [r.emit(tfl.gatherNd, { params: x, indices: ci(r, [2, 2], [1, 3, 0, 2]) }, {})], F(2, 4, 3)),
  scatter: () =>
    oneNode(
      (r, [x]) => [r.emit(tfl.scatterNd, { indices: ci(r, [2, 1], [3, 1]), updates: x }, {}, { shape: [5, 3] })],
      F(2, 3),
    ),
  scatter_dup: () =>
    oneNode(
      (r, [x]) => [r.emit(tfl.scatterNd, { indices: ci(r, [2, 1], [1, 1]), updates: x }, {}, { shape: [5, 3] })],
      F(2, 3),
    ),
  pad: un(tfl.pad, img, { paddings: [0, 0, 1, 2, 0, 3, 0, 0] }),
  padv2: () =>
    oneNode(
      (r, [x]) => [
        r.emit(
          tfl.padV2,
          { input: x, constant_values: r.constant(tensorData("f32", [], [2.5])) },
          {},
          { paddings: [0, 0, 1, 0, 0, 1, 0, 0] },
        ),
      ],
      img,
    ),
  reflect: un(tfl.mirrorPad, img, { paddings: [0, 0, 2, 1, 1, 3, 0, 0], mode: "REFLECT" }),
  symm: un(tfl.mirrorPad, img, { paddings: [0, 0, 2, 1, 1, 3, 0, 0], mode: "SYMMETRIC" }),
};
for (const [k, op] of [
  ["rb", tfl.resizeBilinear],
  ["rn", tfl.resizeNearestNeighbor],
])
  for (const [n, a] of [
    ["", {}],
    ["_ac", { align_corners: true }],
    ["_hp", { half_pixel_centers: true }],
  ]) {
    cases[k + n] = un(op, img, { size: [11, 14], ...a });
    cases[k + n + "_dn"] = un(op, img, { size: [3, 4], ...a });
  }
cases.select = () =>
  oneNode(
    (r, [x, y]) => [
      r.emit(tfl.selectV2, { condition: r.emit(tfl.greater, { lhs: x, rhs: y }, {}), x, y: c(r, [8]) }, {}),
    ],
    img,
    img,
  );
for (const o of ["less", "lessEqual", "greaterEqual", "equal", "notEqual"])
  cases[o] = () =>
    oneNode(
      (r, [x, y]) => [
        r.emit(tfl.cast, { input: r.emit(tfl[o], { lhs: x, rhs: y }, {}) }, {}, { out_data_type: "f32" }),
      ],
      I(4, 5),
      I(4, 5),
    );
cases.imod = bin(tfl.floorMod, I(4, 5), I(4, 5));
cases.idiv = bin(tfl.div, I(4, 5), I(4, 5));
cases.imul = bin(tfl.mul, I(4, 5), I(4, 5));

mkdirSync(folder, { recursive: true });
let failed = 0;
for (const [name, make] of Object.entries(cases))
  try {
    const sink = new MemorySink();
    await writeTflite(toTfliteFile(make()), sink);
    writeFileSync(join(folder, `${name}.tflite`), sink.bytes());
    const { files } = await compileForQnn(make(), { socs: [knownSocs.socs.get("SM8650")] });
    writeFileSync(join(folder, `${name}.aot.tflite`), files[0].file);
  } catch (e) {
    failed++;
    console.log(`${name}: ${e.message.split("\n").slice(0, 3).join(" ")}`);
  }
console.log(`${Object.keys(cases).length - failed} of ${Object.keys(cases).length} ops compiled`);
process.exit(failed ? 1 : 0);
