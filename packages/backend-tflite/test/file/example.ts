import type { TfliteFile } from "../../src/file/tflite-file.ts";

const floats = (...values: number[]): Uint8Array => new Uint8Array(new Float32Array(values).buffer);

/** A model that uses most of what a file can say: a convolution, a quantized addition, a dynamic extent, a branch, a signature. */
export function example(): TfliteFile {
  const filter = floats(...Array.from({ length: 2 * 3 * 3 * 1 }, (_, i) => i / 8 - 1));
  const shared = floats(0.5, -0.5);
  const predicate = Uint8Array.of(1);
  return {
    description: "example",
    subgraphs: [
      {
        name: "main",
        tensors: [
          { name: "x", dtype: "f32", shape: [1, 5, 4, 1], shapeSignature: [-1, 5, 4, 1] },
          { name: "filter", dtype: "f32", shape: [2, 3, 3, 1], buffer: filter },
          { name: "bias", dtype: "f32", shape: [2], buffer: shared },
          { name: "y", dtype: "f32", shape: [1, 5, 2, 2], shapeSignature: [-1, 5, 2, 2] },
          { name: "z", dtype: "f32", shape: [1, 5, 2, 2], shapeSignature: [-1, 5, 2, 2] },
          { name: "again", dtype: "f32", shape: [2], buffer: shared },
          { name: "p", dtype: "bool", shape: [], buffer: predicate },
          { name: "out", dtype: "f32", shape: [1, 5, 2, 2], shapeSignature: [-1, 5, 2, 2] },
        ],
        inputs: [0],
        outputs: [7],
        operators: [
          {
            builtin: "CONV_2D",
            version: 1,
            inputs: [0, 1, 2],
            outputs: [3],
            options: {
              table: "Conv2DOptions",
              fields: { padding: "SAME", stride_w: 2, stride_h: 1, fused_activation_function: "RELU" },
            },
          },
          { builtin: "ADD", version: 1, inputs: [3, 5], outputs: [4], options: { table: "AddOptions", fields: {} } },
          {
            builtin: "IF",
            version: 1,
            inputs: [6, 4],
            outputs: [7],
            options: { table: "IfOptions", fields: { then_subgraph_index: 1, else_subgraph_index: 2 } },
          },
        ],
      },
      ...(["NEG", "ABS"] as const).map((builtin) => ({
        name: builtin,
        tensors: [
          { name: "i", dtype: "f32" as const, shape: [1, 5, 2, 2], shapeSignature: [-1, 5, 2, 2] },
          { name: "o", dtype: "f32" as const, shape: [1, 5, 2, 2], shapeSignature: [-1, 5, 2, 2] },
        ],
        inputs: [0],
        outputs: [1],
        operators: [{ builtin, version: 1, inputs: [0], outputs: [1] }],
      })),
    ],
    signatures: [
      {
        key: "serving_default",
        subgraph: 0,
        inputs: [{ name: "x", tensor: 0 }],
        outputs: [{ name: "out", tensor: 7 }],
      },
    ],
    metadata: [{ name: "note", bytes: Uint8Array.of(1, 2, 3) }],
  };
}
