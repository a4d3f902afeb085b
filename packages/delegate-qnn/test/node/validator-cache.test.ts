import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tfl } from "@tflower/backend-tflite";
import { tensor } from "@tflower/core";
import { afterAll, expect, test } from "vitest";
import { buildQnnGraph } from "../../src/index.ts";
import { signatureOf, ValidatorCache } from "../../src/node/index.ts";
import { oneNode } from "../small-net.ts";

const folder = mkdtempSync(join(tmpdir(), "qnn-cache-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("answers are kept per build", () => {
  const cache = new ValidatorCache("v2.51.0/1", folder);
  cache.set("a", { supported: true });
  cache.set("b", { supported: false, reason: "no" });
  cache.save();
  expect(new ValidatorCache("v2.51.0/1", folder).get("b")).toEqual({ supported: false, reason: "no" });
  expect(new ValidatorCache("v2.52.0", folder).get("b")).toBeUndefined();
});

test("a damaged file counts as empty", () => {
  const cache = new ValidatorCache("x", folder);
  cache.set("a", { supported: true });
  cache.save();
  const [file] = readdirSync(folder).filter((f) => f.includes("qnn-x"));
  writeFileSync(join(folder, file!), "{");
  expect(new ValidatorCache("x", folder).get("a")).toBeUndefined();
});

test("what an answer depends on is in its key, names are not", () => {
  const key = (shape: readonly number[], scale: number, name: string, zero = 0) => {
    const m = oneNode(
      (r, [x]) => [r.create(tfl.relu, { input: x! }, {}, { types: [x!.type] }).results[0]!],
      tensor("i8", shape, { scales: [scale], zeroPoints: [zero] }),
    );
    return signatureOf(buildQnnGraph(m.graphs[0]!, name, { inputs: [`${name}_in`], outputs: [`${name}_out`] }));
  };
  expect(key([2], 1, "a")).toBe(key([2], 0.5, "b"));
  expect(key([2], 1, "a")).not.toBe(key([3], 1, "a"));
  expect(key([2], 1, "a")).not.toBe(key([2], 1, "a", 5));
});
