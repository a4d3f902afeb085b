import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTflite } from "@tflower/backend-tflite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeSafetensors } from "../src/safetensors/safetensors.ts";
import { cli } from "./capture.ts";

/** A branch and a loop of three iterations, with a layer in each; make_control.py makes it. */
const control = fileURLToPath(new URL("fixtures/control.pt2", import.meta.url));
/** A branch inside a loop of three iterations: `even` runs first and last, `odd` between. */
const nested = fileURLToPath(new URL("fixtures/nested.pt2", import.meta.url));

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tflower-bodies-"));
  expect((await cli("convert", control, "-o", at("right.tflite"))).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Layer {
  readonly id: string;
  readonly module?: string;
  readonly snr: number | "Infinity";
  readonly lost: number;
  readonly lowered: string;
}
async function compare(...argv: readonly string[]): Promise<{
  readonly outputs: readonly { readonly snr: number }[];
  readonly layers: readonly Layer[];
  readonly notes: readonly string[];
}> {
  const r = await cli("compare", control, ...argv, "--json");
  expect(r).toMatchObject({ code: 0, err: "" });
  return JSON.parse(r.out);
}
const snrOf = (l: Layer): number => (l.snr === "Infinity" ? Number.POSITIVE_INFINITY : l.snr);

/** The file with one weight of a layer changed: that which reads the constant called `weight`. */
function plant(weight: string): string {
  const bytes = new Uint8Array(readFileSync(at("right.tflite")));
  const tensor = readTflite(bytes)
    .subgraphs.flatMap((s) => s.tensors)
    .find((t) => t.name === weight)!;
  const data = tensor.buffer as Uint8Array;
  new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4)[5]! += 3;
  writeFileSync(at("planted.tflite"), bytes);
  return at("planted.tflite");
}

describe("inside branches and loops", () => {
  test.each([
    ["what it becomes now, on LiteRT", []],
    ["what it becomes now, by reference semantics", ["--runtime", "reference"]],
  ])("values are compared: %s", async (_, flags) => {
    const c = await compare(...flags);
    const ids = c.layers.map((l) => l.id.replace(/\[\d\]/, ""));
    expect(ids).toEqual(
      expect.arrayContaining([
        "linear",
        "cond/relu",
        "cond/add",
        "while_loop/lt",
        "while_loop/linear",
        "while_loop/sub",
      ]),
    );
    for (const l of c.layers) {
      expect(snrOf(l)).toBeGreaterThan(100);
      expect(l.lost).toBeLessThan(40);
    }
    expect(c.notes).toEqual([
      "cond: @false_graph_0 does not run on these inputs, and is not compared",
      "while_loop: of 4 calls of @while_loop_cond_graph_0, the first and the last are compared",
      "while_loop: of 3 calls of @while_loop_body_graph_0, the first and the last are compared",
    ]);
  });
  test("values of a file are found in its subgraphs", async () => {
    const c = await compare(at("right.tflite"));
    expect(c.layers.map((l) => l.id.replace(/\[\d\]/, ""))).toEqual(
      expect.arrayContaining(["cond/relu", "while_loop/sigmoid"]),
    );
    expect(c.notes.join()).not.toMatch(/not known by name/);
  });
  test("a wrong weight in a branch is found, and neither the branch nor what is behind it is blamed", async () => {
    const c = await compare(plant("positive.weight"));
    expect(c.outputs[0]!.snr).toBeLessThan(40);
    expect(c.layers[0]).toMatchObject({ id: "cond/relu", module: "positive", lowered: "tfl.fully_connected f32[2,8]" });
    expect(c.layers[0]!.lost).toBeGreaterThan(60);
    for (const l of c.layers.slice(1)) expect(l.lost).toBeLessThan(40);
  });
  test("a wrong weight in a loop is found, where it is read first", async () => {
    const c = await compare(plant("step.weight"));
    expect(c.layers[0]).toMatchObject({ id: "while_loop[1]/linear", module: "step" });
    expect(c.layers[0]!.lost).toBeGreaterThan(60);
    for (const l of c.layers.slice(1)) expect(l.lost).toBeLessThan(40);
    // errors of earlier iterations are no losses of the last one
    expect(c.layers.filter((l) => l.id.startsWith("while_loop[3]/")).every((l) => l.lost < 40)).toBe(true);
  });
  test("a weight of the branch that is not taken makes no difference, and the report says that it was not looked at", async () => {
    const c = await compare(plant("negative.weight"));
    expect(c.outputs[0]!.snr).toBeGreaterThan(100);
    expect(c.notes.join()).toMatch(/@false_graph_0 does not run on these inputs/);
  });
  test("people see it, too", async () => {
    const r = await cli("compare", control, plant("step.weight"));
    expect(r.out).toMatch(/1 layer loses more than rounding does:\n.*step \(while_loop\[1\]\/linear\)/);
    expect(r.out).toMatch(/note: cond: @false_graph_0 does not run on these inputs/);
  });
});
test("other branches and other numbers of iterations are told", async () => {
  const bytes = new Uint8Array(readFileSync(at("right.tflite")));
  const { subgraphs } = readTflite(bytes);
  const small = (dtype: string, value: number): Uint8Array =>
    subgraphs
      .flatMap((s) => s.tensors)
      .filter((t) => t.dtype === dtype && t.buffer instanceof Uint8Array && t.shape?.length === 0)
      .map((t) => t.buffer as Uint8Array)
      .find(
        (b) =>
          Number(
            dtype === "i64"
              ? new DataView(b.slice().buffer).getBigInt64(0, true)
              : new DataView(b.slice().buffer).getFloat32(0, true),
          ) === value,
      )!;
  const threshold = small("f32", -1000);
  new DataView(threshold.buffer, threshold.byteOffset).setFloat32(0, 1000, true);
  const limit = small("i64", 3);
  new DataView(limit.buffer, limit.byteOffset).setBigInt64(0, 2n, true);
  writeFileSync(at("other.tflite"), bytes);
  const c = await compare(at("other.tflite"));
  expect(c.notes).toEqual(
    expect.arrayContaining([
      "cond: @true_graph_0 runs not at all, and once in the program",
      "cond: @false_graph_0 runs once, and not at all in the program",
      "while_loop: @while_loop_body_graph_0 runs twice, and 3 times in the program",
    ]),
  );
});

test("a branch inside a loop is entered at the loop's first call and its last", async () => {
  const r = await cli("compare", nested, "--json");
  expect(r).toMatchObject({ code: 0, err: "" });
  const c = JSON.parse(r.out) as { readonly layers: readonly Layer[]; readonly notes: readonly string[] };
  const inside = c.layers.filter((l) => /^while_loop\[[13]\]\/cond\/(linear|tanh)$/.test(l.id));
  expect(inside.map((l) => l.id.split("/").at(-1)).sort()).toEqual(["linear", "tanh"]);
  for (const l of inside) expect(snrOf(l)).toBeGreaterThan(100);
  expect(c.notes.join("\n")).toMatch(/while_loop\[1\]\/cond: @false_graph_0 does not run on these inputs/);
});
test("with values from PyTorch, what is inside is not compared, and that is said", async () => {
  const values = new Map([["in.0", { dtype: "f32", shape: [2, 6], bytes: new Uint8Array(48) } as const]]);
  writeFileSync(at("values.safetensors"), writeSafetensors(values));
  const c = await compare("--reference", at("values.safetensors"));
  expect(c.notes).toEqual([
    expect.stringMatching(/^cond: what is inside is not compared, as .*values\.safetensors has no values of it$/),
    expect.stringMatching(/^while_loop: what is inside is not compared/),
  ]);
});
