import { defineTflCustom, type Subgraph } from "@tflower/backend-tflite";
import { attr, defineLowering, definePlugin, operand } from "@tflower/core";
import { swish } from "../custom-op/swish-plugin.ts";

/** A kernel that the application registers with the runtime as `MySwish`, version 2. */
export const swishKernel = defineTflCustom("MySwish", {
  summary: "`x * sigmoid(beta * x)`, by a kernel of the application.",
  operands: { x: operand.dtype("f32") },
  attrs: { beta: attr.float },
  infer: ({ x }) => x,
});

/** What the kernel reads: `struct { uint32_t size; float beta; }`. */
function optionsOf(beta: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, 8, true);
  view.setFloat32(4, beta, true);
  return new Uint8Array(view.buffer);
}

const kernelsOf = (graph: Subgraph): readonly string[] => graph.operators.flatMap((o) => o.customCode ?? []);

export const kernelOptionsPlugin = definePlugin({
  name: "kernel-options",
  ops: [swish, swishKernel],
  lowerings: [defineLowering(swish, ({ x }, { beta }, emit) => emit(swishKernel, { x }, { beta }))],
  serialize: {
    // options would be a FlexBuffer otherwise
    "tflite.operator": (operator, node) =>
      node.is(swishKernel) ? { ...operator, version: 2, customOptions: optionsOf(node.attrs.beta) } : operator,
    // whoever loads the file can look which kernels it takes
    tflite: (file) => {
      const kernels = [...new Set(file.subgraphs.flatMap(kernelsOf))];
      const bytes = new TextEncoder().encode(JSON.stringify(kernels));
      return { ...file, metadata: [...(file.metadata ?? []), { name: "kernels", bytes }] };
    },
  },
});
