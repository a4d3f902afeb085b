import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readTflite, tfl } from "@tflower/backend-tflite";
import { CompileError, type Node, tensor } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { knownSocs } from "../../src/index.ts";
import { compileForQnn, findLibraries, judgeNodes, QnnProcess, ValidatorCache } from "../../src/node/index.ts";
import { oneNode, smallNet } from "../small-net.ts";

const folder = process.env["QNN_LIB_DIR"];
const built = existsSync(fileURLToPath(new URL("../../dist/node/child/main.js", import.meta.url)));
const missing = !folder
  ? "QNN_LIB_DIR names no libraries (pip install onnxruntime-qnn)"
  : built
    ? undefined
    : "the package is not built (npx tsc -b)";
const soc = (name: string) => knownSocs.socs.get(name)!;

describe.skipIf(missing)(`Qualcomm's own QNN${missing ? `, skipped: ${missing}` : ""}`, () => {
  test("compiles a net for two systems, in one partition each", async () => {
    const { partitions, files, build } = await compileForQnn(smallNet(), { socs: [soc("SM8650"), soc("SM8750")] });
    expect(build).toMatch(/^v2\./);
    expect(partitions.map((p) => p.nodes)).toEqual([6]);
    expect(files.map((f) => f.soc.name)).toEqual(["SM8650", "SM8750"]);
    for (const { file, contextBytes } of files) {
      const read = readTflite(file);
      expect(read.subgraphs[0]!.operators.map((o) => o.customCode)).toEqual(["DISPATCH_OP"]);
      expect(file.length).toBeGreaterThan(contextBytes);
    }
  });

  test("gives the same bytes each time", async () => {
    const make = async () => (await compileForQnn(smallNet(), { socs: [soc("SM8650")] })).files[0]!.file;
    expect(Buffer.compare(await make(), await make())).toBe(0);
  });

  test("agrees with the table on ops of many kinds", async () => {
    const f32 = (...shape: number[]) => tensor("f32", shape);
    const i8 = (...shape: number[]) => tensor("i8", shape, { scales: [0.1], zeroPoints: [3] });
    const i16 = (...shape: number[]) => tensor("i16", shape, { scales: [0.001], zeroPoints: [0] });
    const unary = [
      tfl.relu,
      tfl.relu6,
      tfl.tanh,
      tfl.logistic,
      tfl.gelu,
      tfl.hardSwish,
      tfl.exp,
      tfl.neg,
      tfl.sqrt,
      tfl.softmax,
    ];
    const types = [f32(1, 4, 4, 8), i8(1, 4, 4, 8), i16(1, 4, 4, 8), tensor("i32", [2, 3]), f32(1, 1, 2, 2, 3, 3)];
    const modules = unary.flatMap((op) =>
      types.map((t) =>
        oneNode((r, [x]) => r.create(op as typeof tfl.relu, { input: x! }, {}, { types: [t] }).results, t),
      ),
    );
    modules.push(
      oneNode((r, [x]) => [r.emit(tfl.transpose, { input: x! }, {}, { perm: [0, 2, 1] })], tensor("i64", [2, 3, 4])),
      oneNode((r, [x]) => [r.emit(tfl.cast, { input: x! }, {}, { out_data_type: "i32" })], tensor("i64", [4])),
      oneNode((r, [x]) => [r.emit(tfl.cast, { input: x! }, {}, { out_data_type: "f32" })], tensor("i64", [4])),
      oneNode((r, [x]) => [r.emit(tfl.resizeBilinear, { input: x! }, {}, { size: [8, 8] })], f32(1, 4, 4, 3)),
    );
    const nodes: readonly Node[] = modules.flatMap((m) => [...m.graphs[0]!.nodes]);
    const process = new QnnProcess(findLibraries());
    try {
      const { build } = await process.describe();
      const judged = await judgeNodes(nodes, soc("SM8650"), { process, build, cache: new ValidatorCache(build) });
      const different = nodes
        .map((n) => ({ n, ...judged.get(n)! }))
        .filter(({ table, verdict }) => table.verdict.supported !== verdict.supported)
        .map(({ n, verdict }) => `${n.describe()}: ${JSON.stringify(verdict)}`);
      expect(different).toEqual([]);
      expect([...judged.values()].filter((j) => !j.verdict.supported).length).toBeGreaterThan(5);
    } finally {
      process.close();
    }
  });

  test("floats are refused for a system without", async () => {
    await expect(compileForQnn(smallNet(), { socs: [soc("SM8350")] })).rejects.toThrow(CompileError);
    await expect(compileForQnn(smallNet(), { socs: [soc("SM8350")] })).rejects.toThrow("QNN0008");
  });

  test("a library of something else is a diagnostic", async () => {
    const q = new QnnProcess({ folder: folder!, htp: fileURLToPath(import.meta.url) });
    await expect(q.describe()).rejects.toThrow("QNN0003");
    q.close();
  });
});
