import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemorySink } from "../../src/file/byte-sink.ts";
import { readTflite } from "../../src/file/read-tflite.ts";
import type { TfliteFile } from "../../src/file/tflite-file.ts";
import { writeTflite } from "../../src/file/write-tflite.ts";
import { TfliteError } from "../../src/schema/tflite-error.ts";
import { anyFile } from "./arbitrary-file.ts";
import { example } from "./example.ts";

async function bytesOf(file: TfliteFile, inlineLimit?: number): Promise<Uint8Array<ArrayBuffer>> {
  const sink = new MemorySink();
  await writeTflite(file, sink, inlineLimit === undefined ? {} : { inlineLimit });
  return sink.bytes();
}
/** Without what the writer adds. */
const own = (file: TfliteFile): TfliteFile => ({
  ...file,
  metadata: (file.metadata ?? []).filter((m) => m.name !== "min_runtime_version" && m.name !== "buffer_location"),
});

describe("readTflite", () => {
  it("gives back what was written, whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, fc.boolean(), async (file, outside) => {
        const read = readTflite(await bytesOf(file, outside ? 0 : undefined));
        expect(own(read)).toEqual(own({ metadata: [], ...file }));
      }),
      { numRuns: 150 },
    );
  });

  it("fills in the defaults of options", async () => {
    const { options } = readTflite(await bytesOf(example())).subgraphs[0]!.operators[0]!;
    expect(options).toEqual({
      table: "Conv2DOptions",
      fields: {
        padding: "SAME",
        stride_w: 2,
        stride_h: 1,
        fused_activation_function: "RELU",
        dilation_w_factor: 1,
        dilation_h_factor: 1,
        quantized_bias_type: "FLOAT32",
      },
    });
  });

  it("shares constants that share a buffer", async () => {
    const { tensors } = readTflite(await bytesOf(example())).subgraphs[0]!;
    expect(tensors[2]!.buffer).toBe(tensors[5]!.buffer);
  });

  it("reads the code of files that have only the superseded field", async () => {
    const bytes = await bytesOf({
      subgraphs: [{ tensors: [{ dtype: "f32", shape: [1] }], inputs: [0], outputs: [0], operators: [] }],
    });
    expect(readTflite(bytes).subgraphs[0]!.operators).toEqual([]);
    const relu = await bytesOf({
      subgraphs: [
        {
          tensors: [
            { dtype: "f32", shape: [1] },
            { dtype: "f32", shape: [1] },
          ],
          inputs: [0],
          outputs: [1],
          operators: [{ builtin: "RELU6", version: 1, inputs: [0], outputs: [1] }],
        },
      ],
    });
    // RELU6 is 21 in both fields, as a byte and as an int32: clear the int32.
    const view = new DataView(relu.buffer);
    const places = [...relu.keys()].filter((i) => i % 4 === 0 && i + 4 <= relu.length && view.getInt32(i, true) === 21);
    expect(places).toHaveLength(1);
    view.setInt32(places[0]!, 0, true);
    expect(readTflite(relu).subgraphs[0]!.operators[0]!.builtin).toBe("RELU6");
  });

  it("says what is wrong with something else", () => {
    expect(() => readTflite(new TextEncoder().encode("PK\x03\x04 a zip file"))).toThrow(
      /not a \.tflite file.*expected "TFL3"/,
    );
    expect(() => readTflite(new Uint8Array())).toThrow(TfliteError);
  });

  it("refuses every truncated file and survives every changed byte", async () => {
    const bytes = await bytesOf(example());
    const outcome = (damaged: Uint8Array): unknown => {
      try {
        readTflite(damaged);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    // The last constant ends 16 bytes and some padding before the file does.
    for (let length = 0; length < bytes.length - 32; length++)
      expect(outcome(bytes.slice(0, length))).toBeInstanceOf(TfliteError);
    for (let i = 0; i < bytes.length; i++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[i] = value;
        const error = outcome(damaged);
        if (error !== undefined) expect(error).toBeInstanceOf(TfliteError);
      }
    }
  });

  it("does not let shared parts multiply", async () => {
    const tensors = Array.from({ length: 2000 }, () => ({
      dtype: "f32" as const,
      shape: Array.from({ length: 1000 }, () => 1),
    }));
    const bytes = await bytesOf({ subgraphs: [{ tensors, inputs: [], outputs: [], operators: [] }] });
    expect(readTflite(bytes).subgraphs[0]!.tensors).toHaveLength(2000);
    // Half a million operator codes, all of them the one table behind the vector.
    const count = 500_000;
    const shared = 40 + 4 * count;
    const hostile = new Uint8Array(shared + 16);
    const view = new DataView(hostile.buffer);
    view.setUint32(0, 20, true);
    hostile.set(new TextEncoder().encode("TFL3"), 4);
    view.setUint16(8, 8, true); // vtable of the model: its size, the table's, version, operator codes
    view.setUint16(10, 12, true);
    view.setUint16(12, 4, true);
    view.setUint16(14, 8, true);
    view.setInt32(20, 12, true);
    view.setUint32(24, 3, true);
    view.setUint32(28, 8, true);
    view.setUint32(36, count, true);
    for (let i = 0; i < count; i++) view.setUint32(40 + 4 * i, 4 * (count - i), true);
    view.setInt32(shared, -8, true); // its vtable is empty
    view.setUint16(shared + 8, 4, true);
    view.setUint16(shared + 10, 4, true);
    expect(() => readTflite(hostile)).toThrow(/decodes to far more than its size/);
  });
});
