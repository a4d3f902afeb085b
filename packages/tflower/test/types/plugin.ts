// Checked by examples.test.ts: every line that should not compile says so, and a line that compiles against expectation is an error too.
import { tfl } from "@tflower/backend-tflite";
import {
  attr,
  type Compiler,
  defineLowering,
  defineOp,
  definePass,
  definePlugin,
  defineRule,
  insertAfter,
  lowerOps,
  operand,
  type Pass,
  type Value,
} from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { defineConfig } from "tflower";

const swish = defineOp("mylib.swish", {
  summary: "`x * sigmoid(beta * x)`.",
  operands: { x: operand.float, mask: operand.optional(operand.float) },
  attrs: { beta: attr.float, mode: attr.oneOf("fast", "exact").default_("fast") },
  infer: ({ x }) => x,
});

// @ts-expect-error the name of an op has its dialect in front
defineOp("swish", { summary: "", operands: {} });
defineOp("mylib.other", {
  summary: "",
  operands: { x: operand.float },
  // @ts-expect-error no operand is called y
  infer: ({ y }) => y,
});

const lowering = defineLowering(swish, ({ x, mask }, { beta, mode }, emit) => {
  const number: number = beta;
  const word: "fast" | "exact" = mode;
  // @ts-expect-error an optional operand may be absent
  const sure: Value = mask;
  // @ts-expect-error a choice that was not declared
  const wrong = mode === "slow";
  // @ts-expect-error an operand of another name
  emit(tfl.mul, { lhs: x, other: x });
  // @ts-expect-error a missing operand
  emit(tfl.mul, { lhs: x });
  // @ts-expect-error a value where a number is not
  emit(tfl.mul, { lhs: x, rhs: 2 });
  // @ts-expect-error a missing attribute
  emit(tfl.transpose, { input: x });
  // @ts-expect-error an attribute of another type
  emit(tfl.transpose, { input: x }, { perm: "0,1" });
  // @ts-expect-error an activation that kernels do not have
  emit(tfl.add, { lhs: x, rhs: x }, { fused_activation_function: "SWISH" });
  void [number, word, sure, wrong];
  return emit(tfl.mul, { lhs: x, rhs: emit(tfl.logistic, { input: x }) });
});
// @ts-expect-error a lowering gives values or says why not
defineLowering(swish, () => "nothing");
// @ts-expect-error linear has no operand of that name
defineLowering(aten.linear, ({ inputs }) => inputs);
// @ts-expect-error conv2d has no attribute of that name
defineLowering(aten.conv2d, ({ input }, { strides }) => (strides ? input : input));

const pass = definePass({
  name: "count",
  summary: "",
  options: { op: attr.str, rounds: attr.int.default_(1) },
  scope: "graph",
  run(graph, { options, count }) {
    const rounds: number = options.rounds;
    // @ts-expect-error no such option
    count(options.times);
    // @ts-expect-error a graph has no graphs
    void graph.graphs;
    void rounds;
  },
});
pass({ op: "tfl.add" });
// @ts-expect-error an option without a default
pass();
// @ts-expect-error an option of another type
pass({ op: "tfl.add", rounds: "2" });

defineRule({
  name: "double",
  summary: "neg(neg(x)) = x",
  op: tfl.neg,
  rewrite(node, rewriter) {
    // @ts-expect-error neg has one operand, called input
    void node.operands.lhs;
    rewriter.replace(node, [node.operands.input]);
    return true;
  },
});

definePlugin({
  name: "swish",
  ops: { swish },
  lowerings: [lowering],
  passes: [pass],
  pipeline: (p) => ({ ...p, lower: insertAfter(p.lower, lowerOps, pass({ op: "tfl.add" })) }),
  // @ts-expect-error no such hook
  apply: (compiler: Compiler) => compiler.hooks.nothing,
});
// @ts-expect-error a plugin has a name
definePlugin({ lowerings: [lowering] });
// @ts-expect-error an op is no lowering
definePlugin({ name: "x", lowerings: [swish] });
// @ts-expect-error a pass in a list of what makes passes
definePlugin({ name: "x", passes: [pass({ op: "tfl.add" })] });

defineConfig({
  plugins: [definePlugin({ name: "x" }), "name", ["./file.ts", { level: 2 }]],
  settings: { target: "gpu" },
  pipeline: (p): readonly Pass[] => [...p.import, ...p.lower],
});
// @ts-expect-error a key that no config has
defineConfig({ plugin: [] });
// @ts-expect-error a choice that the setting does not have
defineConfig({ settings: { int64: "drop" } });

definePlugin({
  name: "what is written",
  annotate: (node) => (node.is(tfl.softmax) ? { ranges: { input: { min: -8, max: 8 } } } : undefined),
  serialize: {
    tflite: (file) => ({ ...file, description: file.description ?? "" }),
    "tflite.operator": (operator, node) => (node.is(tfl.neg) ? { ...operator, inputs: [] } : operator),
  },
});
// @ts-expect-error a range has two ends
definePlugin({ name: "x", annotate: () => ({ ranges: { input: { min: 0 } } }) });
// @ts-expect-error a description is a text
definePlugin({ name: "x", serialize: { tflite: (file) => ({ ...file, description: 1 }) } });
// @ts-expect-error nobody writes that
definePlugin({ name: "x", serialize: { onnx: (file) => file } });

definePass({
  name: "x",
  summary: "",
  scope: "module",
  requires: [lowerOps, "settle-state"],
  after: [pass],
  run: () => {},
});
// @ts-expect-error what makes a pass, or a name, and no pass itself
definePass({ name: "x", summary: "", scope: "module", requires: [lowerOps()], run: () => {} });
