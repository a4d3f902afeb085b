import { describe, expect, it } from "vitest";
import { type ByteSink, MemorySink } from "../../src/file/byte-sink.ts";
import { readTflite } from "../../src/file/read-tflite.ts";
import type { Operator, TfliteFile } from "../../src/file/tflite-file.ts";
import { writeTflite } from "../../src/file/write-tflite.ts";
import { TableReader } from "../../src/schema/read-table.ts";
import { example } from "./example.ts";

async function bytesOf(file: TfliteFile, inlineLimit?: number): Promise<Uint8Array> {
  const sink = new MemorySink();
  await writeTflite(file, sink, inlineLimit === undefined ? {} : { inlineLimit });
  return sink.bytes();
}
const withOperator = (operator: Operator): TfliteFile => ({
  subgraphs: [{ tensors: [{ dtype: "f32", shape: [2] }], inputs: [0], outputs: [0], operators: [operator] }],
});
const addVersion = (...versions: number[]): TfliteFile => ({
  subgraphs: [
    {
      tensors: [{ dtype: "f32", shape: [2] }],
      inputs: [0],
      outputs: [0],
      operators: versions.map((version) => ({ builtin: "ADD", version, inputs: [0, 0], outputs: [0] })),
    },
  ],
});

describe("writeTflite", () => {
  it.each([undefined, 0])("puts every constant at a multiple of 16 (inline limit %s)", async (limit) => {
    const bytes = await bytesOf(example(), limit);
    const buffers = new TableReader(bytes).root("Model").buffers!;
    const places = buffers.slice(1).map((b) => b.data?.byteOffset ?? Number(b.offset));
    expect(places.length).toBeGreaterThan(4);
    expect(places.filter((at) => at % 16 !== 0)).toEqual([]);
    expect(bytes.length % 16).toBe(0);
    expect(
      bytes.length - Math.max(...buffers.map((b, i) => (i ? places[i - 1]! + (b.data?.length ?? Number(b.size)) : 0))),
    ).toBeGreaterThanOrEqual(16);
    expect(buffers[0]).toEqual({ offset: 0, size: 0 });
  });

  it("keeps constants outside the flatbuffer only above the limit, and metadata never", async () => {
    const inside = new TableReader(await bytesOf(example())).root("Model");
    expect(inside.buffers!.slice(1).every((b) => b.data && b.offset === 0)).toBe(true);
    const outside = new TableReader(await bytesOf(example(), 0)).root("Model");
    expect(outside.buffers!.slice(1).map((b) => b.data === undefined)).toEqual([true, true, true, false, false, false]);
    expect(outside.metadata!.map((m) => m.name)).toEqual(["min_runtime_version", "buffer_location", "note"]);
  });

  it("writes a shared constant once, and equal ones of different identity twice", async () => {
    const [a, b] = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 2, 3, 4)];
    const tensors = [a, a, b].map((buffer) => ({ dtype: "i32" as const, shape: [1], buffer }));
    const model = new TableReader(
      await bytesOf({ subgraphs: [{ tensors, inputs: [], outputs: [], operators: [] }] }),
    ).root("Model");
    expect(model.subgraphs![0]!.tensors!.map((t) => t.buffer)).toEqual([1, 1, 2]);
  });

  it("keeps an empty constant a constant", async () => {
    const tensors = [{ dtype: "i32" as const, shape: [0], buffer: new Uint8Array() }];
    for (const limit of [undefined, 0]) {
      const read = readTflite(
        await bytesOf({ subgraphs: [{ tensors, inputs: [], outputs: [], operators: [] }] }, limit),
      );
      expect(read.subgraphs[0]!.tensors[0]!.buffer).toEqual(new Uint8Array());
    }
  });

  it("is deterministic", async () => {
    expect(await bytesOf(example())).toEqual(await bytesOf(example()));
  });

  it("says each operator once, at the highest version in use, in both fields", async () => {
    const model = new TableReader(await bytesOf(addVersion(1, 4, 2))).root("Model");
    expect(model.operator_codes).toEqual([{ deprecated_builtin_code: 0, version: 4, builtin_code: "ADD" }]);
    const late = new TableReader(
      await bytesOf(withOperator({ builtin: "GELU", version: 1, inputs: [0], outputs: [0] })),
    ).root("Model");
    expect(late.operator_codes).toEqual([{ deprecated_builtin_code: 127, version: 1, builtin_code: "GELU" }]);
  });

  it("tells custom ops apart by name", async () => {
    const operators = ["a", "b", "a"].map((customCode) => ({
      builtin: "CUSTOM" as const,
      customCode,
      version: 1,
      inputs: [0],
      outputs: [0],
    }));
    const file: TfliteFile = {
      subgraphs: [{ tensors: [{ dtype: "f32", shape: [2] }], inputs: [0], outputs: [0], operators }],
    };
    const model = new TableReader(await bytesOf(file)).root("Model");
    expect(model.operator_codes!.map((c) => c.custom_code)).toEqual(["a", "b"]);
    expect(model.subgraphs![0]!.operators!.map((o) => o.opcode_index)).toEqual([0, 1, 0]);
  });

  it("says which runtime the file needs", async () => {
    const version = async (file: TfliteFile) =>
      readTflite(await bytesOf(file)).metadata!.find((m) => m.name === "min_runtime_version")!.bytes;
    const text = (bytes: Uint8Array) => [bytes.length, new TextDecoder().decode(bytes).replace(/\0+$/, "")];
    expect(text(await version(addVersion(1)))).toEqual([16, "1.5.0"]);
    expect(text(await version(addVersion(1, 4)))).toEqual([16, "2.6.0"]);
    expect(text(await version(addVersion()))).toEqual([16, ""]);
  });

  it("streams lazy constants one at a time", async () => {
    let alive = 0;
    let most = 0;
    const lazy = (fill: number, chunk: number, count: number) => ({
      byteLength: chunk * count,
      async *chunks() {
        most = Math.max(most, ++alive);
        for (let i = 0; i < count; i++) yield new Uint8Array(chunk).fill(fill);
        alive--;
      },
    });
    const tensors = [lazy(1, 100_000, 3), lazy(2, 7, 1), lazy(3, 40_000, 5)].map((buffer) => ({
      dtype: "u8" as const,
      shape: [buffer.byteLength],
      buffer,
    }));
    const read = readTflite(await bytesOf({ subgraphs: [{ tensors, inputs: [], outputs: [], operators: [] }] }));
    expect(read.subgraphs[0]!.tensors.map((t) => [t.buffer!.byteLength, new Set(t.buffer as Uint8Array)])).toEqual([
      [300_000, new Set([1])],
      [7, new Set([2])],
      [200_000, new Set([3])],
    ]);
    expect(most).toBe(1);
  });

  it("refuses a lazy constant of another length than it said", async () => {
    const buffer = { byteLength: 4, chunks: () => [Uint8Array.of(1, 2, 3)] };
    const tensors = [{ dtype: "u8" as const, shape: [4], buffer }];
    await expect(bytesOf({ subgraphs: [{ tensors, inputs: [], outputs: [], operators: [] }] })).rejects.toThrow(
      "a constant of 4 bytes produced 3",
    );
  });

  it("joins small writes and keeps their order", async () => {
    const sizes: number[] = [];
    const sink: ByteSink = { write: (chunk) => void sizes.push(chunk.length) };
    const tensors = Array.from({ length: 3000 }, (_, i) => ({
      dtype: "u8" as const,
      shape: [i % 7],
      buffer: new Uint8Array(i % 7),
    }));
    await writeTflite({ subgraphs: [{ tensors, inputs: [], outputs: [], operators: [] }] }, sink);
    expect(sizes.length).toBeLessThan(10);
  });

  it("names a field or a value that the schema does not have", async () => {
    const conv = (fields: Record<string, unknown>): TfliteFile =>
      withOperator({
        builtin: "CONV_2D",
        version: 1,
        inputs: [0],
        outputs: [0],
        options: { table: "Conv2DOptions", fields },
      });
    await expect(bytesOf(conv({ stride: 1 }))).rejects.toThrow(
      /Conv2DOptions has no field "stride"; known: padding, stride_w/,
    );
    await expect(bytesOf(conv({ padding: "FULL" }))).rejects.toThrow(
      /operators\[0\].*Padding has no value "FULL"; known: SAME, VALID/,
    );
    await expect(bytesOf(conv({ stride_w: 1.5 }))).rejects.toThrow(/stride_w: expected int, got 1.5/);
    await expect(bytesOf(conv({ stride_w: 2 ** 31 }))).rejects.toThrow(/stride_w: expected int, got 2147483648/);
  });

  it("lists everything that no runtime would load, and writes nothing", async () => {
    const file: TfliteFile = {
      subgraphs: [
        {
          name: "main",
          tensors: [
            { dtype: "f32", shape: [2] },
            { name: "w", dtype: "i4", shape: [3], buffer: new Uint8Array(3) },
            { dtype: "i8", shape: [3, 2], quantization: { scale: [1, 2], zeroPoint: [0, 0], axis: 0 } },
            { dtype: "f32", shape: [2], shapeSignature: [-1, -1] },
          ],
          inputs: [0, 9],
          outputs: [3],
          operators: [
            { builtin: "NEG", version: 1, inputs: [2], outputs: [2], customCode: "x" },
            {
              builtin: "SOFTMAX",
              version: 1,
              inputs: [0],
              outputs: [0],
              options: { table: "LogSoftmaxOptions", fields: {} },
            },
          ],
        },
      ],
      signatures: [{ key: "s", subgraph: 3, inputs: [], outputs: [] }],
    };
    const sink = new MemorySink();
    const message = await writeTflite(file, sink).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(sink.bytes()).toHaveLength(0);
    expect(message.split("\n").slice(1)).toEqual([
      "- subgraph 0 (main): an input or output is tensor 9 of 4",
      "- subgraph 0 (main): tensor 1 (w): i4[3] takes 2 bytes, its data has 3",
      "- subgraph 0 (main): tensor 2: there are 2 scales for axis 0 of [3,2]",
      "- subgraph 0 (main): tensor 3: the shape signature [-1,-1] does not fit the shape [2]",
      "- subgraph 0 (main): operator 0 (x): a custom code belongs to CUSTOM and to nothing else",
      "- subgraph 0 (main): operator 0 (x): operand 2 is computed by no operator before it",
      "- subgraph 0 (main): operator 1 (SOFTMAX): the runtime reads SoftmaxOptions, not LogSoftmaxOptions",
      "- subgraph 0 (main): output 3 is computed by no operator",
      '- signature "s": there is no subgraph 3',
    ]);
  });
});
