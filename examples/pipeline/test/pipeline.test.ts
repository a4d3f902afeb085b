import { fileURLToPath } from "node:url";
import { convert, createCompiler } from "tflower";
import { expect, test } from "vitest";
import { countMacs } from "../count-macs.ts";

const digits = fileURLToPath(new URL("../../digits-cnn/digits_cnn.pt2", import.meta.url));

test("a pass of one's own goes anywhere in the pipeline, and hooks see every pass", async () => {
  const compiler = createCompiler();
  const seen: string[] = [];
  compiler.hooks.afterPass.tap("test", (pass) => void seen.push(pass.name));
  const model = await convert(digits, {
    compiler,
    pipeline: (p) => [...p.import, ...p.lower, countMacs(), ...p.optimize, countMacs(), ...p.finish],
  });
  const counts = model.diagnostics.filter((d) => d.code === "MACS").map((d) => d.message);
  expect(counts).toHaveLength(2);
  // optimizing moves transposes and folds batch-norms; it does not change what the convolutions do
  expect(counts[0]).toBe(counts[1]);
  expect(Number(/takes (\d+)/.exec(counts[0]!)![1])).toBeGreaterThan(10_000);
  expect(seen.filter((n) => n === "count-macs")).toHaveLength(2);
  expect(seen.indexOf("lower-ops")).toBeLessThan(seen.indexOf("count-macs"));
});

test("passes can be left out", async () => {
  const model = await convert(digits, { pipeline: (p) => [...p.import, ...p.lower, ...p.finish] });
  const transposes = (m: typeof model): number =>
    m.module.graphs.flatMap((g) => [...g.nodes]).filter((n) => n.op.name === "tfl.transpose").length;
  expect(transposes(model)).toBeGreaterThan(transposes(await convert(digits)));
});
