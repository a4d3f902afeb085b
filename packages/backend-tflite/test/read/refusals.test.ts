import { CompileError, type Module, printModule } from "@tflower/core";
import { describe, expect, test } from "vitest";
import type { Operator, Subgraph, Tensor, TfliteFile } from "../../src/file/tflite-file.ts";
import { type ReadCode, readCodes } from "../../src/read/file-problem.ts";
import { fromTfliteFile } from "../../src/read/from-tflite-file.ts";
import { packFlexMap } from "../../src/write/flex-buffer.ts";

const i32 = (...v: number[]): Uint8Array => new Uint8Array(new Int32Array(v).buffer);
const f32 = (shape: readonly number[], rest: Partial<Tensor> = {}): Tensor => ({ dtype: "f32", shape, ...rest });
const param = (...v: number[]): Tensor => ({ dtype: "i32", shape: [v.length], buffer: i32(...v) });
const op = (
  builtin: Operator["builtin"],
  inputs: readonly number[],
  outputs: readonly number[],
  rest: Partial<Operator> = {},
): Operator => ({ builtin, version: 1, inputs, outputs, ...rest });
const subgraph = (
  tensors: readonly Tensor[],
  operators: readonly Operator[],
  rest: Partial<Subgraph> = {},
): Subgraph => ({ name: "main", tensors, inputs: [0], outputs: [tensors.length - 1], operators, ...rest });
const file = (...subgraphs: readonly Subgraph[]): TfliteFile => ({ subgraphs });

function refused(f: TfliteFile): readonly { readonly code: string; readonly message: string }[] {
  try {
    fromTfliteFile(f, { name: "peer.tflite" });
  } catch (e) {
    if (e instanceof CompileError) return e.diagnostics;
    throw e;
  }
  throw new Error("the file was read");
}
const lines = (m: Module): string[] =>
  printModule(m)
    .trim()
    .split("\n")
    .slice(1, -1)
    .map((l) => l.trim());

describe("what is refused", () => {
  const cases: readonly (readonly [ReadCode, RegExp, TfliteFile])[] = [
    [
      "TFL0030",
      /^peer\.tflite: subgraph 0 \(main\): operator 0 \(ABS\): operand 1 is computed by no operator before it/,
      file(subgraph([f32([2]), f32([2]), f32([2])], [op("ABS", [1], [2])])),
    ],
    ["TFL0030", /there is no subgraph/, file()],
    [
      "TFL0031",
      /operator 0 \(SKIP_GRAM\) of @main, which gives "y": the tfl dialect does not declare SKIP_GRAM/,
      file(subgraph([f32([2]), f32([2], { name: "y" })], [op("SKIP_GRAM", [0], [1])])),
    ],
    [
      "TFL0032",
      /input 0 of @main: elements of type variant have no counterpart/,
      file(subgraph([{ dtype: "variant", shape: [] }, f32([])], [op("ABS", [0], [1])])),
    ],
    [
      "TFL0032",
      /stored sparsely/,
      file(
        subgraph(
          [f32([2]), f32([2, 2], { buffer: new Uint8Array(4), sparsity: {} }), f32([2])],
          [op("MATRIX_DIAG", [1], [2])],
        ),
      ),
    ],
    [
      "TFL0032",
      /the data of tensor 1 lies in another file \("weights"\)/,
      file(
        subgraph(
          [f32([2]), f32([2], { externalBuffer: { group: "weights", offset: 0, byteLength: 8 } }), f32([2])],
          [op("ADD", [0, 1], [2])],
        ),
      ),
    ],
    [
      "TFL0032",
      /tensor 1 "s" is kept from one run to the next/,
      file(subgraph([f32([2]), f32([2], { name: "s", isVariable: true }), f32([2])], [op("ADD", [0, 1], [2])])),
    ],
    [
      "TFL0032",
      /quantized by CustomQuantization/,
      file(
        subgraph(
          [
            {
              dtype: "i8",
              shape: [2],
              quantization: { scale: [], zeroPoint: [], details: { table: "CustomQuantization", fields: {} } },
            },
            f32([2]),
          ],
          [op("DEQUANTIZE", [0], [1])],
        ),
      ),
    ],
    [
      "TFL0033",
      /its "perm" is computed at run time, which "tfl\.transpose" cannot hold/,
      file(
        subgraph([f32([2, 3]), { dtype: "i32", shape: [2] }, f32([3, 2])], [op("TRANSPOSE", [0, 1], [2])], {
          inputs: [0, 1],
        }),
      ),
    ],
    [
      "TFL0033",
      /its "perm" is made of f32/,
      file(
        subgraph(
          [f32([2, 3]), { dtype: "f32", shape: [2], buffer: i32(1, 0) }, f32([3, 2])],
          [op("TRANSPOSE", [0, 1], [2])],
        ),
      ),
    ],
    [
      "TFL0033",
      /its option "quantized_bias_type" is "INT32"/,
      file(
        subgraph(
          [
            { dtype: "i16", shape: [1, 4] },
            { dtype: "i16", shape: [2, 4], buffer: new Uint8Array(16) },
            { dtype: "i16", shape: [1, 2] },
          ],
          [
            op("FULLY_CONNECTED", [0, 1], [2], {
              options: { table: "FullyConnectedOptions", fields: { quantized_bias_type: "INT32" } },
            }),
          ],
        ),
      ),
    ],
    [
      "TFL0033",
      /its inner values are quantized by tensors of their own/,
      file(
        subgraph(
          [f32([2]), f32([2])],
          [op("SOFTMAX", [0], [1], { options: { table: "SoftmaxOptions", fields: { beta: 1 } }, intermediates: [0] })],
        ),
      ),
    ],
    [
      "TFL0033",
      /it has 3 operands, and "tfl\.abs" takes 1/,
      file(subgraph([f32([2]), f32([2]), f32([2]), f32([2])], [op("ABS", [0, 1, 2], [3])], { inputs: [0, 1, 2] })),
    ],
    [
      "TFL0033",
      /version 2 of its kernel/,
      file(subgraph([f32([2]), f32([2])], [op("CUSTOM", [0], [1], { customCode: "Roll", version: 2 })])),
    ],
    [
      "TFL0033",
      /which readers of composites do not look for/,
      file(
        subgraph(
          [f32([2]), f32([2])],
          [
            op("STABLEHLO_COMPOSITE", [0], [1], {
              options: {
                table: "StableHLOCompositeOptions",
                fields: {
                  name: "x",
                  decomposition_subgraph_index: 0,
                  composite_attributes: packFlexMap({ axes: [1n, 2n] }, "typed"),
                },
              },
            }),
          ],
        ),
      ),
    ],
    [
      "TFL0034",
      /result 0 is f32\[3\], and its operands and options give f32\[2\]/,
      file(subgraph([f32([2]), f32([3])], [op("ABS", [0], [1])])),
    ],
    [
      "TFL0034",
      /cannot reshape \[2,3\] to \[4,2\]/,
      file(subgraph([f32([2, 3]), param(4, 2), f32([4, 2])], [op("RESHAPE", [0, 1], [2])])),
    ],
    [
      "TFL0035",
      /output "z" is tensor 0, which is not among the subgraph's outputs/,
      {
        ...file(subgraph([f32([2]), f32([2])], [op("ABS", [0], [1])])),
        signatures: [
          { key: "a", subgraph: 0, inputs: [{ name: "x", tensor: 0 }], outputs: [{ name: "z", tensor: 0 }] },
        ],
      },
    ],
    [
      "TFL0035",
      /subgraph 0 has no signature while others have/,
      {
        ...file(
          subgraph([f32([2]), f32([2])], [op("ABS", [0], [1])]),
          subgraph([f32([2]), f32([2])], [op("NEG", [0], [1])], { name: "b" }),
        ),
        signatures: [
          { key: "b", subgraph: 1, inputs: [{ name: "x", tensor: 0 }], outputs: [{ name: "y", tensor: 1 }] },
        ],
      },
    ],
  ];
  test.each(cases)("%s: %s", (code, message, f) => {
    const problems = refused(f);
    const found = problems.find((p) => p.code === code);
    expect(found?.message).toMatch(message);
  });
  test("every code of the reader is provoked", () => {
    expect([...new Set(cases.map(([code]) => code))].sort()).toEqual(Object.keys(readCodes).sort());
  });
  test("all problems come at once, and no problem of a reader because of what it reads", () => {
    const f = file(
      subgraph(
        [f32([2]), f32([2]), f32([2]), f32([3])],
        [op("SKIP_GRAM", [0], [1]), op("ABS", [1], [2]), op("NEG", [2], [3])],
      ),
    );
    expect(refused(f).map((p) => p.code)).toEqual(["TFL0031", "TFL0034"]);
  });
});

describe("what files of others say in their own way", () => {
  const read = (s: Subgraph): string[] => lines(fromTfliteFile(file(s)));
  test("a reshape without a shape takes the result's", () => {
    expect(read(subgraph([f32([2, 3]), f32([3, 2])], [op("RESHAPE", [0], [1])]))).toEqual([
      "%1 = tfl.reshape(%0, none) {shape = [3, 2]} : f32[3,2]",
      "return %1",
    ]);
  });
  test("an open extent of a static result is known", () => {
    expect(read(subgraph([f32([2, 3, 4]), param(-1, 4), f32([6, 4])], [op("RESHAPE", [0, 1], [2])]))[0]).toContain(
      "{shape = [6, 4]}",
    );
  });
  test("a computed shape is what its result says", () => {
    const s = subgraph([f32([2, 3]), { dtype: "i32", shape: [2] }, f32([3, 2])], [op("RESHAPE", [0, 1], [2])], {
      inputs: [0, 1],
    });
    expect(read(s)[0]).toMatch(/tfl\.reshape\(%\w+, %\w+\) \{shape = \[3, 2\]\}/);
  });
  test("a cast without options goes by its types", () => {
    expect(read(subgraph([f32([2]), { dtype: "i64", shape: [2] }], [op("CAST", [0], [1])]))[0]).toContain(
      '{out_data_type = "i64"} : i64[2]',
    );
  });
  test("axes as a scalar are a list of one", () => {
    const axis: Tensor = { dtype: "i32", shape: [], buffer: i32(1) };
    expect(read(subgraph([f32([2, 3]), axis, f32([2])], [op("SUM", [0, 1], [2])]))[0]).toContain("{axes = [1]}");
  });
  test("ranges on float tensors are notes", () => {
    expect(
      read(
        subgraph([f32([2], { quantization: { scale: [0.5], zeroPoint: [0] } }), f32([2])], [op("ABS", [0], [1])]),
      )[0],
    ).toContain(": f32[2]");
  });
  test("optional operands in the middle are none", () => {
    const tensors = [f32([2, 4]), f32([3, 4], { buffer: new Uint8Array(48) }), f32([2, 3])];
    expect(read(subgraph(tensors, [op("FULLY_CONNECTED", [0, 1, -1], [2])])).at(-2)).toMatch(
      /fully_connected\(%\w+, %\w+, none\)/,
    );
  });
  test("metadata of others is kept, and what the writer says anew is not", () => {
    const bytes = Uint8Array.of(1, 0, 255);
    const module = fromTfliteFile({
      ...file(subgraph([f32([2]), f32([2])], [op("ABS", [0], [1])])),
      metadata: [
        { name: "TFLITE_METADATA", bytes },
        { name: "min_runtime_version", bytes },
      ],
    });
    expect([...module.metadata]).toEqual([["tflite.TFLITE_METADATA", btoa("\x01\0\xff")]]);
  });
});
