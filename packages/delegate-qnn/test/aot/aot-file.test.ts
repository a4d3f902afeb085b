import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MemorySink, type Operator, readTflite, type TfliteFile, tfl, writeTflite } from "@tflower/backend-tflite";
import { tensor } from "@tflower/core";
import { expect, test } from "vitest";
import {
  dispatchPartitions,
  knownSocs,
  packDispatchOptions,
  partitionForQnn,
  partitionOnlyFile,
  stampOf,
  writeAotFile,
} from "../../src/index.ts";
import { oneNode, smallNet } from "../small-net.ts";

const soc = knownSocs.socs.get("SM8650")!;
/**
 * What LiteRT 2.3's plugin makes of the same net: its ahead-of-time file up to the byte code, which is Qualcomm's, and its partition form.
 * `apply_plugin_main --cmd=apply|partition --model=SMALL_NET.tflite --soc_manufacturer=Qualcomm --soc_model=SM8650`
 */
const peer = (name: string): TfliteFile =>
  readTflite(new Uint8Array(readFileSync(fileURLToPath(new URL(`../fixtures/${name}.tflite`, import.meta.url)))));

async function aotOf(module = smallNet(), byteCode = Uint8Array.of(1, 2, 3, 4, 5)) {
  const { bodies, file } = dispatchPartitions(module, partitionForQnn(module, soc));
  const names = bodies.map((b) => b.name);
  const bytes = await writeAotFile(file, [{ bytes: byteCode, graphs: names }], soc.name);
  return { bytes, file: readTflite(bytes), bodies };
}
const operatorOf = (op: Operator) => ({ ...op, customOptions: undefined });

test("the file is the peer's, field by field", async () => {
  const { file } = await aotOf();
  const theirs = peer("litert-aot-head");
  expect(file.subgraphs.map((s) => s.operators.map(operatorOf))).toEqual(
    theirs.subgraphs.map((s) => s.operators.map(operatorOf)),
  );
  expect(file.subgraphs).toHaveLength(1);
  const tensorsOf = (f: TfliteFile) =>
    f.subgraphs[0]!.tensors.map(({ name, dtype, shape, buffer }) => ({ name, dtype, shape, constant: buffer?.length }));
  expect(tensorsOf(file)).toEqual(tensorsOf(theirs));
  expect(file.subgraphs[0]!.inputs).toEqual(theirs.subgraphs[0]!.inputs);
  expect(file.subgraphs[0]!.outputs).toEqual(theirs.subgraphs[0]!.outputs);
  expect(file.signatures).toEqual(theirs.signatures);
  const stamp = (f: TfliteFile) => f.metadata!.find((m) => m.name === "LiteRtStamp")!.bytes;
  expect(stamp(file)).toEqual(stamp(theirs));
  // options differ in where the byte code lies, and how much it is
  const [ours, other] = [file, theirs].map((f) => f.subgraphs[0]!.operators[0]!.customOptions!);
  expect(ours!.length).toBe(other!.length);
  expect(ours!.slice(0, 112)).toEqual(other!.slice(0, 112));
  expect(ours!.slice(128)).toEqual(other!.slice(128));
});

test("byte code lies behind the file, where the options say", async () => {
  const { bytes, file } = await aotOf();
  const at = bytes.length - 5;
  expect([...bytes.subarray(at)]).toEqual([1, 2, 3, 4, 5]);
  expect(file.subgraphs[0]!.operators[0]!.customOptions).toEqual(
    packDispatchOptions({ name: "qnn_partition_0", offset: at, size: 5 }),
  );
});

test("weights of what is compiled are gone", async () => {
  const { bytes } = await aotOf();
  expect(bytes.length).toBeLessThan(2000);
});

test("partitions of one context share its bytes", async () => {
  // a product over an axis stays on the CPU
  const cut = oneNode(
    (r, [x]) => {
      const a = r.emit(tfl.relu, { input: x! }, {});
      const kept = r.emit(tfl.reduceProd, { input: a }, {}, { axes: [1], keep_dims: true });
      return [r.emit(tfl.tanh, { input: kept }, {})];
    },
    tensor("f32", [2, 4]),
  );
  const { bytes, file, bodies } = await aotOf(cut);
  expect(bodies.map((b) => b.name)).toEqual(["qnn_partition_0", "qnn_partition_1"]);
  const at = bytes.length - 5;
  expect(file.subgraphs[0]!.operators.map((op) => op.customCode ?? op.builtin)).toEqual([
    "DISPATCH_OP",
    "REDUCE_PROD",
    "DISPATCH_OP",
  ]);
  for (const [i, name] of [
    [0, "qnn_partition_0"],
    [2, "qnn_partition_1"],
  ] as const)
    expect(file.subgraphs[0]!.operators[i]!.customOptions).toEqual(packDispatchOptions({ name, offset: at, size: 5 }));
});

test("a file that is only partitioned has the peer's form", async () => {
  const module = smallNet();
  const made = partitionOnlyFile(module, partitionForQnn(module, soc));
  const sink = new MemorySink();
  await writeTflite(made, sink);
  const ours = readTflite(sink.bytes());
  const theirs = peer("litert-partition");
  expect(ours.subgraphs[0]!.operators).toEqual(theirs.subgraphs[0]!.operators);
  expect(ours.subgraphs[1]!.operators).toEqual(theirs.subgraphs[1]!.operators);
  expect(ours.subgraphs[1]!.tensors.map((t) => [t.dtype, t.shape])).toEqual(
    theirs.subgraphs[1]!.tensors.map((t) => [t.dtype, t.shape]),
  );
  expect(ours.signatures).toEqual(theirs.signatures);
});

test("a stamp is two texts of 125 bytes", () => {
  const stamp = stampOf("Qualcomm", "SM8650");
  expect(stamp.length).toBe(250);
  expect(new TextDecoder().decode(stamp.subarray(125, 131))).toBe("SM8650");
  expect(() => stampOf("Qualcomm", "S".repeat(125))).toThrow("does not fit");
});
