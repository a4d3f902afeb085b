import { tfl } from "@tflower/backend-tflite";
import { Module, Rewriter, type TensorType, tensor, tensorData, type Value } from "@tflower/core";

/** Numbers that look random and are the same each time. */
export function noise(count: number, seed = 1, scale = 1): Float32Array {
  let s = seed;
  return Float32Array.from({ length: count }, () => {
    s = (Math.imul(s, 1103515245) + 12345) & 0x7fffffff;
    return (s / 0x7fffffff - 0.5) * scale;
  });
}

/** An image through a convolution with RELU6, a depthwise one, a mean and a layer of rows. */
export function smallNet(): Module {
  const module = new Module();
  const g = module.graph("main");
  const x = g.input(tensor("f32", [1, 8, 8, 4]), "x");
  const r = new Rewriter(g);
  const constant = (shape: readonly number[], seed: number) =>
    r.constant(
      tensorData(
        "f32",
        shape,
        noise(
          shape.reduce((n, d) => n * d, 1),
          seed,
        ),
      ),
    );
  const conv = r.emit(
    tfl.conv2d,
    { input: x, filter: constant([8, 3, 3, 4], 2), bias: constant([8], 3) },
    {},
    { padding: "SAME", stride_h: 2, stride_w: 1, fused_activation_function: "RELU6" },
  );
  const deep = r.emit(
    tfl.depthwiseConv2d,
    { input: conv, filter: constant([1, 3, 3, 8], 4), bias: constant([8], 5) },
    {},
    { padding: "SAME" },
  );
  const gate = r.emit(tfl.mul, { lhs: deep, rhs: r.emit(tfl.logistic, { input: deep }, {}) }, {});
  const mean = r.emit(tfl.mean, { input: gate }, {}, { axes: [1, 2] });
  const y = r.emit(tfl.fullyConnected, { input: mean, filter: constant([5, 8], 6), bias: constant([5], 7) }, {});
  g.outputs = [y];
  g.outputNames = ["y"];
  module.signatures = [{ key: "serving_default", graph: "main" }];
  return module;
}

/** A graph of one node whose operands come from outside. */
export function oneNode(
  make: (r: Rewriter, inputs: readonly Value[]) => readonly Value[],
  ...types: readonly TensorType[]
): Module {
  const module = new Module();
  const g = module.graph("main");
  const inputs = types.map((t, i) => g.input(t, `in_${i}`));
  g.outputs = make(new Rewriter(g), inputs);
  module.signatures = [{ key: "serving_default", graph: "main" }];
  return module;
}
