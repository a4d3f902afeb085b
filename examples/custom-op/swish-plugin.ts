import { tfl } from "@tflower/backend-tflite";
import { attr, defineLowering, defineOp, definePlugin, operand } from "@tflower/core";

/** The op as Python registers it: `mylib::swish(Tensor x, float beta) -> Tensor`. */
export const swish = defineOp("mylib.swish", {
  summary: "`x * sigmoid(beta * x)`.",
  operands: { x: operand.float },
  attrs: { beta: attr.float },
  traits: { elementwise: true },
  infer: ({ x }) => x,
});

/** How it becomes TFLite's ops. Operands and attributes are typed from the declaration above. */
export const lowerSwish = defineLowering(swish, ({ x }, { beta }, emit) => {
  const factor = emit.constant({ type: { dtype: "f32", shape: [] }, data: Float32Array.of(beta) });
  const scaled = emit(tfl.mul, { lhs: x, rhs: factor });
  return emit(tfl.mul, { lhs: x, rhs: emit(tfl.logistic, { input: scaled }) });
});

export const swishPlugin = definePlugin({ name: "swish", ops: { swish }, lowerings: [lowerSwish] });
